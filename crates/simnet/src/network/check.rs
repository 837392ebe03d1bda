//! What must hold of a configuration before a network starts.

use std::collections::HashSet;
use std::io;
use std::net::SocketAddr;

use thiserror::Error;

use super::NetworkConfig;
use crate::group::{Crowd, Member, RouterGroup};
use crate::router::ConfigError;
use crate::subscribers::SubscriberConfig;

/// Why a network could not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// There is nobody to dial in to.
    #[error("the network has no router; configure at least one")]
    NoNas,
    /// A subscriber names a router that is not there.
    #[error("subscriber {username} names NAS {nas}, which is not configured")]
    UnknownNas {
        /// The subscriber.
        username: String,
        /// The router that is missing.
        nas: String,
    },
    /// A router's configuration cannot be carried out.
    #[error("router {name}: {reason}")]
    Router {
        /// The router.
        name: String,
        /// What is wrong.
        reason: ConfigError,
    },
    /// A group has no router.
    #[error("the routers of {name} have a count of 0: ask for one at least, or leave them out")]
    NoRouters {
        /// The group.
        name: String,
    },
    /// A group plays no version.
    #[error("the routers of {name} have no versions: name one at least, or leave the key out")]
    NoVersions {
        /// The group.
        name: String,
    },
    /// A crowd is empty.
    #[error(
        "the subscribers {username} of {name} have a count of 0: ask for one at least, or leave them out"
    )]
    NoSubscribers {
        /// The group.
        name: String,
        /// The pattern of their names.
        username: String,
    },
    /// A crowd has no way to prove its passwords.
    #[error(
        "the subscribers {username} of {name} have no methods: name one at least, or leave the key out"
    )]
    NoMethods {
        /// The group.
        name: String,
        /// The pattern of their names.
        username: String,
    },
    /// Two routers would be one in scenarios.
    #[error(
        "two routers are called {name}: write {{n}} into the name of a group, and give each group names of its own"
    )]
    SameRouter {
        /// Their name.
        name: String,
    },
    /// Two subscribers of a router would be one line.
    #[error(
        "two subscribers of router {nas} are called {username}: write {{n}} into the username of a crowd, and begin each crowd with a first of its own"
    )]
    SameSubscriber {
        /// The router.
        nas: String,
        /// Their name.
        username: String,
    },
    /// A group has more routers than addresses.
    #[error("the routers of {name} do not fit into the addresses from {first} on")]
    Addresses {
        /// The group.
        name: String,
        /// Its first address.
        first: std::net::Ipv4Addr,
    },
    /// A group asks for the API in TLS and keeps the API itself closed.
    #[error(
        "the routers of {name} have a tls_port and no api_port: add one, 0 lets the system choose"
    )]
    TlsAlone {
        /// The group.
        name: String,
    },
    /// A socket could not be opened.
    #[error("NAS {nas} cannot use {address}: choose another address or port")]
    Bind {
        /// The router.
        nas: String,
        /// Its address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
}

impl StartError {
    pub(super) fn router(name: &str, reason: ConfigError) -> Self {
        let name = name.to_owned();
        Self::Router { name, reason }
    }

    pub(super) fn bind(nas: &str, address: SocketAddr, source: io::Error) -> Self {
        Self::Bind {
            nas: nas.to_owned(),
            address,
            source,
        }
    }
}

/// The routers of all groups.
pub(super) fn members(config: &NetworkConfig) -> Result<Vec<Member>, StartError> {
    let mut members = Vec::new();
    for group in &config.routers {
        check_group(group)?;
        let more = group.members().ok_or_else(|| StartError::Addresses {
            name: group.name.clone(),
            first: group.address,
        })?;
        members.extend(more);
    }
    Ok(members)
}

fn check_group(group: &RouterGroup) -> Result<(), StartError> {
    let name = group.name.clone();
    if group.count == 0 {
        return Err(StartError::NoRouters { name });
    }
    if group.versions.is_empty() {
        return Err(StartError::NoVersions { name });
    }
    if group.tls_port.is_some() && group.api_port.is_none() {
        return Err(StartError::TlsAlone { name });
    }
    let mut crowds = group.subscribers.iter();
    crowds.try_for_each(|crowd| check_crowd(crowd, &name))
}

fn check_crowd(crowd: &Crowd, group: &str) -> Result<(), StartError> {
    let (name, username) = (group.to_owned(), crowd.username.clone());
    if crowd.count == 0 {
        return Err(StartError::NoSubscribers { name, username });
    }
    if crowd.methods.is_empty() {
        return Err(StartError::NoMethods { name, username });
    }
    Ok(())
}

