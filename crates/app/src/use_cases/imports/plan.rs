//! The plan: what becomes of each row, given the choices and who is here already.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::{
    authz::{Actor, Scope},
    catalog::{Package, PackageStatus},
    customer::{CustomerDraft, CustomerStatus, SuspensionReason, check_draft, search_key},
    field::FieldProblem,
    ids::{IspId, OperatorId, PackageId, ZoneId},
    money::Money,
    username::Username,
};
use persistence::{
    Error, Read, lookup,
    repo::{
        customers::{self, ExistingCustomer},
        imports::{ImportFormat, ImportRun, RowOutcome},
        operators, packages, zones,
    },
};

use super::{
    options::ImportOptions,
    outcome::{NewRow, Planned},
    row::{self, Cells},
    table::{Table, TableRow, loose},
};
use crate::secrets::Keyring;

/// Makes the plan, rows in the order of the file.
pub(crate) struct Planner {
    isp_id: IspId,
    operator_id: Option<OperatorId>,
    /// The operators whose customers the uploader may see; nothing means all.
    reach: Option<Vec<OperatorId>>,
    country: String,
    pub(crate) time_zone: Tz,
    options: ImportOptions,
    cells: Cells,
    packages: HashMap<PackageId, Package>,
    by_name: HashMap<String, PackageId>,
    zones: HashMap<String, ZoneId>,
    seen_usernames: HashMap<String, i64>,
    seen_addresses: HashMap<String, i64>,
    now: DateTime<Utc>,
}

/// Loads what the plan goes by; choices that do not fit are told by field.
pub(crate) async fn load_plan(
    read: &Read,
    actor: &Actor,
    run: &ImportRun,
    options: ImportOptions,
    table: &Table,
    now: DateTime<Utc>,
) -> Result<Result<Planner, Vec<FieldProblem>>, Error> {
    let isp_id = run.isp_id;
    let mut problems = Vec::new();
    let has_service = table.format == ImportFormat::RouterosExport;
    let cells = Cells::new(&options.mapping, &table.columns, has_service);
    let cells = cells.unwrap_or_else(|column| {
        let detail = format!("the file has no column `{column}`");
        problems.push(FieldProblem::new("mapping", "unknown_column", detail));
        Cells::default()
    });
    if problems.is_empty() && !cells.has("username") {
        let detail = "say which column holds the user name";
        problems.push(FieldProblem::new("mapping", "username_required", detail));
    }
    let sold = packages::of_isp(read, isp_id).await?;
    check_packages(&options, &sold, &mut problems);
    check_references(read, actor, isp_id, &options, &mut problems).await?;
    if !problems.is_empty() {
        return Ok(Err(problems));
    }
    let terms = customers::isp_terms(read, isp_id).await?;
    let known_zones = zones::of_isp(read, isp_id).await?;
    let on_sale = sold
        .iter()
        .filter(|package| package.status == PackageStatus::Active);
    Ok(Ok(Planner {
        isp_id,
        operator_id: options.operator_id.or(run.operator_id),
        reach: match run.operator_id {
            Some(own) => Some(reach_of(read, isp_id, own).await?),
            None => None,
        },
        country: terms.country,
        time_zone: terms.time_zone.parse().unwrap_or(Tz::UTC),
        by_name: on_sale
            .map(|package| (loose(&package.terms.name), package.id))
            .collect(),
        packages: sold
            .into_iter()
            .map(|package| (package.id, package))
            .collect(),
        zones: known_zones
            .into_iter()
            .map(|zone| (search_key(&zone.name), zone.id))
            .collect(),
        options,
        cells,
        seen_usernames: HashMap::new(),
        seen_addresses: HashMap::new(),
        now,
    }))
}

/// A reseller and those below it.
async fn reach_of(read: &Read, isp_id: IspId, own: OperatorId) -> Result<Vec<OperatorId>, Error> {
    let all = operators::of_isp(read, isp_id).await?;
    Ok(all
        .into_iter()
        .filter(|operator| operator.id == own || operator.parent_id == Some(own))
        .map(|operator| operator.id)
        .collect())
}

fn check_packages(options: &ImportOptions, sold: &[Package], problems: &mut Vec<FieldProblem>) {
    let on_sale = |id: &PackageId| {
        sold.iter()
            .any(|package| package.id == *id && package.status == PackageStatus::Active)
    };
    if options.default_package_id.is_some_and(|id| !on_sale(&id)) {
        let detail = "no such package on sale";
        problems.push(FieldProblem::new("default_package_id", "not_found", detail));
    }
    for (profile, _) in options
        .profile_packages
        .iter()
        .filter(|(_, id)| !on_sale(id))
    {
        let detail = format!("profile `{profile}`: no such package on sale");
        problems.push(FieldProblem::new("profile_packages", "not_found", detail));
    }
}

