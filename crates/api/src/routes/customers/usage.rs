//! What a subscriber used, and uses right now.

use std::time::Duration;

use actix_web::{HttpResponse, get, web, web::Json};
use app::ctx::AppCtx;
use chrono::{DateTime, Datelike as _, Months, NaiveDate, TimeDelta, Utc};
use domain::{
    authz::{CustomerRef, Scope, perm},
    page::PageRequest,
};
use persistence::query::{
    sessions::{self, SessionRow},
    usage::{self, Division, UsageRow},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::{
    extract::{Guard, ValidQuery},
    problem::{ApiErrors, Problem},
    watch::{self, Watched},
};

/// The longest stretch that is answered.
const MAX_DAYS: i64 = 10 * 366;

/// Into which stretches usage is divided.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum UsageDivision {
    /// Days of the ISP's time zone.
    #[default]
    Day,
    /// Calendar months of the ISP's time zone.
    Month,
}

/// Which usage is wanted.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct UsageQuery {
    /// The first day; 31 days or 12 months back when absent.
    from: Option<NaiveDate>,
    /// The last day, included; today when absent.
    to: Option<NaiveDate>,
    /// Days or months.
    #[param(inline)]
    by: Option<UsageDivision>,
}

/// An amount of traffic and time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Amount {
    input: i64,
    output: i64,
    seconds: i64,
}

/// What was used on one day, in one month, or altogether.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct UsageAmount {
    /// Bytes from the customer, as a decimal text.
    upload_bytes: String,
    /// Bytes to the customer, as a decimal text.
    download_bytes: String,
    /// Seconds online, over all sessions.
    seconds: i64,
}

/// What was used on one day or in one month.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UsageItem {
    /// The day, or the first day of the month.
    date: NaiveDate,
    #[serde(flatten)]
    amount: UsageAmount,
}

/// What a subscriber used; days and months without usage are left out.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UsageView {
    by: UsageDivision,
    from: NaiveDate,
    to: NaiveDate,
    items: Vec<UsageItem>,
    total: UsageAmount,
}

impl From<Amount> for UsageAmount {
    fn from(amount: Amount) -> Self {
        Self {
            upload_bytes: amount.input.to_string(),
            download_bytes: amount.output.to_string(),
            seconds: amount.seconds,
        }
    }
}

impl Amount {
    const fn of(row: &UsageRow) -> Self {
        Self {
            input: row.input_octets,
            output: row.output_octets,
            seconds: row.session_seconds,
        }
    }

    fn sum(rows: &[UsageRow]) -> Self {
        rows.iter()
            .map(Self::of)
            .fold(Self::default(), |sum, one| Self {
                input: sum.input.saturating_add(one.input),
                output: sum.output.saturating_add(one.output),
                seconds: sum.seconds.saturating_add(one.seconds),
            })
    }
}

/// Show what a subscriber used
///
/// Traffic behind the wall does not count. A session that goes on over midnight is divided.
#[utoipa::path(tag = "customers", params(UsageQuery),
    extensions(("x-permission" = json!("view_customers"))),
    responses((status = 200, description = "Usage by day or month, in order", body = UsageView), ApiErrors))]
#[get("/customers/{id}/usage")]
pub(crate) async fn get_customer_usage(
    guard: Guard<perm::ViewCustomers>,
    path: web::Path<Uuid>,
    query: ValidQuery<UsageQuery>,
) -> Result<Json<UsageView>, Problem> {
    let customer = *guard.customer(path.into_inner()).await?.resource();
    let query = query.into_inner();
    let by = query.by.unwrap_or_default();
    let read = guard.ctx().db.read(guard.scope()).await?;
    let today = usage::today(&read, customer, guard.ctx().clock.now()).await?;
    let (from, to) = stretch(&query, by, today)?;
    let division = match by {
        UsageDivision::Day => Division::Day,
        UsageDivision::Month => Division::Month,
    };
    let rows = usage::of_customer(&read, customer, division, (from, to)).await?;
    read.done().await?;
    Ok(Json(UsageView {
        by,
        from,
        to,
        total: Amount::sum(&rows).into(),
        items: rows
            .iter()
            .map(|row| UsageItem {
                date: row.date,
                amount: Amount::of(row).into(),
            })
            .collect(),
    }))
}

