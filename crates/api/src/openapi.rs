//! The document of the API, collected from the routes.

use serde_json::{Value, json};
use utoipa::{
    Modify, OpenApi,
    openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
};
use utoipa_actix_web::AppExt as _;

use crate::{problem, router, views};

struct Credentials;

impl Modify for Credentials {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .build();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        let key = ApiKey::Header(ApiKeyValue::new("X-Api-Key"));
        components.add_security_scheme("api_key", SecurityScheme::ApiKey(key));
    }
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "lastmile",
        version = "1.0.0",
        description = "Runs an Internet service provider: customers, network access, billing and resellers.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    servers((url = "/", description = "this server")),
    modifiers(&Credentials),
    components(schemas(problem::ProblemView, problem::FieldProblem, views::MoneyView)),
    security(("bearer" = []), ("api_key" = []))
)]
struct Head;

/// The document as JSON text, the same in every build.
#[must_use]
pub fn openapi_json() -> String {
    let mut text =
        serde_json::to_string_pretty(&document()).expect("invariant: the document is plain data");
    text.push('\n');
    text
}

/// The document.
pub(crate) fn document() -> Value {
    let (_, collected) = actix_web::App::new()
        .into_utoipa_app()
        .openapi(Head::openapi())
        .configure(router::register)
        .split_for_parts();
    let mut document =
        serde_json::to_value(collected).expect("invariant: the document is plain data");
    require_all_members_of_answers(&mut document);
    document
}

/// Answers always hold all their members, null where there is no value; requests leave some out.
fn require_all_members_of_answers(document: &mut Value) {
    let schemas = document
        .pointer_mut("/components/schemas")
        .and_then(Value::as_object_mut);
    for (name, schema) in schemas.into_iter().flatten() {
        if !name.ends_with("Request") && name != "Problem" {
            require_all_members(schema);
        }
    }
}

fn require_all_members(schema: &mut Value) {
    let parts = schema.get_mut("allOf").and_then(Value::as_array_mut);
    for part in parts.into_iter().flatten() {
        require_all_members(part);
    }
    let members = schema.get("properties").and_then(Value::as_object);
    let names: Option<Vec<String>> = members.map(|members| members.keys().cloned().collect());
    if let (Some(names), Some(schema)) = (names, schema.as_object_mut()) {
        schema.insert("required".to_owned(), json!(names));
    }
}
