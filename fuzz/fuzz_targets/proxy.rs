//! A login or report on its way to a home server, and anything a home server answers.
#![no_main]

use std::time::Duration;

use domain::ids::{IspId, RealmId};
use domain::network::operator_name::OperatorName;
use domain::network::realm::{Realm, RealmPosition, WAITING_LOGINS};
use domain::network::secret::SecretBytes;
use libfuzzer_sys::fuzz_target;
use radius::packet::builder::PacketBuilder;
use radius::packet::codec::{Code, Packet};
use radius::proxy::answer::{HomeAnswer, Towards};
use radius::proxy::request::{Marks, forwarded_login, forwarded_report};

fuzz_target!(|input: (bool, &[u8])| {
    let (is_prefix, datagram) = input;
    let Ok(packet) = Packet::parse(datagram) else {
        return;
    };
    let secret = SecretBytes::new("between providers");
    let realm = Realm {
        id: RealmId::generate(),
        isp_id: IspId::generate(),
        name: "partner".to_owned(),
        position: if is_prefix {
            RealmPosition::Prefix
        } else {
            RealmPosition::Suffix
        },
        strip: true,
        authentication: true,
        accounting: true,
        max_waiting_logins: WAITING_LOGINS,
        home_servers: Vec::new(),
    };
    let name = OperatorName::parse("isp.example").expect("a name");
    let marks = Marks {
        state: b"mark",
        operator_name: Some(&name),
    };
    for sent in [
        forwarded_login(&packet, b"secret", &realm, &secret, marks),
        forwarded_report(&packet, &realm, &secret, marks, Duration::from_secs(9)),
    ]
    .into_iter()
    .flatten()
    {
        assert!(Packet::parse(&sent.bytes).is_ok() || packet.attributes().count() > 190);
    }
    let answer = HomeAnswer {
        bytes: datagram.to_vec(),
        authenticator: [1; 16],
        secret,
    };
    let mut builder = PacketBuilder::signed(Code::AccessAccept, 1);
    let towards = Towards {
        authenticator: &[2; 16],
        secret: b"nas",
    };
    answer.relay(&mut builder, towards, |_| false);
    if let Ok(bytes) = builder.finish_response(&[2; 16], b"nas") {
        let relayed = Packet::parse(&bytes).expect("what was relayed is a packet");
        // Framed-IP-Address, Filter-Id, Framed-Route, Framed-Pool, Proxy-State.
        for kind in [8, 11, 22, 88, 33] {
            assert!(relayed.attribute(kind).is_none());
        }
    }
});
