//! A file as a table: rows of cells under columns, each row with its line.

use std::collections::{BTreeMap, HashMap};

use domain::{
    catalog::Package, customer::search_key, ids::PackageId, network::rate_limit::RateLimit,
};
use mikrotik::export::{self, Export};
use persistence::repo::imports::ImportFormat;
use serde::{Deserialize, Serialize};

use super::options::{field_of, propose};

/// The most profiles that are offered to be mapped.
const MAX_PROFILES: usize = 500;
const EXPORT_COLUMNS: [&str; 8] = [
    "name",
    "password",
    "profile",
    "comment",
    "remote-address",
    "caller-id",
    "service",
    "disabled",
];

/// A file as a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Table {
    pub(crate) format: ImportFormat,
    pub(crate) columns: Vec<String>,
    /// In the order of their lines, no two on one.
    pub(crate) rows: Vec<TableRow>,
    /// What the file says of the rates of profiles.
    rates: HashMap<String, String>,
}

/// One row.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct TableRow {
    pub(crate) line: i64,
    pub(crate) cells: Vec<String>,
    /// Why the row cannot be read at all.
    pub(crate) problem: Option<String>,
}

impl std::fmt::Debug for TableRow {
    /// Cells hold passwords.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TableRow")
            .field("line", &self.line)
            .field("problem", &self.problem)
            .finish_non_exhaustive()
    }
}

/// What a file holds, for the person who maps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportSummary {
    /// The columns in order.
    pub columns: Vec<String>,
    /// Which column most likely holds which field.
    pub proposed_mapping: BTreeMap<String, String>,
    /// The packages by their names elsewhere.
    pub profiles: Vec<ProfileSummary>,
    /// How many rows there are.
    pub rows: u64,
}

/// A package by its name elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileSummary {
    /// Its name there.
    pub name: String,
    /// How many rows name it.
    pub count: u64,
    /// Its rate there, as it is written there.
    pub rate: Option<String>,
    /// The package here of that name, else of that rate.
    pub proposed_package_id: Option<PackageId>,
}

impl Table {
    /// Reads a file of either kind.
    pub(crate) fn read(text: &str) -> Result<Self, csv::Error> {
        let text = text.trim_start_matches('\u{feff}');
        if is_export(text) {
            Ok(Self::of_export(export::parse(text.as_bytes())))
        } else {
            Self::of_csv(text)
        }
    }

    fn of_export(export: Export) -> Self {
        let mut rows: Vec<TableRow> = export
            .secrets
            .into_iter()
            .map(|secret| TableRow {
                line: line_number(secret.line),
                cells: vec![
                    secret.name,
                    secret.password.unwrap_or_default(),
                    secret.profile,
                    secret.comment.unwrap_or_default(),
                    secret.remote_address.unwrap_or_default(),
                    secret.caller_id.unwrap_or_default(),
                    secret.service,
                    if secret.disabled { "yes" } else { "no" }.to_owned(),
                ],
                problem: None,
            })
            .collect();
        rows.extend(export.errors.into_iter().map(|error| TableRow {
            line: line_number(error.line),
            cells: Vec::new(),
            problem: Some(format!("unreadable: {}", error.kind)),
        }));
        let rates = export
            .profiles
            .into_iter()
            .filter_map(|profile| Some((profile.name, profile.rate_limit?)))
            .collect();
        Self {
            format: ImportFormat::RouterosExport,
            columns: EXPORT_COLUMNS.map(str::to_owned).to_vec(),
            rows: one_row_a_line(rows),
            rates,
        }
    }

