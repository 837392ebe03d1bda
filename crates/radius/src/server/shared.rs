//! What logins and accounting have in common.

use std::sync::Arc;

use domain::clock::Clock;
use domain::network::ports::{LoginObserver, SubscriberDirectory};

use crate::acct::class::ClassKey;
use crate::counters::Counters;
use crate::server::clients::Clients;
use crate::server::open_sessions::OpenSessions;

pub(crate) struct Shared {
    pub(crate) directory: Arc<dyn SubscriberDirectory>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) class_key: ClassKey,
    pub(crate) sessions: OpenSessions,
    pub(crate) clients: Arc<Clients>,
    pub(crate) observer: Option<Arc<dyn LoginObserver>>,
}
