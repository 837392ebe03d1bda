//! Shows a subscriber's password for the network; that somebody looked is written down.

use domain::{
    authz::{CustomerRef, Proof, perm},
    customer::{CustomerAction, StatusRefusal, availability},
};
use persistence::{Error, repo::customers};
use zeroize::Zeroizing;

use super::standing;
use crate::ctx::AppCtx;

/// Why the password is not shown.
#[derive(Debug, thiserror::Error)]
pub enum RevealPasswordError {
    /// The state of the customer does not allow it.
    #[error(transparent)]
    Refused(#[from] StatusRefusal),
    /// The customer is not there any more, or not within reach.
    #[error("no such customer")]
    Missing,
    /// The database, or the keys.
    #[error(transparent)]
    Infra(#[from] Error),
}

/// Shows the password. The audit line is in place before the password leaves.
pub async fn reveal_customer_password(
    ctx: &AppCtx,
    proof: Proof<perm::RevealSecrets, CustomerRef>,
) -> Result<Zeroizing<String>, RevealPasswordError> {
    let customer_ref = *proof.resource();
    let tx = ctx.db.begin("reveal_customer_password", &proof).await?;
    let customer = customers::lock(&tx, &customer_ref).await?;
    let customer = customer.ok_or(RevealPasswordError::Missing)?;
    let standing = standing(&customer, false, tx.now());
    availability(CustomerAction::RevealPassword, standing)?;
    let sealed = customers::sealed_password(&tx, &customer_ref).await?;
    let sealed = sealed.ok_or(RevealPasswordError::Missing)?;
    let opened = ctx.keyring.open(&sealed);
    let opened = opened.map_err(|error| Error::Unexpected(error.to_string()))?;
    let password = String::from_utf8(opened.to_vec());
    let password = password.map_err(|_| Error::Unexpected("a password is no text".to_owned()))?;
    tx.commit().await?;
    Ok(Zeroizing::new(password))
}
