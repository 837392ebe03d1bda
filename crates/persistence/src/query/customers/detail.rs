//! One customer with everything its page shows.

use domain::{
    authz::CustomerRef,
    money::{Currency, Money},
};
use sea_orm::{DbErr, FromQueryResult, QueryResult};

use super::CustomerItem;
use crate::{
    Error, Read,
    repo::customers::{COLUMNS, CustomerRow},
    statement::{Sql, corrupt},
};

/// The page of a customer.
#[derive(Debug, Clone, PartialEq)]
pub struct CustomerDetail {
    /// What a list shows of it.
    pub item: CustomerItem,
    /// What its package costs.
    pub price: Money,
    /// How many sessions are live.
    pub live_sessions: i64,
}

pub(super) const JOINS: &str = " FROM customer c \
    JOIN isp i ON i.id = c.isp_id \
    LEFT JOIN package p ON p.id = c.package_id \
    LEFT JOIN zone z ON z.id = c.zone_id \
    LEFT JOIN operator o ON o.id = c.operator_id \
    LEFT JOIN account a ON a.customer_id = c.id";

const LIVE: &str = "(SELECT count(*) FROM session s \
    WHERE s.isp_id = c.isp_id AND s.customer_id = c.id)";

pub(super) fn item_columns() -> String {
    format!(
        "{COLUMNS}, p.name AS package_name, p.price_minor, z.name AS zone_name, \
         o.name AS operator_name, a.balance_minor, i.currency, {LIVE} AS live_sessions"
    )
}

pub(super) struct ItemRow {
    customer: CustomerRow,
    extra: ExtraRow,
}

#[derive(FromQueryResult)]
struct ExtraRow {
    package_name: Option<String>,
    price_minor: Option<i64>,
    zone_name: Option<String>,
    operator_name: Option<String>,
    balance_minor: Option<i64>,
    currency: String,
    live_sessions: i64,
}

impl FromQueryResult for ItemRow {
    fn from_query_result(row: &QueryResult, prefix: &str) -> Result<Self, DbErr> {
        Ok(Self {
            customer: CustomerRow::from_query_result(row, prefix)?,
            extra: ExtraRow::from_query_result(row, prefix)?,
        })
    }
}

impl ItemRow {
    pub(super) fn into_item(self) -> Result<CustomerItem, Error> {
        Ok(self.into_detail()?.item)
    }

    fn into_detail(self) -> Result<CustomerDetail, Error> {
        let extra = self.extra;
        let currency: Currency = extra
            .currency
            .parse()
            .map_err(|_| corrupt("isp", &extra.currency))?;
        // The ledger counts what a customer owes; people read what a customer has.
        let owed = Money::from_minor(extra.balance_minor.unwrap_or(0), currency);
        Ok(CustomerDetail {
            item: CustomerItem {
                customer: self.customer.into_customer()?,
                package: extra.package_name.unwrap_or_default(),
                zone: extra.zone_name,
                operator: extra.operator_name,
                balance: owed.negated().map_err(|_| corrupt("account", "balance"))?,
                online: extra.live_sessions > 0,
            },
            price: Money::from_minor(extra.price_minor.unwrap_or(0), currency),
            live_sessions: extra.live_sessions,
        })
    }
}

/// The page of one customer.
pub async fn detail(
    read: &Read,
    customer_ref: &CustomerRef,
) -> Result<Option<CustomerDetail>, Error> {
    let sql = Sql::new("SELECT ")
        .then(&item_columns())
        .then(JOINS)
        .with(" WHERE c.id = ", customer_ref.id.as_uuid())
        .with(" AND c.isp_id = ", customer_ref.isp_id.as_uuid());
    let row = sql.one::<ItemRow>(read).await?;
    row.map(ItemRow::into_detail).transpose()
}
