//! TLS with a router whose certificate nobody but itself signed: the certificate is pinned.
//!
//! A router without a certificate offers anonymous key exchange only, which is refused: provisioning
//! makes a certificate before `api-ssl` is used.

use std::io;
use std::sync::Arc;

use domain::network::router::Fingerprint;
use parking_lot::Mutex;
use sha2::{Digest as _, Sha256};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::crypto::{
    CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature,
};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{self, ClientConfig, DigitallySignedStruct, SignatureScheme};

use super::error::ClientError;
use super::{Settings, handshake};

/// The fingerprint of a certificate in DER.
pub fn fingerprint_of(certificate: &[u8]) -> Fingerprint {
    Fingerprint(Sha256::digest(certificate).into())
}

/// The fingerprint that a router shows, to be confirmed by a person and pinned; no credentials are sent.
pub async fn presented_fingerprint(
    host: &str,
    port: u16,
    settings: &Settings,
) -> Result<Fingerprint, ClientError> {
    let attempt = async {
        let socket = handshake::dial(host, port, settings).await?;
        connect(socket, host, None).await
    };
    match tokio::time::timeout(settings.connect, attempt).await {
        Err(_) => Err(ClientError::ConnectTimeout),
        Ok(Err(ClientError::Certificate { presented })) => Ok(presented),
        Ok(Err(error)) => Err(error),
        Ok(Ok(_)) => Err(ClientError::Connect(io::Error::other(
            "no certificate was shown",
        ))),
    }
}

/// Shakes hands with a router that must show the expected certificate; with none expected it never succeeds.
pub(super) async fn connect(
    socket: TcpStream,
    host: &str,
    expected: Option<Fingerprint>,
) -> Result<TlsStream<TcpStream>, ClientError> {
    let provider = Arc::new(ring::default_provider());
    let pin = Arc::new(Pin {
        expected,
        presented: Mutex::new(None),
        provider: Arc::clone(&provider),
    });
    let verifier = Arc::clone(&pin) as Arc<dyn ServerCertVerifier>;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| ClientError::Connect(io::Error::other(error)))?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    let connector = TlsConnector::from(Arc::new(config));
    let shaken = connector.connect(server_name(host), socket).await;
    let presented = *pin.presented.lock();
    match (shaken, presented) {
        (Ok(stream), _) => Ok(stream),
        (Err(_), Some(presented)) if Some(presented) != expected => {
            Err(ClientError::Certificate { presented })
        }
        (Err(error), _) => Err(ClientError::Connect(error)),
    }
}

/// The name matters to nobody: the certificate is compared whole.
fn server_name(host: &str) -> ServerName<'static> {
    let name = ServerName::try_from(host.to_owned());
    name.unwrap_or_else(|_| ServerName::try_from("router").expect("invariant: a valid name"))
}

/// Accepts one certificate, whoever signed it; that its key is held is checked as ever.
#[derive(Debug)]
struct Pin {
    expected: Option<Fingerprint>,
    presented: Mutex<Option<Fingerprint>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pin {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let presented = fingerprint_of(end_entity);
        *self.presented.lock() = Some(presented);
        if self.expected == Some(presented) {
            return Ok(ServerCertVerified::assertion());
        }
        let refusal = rustls::CertificateError::ApplicationVerificationFailure;
        Err(rustls::Error::InvalidCertificate(refusal))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let algorithms = &self.provider.signature_verification_algorithms;
        algorithms.supported_schemes()
    }
}
