//! Reading payments.

use domain::{
    authz::{PaymentRef, Proof, Scope, perm},
    page::{Page, PageRequest},
};
use persistence::{
    Error,
    query::{
        newest_first::PageError,
        payments::{self, PaymentFilter, PaymentItem},
    },
};

use crate::AppCtx;

/// The payments of a scope.
pub async fn list_payments(
    ctx: &AppCtx,
    scope: &Scope,
    filter: &PaymentFilter,
    page: &PageRequest,
) -> Result<Page<PaymentItem>, PageError> {
    let read = ctx.db.read(scope).await?;
    let found = payments::list(&read, scope, filter, page).await?;
    read.done().await?;
    Ok(found)
}

/// One payment.
pub async fn get_payment(
    ctx: &AppCtx,
    proof: &Proof<perm::ViewInvoices, PaymentRef>,
) -> Result<Option<PaymentItem>, Error> {
    let read = ctx.db.read(&Scope::own(proof.actor())).await?;
    let found = payments::get(&read, proof.resource().id).await?;
    read.done().await?;
    Ok(found)
}