    fn of_csv(text: &str) -> Result<Self, csv::Error> {
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter_of(text))
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes());
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record?;
            let line = record.position().map_or(0, csv::Position::line);
            let cells: Vec<String> = record.iter().map(str::to_owned).collect();
            if cells.iter().any(|cell| !cell.trim().is_empty()) {
                rows.push(TableRow {
                    line: i64::try_from(line).unwrap_or(i64::MAX),
                    cells,
                    problem: None,
                });
            }
        }
        if rows
            .first()
            .is_some_and(|row| is_separator_line(&row.cells))
        {
            rows.remove(0);
        }
        let has_heading = rows.first().is_some_and(|row| is_heading(&row.cells));
        let heading = if has_heading {
            rows.remove(0).cells
        } else {
            Vec::new()
        };
        let width = rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
        Ok(Self {
            format: ImportFormat::Csv,
            columns: unique_columns(heading, width),
            rows: one_row_a_line(rows),
            rates: HashMap::new(),
        })
    }

    /// What the file holds, with proposals for the packages of the ISP.
    pub(crate) fn summary(&self, packages: &[Package]) -> ImportSummary {
        let mut proposed_mapping = propose(&self.columns);
        if self.format == ImportFormat::RouterosExport {
            // On a router the name is the login, and people are told apart by the comment.
            for (field, column) in [("username", "name"), ("name", "comment")] {
                proposed_mapping.insert(field.to_owned(), column.to_owned());
            }
        }
        let column = proposed_mapping.get("package");
        let index = column.and_then(|column| self.columns.iter().position(|c| c == column));
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        for row in &self.rows {
            let cell = index.and_then(|index| row.cells.get(index));
            if let Some(name) = cell.map(|cell| cell.trim()).filter(|cell| !cell.is_empty()) {
                *counts.entry(name).or_default() += 1;
            }
        }
        let profiles = counts.into_iter().take(MAX_PROFILES);
        ImportSummary {
            profiles: profiles
                .map(|(name, count)| self.profile(name, count, packages))
                .collect(),
            columns: self.columns.clone(),
            proposed_mapping,
            rows: u64::try_from(self.rows.len()).unwrap_or(u64::MAX),
        }
    }

    fn profile(&self, name: &str, count: u64, packages: &[Package]) -> ProfileSummary {
        let rate = self.rates.get(name).cloned();
        let parsed = rate
            .as_ref()
            .and_then(|rate| rate.parse::<RateLimit>().ok());
        let by_name = packages
            .iter()
            .find(|package| loose(&package.terms.name) == loose(name));
        let by_rate = || {
            let mut fits = packages.iter().filter(|package| {
                parsed.is_some_and(|rate| {
                    (rate.up_kbps, rate.down_kbps)
                        == (package.terms.rate.up_kbps, package.terms.rate.down_kbps)
                })
            });
            // Two packages of one rate differ in what people pay: that is no proposal.
            let first = fits.next();
            first.filter(|_| fits.next().is_none())
        };
        ProfileSummary {
            name: name.to_owned(),
            count,
            rate,
            proposed_package_id: by_name.or_else(by_rate).map(|package| package.id),
        }
    }
}

/// A name without what people write differently: letter case, blanks and signs.
pub(super) fn loose(name: &str) -> String {
    let key = search_key(name);
    key.chars().filter(|c| c.is_alphanumeric()).collect()
}

fn is_export(text: &str) -> bool {
    let heading = text.lines().find(|line| !line.trim().is_empty());
    let by_heading = heading.is_some_and(|line| line.starts_with('#') && line.contains("RouterOS"));
    by_heading
        || text.lines().any(|line| {
            let line = line.trim_start();
            line.starts_with("/ppp secret") || line.starts_with("/ppp/secret")
        })
}

/// The separator that the first line names, as Excel writes it (`sep=;`), else the one that stands
/// most often on it, outside of quotes.
fn delimiter_of(text: &str) -> u8 {
    let first = text.lines().find(|line| !line.trim().is_empty());
    let named = first.and_then(|line| line.get(..SEPARATOR.len()).zip(line.as_bytes().get(4)));
    if let Some((_, &separator)) = named.filter(|(head, _)| head.eq_ignore_ascii_case(SEPARATOR))
        && matches!(separator, b'\t' | b';' | b',' | b'|')
    {
        return separator;
    }
    let count = |delimiter: char| {
        let mut quoted = false;
        let counted = first.unwrap_or_default().chars().filter(|&c| {
            quoted ^= c == '"';
            c == delimiter && !quoted
        });
        counted.count()
    };
    // On a tie the comma wins: it comes last.
    [('\t', b'\t'), (';', b';'), (',', b',')]
        .into_iter()
        .max_by_key(|&(delimiter, _)| count(delimiter))
        .map_or(b',', |(_, byte)| byte)
}

