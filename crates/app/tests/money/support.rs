//! What the tests of money share.

use app::use_cases::{
    billing::{GenerateBill, GenerateBillError, generate_bill},
    payments::{ReceivePayment, ReceivePaymentError, receive_payment},
};
use chrono::{DateTime, Utc};
use domain::{
    clock::Clock as _,
    customer::BillingType,
    idempotency::IdempotencyKey,
    ids::CustomerId,
    money::{Currency, Money},
    payment::PaymentMethod,
};
use persistence::{
    query::{invoices::InvoiceItem, payments::PaymentItem},
    repo::ledger,
};
use testkit::World;

pub(crate) fn taka(minor: i64) -> Money {
    Money::from_minor(minor, Currency::BDT)
}

pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("invariant: a valid instant")
}

pub(crate) fn key(name: impl std::fmt::Display) -> IdempotencyKey {
    IdempotencyKey::parse(&format!("test-key-{name}")).expect("invariant: a valid key")
}

/// A customer as a test wants it.
pub(crate) struct Given {
    pub(crate) status: &'static str,
    pub(crate) reason: Option<&'static str>,
    pub(crate) billing_type: BillingType,
    pub(crate) expires_at: Option<DateTime<Utc>>,
    pub(crate) auto_renew: bool,
}

impl Default for Given {
    fn default() -> Self {
        Self {
            status: "active",
            reason: None,
            billing_type: BillingType::Prepaid,
            expires_at: Some(at("2026-11-25T18:00:00Z")),
            auto_renew: false,
        }
    }
}

pub(crate) async fn customer(world: &World, given: Given) -> CustomerId {
    let id = CustomerId::generate();
    let number = world
        .number("SELECT COUNT(*) + 1 FROM customer", vec![])
        .await;
    let name = format!("Customer {number}");
    let now = world.clock.now();
    world
        .sql(
            "INSERT INTO customer (id, isp_id, number, name, name_key, connection_type, username, \
             username_key, password, billing_type, status, status_reason, status_changed_at, \
             package_id, expires_at, anchor_day, auto_renew, version, created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $4, 'pppoe', $4, $4, $5, $6, $7, $8, $9, $10, $11, 26, $12, 1, $9, $9)",
            vec![
                id.as_uuid().into(),
                world.isp_id.as_uuid().into(),
                number.into(),
                name.into(),
                vec![0_u8].into(),
                given.billing_type.as_str().into(),
                given.status.into(),
                given.reason.into(),
                now.into(),
                world.package_id.as_uuid().into(),
                given.expires_at.into(),
                given.auto_renew.into(),
            ],
        )
        .await;
    id
}

pub(crate) fn cash(minor: i64) -> ReceivePayment {
    ReceivePayment {
        amount: taka(minor),
        method: PaymentMethod::Cash,
        reference: None,
        note: None,
        received_at: None,
        renew: false,
        allow_repeated_reference: false,
    }
}

pub(crate) async fn pay(
    world: &World,
    id: CustomerId,
    name: &str,
    cmd: ReceivePayment,
) -> Result<PaymentItem, ReceivePaymentError> {
    let proof = world.proof(world.customer(id));
    receive_payment(&world.ctx, proof, key(name), cmd).await
}

pub(crate) async fn bill(
    world: &World,
    id: CustomerId,
    name: &str,
    cmd: GenerateBill,
) -> Result<InvoiceItem, GenerateBillError> {
    let proof = world.proof(world.customer(id));
    generate_bill(&world.ctx, proof, key(name), cmd).await
}

pub(crate) async fn status(world: &World, id: CustomerId) -> (String, Option<String>) {
    let rows = world
        .rows(
            "SELECT status, status_reason FROM customer WHERE id = $1",
            vec![id.as_uuid().into()],
        )
        .await;
    let row = rows.first().expect("the customer is there");
    (
        row.try_get_by_index(0).expect("a status"),
        row.try_get_by_index(1).expect("a reason"),
    )
}

pub(crate) async fn expires_at(world: &World, id: CustomerId) -> Option<DateTime<Utc>> {
    let rows = world
        .rows(
            "SELECT expires_at FROM customer WHERE id = $1",
            vec![id.as_uuid().into()],
        )
        .await;
    let row = rows.first().expect("the customer is there");
    row.try_get_by_index(0).expect("an instant")
}

/// What the customer owes (positive) or has with us (negative).
pub(crate) async fn owed(world: &World, id: CustomerId) -> i64 {
    let read = world.db().read(&world.scope()).await.expect("a view");
    ledger::owed_by(&read, id).await.expect("a balance")
}

pub(crate) async fn count(world: &World, table: &str) -> i64 {
    world
        .number(&format!("SELECT COUNT(*) FROM {table}"), vec![])
        .await
}

pub(crate) async fn events(world: &World, name: &str) -> i64 {
    world
        .number(
            "SELECT COUNT(*) FROM domain_event WHERE name = $1",
            vec![name.into()],
        )
        .await
}

/// The numbers of a kind of document, in order, without gaps and each once.
pub(crate) async fn assert_gap_free(world: &World, table: &str, column: &str, prefix: &str) {
    let sql = format!("SELECT {column} FROM {table} ORDER BY {column}");
    let numbers: Vec<String> = world
        .rows(&sql, vec![])
        .await
        .iter()
        .map(|row| row.try_get_by_index(0).expect("a number"))
        .collect();
    let wanted: Vec<String> = (1..=numbers.len())
        .map(|count| format!("{prefix}-2026-{count:06}"))
        .collect();
    assert_eq!(numbers, wanted);
}

/// Whatever happened: both sides are equal, every running balance is the sum of its postings,
/// every invoice is paid with what was allocated to it and never with more than it asks for, and
/// each customer's account is what is open less what is credit.
pub(crate) async fn assert_books(world: &World) {
    let sum = "SELECT CAST(COALESCE(SUM(balance_minor), 0) AS BIGINT) FROM account";
    assert_eq!(world.number(sum, vec![]).await, 0, "both sides are equal");
    let crooked = "SELECT COUNT(*) FROM (SELECT entry_id FROM posting GROUP BY entry_id \
        HAVING SUM(amount_minor) <> 0) crooked";
    assert_eq!(world.number(crooked, vec![]).await, 0, "entries balance");
    let read = world.db().read(&world.scope()).await.expect("a view");
    let differences = ledger::differences(&read, world.isp_id)
        .await
        .expect("a comparison");
    assert_eq!(differences, []);
    let overspent = "SELECT COUNT(*) FROM payment p WHERE p.amount_minor < (SELECT \
        COALESCE(SUM(a.amount_minor), 0) FROM payment_allocation a \
        JOIN invoice i ON i.id = a.invoice_id WHERE a.payment_id = p.id AND i.status <> 'void')";
    assert_eq!(
        world.number(overspent, vec![]).await,
        0,
        "no payment is spent twice"
    );
    let unexplained = "SELECT COUNT(*) FROM invoice i WHERE i.paid_minor <> (SELECT \
        COALESCE(SUM(a.amount_minor), 0) FROM payment_allocation a WHERE a.invoice_id = i.id)";
    assert_eq!(
        world.number(unexplained, vec![]).await,
        0,
        "what is paid came from payments"
    );
    let last = "SELECT COUNT(*) FROM account a WHERE a.customer_id IS NOT NULL \
        AND a.balance_minor <> (SELECT p.balance_after_minor FROM posting p \
        WHERE p.account_id = a.id ORDER BY p.at DESC, p.entry_id DESC LIMIT 1)";
    assert_eq!(
        world.number(last, vec![]).await,
        0,
        "statements end in the balance"
    );
}
