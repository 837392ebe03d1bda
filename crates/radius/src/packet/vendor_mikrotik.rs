//! MikroTik's attributes (enterprise 14988).
#![expect(missing_docs, reason = "the names are those of MikroTik's manual")]

pub const VENDOR: u32 = 14988;

pub const RECV_LIMIT: u8 = 1;
pub const XMIT_LIMIT: u8 = 2;
pub const GROUP: u8 = 3;
pub const RATE_LIMIT: u8 = 8;
pub const REALM: u8 = 9;
pub const HOST_IP: u8 = 10;
pub const MARK_ID: u8 = 11;
pub const ADVERTISE_URL: u8 = 12;
pub const ADVERTISE_INTERVAL: u8 = 13;
pub const RECV_LIMIT_GIGAWORDS: u8 = 14;
pub const XMIT_LIMIT_GIGAWORDS: u8 = 15;
pub const TOTAL_LIMIT: u8 = 17;
pub const TOTAL_LIMIT_GIGAWORDS: u8 = 18;
pub const ADDRESS_LIST: u8 = 19;
pub const DELEGATED_IPV6_POOL: u8 = 22;
