//! Hiding of User-Password (RFC 2865 §5.2), also used by MS-CHAP-MPPE-Keys.

use md5::{Digest, Md5};
use zeroize::Zeroizing;

const BLOCK: usize = 16;
/// The longest hidden password.
pub const MAX_HIDDEN_LEN: usize = 128;

/// Reveals a hidden password; `None` when its length is not a multiple of 16 up to 128.
///
/// With a wrong secret the result is garbage, which is why a wrong password and a wrong secret
/// look the same.
#[must_use]
pub fn reveal(
    hidden: &[u8],
    authenticator: &[u8; 16],
    secret: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    if hidden.is_empty() || hidden.len() > MAX_HIDDEN_LEN || !hidden.len().is_multiple_of(BLOCK) {
        return None;
    }
    let mut clear = Zeroizing::new(unmask(hidden, authenticator, &[], secret));
    while clear.last() == Some(&0) {
        clear.pop();
    }
    Some(clear)
}

/// Hides a password; what is beyond 128 bytes is cut.
#[must_use]
pub fn hide(password: &[u8], authenticator: &[u8; 16], secret: &[u8]) -> Vec<u8> {
    let length = password.len().min(MAX_HIDDEN_LEN);
    let mut padded = Zeroizing::new(password.get(..length).unwrap_or_default().to_vec());
    padded.resize(length.next_multiple_of(BLOCK).max(BLOCK), 0);
    mask(&padded, authenticator, &[], secret)
}

/// The XOR chain over whole blocks; `salt` joins the first block (RFC 2548 §2.4.2).
pub(crate) fn mask(clear: &[u8], authenticator: &[u8; 16], salt: &[u8], secret: &[u8]) -> Vec<u8> {
    let mut hidden = Vec::with_capacity(clear.len());
    let mut key = first_key(authenticator, salt, secret);
    for block in clear.chunks(BLOCK) {
        let start = hidden.len();
        hidden.extend(block.iter().zip(key).map(|(byte, key)| byte ^ key));
        key = next_key(hidden.get(start..).unwrap_or_default(), secret);
    }
    hidden
}

/// The inverse of [`mask`].
pub(crate) fn unmask(
    hidden: &[u8],
    authenticator: &[u8; 16],
    salt: &[u8],
    secret: &[u8],
) -> Vec<u8> {
    let mut clear = Vec::with_capacity(hidden.len());
    let mut key = first_key(authenticator, salt, secret);
    for block in hidden.chunks(BLOCK) {
        clear.extend(block.iter().zip(key).map(|(byte, key)| byte ^ key));
        key = next_key(block, secret);
    }
    clear
}

fn first_key(authenticator: &[u8; 16], salt: &[u8], secret: &[u8]) -> [u8; 16] {
    Md5::new()
        .chain_update(secret)
        .chain_update(authenticator)
        .chain_update(salt)
        .finalize()
        .into()
}

fn next_key(block: &[u8], secret: &[u8]) -> [u8; 16] {
    Md5::new()
        .chain_update(secret)
        .chain_update(block)
        .finalize()
        .into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_example_of_rfc_2865() {
        // RFC 2865 §7.1: user nemo, password arctangent, secret xyzzy5461.
        let authenticator = hex::decode("0f403f9473978057bd83d5cb98f4227a").expect("hex");
        let authenticator = authenticator.try_into().expect("16 bytes");
        let hidden = hex::decode("0dbe708d93d413ce3196e43f782a0aee").expect("hex");
        assert_eq!(hide(b"arctangent", &authenticator, b"xyzzy5461"), hidden);
        let clear = reveal(&hidden, &authenticator, b"xyzzy5461").expect("one block");
        assert_eq!(clear.as_slice(), b"arctangent");
    }

    #[test]
    fn odd_lengths_are_no_password() {
        for length in [0, 15, 17, 144] {
            assert!(
                reveal(&vec![0; length], &[0; 16], b"s").is_none(),
                "{length}"
            );
        }
    }

    proptest! {
        #[test]
        fn hidden_passwords_are_revealed(
            password in proptest::collection::vec(1u8..=255, 0..=128), authenticator: [u8; 16],
        ) {
            let hidden = hide(&password, &authenticator, b"secret");
            prop_assert_eq!(hidden.len() % 16, 0);
            let clear = reveal(&hidden, &authenticator, b"secret").expect("whole blocks");
            prop_assert_eq!(clear.as_slice(), password.as_slice());
        }
    }
}
