use proptest::prelude::*;

use super::*;

const SMALL: Limits = Limits {
    word_bytes: 300,
    words: 8,
    sentence_bytes: 600,
};

fn sentence(words: &[&[u8]]) -> Sentence {
    let mut sentence = Sentence::new();
    for word in words {
        sentence.push(word).unwrap();
    }
    sentence
}

fn decode_all(decoder: &mut Decoder, mut bytes: &[u8]) -> Result<Vec<Sentence>, DecodeError> {
    let mut sentences = Vec::new();
    while let Some(sentence) = decoder.decode(&mut bytes)? {
        sentences.push(sentence);
    }
    Ok(sentences)
}

#[test]
fn lengths_take_the_documented_forms() {
    for (length, bytes) in [
        (0, &[0][..]),
        (0x7F, &[0x7F]),
        (0x80, &[0x80, 0x80]),
        (0x3FFF, &[0xBF, 0xFF]),
        (0x4000, &[0xC0, 0x40, 0x00]),
        (0x1F_FFFF, &[0xDF, 0xFF, 0xFF]),
        (0x20_0000, &[0xE0, 0x20, 0x00, 0x00]),
        (0x0FFF_FFFF, &[0xEF, 0xFF, 0xFF, 0xFF]),
        (0x1000_0000, &[0xF0, 0x10, 0x00, 0x00, 0x00]),
        (u32::MAX, &[0xF0, 0xFF, 0xFF, 0xFF, 0xFF]),
    ] {
        let mut out = Vec::new();
        write_length(length, &mut out);
        assert_eq!(out, bytes, "{length}");
        let mut prefix = length::Prefix::new();
        let mut read = None;
        for byte in bytes {
            assert_eq!(read, None);
            read = prefix.push(*byte).unwrap();
        }
        assert_eq!(read, Some(length));
    }
}

#[test]
fn a_word_of_every_form_is_read_back() {
    for length in [1, 0x7F, 0x80, 0x3FFF, 0x4000, 0x1F_FFFF, 0x20_0000] {
        let word = vec![b'x'; length];
        let (mut bytes, sent) = (Vec::new(), sentence(&[b"!re", &word]));
        sent.encode(&mut bytes);
        let mut decoder = Decoder::new(Limits::default());
        assert_eq!(decode_all(&mut decoder, &bytes), Ok(vec![sent]));
        assert!(decoder.is_between_sentences());
    }
}

#[test]
fn the_five_byte_form_of_a_short_word_is_read() {
    let mut decoder = Decoder::new(SMALL);
    let bytes = [0xF0, 0, 0, 0, 3, b'!', b'r', b'e', 0];
    assert_eq!(
        decode_all(&mut decoder, &bytes),
        Ok(vec![sentence(&[b"!re"])])
    );
}

#[test]
fn empty_sentences_are_passed_over() {
    let mut decoder = Decoder::new(SMALL);
    let bytes = [0, 0, 3, b'!', b'r', b'e', 0, 0];
    assert_eq!(
        decode_all(&mut decoder, &bytes),
        Ok(vec![sentence(&[b"!re"])])
    );
}

#[test]
fn hostile_lengths_are_refused_before_memory_is_taken() {
    for (bytes, error) in [
        (&[0xF8][..], DecodeError::Reserved(0xF8)),
        (&[0xFF], DecodeError::Reserved(0xFF)),
        (
            &[0xF0, 0xFF, 0xFF, 0xFF, 0xFF],
            DecodeError::WordTooLong(u32::MAX),
        ),
        (&[0x81, 0x2D], DecodeError::WordTooLong(301)),
    ] {
        let mut decoder = Decoder::new(SMALL);
        assert_eq!(decode_all(&mut decoder, bytes), Err(error));
        assert_eq!(decode_all(&mut decoder, &[0]), Err(error), "stays failed");
        assert_eq!(decoder.capacity(), 0);
    }
    let announced = [0xE0, 0x3F, 0xFF, 0xFF, b'x'];
    let mut decoder = Decoder::new(Limits::default());
    assert_eq!(decode_all(&mut decoder, &announced), Ok(Vec::new()));
    assert!(decoder.capacity() < 64, "4 MiB were only announced");
}

#[test]
fn sentences_beyond_the_limits_are_refused() {
    let many = [[1, b'x'].repeat(9), vec![0]].concat();
    let refused = decode_all(&mut Decoder::new(SMALL), &many);
    assert_eq!(refused, Err(DecodeError::TooManyWords(8)));
    let word = [vec![0x81, 0x2C], vec![b'x'; 300]].concat();
    let refused = decode_all(&mut Decoder::new(SMALL), &word.repeat(3));
    assert_eq!(refused, Err(DecodeError::SentenceTooLong(600)));
}

