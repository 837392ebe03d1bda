//! What tests of every crate stand on: a fresh database of either kind, a clock that obeys, and a
//! small world of people and packages.
//!
//! The databases are real. The one stand-in is for routers, and it does what it is told.

pub mod clock;
pub mod database;
pub mod routers;
mod subscribers;
pub mod world;

pub use clock::TestClock;
pub use database::{TestDatabase, postgres_is_required};
pub use routers::ScriptedRouters;
pub use world::World;

/// Makes a test for each database from one async function over a [`World`].
///
/// ```text
/// testkit::on_each_database! {
///     async fn a_customer_is_counted(world: World) { … }
/// }
/// ```
#[macro_export]
macro_rules! on_each_database {
    ($($(#[$meta:meta])* async fn $name:ident($world:ident: World) $body:block)*) => {$(
        mod $name {
            #[allow(unused_imports, reason = "each test uses what it needs of its file")]
            use super::*;

            async fn check($world: $crate::World) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                check($crate::World::on($crate::TestDatabase::sqlite().await).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if let Some(database) = $crate::TestDatabase::postgres().await {
                    check($crate::World::on(database).await).await;
                }
            }
        }
    )*};
}
