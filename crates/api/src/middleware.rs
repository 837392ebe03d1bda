//! What happens around every request.

pub(crate) mod access_log;
pub(crate) mod rate_headers;
pub(crate) mod request_id;
pub(crate) mod security_headers;
