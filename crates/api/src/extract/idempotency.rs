//! The key under which a request that moves money happens once, however often it is sent.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};

use crate::{problem::Problem, problem_type::ProblemType};

/// The `Idempotency-Key` header: 8 to 64 visible characters.
#[derive(Debug, Clone)]
pub(crate) struct IdempotencyKey(String);

impl IdempotencyKey {
    pub(crate) fn into_inner(self) -> String {
        self.0
    }
}

impl FromRequest for IdempotencyKey {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let key = request
            .headers()
            .get("idempotency-key")
            .and_then(|value| value.to_str().ok());
        let valid = key.filter(|key| {
            (8..=64).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
        });
        ready(
            valid
                .map(|key| Self(key.to_owned()))
                .ok_or_else(|| Problem::new(ProblemType::IdempotencyKeyRequired)),
        )
    }
}
