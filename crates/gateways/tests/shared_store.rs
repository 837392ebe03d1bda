//! The two shared stores behave alike.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(
    clippy::disallowed_methods,
    reason = "tests are told of their services by environment"
)]

use std::time::Duration;

use domain::ports::SharedStore;
use gateways::shared::{MemoryStore, RedisStore};

#[tokio::test]
async fn memory_keeps_the_contract() {
    keeps_the_contract(&MemoryStore::default()).await;
}

#[tokio::test]
async fn redis_keeps_the_contract() {
    let Ok(url) = std::env::var("TEST_REDIS_URL") else {
        assert!(std::env::var("CI").is_err(), "CI must set TEST_REDIS_URL");
        eprintln!("SKIPPED: TEST_REDIS_URL is not set");
        return;
    };
    let prefix = format!("test-{}", uuid::Uuid::now_v7());
    keeps_the_contract(&RedisStore::connect(&url, &prefix).unwrap()).await;
}

#[tokio::test]
async fn redis_that_is_away_is_an_error() {
    let store = RedisStore::connect("redis://127.0.0.1:1", "away").unwrap();
    assert!(store.ping().await.is_err());
}

async fn keeps_the_contract(store: &dyn SharedStore) {
    store.ping().await.unwrap();
    assert_eq!(store.get("absent").await.unwrap(), None);

    store
        .put("kept", b"value\0bytes".to_vec(), Duration::from_secs(60))
        .await
        .unwrap();
    assert_eq!(
        store.get("kept").await.unwrap(),
        Some(b"value\0bytes".to_vec())
    );
    store.remove("kept").await.unwrap();
    assert_eq!(store.get("kept").await.unwrap(), None);

    store
        .put("brief", vec![1], Duration::from_millis(50))
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(120)).await;
    assert_eq!(store.get("brief").await.unwrap(), None);

    let window = Duration::from_millis(400);
    let mut allowed = Vec::new();
    for _ in 0..4 {
        allowed.push(store.take("limited", 3, window).await.unwrap().allowed);
    }
    assert_eq!(allowed, [true, true, true, false]);
    let refused = store.take("limited", 3, window).await.unwrap();
    assert_eq!(refused.remaining, 0);
    assert!(refused.retry_after <= window && refused.retry_after > Duration::ZERO);
    assert!(store.take("another", 3, window).await.unwrap().allowed);
    tokio::time::sleep(window + Duration::from_millis(100)).await;
    assert!(
        store.take("limited", 3, window).await.unwrap().allowed,
        "a new window has begun"
    );
}
