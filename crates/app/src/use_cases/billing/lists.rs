//! Reading invoices, statements and the trial balance.

use domain::{
    authz::{CustomerRef, InvoiceRef, IspRef, Proof, Scope, perm},
    page::{Page, PageRequest},
};
use persistence::{
    Error,
    query::{
        invoices::{self, InvoiceFilter, InvoiceItem},
        newest_first::PageError,
        statement::{self, StatementLine},
        trial_balance::{self, TrialBalance},
    },
};

use crate::AppCtx;

/// The invoices of a scope.
pub async fn list_invoices(
    ctx: &AppCtx,
    scope: &Scope,
    filter: &InvoiceFilter,
    page: &PageRequest,
) -> Result<Page<InvoiceItem>, PageError> {
    let read = ctx.db.read(scope).await?;
    let found = invoices::list(&read, scope, filter, page, ctx.clock.now()).await?;
    read.done().await?;
    Ok(found)
}

/// One invoice.
pub async fn get_invoice(
    ctx: &AppCtx,
    proof: &Proof<perm::ViewInvoices, InvoiceRef>,
) -> Result<Option<InvoiceItem>, Error> {
    let read = ctx.db.read(&Scope::own(proof.actor())).await?;
    let found = invoices::get(&read, proof.resource().id, ctx.clock.now()).await?;
    read.done().await?;
    Ok(found)
}

/// The account of one customer.
pub async fn list_statement(
    ctx: &AppCtx,
    proof: &Proof<perm::ViewInvoices, CustomerRef>,
    page: &PageRequest,
) -> Result<Page<StatementLine>, PageError> {
    let customer = proof.resource();
    let read = ctx.db.read(&Scope::own(proof.actor())).await?;
    let found = statement::statement(&read, customer.isp_id, customer.id, page).await?;
    read.done().await?;
    Ok(found)
}

/// The trial balance of an ISP; nothing for who reaches only a part of it.
pub async fn get_trial_balance(
    ctx: &AppCtx,
    proof: &Proof<perm::ViewFinancialReports, IspRef>,
) -> Result<Option<TrialBalance>, Error> {
    let scope = Scope::own(proof.actor());
    let read = ctx.db.read(&scope).await?;
    let found = trial_balance::trial_balance(&read, &scope, proof.resource().id).await?;
    read.done().await?;
    Ok(found)
}
