//! Invoices, payments and the books.

use chrono::{DateTime, Utc};
use domain::authz::{Actor, Permission};
use persistence::query::{
    invoices::{CustomerName, InvoiceItem, LineItem},
    overview::Overview,
    payments::{AllocationItem, PaymentItem},
    statement::StatementLine,
    trial_balance::{TrialBalance, TrialBalanceLine},
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{MoneyView, NamedView};
use crate::{extract::cursor_page, wire::wire_enum};

wire_enum! {
    /// Where an invoice stands.
    InvoiceStatus = domain::billing::InvoiceStatus { Issued, PartlyPaid, Paid, Void }
}

wire_enum! {
    /// What a line charges for.
    LineCategory = domain::billing::LineCategory { Service, Other }
}

wire_enum! {
    /// How money came in.
    PaymentMethod = domain::payment::PaymentMethod {
        Cash, BankTransfer, Cheque, Card, MobileMoney, Gateway, Wallet, AccountCredit, Voucher,
    }
}

/// A customer by number and name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerBrief {
    pub(crate) id: Uuid,
    pub(crate) number: i64,
    pub(crate) name: String,
}

impl From<CustomerName> for CustomerBrief {
    fn from(CustomerName { id, number, name }: CustomerName) -> Self {
        Self {
            id: id.as_uuid(),
            number,
            name,
        }
    }
}

/// A line of an invoice.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InvoiceLineView {
    description: String,
    category: LineCategory,
    quantity: i64,
    unit_price: MoneyView,
    amount: MoneyView,
}

impl From<LineItem> for InvoiceLineView {
    fn from(line: LineItem) -> Self {
        let LineItem {
            description,
            category,
            quantity,
            unit_price,
            amount,
        } = line;
        let (unit_price, amount) = (unit_price.into(), amount.into());
        Self {
            description,
            category: category.into(),
            quantity,
            unit_price,
            amount,
        }
    }
}

/// An invoice.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InvoiceView {
    pub(crate) id: Uuid,
    number: String,
    customer: CustomerBrief,
    status: InvoiceStatus,
    /// Whether it should have been paid by now.
    overdue: bool,
    period_start: DateTime<Utc>,
    period_end: DateTime<Utc>,
    issued_at: DateTime<Utc>,
    due_at: DateTime<Utc>,
    total: MoneyView,
    paid: MoneyView,
    lines: Vec<InvoiceLineView>,
    void_reason: Option<String>,
}

cursor_page! {
    /// A page of invoices.
    InvoicePage of InvoiceView
}

impl From<InvoiceItem> for InvoiceView {
    fn from(item: InvoiceItem) -> Self {
        Self {
            id: item.id.as_uuid(),
            number: item.number,
            customer: item.customer.into(),
            status: item.status.into(),
            overdue: item.overdue,
            period_start: item.period_start,
            period_end: item.period_end,
            issued_at: item.issued_at,
            due_at: item.due_at,
            total: item.total.into(),
            paid: item.paid.into(),
            lines: item.lines.into_iter().map(Into::into).collect(),
            void_reason: item.void_reason,
        }
    }
}

/// What of a payment went to which invoice.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AllocationView {
    invoice_id: Uuid,
    invoice_number: String,
    amount: MoneyView,
}

impl From<AllocationItem> for AllocationView {
    fn from(
        AllocationItem {
            invoice_id,
            invoice_number,
            amount,
        }: AllocationItem,
    ) -> Self {
        Self {
            invoice_id: invoice_id.as_uuid(),
            invoice_number,
            amount: amount.into(),
        }
    }
}

/// Money received.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PaymentView {
    pub(crate) id: Uuid,
    receipt_number: String,
    customer: CustomerBrief,
    amount: MoneyView,
    method: PaymentMethod,
    reference: Option<String>,
    note: Option<String>,
    received_at: DateTime<Utc>,
    received_by: Option<NamedView>,
    allocations: Vec<AllocationView>,
    /// What stays as the customer's credit.
    credited: MoneyView,
    /// What the customer has with us after it; negative means it owes.
    customer_balance: MoneyView,
    /// Until when the customer is served after it.
    expires_at: Option<DateTime<Utc>>,
    /// Whether it put the customer back on line.
    reactivated: bool,
}

cursor_page! {
    /// A page of payments.
    PaymentPage of PaymentView
}

