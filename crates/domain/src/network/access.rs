//! The login decision: facts about a subscriber in, service or refusal out.
//!
//! The password is checked before; this decides what a proven customer gets.

use chrono::{DateTime, Utc};

use crate::customer::CustomerStatus;
use crate::network::rate_limit::RateLimit;
use crate::network::service_policy::{Access, RejectCause, ServicePolicy};
use crate::network::subscriber::Subscriber;

/// Seconds between interim updates when the ISP sets nothing else.
pub const DEFAULT_INTERIM_SECONDS: u32 = 300;
/// Seconds a walled session lasts, so that a missed payment notice heals itself.
pub const DEFAULT_WALLED_SESSION_SECONDS: u32 = 3600;

/// What an ISP does with customers who are suspended or expired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnpaidAccess {
    /// They get in, but reach only the payment pages.
    Walled(WalledGarden),
    /// They are refused.
    Reject,
}

/// Where walled sessions live on the router.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WalledGarden {
    /// Address pool of walled sessions.
    pub pool: String,
    /// Firewall address list of walled sessions.
    pub address_list: String,
    /// Bandwidth of walled sessions.
    pub rate: RateLimit,
    /// Seconds after which a walled session must log in again.
    pub session_timeout: u32,
}

impl Default for WalledGarden {
    fn default() -> Self {
        Self {
            pool: "suspended".into(),
            address_list: "suspended".into(),
            rate: RateLimit::new(512, 512),
            session_timeout: DEFAULT_WALLED_SESSION_SECONDS,
        }
    }
}

/// The settings of an ISP that shape every login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IspAccessSettings {
    /// Treatment of suspended and expired customers.
    pub unpaid: UnpaidAccess,
    /// Seconds between interim updates.
    pub interim_seconds: u32,
}

impl Default for IspAccessSettings {
    fn default() -> Self {
        Self {
            unpaid: UnpaidAccess::Walled(WalledGarden::default()),
            interim_seconds: DEFAULT_INTERIM_SECONDS,
        }
    }
}

/// Decides what a subscriber whose password was right gets now.
///
/// # Errors
/// The cause of the refusal.
pub fn decide_access(
    subscriber: &Subscriber,
    settings: &IspAccessSettings,
    now: DateTime<Utc>,
) -> Result<ServicePolicy, RejectCause> {
    match subscriber.status {
        CustomerStatus::Active => match seconds_left(subscriber.expires_at, now) {
            TimeLeft::Over => unpaid(subscriber, settings, RejectCause::Expired),
            TimeLeft::Unlimited => Ok(open(subscriber, settings, None)),
            TimeLeft::Seconds(seconds) => Ok(open(subscriber, settings, Some(seconds))),
        },
        CustomerStatus::Suspended => unpaid(subscriber, settings, RejectCause::Suspended),
        CustomerStatus::Expired => unpaid(subscriber, settings, RejectCause::Expired),
        CustomerStatus::Pending => Err(RejectCause::Pending),
        CustomerStatus::Closed => Err(RejectCause::Closed),
    }
}

enum TimeLeft {
    Unlimited,
    Seconds(u32),
    Over,
}

