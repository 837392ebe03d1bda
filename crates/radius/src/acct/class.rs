//! The Class we put into an Access-Accept and find again in the accounting of the session.
//!
//! Text `ai:` + 32 hex digits (unique per login; FreeRADIUS keys its sessions by the same
//! prefix), then customer, wall, a fingerprint of what only a login can change, and a tag. The tag keeps a router of one provider from reporting
//! usage for a customer of another.

use domain::ids::{CustomerId, IspId};
use domain::network::live_step::fixed_part;
use domain::network::service_policy::{Access, ServicePolicy};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use subtle::ConstantTimeEq;
use uuid::Uuid;

/// The key of the tag; the same on every process that answers logins or takes accounting.
#[derive(Clone)]
pub struct ClassKey([u8; 32]);

impl ClassKey {
    /// Takes the bytes of the key.
    #[must_use]
    pub const fn new(key: [u8; 32]) -> Self {
        Self(key)
    }
}

impl std::fmt::Debug for ClassKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ClassKey(redacted)")
    }
}

/// What a Class of ours says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionClass {
    /// Unique per login.
    pub nonce: u128,
    /// The customer who was let in.
    pub customer_id: CustomerId,
    /// How far.
    pub access: Access,
    /// Fingerprint of what only a login can change; absent in a Class of an older version.
    pub fixed: Option<u32>,
}

impl SessionClass {
    /// The Class for a login that was accepted just now.
    #[must_use]
    pub fn fresh(policy: &ServicePolicy) -> Self {
        Self {
            nonce: rand::random(),
            customer_id: policy.customer_id,
            access: policy.access,
            fixed: Some(fixed_part(policy)),
        }
    }

    /// The value of the attribute.
    #[must_use]
    pub fn encode(&self, key: &ClassKey, isp_id: IspId) -> String {
        let marked = format!(
            "ai:{:032x}:{:032x}:{}{}",
            self.nonce,
            self.customer_id.as_uuid().as_u128(),
            mark(self.access),
            self.fixed
                .map_or_else(String::new, |fixed| format!(":{fixed:08x}")),
        );
        let tag = tag(key, isp_id, &marked);
        format!("{marked}:{tag:016x}")
    }

    /// Reads a value back; `None` when it is not ours or was made for another provider.
    #[must_use]
    pub fn decode(value: &[u8], key: &ClassKey, isp_id: IspId) -> Option<Self> {
        let text = std::str::from_utf8(value).ok()?;
        let (marked, given) = text.rsplit_once(':')?;
        let given = u64::from_str_radix(given, 16).ok()?;
        let expected = tag(key, isp_id, marked);
        if !bool::from(expected.ct_eq(&given)) {
            return None;
        }
        let mut parts = marked.strip_prefix("ai:")?.split(':');
        let mut number = || u128::from_str_radix(parts.next()?, 16).ok();
        let (nonce, customer) = (number()?, number()?);
        let access = match parts.next()? {
            "o" => Access::Open,
            "w" => Access::Walled,
            _ => return None,
        };
        let fixed = parts.next().map(|part| u32::from_str_radix(part, 16));
        Some(Self {
            nonce,
            customer_id: CustomerId::from_uuid(Uuid::from_u128(customer)),
            access,
            fixed: fixed.transpose().ok()?,
        })
    }
}

const fn mark(access: Access) -> char {
    match access {
        Access::Open => 'o',
        Access::Walled => 'w',
    }
}

fn tag(key: &ClassKey, isp_id: IspId, marked: &str) -> u64 {
    let mut hmac = Hmac::<Sha1>::new_from_slice(&key.0).expect("HMAC takes keys of any length");
    hmac.update(isp_id.as_uuid().as_bytes());
    hmac.update(marked.as_bytes());
    let [a, b, c, d, e, f, g, h, ..] = <[u8; 20]>::from(hmac.finalize().into_bytes());
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comes_back_only_for_the_same_provider_and_key() {
        let (key, isp_id) = (ClassKey::new([1; 32]), IspId::generate());
        for access in [Access::Open, Access::Walled] {
            let policy = ServicePolicy {
                access,
                ..ServicePolicy::open(CustomerId::generate(), 300)
            };
            let class = SessionClass::fresh(&policy);
            let text = class.encode(&key, isp_id);
            assert!(text.starts_with("ai:") && text.len() == 96, "{text}");
            let fixed = domain::network::live_step::fixed_part_of_class(text.as_bytes());
            assert_eq!(fixed, class.fixed);
            let older = SessionClass {
                fixed: None,
                ..class
            };
            let text_before = older.encode(&key, isp_id);
            assert_eq!(
                SessionClass::decode(text_before.as_bytes(), &key, isp_id),
                Some(older)
            );
            assert_eq!(
                SessionClass::decode(text.as_bytes(), &key, isp_id),
                Some(class)
            );
            let other_isp = IspId::generate();
            assert_eq!(SessionClass::decode(text.as_bytes(), &key, other_isp), None);
            let other_key = ClassKey::new([2; 32]);
            assert_eq!(
                SessionClass::decode(text.as_bytes(), &other_key, isp_id),
                None
            );
        }
    }

    #[test]
    fn foreign_values_are_not_ours() {
        let (key, isp_id) = (ClassKey::new([1; 32]), IspId::generate());
        for value in [
            &b""[..],
            b"ai:",
            b"\xff:0",
            b"whatever:00",
            b"ai:1:2:o:0000000000000000",
        ] {
            assert_eq!(SessionClass::decode(value, &key, isp_id), None);
        }
    }
}
