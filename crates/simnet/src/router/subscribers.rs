//! Who is dialled in: what the menus say about logins, the users of the router's own, and the log
//! of those who come and go.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use domain::network::session::TerminateCause;
use mikrotik::api::{Request, Text};
use mikrotik::duration::parse_duration;
use radius::client::Answers;
use tokio::time::Instant;

use super::Router;
use super::store::{Item, ItemId, Store};
use crate::nas::Identifiers;
use crate::nas::admission::LocalUser;
use crate::nas::core::{Channel, Core, Transmit};
use crate::nas::notes::{LineEvent, Note};
use crate::nas::settings::{
    DEFAULT_PROFILE, Incoming, Interim, PoolSettings, Profile, Remote, Server, ServiceSettings,
    Settings,
};
use crate::subscribers::dialer::Limits;
use crate::subscribers::{Method, Service};

/// Menus on which logins depend.
const MENUS: [&str; 11] = [
    "/radius",
    "/radius/incoming",
    "/ppp/aaa",
    "/ppp/profile",
    "/interface/pppoe-server/server",
    "/ip/pool",
    "/ip/hotspot",
    "/ip/hotspot/profile",
    "/ip/hotspot/user/profile",
    "/system/identity",
    "/interface/ethernet",
];

/// Whether logins depend on a menu beyond its being looked up each time.
pub(super) fn matters(path: &str) -> bool {
    MENUS.contains(&path)
}

/// The number of a session in all menus that show it; no configured item has one so high.
pub(super) fn line_id(number: u64) -> ItemId {
    let low = u32::try_from(number & 0x0FFF_FFFF).unwrap_or_default();
    ItemId(0x8000_0000 | low)
}

impl Router {
    /// The present moment on the clock of the lines.
    pub(super) fn instant(&self) -> Instant {
        let lived = (self.now - self.made_at).to_std().unwrap_or_default();
        self.epoch + lived
    }

    /// Does something with the lines, and what follows from it.
    pub(crate) fn on_lines<T>(&mut self, act: impl FnOnce(&mut Core, Instant) -> T) -> T {
        self.read_settings();
        let now = self.instant();
        let result = act(&mut self.lines, now);
        self.work_lines();
        result
    }

    /// Takes a datagram that arrived at one of the router's sockets.
    pub(crate) fn receive(&mut self, channel: Channel, datagram: &[u8], from: SocketAddr) {
        self.on_lines(|lines, now| lines.receive(channel, datagram, from, now));
    }

    /// A datagram that must leave, and a deadline that is sooner than those told before, with the
    /// moment at which the clock of the lines began.
    pub(crate) fn next_output(&mut self) -> (Option<Transmit>, Option<(Instant, Instant)>) {
        let transmit = self.lines.next_transmit();
        let deadline = self.sooner_deadline();
        (transmit, deadline.map(|deadline| (self.epoch, deadline)))
    }

    /// Whether datagrams wait, or a deadline that nobody was told.
    pub(super) fn has_something_to_do(&self) -> bool {
        let is_sooner = |next: Instant| self.planned.is_none_or(|planned| planned > next);
        let incoming = self.incoming_port() != self.heard_port;
        incoming || self.lines.has_output() || self.lines.next_deadline().is_some_and(is_sooner)
    }

    /// The port on which somebody listens to requests of servers, or tries to.
    pub(crate) fn heard_port(&self) -> Option<u16> {
        self.heard_port
    }

    /// Somebody knows which port is wanted, and sees to it.
    pub(crate) fn hears_on(&mut self, port: Option<u16>) {
        self.heard_port = port;
    }

    /// The next moment at which something is due, when it is sooner than the one told before.
    fn sooner_deadline(&mut self) -> Option<Instant> {
        let next = self.lines.next_deadline()?;
        if self.planned.is_some_and(|planned| planned <= next) {
            return None;
        }
        self.planned = Some(next);
        Some(next)
    }

    /// The deadline that was told has come.
    pub(crate) fn forget_deadline(&mut self) {
        self.planned = None;
    }

    /// The port on which requests of servers are heard.
    pub(crate) fn incoming_port(&self) -> Option<u16> {
        self.lines.settings().incoming.map(|incoming| incoming.port)
    }

