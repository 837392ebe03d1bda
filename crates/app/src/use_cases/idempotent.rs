//! A request that moves money: its key, what it asked for, and what came of it.

use domain::{
    authz::{Actor, SystemActor},
    idempotency::IdempotencyKey,
    ids::IspId,
};
use persistence::{
    Error, Tx,
    idempotency::{self, Claim, RequestKey},
};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

/// What is known of a request.
pub(crate) enum Known<T> {
    /// Nothing: carry it out.
    Fresh(Claimed),
    /// It was carried out, and this came of it.
    Done(T),
    /// The key was used for something else.
    Mismatch,
}

/// A key that this unit of work owns.
pub(crate) struct Claimed(RequestKey);

/// Claims the key for an operation on one thing with one command.
pub(crate) async fn claim<T: DeserializeOwned>(
    tx: &Tx,
    isp_id: IspId,
    operation: &'static str,
    key: &IdempotencyKey,
    asked: &impl Serialize,
) -> Result<Known<T>, Error> {
    let text = serde_json::to_vec(asked).map_err(|error| Error::Unexpected(error.to_string()))?;
    let request = RequestKey {
        isp_id,
        actor: who(tx.actor()),
        operation,
        key: key.as_str().to_owned(),
        fingerprint: Sha256::digest(&text).to_vec(),
    };
    Ok(match idempotency::claim(tx, &request).await? {
        Claim::Fresh => Known::Fresh(Claimed(request)),
        Claim::Mismatch => Known::Mismatch,
        Claim::Replay(outcome) => Known::Done(
            serde_json::from_value(outcome)
                .map_err(|error| Error::Unexpected(error.to_string()))?,
        ),
    })
}

impl Claimed {
    /// Keeps what came of the request, in the same unit of work.
    pub(crate) async fn store(&self, tx: &Tx, outcome: &impl Serialize) -> Result<(), Error> {
        let value =
            serde_json::to_value(outcome).map_err(|error| Error::Unexpected(error.to_string()))?;
        idempotency::store(tx, &self.0, &value).await
    }
}

fn who(actor: &Actor) -> String {
    match actor {
        Actor::Person(person) => person.user_id.to_string(),
        Actor::System(
            system @ (SystemActor::Worker(_) | SystemActor::Radius(_) | SystemActor::Installation),
        ) => system.as_str().to_owned(),
    }
}
