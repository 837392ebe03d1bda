//! CHAP (RFC 1994, RFC 2865 §5.3).

use md5::{Digest, Md5};
use subtle::ConstantTimeEq;

/// MD5(identifier ‖ password ‖ challenge); the challenge may have any length.
#[must_use]
pub fn response(identifier: u8, password: &[u8], challenge: &[u8]) -> [u8; 16] {
    Md5::new()
        .chain_update([identifier])
        .chain_update(password)
        .chain_update(challenge)
        .finalize()
        .into()
}

/// Whether the response proves the password.
#[must_use]
pub fn is_proof(identifier: u8, response: &[u8; 16], password: &[u8], challenge: &[u8]) -> bool {
    self::response(identifier, password, challenge)
        .ct_eq(response)
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proves_the_password_for_challenges_of_any_length() {
        for challenge in [&[7_u8; 16][..], &[7; 19], &[7; 21], &[]] {
            let proof = response(3, b"secret1", challenge);
            assert!(is_proof(3, &proof, b"secret1", challenge));
            assert!(!is_proof(4, &proof, b"secret1", challenge));
            assert!(!is_proof(3, &proof, b"secret2", challenge));
        }
    }
}
