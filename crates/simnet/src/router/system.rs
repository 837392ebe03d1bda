//! `/system`, and the commands of other menus that are no tables: reboot, resources, clock, schedulers.

use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use mikrotik::api::{Request, Row, Text};
use mikrotik::duration::{format_duration, parse_duration};

use super::Router;
use super::access::User;
use super::answer::Answer;
use super::menu::NOT_CONFIGURATION;
use super::refusal::Refusal;
use super::store::{Item, ItemId, Origin, push};
use super::write::Target;
use crate::subscribers::Service;

/// How long after a start a scheduler of `start-time=startup` runs.
const AFTER_STARTUP: Duration = Duration::seconds(3);

impl Router {
    /// Carries out a command that is not one of a table; none when it is.
    pub(super) fn system_command(
        &mut self,
        path: &'static str,
        verb: &str,
        request: &Request,
        user: &User,
    ) -> Result<Option<Answer>, Refusal> {
        let done = |()| Some(Answer::Done);
        match (path, verb) {
            ("/system", "reboot" | "shutdown") => {
                self.reboot();
                Ok(done(()))
            }
            ("/ppp/active" | "/interface/pppoe-server" | "/interface", "remove") => {
                self.end_sessions(path, Service::Pppoe, request)
            }
            ("/ip/hotspot/active", "remove") => self.end_sessions(path, Service::Hotspot, request),
            ("/system/backup", "save") => self.save_backup(request).map(done),
            ("/system/backup", "load") => self.load_backup(request).map(done),
            ("/system/script", "run") => self.run_script_item(request).map(done),
            ("/system/device-mode", "update") => Err(Refusal::failure(
                "timeout waiting for the button or a power cycle",
            )),
            ("/certificate", "sign") => self.sign_certificate(request).map(done),
            ("/file", "read") => self.read_file(request).map(Some),
            ("/", "import") => self.import(request, user).map(done),
            ("/log", "info" | "warning" | "error" | "debug") => {
                let message = request.get("message").cloned().unwrap_or_default();
                self.log(&format!("script,{verb}"), &message);
                Ok(done(()))
            }
            _ => Ok(None),
        }
    }

    /// A row that is made when it is asked for.
    pub(super) fn computed_row(&self, path: &str) -> Option<Row> {
        match path {
            "/system/resource" => Some(self.resource()),
            "/system/clock" => Some(self.clock()),
            _ => None,
        }
    }

    /// Ends sessions; none when the items are of another kind.
    fn end_sessions(
        &mut self,
        path: &str,
        service: Service,
        request: &Request,
    ) -> Result<Option<Answer>, Refusal> {
        match self.remove_sessions(service, request) {
            Some(()) => Ok(Some(Answer::Done)),
            None if path.ends_with("/active") && request.arguments.is_empty() => {
                Err(Refusal::Missing("numbers"))
            }
            None if path.ends_with("/active") => Err(Refusal::NoSuchItem),
            None => Ok(None),
        }
    }

    /// Starts anew as the owner wants: sessions end with reports.
    pub(super) fn reboot(&mut self) {
        self.reboot_for(self.boot_time.to_std().unwrap_or_default());
    }

    /// The same, with a start that takes as long as is said; nobody restarts a router that has no
    /// power.
    pub(crate) fn reboot_for(&mut self, outage: std::time::Duration) {
        if !self.lines.is_powered() {
            return;
        }
        self.on_lines(|lines, now| lines.reboot(outage, now));
        self.start_anew(outage);
    }

    /// Connections are lost, what is not configuration is gone.
    pub(super) fn start_anew(&mut self, outage: std::time::Duration) {
        self.boots += 1;
        let booted_at = self.now + Duration::from_std(outage).unwrap_or_default();
        // An outage within another does not make that one shorter.
        self.booted_at = self.booted_at.max(booted_at);
        let transient = [
            "/log",
            "/ppp/active",
            "/ip/hotspot/active",
            "/ip/hotspot/host",
        ];
        for path in transient {
            self.store.table_mut(path).items.clear();
        }
        let ids: Vec<ItemId> = self.schedulers().map(|item| item.id).collect();
        for id in ids {
            self.plan(id, self.booted_at);
        }
    }

    /// Nobody reaches the router for a while; it goes on by itself meanwhile.
    pub(super) fn go_away(&mut self, span: Duration) {
        self.boots += 1;
        self.booted_at = self.now + span;
    }

