//! Reports wait in lanes, each stored by a task of its own, so that one batch is counted while
//! another is being committed. Those of one subscriber share a lane: the sessions of different lanes
//! do not touch each other, and reports of a session keep their order.

use std::hash::{BuildHasher as _, BuildHasherDefault};
use std::sync::Arc;

use rustc_hash::FxHasher;
use tokio::sync::mpsc::{self, Receiver, Sender};

use crate::server::accounting::PendingReport;

/// Where receiving tasks leave reports that are to be stored.
#[derive(Clone)]
pub(crate) struct Lanes(Arc<[Sender<PendingReport>]>);

impl Lanes {
    /// Opens lanes with room for so many reports together; they close with the last clone.
    pub(crate) fn open(lanes: usize, room: usize) -> (Self, Vec<Receiver<PendingReport>>) {
        let lanes = lanes.max(1);
        let each = (room / lanes).max(1);
        let (senders, receivers): (Vec<_>, Vec<_>) =
            (0..lanes).map(|_| mpsc::channel(each)).unzip();
        (Self(senders.into()), receivers)
    }

    /// Leaves a report in its lane; gives it back when there is no room.
    pub(crate) fn try_send(&self, report: PendingReport) -> Result<(), PendingReport> {
        let lane = match &*self.0 {
            [only] => only,
            lanes => {
                let subscriber = (report.record.nas_id, report.record.username.as_str());
                let hash = BuildHasherDefault::<FxHasher>::default().hash_one(subscriber);
                let count = u64::try_from(lanes.len()).unwrap_or(u64::MAX);
                let index = usize::try_from((hash >> 32) % count).unwrap_or_default();
                match lanes.get(index) {
                    Some(lane) => lane,
                    None => return Err(report),
                }
            }
        };
        lane.try_send(report)
            .map_err(mpsc::error::TrySendError::into_inner)
    }
}
