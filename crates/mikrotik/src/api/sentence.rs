//! Words in a row: what one side says at a time.

use std::fmt;

use super::length::write_length;

/// Words in a row, none of them empty.
///
/// The words lie in one piece of memory, so that a peer who sends many small ones costs little more
/// than the bytes he sent.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Sentence {
    bytes: Vec<u8>,
    ends: Vec<u32>,
}

/// Why a word cannot be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// An empty word would end the sentence.
    #[error("a word is empty, which would end the sentence")]
    EmptyWord,
    /// The sentence is longer than the protocol can say.
    #[error("the sentence is longer than 4 GiB")]
    TooLong,
}

impl Sentence {
    /// A sentence without words; as such it is never sent.
    pub const fn new() -> Self {
        Self {
            bytes: Vec::new(),
            ends: Vec::new(),
        }
    }

    /// Appends a word.
    pub fn push(&mut self, word: &[u8]) -> Result<(), EncodeError> {
        self.push_parts(&[word])
    }

    /// Appends a word that is made of parts.
    pub fn push_parts(&mut self, parts: &[&[u8]]) -> Result<(), EncodeError> {
        let length: usize = parts.iter().map(|part| part.len()).sum();
        if length == 0 {
            return Err(EncodeError::EmptyWord);
        }
        let end = u32::try_from(self.bytes.len() + length).map_err(|_| EncodeError::TooLong)?;
        for part in parts {
            self.bytes.extend_from_slice(part);
        }
        self.ends.push(end);
        Ok(())
    }

    /// The words in their order.
    pub fn words(&self) -> impl Iterator<Item = &[u8]> {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            let end = usize::try_from(*end).unwrap_or(usize::MAX);
            let word = self.bytes.get(start..end).unwrap_or_default();
            start = end;
            word
        })
    }

    /// The first word: a command, or the kind of a reply.
    pub fn first(&self) -> Option<&[u8]> {
        self.words().next()
    }

    /// How many words there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no word.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// How many bytes the words have together.
    pub fn byte_len(&self) -> usize {
        self.bytes.len()
    }

    /// Writes the words with their lengths, and the empty word that ends them.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.reserve(self.bytes.len() + self.ends.len() * 2 + 1);
        for word in self.words() {
            let length = u32::try_from(word.len()).expect("invariant: ends are 32 bits wide");
            write_length(length, out);
            out.extend_from_slice(word);
        }
        out.push(0);
    }

    /// How much memory the words hold.
    pub fn capacity(&self) -> usize {
        self.bytes.capacity() + self.ends.capacity() * size_of::<u32>()
    }

    /// Takes a piece of the word that is being received, and memory of at most `most` bytes for all.
    pub(super) fn receive(&mut self, piece: &[u8], most: usize) {
        grow(&mut self.bytes, piece.len(), most);
        self.bytes.extend_from_slice(piece);
    }

    /// Ends the word that was being received; false when the words are too long for the count.
    pub(super) fn end_word(&mut self, most: usize) -> bool {
        let Ok(end) = u32::try_from(self.bytes.len()) else {
            return false;
        };
        grow(&mut self.ends, 1, most);
        self.ends.push(end);
        true
    }
}

/// Doubles as `Vec` does, yet never beyond what may come at most.
fn grow<T>(list: &mut Vec<T>, more: usize, most: usize) {
    let needed = list.len().saturating_add(more);
    if needed > list.capacity() {
        let target = (list.capacity() * 2).min(most).max(needed);
        list.reserve_exact(target - list.len());
    }
}

impl fmt::Debug for Sentence {
    /// Only how much it is: words may hold passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Sentence({} words, {} bytes)",
            self.len(),
            self.byte_len()
        )
    }
}
