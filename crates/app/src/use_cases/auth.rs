//! How people and programs come in, and what they are once they are in.

mod identify;
mod impersonate;
mod passwords;
mod refresh;
mod sign_in;
mod sign_out;
mod throttle;
mod tokens;
pub(super) mod totp;

pub use identify::{Identity, Recognized, identify_api_key, identify_person};
pub use impersonate::{ImpersonationError, end_impersonation, start_impersonation};
pub use passwords::{ConfirmError, WeakPassword, check_strength, confirm_password, hash_password};
pub use refresh::{RefreshError, refresh_sign_in};
pub use sign_in::{SignIn, SignInError, SignedIn, sign_in};
pub use sign_out::sign_out;
pub use throttle::{changed_lately, is_revoked, is_view_ended};
pub use tokens::hash_token;

pub(super) use passwords::verify_password;
pub(super) use throttle::{mark_changed, mark_revoked};
pub(super) use tokens::random_text;
