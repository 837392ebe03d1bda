//! The version that an edit was made from.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header};

use crate::{problem::Problem, problem_type::ProblemType};

/// The `If-Match` header: the `ETag` of the thing as it was read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct IfMatch(i64);

impl IfMatch {
    pub(crate) const fn version(self) -> i64 {
        self.0
    }

    /// The tag of a version.
    pub(crate) fn tag(version: i64) -> String {
        format!("\"v{version}\"")
    }
}

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let tag = request
            .headers()
            .get(header::IF_MATCH)
            .map(|value| value.to_str().ok());
        ready(match tag {
            None => Err(Problem::new(ProblemType::VersionRequired)),
            Some(tag) => tag
                .and_then(|tag| {
                    tag.trim()
                        .strip_prefix("\"v")?
                        .strip_suffix('"')?
                        .parse()
                        .ok()
                })
                .map(Self)
                .ok_or_else(|| Problem::new(ProblemType::VersionMismatch)),
        })
    }
}
