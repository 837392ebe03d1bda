//! Makes a realm.

use domain::{
    authz::{IspRef, Proof, perm},
    event::DomainEvent,
    field::Fields,
    ids::RealmId,
    network::realm::{RealmPosition, WAITING_LOGINS},
};
use persistence::repo::realms::{self, RealmRecord, RealmStatus};

use super::{
    NamedHomeServer, RealmError, check_waiting, name_of, refuse_idle, servers_of, snapshot, taken,
};
use crate::{ctx::AppCtx, reactions};

/// A realm to be made.
#[derive(Clone)]
pub struct CreateRealm {
    /// Its name.
    pub name: String,
    /// Where it stands in user names.
    pub position: RealmPosition,
    /// Whether the home servers get the user name without the realm.
    pub strip: bool,
    /// Whether logins are decided by the home servers.
    pub authentication: bool,
    /// Whether accounting is sent to the home servers too.
    pub accounting: bool,
    /// How many logins may wait for the home servers at once; the usual number when absent.
    pub max_waiting_logins: Option<u32>,
    /// Who is asked, in this order.
    pub home_servers: Vec<NamedHomeServer>,
}

/// Makes a realm; the RADIUS server goes by it at once.
pub async fn create_realm(
    ctx: &AppCtx,
    proof: Proof<perm::ManageRouters, IspRef>,
    cmd: CreateRealm,
) -> Result<RealmRecord, RealmError> {
    let mut fields = Fields::default();
    let name = name_of(&mut fields, &cmd.name);
    refuse_idle(&mut fields, cmd.authentication, cmd.accounting);
    let max_waiting_logins = cmd.max_waiting_logins.unwrap_or(WAITING_LOGINS);
    check_waiting(&mut fields, max_waiting_logins);
    let home_servers = servers_of(ctx, &mut fields, &cmd.home_servers, &[])?;
    let home_servers = fields.finish(home_servers).map_err(RealmError::Invalid)?;
    let tx = ctx.db.begin("create_realm", &proof).await?;
    let realm = RealmRecord {
        id: RealmId::generate(),
        isp_id: proof.resource().id,
        name,
        position: cmd.position,
        strip: cmd.strip,
        authentication: cmd.authentication,
        accounting: cmd.accounting,
        max_waiting_logins,
        status: RealmStatus::Active,
        created_at: tx.now(),
        home_servers,
        counters: Vec::new(),
    };
    realms::insert(&tx, &realm).await.map_err(taken)?;
    tx.set_resource("realm", realm.id.as_uuid());
    tx.record_change(None, Some(snapshot(&realm)));
    let realm_id = realm.id;
    reactions::record(&tx, DomainEvent::RealmChanged { realm_id }).await?;
    tx.commit().await?;
    ctx.signals.committed();
    Ok(realm)
}
