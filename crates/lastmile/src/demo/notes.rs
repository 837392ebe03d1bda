//! What a newcomer and a script need to know of a running demo.

use std::net::SocketAddr;

use anyhow::Context as _;
use app::directory::Directory;
use domain::customer::CustomerStatus;
use serde_json::{Map, Value, json};
use simnet::network::NasAddress;

use super::{
    NAS_SECRET, ROUTER_PASSWORD, network,
    people::{PASSWORD, PEOPLE},
};
use crate::{cmd::say, config::Config};

const SHOWN_SUBSCRIBERS: usize = 10;

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
    let mut subscribers = directory.subscribers();
    subscribers.retain(|found| found.status == CustomerStatus::Active);
    subscribers.sort_by(|a, b| a.username.cmp(&b.username));
    let subscribers: Vec<Value> = subscribers
        .iter()
        .take(SHOWN_SUBSCRIBERS)
        .map(|found| {
            let password = String::from_utf8_lossy(found.password.expose());
            let method = network::method(&found.username);
            json!({ "username": found.username, "password": password, "method": method })
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
        "radius_auth": config.radius_auth_listen,
        "radius_acct": config.radius_acct_listen,
        "nas_secret": NAS_SECRET,
        "routers": routers,
        "sign_ins": sign_ins,
        "subscribers": subscribers,
    });
    let path = config.data_dir.join("demo.json");
    let partial = config.data_dir.join("demo.json.partial");
    std::fs::write(&partial, serde_json::to_vec_pretty(&demo)?)
        .and_then(|()| std::fs::rename(&partial, &path))
        .with_context(|| format!("{} cannot be written", path.display()))?;
    print(http);
    Ok(())
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
