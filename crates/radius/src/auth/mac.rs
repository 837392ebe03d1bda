//! Logins by hardware address: the name is the address, and the password repeats it or is empty.
//!
//! An address is no secret; whoever lets devices in by it decides so for each customer.

use domain::mac::MacAddress;

use crate::auth::credentials::Credentials;
use crate::auth::pipeline::CheckContext;
use crate::auth::{chap, pap};
use crate::packet::codec::Packet;
use crate::packet::dictionary::{attr, ppp};

/// The longest spelling of an address.
const LONGEST: usize = 17;

/// The address in a User-Name, in any of the usual spellings.
#[must_use]
pub fn of_name(username: &[u8]) -> Option<MacAddress> {
    if username.len() > LONGEST {
        return None;
    }
    std::str::from_utf8(username).ok()?.parse().ok()
}

/// Whether the request asks to be let in by the address alone.
#[must_use]
pub fn is_asked(
    packet: &Packet<'_>,
    mac: MacAddress,
    credentials: &Credentials<'_>,
    context: CheckContext<'_>,
) -> bool {
    match *credentials {
        Credentials::Pap { hidden } => {
            let clear = pap::reveal(hidden, context.authenticator, context.secret);
            clear.is_some_and(|clear| clear.is_empty() || of_name(&clear) == Some(mac))
        }
        Credentials::Chap {
            identifier,
            response,
            challenge,
        } => [context.username, b""]
            .iter()
            .any(|password| chap::is_proof(identifier, response, password, challenge)),
        Credentials::None => packet
            .attribute(attr::SERVICE_TYPE)
            .and_then(|found| found.as_u32())
            .is_some_and(|service| service == ppp::SERVICE_TYPE_CALL_CHECK),
        Credentials::MsChapV1 { .. } | Credentials::MsChapV2 { .. } | Credentials::Eap => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usual_spelling_is_one_address() {
        let wanted: MacAddress = "AA:BB:CC:00:11:2F".parse().expect("an address");
        for name in [
            "aa:bb:cc:00:11:2f",
            "AA-BB-CC-00-11-2F",
            "aabb.cc00.112f",
            "AABBCC00112F",
        ] {
            assert_eq!(of_name(name.as_bytes()), Some(wanted), "{name}");
        }
        for name in ["alice", "", "AA:BB:CC:00:11:2F:33", "aabbcc00112g"] {
            assert_eq!(of_name(name.as_bytes()), None, "{name}");
        }
    }
}
