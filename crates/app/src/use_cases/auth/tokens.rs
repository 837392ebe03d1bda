//! Random secrets that we hand out, and their digests, which is all that we keep.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::RngExt as _;
use sha2::{Digest as _, Sha256};

/// A secret of `bytes` random bytes, as text.
pub(in crate::use_cases) fn random_text(bytes: usize) -> String {
    let mut random = vec![0_u8; bytes];
    rand::rng().fill(random.as_mut_slice());
    URL_SAFE_NO_PAD.encode(random)
}

/// The digest under which a token is kept. Tokens are random, so a plain digest is enough.
#[must_use]
pub fn hash_token(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}
