//! Routers and subscribers by pattern: hundreds of each from a few lines.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use crate::router::{Account, FaultRule, RouterConfig};
use crate::subscribers::{Method, Service, SubscriberConfig};

/// Routers that differ by a number: `{n}`, `{name}` and `{address}` stand for each one's own.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RouterGroup {
    /// How many.
    pub count: u32,
    /// The number of the first.
    pub first: u32,
    /// Their names, which are also their identities.
    pub name: String,
    /// Their versions, in turn.
    pub versions: Vec<String>,
    /// The address of the first; the others have those that follow. On Linux every address in
    /// 127.0.0.0/8 can be used.
    pub address: Ipv4Addr,
    /// The port of the API at each address; none keeps it closed, 0 lets the system choose.
    pub api_port: Option<u16>,
    /// The port of the API in TLS, besides the other.
    pub tls_port: Option<u16>,
    /// Who may sign in.
    pub users: Vec<Account>,
    /// Commands run before anybody connects, as in an export.
    pub setup: String,
    /// How long a start takes, in milliseconds.
    pub boot_ms: u32,
    /// What goes wrong.
    pub faults: Vec<FaultRule>,
    /// Most lines of the log.
    pub log_lines: u32,
    /// Most unanswered requests to RADIUS servers, at most 256.
    pub window: usize,
    /// Who dials in to each of them.
    pub subscribers: Vec<Crowd>,
}

impl Default for RouterGroup {
    fn default() -> Self {
        Self {
            count: 1,
            first: 1,
            name: "POP-{n}".to_owned(),
            versions: vec!["7.20".to_owned()],
            address: Ipv4Addr::new(127, 1, 0, 1),
            api_port: None,
            tls_port: None,
            users: Vec::new(),
            setup: String::new(),
            boot_ms: 0,
            faults: Vec::new(),
            log_lines: 100,
            window: 64,
            subscribers: Vec::new(),
        }
    }
}

/// Subscribers that differ by a number, for which `{n}` stands; it goes on from router to router.
#[derive(Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Crowd {
    /// How many on each router.
    pub count: u32,
    /// The number of the first.
    pub first: u64,
    /// Names of the logins.
    pub username: String,
    /// Their passwords.
    pub password: String,
    /// How they prove them, in turn.
    pub methods: Vec<Method>,
    /// What they dial in to.
    pub service: Service,
    /// Whether they move no bytes at all.
    pub quiet: bool,
}

impl Default for Crowd {
    fn default() -> Self {
        Self {
            count: 1,
            first: 1,
            username: "user{n}".to_owned(),
            password: "pw{n}".to_owned(),
            methods: vec![Method::Pap, Method::Chap, Method::MsChapV2],
            service: Service::Pppoe,
            quiet: false,
        }
    }
}

/// Leaves the password out.
impl std::fmt::Debug for Crowd {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Crowd({} × {})", self.count, self.username)
    }
}

/// One router of a group.
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) address: Ipv4Addr,
    pub(crate) api_port: Option<u16>,
    pub(crate) tls_port: Option<u16>,
    pub(crate) window: usize,
    pub(crate) config: RouterConfig,
    pub(crate) subscribers: Vec<SubscriberConfig>,
}

impl RouterGroup {
    /// Every router; none when there are not enough addresses, or no version.
    pub(crate) fn members(&self) -> Option<Vec<Member>> {
        (0..self.count).map(|index| self.member(index)).collect()
    }

    fn member(&self, index: u32) -> Option<Member> {
        let number = self.first.checked_add(index)?;
        let address = Ipv4Addr::from(u32::from(self.address).checked_add(index)?);
        let name = self.name.replace("{n}", &number.to_string());
        let fill = |text: &str| {
            let text = text.replace("{n}", &number.to_string());
            let text = text.replace("{name}", &name);
            text.replace("{address}", &address.to_string())
        };
        let turn = usize::try_from(index).ok()?;
        let version = self.versions.get(turn.checked_rem(self.versions.len())?)?;
        let config = RouterConfig {
            version: version.clone(),
            identity: name.clone(),
            users: self.users.clone(),
            setup: fill(&self.setup),
            boot_ms: self.boot_ms,
            faults: self.faults.clone(),
            address: Some(address),
            log_lines: self.log_lines,
            ..RouterConfig::default()
        };
        let subscribers = self.subscribers.iter();
        Some(Member {
            address,
            api_port: self.api_port,
            tls_port: self.tls_port,
            window: self.window,
            config,
            subscribers: subscribers.flat_map(|crowd| crowd.of(index)).collect(),
            name,
        })
    }
}

impl Crowd {
    /// Those on the router of that place in its group.
    fn of(&self, router: u32) -> impl Iterator<Item = SubscriberConfig> {
        let from = self.first + u64::from(router) * u64::from(self.count);
        let methods = self.methods.iter().copied().cycle();
        let numbers = from..from + u64::from(self.count);
        numbers.zip(methods).map(|(number, method)| {
            let fill = |text: &str| text.replace("{n}", &number.to_string());
            let (username, password) = (fill(&self.username), fill(&self.password));
            SubscriberConfig {
                service: self.service,
                quiet: self.quiet,
                ..SubscriberConfig::new(&username, &password, method)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_on_from_router_to_router() {
        let group = RouterGroup {
            count: 3,
            setup: "/system identity set name={name}-{address}".to_owned(),
            versions: vec!["6.49".to_owned(), "7.16".to_owned()],
            subscribers: vec![Crowd {
                count: 2,
                first: 10,
                ..Crowd::default()
            }],
            ..RouterGroup::default()
        };
        let members = group.members().expect("they fit");
        let last = members.last().expect("three");
        assert_eq!((&*last.name, &*last.config.version), ("POP-3", "6.49"));
        assert!(last.config.setup.ends_with("POP-3-127.1.0.3"));
        let names: Vec<&str> = members
            .iter()
            .flat_map(|member| &member.subscribers)
            .map(|subscriber| subscriber.username.as_str())
            .collect();
        assert_eq!(
            names,
            ["user10", "user11", "user12", "user13", "user14", "user15"]
        );
    }

    #[test]
    fn addresses_can_run_out() {
        let group = RouterGroup {
            count: 2,
            address: Ipv4Addr::BROADCAST,
            ..RouterGroup::default()
        };
        assert!(group.members().is_none());
    }
}
