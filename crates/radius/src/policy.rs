//! From an Access-Request to what the login decision asks of it, and from a [`ServicePolicy`] to the
//! attributes of an Access-Accept.

use domain::ids::NasId;
use domain::network::access::{LoginFacts, QuotaLeft, ServiceKind};
use domain::network::service_policy::{Ipv6Policy, LimitsLeft, ServicePolicy};
use ipnet::Ipv6Net;

use crate::packet::builder::PacketBuilder;
use crate::packet::codec::Packet;
use crate::packet::dictionary::{attr, ppp};
use crate::packet::vendor_mikrotik as mikrotik;

/// Routers raise anything shorter.
pub const MIN_INTERIM_SECONDS: u32 = 60;

/// What a request says of the login, besides who asks.
#[must_use]
pub fn login_facts(
    request: &Packet<'_>,
    nas_id: NasId,
    quota_left: Option<QuotaLeft>,
) -> LoginFacts {
    let station = request.attribute(attr::CALLING_STATION_ID);
    LoginFacts {
        quota_left,
        mac: station.and_then(|found| found.as_text().parse().ok()),
        nas_id: Some(nas_id),
        service: service_kind(request),
    }
}

/// A hotspot of RouterOS names the host's address and no framed protocol.
fn service_kind(request: &Packet<'_>) -> ServiceKind {
    let protocol = request
        .attribute(attr::FRAMED_PROTOCOL)
        .and_then(|found| found.as_u32());
    let names_host = request
        .vendor_attributes(mikrotik::VENDOR)
        .any(|found| found.kind == mikrotik::HOST_IP);
    if names_host && protocol != Some(ppp::FRAMED_PROTOCOL_PPP) {
        ServiceKind::Hotspot
    } else {
        ServiceKind::Ppp
    }
}

/// Adds the attributes of a policy; pure, so that a table can test it.
pub fn write_policy(answer: &mut PacketBuilder, policy: &ServicePolicy) {
    if let Some(address) = policy.framed_ip {
        answer.ipv4(attr::FRAMED_IP_ADDRESS, address);
    } else if let Some(pool) = &policy.pool {
        // Never both: RouterOS ignores the pool when an address is there.
        answer.text(attr::FRAMED_POOL, pool);
    }
    write_ipv6(answer, &policy.ipv6);
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
    write_limits(answer, policy.limits_left);
}

fn write_ipv6(answer: &mut PacketBuilder, ipv6: &Ipv6Policy) {
    if let Some(prefix) = ipv6.prefix {
        write_prefix(answer, attr::FRAMED_IPV6_PREFIX, prefix);
    }
    if let Some(pool) = &ipv6.pool {
        answer.text(attr::FRAMED_IPV6_POOL, pool);
    }
    if let Some(prefix) = ipv6.delegated_prefix {
        write_prefix(answer, attr::DELEGATED_IPV6_PREFIX, prefix);
    }
    if let Some(pool) = &ipv6.delegated_pool {
        // RouterOS had its own number before there was one of RFC 6911.
        answer.text(attr::DELEGATED_IPV6_PREFIX_POOL, pool);
        answer.vendor(
            mikrotik::VENDOR,
            mikrotik::DELEGATED_IPV6_POOL,
            pool.as_bytes(),
        );
    }
}

/// A prefix as RFC 3162 §2.3 and RFC 4818 §3 lay it out: reserved, length, and the bytes that the
/// length covers.
fn write_prefix(answer: &mut PacketBuilder, kind: u8, prefix: Ipv6Net) {
    let length = prefix.prefix_len();
    let octets = prefix.trunc().addr().octets();
    let covered = octets.into_iter().take(usize::from(length.div_ceil(8)));
    let value: Vec<u8> = [0, length].into_iter().chain(covered).collect();
    answer.attribute(kind, &value);
}

