//! Subscribers: one row each, the words they are found by, their account and their subscription.

use std::{collections::HashMap, net::Ipv4Addr};

use chrono::{DateTime, Utc};
use domain::{
    authz::{CustomerRef, Scope},
    customer::{
        BillingType, ConnectionType, Customer, CustomerStatus, DeviceType, NewCustomer,
        SearchFields, SuspensionReason, search_key, search_terms,
    },
    ids::{AccountId, CustomerId, IspId, OperatorId, PackageId, SubscriptionId, ZoneId},
    money::{Currency, Money},
    phone::PhoneNumber,
    username::Username,
};
use sea_orm::{DbErr, FromQueryResult, QueryResult, Value};
use uuid::Uuid;

use crate::{
    Error, Read, Tx,
    statement::{BulkInsert, Owned, Sql, corrupt, opt_uuid},
};

/// The columns that make a [`Customer`]; the password is read by a verb of its own.
pub(crate) const COLUMNS: &str = "c.id, c.isp_id, c.number, c.name, c.mobile, c.email, \
    c.national_id, c.connection_type, c.username, c.billing_type, c.status, c.status_reason, \
    c.status_changed_at, c.package_id, c.zone_id, c.operator_id, c.address, c.device_type, \
    c.static_ipv4, c.expires_at, c.anchor_day, c.auto_renew, c.notes, c.version, c.created_at, \
    c.updated_at";

