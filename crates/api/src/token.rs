//! Access tokens: who, by which sign-in, as whom, until when. Nothing else; what somebody may do
//! is looked up on every request.

use chrono::{DateTime, Duration, Utc};
use domain::ids::{SignInId, UserId};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

const AUDIENCE: &str = "lastmile";

/// How long an access token lives.
pub(crate) const LIFETIME: Duration = Duration::minutes(15);

/// What an access token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Claims {
    /// The account that acts.
    pub(crate) sub: UserId,
    /// The sign-in that can be revoked.
    pub(crate) sid: SignInId,
    /// Who really sits there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) imp: Option<UserId>,
    /// Which view it is, when somebody views as this person: ending it ends the token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) view: Option<Uuid>,
    /// Until when, in Unix seconds.
    pub(crate) exp: i64,
    /// For whom.
    aud: String,
}

/// Signs and reads access tokens.
pub(crate) struct TokenKeys {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
}

impl TokenKeys {
    pub(crate) fn new(secret: &[u8]) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "sub", "aud"]);
        // The expiry is compared with our own clock below, not with the machine's.
        validation.validate_exp = false;
        Self {
            encoding: EncodingKey::from_secret(secret),
            decoding: DecodingKey::from_secret(secret),
            validation,
        }
    }

    pub(crate) fn issue(
        &self,
        user_id: UserId,
        sign_in_id: SignInId,
        impersonator: Option<UserId>,
        now: DateTime<Utc>,
    ) -> String {
        let claims = Claims {
            sub: user_id,
            sid: sign_in_id,
            imp: impersonator,
            view: impersonator.map(|_| Uuid::now_v7()),
            exp: (now + LIFETIME).timestamp(),
            aud: AUDIENCE.to_owned(),
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.encoding)
            .expect("invariant: claims are plain data and the key is symmetric")
    }

    pub(crate) fn read(&self, token: &str, now: DateTime<Utc>) -> Option<Claims> {
        let data = jsonwebtoken::decode::<Claims>(token, &self.decoding, &self.validation).ok()?;
        (data.claims.exp > now.timestamp()).then_some(data.claims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_until_it_expires_and_only_with_its_key() {
        let keys = TokenKeys::new(b"0123456789abcdef0123456789abcdef");
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let (user_id, sign_in_id) = (UserId::generate(), SignInId::generate());
        let token = keys.issue(user_id, sign_in_id, None, now);
        assert_eq!(keys.read(&token, now).unwrap().sub, user_id);
        assert_eq!(keys.read(&token, now + LIFETIME), None);
        let others = TokenKeys::new(b"another key of thirty-two bytes!!");
        assert_eq!(others.read(&token, now), None);
    }
}
