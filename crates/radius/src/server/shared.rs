//! What logins and accounting have in common.

use std::sync::Arc;

use domain::clock::Clock;
use domain::network::ports::{LoginObserver, SubscriberDirectory};

use crate::acct::class::ClassKey;
use crate::counters::Counters;
use crate::packet::dictionary::attr;
use crate::proxy::request::comes_back;
use crate::server::clients::Clients;
use crate::server::gate::Known;
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

impl Shared {
    /// Whether a request comes back to the ISP that sent it to another provider under its name.
    pub(crate) fn comes_back(&self, known: &Known<'_>) -> bool {
        if known.packet.attribute(attr::OPERATOR_NAME).is_none() {
            return false;
        }
        let name = self.directory.isp_access(known.nas.isp_id).operator_name;
        name.is_some_and(|name| comes_back(&known.packet, &name))
    }
}
