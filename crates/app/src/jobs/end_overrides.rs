//! Ends overrides whose time is over, so that live sessions go back to the package.

use domain::{
    authz::{Actor, SystemActor},
    event::DomainEvent,
    ids::IspId,
};
use persistence::repo::overrides;
use serde_json::{Value, json};

use super::JobError;
use crate::{ctx::AppCtx, reactions};

const BATCH: i64 = 200;

/// Ends what is over in one ISP; each customer is told of in the transaction that ends it.
pub async fn run(ctx: &AppCtx, isp_id: IspId) -> Result<Value, JobError> {
    let actor = Actor::System(SystemActor::Worker(isp_id));
    let mut ended = 0;
    loop {
        let tx = ctx.db.begin_platform("end_overrides", &actor).await?;
        let over = overrides::over(&tx, isp_id, tx.now(), BATCH).await?;
        if over.is_empty() {
            break;
        }
        for customer_id in over {
            overrides::remove(&tx, isp_id, customer_id).await?;
            reactions::record(&tx, DomainEvent::CustomerAccessChanged { customer_id }).await?;
            ended += 1;
        }
        tx.commit().await?;
        ctx.signals.committed();
    }
    Ok(json!({ "ended": ended }))
}
