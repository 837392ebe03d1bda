//! Shows the secret of a RADIUS client again; that somebody looked is written down.

use domain::authz::{NasRef, Proof, perm};
use persistence::{Error, repo::nas};
use zeroize::Zeroizing;

use super::NasError;
use crate::ctx::AppCtx;

/// Shows the secret. The audit line is in place before the secret leaves.
pub async fn reveal_nas_secret(
    ctx: &AppCtx,
    proof: Proof<perm::RevealSecrets, NasRef>,
) -> Result<Zeroizing<String>, NasError> {
    let tx = ctx.db.begin("reveal_nas_secret", &proof).await?;
    let sealed = nas::sealed_secret(&tx, proof.resource()).await?;
    let opened = ctx.keyring.open(&sealed.ok_or(NasError::Missing)?);
    let opened = opened.map_err(|error| Error::Unexpected(error.to_string()))?;
    let secret = String::from_utf8(opened.to_vec());
    let secret = secret.map_err(|_| Error::Unexpected("a secret is no text".to_owned()))?;
    tx.commit().await?;
    Ok(Zeroizing::new(secret))
}
