//! The numbers of the first screen.
//!
//! Everybody who opens the product asks for them, and they are counted over whole tables: what was
//! counted is shown to all of the same reach for a few seconds.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    authz::Scope,
    ids::{IspId, OperatorId},
    money::{Currency, Money},
    period::{day_bounds, month_bounds},
    tenancy::Reach,
};
use persistence::{
    Error,
    query::overview::{self, Calendar, Overview},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::account::zone_of;
use crate::AppCtx;

/// How old the numbers may be.
const SHOWN_FOR: TimeDelta = TimeDelta::seconds(5);

/// How long the store keeps them; whether they may still be shown is asked of the clock.
const KEPT_FOR: Duration = Duration::from_secs(30);

/// Numbers with the time for which they are shown.
#[derive(Serialize, Deserialize)]
struct Counted {
    at: DateTime<Utc>,
    until: DateTime<Utc>,
    overview: Overview,
}

/// The numbers of the first screen. Who looks at several ISPs counts days in UTC and sees no sums,
/// since those may be in several currencies.
pub async fn get_overview(ctx: &AppCtx, scope: &Scope) -> Result<Overview, Error> {
    let Some(key) = key(scope.reach()) else {
        return Ok(count(ctx, scope).await?.overview);
    };
    if let Some(known) = known(ctx, &key).await {
        return Ok(known);
    }
    let counted = count(ctx, scope).await?;
    remember(ctx, &key, &counted).await;
    Ok(counted.overview)
}

/// Names the rows that are counted, whoever looks at them: all of the same reach share the numbers,
/// and nobody else has that name.
fn key(reach: &Reach) -> Option<String> {
    match reach {
        Reach::Platform => Some("overview:platform".to_owned()),
        Reach::Tenancy { id, isps } => {
            let isps = digest(isps.iter().copied().map(IspId::as_uuid));
            Some(format!("overview:tenancy:{id}:{isps}"))
        }
        Reach::Isp(isp_id) => Some(format!("overview:isp:{isp_id}")),
        Reach::Operators { isp_id, own, below } => {
            let operators = std::iter::once(own).chain(below);
            let operators = digest(operators.copied().map(OperatorId::as_uuid));
            Some(format!("overview:operators:{isp_id}:{operators}"))
        }
        Reach::Nothing => None,
    }
}

fn digest(ids: impl Iterator<Item = Uuid>) -> String {
    use std::fmt::Write as _;
    let mut ids: Vec<Uuid> = ids.collect();
    ids.sort_unstable();
    let mut sha = Sha256::new();
    for id in ids {
        sha.update(id.as_bytes());
    }
    let mut text = String::with_capacity(64);
    for byte in sha.finalize() {
        write!(text, "{byte:02x}").expect("invariant: writing to a String does not fail");
    }
    text
}

/// What was counted a moment ago. Without the shared store the numbers are counted each time.
async fn known(ctx: &AppCtx, key: &str) -> Option<Overview> {
    let bytes = ctx.shared.get(key).await.ok()??;
    let counted: Counted = serde_json::from_slice(&bytes).ok()?;
    let now = ctx.clock.now();
    (counted.at <= now && now < counted.until).then_some(counted.overview)
}

async fn remember(ctx: &AppCtx, key: &str, counted: &Counted) {
    let Ok(bytes) = serde_json::to_vec(counted) else {
        return;
    };
    if let Err(error) = ctx.shared.put(key, bytes, KEPT_FOR).await {
        tracing::debug!(%error, "the overview is not kept");
    }
}

async fn count(ctx: &AppCtx, scope: &Scope) -> Result<Counted, Error> {
    let read = ctx.db.read(scope).await?;
    let isp = overview::isp_of(&read, scope).await?;
    let zone = match &isp {
        Some((_, name)) => zone_of(name)?,
        None => chrono_tz::UTC,
    };
    let now = ctx.clock.now();
    let (this_month, _) = month_bounds(now, zone);
    let (last_month, _) = month_bounds(this_month - TimeDelta::seconds(1), zone);
    let calendar = Calendar {
        now,
        today: day_bounds(now, zone),
        this_month,
        last_month,
    };
    let currency = isp
        .as_ref()
        .map_or(Currency::BDT, |(currency, _)| *currency);
    let mut overview = overview::overview(&read, scope, currency, &calendar).await?;
    read.done().await?;
    if isp.is_none() {
        let nothing = Money::zero(currency);
        overview.revenue_this_month = nothing;
        overview.revenue_last_month = nothing;
        overview.collected_today = nothing;
        overview.due_today_amount = nothing;
    }
    Ok(Counted {
        at: now,
        // A new day has numbers of its own from its first instant.
        until: calendar.today.1.min(now + SHOWN_FOR),
        overview,
    })
}

#[cfg(test)]
mod tests {
    use domain::ids::TenancyId;

    use super::*;

    #[test]
    fn only_those_of_the_same_rows_share_their_numbers() {
        let (isp_id, other) = (IspId::generate(), IspId::generate());
        let (own, sub, another) = (
            OperatorId::generate(),
            OperatorId::generate(),
            OperatorId::generate(),
        );
        let operators = |isp_id, own, below: &[OperatorId]| Reach::Operators {
            isp_id,
            own,
            below: below.to_vec(),
        };
        let tenancy = |id, isps: &[IspId]| Reach::Tenancy {
            id,
            isps: isps.to_vec(),
        };
        let tenancy_id = TenancyId::generate();
        let reaches = [
            Reach::Platform,
            tenancy(tenancy_id, &[]),
            tenancy(tenancy_id, &[isp_id]),
            tenancy(tenancy_id, &[isp_id, other]),
            tenancy(TenancyId::generate(), &[isp_id]),
            Reach::Isp(isp_id),
            Reach::Isp(other),
            operators(isp_id, own, &[]),
            operators(isp_id, own, &[sub]),
            operators(isp_id, own, &[sub, another]),
            operators(isp_id, sub, &[]),
            operators(other, own, &[]),
        ];
        let keys: std::collections::HashSet<_> = reaches.iter().map(key).collect();
        assert_eq!(keys.len(), reaches.len());
        assert_eq!(
            key(&operators(isp_id, own, &[sub, another])),
            key(&operators(isp_id, own, &[another, sub]))
        );
        assert_eq!(key(&Reach::Nothing), None);
    }
}
