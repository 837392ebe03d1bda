//! What goes wrong: a plan of faults, applied to commands as they come.

use mikrotik::api::Request;
use serde::{Deserialize, Serialize};

/// One fault and the commands it meets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultRule {
    /// Which commands.
    #[serde(default)]
    pub when: FaultWhen,
    /// What happens to them.
    pub fault: Fault,
}

/// Which commands a fault meets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FaultWhen {
    /// The beginning of the command, `/ppp/secret`; empty is every command.
    pub command: String,
    /// Only commands that change something.
    pub writes: bool,
    /// The first of those that it meets, counted from 1.
    pub nth: u32,
    /// How many it meets from there on; none is all.
    pub times: Option<u32>,
}

impl Default for FaultWhen {
    fn default() -> Self {
        Self {
            command: String::new(),
            writes: false,
            nth: 1,
            times: None,
        }
    }
}

/// What happens to a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// It is carried out later; others with their own tags overtake it.
    Delay {
        /// By how many milliseconds.
        ms: u32,
    },
    /// It is never carried out nor answered.
    Hang,
    /// The connection ends before it is carried out.
    Drop,
    /// It is carried out, and the connection ends in the middle of the answer.
    DropMidSentence,
    /// The first half of its arguments is applied, and the connection ends.
    HalfApply,
    /// It is answered as done, and nothing was done; a print shows nothing.
    Lie,
    /// It is refused.
    Trap {
        /// The category, where the router names one.
        #[serde(default)]
        category: Option<u8>,
        /// The router's words.
        message: String,
    },
    /// There is no room left for files: what would write one is refused, all else goes on.
    DiskFull,
    /// The router cannot be reached for a while; connections are lost without a word.
    Away {
        /// For how many milliseconds.
        ms: u32,
    },
}

/// The plan, and how far it has come.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    rules: Vec<(FaultRule, u32)>,
    is_away: bool,
}

impl Faults {
    /// A plan from its beginning.
    pub fn new(rules: Vec<FaultRule>) -> Self {
        Self {
            rules: rules.into_iter().map(|rule| (rule, 0)).collect(),
            is_away: false,
        }
    }

    /// Adds a rule behind the others.
    pub fn add(&mut self, rule: FaultRule) {
        self.rules.push((rule, 0));
    }

    /// Forgets all rules; the router is back.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Makes the router unreachable, or reachable again.
    pub fn set_away(&mut self, away: bool) {
        self.is_away = away;
    }

    /// Whether nobody reaches the router.
    pub fn is_away(&self) -> bool {
        self.is_away
    }

    /// The fault that a command meets: the first rule's that fits it.
    pub(super) fn meet(&mut self, request: &Request) -> Option<Fault> {
        let mut met = None;
        for (rule, seen) in &mut self.rules {
            if !rule.when.fits(request) {
                continue;
            }
            *seen = seen.saturating_add(1);
            let index = seen.checked_sub(rule.when.nth.max(1));
            let is_due = index.is_some_and(|index| rule.when.times.is_none_or(|most| index < most));
            if is_due && met.is_none() {
                met = Some(rule.fault.clone());
            }
        }
        met
    }
}

impl FaultWhen {
    fn fits(&self, request: &Request) -> bool {
        request.command.starts_with(&self.command) && (!self.writes || is_write(request))
    }
}

fn is_write(request: &Request) -> bool {
    let (_, verb) = request.menu_and_verb();
    !matches!(
        verb,
        "print" | "getall" | "listen" | "monitor" | "read" | "login" | "cancel" | "quit" | "export"
    )
}

/// Whether a command would write a file.
pub(super) fn writes_file(request: &Request) -> bool {
    match request.menu_and_verb() {
        ("/file", "add" | "set") | ("/system/backup", "save") => true,
        _ => request.get("file").is_some(),
    }
}
