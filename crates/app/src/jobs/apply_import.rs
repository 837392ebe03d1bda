//! Applies an upload: a thousand rows in one unit of work, each row's result with it.
//!
//! Results are kept in the unit of work that makes the customers, so that a run that was cut off
//! goes on behind the last result and makes nobody twice. A file that comes in whole or not at all
//! is one unit of work.

use domain::{
    authz::{Actor, CustomerRef, ImportRef, Proof, Scope, SystemActor, authorize, perm},
    event::DomainEvent,
    ids::{CustomerId, ImportId, ZoneId},
    period::anchor_day,
    subscription::{BillWords, bill_period, due_date},
};
use persistence::{
    Error, Read, Tx,
    counters::{self, CounterKind},
    jobs, lookup,
    repo::{
        customers::{self, CustomerInsert},
        imports::{self, ImportRun, ImportState, RowOutcome},
        service,
        zones::{self, Zone},
    },
};
use serde_json::{Value, json};

use super::{JobError, Running};
use crate::{
    ctx::{AppCtx, WorkerCtx},
    reactions,
    use_cases::{
        billing::account::CustomerAccount,
        imports::{
            Counts, ImportOptions, OnError, Planned, Planner, Table, TableRow, content_of,
            load_plan, table_of,
        },
    },
};

/// How many rows share a unit of work.
const BATCH: usize = 1_000;
/// An import of so many rows changes what the database should know about its tables.
const LARGE: usize = 5_000;
/// After so many tries the upload is given up and another may run.
const MAX_ATTEMPTS: i64 = 5;

type ImportProof = Proof<perm::ImportCustomers, ImportRef>;

/// Applies an upload, or goes on where an earlier try stopped.
pub async fn apply(
    ctx: &WorkerCtx,
    import_id: ImportId,
    running: Running,
) -> Result<Value, JobError> {
    let proof = proof_of(&ctx.app, import_id).await?;
    let outcome = apply_as(&ctx.app, &proof, running).await;
    let last = running.attempt >= MAX_ATTEMPTS;
    if matches!(&outcome, Err(JobError::Final(_))) || (outcome.is_err() && last) {
        finish(&ctx.app, &proof, ImportState::Failed).await?;
    }
    outcome
}

/// The worker acts in the ISP of the upload.
async fn proof_of(ctx: &AppCtx, import_id: ImportId) -> Result<ImportProof, JobError> {
    let missing = || JobError::Final("the upload is not there any more".to_owned());
    let installation = Actor::System(SystemActor::Installation);
    let read = ctx.db.read_platform().await?;
    let found = lookup::import(&read, &Scope::own(&installation), import_id).await?;
    let import_ref = found.ok_or_else(missing)?;
    let worker = Actor::System(SystemActor::Worker(import_ref.isp_id));
    authorize(&worker, import_ref).map_err(|_| missing())
}

async fn apply_as(ctx: &AppCtx, proof: &ImportProof, running: Running) -> Result<Value, JobError> {
    let scope = Scope::own(proof.actor());
    let read = ctx.db.read(&scope).await?;
    let run = imports::find(&read, proof.resource()).await?;
    let Some(run) = run.filter(|run| run.state == ImportState::Running) else {
        return Ok(Value::Null);
    };
    let options = run.options.clone().unwrap_or_default();
    let options: ImportOptions = serde_json::from_value(options)
        .map_err(|error| JobError::Final(format!("the choices cannot be read: {error}")))?;
    let content = content_of(ctx, &read, &run).await?;
    let content = content
        .ok_or_else(|| JobError::Final("the file was forgotten: upload it again".to_owned()))?;
    let table = table_of(content).await?;
    let mut work = Work {
        ctx,
        proof,
        running,
        planner: planner_of(ctx, &read, proof, &run, &options, &table).await?,
        options,
        total: table.rows.len(),
        done: 0,
        invalid: 0,
    };
    let on_error = work.options.on_error;
    let state = match on_error {
        OnError::Skip => {
            let last = imports::last_line(&read, proof.resource()).await?;
            read.done().await?;
            work.in_batches(&table, last.unwrap_or(-1)).await?;
            ImportState::Done
        }
        OnError::Abort if work.refused(&read, &table).await? => ImportState::Failed,
        OnError::Abort => {
            work.planner = planner_of(ctx, &read, proof, &run, &work.options, &table).await?;
            read.done().await?;
            work.as_one(&table).await?;
            ImportState::Done
        }
    };
    let result = finish(ctx, proof, state).await?;
    if table.rows.len() >= LARGE
        && let Err(error) = ctx.db.look_at_imported().await
    {
        // Lists are slower until autovacuum comes by; the import is whole.
        tracing::warn!(%error, "the database did not look at the imported rows");
    }
    Ok(result)
}

