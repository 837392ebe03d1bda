//! Shows one subscriber, and what may be done with it.

use chrono::{DateTime, Utc};
use domain::{
    authz::{Actor, CustomerRef, Proof, perm},
    customer::{Customer, CustomerAction, Standing, StatusRefusal, availability, lacks_paid_time},
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
    let read = ctx.db.read_one(&scope).await?;
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

/// What the decisions about a subscriber's life go by.
pub(crate) fn standing(customer: &Customer, online: bool, now: DateTime<Utc>) -> Standing {
    Standing {
        status: customer.status,
        paid_time_over: lacks_paid_time(
            customer.status,
            customer.billing_type,
            customer.expires_at,
            now,
        ),
        online,
    }
}

/// What this person may do with this customer now, and why not the rest.
#[must_use]
pub fn allowed_actions(
    detail: &CustomerDetail,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Vec<AllowedAction> {
    let standing = standing(&detail.item.customer, detail.item.online, now);
    CustomerAction::ALL
        .iter()
        .map(|&action| AllowedAction {
            action,
            refusal: if actor.may(action.permission()) {
                availability(action, standing)
                    .err()
                    .map(StatusRefusal::code)
            } else {
                Some("no_permission")
            },
        })
        .collect()
}
