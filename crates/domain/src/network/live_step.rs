//! Changing what a live session gets: what a router can do while it goes on, and what its refusals
//! mean.
//!
//! RouterOS changes the rate, the time left, the profile and the bytes left of a live session.
//! Address, pool, list and IPv6 come with a login alone, so a session that must get another of them
//! is ended and comes back. A fingerprint of that part travels in the Class of the session; what is
//! fixed need not be remembered anywhere else.

use std::net::Ipv4Addr;

use crate::network::ports::SessionChange;
use crate::network::service_policy::{Access, LimitsLeft, RejectCause, ServicePolicy};
use crate::text::folded;

/// A fingerprint of the part of a policy that only a new login can change.
#[must_use]
pub fn fixed_part(policy: &ServicePolicy) -> u32 {
    let ipv6 = &policy.ipv6;
    let prefix = |prefix: Option<ipnet::Ipv6Net>| prefix.map(|prefix| prefix.to_string());
    let parts = [
        policy.framed_ip.map(|address| address.to_string()),
        policy.pool.clone(),
        policy.address_list.clone(),
        prefix(ipv6.prefix),
        ipv6.pool.clone(),
        prefix(ipv6.delegated_prefix),
        ipv6.delegated_pool.clone(),
    ];
    let mut hash = Fnv::default();
    hash.write(match policy.access {
        Access::Open => b"o",
        Access::Walled => b"w",
    });
    for part in parts {
        hash.write(part.as_deref().unwrap_or_default().as_bytes());
        // Ends each part, so that what moves from one to the next is seen.
        hash.write(if part.is_some() { &[1, 0] } else { &[0, 0] });
    }
    hash.0
}

/// FNV-1a: the same on every machine and in every version, which the standard hasher is not.
struct Fnv(u32);

impl Default for Fnv {
    fn default() -> Self {
        Self(0x811c_9dc5)
    }
}

impl Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        }
    }
}

/// The fingerprint in the Class of a session; nothing when the Class is not ours or an older one.
///
/// Nothing is trusted here: a forged one costs its session a login.
#[must_use]
pub fn fixed_part_of_class(class: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(class).ok()?;
    let mut parts = text.strip_prefix("ai:")?.rsplit(':');
    let (_tag, fixed) = (parts.next()?, parts.next()?);
    (fixed.len() == 8)
        .then(|| u32::from_str_radix(fixed, 16).ok())
        .flatten()
}

/// A live session as a change of it is decided.
#[derive(Debug, Clone, Copy)]
pub struct Live<'a> {
    /// The name that logged in.
    pub username: &'a str,
    /// Its address.
    pub framed_ip: Option<Ipv4Addr>,
    /// Whether it is behind the wall.
    pub walled: bool,
    /// The Class it was given.
    pub class: Option<&'a [u8]>,
    /// Whether a rate was set since it began.
    pub rate_was_set: bool,
    /// Upload so far.
    pub input_octets: u64,
    /// Download so far.
    pub output_octets: u64,
}

/// What must happen to a live session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LiveStep {
    /// It goes on with these values.
    Change(SessionChange),
    /// It ends, and comes back with what only a login brings, or does not come back.
    End,
}

