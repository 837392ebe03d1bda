//! A new account inside an ISP.

use domain::{
    authz::{Actor, IspRef, OperatorRef, Proof, RoleLevel, perm},
    ids::UserId,
    phone::PhoneNumber,
    text,
};
use persistence::{
    Tx,
    repo::identity::{
        platform,
        users::{self, NewUser},
    },
};
use serde_json::json;

use super::{UserError, require_managed};
use crate::{ctx::AppCtx, use_cases::auth};

/// What an account is made of.
#[derive(Debug, Clone)]
pub struct CreateUser {
    /// What it signs in with.
    pub login: String,
    /// Who it is.
    pub name: String,
    /// What kind of person it is.
    pub role: RoleLevel,
    /// Its first password, to be changed by the person.
    pub password: String,
    /// Whether the person must change it first.
    pub must_change_password: bool,
    /// Where it is written to.
    pub email: Option<String>,
    /// Where it is called, in the ISP's or international form.
    pub mobile: Option<String>,
    /// The reseller it belongs to.
    pub operator: Option<OperatorRef>,
}

/// Makes an account inside an ISP.
pub async fn create_user(
    ctx: &AppCtx,
    proof: Proof<perm::ManageStaff, IspRef>,
    cmd: CreateUser,
) -> Result<UserId, UserError> {
    require_managed(proof.actor(), cmd.role)?;
    let operator = operator_of(proof.actor(), &cmd)?;
    let (login, name) = (login_of(&cmd.login)?, line("/name", &cmd.name, 120)?);
    auth::check_strength(&cmd.password, &login)?;
    let hash = auth::hash_password(&cmd.password).await?;
    let isp = *proof.resource();
    let tx = ctx.db.begin("create_user", &proof).await?;
    let user = NewUser {
        id: UserId::generate(),
        tenancy_id: Some(isp.tenancy_id),
        isp_id: Some(isp.id),
        operator_id: operator.map(|operator| operator.id),
        role: cmd.role,
        login,
        name,
        email: cmd.email,
        mobile: mobile_of(&tx, cmd.mobile.as_deref()).await?,
        password_hash: Some(hash),
        must_change_password: cmd.must_change_password,
    };
    users::insert(&tx, &user).await?;
    tx.set_resource("user", user.id.as_uuid());
    let after = json!({"login": user.login, "name": user.name, "role": user.role.as_str()});
    tx.record_change(None, Some(after));
    tx.commit().await?;
    Ok(user.id)
}

/// Resellers belong to their operator; an operator's people belong to it as well.
fn operator_of(actor: &Actor, cmd: &CreateUser) -> Result<Option<OperatorRef>, UserError> {
    let field = |detail: &str| Err(UserError::Field("/operator_id", detail.to_owned()));
    let below = |operator: &OperatorRef| operator.parent_id.is_some();
    match (cmd.role, cmd.operator) {
        (RoleLevel::Operator, Some(operator)) if below(&operator) => {
            field("is a sub-operator: use the role sub_operator")
        }
        (RoleLevel::SubOperator, Some(operator)) if !below(&operator) => {
            field("is an operator: use the role operator")
        }
        (RoleLevel::Operator | RoleLevel::SubOperator, None) => field("is needed for this role"),
        (_, None) if actor.operator_id().is_some() => field("is needed: choose one of yours"),
        (_, operator) => Ok(operator),
    }
}

pub(super) fn line(field: &'static str, raw: &str, max: usize) -> Result<String, UserError> {
    text::line(raw, max).map_err(|error| UserError::Field(field, error.to_string()))
}

/// A login: 3 to 64 characters without white space.
pub(in crate::use_cases) fn login_of(raw: &str) -> Result<String, UserError> {
    let login = line("/login", raw, 64)?;
    if login.chars().count() < 3 || login.chars().any(char::is_whitespace) {
        let detail = "must have at least 3 characters and no white space".to_owned();
        return Err(UserError::Field("/login", detail));
    }
    Ok(login)
}

/// Reads a number in the country of the unit of work's ISP.
pub(super) async fn mobile_of(tx: &Tx, raw: Option<&str>) -> Result<Option<String>, UserError> {
    let (Some(raw), Some(isp_id)) = (raw, tx.isp_id()) else {
        return Ok(raw.map(str::to_owned));
    };
    let country = platform::isp(tx, isp_id)
        .await?
        .map(|isp| isp.country)
        .unwrap_or_default();
    let number = PhoneNumber::parse(raw, &country)
        .map_err(|error| UserError::Field("/mobile", error.to_string()))?;
    Ok(Some(number.as_str().to_owned()))
}
