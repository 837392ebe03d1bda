//! What people type about a subscriber, checked as a whole.

use chrono::{DateTime, Utc};

use super::{BillingType, ConnectionType, Customer, CustomerStatus, DeviceType, NewCustomer};
use crate::{
    field::{FieldProblem, Fields, text_code},
    ids::{OperatorId, PackageId, ZoneId},
    patch::Patch,
    phone::PhoneNumber,
    username::Username,
};

/// The longest password for the network; RADIUS carries no longer one.
pub const MAX_PASSWORD: usize = 128;
const MAX_NAME: usize = 120;
const MAX_NATIONAL_ID: usize = 40;
const MAX_ADDRESS: usize = 500;
const MAX_NOTES: usize = 4_000;

/// A subscriber as it is typed or read from a file.
#[derive(Clone)]
pub struct CustomerDraft {
    /// Its name.
    pub name: String,
    /// Its login name for the network.
    pub username: String,
    /// Its password for the network, kept to the letter.
    pub password: String,
    /// Where it is called, in any form.
    pub mobile: Option<String>,
    /// Where it is written to.
    pub email: Option<String>,
    /// An identity paper's number.
    pub national_id: Option<String>,
    /// How it is connected.
    pub connection_type: ConnectionType,
    /// When it pays.
    pub billing_type: BillingType,
    /// Where it starts.
    pub status: CustomerStatus,
    /// What it buys.
    pub package_id: PackageId,
    /// Where it lives.
    pub zone_id: Option<ZoneId>,
    /// Whose customer it is.
    pub operator_id: Option<OperatorId>,
    /// Where exactly.
    pub address: Option<String>,
    /// What stands there.
    pub device_type: Option<DeviceType>,
    /// An address of its own.
    pub static_ipv4: Option<String>,
    /// Until when it is served.
    pub expires_at: Option<DateTime<Utc>>,
    /// Whether credit buys the next period by itself.
    pub auto_renew: bool,
    /// What people should know.
    pub notes: Option<String>,
}

/// Checks every field; `country` is the ISP's, in which mobile numbers are read.
pub fn check_draft(draft: CustomerDraft, country: &str) -> Result<NewCustomer, Vec<FieldProblem>> {
    let mut fields = Fields::default();
    let name = fields.line("name", &draft.name, MAX_NAME);
    let username = read_username(&mut fields, &draft.username);
    check_password(&mut fields, &draft.password);
    let mobile = read_mobile(&mut fields, draft.mobile.as_deref(), country);
    let email = fields.optional_email("email", draft.email.as_deref());
    let national_id =
        fields.optional_line("national_id", draft.national_id.as_deref(), MAX_NATIONAL_ID);
    let address = fields.optional_paragraph("address", draft.address.as_deref(), MAX_ADDRESS);
    let notes = fields.optional_paragraph("notes", draft.notes.as_deref(), MAX_NOTES);
    let static_ipv4 = fields.optional_ipv4("static_ipv4", draft.static_ipv4.as_deref());
    check_expiry(&mut fields, draft.expires_at);
    let username = fields.finish(username)?;
    Ok(NewCustomer {
        name,
        mobile,
        email,
        national_id,
        connection_type: draft.connection_type,
        username: username.expect("invariant: a missing user name is a refused field"),
        password: draft.password,
        billing_type: draft.billing_type,
        status: draft.status,
        package_id: draft.package_id,
        zone_id: draft.zone_id,
        operator_id: draft.operator_id,
        address,
        device_type: draft.device_type,
        static_ipv4,
        expires_at: draft.expires_at,
        auto_renew: draft.auto_renew,
        notes,
    })
}