fn seconds_left(expires_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> TimeLeft {
    let Some(expires_at) = expires_at else {
        return TimeLeft::Unlimited;
    };
    let seconds = (expires_at - now).num_seconds();
    if expires_at <= now {
        return TimeLeft::Over;
    }
    // The last fraction of a second still is a session; beyond u32 no router counts.
    TimeLeft::Seconds(u32::try_from(seconds.max(1)).unwrap_or(u32::MAX))
}

fn open(
    subscriber: &Subscriber,
    settings: &IspAccessSettings,
    session_timeout: Option<u32>,
) -> ServicePolicy {
    let pool = match subscriber.static_ipv4 {
        Some(_) => None,
        None => subscriber.pool.clone(),
    };
    ServicePolicy {
        customer_id: subscriber.customer_id,
        access: Access::Open,
        rate: subscriber.rate,
        framed_ip: subscriber.static_ipv4,
        pool,
        address_list: subscriber.address_list.clone(),
        group: subscriber.router_profile.clone(),
        session_timeout,
        idle_timeout: subscriber.idle_timeout,
        interim_seconds: settings.interim_seconds,
    }
}

fn unpaid(
    subscriber: &Subscriber,
    settings: &IspAccessSettings,
    cause: RejectCause,
) -> Result<ServicePolicy, RejectCause> {
    let UnpaidAccess::Walled(garden) = &settings.unpaid else {
        return Err(cause);
    };
    Ok(ServicePolicy {
        customer_id: subscriber.customer_id,
        access: Access::Walled,
        rate: Some(garden.rate),
        framed_ip: None,
        pool: Some(garden.pool.clone()),
        address_list: Some(garden.address_list.clone()),
        group: None,
        session_timeout: Some(garden.session_timeout),
        idle_timeout: None,
        interim_seconds: settings.interim_seconds,
    })
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use chrono::TimeDelta;
    use uuid::Uuid;

    use super::*;
    use crate::ids::{CustomerId, IspId};
    use crate::network::secret::SecretBytes;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).expect("a valid instant")
    }

    fn subscriber(status: CustomerStatus, left: Option<TimeDelta>) -> Subscriber {
        Subscriber {
            customer_id: CustomerId::from_uuid(Uuid::from_u128(7)),
            isp_id: IspId::from_uuid(Uuid::from_u128(1)),
            username: "alice".into(),
            password: SecretBytes::new("secret1"),
            status,
            expires_at: left.map(|left| now() + left),
            rate: Some(RateLimit::new(5000, 10_000)),
            pool: Some("customers".into()),
            address_list: Some("paid".into()),
            router_profile: Some("gold".into()),
            static_ipv4: None,
            simultaneous_use: 1,
            idle_timeout: Some(600),
        }
    }

    fn rejecting() -> IspAccessSettings {
        IspAccessSettings {
            unpaid: UnpaidAccess::Reject,
            ..IspAccessSettings::default()
        }
    }

    #[test]
    fn every_state_has_its_answer() {
        use CustomerStatus::{Active, Closed, Expired, Pending, Suspended};
        let day = Some(TimeDelta::days(1));
        let over = Some(TimeDelta::seconds(-1));
        // status, time left, answer when walled, answer when rejecting
        type Answer = Result<(Access, Option<u32>), RejectCause>;
        let walled: Answer = Ok((Access::Walled, Some(3600)));
        let table: [(CustomerStatus, Option<TimeDelta>, Answer, Answer); 8] = [
            (
                Active,
                day,
                Ok((Access::Open, Some(86_400))),
                Ok((Access::Open, Some(86_400))),
            ),
            (
                Active,
                None,
                Ok((Access::Open, None)),
                Ok((Access::Open, None)),
            ),
            (Active, over, walled, Err(RejectCause::Expired)),
            (
                Active,
                Some(TimeDelta::zero()),
                walled,
                Err(RejectCause::Expired),
            ),
            (Suspended, day, walled, Err(RejectCause::Suspended)),
            (Expired, over, walled, Err(RejectCause::Expired)),
            (
                Pending,
                None,
                Err(RejectCause::Pending),
                Err(RejectCause::Pending),
            ),
            (
                Closed,
                day,
                Err(RejectCause::Closed),
                Err(RejectCause::Closed),
            ),
        ];
        for (status, left, when_walled, when_rejecting) in table {
            for (settings, expected) in [
                (IspAccessSettings::default(), when_walled),
                (rejecting(), when_rejecting),
            ] {
                let answer = decide_access(&subscriber(status, left), &settings, now())
                    .map(|policy| (policy.access, policy.session_timeout));
                assert_eq!(answer, expected, "{status:?} {left:?}");
            }
        }
    }

    #[test]
    fn open_service_follows_the_package() {
        let alice = subscriber(CustomerStatus::Active, None);
        let policy = decide_access(&alice, &IspAccessSettings::default(), now()).expect("open");
        assert_eq!(policy.rate, alice.rate);
        assert_eq!(policy.pool.as_deref(), Some("customers"));
        assert_eq!(policy.address_list.as_deref(), Some("paid"));
        assert_eq!(policy.group.as_deref(), Some("gold"));
        assert_eq!(policy.idle_timeout, Some(600));
        assert_eq!(policy.interim_seconds, 300);
    }

    #[test]
    fn fixed_address_replaces_the_pool_but_not_behind_the_wall() {
        let address = Ipv4Addr::new(100, 64, 7, 7);
        let mut alice = subscriber(CustomerStatus::Active, None);
        alice.static_ipv4 = Some(address);
        let open = decide_access(&alice, &IspAccessSettings::default(), now()).expect("open");
        assert_eq!((open.framed_ip, open.pool), (Some(address), None));
        alice.status = CustomerStatus::Suspended;
        let walled = decide_access(&alice, &IspAccessSettings::default(), now()).expect("walled");
        assert_eq!(
            (walled.framed_ip, walled.pool.as_deref()),
            (None, Some("suspended"))
        );
        assert_eq!(walled.address_list.as_deref(), Some("suspended"));
        assert_eq!(walled.rate, Some(RateLimit::new(512, 512)));
        assert_eq!(walled.group, None);
    }

    #[test]
    fn the_last_fraction_of_a_second_is_one_second() {
        let alice = subscriber(CustomerStatus::Active, Some(TimeDelta::milliseconds(300)));
        let policy = decide_access(&alice, &IspAccessSettings::default(), now()).expect("open");
        assert_eq!(policy.session_timeout, Some(1));
    }
}
