//! What people do with their own account. Whoever views as somebody else may not.

mod change_password;
mod sign_ins;
mod totp;

pub use change_password::{ChangePasswordError, change_my_password};
pub use sign_ins::{EndSignInError, end_my_sign_in, list_my_sign_ins};
pub use totp::{Enrolment, TotpError, confirm_totp, remove_totp, start_totp_enrolment};
