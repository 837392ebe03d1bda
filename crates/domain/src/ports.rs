//! Traits at foreign boundaries that are not the network's (those are in [`crate::network`]).

use std::{future::Future, pin::Pin, time::Duration};

/// The answer of a port, boxed so that ports are objects.
pub type PortFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The shared store is away.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the shared store does not answer: {0}")]
pub struct StoreUnavailable(pub String);

/// Whether one more call fits into a rate limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateDecision {
    /// Whether it may go on.
    pub allowed: bool,
    /// How many calls fit into a window.
    pub limit: u32,
    /// How many are left in this window.
    pub remaining: u32,
    /// When asking again makes sense.
    pub retry_after: Duration,
}

/// What all processes of an installation share and may lose: cache, rate limits, revocations.
///
/// One process keeps it in memory; several keep it in Redis.
pub trait SharedStore: Send + Sync {
    /// Reads a cached value.
    fn get<'a>(&'a self, key: &'a str)
    -> PortFuture<'a, Result<Option<Vec<u8>>, StoreUnavailable>>;
    /// Caches a value for a while.
    fn put<'a>(
        &'a self,
        key: &'a str,
        value: Vec<u8>,
        ttl: Duration,
    ) -> PortFuture<'a, Result<(), StoreUnavailable>>;
    /// Forgets a value.
    fn remove<'a>(&'a self, key: &'a str) -> PortFuture<'a, Result<(), StoreUnavailable>>;
    /// Counts a call against `limit` per `window`.
    fn take<'a>(
        &'a self,
        key: &'a str,
        limit: u32,
        window: Duration,
    ) -> PortFuture<'a, Result<RateDecision, StoreUnavailable>>;
    /// Takes back a call that need not have been counted.
    fn give_back<'a>(&'a self, key: &'a str) -> PortFuture<'a, Result<(), StoreUnavailable>>;
    /// Whether the store answers at all.
    fn ping(&self) -> PortFuture<'_, Result<(), StoreUnavailable>>;
}