fn stretch(
    query: &UsageQuery,
    by: UsageDivision,
    today: NaiveDate,
) -> Result<(NaiveDate, NaiveDate), Problem> {
    let to = query.to.unwrap_or(today);
    let earliest = || match by {
        UsageDivision::Day => to.checked_sub_signed(TimeDelta::days(30)),
        UsageDivision::Month => to.checked_sub_months(Months::new(11)),
    };
    let from = query.from.or_else(earliest).unwrap_or(to);
    let from = match by {
        UsageDivision::Day => from,
        UsageDivision::Month => from.with_day(1).unwrap_or(from),
    };
    if from > to {
        return Err(Problem::invalid_field("from", "must not be after to"));
    }
    if (to - from).num_days() > MAX_DAYS {
        return Err(Problem::invalid_field(
            "from",
            "must be within ten years of to",
        ));
    }
    if !(1970..=9999).contains(&from.year()) || !(1970..=9999).contains(&to.year()) {
        return Err(Problem::invalid_field("from", "must be a day of our time"));
    }
    Ok((from, to))
}

/// One live session's counters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct LiveUsage {
    session_id: Uuid,
    /// Since when it is up.
    started_at: DateTime<Utc>,
    /// When its router reported last.
    updated_at: DateTime<Utc>,
    /// Seconds online.
    seconds: i64,
    /// Bytes from the customer, as a decimal text.
    upload_bytes: String,
    /// Bytes to the customer, as a decimal text.
    download_bytes: String,
    /// Bits per second from the customer between the last two reports, as a decimal text.
    upload_bps: String,
    /// Bits per second to the customer between the last two reports, as a decimal text.
    download_bps: String,
    /// The address it was given.
    framed_ip: Option<String>,
    /// Whether it is behind the wall.
    walled: bool,
}

/// What a subscriber uses right now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct UsageNow {
    /// The live sessions, latest first; none while the subscriber is offline.
    sessions: Vec<LiveUsage>,
    /// What was used today.
    today: UsageAmount,
    /// What was used in this month.
    month: UsageAmount,
}

/// One event of a stream of usage.
#[expect(dead_code, reason = "describes the stream, which is written as text")]
#[derive(ToSchema)]
pub(crate) struct UsageEvent {
    /// Always `usage`.
    event: String,
    /// What is used right now, a `UsageNow` as JSON text.
    data: String,
}

/// Watch what a subscriber uses
#[utoipa::path(tag = "customers", extensions(("x-permission" = json!("view_customers"))),
    responses((status = 200, description = "An event `usage` with the live sessions' counters and speeds at once, and again with each report of the router, a start or an end; for ten minutes, then connect again", body = UsageEvent, content_type = "text/event-stream"), ApiErrors))]
#[get("/customers/{id}/usage/events")]
pub(crate) async fn watch_customer_usage(
    guard: Guard<perm::ViewCustomers>,
    path: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let customer = *guard.customer(path.into_inner()).await?.resource();
    let (ctx, scope) = (guard.ctx().clone(), guard.scope().clone());
    let first = usage_now(&ctx, &scope, customer).await?;
    Ok(watch::respond(
        guard.watch()?,
        Watched {
            event: "usage",
            every: Duration::from_secs(1),
            has_ended: |_| false,
        },
        first,
        async move || usage_now(&ctx, &scope, customer).await,
    ))
}

async fn usage_now(
    ctx: &AppCtx,
    scope: &Scope,
    customer: CustomerRef,
) -> Result<UsageNow, Problem> {
    let read = ctx.db.read(scope).await?;
    let today = usage::today(&read, customer, ctx.clock.now()).await?;
    let first = today.with_day(1).unwrap_or(today);
    let day = usage::of_customer(&read, customer, Division::Day, (today, today)).await?;
    let month = usage::of_customer(&read, customer, Division::Month, (first, first)).await?;
    let page = PageRequest::default();
    let live = sessions::live_of_customer(&read, customer.isp_id, customer.id, &page).await?;
    read.done().await?;
    Ok(UsageNow {
        sessions: live.items.into_iter().map(LiveUsage::of).collect(),
        today: Amount::sum(&day).into(),
        month: Amount::sum(&month).into(),
    })
}

impl LiveUsage {
    fn of(row: SessionRow) -> Self {
        Self {
            session_id: row.id,
            started_at: row.started_at,
            updated_at: row.updated_at,
            seconds: row.session_time,
            upload_bytes: row.input_octets.to_string(),
            download_bytes: row.output_octets.to_string(),
            upload_bps: row.input_bps.to_string(),
            download_bps: row.output_bps.to_string(),
            framed_ip: row.framed_ip,
            walled: row.walled,
        }
    }
}
