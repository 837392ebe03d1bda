//! Makes a subscriber: its row, its first subscription, its account and the words it is found by,
//! all in one unit of work.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::{
    authz::{CustomerRef, IspRef, Proof, perm},
    catalog::Package,
    customer::{
        BillingType, ConnectionType, CustomerDraft, DeviceType, NewCustomer, check_draft,
        initial_status,
    },
    event::DomainEvent,
    field::FieldProblem,
    ids::{CustomerId, OperatorId, PackageId, ZoneId},
    period::anchor_day,
};
use persistence::{
    Constraint, Error, Tx,
    counters::{self, CounterKind},
    query::customers::{CustomerDetail, detail},
    repo::customers::{self, CustomerInsert},
};

use super::{references, snapshot, zone_of_isp, zone_problem};
use crate::{ctx::AppCtx, reactions};

/// A subscriber to be made.
#[derive(Clone)]
pub struct CreateCustomer {
    /// Its name.
    pub name: String,
    /// Its login name for the network.
    pub username: String,
    /// Its password for the network.
    pub password: String,
    /// How it is connected.
    pub connection_type: ConnectionType,
    /// What it buys.
    pub package_id: PackageId,
    /// When it pays; the package's way when absent.
    pub billing_type: Option<BillingType>,
    /// Where it is called, in any form.
    pub mobile: Option<String>,
    /// Where it is written to.
    pub email: Option<String>,
    /// An identity paper's number.
    pub national_id: Option<String>,
    /// Where it lives.
    pub zone_id: Option<ZoneId>,
    /// Whose customer it is; the maker's own when absent.
    pub operator_id: Option<OperatorId>,
    /// Where exactly.
    pub address: Option<String>,
    /// What stands there.
    pub device_type: Option<DeviceType>,
    /// An address of its own.
    pub static_ipv4: Option<String>,
    /// Until when it is served.
    pub expires_at: Option<DateTime<Utc>>,
    /// What people should know.
    pub notes: Option<String>,
    /// Whether credit buys the next period by itself; yes when absent.
    pub auto_renew: Option<bool>,
}

/// Why no subscriber is made.
#[derive(Debug, thiserror::Error)]
pub enum CreateCustomerError {
    /// Some fields are not good.
    #[error("some fields are not good")]
    Invalid(Vec<FieldProblem>),
    /// Another customer of the ISP has that login name, whatever its letter case.
    #[error("another customer has this user name")]
    UsernameTaken,
    /// Another customer of the ISP has that fixed address.
    #[error("another customer has this address")]
    StaticAddressTaken,
    /// The database, or the keys.
    #[error(transparent)]
    Infra(#[from] Error),
}

/// Makes a subscriber.
pub async fn create_customer(
    ctx: &AppCtx,
    proof: Proof<perm::CreateCustomers, IspRef>,
    cmd: CreateCustomer,
) -> Result<CustomerDetail, CreateCustomerError> {
    let tx = ctx.db.begin("create_customer", &proof).await?;
    let isp = *proof.resource();
    let (new, package) = checked(&tx, &isp, cmd).await?;
    let customer_ref = CustomerRef {
        id: CustomerId::generate(),
        isp_id: isp.id,
        operator_id: new.operator_id,
    };
    store(ctx, &tx, &customer_ref, new, &package).await?;
    let customer_id = customer_ref.id;
    reactions::record(&tx, DomainEvent::CustomerCreated { customer_id }).await?;
    let made = detail(&tx, &customer_ref).await?;
    let made = made.ok_or_else(|| Error::Unexpected("a new customer is not there".to_owned()))?;
    tx.set_resource("customer", customer_id.as_uuid());
    tx.record_change(None, Some(snapshot(&made.item.customer)));
    tx.commit().await.map_err(taken)?;
    ctx.signals.committed();
    Ok(made)
}

async fn checked(
    tx: &Tx,
    isp: &IspRef,
    cmd: CreateCustomer,
) -> Result<(NewCustomer, Package), CreateCustomerError> {
    let terms = customers::isp_terms(tx, isp.id).await?;
    let mut problems = Vec::new();
    let package = references::package_on_sale(tx, tx.actor(), isp.id, cmd.package_id).await?;
    let owner = references::owner(tx, tx.actor(), isp, cmd.operator_id).await?;
    if let Some(zone_id) = cmd.zone_id
        && !zone_of_isp(tx, tx.actor(), isp.id, zone_id).await?
    {
        problems.push(zone_problem());
    }
    let billing_type = match (&package, cmd.billing_type) {
        (_, Some(billing_type)) => billing_type,
        (Ok(package), None) => package.terms.billing_type,
        (Err(_), None) => BillingType::Prepaid,
    };
    let operator_id = owner.unwrap_or_else(|problem| {
        problems.push(problem);
        None
    });
    let draft = draft_of(cmd, billing_type, operator_id, tx.now());
    match (check_draft(draft, &terms.country), package) {
        (Ok(new), Ok(package)) if problems.is_empty() => Ok((new, package)),
        (new, package) => {
            problems.extend(package.err());
            problems.extend(new.err().unwrap_or_default());
            Err(CreateCustomerError::Invalid(problems))
        }
    }
}

fn draft_of(
    cmd: CreateCustomer,
    billing_type: BillingType,
    operator_id: Option<OperatorId>,
    now: DateTime<Utc>,
) -> CustomerDraft {
    CustomerDraft {
        name: cmd.name,
        username: cmd.username,
        password: cmd.password,
        mobile: cmd.mobile,
        email: cmd.email,
        national_id: cmd.national_id,
        connection_type: cmd.connection_type,
        billing_type,
        status: initial_status(billing_type, cmd.expires_at, now),
        package_id: cmd.package_id,
        zone_id: cmd.zone_id,
        operator_id,
        address: cmd.address,
        device_type: cmd.device_type,
        static_ipv4: cmd.static_ipv4,
        expires_at: cmd.expires_at.map(domain::clock::to_micros),
        auto_renew: cmd.auto_renew.unwrap_or(true),
        notes: cmd.notes,
    }
}

async fn store(
    ctx: &AppCtx,
    tx: &Tx,
    customer_ref: &CustomerRef,
    new: NewCustomer,
    package: &Package,
) -> Result<(), CreateCustomerError> {
    let terms = customers::isp_terms(tx, customer_ref.isp_id).await?;
    let zone: Tz = terms.time_zone.parse().unwrap_or(Tz::UTC);
    let sealed = ctx.keyring.seal(new.password.as_bytes());
    let insert = CustomerInsert {
        id: customer_ref.id,
        number: counters::next(tx, customer_ref.isp_id, CounterKind::Customer, 0).await?,
        status_reason: None,
        sealed_password: sealed.map_err(|error| Error::Unexpected(error.to_string()))?,
        anchor_day: anchor_day(new.expires_at.unwrap_or_else(|| tx.now()), zone),
        price: package.terms.price,
        new,
    };
    customers::insert_many(tx, customer_ref.isp_id, &[insert])
        .await
        .map_err(taken)
}

fn taken(error: Error) -> CreateCustomerError {
    if error.conflicts_with(Constraint::CustomerUsername) {
        return CreateCustomerError::UsernameTaken;
    }
    if error.conflicts_with(Constraint::CustomerStaticAddress) {
        return CreateCustomerError::StaticAddressTaken;
    }
    CreateCustomerError::Infra(error)
}
