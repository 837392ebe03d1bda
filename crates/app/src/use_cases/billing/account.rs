//! A customer's account inside one unit of work: issue an invoice, apply money, save what follows.
//!
//! Locks are taken in one order: the customer, then accounts by id, then the counter of numbers.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::{
    authz::CustomerRef,
    billing::{
        AccountKey, Invoice, InvoiceDraft, InvoiceStatus, charge, invoice_number, numbering_year,
    },
    customer::CustomerStatus,
    event::DomainEvent,
    ids::InvoiceId,
    money::Money,
    payment::{Application, Incoming, Payer, apply_money},
    period::{InvalidPeriod, Period},
    subscription::{Offer, ServiceState, next_period},
};
use persistence::{
    Error, Tx,
    counters::{self, CounterKind},
    repo::{
        invoices, ledger,
        ledger::Reference,
        payments,
        service::{self, Books},
    },
};

use crate::reactions;

/// A locked customer with how its ISP keeps the books.
pub(crate) struct CustomerAccount<'a> {
    tx: &'a Tx,
    pub(crate) books: Books,
    pub(crate) zone: Tz,
    /// As it stands now; saved by [`Self::save`].
    pub(crate) service: ServiceState,
    loaded: ServiceState,
}

impl<'a> CustomerAccount<'a> {
    /// Locks the customer; nothing when it is not there, or no longer whose it was.
    pub(crate) async fn lock(tx: &'a Tx, customer: &CustomerRef) -> Result<Option<Self>, Error> {
        let Some(state) = service::lock(tx, customer).await? else {
            return Ok(None);
        };
        let books = service::books(tx, customer.isp_id).await?;
        Self::of_locked(tx, books, state).map(Some)
    }

    /// The account of a customer whose row is locked already.
    pub(crate) fn of_locked(tx: &'a Tx, books: Books, state: ServiceState) -> Result<Self, Error> {
        let zone = zone_of(&books.time_zone)?;
        Ok(Self {
            tx,
            books,
            zone,
            loaded: state.clone(),
            service: state,
        })
    }

    fn now(&self) -> DateTime<Utc> {
        self.tx.now()
    }

    /// Locks the customer's account and those of the other sides of entries to come.
    pub(crate) async fn lock_books(&self, others: &[AccountKey]) -> Result<(), Error> {
        let mut keys = vec![AccountKey::Receivable(self.service.customer_id)];
        keys.extend_from_slice(others);
        ledger::lock_accounts(self.tx, self.service.isp_id, &keys).await?;
        Ok(())
    }

    /// The next period that the customer is to be billed for.
    pub(crate) async fn next_period(
        &self,
        offer: &Offer,
    ) -> Result<Result<Period, InvalidPeriod>, Error> {
        let billed = invoices::billed_until(self.tx, self.service.customer_id).await?;
        Ok(next_period(
            &self.service,
            offer,
            billed,
            self.now(),
            self.zone,
        ))
    }

    /// Issues an invoice: its number, its entry, the event.
    pub(crate) async fn issue(&self, draft: InvoiceDraft) -> Result<InvoiceId, Error> {
        let lines = by_category(&draft);
        let keys: Vec<_> = lines
            .iter()
            .map(|(category, _)| AccountKey::Income(category.clone()))
            .collect();
        self.lock_books(&keys).await?;
        let number = self.number("INV", CounterKind::Invoice).await?;
        let entry = charge(draft.customer_id, &number, &lines, draft.total)
            .map_err(|error| defect(&error))?;
        let id = InvoiceId::generate();
        let reference = Reference(Some(id.as_uuid()));
        let isp_id = self.service.isp_id;
        let entry_id = ledger::post(self.tx, isp_id, &entry, reference, self.now()).await?;
        let customer_id = draft.customer_id;
        let invoice = Invoice {
            id,
            isp_id,
            number,
            status: InvoiceStatus::Issued,
            issued_at: self.now(),
            paid: Money::zero(draft.total.currency()),
            void_reason: None,
            draft,
        };
        invoices::insert(self.tx, &invoice, entry_id).await?;
        let event = DomainEvent::InvoiceIssued {
            invoice_id: id,
            customer_id,
        };
        reactions::record(self.tx, event).await?;
        Ok(id)
    }