async fn check_references(
    read: &Read,
    actor: &Actor,
    isp_id: IspId,
    options: &ImportOptions,
    problems: &mut Vec<FieldProblem>,
) -> Result<(), Error> {
    let scope = Scope::own(actor);
    if let Some(id) = options.zone_id {
        let zone = lookup::zone(read, &scope, id).await?;
        if zone.is_none_or(|zone| zone.isp_id != isp_id) {
            problems.push(FieldProblem::new("zone_id", "not_found", "no such zone"));
        }
    }
    if let Some(id) = options.operator_id {
        let operator = lookup::operator(read, &scope, id).await?;
        if operator.is_none_or(|operator| operator.isp_id != isp_id) {
            let detail = "no such operator";
            problems.push(FieldProblem::new("operator_id", "not_found", detail));
        }
    }
    Ok(())
}

/// Why a row is no new customer.
enum Verdict {
    Skipped(String),
    Invalid(Vec<String>),
}

impl Planner {
    /// What a package costs now.
    pub(crate) fn price(&self, id: PackageId) -> Option<Money> {
        self.packages.get(&id).map(|package| package.terms.price)
    }

    /// Remembers rows that an earlier try has done with.
    pub(crate) fn skip_done(&mut self, rows: &[TableRow]) {
        for row in rows {
            self.see(row);
        }
    }

    /// A zone that was made for the rows.
    pub(crate) fn add_zone(&mut self, name: &str, id: ZoneId) {
        self.zones.insert(search_key(name), id);
    }

    pub(crate) fn zone(&self, name: &str) -> Option<ZoneId> {
        self.zones.get(&search_key(name)).copied()
    }

    /// What becomes of these rows, which follow those that were planned before.
    pub(crate) async fn plan(
        &mut self,
        read: &Read,
        keyring: &Keyring,
        rows: &[TableRow],
    ) -> Result<Vec<Planned>, Error> {
        let mut usernames: HashSet<String> = HashSet::new();
        let mut addresses: HashSet<String> = HashSet::new();
        for row in rows {
            usernames.extend(self.folded(row));
            addresses.extend(self.cells.owned(row, "static_ipv4"));
        }
        let (usernames, addresses): (Vec<_>, Vec<_>) = (
            usernames.into_iter().collect(),
            addresses.into_iter().collect(),
        );
        let found = customers::by_usernames(read, self.isp_id, &usernames).await?;
        let existing: HashMap<String, ExistingCustomer> = found
            .into_iter()
            .map(|found| (found.customer.username.folded(), found))
            .collect();
        let taken = customers::by_static_addresses(read, self.isp_id, &addresses).await?;
        let taken: HashMap<String, String> = taken.into_iter().collect();
        Ok(rows
            .iter()
            .map(|row| self.plan_row(keyring, row, &existing, &taken))
            .collect())
    }

    fn folded(&self, row: &TableRow) -> Option<String> {
        let username = Username::parse(&self.cells.username(row)).ok()?;
        Some(username.folded())
    }

    fn plan_row(
        &mut self,
        keyring: &Keyring,
        row: &TableRow,
        existing: &HashMap<String, ExistingCustomer>,
        taken: &HashMap<String, String>,
    ) -> Planned {
        let earlier = self.see(row);
        let mut planned = Planned {
            line: row.line,
            username: self.cells.username(row).chars().take(64).collect(),
            outcome: RowOutcome::Invalid,
            reasons: Vec::new(),
            existing_number: None,
            new: None,
        };
        let here = self.folded(row).and_then(|key| existing.get(&key));
        match self.read_row(row, earlier) {
            Err(Verdict::Skipped(reason)) => {
                planned.outcome = RowOutcome::Skipped;
                planned.reasons.push(reason);
            }
            Err(Verdict::Invalid(reasons)) => planned.reasons = reasons,
            Ok(new) => match here {
                Some(here) => self.compare(&mut planned, keyring, row, &new, here),
                None => self.admit(&mut planned, row, new, taken),
            },
        }
        planned
    }

    /// Notes the names of a row; answers the line on which its login name stood before.
    fn see(&mut self, row: &TableRow) -> Option<i64> {
        let folded = self.folded(row)?;
        match self.seen_usernames.get(&folded) {
            Some(line) => Some(*line),
            None => {
                self.seen_usernames.insert(folded, row.line);
                if let Some(address) = self.cells.owned(row, "static_ipv4") {
                    self.seen_addresses.entry(address).or_insert(row.line);
                }
                None
            }
        }
    }

