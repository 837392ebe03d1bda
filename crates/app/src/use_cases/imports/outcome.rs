//! What becomes of each row, and the token that stands for all of it.

use domain::customer::{NewCustomer, SuspensionReason};
use persistence::repo::imports::{RowOutcome, RowResult};
use sha2::{Digest as _, Sha256};

use super::options::ImportOptions;

/// What becomes of a row.
pub(crate) struct Planned {
    pub(crate) line: i64,
    pub(crate) username: String,
    pub(crate) outcome: RowOutcome,
    /// Code and words, one reason each.
    pub(crate) reasons: Vec<String>,
    /// The number of the customer who is here already.
    pub(crate) existing_number: Option<i64>,
    /// The customer to be made.
    pub(crate) new: Option<NewRow>,
}

/// A customer to be made.
pub(crate) struct NewRow {
    pub(crate) customer: NewCustomer,
    pub(crate) status_reason: Option<SuspensionReason>,
    /// A zone that is not there yet, by name.
    pub(crate) new_zone: Option<String>,
}

impl Planned {
    pub(crate) fn result(&self, number: Option<i64>) -> RowResult {
        RowResult {
            line: self.line,
            username: self.username.clone(),
            outcome: self.outcome,
            customer_number: number.or(self.existing_number),
            reasons: self.reasons.clone(),
        }
    }
}

/// How many rows have which outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) new: u64,
    pub(crate) same: u64,
    pub(crate) differing: u64,
    pub(crate) invalid: u64,
    pub(crate) skipped: u64,
}

impl Counts {
    pub(crate) const fn add(&mut self, outcome: RowOutcome, count: u64) {
        match outcome {
            RowOutcome::New => self.new += count,
            RowOutcome::Same => self.same += count,
            RowOutcome::Differing => self.differing += count,
            RowOutcome::Invalid => self.invalid += count,
            RowOutcome::Skipped => self.skipped += count,
        }
    }

    pub(crate) const fn total(self) -> u64 {
        self.new + self.same + self.differing + self.invalid + self.skipped
    }
}

/// Sums up file, choices and every outcome: the same token means that the same will happen.
pub(crate) struct Token(Sha256);

impl Token {
    pub(crate) fn new(content: &[u8], options: &ImportOptions) -> Self {
        let mut hash = Sha256::new();
        hash.update(Sha256::digest(content));
        hash.update(serde_json::to_vec(options).expect("invariant: options are plain values"));
        Self(hash)
    }

    pub(crate) fn add(&mut self, planned: &Planned) {
        self.0.update(planned.line.to_be_bytes());
        self.0.update(planned.outcome.as_str());
        for reason in &planned.reasons {
            self.0.update(reason);
            self.0.update([0]);
        }
        if let Some(new) = &planned.new {
            self.0.update(new.customer.package_id.as_uuid().as_bytes());
        }
    }

    pub(crate) fn finish(self) -> String {
        hex::encode(self.0.finalize())
    }
}
