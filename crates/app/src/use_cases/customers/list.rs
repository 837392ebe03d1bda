//! Lists subscribers.

use domain::{
    authz::Scope,
    page::{Page, PageRequest},
};
use persistence::query::customers::{self, CustomerFilter, CustomerItem, CustomerSort, ListError};

use crate::ctx::AppCtx;

/// One page of the subscribers of the scope.
pub async fn list_customers(
    ctx: &AppCtx,
    scope: &Scope,
    filter: &CustomerFilter,
    sort: CustomerSort,
    page: &PageRequest,
) -> Result<Page<CustomerItem>, ListError> {
    let read = ctx.db.read(scope).await?;
    customers::list(&read, scope, filter, sort, page).await
}
