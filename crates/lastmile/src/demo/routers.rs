//! The management side of the demo's routers: what an operator sees under *Routers*.
//!
//! Their ports are the system's choice, and so the product is told of them at each start. The first
//! router is spoken to in the clear; the second shows a certificate for somebody to confirm.

use std::{net::SocketAddr, sync::Arc};

use anyhow::Context as _;
use app::use_cases::routers::{CreateRouter, EditRouter, create_router, edit_router, list_routers};
use domain::{
    authz::{Actor, IspRef, NasRef, RouterRef, Scope, SystemActor},
    page::PageRequest,
};
use persistence::{query::routers::RouterFilter, repo::nas::NasRecord};
use simnet::router::{
    Account, Router, RouterConfig,
    server::{Listen, RouterServer},
};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{ROUTERS, allowed};
use crate::parts::Parts;

const USER: &str = "lastmile";
const PASSWORD: &str = "demo-router-password";
const CERTIFICATE: &str = "/certificate add name=api common-name=api\n/certificate sign api\n\
    /ip service set api-ssl certificate=api";

/// Starts the routers and registers them.
pub(super) async fn start(
    parts: &Parts,
    tasks: &mut JoinSet<()>,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    let scope = Scope::own(&Actor::System(SystemActor::Installation));
    let clients = app::use_cases::nas::list_nas(&parts.ctx, &scope).await?;
    for (at, (name, address)) in ROUTERS.into_iter().enumerate() {
        let Some(nas) = clients.iter().find(|nas| nas.name == name) else {
            continue;
        };
        let version = if at == 0 { "7.16" } else { "7.20" };
        let server = play(parts, (name, address, version), stop).await?;
        let tls = at > 0;
        register(parts, nas, &server, tls).await?;
        let stop = stop.clone();
        tasks.spawn(async move {
            stop.cancelled().await;
            server.shut_down().await;
        });
    }
    Ok(())
}

async fn play(
    parts: &Parts,
    (name, address, version): (&str, &str, &str),
    stop: &CancellationToken,
) -> anyhow::Result<RouterServer> {
    let config = RouterConfig {
        version: version.to_owned(),
        identity: name.to_owned(),
        users: vec![Account {
            name: USER.to_owned(),
            password: PASSWORD.to_owned(),
            group: "read".to_owned(),
        }],
        setup: CERTIFICATE.to_owned(),
        ..RouterConfig::default()
    };
    let router = Router::new(&config, parts.ctx.clock.now())?;
    let bind = SocketAddr::new(address.parse().context("a loopback address")?, 0);
    let listen = Listen {
        plain: bind,
        tls: Some(bind),
    };
    let clock = Arc::clone(&parts.ctx.clock);
    let server = RouterServer::start(router, listen, clock, stop.child_token()).await;
    server.context("the simulated routers cannot be started")
}

/// Adds the router at the first start, and tells of its port at each further one.
async fn register(
    parts: &Parts,
    nas: &NasRecord,
    server: &RouterServer,
    tls: bool,
) -> anyhow::Result<()> {
    let address = match server.tls_address() {
        Some(address) if tls => address,
        _ => server.address(),
    };
    let isp = isp_of(parts, nas).await?;
    let scope = Scope::own(&Actor::System(SystemActor::Installation));
    let wanted = RouterFilter {
        search: Some(nas.name.clone()),
        ..RouterFilter::default()
    };
    let known = list_routers(&parts.ctx, &scope, &wanted, &PageRequest::default()).await?;
    let mut known = known.items.into_iter();
    if let Some(router) = known.find(|router| router.name == nas.name) {
        let edit = EditRouter {
            version: router.version,
            port: Some(address.port()),
            ..EditRouter::default()
        };
        let router_ref = RouterRef {
            id: router.id,
            isp_id: router.isp_id,
        };
        edit_router(&parts.ctx, allowed(router_ref)?, edit).await?;
        return Ok(());
    }
    let router = CreateRouter {
        name: nas.name.clone(),
        address: address.ip().to_string(),
        port: Some(address.port()),
        tls,
        username: USER.to_owned(),
        password: PASSWORD.to_owned().into(),
        nas: Some(NasRef {
            id: nas.id,
            isp_id: nas.isp_id,
        }),
    };
    create_router(&parts.ctx, allowed(isp)?, router).await?;
    Ok(())
}

async fn isp_of(parts: &Parts, nas: &NasRecord) -> anyhow::Result<IspRef> {
    let scope = Scope::own(&Actor::System(SystemActor::Installation));
    let read = parts.ctx.db.read_platform().await?;
    let isp = persistence::lookup::isp(&read, &scope, nas.isp_id).await?;
    read.done().await?;
    isp.context("the demo ISP")
}
