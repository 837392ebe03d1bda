//! The truth about a simulated network at one moment.

use std::net::Ipv4Addr;

use serde::Serialize;

use crate::subscribers::traffic::Moved;

/// State of every router.
#[derive(Debug, Clone, Serialize)]
pub struct Snapshot {
    /// One entry per router, in the order of the configuration.
    pub nas: Vec<NasSnapshot>,
}

/// State of one router.
#[derive(Debug, Clone, Serialize)]
pub struct NasSnapshot {
    /// NAS-Identifier.
    pub name: String,
    /// Whether it has power.
    pub powered: bool,
    /// Traffic of all sessions, also of those that are over.
    pub traffic: Traffic,
    /// What was exchanged with the server.
    pub counters: Counters,
    /// Requests that wait for an answer or for their turn.
    pub unanswered: usize,
    /// Its subscribers, by name.
    pub subscribers: Vec<SubscriberSnapshot>,
}

/// A whole network in sums.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Summary {
    /// How many routers there are.
    pub routers: usize,
    /// How many subscribers there are.
    pub subscribers: usize,
    /// Sessions that are up.
    pub online: usize,
    /// Subscribers who were refused at their last try.
    pub rejected: usize,
    /// Subscribers whose last try nobody answered.
    pub no_answer: usize,
    /// Requests that wait for an answer or for their turn.
    pub unanswered: usize,
    /// Traffic of all sessions, also of those that are over.
    pub traffic: Traffic,
    /// What was exchanged with servers.
    pub counters: Counters,
}

/// State of one subscriber.
#[derive(Debug, Clone, Serialize)]
pub struct SubscriberSnapshot {
    /// Name of the login.
    pub username: String,
    /// Name of the line, where it is not that of the login.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// Address of the subscriber's router.
    pub calling_station: String,
    /// Whether the line is up, and why not.
    pub state: State,
    /// The live session.
    pub session: Option<SessionSnapshot>,
    /// Traffic of all sessions, also of those that are over.
    pub traffic: Traffic,
    /// Logins that led to a session.
    pub logins: u64,
    /// Logins that were refused.
    pub rejects: u64,
    /// Why the last login failed.
    pub message: Option<String>,
}

/// A live session.
#[derive(Debug, Clone, Serialize)]
pub struct SessionSnapshot {
    /// Acct-Session-Id.
    pub session_id: String,
    /// Address of the subscriber.
    pub framed_ip: Ipv4Addr,
    /// Pool that the server named.
    pub pool: Option<String>,
    /// Rate in force, as RouterOS writes it.
    pub rate: Option<String>,
    /// Firewall address list that the server named.
    pub address_list: Option<String>,
    /// Age.
    pub seconds: u64,
    /// Bytes from the subscriber.
    pub upload_bytes: u64,
    /// Bytes to the subscriber.
    pub download_bytes: u64,
}

/// State of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nobody dials.
    Down,
    /// A dial is planned.
    Waiting,
    /// A login is under way.
    Dialing,
    /// A session is up.
    Online,
    /// The last login was refused; the next one is planned.
    Rejected,
    /// The last login got no answer; the next one is planned.
    Unanswered,
}

/// Bytes that moved, and how many of them the server has acknowledged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Traffic {
    /// Bytes from subscribers.
    pub upload_bytes: u64,
    /// Bytes to subscribers.
    pub download_bytes: u64,
    /// Bytes from subscribers in acknowledged reports.
    pub acknowledged_upload_bytes: u64,
    /// Bytes to subscribers in acknowledged reports.
    pub acknowledged_download_bytes: u64,
}

/// Packets exchanged with the server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counters {
    /// Logins sent, without repetitions.
    pub access_requests: u64,
    /// Logins granted.
    pub accepts: u64,
    /// Logins granted by users of the router's own.
    pub local_accepts: u64,
    /// Logins refused.
    pub rejects: u64,
    /// Logins that were never answered.
    pub login_timeouts: u64,
    /// Accounting reports sent, without repetitions.
    pub reports_sent: u64,
    /// Starts acknowledged.
    pub starts_acknowledged: u64,
    /// Interims acknowledged.
    pub interims_acknowledged: u64,
    /// Stops acknowledged.
    pub stops_acknowledged: u64,
    /// Reports that were never acknowledged.
    pub reports_given_up: u64,
    /// Repetitions of requests of any kind.
    pub retransmissions: u64,
    /// Answers that were not believed.
    pub bad_replies: u64,
    /// Disconnect-Requests carried out.
    pub disconnects_done: u64,
    /// Disconnect-Requests refused.
    pub disconnects_refused: u64,
    /// CoA-Requests carried out.
    pub changes_done: u64,
    /// CoA-Requests refused.
    pub changes_refused: u64,
    /// Disconnect- and CoA-Requests that were not believed.
    pub bad_requests: u64,
}

impl Snapshot {
    /// How many subscribers are in a state.
    pub fn count(&self, state: State) -> usize {
        self.subscribers()
            .filter(|subscriber| subscriber.state == state)
            .count()
    }

    /// How many sessions are up.
    pub fn online(&self) -> usize {
        self.count(State::Online)
    }

    /// How many subscribers were refused at their last try.
    pub fn rejected(&self) -> usize {
        self.count(State::Rejected)
    }

    /// Every subscriber of every router.
    pub fn subscribers(&self) -> impl Iterator<Item = &SubscriberSnapshot> {
        self.nas.iter().flat_map(|nas| &nas.subscribers)
    }

    /// The subscriber of that name.
    pub fn subscriber(&self, username: &str) -> Option<&SubscriberSnapshot> {
        self.subscribers()
            .find(|subscriber| subscriber.username == username)
    }
}

impl Counters {
    pub(crate) fn add(&mut self, other: &Self) {
        let pairs = [
            (&mut self.access_requests, other.access_requests),
            (&mut self.accepts, other.accepts),
            (&mut self.local_accepts, other.local_accepts),
            (&mut self.rejects, other.rejects),
            (&mut self.login_timeouts, other.login_timeouts),
            (&mut self.reports_sent, other.reports_sent),
            (&mut self.starts_acknowledged, other.starts_acknowledged),
            (&mut self.interims_acknowledged, other.interims_acknowledged),
            (&mut self.stops_acknowledged, other.stops_acknowledged),
            (&mut self.reports_given_up, other.reports_given_up),
            (&mut self.retransmissions, other.retransmissions),
            (&mut self.bad_replies, other.bad_replies),
            (&mut self.disconnects_done, other.disconnects_done),
            (&mut self.disconnects_refused, other.disconnects_refused),
            (&mut self.changes_done, other.changes_done),
            (&mut self.changes_refused, other.changes_refused),
            (&mut self.bad_requests, other.bad_requests),
        ];
        for (sum, more) in pairs {
            *sum += more;
        }
    }
}

impl Traffic {
    pub(crate) fn add(&mut self, other: Self) {
        self.upload_bytes += other.upload_bytes;
        self.download_bytes += other.download_bytes;
        self.acknowledge(
            other.acknowledged_upload_bytes,
            other.acknowledged_download_bytes,
        );
    }

    pub(crate) fn moved(&mut self, moved: Moved) {
        self.upload_bytes += moved.upload;
        self.download_bytes += moved.download;
    }

    pub(crate) fn acknowledge(&mut self, upload: u64, download: u64) {
        self.acknowledged_upload_bytes += upload;
        self.acknowledged_download_bytes += download;
    }
}
