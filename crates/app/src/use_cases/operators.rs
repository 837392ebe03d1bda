//! Operators and sub-operators: the resellers of an ISP.

mod create;
mod edit;
mod list;

pub use self::create::{CreateOperator, create_operator};
pub use self::edit::{EditOperator, edit_operator};
pub use self::list::{get_operator, list_operators};
use domain::{
    field::FieldProblem,
    operator::{Operator, PlacementRefusal},
};
use persistence::{Constraint, Error};
use serde_json::{Value, json};

/// Why a reseller stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// Some fields are not good.
    #[error("some fields are not good")]
    Invalid(Vec<FieldProblem>),
    /// It may not stand there.
    #[error(transparent)]
    Refused(#[from] PlacementRefusal),
    /// Another operator of the ISP has that name.
    #[error("another operator has this name")]
    NameTaken,
    /// The operator is not there, or not within reach.
    #[error("no such operator")]
    Missing,
    /// The database.
    #[error(transparent)]
    Infra(#[from] Error),
}

fn taken(error: Error) -> OperatorError {
    if error.conflicts_with(Constraint::OperatorName) {
        return OperatorError::NameTaken;
    }
    OperatorError::Infra(error)
}

fn snapshot(operator: &Operator) -> Value {
    json!({
        "name": operator.name,
        "kind": operator.kind.as_str(),
        "parent_id": operator.parent_id,
        "mobile": operator.mobile,
        "email": operator.email,
        "status": operator.status.as_str(),
    })
}
