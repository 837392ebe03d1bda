//! A scope as a condition of a query.

use domain::{authz::Scope, tenancy::Reach};
use sea_orm::Value;

/// A piece of SQL with the values of its placeholders.
pub(crate) struct Filter {
    pub(crate) sql: String,
    pub(crate) values: Vec<Value>,
}

/// The rows of a scope in a table whose rows belong to an ISP and an operator.
///
/// Placeholders start at `$first`.
pub(crate) fn owned(scope: &Scope, alias: &str, first: usize) -> Filter {
    let mut filter = of_isp(scope, alias, first);
    if let Some(operators) = scope.operators() {
        let start = first + filter.values.len();
        let list: Vec<_> = (start..start + operators.len())
            .map(|n| format!("${n}"))
            .collect();
        filter.sql = format!(
            "{} AND {alias}.operator_id IN ({})",
            filter.sql,
            list.join(", ")
        );
        filter
            .values
            .extend(operators.into_iter().map(|id| Value::from(id.as_uuid())));
    }
    filter
}

/// The rows of a scope in a table that everybody inside the ISP shares.
pub(crate) fn of_isp(scope: &Scope, alias: &str, first: usize) -> Filter {
    match scope.reach() {
        Reach::Platform => Filter {
            sql: "1 = 1".to_owned(),
            values: Vec::new(),
        },
        Reach::Tenancy { isps, .. } if !isps.is_empty() => {
            let list: Vec<_> = (first..first + isps.len())
                .map(|n| format!("${n}"))
                .collect();
            Filter {
                sql: format!("{alias}.isp_id IN ({})", list.join(", ")),
                values: isps.iter().map(|id| Value::from(id.as_uuid())).collect(),
            }
        }
        Reach::Isp(isp_id) | Reach::Operators { isp_id, .. } => Filter {
            sql: format!("{alias}.isp_id = ${first}"),
            values: vec![Value::from(isp_id.as_uuid())],
        },
        Reach::Tenancy { .. } | Reach::Nothing => Filter {
            sql: "1 = 0".to_owned(),
            values: Vec::new(),
        },
    }
}
