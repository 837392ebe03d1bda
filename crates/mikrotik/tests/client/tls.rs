//! TLS by a pinned certificate.

use std::sync::Arc;

use mikrotik::client::{
    Client, ClientError, Credentials, Fingerprint, Security, fingerprint_of, presented_fingerprint,
};
use rcgen::{CertificateParams, KeyPair};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::peer::{Peer, Router, hang, quick};
use super::print;

async fn secure_router() -> (Router, Fingerprint) {
    let key = KeyPair::generate().expect("a certificate");
    let params = CertificateParams::new(vec!["gateway".to_owned()]).expect("a certificate");
    let certificate: CertificateDer<'static> = params
        .self_signed(&key)
        .expect("a certificate")
        .der()
        .clone();
    let fingerprint = fingerprint_of(&certificate);
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a certificate");
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("settings")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("settings");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let router = Router::start(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(stream) = acceptor.accept(stream).await else {
                return;
            };
            let mut peer = Peer::new(stream);
            peer.let_in().await;
            while let Some(request) = peer.request().await {
                peer.row(&request, &[("name", "alice")]).await;
                peer.done(&request).await;
            }
        }
    })
    .await;
    (router, fingerprint)
}

fn client(router: &Router, fingerprint: Fingerprint) -> Client {
    let endpoint = router.endpoint(Security::Pinned(fingerprint));
    Client::new(endpoint, Credentials::new("api", "secret"), quick())
}

#[tokio::test]
async fn the_pinned_certificate_is_spoken_to() {
    let (router, fingerprint) = secure_router().await;
    let host = router.address.ip().to_string();
    let shown = presented_fingerprint(&host, router.address.port(), &quick()).await;
    assert_eq!(shown.unwrap(), fingerprint);
    let colons: Vec<String> = fingerprint
        .0
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect();
    assert_eq!(colons.join(":").parse(), Ok(fingerprint));
    let answer = client(&router, fingerprint).run(print()).await.unwrap();
    assert_eq!(answer.rows.len(), 1);
}

#[tokio::test]
async fn any_other_certificate_is_refused_before_the_password_is_sent() {
    let (router, fingerprint) = secure_router().await;
    let other = Fingerprint([1; 32]);
    match client(&router, other).run(print()).await {
        Err(ClientError::Certificate { presented }) => assert_eq!(presented, fingerprint),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_router_that_is_silent_to_tls_is_given_up() {
    let router = Router::start(|stream| async move {
        let _open = stream;
        hang().await;
    })
    .await;
    let error = client(&router, Fingerprint([1; 32])).run(print()).await;
    assert!(matches!(error, Err(ClientError::ConnectTimeout)));
}
