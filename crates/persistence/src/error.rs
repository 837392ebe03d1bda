//! What can go wrong between us and a database.

use sea_orm::{
    DbErr, RuntimeErr,
    sqlx::{Error as Driver, error::ErrorKind},
};

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
    /// The database cannot keep what it is given: its disk is full or broken. Somebody should look.
    #[error("the database cannot write: {0}")]
    Storage(String),
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
        if matches!(error, DbErr::ConnectionAcquire(_) | DbErr::Conn(_)) {
            return Self::Unavailable(message);
        }
        match driver_error(&error) {
            Some(driver) => Self::of_driver(driver, message),
            None => Self::Unexpected(message),
        }
    }
}

impl Error {
    /// Whether the same may well succeed a little later.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        match self {
            Self::Contention | Self::Unavailable(_) | Self::Storage(_) => true,
            Self::Conflict(_) | Self::Unexpected(_) => false,
        }
    }

    fn of_driver(driver: &Driver, message: String) -> Self {
        let Some(database) = driver.as_database_error() else {
            let lost = matches!(
                driver,
                Driver::Io(_)
                    | Driver::Tls(_)
                    | Driver::PoolTimedOut
                    | Driver::PoolClosed
                    | Driver::WorkerCrashed
                    | Driver::BeginFailed
            );
            return if lost {
                Self::Unavailable(message)
            } else {
                Self::Unexpected(message)
            };
        };
        if matches!(
            database.kind(),
            ErrorKind::UniqueViolation | ErrorKind::ForeignKeyViolation
        ) {
            return Self::Conflict(Constraint::in_message(&message));
        }
        let code = database.code().unwrap_or_default();
        // A SQLSTATE has five signs; SQLite has numbers, whose last byte is the primary code.
        match code.parse::<u32>() {
            Ok(number) if code.len() < 5 => Self::of_sqlite(number & 0xff, message),
            Ok(_) | Err(_) => Self::of_sqlstate(&code, message),
        }
    }

    /// <https://sqlite.org/rescode.html>
    fn of_sqlite(primary: u32, message: String) -> Self {
        match primary {
            // BUSY, LOCKED
            5 | 6 => Self::Contention,
            // NOMEM, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB
            7 | 8 | 10 | 11 | 13 | 14 | 26 => Self::Storage(message),
            _ => Self::Unexpected(message),
        }
    }

    /// <https://www.postgresql.org/docs/current/errcodes-appendix.html>
    fn of_sqlstate(code: &str, message: String) -> Self {
        match code {
            // serialization_failure, deadlock_detected, lock_not_available
            "40001" | "40P01" | "55P03" => Self::Contention,
            // disk_full, out_of_memory, io_error, data_corrupted, index_corrupted
            "53100" | "53200" | "58030" | "XX001" | "XX002" => Self::Storage(message),
            // too_many_connections, a server that stops or starts, one that only reads: it is a
            // standby that was not promoted yet.
            "53300" | "57P01" | "57P02" | "57P03" | "25006" => Self::Unavailable(message),
            _ if code.starts_with("08") => Self::Unavailable(message),
            _ => Self::Unexpected(message),
        }
    }
}

fn driver_error(error: &DbErr) -> Option<&Driver> {
    match error {
        DbErr::Exec(RuntimeErr::SqlxError(inner)) | DbErr::Query(RuntimeErr::SqlxError(inner)) => {
            Some(inner)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sqlite(number: u32) -> Error {
        Error::of_sqlite(number & 0xff, "said".to_owned())
    }

    fn postgres(code: &str) -> Error {
        Error::of_sqlstate(code, "said".to_owned())
    }

    #[test]
    fn a_full_or_broken_disk_is_told_from_a_defect() {
        // FULL, IOERR and its extended codes of write, fsync and truncate, READONLY_DBMOVED
        for number in [13, 10, 778, 1034, 1546, 1032] {
            assert!(matches!(sqlite(number), Error::Storage(_)), "{number}");
        }
        for code in ["53100", "58030"] {
            assert!(matches!(postgres(code), Error::Storage(_)), "{code}");
        }
        assert!(matches!(sqlite(1), Error::Unexpected(_)));
        assert!(matches!(postgres("42601"), Error::Unexpected(_)));
        // in_failed_sql_transaction: somebody went on after a statement that failed.
        assert!(matches!(postgres("25P02"), Error::Unexpected(_)));
    }

    #[test]
    fn who_waits_is_told_from_who_is_away() {
        // BUSY, BUSY_SNAPSHOT, LOCKED_SHAREDCACHE
        for number in [5, 517, 262] {
            assert!(matches!(sqlite(number), Error::Contention), "{number}");
        }
        assert!(matches!(postgres("40P01"), Error::Contention));
        for code in ["57P01", "08006", "25006", "53300"] {
            assert!(matches!(postgres(code), Error::Unavailable(_)), "{code}");
        }
    }
}
