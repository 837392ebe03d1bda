//! Secrets at rest: AES-256-GCM under a key from the configuration, whose id is kept with each
//! secret so that keys rotate.

use std::{collections::HashMap, fmt};

use aes_gcm::{
    Aes256Gcm, KeyInit as _,
    aead::{Aead as _, Payload},
};
use rand::RngExt as _;
use zeroize::Zeroizing;

const VERSION: u8 = 1;
const NONCE: usize = 12;
const HEADER: usize = 1 + 4;

/// The keys of an installation.
pub struct Keyring {
    current: u32,
    ciphers: HashMap<u32, Aes256Gcm>,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring")
            .field("current", &self.current)
            .finish_non_exhaustive()
    }
}

/// Why a secret cannot be sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// A key is not 32 bytes.
    #[error("a key has 32 bytes, written as 64 hexadecimal digits")]
    KeyLength,
    /// No key at all.
    #[error("at least one key is needed")]
    NoKey,
    /// Sealed under a key that is not configured.
    #[error("the key {0} that sealed this secret is not configured")]
    UnknownKey(u32),
    /// Not a sealed secret, or changed since.
    #[error("the sealed secret is damaged")]
    Damaged,
}

impl Keyring {
    /// Takes keys by id; the highest id seals, all of them open.
    pub fn new(keys: &[(u32, Zeroizing<Vec<u8>>)]) -> Result<Self, SecretError> {
        let current = keys
            .iter()
            .map(|(id, _)| *id)
            .max()
            .ok_or(SecretError::NoKey)?;
        let ciphers = keys
            .iter()
            .map(|(id, key)| {
                let cipher = Aes256Gcm::new_from_slice(key).map_err(|_| SecretError::KeyLength)?;
                Ok((*id, cipher))
            })
            .collect::<Result<_, SecretError>>()?;
        Ok(Self { current, ciphers })
    }

    /// Seals a secret for the database.
    pub fn seal(&self, secret: &[u8]) -> Result<Vec<u8>, SecretError> {
        let cipher = self.ciphers.get(&self.current).ok_or(SecretError::NoKey)?;
        let mut nonce = [0_u8; NONCE];
        rand::rng().fill(&mut nonce);
        let mut sealed = Vec::with_capacity(HEADER + NONCE + secret.len() + 16);
        sealed.push(VERSION);
        sealed.extend_from_slice(&self.current.to_be_bytes());
        let payload = Payload {
            msg: secret,
            aad: sealed.as_slice(),
        };
        let text = cipher
            .encrypt(&nonce.into(), payload)
            .map_err(|_| SecretError::Damaged)?;
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&text);
        Ok(sealed)
    }

    /// Opens a sealed secret.
    pub fn open(&self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SecretError> {
        let (header, rest) = sealed
            .split_at_checked(HEADER)
            .ok_or(SecretError::Damaged)?;
        let (nonce, text) = rest.split_at_checked(NONCE).ok_or(SecretError::Damaged)?;
        let [VERSION, a, b, c, d] = *header else {
            return Err(SecretError::Damaged);
        };
        let id = u32::from_be_bytes([a, b, c, d]);
        let cipher = self.ciphers.get(&id).ok_or(SecretError::UnknownKey(id))?;
        let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| SecretError::Damaged)?;
        cipher
            .decrypt(
                &nonce.into(),
                Payload {
                    msg: text,
                    aad: header,
                },
            )
            .map(Zeroizing::new)
            .map_err(|_| SecretError::Damaged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(ids: &[u32]) -> Keyring {
        let key = |id: u32| Zeroizing::new(vec![u8::try_from(id).unwrap(); 32]);
        Keyring::new(&ids.iter().map(|&id| (id, key(id))).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_and_what_was_changed_does_not() {
        let keyring = ring(&[1]);
        let sealed = keyring.seal(b"secret1").unwrap();
        assert_eq!(keyring.open(&sealed).unwrap().as_slice(), b"secret1");
        assert_ne!(
            sealed,
            keyring.seal(b"secret1").unwrap(),
            "each sealing has its own nonce"
        );
        for index in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[index] ^= 1;
            assert!(keyring.open(&changed).is_err(), "byte {index}");
        }
        assert_eq!(keyring.open(&sealed[..4]), Err(SecretError::Damaged));
    }

    #[test]
    fn a_rotated_key_still_opens_what_it_sealed() {
        let old = ring(&[1]).seal(b"secret1").unwrap();
        assert_eq!(ring(&[1, 2]).open(&old).unwrap().as_slice(), b"secret1");
        assert_eq!(ring(&[2]).open(&old), Err(SecretError::UnknownKey(1)));
    }
}
