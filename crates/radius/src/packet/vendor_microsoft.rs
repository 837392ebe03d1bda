//! Microsoft's attributes (enterprise 311, RFC 2548).
#![expect(missing_docs, reason = "the names are those of the RFC")]

pub const VENDOR: u32 = 311;

pub const CHAP_RESPONSE: u8 = 1;
pub const CHAP_ERROR: u8 = 2;
pub const MPPE_ENCRYPTION_POLICY: u8 = 7;
pub const MPPE_ENCRYPTION_TYPES: u8 = 8;
pub const CHAP_CHALLENGE: u8 = 11;
pub const CHAP_MPPE_KEYS: u8 = 12;
pub const MPPE_SEND_KEY: u8 = 16;
pub const MPPE_RECV_KEY: u8 = 17;
pub const CHAP2_RESPONSE: u8 = 25;
pub const CHAP2_SUCCESS: u8 = 26;

/// Encryption is allowed, not required.
pub const ENCRYPTION_ALLOWED: u32 = 1;
/// 40-bit and 128-bit keys may be used.
pub const ENCRYPTION_TYPES_40_AND_128: u32 = 6;
