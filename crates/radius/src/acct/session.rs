//! Which session a report belongs to.

use domain::ids::NasId;
use domain::network::session::SessionKey;
use sha1::{Digest, Sha1};

use crate::acct::class::SessionClass;

/// What identifies a session in a report.
#[derive(Clone, Copy)]
pub struct SessionIdentity<'a> {
    /// The router.
    pub nas_id: NasId,
    /// The router's id of the session; some routers reuse it, so it never suffices.
    pub acct_session_id: &'a [u8],
    /// Our Class, when it came back.
    pub class: Option<SessionClass>,
    /// User-Name.
    pub username: &'a [u8],
    /// NAS-Port.
    pub nas_port: &'a [u8],
    /// Calling-Station-Id, or Framed-IP-Address where there is none.
    pub station: &'a [u8],
}

impl SessionIdentity<'_> {
    /// The key: the same in every report of the session.
    #[must_use]
    pub fn key(&self) -> SessionKey {
        let nas_id = self.nas_id.as_uuid();
        let hash = Sha1::new();
        let hash = field(hash, nas_id.as_bytes());
        let hash = field(hash, self.acct_session_id);
        let hash = match self.class {
            Some(class) => field(hash, &class.nonce.to_be_bytes()),
            None => [self.username, self.nas_port, self.station]
                .into_iter()
                .fold(hash, field),
        };
        let mut key = [0; 16];
        for (to, from) in key.iter_mut().zip(hash.finalize()) {
            *to = from;
        }
        SessionKey::from_bytes(key)
    }
}

// The length in front keeps "ab","c" and "a","bc" apart.
fn field(hash: Sha1, value: &[u8]) -> Sha1 {
    hash.chain_update(value.len().to_be_bytes())
        .chain_update(value)
}

#[cfg(test)]
mod tests {
    use domain::ids::CustomerId;
    use domain::network::service_policy::{Access, ServicePolicy};

    use super::*;

    #[test]
    fn everything_that_tells_sessions_apart_counts() {
        let one = SessionIdentity {
            nas_id: NasId::generate(),
            acct_session_id: b"81000001",
            class: None,
            username: b"alice",
            nas_port: b"\0\0\0\x01",
            station: b"AA:BB",
        };
        let class = |access| {
            let policy = ServicePolicy::open(CustomerId::generate(), 300);
            Some(SessionClass::fresh(&ServicePolicy { access, ..policy }))
        };
        let keys = [
            one,
            SessionIdentity {
                nas_id: NasId::generate(),
                ..one
            },
            SessionIdentity {
                acct_session_id: b"81000002",
                ..one
            },
            SessionIdentity {
                username: b"bob",
                ..one
            },
            SessionIdentity {
                nas_port: b"\0\0\0\x02",
                ..one
            },
            SessionIdentity {
                station: b"AA:BC",
                ..one
            },
            SessionIdentity {
                username: b"alic",
                nas_port: b"e\0\0\0\x01",
                ..one
            },
            SessionIdentity {
                class: class(Access::Open),
                ..one
            },
            SessionIdentity {
                class: class(Access::Open),
                ..one
            },
        ]
        .map(|identity| identity.key());
        for (index, key) in keys.iter().enumerate() {
            assert!(!keys[index + 1..].contains(key), "{index}");
        }
        assert_eq!(one.key(), one.key());
    }
}