#[derive(FromQueryResult)]
pub(crate) struct CustomerRow {
    id: Uuid,
    isp_id: Uuid,
    number: i64,
    name: String,
    mobile: Option<String>,
    email: Option<String>,
    national_id: Option<String>,
    connection_type: String,
    username: String,
    billing_type: String,
    status: String,
    status_reason: Option<String>,
    status_changed_at: DateTime<Utc>,
    package_id: Uuid,
    zone_id: Option<Uuid>,
    operator_id: Option<Uuid>,
    address: Option<String>,
    device_type: Option<String>,
    static_ipv4: Option<String>,
    expires_at: Option<DateTime<Utc>>,
    anchor_day: i64,
    auto_renew: bool,
    notes: Option<String>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl CustomerRow {
    pub(crate) fn into_customer(self) -> Result<Customer, Error> {
        let known = |text: &str| corrupt("customer", text);
        Ok(Customer {
            id: CustomerId::from_uuid(self.id),
            isp_id: IspId::from_uuid(self.isp_id),
            number: self.number,
            name: self.name,
            mobile: self.mobile.map(PhoneNumber::from_stored),
            email: self.email,
            national_id: self.national_id,
            connection_type: ConnectionType::parse(&self.connection_type)
                .ok_or_else(|| known(&self.connection_type))?,
            username: Username::parse(&self.username).map_err(|_| known("username"))?,
            billing_type: BillingType::parse(&self.billing_type)
                .ok_or_else(|| known(&self.billing_type))?,
            status: CustomerStatus::parse(&self.status).ok_or_else(|| known(&self.status))?,
            status_reason: parsed(self.status_reason, SuspensionReason::parse)?,
            status_changed_at: self.status_changed_at,
            package_id: PackageId::from_uuid(self.package_id),
            zone_id: self.zone_id.map(ZoneId::from_uuid),
            operator_id: self.operator_id.map(OperatorId::from_uuid),
            address: self.address,
            device_type: parsed(self.device_type, DeviceType::parse)?,
            static_ipv4: parsed(self.static_ipv4, |text| text.parse::<Ipv4Addr>().ok())?,
            expires_at: self.expires_at,
            anchor_day: u32::try_from(self.anchor_day).map_err(|_| known("anchor_day"))?,
            auto_renew: self.auto_renew,
            notes: self.notes,
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

fn parsed<T>(
    stored: Option<String>,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, Error> {
    stored
        .map(|text| parse(&text).ok_or_else(|| corrupt("customer", &text)))
        .transpose()
}

/// The subscriber as it is.
pub async fn find(read: &Read, customer_ref: &CustomerRef) -> Result<Option<Customer>, Error> {
    let row = by_ref(customer_ref).one::<CustomerRow>(read).await?;
    row.map(CustomerRow::into_customer).transpose()
}

/// The subscriber, locked until the transaction ends; nothing when it changed hands meanwhile.
pub async fn lock(tx: &Tx, customer_ref: &CustomerRef) -> Result<Option<Customer>, Error> {
    let sql = by_ref(customer_ref).for_update(tx);
    let row = sql.one::<CustomerRow>(tx).await?;
    row.map(CustomerRow::into_customer).transpose()
}

/// The same ISP and the same owner as when the proof was made, or nothing.
fn by_ref(customer_ref: &CustomerRef) -> Sql {
    let mut sql = Sql::new("SELECT ")
        .then(COLUMNS)
        .with(" FROM customer c WHERE c.id = ", customer_ref.id.as_uuid())
        .with(" AND c.isp_id = ", customer_ref.isp_id.as_uuid());
    match customer_ref.operator_id {
        Some(id) => sql.push(" AND c.operator_id = ").bind(id.as_uuid()),
        None => sql.push(" AND c.operator_id IS NULL"),
    };
    sql
}

/// The sealed password for the network.
pub async fn sealed_password(
    read: &Read,
    customer_ref: &CustomerRef,
) -> Result<Option<Vec<u8>>, Error> {
    #[derive(FromQueryResult)]
    struct Row {
        password: Vec<u8>,
    }
    let sql = Sql::new("SELECT password FROM customer")
        .with(" WHERE id = ", customer_ref.id.as_uuid())
        .with(" AND isp_id = ", customer_ref.isp_id.as_uuid());
    Ok(sql.one::<Row>(read).await?.map(|row| row.password))
}

/// A subscriber to be stored, with everything that is decided about it.
#[derive(Debug)]
pub struct CustomerInsert {
    /// Its identifier.
    pub id: CustomerId,
    /// Its number.
    pub number: i64,
    /// What is known of it; the clear password in it is not stored.
    pub new: NewCustomer,
    /// Why it is suspended, when it starts so.
    pub status_reason: Option<SuspensionReason>,
    /// The sealed password.
    pub sealed_password: Vec<u8>,
    /// The day of the month that its periods aim at.
    pub anchor_day: u32,
    /// What its package costs now.
    pub price: Money,
}

const CUSTOMER_COLUMNS: [&str; 29] = [
    "id",
    "isp_id",
    "number",
    "name",
    "name_key",
    "mobile",
    "email",
    "national_id",
    "connection_type",
    "username",
    "username_key",
    "password",
    "billing_type",
    "status",
    "status_reason",
    "status_changed_at",
    "package_id",
    "zone_id",
    "operator_id",
    "address",
    "device_type",
    "static_ipv4",
    "expires_at",
    "anchor_day",
    "auto_renew",
    "notes",
    "version",
    "created_at",
    "updated_at",
];

/// Stores subscribers with their subscriptions, accounts and search terms.
pub async fn insert_many(
    tx: &Tx,
    isp_id: IspId,
    customers: &[CustomerInsert],
) -> Result<(), Error> {
    let now = tx.now();
    let mut rows = BulkInsert::into("customer", &CUSTOMER_COLUMNS);
    let mut subscriptions = BulkInsert::into(
        "subscription",
        &[
            "id",
            "isp_id",
            "customer_id",
            "package_id",
            "price_minor",
            "started_at",
        ],
    );
    let mut accounts = BulkInsert::into(
        "account",
        &[
            "id",
            "isp_id",
            "kind",
            "name",
            "customer_id",
            "currency",
            "balance_minor",
        ],
    );
    let mut terms = BulkInsert::into("customer_term", &TERM_COLUMNS);
    for insert in customers {
        rows.row(values_of(isp_id, insert, now));
        subscriptions.row(vec![
            SubscriptionId::generate().as_uuid().into(),
            isp_id.as_uuid().into(),
            insert.id.as_uuid().into(),
            insert.new.package_id.as_uuid().into(),
            insert.price.minor().into(),
            now.into(),
        ]);
        accounts.row(vec![
            AccountId::generate().as_uuid().into(),
            isp_id.as_uuid().into(),
            "receivable".into(),
            insert.id.to_string().into(),
            insert.id.as_uuid().into(),
            insert.price.currency().code().into(),
            0_i64.into(),
        ]);
        add_terms(&mut terms, isp_id, insert.id, &found_by(insert));
    }
    rows.run(tx).await?;
    subscriptions.run(tx).await?;
    accounts.run(tx).await?;
    terms.run(tx).await
}

fn values_of(isp_id: IspId, insert: &CustomerInsert, now: DateTime<Utc>) -> Vec<Value> {
    let new = &insert.new;
    vec![
        insert.id.as_uuid().into(),
        isp_id.as_uuid().into(),
        insert.number.into(),
        new.name.clone().into(),
        search_key(&new.name).into(),
        new.mobile.as_ref().map(ToString::to_string).into(),
        new.email.clone().into(),
        new.national_id.clone().into(),
        new.connection_type.as_str().into(),
        new.username.as_str().into(),
        new.username.folded().into(),
        insert.sealed_password.clone().into(),
        new.billing_type.as_str().into(),
        new.status.as_str().into(),
        insert.status_reason.map(SuspensionReason::as_str).into(),
        now.into(),
        new.package_id.as_uuid().into(),
        opt_uuid(new.zone_id.map(ZoneId::as_uuid)),
        opt_uuid(new.operator_id.map(OperatorId::as_uuid)),
        new.address.clone().into(),
        new.device_type.map(DeviceType::as_str).into(),
        new.static_ipv4.map(|ip| ip.to_string()).into(),
        new.expires_at.into(),
        i64::from(insert.anchor_day).into(),
        new.auto_renew.into(),
        new.notes.clone().into(),
        1_i64.into(),
        now.into(),
        now.into(),
    ]
}

const TERM_COLUMNS: [&str; 3] = ["isp_id", "term", "customer_id"];

fn found_by(insert: &CustomerInsert) -> SearchFields<'_> {
    SearchFields {
        number: insert.number,
        name: &insert.new.name,
        username: insert.new.username.as_str(),
        mobile: insert.new.mobile.as_ref(),
        email: insert.new.email.as_deref(),
        static_ipv4: insert.new.static_ipv4,
    }
}

fn add_terms(rows: &mut BulkInsert, isp_id: IspId, id: CustomerId, fields: &SearchFields<'_>) {
    for term in search_terms(fields) {
        rows.row(vec![
            isp_id.as_uuid().into(),
            term.into(),
            id.as_uuid().into(),
        ]);
    }
}

/// Stores what an edit changed; the row is locked by the caller and gets the next version.
pub async fn update(
    tx: &Tx,
    customer: &Customer,
    sealed_password: Option<Vec<u8>>,
) -> Result<(), Error> {
    let mut sql = Sql::new("UPDATE customer SET name = ");
    sql.bind(customer.name.clone());
    sql.push(", name_key = ").bind(search_key(&customer.name));
    sql.push(", mobile = ")
        .bind(customer.mobile.as_ref().map(ToString::to_string));
    sql.push(", email = ").bind(customer.email.clone());
    sql.push(", national_id = ")
        .bind(customer.national_id.clone());
    sql.push(", zone_id = ")
        .bind(opt_uuid(customer.zone_id.map(ZoneId::as_uuid)));
    sql.push(", address = ").bind(customer.address.clone());
    sql.push(", device_type = ")
        .bind(customer.device_type.map(DeviceType::as_str));
    sql.push(", static_ipv4 = ")
        .bind(customer.static_ipv4.map(|ip| ip.to_string()));
    sql.push(", notes = ").bind(customer.notes.clone());
    sql.push(", username = ").bind(customer.username.as_str());
    sql.push(", username_key = ")
        .bind(customer.username.folded());
    sql.push(", auto_renew = ").bind(customer.auto_renew);
    if let Some(sealed) = sealed_password {
        sql.push(", password = ").bind(sealed);
    }
    sql.push(", version = version + 1, updated_at = ")
        .bind(tx.now());
    sql.push(" WHERE id = ").bind(customer.id.as_uuid());
    sql.push(" AND isp_id = ").bind(customer.isp_id.as_uuid());
    sql.execute(tx).await.map(drop)
}

/// Writes the words anew under which a subscriber is found.
pub async fn replace_terms(tx: &Tx, customer: &Customer) -> Result<(), Error> {
    Sql::new("DELETE FROM customer_term WHERE customer_id = ")
        .with("", customer.id.as_uuid())
        .execute(tx)
        .await?;
    let mut terms = BulkInsert::into("customer_term", &TERM_COLUMNS);
    let fields = SearchFields {
        number: customer.number,
        name: &customer.name,
        username: customer.username.as_str(),
        mobile: customer.mobile.as_ref(),
        email: customer.email.as_deref(),
        static_ipv4: customer.static_ipv4,
    };
    add_terms(&mut terms, customer.isp_id, customer.id, &fields);
    terms.run(tx).await
}

/// Puts the subscriber into a status; the row is locked by the caller.
pub async fn set_status(
    tx: &Tx,
    customer_ref: &CustomerRef,
    status: CustomerStatus,
    reason: Option<SuspensionReason>,
) -> Result<(), Error> {
    let mut sql = Sql::new("UPDATE customer SET status = ");
    sql.bind(status.as_str());
    sql.push(", status_reason = ")
        .bind(reason.map(SuspensionReason::as_str));
    sql.push(", status_changed_at = ").bind(tx.now());
    sql.push(", version = version + 1, updated_at = ")
        .bind(tx.now());
    sql.push(" WHERE id = ").bind(customer_ref.id.as_uuid());
    sql.push(" AND isp_id = ")
        .bind(customer_ref.isp_id.as_uuid());
    sql.execute(tx).await.map(drop)
}

/// How many customers who are not closed each value of a column has, within the scope.
pub(crate) async fn counts_by(
    read: &Read,
    scope: &Scope,
    column: &'static str,
) -> Result<HashMap<Uuid, i64>, Error> {
    #[derive(FromQueryResult)]
    struct Row {
        key: Uuid,
        n: i64,
    }
    let mut sql = Sql::new("SELECT c.")
        .then(column)
        .then(" AS key, count(*) AS n FROM customer c WHERE c.status <> 'closed' AND c.")
        .then(column)
        .then(" IS NOT NULL AND ");
    sql.in_scope("c", scope, Owned::By("operator_id"));
    sql.push(" GROUP BY c.").push(column);
    let rows = sql.all::<Row>(read).await?;
    Ok(rows.into_iter().map(|row| (row.key, row.n)).collect())
}

/// What an import compares a row with.
#[derive(Debug, Clone)]
pub struct ExistingCustomer {
    /// The subscriber.
    pub customer: Customer,
    /// Its sealed password.
    pub sealed_password: Vec<u8>,
}

struct ExistingRow {
    customer: CustomerRow,
    password: Vec<u8>,
}

impl FromQueryResult for ExistingRow {
    fn from_query_result(row: &QueryResult, prefix: &str) -> Result<Self, DbErr> {
        Ok(Self {
            customer: CustomerRow::from_query_result(row, prefix)?,
            password: row.try_get(prefix, "password")?,
        })
    }
}

/// The subscribers of an ISP that have one of these folded login names.
pub async fn by_usernames(
    read: &Read,
    isp_id: IspId,
    folded: &[String],
) -> Result<Vec<ExistingCustomer>, Error> {
    let mut found = Vec::new();
    for names in folded.chunks(1_000) {
        let ids = ids_of_usernames(read, isp_id, names).await?;
        if ids.is_empty() {
            continue;
        }
        let mut sql = Sql::new("SELECT c.password, ")
            .then(COLUMNS)
            .then(" FROM customer c WHERE c.id IN ");
        sql.list(ids);
        for row in sql.all::<ExistingRow>(read).await? {
            found.push(ExistingCustomer {
                customer: row.customer.into_customer()?,
                sealed_password: row.password,
            });
        }
    }
    Ok(found)
}

async fn ids_of_usernames(
    read: &Read,
    isp_id: IspId,
    folded: &[String],
) -> Result<Vec<Uuid>, Error> {
    #[derive(FromQueryResult)]
    struct Row {
        found: Option<Uuid>,
    }
    let sql = one_by_one(isp_id, "id", "username_key", folded);
    let rows = sql.all::<Row>(read).await?;
    Ok(rows.into_iter().filter_map(|row| row.found).collect())
}

/// Which of these fixed addresses subscribers of the ISP have already, and who by login name.
pub async fn by_static_addresses(
    read: &Read,
    isp_id: IspId,
    addresses: &[String],
) -> Result<Vec<(String, String)>, Error> {
    #[derive(FromQueryResult)]
    struct Row {
        asked: String,
        found: Option<String>,
    }
    let mut taken = Vec::new();
    for some in addresses.chunks(1_000) {
        let sql = one_by_one(isp_id, "username_key", "static_ipv4", some);
        let rows = sql.all::<Row>(read).await?;
        let found = |row: Row| row.found.map(|username| (row.asked, username));
        taken.extend(rows.into_iter().filter_map(found));
    }
    Ok(taken)
}

/// What the subscriber with each of these keys has in another column, if there is one.
///
/// Each is looked up by itself: in the middle of an import PostgreSQL knows nothing of the rows that
/// came so far, and would read all of them for every thousand keys.
fn one_by_one(isp_id: IspId, wanted: &str, key: &str, asked: &[String]) -> Sql {
    let mut sql = Sql::new("SELECT asked.column1 AS asked, (SELECT c.")
        .then(wanted)
        .with(" FROM customer c WHERE c.isp_id = ", isp_id.as_uuid())
        .then(" AND c.")
        .then(key)
        .then(" = asked.column1) AS found FROM (VALUES ");
    for (index, value) in asked.iter().enumerate() {
        sql.push(if index == 0 { "" } else { ", " });
        sql.list([value.as_str()]);
    }
    sql.push(") asked");
    sql
}

/// What an ISP's customers are read and billed by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IspTerms {
    /// The currency of prices.
    pub currency: Currency,
    /// The IANA name of the time zone.
    pub time_zone: String,
    /// The ISO 3166 code of the country in which mobile numbers are read.
    pub country: String,
}

/// The terms of one ISP.
pub async fn isp_terms(read: &Read, isp_id: IspId) -> Result<IspTerms, Error> {
    #[derive(FromQueryResult)]
    struct Row {
        currency: String,
        time_zone: String,
        country: String,
    }
    let sql = Sql::new("SELECT currency, time_zone, country FROM isp")
        .with(" WHERE id = ", isp_id.as_uuid());
    let row = sql.one::<Row>(read).await?;
    let row = row.ok_or_else(|| Error::Unexpected("an ISP that is not there".to_owned()))?;
    Ok(IspTerms {
        currency: row
            .currency
            .parse()
            .map_err(|_| corrupt("isp", &row.currency))?,
        time_zone: row.time_zone,
        country: row.country,
    })
}
