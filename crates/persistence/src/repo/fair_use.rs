//! Fair use: policies of packages, what people decided, who was told, and the log of it all.

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    authz::PackageRef,
    ids::{CustomerId, FairUseLogId, IspId, PackageId},
    network::fup::{
        Baseline, Cause, Counts, FairUsePolicy, Mode, Notice, Standing, Tier, Used, Window,
        fair_use_mode,
    },
};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::{
    Error, Read, Tx,
    sql::{self, values},
    statement::{Sql, corrupt},
};

#[derive(FromQueryResult)]
struct PolicyRow {
    package_id: Uuid,
    counting_window: String,
    counts: String,
    notify_percent: i64,
    tiers: serde_json::Value,
}

impl PolicyRow {
    fn into_policy(self) -> Result<(PackageId, FairUsePolicy), Error> {
        let unknown = |text: &str| corrupt("fair_use_policy", text);
        let window = &self.counting_window;
        let tiers: Vec<Tier> = serde_json::from_value(self.tiers).map_err(|_| unknown("tiers"))?;
        let policy = FairUsePolicy {
            window: Window::parse(window).ok_or_else(|| unknown(window))?,
            counts: Counts::parse(&self.counts).ok_or_else(|| unknown(&self.counts))?,
            notify_percent: u8::try_from(self.notify_percent).map_err(|_| unknown("percent"))?,
            tiers,
        };
        Ok((PackageId::from_uuid(self.package_id), policy))
    }
}

const POLICY: &str = "SELECT package_id, counting_window, counts, notify_percent, tiers \
    FROM fair_use_policy WHERE package_id IN ";

/// The fair-use policies of those packages that have one.
pub async fn policies(
    read: &Read,
    packages: &[PackageId],
) -> Result<Vec<(PackageId, FairUsePolicy)>, Error> {
    let mut sql = Sql::new(POLICY);
    sql.list(packages.iter().map(|id| id.as_uuid()));
    let rows: Vec<PolicyRow> = sql.all(read).await?;
    rows.into_iter().map(PolicyRow::into_policy).collect()
}

/// The fair-use policy of a package.
pub async fn policy(read: &Read, package: PackageId) -> Result<Option<FairUsePolicy>, Error> {
    let found = policies(read, &[package]).await?;
    Ok(found.into_iter().next().map(|(_, policy)| policy))
}

/// Gives a package a fair-use policy, in place of an earlier one.
pub async fn put_policy(
    tx: &Tx,
    package: &PackageRef,
    policy: &FairUsePolicy,
) -> Result<(), Error> {
    let tiers = serde_json::to_value(&policy.tiers)
        .map_err(|error| Error::Unexpected(error.to_string()))?;
    sql::execute(
        tx,
        "INSERT INTO fair_use_policy (package_id, isp_id, counting_window, counts, notify_percent, \
         tiers, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
         ON CONFLICT (package_id) DO UPDATE SET counting_window = excluded.counting_window, \
         counts = excluded.counts, notify_percent = excluded.notify_percent, \
         tiers = excluded.tiers, updated_at = excluded.updated_at",
        values![
            package.id.as_uuid(),
            package.isp_id.as_uuid(),
            policy.window.as_str(),
            policy.counts.as_str(),
            i64::from(policy.notify_percent),
            tiers,
            tx.now(),
            tx.now(),
        ],
    )
    .await?;
    Ok(())
}

/// Takes the fair-use policy of a package away; answers whether there was one.
pub async fn remove_policy(tx: &Tx, package: &PackageRef) -> Result<bool, Error> {
    let sql = "DELETE FROM fair_use_policy WHERE package_id = $1 AND isp_id = $2";
    let key = values![package.id.as_uuid(), package.isp_id.as_uuid()];
    Ok(sql::execute(tx, sql, key).await? > 0)
}

#[derive(FromQueryResult)]
struct StandingRow {
    customer_id: Uuid,
    mode: String,
    tier: Option<i64>,
    until: Option<DateTime<Utc>>,
    baseline_day: Option<NaiveDate>,
    baseline_input: i64,
    baseline_output: i64,
    baseline_seconds: i64,
}

