//! Background jobs, newest first.

use domain::{
    authz::Scope,
    page::{Page, PageRequest},
};

use super::newest_first::{Conditions, NewestFirst, PageError, count};
use crate::{
    jobs::{JobRow, JobState},
    scope, sql,
    tx::Read,
};

/// The jobs in scope.
pub async fn list(
    read: &Read,
    scope: &Scope,
    state: Option<JobState>,
    page: &PageRequest,
) -> Result<Page<JobRow>, PageError> {
    let order = NewestFirst::of("jobs", page)?;
    let mut conditions = Conditions::default();
    let fence = scope::owned(scope, "j", 1);
    conditions.add(fence.sql, fence.values);
    conditions.compare("j.state", "=", state.map(JobState::as_str));
    let total = count(read, "job j", &conditions).await?;
    order.seek(&mut conditions, "j.created_at", "j.id");
    let sql = format!(
        "SELECT j.id, j.isp_id, j.kind, j.payload, j.state, j.attempts, j.max_attempts, \
         j.progress_done, j.progress_total, j.failures, j.result, j.error, j.created_at, \
         j.finished_at FROM job j WHERE {} ORDER BY j.created_at DESC, j.id DESC LIMIT {}",
        conditions.sql(),
        order.fetch()
    );
    let rows: Vec<JobRow> = sql::all(read, &sql, conditions.values).await?;
    Ok(order.page(rows, |row| (row.created_at, row.id), total))
}
