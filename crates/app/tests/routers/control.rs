//! Routers that answer as the test says, and tell how they were looked at.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    ids::RouterId,
    network::{
        ports::{ApiSecurity, RouterControl, RouterTarget},
        router::{CheckCause, CheckFailure, CheckOutcome, Fingerprint, RouterFacts},
    },
    ports::PortFuture,
};
use parking_lot::Mutex;
use tokio::sync::Notify;

#[derive(Default)]
struct State {
    looks: usize,
    under_way: BTreeMap<RouterId, usize>,
    most: usize,
    most_under_way: usize,
    held: BTreeSet<String>,
    holding: BTreeSet<String>,
    causes: BTreeMap<String, CheckCause>,
    certificates: BTreeMap<String, Fingerprint>,
    broken: BTreeSet<String>,
}

/// Answers every look until told otherwise.
#[derive(Default)]
pub(crate) struct Scripted {
    state: Mutex<State>,
    changed: Notify,
}

impl Scripted {
    pub(crate) fn hold(&self, host: &str) {
        self.state.lock().held.insert(host.to_owned());
    }

    pub(crate) fn let_go(&self, host: &str) {
        self.state.lock().held.remove(host);
        self.changed.notify_waiters();
    }

    pub(crate) fn fail(&self, host: &str, cause: CheckCause) {
        self.state.lock().causes.insert(host.to_owned(), cause);
    }

    /// That router shows a certificate.
    pub(crate) fn show(&self, host: &str, certificate: Fingerprint) {
        let mut state = self.state.lock();
        state.certificates.insert(host.to_owned(), certificate);
    }

    pub(crate) fn mend(&self, host: &str) {
        self.state.lock().causes.remove(host);
    }

    /// The next look at that router breaks off.
    pub(crate) fn break_off(&self, host: &str) {
        self.state.lock().broken.insert(host.to_owned());
    }

    pub(crate) fn looks(&self) -> usize {
        self.state.lock().looks
    }

    pub(crate) fn most_under_way(&self) -> usize {
        self.state.lock().most_under_way
    }

    pub(crate) fn most_at_one_router(&self) -> usize {
        self.state.lock().most
    }

    /// Waits until somebody looks at the router that is held.
    pub(crate) async fn until_held(&self, host: &str) {
        self.until(|state| state.holding.contains(host)).await;
    }

    async fn until(&self, is_so: impl Fn(&State) -> bool) {
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            changed.as_mut().enable();
            if is_so(&self.state.lock()) {
                return;
            }
            changed.await;
        }
    }

    async fn look(&self, router: &RouterTarget) -> CheckOutcome {
        {
            let mut state = self.state.lock();
            state.looks += 1;
            let under_way = state.under_way.entry(router.id).or_default();
            *under_way += 1;
            let at_once = *under_way;
            state.most = state.most.max(at_once);
            let under_way = state.under_way.values().sum();
            state.most_under_way = state.most_under_way.max(under_way);
            state.holding.insert(router.host.clone());
        }
        self.changed.notify_waiters();
        tokio::task::yield_now().await;
        self.until(|state| !state.held.contains(&router.host)).await;
        let mut state = self.state.lock();
        state.holding.remove(&router.host);
        *state.under_way.entry(router.id).or_default() -= 1;
        assert!(!state.broken.remove(&router.host), "a defect");
        if let Some(&cause) = state.causes.get(&router.host) {
            let detail = None;
            return CheckOutcome::Failed(CheckFailure { cause, detail });
        }
        match (state.certificates.get(&router.host), router.security) {
            (Some(&shown), ApiSecurity::Tls(None)) => CheckOutcome::Unconfirmed(shown),
            (Some(&shown), ApiSecurity::Tls(Some(pinned))) if shown != pinned => {
                CheckOutcome::FingerprintChanged(shown)
            }
            _ => CheckOutcome::Answered(RouterFacts {
                identity: router.host.clone(),
                ..RouterFacts::default()
            }),
        }
    }
}

impl RouterControl for Scripted {
    fn check<'a>(&'a self, router: &'a RouterTarget) -> PortFuture<'a, CheckOutcome> {
        Box::pin(self.look(router))
    }

    fn connected(&self) -> Vec<(RouterId, i64)> {
        Vec::new()
    }

    fn forget(&self, _id: RouterId) {}
}
