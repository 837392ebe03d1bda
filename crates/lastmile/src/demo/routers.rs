//! The demo's routers as the product watches them: what an operator sees under *Routers*.
//!
//! Their ports are the system's choice, and so the product is told of them at each start. The first
//! router is spoken to in the clear; the others show a certificate for somebody to confirm.

use std::net::SocketAddr;

use anyhow::Context as _;
use app::use_cases::routers::{CreateRouter, EditRouter, create_router, edit_router, list_routers};
use domain::{
    authz::{Actor, IspRef, NasRef, RouterRef, Scope, SystemActor},
    page::PageRequest,
};
use persistence::{query::routers::RouterFilter, repo::nas::NasRecord};
use simnet::network::NasAddress;

use super::{ROUTER_PASSWORD, ROUTER_USER, allowed};
use crate::parts::Parts;

/// Adds the routers at the first start, and tells of their ports at each further one.
pub(super) async fn register(parts: &Parts, found: &[NasAddress]) -> anyhow::Result<()> {
    let scope = Scope::own(&Actor::System(SystemActor::Installation));
    let clients = app::use_cases::nas::list_nas(&parts.ctx, &scope).await?;
    for (at, router) in found.iter().enumerate() {
        let Some(nas) = clients.iter().find(|nas| nas.name == router.name) else {
            continue;
        };
        let tls = at > 0;
        let address = if tls { router.api_tls } else { router.api };
        let address = address.context("the simulated routers have an API")?;
        register_one(parts, nas, address, tls).await?;
    }
    Ok(())
}

async fn register_one(
    parts: &Parts,
    nas: &NasRecord,
    address: SocketAddr,
    tls: bool,
) -> anyhow::Result<()> {
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
            password: Some(ROUTER_PASSWORD.to_owned().into()),
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
        username: ROUTER_USER.to_owned(),
        password: ROUTER_PASSWORD.to_owned().into(),
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
