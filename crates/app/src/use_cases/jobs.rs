//! What people do with background jobs.

mod cancel;
mod retry;

pub use cancel::cancel_job;
pub use retry::retry_job;

/// Why nothing is done with a job.
#[derive(Debug, thiserror::Error)]
pub enum JobActionError {
    /// Its state does not allow it.
    #[error("{0}")]
    WrongState(&'static str),
    /// The database.
    #[error(transparent)]
    Infra(#[from] persistence::Error),
}
