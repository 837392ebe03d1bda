//! Adds a router; it is looked at at once.

use domain::{
    authz::{IspRef, NasRef, Proof, perm},
    event::DomainEvent,
    field::Fields,
    ids::RouterId,
    network::router::{API_PORT, API_TLS_PORT, Standing},
};
use persistence::repo::routers::{self, RouterRecord};
use zeroize::Zeroizing;

use super::{
    RouterError, host_of, name_of, port_of, refuse_unsendable, sealed, snapshot, taken, username_of,
};
use crate::{ctx::AppCtx, reactions};

/// A router to be watched.
#[derive(Clone)]
pub struct CreateRouter {
    /// Its name.
    pub name: String,
    /// Its address or name in the network.
    pub address: String,
    /// The port of its API; the usual one when absent.
    pub port: Option<u16>,
    /// Whether the API is spoken to in TLS.
    pub tls: bool,
    /// The user that we are to it.
    pub username: String,
    /// That user's password.
    pub password: Zeroizing<String>,
    /// The RADIUS client that it is.
    pub nas: Option<NasRef>,
}

/// Adds a router.
pub async fn create_router(
    ctx: &AppCtx,
    proof: Proof<perm::ManageRouters, IspRef>,
    cmd: CreateRouter,
) -> Result<RouterRecord, RouterError> {
    let mut fields = Fields::default();
    let name = name_of(&mut fields, &cmd.name);
    let host = host_of(ctx, &mut fields, &cmd.address);
    let usual = if cmd.tls { API_TLS_PORT } else { API_PORT };
    let port = port_of(&mut fields, cmd.port.unwrap_or(usual));
    let username = username_of(&mut fields, &cmd.username);
    refuse_unsendable(&mut fields, &cmd.password);
    fields.finish(()).map_err(RouterError::Invalid)?;
    let password = sealed(ctx, &cmd.password)?;
    let tx = ctx.db.begin("create_router", &proof).await?;
    let made = RouterRecord {
        id: RouterId::generate(),
        isp_id: proof.resource().id,
        name,
        host,
        port,
        tls: cmd.tls,
        username,
        nas_id: cmd.nas.map(|nas| nas.id),
        nas_name: None,
        watched: true,
        version: 1,
        pinned: None,
        presented: None,
        presented_at: None,
        standing: Standing::unchecked(tx.now()),
        facts: None,
        checked_at: None,
        last_seen_at: None,
        next_check_at: Some(tx.now()),
        lease_until: None,
        created_at: tx.now(),
    };
    routers::insert(&tx, &made, password).await.map_err(taken)?;
    let made = routers::find(&tx, &reference(&made)).await?;
    let made = made.ok_or(RouterError::Missing)?;
    tx.set_resource("router", made.id.as_uuid());
    tx.record_change(None, Some(snapshot(&made)));
    let router_id = made.id;
    reactions::record(&tx, DomainEvent::RouterChanged { router_id }).await?;
    tx.commit().await?;
    ctx.signals.committed();
    Ok(made)
}

const fn reference(router: &RouterRecord) -> domain::authz::RouterRef {
    domain::authz::RouterRef {
        id: router.id,
        isp_id: router.isp_id,
    }
}
