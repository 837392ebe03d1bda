//! What the configuration of a router says about logins: which servers it asks, what its
//! profiles and pools are, and whether it listens to requests of servers.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use domain::network::rate_limit::RateLimit;
use radius::client::Answers;

use crate::nas::{Identifiers, NasConfig};
use crate::subscribers::{Method, Service};

/// The profile of who is given none.
pub(crate) const DEFAULT_PROFILE: &str = "default";

/// Everything that a login depends on, but for the names of local users.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    pub(crate) ppp: ServiceSettings,
    pub(crate) hotspot: ServiceSettings,
    /// Those in use, in the order in which they are asked.
    pub(crate) servers: Vec<Arc<Server>>,
    pub(crate) pools: BTreeMap<String, PoolSettings>,
    pub(crate) incoming: Option<Incoming>,
}

/// How one service lets people in.
#[derive(Debug, Default)]
pub(crate) struct ServiceSettings {
    pub(crate) identifiers: Identifiers,
    /// Whether there is anything that a subscriber could dial in to.
    pub(crate) serves: bool,
    /// The proofs of a password that it takes.
    pub(crate) methods: Vec<Method>,
    pub(crate) use_radius: bool,
    pub(crate) accounting: bool,
    pub(crate) interim: Interim,
    pub(crate) default_profile: String,
    /// Where a hotspot's hosts have their addresses from.
    pub(crate) pool: Option<String>,
    pub(crate) profiles: HashMap<String, Profile>,
}

/// How often sessions are reported.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Interim {
    /// As often as the server says, if it does.
    #[default]
    Received,
    /// As often as the router says.
    Every(Duration),
    /// At their beginning and end only.
    Never,
}

/// What a profile adds to a session.
#[derive(Debug, Default)]
pub(crate) struct Profile {
    pub(crate) rate: Option<RateLimit>,
    pub(crate) local_address: Option<Ipv4Addr>,
    pub(crate) remote: Option<Remote>,
    pub(crate) session_timeout: Option<Duration>,
    pub(crate) idle_timeout: Option<Duration>,
    pub(crate) address_list: Option<String>,
    pub(crate) only_one: bool,
}

/// Where a subscriber's address comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Remote {
    Address(Ipv4Addr),
    Pool(String),
}

impl Remote {
    /// Reads an address, or else the name of a pool; nothing of an empty text.
    pub(crate) fn read(text: &str) -> Option<Self> {
        match text.parse() {
            Ok(address) => Some(Self::Address(address)),
            Err(_) if text.is_empty() || text == "none" => None,
            Err(_) => Some(Self::Pool(text.to_owned())),
        }
    }
}

/// A pool: its ranges, both ends included, and where to go on when they are used up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PoolSettings {
    pub(crate) ranges: Vec<(u32, u32)>,
    pub(crate) next: Option<String>,
}

/// A RADIUS server as a router knows it.
pub(crate) struct Server {
    /// Its number in the router's list.
    pub(crate) id: u32,
    pub(crate) auth: SocketAddr,
    pub(crate) acct: SocketAddr,
    pub(crate) secret: Vec<u8>,
    /// Wait for an answer, on the clock of the wall.
    pub(crate) timeout: Option<Duration>,
    pub(crate) ppp: bool,
    pub(crate) hotspot: bool,
    pub(crate) answers: Answers,
}

/// Leaves the secret out.
impl std::fmt::Debug for Server {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Server({}, {})", self.id, self.auth)
    }
}

/// Whether and where Disconnect- and CoA-Requests are heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Incoming {
    pub(crate) port: u16,
    /// Whether only the servers may send them.
    pub(crate) from_servers: bool,
}

impl Settings {
    /// A router that has a server for everything and no users of its own.
    pub(crate) fn of(config: &NasConfig) -> Self {
        let profile = Profile {
            remote: Some(Remote::Pool(config.default_pool.clone())),
            ..Profile::default()
        };
        let server = Server {
            id: 0,
            auth: config.auth_server,
            acct: config.acct_server,
            secret: config.secret.as_bytes().to_vec(),
            timeout: None,
            ppp: true,
            hotspot: false,
            answers: Answers::Signed,
        };
        let pool = |network: &ipnet::Ipv4Net| PoolSettings::of_network(*network);
        Self {
            ppp: ServiceSettings {
                identifiers: Identifiers::of(config),
                serves: true,
                methods: Method::ALL.to_vec(),
                use_radius: true,
                accounting: true,
                interim: Interim::Received,
                default_profile: DEFAULT_PROFILE.to_owned(),
                pool: None,
                profiles: HashMap::from([(DEFAULT_PROFILE.to_owned(), profile)]),
            },
            hotspot: ServiceSettings::default(),
            servers: vec![Arc::new(server)],
            pools: config
                .pools
                .iter()
                .map(|(name, network)| (name.clone(), pool(network)))
                .collect(),
            incoming: Some(Incoming {
                port: config.coa_port,
                from_servers: false,
            }),
        }
    }

