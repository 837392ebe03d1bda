//! A key for a program: shown once, kept as a digest.

use chrono::{DateTime, Utc};
use domain::{
    authz::{IspRef, Permission, Proof, RoleLevel, grantable, perm},
    ids::ApiKeyId,
    text,
};
use ipnet::IpNet;
use persistence::repo::identity::api_keys::{self, NewApiKey};
use serde_json::json;

use crate::{
    ctx::AppCtx,
    use_cases::auth::{hash_token, random_text},
};

/// What a key is for.
#[derive(Debug, Clone)]
pub struct CreateApiKey {
    /// What it is called.
    pub name: String,
    /// What it may do.
    pub permissions: Vec<Permission>,
    /// From where it may be used; empty means from anywhere.
    pub allowed_ips: Vec<IpNet>,
    /// Until when.
    pub expires_at: Option<DateTime<Utc>>,
    /// How often it may be used.
    pub rate_per_minute: u32,
}

/// Why a key is not made.
#[derive(Debug, thiserror::Error)]
pub enum ApiKeyError {
    /// A text is not valid.
    #[error("{1}")]
    Field(&'static str, String),
    /// Keys may never do that, or its maker may not.
    #[error("a key of yours may not have the permission {}", .0.as_str())]
    NotGrantable(Permission),
    /// Programs make no keys.
    #[error("keys are made by people")]
    NotAPerson,
    /// A key would outlive the view.
    #[error("nobody makes a key while viewing as somebody else")]
    Viewed,
    /// The database.
    #[error(transparent)]
    Infra(#[from] persistence::Error),
}

/// Makes a key and answers its text, which is not kept.
pub async fn create_api_key(
    ctx: &AppCtx,
    proof: Proof<perm::ManageApiKeys, IspRef>,
    cmd: CreateApiKey,
) -> Result<(ApiKeyId, String), ApiKeyError> {
    let actor = proof.actor();
    let user_id = actor.user_id().ok_or(ApiKeyError::NotAPerson)?;
    if actor.is_program() {
        return Err(ApiKeyError::NotAPerson);
    }
    if actor.is_viewed() {
        return Err(ApiKeyError::Viewed);
    }
    let grantable = grantable(RoleLevel::Integration).intersection(actor.permissions());
    if let Some(refused) = cmd
        .permissions
        .iter()
        .find(|&&wanted| !grantable.contains(wanted))
    {
        return Err(ApiKeyError::NotGrantable(*refused));
    }
    if cmd.expires_at.is_some_and(|end| end <= ctx.clock.now()) {
        return Err(ApiKeyError::Field(
            "/expires_at",
            "must lie in the future".to_owned(),
        ));
    }
    let name = text::line(&cmd.name, 120)
        .map_err(|error| ApiKeyError::Field("/name", error.to_string()))?;
    let prefix = format!("lm_{}", random_text(6));
    let text = format!("{prefix}_{}", random_text(32));
    let tx = ctx.db.begin("create_api_key", &proof).await?;
    let key = NewApiKey {
        id: ApiKeyId::generate(),
        isp_id: proof.resource().id,
        user_id,
        name,
        prefix,
        key_hash: hash_token(&text),
        permissions: cmd
            .permissions
            .iter()
            .map(|permission| permission.as_str())
            .collect(),
        allowed_ips: cmd.allowed_ips.iter().map(ToString::to_string).collect(),
        rate_per_minute: cmd.rate_per_minute,
        expires_at: cmd.expires_at,
    };
    api_keys::insert(&tx, &key).await?;
    tx.set_resource("api_key", key.id.as_uuid());
    tx.record_change(
        None,
        Some(json!({"name": key.name, "permissions": key.permissions})),
    );
    tx.commit().await?;
    Ok((key.id, text))
}