pub(super) fn check(config: &NetworkConfig, members: &[Member]) -> Result<(), StartError> {
    if config.nas.is_empty() && members.is_empty() {
        return Err(StartError::NoNas);
    }
    let names = config.nas.iter().map(|nas| &nas.name);
    let mut known = HashSet::new();
    for name in names.chain(members.iter().map(|member| &member.name)) {
        if !known.insert(name) {
            let name = name.clone();
            return Err(StartError::SameRouter { name });
        }
    }
    members.iter().try_for_each(check_lines)?;
    for subscriber in &config.subscribers {
        let Some(name) = &subscriber.nas else {
            continue;
        };
        if !known.contains(name) {
            let (username, nas) = (subscriber.username.clone(), name.clone());
            return Err(StartError::UnknownNas { username, nas });
        }
    }
    Ok(())
}

fn check_lines(member: &Member) -> Result<(), StartError> {
    let mut known = HashSet::new();
    for line in member.subscribers.iter().map(SubscriberConfig::line) {
        if !known.insert(line) {
            let (nas, username) = (member.name.clone(), line.to_owned());
            return Err(StartError::SameSubscriber { nas, username });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nas::NasConfig;
    use crate::subscribers::Method;

    #[test]
    fn the_sample_file_is_read() {
        let text = include_str!("../../../../docs/samples/network.json");
        let config: NetworkConfig = serde_json::from_str(text).expect("a network");
        check(&config, &[]).expect("it does not contradict itself");
        let methods: Vec<Method> = config
            .subscribers
            .iter()
            .map(|known| known.method)
            .collect();
        assert_eq!(methods, [Method::MsChapV2, Method::Chap, Method::Pap]);
        assert_eq!((config.nas.len(), config.scenario.len()), (2, 4));
    }

    #[test]
    fn a_misspelt_key_is_refused() {
        let text = r#"{"nas": [{"name": "POP-1", "secrt": "x"}]}"#;
        assert!(serde_json::from_str::<NetworkConfig>(text).is_err());
    }

    #[test]
    fn a_port_in_tls_alone_is_refused() {
        let mut config = NetworkConfig::default();
        config.routers.push(RouterGroup {
            tls_port: Some(0),
            ..RouterGroup::default()
        });
        let refused = members(&config).err();
        assert!(matches!(refused, Some(StartError::TlsAlone { .. })));
        config.routers[0].api_port = Some(0);
        assert_eq!(members(&config).map(|made| made.len()).ok(), Some(1));
    }

    #[test]
    fn contradictions_are_refused() {
        let mut config = NetworkConfig::default();
        assert!(matches!(check(&config, &[]), Err(StartError::NoNas)));
        config.nas.push(NasConfig::default());
        let mut subscriber = SubscriberConfig::new("rahim", "p", Method::Pap);
        subscriber.nas = Some("SIM-2".to_owned());
        config.subscribers.push(subscriber);
        assert!(matches!(
            check(&config, &[]),
            Err(StartError::UnknownNas { .. })
        ));
    }

    fn refusal(group: RouterGroup) -> String {
        let config = NetworkConfig {
            routers: vec![group],
            ..NetworkConfig::default()
        };
        let checked = members(&config).and_then(|members| check(&config, &members));
        checked
            .err()
            .map_or_else(String::new, |error| error.to_string())
    }

    fn crowd(count: u32, username: &str) -> RouterGroup {
        let crowd = Crowd {
            count,
            username: username.to_owned(),
            ..Crowd::default()
        };
        RouterGroup {
            subscribers: vec![crowd],
            ..RouterGroup::default()
        }
    }

    #[test]
    fn what_would_vanish_is_refused() {
        let mut group = crowd(2, "user{n}");
        assert_eq!(refusal(group.clone()), "");
        group.subscribers[0].methods.clear();
        assert!(refusal(group.clone()).contains("user{n} of POP-{n} have no methods"));
        group.versions.clear();
        assert!(refusal(group.clone()).contains("POP-{n} have no versions"));
        group.count = 0;
        assert!(refusal(group).contains("POP-{n} have a count of 0"));
        assert!(refusal(crowd(0, "user{n}")).contains("user{n} of POP-{n} have a count of 0"));
    }

    #[test]
    fn what_would_be_one_is_refused() {
        assert_eq!(refusal(crowd(1, "rahim")), "");
        assert!(refusal(crowd(2, "rahim")).contains("two subscribers of router POP-1"));
        let mut overlapping = crowd(5, "user{n}");
        let more = overlapping.subscribers.clone();
        overlapping.subscribers.extend(more);
        assert!(refusal(overlapping).contains("are called user1: write {n}"));
        let several = RouterGroup {
            count: 2,
            name: "POP".to_owned(),
            ..RouterGroup::default()
        };
        assert!(refusal(several).contains("two routers are called POP: write {n}"));
        let twice = NetworkConfig {
            nas: vec![NasConfig::default(), NasConfig::default()],
            ..NetworkConfig::default()
        };
        let refused = check(&twice, &[]);
        assert!(matches!(refused, Err(StartError::SameRouter { .. })));
    }
}
