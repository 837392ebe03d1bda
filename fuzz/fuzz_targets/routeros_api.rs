//! A router, or a client, that sends anything over the RouterOS API, in pieces of any size.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mikrotik::api::{Decoder, Limits, Reply, ReplyKind, Request, Row};

const LIMITS: Limits = Limits {
    word_bytes: 600,
    words: 40,
    sentence_bytes: 1_200,
};

fuzz_target!(|input: &[u8]| {
    let Some((size, bytes)) = input.split_first() else {
        return;
    };
    let most = LIMITS.sentence_bytes + LIMITS.words * 4;
    let mut whole = Decoder::new(LIMITS);
    let mut pieces = Decoder::new(LIMITS);
    let mut expected = Vec::new();
    let mut rest = bytes;
    while let Ok(Some(sentence)) = whole.decode(&mut rest) {
        assert!(sentence.capacity() <= most, "more memory than the limits");
        expected.push(sentence);
    }
    let mut found = Vec::new();
    for mut piece in bytes.chunks(usize::from(*size).max(1)) {
        while let Ok(Some(sentence)) = pieces.decode(&mut piece) {
            found.push(sentence);
        }
        assert!(pieces.capacity() <= most, "more memory than the limits");
    }
    assert_eq!(expected, found, "the pieces change nothing");
    for sentence in &expected {
        let mut again = Vec::new();
        sentence.encode(&mut again);
        let read = Decoder::new(LIMITS).decode(&mut &again[..]);
        assert_eq!(read.as_ref().ok().and_then(Option::as_ref), Some(sentence));
        if let Ok(request) = Request::from_sentence(sentence) {
            request.query.matches(&Row::new());
            let written = request.to_sentence().expect("no word is empty");
            assert_eq!(Request::from_sentence(&written).as_ref(), Ok(&request));
        }
        if let Ok(reply) = Reply::from_sentence(sentence) {
            if let ReplyKind::Row(row) | ReplyKind::Done(row) = &reply.kind {
                for (name, value) in row.iter() {
                    assert!(name.len() + value.len() <= LIMITS.word_bytes);
                }
            }
            reply.to_sentence().expect("no word is empty");
        }
    }
});
