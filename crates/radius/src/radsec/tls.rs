//! Certificates of the RadSec server, read again when their files change.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject as _};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::{
    NoServerSessionStorage, VerifierBuilderError, WebPkiClientVerifier,
};
use tokio_rustls::rustls::{self, RootCertStore, ServerConfig};
use tokio_util::sync::CancellationToken;

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(15);

/// Where the certificates are, in PEM.
#[derive(Debug, Clone)]
pub struct TlsFiles {
    /// Our certificate, followed by those between it and its root.
    pub certificate: PathBuf,
    /// The key of our certificate.
    pub key: PathBuf,
    /// The authorities that sign the routers' certificates.
    pub client_ca: PathBuf,
}

/// Why certificates cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum UnusableTls {
    /// A file cannot be read.
    #[error("{0} cannot be read: {1}")]
    File(PathBuf, #[source] io::Error),
    /// A file holds no PEM of its kind.
    #[error("{0} holds no usable PEM: {1}")]
    Pem(PathBuf, #[source] pem::Error),
    /// A file holds no certificate.
    #[error("{0} holds no certificate")]
    Empty(PathBuf),
    /// Certificate and key do not go together, or an authority is unfit.
    #[error("the certificates cannot be used: {0}")]
    Rejected(#[from] rustls::Error),
    /// The authorities cannot be used.
    #[error("the authorities of the routers cannot be used: {0}")]
    Authorities(#[from] VerifierBuilderError),
}

/// The settings in use.
pub(crate) struct TlsSource {
    files: TlsFiles,
    current: ArcSwap<ServerConfig>,
}

impl TlsSource {
    pub(crate) fn open(files: TlsFiles) -> Result<Self, UnusableTls> {
        let current = ArcSwap::from(load(&files)?);
        Ok(Self { files, current })
    }

    /// The settings for the next handshake.
    pub(crate) fn current(&self) -> Arc<ServerConfig> {
        self.current.load_full()
    }

    fn changed_at(&self) -> Result<[SystemTime; 3], UnusableTls> {
        let TlsFiles {
            certificate,
            key,
            client_ca,
        } = &self.files;
        let changed = |path: &PathBuf| {
            std::fs::metadata(path)
                .and_then(|found| found.modified())
                .map_err(|error| UnusableTls::File(path.clone(), error))
        };
        Ok([changed(certificate)?, changed(key)?, changed(client_ca)?])
    }
}

/// Reads the files again whenever one of them changed; what cannot be used changes nothing.
pub(crate) async fn follow_files(source: Arc<TlsSource>, stop: CancellationToken) {
    let mut seen = source.changed_at().ok();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
        let present = source.changed_at().ok();
        if present == seen {
            continue;
        }
        seen = present;
        match load(&source.files) {
            Ok(fresh) => {
                source.current.store(fresh);
                tracing::info!("new RadSec certificates are in use");
            }
            Err(error) => {
                tracing::error!(%error, "new RadSec certificates cannot be used, the old ones stay");
            }
        }
    }
}

fn load(files: &TlsFiles) -> Result<Arc<ServerConfig>, UnusableTls> {
    let provider = Arc::new(ring::default_provider());
    let mut roots = RootCertStore::empty();
    for authority in certificates(&files.client_ca)? {
        roots.add(authority)?;
    }
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
            .build()?;
    let key = PrivateKeyDer::from_pem_file(&files.key)
        .map_err(|error| UnusableTls::Pem(files.key.clone(), error))?;
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_client_cert_verifier(verifier)
        .with_single_cert(certificates(&files.certificate)?, key)?;
    // A resumed session would outlive the removal of an authority.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(Arc::new(config))
}

fn certificates(path: &PathBuf) -> Result<Vec<CertificateDer<'static>>, UnusableTls> {
    let unusable = |error| UnusableTls::Pem(path.clone(), error);
    let found: Vec<_> = CertificateDer::pem_file_iter(path)
        .map_err(unusable)?
        .collect::<Result<_, _>>()
        .map_err(unusable)?;
    if found.is_empty() {
        return Err(UnusableTls::Empty(path.clone()));
    }
    Ok(found)
}
