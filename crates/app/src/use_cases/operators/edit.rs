//! Changes what is known of a reseller; where it stands never changes.

use domain::{
    authz::{OperatorRef, Proof, perm},
    field::Fields,
    operator::{Operator, OperatorStatus},
    patch::Patch,
};
use persistence::repo::{
    customers::isp_terms,
    operators::{self, OperatorDetail},
};

use super::{
    OperatorError,
    create::{MAX_NAME, mobile_of},
    snapshot, taken,
};
use crate::ctx::AppCtx;

/// What changes of a reseller; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct EditOperator {
    /// Another name.
    pub name: Option<String>,
    /// Where it is called, in any form.
    pub mobile: Patch<String>,
    /// Where it is written to.
    pub email: Patch<String>,
    /// Whether it works.
    pub status: Option<OperatorStatus>,
}

/// Changes a reseller.
pub async fn edit_operator(
    ctx: &AppCtx,
    proof: Proof<perm::ManageOperators, OperatorRef>,
    cmd: EditOperator,
) -> Result<OperatorDetail, OperatorError> {
    let tx = ctx.db.begin("edit_operator", &proof).await?;
    let before = operators::lock(&tx, proof.resource()).await?;
    let before = before.ok_or(OperatorError::Missing)?;
    let country = isp_terms(&tx, before.isp_id).await?.country;
    let after = checked(before.clone(), cmd, &country)?;
    operators::update(&tx, &after).await.map_err(taken)?;
    tx.record_change(Some(snapshot(&before)), Some(snapshot(&after)));
    let scope = domain::authz::Scope::own(proof.actor());
    let detail = operators::detail(&tx, &scope, after).await?;
    tx.commit().await?;
    ctx.signals.committed();
    Ok(detail)
}

fn checked(
    mut operator: Operator,
    cmd: EditOperator,
    country: &str,
) -> Result<Operator, OperatorError> {
    let mut fields = Fields::default();
    if let Some(name) = &cmd.name {
        operator.name = fields.line("name", name, MAX_NAME);
    }
    operator.mobile = match cmd.mobile {
        Patch::Absent => operator.mobile,
        Patch::Null => None,
        Patch::Value(raw) => mobile_of(&mut fields, Some(&raw), country),
    };
    operator.email = match cmd.email {
        Patch::Absent => operator.email,
        Patch::Null => None,
        Patch::Value(raw) => fields.optional_email("email", Some(&raw)),
    };
    operator.status = cmd.status.unwrap_or(operator.status);
    fields.finish(operator).map_err(OperatorError::Invalid)
}
