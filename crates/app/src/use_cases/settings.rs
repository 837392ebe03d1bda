//! What an ISP sets for itself.

mod edit;

pub use edit::{EditSettings, SettingsError, edit_settings, get_settings};
