//! What the HTTP side needs to know of its installation.

use std::{net::SocketAddr, path::PathBuf};

/// How many calls are let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimits {
    /// Calls per minute and person, on average over five minutes, so that bursts pass.
    pub api_per_minute: u32,
    /// Sign-in attempts per minute and account, and per minute and address.
    pub sign_in_per_minute: u32,
    /// Calls per minute and address where nobody is signed in.
    pub public_per_minute: u32,
}

impl Default for RateLimits {
    fn default() -> Self {
        Self {
            api_per_minute: 60,
            sign_in_per_minute: 5,
            public_per_minute: 30,
        }
    }
}

impl RateLimits {
    /// Limits that nobody reaches, for tests and measurements.
    pub const UNLIMITED: Self = Self {
        api_per_minute: 100_000_000,
        sign_in_per_minute: 100_000_000,
        public_per_minute: 100_000_000,
    };
}

/// The configuration of the HTTP side.
#[derive(Clone)]
pub struct ApiConfig {
    /// Where to listen; port 0 takes a free one.
    pub bind: SocketAddr,
    /// The key that access tokens are signed with, at least 32 bytes.
    pub token_secret: Vec<u8>,
    /// Whether the refresh cookie is for HTTPS only.
    pub secure_cookie: bool,
    /// Whether a proxy in front tells the caller's address in `X-Forwarded-For`.
    pub behind_proxy: bool,
    /// What Prometheus shows as its bearer token; without it only callers on this machine get the
    /// measurements.
    pub metrics_token: Option<String>,
    /// The built app; without it the one inside the binary is served.
    pub spa_dir: Option<PathBuf>,
    /// How many calls are let through.
    pub rates: RateLimits,
    /// How many worker threads; nothing means one per core.
    pub workers: Option<usize>,
}

impl ApiConfig {
    /// A configuration for that address and key; the rest has its usual values.
    #[must_use]
    pub fn new(bind: SocketAddr, token_secret: Vec<u8>) -> Self {
        Self {
            bind,
            token_secret,
            secure_cookie: false,
            behind_proxy: false,
            metrics_token: None,
            spa_dir: None,
            rates: RateLimits::default(),
            workers: None,
        }
    }
}
