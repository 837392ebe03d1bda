//! Carries out a plan, and says what became of each step.
//!
//! After every step the menu is read back, and what was read decides: a router that says *done* and did
//! nothing is found out, and so is one that did what it refused. Where it cannot be read, or where the
//! router may still act on a command that got no answer, the result is *unknown*, never a guess.

use std::collections::BTreeMap;

use crate::actual::{Commands, Item, ReadError, read_menu};
use crate::api::{Request, Text};
use crate::client::{ClientError, Outcome};
use crate::desired::MARK;
use crate::diff::{Change, Plan, Step};
use crate::model::{Identity, Menu, Settings};
use crate::schema::Version;

/// What became of a plan: one result for each of its steps.
#[derive(Debug)]
pub struct Report {
    /// The results, in the order of the steps.
    pub results: Vec<StepResult>,
}

/// What became of a step.
#[derive(Debug)]
pub enum StepResult {
    /// It was read back as wanted.
    Done,
    /// The router has what it had.
    NotDone(Cause),
    /// The router has neither what it had nor what is wanted.
    Partly(Cause),
    /// It is not known what the router has, or will have.
    Unknown(Cause),
    /// A step before it failed.
    NotAttempted,
}

/// Why a step is not done.
#[derive(Debug, thiserror::Error)]
pub enum Cause {
    /// The command failed.
    #[error(transparent)]
    Command(#[from] ClientError),
    /// The router could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The router is not as it was when the plan was made.
    #[error("the router was changed since the plan was made: make a new plan")]
    Changed,
    /// The router said that it is done, and reads otherwise.
    #[error("the router said that it is done, yet it reads otherwise")]
    NotAsWanted,
}

impl Report {
    /// Whether every step is done.
    pub fn is_done(&self) -> bool {
        let done = |result: &StepResult| matches!(result, StepResult::Done);
        self.results.iter().all(done)
    }
}

/// Carries out a plan step by step, up to the first that is not done.
pub async fn apply(router: &impl Commands, version: Version, plan: &Plan) -> Report {
    let mut apply = Apply {
        router,
        version,
        held: BTreeMap::new(),
    };
    let mut results = Vec::with_capacity(plan.steps.len());
    let mut failed = false;
    for step in &plan.steps {
        let result = if failed {
            StepResult::NotAttempted
        } else {
            apply.step(step).await
        };
        failed |= !matches!(result, StepResult::Done);
        results.push(result);
    }
    Report { results }
}

/// What a menu shows of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Before,
    After,
    Neither,
}

struct Apply<'a, R> {
    router: &'a R,
    version: Version,
    /// What was read last of each menu.
    held: BTreeMap<Menu, Vec<Item>>,
}

impl<R: Commands> Apply<'_, R> {
    async fn step(&mut self, step: &Step) -> StepResult {
        let held = match self.held.remove(&step.menu) {
            Some(held) => held,
            None => match read_menu(self.router, self.version, step.menu).await {
                Ok(held) => held,
                Err(error) => return StepResult::NotDone(error.into()),
            },
        };
        match state(step, &held) {
            State::After => {
                self.held.insert(step.menu, held);
                return StepResult::Done;
            }
            State::Neither => return StepResult::NotDone(Cause::Changed),
            State::Before => {}
        }
        let failure = self.send(step, &held).await.err();
        match read_menu(self.router, self.version, step.menu).await {
            Ok(held) => {
                let result = judge(state(step, &held), failure);
                self.held.insert(step.menu, held);
                result
            }
            Err(error) => StepResult::Unknown(error.into()),
        }
    }

    /// Sends the commands of a step, up to the first that fails.
    async fn send(&self, step: &Step, held: &[Item]) -> Result<(), ClientError> {
        for request in requests(step, self.version, held) {
            self.router.run(request).await?;
        }
        Ok(())
    }
}

