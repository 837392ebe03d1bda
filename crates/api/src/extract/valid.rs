//! Bodies and queries that are what the document says: known fields, valid values, sane text.

use std::borrow::Cow;

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header, web::Bytes};
use futures::{StreamExt, future::LocalBoxFuture};
use serde::de::DeserializeOwned;
use serde_json::Value;
use validator::{Validate, ValidationErrors, ValidationErrorsKind};

use crate::{
    problem::{FieldProblem, Problem},
    problem_type::ProblemType,
};

/// A JSON body of at most `KIB` KiB.
pub(crate) struct Valid<T, const KIB: usize = 64> {
    value: T,
}

impl<T, const KIB: usize> Valid<T, KIB> {
    pub(crate) fn into_inner(self) -> T {
        self.value
    }
}

impl<T: DeserializeOwned + Validate + 'static, const KIB: usize> FromRequest for Valid<T, KIB> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            require_json(&request)?;
            let bytes = read_body(payload, KIB * 1024).await?;
            let json: Value = serde_json::from_slice(&bytes).map_err(|error| {
                Problem::new(ProblemType::MalformedRequest).detail(format!("not JSON: {error}"))
            })?;
            let mut errors = Vec::new();
            refuse_control_characters(&json, "", &mut errors);
            if !errors.is_empty() {
                return Err(Problem::invalid(errors));
            }
            let value: T =
                serde_path_to_error::deserialize(json).map_err(|error| shape_problem(&error))?;
            check(&value)?;
            Ok(Self { value })
        })
    }
}

fn require_json(request: &HttpRequest) -> Result<(), Problem> {
    let kind = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = kind.and_then(|kind| kind.split(';').next()).map(str::trim);
    match essence {
        Some(essence) if essence.eq_ignore_ascii_case("application/json") => Ok(()),
        Some(_) | None => Err(Problem::new(ProblemType::UnsupportedMediaType)),
    }
}

async fn read_body(mut payload: Payload, limit: usize) -> Result<Bytes, Problem> {
    let mut body = actix_web::web::BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| {
            Problem::new(ProblemType::MalformedRequest)
                .detail(format!("the body broke off: {error}"))
        })?;
        if body.len() + chunk.len() > limit {
            return Err(Problem::new(ProblemType::BodyTooLarge));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// NUL and its like are refused wherever they stand: one database would keep them, the other not.
fn refuse_control_characters(value: &Value, pointer: &str, errors: &mut Vec<FieldProblem>) {
    let refused = |text: &str| {
        text.chars()
            .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
    };
    match value {
        Value::String(text) if refused(text) => errors.push(FieldProblem::new(
            pointer,
            "control_characters",
            "must not hold control characters",
        )),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                refuse_control_characters(item, &format!("{pointer}/{index}"), errors);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                let pointer = format!("{pointer}/{}", escaped(name));
                if refused(name) {
                    errors.push(FieldProblem::new(
                        "",
                        "control_characters",
                        "a name is not valid",
                    ));
                }
                refuse_control_characters(member, &pointer, errors);
            }
        }
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn escaped(name: &str) -> Cow<'_, str> {
    if name.contains(['~', '/']) {
        Cow::Owned(name.replace('~', "~0").replace('/', "~1"))
    } else {
        Cow::Borrowed(name)
    }
}

fn shape_problem(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    use serde_path_to_error::Segment;
    let mut pointer = String::new();
    for segment in error.path() {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => pointer.push_str(&format!("/{}", escaped(key))),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    let text = error.inner().to_string();
    let named = |prefix: &str| text.strip_prefix(prefix)?.split('`').next();
    let code = match (named("missing field `"), named("unknown field `")) {
        (Some(name), _) => {
            pointer.push_str(&format!("/{}", escaped(name)));
            "missing"
        }
        (None, Some(_)) => "unknown",
        (None, None) => "type",
    };
    Problem::invalid(vec![FieldProblem::new(pointer, code, text)])
}

fn check<T: Validate>(value: &T) -> Result<(), Problem> {
    value.validate().map_err(|errors| {
        let mut problems = Vec::new();
        flatten(&errors, "", &mut problems);
        Problem::invalid(problems)
    })
}

fn flatten(errors: &ValidationErrors, pointer: &str, problems: &mut Vec<FieldProblem>) {
    for (name, kind) in errors.errors() {
        let pointer = format!("{pointer}/{}", escaped(name));
        match kind {
            ValidationErrorsKind::Struct(inner) => flatten(inner, &pointer, problems),
            ValidationErrorsKind::List(items) => {
                for (index, inner) in items {
                    flatten(inner, &format!("{pointer}/{index}"), problems);
                }
            }
            ValidationErrorsKind::Field(found) => {
                problems.extend(found.iter().map(|error| {
                    let detail = error.message.as_deref().unwrap_or("is not valid");
                    FieldProblem::new(pointer.clone(), &error.code, detail)
                }));
            }
        }
    }
    problems.sort_by(|a, b| a.pointer.cmp(&b.pointer));
}

/// The query of an address.
pub(crate) struct ValidQuery<T>(T);

impl<T> ValidQuery<T> {
    pub(crate) fn into_inner(self) -> T {
        self.0
    }
}

impl<T: DeserializeOwned + Validate + 'static> FromRequest for ValidQuery<T> {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(read_query(request.query_string()).map(Self))
    }
}

fn read_query<T: DeserializeOwned + Validate>(query: &str) -> Result<T, Problem> {
    // Every escaped control character starts like this; no parameter needs one.
    let lowered = query.to_ascii_lowercase();
    let controls = ["%0", "%1", "%7f"];
    if controls.iter().any(|escape| lowered.contains(escape)) {
        return Err(Problem::invalid_field(
            "",
            "a parameter holds control characters",
        ));
    }
    let pairs = form_urlencoded::parse(query.as_bytes());
    let value: T = serde_path_to_error::deserialize(serde_urlencoded::Deserializer::new(pairs))
        .map_err(|error| {
            let name = error.path().to_string();
            let pointer = if name == "." { "" } else { &name };
            Problem::invalid_field(pointer, error.inner())
        })?;
    check(&value)?;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_found_at_any_depth() {
        let json = serde_json::json!({"a": [{"b/c": "x\u{0}y"}], "d": "line\nline"});
        let mut errors = Vec::new();
        refuse_control_characters(&json, "", &mut errors);
        assert_eq!(
            errors
                .iter()
                .map(|e| e.pointer.as_str())
                .collect::<Vec<_>>(),
            ["/a/0/b~1c"]
        );
    }
}
