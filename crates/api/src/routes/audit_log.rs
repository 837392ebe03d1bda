//! Who did what.

use actix_web::{get, web::Json};
use chrono::{DateTime, Utc};
use domain::authz::perm;
use persistence::query::audit::{self, AuditFilter};
use uuid::Uuid;

use crate::{
    extract::{Guard, Paging, ValidQuery},
    problem::{ApiErrors, Problem},
    views::running::AuditPage,
    wire::{PermissionName, list_query},
};

list_query! {
    /// Which lines are wanted.
    ListAuditLogQuery {
        /// Of one person.
        actor_id: Option<Uuid>,
        /// On one thing.
        resource_id: Option<Uuid>,
        /// Under one permission.
        #[param(inline)]
        permission: Option<PermissionName>,
        /// From that instant on.
        #[serde(default, deserialize_with = "crate::wire::instant")]
        from: Option<DateTime<Utc>>,
        /// Until before that instant.
        #[serde(default, deserialize_with = "crate::wire::instant")]
        to: Option<DateTime<Utc>>,
    }
}

/// List the audit trail
#[utoipa::path(tag = "audit-log", params(ListAuditLogQuery),
    extensions(("x-permission" = json!("view_audit_log"))),
    responses((status = 200, description = "One page, newest first", body = AuditPage), ApiErrors))]
#[get("/audit-log")]
pub(crate) async fn list_audit_log(
    guard: Guard<perm::ViewAuditLog>,
    query: ValidQuery<ListAuditLogQuery>,
) -> Result<Json<AuditPage>, Problem> {
    let query = query.into_inner();
    let page = query.page()?;
    let wanted = AuditFilter {
        actor_id: query.actor_id,
        resource_id: query.resource_id,
        permission: query.permission.map(|name| name.0.as_str().to_owned()),
        from: query.from,
        to: query.to,
    };
    let read = guard.ctx().db.read(guard.scope()).await?;
    let mut rows = audit::list(&read, guard.scope(), &wanted, &page).await?;
    read.done().await?;
    audit::name_outsiders(&guard.ctx().db, &mut rows).await?;
    Ok(Json(rows.map(Into::into).into()))
}
