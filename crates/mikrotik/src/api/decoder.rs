//! From bytes, in whatever pieces they arrive, to sentences.

use super::length::{Prefix, Reserved};
use super::sentence::Sentence;

/// How much of a peer's sentence is taken before it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of a word.
    pub word_bytes: usize,
    /// Most words of a sentence.
    pub words: usize,
    /// Most bytes of all words of a sentence.
    pub sentence_bytes: usize,
}

impl Default for Limits {
    /// Room for a file's contents in one word; RouterOS itself sends far less.
    fn default() -> Self {
        Self {
            word_bytes: 4 << 20,
            words: 64 << 10,
            sentence_bytes: 8 << 20,
        }
    }
}

/// Why the bytes cannot be read on; there is no way back into step, so the connection is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// A length begins with a reserved control byte.
    #[error("the peer sent the reserved control byte {0:#04x}: it does not speak the RouterOS API")]
    Reserved(u8),
    /// A word is announced longer than is taken.
    #[error("the peer announced a word of {0} bytes, more than is taken")]
    WordTooLong(u32),
    /// A sentence has more words than are taken.
    #[error("the peer sent a sentence of more than {0} words")]
    TooManyWords(usize),
    /// The words of a sentence are longer together than is taken.
    #[error("the peer sent a sentence of more than {0} bytes")]
    SentenceTooLong(usize),
}

/// Reads sentences from bytes that arrive in pieces.
///
/// Memory is taken for bytes that arrived, never for a length that was only announced.
#[derive(Debug)]
pub struct Decoder {
    limits: Limits,
    state: State,
    sentence: Sentence,
}

#[derive(Debug, Clone, Copy)]
enum State {
    Length(Prefix),
    Word { left: usize },
    Failed(DecodeError),
}

const LENGTH: State = State::Length(Prefix::new());

impl Decoder {
    /// A decoder at the beginning of a connection.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            state: LENGTH,
            sentence: Sentence::new(),
        }
    }

    /// Takes bytes from `input` until a sentence is whole or the bytes are used up.
    ///
    /// Call it until it gives none. Empty sentences are passed over. An error is given again for
    /// every later call.
    pub fn decode(&mut self, input: &mut &[u8]) -> Result<Option<Sentence>, DecodeError> {
        loop {
            match self.state {
                State::Failed(error) => return Err(error),
                State::Word { left } => {
                    let Some((piece, rest)) = input.split_at_checked(left.min(input.len())) else {
                        return Ok(None);
                    };
                    *input = rest;
                    if !self.take_piece(piece, left)? {
                        return Ok(None);
                    }
                }
                State::Length(prefix) => {
                    let Some((byte, rest)) = input.split_first() else {
                        return Ok(None);
                    };
                    *input = rest;
                    if self.take_length(prefix, *byte)? {
                        return Ok(Some(std::mem::take(&mut self.sentence)));
                    }
                }
            }
        }
    }

    /// Whether the bytes so far end between two sentences.
    pub fn is_between_sentences(&self) -> bool {
        self.sentence.is_empty() && matches!(self.state, State::Length(prefix) if prefix.is_new())
    }

    /// How much memory the sentence in the making holds.
    pub fn capacity(&self) -> usize {
        self.sentence.capacity()
    }

    /// Whether the word is whole now.
    fn take_piece(&mut self, piece: &[u8], left: usize) -> Result<bool, DecodeError> {
        self.sentence.receive(piece, self.limits.sentence_bytes);
        let left = left.saturating_sub(piece.len());
        if left > 0 {
            self.state = State::Word { left };
            return Ok(false);
        }
        if !self.sentence.end_word(self.limits.words) {
            return self.fail(DecodeError::SentenceTooLong(self.limits.sentence_bytes));
        }
        self.state = LENGTH;
        Ok(true)
    }

    /// Whether this byte ended a sentence.
    fn take_length(&mut self, mut prefix: Prefix, byte: u8) -> Result<bool, DecodeError> {
        match prefix.push(byte) {
            Err(Reserved(byte)) => self.fail(DecodeError::Reserved(byte)),
            Ok(None) => {
                self.state = State::Length(prefix);
                Ok(false)
            }
            Ok(Some(0)) => {
                self.state = LENGTH;
                Ok(!self.sentence.is_empty())
            }
            Ok(Some(length)) => self.begin_word(length),
        }
    }

    fn begin_word(&mut self, length: u32) -> Result<bool, DecodeError> {
        let left = usize::try_from(length).unwrap_or(usize::MAX);
        let limits = self.limits;
        if left > limits.word_bytes {
            return self.fail(DecodeError::WordTooLong(length));
        }
        if self.sentence.len() >= limits.words {
            return self.fail(DecodeError::TooManyWords(limits.words));
        }
        if self.sentence.byte_len().saturating_add(left) > limits.sentence_bytes {
            return self.fail(DecodeError::SentenceTooLong(limits.sentence_bytes));
        }
        self.state = State::Word { left };
        Ok(false)
    }

    fn fail(&mut self, error: DecodeError) -> Result<bool, DecodeError> {
        self.state = State::Failed(error);
        self.sentence = Sentence::new();
        Err(error)
    }
}