async fn planner_of(
    ctx: &AppCtx,
    read: &Read,
    proof: &ImportProof,
    run: &ImportRun,
    options: &ImportOptions,
    table: &Table,
) -> Result<Planner, JobError> {
    let now = ctx.clock.now();
    let planner = load_plan(read, proof.actor(), run, options.clone(), table, now).await?;
    planner
        .map_err(|_| JobError::Final("the choices do not fit any more: preview again".to_owned()))
}

/// One run over the rows.
struct Work<'a> {
    ctx: &'a AppCtx,
    proof: &'a ImportProof,
    running: Running,
    planner: Planner,
    options: ImportOptions,
    total: usize,
    done: usize,
    /// Bad rows that this try met.
    invalid: usize,
}

impl Work<'_> {
    async fn in_batches(&mut self, table: &Table, last_line: i64) -> Result<(), JobError> {
        let start = table.rows.partition_point(|row| row.line <= last_line);
        let (before, rest) = table.rows.split_at(start);
        self.planner.skip_done(before);
        self.done = before.len();
        for rows in rest.chunks(BATCH) {
            let tx = self.ctx.db.begin("apply_import_batch", self.proof).await?;
            let made = self.batch(&tx, rows).await?;
            self.progress(&tx).await?;
            tx.record_change(None, Some(json!({ "customers": made })));
            tx.commit().await?;
        }
        Ok(())
    }

    async fn as_one(&mut self, table: &Table) -> Result<(), JobError> {
        let tx = self.ctx.db.begin("apply_import", self.proof).await?;
        imports::clear_rows(&tx, self.proof.resource()).await?;
        let mut made = 0;
        for rows in table.rows.chunks(BATCH) {
            made += self.batch(&tx, rows).await?;
        }
        self.progress(&tx).await?;
        tx.record_change(None, Some(json!({ "customers": made })));
        Ok(tx.commit().await?)
    }

    /// Whether a bad row keeps all of them out; the results then say which.
    async fn refused(&mut self, read: &Read, table: &Table) -> Result<bool, JobError> {
        let mut planned = Vec::with_capacity(table.rows.len());
        for rows in table.rows.chunks(BATCH) {
            planned.extend(self.planner.plan(read, &self.ctx.keyring, rows).await?);
        }
        if planned.iter().all(|row| row.outcome != RowOutcome::Invalid) {
            return Ok(false);
        }
        let is_bad = |row: &&Planned| row.outcome == RowOutcome::Invalid;
        self.invalid = planned.iter().filter(is_bad).count();
        for row in &mut planned {
            if row.outcome == RowOutcome::New {
                row.outcome = RowOutcome::Skipped;
                row.reasons = vec!["not_applied: another row is bad".to_owned()];
            }
        }
        let tx = self.ctx.db.begin("refuse_import", self.proof).await?;
        imports::clear_rows(&tx, self.proof.resource()).await?;
        let results: Vec<_> = planned.iter().map(|row| row.result(None)).collect();
        imports::insert_rows(&tx, self.proof.resource(), &results).await?;
        self.done = self.total;
        self.progress(&tx).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Makes the new customers among the rows and keeps every row's result.
    async fn batch(&mut self, tx: &Tx, rows: &[TableRow]) -> Result<i64, JobError> {
        let isp_id = self.proof.resource().isp_id;
        // Whoever makes a customer takes this lock first: nobody takes a name meanwhile.
        counters::reserve(tx, isp_id, CounterKind::Customer, 0, 0).await?;
        let mut planned = self.planner.plan(tx, &self.ctx.keyring, rows).await?;
        let is_bad = |row: &&Planned| row.outcome == RowOutcome::Invalid;
        self.invalid += planned.iter().filter(is_bad).count();
        self.make_zones(tx, &mut planned).await?;
        let made = planned.iter().filter(|row| row.new.is_some()).count();
        let made = i64::try_from(made).unwrap_or(i64::MAX);
        let first = counters::reserve(tx, isp_id, CounterKind::Customer, 0, made).await?;
        let mut inserts = Vec::new();
        let mut results = Vec::new();
        for mut row in planned {
            let insert = self.insert_of(tx, &mut row, first + count(&inserts))?;
            results.push(row.result(insert.as_ref().map(|insert| insert.number)));
            inserts.extend(insert);
        }
        customers::insert_many(tx, isp_id, &inserts).await?;
        imports::insert_rows(tx, self.proof.resource(), &results).await?;
        if self.options.initial_bill {
            self.bill(tx, &inserts).await?;
        }
        self.done += rows.len();
        Ok(made)
    }

    async fn make_zones(&mut self, tx: &Tx, planned: &mut [Planned]) -> Result<(), Error> {
        for new in planned.iter_mut().filter_map(|row| row.new.as_mut()) {
            let Some(name) = new.new_zone.take() else {
                continue;
            };
            let known = self.planner.zone(&name);
            let id = match known {
                Some(id) => id,
                None => {
                    let zone = Zone {
                        id: ZoneId::generate(),
                        isp_id: self.proof.resource().isp_id,
                        name: name.clone(),
                        created_at: tx.now(),
                    };
                    zones::insert(tx, &zone).await?;
                    self.planner.add_zone(&name, zone.id);
                    zone.id
                }
            };
            new.customer.zone_id = Some(id);
        }
        Ok(())
    }

    fn insert_of(
        &self,
        tx: &Tx,
        row: &mut Planned,
        number: i64,
    ) -> Result<Option<CustomerInsert>, Error> {
        let Some(new) = row.new.take() else {
            return Ok(None);
        };
        let sealed = self.ctx.keyring.seal(new.customer.password.as_bytes());
        let price = self.planner.price(new.customer.package_id);
        let anchor = new.customer.expires_at.unwrap_or_else(|| tx.now());
        Ok(Some(CustomerInsert {
            id: CustomerId::generate(),
            number,
            status_reason: new.status_reason,
            sealed_password: sealed.map_err(|error| Error::Unexpected(error.to_string()))?,
            anchor_day: anchor_day(anchor, self.planner.time_zone),
            price: price
                .ok_or_else(|| Error::Unexpected("a planned package is gone".to_owned()))?,
            new: new.customer,
        }))
    }

    /// Bills whoever has no paid time left for the first period.
    async fn bill(&self, tx: &Tx, inserts: &[CustomerInsert]) -> Result<(), JobError> {
        let isp_id = self.proof.resource().isp_id;
        for insert in inserts {
            if insert.new.expires_at.is_some_and(|until| until > tx.now()) {
                continue;
            }
            let customer_ref = CustomerRef {
                id: insert.id,
                isp_id,
                operator_id: insert.new.operator_id,
            };
            let Some(account) = CustomerAccount::lock(tx, &customer_ref).await? else {
                continue;
            };
            let Some(offer) = service::offer(tx, isp_id, insert.new.package_id).await? else {
                continue;
            };
            let Ok(period) = account.next_period(&offer).await? else {
                continue;
            };
            let due_at = due_date(insert.new.billing_type, period, tx.now());
            let words = BillWords {
                amount: None,
                description: None,
            };
            let draft = bill_period(insert.id, &offer, period, due_at, words);
            account.issue(draft).await?;
            account.save().await?;
        }
        Ok(())
    }

    async fn progress(&self, tx: &Tx) -> Result<(), Error> {
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let (done, total) = (number(self.done), number(self.total));
        jobs::progress(tx, self.running.id, done, total, number(self.invalid)).await
    }
}

fn count(inserts: &[CustomerInsert]) -> i64 {
    i64::try_from(inserts.len()).unwrap_or(i64::MAX)
}

/// Notes how the upload ended and answers how many rows had which outcome.
async fn finish(ctx: &AppCtx, proof: &ImportProof, state: ImportState) -> Result<Value, JobError> {
    let tx = ctx.db.begin("finish_import", proof).await?;
    let mut counts = Counts::default();
    for (outcome, count) in imports::outcome_counts(&tx, proof.resource()).await? {
        counts.add(outcome, u64::try_from(count).unwrap_or(0));
    }
    imports::finish(&tx, proof.resource(), state).await?;
    let import_id = proof.resource().id;
    reactions::record(&tx, DomainEvent::ImportCompleted { import_id }).await?;
    let result = json!({
        "state": state.as_str(),
        "new": counts.new,
        "same": counts.same,
        "differing": counts.differing,
        "invalid": counts.invalid,
        "skipped": counts.skipped,
    });
    tx.record_change(None, Some(result.clone()));
    tx.commit().await?;
    ctx.signals.committed();
    Ok(result)
}
