//! The shared store of an installation of several processes.

use std::{fmt, time::Duration};

use deadpool_redis::{
    Config, Pool, Runtime,
    redis::{RedisError, cmd},
};
use domain::ports::{PortFuture, RateDecision, SharedStore, StoreUnavailable};

/// Counts one call and starts the window's clock with the first, in one step.
const TAKE: &str = "local taken = redis.call('INCR', KEYS[1]) \
    if taken == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end \
    return {taken, redis.call('PTTL', KEYS[1])}";

/// A counter that is gone by then is not made again, for it would never expire.
const GIVE_BACK: &str = "if tonumber(redis.call('GET', KEYS[1]) or '0') > 0 then \
    return redis.call('DECR', KEYS[1]) end return 0";

/// Keeps everything in Redis.
pub struct RedisStore {
    pool: Pool,
    prefix: String,
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The pool knows the URL, which may hold a password.
        f.debug_struct("RedisStore")
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

fn unavailable(error: impl fmt::Display) -> StoreUnavailable {
    StoreUnavailable(error.to_string())
}

impl RedisStore {
    /// A store at a `redis://` URL; installations that share a server differ by prefix.
    pub fn connect(url: &str, prefix: &str) -> Result<Self, StoreUnavailable> {
        let pool = Config::from_url(url)
            .create_pool(Some(Runtime::Tokio1))
            .map_err(unavailable)?;
        Ok(Self {
            pool,
            prefix: prefix.to_owned(),
        })
    }

    fn key(&self, key: &str) -> String {
        format!("{}:{key}", self.prefix)
    }

    async fn query<T: deadpool_redis::redis::FromRedisValue>(
        &self,
        command: &deadpool_redis::redis::Cmd,
    ) -> Result<T, StoreUnavailable> {
        let mut connection = self.pool.get().await.map_err(unavailable)?;
        command
            .query_async(&mut connection)
            .await
            .map_err(|error: RedisError| unavailable(error))
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis())
        .unwrap_or(u64::MAX)
        .max(1)
}

impl SharedStore for RedisStore {
    fn get<'a>(
        &'a self,
        key: &'a str,
    ) -> PortFuture<'a, Result<Option<Vec<u8>>, StoreUnavailable>> {
        Box::pin(async move { self.query(cmd("GET").arg(self.key(key))).await })
    }

    fn put<'a>(
        &'a self,
        key: &'a str,
        value: Vec<u8>,
        ttl: Duration,
    ) -> PortFuture<'a, Result<(), StoreUnavailable>> {
        Box::pin(async move {
            self.query(
                cmd("SET")
                    .arg(self.key(key))
                    .arg(value)
                    .arg("PX")
                    .arg(millis(ttl)),
            )
            .await
        })
    }

    fn remove<'a>(&'a self, key: &'a str) -> PortFuture<'a, Result<(), StoreUnavailable>> {
        Box::pin(async move { self.query(cmd("DEL").arg(self.key(key))).await })
    }

    fn take<'a>(
        &'a self,
        key: &'a str,
        limit: u32,
        window: Duration,
    ) -> PortFuture<'a, Result<RateDecision, StoreUnavailable>> {
        Box::pin(async move {
            let mut eval = cmd("EVAL");
            eval.arg(TAKE).arg(1).arg(self.key(key)).arg(millis(window));
            let (taken, left): (u32, i64) = self.query(&eval).await?;
            Ok(RateDecision {
                allowed: taken <= limit,
                limit,
                remaining: limit.saturating_sub(taken),
                retry_after: Duration::from_millis(u64::try_from(left).unwrap_or(0)),
            })
        })
    }

    fn give_back<'a>(&'a self, key: &'a str) -> PortFuture<'a, Result<(), StoreUnavailable>> {
        Box::pin(async move {
            let mut eval = cmd("EVAL");
            eval.arg(GIVE_BACK).arg(1).arg(self.key(key));
            self.query::<i64>(&eval).await.map(|_| ())
        })
    }

    fn ping(&self) -> PortFuture<'_, Result<(), StoreUnavailable>> {
        Box::pin(async move { self.query::<String>(&cmd("PING")).await.map(|_| ()) })
    }
}
