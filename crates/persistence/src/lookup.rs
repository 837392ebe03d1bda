//! From an id that somebody sent to a reference that exists in that somebody's scope, or nothing.
//!
//! Every id of a path and of a body passes through here: a row of another ISP is not found.

use domain::{
    authz::{
        ApiKeyRef, CustomerRef, ImportRef, InvoiceRef, IspRef, JobRef, NasRef, OperatorRef,
        PackageRef, PaymentRef, RealmRef, RoleLevel, RouterRef, Scope, TenancyRef, UserRef,
        ZoneRef,
    },
    ids::{
        ApiKeyId, CustomerId, ImportId, InvoiceId, IspId, JobId, NasId, OperatorId, PackageId,
        PaymentId, RealmId, RouterId, TenancyId, UserId, ZoneId,
    },
    tenancy::Reach,
};
use sea_orm::QueryResult;
use uuid::Uuid;

use crate::{
    error::Error,
    scope::{self, Filter},
    sql::{self, values},
    tx::Read,
};

async fn find(
    read: &Read,
    columns: &str,
    table: &str,
    id: Uuid,
    filter: Filter,
) -> Result<Option<QueryResult>, Error> {
    let mut bound = values![id];
    bound.extend(filter.values);
    let sql = format!(
        "SELECT {columns} FROM {table} t WHERE t.id = $1 AND {}",
        filter.sql
    );
    sql::row(read, &sql, bound).await
}

fn operator_of(row: &QueryResult) -> Result<Option<OperatorId>, Error> {
    Ok(row
        .try_get::<Option<Uuid>>("", "operator_id")?
        .map(OperatorId::from_uuid))
}

fn isp_of(row: &QueryResult) -> Result<IspId, Error> {
    Ok(IspId::from_uuid(row.try_get("", "isp_id")?))
}

