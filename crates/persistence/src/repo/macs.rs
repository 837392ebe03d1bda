//! Devices that customers are known by, in one normal form.

use chrono::{DateTime, Utc};
use domain::{
    ids::{CustomerId, IspId, UserId},
    mac::MacAddress,
};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::{
    Backend, Error, Read, Tx,
    sql::{self, values},
    statement::corrupt,
};

/// A device of a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerMac {
    /// Whose.
    pub customer_id: CustomerId,
    /// Its hardware address.
    pub mac: MacAddress,
    /// What people call it.
    pub label: Option<String>,
    /// Whether it made itself known by the first login.
    pub learnt: bool,
    /// Who added it.
    pub added_by: Option<UserId>,
    /// Since when it is known.
    pub added_at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct MacRow {
    customer_id: Uuid,
    mac: String,
    label: Option<String>,
    learnt: bool,
    added_by: Option<Uuid>,
    added_at: DateTime<Utc>,
}

impl MacRow {
    fn into_mac(self) -> Result<CustomerMac, Error> {
        Ok(CustomerMac {
            customer_id: CustomerId::from_uuid(self.customer_id),
            mac: self
                .mac
                .parse()
                .map_err(|_| corrupt("customer_mac", &self.mac))?,
            label: self.label,
            learnt: self.learnt,
            added_by: self.added_by.map(UserId::from_uuid),
            added_at: self.added_at,
        })
    }
}

const COLUMNS: &str = "customer_id, mac, label, learnt, added_by, added_at";

/// The devices of one customer, oldest first.
pub async fn of_customer(read: &Read, id: CustomerId) -> Result<Vec<CustomerMac>, Error> {
    between(read, id, id).await
}

/// The devices of customers whose ids lie between two, both included.
pub(crate) async fn between(
    read: &Read,
    first: CustomerId,
    last: CustomerId,
) -> Result<Vec<CustomerMac>, Error> {
    let statement = format!(
        "SELECT {COLUMNS} FROM customer_mac WHERE customer_id >= $1 AND customer_id <= $2 \
         ORDER BY customer_id, added_at, mac"
    );
    let bounds = values![first.as_uuid(), last.as_uuid()];
    sql::all::<MacRow>(read, &statement, bounds)
        .await?
        .into_iter()
        .map(MacRow::into_mac)
        .collect()
}

/// Adds a device; answers whether it was new to the customer.
pub async fn add(tx: &Tx, isp_id: IspId, device: &CustomerMac) -> Result<bool, Error> {
    let added = sql::execute(
        tx,
        "INSERT INTO customer_mac (isp_id, customer_id, mac, label, learnt, added_by, added_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        values![
            isp_id.as_uuid(),
            device.customer_id.as_uuid(),
            device.mac.to_string(),
            device.label.clone(),
            device.learnt,
            device.added_by.map(UserId::as_uuid),
            device.added_at,
        ],
    )
    .await?;
    Ok(added > 0)
}

/// Binds the device of a first login, unless the customer has one by now; answers whether it did.
pub async fn bind_first(
    tx: &Tx,
    isp_id: IspId,
    id: CustomerId,
    mac: MacAddress,
) -> Result<bool, Error> {
    if tx.backend() == Backend::Postgres {
        // Two first logins at once must not both bind theirs.
        let lock = "SELECT id FROM customer WHERE id = $1 FOR UPDATE";
        sql::row(tx, lock, values![id.as_uuid()]).await?;
    }
    if !of_customer(tx, id).await?.is_empty() {
        return Ok(false);
    }
    let device = CustomerMac {
        customer_id: id,
        mac,
        label: None,
        learnt: true,
        added_by: None,
        added_at: tx.now(),
    };
    add(tx, isp_id, &device).await
}

/// Removes a device; answers whether it was the customer's.
pub async fn remove(
    tx: &Tx,
    isp_id: IspId,
    id: CustomerId,
    mac: MacAddress,
) -> Result<bool, Error> {
    let removed = sql::execute(
        tx,
        "DELETE FROM customer_mac WHERE isp_id = $1 AND customer_id = $2 AND mac = $3",
        values![isp_id.as_uuid(), id.as_uuid(), mac.to_string()],
    )
    .await?;
    Ok(removed > 0)
}
