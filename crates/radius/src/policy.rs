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

    fn with(change: impl FnOnce(&mut ServicePolicy)) -> Written {
        let mut policy = policy();
        change(&mut policy);
        written(&policy)
    }

    fn interim(seconds: u32) -> (u32, u8, Vec<u8>) {
        (0, attr::ACCT_INTERIM_INTERVAL, seconds.to_be_bytes().into())
    }

    fn vendor(kind: u8, text: &str) -> (u32, u8, Vec<u8>) {
        (mikrotik::VENDOR, kind, text.as_bytes().into())
    }

    #[test]
    fn address_or_pool() {
        let address = (0, attr::FRAMED_IP_ADDRESS, vec![100, 64, 7, 7]);
        let pool = (0, attr::FRAMED_POOL, b"p1".to_vec());
        assert_eq!(with(|_| {}), [interim(300)]);
        assert_eq!(
            with(|policy| policy.pool = Some("p1".into())),
            [pool, interim(300)]
        );
        let both = with(|policy| {
            policy.framed_ip = Some(Ipv4Addr::new(100, 64, 7, 7));
            policy.pool = Some("p1".into());
        });
        assert_eq!(both, [address, interim(300)]);
    }

    #[test]
    fn times() {
        let session = (0, attr::SESSION_TIMEOUT, 3600_u32.to_be_bytes().into());
        let idle = (0, attr::IDLE_TIMEOUT, 600_u32.to_be_bytes().into());
        let timeouts = with(|policy| {
            policy.session_timeout = Some(3600);
            policy.idle_timeout = Some(600);
        });
        assert_eq!(timeouts, [session, idle, interim(300)]);
        assert_eq!(with(|policy| policy.interim_seconds = 10), [interim(60)]);
    }

    #[test]
    fn what_only_routeros_knows() {
        let rate = RateLimit::new(5000, 10_000);
        let table = [
            (
                with(|policy| policy.rate = Some(rate)),
                vendor(mikrotik::RATE_LIMIT, "5M/10M"),
            ),
            (
                with(|policy| policy.address_list = Some("suspended".into())),
                vendor(mikrotik::ADDRESS_LIST, "suspended"),
            ),
            (
                with(|policy| policy.group = Some("gold".into())),
                vendor(mikrotik::GROUP, "gold"),
            ),
        ];
        for (written, expected) in table {
            assert_eq!(written, [interim(300), expected]);
        }
    }
}
