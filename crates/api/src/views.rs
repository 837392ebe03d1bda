//! What several answers share.

pub(crate) mod access;
pub(crate) mod billing;
pub(crate) mod catalogue;
pub(crate) mod customers;
pub(crate) mod fair_use;
pub(crate) mod imports;
pub(crate) mod people;
pub(crate) mod platform;
pub(crate) mod routers;
pub(crate) mod running;

use actix_web::{HttpResponse, http::header};
use domain::{money::Money, page::Page};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::problem::Problem;

/// An amount of money: a decimal text and a currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Money)]
#[serde(deny_unknown_fields)]
pub struct MoneyView {
    /// A decimal number, never rounded.
    #[schema(
        example = "1250.00",
        max_length = 24,
        pattern = r"^-?\d{1,15}(\.\d{1,3})?$"
    )]
    pub amount: String,
    /// The ISO 4217 code.
    #[schema(
        example = "BDT",
        min_length = 3,
        max_length = 3,
        pattern = "^[A-Z]{3}$"
    )]
    pub currency: String,
}

impl From<Money> for MoneyView {
    fn from(money: Money) -> Self {
        Self {
            amount: money.to_string(),
            currency: money.currency().to_string(),
        }
    }
}

impl MoneyView {
    /// The amount, or a problem that points at it.
    pub(crate) fn read(&self, pointer: &str) -> Result<Money, Problem> {
        let currency = self
            .currency
            .parse()
            .map_err(|error| Problem::invalid_field(&format!("{pointer}/currency"), error))?;
        Money::parse(&self.amount, currency)
            .map_err(|error| Problem::invalid_field(&format!("{pointer}/amount"), error))
    }
}

/// A thing by its id and its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Named)]
pub(crate) struct NamedView {
    pub(crate) id: Uuid,
    pub(crate) name: String,
}

impl NamedView {
    /// Both, when both are there.
    pub(crate) fn maybe(id: Option<Uuid>, name: Option<String>) -> Option<Self> {
        Some(Self {
            id: id?,
            name: name?,
        })
    }
}

/// All rows of a list that is never long.
pub(crate) fn whole<P: From<Page<V>>, V, R: Into<V>>(rows: Vec<R>) -> P {
    let items: Vec<V> = rows.into_iter().map(Into::into).collect();
    let total = u64::try_from(items.len()).unwrap_or(u64::MAX);
    Page {
        items,
        next_cursor: None,
        total,
        total_is_exact: true,
    }
    .into()
}

/// Nothing: the address says it all.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[schema(as = Empty)]
#[serde(deny_unknown_fields)]
pub(crate) struct Empty {}

/// 201 with the address of what was made.
pub(crate) fn created(location: &str, view: &impl Serialize) -> HttpResponse {
    HttpResponse::Created()
        .insert_header((header::LOCATION, format!("/api/v1{location}")))
        .json(view)
}

/// The same with the version of what was made, for edits.
pub(crate) fn created_with_version(
    location: &str,
    tag: String,
    view: &impl Serialize,
) -> HttpResponse {
    HttpResponse::Created()
        .insert_header((header::LOCATION, format!("/api/v1{location}")))
        .insert_header((header::ETAG, tag))
        .json(view)
}

/// 204.
pub(crate) fn no_content() -> HttpResponse {
    HttpResponse::NoContent().finish()
}
