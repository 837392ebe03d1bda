//! An instant that one side takes is one that every other can show.

use serde_json::{Value, json};

use crate::{
    openapi::{Operation, operations},
    probes::{Probe, probe},
    site::{Credential, Site, on_each_database},
};

/// The second that clocks show once in some years, and that browsers cannot read.
const LEAP_SECOND: &str = "2027-06-30T23:59:60Z";

/// Whether a schema is an instant, or one or nothing.
fn is_instant(schema: &Value) -> bool {
    let either = |name: &str| {
        let all = schema[name].as_array();
        all.is_some_and(|all| all.iter().any(is_instant))
    };
    schema["format"] == "date-time" || either("oneOf") || either("anyOf")
}

/// The instants in the body of an operation.
fn of_body(operation: &Operation, document: &Value) -> Vec<String> {
    let schema = &operation.definition["requestBody"]["content"]["application/json"]["schema"];
    let reference = schema["$ref"].as_str().unwrap_or_default();
    let name = reference.rsplit('/').next().unwrap_or_default();
    let properties = document["components"]["schemas"][name]["properties"].as_object();
    let fields = properties.into_iter().flatten();
    fields
        .filter(|(_, schema)| is_instant(schema))
        .map(|(name, _)| name.clone())
        .collect()
}

/// The instants in the query of an operation.
fn of_query(operation: &Operation) -> Vec<String> {
    let parameters = operation.definition["parameters"].as_array();
    let parameters = parameters.into_iter().flatten();
    parameters
        .filter(|parameter| parameter["in"] == "query" && is_instant(&parameter["schema"]))
        .filter_map(|parameter| parameter["name"].as_str().map(str::to_owned))
        .collect()
}

async fn refused(site: &Site, operation: &Operation, sent: &Probe, field: &str) {
    let admin: &Credential = &site.callers["admin"];
    let headers: Vec<(&str, &str)> = sent
        .headers
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let body = sent.body.clone();
    let answer = site
        .call(&operation.method, &sent.path, admin, body, &headers)
        .await;
    let what = format!("{} {field}: {:?}", operation.id, answer.body);
    assert_eq!(
        (answer.status, answer.code()),
        (422, "validation_failed"),
        "{what}"
    );
    let said = answer.body["errors"].to_string();
    assert!(said.contains("seconds go from 00 to 59"), "{what}");
}

on_each_database! {
    async fn a_leap_second_is_taken_nowhere(site: &Site) {
        let document: Value = serde_json::from_str(&api::openapi_json()).unwrap();
        let mut met = 0;
        for operation in operations() {
            let plain = probe(&operation, &site.ours, "leap-second");
            for field in of_body(&operation, &document) {
                let mut body = plain.body.clone().unwrap_or_else(|| json!({}));
                body[&field] = json!(LEAP_SECOND);
                let headers = plain.headers.clone();
                let sent = Probe { path: plain.path.clone(), body: Some(body), headers };
                refused(site, &operation, &sent, &field).await;
                met += 1;
            }
            for name in of_query(&operation) {
                let sign = if plain.path.contains('?') { '&' } else { '?' };
                let path = format!("{}{sign}{name}={LEAP_SECOND}", plain.path);
                let sent = Probe { path, body: None, headers: plain.headers.clone() };
                refused(site, &operation, &sent, &name).await;
                met += 1;
            }
        }
        assert!(met >= 18, "only {met} instants were found in the document");
    }
}
