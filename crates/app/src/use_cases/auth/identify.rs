//! From a credential to what its bearer is and may do.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    authz::{Permission, PermissionSet, RoleLevel, default_permissions, grantable, manages},
    ids::{ApiKeyId, IspId, OperatorId, SignInId, TenancyId, UserId},
    tenancy::Reach,
};
use ipnet::IpNet;
use persistence::{
    Error, Read,
    repo::identity::{
        api_keys::{self, ApiKeyRow},
        platform, sign_ins,
        users::{self, UserRow},
    },
};

use crate::ctx::AppCtx;

/// What somebody is and may do, at this moment.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The account.
    pub user_id: UserId,
    /// Its role; keys act as integrations.
    pub role: RoleLevel,
    /// Which rows it reaches.
    pub reach: Reach,
    /// What it may do.
    pub permissions: PermissionSet,
    /// Whether a password must be chosen before anything else.
    pub must_change_password: bool,
    /// By what it was recognized.
    pub by: Recognized,
}

/// By what somebody was recognized.
#[derive(Debug, Clone)]
pub enum Recognized {
    /// A sign-in.
    SignIn,
    /// A key, with its own limits.
    ApiKey {
        /// Which one.
        id: ApiKeyId,
        /// From where it may be used; empty means from anywhere.
        allowed_ips: Vec<IpNet>,
        /// How often it may be used.
        rate_per_minute: u32,
    },
}

/// Who is behind a sign-in, maybe viewing as somebody else; nothing when that has ended.
pub async fn identify_person(
    ctx: &AppCtx,
    user_id: UserId,
    sign_in_id: SignInId,
    impersonator: Option<UserId>,
) -> Result<Option<Identity>, Error> {
    let now = ctx.clock.now();
    let read = ctx.db.read_platform().await?;
    let Some(device) = sign_ins::find(&read, sign_in_id).await? else {
        return Ok(None);
    };
    let bearer = impersonator.unwrap_or(user_id);
    let live = device.revoked_at.is_none() && device.expires_at > now;
    if !live || device.user_id != bearer.as_uuid() {
        return Ok(None);
    }
    let Some((user, identity)) = load(&read, user_id, now).await? else {
        return Ok(None);
    };
    if let Some(impersonator) = impersonator {
        let Some((_, above)) = load(&read, impersonator, now).await? else {
            return Ok(None);
        };
        if !may_view_as(&above, &user)? {
            return Ok(None);
        }
    }
    read.done().await?;
    Ok(Some(identity))
}

/// Whether somebody may view as that account.
pub(super) fn may_view_as(above: &Identity, user: &UserRow) -> Result<bool, Error> {
    Ok(above.permissions.contains(Permission::Impersonate)
        && manages(above.role, user.role()?)
        && above.reach.covers(&reference(user)?))
}

/// The reference of an account, for proofs.
pub(super) fn reference(user: &UserRow) -> Result<domain::authz::UserRef, Error> {
    Ok(domain::authz::UserRef {
        id: UserId::from_uuid(user.id),
        role: user.role()?,
        tenancy_id: user.tenancy_id.map(TenancyId::from_uuid),
        isp_id: user.isp_id.map(IspId::from_uuid),
        operator_id: user.operator_id.map(OperatorId::from_uuid),
    })
}

/// Loads an active account with what it may do.
pub(super) async fn load(
    read: &Read,
    user_id: UserId,
    now: DateTime<Utc>,
) -> Result<Option<(UserRow, Identity)>, Error> {
    let Some(user) = users::find(read, user_id).await? else {
        return Ok(None);
    };
    if !user.is_active() {
        return Ok(None);
    }
    if let Some(operator_id) = user.operator_id.map(OperatorId::from_uuid)
        && !users::operator_is_active(read, operator_id).await?
    {
        return Ok(None);
    }
    let role = user.role()?;
    let granted: PermissionSet = users::grants(read, &[user_id])
        .await?
        .into_iter()
        .filter(|grant| grant.expires_at.is_none_or(|end| end > now))
        .filter_map(|grant| Permission::parse(&grant.permission))
        .collect();
    let identity = Identity {
        user_id,
        role,
        reach: reach_of(read, &user, role).await?,
        permissions: default_permissions(role)
            .union(granted)
            .intersection(grantable(role)),
        must_change_password: user.must_change_password,
        by: Recognized::SignIn,
    };
    Ok(Some((user, identity)))
}

