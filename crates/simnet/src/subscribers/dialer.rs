//! A login: the Access-Request as a RouterOS PPPoE server sends it, and what the answer grants.

use std::net::Ipv4Addr;
use std::time::Duration;

use domain::network::rate_limit::RateLimit;
use radius::client::{Login, LoginMethod, SentRequest, access_request};
use radius::packet::builder::{BuildError, PacketBuilder};
use radius::packet::codec::{Code, Packet};
use radius::packet::dictionary::{attr, ppp};
use radius::packet::vendor_mikrotik as mikrotik;

use crate::nas::Identifiers;
use crate::nas::settings::Remote;
use crate::subscribers::{Method, Service, SubscriberConfig};

/// A login about to be sent.
pub(crate) struct Dial<'a> {
    pub(crate) subscriber: &'a SubscriberConfig,
    pub(crate) calling_station: &'a str,
    pub(crate) session_id: &'a str,
    pub(crate) port: u32,
    /// The address that a hotspot's host has before anybody logs in on it.
    pub(crate) host: Option<Ipv4Addr>,
    pub(crate) nas: &'a Identifiers,
    pub(crate) secret: &'a [u8],
}

/// What an Access-Accept, or a user of the router's own, allows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Grant {
    /// The profile that adds what is not said here.
    pub(crate) group: Option<String>,
    pub(crate) remote: Option<Remote>,
    pub(crate) rate: Option<RateLimit>,
    pub(crate) address_list: Option<String>,
    pub(crate) session_timeout: Option<Duration>,
    pub(crate) idle_timeout: Option<Duration>,
    pub(crate) limits: Limits,
    pub(crate) interim: Option<Duration>,
    pub(crate) class: Vec<Vec<u8>>,
}

/// Bytes after which a session ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Limits {
    pub(crate) upload: Option<u64>,
    pub(crate) download: Option<u64>,
    pub(crate) total: Option<u64>,
}

/// What an answer means.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Accepted(Grant),
    Rejected(Option<String>),
    /// The server did not prove that it knows the password: the subscriber hangs up.
    Unproven,
}

impl Dial<'_> {
    /// Builds the request with a fresh authenticator.
    pub(crate) fn request(&self, id: u8) -> Result<SentRequest, BuildError> {
        let login = Login {
            username: &self.subscriber.username,
            password: self.subscriber.password.as_bytes(),
            method: self.subscriber.proof().into(),
        };
        access_request(id, self.secret, login, |packet| {
            describe(packet, self.subscriber.service);
            packet
                .u32(attr::NAS_PORT, self.port)
                .text(attr::CALLING_STATION_ID, self.calling_station)
                .text(attr::CALLED_STATION_ID, &self.nas.service)
                .text(attr::NAS_PORT_ID, &self.nas.interface)
                .text(attr::ACCT_SESSION_ID, self.session_id)
                .text(attr::NAS_IDENTIFIER, &self.nas.name);
            if let Some(address) = self.nas.address {
                packet.ipv4(attr::NAS_IP_ADDRESS, address);
            }
            if let Some(host) = self.host {
                packet.ipv4(attr::FRAMED_IP_ADDRESS, host).vendor(
                    mikrotik::VENDOR,
                    mikrotik::HOST_IP,
                    &host.octets(),
                );
            }
        })
    }
}

/// Says what kind of session it is, in logins and reports alike.
pub(crate) fn describe(packet: &mut PacketBuilder, service: Service) {
    match service {
        Service::Pppoe => packet
            .u32(attr::SERVICE_TYPE, ppp::SERVICE_TYPE_FRAMED)
            .u32(attr::FRAMED_PROTOCOL, ppp::FRAMED_PROTOCOL_PPP)
            .u32(attr::NAS_PORT_TYPE, ppp::NAS_PORT_TYPE_ETHERNET),
        Service::Hotspot => packet.u32(attr::NAS_PORT_TYPE, NAS_PORT_TYPE_WIRELESS),
    };
}

/// NAS-Port-Type: 802.11, which a hotspot says unless its profile says otherwise.
const NAS_PORT_TYPE_WIRELESS: u32 = 19;

