//! Shows one subscriber, and what may be done with it.

use domain::{
    authz::{Actor, CustomerRef, Proof, perm},
    customer::{CustomerAction, StatusRefusal, availability},
};
use persistence::{
    Error,
    query::customers::{CustomerDetail, detail},
};

use crate::ctx::AppCtx;

/// The page of a subscriber; nothing when it changed hands since the proof was made.
pub async fn get_customer(
    ctx: &AppCtx,
    proof: &Proof<perm::ViewCustomers, CustomerRef>,
) -> Result<Option<CustomerDetail>, Error> {
    let scope = domain::authz::Scope::own(proof.actor());
    let read = ctx.db.read(&scope).await?;
    detail(&read, proof.resource()).await
}

/// One entry of the action menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AllowedAction {
    /// What would be done.
    pub action: CustomerAction,
    /// Why it cannot be done now, by code; nothing when it can.
    pub refusal: Option<&'static str>,
}

/// What this person may do with this customer now, and why not the rest.
#[must_use]
pub fn allowed_actions(detail: &CustomerDetail, actor: &Actor) -> Vec<AllowedAction> {
    let (status, online) = (detail.item.customer.status, detail.item.online);
    CustomerAction::ALL
        .iter()
        .map(|&action| AllowedAction {
            action,
            refusal: if actor.may(action.permission()) {
                availability(action, status, online)
                    .err()
                    .map(StatusRefusal::code)
            } else {
                Some("no_permission")
            },
        })
        .collect()
}
