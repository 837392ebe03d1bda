//! Traces the RADIUS packets of one customer for some minutes.

use chrono::TimeDelta;
use domain::authz::{CustomerRef, PermissionMarker, Proof, Scope};
use persistence::{
    Error, Tx,
    change_feed::{self, Change, ChangeKind},
    repo::radius_traces::{self, PacketRow, Trace},
};
use serde_json::json;
use uuid::Uuid;

use crate::ctx::AppCtx;

/// How long a trace runs.
const LENGTH: TimeDelta = TimeDelta::minutes(10);

/// A trace and what it kept.
#[derive(Debug, Clone, Default)]
pub struct RadiusTrace {
    /// Since when and until when; absent when nobody asked for one.
    pub trace: Option<Trace>,
    /// Whether it is running.
    pub active: bool,
    /// What was kept, oldest first.
    pub packets: Vec<PacketRow>,
}

/// Begins a trace anew; every RADIUS server hears of it at once.
pub async fn start_radius_trace<P: PermissionMarker>(
    ctx: &AppCtx,
    proof: Proof<P, CustomerRef>,
) -> Result<RadiusTrace, Error> {
    let tx = ctx.db.begin("start_radius_trace", &proof).await?;
    let (started_at, until) = (tx.now(), tx.now() + LENGTH);
    let by = proof.actor().user_id();
    radius_traces::start(&tx, proof.resource(), by, until).await?;
    tx.record_change(None, Some(json!({ "until": until })));
    announce(&tx, proof.resource()).await?;
    tx.commit().await?;
    ctx.signals.committed();
    Ok(RadiusTrace {
        trace: Some(Trace { started_at, until }),
        active: true,
        packets: Vec::new(),
    })
}

/// Ends a trace and forgets what it kept.
pub async fn stop_radius_trace<P: PermissionMarker>(
    ctx: &AppCtx,
    proof: Proof<P, CustomerRef>,
) -> Result<(), Error> {
    let tx = ctx.db.begin("stop_radius_trace", &proof).await?;
    radius_traces::remove(&tx, proof.resource()).await?;
    announce(&tx, proof.resource()).await?;
    tx.commit().await?;
    ctx.signals.committed();
    Ok(())
}

async fn announce(tx: &Tx, customer_ref: &CustomerRef) -> Result<(), Error> {
    let change = Change {
        kind: ChangeKind::RadiusTrace,
        isp_id: customer_ref.isp_id,
        subject_id: customer_ref.id.as_uuid(),
    };
    change_feed::note(tx, change).await
}

/// The trace of a customer and what it kept after one of its packets.
pub async fn get_radius_trace<P: PermissionMarker>(
    ctx: &AppCtx,
    proof: &Proof<P, CustomerRef>,
    after: Option<Uuid>,
) -> Result<RadiusTrace, Error> {
    let read = ctx.db.read(&Scope::own(proof.actor())).await?;
    let trace = radius_traces::find(&read, proof.resource()).await?;
    let packets = radius_traces::packets(&read, proof.resource(), after).await?;
    read.done().await?;
    let now = ctx.clock.now();
    Ok(RadiusTrace {
        active: trace.is_some_and(|trace| trace.until > now),
        trace,
        packets,
    })
}