const SEPARATOR: &str = "sep=";

/// Whether the row is the line that names the separator, read with that separator.
fn is_separator_line(cells: &[String]) -> bool {
    let mut cells = cells.iter();
    cells
        .next()
        .is_some_and(|cell| cell.eq_ignore_ascii_case(SEPARATOR))
        && cells.all(|cell| cell.is_empty())
}

/// A cell or two may look like a heading by accident (a password "secret"): half of them do not.
fn is_heading(cells: &[String]) -> bool {
    let known = cells.iter().filter(|cell| field_of(cell).is_some()).count();
    known >= 3 || known * 2 > cells.len()
}

fn unique_columns(heading: Vec<String>, width: usize) -> Vec<String> {
    let mut columns: Vec<String> = Vec::new();
    let width = width.max(heading.len());
    let mut given = heading.into_iter();
    for number in 1..=width {
        let given = given.next().map(|name| name.trim().to_owned());
        let base = given
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| format!("column {number}"));
        let mut name = base.clone();
        let mut again = 2;
        while columns.contains(&name) {
            name = format!("{base} ({again})");
            again += 1;
        }
        columns.push(name);
    }
    columns
}

/// Results are kept by line, so two things on one line take the next free one.
fn one_row_a_line(mut rows: Vec<TableRow>) -> Vec<TableRow> {
    rows.sort_by_key(|row| row.line);
    let mut last = 0;
    for row in &mut rows {
        row.line = row.line.max(last + 1);
        last = row.line;
    }
    rows
}

fn line_number(line: usize) -> i64 {
    i64::try_from(line).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delimiters_bom_and_missing_headings() {
        for text in [
            "\u{feff}username;password\nrahim;secret\n",
            "username,password\r\nrahim,secret",
            "username\tpassword\n\nrahim\tsecret\n",
            "sep=;\nusername;password\nrahim;secret\n",
            "\u{feff}SEP=,\r\nusername,password\r\nrahim,secret\r\n",
            "sep=\t\nusername\tpassword\nrahim\tsecret\n",
        ] {
            let table = Table::read(text).unwrap();
            assert_eq!(table.columns, ["username", "password"], "{text}");
            assert_eq!(table.rows.len(), 1);
            assert_eq!(table.rows[0].cells, ["rahim", "secret"]);
        }
        let bare = Table::read("rahim,secret\nkarim,other,3\n").unwrap();
        assert_eq!(bare.columns, ["column 1", "column 2", "column 3"]);
        assert_eq!(bare.rows.len(), 2);
    }

    #[test]
    fn a_quoted_cell_may_hold_lines_and_keeps_its_line_number() {
        let text = "name,address,username\n\"A, B\",\"Flat 4\nSavar\",a\nC,D,c\n";
        let table = Table::read(text).unwrap();
        let lines: Vec<_> = table.rows.iter().map(|row| row.line).collect();
        assert_eq!(lines, [2, 4]);
        assert_eq!(table.rows[0].cells[1], "Flat 4\nSavar");
    }

    #[test]
    fn columns_of_one_name_are_told_apart() {
        let table = Table::read("username,note,note,\na,b,c,d\n").unwrap();
        assert_eq!(table.columns, ["username", "note", "note (2)", "column 4"]);
    }

    #[test]
    fn an_export_is_a_table_too() {
        let text = "# 2026-11-02 by RouterOS 7.16.2\n/ppp profile\n\
            add name=Home-10M rate-limit=10M/10M\n/ppp secret\n\
            add comment=\"Rahim, Savar\" name=rahim password=x1 profile=Home-10M service=pppoe\n\
            add name=karim password=x2 disabled=yes\n";
        let table = Table::read(text).unwrap();
        assert_eq!(table.format, ImportFormat::RouterosExport);
        assert_eq!(table.rows.len(), 2);
        let summary = table.summary(&[]);
        assert_eq!(summary.proposed_mapping["username"], "name");
        assert_eq!(summary.proposed_mapping["package"], "profile");
        let rates: Vec<_> = summary.profiles.iter().map(|p| p.rate.as_deref()).collect();
        assert_eq!(rates, [Some("10M/10M"), None]);
    }
}
