//! Packets out of a stream of bytes: each says its own length (RFC 6613 §2.6).
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::string_slice))]

use crate::packet::codec::{HEADER_LEN, MAX_LEN};

/// The stream is out of step: nothing behind this point can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a packet of the stream has a length outside {HEADER_LEN}..={MAX_LEN}")]
pub struct OutOfStep;

/// Gathers bytes and gives whole packets; it never holds more than one packet and what was last
/// fed.
#[derive(Debug, Default)]
pub struct Frames {
    bytes: Vec<u8>,
    read: usize,
}

impl Frames {
    /// Takes what the stream brought.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.bytes.drain(..self.read.min(self.bytes.len()));
        self.read = 0;
        self.bytes.extend_from_slice(bytes);
    }

    /// The next whole packet, if it is there.
    ///
    /// # Errors
    /// The length is one that no packet has; the connection is of no more use.
    pub fn next_frame(&mut self) -> Result<Option<&[u8]>, OutOfStep> {
        let rest = self.bytes.get(self.read..).unwrap_or_default();
        let Some([_, _, high, low]) = rest.first_chunk::<4>() else {
            return Ok(None);
        };
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        if !(HEADER_LEN..=MAX_LEN).contains(&length) {
            return Err(OutOfStep);
        }
        let frame = rest.get(..length);
        if frame.is_some() {
            self.read += length;
        }
        Ok(frame)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn packet(length: usize) -> Vec<u8> {
        let mut bytes = vec![7; length];
        let header = u16::try_from(length).expect("short").to_be_bytes();
        bytes[2..4].copy_from_slice(&header);
        bytes
    }

    #[test]
    fn lengths_that_no_packet_has_end_the_stream() {
        for length in [0_u16, 19, 4097, 65_535] {
            let mut frames = Frames::default();
            let [high, low] = length.to_be_bytes();
            frames.feed(&[1, 2, high, low]);
            assert_eq!(frames.next_frame(), Err(OutOfStep));
        }
    }

    proptest! {
        #[test]
        fn packets_come_out_whole_however_they_were_cut(
            lengths in prop::collection::vec(20_usize..=4096, 1..8),
            cut in 1_usize..3000,
        ) {
            let sent: Vec<Vec<u8>> = lengths.into_iter().map(packet).collect();
            let (mut frames, mut got) = (Frames::default(), Vec::new());
            for piece in sent.concat().chunks(cut) {
                frames.feed(piece);
                while let Some(frame) = frames.next_frame().expect("in step") {
                    got.push(frame.to_vec());
                }
            }
            prop_assert_eq!(got, sent);
        }
    }
}