    /// Writes a line into `/log`.
    pub(super) fn log(&mut self, topics: &str, message: &Text) {
        if self.log_lines == 0 {
            return;
        }
        let time = self.shown_date_time(self.now);
        let id = self.store.next_id("/log");
        let mut item = Item::new(id, Origin::Dynamic);
        item.values.insert("time", Text::from(time));
        item.values.insert("topics", Text::from(topics));
        item.values.insert("message", message.clone());
        self.store.put("/log", item);
        let lines = &mut self.store.table_mut("/log").items;
        if lines.len() > self.log_lines {
            lines.remove(0);
        }
        self.changes.record("/log", id, false);
    }

    fn resource(&self) -> Row {
        let up = (self.now - self.booted_at).to_std().unwrap_or_default();
        let up = std::time::Duration::from_secs(up.as_secs());
        let board = if self.release.is_six() {
            "RB750Gr3"
        } else {
            "hEX"
        };
        let mut row = Row::new();
        for (name, value) in [
            ("uptime", format_duration(up).as_str()),
            ("version", self.release.text()),
            ("build-time", "2025-01-01 10:00:00"),
            ("factory-software", "6.44.6"),
            ("free-memory", "201326592"),
            ("total-memory", "268435456"),
            ("cpu", "MIPS 1004Kc V2.15"),
            ("cpu-count", "4"),
            ("cpu-frequency", "880"),
            ("cpu-load", "3"),
            ("free-hdd-space", "4194304"),
            ("total-hdd-space", "16777216"),
            ("write-sect-since-reboot", "128"),
            ("write-sect-total", "4096"),
            ("bad-blocks", "0"),
            ("architecture-name", "mmips"),
            ("board-name", board),
            ("platform", "MikroTik"),
        ] {
            push(&mut row, name, value);
        }
        row
    }

    fn clock(&self) -> Row {
        let mut row = Row::new();
        push(&mut row, "date", self.shown_date(self.now));
        push(&mut row, "time", self.now.format("%H:%M:%S").to_string());
        let set = self.store.single("/system/clock");
        for (name, default) in [
            ("time-zone-autodetect", "true"),
            ("time-zone-name", "UTC"),
            ("gmt-offset", "+00:00"),
            ("dst-active", "false"),
        ] {
            let value = set.and_then(|item| item.get(name)).cloned();
            let value = value.unwrap_or_else(|| Text::from(default));
            push(&mut row, name, value.as_bytes());
        }
        row
    }

    /// `jan/02/2026` before 7.10, `2026-01-02` from then on.
    pub(super) fn shown_date(&self, at: DateTime<Utc>) -> String {
        if self.release.has_iso_dates() {
            at.format("%Y-%m-%d").to_string()
        } else {
            at.format("%b/%d/%Y").to_string().to_ascii_lowercase()
        }
    }

    pub(super) fn shown_date_time(&self, at: DateTime<Utc>) -> String {
        format!("{} {}", self.shown_date(at), at.format("%H:%M:%S"))
    }

    /// What a menu does with an item that was added or set, beyond keeping it.
    pub(super) fn complete(&mut self, path: &str, item: &mut Item) {
        match path {
            "/system/scheduler" => self.complete_scheduler(item),
            "/ip/address" => complete_address(item),
            "/file" => self.complete_file(item),
            "/interface/bridge" | "/interface/vlan" => {
                item.values
                    .entry("running")
                    .or_insert_with(|| Text::from("true"));
            }
            _ => {}
        }
    }

    /// What a menu does when an item is gone.
    pub(super) fn after_removal(&mut self, (path, id): Target) {
        match path {
            "/certificate" => self.keys.forget(id),
            "/file" => self.forget_backups(),
            _ => {}
        }
    }

    fn schedulers(&self) -> impl Iterator<Item = &Item> {
        self.store.items("/system/scheduler")
    }

    fn complete_scheduler(&self, item: &mut Item) {
        let now = self.now;
        let mut fill = |name, value: String| {
            item.values.entry(name).or_insert_with(|| Text::from(value));
        };
        fill("start-date", self.shown_date(now));
        fill("start-time", now.format("%H:%M:%S").to_string());
        fill("owner", "admin".to_owned());
        fill("run-count", "0".to_owned());
        let next = self.first_run(item, now);
        self.show_next(item, next);
    }

