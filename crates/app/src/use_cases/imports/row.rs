//! One row of a table as a customer, or why it is none.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeZone as _, Utc};
use chrono_tz::Tz;
use domain::customer::{BillingType, ConnectionType};

use super::table::TableRow;

/// Where each field stands in a row.
#[derive(Debug, Clone, Default)]
pub(super) struct Cells {
    index: BTreeMap<String, usize>,
    /// Which column tells which PPP service a secret is for.
    service: Option<usize>,
}

impl Cells {
    /// Looks the columns up; a column that the file does not have is told.
    pub(super) fn new(
        mapping: &BTreeMap<String, String>,
        columns: &[String],
        has_service: bool,
    ) -> Result<Self, String> {
        let place = |column: &str| columns.iter().position(|known| known == column);
        let mut index = BTreeMap::new();
        for (field, column) in mapping {
            let found = place(column).ok_or_else(|| column.clone())?;
            index.insert(field.clone(), found);
        }
        Ok(Self {
            index,
            service: has_service.then(|| place("service")).flatten(),
        })
    }

    pub(super) fn has(&self, field: &str) -> bool {
        self.index.contains_key(field)
    }

    /// The cell, when it holds more than blanks.
    pub(super) fn text<'r>(&self, row: &'r TableRow, field: &str) -> Option<&'r str> {
        let cell = row.cells.get(*self.index.get(field)?)?;
        Some(cell.as_str()).filter(|cell| !cell.trim().is_empty())
    }

    pub(super) fn owned(&self, row: &TableRow, field: &str) -> Option<String> {
        self.text(row, field).map(|cell| cell.trim().to_owned())
    }

    /// The password to the letter: blanks at its ends belong to it.
    pub(super) fn password(&self, row: &TableRow) -> String {
        self.text(row, "password").unwrap_or_default().to_owned()
    }

    /// The login name under which the row is known.
    pub(super) fn username(&self, row: &TableRow) -> String {
        self.owned(row, "username").unwrap_or_default()
    }

    pub(super) fn disabled(&self, row: &TableRow) -> bool {
        let cell = self.text(row, "disabled").unwrap_or_default();
        matches!(
            cell.trim().to_ascii_lowercase().as_str(),
            "yes" | "true" | "1" | "disabled" | "inactive"
        )
    }

    /// A service other than PPPoE that the row is for alone.
    pub(super) fn foreign_service<'r>(&self, row: &'r TableRow) -> Option<&'r str> {
        let service = row.cells.get(self.service?)?;
        Some(service.as_str()).filter(|service| !matches!(*service, "pppoe" | "any" | ""))
    }
}

/// Reads a way of connecting as people write it.
pub(super) fn connection_type(text: &str) -> Option<ConnectionType> {
    let plain = plain(text);
    match plain.as_str() {
        "static" | "staticip" | "ip" => Some(ConnectionType::StaticIp),
        "ppp" | "pppoe" => Some(ConnectionType::Pppoe),
        "hotspot" => Some(ConnectionType::Hotspot),
        "other" => Some(ConnectionType::Other),
        _ => None,
    }
}

/// Reads a way of paying as people write it.
pub(super) fn billing_type(text: &str) -> Option<BillingType> {
    match plain(text).as_str() {
        "prepaid" | "pre" => Some(BillingType::Prepaid),
        "postpaid" | "post" => Some(BillingType::Postpaid),
        _ => None,
    }
}

fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

const DATE_TIMES: [&str; 6] = [
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M:%S",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%d-%m-%Y %H:%M",
];
const DATES: [&str; 6] = [
    "%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d-%b-%Y", "%d %b %Y",
];

/// Reads a date or an instant. A date alone ends with its day, so that nobody is cut early.
pub(super) fn instant(text: &str, zone: Tz) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Some(instant.with_timezone(&Utc));
    }
    let wall = DATE_TIMES
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .or_else(|| {
            let date = DATES
                .iter()
                .find_map(|format| NaiveDate::parse_from_str(text, format).ok())?;
            Some(date.and_time(NaiveTime::from_hms_opt(23, 59, 59)?))
        })?;
    let local = zone.from_local_datetime(&wall).earliest()?;
    Some(local.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_people_write_them() {
        let zone = chrono_tz::Asia::Dhaka;
        let end_of_day = "2027-01-05T17:59:59Z".parse().ok();
        for text in [
            "2027-01-05",
            "05/01/2027",
            "5-1-2027",
            "05-Jan-2027",
            "2027-01-05T23:59:59+06:00",
            "2027-01-05 23:59:59",
        ] {
            assert_eq!(instant(text, zone), end_of_day, "{text}");
        }
        assert_eq!(instant("soon", zone), None);
        assert_eq!(instant("2027-13-01", zone), None);
    }
}
