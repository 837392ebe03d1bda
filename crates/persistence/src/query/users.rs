//! People, newest first.

use domain::{
    authz::{RoleLevel, Scope},
    page::{Page, PageRequest},
    tenancy::Reach,
};

use super::newest_first::{Conditions, Letters, NewestFirst, PageError, count};
use crate::{
    repo::identity::users::{COLUMNS, TABLES, UserRow},
    scope, sql,
    tx::Read,
};

/// Which people are wanted.
#[derive(Debug, Clone, Default)]
pub struct UserFilter {
    /// Of one role.
    pub role: Option<RoleLevel>,
    /// Whose login or name has these letters.
    pub search: Option<String>,
}

/// The people in scope.
pub async fn list(
    read: &Read,
    scope: &Scope,
    filter: &UserFilter,
    page: &PageRequest,
) -> Result<Page<UserRow>, PageError> {
    let order = NewestFirst::of("users", page)?;
    let mut conditions = Conditions::default();
    fence(&mut conditions, scope);
    conditions.compare("u.role", "=", filter.role.map(RoleLevel::as_str));
    let columns = ["u.login_key", "lower(u.name)"];
    conditions.find(&columns, filter.search.as_deref(), Letters::Anywhere);
    let total = count(read, TABLES, &conditions).await?;
    order.seek(&mut conditions, "u.created_at", "u.id");
    let sql = format!(
        "SELECT {COLUMNS} FROM {TABLES} WHERE {} ORDER BY u.created_at DESC, u.id DESC LIMIT {}",
        conditions.sql(),
        order.fetch()
    );
    let rows: Vec<UserRow> = sql::all(read, &sql, conditions.values).await?;
    Ok(order.page(rows, |row| (row.created_at, row.id), total))
}

/// The same people that [`crate::lookup::user`] finds.
fn fence(conditions: &mut Conditions, scope: &Scope) {
    match scope.reach() {
        Reach::Tenancy { id, .. } => {
            conditions.compare("u.tenancy_id", "=", Some(id.as_uuid()));
        }
        Reach::Platform | Reach::Isp(_) | Reach::Operators { .. } | Reach::Nothing => {
            let fence = scope::owned(scope, "u", 1);
            conditions.add(fence.sql, fence.values);
        }
    }
}
