//! Ports between the network edge and the rest of the product.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::ids::{CustomerId, IspId, NasId, RealmId, RouterId};
use crate::mac::MacAddress;
use crate::network::access::{IspAccessSettings, QuotaLeft};
use crate::network::nas::{Claims, Learnt, Nas};
use crate::network::rate_limit::RateLimit;
use crate::network::realm::Realm;
use crate::network::router::{CheckOutcome, Fingerprint};
use crate::network::secret::SecretBytes;
use crate::network::service_policy::{Access, LimitsLeft, RejectCause};
use crate::network::session::AccountingRecord;
use crate::network::subscriber::Subscriber;
use crate::ports::PortFuture;

/// The memory-resident index a login is answered from; it must never wait for anything.
pub trait SubscriberDirectory: Send + Sync {
    /// Who says that a NAS of theirs sends from `address`.
    fn nas_by_address(&self, address: IpAddr) -> Claims;
    /// The NAS that is registered for one of the names of a certificate, the most exact first; of
    /// several ISPs' the one that was registered first.
    fn nas_by_certificate(&self, names: &[String]) -> Option<Arc<Nas>> {
        let _ = names;
        None
    }
    /// The subscriber of that ISP with that user name.
    fn subscriber(&self, isp_id: IspId, username: &str) -> Option<Arc<Subscriber>>;
    /// Whose subscriber a user name says to be, when it is another provider's and logins or
    /// accounting go there.
    fn realm(&self, isp_id: IspId, username: &str) -> Option<Arc<Realm>> {
        let _ = (isp_id, username);
        None
    }
    /// How the ISP wants logins treated.
    fn isp_access(&self, isp_id: IspId) -> IspAccessSettings;
    /// The subscriber of that ISP whose device may log in by its hardware address alone.
    fn subscriber_by_mac(&self, isp_id: IspId, mac: MacAddress) -> Option<Arc<Subscriber>> {
        let _unknown = (isp_id, mac);
        None
    }
    /// Whether anybody is traced at all; asked for every packet.
    fn is_tracing(&self) -> bool {
        false
    }
    /// The customer to trace when a packet has that user name or is about that customer.
    fn traced(
        &self,
        isp_id: IspId,
        username: &str,
        customer_id: Option<CustomerId>,
    ) -> Option<CustomerId> {
        let _nobody = (isp_id, username, customer_id);
        None
    }
    /// What a customer with limits has left; absent when nothing is limited or nobody counts.
    fn quota_left(&self, _customer_id: CustomerId) -> Option<QuotaLeft> {
        None
    }
}

/// Why the store did not make the records durable; nothing of the batch may be acknowledged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SinkError {
    /// It takes nothing from anybody at the moment: the same records are tried again later.
    #[error("accounting records could not be stored: {0}")]
    Unavailable(String),
    /// It does not take these records: without one of them it may take the others.
    #[error("accounting records were refused: {0}")]
    Refused(String),
}

/// Where accounting goes; `Ok` means durable, so that the router may forget.
pub trait AccountingSink: Send + Sync {
    /// Stores a batch; recording the same report again must change nothing.
    fn record(&self, records: Vec<Arc<AccountingRecord>>) -> PortFuture<'_, Result<(), SinkError>>;
}

/// How a login is to be proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LoginMethod {
    /// The password itself.
    Pap,
    /// CHAP.
    Chap,
    /// MS-CHAP, version 1.
    MsChapV1,
    /// MS-CHAP, version 2.
    MsChapV2,
    /// The hardware address alone.
    Mac,
    /// EAP, which is refused.
    Eap,
    /// Nothing that can be checked.
    None,
}

impl LoginMethod {
    /// Every method.
    pub const ALL: [Self; 7] = [
        Self::Pap,
        Self::Chap,
        Self::MsChapV1,
        Self::MsChapV2,
        Self::Mac,
        Self::Eap,
        Self::None,
    ];

    /// The machine word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pap => "pap",
            Self::Chap => "chap",
            Self::MsChapV1 => "mschapv1",
            Self::MsChapV2 => "mschapv2",
            Self::Mac => "mac",
            Self::Eap => "eap",
            Self::None => "none",
        }
    }
}

/// Which way a traced packet went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TraceDirection {
    /// From the router.
    Request,
    /// To the router.
    Answer,
    /// From the router, and never answered.
    Dropped,
}

impl TraceDirection {
    /// The machine word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Answer => "answer",
            Self::Dropped => "dropped",
        }
    }
}

/// A packet of a customer who is traced, in words and without any secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TracedPacket {
    /// ISP of the router.
    pub isp_id: IspId,
    /// Who is traced.
    pub customer_id: CustomerId,
    /// The router.
    pub nas_id: NasId,
    /// The router's address.
    pub nas_address: IpAddr,
    /// Which way it went.
    pub direction: TraceDirection,
    /// What kind of packet, with its id.
    pub packet: String,
    /// Names and values of its attributes in order.
    pub attributes: Vec<(String, String)>,
    /// What the server made of it.
    pub note: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