impl From<Method> for LoginMethod {
    fn from(method: Method) -> Self {
        match method {
            Method::Pap => Self::Pap,
            Method::Chap => Self::Chap,
            Method::MsChapV1 => Self::MsChapV1,
            Method::MsChapV2 => Self::MsChapV2,
        }
    }
}

/// Reads a verified answer to a login.
pub(crate) fn read_answer(answer: &Packet<'_>, request: &SentRequest) -> Verdict {
    if answer.code() != Code::AccessAccept {
        let message = answer.attribute(attr::REPLY_MESSAGE);
        return Verdict::Rejected(message.map(|message| message.as_text().into_owned()));
    }
    if !request.server_is_proven(answer) {
        return Verdict::Unproven;
    }
    Verdict::Accepted(grant(answer))
}

fn grant(answer: &Packet<'_>) -> Grant {
    let vendor_text = |kind: u8| {
        let found = answer.vendor_attribute(mikrotik::VENDOR, kind)?;
        Some(found.as_text().into_owned())
    };
    let seconds = |kind: u8| {
        let seconds = answer.attribute(kind)?.as_u32()?;
        (seconds > 0).then(|| Duration::from_secs(seconds.into()))
    };
    let address = answer.attribute(attr::FRAMED_IP_ADDRESS);
    let address = address
        .and_then(|found| found.as_ipv4())
        .filter(is_assignable);
    let pool = answer.attribute(attr::FRAMED_POOL);
    let pool = pool.map(|pool| Remote::Pool(pool.as_text().into_owned()));
    Grant {
        group: vendor_text(mikrotik::GROUP),
        remote: address.map(Remote::Address).or(pool),
        rate: vendor_text(mikrotik::RATE_LIMIT).and_then(|rate| rate.parse().ok()),
        address_list: vendor_text(mikrotik::ADDRESS_LIST),
        session_timeout: seconds(attr::SESSION_TIMEOUT),
        idle_timeout: seconds(attr::IDLE_TIMEOUT),
        limits: limits(answer),
        interim: seconds(attr::ACCT_INTERIM_INTERVAL),
        class: answer
            .all(attr::CLASS)
            .map(|class| class.value.to_vec())
            .collect(),
    }
}

/// Recv is what the router receives: the upload.
pub(crate) fn limits(packet: &Packet<'_>) -> Limits {
    let number = |kind: u8| {
        packet
            .vendor_attribute(mikrotik::VENDOR, kind)
            .and_then(|found| found.as_u32())
    };
    let limit = |low: u8, high: u8| {
        let (low, high) = (number(low), number(high));
        let bytes = (u64::from(high.unwrap_or(0)) << 32) + u64::from(low.unwrap_or(0));
        (bytes > 0).then_some(bytes)
    };
    Limits {
        upload: limit(mikrotik::RECV_LIMIT, mikrotik::RECV_LIMIT_GIGAWORDS),
        download: limit(mikrotik::XMIT_LIMIT, mikrotik::XMIT_LIMIT_GIGAWORDS),
        total: limit(mikrotik::TOTAL_LIMIT, mikrotik::TOTAL_LIMIT_GIGAWORDS),
    }
}

/// RouterOS takes addresses in 127/8 and from 224/3 for "use the pool of the profile".
fn is_assignable(address: &Ipv4Addr) -> bool {
    let [first, ..] = address.octets();
    first != 127 && first < 224
}

/// Pause before the next try: doubled with every failure, up to a ceiling.
pub(crate) fn back_off(failures: u32, first: Duration, ceiling: Duration) -> Duration {
    let factor = 1_u32 << failures.saturating_sub(1).min(16);
    first.saturating_mul(factor).min(ceiling)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_ceiling() {
        let (first, ceiling) = (Duration::from_secs(5), Duration::from_secs(60));
        let pauses: Vec<u64> = (1..8)
            .map(|failures| back_off(failures, first, ceiling).as_secs())
            .collect();
        assert_eq!(pauses, [5, 10, 20, 40, 60, 60, 60]);
    }

    #[test]
    fn some_addresses_mean_the_pool() {
        assert!(is_assignable(&Ipv4Addr::new(100, 64, 0, 1)));
        assert!(!is_assignable(&Ipv4Addr::new(255, 255, 255, 254)));
        assert!(!is_assignable(&Ipv4Addr::new(127, 0, 0, 1)));
    }
}