#[test]
fn requests_are_written_as_documented() {
    let request = Request::new("/ppp/secret/print")
        .argument("count-only", "")
        .argument("comment", "a=b")
        .proplist([".id", "name"])
        .query(QueryWord::equal("name", "x=y"))
        .query(QueryWord::Lacks("comment".to_owned()))
        .query(QueryWord::Operators(vec![Operator::Or, Operator::Not]))
        .tag("7");
    let written = request.to_sentence().unwrap();
    let words: Vec<&[u8]> = written.words().collect();
    assert_eq!(
        words,
        [
            &b"/ppp/secret/print"[..],
            b"=count-only=",
            b"=comment=a=b",
            b"=.proplist=.id,name",
            b"?name=x=y",
            b"?-comment",
            b"?#|!",
            b".tag=7",
        ]
    );
    assert_eq!(Request::from_sentence(&written), Ok(request.clone()));
    assert_eq!(request.menu_and_verb(), ("/ppp/secret", "print"));
}

#[test]
fn requests_of_other_clients_are_understood() {
    let request = Request::from_sentence(&sentence(&[
        b"/ppp/secret/print",
        b".proplist=name",
        b"=detail",
        b"?=name=x",
        b".unknown=1",
    ]))
    .unwrap();
    assert_eq!(request.proplist, Some(vec!["name".to_owned()]));
    assert_eq!(request.get("detail"), Some(&Text::default()));
    assert_eq!(request.query.0, [QueryWord::equal("name", "x")]);
    let odd = sentence(&[b"/x/print", b"?=-name=x", b"?=#=x"]);
    let odd = Request::from_sentence(&odd).unwrap();
    assert_eq!(
        odd.query.0,
        [QueryWord::equal("-name", "x"), QueryWord::equal("#", "x")]
    );
    let written = odd.to_sentence().unwrap();
    assert_eq!(Request::from_sentence(&written), Ok(odd));
    let none = Request::from_sentence(&sentence(&[b"print"]));
    assert_eq!(none, Err(RequestError::NoCommand));
    let odd = Request::from_sentence(&sentence(&[b"/x", b"*1A"]));
    assert_eq!(odd, Err(RequestError::Word(b'*')));
}

#[test]
fn replies_are_read_whatever_the_order_of_their_words() {
    let done = sentence(&[b"!done", b"=ret=*1A", b".tag=3"]);
    let done = Reply::from_sentence(&done).unwrap();
    assert_eq!(done.tag, Some(Text::from("3")));
    let ReplyKind::Done(row) = done.kind else {
        panic!("not done");
    };
    assert_eq!(row.get("ret"), Some(&b"*1A"[..]));
    let trap = sentence(&[b"!trap", b".tag=3", b"=category=1", b"=message=bad \xE9"]);
    let trap = Reply::from_sentence(&trap).unwrap();
    let expected = Trap::new(TrapCategory::BadValue, &b"bad \xE9"[..]);
    assert_eq!(trap.kind, ReplyKind::Trap(expected));
    let fatal = Reply::from_sentence(&sentence(&[b"!fatal", b"too many"])).unwrap();
    assert_eq!(fatal.kind, ReplyKind::Fatal(Text::from("too many")));
    let empty = Reply::from_sentence(&sentence(&[b"!empty", b".tag=3"])).unwrap();
    assert_eq!(empty.kind, ReplyKind::Empty);
    assert_eq!(
        Reply::from_sentence(&sentence(&[b"!what"])),
        Err(ReplyError::Kind)
    );
}

#[test]
fn queries_choose_rows_by_a_stack_of_truths() {
    let mut row = Row::new();
    row.push("name", b"alice").unwrap();
    row.push("limit", b"100").unwrap();
    for (words, expected) in [
        (&[][..], true),
        (&["name"], true),
        (&["-name"], false),
        (&["-comment"], true),
        (&["name=bob"], false),
        (&["name=bob", "name=alice", "#|"], true),
        (&["name=bob", "name=alice"], false),
        (&["name=bob", "#!"], true),
        (&[">limit=99"], true),
        (&["<limit=99"], false),
        (&[">comment=a"], false),
        (&["name=bob", "name=alice", "#0"], true),
        (&["name=bob", "name=alice", "#1"], false),
        (&["name=bob", "#.!|"], true),
    ] {
        let words = words
            .iter()
            .map(|word| QueryWord::from_bytes(word.as_bytes()));
        let query = Query(words.collect::<Result<_, _>>().unwrap());
        assert_eq!(query.matches(&row), expected, "{query:?}");
    }
}

#[test]
fn the_old_login_answers_its_challenge() {
    // MD5 of a zero byte, "secret" and sixteen bytes, by md5sum.
    let challenge = Challenge::from_hex(b"00112233445566778899aabbccddeeff").unwrap();
    assert_eq!(challenge.to_hex(), "00112233445566778899aabbccddeeff");
    assert_eq!(
        challenge_response(challenge, b"secret"),
        "00c17511d224a5e93170632807d36388aa"
    );
    assert_eq!(Challenge::from_hex(b"0011"), None);
    assert_eq!(Challenge::from_hex(b"zz"), None);
}