    pub(crate) fn service(&self, service: Service) -> &ServiceSettings {
        match service {
            Service::Pppoe => &self.ppp,
            Service::Hotspot => &self.hotspot,
        }
    }

    /// The servers of a service, in their order.
    pub(crate) fn servers_of(&self, service: Service) -> impl Iterator<Item = &Arc<Server>> {
        self.servers.iter().filter(move |server| match service {
            Service::Pppoe => server.ppp,
            Service::Hotspot => server.hotspot,
        })
    }

    /// Where a report goes: to the server that let the session in, or to the others in turn when
    /// it was begun anew or that server is in use no more.
    pub(crate) fn report_server(
        &self,
        service: Service,
        id: u32,
        rounds: u32,
    ) -> Option<&Arc<Server>> {
        let servers: Vec<&Arc<Server>> = self.servers_of(service).collect();
        let first = servers.iter().position(|server| server.id == id);
        let turn = usize::try_from(rounds).ok()? + first.unwrap_or_default();
        servers.get(turn.checked_rem(servers.len())?).copied()
    }

    /// The secrets that a request from an address may be signed with.
    pub(crate) fn secrets_from(&self, from: IpAddr) -> impl Iterator<Item = &Arc<Server>> {
        let incoming = self.incoming;
        self.servers.iter().filter(move |server| {
            incoming.is_some_and(|rules| !rules.from_servers || server.auth.ip() == from)
        })
    }
}

impl PoolSettings {
    /// The network and broadcast addresses and the router's own (.1) stay free.
    pub(crate) fn of_network(network: ipnet::Ipv4Net) -> Self {
        let first = u32::from(network.network()).saturating_add(2);
        let last = u32::from(network.broadcast()).saturating_sub(1);
        let ranges = if first <= last {
            vec![(first, last)]
        } else {
            Vec::new()
        };
        Self { ranges, next: None }
    }

    /// Reads `10.0.0.2-10.0.0.9,10.1.0.0/24`; what is no range is passed over.
    pub(crate) fn read(ranges: &str, next: &str) -> Self {
        let range = |text: &str| -> Option<(u32, u32)> {
            if let Some((first, last)) = text.split_once('-') {
                let ends: (Ipv4Addr, Ipv4Addr) = (first.parse().ok()?, last.parse().ok()?);
                let ends = (u32::from(ends.0), u32::from(ends.1));
                return (ends.0 <= ends.1).then_some(ends);
            }
            if let Ok(network) = text.parse::<ipnet::Ipv4Net>() {
                return Some((network.network().into(), network.broadcast().into()));
            }
            let address: u32 = text.parse::<Ipv4Addr>().ok()?.into();
            Some((address, address))
        };
        Self {
            ranges: ranges.split(',').filter_map(range).collect(),
            next: Some(next)
                .filter(|next| !matches!(*next, "" | "none"))
                .map(str::to_owned),
        }
    }

    /// How many addresses there are.
    pub(crate) fn size(&self) -> u32 {
        let sizes = self
            .ranges
            .iter()
            .map(|(first, last)| (last - first).saturating_add(1));
        sizes.fold(0, u32::saturating_add)
    }

    /// The address at a position of all ranges together.
    pub(crate) fn at(&self, mut position: u32) -> Option<Ipv4Addr> {
        for (first, last) in &self.ranges {
            if position <= last - first {
                return Some(Ipv4Addr::from(first + position));
            }
            position = position.checked_sub((last - first).checked_add(1)?)?;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_a_router_takes_them() {
        let pool = PoolSettings::read("10.0.0.2-10.0.0.3,10.1.0.0/31,10.2.0.9,junk", "none");
        assert_eq!((pool.size(), pool.next.clone()), (5, None));
        let all: Vec<String> = (0..6)
            .filter_map(|position| Some(pool.at(position)?.to_string()))
            .collect();
        assert_eq!(
            all,
            ["10.0.0.2", "10.0.0.3", "10.1.0.0", "10.1.0.1", "10.2.0.9"]
        );
        assert_eq!(PoolSettings::read("", "b").next.as_deref(), Some("b"));
    }
}