    /// Plans a scheduler after a start of the router.
    fn plan(&mut self, id: ItemId, now: DateTime<Utc>) {
        let next = self.schedulers().find(|item| item.id == id).map(|item| {
            if item.is("start-time", "startup") {
                return Some(now + AFTER_STARTUP);
            }
            self.first_run(item, now)
        });
        self.put_next(id, next.flatten());
    }

    /// The first time from `now` on: at its start, and then every interval.
    fn first_run(&self, item: &Item, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let interval = interval(item);
        if item.is("start-time", "startup") {
            return interval.map(|interval| now + interval);
        }
        let start = self.start(item)?;
        match interval {
            _ if start > now => Some(start),
            None => None,
            Some(interval) => {
                let missed = (now - start).num_milliseconds() / interval.num_milliseconds().max(1);
                let missed = i32::try_from(missed + 1).unwrap_or(i32::MAX);
                Some(start + interval * missed)
            }
        }
    }

    fn start(&self, item: &Item) -> Option<DateTime<Utc>> {
        let time = NaiveTime::parse_from_str(&item.shown("start-time"), "%H:%M:%S").ok()?;
        let date = item.shown("start-date");
        let forms = ["%Y-%m-%d", "%b/%d/%Y"];
        let mut dates = forms
            .iter()
            .filter_map(|form| NaiveDate::parse_from_str(&date, form).ok());
        Some(NaiveDateTime::new(dates.next()?, time).and_utc())
    }

    fn show_next(&self, item: &mut Item, next: Option<DateTime<Utc>>) {
        match next {
            Some(next) => {
                // Kept to the second, as it is shown.
                let shown = next.format("%Y-%m-%d %H:%M:%S").to_string();
                item.values.insert("next-run", Text::from(shown));
            }
            None => {
                item.values.remove("next-run");
            }
        }
    }

    fn put_next(&mut self, id: ItemId, next: Option<DateTime<Utc>>) {
        let Some(mut item) = self.schedulers().find(|item| item.id == id).cloned() else {
            return;
        };
        self.show_next(&mut item, next);
        if let Some(held) = self.store.item_mut("/system/scheduler", id) {
            *held = item;
        }
    }

    /// Runs the scripts that are due, each once however late it is.
    pub(super) fn run_schedulers(&mut self) {
        let due: Vec<ItemId> = self
            .schedulers()
            .filter(|item| !item.is("disabled", "true"))
            .filter(|item| next_run(item).is_some_and(|next| next <= self.now))
            .map(|item| item.id)
            .collect();
        for id in due {
            let Some(item) = self.schedulers().find(|item| item.id == id).cloned() else {
                continue;
            };
            let next = interval(&item).map(|interval| {
                let planned = next_run(&item).unwrap_or(self.now);
                (planned + interval).max(self.now + Duration::seconds(1))
            });
            self.put_next(id, next);
            let runs: u32 = item.shown("run-count").parse().unwrap_or_default();
            if let Some(held) = self.store.item_mut("/system/scheduler", id) {
                let runs = runs.saturating_add(1).to_string();
                held.values.insert("run-count", Text::from(runs));
            }
            self.run_in_background(&item.shown("on-event"));
        }
    }
}

fn interval(item: &Item) -> Option<Duration> {
    let span = parse_duration(&item.shown("interval"))?;
    let span = Duration::from_std(span).ok()?;
    (span > Duration::zero()).then_some(span)
}

fn next_run(item: &Item) -> Option<DateTime<Utc>> {
    let shown = item.shown("next-run");
    let next = NaiveDateTime::parse_from_str(&shown, "%Y-%m-%d %H:%M:%S").ok()?;
    Some(next.and_utc())
}

/// An address knows its network and where it works.
fn complete_address(item: &mut Item) {
    let shown = item.shown("address");
    let net: Option<ipnet::IpNet> = match shown.contains('/') {
        true => shown.parse().ok(),
        false => shown.parse::<std::net::IpAddr>().ok().map(Into::into),
    };
    if let Some(net) = net {
        item.values.insert("address", Text::from(net.to_string()));
        let network = net.network().to_string();
        item.values.insert("network", Text::from(network));
    }
    let interface = item.get("interface").cloned().unwrap_or_default();
    item.values.insert("actual-interface", interface);
}

/// What a backup does not bring back.
pub(super) const NOT_RESTORED: [&str; 8] = NOT_CONFIGURATION;
