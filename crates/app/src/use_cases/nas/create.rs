//! Makes a RADIUS client; its secret is shown this once.

use domain::{
    authz::{IspRef, Proof, perm},
    event::DomainEvent,
    field::Fields,
    ids::NasId,
    network::nas::{
        ClientLimits, DEFAULT_COA_PORT, LimitProxyState, RequireMessageAuthenticator, check_secret,
        parse_network,
    },
    network::radsec::parse_identity,
};
use ipnet::IpNet;
use persistence::{
    Error,
    repo::nas::{self, NasRecord, NasStatus},
};
use rand::{RngExt as _, distr::Alphanumeric};
use zeroize::Zeroizing;

use super::{NasError, code, snapshot, taken};
use crate::{
    ctx::AppCtx,
    reactions,
    use_cases::{NOT_ALLOWED, NOT_ALLOWED_DETAIL},
};

/// How long a secret is that we make.
const SECRET_LENGTH: usize = 32;
pub(super) const MAX_NAME: usize = 80;

/// A RADIUS client to be made.
#[derive(Clone, Default)]
pub struct CreateNas {
    /// Its name.
    pub name: String,
    /// The address or network it sends from.
    pub address: String,
    /// The secret it knows already; a strong one is made when absent.
    pub secret: Option<Zeroizing<String>>,
    /// Port on which it takes Disconnect- and CoA-Requests; 3799 when absent.
    pub coa_port: Option<u16>,
    /// The BlastRADIUS rule for its Access-Requests; automatic when absent.
    pub require_message_authenticator: Option<RequireMessageAuthenticator>,
    /// The BlastRADIUS rule for Access-Requests with Proxy-State; automatic when absent.
    pub limit_proxy_state: Option<LimitProxyState>,
    /// Its accounting counts input and output the other way round.
    pub swap_octets: bool,
    /// By what its certificate is known over RadSec; it comes by UDP only when absent.
    pub radsec_identity: Option<String>,
    /// How much it may ask of us.
    pub limits: ClientLimits,
}

/// A new RADIUS client and its secret.
pub struct NasCreated {
    /// What it is.
    pub nas: NasRecord,
    /// The secret, to be typed into the router.
    pub secret: Zeroizing<String>,
}

/// Makes a RADIUS client.
pub async fn create_nas(
    ctx: &AppCtx,
    proof: Proof<perm::ManageRouters, IspRef>,
    cmd: CreateNas,
) -> Result<NasCreated, NasError> {
    let mut fields = Fields::default();
    let name = fields.line("name", &cmd.name, MAX_NAME);
    let address = address_of(ctx, &mut fields, &cmd.address);
    let coa_port = port_of(&mut fields, cmd.coa_port.unwrap_or(DEFAULT_COA_PORT));
    let secret = cmd.secret.unwrap_or_else(random_secret);
    refuse_weak(&mut fields, &secret);
    refuse_limits(&mut fields, cmd.limits);
    let radsec_identity = identity_of(&mut fields, cmd.radsec_identity.as_deref());
    let address = fields.finish(address).map_err(NasError::Invalid)?;
    let tx = ctx.db.begin("create_nas", &proof).await?;
    let record = NasRecord {
        id: NasId::generate(),
        isp_id: proof.resource().id,
        name,
        address: address.expect("invariant: a missing address is a refused field"),
        coa_port,
        require_message_authenticator: cmd.require_message_authenticator.unwrap_or_default(),
        limit_proxy_state: cmd.limit_proxy_state.unwrap_or_default(),
        swap_octets: cmd.swap_octets,
        limits: cmd.limits,
        radsec_identity,
        old_secret_until: None,
        status: NasStatus::Active,
        last_seen_at: None,
        unsigned_dropped: None,
        created_at: tx.now(),
    };
    let sealed = ctx.keyring.seal(secret.as_bytes());
    let sealed = sealed.map_err(|error| Error::Unexpected(error.to_string()))?;
    nas::insert(&tx, &record, sealed).await.map_err(taken)?;
    tx.set_resource("nas", record.id.as_uuid());
    tx.record_change(None, Some(snapshot(&record)));
    let nas_id = record.id;
    reactions::record(&tx, DomainEvent::NasChanged { nas_id }).await?;
    tx.commit().await?;
    ctx.signals.committed();
    Ok(NasCreated {
        nas: record,
        secret,
    })
}

fn random_secret() -> Zeroizing<String> {
    let mut random = rand::rng();
    let letters = (0..SECRET_LENGTH).map(|_| char::from(random.sample(Alphanumeric)));
    Zeroizing::new(letters.collect())
}

pub(super) fn address_of(ctx: &AppCtx, fields: &mut Fields, raw: &str) -> Option<IpNet> {
    match parse_network(raw) {
        Ok(network) if !ctx.outgoing.allows_all_of(network) => {
            fields.refuse("address", NOT_ALLOWED, NOT_ALLOWED_DETAIL);
            None
        }
        Ok(network) => Some(network),
        Err(problem) => {
            fields.refuse("address", code(problem), problem.to_string());
            None
        }
    }
}

pub(super) fn identity_of(fields: &mut Fields, raw: Option<&str>) -> Option<String> {
    match parse_identity(raw?) {
        Ok(identity) => Some(identity),
        Err(problem) => {
            fields.refuse("radsec_identity", "invalid_identity", problem.to_string());
            None
        }
    }
}

pub(super) fn port_of(fields: &mut Fields, port: u16) -> u16 {
    if port == 0 {
        fields.refuse("coa_port", "out_of_range", "must be between 1 and 65535");
    }
    port
}

pub(super) fn refuse_weak(fields: &mut Fields, secret: &str) {
    if let Err(problem) = check_secret(secret) {
        fields.refuse("secret", code(problem), problem.to_string());
    }
}

pub(super) fn refuse_limits(fields: &mut Fields, limits: ClientLimits) {
    for (name, limit) in [
        ("max_requests_per_second", limits.max_requests_per_second),
        ("max_in_flight", limits.max_in_flight),
    ] {
        if limit == Some(0) {
            fields.refuse(
                name,
                "out_of_range",
                "must be at least 1, or null for no limit",
            );
        }
    }
}
