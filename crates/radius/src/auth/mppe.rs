//! MPPE session keys (RFC 3079) and how they travel (RFC 2548 §2.4).

use sha1::{Digest, Sha1};
use zeroize::Zeroizing;

use crate::auth::mschap::hash_of_hash;
use crate::auth::pap::{mask, unmask};

const MASTER_MAGIC: &[u8] = b"This is the MPPE Master Key";
const CLIENT_SENDS: &[u8] = b"On the client side, this is the send key; \
on the server side, it is the receive key.";
const SERVER_SENDS: &[u8] = b"On the client side, this is the receive key; \
on the server side, it is the send key.";
const PAD_1: [u8; 40] = [0; 40];
const PAD_2: [u8; 40] = [0xf2; 40];

/// The 128-bit start keys of one session, named as the NAS sees them.
#[derive(Clone, PartialEq, Eq)]
pub struct MppeKeys {
    /// Encrypts what the NAS sends.
    pub send: Zeroizing<[u8; 16]>,
    /// Decrypts what the NAS receives.
    pub recv: Zeroizing<[u8; 16]>,
}

impl MppeKeys {
    /// Derives the keys of an MS-CHAPv2 login (RFC 3079 §3.4).
    #[must_use]
    pub fn derive(nt_hash: &[u8; 16], nt_response: &[u8; 24]) -> Self {
        let digest = Sha1::new()
            .chain_update(hash_of_hash(nt_hash).as_slice())
            .chain_update(nt_response)
            .chain_update(MASTER_MAGIC)
            .finalize();
        let master = Zeroizing::new(first_16(digest.into()));
        Self {
            send: start_key(&master, SERVER_SENDS),
            recv: start_key(&master, CLIENT_SENDS),
        }
    }
}

impl std::fmt::Debug for MppeKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MppeKeys(redacted)")
    }
}

fn start_key(master: &[u8; 16], magic: &[u8]) -> Zeroizing<[u8; 16]> {
    let digest = Sha1::new()
        .chain_update(master)
        .chain_update(PAD_1)
        .chain_update(magic)
        .chain_update(PAD_2)
        .finalize();
    Zeroizing::new(first_16(digest.into()))
}

fn first_16(digest: [u8; 20]) -> [u8; 16] {
    let mut first = [0; 16];
    for (to, from) in first.iter_mut().zip(digest) {
        *to = from;
    }
    first
}

/// Encrypts a key for MS-MPPE-Send-Key or -Recv-Key; salts must differ within a packet.
#[must_use]
pub fn seal_key(
    key: &[u8; 16],
    salt: u16,
    request_authenticator: &[u8; 16],
    secret: &[u8],
) -> Vec<u8> {
    let salt = (salt | 0x8000).to_be_bytes();
    let mut clear = Zeroizing::new([0_u8; 32]);
    for (to, from) in clear.iter_mut().zip([16].iter().chain(key)) {
        *to = *from;
    }
    let mut sealed = salt.to_vec();
    sealed.extend(mask(clear.as_slice(), request_authenticator, &salt, secret));
    sealed
}

/// Decrypts the value of MS-MPPE-Send-Key or -Recv-Key.
#[must_use]
pub fn open_key(
    sealed: &[u8],
    request_authenticator: &[u8; 16],
    secret: &[u8],
) -> Option<Zeroizing<[u8; 16]>> {
    let (salt, hidden) = sealed.split_first_chunk::<2>()?;
    let clear = Zeroizing::new(unmask(hidden, request_authenticator, salt, secret));
    let (16, rest) = clear.split_first()? else {
        return None;
    };
    rest.first_chunk::<16>().copied().map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::mschap::nt_password_hash;

    #[test]
    fn the_example_of_rfc_3079() {
        let response = hex::decode("82309ecd8d708b5ea08faa3981cd83544233114a3d85d6df")
            .expect("hex")
            .try_into()
            .expect("24 bytes");
        let keys = MppeKeys::derive(&nt_password_hash(b"clientPass"), &response);
        assert_eq!(hex::encode(*keys.send), "8b7cdc149b993a1ba118cb153f56dccb");
        assert_eq!(hex::encode(*keys.recv), "d5f0e9521e3ea9589645e86051c82226");
    }

    #[test]
    fn sealed_keys_open_with_the_right_secret_only() {
        let sealed = seal_key(&[5; 16], 1, &[9; 16], b"secret");
        assert_eq!(sealed.len(), 34);
        assert_eq!(sealed.first().map(|byte| byte & 0x80), Some(0x80));
        assert_eq!(
            open_key(&sealed, &[9; 16], b"secret"),
            Some(Zeroizing::new([5; 16]))
        );
        assert_ne!(
            open_key(&sealed, &[9; 16], b"other"),
            Some(Zeroizing::new([5; 16]))
        );
        assert_eq!(open_key(&[1], &[9; 16], b"secret"), None);
    }
}