    /// The next number of a kind of document, counted in the ISP's year.
    pub(crate) async fn number(&self, prefix: &str, kind: CounterKind) -> Result<String, Error> {
        let year = numbering_year(self.now(), self.zone);
        let count = counters::next(self.tx, self.service.isp_id, kind, year).await?;
        Ok(invoice_number(prefix, year, count))
    }

    /// What money would do now. The books are locked.
    pub(crate) async fn apply(&self, incoming: Option<Incoming>) -> Result<Application, Error> {
        let customer_id = self.service.customer_id;
        let currency = self.books.currency;
        let owed = ledger::owed_by(self.tx, customer_id).await?;
        let payer = Payer {
            status: self.service.status,
            status_reason: self.service.status_reason,
            billing_type: self.service.billing_type,
            expires_at: self.service.expires_at,
            owed: Money::from_minor(owed, currency),
            open: invoices::open_of(self.tx, customer_id).await?,
            unspent: payments::unspent(self.tx, customer_id, currency).await?,
        };
        apply_money(&payer, incoming, self.now()).map_err(|error| defect(&error))
    }

    /// Marks what is paid, and extends and reactivates the service. Payments are written before.
    pub(crate) async fn carry_out(&mut self, application: &Application) -> Result<(), Error> {
        payments::allocate(self.tx, self.service.isp_id, &application.spent).await?;
        for part in &application.settlement.allocations {
            invoices::add_paid(self.tx, part.invoice_id, part.amount).await?;
        }
        invoices::settle_empty(self.tx, self.service.customer_id).await?;
        self.service.expires_at = application.expires_at;
        if application.reactivates {
            self.service.status = CustomerStatus::Active;
            self.service.status_reason = None;
        }
        Ok(())
    }

    /// Pays open invoices from the customer's credit.
    pub(crate) async fn settle_from_credit(&mut self) -> Result<(), Error> {
        let application = self.apply(None).await?;
        self.carry_out(&application).await
    }

    /// Writes the service where it changed, and what happened to it.
    pub(crate) async fn save(&self) -> Result<(), Error> {
        let (before, after) = (&self.loaded, &self.service);
        if before == after {
            return Ok(());
        }
        service::save(self.tx, before, after).await?;
        let customer_id = after.customer_id;
        if before.expires_at != after.expires_at {
            reactions::record(self.tx, DomainEvent::ServiceExtended { customer_id }).await?;
        }
        if before.status != after.status || before.status_reason != after.status_reason {
            reactions::record(self.tx, status_event(after)).await?;
        }
        Ok(())
    }
}

fn status_event(service: &ServiceState) -> DomainEvent {
    let customer_id = service.customer_id;
    match service.status {
        CustomerStatus::Active => DomainEvent::CustomerActivated { customer_id },
        CustomerStatus::Suspended => DomainEvent::CustomerSuspended {
            customer_id,
            reason: service
                .status_reason
                .map_or("other", domain::customer::SuspensionReason::as_str)
                .to_owned(),
        },
        CustomerStatus::Expired => DomainEvent::CustomerExpired { customer_id },
        CustomerStatus::Closed => DomainEvent::CustomerClosed { customer_id },
        CustomerStatus::Pending => DomainEvent::CustomerRestored { customer_id },
    }
}

/// The amounts of a draft as the ledger wants them: category and amount.
pub(crate) fn by_category(draft: &InvoiceDraft) -> Vec<(String, Money)> {
    draft
        .lines
        .iter()
        .map(|line| (line.category.as_str().to_owned(), line.amount))
        .collect()
}

/// The zone that an ISP counts its days in.
pub(crate) fn zone_of(name: &str) -> Result<Tz, Error> {
    name.parse()
        .map_err(|_| Error::Unexpected("an ISP has no known time zone".to_owned()))
}

pub(crate) fn defect(error: &impl std::fmt::Display) -> Error {
    Error::Unexpected(error.to_string())
}
