//! A scope as a condition of a query that is written as one text.
//!
//! Who reaches which rows is told in one place, [`Sql::in_scope`]; here its condition is taken out.

use domain::authz::Scope;
use sea_orm::Value;

use crate::statement::{Owned, Sql};

/// A piece of SQL with the values of its placeholders.
pub(crate) struct Filter {
    pub(crate) sql: String,
    pub(crate) values: Vec<Value>,
}

/// The rows of a scope in a table whose rows belong to an ISP and an operator.
///
/// Placeholders start at `$first`.
pub(crate) fn owned(scope: &Scope, alias: &str, first: usize) -> Filter {
    filter(scope, alias, first, Owned::By("operator_id"))
}

/// The rows of a scope in a table that everybody inside the ISP shares.
pub(crate) fn of_isp(scope: &Scope, alias: &str, first: usize) -> Filter {
    filter(scope, alias, first, Owned::Shared)
}

fn filter(scope: &Scope, alias: &str, first: usize, owned: Owned) -> Filter {
    let mut sql = Sql::part(first);
    sql.in_scope(alias, scope, owned);
    let (sql, values) = sql.into_parts();
    Filter { sql, values }
}

#[cfg(test)]
mod tests {
    use domain::{
        authz::{Actor, Origin, Person, RoleLevel, Via},
        ids::{IspId, OperatorId, TenancyId, UserId},
        tenancy::Reach,
    };

    use super::*;

    fn scope(reach: Reach) -> Scope {
        Scope::own(&Actor::Person(Person {
            user_id: UserId::generate(),
            role: RoleLevel::Admin,
            reach,
            permissions: domain::authz::default_permissions(RoleLevel::Admin),
            via: Via::CommandLine,
            impersonator: None,
            origin: Origin::default(),
        }))
    }

    #[test]
    fn placeholders_go_on_from_those_before() {
        let isp_id = IspId::generate();
        let reseller = scope(Reach::Operators {
            isp_id,
            own: OperatorId::generate(),
            below: vec![OperatorId::generate()],
        });
        let found = owned(&reseller, "t", 3);
        assert_eq!(found.sql, "t.isp_id = $3 AND t.operator_id IN ($4, $5)");
        assert_eq!(found.values.len(), 3);
        let found = of_isp(&reseller, "t", 1);
        assert_eq!(
            (found.sql.as_str(), found.values.len()),
            ("t.isp_id = $1", 1)
        );
    }

    #[test]
    fn who_reaches_nothing_gets_no_rows() {
        let id = TenancyId::generate();
        let isps = vec![];
        assert_eq!(of_isp(&scope(Reach::Nothing), "t", 1).sql, "1 = 0");
        let empty = of_isp(&scope(Reach::Tenancy { id, isps }), "t", 1);
        assert_eq!(
            (empty.sql.as_str(), empty.values.len()),
            ("t.isp_id IN (NULL)", 0)
        );
    }
}
