//! Who may do what: users, their groups, and the addresses that services answer.

use std::net::IpAddr;

use ipnet::IpNet;
use mikrotik::api::{Challenge, Text, challenge_response};

use super::Router;
use super::refusal::Refusal;

/// Somebody signed in, with the policies of the group at that moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    name: String,
    policies: Policies,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Policies {
    All,
    Some(Vec<String>),
}

impl User {
    /// The router itself, which may do everything.
    pub fn system() -> Self {
        Self {
            name: "*sys".to_owned(),
            policies: Policies::All,
        }
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the group grants a policy.
    pub fn has(&self, policy: &str) -> bool {
        match &self.policies {
            Policies::All => true,
            Policies::Some(granted) => granted.iter().any(|held| held == policy),
        }
    }
}

impl Router {
    /// Signs in with a password.
    ///
    /// # Errors
    /// Name or password is wrong, the user is disabled, or the group may not use the API.
    pub fn sign_in(&self, name: &Text, password: &Text, peer: IpAddr) -> Result<User, Refusal> {
        let user = self.account(name, peer).ok_or(Refusal::BadLogin)?;
        let held = user.get("password").cloned().unwrap_or_default();
        if held != *password {
            return Err(Refusal::BadLogin);
        }
        self.user(&user.shown("name"), &user.shown("group"))
    }

    /// Signs in with the answer to a challenge.
    ///
    /// # Errors
    /// As with a password.
    pub fn sign_in_by_response(
        &self,
        name: &Text,
        response: &Text,
        challenge: Challenge,
        peer: IpAddr,
    ) -> Result<User, Refusal> {
        let user = self.account(name, peer).ok_or(Refusal::CannotLogIn)?;
        let held = user.get("password").cloned().unwrap_or_default();
        if *response != *challenge_response(challenge, held.as_bytes()) {
            return Err(Refusal::CannotLogIn);
        }
        self.user(&user.shown("name"), &user.shown("group"))
    }

    fn account(&self, name: &Text, peer: IpAddr) -> Option<&super::store::Item> {
        let mut users = self.store.items("/user");
        users.find(|user| {
            user.get("name") == Some(name)
                && !user.is("disabled", "true")
                && allows(&user.shown("address"), peer)
        })
    }

    fn user(&self, name: &str, group: &str) -> Result<User, Refusal> {
        let user = self.user_of_group(name, group);
        if user.has("api") {
            return Ok(user);
        }
        Err(Refusal::BadLogin)
    }

    /// A user with what a group grants; a group that is not there grants nothing.
    pub(super) fn user_of_group(&self, name: &str, group: &str) -> User {
        let mut groups = self.store.items("/user/group");
        let group = groups.find(|held| held.is("name", group));
        let policies = group.map(|group| group.shown("policy")).unwrap_or_default();
        let granted = policies
            .split(',')
            .filter(|policy| !policy.starts_with('!'));
        User {
            name: name.to_owned(),
            policies: Policies::Some(granted.map(str::to_owned).collect()),
        }
    }

    pub(super) fn check_permission(
        &self,
        path: &str,
        verb: &str,
        user: &User,
    ) -> Result<(), Refusal> {
        let needed: &[&str] = match (path, verb) {
            ("/system", "reboot" | "shutdown") => &["reboot"],
            ("/system/backup", _) => &["write", "policy"],
            (_, "print" | "getall" | "listen" | "export" | "monitor" | "read" | "get") => &["read"],
            ("/user" | "/user/group" | "/user/aaa", _) => &["write", "policy"],
            _ => &["write"],
        };
        if needed.iter().all(|policy| user.has(policy)) {
            return Ok(());
        }
        Err(Refusal::NotPermitted)
    }

    pub(super) fn service_allows(&self, peer: IpAddr, service: &str) -> bool {
        let mut services = self.store.items("/ip/service");
        services.any(|held| {
            held.is("name", service)
                && !held.is("disabled", "true")
                && allows(&held.shown("address"), peer)
        })
    }
}

/// Whether a list of prefixes holds an address; an empty one holds all.
fn allows(prefixes: &str, peer: IpAddr) -> bool {
    let holds = |prefix: &str| match prefix.parse::<IpNet>() {
        Ok(net) => net.contains(&peer),
        Err(_) => prefix
            .parse::<IpAddr>()
            .is_ok_and(|address| address == peer),
    };
    prefixes.is_empty() || prefixes.split(',').any(holds)
}
