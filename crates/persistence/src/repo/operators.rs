//! Operators and sub-operators: the resellers of an ISP.

use chrono::{DateTime, Utc};
use domain::{
    authz::{OperatorRef, Scope},
    ids::{IspId, OperatorId},
    operator::{Operator, OperatorKind, OperatorStatus},
};
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

use crate::{
    Error, Read, Tx,
    statement::{Owned, Sql, corrupt, opt_uuid},
};

#[derive(FromQueryResult)]
struct OperatorRow {
    id: Uuid,
    isp_id: Uuid,
    parent_id: Option<Uuid>,
    name: String,
    mobile: Option<String>,
    email: Option<String>,
    status: String,
    created_at: DateTime<Utc>,
}

impl OperatorRow {
    fn into_operator(self) -> Result<Operator, Error> {
        let status = OperatorStatus::parse(&self.status);
        Ok(Operator {
            id: OperatorId::from_uuid(self.id),
            isp_id: IspId::from_uuid(self.isp_id),
            kind: match self.parent_id {
                None => OperatorKind::Operator,
                Some(_) => OperatorKind::SubOperator,
            },
            parent_id: self.parent_id.map(OperatorId::from_uuid),
            name: self.name,
            mobile: self.mobile,
            email: self.email,
            status: status.ok_or_else(|| corrupt("operator", &self.status))?,
            created_at: self.created_at,
        })
    }
}

const SELECT: &str = "SELECT o.id, o.isp_id, o.parent_id, o.name, o.mobile, o.email, o.status, \
    o.created_at FROM operator o WHERE ";

/// One operator.
pub async fn find(read: &Read, operator_ref: &OperatorRef) -> Result<Option<Operator>, Error> {
    let row = by_ref(operator_ref).one::<OperatorRow>(read).await?;
    row.map(OperatorRow::into_operator).transpose()
}

/// One operator, locked until the transaction ends.
pub async fn lock(tx: &Tx, operator_ref: &OperatorRef) -> Result<Option<Operator>, Error> {
    let sql = by_ref(operator_ref).for_update(tx);
    let row = sql.one::<OperatorRow>(tx).await?;
    row.map(OperatorRow::into_operator).transpose()
}

fn by_ref(operator_ref: &OperatorRef) -> Sql {
    Sql::new(SELECT)
        .with("o.id = ", operator_ref.id.as_uuid())
        .with(" AND o.isp_id = ", operator_ref.isp_id.as_uuid())
}

/// An operator with what its page shows.
#[derive(Debug, Clone)]
pub struct OperatorDetail {
    /// The operator.
    pub operator: Operator,
    /// The name of the operator above it.
    pub parent_name: Option<String>,
    /// How many customers it has itself who are not closed.
    pub customers: i64,
}

/// The operators of the scope, each operator followed by its sub-operators.
pub async fn list(read: &Read, scope: &Scope) -> Result<Vec<OperatorDetail>, Error> {
    let mut sql = Sql::new(SELECT);
    sql.in_scope("o", scope, Owned::By("id"));
    sql.push(" ORDER BY o.name, o.id");
    let rows = sql.all::<OperatorRow>(read).await?;
    let operators: Result<Vec<_>, _> = rows.into_iter().map(OperatorRow::into_operator).collect();
    with_details(read, scope, operators?).await
}

/// One operator with what its page shows.
pub async fn detail(
    read: &Read,
    scope: &Scope,
    operator: Operator,
) -> Result<OperatorDetail, Error> {
    let mut details = with_details(read, scope, vec![operator]).await?;
    details
        .pop()
        .ok_or_else(|| Error::Unexpected("one operator has one detail".to_owned()))
}

async fn with_details(
    read: &Read,
    scope: &Scope,
    operators: Vec<Operator>,
) -> Result<Vec<OperatorDetail>, Error> {
    let counts = super::customers::counts_by(read, scope, "operator_id").await?;
    let mut parents = Sql::new("SELECT o.id, o.name FROM operator o WHERE o.id IN ");
    parents.list(
        operators
            .iter()
            .filter_map(|o| o.parent_id)
            .map(OperatorId::as_uuid),
    );
    let names = parents.all::<NameRow>(read).await?;
    let mut details: Vec<_> = operators
        .into_iter()
        .map(|operator| OperatorDetail {
            parent_name: names
                .iter()
                .find(|row| Some(row.id) == operator.parent_id.map(OperatorId::as_uuid))
                .map(|row| row.name.clone()),
            customers: counts.get(&operator.id.as_uuid()).copied().unwrap_or(0),
            operator,
        })
        .collect();
    details.sort_by_key(|detail| {
        let own = detail.operator.name.clone();
        match &detail.parent_name {
            Some(parent) => (parent.clone(), true, own),
            None => (own.clone(), false, own),
        }
    });
    Ok(details)
}

#[derive(FromQueryResult)]
struct NameRow {
    id: Uuid,
    name: String,
}

/// Every operator of one ISP.
pub async fn of_isp(read: &Read, isp_id: IspId) -> Result<Vec<Operator>, Error> {
    let sql = Sql::new(SELECT)
        .with("o.isp_id = ", isp_id.as_uuid())
        .then(" ORDER BY o.name, o.id");
    let rows = sql.all::<OperatorRow>(read).await?;
    rows.into_iter().map(OperatorRow::into_operator).collect()
}

/// Stores a new operator.
pub async fn insert(tx: &Tx, operator: &Operator) -> Result<(), Error> {
    let mut sql = Sql::new(
        "INSERT INTO operator (id, isp_id, parent_id, name, mobile, email, status, created_at, \
         updated_at) VALUES ",
    );
    sql.list([
        operator.id.as_uuid().into(),
        operator.isp_id.as_uuid().into(),
        opt_uuid(operator.parent_id.map(OperatorId::as_uuid)),
        operator.name.clone().into(),
        operator.mobile.clone().into(),
        operator.email.clone().into(),
        operator.status.as_str().into(),
        operator.created_at.into(),
        Value::from(operator.created_at),
    ]);
    sql.execute(tx).await.map(drop)
}

/// Stores what an edit changed; the row is locked by the caller.
pub async fn update(tx: &Tx, operator: &Operator) -> Result<(), Error> {
    let sql = Sql::new("UPDATE operator SET name = ")
        .with("", operator.name.clone())
        .with(", mobile = ", operator.mobile.clone())
        .with(", email = ", operator.email.clone())
        .with(", status = ", operator.status.as_str())
        .with(", updated_at = ", tx.now())
        .with(" WHERE id = ", operator.id.as_uuid())
        .with(" AND isp_id = ", operator.isp_id.as_uuid());
    sql.execute(tx).await.map(drop)
}
