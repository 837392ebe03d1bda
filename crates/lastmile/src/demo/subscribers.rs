//! The subscribers of the demo: most of them paid, some about to run out, some cut off.

use app::use_cases::{
    customers::{CreateCustomer, SuspendCustomer, create_customer, suspend_customer},
    payments::{ReceivePayment, receive_payment},
};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    authz::{CustomerRef, IspRef},
    customer::{ConnectionType, SuspensionReason},
    idempotency::IdempotencyKey,
    ids::{CustomerId, OperatorId, PackageId, ZoneId},
    payment::PaymentMethod,
};

use super::{
    allowed,
    people::{BILLING, Resellers},
};
use crate::parts::Parts;

/// How many there are.
const COUNT: usize = 200;
/// The last so many stay offline, so that a person with `radclient` finds an account that is free.
pub(super) const OFFLINE: usize = 10;
/// Those who stay offline have paid for so long, that the demo may run for months.
const PAID_AHEAD: TimeDelta = TimeDelta::days(365);

/// The names of those whom the simulated network never dials in.
pub(super) fn offline() -> impl Iterator<Item = String> {
    (COUNT - OFFLINE..COUNT).map(username)
}

fn username(index: usize) -> String {
    format!("{}{:03}", first_name(index).to_lowercase(), index + 1)
}

fn first_name(index: usize) -> &'static str {
    FIRST.get(index % FIRST.len()).copied().unwrap_or("Rahim")
}

pub(super) const FIRST: [&str; 20] = [
    "Rahim", "Karim", "Fatema", "Nusrat", "Tanvir", "Jannat", "Sohel", "Rina", "Arif", "Mitu",
    "Shakib", "Laila", "Habib", "Parvin", "Rasel", "Moushumi", "Imran", "Shapla", "Jahid", "Poly",
];
pub(super) const LAST: [&str; 10] = [
    "Uddin",
    "Hossain",
    "Begum",
    "Islam",
    "Ahmed",
    "Khatun",
    "Miah",
    "Akter",
    "Chowdhury",
    "Sarker",
];

/// Makes them all.
pub(super) async fn all(
    parts: &Parts,
    isp: IspRef,
    packages: &[(PackageId, i64)],
    zones: &[ZoneId],
    resellers: &Resellers,
) -> anyhow::Result<()> {
    let now = parts.ctx.clock.now();
    for (index, &(package_id, _)) in packages.iter().cycle().take(COUNT).enumerate() {
        let operator_id = owner(index, resellers);
        let person = Wanted {
            index,
            package_id,
            zone_id: zones.get(index % zones.len().max(1)).copied(),
            operator_id,
            expires_at: expiry(index, now),
        };
        let id = create_customer(&parts.ctx, allowed(isp)?, person.into_command())
            .await?
            .item
            .customer
            .id;
        let customer = CustomerRef {
            id,
            isp_id: isp.id,
            operator_id,
        };
        history(parts, index, customer).await?;
    }
    Ok(())
}

/// Three of five are the ISP's own, the others a reseller's.
fn owner(index: usize, resellers: &Resellers) -> Option<OperatorId> {
    match index % 5 {
        3 => Some(resellers.operator.id),
        4 => Some(resellers.sub_operator.id),
        _ => None,
    }
}

fn expiry(index: usize, now: DateTime<Utc>) -> DateTime<Utc> {
    let days = i64::try_from(index % 28).unwrap_or(0);
    match index {
        _ if index >= COUNT - OFFLINE => now + PAID_AHEAD,
        // Run out already: the next look at expiries finds them.
        7 | 57 | 107 | 157 => now - TimeDelta::days(1),
        // Run out today.
        _ if index.is_multiple_of(28) => now + TimeDelta::hours(2),
        _ => now + TimeDelta::days(days),
    }
}

struct Wanted {
    index: usize,
    package_id: PackageId,
    zone_id: Option<ZoneId>,
    operator_id: Option<OperatorId>,
    expires_at: DateTime<Utc>,
}

impl Wanted {
    fn into_command(self) -> CreateCustomer {
        let index = self.index;
        let first = first_name(index);
        let last = LAST
            .get((index / FIRST.len()) % LAST.len())
            .copied()
            .unwrap_or("Uddin");
        CreateCustomer {
            name: format!("{first} {last}"),
            username: username(index),
            password: format!("pw-{:05}", (index + 1) * 7919 % 100_000),
            connection_type: ConnectionType::Pppoe,
            package_id: self.package_id,
            billing_type: Some(BILLING),
            mobile: Some(format!("017{:08}", 10_000_000 + index * 37_931)),
            email: None,
            national_id: None,
            zone_id: self.zone_id,
            operator_id: self.operator_id,
            address: Some(format!("House {}, Road {}", index % 60 + 1, index % 17 + 1)),
            device_type: None,
            static_ipv4: None,
            expires_at: Some(self.expires_at),
            notes: None,
            auto_renew: Some(!index.is_multiple_of(3)),
        }
    }
}

/// Some paid for the next month, some were cut off.
async fn history(parts: &Parts, index: usize, customer: CustomerRef) -> anyhow::Result<()> {
    if index % 4 == 1 && index < COUNT - OFFLINE {
        pay(parts, index, customer).await?;
    }
    let reason = match index {
        12 | 62 | 112 => SuspensionReason::NonPayment,
        90 => SuspensionReason::Violation,
        _ => return Ok(()),
    };
    let suspension = SuspendCustomer { reason, note: None };
    suspend_customer(&parts.ctx, allowed(customer)?, suspension).await?;
    Ok(())
}

async fn pay(parts: &Parts, index: usize, customer: CustomerRef) -> anyhow::Result<()> {
    let key = IdempotencyKey::parse(&format!(
        "demo-payment-{}",
        CustomerId::as_uuid(customer.id)
    ))?;
    let method = match index % 3 {
        0 => PaymentMethod::Cash,
        1 => PaymentMethod::MobileMoney,
        _ => PaymentMethod::BankTransfer,
    };
    let amount = price_of(index);
    let payment = ReceivePayment {
        amount: domain::money::Money::from_minor(amount, domain::money::Currency::BDT),
        method,
        reference: None,
        note: None,
        received_at: None,
        renew: true,
        allow_repeated_reference: false,
    };
    receive_payment(&parts.ctx, allowed(customer)?, key, payment).await?;
    Ok(())
}

/// What the package that a customer of that index was given costs.
const fn price_of(index: usize) -> i64 {
    match index % 4 {
        0 => 70_000,
        1 => 100_000,
        2 => 150_000,
        _ => 500_000,
    }
}
