//! Rows that a router makes for sessions: rendered when they are asked for, never kept.

use mikrotik::api::Row;
use mikrotik::duration::format_duration;
use mikrotik::schema::Menu;

use super::Router;
use super::menu::INTERFACES;
use super::store::{ItemId, push};
use super::subscribers::{interface_name, line_id};
use crate::subscribers::Service;
use crate::subscribers::session::Session;

/// The values of one row, by name.
type Values = Vec<(&'static str, String)>;

/// Makes the values of one session's row; none when the menu has none for it.
type Render = fn(&Router, &Session) -> Option<Values>;

/// Bytes of an average packet.
const PACKET_BYTES: u64 = 900;

impl Router {
    /// What a menu shows of the sessions that are up.
    pub(super) fn line_rows(&self, path: &str, menu: &Menu) -> Vec<Row> {
        let Some((service, render)) = shows(path) else {
            return Vec::new();
        };
        let sessions = self.lines.sessions();
        let mut sessions: Vec<&Session> = sessions.filter(|found| is_of(found, service)).collect();
        sessions.sort_by_key(|session| session.number);
        let rows = sessions.into_iter();
        rows.filter_map(|session| Some(self.line_row(session, render(self, session)?, menu)))
            .collect()
    }

    /// The row of one session, by its number in the menu.
    pub(super) fn line_row_of(&self, path: &str, menu: &Menu, id: ItemId) -> Option<Row> {
        let (service, render) = shows(path)?;
        let mut sessions = self.lines.sessions();
        let session = sessions.find(|found| line_id(found.number) == id)?;
        let session = Some(session).filter(|found| is_of(found, service))?;
        Some(self.line_row(session, render(self, session)?, menu))
    }

    fn line_row(&self, session: &Session, values: Values, menu: &Menu) -> Row {
        let mut row = Row::new();
        push(&mut row, ".id", line_id(session.number).to_string());
        for (name, value) in values {
            if menu.can_read(name) || matches!(name, "type" | "dynamic") {
                push(&mut row, name, value);
            }
        }
        for (flag, raised) in [("dynamic", "true"), ("disabled", "false")] {
            if menu.properties.contains(&flag) && row.get(flag).is_none() {
                push(&mut row, flag, raised);
            }
        }
        row
    }

    fn uptime(&self, session: &Session) -> String {
        let seconds = session.lasted(self.instant()).as_secs();
        format_duration(std::time::Duration::from_secs(seconds))
    }

    fn ppp_active(&self, session: &Session) -> Values {
        let identity = &session.identity;
        let limit = |bytes: Option<u64>| bytes.unwrap_or(0).to_string();
        vec![
            ("name", identity.username.clone()),
            ("service", "pppoe".to_owned()),
            ("caller-id", identity.calling_station.clone()),
            ("address", identity.framed_ip.to_string()),
            ("uptime", self.uptime(session)),
            ("encoding", String::new()),
            ("session-id", format!("0x{}", identity.session_id)),
            ("limit-bytes-in", limit(session.limits.upload)),
            ("limit-bytes-out", limit(session.limits.download)),
            ("radius", identity.server.is_some().to_string()),
        ]
    }

    fn hotspot_active(&self, session: &Session) -> Values {
        let identity = &session.identity;
        let now = self.instant();
        let moved = session.moved_at(now);
        let server = &self.lines.settings().hotspot.identifiers.service;
        let mut values = vec![
            ("server", server.clone()),
            ("user", identity.username.clone()),
            ("address", identity.framed_ip.to_string()),
            ("mac-address", identity.calling_station.clone()),
            ("login-by", "http-chap".to_owned()),
            ("uptime", self.uptime(session)),
            ("bytes-in", moved.upload.to_string()),
            ("bytes-out", moved.download.to_string()),
            ("packets-in", packets(moved.upload)),
            ("packets-out", packets(moved.download)),
            ("radius", identity.server.is_some().to_string()),
        ];
        let limits = [
            ("limit-bytes-in", session.limits.upload),
            ("limit-bytes-out", session.limits.download),
            ("limit-bytes-total", session.limits.total),
        ];
        values.extend(
            limits
                .into_iter()
                .filter_map(|(name, limit)| Some((name, limit?.to_string()))),
        );
        if let Some(ends_at) = session.ends_at {
            let left = ends_at.saturating_duration_since(now).as_secs();
            let left = format_duration(std::time::Duration::from_secs(left));
            values.push(("session-time-left", left));
        }
        values
    }

    fn hotspot_host(&self, session: &Session) -> Values {
        let identity = &session.identity;
        let moved = session.moved_at(self.instant());
        let server = &self.lines.settings().hotspot.identifiers.service;
        vec![
            ("mac-address", identity.calling_station.clone()),
            ("address", identity.framed_ip.to_string()),
            ("to-address", identity.framed_ip.to_string()),
            ("server", server.clone()),
            ("uptime", self.uptime(session)),
            ("bytes-in", moved.upload.to_string()),
            ("bytes-out", moved.download.to_string()),
            ("authorized", "true".to_owned()),
            ("bypassed", "false".to_owned()),
        ]
    }

    fn queue(&self, session: &Session) -> Option<Values> {
        let rate = session.rate?;
        let moved = session.moved_at(self.instant());
        let identity = &session.identity;
        let name = interface_name(identity.service, &identity.username);
        let target = match identity.service {
            Service::Pppoe => name.clone(),
            Service::Hotspot => format!("{}/32", identity.framed_ip),
        };
        let pair = |up: u32, down: u32| {
            let bits = |kbps: u32| u64::from(kbps) * 1000;
            format!("{}/{}", bits(up), bits(down))
        };
        let none = || "0/0".to_owned();
        let burst = rate.burst;
        Some(vec![
            ("name", name),
            ("target", target),
            ("parent", "none".to_owned()),
            ("priority", "8/8".to_owned()),
            ("queue", "default-small/default-small".to_owned()),
            ("limit-at", none()),
            ("max-limit", pair(rate.up_kbps, rate.down_kbps)),
            (
                "burst-limit",
                burst.map_or_else(none, |burst| pair(burst.up_kbps, burst.down_kbps)),
            ),
            (
                "burst-threshold",
                burst.map_or_else(none, |burst| {
                    pair(burst.threshold_up_kbps, burst.threshold_down_kbps)
                }),
            ),
            (
                "burst-time",
                burst.map_or_else(
                    || "0s/0s".to_owned(),
                    |burst| format!("{0}s/{0}s", burst.seconds),
                ),
            ),
            ("bytes", format!("{}/{}", moved.upload, moved.download)),
            (
                "packets",
                format!("{}/{}", packets(moved.upload), packets(moved.download)),
            ),
            ("invalid", "false".to_owned()),
        ])
    }

    fn pppoe_interface(&self, session: &Session) -> Values {
        let identity = &session.identity;
        let identifiers = &self.lines.settings().ppp.identifiers;
        vec![
            ("name", interface_name(identity.service, &identity.username)),
            ("user", identity.username.clone()),
            ("service", identifiers.service.clone()),
            ("interface", identifiers.interface.clone()),
            ("remote-address", identity.calling_station.clone()),
            ("mtu", "1480".to_owned()),
            ("mru", "1480".to_owned()),
            ("uptime", self.uptime(session)),
            ("encoding", String::new()),
            ("running", "true".to_owned()),
        ]
    }

    fn any_interface(&self, session: &Session) -> Values {
        let identity = &session.identity;
        let moved = session.moved_at(self.instant());
        vec![
            ("name", interface_name(identity.service, &identity.username)),
            ("type", "pppoe-in".to_owned()),
            ("mtu", "1480".to_owned()),
            ("actual-mtu", "1480".to_owned()),
            ("rx-byte", moved.upload.to_string()),
            ("tx-byte", moved.download.to_string()),
            ("rx-packet", packets(moved.upload)),
            ("tx-packet", packets(moved.download)),
            ("running", "true".to_owned()),
        ]
    }

    fn address_list(&self, session: &Session) -> Option<Values> {
        let list = session.address_list.clone()?;
        let lasted = chrono::Duration::from_std(session.lasted(self.instant())).ok()?;
        Some(vec![
            ("list", list),
            ("address", session.identity.framed_ip.to_string()),
            ("creation-time", self.shown_date_time(self.now - lasted)),
        ])
    }
}

/// How a menu shows sessions of one service or of every one; none when it shows none.
fn shows(path: &str) -> Option<(Option<Service>, Render)> {
    let (pppoe, hotspot) = (Some(Service::Pppoe), Some(Service::Hotspot));
    let shown: (_, Render) = match path {
        "/ppp/active" => (pppoe, |router, session| Some(router.ppp_active(session))),
        "/ip/hotspot/active" => (hotspot, |router, session| {
            Some(router.hotspot_active(session))
        }),
        "/ip/hotspot/host" => (hotspot, |router, session| {
            Some(router.hotspot_host(session))
        }),
        "/queue/simple" => (None, Router::queue),
        "/interface/pppoe-server" => (pppoe, |router, session| {
            Some(router.pppoe_interface(session))
        }),
        INTERFACES => (pppoe, |router, session| Some(router.any_interface(session))),
        "/ip/firewall/address-list" => (None, Router::address_list),
        "/ip/pool/used" => (None, |_, session| used_address(session)),
        "/ip/address" => (pppoe, |_, session| own_address(session)),
        _ => return None,
    };
    Some(shown)
}

fn is_of(session: &Session, service: Option<Service>) -> bool {
    service.is_none_or(|service| session.identity.service == service)
}

fn used_address(session: &Session) -> Option<Values> {
    let identity = &session.identity;
    let owner = match identity.service {
        Service::Pppoe => "PPP",
        Service::Hotspot => "hotspot",
    };
    Some(vec![
        ("pool", session.pool.clone()?),
        ("address", identity.framed_ip.to_string()),
        ("owner", owner.to_owned()),
        ("info", identity.username.clone()),
    ])
}

/// The router's end of a PPP link.
fn own_address(session: &Session) -> Option<Values> {
    let name = interface_name(session.identity.service, &session.identity.username);
    Some(vec![
        ("address", format!("{}/32", session.local_address?)),
        ("network", session.identity.framed_ip.to_string()),
        ("interface", name.clone()),
        ("actual-interface", name),
    ])
}

fn packets(bytes: u64) -> String {
    bytes.div_ceil(PACKET_BYTES).to_string()
}
