//! What can go wrong between us and a database.

use sea_orm::{DbErr, RuntimeErr};

/// Why a unit of work did not happen. Absence is no error: it is an `Option`.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A uniqueness or reference rule refused the row.
    #[error("conflicts with {0:?}")]
    Conflict(Constraint),
    /// Another unit of work was in the way; trying again makes sense.
    #[error("another unit of work is in the way")]
    Contention,
    /// The database does not answer.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// Anything else: a defect.
    #[error("unexpected database error: {0}")]
    Unexpected(String),
}

impl Error {
    /// Whether that rule refused the row.
    #[must_use]
    pub fn conflicts_with(&self, constraint: Constraint) -> bool {
        matches!(self, Self::Conflict(broken) if *broken == constraint)
    }
}

macro_rules! constraints {
    ($($(#[$doc:meta])* $name:ident = $postgres:literal, $sqlite:literal;)*) => {
        /// A rule of the schema that a caller may run into, by meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Constraint {
            $($(#[$doc])* $name,)*
            /// A rule that no caller is expected to run into.
            Other,
        }

        impl Constraint {
            /// Finds the rule in a driver's message: PostgreSQL names it, SQLite its columns.
            fn in_message(message: &str) -> Self {
                $(if message.contains(concat!("\"", $postgres, "\"")) || message.ends_with($sqlite) {
                    return Self::$name;
                })*
                Self::Other
            }
        }
    };
}

constraints! {
    /// A login name is taken.
    UserLogin = "app_user_login_key", "failed: app_user.login_key";
    /// Two ISPs of a tenancy have one name.
    IspName = "isp_name_key", "failed: isp.tenancy_id, isp.name";
    /// Two operators of an ISP have one name.
    OperatorName = "operator_name_key", "failed: operator.isp_id, operator.name";
    /// Two zones of an ISP have one name.
    ZoneName = "zone_name_key", "failed: zone.isp_id, zone.name";
    /// Two packages of an ISP have one name.
    PackageName = "package_name_key", "failed: package.isp_id, package.name";
    /// Two RADIUS clients of an ISP have one name.
    NasName = "nas_name_key", "failed: nas.isp_id, nas.name";
    /// Two RADIUS clients of an ISP have one address.
    NasAddress = "nas_address_key", "failed: nas.isp_id, nas.address";
    /// Two RADIUS clients of an ISP are known by one certificate.
    NasRadSecIdentity = "nas_radsec_identity_key", "failed: nas.isp_id, nas.radsec_identity";
    /// Two realms of an ISP have one name.
    RealmName = "realm_name_key", "failed: realm.isp_id, realm.name";
    /// Two watched routers of an ISP have one name.
    RouterName = "router_name_key", "failed: router.isp_id, router.name_key";
    /// Two watched routers of an ISP are one.
    RouterAddress = "router_address_key", "failed: router.isp_id, router.host, router.port";
    /// Two customers of an ISP have one login name.
    CustomerUsername = "customer_username_key", "failed: customer.isp_id, customer.username_key";
    /// Two customers of an ISP have one number.
    CustomerNumber = "customer_number_key", "failed: customer.isp_id, customer.number";
    /// Two customers of an ISP have one fixed address.
    CustomerStaticAddress = "customer_static_ipv4_key", "failed: customer.isp_id, customer.static_ipv4";
    /// An account was opened twice.
    AccountName = "account_name_key", "failed: account.isp_id, account.kind, account.name";
    /// A customer's account was opened twice.
    AccountCustomer = "account_customer_key", "failed: account.customer_id";
    /// An invoice number was given twice.
    InvoiceNumber = "invoice_number_key", "failed: invoice.isp_id, invoice.number";
    /// A receipt number was given twice.
    PaymentReceipt = "payment_receipt_key", "failed: payment.isp_id, payment.receipt_number";
    /// An idempotency key was claimed twice.
    IdempotencyKey = "idempotency_key_pkey", "failed: idempotency_key.isp_id, idempotency_key.actor, idempotency_key.operation, idempotency_key.key";
    /// A job with that key waits already.
    JobDedupKey = "job_dedup_key", "failed: job.dedup_key";
    /// An upload of the ISP is being applied already.
    ImportRunning = "import_run_running_key", "failed: import_run.isp_id";
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        let message = error.to_string();
        if matches!(error, DbErr::ConnectionAcquire(_) | DbErr::Conn(_))
            || is_connection_lost(&error)
        {
            return Self::Unavailable(message);
        }
        if error.sql_err().is_some() {
            return Self::Conflict(Constraint::in_message(&message));
        }
        if ["40001", "40P01", "55P03"].contains(&sqlstate(&error).as_str())
            || message.contains("database is locked")
        {
            return Self::Contention;
        }
        Self::Unexpected(message)
    }
}

fn driver_error(error: &DbErr) -> Option<&sea_orm::sqlx::Error> {
    match error {
        DbErr::Exec(RuntimeErr::SqlxError(inner)) | DbErr::Query(RuntimeErr::SqlxError(inner)) => {
            Some(inner)
        }
        _ => None,
    }
}

fn is_connection_lost(error: &DbErr) -> bool {
    use sea_orm::sqlx::Error as Driver;
    matches!(
        driver_error(error),
        Some(Driver::Io(_) | Driver::PoolTimedOut | Driver::PoolClosed | Driver::WorkerCrashed)
    ) || matches!(
        sqlstate(error).as_str(),
        "57P01" | "57P02" | "57P03" | "08006" | "08001"
    )
}

fn sqlstate(error: &DbErr) -> String {
    driver_error(error)
        .and_then(|inner| inner.as_database_error())
        .and_then(|database| database.code())
        .map(std::borrow::Cow::into_owned)
        .unwrap_or_default()
}
