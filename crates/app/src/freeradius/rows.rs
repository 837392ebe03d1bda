//! What FreeRADIUS is told of a customer and of a package; pure.

use chrono::{DateTime, Utc};
use domain::network::{
    access::{IspAccessSettings, LoginFacts, UnpaidAccess, decide_access},
    rate_limit::{Burst, RateLimit},
    service_policy::{Access, Ipv6Policy, ServicePolicy},
    subscriber::Subscriber,
};
use persistence::repo::freeradius::{Attribute, CustomerRows, PackageGroupRow};
use sha2::{Digest, Sha256};

/// The rows of one customer; none when its password is not text, which FreeRADIUS cannot read.
pub(super) fn customer_rows(
    subscriber: &Subscriber,
    settings: &IspAccessSettings,
    group: Option<&Group>,
    now: DateTime<Utc>,
) -> Option<CustomerRows> {
    let password = std::str::from_utf8(subscriber.password.expose()).ok()?;
    let facts = LoginFacts {
        mac: subscriber.macs().first().copied(),
        ..LoginFacts::default()
    };
    let decided = decide_access(subscriber, settings, &facts, now);
    let walled = decided
        .as_ref()
        .is_ok_and(|policy| policy.access == Access::Walled);
    let mut check = vec![set("Cleartext-Password", quoted(password))];
    let (reply, group) = match &decided {
        Ok(policy) => {
            check.extend(limits(subscriber, settings, policy));
            let reply = reply(policy);
            let fits = |group: &&Group| !walled && group.gives_nothing_beyond(&reply);
            let group = group.filter(fits).map(|group| group.name.clone());
            (reply, group)
        }
        Err(cause) => {
            check.push(set("Auth-Type", "Reject".to_owned()));
            let message = set("Reply-Message", cause.reply_message().to_owned());
            (vec![message], None)
        }
    };
    let mut rows = CustomerRows {
        customer_id: subscriber.customer_id,
        username: subscriber.username.to_string(),
        walled,
        fingerprint: Vec::new(),
        check,
        reply,
        group,
    };
    rows.fingerprint = fingerprint(&rows);
    Some(rows)
}

fn limits(
    subscriber: &Subscriber,
    settings: &IspAccessSettings,
    policy: &ServicePolicy,
) -> Vec<Attribute> {
    let sessions = (policy.simultaneous_use > 0)
        .then(|| set("Simultaneous-Use", policy.simultaneous_use.to_string()));
    // Where the unpaid get a walled garden the end of the paid time is no end of the login.
    let is_end = |at: &DateTime<Utc>| {
        settings.unpaid == UnpaidAccess::Reject || subscriber.expires_at != Some(*at)
    };
    let ends = policy
        .ends_at
        .filter(|at| policy.access == Access::Open && is_end(at))
        .map(|until| set("Expiration", until.timestamp().to_string()));
    let devices = subscriber.macs();
    let is_bound = subscriber.package.terms.bind_mac && !devices.is_empty();
    let device = is_bound.then(|| {
        let any: Vec<String> = devices.iter().map(ToString::to_string).collect();
        Attribute {
            name: "Calling-Station-Id",
            op: "=~",
            value: format!("^({})$", any.join("|")),
        }
    });
    sessions.into_iter().chain(ends).chain(device).collect()
}

