//! From a [`ServicePolicy`] to the attributes of an Access-Accept.

use domain::network::service_policy::ServicePolicy;

use crate::packet::builder::PacketBuilder;
use crate::packet::dictionary::attr;
use crate::packet::vendor_mikrotik as mikrotik;

/// Routers raise anything shorter.
pub const MIN_INTERIM_SECONDS: u32 = 60;

/// Adds the attributes of a policy; pure, so that a table can test it.
pub fn write_policy(answer: &mut PacketBuilder, policy: &ServicePolicy) {
    if let Some(address) = policy.framed_ip {
        answer.ipv4(attr::FRAMED_IP_ADDRESS, address);
    } else if let Some(pool) = &policy.pool {
        // Never both: RouterOS ignores the pool when an address is there.
        answer.text(attr::FRAMED_POOL, pool);
    }
    if let Some(seconds) = policy.session_timeout {
        answer.u32(attr::SESSION_TIMEOUT, seconds);
    }
    if let Some(seconds) = policy.idle_timeout {
        answer.u32(attr::IDLE_TIMEOUT, seconds);
    }
    answer.u32(
        attr::ACCT_INTERIM_INTERVAL,
        policy.interim_seconds.max(MIN_INTERIM_SECONDS),
    );
    if let Some(rate) = policy.rate {
        answer.vendor(
            mikrotik::VENDOR,
            mikrotik::RATE_LIMIT,
            rate.to_string().as_bytes(),
        );
    }
    if let Some(list) = &policy.address_list {
        answer.vendor(mikrotik::VENDOR, mikrotik::ADDRESS_LIST, list.as_bytes());
    }
    if let Some(group) = &policy.group {
        answer.vendor(mikrotik::VENDOR, mikrotik::GROUP, group.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use domain::ids::CustomerId;
    use domain::network::rate_limit::RateLimit;
    use domain::network::service_policy::Access;

    use super::*;
    use crate::packet::codec::{Code, Packet};

    fn policy() -> ServicePolicy {
        ServicePolicy {
            customer_id: CustomerId::generate(),
            access: Access::Open,
            rate: None,
            framed_ip: None,
            pool: None,
            address_list: None,
            group: None,
            session_timeout: None,
            idle_timeout: None,
            interim_seconds: 300,
        }
    }

    type Written = Vec<(u32, u8, Vec<u8>)>;

    fn written(policy: &ServicePolicy) -> Written {
        let mut answer = PacketBuilder::new(Code::AccessAccept, 1);
        write_policy(&mut answer, policy);
        let bytes = answer
            .finish_response(&[0; 16], b"secret")
            .expect("it fits");
        let packet = Packet::parse(&bytes).expect("valid");
        let standard = packet
            .attributes()
            .filter(|found| found.kind != attr::VENDOR_SPECIFIC)
            .map(|found| (0, found.kind, found.value.to_vec()));
        let vendor = packet
            .vendor_attributes(mikrotik::VENDOR)
            .map(|found| (mikrotik::VENDOR, found.kind, found.value.to_vec()));
        standard.chain(vendor).collect()
    }

    #[test]
    fn each_part_of_a_policy_becomes_its_attribute() {
        let interim = |seconds: u32| (0, attr::ACCT_INTERIM_INTERVAL, seconds.to_be_bytes().into());
        let address = Ipv4Addr::new(100, 64, 7, 7);
        let rate = Some(RateLimit::new(5000, 10_000));
        let table: [(&str, ServicePolicy, Written); 8] = [
            ("nothing but interims", policy(), vec![interim(300)]),
            (
                "interims below a minute are raised",
                ServicePolicy {
                    interim_seconds: 10,
                    ..policy()
                },
                vec![interim(60)],
            ),
            (
                "pool",
                ServicePolicy {
                    pool: Some("p1".into()),
                    ..policy()
                },
                vec![(0, attr::FRAMED_POOL, b"p1".into()), interim(300)],
            ),
            (
                "an address silences the pool",
                ServicePolicy {
                    framed_ip: Some(address),
                    pool: Some("p1".into()),
                    ..policy()
                },
                vec![
                    (0, attr::FRAMED_IP_ADDRESS, vec![100, 64, 7, 7]),
                    interim(300),
                ],
            ),
            (
                "timeouts",
                ServicePolicy {
                    session_timeout: Some(3600),
                    idle_timeout: Some(600),
                    ..policy()
                },
                vec![
                    (0, attr::SESSION_TIMEOUT, 3600_u32.to_be_bytes().into()),
                    (0, attr::IDLE_TIMEOUT, 600_u32.to_be_bytes().into()),
                    interim(300),
                ],
            ),
            (
                "rate",
                ServicePolicy { rate, ..policy() },
                vec![
                    interim(300),
                    (mikrotik::VENDOR, mikrotik::RATE_LIMIT, b"5M/10M".into()),
                ],
            ),
            (
                "list",
                ServicePolicy {
                    address_list: Some("suspended".into()),
                    ..policy()
                },
                vec![
                    interim(300),
                    (
                        mikrotik::VENDOR,
                        mikrotik::ADDRESS_LIST,
                        b"suspended".into(),
                    ),
                ],
            ),
            (
                "profile",
                ServicePolicy {
                    group: Some("gold".into()),
                    ..policy()
                },
                vec![
                    interim(300),
                    (mikrotik::VENDOR, mikrotik::GROUP, b"gold".into()),
                ],
            ),
        ];
        for (name, policy, expected) in table {
            assert_eq!(written(&policy), expected, "{name}");
        }
    }
}
