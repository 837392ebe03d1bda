//! Reads and changes the settings of an ISP.

use domain::{
    authz::{IspRef, Proof, Scope, perm},
    event::DomainEvent,
    ids::IspId,
    network::{
        history::{KeptMonths, MOST_KEPT_MONTHS},
        operator_name::{InvalidOperatorName, OperatorName},
    },
    patch::Patch,
    text,
};
use persistence::{
    Error,
    repo::identity::platform::{self, SettingsRow},
};
use serde_json::json;

use crate::{ctx::AppCtx, reactions};

/// What to change; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct EditSettings {
    /// Whether suspended customers meet a wall or a refusal.
    pub suspended_walled: Option<bool>,
    /// The address pool of suspended customers.
    pub suspended_pool: Option<String>,
    /// The address list of suspended customers.
    pub suspended_address_list: Option<String>,
    /// How fast suspended customers are.
    pub suspended_rate_kbps: Option<u32>,
    /// What an operator is called.
    pub operator_label: Option<String>,
    /// What a sub-operator is called.
    pub sub_operator_label: Option<String>,
    /// Days between an invoice and its due date.
    pub grace_days: Option<u32>,
    /// Seconds between two accounting updates.
    pub interim_seconds: Option<u32>,
    /// For how many months ended sessions are kept; null is for ever.
    pub keep_sessions_months: Patch<u32>,
    /// What the ISP is called by other providers; null says nothing.
    pub radius_operator_name: Patch<String>,
}

/// Why settings are not changed.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A text is not valid.
    #[error("{1}")]
    Field(&'static str, String),
    /// The name to other providers is no domain name.
    #[error(transparent)]
    OperatorName(#[from] InvalidOperatorName),
    /// The database.
    #[error(transparent)]
    Infra(#[from] persistence::Error),
}

/// The settings of an ISP, for the people inside it.
pub async fn get_settings(
    ctx: &AppCtx,
    scope: &Scope,
    isp_id: IspId,
) -> Result<SettingsRow, Error> {
    let read = ctx.db.read(scope).await?;
    platform::settings(&read, isp_id).await?.ok_or_else(missing)
}

fn missing() -> Error {
    Error::Unexpected("an ISP without settings".to_owned())
}

/// Changes the settings of an ISP and tells the network.
pub async fn edit_settings(
    ctx: &AppCtx,
    proof: Proof<perm::ManageSettings, IspRef>,
    cmd: EditSettings,
) -> Result<SettingsRow, SettingsError> {
    let isp_id = proof.resource().id;
    let tx = ctx.db.begin("edit_settings", &proof).await?;
    let before = platform::settings(&tx, isp_id).await?.ok_or_else(missing)?;
    let after = merged(&before, cmd)?;
    platform::update_settings(&tx, isp_id, &after).await?;
    tx.record_change(Some(as_json(&before)), Some(as_json(&after)));
    reactions::record(&tx, DomainEvent::IspAccessChanged).await?;
    tx.commit().await?;
    ctx.signals.committed();
    Ok(after)
}

fn merged(before: &SettingsRow, cmd: EditSettings) -> Result<SettingsRow, SettingsError> {
    let walled = cmd
        .suspended_walled
        .map(|walled| if walled { "walled" } else { "reject" });
    let name = |field, new: Option<String>, old: &str| match new {
        None => Ok(old.to_owned()),
        Some(new) => {
            text::line(&new, 60).map_err(|error| SettingsError::Field(field, error.to_string()))
        }
    };
    let list = &before.suspended_address_list;
    Ok(SettingsRow {
        suspended_access: walled.unwrap_or(&before.suspended_access).to_owned(),
        suspended_pool: name(
            "/suspended_pool",
            cmd.suspended_pool,
            &before.suspended_pool,
        )?,
        suspended_address_list: name("/suspended_address_list", cmd.suspended_address_list, list)?,
        suspended_rate_kbps: cmd
            .suspended_rate_kbps
            .map_or(before.suspended_rate_kbps, i64::from),
        operator_label: name(
            "/operator_label",
            cmd.operator_label,
            &before.operator_label,
        )?,
        sub_operator_label: name(
            "/sub_operator_label",
            cmd.sub_operator_label,
            &before.sub_operator_label,
        )?,
        grace_days: cmd.grace_days.map_or(before.grace_days, i64::from),
        interim_seconds: cmd
            .interim_seconds
            .map_or(before.interim_seconds, i64::from),
        keep_sessions_months: kept_months(cmd.keep_sessions_months)?
            .apply(before.keep_sessions_months),
        radius_operator_name: operator_name(cmd.radius_operator_name)?
            .apply(before.radius_operator_name.clone()),
    })
}

fn operator_name(patch: Patch<String>) -> Result<Patch<String>, SettingsError> {
    patch.try_map(|name| Ok(OperatorName::parse(&name)?.as_str().to_owned()))
}

fn kept_months(patch: Patch<u32>) -> Result<Patch<i64>, SettingsError> {
    patch.try_map(|months| match KeptMonths::new(months) {
        Some(_) => Ok(i64::from(months)),
        None => Err(SettingsError::Field(
            "/keep_sessions_months",
            format!(
                "must be between 1 and {MOST_KEPT_MONTHS} months, or null to keep them for ever"
            ),
        )),
    })
}

fn as_json(row: &SettingsRow) -> serde_json::Value {
    json!({
        "suspended_access": row.suspended_access,
        "suspended_pool": row.suspended_pool,
        "suspended_address_list": row.suspended_address_list,
        "suspended_rate_kbps": row.suspended_rate_kbps,
        "operator_label": row.operator_label,
        "sub_operator_label": row.sub_operator_label,
        "grace_days": row.grace_days,
        "interim_seconds": row.interim_seconds,
        "keep_sessions_months": row.keep_sessions_months,
        "radius_operator_name": row.radius_operator_name,
    })
}