    /// The power goes, and comes back after a while.
    pub(crate) fn power_cut(&mut self, outage: Duration) {
        self.on_lines(|lines, now| lines.power_cut(outage, now));
        self.start_anew(outage);
    }

    /// What is due on the lines, and the log of what happened.
    pub(super) fn work_lines(&mut self) {
        self.read_settings();
        let now = self.instant();
        self.lines.run_timers(now);
        let store = &self.store;
        let users = |service: Service, name: &str| local_user(store, service, name);
        self.lines.admit_callers(now, &users);
        while let Some(note) = self.lines.next_note() {
            self.log_line(&note);
        }
    }

    /// Ends sessions by their numbers or names; none when an item is meant that is no session.
    pub(super) fn remove_sessions(&mut self, service: Service, request: &Request) -> Option<()> {
        let named = request.get(".id").or_else(|| request.get("numbers"))?;
        let shown = named.to_shown();
        let numbers: Option<Vec<u64>> = shown
            .split(',')
            .map(|text| self.session_number(service, text))
            .collect();
        let numbers = numbers?;
        self.on_lines(|lines, now| {
            for number in numbers {
                lines.kick(number, now);
            }
        });
        Some(())
    }

    fn session_number(&self, service: Service, text: &str) -> Option<u64> {
        let id = ItemId::parse(text);
        let mut sessions = self.lines.sessions();
        let session = sessions.find(|session| {
            let name = &session.identity.username;
            let is_it = match id {
                Some(id) => line_id(session.number) == id,
                None => name == text || interface_name(service, name) == text,
            };
            session.identity.service == service && is_it
        });
        session.map(|session| session.number)
    }

    /// Reads the menus again when they have changed.
    fn read_settings(&mut self) {
        let seen = self.changes.of_settings();
        if self.is_fixed || self.settings_seen == Some(seen) {
            return;
        }
        self.settings_seen = Some(seen);
        let settings = settings(&self.store, self.address);
        self.lines.configure(settings);
    }

    fn log_line(&mut self, note: &Note) {
        let (name, mac) = (&note.username, &note.calling_station);
        let changed = match &note.event {
            LineEvent::Up { number, .. } => Some((*number, false)),
            LineEvent::Down { number, .. } => Some((*number, true)),
            LineEvent::Failed { .. } => None,
        };
        if let Some((number, removed)) = changed {
            let path = match note.service {
                Service::Pppoe => "/ppp/active",
                Service::Hotspot => "/ip/hotspot/active",
            };
            self.changes.record(path, line_id(number), removed);
        }
        let (topics, message) = match (note.service, &note.event) {
            (Service::Pppoe, LineEvent::Up { address, .. }) => (
                "pppoe,ppp,info,account",
                format!("{name} logged in, {address} from {mac}"),
            ),
            (Service::Hotspot, LineEvent::Up { address, .. }) => (
                "hotspot,account,info,debug",
                format!("{name} ({address}): logged in"),
            ),
            (Service::Pppoe, LineEvent::Down { seconds, moved, .. }) => {
                let (up, down) = (moved.upload, moved.download);
                let message = format!("{name} logged out, {seconds} {up} {down} from {mac}");
                ("pppoe,ppp,info,account", message)
            }
            (Service::Hotspot, LineEvent::Down { address, cause, .. }) => (
                "hotspot,account,info,debug",
                format!("{name} ({address}): logged out: {}", reason(*cause)),
            ),
            (Service::Pppoe, LineEvent::Failed { why }) => (
                "pppoe,ppp,error",
                format!("<{mac}>: user {name} authentication failed{}", after(why)),
            ),
            (Service::Hotspot, LineEvent::Failed { why }) => (
                "hotspot,info,debug",
                format!("{name} ({mac}): login failed{}", after(why)),
            ),
        };
        self.log(topics, &Text::from(message));
    }
}

/// The interface of a session, which also names its queue.
pub(super) fn interface_name(service: Service, username: &str) -> String {
    match service {
        Service::Pppoe => format!("<pppoe-{username}>"),
        Service::Hotspot => format!("<hotspot-{username}>"),
    }
}

fn after(why: &str) -> String {
    match why {
        "" | "authentication failed" => String::new(),
        why => format!(" - {why}"),
    }
}

