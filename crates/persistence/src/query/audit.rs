//! The audit trail, newest first, with the names of those in it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::{
    authz::Scope,
    page::{Page, PageRequest},
    tenancy::Reach,
};
use sea_orm::FromQueryResult;
use serde_json::Value;
use uuid::Uuid;

use super::newest_first::{Conditions, NewestFirst, PageError, count};
use crate::{
    db::Db,
    error::Error,
    scope::{self, Filter},
    sql,
    tx::Read,
};

/// One line of the audit trail.
#[derive(Debug, Clone, FromQueryResult)]
pub struct AuditRow {
    /// Its identifier.
    pub id: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub actor_id: Option<Uuid>,
    /// That person's login.
    pub actor_login: Option<String>,
    /// That person's name.
    pub actor_name: Option<String>,
    /// Who really sat there.
    pub impersonator_id: Option<Uuid>,
    /// That person's login.
    pub impersonator_login: Option<String>,
    /// That person's name.
    pub impersonator_name: Option<String>,
    /// The key that was used.
    pub api_key_id: Option<Uuid>,
    /// What permitted it.
    pub permission: String,
    /// What was done.
    pub action: String,
    /// To what kind of thing.
    pub resource_type: String,
    /// To which one.
    pub resource_id: Option<Uuid>,
    /// From where.
    pub ip: Option<String>,
    /// In which request.
    pub request_id: Option<String>,
    /// What it was.
    pub before: Option<Value>,
    /// What it became.
    pub after: Option<Value>,
}

const COLUMNS: &str = "a.id, a.at, a.actor_id, u.login AS actor_login, u.name AS actor_name, \
    a.impersonator_id, i.login AS impersonator_login, i.name AS impersonator_name, a.api_key_id, \
    a.permission, a.action, a.resource_type, a.resource_id, a.ip, a.request_id, a.before, a.after";

const TABLES: &str = "audit_log a LEFT JOIN app_user u ON u.id = a.actor_id \
    LEFT JOIN app_user i ON i.id = a.impersonator_id";

/// Which lines are wanted.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Of one person.
    pub actor_id: Option<Uuid>,
    /// On one thing.
    pub resource_id: Option<Uuid>,
    /// Under one permission.
    pub permission: Option<String>,
    /// From that instant on.
    pub from: Option<DateTime<Utc>>,
    /// Until before that instant.
    pub to: Option<DateTime<Utc>>,
}

/// Names those who act from outside the reader's fence, such as the owner of an ISP: their accounts
/// are hidden from the reader, that they did something is not.
pub async fn name_outsiders(db: &Db, page: &mut Page<AuditRow>) -> Result<(), Error> {
    let hidden: BTreeSet<Uuid> = page.items.iter().flat_map(AuditRow::nameless).collect();
    if hidden.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "SELECT id, login, name FROM app_user WHERE id IN {}",
        sql::groups(1, hidden.len())
    );
    let read = db.read_platform().await?;
    let ids = hidden.into_iter().map(sea_orm::Value::from).collect();
    let found: Vec<Outsider> = sql::all(&read, &sql, ids).await?;
    read.done().await?;
    for row in &mut page.items {
        row.name(&found);
    }
    Ok(())
}

#[derive(FromQueryResult)]
struct Outsider {
    id: Uuid,
    login: String,
    name: String,
}

impl AuditRow {
    fn nameless(&self) -> impl Iterator<Item = Uuid> + use<> {
        let actor = self.actor_id.filter(|_| self.actor_login.is_none());
        let impersonator = self
            .impersonator_id
            .filter(|_| self.impersonator_login.is_none());
        actor.into_iter().chain(impersonator)
    }

    fn name(&mut self, outsiders: &[Outsider]) {
        for outsider in outsiders {
            let (login, name) = (&outsider.login, &outsider.name);
            if self.actor_id == Some(outsider.id) {
                self.actor_login = Some(login.clone());
                self.actor_name = Some(name.clone());
            }
            if self.impersonator_id == Some(outsider.id) {
                self.impersonator_login = Some(login.clone());
                self.impersonator_name = Some(name.clone());
            }
        }
    }
}

/// The lines of the ISPs in scope; whoever owns them also sees those of the tenancy itself.
fn fence(scope: &Scope) -> Filter {
    let mut filter = scope::of_isp(scope, "a", 1);
    if let Reach::Tenancy { id, .. } = scope.reach() {
        filter.values.push(id.as_uuid().into());
        filter.sql = format!(
            "({} OR (a.isp_id IS NULL AND a.tenancy_id = ${}))",
            filter.sql,
            filter.values.len()
        );
    }
    filter
}

/// The lines in scope.
pub async fn list(
    read: &Read,
    scope: &Scope,
    filter: &AuditFilter,
    page: &PageRequest,
) -> Result<Page<AuditRow>, PageError> {
    let order = NewestFirst::of("audit", page)?;
    let mut conditions = Conditions::default();
    let fence = fence(scope);
    conditions.add(fence.sql, fence.values);
    conditions.compare("a.actor_id", "=", filter.actor_id);
    conditions.compare("a.resource_id", "=", filter.resource_id);
    conditions.compare("a.permission", "=", filter.permission.clone());
    conditions.compare("a.at", ">=", filter.from);
    conditions.compare("a.at", "<", filter.to);
    let total = count(read, "audit_log a", &conditions).await?;
    order.seek(&mut conditions, "a.at", "a.id");
    let sql = format!(
        "SELECT {COLUMNS} FROM {TABLES} WHERE {} ORDER BY a.at DESC, a.id DESC LIMIT {}",
        conditions.sql(),
        order.fetch()
    );
    let rows: Vec<AuditRow> = sql::all(read, &sql, conditions.values).await?;
    Ok(order.page(rows, |row| (row.at, row.id), total))
}
