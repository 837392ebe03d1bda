//! From what a router has to what it should have: a plan.

use crate::actual::{Actual, Item};
use crate::api::Text;
use crate::desired::{Desired, DesiredItem};
use crate::model::{Identity, Menu, Settings};
use crate::schema::Version;

/// The steps from what a router has to what it should have, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// What is done.
    pub steps: Vec<Step>,
    /// What cannot be done, because something that is not ours stands in the way.
    pub conflicts: Vec<Conflict>,
}

/// One change of one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The menu.
    pub menu: Menu,
    /// The item's identity: our key, or its name where the menu has no comments.
    pub key: String,
    /// What is changed.
    pub change: Change,
}

/// What is changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The item goes.
    Remove {
        /// The router's id.
        id: Text,
        /// What it was when the plan was made.
        before: Settings,
    },
    /// Settings change.
    Set {
        /// The router's id; a singleton has none.
        id: Option<Text>,
        /// What they were when the plan was made.
        before: Settings,
        /// What they become.
        after: Settings,
    },
    /// The item comes.
    Add {
        /// Its settings.
        settings: Settings,
    },
    /// The item comes to stand right before another.
    MoveBefore {
        /// The other's key.
        other: String,
    },
}

/// Something that is not ours has a name that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The menu.
    pub menu: Menu,
    /// The key of what is wanted.
    pub key: String,
    /// The name that is taken.
    pub name: Text,
}

impl Plan {
    /// Whether nothing needs to be done, and nothing stands in the way.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.conflicts.is_empty()
    }
}

/// The plan from what a router has to what it should have; it is empty when that is the same.
///
/// Only items with our mark are changed, and the singletons that are wanted. In a menu without comments
/// items go by their names, and none is ever removed.
pub fn diff(desired: &Desired, actual: &Actual) -> Plan {
    let mut plan = Plan::default();
    for (menu, wanted) in desired.menus() {
        let version = actual.version;
        let wanted: Vec<Wanted> = wanted
            .iter()
            .map(|item| Wanted::new(menu, version, item))
            .collect();
        let held = actual.menus.get(&menu).map_or(&[][..], Vec::as_slice);
        MenuDiff {
            menu,
            version,
            wanted: &wanted,
            held,
        }
        .plan(&mut plan);
    }
    plan
}

/// An item as a version would have it.
struct Wanted {
    key: String,
    settings: Settings,
}

impl Wanted {
    fn new(menu: Menu, version: Version, item: &DesiredItem) -> Self {
        let settings = item.settings.clone().of_version(menu, version);
        let name = || settings.get("name").map(ToString::to_string);
        let key = match menu.identity(version) {
            Identity::Name => name().unwrap_or_default(),
            Identity::Singleton | Identity::Comment => item.key.clone(),
        };
        Self { key, settings }
    }
}

struct MenuDiff<'a> {
    menu: Menu,
    version: Version,
    wanted: &'a [Wanted],
    held: &'a [Item],
}

impl MenuDiff<'_> {
    fn plan(&self, plan: &mut Plan) {
        let mut removes = Vec::new();
        let mut sets = Vec::new();
        let mut adds = Vec::new();
        // The keys of ours, in the order in which they will stand.
        let mut order: Vec<&str> = Vec::new();
        for item in self.held {
            let Some(key) = item.key.as_deref() else {
                continue;
            };
            let wanted = self.wanted.iter().find(|wanted| wanted.key == key);
            match wanted {
                Some(wanted) if !order.contains(&key) && !self.is_renamed(item, wanted) => {
                    order.push(key);
                    sets.extend(self.set(item, wanted));
                }
                _ => removes.extend(self.remove(item, key)),
            }
        }
        for wanted in self
            .wanted
            .iter()
            .filter(|item| !order.contains(&&*item.key))
        {
            match self.holder_of_name(wanted) {
                Some(name) => plan.conflicts.push(Conflict {
                    menu: self.menu,
                    key: wanted.key.clone(),
                    name,
                }),
                None => adds.push(self.step(
                    &wanted.key,
                    Change::Add {
                        settings: wanted.settings.clone(),
                    },
                )),
            }
        }
        let added: Vec<String> = adds.iter().map(|step| step.key.clone()).collect();
        order.extend(added.iter().map(String::as_str));
        let moves = self.moves(order);
        let steps = removes.into_iter().chain(sets).chain(adds).chain(moves);
        plan.steps.extend(steps);
    }

    fn step(&self, key: &str, change: Change) -> Step {
        Step {
            menu: self.menu,
            key: key.to_owned(),
            change,
        }
    }

    /// A new name may be another's old one: such an item goes and comes anew, after all that go.
    fn is_renamed(&self, item: &Item, wanted: &Wanted) -> bool {
        self.menu.has_unique_names() && item.settings.get("name") != wanted.settings.get("name")
    }

    fn set(&self, item: &Item, wanted: &Wanted) -> Option<Step> {
        let change = Change::Set {
            id: item.id.clone(),
            before: item.settings.clone(),
            after: wanted.settings.clone(),
        };
        (item.settings != wanted.settings).then(|| self.step(&wanted.key, change))
    }

    fn remove(&self, item: &Item, key: &str) -> Option<Step> {
        if self.menu.identity(self.version) != Identity::Comment {
            return None;
        }
        let change = Change::Remove {
            id: item.id.clone()?,
            before: item.settings.clone(),
        };
        Some(self.step(key, change))
    }

    /// The name that is wanted, when something that is not ours has it.
    fn holder_of_name(&self, wanted: &Wanted) -> Option<Text> {
        if !self.menu.has_unique_names() {
            return None;
        }
        let name = wanted.settings.get("name")?;
        let mut foreign = self.held.iter().filter(|item| item.key.is_none());
        foreign
            .any(|item| item.settings.get("name") == Some(name))
            .then(|| name.clone())
    }

    /// Each item is brought before its follower, the last ones first.
    fn moves(&self, mut order: Vec<&str>) -> Vec<Step> {
        let mut steps = Vec::new();
        if !self.menu.is_ordered() {
            return steps;
        }
        let wanted: Vec<&str> = self.wanted.iter().map(|item| &*item.key).collect();
        for pair in wanted.windows(2).rev() {
            let [item, follower] = pair else {
                continue;
            };
            let place = |order: &[&str], key| order.iter().position(|held| *held == key);
            let (Some(from), Some(to)) = (place(&order, *item), place(&order, *follower)) else {
                continue;
            };
            if from > to {
                let moved = order.remove(from);
                order.insert(to, moved);
                let other = (*follower).to_owned();
                steps.push(self.step(item, Change::MoveBefore { other }));
            }
        }
        steps
    }
}
