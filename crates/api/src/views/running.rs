//! Jobs and the audit trail.

use chrono::{DateTime, Utc};
use persistence::{jobs::JobRow, query::audit::AuditRow};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::people::PersonRef;
use crate::{extract::cursor_page, problem::Problem, wire::wire_enum};

wire_enum! {
    /// Where a job stands.
    JobState = persistence::jobs::JobState { Queued, Running, Done, Dead, Cancelled }
}

/// Work in the background.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct JobView {
    pub(crate) id: Uuid,
    /// Which job.
    pub(crate) kind: String,
    pub(crate) state: JobState,
    /// How often it was tried.
    pub(crate) attempts: i64,
    pub(crate) progress_done: i64,
    /// How much there is; zero while unknown.
    pub(crate) progress_total: i64,
    /// How much went wrong.
    pub(crate) failures: i64,
    /// What came of it.
    pub(crate) result: Option<Value>,
    /// Why the last try failed.
    pub(crate) error: Option<String>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) finished_at: Option<DateTime<Utc>>,
}

cursor_page! {
    /// A page of jobs.
    JobPage of JobView
}

impl TryFrom<JobRow> for JobView {
    type Error = Problem;

    fn try_from(row: JobRow) -> Result<Self, Problem> {
        let state = persistence::jobs::JobState::parse(&row.state).ok_or_else(|| {
            persistence::Error::Unexpected(format!("unknown job state {}", row.state))
        })?;
        Ok(Self {
            id: row.id,
            kind: row.kind,
            state: state.into(),
            attempts: row.attempts,
            progress_done: row.progress_done,
            progress_total: row.progress_total,
            failures: row.failures,
            result: row.result.filter(|result| !result.is_null()),
            error: row.error,
            created_at: row.created_at,
            finished_at: row.finished_at,
        })
    }
}

/// One line of the audit trail.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditView {
    pub(crate) id: Uuid,
    pub(crate) at: DateTime<Utc>,
    /// Who; null when the product itself did it.
    pub(crate) actor: Option<PersonRef>,
    /// Who really sat there.
    pub(crate) impersonator: Option<PersonRef>,
    pub(crate) api_key_id: Option<Uuid>,
    /// What permitted it.
    pub(crate) permission: String,
    /// What was done.
    pub(crate) action: String,
    pub(crate) resource_type: String,
    pub(crate) resource_id: Option<Uuid>,
    pub(crate) ip: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) before: Option<Value>,
    pub(crate) after: Option<Value>,
}

cursor_page! {
    /// A page of the audit trail.
    AuditPage of AuditView
}

cursor_page! {
    /// A page of what was done to one customer.
    HistoryPage of AuditView
}

impl From<AuditRow> for AuditView {
    fn from(row: AuditRow) -> Self {
        let person = |id: Option<Uuid>, login: Option<String>, name: Option<String>| {
            Some(PersonRef {
                id: id?,
                login: login?,
                name: name?,
            })
        };
        Self {
            id: row.id,
            at: row.at,
            actor: person(row.actor_id, row.actor_login, row.actor_name),
            impersonator: person(
                row.impersonator_id,
                row.impersonator_login,
                row.impersonator_name,
            ),
            api_key_id: row.api_key_id,
            permission: row.permission,
            action: row.action,
            resource_type: row.resource_type,
            resource_id: row.resource_id,
            ip: row.ip,
            request_id: row.request_id,
            before: row.before,
            after: row.after,
        }
    }
}
