//! How a login goes: by a user of the router's own, by RADIUS, or not at all.

use std::net::Ipv4Addr;
use std::time::Duration;

use crate::nas::settings::{Interim, Profile, Remote, ServiceSettings, Settings};
use crate::subscribers::dialer::{Grant, Limits};
use crate::subscribers::{Service, SubscriberConfig};

/// Who dials.
pub(crate) struct Caller<'a> {
    pub(crate) subscriber: &'a SubscriberConfig,
    pub(crate) calling_station: &'a str,
}

/// A user of the router's own: a PPP secret or a hotspot user.
#[derive(Debug, Default)]
pub(crate) struct LocalUser {
    pub(crate) password: Vec<u8>,
    pub(crate) profile: String,
    pub(crate) remote: Option<Remote>,
    pub(crate) calling_station: Option<String>,
    pub(crate) limits: Limits,
    pub(crate) uptime: Option<Duration>,
}

/// Who decides on a login, and how.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    /// The router itself, which lets it in.
    Local(Grant),
    /// The RADIUS servers.
    Ask,
    /// The router itself, which does not.
    Refused(String),
    /// Nothing answers on that line.
    Nobody(String),
}

/// A grant that the profile has completed.
pub(crate) struct Terms {
    pub(crate) grant: Grant,
    pub(crate) local_address: Option<Ipv4Addr>,
    pub(crate) only_one: bool,
}

/// Decides, as RouterOS does: a user of the router's own is never asked of a server.
pub(crate) fn decide(
    settings: &Settings,
    caller: &Caller<'_>,
    local: Option<LocalUser>,
) -> Admission {
    let service = caller.subscriber.service;
    let rules = settings.service(service);
    if !rules.serves {
        return Admission::Nobody(match service {
            Service::Pppoe => "no PPPoE server answers".to_owned(),
            Service::Hotspot => "no hotspot answers".to_owned(),
        });
    }
    if !rules.methods.contains(&caller.subscriber.proof()) {
        return Admission::Refused("peer refused to authenticate".to_owned());
    }
    if let Some(user) = local {
        return decide_locally(user, caller);
    }
    if !rules.use_radius {
        return Admission::Refused(unknown(service).to_owned());
    }
    match settings.servers_of(service).next() {
        Some(_) => Admission::Ask,
        None => Admission::Refused("no RADIUS server is configured".to_owned()),
    }
}

fn decide_locally(user: LocalUser, caller: &Caller<'_>) -> Admission {
    let is_proven = user.password == caller.subscriber.password.as_bytes();
    let is_there = user
        .calling_station
        .is_none_or(|wanted| wanted.eq_ignore_ascii_case(caller.calling_station));
    if !is_proven || !is_there {
        return Admission::Refused(unknown(caller.subscriber.service).to_owned());
    }
    Admission::Local(Grant {
        group: Some(user.profile),
        remote: user.remote,
        limits: user.limits,
        session_timeout: user.uptime,
        ..Grant::default()
    })
}

fn unknown(service: Service) -> &'static str {
    match service {
        Service::Pppoe => "authentication failed",
        Service::Hotspot => "invalid username or password",
    }
}

/// Adds what the profile says where the grant is silent.
pub(crate) fn complete(settings: &Settings, service: Service, mut grant: Grant) -> Terms {
    let rules = settings.service(service);
    let profile = profile_of(rules, grant.group.as_deref());
    let said = |of: fn(&Profile) -> Option<Duration>| profile.and_then(of);
    grant.rate = grant.rate.or(profile.and_then(|profile| profile.rate));
    grant.session_timeout = grant
        .session_timeout
        .or(said(|profile| profile.session_timeout));
    grant.idle_timeout = grant.idle_timeout.or(said(|profile| profile.idle_timeout));
    let list = profile.and_then(|profile| profile.address_list.clone());
    grant.address_list = grant.address_list.or(list);
    let remote = profile.and_then(|profile| profile.remote.clone());
    grant.remote = grant.remote.or(remote);
    grant.interim = match rules.interim {
        Interim::Received => grant.interim,
        Interim::Every(interval) => Some(interval),
        Interim::Never => None,
    };
    if service == Service::Pppoe {
        // Only a hotspot counts both directions together.
        grant.limits.total = None;
    }
    Terms {
        local_address: profile.and_then(|profile| profile.local_address),
        only_one: profile.is_some_and(|profile| profile.only_one),
        grant,
    }
}

/// The profile of that name; the one of the service where there is none.
fn profile_of<'s>(rules: &'s ServiceSettings, group: Option<&str>) -> Option<&'s Profile> {
    let named = group.and_then(|group| rules.profiles.get(group));
    named.or_else(|| rules.profiles.get(&rules.default_profile))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nas::NasConfig;
    use crate::subscribers::Method;

    fn caller(subscriber: &SubscriberConfig) -> Caller<'_> {
        Caller {
            subscriber,
            calling_station: "02:00:00:00:00:01",
        }
    }

    fn user(password: &str) -> LocalUser {
        LocalUser {
            password: password.as_bytes().to_vec(),
            profile: "gold".to_owned(),
            ..LocalUser::default()
        }
    }

    #[test]
    fn the_routers_own_user_wins() {
        let settings = Settings::of(&NasConfig::default());
        let rahim = SubscriberConfig::new("rahim", "right", Method::Chap);
        let decided = |local| decide(&settings, &caller(&rahim), local);
        assert!(matches!(decided(Some(user("right"))), Admission::Local(_)));
        assert!(matches!(
            decided(Some(user("stale"))),
            Admission::Refused(_)
        ));
        assert_eq!(decided(None), Admission::Ask);
        let elsewhere = LocalUser {
            calling_station: Some("02:00:00:00:00:02".to_owned()),
            ..user("right")
        };
        assert!(matches!(decided(Some(elsewhere)), Admission::Refused(_)));
    }

    #[test]
    fn nobody_is_asked_without_a_configuration() {
        let mut settings = Settings::of(&NasConfig::default());
        let rahim = SubscriberConfig::new("rahim", "p", Method::Pap);
        settings.ppp.use_radius = false;
        let refused = Admission::Refused("authentication failed".to_owned());
        assert_eq!(decide(&settings, &caller(&rahim), None), refused);
        settings.ppp.use_radius = true;
        settings.servers.clear();
        assert!(matches!(
            decide(&settings, &caller(&rahim), None),
            Admission::Refused(_)
        ));
        settings.ppp.serves = false;
        assert!(matches!(
            decide(&settings, &caller(&rahim), Some(user("p"))),
            Admission::Nobody(_)
        ));
    }

    #[test]
    fn a_profile_completes_what_the_server_says() {
        let mut settings = Settings::of(&NasConfig::default());
        let gold = Profile {
            rate: Some("5M/10M".parse().expect("a rate")),
            only_one: true,
            ..Profile::default()
        };
        settings.ppp.profiles.insert("gold".to_owned(), gold);
        let grant = Grant {
            group: Some("gold".to_owned()),
            limits: Limits {
                total: Some(1),
                ..Limits::default()
            },
            ..Grant::default()
        };
        let terms = complete(&settings, Service::Pppoe, grant);
        assert_eq!(terms.grant.rate.expect("a rate").to_string(), "5M/10M");
        assert!(terms.only_one && terms.grant.limits.total.is_none());
        let plain = complete(&settings, Service::Pppoe, Grant::default());
        assert_eq!(
            plain.grant.remote,
            Some(Remote::Pool("customers".to_owned()))
        );
    }
}
