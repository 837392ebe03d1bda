//! Certificates, as far as TLS needs them: `/certificate/add`, `sign`, and `/ip/service` naming one.

use std::collections::BTreeMap;

use chrono::{Datelike as _, Duration};
use mikrotik::api::{Request, Text};
use rcgen::{CertificateParams, DnType, KeyPair, SanType};
use sha2::{Digest as _, Sha256};

use super::Router;
use super::refusal::Refusal;
use super::store::{Item, ItemId};

/// How long a certificate is good when nobody says, in days.
const DAYS_VALID: i64 = 365;

/// A certificate and its key in DER.
#[derive(Clone)]
pub(super) struct KeyedCertificate {
    pub(super) certificate: Vec<u8>,
    pub(super) key: Vec<u8>,
}

/// The keys of signed certificates.
#[derive(Default)]
pub(super) struct Keys(BTreeMap<ItemId, KeyedCertificate>);

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keys({})", self.0.len())
    }
}

impl Keys {
    pub(super) fn forget(&mut self, id: ItemId) {
        self.0.remove(&id);
    }
}

impl Router {
    /// Signs a certificate by itself: makes its key, and everything that is read of it.
    pub(super) fn sign_certificate(&mut self, request: &Request) -> Result<(), Refusal> {
        let named = request.get(".id").or_else(|| request.get("numbers"));
        let named = named.or_else(|| request.get("number"));
        let (path, id) = self.target("/certificate", named.ok_or(Refusal::Missing("numbers"))?)?;
        let item = self.store.table(path).and_then(|table| table.find(id));
        let mut item = item.cloned().ok_or(Refusal::NoSuchItem)?;
        if self.keys.0.contains_key(&id) {
            return Err(Refusal::failure("certificate is already signed"));
        }
        let signed = self
            .self_signed(&item)
            .map_err(|error| Refusal::failure(error.to_string()))?;
        if let Some(name) = request.get("name") {
            item.values.insert("name", name.clone());
        }
        let fingerprint: String = Sha256::digest(&signed.certificate)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        item.values.insert("fingerprint", Text::from(fingerprint));
        for flag in ["private-key", "trusted"] {
            item.values.insert(flag, Text::from("true"));
        }
        if let Some(held) = self.store.item_mut(path, id) {
            *held = item;
        }
        self.keys.0.insert(id, signed);
        self.changes.record(path, id, false);
        Ok(())
    }

    fn self_signed(&self, item: &Item) -> Result<KeyedCertificate, rcgen::Error> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(Vec::new())?;
        let name = item.shown("common-name");
        params.distinguished_name.push(DnType::CommonName, name);
        for alternative in item.shown("subject-alt-name").split(',') {
            match alternative.split_once(':') {
                Some(("DNS", name)) => {
                    params
                        .subject_alt_names
                        .push(SanType::DnsName(name.try_into()?));
                }
                Some(("IP", address)) => {
                    let address = address.parse().ok().map(SanType::IpAddress);
                    params.subject_alt_names.extend(address);
                }
                _ => {}
            }
        }
        let days = item.shown("days-valid").parse().unwrap_or(DAYS_VALID);
        let span = Duration::try_days(days).unwrap_or_else(|| Duration::days(DAYS_VALID));
        let date = |at: chrono::DateTime<chrono::Utc>| {
            let part = |number: u32| u8::try_from(number).unwrap_or(1);
            rcgen::date_time_ymd(at.year(), part(at.month()), part(at.day()))
        };
        params.not_before = date(self.now - Duration::days(1));
        params.not_after = date(self.now + span);
        let certificate = params.self_signed(&key)?;
        Ok(KeyedCertificate {
            certificate: certificate.der().to_vec(),
            key: key.serialize_der(),
        })
    }

    /// What the API in TLS shows; none while no certificate is given to it.
    pub(super) fn api_certificate(&self) -> Option<&KeyedCertificate> {
        let mut services = self.store.items("/ip/service");
        let service = services.find(|service| service.is("name", "api-ssl"))?;
        let name = service.get("certificate")?;
        let (_, id) = self.target("/certificate", name).ok()?;
        self.keys.0.get(&id)
    }
}