/// The answer one login got, for support and statistics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginAnswer {
    /// ISP of the router.
    pub isp_id: IspId,
    /// The router that asked.
    pub nas_id: NasId,
    /// The customer, when the name is known.
    pub customer_id: Option<CustomerId>,
    /// The name that was sent.
    pub username: String,
    /// The address that asked.
    pub nas_address: IpAddr,
    /// MAC address or number of the caller.
    pub calling_station_id: Option<String>,
    /// How the password was to be proven.
    pub method: LoginMethod,
    /// When it was answered.
    pub answered_at: DateTime<Utc>,
    /// What was answered.
    pub outcome: Result<Access, RejectCause>,
    /// The device that is to become the customer's.
    pub binds_mac: Option<MacAddress>,
}

/// Hears of every login answer; it is called on the hot path and must return at once.
pub trait LoginObserver: Send + Sync {
    /// A login was answered.
    fn login_answered(&self, answer: LoginAnswer);
    /// A packet of a traced customer came or went.
    fn packet_traced(&self, packet: TracedPacket) {
        drop(packet);
    }
}

/// What a server saw of one address of a NAS since its last report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceReport {
    /// The address.
    pub address: IpAddr,
    /// When it was heard last.
    pub seen_at: DateTime<Utc>,
    /// What is known of it by now.
    pub learnt: Learnt,
    /// Something was learnt that no report told before.
    pub is_news: bool,
}

/// What a server saw and counted of one NAS since its last report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientReport {
    /// Which NAS.
    pub nas_id: NasId,
    /// Whose.
    pub isp_id: IspId,
    /// What happened how often, by name.
    pub counted: Vec<(String, u64)>,
    /// The addresses that were heard.
    pub sources: Vec<SourceReport>,
}

/// What a server counted of one realm since its last report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RealmReport {
    /// Which realm.
    pub realm_id: RealmId,
    /// Whose.
    pub isp_id: IspId,
    /// What happened how often, by name.
    pub counted: Vec<(String, u64)>,
}

/// Hands out what a server saw and counted of its clients, and of the realms it asks for them.
pub trait ClientReports: Send + Sync {
    /// Takes what came together since the last call.
    fn take(&self) -> Vec<ClientReport>;
    /// Puts back what could not be stored, so that the next call hands it out again.
    fn put_back(&self, reports: Vec<ClientReport>);
    /// Takes what came together of realms since the last call.
    fn take_realms(&self) -> Vec<RealmReport> {
        Vec::new()
    }
    /// Puts back what could not be stored of realms.
    fn put_back_realms(&self, reports: Vec<RealmReport>) {
        drop(reports);
    }
}

/// One live session as its router knows it.
#[derive(Debug, Clone)]
pub struct SessionTarget {
    /// Whose session it is.
    pub isp_id: IspId,
    /// Address and port on which the router takes our requests.
    pub nas: SocketAddr,
    /// Secret shared with the router.
    pub secret: SecretBytes,
    /// The secret it may still use while both are good.
    pub old_secret: Option<SecretBytes>,
    /// Name the subscriber logged in with.
    pub username: String,
    /// The router's id of the session.
    pub acct_session_id: String,
    /// Address of the session; hotspots are found by it.
    pub framed_ip: Option<Ipv4Addr>,
}

/// What can be changed while a session lives; address, pool and list need a disconnect.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SessionChange {
    /// New bandwidth.
    pub rate: Option<RateLimit>,
    /// New number of seconds until the router ends the session.
    pub session_timeout: Option<u32>,
    /// New number of seconds without traffic.
    pub idle_timeout: Option<u32>,
    /// New PPP or hotspot profile.
    pub group: Option<String>,
    /// New numbers of bytes, counted like the router's: from the beginning of the session.
    pub limits: LimitsLeft,
}

/// What the router said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ControlOutcome {
    /// Done, as far as the router says.
    Acked,
    /// Refused, with the Error-Cause of RFC 5176 when it gave one.
    Refused {
        /// For example 503: the session does not exist.
        error_cause: Option<u32>,
    },
    /// No valid answer came in time.
    NoAnswer,
}

/// Acts on live sessions.
pub trait SessionControl: Send + Sync {
    /// Ends the session.
    fn disconnect<'a>(&'a self, session: &'a SessionTarget) -> PortFuture<'a, ControlOutcome>;
    /// Changes the session while it goes on.
    fn change<'a>(
        &'a self,
        session: &'a SessionTarget,
        change: SessionChange,
    ) -> PortFuture<'a, ControlOutcome>;
}

/// How the connection to a router's API is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApiSecurity {
    /// In the clear.
    Plain,
    /// TLS with the certificate that was confirmed; before one was, nobody logs in.
    Tls(Option<Fingerprint>),
}

/// Where a router's API is, and who asks.
#[derive(Debug, Clone)]
pub struct RouterTarget {
    /// Which router.
    pub id: RouterId,
    /// The version of these settings: connections made with older ones are given up.
    pub version: i64,
    /// Its address or name.
    pub host: String,
    /// Its TCP port.
    pub port: u16,
    /// How the connection is protected.
    pub security: ApiSecurity,
    /// The user of the router.
    pub username: String,
    /// That user's password.
    pub password: SecretBytes,
}

/// Speaks with routers over their API. Connections are kept from one call to the next, since a router
/// writes every login into its log.
pub trait RouterControl: Send + Sync {
    /// Looks how a router fares, within a bounded time.
    fn check<'a>(&'a self, router: &'a RouterTarget) -> PortFuture<'a, CheckOutcome>;
    /// The routers to which connections are kept, each with the version of its settings.
    fn connected(&self) -> Vec<(RouterId, i64)>;
    /// Gives the connection to a router up.
    fn forget(&self, id: RouterId);
}
