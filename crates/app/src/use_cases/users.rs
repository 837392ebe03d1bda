//! People of an ISP, managed by those above them.

mod create;
mod edit;
mod error;
mod grants;
mod reset_password;

pub(super) use create::login_of;
pub use create::{CreateUser, create_user};
pub use edit::{EditUser, edit_user};
pub use error::UserError;
pub use grants::{grant_permission, revoke_grant};
pub use reset_password::{reset_from_command_line, reset_user_password};

use domain::authz::{Actor, RoleLevel, manages};

fn require_managed(actor: &Actor, role: RoleLevel) -> Result<(), UserError> {
    if actor.is_program() {
        return Err(UserError::NotAPerson);
    }
    let managed = match actor {
        Actor::Person(person) => manages(person.role, role),
        Actor::System(_) => true,
    };
    if managed {
        Ok(())
    } else {
        Err(UserError::RoleNotManaged)
    }
}