/// Where a new subscriber starts: whoever has paid time, or pays afterwards, is served at once.
#[must_use]
pub fn initial_status(
    billing_type: BillingType,
    expires_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> CustomerStatus {
    match (billing_type, expires_at) {
        (BillingType::Prepaid, Some(until)) if until > now => CustomerStatus::Active,
        (BillingType::Prepaid, _) => CustomerStatus::Pending,
        (BillingType::Postpaid, _) => CustomerStatus::Active,
    }
}

/// What changes of a subscriber; status, package and money have verbs of their own.
#[derive(Clone, Default)]
pub struct CustomerEdit {
    /// Another name.
    pub name: Option<String>,
    /// Another login name.
    pub username: Option<String>,
    /// Another password.
    pub password: Option<String>,
    /// Where it is called.
    pub mobile: Patch<String>,
    /// Where it is written to.
    pub email: Patch<String>,
    /// An identity paper's number.
    pub national_id: Patch<String>,
    /// Where it lives.
    pub zone_id: Patch<ZoneId>,
    /// Where exactly.
    pub address: Patch<String>,
    /// What stands there.
    pub device_type: Patch<DeviceType>,
    /// An address of its own.
    pub static_ipv4: Patch<String>,
    /// What people should know.
    pub notes: Patch<String>,
    /// Whether credit buys the next period by itself.
    pub auto_renew: Option<bool>,
}

/// A subscriber after an edit.
#[derive(Debug, Clone)]
pub struct Edited {
    /// What is known now.
    pub customer: Customer,
    /// The new password, when there is one.
    pub password: Option<String>,
    /// Whether the network must hear of it: another name, password or address.
    pub network_identity_changed: bool,
    /// Whether it is found by other words than before.
    pub search_changed: bool,
}

/// Applies an edit, checking every field that changes.
pub fn check_edit(
    current: &Customer,
    edit: CustomerEdit,
    country: &str,
) -> Result<Edited, Vec<FieldProblem>> {
    let mut fields = Fields::default();
    let mut customer = current.clone();
    if let Some(name) = &edit.name {
        customer.name = fields.line("name", name, MAX_NAME);
    }
    if let Some(raw) = &edit.username {
        customer.username = read_username(&mut fields, raw).unwrap_or(customer.username);
    }
    if let Some(password) = &edit.password {
        check_password(&mut fields, password);
    }
    customer.mobile = patched(edit.mobile, customer.mobile, |raw| {
        read_mobile(&mut fields, Some(raw), country)
    });
    customer.email = patched(edit.email, customer.email, |raw| {
        fields.optional_email("email", Some(raw))
    });
    customer.national_id = patched(edit.national_id, customer.national_id, |raw| {
        fields.optional_line("national_id", Some(raw), MAX_NATIONAL_ID)
    });
    customer.address = patched(edit.address, customer.address, |raw| {
        fields.optional_paragraph("address", Some(raw), MAX_ADDRESS)
    });
    customer.static_ipv4 = patched(edit.static_ipv4, customer.static_ipv4, |raw| {
        fields.optional_ipv4("static_ipv4", Some(raw))
    });
    customer.notes = patched(edit.notes, customer.notes, |raw| {
        fields.optional_paragraph("notes", Some(raw), MAX_NOTES)
    });
    customer.zone_id = edit.zone_id.apply(customer.zone_id);
    customer.device_type = edit.device_type.apply(customer.device_type);
    customer.auto_renew = edit.auto_renew.unwrap_or(customer.auto_renew);
    let customer = fields.finish(customer)?;
    Ok(Edited {
        network_identity_changed: edit.password.is_some()
            || customer.username != current.username
            || customer.static_ipv4 != current.static_ipv4,
        search_changed: found_by(&customer) != found_by(current),
        password: edit.password,
        customer,
    })
}

fn found_by(customer: &Customer) -> std::collections::BTreeSet<String> {
    super::search_terms(&super::SearchFields {
        number: customer.number,
        name: &customer.name,
        username: customer.username.as_str(),
        mobile: customer.mobile.as_ref(),
        email: customer.email.as_deref(),
        static_ipv4: customer.static_ipv4,
    })
}

fn patched<T>(
    patch: Patch<String>,
    current: Option<T>,
    read: impl FnOnce(&str) -> Option<T>,
) -> Option<T> {
    match patch {
        Patch::Absent => current,
        Patch::Null => None,
        Patch::Value(raw) => read(&raw),
    }
}

fn read_username(fields: &mut Fields, raw: &str) -> Option<Username> {
    match Username::parse(raw) {
        Ok(username) => Some(username),
        Err(problem) => {
            fields.refuse("username", text_code(problem), username_help(raw, problem));
            None
        }
    }
}

fn username_help(raw: &str, problem: crate::text::InvalidText) -> String {
    if raw.trim().chars().any(char::is_whitespace) {
        "must not hold white space".to_owned()
    } else {
        problem.to_string()
    }
}

/// A password is kept to the letter, white space at its ends included, so that nobody re-dials.
fn check_password(fields: &mut Fields, password: &str) {
    if password.is_empty() {
        fields.refuse("password", "required", "must not be empty");
    } else if password.chars().any(char::is_control) {
        fields.refuse(
            "password",
            "invalid_characters",
            "must not hold control characters",
        );
    } else if password.len() > MAX_PASSWORD {
        fields.refuse(
            "password",
            "too_long",
            format!("must have at most {MAX_PASSWORD} bytes"),
        );
    }
}

fn read_mobile(fields: &mut Fields, raw: Option<&str>, country: &str) -> Option<PhoneNumber> {
    let raw = raw.map(str::trim).filter(|raw| !raw.is_empty())?;
    let number = PhoneNumber::parse(raw, country);
    if let Err(problem) = number {
        fields.refuse("mobile", "invalid_mobile", problem.to_string());
    }
    number.ok()
}

/// Beyond year 9999 one of the databases and most spreadsheets give up.
fn check_expiry(fields: &mut Fields, expires_at: Option<DateTime<Utc>>) {
    use chrono::Datelike;

    if expires_at.is_some_and(|at| !(1970..=9999).contains(&at.year())) {
        fields.refuse(
            "expires_at",
            "out_of_range",
            "must lie between the years 1970 and 9999",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{CustomerId, IspId};

    fn draft() -> CustomerDraft {
        CustomerDraft {
            name: " Rahim Uddin ".to_owned(),
            username: "rahim01".to_owned(),
            password: " spaced secret ".to_owned(),
            mobile: Some("01712-345678".to_owned()),
            email: Some(String::new()),
            national_id: None,
            connection_type: ConnectionType::Pppoe,
            billing_type: BillingType::Prepaid,
            status: CustomerStatus::Pending,
            package_id: PackageId::generate(),
            zone_id: None,
            operator_id: None,
            address: None,
            device_type: None,
            static_ipv4: Some("203.0.113.7".to_owned()),
            expires_at: None,
            auto_renew: true,
            notes: None,
        }
    }

    fn customer() -> Customer {
        let new = check_draft(draft(), "BD").unwrap();
        Customer {
            id: CustomerId::generate(),
            isp_id: IspId::generate(),
            number: 1,
            name: new.name,
            mobile: new.mobile,
            email: new.email,
            national_id: None,
            connection_type: new.connection_type,
            username: new.username,
            billing_type: new.billing_type,
            status: new.status,
            status_reason: None,
            status_changed_at: DateTime::UNIX_EPOCH,
            package_id: new.package_id,
            zone_id: None,
            operator_id: None,
            address: None,
            device_type: None,
            static_ipv4: new.static_ipv4,
            expires_at: None,
            anchor_day: 1,
            auto_renew: true,
            notes: None,
            version: 1,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_good_draft_is_normalised_and_its_password_is_not() {
        let new = check_draft(draft(), "BD").unwrap();
        assert_eq!(new.name, "Rahim Uddin");
        assert_eq!(new.password, " spaced secret ");
        assert_eq!(
            new.mobile.map(|m| m.to_string()),
            Some("+8801712345678".to_owned())
        );
        assert_eq!(new.email, None);
    }

    #[test]
    fn every_bad_field_is_named() {
        let bad = CustomerDraft {
            name: String::new(),
            username: "two words".to_owned(),
            password: String::new(),
            mobile: Some("12".to_owned()),
            ..draft()
        };
        let fields: Vec<_> = check_draft(bad, "BD")
            .unwrap_err()
            .into_iter()
            .map(|problem| problem.field)
            .collect();
        assert_eq!(fields, ["name", "username", "password", "mobile"]);
    }

    #[test]
    fn an_edit_tells_whether_the_network_must_hear() {
        let current = customer();
        let notes = CustomerEdit {
            notes: Patch::Value("pays late".to_owned()),
            mobile: Patch::Null,
            ..CustomerEdit::default()
        };
        let edited = check_edit(&current, notes, "BD").unwrap();
        assert!(!edited.network_identity_changed);
        assert!(edited.search_changed);
        assert_eq!(edited.customer.mobile, None);
        let renamed = CustomerEdit {
            username: Some("rahim02".to_owned()),
            ..CustomerEdit::default()
        };
        let edited = check_edit(&current, renamed, "BD").unwrap();
        assert!(edited.network_identity_changed && edited.search_changed);
    }

    #[test]
    fn paid_time_or_paying_later_is_served_at_once() {
        let now = DateTime::UNIX_EPOCH;
        let later = Some(now + chrono::TimeDelta::days(30));
        assert_eq!(
            initial_status(BillingType::Prepaid, None, now),
            CustomerStatus::Pending
        );
        assert_eq!(
            initial_status(BillingType::Prepaid, later, now),
            CustomerStatus::Active
        );
        assert_eq!(
            initial_status(BillingType::Postpaid, None, now),
            CustomerStatus::Active
        );
    }
}
