//! Cache, rate limits and revocations: in memory for one process, in Redis for several.

mod memory;
mod redis;

pub use memory::MemoryStore;
pub use redis::RedisStore;