fn reason(cause: TerminateCause) -> &'static str {
    match cause {
        TerminateCause::UserRequest => "user request",
        TerminateCause::LostCarrier => "lost carrier",
        TerminateCause::IdleTimeout => "keepalive timeout",
        TerminateCause::SessionTimeout => "session timeout",
        TerminateCause::AdminReset => "admin reset",
        TerminateCause::AdminReboot | TerminateCause::NasReboot => "shutdown",
        TerminateCause::NasRequest => "traffic limit reached",
        TerminateCause::LostService
        | TerminateCause::PortError
        | TerminateCause::NasError
        | TerminateCause::Other(_) => "port error",
    }
}

/// What the menus say about logins.
fn settings(store: &Store, address: Option<Ipv4Addr>) -> Settings {
    let identity = store.single("/system/identity");
    let identity = identity.map(|item| item.shown("name")).unwrap_or_default();
    let named = |service: String, interface: String| Identifiers {
        name: identity.clone(),
        address,
        service,
        interface,
    };
    let pools = store.items("/ip/pool").map(|item| {
        let pool = PoolSettings::read(&item.shown("ranges"), &item.shown("next-pool"));
        (item.shown("name"), pool)
    });
    Settings {
        ppp: ppp(store, &named),
        hotspot: hotspot(store, &named),
        servers: store
            .items("/radius")
            .filter_map(server)
            .map(Arc::new)
            .collect(),
        pools: pools.collect(),
        incoming: incoming(store),
    }
}

type Named<'a> = dyn Fn(String, String) -> Identifiers + 'a;

fn ppp(store: &Store, named: &Named<'_>) -> ServiceSettings {
    let mut servers = store.items("/interface/pppoe-server/server");
    let server = servers.find(|item| is_enabled(item));
    let of_server = |name: &str| server.map(|item| item.shown(name)).unwrap_or_default();
    let aaa = store.single("/ppp/aaa");
    let interim = aaa.and_then(|item| span(item, "interim-update"));
    let profiles = store.items("/ppp/profile");
    let default_profile = match of_server("default-profile") {
        name if name.is_empty() => DEFAULT_PROFILE.to_owned(),
        name => name,
    };
    ServiceSettings {
        identifiers: named(of_server("service-name"), of_server("interface")),
        serves: server.is_some(),
        methods: methods(&of_server("authentication")),
        use_radius: aaa.is_some_and(|item| item.is("use-radius", "true")),
        accounting: aaa.is_none_or(|item| !item.is("accounting", "false")),
        interim: interim.map_or(Interim::Received, Interim::Every),
        default_profile,
        pool: None,
        profiles: profiles
            .map(|item| (item.shown("name"), profile(item, "remote-address")))
            .collect(),
    }
}

fn hotspot(store: &Store, named: &Named<'_>) -> ServiceSettings {
    let mut servers = store.items("/ip/hotspot");
    let server = servers.find(|item| is_enabled(item));
    let of_server = |name: &str| server.map(|item| item.shown(name)).unwrap_or_default();
    let mut profiles = store.items("/ip/hotspot/profile");
    let wanted = of_server("profile");
    let wanted = if wanted.is_empty() {
        DEFAULT_PROFILE
    } else {
        &wanted
    };
    let held = profiles.find(|item| item.is("name", wanted));
    let own = held.map(|item| item.shown("radius-interim-update"));
    let own = own.as_deref().and_then(parse_duration);
    let user_profiles = store.items("/ip/hotspot/user/profile");
    ServiceSettings {
        identifiers: named(of_server("name"), of_server("interface")),
        serves: server.is_some(),
        methods: vec![Method::Pap, Method::Chap],
        use_radius: held.is_some_and(|item| item.is("use-radius", "true")),
        accounting: held.is_none_or(|item| !item.is("radius-accounting", "false")),
        interim: match own {
            None => Interim::Received,
            Some(Duration::ZERO) => Interim::Never,
            Some(interval) => Interim::Every(interval),
        },
        default_profile: DEFAULT_PROFILE.to_owned(),
        pool: Some(of_server("address-pool")).filter(|name| !matches!(&**name, "" | "none")),
        profiles: user_profiles
            .map(|item| (item.shown("name"), profile(item, "address-pool")))
            .collect(),
    }
}