/// Decides what must happen to a live session of a customer who would now be answered so at a login.
#[must_use]
pub fn step_of(
    live: &Live<'_>,
    username: &str,
    decision: &Result<ServicePolicy, RejectCause>,
) -> LiveStep {
    let Ok(policy) = decision else {
        return LiveStep::End;
    };
    let walled = policy.access == Access::Walled;
    let bare = |name: &str| {
        folded(name)
            .split('@')
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    let same_name = bare(live.username) == bare(username);
    let same_address = policy
        .framed_ip
        .is_none_or(|fixed| live.framed_ip == Some(fixed));
    let same_fixed = live
        .class
        .and_then(fixed_part_of_class)
        .is_none_or(|fixed| fixed == fixed_part(policy));
    // A router keeps the last rate it was told; only a login brings back that of its profile.
    let rate_stays = policy.rate.is_some() || !live.rate_was_set;
    if walled != live.walled || !same_name || !same_address || !same_fixed || !rate_stays {
        return LiveStep::End;
    }
    LiveStep::Change(SessionChange {
        rate: policy.rate,
        session_timeout: policy.session_timeout,
        idle_timeout: policy.idle_timeout,
        group: policy.group.clone(),
        limits: from_the_beginning(policy.limits_left, live),
    })
}

/// Routers count the bytes of a session from its beginning.
fn from_the_beginning(left: LimitsLeft, live: &Live<'_>) -> LimitsLeft {
    let total = live.input_octets.saturating_add(live.output_octets);
    LimitsLeft {
        total: left.total.map(|left| left.saturating_add(total)),
        upload: left
            .upload
            .map(|left| left.saturating_add(live.input_octets)),
        download: left
            .download
            .map(|left| left.saturating_add(live.output_octets)),
    }
}

/// Error-Cause 503 of RFC 5176: the router knows no such session.
pub const SESSION_NOT_FOUND: u32 = 503;

/// What an Error-Cause of RFC 5176 means and what to do about it.
#[must_use]
pub const fn error_cause_text(cause: u32) -> &'static str {
    match cause {
        201 => "the session was over, what was left of it is removed",
        202 => "the router takes the request for EAP",
        401 => "the router does not change one of the attributes while a session lives",
        402 => "the router misses an attribute that identifies the session",
        403 => "the request names another router: check its identity and address",
        404 => "the router takes the request for malformed",
        405 => "the router does not offer the service",
        406 => "the router does not know an extension of the request",
        407 => "the router does not accept a value, for example of the rate",
        501 => "the router forbids it: allow requests from this server (/radius incoming)",
        502 => "the router cannot pass the request on",
        503 => "the router knows no such session",
        504 => "the router cannot remove the session",
        505 => "a proxy on the way failed",
        506 => "the router has no resources left",
        507 => "the router began it itself",
        508 => "the router does not change several sessions at once",
        _ => "the router refused for a reason of its own",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::CustomerId;
    use crate::network::rate_limit::RateLimit;

    fn policy() -> ServicePolicy {
        ServicePolicy {
            rate: Some(RateLimit::new(5000, 10_000)),
            pool: Some("customers".into()),
            ..ServicePolicy::open(CustomerId::from_uuid(uuid::Uuid::from_u128(7)), 300)
        }
    }

    fn class(policy: &ServicePolicy) -> Vec<u8> {
        let fixed = fixed_part(policy);
        format!("ai:{:032x}:{:032x}:o:{fixed:08x}:{:016x}", 1, 7, 9).into_bytes()
    }

    fn live(class: &[u8]) -> Live<'_> {
        Live {
            username: "Alice@isp",
            framed_ip: Some(Ipv4Addr::new(100, 64, 0, 9)),
            walled: false,
            class: Some(class),
            rate_was_set: false,
            input_octets: 1000,
            output_octets: 5000,
        }
    }

    fn with(change: impl FnOnce(&mut ServicePolicy)) -> ServicePolicy {
        let mut policy = policy();
        change(&mut policy);
        policy
    }

    #[test]
    fn what_only_a_login_brings_ends_the_session() {
        let class = class(&policy());
        let address = |last| Some(Ipv4Addr::new(100, 64, 0, last));
        // policy, whether the session goes on
        let table = [
            (policy(), true),
            (
                with(|policy| policy.rate = Some(RateLimit::new(512, 512))),
                true,
            ),
            (with(|policy| policy.session_timeout = Some(60)), true),
            (with(|policy| policy.group = Some("gold".into())), true),
            (with(|policy| policy.interim_seconds = 60), true),
            (with(|policy| policy.rate = None), true),
            (with(|policy| policy.pool = Some("slow".into())), false),
            (with(|policy| policy.pool = None), false),
            (
                with(|policy| policy.address_list = Some("slow".into())),
                false,
            ),
            (with(|policy| policy.framed_ip = address(10)), false),
            (with(|policy| policy.framed_ip = address(9)), false),
            (with(|policy| policy.ipv6.pool = Some("v6".into())), false),
            (with(|policy| policy.access = Access::Walled), false),
        ];
        for (policy, goes_on) in table {
            let step = step_of(&live(&class), "alice", &Ok(policy.clone()));
            assert_eq!(matches!(step, LiveStep::Change(_)), goes_on, "{policy:?}");
        }
    }

    #[test]
    fn what_is_refused_or_renamed_ends() {
        let class = class(&policy());
        let refused = Err(RejectCause::Closed);
        assert_eq!(step_of(&live(&class), "alice", &refused), LiveStep::End);
        assert_eq!(
            step_of(&live(&class), "karim", &Ok(policy())),
            LiveStep::End
        );
    }

    #[test]
    fn a_rate_that_was_set_is_taken_back_by_a_login_alone() {
        let class = class(&policy());
        let throttled = Live {
            rate_was_set: true,
            ..live(&class)
        };
        let unlimited = with(|policy| policy.rate = None);
        assert_eq!(step_of(&throttled, "alice", &Ok(unlimited)), LiveStep::End);
        let LiveStep::Change(change) = step_of(&throttled, "alice", &Ok(policy())) else {
            unreachable!("another rate is set live");
        };
        assert_eq!(change.rate, Some(RateLimit::new(5000, 10_000)));
    }

    #[test]
    fn bytes_are_counted_from_the_beginning() {
        let class = class(&policy());
        let limited = with(|policy| {
            policy.limits_left = LimitsLeft {
                total: Some(100),
                upload: Some(10),
                download: None,
            };
        });
        let LiveStep::Change(change) = step_of(&live(&class), "alice", &Ok(limited)) else {
            unreachable!("bytes are set live");
        };
        assert_eq!(change.limits.total, Some(6100));
        assert_eq!(change.limits.upload, Some(1010));
        assert_eq!(change.limits.download, None);
    }

    #[test]
    fn foreign_and_older_classes_say_nothing() {
        for class in [
            &b""[..],
            b"\xff",
            b"ai:1:2:o:0000000000000000",
            b"whatever:00000000:1",
        ] {
            assert_eq!(fixed_part_of_class(class), None);
        }
        let moved = with(|policy| policy.pool = Some("slow".into()));
        let step = step_of(&live(b"theirs"), "alice", &Ok(moved));
        assert!(
            matches!(step, LiveStep::Change(_)),
            "nothing is known, so nothing is ended"
        );
    }
}