macro_rules! isp_lookups {
    ($($(#[$doc:meta])* $name:ident($table:literal, $id:ident) -> $reference:ident;)*) => {$(
        $(#[$doc])*
        pub async fn $name(
            read: &Read,
            scope: &Scope,
            id: $id,
        ) -> Result<Option<$reference>, Error> {
            let filter = scope::of_isp(scope, "t", 2);
            find(read, "t.isp_id", $table, id.as_uuid(), filter)
                .await?
                .map(|row| Ok($reference { id, isp_id: isp_of(&row)? }))
                .transpose()
        }
    )*};
}

isp_lookups! {
    /// An API key in scope.
    api_key("api_key", ApiKeyId) -> ApiKeyRef;
    /// A RADIUS client in scope.
    nas("nas", NasId) -> NasRef;
    /// A package in scope.
    package("package", PackageId) -> PackageRef;
    /// A realm in scope.
    realm("realm", RealmId) -> RealmRef;
    /// A watched router in scope.
    router("router", RouterId) -> RouterRef;
    /// A zone in scope.
    zone("zone", ZoneId) -> ZoneRef;
}

macro_rules! owned_lookups {
    ($($(#[$doc:meta])* $name:ident($table:literal, $id:ident) -> $reference:ident;)*) => {$(
        $(#[$doc])*
        pub async fn $name(
            read: &Read,
            scope: &Scope,
            id: $id,
        ) -> Result<Option<$reference>, Error> {
            let filter = scope::owned(scope, "t", 2);
            find(read, "t.isp_id, t.operator_id", $table, id.as_uuid(), filter)
                .await?
                .map(|row| {
                    Ok($reference { id, isp_id: isp_of(&row)?, operator_id: operator_of(&row)? })
                })
                .transpose()
        }
    )*};
}

owned_lookups! {
    /// A customer in scope.
    customer("customer", CustomerId) -> CustomerRef;
    /// An upload in scope.
    import("import_run", ImportId) -> ImportRef;
    /// An invoice whose customer is in scope.
    invoice("(SELECT i.id, i.isp_id, c.operator_id FROM invoice i JOIN customer c ON c.id = i.customer_id)", InvoiceId) -> InvoiceRef;
    /// A payment whose customer is in scope.
    payment("(SELECT p.id, p.isp_id, c.operator_id FROM payment p JOIN customer c ON c.id = p.customer_id)", PaymentId) -> PaymentRef;
}

/// An operator in scope: itself, those below, or any for people of the ISP.
pub async fn operator(
    read: &Read,
    scope: &Scope,
    id: OperatorId,
) -> Result<Option<OperatorRef>, Error> {
    if scope
        .operators()
        .is_some_and(|reached| !reached.contains(&id))
    {
        return Ok(None);
    }
    let filter = scope::of_isp(scope, "t", 2);
    find(
        read,
        "t.isp_id, t.parent_id",
        "operator",
        id.as_uuid(),
        filter,
    )
    .await?
    .map(|row| {
        let parent_id = row.try_get::<Option<Uuid>>("", "parent_id")?;
        Ok(OperatorRef {
            id,
            isp_id: isp_of(&row)?,
            parent_id: parent_id.map(OperatorId::from_uuid),
        })
    })
    .transpose()
}

/// A background job in scope; the platform's own jobs are the platform's.
pub async fn job(read: &Read, scope: &Scope, id: JobId) -> Result<Option<JobRef>, Error> {
    let filter = scope::owned(scope, "t", 2);
    find(read, "t.isp_id, t.operator_id", "job", id.as_uuid(), filter)
        .await?
        .map(|row| {
            let isp_id = row
                .try_get::<Option<Uuid>>("", "isp_id")?
                .map(IspId::from_uuid);
            Ok(JobRef {
                id,
                isp_id,
                operator_id: operator_of(&row)?,
            })
        })
        .transpose()
}

/// An ISP in scope.
pub async fn isp(read: &Read, scope: &Scope, id: IspId) -> Result<Option<IspRef>, Error> {
    let table = "(SELECT id, id AS isp_id, tenancy_id FROM isp)";
    find(
        read,
        "t.tenancy_id",
        table,
        id.as_uuid(),
        scope::of_isp(scope, "t", 2),
    )
    .await?
    .map(|row| {
        Ok(IspRef {
            id,
            tenancy_id: TenancyId::from_uuid(row.try_get("", "tenancy_id")?),
        })
    })
    .transpose()
}

/// A tenancy in scope: the actor's own, or any for the platform.
pub async fn tenancy(
    read: &Read,
    scope: &Scope,
    id: TenancyId,
) -> Result<Option<TenancyRef>, Error> {
    let reached = match scope.reach() {
        Reach::Platform => true,
        Reach::Tenancy { id: own, .. } => *own == id,
        Reach::Isp(_) | Reach::Operators { .. } | Reach::Nothing => false,
    };
    if !reached {
        return Ok(None);
    }
    let found = sql::row(
        read,
        "SELECT 1 FROM tenancy WHERE id = $1",
        values![id.as_uuid()],
    )
    .await?;
    Ok(found.map(|_| TenancyRef { id }))
}

/// A person in scope.
pub async fn user(read: &Read, scope: &Scope, id: UserId) -> Result<Option<UserRef>, Error> {
    let filter = match scope.reach() {
        Reach::Tenancy { id: tenancy_id, .. } => Filter {
            sql: "t.tenancy_id = $2".to_owned(),
            values: values![tenancy_id.as_uuid()],
        },
        Reach::Platform | Reach::Isp(_) | Reach::Operators { .. } | Reach::Nothing => {
            scope::owned(scope, "t", 2)
        }
    };
    let columns = "t.isp_id, t.tenancy_id, t.operator_id, t.role";
    find(read, columns, "app_user", id.as_uuid(), filter)
        .await?
        .map(|row| {
            let role: String = row.try_get("", "role")?;
            let tenancy_id = row.try_get::<Option<Uuid>>("", "tenancy_id")?;
            let isp_id = row.try_get::<Option<Uuid>>("", "isp_id")?;
            Ok(UserRef {
                id,
                role: RoleLevel::parse(&role)
                    .ok_or_else(|| Error::Unexpected(format!("unknown role {role}")))?,
                tenancy_id: tenancy_id.map(TenancyId::from_uuid),
                isp_id: isp_id.map(IspId::from_uuid),
                operator_id: operator_of(&row)?,
            })
        })
        .transpose()
}
