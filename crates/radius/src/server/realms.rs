//! What this process counted of each realm since its last report.

use domain::ids::RealmId;
use domain::network::ports::RealmReport;
use domain::network::realm::Realm;
use parking_lot::Mutex;
use rustc_hash::FxHashMap;

/// Counted under the names that people see. There are as many entries as realms were heard of since
/// the last report.
#[derive(Default)]
pub(crate) struct RealmCounts(Mutex<FxHashMap<RealmId, RealmReport>>);

impl RealmCounts {
    /// Something happened to a request of the realm.
    pub(crate) fn count(&self, realm: &Realm, name: &str) {
        let mut counts = self.0.lock();
        let report = counts.entry(realm.id).or_insert_with(|| RealmReport {
            realm_id: realm.id,
            isp_id: realm.isp_id,
            counted: Vec::new(),
        });
        add(report, name, 1);
    }

    /// Takes everything.
    pub(crate) fn take(&self) -> Vec<RealmReport> {
        std::mem::take(&mut *self.0.lock()).into_values().collect()
    }

    /// Adds what could not be stored to what came since.
    pub(crate) fn put_back(&self, reports: Vec<RealmReport>) {
        let mut counts = self.0.lock();
        for report in reports {
            let Some(newer) = counts.get_mut(&report.realm_id) else {
                counts.insert(report.realm_id, report);
                continue;
            };
            for (name, by) in &report.counted {
                add(newer, name, *by);
            }
        }
    }
}

fn add(report: &mut RealmReport, name: &str, by: u64) {
    match report.counted.iter_mut().find(|(known, _)| known == name) {
        Some((_, value)) => *value += by,
        None => report.counted.push((name.to_owned(), by)),
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::IspId;
    use domain::network::realm::{RealmPosition, WAITING_LOGINS};

    use super::*;

    #[test]
    fn what_could_not_be_stored_is_told_again() {
        let realm = Realm {
            id: RealmId::generate(),
            isp_id: IspId::generate(),
            name: "partner".into(),
            position: RealmPosition::Suffix,
            strip: false,
            authentication: true,
            accounting: true,
            max_waiting_logins: WAITING_LOGINS,
            home_servers: Vec::new(),
        };
        let counts = RealmCounts::default();
        counts.count(&realm, "logins.busy");
        let lost = counts.take();
        assert_eq!(counts.take(), []);
        counts.put_back(lost.clone());
        assert_eq!(counts.take(), lost);
        counts.count(&realm, "logins.busy");
        counts.put_back(lost);
        let told = counts.take();
        assert_eq!(told[0].counted, [("logins.busy".to_owned(), 2)]);
        assert_eq!((told[0].realm_id, told[0].isp_id), (realm.id, realm.isp_id));
    }
}