/// Bytes after which the router ends the session; receiving is what the customer uploads.
pub(crate) fn write_limits(answer: &mut PacketBuilder, left: LimitsLeft) {
    let limits = [
        (
            left.total,
            mikrotik::TOTAL_LIMIT,
            mikrotik::TOTAL_LIMIT_GIGAWORDS,
        ),
        (
            left.upload,
            mikrotik::RECV_LIMIT,
            mikrotik::RECV_LIMIT_GIGAWORDS,
        ),
        (
            left.download,
            mikrotik::XMIT_LIMIT,
            mikrotik::XMIT_LIMIT_GIGAWORDS,
        ),
    ];
    for (octets, low, gigawords) in limits {
        let Some(octets) = octets else { continue };
        let [high, rest] = [octets >> 32, octets & u64::from(u32::MAX)]
            .map(|half| u32::try_from(half).expect("invariant: half of 64 bits"));
        answer.vendor_u32(mikrotik::VENDOR, low, rest);
        if high > 0 {
            answer.vendor_u32(mikrotik::VENDOR, gigawords, high);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use domain::ids::CustomerId;
    use domain::network::rate_limit::{Burst, RateLimit};

    use super::*;
    use crate::packet::codec::{Code, Packet};

    fn policy() -> ServicePolicy {
        ServicePolicy::open(CustomerId::generate(), 300)
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
    fn ipv6_prefixes_and_pools() {
        let prefix = |text: &str| Some(text.parse().expect("a prefix"));
        let link = with(|policy| policy.ipv6.prefix = prefix("2001:db8:1:2::/64"));
        let bytes = vec![0, 64, 0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 2];
        assert_eq!(link, [(0, 97, bytes), interim(300)]);
        let delegated = with(|policy| policy.ipv6.delegated_prefix = prefix("2001:db8:ff12::/44"));
        // 44 bits take six bytes, and what lies behind them is zero.
        let bytes = vec![0, 44, 0x20, 0x01, 0x0d, 0xb8, 0xff, 0x10];
        assert_eq!(delegated, [(0, 123, bytes), interim(300)]);
        let pool = with(|policy| policy.ipv6.pool = Some("link6".into()));
        assert_eq!(pool, [(0, 100, b"link6".to_vec()), interim(300)]);
        let home = with(|policy| policy.ipv6.delegated_pool = Some("home6".into()));
        let standard = (0, 171, b"home6".to_vec());
        assert_eq!(home, [standard, interim(300), vendor(22, "home6")]);
    }

    #[test]
    fn limits_left_carry_gigawords_beyond_four_gigabytes() {
        let number = |kind: u8, value: u32| (mikrotik::VENDOR, kind, value.to_be_bytes().into());
        let left = |limits_left: LimitsLeft| with(|policy| policy.limits_left = limits_left);
        let none = LimitsLeft::default();
        let table = [
            (
                LimitsLeft {
                    total: Some(1),
                    ..none
                },
                vec![number(17, 1)],
            ),
            (
                LimitsLeft {
                    total: Some(5_000_000_000),
                    ..none
                },
                vec![number(17, 705_032_704), number(18, 1)],
            ),
            (
                LimitsLeft {
                    upload: Some(u64::from(u32::MAX)),
                    ..none
                },
                vec![number(1, u32::MAX)],
            ),
            (
                LimitsLeft {
                    upload: Some(1 << 33),
                    ..none
                },
                vec![number(1, 0), number(14, 2)],
            ),
            (
                LimitsLeft {
                    download: Some(u64::MAX),
                    ..none
                },
                vec![number(2, u32::MAX), number(15, u32::MAX)],
            ),
        ];
        for (limits_left, expected) in table {
            let mut all = vec![interim(300)];
            all.extend(expected);
            assert_eq!(left(limits_left), all, "{limits_left:?}");
        }
    }

    #[test]
    fn bursts_are_written_in_k_and_m() {
        let burst = Burst {
            up_kbps: 8000,
            down_kbps: 16_000,
            threshold_up_kbps: 4500,
            threshold_down_kbps: 8000,
            seconds: 10,
        };
        let rate = RateLimit::new(5000, 10_000).with_burst(burst);
        let written = with(|policy| policy.rate = Some(rate));
        let text = vendor(mikrotik::RATE_LIMIT, "5M/10M 8M/16M 4500k/8M 10/10");
        assert_eq!(written, [interim(300), text]);
    }

    #[test]
    fn a_request_tells_device_and_service() {
        let nas_id = NasId::generate();
        let facts = |write: fn(&mut PacketBuilder)| {
            let mut request = PacketBuilder::new(Code::AccessRequest, 1);
            write(&mut request);
            let bytes = request
                .finish_with_authenticator(&[1; 16], b"secret")
                .expect("it fits");
            login_facts(&Packet::parse(&bytes).expect("valid"), nas_id, None)
        };
        let pppoe = facts(|request| {
            request.u32(attr::FRAMED_PROTOCOL, ppp::FRAMED_PROTOCOL_PPP);
            request.text(attr::CALLING_STATION_ID, "AA:BB:CC:00:11:2F");
        });
        assert_eq!(pppoe.service, ServiceKind::Ppp);
        assert_eq!(pppoe.mac, "aabb.cc00.112f".parse().ok());
        assert_eq!(pppoe.nas_id, Some(nas_id));
        let hotspot = facts(|request| {
            request.vendor(mikrotik::VENDOR, mikrotik::HOST_IP, &[10, 5, 50, 2]);
        });
        assert_eq!((hotspot.service, hotspot.mac), (ServiceKind::Hotspot, None));
        let tunnel = facts(|request| {
            request.u32(attr::FRAMED_PROTOCOL, ppp::FRAMED_PROTOCOL_PPP);
            request.text(attr::CALLING_STATION_ID, "203.0.113.9");
        });
        assert_eq!((tunnel.service, tunnel.mac), (ServiceKind::Ppp, None));
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
