//! What happened, in the transaction in which it happened.

use domain::{event::DomainEvent, ids::EventId};

use crate::{
    error::Error,
    sql::{self, values},
    tx::Tx,
};

/// Writes an event. `app::reactions` is the one caller: it also writes what follows.
pub async fn record(tx: &Tx, event: &DomainEvent) -> Result<EventId, Error> {
    let id = EventId::generate();
    let isp_id = tx
        .isp_id()
        .ok_or_else(|| Error::Unexpected("an event happens inside an ISP".to_owned()))?;
    let payload =
        serde_json::to_value(event).map_err(|error| Error::Unexpected(error.to_string()))?;
    sql::execute(
        tx,
        "INSERT INTO domain_event (id, isp_id, name, customer_id, payload, actor_id, at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        values![
            id.as_uuid(),
            isp_id.as_uuid(),
            event.name(),
            event.customer_id().map(domain::ids::CustomerId::as_uuid),
            payload,
            tx.actor().user_id().map(domain::ids::UserId::as_uuid),
            tx.now(),
        ],
    )
    .await?;
    Ok(id)
}
