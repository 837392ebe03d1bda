//! A request that moves money happens once, however often it is sent.

use domain::ids::IspId;
use sea_orm::FromQueryResult;
use serde_json::Value;

use crate::{
    error::Error,
    sql::{self, values},
    tx::Tx,
};

/// Which request it is.
#[derive(Debug, Clone)]
pub struct RequestKey {
    /// In which ISP.
    pub isp_id: IspId,
    /// Whose request.
    pub actor: String,
    /// To do what.
    pub operation: &'static str,
    /// The key that the caller chose.
    pub key: String,
    /// A digest of what was asked for.
    pub fingerprint: Vec<u8>,
}

/// What is known of a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Claim {
    /// It was not seen before: carry it out and store the outcome.
    Fresh,
    /// It was carried out: answer the same.
    Replay(Value),
    /// The key was used for something else.
    Mismatch,
}

#[derive(FromQueryResult)]
struct Known {
    fingerprint: Vec<u8>,
    outcome: Option<Value>,
}

/// Claims the key for this unit of work. A concurrent claim of the same key waits for its end.
pub async fn claim(tx: &Tx, request: &RequestKey) -> Result<Claim, Error> {
    let inserted = sql::execute(
        tx,
        "INSERT INTO idempotency_key (isp_id, actor, operation, key, fingerprint, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (isp_id, actor, operation, key) DO NOTHING",
        values![
            request.isp_id.as_uuid(),
            request.actor.as_str(),
            request.operation,
            request.key.as_str(),
            request.fingerprint.clone(),
            tx.now(),
        ],
    )
    .await?;
    if inserted == 1 {
        return Ok(Claim::Fresh);
    }
    let known: Option<Known> = sql::one(
        tx,
        "SELECT fingerprint, outcome FROM idempotency_key \
         WHERE isp_id = $1 AND actor = $2 AND operation = $3 AND key = $4",
        values![
            request.isp_id.as_uuid(),
            request.actor.as_str(),
            request.operation,
            request.key.as_str(),
        ],
    )
    .await?;
    let Some(Known {
        fingerprint,
        outcome: Some(outcome),
    }) = known
    else {
        return Err(Error::Contention);
    };
    Ok(if fingerprint == request.fingerprint {
        Claim::Replay(outcome)
    } else {
        Claim::Mismatch
    })
}

/// Stores what came of the request, in the same unit of work.
pub async fn store(tx: &Tx, request: &RequestKey, outcome: &Value) -> Result<(), Error> {
    sql::execute(
        tx,
        "UPDATE idempotency_key SET outcome = $5 \
         WHERE isp_id = $1 AND actor = $2 AND operation = $3 AND key = $4",
        values![
            request.isp_id.as_uuid(),
            request.actor.as_str(),
            request.operation,
            request.key.as_str(),
            outcome.clone(),
        ],
    )
    .await?;
    Ok(())
}
