//! What a router answers to us: Disconnect, CoA, logins of a proxy; and what it would be asked.
#![no_main]

use std::hint::black_box;

use libfuzzer_sys::fuzz_target;
use radius::client::{ControlRequest, Login, LoginMethod, access_request, accounting_request};
use radius::packet::dictionary::attr;

fuzz_target!(|datagram: &[u8]| {
    let login = Login {
        username: "alice",
        password: b"secret1",
        method: LoginMethod::MsChapV2,
    };
    let requests = [
        access_request(7, b"secret", login, |_| {}),
        accounting_request(7, b"secret", 1, |_| {}),
    ];
    for request in requests.into_iter().flatten() {
        if let Ok(answer) = request.verify(datagram, b"secret") {
            black_box(request.server_is_proven(&answer));
            black_box(request.mppe_keys(&answer, b"secret"));
            answer.attribute(attr::ERROR_CAUSE).map(|found| found.as_u32());
        }
    }
    if let Some(asked) = ControlRequest::read(datagram, b"secret") {
        assert!(asked.acknowledge(b"secret").is_ok() || asked.packet.bytes().len() > 4000);
        asked.refuse(503, b"secret").ok();
    }
});
