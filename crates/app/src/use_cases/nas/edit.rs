//! Changes a RADIUS client.

use domain::{
    authz::{NasRef, Proof, perm},
    event::DomainEvent,
    field::Fields,
    network::nas::RequireMessageAuthenticator,
};
use persistence::{
    Error,
    repo::nas::{self, NasRecord, NasStatus},
};
use serde_json::json;
use zeroize::Zeroizing;

use super::{
    NasError,
    create::{MAX_NAME, address_of, port_of, refuse_weak},
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
    /// Another port for Disconnect- and CoA-Requests.
    pub coa_port: Option<u16>,
    /// Another BlastRADIUS rule for its Access-Requests.
    pub require_message_authenticator: Option<RequireMessageAuthenticator>,
    /// Whether it is answered.
    pub status: Option<NasStatus>,
}

/// Changes a RADIUS client; the server goes by it at once.
pub async fn edit_nas(
    ctx: &AppCtx,
    proof: Proof<perm::ManageRouters, NasRef>,
    cmd: EditNas,
) -> Result<NasRecord, NasError> {
    let tx = ctx.db.begin("edit_nas", &proof).await?;
    let before = nas::lock(&tx, proof.resource()).await?;
    let before = before.ok_or(NasError::Missing)?;
    let after = checked(before.clone(), &cmd)?;
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

fn checked(mut record: NasRecord, cmd: &EditNas) -> Result<NasRecord, NasError> {
    let mut fields = Fields::default();
    if let Some(name) = &cmd.name {
        record.name = fields.line("name", name, MAX_NAME);
    }
    if let Some(raw) = &cmd.address {
        record.address = address_of(&mut fields, raw).unwrap_or(record.address);
    }
    if let Some(port) = cmd.coa_port {
        record.coa_port = port_of(&mut fields, port);
    }
    if let Some(secret) = &cmd.secret {
        refuse_weak(&mut fields, secret);
    }
    record.require_message_authenticator = cmd
        .require_message_authenticator
        .unwrap_or(record.require_message_authenticator);
    record.status = cmd.status.unwrap_or(record.status);
    fields.finish(record).map_err(NasError::Invalid)
}
