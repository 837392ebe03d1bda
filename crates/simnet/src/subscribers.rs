//! The people on the lines: how they log in and what they do once online.

pub(crate) mod dialer;
pub(crate) mod session;
pub(crate) mod storm;
pub(crate) mod traffic;

use std::fmt;

use mikrotik::ppp_secret::PppSecret;
use serde::{Deserialize, Serialize};

/// How a subscriber proves the password.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// The password, hidden under the shared secret.
    #[default]
    Pap,
    /// MD5 over a challenge (RFC 1994).
    Chap,
    /// Microsoft's first version (RFC 2433).
    MsChapV1,
    /// Microsoft's mutual proof (RFC 2759).
    MsChapV2,
}

impl Method {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Pap, Self::Chap, Self::MsChapV1, Self::MsChapV2];
}

/// What a subscriber dials in to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// A PPPoE server.
    #[default]
    Pppoe,
    /// A hotspot's login page, which knows PAP and CHAP only.
    Hotspot,
}

/// One subscriber to simulate.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubscriberConfig {
    /// Name of the login.
    pub username: String,
    /// Password of the login.
    pub password: String,
    /// How the password is proven.
    #[serde(default)]
    pub method: Method,
    /// Address of the subscriber's router; made from the name when absent.
    #[serde(default)]
    pub mac: Option<String>,
    /// Name of the NAS the line ends at; any when absent.
    #[serde(default)]
    pub nas: Option<String>,
    /// What it dials in to.
    #[serde(default)]
    pub service: Service,
    /// Name of the line, where two subscribers use one login; the login's otherwise.
    #[serde(default)]
    pub line: Option<String>,
    /// Whether it moves no bytes at all.
    #[serde(default)]
    pub quiet: bool,
}

impl SubscriberConfig {
    /// A subscriber without further wishes.
    pub fn new(username: &str, password: &str, method: Method) -> Self {
        Self {
            username: username.to_owned(),
            password: password.to_owned(),
            method,
            mac: None,
            nas: None,
            service: Service::Pppoe,
            line: None,
            quiet: false,
        }
    }

    /// How the password is proven where the line ends: a hotspot has no MS-CHAP.
    pub fn proof(&self) -> Method {
        match (self.service, self.method) {
            (Service::Hotspot, Method::MsChapV1 | Method::MsChapV2) => Method::Chap,
            (_, method) => method,
        }
    }

    /// The name of the line.
    pub fn line(&self) -> &str {
        self.line.as_deref().unwrap_or(&self.username)
    }

    /// The subscriber behind a PPP secret; none when it cannot dial in by PPPoE.
    pub fn from_secret(secret: &PppSecret, method: Method) -> Option<Self> {
        if secret.disabled || !secret.serves_pppoe() {
            return None;
        }
        let subscriber = Self::new(&secret.name, secret.password.as_deref()?, method);
        Some(Self {
            mac: secret.caller_id.clone(),
            ..subscriber
        })
    }

    /// The address of the subscriber's router as RouterOS writes it.
    pub fn calling_station(&self) -> String {
        if let Some(mac) = &self.mac {
            return mac.to_ascii_uppercase();
        }
        let [_, _, _, a, b, c, d, e] = fingerprint(self.line().as_bytes()).to_be_bytes();
        // 02: an address that no manufacturer gave out.
        format!("02:{a:02X}:{b:02X}:{c:02X}:{d:02X}:{e:02X}")
    }
}

/// Leaves the password out.
impl fmt::Debug for SubscriberConfig {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SubscriberConfig")
            .field("username", &self.username)
            .field("method", &self.method)
            .field("nas", &self.nas)
            .finish_non_exhaustive()
    }
}

/// FNV-1a: the same name behaves the same in every run.
pub(crate) fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_stable_and_differ() {
        let rahim = SubscriberConfig::new("rahim", "x", Method::Pap);
        let karim = SubscriberConfig::new("karim", "x", Method::Pap);
        assert_eq!(rahim.calling_station(), rahim.calling_station());
        assert_ne!(rahim.calling_station(), karim.calling_station());
        assert_eq!(rahim.calling_station().len(), 17);
    }

    #[test]
    fn secrets_become_subscribers() {
        let export = b"/ppp secret\nadd name=a password=1 caller-id=aa:bb:cc:dd:ee:ff\n\
            add name=b password=1 disabled=yes\nadd name=c password=1 service=l2tp\nadd name=d\n";
        let export = mikrotik::export::parse(export);
        let subscribers = export.secrets.iter();
        let subscribers: Vec<_> = subscribers
            .filter_map(|secret| SubscriberConfig::from_secret(secret, Method::Chap))
            .map(|subscriber| (subscriber.calling_station(), subscriber.username))
            .collect();
        assert_eq!(
            subscribers,
            [("AA:BB:CC:DD:EE:FF".to_owned(), "a".to_owned())]
        );
    }

    #[test]
    fn debug_hides_the_password() {
        let text = format!(
            "{:?}",
            SubscriberConfig::new("rahim", "geheim", Method::Chap)
        );
        assert!(text.contains("rahim") && !text.contains("geheim"));
    }
}