    /// A row whose customer is not here yet.
    fn admit(
        &self,
        planned: &mut Planned,
        row: &TableRow,
        new: NewRow,
        taken: &HashMap<String, String>,
    ) {
        let address = new.customer.static_ipv4.map(|address| address.to_string());
        let clash = address.filter(|address| {
            taken.contains_key(address)
                || self
                    .seen_addresses
                    .get(address)
                    .is_some_and(|line| *line != row.line)
        });
        if let Some(address) = clash {
            planned.reasons.push(format!(
                "static_ipv4_taken: another customer has the address {address}"
            ));
            return;
        }
        planned.outcome = RowOutcome::New;
        if let Some(zone) = &new.new_zone {
            planned
                .reasons
                .push(format!("new_zone: makes the zone {zone}"));
        }
        if new.customer.status == CustomerStatus::Suspended {
            planned
                .reasons
                .push("suspended: is disabled there, comes suspended".to_owned());
        }
        planned.new = Some(new);
    }

    /// A row whose customer is here: it stays as it is here, and what differs is told.
    fn compare(
        &self,
        planned: &mut Planned,
        keyring: &Keyring,
        row: &TableRow,
        new: &NewRow,
        here: &ExistingCustomer,
    ) {
        let customer = &here.customer;
        let visible = self.reach.as_ref().is_none_or(|reach| {
            customer
                .operator_id
                .is_some_and(|owner| reach.contains(&owner))
        });
        if !visible {
            let reason = "username_taken: another customer has this user name";
            planned.reasons.push(reason.to_owned());
            return;
        }
        planned.existing_number = Some(customer.number);
        let differing = self.differing(keyring, row, new, here);
        if customer.status == CustomerStatus::Closed {
            planned.outcome = RowOutcome::Differing;
            let reason = "closed: the customer is closed here, restore it first";
            planned.reasons.push(reason.to_owned());
        } else if differing.is_empty() {
            planned.outcome = RowOutcome::Same;
        } else {
            planned.outcome = RowOutcome::Differing;
            let fields = differing.join(", ");
            planned
                .reasons
                .push(format!("differs: stays as it is here; differs in {fields}"));
        }
    }

    /// Only what the row says is compared, not what was filled in.
    fn differing(
        &self,
        keyring: &Keyring,
        row: &TableRow,
        new: &NewRow,
        here: &ExistingCustomer,
    ) -> Vec<&'static str> {
        let (new, customer) = (&new.customer, &here.customer);
        let same_password = || {
            let opened = keyring.open(&here.sealed_password);
            opened.is_ok_and(|opened| opened.as_slice() == new.password.as_bytes())
        };
        let says = |field: &str| self.cells.text(row, field).is_some();
        let checks: [(&'static str, bool); 12] = [
            ("name", new.name == customer.name),
            ("password", same_password()),
            ("mobile", new.mobile == customer.mobile),
            ("email", new.email == customer.email),
            ("national_id", new.national_id == customer.national_id),
            ("package", new.package_id == customer.package_id),
            ("zone", new.zone_id == customer.zone_id),
            ("address", new.address == customer.address),
            ("static_ipv4", new.static_ipv4 == customer.static_ipv4),
            (
                "connection_type",
                new.connection_type == customer.connection_type,
            ),
            ("billing_type", new.billing_type == customer.billing_type),
            ("expires_at", new.expires_at == customer.expires_at),
        ];
        checks
            .into_iter()
            .filter(|(field, same)| says(field) && !same)
            .map(|(field, _)| field)
            .collect()
    }

    fn read_row(&self, row: &TableRow, earlier: Option<i64>) -> Result<NewRow, Verdict> {
        if let Some(problem) = &row.problem {
            return Err(Verdict::Invalid(vec![problem.clone()]));
        }
        let disabled = self.cells.disabled(row);
        if disabled && self.options.skip_disabled {
            let reason = "disabled: is disabled there, left out";
            return Err(Verdict::Skipped(reason.to_owned()));
        }
        if let Some(service) = self.cells.foreign_service(row) {
            let reason = format!("other_service: serves {service}, not PPPoE, left out");
            return Err(Verdict::Skipped(reason));
        }
        if let Some(line) = earlier {
            let reason = format!("duplicate_username: stands on line {line} already");
            return Err(Verdict::Invalid(vec![reason]));
        }
        let mut reasons = Vec::new();
        let (draft, new_zone) = self.draft(row, disabled, &mut reasons);
        let checked = draft.map(|draft| check_draft(draft, &self.country));
        match checked {
            Some(Ok(customer)) if reasons.is_empty() => Ok(NewRow {
                status_reason: disabled.then_some(SuspensionReason::Other),
                customer,
                new_zone,
            }),
            checked => {
                let problems = checked.and_then(Result::err).unwrap_or_default();
                reasons.extend(problems.into_iter().map(reason_of));
                Err(Verdict::Invalid(reasons))
            }
        }
    }

