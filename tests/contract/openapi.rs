//! The document is what is committed, and complete.

use serde_json::Value;

use crate::golden::assert_golden;

/// One operation of the document.
pub(crate) struct Operation {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) id: String,
    pub(crate) permission: String,
    pub(crate) definition: Value,
}

/// Every operation of the document.
pub(crate) fn operations() -> Vec<Operation> {
    let document: Value = serde_json::from_str(&api::openapi_json()).unwrap();
    let mut found = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, definition) in methods.as_object().unwrap() {
            let text = |name: &str| definition[name].as_str().unwrap_or_default().to_owned();
            found.push(Operation {
                method: method.to_uppercase(),
                path: path.clone(),
                id: text("operationId"),
                permission: text("x-permission"),
                definition: definition.clone(),
            });
        }
    }
    found
}

#[test]
fn the_document_is_the_committed_one() {
    assert_golden("openapi/v1.json", &api::openapi_json());
}

#[test]
fn every_operation_says_what_it_is() {
    for operation in operations() {
        let Operation {
            method,
            path,
            id,
            permission,
            definition,
        } = operation;
        let name = format!("{method} {path}");
        assert!(
            !id.is_empty() && !permission.is_empty(),
            "{name}: id or x-permission is missing"
        );
        assert!(
            definition["summary"]
                .as_str()
                .is_some_and(|s| !s.is_empty()),
            "{name}: summary"
        );
        assert!(
            definition["tags"]
                .as_array()
                .is_some_and(|tags| tags.len() == 1),
            "{name}: tag"
        );
        let responses = definition["responses"].as_object().unwrap();
        for status in ["401", "403", "404", "422", "429", "500"] {
            assert!(
                responses.contains_key(status),
                "{name}: says nothing about {status}"
            );
        }
        let known = domain::authz::Permission::parse(&permission).is_some();
        assert!(
            known || permission == "public" || permission == "signed_in",
            "{name}: {permission}"
        );
    }
}

#[test]
fn operation_ids_are_unique() {
    let mut ids: Vec<_> = operations()
        .into_iter()
        .map(|operation| operation.id)
        .collect();
    ids.sort();
    let all = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), all);
}

#[test]
fn public_operations_are_written_down() {
    let public = operations()
        .into_iter()
        .filter(|operation| operation.permission == "public");
    let mut lines: Vec<_> = public
        .map(|o| format!("{} {} {}\n", o.method, o.path, o.id))
        .collect();
    lines.sort();
    assert_golden("tests/golden/public-operations.txt", &lines.concat());
}
