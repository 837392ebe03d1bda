//! MS-CHAPv1 (RFC 2433) and MS-CHAPv2 (RFC 2759).
//!
//! The LAN Manager response and changing passwords are deliberately not here.

use des::Des;
use des::cipher::{BlockCipherEncrypt, KeyInit};
use md4::Md4;
use sha1::{Digest, Sha1};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

const SERVER_MAGIC: &[u8] = b"Magic server to client signing constant";
const PAD_MAGIC: &[u8] = b"Pad to make it do more than one iteration";

/// MD4 over the password in UTF-16.
#[must_use]
pub fn nt_password_hash(password: &[u8]) -> Zeroizing<[u8; 16]> {
    let mut wide = Zeroizing::new(Vec::with_capacity(password.len() * 2));
    for unit in String::from_utf8_lossy(password).encode_utf16() {
        wide.extend_from_slice(&unit.to_le_bytes());
    }
    Zeroizing::new(Md4::digest(wide.as_slice()).into())
}

/// MD4 over the hash of the password.
#[must_use]
pub fn hash_of_hash(nt_hash: &[u8; 16]) -> Zeroizing<[u8; 16]> {
    Zeroizing::new(Md4::digest(nt_hash).into())
}

/// RFC 2759 §8.2: the eight bytes both sides of an MS-CHAPv2 exchange encrypt.
#[must_use]
pub fn challenge_hash(
    peer_challenge: &[u8; 16],
    authenticator_challenge: &[u8; 16],
    username: &[u8],
) -> [u8; 8] {
    let digest = Sha1::new()
        .chain_update(peer_challenge)
        .chain_update(authenticator_challenge)
        .chain_update(username)
        .finalize();
    let [a, b, c, d, e, f, g, h, ..] = <[u8; 20]>::from(digest);
    [a, b, c, d, e, f, g, h]
}

/// RFC 2433 §A.5: the challenge encrypted under the three thirds of the padded hash.
#[must_use]
pub fn challenge_response(challenge: &[u8; 8], nt_hash: &[u8; 16]) -> [u8; 24] {
    let mut padded = Zeroizing::new([0_u8; 21]);
    for (to, from) in padded.iter_mut().zip(nt_hash) {
        *to = *from;
    }
    let mut response = [0; 24];
    for (block, key) in response.chunks_exact_mut(8).zip(padded.chunks_exact(7)) {
        block.copy_from_slice(&des_encrypt(challenge, key));
    }
    response
}

/// The NT response of MS-CHAPv2 (RFC 2759 §8.1).
#[must_use]
pub fn nt_response(
    authenticator_challenge: &[u8; 16],
    peer_challenge: &[u8; 16],
    username: &[u8],
    nt_hash: &[u8; 16],
) -> [u8; 24] {
    let challenge = challenge_hash(peer_challenge, authenticator_challenge, username);
    challenge_response(&challenge, nt_hash)
}

/// Whether two responses are equal, in constant time.
#[must_use]
pub fn is_same(left: &[u8; 24], right: &[u8; 24]) -> bool {
    left.ct_eq(right).into()
}

/// The `S=` text by which the server proves that it knows the password too (RFC 2759 §8.7).
#[must_use]
pub fn authenticator_response(
    nt_hash: &[u8; 16],
    nt_response: &[u8; 24],
    challenge_hash: &[u8; 8],
) -> String {
    let digest = Sha1::new()
        .chain_update(hash_of_hash(nt_hash).as_slice())
        .chain_update(nt_response)
        .chain_update(SERVER_MAGIC)
        .finalize();
    let digest = Sha1::new()
        .chain_update(digest)
        .chain_update(challenge_hash)
        .chain_update(PAD_MAGIC)
        .finalize();
    let mut text = String::with_capacity(42);
    text.push_str("S=");
    push_hex(&mut text, &digest);
    text
}

/// Appends bytes as upper-case hexadecimal digits.
pub(crate) fn push_hex(text: &mut String, bytes: &[u8]) {
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] {
            let digit = char::from_digit(digit.into(), 16).expect("a nibble is a digit");
            text.push(digit.to_ascii_uppercase());
        }
    }
}

/// DES under a 56-bit key that is spread over eight bytes; parity is ignored.
fn des_encrypt(clear: &[u8; 8], key: &[u8]) -> [u8; 8] {
    let bits = key
        .iter()
        .fold(0_u64, |bits, byte| (bits << 8) | u64::from(*byte));
    let mut spread = Zeroizing::new([0_u8; 8]);
    for (index, byte) in (0_u32..).zip(spread.iter_mut()) {
        let [.., seven] = ((bits >> (49 - 7 * index)) & 0x7f).to_be_bytes();
        *byte = seven << 1;
    }
    let cipher = Des::new_from_slice(spread.as_slice()).expect("a DES key has eight bytes");
    let mut block = (*clear).into();
    cipher.encrypt_block(&mut block);
    block.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes<const N: usize>(text: &str) -> [u8; N] {
        hex::decode(text)
            .expect("hex")
            .try_into()
            .expect("as long as stated")
    }

    #[test]
    fn the_example_of_rfc_2759() {
        let authenticator_challenge = bytes("5b5d7c7d7b3f2f3e3c2c602132262628");
        let peer_challenge = bytes("21402324255e262a28295f2b3a337c7e");
        let hash = nt_password_hash(b"clientPass");
        assert_eq!(*hash, bytes("44ebba8d5312b8d611474411f56989ae"));
        assert_eq!(
            *hash_of_hash(&hash),
            bytes("41c00c584bd2d91c4017a2a12fa59f3f")
        );
        let challenge = challenge_hash(&peer_challenge, &authenticator_challenge, b"User");
        assert_eq!(challenge, bytes("d02e4386bce91226"));
        let response = nt_response(&authenticator_challenge, &peer_challenge, b"User", &hash);
        assert_eq!(
            response,
            bytes("82309ecd8d708b5ea08faa3981cd83544233114a3d85d6df")
        );
        assert_eq!(
            authenticator_response(&hash, &response, &challenge),
            "S=407A5589115FD0D6209F510FE9C04566932CDA56"
        );
    }

    #[test]
    fn the_example_of_rfc_2433() {
        // RFC 2433 §B.3: challenge 10 2D B5 DF 08 5D 30 41, password MyPw.
        let response = challenge_response(&bytes("102db5df085d3041"), &nt_password_hash(b"MyPw"));
        assert_eq!(
            response,
            bytes("4e9d3c8f9cfd385d5bf4d3246791956ca4c351ab409a3d61")
        );
    }

    #[test]
    fn the_session_key_of_mschapv1() {
        let key = hash_of_hash(&nt_password_hash(b"secret1"));
        assert_eq!(*key, bytes("2a10c22bd1a43a55f2a62cfe5609e677"));
    }
}
