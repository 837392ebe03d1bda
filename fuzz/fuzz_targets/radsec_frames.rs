//! A RadSec stream in pieces of any size.
#![no_main]

use libfuzzer_sys::fuzz_target;
use radius::packet::codec::Packet;
use radius::radsec::frame::Frames;

fuzz_target!(|input: (u16, &[u8])| {
    let (piece, stream) = input;
    let whole = frames(stream, stream.len().max(1));
    assert_eq!(whole, frames(stream, usize::from(piece).max(1)));
    for frame in &whole.0 {
        assert!((20..=4096).contains(&frame.len()));
        Packet::parse(frame).ok();
    }
});

fn frames(stream: &[u8], piece: usize) -> (Vec<Vec<u8>>, bool) {
    let (mut frames, mut got) = (Frames::default(), Vec::new());
    for bytes in stream.chunks(piece) {
        frames.feed(bytes);
        loop {
            match frames.next_frame() {
                Ok(Some(frame)) => got.push(frame.to_vec()),
                Ok(None) => break,
                Err(_) => return (got, true),
            }
        }
    }
    (got, false)
}
