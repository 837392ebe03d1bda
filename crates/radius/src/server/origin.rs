//! Who sent a packet: an address over UDP, or the NAS that a certificate names over RadSec.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use domain::network::nas::Nas;

/// Where a packet came from.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    /// Address and port of the sender.
    pub(crate) source: SocketAddr,
    /// The NAS that the sender's certificate names; over UDP the address is all there is.
    pub(crate) certified: Option<Arc<Nas>>,
}

impl Origin {
    /// The address of the sender in its plain form.
    pub(crate) fn address(&self) -> IpAddr {
        self.source.ip().to_canonical()
    }
}

impl From<SocketAddr> for Origin {
    fn from(source: SocketAddr) -> Self {
        Self {
            source,
            certified: None,
        }
    }
}
