//! The shared store of an installation that is one process.

use std::{
    fmt,
    time::{Duration, Instant},
};

use domain::ports::{PortFuture, RateDecision, SharedStore, StoreUnavailable};
use moka::{Expiry, future::Cache, ops::compute::Op};

/// Keeps everything in memory, bounded.
pub struct MemoryStore {
    values: Cache<String, Value>,
    windows: Cache<String, Window>,
}

#[derive(Clone)]
struct Value {
    bytes: Vec<u8>,
    ttl: Duration,
}

#[derive(Clone, Copy)]
struct Window {
    started: Instant,
    length: Duration,
    taken: u32,
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}

struct ByTtl;

impl Expiry<String, Value> for ByTtl {
    fn expire_after_create(&self, _: &String, value: &Value, _: Instant) -> Option<Duration> {
        Some(value.ttl)
    }

    fn expire_after_update(
        &self,
        _: &String,
        value: &Value,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(value.ttl)
    }
}

struct ByWindow;

impl Expiry<String, Window> for ByWindow {
    fn expire_after_create(&self, _: &String, window: &Window, _: Instant) -> Option<Duration> {
        Some(window.length)
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self {
            values: Cache::builder()
                .max_capacity(100_000)
                .expire_after(ByTtl)
                .build(),
            windows: Cache::builder()
                .max_capacity(100_000)
                .expire_after(ByWindow)
                .build(),
        }
    }
}

impl SharedStore for MemoryStore {
    fn get<'a>(
        &'a self,
        key: &'a str,
    ) -> PortFuture<'a, Result<Option<Vec<u8>>, StoreUnavailable>> {
        Box::pin(async move { Ok(self.values.get(key).await.map(|value| value.bytes)) })
    }

    fn put<'a>(
        &'a self,
        key: &'a str,
        value: Vec<u8>,
        ttl: Duration,
    ) -> PortFuture<'a, Result<(), StoreUnavailable>> {
        Box::pin(async move {
            self.values
                .insert(key.to_owned(), Value { bytes: value, ttl })
                .await;
            Ok(())
        })
    }

    fn remove<'a>(&'a self, key: &'a str) -> PortFuture<'a, Result<(), StoreUnavailable>> {
        Box::pin(async move {
            self.values.invalidate(key).await;
            Ok(())
        })
    }

    fn take<'a>(
        &'a self,
        key: &'a str,
        limit: u32,
        window: Duration,
    ) -> PortFuture<'a, Result<RateDecision, StoreUnavailable>> {
        Box::pin(async move {
            let now = Instant::now();
            let entry = self
                .windows
                .entry(key.to_owned())
                .and_upsert_with(|known| {
                    let open = known
                        .map(moka::Entry::into_value)
                        .filter(|known| now.duration_since(known.started) < known.length);
                    let next = open.map_or(
                        Window {
                            started: now,
                            length: window,
                            taken: 1,
                        },
                        |open| Window {
                            taken: open.taken.saturating_add(1),
                            ..open
                        },
                    );
                    std::future::ready(next)
                })
                .await
                .into_value();
            let left = entry
                .length
                .saturating_sub(now.duration_since(entry.started));
            Ok(RateDecision {
                allowed: entry.taken <= limit,
                limit,
                remaining: limit.saturating_sub(entry.taken),
                retry_after: left,
            })
        })
    }

    fn give_back<'a>(&'a self, key: &'a str) -> PortFuture<'a, Result<(), StoreUnavailable>> {
        Box::pin(async move {
            let entry = self.windows.entry(key.to_owned());
            entry
                .and_compute_with(|known| {
                    let next = match known.map(moka::Entry::into_value) {
                        Some(open) => Op::Put(Window {
                            taken: open.taken.saturating_sub(1),
                            ..open
                        }),
                        None => Op::Nop,
                    };
                    std::future::ready(next)
                })
                .await;
            Ok(())
        })
    }

    fn ping(&self) -> PortFuture<'_, Result<(), StoreUnavailable>> {
        Box::pin(std::future::ready(Ok(())))
    }
}
