//! From what a session was given to what it is to have: what can be changed while it lives.
//!
//! RouterOS changes rate, profile, timeouts and byte limits by `CoA`. An address, a pool, an address
//! list or the side of the wall is settled when a session begins, so it must begin anew.

use crate::network::ports::SessionChange;
use crate::network::service_policy::{LimitsLeft, ServicePolicy};

/// What to do about a live session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LiveChange {
    /// It has what it is to have.
    Nothing,
    /// Change it while it goes on.
    Coa(SessionChange),
    /// End it: it comes back with what it is to have.
    Disconnect,
}

/// What no router counts down to: stands for "no end" where an end cannot be taken back.
const FOREVER: u32 = u32::MAX;

/// What makes a session with the old policy one with the new policy.
#[must_use]
pub fn change_of(old: &ServicePolicy, new: &ServicePolicy) -> LiveChange {
    if must_begin_anew(old, new) {
        return LiveChange::Disconnect;
    }
    let change = SessionChange {
        rate: new.rate.filter(|_| new.rate != old.rate),
        session_timeout: session_timeout(old, new),
        idle_timeout: (new.idle_timeout != old.idle_timeout)
            .then(|| new.idle_timeout.unwrap_or(FOREVER)),
        group: new.group.clone().filter(|_| new.group != old.group),
        limits: limits(old.limits_left, new.limits_left),
    };
    if change == SessionChange::default() {
        LiveChange::Nothing
    } else {
        LiveChange::Coa(change)
    }
}

fn must_begin_anew(old: &ServicePolicy, new: &ServicePolicy) -> bool {
    let settled_at_begin = old.customer_id != new.customer_id
        || old.access != new.access
        || old.framed_ip != new.framed_ip
        || old.pool != new.pool
        || old.address_list != new.address_list
        || old.ipv6 != new.ipv6;
    // What the router is to decide by itself again can only be left unsaid at the beginning.
    let is_taken_back =
        (old.rate.is_some() && new.rate.is_none()) || (old.group.is_some() && new.group.is_none());
    settled_at_begin || is_taken_back
}

/// Instants are compared where there are some: the seconds until one differ at every look.
fn session_timeout(old: &ServicePolicy, new: &ServicePolicy) -> Option<u32> {
    let is_same = match (old.ends_at, new.ends_at) {
        (None, None) => old.session_timeout == new.session_timeout,
        (old, new) => old == new,
    };
    (!is_same).then(|| new.session_timeout.unwrap_or(FOREVER))
}

fn limits(old: LimitsLeft, new: LimitsLeft) -> LimitsLeft {
    let changed =
        |old: Option<u64>, new: Option<u64>| (old != new).then(|| new.unwrap_or(u64::MAX));
    LimitsLeft {
        total: changed(old.total, new.total),
        upload: changed(old.upload, new.upload),
        download: changed(old.download, new.download),
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use chrono::{DateTime, Utc};

    use super::*;
    use crate::ids::CustomerId;
    use crate::network::rate_limit::RateLimit;
    use crate::network::service_policy::Access;

    fn gold() -> ServicePolicy {
        ServicePolicy {
            rate: Some(RateLimit::new(5000, 10_000)),
            pool: Some("customers".into()),
            address_list: Some("paid".into()),
            group: Some("gold".into()),
            session_timeout: Some(3600),
            ends_at: Some(at(3600)),
            idle_timeout: Some(600),
            ..ServicePolicy::open(CustomerId::from_uuid(uuid::Uuid::from_u128(7)), 300)
        }
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).expect("a valid instant")
    }

    fn changed(change: fn(&mut ServicePolicy)) -> LiveChange {
        let mut new = gold();
        change(&mut new);
        change_of(&gold(), &new)
    }

    #[test]
    fn what_routers_change_live_is_changed() {
        let coa = |change| LiveChange::Coa(change);
        let none = SessionChange::default;
        let rate = RateLimit::new(1000, 1000);
        let table = [
            (changed(|_| {}), LiveChange::Nothing),
            // Time passes: fewer seconds until the same end are no change.
            (
                changed(|new| new.session_timeout = Some(1800)),
                LiveChange::Nothing,
            ),
            (
                changed(|new| new.interim_seconds = 600),
                LiveChange::Nothing,
            ),
            (
                changed(|new| new.rate = Some(RateLimit::new(1000, 1000))),
                coa(SessionChange {
                    rate: Some(rate),
                    ..none()
                }),
            ),
            (
                changed(|new| new.idle_timeout = None),
                coa(SessionChange {
                    idle_timeout: Some(FOREVER),
                    ..none()
                }),
            ),
            (
                changed(|new| new.group = Some("silver".into())),
                coa(SessionChange {
                    group: Some("silver".into()),
                    ..none()
                }),
            ),
            (
                changed(|new| new.limits_left.total = Some(9)),
                coa(SessionChange {
                    limits: LimitsLeft {
                        total: Some(9),
                        ..LimitsLeft::default()
                    },
                    ..none()
                }),
            ),
        ];
        for (change, expected) in table {
            assert_eq!(change, expected);
        }
    }

    #[test]
    fn another_end_is_told_and_no_end_is_a_far_one() {
        let later = changed(|new| {
            new.session_timeout = Some(7200);
            new.ends_at = Some(at(7200));
        });
        let never = changed(|new| {
            new.session_timeout = None;
            new.ends_at = None;
        });
        for (change, seconds) in [(later, 7200), (never, FOREVER)] {
            let expected = SessionChange {
                session_timeout: Some(seconds),
                ..SessionChange::default()
            };
            assert_eq!(change, LiveChange::Coa(expected));
        }
    }

    #[test]
    fn what_is_settled_at_the_beginning_begins_anew() {
        let table: [fn(&mut ServicePolicy); 9] = [
            |new| new.access = Access::Walled,
            |new| new.framed_ip = Some(Ipv4Addr::new(100, 64, 0, 1)),
            |new| new.pool = Some("slow".into()),
            |new| new.pool = None,
            |new| new.address_list = Some("slow".into()),
            |new| new.ipv6.pool = Some("link6".into()),
            |new| new.rate = None,
            |new| new.group = None,
            |new| new.customer_id = CustomerId::from_uuid(uuid::Uuid::from_u128(8)),
        ];
        for (row, change) in table.into_iter().enumerate() {
            assert_eq!(changed(change), LiveChange::Disconnect, "row {row}");
        }
    }

    #[test]
    fn a_rate_the_router_did_not_set_can_be_set() {
        let by_profile = ServicePolicy {
            rate: None,
            ..gold()
        };
        let change = SessionChange {
            rate: gold().rate,
            ..SessionChange::default()
        };
        assert_eq!(change_of(&by_profile, &gold()), LiveChange::Coa(change));
    }
}
