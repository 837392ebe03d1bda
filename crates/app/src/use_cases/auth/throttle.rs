//! What all processes of an installation must hear of at once: ended sign-ins, changed accounts,
//! and too many attempts.

use std::time::Duration;

use domain::{
    ids::{SignInId, UserId},
    ports::StoreUnavailable,
};

use uuid::Uuid;

use crate::ctx::AppCtx;

/// Longer than any process remembers what somebody may do.
const HEARD_BY_ALL: Duration = Duration::from_secs(60);

/// Whether a sign-in was ended in this moment; after a while the database alone says so.
pub async fn is_revoked(ctx: &AppCtx, id: SignInId) -> Result<bool, StoreUnavailable> {
    Ok(ctx.shared.get(&format!("revoked:{id}")).await?.is_some())
}

/// Tells every process that a sign-in was ended.
pub(in crate::use_cases) async fn mark_revoked(
    ctx: &AppCtx,
    id: SignInId,
) -> Result<(), StoreUnavailable> {
    ctx.shared
        .put(&format!("revoked:{id}"), vec![1], HEARD_BY_ALL)
        .await
}

/// Longer than the token of a view is valid.
const VIEW_LIFETIME: Duration = Duration::from_secs(20 * 60);

/// Whether a view as somebody else was ended.
pub async fn is_view_ended(ctx: &AppCtx, view: Uuid) -> Result<bool, StoreUnavailable> {
    Ok(ctx
        .shared
        .get(&format!("view-ended:{view}"))
        .await?
        .is_some())
}

/// Tells every process that a view was ended, for as long as its token would be valid.
pub(super) async fn mark_view_ended(ctx: &AppCtx, view: Uuid) -> Result<(), StoreUnavailable> {
    ctx.shared
        .put(&format!("view-ended:{view}"), vec![1], VIEW_LIFETIME)
        .await
}

/// Whether what somebody may do changed in this moment.
pub async fn changed_lately(ctx: &AppCtx, id: UserId) -> Result<bool, StoreUnavailable> {
    Ok(ctx.shared.get(&format!("changed:{id}")).await?.is_some())
}

/// Tells every process that what somebody may do has changed.
pub(in crate::use_cases) async fn mark_changed(
    ctx: &AppCtx,
    id: UserId,
) -> Result<(), StoreUnavailable> {
    ctx.shared
        .put(&format!("changed:{id}"), vec![1], HEARD_BY_ALL)
        .await
}

/// Counts an attempt under each key; answers how long to wait when one has had too many.
pub(super) async fn attempt(
    ctx: &AppCtx,
    keys: &[(String, u32)],
) -> Result<Option<Duration>, StoreUnavailable> {
    let mut wait = None;
    for (key, limit) in keys {
        let decision = ctx
            .shared
            .take(key, *limit, Duration::from_secs(60))
            .await?;
        if !decision.allowed {
            wait = wait.max(Some(decision.retry_after));
        }
    }
    Ok(wait)
}