fn words() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let word = prop_oneof![
        proptest::collection::vec(any::<u8>(), 1..20),
        proptest::collection::vec(any::<u8>(), 120..140),
    ];
    proptest::collection::vec(word, 1..6)
}

fn name() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9-]{0,12}"
}

fn text() -> impl Strategy<Value = Text> {
    proptest::collection::vec(any::<u8>(), 0..24).prop_map(Text::from)
}

fn operators() -> impl Strategy<Value = QueryWord> {
    let operator = prop_oneof![
        Just(Operator::Not),
        Just(Operator::And),
        Just(Operator::Or),
        Just(Operator::Copy),
        any::<u16>().prop_map(Operator::CopyOf),
    ];
    let last = proptest::option::of(any::<u16>().prop_map(Operator::Only));
    (proptest::collection::vec(operator, 0..6), last).prop_map(|(mut list, last)| {
        list.extend(last);
        QueryWord::Operators(list)
    })
}

fn request() -> impl Strategy<Value = Request> {
    let query = prop_oneof![
        name().prop_map(QueryWord::Has),
        name().prop_map(QueryWord::Lacks),
        (name(), text()).prop_map(|(name, value)| QueryWord::Equal(name, value)),
        (name(), text()).prop_map(|(name, value)| QueryWord::Less(name, value)),
        (name(), text()).prop_map(|(name, value)| QueryWord::Greater(name, value)),
        operators(),
    ];
    let list = |strategy| proptest::collection::vec(strategy, 0..4);
    (
        "/[a-z]{1,8}/[a-z]{1,8}",
        proptest::collection::vec((name(), text()), 0..4),
        proptest::option::of(list(name())),
        proptest::collection::vec(query, 0..4),
        proptest::option::of(text()),
    )
        .prop_map(|(command, arguments, proplist, query, tag)| Request {
            command,
            arguments,
            proplist,
            query: Query(query),
            tag,
        })
}

fn row() -> impl Strategy<Value = Row> {
    proptest::collection::vec((name(), text()), 0..4).prop_map(|pairs| {
        let mut row = Row::new();
        for (name, value) in pairs {
            row.push(&name, value.as_bytes()).unwrap();
        }
        row
    })
}

fn reply() -> impl Strategy<Value = Reply> {
    let category = proptest::option::of(any::<u8>().prop_map(TrapCategory::from));
    let kind = prop_oneof![
        row().prop_map(ReplyKind::Row),
        row().prop_map(ReplyKind::Done),
        (category, text())
            .prop_map(|(category, message)| ReplyKind::Trap(Trap { category, message })),
        Just(ReplyKind::Empty),
        "[a-z ]{0,12}".prop_map(|reason| ReplyKind::Fatal(reason.into())),
    ];
    (kind, proptest::option::of(text())).prop_map(|(kind, tag)| Reply { tag, kind })
}

proptest! {
    #[test]
    fn any_split_of_the_bytes_gives_the_same_sentences(
        spoken in proptest::collection::vec(words(), 1..6),
        cuts in proptest::collection::vec(1_usize..40, 1..60),
    ) {
        let mut bytes = Vec::new();
        let mut sent = Vec::new();
        for words in &spoken {
            let words: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
            let sentence = sentence(&words);
            sentence.encode(&mut bytes);
            sent.push(sentence);
        }
        let mut decoder = Decoder::new(Limits::default());
        let (mut received, mut rest) = (Vec::new(), &bytes[..]);
        for cut in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (piece, after) = rest.split_at((*cut).min(rest.len()));
            received.extend(decode_all(&mut decoder, piece).unwrap());
            rest = after;
        }
        prop_assert_eq!(received, sent);
        prop_assert!(decoder.is_between_sentences());
    }

    #[test]
    fn no_bytes_make_the_decoder_panic_or_hold_more_than_its_limits(
        bytes in proptest::collection::vec(prop_oneof![any::<u8>(), 0_u8..8], 0..4_000),
    ) {
        let mut decoder = Decoder::new(SMALL);
        let most = SMALL.sentence_bytes + SMALL.words * size_of::<u32>();
        for piece in bytes.chunks(7) {
            let mut input = piece;
            while let Ok(Some(sentence)) = decoder.decode(&mut input) {
                prop_assert!(sentence.capacity() <= most);
                drop(Request::from_sentence(&sentence));
                drop(Reply::from_sentence(&sentence));
            }
            prop_assert!(decoder.capacity() <= most);
        }
    }

    #[test]
    fn a_request_is_read_as_it_was_written(request in request()) {
        let sentence = request.to_sentence().unwrap();
        prop_assert_eq!(Request::from_sentence(&sentence), Ok(request));
    }

    #[test]
    fn a_reply_is_read_as_it_was_written(reply in reply()) {
        let sentence = reply.to_sentence().unwrap();
        prop_assert_eq!(Reply::from_sentence(&sentence), Ok(reply));
    }
}
