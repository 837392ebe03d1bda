//! Says why a customer is offline.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    authz::{CustomerRef, PermissionMarker, Proof, Scope},
    customer::{CustomerStatus, paid_time_over},
    network::{
        access::{DEFAULT_INTERIM_SECONDS, LoginFacts, decide_access},
        diagnosis::{AnswerFact, ConnectionFacts, Finding, LiveFact, StopFact, diagnose},
        service_policy::{Access, RejectCause},
        session::TerminateCause,
    },
};
use persistence::{
    Error, Read,
    query::{
        connection::{self, LoginAnswerRow},
        customers::detail,
    },
};

use crate::{ctx::AppCtx, directory::present};

/// A router that nobody heard of for so long is away: two interim updates may get lost.
const SILENCE: TimeDelta = TimeDelta::minutes(15);
/// How many answers are kept of one customer.
const ANSWERS: i64 = 20;

/// The last answers to logins of a customer, newest first.
pub async fn login_answers<P: PermissionMarker>(
    ctx: &AppCtx,
    proof: &Proof<P, CustomerRef>,
) -> Result<Vec<LoginAnswerRow>, Error> {
    let read = ctx.db.read(&Scope::own(proof.actor())).await?;
    let rows = connection::login_answers(&read, proof.resource(), ANSWERS).await?;
    read.done().await?;
    Ok(rows)
}

/// What keeps a customer offline, the gravest first; nothing when the customer is gone.
pub async fn diagnose_connection<P: PermissionMarker>(
    ctx: &AppCtx,
    proof: &Proof<P, CustomerRef>,
) -> Result<Option<Vec<Finding>>, Error> {
    let now = ctx.clock.now();
    let read = ctx.db.read(&Scope::own(proof.actor())).await?;
    let facts = facts(ctx, &read, proof.resource(), now).await?;
    read.done().await?;
    Ok(facts.map(|facts| diagnose(&facts, now)))
}

async fn facts(
    ctx: &AppCtx,
    read: &Read,
    customer_ref: &CustomerRef,
    now: DateTime<Utc>,
) -> Result<Option<ConnectionFacts>, Error> {
    let Some(found) = detail(read, customer_ref).await? else {
        return Ok(None);
    };
    let customer = found.item.customer;
    let present = present(ctx, read, customer_ref.id).await?;
    // Who is past its time and was not cut is served on while cuts wait for a person.
    let is_held = customer.status == CustomerStatus::Active
        && present
            .as_ref()
            .is_some_and(|(_, settings)| settings.holds_cuts);
    let interim_seconds = present
        .as_ref()
        .map_or(DEFAULT_INTERIM_SECONDS, |(_, settings)| {
            settings.interim_seconds
        });
    let would_get = present.map(|(subscriber, settings)| {
        // The customer's own device asks, at a router that serves the package.
        let asking = LoginFacts {
            mac: subscriber.macs().first().copied(),
            ..LoginFacts::default()
        };
        decide_access(&subscriber, &settings, &asking, now).map(|policy| policy.access)
    });
    let answers = connection::login_answers(read, customer_ref, ANSWERS).await?;
    let routers = connection::routers(read, customer_ref).await?;
    let heard = |seen: &&Option<DateTime<Utc>>| seen.is_some_and(|seen| seen + SILENCE > now);
    Ok(Some(ConnectionFacts {
        status: customer.status,
        suspended_for: customer.status_reason,
        paid_time_over: !is_held && paid_time_over(customer.billing_type, customer.expires_at, now),
        would_get,
        live: live(read, customer_ref).await?,
        answers: answers.into_iter().filter_map(answer).collect(),
        last_stop: last_stop(read, customer_ref).await?,
        routers: routers.len(),
        routers_heard: routers.iter().filter(heard).count(),
        interim_seconds,
    }))
}

async fn live(read: &Read, customer_ref: &CustomerRef) -> Result<Vec<LiveFact>, Error> {
    let rows = connection::live(read, customer_ref).await?;
    Ok(rows
        .into_iter()
        .map(|row| LiveFact {
            nas_name: row.nas_name,
            started_at: row.started_at,
            heard_at: row.updated_at,
            walled: row.walled,
        })
        .collect())
}

async fn last_stop(read: &Read, customer_ref: &CustomerRef) -> Result<Option<StopFact>, Error> {
    let row = connection::last_stop(read, customer_ref).await?;
    Ok(row.map(|row| StopFact {
        at: row.stopped_at,
        cause: (1..=11)
            .map(TerminateCause::from_code)
            .find(|cause| cause.as_str() == row.terminate_cause)
            .unwrap_or(TerminateCause::Other(0)),
    }))
}

/// An answer of a kind that this version does not know is left out.
fn answer(row: LoginAnswerRow) -> Option<AnswerFact> {
    let outcome = match row.answer.as_str() {
        "accept" => Ok(Access::Open),
        "accept_walled" => Ok(Access::Walled),
        word => Err(RejectCause::ALL
            .into_iter()
            .find(|cause| cause.as_str() == word)?),
    };
    Some(AnswerFact {
        at: row.at,
        nas_name: row.nas_name.unwrap_or_default(),
        outcome,
    })
}
