//! `/ppp profile`: what subscribers of one kind get.

use std::collections::HashMap;

use domain::network::rate_limit::RateLimit;

use crate::export::{Command, ExportError, ExportErrorKind, find_conditions};
use crate::ppp_secret::filled;

const ITEM: &str = "profile";

/// The two profiles that every router has, with the ids by which exports name them.
const BUILT_IN: [(&str, &str); 2] = [("*0", "default"), ("*FFFFFFFE", "default-encryption")];

/// One PPP profile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PppProfile {
    /// Line on which the profile was added or first changed.
    pub line: usize,
    /// Name by which secrets refer to it.
    pub name: String,
    /// Rate as RouterOS writes it: `5M/10M 8M/16M …`, upload first.
    pub rate_limit: Option<String>,
    /// Address of the router's end, or a pool.
    pub local_address: Option<String>,
    /// Address of the subscriber's end, usually a pool.
    pub remote_address: Option<String>,
    /// Whether a name may be online once only; none leaves it to the router's default.
    pub only_one: Option<bool>,
}

impl PppProfile {
    /// The rate as numbers; none when the profile sets none, or one that RouterOS would refuse.
    pub fn rate(&self) -> Option<RateLimit> {
        self.rate_limit.as_deref()?.parse().ok()
    }

    /// Whether the profile exists on every router.
    pub fn is_built_in(&self) -> bool {
        BUILT_IN.iter().any(|(_, name)| *name == self.name)
    }
}

/// The profiles of one export, while its commands are applied in turn.
#[derive(Default)]
pub(crate) struct Profiles {
    items: Vec<PppProfile>,
    by_name: HashMap<String, usize>,
}

impl Profiles {
    pub(crate) fn apply(&mut self, command: &Command<'_>) -> Result<(), ExportError> {
        let applied = match command.verb.as_ref() {
            "add" | "print" => self.add(command),
            "set" => self.set(command),
            _ => Ok(()),
        };
        applied.map_err(|kind| ExportError {
            line: command.line,
            kind,
        })
    }

    pub(crate) fn into_profiles(self) -> Vec<PppProfile> {
        self.items
    }

    fn add(&mut self, command: &Command<'_>) -> Result<(), ExportErrorKind> {
        let mut profile = PppProfile {
            line: command.line,
            ..PppProfile::default()
        };
        update(&mut profile, command)?;
        if profile.name.is_empty() {
            return Err(ExportErrorKind::MissingName { item: ITEM });
        }
        self.push(profile);
        Ok(())
    }

    fn set(&mut self, command: &Command<'_>) -> Result<(), ExportErrorKind> {
        for target in &command.targets {
            let index = self.find(target, command.line)?;
            let profile = self.items.get_mut(index).ok_or_else(|| unknown(target))?;
            let old_name = profile.name.clone();
            update(profile, command)?;
            if profile.name != old_name {
                let name = profile.name.clone();
                self.by_name.remove(&old_name);
                self.by_name.insert(name, index);
            }
        }
        Ok(())
    }

    fn push(&mut self, profile: PppProfile) -> usize {
        let index = self.items.len();
        self.by_name.insert(profile.name.clone(), index);
        self.items.push(profile);
        index
    }

    /// Finds a profile by name, id or condition; the built-in ones appear when first changed.
    fn find(&mut self, target: &str, line: usize) -> Result<usize, ExportErrorKind> {
        let name = name_of(target)?;
        if let Some(index) = self.by_name.get(&name) {
            return Ok(*index);
        }
        if !BUILT_IN.iter().any(|(_, built_in)| *built_in == name) {
            return Err(unknown(target));
        }
        Ok(self.push(PppProfile {
            line,
            name,
            ..PppProfile::default()
        }))
    }
}

fn name_of(target: &str) -> Result<String, ExportErrorKind> {
    let conditions = find_conditions(target);
    let name = match conditions.as_deref() {
        Some([(key, name)]) if key == "name" => name,
        Some([(key, value)]) if key == "default" && value == "yes" => "default",
        Some(_) => return Err(unknown(target)),
        None => target,
    };
    let built_in = BUILT_IN
        .iter()
        .find(|(id, _)| *id == name || (name == "0" && *id == "*0"));
    Ok(built_in.map_or(name, |(_, built_in)| built_in).to_owned())
}

fn unknown(target: &str) -> ExportErrorKind {
    ExportErrorKind::UnknownTarget {
        item: ITEM,
        target: target.chars().take(64).collect(),
    }
}

fn update(profile: &mut PppProfile, command: &Command<'_>) -> Result<(), ExportErrorKind> {
    for argument in &command.arguments {
        let value = argument.value.as_ref();
        if value.contains('\0') {
            return Err(ExportErrorKind::NulInValue {
                argument: argument.name.to_string(),
            });
        }
        match argument.name.as_ref() {
            "name" if !value.is_empty() => value.clone_into(&mut profile.name),
            "rate-limit" => profile.rate_limit = filled(value),
            "local-address" => profile.local_address = filled(value),
            "remote-address" => profile.remote_address = filled(value),
            "only-one" => profile.only_one = only_one(value)?,
            _ => {}
        }
    }
    Ok(())
}

fn only_one(value: &str) -> Result<Option<bool>, ExportErrorKind> {
    match value {
        "yes" => Ok(Some(true)),
        "no" => Ok(Some(false)),
        "default" | "" => Ok(None),
        _ => Err(ExportErrorKind::NotYesOrNo {
            argument: "only-one",
        }),
    }
}
