//! What a newcomer and a script need to know of a running demo.

use std::net::SocketAddr;

use anyhow::Context as _;
use app::directory::Directory;
use domain::{customer::CustomerStatus, network::subscriber::Subscriber};
use serde_json::{Map, Value, json};
use simnet::network::NasAddress;

use super::{
    NAS_SECRET, ROUTER_PASSWORD, network,
    people::{PASSWORD, PEOPLE},
    subscribers,
};
use crate::{cmd::say, config::Config};

/// Prints the address and the sign-ins, and writes `demo.json`.
pub(super) fn write(
    config: &Config,
    http: SocketAddr,
    directory: &Directory,
    routers: &[NasAddress],
) -> anyhow::Result<()> {
    let sign_ins: Map<String, Value> = PEOPLE
        .iter()
        .map(|(role, login, name)| {
            let person = json!({ "login": login, "password": PASSWORD, "name": name });
            (role.as_str().to_owned(), person)
        })
        .collect();
    let routers: Vec<Value> = routers
        .iter()
        .map(|router| {
            json!({ "name": router.name, "api": router.api, "login": "admin", "password": ROUTER_PASSWORD })
        })
        .collect();
    let demo = json!({
        "http": format!("http://{http}"),
        "radius_auth": network::within_reach(config.radius_auth_listen),
        "radius_acct": network::within_reach(config.radius_acct_listen),
        "nas_secret": NAS_SECRET,
        "routers": routers,
        "sign_ins": sign_ins,
        "subscribers": offline(directory),
    });
    let path = config.data_dir.join("demo.json");
    let partial = config.data_dir.join("demo.json.partial");
    std::fs::write(&partial, serde_json::to_vec_pretty(&demo)?)
        .and_then(|()| std::fs::rename(&partial, &path))
        .with_context(|| format!("{} cannot be written", path.display()))?;
    print(http);
    Ok(())
}

/// Subscribers whom nobody dials in, so that their accounts are free for `radclient`.
fn offline(directory: &Directory) -> Vec<Value> {
    let names: Vec<String> = subscribers::offline().collect();
    let mut found = directory.subscribers();
    found.retain(|subscriber| {
        subscriber.status == CustomerStatus::Active
            && names.iter().any(|name| **name == *subscriber.username)
    });
    found.sort_by(|a, b| a.username.cmp(&b.username));
    found.iter().map(|found| login(found)).collect()
}

fn login(subscriber: &Subscriber) -> Value {
    let password = String::from_utf8_lossy(subscriber.password.expose());
    let method = network::method(&subscriber.username);
    json!({ "username": subscriber.username, "password": password, "method": method })
}

fn print(http: SocketAddr) {
    say("");
    say(&format!("  lastmile demo: http://{http}"));
    say(&format!("  everybody's password: {PASSWORD}"));
    for (role, login, name) in PEOPLE {
        say(&format!("    {login:<12} {name:<18} {}", role.as_str()));
    }
    say("");
}
