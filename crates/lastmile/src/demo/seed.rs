//! Customers by the hundred thousand, brought in by the product's own import.

use std::{collections::BTreeMap, fmt::Write as _, sync::Arc};

use anyhow::Context as _;
use app::{
    WorkerCtx,
    use_cases::{
        customers::{SuspendCustomer, suspend_customer},
        imports::{
            CreateImport, ImportOptions, OnError, apply_import, create_import, preview_import,
        },
        operators::list_operators,
    },
    worker::Worker,
};
use domain::{
    authz::{Actor, CustomerRef, ImportRef, IspRef, Scope, SystemActor},
    customer::{BillingType, ConnectionType, SuspensionReason},
    ids::{CustomerId, OperatorId},
};
use persistence::query::directory as rows;
use radius::coa::CoaClient;

use super::{
    allowed,
    subscribers::{FIRST, LAST},
};
use crate::parts::Parts;

/// Rows of one upload: a file of that size stays well under the limit.
const UPLOAD: usize = 50_000;
/// One in so many is suspended, so that every status has rows.
const SUSPENDED_EVERY: usize = 100;
const MOST_SUSPENDED: usize = 1_000;

/// Adds customers to the demo ISP and answers how many there are of them.
pub(crate) async fn customers(parts: &Parts, count: usize) -> anyhow::Result<usize> {
    let installation = Actor::System(SystemActor::Installation);
    let read = parts.ctx.db.read_platform().await?;
    let isp_id = rows::isps(&read)
        .await?
        .into_iter()
        .next()
        .context("the demo ISP exists")?;
    let scope = Scope::own(&installation);
    let isp = persistence::lookup::isp(&read, &scope, isp_id)
        .await?
        .context("the demo ISP")?;
    read.done().await?;
    let mut owners: Vec<Option<OperatorId>> = vec![None];
    let operators = list_operators(&parts.ctx, &scope).await?;
    owners.extend(operators.iter().map(|detail| Some(detail.operator.id)));

    let (mut added, mut upload) = (0, 0);
    while added < count {
        let rows = UPLOAD.min(count - added);
        let owner = owners.get(upload % owners.len()).copied().flatten();
        bring_in(parts, isp, owner, added, rows).await?;
        (added, upload) = (added + rows, upload + 1);
        tracing::info!(added, of = count, "seeding");
    }
    suspend_some(parts, isp).await?;
    Ok(added)
}

async fn bring_in(
    parts: &Parts,
    isp: IspRef,
    operator_id: Option<OperatorId>,
    from: usize,
    count: usize,
) -> anyhow::Result<()> {
    let ctx = &parts.ctx;
    let file = CreateImport {
        file_name: format!("seed-{from}.csv"),
        content: csv(from, count)?,
    };
    let run = create_import(ctx, allowed(isp)?, file).await?;
    let import = ImportRef {
        id: run.id,
        isp_id: isp.id,
        operator_id: None,
    };
    let columns = [
        "name",
        "mobile",
        "username",
        "password",
        "package",
        "zone",
        "connection_type",
        "address",
    ];
    let options = ImportOptions {
        mapping: columns
            .iter()
            .map(|name| ((*name).to_owned(), (*name).to_owned()))
            .collect(),
        profile_packages: BTreeMap::new(),
        default_package_id: None,
        zone_id: None,
        operator_id,
        connection_type: ConnectionType::Pppoe,
        billing_type: BillingType::Prepaid,
        skip_disabled: true,
        initial_bill: false,
        expires_at: Some(ctx.clock.now() + chrono::TimeDelta::days(20)),
        on_error: OnError::Abort,
    };
    let previewed = preview_import(ctx, allowed(import)?, options).await?;
    let token = previewed.token.context("a preview has a token")?;
    apply_import(ctx, allowed(import)?, &token).await?;
    let worker = WorkerCtx {
        app: ctx.clone(),
        sessions: Arc::new(CoaClient::default()),
    };
    Worker::new(worker).drain().await;
    Ok(())
}

fn csv(from: usize, count: usize) -> anyhow::Result<String> {
    let packages = ["Home 10M", "Home 20M", "Home 40M", "Business 50M"];
    let zones = ["Mirpur", "Uttara", "Dhanmondi", "Banani", "Mohammadpur"];
    let pick = |list: &[&'static str], n: usize| list.get(n % list.len()).copied().unwrap_or("");
    let mut text =
        String::from("name,mobile,username,password,package,zone,connection_type,address\n");
    for n in from..from + count {
        let (first, last) = (pick(&FIRST, n), pick(&LAST, n / FIRST.len()));
        writeln!(
            text,
            "{first} {last} {n},018{:08},user{n},pw{n},{},{},{},\"House {}, Road {}\"",
            n % 100_000_000,
            pick(&packages, n / 3),
            pick(&zones, n / 7),
            if n.is_multiple_of(5) {
                "hotspot"
            } else {
                "pppoe"
            },
            n % 90 + 1,
            n % 31 + 1,
        )?;
    }
    Ok(text)
}

async fn suspend_some(parts: &Parts, isp: IspRef) -> anyhow::Result<()> {
    let read = parts.ctx.db.read_platform().await?;
    let mut after = None;
    let mut chosen = Vec::new();
    while chosen.len() < MOST_SUSPENDED {
        let page = rows::subscribers(&read, after, 5_000).await?;
        let Some(last) = page.last() else { break };
        after = Some(CustomerId::from_uuid(last.id));
        chosen.extend(
            page.iter()
                .step_by(SUSPENDED_EVERY)
                .filter(|row| row.status == "active")
                .map(|row| row.id),
        );
    }
    read.done().await?;
    let scope = Scope::own(&Actor::System(SystemActor::Installation));
    for id in chosen.into_iter().take(MOST_SUSPENDED) {
        let read = parts.ctx.db.read_platform().await?;
        let customer =
            persistence::lookup::customer(&read, &scope, CustomerId::from_uuid(id)).await?;
        read.done().await?;
        let customer: CustomerRef = customer.context("a seeded customer")?;
        if customer.isp_id == isp.id {
            let cmd = SuspendCustomer {
                reason: SuspensionReason::NonPayment,
                note: None,
            };
            suspend_customer(&parts.ctx, allowed(customer)?, cmd).await?;
        }
    }
    Ok(())
}
