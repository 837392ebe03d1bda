//! One search over everything that has a name or a number.

use domain::{
    authz::Scope,
    customer::search_key,
    ids::{CustomerId, InvoiceId, NasId, OperatorId, PackageId},
    page::PageRequest,
};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use super::customers::{self, CustomerFilter, CustomerSort, ListError};
use crate::{
    Backend, Error, Read,
    statement::{Owned, Sql},
};

/// The most results of one search.
pub const MAX_HITS: usize = 20;

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HitId {
    /// A customer.
    Customer(CustomerId),
    /// An invoice.
    Invoice(InvoiceId),
    /// A package.
    Package(PackageId),
    /// An operator.
    Operator(OperatorId),
    /// A RADIUS client.
    Nas(NasId),
}

/// One result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// What.
    pub id: HitId,
    /// Its name or number.
    pub title: String,
    /// What tells it from others of that name.
    pub subtitle: String,
}

/// Which kinds somebody may see besides customers.
#[derive(Debug, Clone, Copy, Default)]
pub struct Kinds {
    /// Invoices.
    pub invoices: bool,
    /// Operators.
    pub operators: bool,
    /// RADIUS clients.
    pub nas: bool,
}

/// Customers by words, everything else by how its name or number begins.
pub async fn everything(
    read: &Read,
    scope: &Scope,
    question: &str,
    kinds: Kinds,
) -> Result<Vec<Hit>, Error> {
    let question = question.trim().replace('\0', "");
    if question.is_empty() {
        return Ok(Vec::new());
    }
    let mut hits = named(read, scope, &question, NamedKind::Package).await?;
    if kinds.operators {
        hits.extend(named(read, scope, &question, NamedKind::Operator).await?);
    }
    if kinds.nas {
        hits.extend(named(read, scope, &question, NamedKind::Nas).await?);
    }
    if kinds.invoices {
        hits.extend(invoices(read, scope, &question).await?);
    }
    hits.truncate(MAX_HITS / 2);
    let room = MAX_HITS - hits.len();
    let mut found = found_customers(read, scope, &question, room).await?;
    found.extend(hits);
    Ok(found)
}

async fn found_customers(
    read: &Read,
    scope: &Scope,
    question: &str,
    room: usize,
) -> Result<Vec<Hit>, Error> {
    let filter = CustomerFilter {
        search: Some(question.to_owned()),
        ..CustomerFilter::default()
    };
    let request = PageRequest {
        limit: u32::try_from(room).unwrap_or(0),
        cursor: None,
    };
    let sort = CustomerSort::NumberDescending;
    let page = match customers::list(read, scope, &filter, sort, &request).await {
        Ok(page) => page,
        Err(ListError::Infra(error)) => return Err(error),
        Err(ListError::Cursor(_)) => return Ok(Vec::new()),
    };
    Ok(page
        .items
        .into_iter()
        .map(|item| Hit {
            id: HitId::Customer(item.customer.id),
            title: item.customer.name,
            subtitle: format!("#{} · {}", item.customer.number, item.customer.username),
        })
        .collect())
}

#[derive(Clone, Copy)]
enum NamedKind {
    Package,
    Operator,
    Nas,
}

#[derive(FromQueryResult)]
struct NamedRow {
    id: Uuid,
    name: String,
    subtitle: String,
}

/// These are few in every ISP: a scan of one ISP's rows costs nothing.
async fn named(
    read: &Read,
    scope: &Scope,
    question: &str,
    kind: NamedKind,
) -> Result<Vec<Hit>, Error> {
    let (table, subtitle, owned) = match kind {
        NamedKind::Package => ("package", "x.status", Owned::Shared),
        NamedKind::Operator => ("operator", "x.status", Owned::By("id")),
        NamedKind::Nas => ("nas", "x.address", Owned::Shared),
    };
    let mut sql = Sql::new("SELECT x.id, x.name, ")
        .then(subtitle)
        .then(" AS subtitle FROM ")
        .then(table)
        .then(" x WHERE ");
    sql.in_scope("x", scope, owned);
    sql.push(" ORDER BY x.name, x.id");
    let prefix = search_key(question);
    let rows = sql.all::<NamedRow>(read).await?;
    Ok(rows
        .into_iter()
        .filter(|row| search_key(&row.name).starts_with(&prefix))
        .take(5)
        .map(|row| Hit {
            id: match kind {
                NamedKind::Package => HitId::Package(PackageId::from_uuid(row.id)),
                NamedKind::Operator => HitId::Operator(OperatorId::from_uuid(row.id)),
                NamedKind::Nas => HitId::Nas(NasId::from_uuid(row.id)),
            },
            title: row.name,
            subtitle: row.subtitle,
        })
        .collect())
}

async fn invoices(read: &Read, scope: &Scope, question: &str) -> Result<Vec<Hit>, Error> {
    // Invoice numbers are upper case; on PostgreSQL they are compared as bytes, so that a prefix
    // is a range whatever the locale of the database.
    let prefix = question.to_uppercase();
    let binary = match read.backend() {
        Backend::Postgres => " COLLATE \"C\"",
        Backend::Sqlite => "",
    };
    let mut sql = Sql::new(
        "SELECT x.id, x.number AS name, c.name AS subtitle FROM invoice x \
         JOIN customer c ON c.id = x.customer_id WHERE ",
    );
    sql.in_scope("x", scope, Owned::Shared);
    sql.push(" AND ");
    sql.in_scope("c", scope, Owned::By("operator_id"));
    sql.push(" AND x.number")
        .push(binary)
        .push(" >= ")
        .bind(prefix.as_str());
    sql.push(" AND x.number").push(binary).push(" < ");
    sql.bind(format!("{prefix}\u{10FFFF}"));
    sql.push(" ORDER BY x.number LIMIT 5");
    let rows = sql.all::<NamedRow>(read).await?;
    Ok(rows
        .into_iter()
        .map(|row| Hit {
            id: HitId::Invoice(InvoiceId::from_uuid(row.id)),
            title: row.name,
            subtitle: row.subtitle,
        })
        .collect())
}