/// The reply that a policy is, in FreeRADIUS's names.
fn reply(policy: &ServicePolicy) -> Vec<Attribute> {
    let text = |name, value: &Option<String>| Some(set(name, quoted(value.as_deref()?)));
    let number = |name, value: Option<u32>| Some(set(name, value?.to_string()));
    // How long an open session may last is FreeRADIUS's to count from Expiration.
    let timeout = policy
        .session_timeout
        .filter(|_| policy.access == Access::Walled);
    let pool = policy.pool.clone().filter(|_| policy.framed_ip.is_none());
    let address = |ip: std::net::Ipv4Addr| set("Framed-IP-Address", ip.to_string());
    let rate = |rate: RateLimit| set("Mikrotik-Rate-Limit", rate.to_string());
    let Ipv6Policy {
        prefix,
        pool: pool_v6,
        delegated_prefix,
        delegated_pool,
    } = &policy.ipv6;
    let network =
        |name, prefix: &Option<ipnet::Ipv6Net>| Some(set(name, prefix.as_ref()?.to_string()));
    [
        policy.framed_ip.map(address),
        text("Framed-Pool", &pool),
        network("Framed-IPv6-Prefix", prefix),
        text("Framed-IPv6-Pool", pool_v6),
        network("Delegated-IPv6-Prefix", delegated_prefix),
        text("Delegated-IPv6-Prefix-Pool", delegated_pool),
        text("Mikrotik-Delegated-IPv6-Pool", delegated_pool),
        policy.rate.map(rate),
        text("Mikrotik-Address-List", &policy.address_list),
        text("Mikrotik-Group", &policy.group),
        number("Session-Timeout", timeout),
        number("Idle-Timeout", policy.idle_timeout),
        number(
            "Acct-Interim-Interval",
            Some(policy.interim_seconds.max(60)),
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A package as a group.
pub(super) struct Group {
    pub(super) name: String,
    pub(super) simultaneous_use: i64,
    pub(super) reply: Vec<Attribute>,
}

impl Group {
    pub(super) fn of(row: PackageGroupRow) -> Self {
        let kbps = |value: i64| u32::try_from(value).unwrap_or(u32::MAX);
        let burst: Option<Burst> = row.burst.and_then(|json| serde_json::from_value(json).ok());
        let rate = RateLimit {
            up_kbps: kbps(row.up_kbps),
            down_kbps: kbps(row.down_kbps),
            burst,
        };
        let rate = (!row.rate_managed_by_router).then(|| ("Mikrotik-Rate-Limit", rate.to_string()));
        let texts = [
            ("Framed-Pool", row.pool),
            ("Mikrotik-Address-List", row.address_list),
            ("Mikrotik-Group", row.router_profile),
        ];
        let texts = texts
            .into_iter()
            .filter_map(|(name, value)| Some((name, quoted(&value?))));
        let reply = rate
            .into_iter()
            .chain(texts)
            .map(|(name, value)| Attribute {
                name,
                // What the customer's own rows say goes first; this is added where they are silent.
                op: "=",
                value,
            })
            .collect();
        Self {
            name: row.name,
            simultaneous_use: row.simultaneous_use,
            reply,
        }
    }

    /// Whether a member would get no attribute that its own reply does not have.
    fn gives_nothing_beyond(&self, reply: &[Attribute]) -> bool {
        self.reply
            .iter()
            .all(|given| reply.iter().any(|own| own.name == given.name))
    }
}

pub(super) fn set(name: &'static str, value: String) -> Attribute {
    Attribute {
        name,
        op: ":=",
        value,
    }
}

/// FreeRADIUS takes a value that begins with a quotation mark for a quoted one.
pub(super) fn quoted(value: &str) -> String {
    if value.starts_with(['"', '\'', '`']) {
        format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'"))
    } else {
        value.to_owned()
    }
}

fn fingerprint(rows: &CustomerRows) -> Vec<u8> {
    let mut hash = Sha256::new();
    let mut add = |part: &str| {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    };
    add(&rows.username);
    add(rows.group.as_deref().unwrap_or_default());
    for attribute in rows.check.iter().chain(&rows.reply) {
        add(attribute.name);
        add(&attribute.value);
    }
    hash.finalize().iter().copied().take(16).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use domain::{
        customer::CustomerStatus,
        ids::{CustomerId, IspId},
        network::{secret::SecretBytes, subscriber::ServicePackage},
    };

    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).expect("a valid instant")
    }

    fn group() -> Group {
        Group::of(PackageGroupRow {
            name: "Home 10M".to_owned(),
            up_kbps: 5_000,
            down_kbps: 10_000,
            burst: None,
            rate_managed_by_router: false,
            pool: Some("customers".to_owned()),
            address_list: None,
            router_profile: None,
            simultaneous_use: 1,
        })
    }

    fn subscriber(status: CustomerStatus) -> Subscriber {
        let package = ServicePackage {
            rate: Some(RateLimit::new(5_000, 10_000)),
            pool: Some("customers".to_owned()),
            ..ServicePackage::default()
        };
        let password = SecretBytes::new("pw");
        Subscriber {
            status,
            expires_at: Some(now() + chrono::TimeDelta::days(1)),
            package: Arc::new(package),
            ..Subscriber::new(CustomerId::generate(), IspId::generate(), "rahim", password)
        }
    }

    fn written(subscriber: &Subscriber, settings: &IspAccessSettings) -> (Vec<String>, bool) {
        let rows = customer_rows(subscriber, settings, Some(&group()), now()).expect("a text");
        let all = rows.check.iter().chain(&rows.reply);
        let texts = all.map(|found| format!("{} {} {}", found.name, found.op, found.value));
        (texts.collect(), rows.group.is_some())
    }

    #[test]
    fn an_active_customer_gets_the_package_and_its_group() {
        let reject = IspAccessSettings {
            unpaid: UnpaidAccess::Reject,
            ..IspAccessSettings::default()
        };
        let (rows, is_member) = written(&subscriber(CustomerStatus::Active), &reject);
        let expected = [
            "Cleartext-Password := pw",
            "Simultaneous-Use := 1",
            "Expiration := 1800086400",
            "Framed-Pool := customers",
            "Mikrotik-Rate-Limit := 5M/10M",
            "Acct-Interim-Interval := 300",
        ];
        assert_eq!(
            (rows, is_member),
            (expected.map(str::to_owned).into(), true)
        );
    }

    #[test]
    fn a_suspended_customer_is_walled_or_refused_and_leaves_the_group() {
        let suspended = subscriber(CustomerStatus::Suspended);
        let (rows, is_member) = written(&suspended, &IspAccessSettings::default());
        assert!(rows.contains(&"Framed-Pool := suspended".to_owned()) && !is_member);
        assert!(rows.contains(&"Session-Timeout := 3600".to_owned()));
        let reject = IspAccessSettings {
            unpaid: UnpaidAccess::Reject,
            ..IspAccessSettings::default()
        };
        let (rows, is_member) = written(&suspended, &reject);
        assert!(rows.contains(&"Auth-Type := Reject".to_owned()) && !is_member);
    }

    #[test]
    fn a_fixed_address_keeps_the_customer_out_of_a_group_with_a_pool() {
        let mut fixed = subscriber(CustomerStatus::Active);
        fixed.static_ipv4 = Some(std::net::Ipv4Addr::new(100, 64, 0, 9));
        let (rows, is_member) = written(&fixed, &IspAccessSettings::default());
        assert!(rows.contains(&"Framed-IP-Address := 100.64.0.9".to_owned()) && !is_member);
    }

    #[test]
    fn quotation_marks_in_front_are_kept() {
        assert_eq!(quoted("it's"), "it's");
        assert_eq!(quoted("'a\\b"), "'\\'a\\\\b'");
    }
}
