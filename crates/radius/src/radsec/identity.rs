//! By what names a certificate can be registered as a NAS.
#![deny(clippy::indexing_slicing, clippy::string_slice)]

use std::fmt::Write as _;

use domain::network::radsec::parse_identity;
use sha2::{Digest as _, Sha256};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer as _;

/// The fingerprint, the DNS names and the common name, the most exact first, in the form in which
/// they are stored.
#[must_use]
pub fn names_of(certificate: &[u8]) -> Vec<String> {
    let mut names = vec![fingerprint(certificate)];
    if let Ok((_, parsed)) = X509Certificate::from_der(certificate) {
        names.extend(dns_names(&parsed));
        names.extend(common_names(&parsed));
    }
    names
}

fn fingerprint(certificate: &[u8]) -> String {
    let mut text = String::from("sha256:");
    for byte in Sha256::digest(certificate) {
        write!(text, "{byte:02x}").expect("text takes whatever is written");
    }
    text
}

fn dns_names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(extension)) = certificate.subject_alternative_name() else {
        return Vec::new();
    };
    let names = extension.value.general_names.iter();
    names
        .filter_map(|name| match name {
            GeneralName::DNSName(name) => named(name),
            _ => None,
        })
        .collect()
}

fn common_names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let names = certificate.subject().iter_common_name();
    names
        .filter_map(|name| named(name.as_str().ok()?))
        .collect()
}

// A name that looks like a fingerprint would pass for another certificate.
fn named(name: &str) -> Option<String> {
    parse_identity(name)
        .ok()
        .filter(|name| !name.starts_with("sha256:"))
}