fn judge(state: State, failure: Option<ClientError>) -> StepResult {
    let may_act_yet = failure
        .as_ref()
        .is_some_and(|error| error.outcome() == Outcome::Unknown);
    let cause = failure.map_or(Cause::NotAsWanted, Cause::Command);
    match state {
        State::After => StepResult::Done,
        State::Before | State::Neither if may_act_yet => StepResult::Unknown(cause),
        State::Before => StepResult::NotDone(cause),
        State::Neither => StepResult::Partly(cause),
    }
}

/// What the menu shows of a step.
fn state(step: &Step, held: &[Item]) -> State {
    let by_id = |id: &Option<Text>| held.iter().find(|item| item.id == *id);
    match &step.change {
        Change::Remove { id, before } => match by_id(&Some(id.clone())) {
            None => State::After,
            Some(item) if is_as_planned(item, step, before) => State::Before,
            Some(_) => State::Neither,
        },
        Change::Set { id, before, after } => match by_id(id) {
            Some(item) if is_as_planned(item, step, after) => State::After,
            Some(item) if is_as_planned(item, step, before) => State::Before,
            Some(_) | None => State::Neither,
        },
        Change::Add { settings } => {
            let mut own = held
                .iter()
                .filter(|item| item.key.as_ref() == Some(&step.key));
            match (own.next(), own.next()) {
                (None, _) => State::Before,
                (Some(item), None) if item.settings == *settings => State::After,
                (Some(_), _) => State::Neither,
            }
        }
        Change::MoveBefore { other } => {
            let place = |key: &str| {
                held.iter()
                    .position(|item| item.key.as_deref() == Some(key))
            };
            match (place(&step.key), place(other)) {
                (Some(item), Some(other)) if item < other => State::After,
                (Some(_), Some(_)) => State::Before,
                _ => State::Neither,
            }
        }
    }
}

fn is_as_planned(item: &Item, step: &Step, settings: &Settings) -> bool {
    item.key.as_ref() == Some(&step.key) && item.settings == *settings
}

/// The commands of a step.
pub fn requests(step: &Step, version: Version, held: &[Item]) -> Vec<Request> {
    let path = step.menu.path();
    let command = |verb: &str| Request::new(format!("{path}/{verb}"));
    match &step.change {
        Change::Remove { id, .. } => vec![command("remove").argument(".id", id.clone())],
        Change::Set { id, before, after } => set_requests(step.menu, id.as_ref(), before, after),
        Change::Add { settings } => {
            let mut add = command("add");
            for (name, value) in settings.iter() {
                add = add.argument(*name, value.clone());
            }
            if step.menu.identity(version) == Identity::Comment {
                add = add.argument("comment", format!("{MARK}{}", step.key));
            }
            vec![add]
        }
        Change::MoveBefore { other } => {
            let id = |key: &str| {
                let item = held.iter().find(|item| item.key.as_deref() == Some(key));
                item.and_then(|item| item.id.clone())
            };
            match (id(&step.key), id(other)) {
                (Some(item), Some(other)) => vec![
                    command("move")
                        .argument("numbers", item)
                        .argument("destination", other),
                ],
                _ => Vec::new(),
            }
        }
    }
}

/// One `set` for what gets a value, and an `unset` for each that has no value for "none".
fn set_requests(
    menu: Menu,
    id: Option<&Text>,
    before: &Settings,
    after: &Settings,
) -> Vec<Request> {
    let command = |verb: &str| {
        let request = Request::new(format!("{}/{verb}", menu.path()));
        match id {
            Some(id) => request.argument(".id", id.clone()),
            None => request,
        }
    };
    let mut set = command("set");
    let mut given = false;
    let mut unset = Vec::new();
    for (name, value) in after.differing_from(before) {
        let default = menu.property(name).and_then(|property| property.default);
        match (value, default) {
            (None, None) if menu.can_unset() => {
                unset.push(command("unset").argument("value-name", name));
            }
            (value, default) => {
                let value = value.unwrap_or_else(|| default.unwrap_or_default().into());
                set = set.argument(name, value);
                given = true;
            }
        }
    }
    given.then_some(set).into_iter().chain(unset).collect()
}
