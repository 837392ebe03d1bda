//! Password checks: PAP, CHAP, MS-CHAPv1 and MS-CHAPv2, with the keys for MPPE.
//!
//! EAP is deliberately not here; it is refused.
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::string_slice))]

pub mod chap;
pub mod credentials;
pub mod mac;
pub mod mppe;
pub mod mschap;
pub mod pap;
pub mod pipeline;
