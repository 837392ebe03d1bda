//! The key under which a request that moves money happens once, however often it is sent.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use domain::idempotency;

use crate::{problem::Problem, problem_type::ProblemType};

/// The `Idempotency-Key` header: 8 to 64 visible characters.
#[derive(Debug, Clone)]
pub(crate) struct IdempotencyKey(pub(crate) idempotency::IdempotencyKey);

impl FromRequest for IdempotencyKey {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let header = request
            .headers()
            .get("idempotency-key")
            .and_then(|value| value.to_str().ok());
        let key = header.and_then(|text| idempotency::IdempotencyKey::parse(text).ok());
        ready(
            key.map(Self)
                .ok_or_else(|| Problem::new(ProblemType::IdempotencyKeyRequired)),
        )
    }
}
