//! Changes what is known of an account, and whether it may come in.

use domain::{
    authz::{Proof, UserRef, perm},
    patch::Patch,
};
use persistence::{
    Error,
    repo::identity::{
        sign_ins,
        users::{self, UserProfile},
    },
};
use serde_json::json;

use super::{UserError, create, require_managed};
use crate::{ctx::AppCtx, use_cases::auth};

/// What to change.
#[derive(Debug, Clone, Default)]
pub struct EditUser {
    /// Who it is.
    pub name: Option<String>,
    /// Where it is written to.
    pub email: Patch<String>,
    /// Where it is called.
    pub mobile: Patch<String>,
    /// Whether it may come in.
    pub active: Option<bool>,
    /// Menus that are hidden from it.
    pub hidden_menus: Option<Vec<String>>,
}

/// Changes an account; who is disabled is signed out everywhere.
pub async fn edit_user(
    ctx: &AppCtx,
    proof: Proof<perm::ManageStaff, UserRef>,
    cmd: EditUser,
) -> Result<(), UserError> {
    require_managed(proof.actor(), proof.resource().role)?;
    let id = proof.resource().id;
    let tx = ctx.db.begin("edit_user", &proof).await?;
    let row = users::find(&tx, id)
        .await?
        .ok_or_else(|| Error::Unexpected("a referenced account is gone".to_owned()))?;
    let mobile = match cmd.mobile {
        Patch::Value(raw) => Patch::Value(create::mobile_of(&tx, Some(&raw)).await?),
        Patch::Null => Patch::Null,
        Patch::Absent => Patch::Absent,
    };
    let before = json!({"name": row.name, "status": row.status, "hidden_menus": row.hidden_menus});
    let menus = serde_json::from_value(row.hidden_menus.clone()).unwrap_or_default();
    let profile = UserProfile {
        name: match &cmd.name {
            Some(name) => create::line("/name", name, 120)?,
            None => row.name.clone(),
        },
        email: cmd.email.apply(row.email.clone()),
        mobile: mobile.apply(Some(row.mobile.clone())).flatten(),
        active: cmd.active.unwrap_or_else(|| row.is_active()),
        hidden_menus: cmd.hidden_menus.unwrap_or(menus),
    };
    users::update_profile(&tx, id, &profile).await?;
    let ended = if profile.active {
        Vec::new()
    } else {
        sign_ins::revoke_others(&tx, id, None, "account disabled").await?
    };
    let status = if profile.active { "active" } else { "disabled" };
    let after =
        json!({"name": profile.name, "status": status, "hidden_menus": profile.hidden_menus});
    tx.record_change(Some(before), Some(after));
    tx.commit().await?;
    auth::mark_changed(ctx, id).await?;
    for sign_in_id in ended {
        auth::mark_revoked(ctx, sign_in_id).await?;
    }
    Ok(())
}
