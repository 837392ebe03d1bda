//! What the server counts: readable here and exported by the `metrics` crate.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use domain::network::ports::LoginMethod;
use domain::network::service_policy::{Access, RejectCause};

/// Why a packet was dropped without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Discard {
    /// No NAS has that address.
    UnknownClient,
    /// It is no RADIUS packet, or lacks what its kind must have.
    Malformed,
    /// The kind does not belong on this port.
    UnexpectedCode,
    /// The request authenticator is wrong: the secrets differ.
    BadAuthenticator,
    /// The Message-Authenticator is wrong: the secrets differ.
    BadMessageAuthenticator,
    /// A Message-Authenticator is required and missing.
    NoMessageAuthenticator,
    /// A repetition of a request that is still being worked on.
    InProgress,
    /// The queue of reports is full.
    Overload,
    /// The answer does not fit a packet.
    Unanswerable,
    /// The NAS asks more in one second than it may.
    RateLimited,
    /// The NAS has more requests under way than it may.
    TooManyInFlight,
}

impl Discard {
    /// Every reason.
    pub const ALL: [Self; 11] = [
        Self::UnknownClient,
        Self::Malformed,
        Self::UnexpectedCode,
        Self::BadAuthenticator,
        Self::BadMessageAuthenticator,
        Self::NoMessageAuthenticator,
        Self::InProgress,
        Self::Overload,
        Self::Unanswerable,
        Self::RateLimited,
        Self::TooManyInFlight,
    ];

    /// The label of the metric.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnknownClient => "unknown_client",
            Self::Malformed => "malformed",
            Self::UnexpectedCode => "unexpected_code",
            Self::BadAuthenticator => "bad_authenticator",
            Self::BadMessageAuthenticator => "bad_message_authenticator",
            Self::NoMessageAuthenticator => "no_message_authenticator",
            Self::InProgress => "in_progress",
            Self::Overload => "overload",
            Self::Unanswerable => "unanswerable",
            Self::RateLimited => "rate_limited",
            Self::TooManyInFlight => "too_many_in_flight",
        }
    }
}

/// Counters of one server since it was bound.
#[derive(Debug, Default)]
pub struct Counters {
    discards: [AtomicU64; Discard::ALL.len()],
    rejects: [AtomicU64; RejectCause::ALL.len()],
    accepts_open: AtomicU64,
    accepts_walled: AtomicU64,
    duplicates: AtomicU64,
    status_requests: AtomicU64,
    accounting_stored: AtomicU64,
    accounting_failed: AtomicU64,
    accounting_batches: AtomicU64,
    exported: Exported,
}

/// Handles of what every login touches: looking them up by name costs more than the login's own
/// arithmetic.
struct Exported {
    open: metrics::Counter,
    walled: metrics::Counter,
    duplicates: metrics::Counter,
    rejects: [metrics::Counter; RejectCause::ALL.len()],
    methods: [metrics::Counter; LoginMethod::ALL.len()],
    seconds: metrics::Histogram,
}

impl std::fmt::Debug for Exported {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Exported").finish_non_exhaustive()
    }
}

impl Default for Exported {
    fn default() -> Self {
        let accepts =
            |access| metrics::counter!("lastmile_radius_accepts_total", "access" => access);
        Self {
            open: accepts("open"),
            walled: accepts("walled"),
            duplicates: metrics::counter!("lastmile_radius_duplicates_total"),
            rejects: RejectCause::ALL.map(
                |cause| metrics::counter!("lastmile_radius_rejects_total", "cause" => cause.as_str()),
            ),
            methods: LoginMethod::ALL.map(
                |method| metrics::counter!("lastmile_radius_logins_total", "method" => method.as_str()),
            ),
            seconds: metrics::histogram!("lastmile_radius_login_seconds"),
        }
    }
}

impl Counters {
    /// Packets dropped for that reason.
    #[must_use]
    pub fn discards(&self, reason: Discard) -> u64 {
        position(&Discard::ALL, reason, &self.discards).map_or(0, read)
    }

