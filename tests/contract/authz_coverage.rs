//! Every operation as every role, over HTTP: who may is let in, who may not is refused, and
//! nobody comes in without credentials. What is expected follows from the policy table.

use domain::authz::{Permission, RoleLevel, default_permissions};
use testkit::TestDatabase;

use crate::{
    openapi::{Operation, operations},
    probes::{KEY_PERMISSIONS, probe},
    site::{Credential, Site},
};

/// Whether the policy lets that caller in at all.
fn may(caller: &str, operation: &Operation) -> bool {
    let Some(permission) = Permission::parse(&operation.permission) else {
        return true;
    };
    match RoleLevel::parse(caller) {
        Some(role) => default_permissions(role).contains(permission),
        None => KEY_PERMISSIONS.contains(&operation.permission.as_str()),
    }
}

async fn check(database: TestDatabase) {
    let site = Site::start(database).await;
    let mut wrong = Vec::new();
    for operation in operations() {
        // Signing out would end the caller's own sign-in for all that follows.
        if operation.id == "sign_out" {
            continue;
        }
        for (caller, credential) in &site.callers {
            let salt = format!("{}-{caller}", operation.id.replace('_', "-"));
            let sent = probe(&operation, &site.ours, &salt);
            let headers: Vec<_> = sent.headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
            let answer = site
                .call(
                    &operation.method,
                    &sent.path,
                    credential,
                    sent.body,
                    &headers,
                )
                .await;
            if let Some(why) =
                surprise(&operation, caller, credential, answer.status, answer.code())
            {
                wrong.push(format!("{caller} {}: {why} {}", operation.id, answer.body));
            }
        }
    }
    site.stop().await;
    assert!(
        wrong.is_empty(),
        "{} surprises:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

fn surprise(
    operation: &Operation,
    caller: &str,
    credential: &Credential,
    status: u16,
    code: &str,
) -> Option<String> {
    if status == 0 || status >= 500 {
        return Some(format!("{status}"));
    }
    if operation.permission == "public" {
        return (status == 403).then(|| "a public operation refused".to_owned());
    }
    if matches!(credential, Credential::None) {
        return (status != 401).then(|| format!("{status} instead of 401"));
    }
    if !may(caller, operation) {
        return (status != 403).then(|| format!("{status} instead of 403"));
    }
    // Some operations are for people and not for programs, or ask whether the target is below one.
    let people_only = status == 403 && (operation.permission == "signed_in" || code == "forbidden");
    let lacks_permission = status == 403 && !people_only;
    (status == 401 || lacks_permission).then(|| format!("{status} although it may"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_as_every_role_on_sqlite() {
    check(TestDatabase::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_as_every_role_on_postgres() {
    if let Some(database) = TestDatabase::postgres().await {
        check(database).await;
    }
}
