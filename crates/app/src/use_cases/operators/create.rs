//! Makes a reseller.

use domain::{
    authz::{IspRef, Proof, Scope, perm},
    field::Fields,
    ids::{IspId, OperatorId},
    operator::{Operator, OperatorKind, OperatorStatus, PlacementRefusal, place},
    phone::PhoneNumber,
};
use persistence::{
    Tx, lookup,
    repo::{customers::isp_terms, operators},
};

use super::{OperatorError, snapshot, taken};
use crate::ctx::AppCtx;

pub(super) const MAX_NAME: usize = 120;

/// A reseller to be made.
#[derive(Debug, Clone)]
pub struct CreateOperator {
    /// Its name.
    pub name: String,
    /// Its level.
    pub kind: OperatorKind,
    /// The operator above it; the maker itself when it is one and this is absent.
    pub parent_id: Option<OperatorId>,
    /// Where it is called, in any form.
    pub mobile: Option<String>,
    /// Where it is written to.
    pub email: Option<String>,
}

/// Makes a reseller.
pub async fn create_operator(
    ctx: &AppCtx,
    proof: Proof<perm::ManageOperators, IspRef>,
    cmd: CreateOperator,
) -> Result<Operator, OperatorError> {
    let tx = ctx.db.begin("create_operator", &proof).await?;
    let isp_id = proof.resource().id;
    let parent = named_parent(&tx, isp_id, cmd.parent_id).await?;
    let parent_id = place(&proof.actor().reach(), cmd.kind, parent.as_ref())?;
    let country = isp_terms(&tx, isp_id).await?.country;
    let mut fields = Fields::default();
    let name = fields.line("name", &cmd.name, MAX_NAME);
    let mobile = mobile_of(&mut fields, cmd.mobile.as_deref(), &country);
    let email = fields.optional_email("email", cmd.email.as_deref());
    let operator = fields.finish(Operator {
        id: OperatorId::generate(),
        isp_id,
        kind: cmd.kind,
        parent_id,
        name,
        mobile,
        email,
        status: OperatorStatus::Active,
        created_at: tx.now(),
    });
    let operator = operator.map_err(OperatorError::Invalid)?;
    operators::insert(&tx, &operator).await.map_err(taken)?;
    tx.set_resource("operator", operator.id.as_uuid());
    tx.record_change(None, Some(snapshot(&operator)));
    tx.commit().await?;
    ctx.signals.committed();
    Ok(operator)
}

/// A parent that the person may not see does not exist.
async fn named_parent(
    tx: &Tx,
    isp_id: IspId,
    parent_id: Option<OperatorId>,
) -> Result<Option<Operator>, OperatorError> {
    let Some(id) = parent_id else {
        return Ok(None);
    };
    let parent_ref = lookup::operator(tx, &Scope::own(tx.actor()), id).await?;
    let parent = match parent_ref.filter(|found| found.isp_id == isp_id) {
        Some(parent_ref) => operators::find(tx, &parent_ref).await?,
        None => None,
    };
    match parent {
        Some(parent) => Ok(Some(parent)),
        None => Err(PlacementRefusal::ParentNotAnOperator.into()),
    }
}

pub(super) fn mobile_of(fields: &mut Fields, raw: Option<&str>, country: &str) -> Option<String> {
    let raw = raw.map(str::trim).filter(|raw| !raw.is_empty())?;
    match PhoneNumber::parse(raw, country) {
        Ok(number) => Some(number.to_string()),
        Err(problem) => {
            fields.refuse("mobile", "invalid_mobile", problem.to_string());
            None
        }
    }
}
