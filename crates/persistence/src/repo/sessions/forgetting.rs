//! Ended sessions that their ISP wants forgotten. What was used in them stays in the usage of days.

use chrono::{Months, NaiveDate};
use domain::{ids::IspId, network::history::KeptMonths};

use crate::{
    Backend,
    error::Error,
    sql::{self, values},
    tx::{Read, Tx},
};

/// The ISPs that do not keep ended sessions for ever.
pub async fn isps_that_forget(read: &Read) -> Result<Vec<IspId>, Error> {
    let statement = "SELECT isp_id FROM isp_settings WHERE keep_sessions_months IS NOT NULL \
        ORDER BY isp_id";
    sql::rows(read, statement, vec![])
        .await?
        .iter()
        .map(|row| Ok(IspId::from_uuid(row.try_get_by_index(0)?)))
        .collect()
}

/// Forgets at most so many of the sessions that an ISP has kept for long enough, the oldest first;
/// answers how many.
///
/// The setting is read here, so that somebody who wants them kept for longer is heard at once. Rows
/// that another unit of work has locked are left for the next time.
pub async fn forget_ended(tx: &Tx, isp_id: IspId, most: u32) -> Result<u64, Error> {
    let Some(kept) = kept_months(tx, isp_id).await? else {
        return Ok(0);
    };
    // No session stops before it starts: so the index by ISP and start finds them. Naming the end
    // twice keeps PostgreSQL out of the months that stay, and the list of what goes is made once:
    // as a plain subquery it may be asked for each row anew, and skips then what it named before.
    let statement = format!(
        "WITH old AS MATERIALIZED (SELECT id, stopped_at FROM session_history \
         WHERE isp_id = $1 AND started_at < $2 AND stopped_at < $2 \
         ORDER BY started_at, id LIMIT $3{}) \
         DELETE FROM session_history WHERE isp_id = $1 AND stopped_at < $2 \
         AND (id, stopped_at) IN (SELECT id, stopped_at FROM old)",
        tx.backend().for_update_skip_locked()
    );
    let before = kept.forgets_before(tx.now());
    let bound = values![isp_id.as_uuid(), before, i64::from(most)];
    sql::execute(tx, &statement, bound).await
}

async fn kept_months(read: &Read, isp_id: IspId) -> Result<Option<KeptMonths>, Error> {
    let statement = "SELECT keep_sessions_months FROM isp_settings \
        WHERE isp_id = $1 AND keep_sessions_months IS NOT NULL";
    let months: Option<i64> = sql::scalar(read, statement, values![isp_id.as_uuid()]).await?;
    Ok(months
        .and_then(|months| u32::try_from(months).ok())
        .and_then(KeptMonths::new))
}

/// Drops the partitions of past months that hold nothing, on PostgreSQL; answers how many. The last
/// month stays, since its late reports may still come.
pub async fn drop_empty_months(tx: &Tx) -> Result<i32, Error> {
    if tx.backend() == Backend::Sqlite {
        return Ok(0);
    }
    let today = tx.now().date_naive();
    let up_to = today
        .checked_sub_months(Months::new(1))
        .unwrap_or(NaiveDate::MIN);
    let statement = "SELECT drop_empty_session_history_partitions($1)";
    let dropped = sql::scalar(tx, statement, values![up_to]).await?;
    Ok(dropped.unwrap_or(0))
}