/// A count as it is stored; what does not fit is as much as fits.
pub(crate) fn stored(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

pub(crate) fn used(input: i64, output: i64, seconds: i64) -> Used {
    let count = |stored| u64::try_from(stored).unwrap_or(0);
    Used {
        input_octets: count(input),
        output_octets: count(output),
        seconds: count(seconds),
    }
}

impl StandingRow {
    fn into_standing(self) -> Result<(CustomerId, Standing), Error> {
        let unknown = |text: &str| corrupt("fair_use_standing", text);
        let until = self.until;
        let mode = match (self.mode.as_str(), self.tier) {
            ("automatic", _) => Mode::Automatic,
            ("exempt", _) => Mode::Exempt { until },
            ("forced", Some(tier)) => Mode::Forced {
                tier: u8::try_from(tier).map_err(|_| unknown("tier"))?,
                until,
            },
            (mode, _) => return Err(unknown(mode)),
        };
        let counted = used(
            self.baseline_input,
            self.baseline_output,
            self.baseline_seconds,
        );
        let baseline = self.baseline_day.map(|first_day| Baseline {
            first_day,
            used: counted,
        });
        let standing = Standing { mode, baseline };
        Ok((CustomerId::from_uuid(self.customer_id), standing))
    }
}

/// What is kept of customers' fair use; those of whom nothing is kept are missing.
pub async fn standings(
    read: &Read,
    customers: &[CustomerId],
) -> Result<Vec<(CustomerId, Standing)>, Error> {
    let mut sql = Sql::new(
        "SELECT customer_id, mode, tier, until, baseline_day, baseline_input, baseline_output, \
         baseline_seconds FROM fair_use_standing WHERE customer_id IN ",
    );
    sql.list(customers.iter().map(|id| id.as_uuid()));
    let rows: Vec<StandingRow> = sql.all(read).await?;
    rows.into_iter().map(StandingRow::into_standing).collect()
}

/// Keeps what people decided about a customer's fair use.
pub async fn put_standing(
    tx: &Tx,
    isp_id: IspId,
    customer_id: CustomerId,
    standing: &Standing,
) -> Result<(), Error> {
    let tier = match standing.mode {
        Mode::Forced { tier, .. } => Some(i64::from(tier)),
        Mode::Automatic | Mode::Exempt { .. } => None,
    };
    let baseline = standing.baseline;
    let counted = baseline.map(|baseline| baseline.used).unwrap_or_default();
    sql::execute(
        tx,
        "INSERT INTO fair_use_standing (customer_id, isp_id, mode, tier, until, baseline_day, \
         baseline_input, baseline_output, baseline_seconds, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
         ON CONFLICT (customer_id) DO UPDATE SET mode = excluded.mode, tier = excluded.tier, \
         until = excluded.until, baseline_day = excluded.baseline_day, \
         baseline_input = excluded.baseline_input, baseline_output = excluded.baseline_output, \
         baseline_seconds = excluded.baseline_seconds, updated_at = excluded.updated_at",
        values![
            customer_id.as_uuid(),
            isp_id.as_uuid(),
            fair_use_mode(standing.mode),
            tier,
            standing.mode.until(),
            baseline.map(|baseline| baseline.first_day),
            stored(counted.input_octets),
            stored(counted.output_octets),
            stored(counted.seconds),
            tx.now(),
        ],
    )
    .await?;
    Ok(())
}

/// Holds a customer until the unit of work ends; false when there is none.
pub async fn lock_customer(tx: &Tx, customer_id: CustomerId) -> Result<bool, Error> {
    let sql = format!(
        "SELECT 1 FROM customer WHERE id = $1{}",
        tx.backend().for_update()
    );
    Ok(sql::row(tx, &sql, values![customer_id.as_uuid()])
        .await?
        .is_some())
}

/// Notes that a customer was told of a threshold; false when that was noted in this window before.
pub async fn note_notice(
    tx: &Tx,
    isp_id: IspId,
    customer_id: CustomerId,
    notice: &Notice,
) -> Result<bool, Error> {
    let noted = sql::execute(
        tx,
        "INSERT INTO fair_use_notice (customer_id, cause, tier, first_day, isp_id, at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        values![
            customer_id.as_uuid(),
            notice.cause.as_str(),
            i64::from(notice.tier),
            notice.first_day,
            isp_id.as_uuid(),
            tx.now(),
        ],
    )
    .await?;
    Ok(noted > 0)
}

/// Lets a customer be told again in the window that begins on that day.
pub async fn forget_notices(
    tx: &Tx,
    customer_id: CustomerId,
    cause: Cause,
    first_day: NaiveDate,
) -> Result<(), Error> {
    let sql =
        "DELETE FROM fair_use_notice WHERE customer_id = $1 AND cause = $2 AND first_day = $3";
    let key = values![customer_id.as_uuid(), cause.as_str(), first_day];
    sql::execute(tx, sql, key).await?;
    Ok(())
}

/// Something that happened to a customer's fair use.
#[derive(Debug, Clone)]
pub struct LogEntry {
    /// Whose customer.
    pub isp_id: IspId,
    /// Which customer.
    pub customer_id: CustomerId,
    /// What happened, by name.
    pub action: LogAction,
    /// By which rule.
    pub cause: Cause,
    /// Which of its steps.
    pub tier: Option<u8>,
    /// Whether a person asked for it.
    pub manual: bool,
    /// Until when it holds.
    pub until: Option<DateTime<Utc>>,
    /// What was used.
    pub used: Used,
    /// Why, in a person's words.
    pub note: Option<String>,
}

/// What happened to a customer's fair use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogAction {
    /// A restriction began.
    Applied,
    /// Another tier, or another end.
    Changed,
    /// A restriction ended.
    Lifted,
    /// The customer is to be told of a threshold ahead.
    Notified,
    /// A person put a tier in force.
    Activated,
    /// A person exempted the customer.
    Deactivated,
    /// A person began the count anew.
    Reset,
}

impl LogAction {
    /// Every action.
    pub const ALL: [Self; 7] = [
        Self::Applied,
        Self::Changed,
        Self::Lifted,
        Self::Notified,
        Self::Activated,
        Self::Deactivated,
        Self::Reset,
    ];

    /// The name in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Changed => "changed",
            Self::Lifted => "lifted",
            Self::Notified => "notified",
            Self::Activated => "activated",
            Self::Deactivated => "deactivated",
            Self::Reset => "reset",
        }
    }
}

/// Writes the log, with who did it.
pub async fn log(tx: &Tx, entry: &LogEntry) -> Result<(), Error> {
    sql::execute(
        tx,
        "INSERT INTO fair_use_log (id, isp_id, customer_id, action, cause, tier, manual, until, \
         input_octets, output_octets, seconds, note, actor_id, at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        values![
            FairUseLogId::generate().as_uuid(),
            entry.isp_id.as_uuid(),
            entry.customer_id.as_uuid(),
            entry.action.as_str(),
            entry.cause.as_str(),
            entry.tier.map(i64::from),
            entry.manual,
            entry.until,
            stored(entry.used.input_octets),
            stored(entry.used.output_octets),
            stored(entry.used.seconds),
            entry.note.clone(),
            tx.actor().user_id().map(domain::ids::UserId::as_uuid),
            tx.now(),
        ],
    )
    .await?;
    Ok(())
}
