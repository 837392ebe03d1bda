//! The result of an upload as a file: one line for each row.

use domain::authz::{ImportRef, Proof, Scope, perm};
use persistence::{Error, repo::imports};

use crate::ctx::AppCtx;

const PAGE: u32 = 5_000;

/// What became of each row, as CSV.
pub async fn import_result_csv(
    ctx: &AppCtx,
    proof: &Proof<perm::ImportCustomers, ImportRef>,
) -> Result<Vec<u8>, Error> {
    let read = ctx.db.read(&Scope::own(proof.actor())).await?;
    let mut writer = csv::Writer::from_writer(Vec::new());
    let heading = ["line", "username", "outcome", "customer_number", "reasons"];
    writer
        .write_record(heading)
        .map_err(|error| defect(&error))?;
    let mut last = -1;
    loop {
        let rows = imports::rows_after(&read, proof.resource(), last, PAGE).await?;
        let Some(end) = rows.last() else {
            break;
        };
        last = end.line;
        for row in rows {
            let number = row.customer_number.map(|number| number.to_string());
            let record = [
                row.line.to_string(),
                harmless(&row.username),
                row.outcome.as_str().to_owned(),
                number.unwrap_or_default(),
                harmless(&row.reasons.join("; ")),
            ];
            writer
                .write_record(record)
                .map_err(|error| defect(&error))?;
        }
    }
    writer.into_inner().map_err(|error| defect(&error))
}

/// A spreadsheet takes what begins so for a formula and would run it.
fn harmless(cell: &str) -> String {
    // Some take the full-width signs of East Asian keyboards for the plain ones.
    if cell.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

fn defect(error: &impl std::fmt::Display) -> Error {
    Error::Unexpected(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_disarmed() {
        for cell in [
            "=1+1", "+88", "-2", "@SUM(A1)", "＝wide", "＋88", "－2", "＠x", "\t=tab", "\r=1",
        ] {
            assert!(harmless(cell).starts_with('\''), "{cell}");
        }
        assert_eq!(harmless("rahim"), "rahim");
    }
}