fn profile(item: &Item, remote: &str) -> Profile {
    let text = |name: &str| Some(item.shown(name)).filter(|text| !text.is_empty());
    Profile {
        rate: item.shown("rate-limit").parse().ok(),
        local_address: item.shown("local-address").parse().ok(),
        remote: Remote::read(&item.shown(remote)),
        session_timeout: span(item, "session-timeout"),
        idle_timeout: span(item, "idle-timeout"),
        address_list: text("address-list"),
        only_one: item.is("only-one", "yes") || item.is("shared-users", "1"),
    }
}

fn server(item: &Item) -> Option<Server> {
    let service = item.shown("service");
    let serves = |name: &str| service.split(',').any(|word| word == name);
    // RadSec is a connection, which this router does not make.
    if !is_enabled(item) || item.is("protocol", "radsec") {
        return None;
    }
    let address: IpAddr = item.shown("address").parse().ok()?;
    let port = |name: &str, standard: u16| item.shown(name).parse().unwrap_or(standard);
    let answers = if item.is("require-message-auth", "yes-for-request-resp") {
        Answers::Signed
    } else {
        Answers::MayBeUnsigned
    };
    let secret = item.get("secret").cloned().unwrap_or_default();
    Some(Server {
        id: item.id.0,
        auth: SocketAddr::new(address, port("authentication-port", 1812)),
        acct: SocketAddr::new(address, port("accounting-port", 1813)),
        secret: secret.as_bytes().to_vec(),
        timeout: Some(span(item, "timeout").unwrap_or(Duration::from_millis(300))),
        ppp: serves("ppp"),
        hotspot: serves("hotspot"),
        answers,
    })
}

fn incoming(store: &Store) -> Option<Incoming> {
    let item = store.single("/radius/incoming")?;
    let port = item.shown("port").parse().unwrap_or(3799);
    item.is("accept", "true").then_some(Incoming {
        port,
        from_servers: true,
    })
}

fn methods(authentication: &str) -> Vec<Method> {
    let method = |word: &str| match word {
        "pap" => Some(Method::Pap),
        "chap" => Some(Method::Chap),
        "mschap1" => Some(Method::MsChapV1),
        "mschap2" => Some(Method::MsChapV2),
        _ => None,
    };
    if authentication.is_empty() {
        return Method::ALL.to_vec();
    }
    authentication.split(',').filter_map(method).collect()
}

/// A user of the router's own, by name.
fn local_user(store: &Store, service: Service, name: &str) -> Option<LocalUser> {
    let path = match service {
        Service::Pppoe => "/ppp/secret",
        Service::Hotspot => "/ip/hotspot/user",
    };
    let serves = |item: &&Item| match service {
        Service::Pppoe => matches!(&*item.shown("service"), "" | "any" | "pppoe"),
        Service::Hotspot => true,
    };
    let mut users = store.items(path);
    let item = users.find(|item| item.is("name", name) && is_enabled(item) && serves(item))?;
    let remote = match service {
        Service::Pppoe => "remote-address",
        Service::Hotspot => "address",
    };
    let station = match service {
        Service::Pppoe => "caller-id",
        Service::Hotspot => "mac-address",
    };
    let number = |name: &str| item.shown(name).parse().ok().filter(|bytes| *bytes > 0);
    let profile = match item.shown("profile") {
        name if name.is_empty() => DEFAULT_PROFILE.to_owned(),
        name => name,
    };
    Some(LocalUser {
        password: item
            .get("password")
            .map(|text| text.as_bytes().to_vec())
            .unwrap_or_default(),
        profile,
        remote: Remote::read(&item.shown(remote)),
        calling_station: Some(item.shown(station)).filter(|mac| !mac.is_empty()),
        limits: Limits {
            upload: number("limit-bytes-in"),
            download: number("limit-bytes-out"),
            total: number("limit-bytes-total"),
        },
        uptime: span(item, "limit-uptime"),
    })
}

fn is_enabled(item: &Item) -> bool {
    !item.is("disabled", "true")
}

/// A span of time; none when there is none or it is zero.
fn span(item: &Item, name: &str) -> Option<Duration> {
    parse_duration(&item.shown(name)).filter(|span| !span.is_zero())
}
