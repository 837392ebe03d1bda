//! What a handler can ask for. The state behind it is private to this module: a handler without
//! [`Guard`], [`SignedIn`] or [`Public`] reaches no database and no use case.

mod caller;
mod guard;
mod idempotency;
mod if_match;
mod page;
mod public;
mod signed_in;
mod state;
mod valid;
mod watcher;

pub(crate) use guard::Guard;
pub(crate) use idempotency::IdempotencyKey;
pub(crate) use if_match::IfMatch;
pub(crate) use page::{Paging, cursor_page};
pub(crate) use public::{Public, reason};
pub(crate) use signed_in::{SignedIn, SignedInAnyhow};
pub(crate) use state::{Sessions, State};
pub(crate) use valid::{Valid, ValidQuery};
pub(crate) use watcher::Watcher;
