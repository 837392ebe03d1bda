//! A demo ISP for newcomers: people of every role, 200 subscribers, and two simulated routers on
//! which they really log in.
//!
//! Its passwords are fixed and printed, so it is made only when asked for, on an empty database.

mod network;
mod notes;
mod people;
mod routers;
pub(crate) mod seed;
mod subscribers;

use std::{net::SocketAddr, sync::Arc};

use anyhow::Context as _;
use app::{
    directory::Directory,
    use_cases::{
        nas::{CreateNas, create_nas},
        packages::{CreatePackage, create_package},
        zones::create_zone,
    },
};
use domain::{
    authz::{Actor, IspRef, PermissionMarker, Proof, Resource, SystemActor, authorize},
    catalog::{AccessTerms, PackageTerms, RateLimit},
    customer::BillingType,
    ids::{PackageId, ZoneId},
    money::{Currency, Money},
    network::nas::{LimitProxyState, RequireMessageAuthenticator},
    period::Cycle,
};
use persistence::query::directory as rows;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{config::Config, parts::Parts};

/// The secret between the simulated routers and the server.
const NAS_SECRET: &str = "demo-nas-secret-5f2a9c";
/// The password of each user of the simulated routers.
const ROUTER_PASSWORD: &str = "demo-router-4e1b77";
/// The user of the simulated routers that the product is.
const ROUTER_USER: &str = "lastmile";
/// The name and address of each simulated router.
const ROUTERS: [(&str, &str); 2] = [("POP-Mirpur", "127.0.0.2"), ("POP-Uttara", "127.0.0.3")];
/// Tools of this machine (radclient, scripts) are a RADIUS client, too. Nobody else sends from there.
const TOOLS: (&str, &str) = ("This machine", "127.0.0.1");

fn allowed<P: PermissionMarker, R: Resource>(resource: R) -> anyhow::Result<Proof<P, R>> {
    authorize(&Actor::System(SystemActor::Installation), resource).context("the installation")
}

/// Makes the demo ISP, when there is no ISP yet.
pub(crate) async fn prepare(parts: &Parts) -> anyhow::Result<()> {
    let read = parts.ctx.db.read_platform().await?;
    let existing = rows::isps(&read).await?;
    read.done().await?;
    if !existing.is_empty() {
        return Ok(());
    }
    tracing::info!("making the demo ISP: this takes a few seconds");
    let isp = people::platform(parts).await?;
    let packages = packages(parts, isp).await?;
    let zones = zones(parts, isp).await?;
    routers(parts, isp).await?;
    let resellers = people::inside(parts, isp).await?;
    subscribers::all(parts, isp, &packages, &zones, &resellers).await
}

/// Starts the simulated network and writes the notes for people and scripts.
pub(crate) async fn start(
    parts: &Parts,
    config: &Config,
    http: SocketAddr,
    directory: Arc<Directory>,
    tasks: &mut JoinSet<()>,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    let found = network::start(parts, config, Arc::clone(&directory), tasks, stop).await?;
    routers::register(parts, &found).await?;
    notes::write(config, http, &directory, &found)
}

async fn packages(parts: &Parts, isp: IspRef) -> anyhow::Result<Vec<(PackageId, i64)>> {
    let wanted = [
        ("Home 10M", 10_000, 70_000),
        ("Home 20M", 20_000, 100_000),
        ("Home 40M", 40_000, 150_000),
        ("Business 50M", 50_000, 500_000),
    ];
    let mut made = Vec::new();
    for (name, down_kbps, price) in wanted {
        let terms = PackageTerms {
            name: name.to_owned(),
            rate: RateLimit::new(down_kbps / 2, down_kbps),
            rate_managed_by_router: false,
            price: Money::from_minor(price, Currency::BDT),
            cycle: Cycle::Monthly,
            billing_type: BillingType::Prepaid,
            pool: Some("customers".to_owned()),
            address_list: None,
            router_profile: None,
            simultaneous_use: 1,
            access: AccessTerms::default(),
        };
        let package = create_package(&parts.ctx, allowed(isp)?, CreatePackage { terms }).await?;
        made.push((package.id, price));
    }
    Ok(made)
}

async fn zones(parts: &Parts, isp: IspRef) -> anyhow::Result<Vec<ZoneId>> {
    let mut made = Vec::new();
    for name in ["Mirpur", "Uttara", "Dhanmondi", "Banani", "Mohammadpur"] {
        made.push(
            create_zone(&parts.ctx, allowed(isp)?, name.to_owned())
                .await?
                .id,
        );
    }
    Ok(made)
}

async fn routers(parts: &Parts, isp: IspRef) -> anyhow::Result<()> {
    let client = |(name, address): (&str, &str)| CreateNas {
        name: name.to_owned(),
        address: address.to_owned(),
        secret: Some(NAS_SECRET.to_owned().into()),
        ..CreateNas::default()
    };
    // Tools sign or do not, as whoever types likes: nothing may be learnt from one that did.
    let tools = CreateNas {
        require_message_authenticator: Some(RequireMessageAuthenticator::No),
        limit_proxy_state: Some(LimitProxyState::No),
        ..client(TOOLS)
    };
    for nas in ROUTERS.into_iter().map(client).chain([tools]) {
        create_nas(&parts.ctx, allowed(isp)?, nas).await?;
    }
    Ok(())
}
