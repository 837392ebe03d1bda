//! Changes a RADIUS client.

use chrono::TimeDelta;
use domain::{
    authz::{NasRef, Proof, perm},
    event::DomainEvent,
    field::Fields,
    network::nas::{LimitProxyState, RequireMessageAuthenticator},
    patch::Patch,
};
use persistence::{
    Error,
    repo::nas::{self, NasRecord, NasStatus},
};
use serde_json::json;
use zeroize::Zeroizing;

use super::{
    NasError,
    create::{MAX_NAME, address_of, identity_of, port_of, refuse_limits, refuse_weak},
    snapshot, taken,
};
use crate::{ctx::AppCtx, reactions};

/// What changes of a RADIUS client; what is absent stays.
#[derive(Clone, Default)]
pub struct EditNas {
    /// Another name.
    pub name: Option<String>,
    /// Another address or network it sends from.
    pub address: Option<String>,
    /// Another secret.
    pub secret: Option<Zeroizing<String>>,
    /// For how many hours the secret before is taken too, so that routers can be changed one by
    /// one; not at all when absent.
    pub keep_old_secret_hours: Option<u16>,
    /// Another port for Disconnect- and CoA-Requests.
    pub coa_port: Option<u16>,
    /// Another BlastRADIUS rule for its Access-Requests.
    pub require_message_authenticator: Option<RequireMessageAuthenticator>,
    /// Another BlastRADIUS rule for Access-Requests with Proxy-State.
    pub limit_proxy_state: Option<LimitProxyState>,
    /// Whether its accounting counts input and output the other way round.
    pub swap_octets: Option<bool>,
    /// Another limit of requests in one second.
    pub max_requests_per_second: Patch<u32>,
    /// Another limit of requests under way.
    pub max_in_flight: Patch<u32>,
    /// Another name of its certificate for RadSec.
    pub radsec_identity: Patch<String>,
    /// Whether it is answered.
    pub status: Option<NasStatus>,
}

/// The longest time two secrets are taken side by side: a week.
const MAX_OVERLAP_HOURS: u16 = 168;

/// Changes a RADIUS client; the server goes by it at once.
pub async fn edit_nas(
    ctx: &AppCtx,
    proof: Proof<perm::ManageRouters, NasRef>,
    cmd: EditNas,
) -> Result<NasRecord, NasError> {
    let tx = ctx.db.begin("edit_nas", &proof).await?;
    let before = nas::lock(&tx, proof.resource()).await?;
    let before = before.ok_or(NasError::Missing)?;
    let mut after = checked(ctx, before.clone(), &cmd)?;
    if cmd.secret.is_some() {
        let hours = cmd.keep_old_secret_hours.filter(|&hours| hours > 0);
        after.old_secret_until = hours.map(|hours| tx.now() + TimeDelta::hours(hours.into()));
    }
    let sealed = cmd
        .secret
        .as_ref()
        .map(|secret| ctx.keyring.seal(secret.as_bytes()))
        .transpose()
        .map_err(|error| Error::Unexpected(error.to_string()))?;
    let mut shown = snapshot(&after);
    if sealed.is_some() {
        shown["secret"] = json!("changed");
    }
    nas::update(&tx, &after, sealed).await.map_err(taken)?;
    tx.record_change(Some(snapshot(&before)), Some(shown));
    let nas_id = after.id;
    reactions::record(&tx, DomainEvent::NasChanged { nas_id }).await?;
    tx.commit().await?;
    ctx.signals.committed();
    Ok(after)
}

fn checked(ctx: &AppCtx, mut record: NasRecord, cmd: &EditNas) -> Result<NasRecord, NasError> {
    let mut fields = Fields::default();
    if let Some(name) = &cmd.name {
        record.name = fields.line("name", name, MAX_NAME);
    }
    if let Some(raw) = &cmd.address {
        record.address = address_of(ctx, &mut fields, raw).unwrap_or(record.address);
    }
    if let Some(port) = cmd.coa_port {
        record.coa_port = port_of(&mut fields, port);
    }
    if let Some(secret) = &cmd.secret {
        refuse_weak(&mut fields, secret);
    }
    if cmd.keep_old_secret_hours > Some(MAX_OVERLAP_HOURS) {
        let detail = "two secrets may be taken for at most 168 hours";
        fields.refuse("keep_old_secret_hours", "out_of_range", detail);
    }
    let limits = &mut record.limits;
    let per_second = cmd.max_requests_per_second.clone();
    limits.max_requests_per_second = per_second.apply(limits.max_requests_per_second);
    limits.max_in_flight = cmd.max_in_flight.clone().apply(limits.max_in_flight);
    refuse_limits(&mut fields, *limits);
    record.radsec_identity = match &cmd.radsec_identity {
        Patch::Absent => record.radsec_identity,
        Patch::Null => None,
        Patch::Value(raw) => identity_of(&mut fields, Some(raw)),
    };
    record.limit_proxy_state = cmd.limit_proxy_state.unwrap_or(record.limit_proxy_state);
    record.swap_octets = cmd.swap_octets.unwrap_or(record.swap_octets);
    record.require_message_authenticator = cmd
        .require_message_authenticator
        .unwrap_or(record.require_message_authenticator);
    record.status = cmd.status.unwrap_or(record.status);
    fields.finish(record).map_err(NasError::Invalid)
}