    fn draft(
        &self,
        row: &TableRow,
        disabled: bool,
        reasons: &mut Vec<String>,
    ) -> (Option<CustomerDraft>, Option<String>) {
        let cells = &self.cells;
        let package_id = self.package(row, reasons);
        let (zone_id, new_zone) = self.zone_of(row);
        let expires_at = self.expiry(row, reasons);
        let connection = self.word(row, "connection_type", row::connection_type, reasons);
        let billing = self.word(row, "billing_type", row::billing_type, reasons);
        let billing_type = billing.unwrap_or(self.options.billing_type);
        let username = cells.username(row);
        // A comment is often a whole sentence: its beginning is the name, all of it a note.
        let name = cells.owned(row, "name").unwrap_or_else(|| username.clone());
        let notes = cells.owned(row, "notes");
        let draft = package_id.map(|package_id| CustomerDraft {
            name: name.chars().filter(|c| !c.is_control()).take(120).collect(),
            username,
            password: cells.password(row),
            mobile: cells.owned(row, "mobile"),
            email: cells.owned(row, "email"),
            national_id: cells.owned(row, "national_id"),
            connection_type: connection.unwrap_or(self.options.connection_type),
            billing_type,
            status: match expires_at {
                _ if disabled => CustomerStatus::Suspended,
                Some(until) if until <= self.now => CustomerStatus::Expired,
                Some(_) | None => CustomerStatus::Active,
            },
            package_id,
            zone_id,
            operator_id: self.operator_id,
            address: cells.owned(row, "address"),
            device_type: None,
            static_ipv4: self.address(row),
            expires_at,
            auto_renew: true,
            notes,
        });
        (draft, new_zone)
    }

    /// On a router this column may name a pool, which is no address of the customer's own.
    fn address(&self, row: &TableRow) -> Option<String> {
        let text = self.cells.owned(row, "static_ipv4")?;
        let is_pool = row.cells.len() == 8
            && self.options.mapping.get("static_ipv4").map(String::as_str)
                == Some("remote-address")
            && text.parse::<std::net::Ipv4Addr>().is_err();
        (!is_pool).then_some(text)
    }

    fn package(&self, row: &TableRow, reasons: &mut Vec<String>) -> Option<PackageId> {
        let named = self.cells.owned(row, "package");
        let found = named.as_deref().and_then(|name| {
            let chosen = self.options.profile_packages.get(name).copied();
            chosen.or_else(|| self.by_name.get(&loose(name)).copied())
        });
        let found = found.or(self.options.default_package_id);
        if found.is_none() {
            reasons.push(match named {
                Some(name) => format!("unknown_package: choose a package for `{name}`"),
                None => "package_required: names no package, and no default is chosen".to_owned(),
            });
        }
        found
    }

    fn zone_of(&self, row: &TableRow) -> (Option<ZoneId>, Option<String>) {
        let Some(name) = self.cells.owned(row, "zone") else {
            return (self.options.zone_id, None);
        };
        match self.zone(&name) {
            Some(id) => (Some(id), None),
            None => (None, Some(name.chars().take(80).collect())),
        }
    }

    fn expiry(&self, row: &TableRow, reasons: &mut Vec<String>) -> Option<DateTime<Utc>> {
        let Some(text) = self.cells.text(row, "expires_at") else {
            return self.options.expires_at;
        };
        let instant = row::instant(text, self.time_zone);
        if instant.is_none() {
            let shown: String = text.trim().chars().take(40).collect();
            reasons.push(format!(
                "invalid_expiry: `{shown}` is no date: write 2027-01-31 or 31/01/2027"
            ));
        }
        instant.map(domain::clock::to_micros)
    }

    fn word<T>(
        &self,
        row: &TableRow,
        field: &'static str,
        parse: fn(&str) -> Option<T>,
        reasons: &mut Vec<String>,
    ) -> Option<T> {
        let text = self.cells.text(row, field)?;
        let word = parse(text);
        if word.is_none() {
            let shown: String = text.trim().chars().take(40).collect();
            reasons.push(format!("invalid_{field}: `{shown}` is not known"));
        }
        word
    }
}

fn reason_of(problem: FieldProblem) -> String {
    let FieldProblem {
        field,
        code,
        detail,
    } = problem;
    match (field, code) {
        ("password", "required") => "password_required: the password is missing; an export needs \
            show-sensitive to have it"
            .to_owned(),
        _ => format!("{code}: {field} {detail}"),
    }
}