async fn reach_of(read: &Read, user: &UserRow, role: RoleLevel) -> Result<Reach, Error> {
    match role {
        RoleLevel::Developer => Ok(Reach::Platform),
        RoleLevel::SuperAdmin => {
            let Some(id) = user.tenancy_id.map(TenancyId::from_uuid) else {
                return Ok(Reach::Nothing);
            };
            let isps = platform::isps_of_tenancy(read, id).await?;
            Ok(Reach::Tenancy { id, isps })
        }
        RoleLevel::Customer => Ok(Reach::Nothing),
        RoleLevel::Operator | RoleLevel::SubOperator => match user.operator_id {
            Some(_) => inside_isp(read, user).await,
            None => Ok(Reach::Nothing),
        },
        RoleLevel::Admin
        | RoleLevel::Manager
        | RoleLevel::CardDistributor
        | RoleLevel::SalesManager
        | RoleLevel::Accountant
        | RoleLevel::Staff
        | RoleLevel::Integration => inside_isp(read, user).await,
    }
}

/// Those who belong to a reseller reach its rows, the others those of the ISP.
async fn inside_isp(read: &Read, user: &UserRow) -> Result<Reach, Error> {
    let Some(isp_id) = user.isp_id.map(IspId::from_uuid) else {
        return Ok(Reach::Nothing);
    };
    let Some(own) = user.operator_id.map(OperatorId::from_uuid) else {
        return Ok(Reach::Isp(isp_id));
    };
    let below = users::operators_below(read, own).await?;
    Ok(Reach::Operators { isp_id, own, below })
}

/// What a key may do; nothing when it is unknown or has ended.
pub async fn identify_api_key(ctx: &AppCtx, hash: &[u8; 32]) -> Result<Option<Identity>, Error> {
    let now = ctx.clock.now();
    let read = ctx.db.read_platform().await?;
    let Some(key) = api_keys::find_by_hash(&read, hash).await? else {
        return Ok(None);
    };
    let live = key.revoked_at.is_none() && key.expires_at.is_none_or(|end| end > now);
    let maker = UserId::from_uuid(key.user_id);
    let maker_is_active = users::find(&read, maker)
        .await?
        .is_some_and(|user| user.is_active());
    read.done().await?;
    if !live || !maker_is_active {
        return Ok(None);
    }
    note_use(ctx, &key, now).await?;
    of_key(&key, maker).map(Some)
}

fn of_key(key: &ApiKeyRow, maker: UserId) -> Result<Identity, Error> {
    let damaged = |_| Error::Unexpected("an API key's row is damaged".to_owned());
    let names: Vec<String> = serde_json::from_value(key.permissions.clone()).map_err(damaged)?;
    let permissions: PermissionSet = names
        .iter()
        .filter_map(|name| Permission::parse(name))
        .collect();
    Ok(Identity {
        user_id: maker,
        role: RoleLevel::Integration,
        reach: Reach::Isp(IspId::from_uuid(key.isp_id)),
        permissions: permissions.intersection(grantable(RoleLevel::Integration)),
        must_change_password: false,
        by: Recognized::ApiKey {
            id: ApiKeyId::from_uuid(key.id),
            allowed_ips: serde_json::from_value(key.allowed_ips.clone()).map_err(damaged)?,
            rate_per_minute: u32::try_from(key.rate_per_minute).unwrap_or(u32::MAX),
        },
    })
}

/// Once a minute is enough to see whether a key is in use.
async fn note_use(ctx: &AppCtx, key: &ApiKeyRow, now: DateTime<Utc>) -> Result<(), Error> {
    if key
        .last_used_at
        .is_some_and(|last| now - last < TimeDelta::minutes(1))
    {
        return Ok(());
    }
    let actor = super::sign_in::PRODUCT;
    let tx = ctx.db.begin_platform("note_api_key_use", &actor).await?;
    api_keys::touch(&tx, ApiKeyId::from_uuid(key.id)).await?;
    tx.commit().await
}