    /// Logins refused for that cause.
    #[must_use]
    pub fn rejects(&self, cause: RejectCause) -> u64 {
        position(&RejectCause::ALL, cause, &self.rejects).map_or(0, read)
    }

    /// Logins granted with that reach.
    #[must_use]
    pub fn accepts(&self, access: Access) -> u64 {
        read(match access {
            Access::Open => &self.accepts_open,
            Access::Walled => &self.accepts_walled,
        })
    }

    /// Repetitions answered with the stored bytes.
    #[must_use]
    pub fn duplicates(&self) -> u64 {
        read(&self.duplicates)
    }

    /// Status-Server requests answered.
    #[must_use]
    pub fn status_requests(&self) -> u64 {
        read(&self.status_requests)
    }

    /// Reports that were stored.
    #[must_use]
    pub fn accounting_stored(&self) -> u64 {
        read(&self.accounting_stored)
    }

    /// Reports that could not be stored and so were not acknowledged.
    #[must_use]
    pub fn accounting_failed(&self) -> u64 {
        read(&self.accounting_failed)
    }

    /// Batches handed to the store.
    #[must_use]
    pub fn accounting_batches(&self) -> u64 {
        read(&self.accounting_batches)
    }

    pub(crate) fn discarded(&self, reason: Discard) {
        if let Some(counter) = position(&Discard::ALL, reason, &self.discards) {
            add(counter, 1);
        }
        metrics::counter!("lastmile_radius_discards_total", "reason" => reason.as_str())
            .increment(1);
    }

    pub(crate) fn rejected(&self, cause: RejectCause) {
        if let Some(counter) = position(&RejectCause::ALL, cause, &self.rejects) {
            add(counter, 1);
        }
        let exported = RejectCause::ALL.iter().zip(&self.exported.rejects);
        for (_, counter) in exported.filter(|(known, _)| **known == cause) {
            counter.increment(1);
        }
    }

    pub(crate) fn accepted(&self, access: Access) {
        let (counter, exported) = match access {
            Access::Open => (&self.accepts_open, &self.exported.open),
            Access::Walled => (&self.accepts_walled, &self.exported.walled),
        };
        add(counter, 1);
        exported.increment(1);
    }

    /// A login was answered by that method, after so much work.
    pub(crate) fn worked(&self, method: LoginMethod, spent: Duration) {
        let exported = LoginMethod::ALL.iter().zip(&self.exported.methods);
        for (_, counter) in exported.filter(|(known, _)| **known == method) {
            counter.increment(1);
        }
        self.exported.seconds.record(spent.as_secs_f64());
    }

    pub(crate) fn repeated(&self) {
        add(&self.duplicates, 1);
        self.exported.duplicates.increment(1);
    }

    pub(crate) fn status_answered(&self) {
        add(&self.status_requests, 1);
        metrics::counter!("lastmile_radius_status_requests_total").increment(1);
    }

    pub(crate) fn batch_done(&self, stored: usize, failed: usize) {
        add(&self.accounting_batches, 1);
        metrics::counter!("lastmile_radius_accounting_batches_total").increment(1);
        for (counter, outcome, records) in [
            (&self.accounting_stored, "stored", stored),
            (&self.accounting_failed, "failed", failed),
        ] {
            let records = u64::try_from(records).unwrap_or(u64::MAX);
            add(counter, records);
            metrics::counter!("lastmile_radius_accounting_records_total", "outcome" => outcome)
                .increment(records);
        }
    }
}

pub(crate) fn position<'a, T: PartialEq + Copy>(
    all: &[T],
    wanted: T,
    counters: &'a [AtomicU64],
) -> Option<&'a AtomicU64> {
    all.iter()
        .zip(counters)
        .find_map(|(item, counter)| (*item == wanted).then_some(counter))
}

fn read(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

fn add(counter: &AtomicU64, amount: u64) {
    counter.fetch_add(amount, Ordering::Relaxed);
}
