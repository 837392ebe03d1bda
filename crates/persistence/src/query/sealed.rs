//! What is sealed at rest, for asking whether the keys at hand are those of the database.

use crate::{Error, Read, sql};

/// Where sealed secrets are: table and column.
const SEALED: [(&str, &str); 5] = [
    ("customer", "password"),
    ("nas", "secret"),
    ("home_server", "secret"),
    ("router", "password"),
    ("app_user", "totp_secret"),
];

/// A few sealed secrets of every kind; none when nothing was sealed yet.
pub async fn samples(read: &Read) -> Result<Vec<Vec<u8>>, Error> {
    let mut samples = Vec::new();
    for (table, column) in SEALED {
        let statement = format!("SELECT {column} FROM {table} WHERE {column} IS NOT NULL LIMIT 3");
        for row in sql::rows(read, &statement, vec![]).await? {
            samples.push(row.try_get_by_index(0)?);
        }
    }
    Ok(samples)
}
