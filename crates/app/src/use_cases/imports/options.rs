//! What a person chose for an upload.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::{
    customer::{BillingType, ConnectionType},
    ids::{OperatorId, PackageId, ZoneId},
};
use serde::{Deserialize, Serialize};

/// How the rows of a file become customers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportOptions {
    /// Which column holds which field.
    pub mapping: BTreeMap<String, String>,
    /// Which package takes the place of which profile.
    pub profile_packages: BTreeMap<String, PackageId>,
    /// The package of rows that name none that is known.
    pub default_package_id: Option<PackageId>,
    /// The zone of rows that name none.
    pub zone_id: Option<ZoneId>,
    /// Whose customers they become; the uploader's own when absent.
    pub operator_id: Option<OperatorId>,
    /// How those are connected who do not say.
    pub connection_type: ConnectionType,
    /// When those pay who do not say.
    pub billing_type: BillingType,
    /// Leaves out who is disabled where the file comes from; else they come suspended.
    pub skip_disabled: bool,
    /// Bills each new customer for the first period.
    pub initial_bill: bool,
    /// Until when those are served who do not say.
    pub expires_at: Option<DateTime<Utc>>,
    /// What a bad row does to the others.
    pub on_error: OnError,
}

/// What a bad row does to the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnError {
    /// Good rows come in, bad ones are left out.
    Skip,
    /// One bad row keeps all of them out.
    Abort,
}

/// What a column can hold, and by which headings it is known (letters and digits only).
pub(super) const FIELDS: [(&str, &[&str]); 15] = [
    (
        "username",
        &[
            "username",
            "user",
            "login",
            "loginname",
            "pppoeusername",
            "pppoeuser",
            "pppoename",
            "pppoeid",
            "userid",
            "clientid",
        ],
    ),
    (
        "password",
        &[
            "password",
            "pass",
            "secret",
            "pppoepassword",
            "userpassword",
            "clientpassword",
        ],
    ),
    (
        "name",
        &[
            "name",
            "fullname",
            "customername",
            "clientname",
            "customer",
            "subscriber",
        ],
    ),
    (
        "mobile",
        &[
            "mobile",
            "mobileno",
            "mobilenumber",
            "phone",
            "phoneno",
            "phonenumber",
            "contact",
            "contactno",
            "contactnumber",
            "cell",
            "msisdn",
        ],
    ),
    ("email", &["email", "mail", "emailaddress", "emailid"]),
    (
        "national_id",
        &["nationalid", "nid", "nidno", "nidnumber", "nationalidno"],
    ),
    (
        "package",
        &[
            "package",
            "packagename",
            "plan",
            "planname",
            "profile",
            "bandwidth",
        ],
    ),
    ("zone", &["zone", "zonename", "area", "location"]),
    (
        "address",
        &["address", "fulladdress", "streetaddress", "houseaddress"],
    ),
    (
        "static_ipv4",
        &[
            "staticipv4",
            "staticip",
            "ip",
            "ipaddress",
            "remoteaddress",
            "framedipaddress",
        ],
    ),
    (
        "expires_at",
        &[
            "expiresat",
            "expires",
            "expiry",
            "expirydate",
            "expiredate",
            "expiration",
            "expirationdate",
            "validtill",
            "validuntil",
            "validity",
        ],
    ),
    ("connection_type", &["connectiontype", "connection", "type"]),
    ("billing_type", &["billingtype", "billing", "paymenttype"]),
    (
        "notes",
        &["notes", "note", "comment", "comments", "remark", "remarks"],
    ),
    ("disabled", &["disabled"]),
];

/// Which field a heading names.
pub(super) fn field_of(heading: &str) -> Option<&'static str> {
    let plain: String = heading
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    FIELDS
        .iter()
        .find(|(_, known)| known.contains(&plain.as_str()))
        .map(|(field, _)| *field)
}

/// Which column most likely holds which field; the first of several wins.
pub(super) fn propose(columns: &[String]) -> BTreeMap<String, String> {
    let mut mapping = BTreeMap::new();
    for column in columns {
        if let Some(field) = field_of(column) {
            mapping
                .entry(field.to_owned())
                .or_insert_with(|| column.clone());
        }
    }
    mapping
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_known_however_they_are_written() {
        for (heading, field) in [
            ("User Name", "username"),
            ("PPPoE-Password", "password"),
            ("Mobile No.", "mobile"),
            ("Expiry_Date", "expires_at"),
            ("remote-address", "static_ipv4"),
        ] {
            assert_eq!(field_of(heading), Some(field), "{heading}");
        }
        assert_eq!(field_of("colour"), None);
    }
}
