//! How versions before 6.43 check a password without sending it.

use md5::{Digest as _, Md5};

/// The challenge of a router: sixteen bytes of its own choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Challenge(pub [u8; 16]);

impl Challenge {
    /// Reads the hexadecimal text of `=ret=`.
    pub fn from_hex(text: &[u8]) -> Option<Self> {
        let bytes = hex::decode(text).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// The text of `=ret=`.
    pub fn to_hex(self) -> String {
        hex::encode(self.0)
    }
}

/// The text of `=response=`: `00` and the MD5 of a zero byte, the password and the challenge.
pub fn challenge_response(challenge: Challenge, password: &[u8]) -> String {
    let mut hash = Md5::new();
    hash.update([0]);
    hash.update(password);
    hash.update(challenge.0);
    format!("00{}", hex::encode(hash.finalize()))
}
