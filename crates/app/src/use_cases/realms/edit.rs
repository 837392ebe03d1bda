//! Changes a realm.

use domain::{
    authz::{Proof, RealmRef, perm},
    event::DomainEvent,
    field::Fields,
    network::realm::RealmPosition,
};
use persistence::repo::realms::{self, RealmRecord, RealmStatus};
use serde_json::json;

use super::{
    NamedHomeServer, RealmError, check_waiting, name_of, refuse_idle, servers_of, snapshot, taken,
};
use crate::{ctx::AppCtx, reactions};

/// What changes of a realm; what is absent stays.
#[derive(Clone, Default)]
pub struct EditRealm {
    /// Another name.
    pub name: Option<String>,
    /// Another place in user names.
    pub position: Option<RealmPosition>,
    /// Whether the home servers get the user name without the realm.
    pub strip: Option<bool>,
    /// Whether logins are decided by the home servers.
    pub authentication: Option<bool>,
    /// Whether accounting is sent to the home servers too.
    pub accounting: Option<bool>,
    /// How many logins may wait for the home servers at once.
    pub max_waiting_logins: Option<u32>,
    /// Whether it is in use.
    pub status: Option<RealmStatus>,
    /// Other home servers instead of all that were named before.
    pub home_servers: Option<Vec<NamedHomeServer>>,
}

/// Changes a realm; the RADIUS server goes by it at once.
pub async fn edit_realm(
    ctx: &AppCtx,
    proof: Proof<perm::ManageRouters, RealmRef>,
    cmd: EditRealm,
) -> Result<RealmRecord, RealmError> {
    let tx = ctx.db.begin("edit_realm", &proof).await?;
    let before = realms::lock(&tx, proof.resource()).await?;
    let before = before.ok_or(RealmError::Missing)?;
    let after = checked(ctx, before.clone(), &cmd)?;
    realms::update(&tx, &after).await.map_err(taken)?;
    let mut shown = snapshot(&after);
    let named = cmd.home_servers.iter().flatten();
    if named.into_iter().any(|server| server.secret.is_some()) {
        shown["secrets"] = json!("changed");
    }
    tx.record_change(Some(snapshot(&before)), Some(shown));
    let realm_id = after.id;
    reactions::record(&tx, DomainEvent::RealmChanged { realm_id }).await?;
    tx.commit().await?;
    ctx.signals.committed();
    Ok(after)
}

fn checked(
    ctx: &AppCtx,
    mut realm: RealmRecord,
    cmd: &EditRealm,
) -> Result<RealmRecord, RealmError> {
    let mut fields = Fields::default();
    if let Some(name) = &cmd.name {
        realm.name = name_of(&mut fields, name);
    }
    realm.position = cmd.position.unwrap_or(realm.position);
    realm.strip = cmd.strip.unwrap_or(realm.strip);
    realm.authentication = cmd.authentication.unwrap_or(realm.authentication);
    realm.accounting = cmd.accounting.unwrap_or(realm.accounting);
    realm.max_waiting_logins = cmd.max_waiting_logins.unwrap_or(realm.max_waiting_logins);
    check_waiting(&mut fields, realm.max_waiting_logins);
    realm.status = cmd.status.unwrap_or(realm.status);
    refuse_idle(&mut fields, realm.authentication, realm.accounting);
    if let Some(named) = &cmd.home_servers {
        realm.home_servers = servers_of(ctx, &mut fields, named, &realm.home_servers)?;
    }
    fields.finish(realm).map_err(RealmError::Invalid)
}
