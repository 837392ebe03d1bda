//! Changes a router, unless somebody else changed it meanwhile.

use domain::{
    authz::{NasRef, Proof, RouterRef, perm},
    event::DomainEvent,
    field::Fields,
    network::router::Standing,
    patch::Patch,
};
use persistence::repo::routers::{self, RouterRecord};
use serde_json::json;
use zeroize::Zeroizing;

use super::{
    RouterError, host_of, name_of, port_of, refuse_unsendable, sealed, snapshot, taken, username_of,
};
use crate::{ctx::AppCtx, reactions};

/// What changes of a router; what is absent stays.
#[derive(Clone, Default)]
pub struct EditRouter {
    /// The version that was seen.
    pub version: i64,
    /// Another name.
    pub name: Option<String>,
    /// Another address or name in the network.
    pub address: Option<String>,
    /// Another port of its API.
    pub port: Option<u16>,
    /// Whether the API is spoken to in TLS.
    pub tls: Option<bool>,
    /// Another user.
    pub username: Option<String>,
    /// Another password.
    pub password: Option<Zeroizing<String>>,
    /// Another RADIUS client that it is.
    pub nas: Patch<NasRef>,
    /// Whether it is looked at every minute.
    pub watched: Option<bool>,
}

/// Changes a router; where it is reached in another way, it is looked at at once.
pub async fn edit_router(
    ctx: &AppCtx,
    proof: Proof<perm::ManageRouters, RouterRef>,
    cmd: EditRouter,
) -> Result<RouterRecord, RouterError> {
    let password = cmd.password.as_ref();
    let password = password.map(|password| sealed(ctx, password)).transpose()?;
    let tx = ctx.db.begin("edit_router", &proof).await?;
    let before = routers::lock(&tx, proof.resource()).await?;
    let before = before.ok_or(RouterError::Missing)?;
    if before.version != cmd.version {
        return Err(RouterError::StaleVersion);
    }
    let mut after = checked(ctx, before.clone(), &cmd)?;
    after.version += 1;
    if is_reached_otherwise(&before, &after, &cmd) {
        after.standing = Standing::unchecked(tx.now());
        (after.presented, after.presented_at) = (None, None);
        after.next_check_at = after.watched.then(|| tx.now());
    }
    if (&before.host, before.port) != (&after.host, after.port) {
        // Another device, for all we know.
        after.facts = None;
        (after.checked_at, after.last_seen_at) = (None, None);
    }
    routers::update(&tx, &after, password)
        .await
        .map_err(taken)?;
    let mut shown = snapshot(&after);
    if cmd.password.is_some() {
        shown["password"] = json!("changed");
    }
    tx.record_change(Some(snapshot(&before)), Some(shown));
    let router_id = after.id;
    reactions::record(&tx, DomainEvent::RouterChanged { router_id }).await?;
    let after = routers::find(&tx, proof.resource()).await?;
    tx.commit().await?;
    ctx.signals.committed();
    after.ok_or(RouterError::Missing)
}

fn checked(
    ctx: &AppCtx,
    mut router: RouterRecord,
    cmd: &EditRouter,
) -> Result<RouterRecord, RouterError> {
    let mut fields = Fields::default();
    let before = router.clone();
    if let Some(name) = &cmd.name {
        router.name = name_of(&mut fields, name);
    }
    if let Some(address) = &cmd.address {
        router.host = host_of(ctx, &mut fields, address);
    }
    if let Some(port) = cmd.port {
        router.port = port_of(&mut fields, port);
    }
    if let Some(username) = &cmd.username {
        router.username = username_of(&mut fields, username);
    }
    router.tls = cmd.tls.unwrap_or(router.tls);
    match &cmd.password {
        Some(password) => refuse_unsendable(&mut fields, password),
        // Who may change the way to a router must not learn its password by it.
        None if way(&router) != way(&before) => {
            let detail = "must be typed again, since the router is reached in another way";
            fields.refuse("password", "password_again", detail);
        }
        None => {}
    }
    router.watched = cmd.watched.unwrap_or(router.watched);
    router.nas_id = match cmd.nas {
        Patch::Absent => router.nas_id,
        Patch::Null => None,
        Patch::Value(nas) => Some(nas.id),
    };
    fields.finish(router).map_err(RouterError::Invalid)
}

/// Whether what is known of it says nothing of how it is reached now.
fn is_reached_otherwise(before: &RouterRecord, after: &RouterRecord, cmd: &EditRouter) -> bool {
    way(before) != way(after)
        || before.username != after.username
        || before.watched != after.watched
        || cmd.password.is_some()
}

/// Where the password goes, and whether in the clear.
fn way(router: &RouterRecord) -> (&str, u16, bool) {
    (&router.host, router.port, router.tls)
}
