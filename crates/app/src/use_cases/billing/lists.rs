//! Reading invoices, statements, the trial balance and the overview.

use domain::{
    authz::{CustomerRef, InvoiceRef, IspRef, Proof, Scope, perm},
    money::{Currency, Money},
    page::{Page, PageRequest},
    period::{day_bounds, month_bounds},
};
use persistence::{
    Error,
    query::{
        invoices::{self, InvoiceFilter, InvoiceItem},
        newest_first::PageError,
        overview::{self, Calendar, Overview},
        statement::{self, StatementLine},
        trial_balance::{self, TrialBalance},
    },
};

use super::account::zone_of;
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

/// The numbers of the first screen. Who looks at several ISPs counts days in UTC and sees no sums,
/// since those may be in several currencies.
pub async fn get_overview(ctx: &AppCtx, scope: &Scope) -> Result<Overview, Error> {
    let read = ctx.db.read(scope).await?;
    let isp = overview::isp_of(&read, scope).await?;
    let zone = match &isp {
        Some((_, name)) => zone_of(name)?,
        None => chrono_tz::UTC,
    };
    let now = ctx.clock.now();
    let (this_month, _) = month_bounds(now, zone);
    let (last_month, _) = month_bounds(this_month - chrono::TimeDelta::seconds(1), zone);
    let calendar = Calendar {
        now,
        today: day_bounds(now, zone),
        this_month,
        last_month,
    };
    let currency = isp
        .as_ref()
        .map_or(Currency::BDT, |(currency, _)| *currency);
    let mut found = overview::overview(&read, scope, currency, &calendar).await?;
    read.done().await?;
    if isp.is_none() {
        let nothing = Money::zero(currency);
        found.revenue_this_month = nothing;
        found.revenue_last_month = nothing;
        found.collected_today = nothing;
        found.due_today_amount = nothing;
    }
    Ok(found)
}