impl From<PaymentItem> for PaymentView {
    fn from(item: PaymentItem) -> Self {
        let received_by = item.received_by.map(|by| NamedView {
            id: by.id.as_uuid(),
            name: by.name,
        });
        Self {
            id: item.id.as_uuid(),
            receipt_number: item.receipt_number,
            customer: item.customer.into(),
            amount: item.amount.into(),
            method: item.method.into(),
            reference: item.reference,
            note: item.note,
            received_at: item.received_at,
            received_by,
            allocations: item.allocations.into_iter().map(Into::into).collect(),
            credited: item.credited.into(),
            customer_balance: item.customer_balance.into(),
            expires_at: item.expires_at,
            reactivated: item.reactivated,
        }
    }
}

/// A line of a customer's statement.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StatementEntry {
    at: DateTime<Utc>,
    cause: String,
    description: String,
    debit: Option<MoneyView>,
    credit: Option<MoneyView>,
    /// What the customer has with us after it; negative means it owes.
    balance: MoneyView,
    reference: Option<String>,
}

cursor_page! {
    /// A page of a customer's statement.
    StatementPage of StatementEntry
}

impl From<StatementLine> for StatementEntry {
    fn from(line: StatementLine) -> Self {
        Self {
            at: line.at,
            cause: line.cause.as_str().to_owned(),
            description: line.description,
            debit: line.debit.map(Into::into),
            credit: line.credit.map(Into::into),
            balance: line.balance.into(),
            reference: line.reference,
        }
    }
}

/// An account of the books.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TrialBalanceRow {
    account: String,
    kind: String,
    debit: MoneyView,
    credit: MoneyView,
}

/// All accounts; both sides add up to the same.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TrialBalanceView {
    items: Vec<TrialBalanceRow>,
    total_debit: MoneyView,
    total_credit: MoneyView,
}

impl From<TrialBalance> for TrialBalanceView {
    fn from(
        TrialBalance {
            lines,
            total_debit,
            total_credit,
        }: TrialBalance,
    ) -> Self {
        let row = |line: TrialBalanceLine| TrialBalanceRow {
            account: line.account,
            kind: line.kind.as_str().to_owned(),
            debit: line.debit.into(),
            credit: line.credit.into(),
        };
        Self {
            items: lines.into_iter().map(row).collect(),
            total_debit: total_debit.into(),
            total_credit: total_credit.into(),
        }
    }
}

/// What is due today.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DueToday {
    count: i64,
    amount: MoneyView,
}

/// The state of the business at one glance.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OverviewView {
    online_now: i64,
    active: i64,
    suspended: i64,
    expired: i64,
    customers: i64,
    /// Null for who may see no reports.
    revenue_this_month: Option<MoneyView>,
    /// Null for who may see no reports.
    revenue_last_month: Option<MoneyView>,
    /// Null for who may see no invoices.
    collected_today: Option<MoneyView>,
    /// Null for who may see no invoices.
    due_today: Option<DueToday>,
    new_this_month: i64,
    /// Cuts that were unusually many and wait for a person.
    held_cuts: Option<HeldCutsView>,
}

/// Cuts that wait for a person. Who is held is served until then.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HeldCutsView {
    since: DateTime<Utc>,
    customers: i64,
}

impl OverviewView {
    /// The numbers that the caller may see; sums of money need a permission of their own.
    pub(crate) fn shown_to(actor: &Actor, overview: &Overview) -> Self {
        let invoices = actor.may(Permission::ViewInvoices);
        let reports = actor.may(Permission::ViewFinancialReports)
            || (invoices && actor.may(Permission::ViewReports));
        let due_today = DueToday {
            count: overview.due_today_count,
            amount: overview.due_today_amount.into(),
        };
        Self {
            online_now: overview.online_now,
            active: overview.active,
            suspended: overview.suspended,
            expired: overview.expired,
            customers: overview.customers,
            revenue_this_month: reports.then(|| overview.revenue_this_month.into()),
            revenue_last_month: reports.then(|| overview.revenue_last_month.into()),
            collected_today: invoices.then(|| overview.collected_today.into()),
            due_today: invoices.then_some(due_today),
            new_this_month: overview.new_this_month,
            held_cuts: overview.held_cuts.map(|held| HeldCutsView {
                since: held.since,
                customers: held.customers,
            }),
        }
    }
}
