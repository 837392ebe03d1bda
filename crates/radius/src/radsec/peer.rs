//! The NAS behind a connection, as the directory knows it now.

use std::sync::Arc;

use domain::network::nas::{LimitProxyState, Nas, RequireMessageAuthenticator};
use domain::network::ports::SubscriberDirectory;
use domain::network::secret::SecretBytes;

use crate::radsec::SECRET;

/// Who is at the other end of a connection.
pub(crate) struct Peer {
    names: Vec<String>,
    directory: Arc<dyn SubscriberDirectory>,
    registered: Arc<Nas>,
    certified: Arc<Nas>,
}

impl Peer {
    /// The NAS that one of the names is registered for.
    pub(crate) fn find(
        names: Vec<String>,
        directory: Arc<dyn SubscriberDirectory>,
    ) -> Option<Self> {
        let registered = directory.nas_by_certificate(&names)?;
        Some(Self {
            certified: certified(&registered),
            names,
            directory,
            registered,
        })
    }

    /// The NAS as it is registered at this moment; none when it was disabled or removed.
    pub(crate) fn nas(&mut self) -> Option<Arc<Nas>> {
        let present = self.directory.nas_by_certificate(&self.names)?;
        if !Arc::ptr_eq(&present, &self.registered) {
            self.certified = certified(&present);
            self.registered = present;
        }
        Some(Arc::clone(&self.certified))
    }
}

// TLS has proven who sends, so the secret is the agreed word and signatures inside are not needed.
fn certified(registered: &Nas) -> Arc<Nas> {
    Arc::new(Nas {
        secret: SecretBytes::new(SECRET),
        old_secret: None,
        require_message_authenticator: RequireMessageAuthenticator::No,
        limit_proxy_state: LimitProxyState::No,
        ..registered.clone()
    })
}
