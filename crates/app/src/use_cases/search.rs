//! One search box for everything.

use domain::authz::{Actor, Denied, Permission, Scope, perm};
use persistence::{
    Error,
    query::search::{self, Hit, Kinds},
};

use crate::ctx::AppCtx;

/// What begins like that, as far as the person may see it.
pub async fn search_everything(
    ctx: &AppCtx,
    actor: &Actor,
    question: &str,
) -> Result<Vec<Hit>, SearchError> {
    let scope = Scope::of::<perm::ViewCustomers>(actor)?;
    let kinds = Kinds {
        invoices: actor.may(Permission::ViewInvoices),
        operators: actor.may(Permission::ManageOperators),
        nas: actor.may(Permission::ManageRouters),
    };
    let read = ctx.db.read(&scope).await?;
    Ok(search::everything(&read, &scope, question, kinds).await?)
}

/// Why nothing is searched.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// The person may not see customers.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The database.
    #[error(transparent)]
    Infra(#[from] Error),
}
