//! Reads the files in `schema/`.

use std::collections::BTreeMap;
use std::time::Duration;

use super::value_type::{Base, ValueType};
use super::version::Version;
use super::{Argument, Evidence, Menu, Schema};
use crate::duration::parse_duration;

const SEVEN: &str = include_str!("../../schema/routeros7.txt");
const SIX: &str = include_str!("../../schema/routeros6.txt");

/// What a file says that cannot be understood.
#[derive(Debug, thiserror::Error)]
#[error("schema: {what} in `{line}`")]
pub(super) struct SchemaError {
    what: &'static str,
    line: String,
}

type Menus = BTreeMap<&'static str, Menu>;

/// Reads the menus of a version.
pub(super) fn read_version(version: Version) -> Result<Schema, SchemaError> {
    if !version.is_six() {
        let menus = read(SEVEN, version)?;
        return Ok(Schema { version, menus });
    }
    let mut menus = read(SIX, version)?;
    borrow_types(&mut menus, &read(SEVEN, Version::V7_9)?);
    Ok(Schema { version, menus })
}

/// Version 6 has the types and defaults of 7 where it has the argument.
fn borrow_types(menus: &mut Menus, later: &Menus) {
    for (path, menu) in menus {
        let Some(later) = later.get(path) else {
            continue;
        };
        for (verb, command) in &mut menu.commands {
            let known = later.commands.get(verb);
            for (name, argument) in &mut command.arguments {
                let known = known.and_then(|command| command.arguments.get(name));
                if let Some(known) = known {
                    argument.value = known.value.clone();
                }
            }
        }
        let defaults = later.defaults.iter();
        let has = |(name, _): &&(&str, &str)| menu.properties.contains(name);
        menu.defaults = defaults.filter(has).copied().collect();
    }
}

fn read(text: &'static str, version: Version) -> Result<Menus, SchemaError> {
    let mut drafts: BTreeMap<&'static str, Draft> = BTreeMap::new();
    let mut path = "";
    let mut section = "";
    for line in text.lines() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if !line.starts_with(' ') {
            (path, section) = (line, "");
            continue;
        }
        let draft = drafts.entry(path).or_default();
        let mut words = line.split_ascii_whitespace();
        if !line.starts_with("    ") {
            section = words.next().unwrap_or_default();
        }
        for word in words {
            draft
                .take(section, word, version)
                .map_err(|what| SchemaError {
                    what,
                    line: line.to_owned(),
                })?;
        }
    }
    let menus = drafts.into_iter();
    Ok(menus
        .map(|(path, draft)| (path, draft.into_menu()))
        .collect())
}

/// A menu of which not everything is read.
#[derive(Default)]
struct Draft {
    menu: Menu,
    /// Settings that only other versions have.
    foreign: Vec<&'static str>,
}

impl Draft {
    fn take(
        &mut self,
        section: &'static str,
        word: &'static str,
        version: Version,
    ) -> Result<(), &'static str> {
        let (section, evidence) = match section.strip_prefix('~') {
            Some(section) => (section, Evidence::Manual),
            None => (section, Evidence::Router),
        };
        match section {
            "" => return Err("a word outside of a section"),
            "." => self.menu.properties.push(word),
            "=" => {
                let pair = word.split_once('=');
                self.menu
                    .defaults
                    .push(pair.ok_or("a default without a value")?);
            }
            "!" => {
                let (verb, mark) = split_mark(word);
                if includes(mark, version)? {
                    self.menu.commands.entry(verb).or_default();
                }
            }
            verbs => self.take_argument(verbs, evidence, word, version)?,
        }
        Ok(())
    }

    fn take_argument(
        &mut self,
        verbs: &'static str,
        evidence: Evidence,
        word: &'static str,
        version: Version,
    ) -> Result<(), &'static str> {
        let (argument, mark) = split_mark(word);
        let (name, kind) = argument.split_once(':').unwrap_or((argument, ""));
        let value = value_type(kind)?;
        let here = includes(mark, version)?;
        for verb in verbs.split(',') {
            if !here {
                if matches!(verb, "add" | "set") {
                    self.foreign.push(name);
                }
            } else if let Some(command) = self.menu.commands.get_mut(verb) {
                let value = value.clone();
                command.arguments.insert(name, Argument { value, evidence });
            }
        }
        Ok(())
    }

    /// What cannot be set in this version, yet in another, cannot be read either.
    fn into_menu(self) -> Menu {
        let mut menu = self.menu;
        let commands = &menu.commands;
        let settable = |name: &&'static str| {
            let writers = ["add", "set"].iter().filter_map(|verb| commands.get(verb));
            let mut arguments = writers.map(|command| &command.arguments);
            arguments.any(|arguments| arguments.contains_key(name))
        };
        let foreign = self.foreign;
        menu.properties
            .retain(|name| !foreign.contains(name) || settable(name));
        menu.properties.sort_unstable();
        menu.properties.dedup();
        let properties = &menu.properties;
        menu.defaults
            .retain(|(name, _)| properties.contains(name) || settable(name));
        menu
    }
}

fn split_mark(word: &str) -> (&str, &str) {
    word.rsplit_once('@').unwrap_or((word, ""))
}

/// Whether a mark names a version; no mark names all.
fn includes(mark: &str, version: Version) -> Result<bool, &'static str> {
    for range in mark.split(',').filter(|range| !range.is_empty()) {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let first = number(first).ok_or("a range without a first version")?;
        let last = match last {
            "" => (u16::MAX, u16::MAX),
            last => number(last).ok_or("a range with an unknown version")?,
        };
        if (first..=last).contains(&version.numbers()) {
            return Ok(true);
        }
    }
    Ok(mark.is_empty())
}

fn number(text: &str) -> Option<(u16, u16)> {
    let (major, minor) = text.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// `time(1s..1h){none}`: a form, its range, and words.
fn value_type(text: &str) -> Result<ValueType, &'static str> {
    let (form, words) = match text.split_once('{') {
        Some((form, words)) => (
            form,
            words.strip_suffix('}').ok_or("a list without its end")?,
        ),
        None => (text, ""),
    };
    let (form, range) = match form.split_once('(') {
        Some((form, range)) => {
            let range = range.strip_suffix(')').ok_or("a range without its end")?;
            (form, range.split_once("..").ok_or("a range without `..`")?)
        }
        None => (form, ("", "")),
    };
    let words = words.split('|').filter(|word| !word.is_empty());
    Ok(ValueType {
        base: base(form, range)?,
        words: words.map(|word| word.replace("%20", " ")).collect(),
    })
}

fn base(form: &str, (min, max): (&str, &str)) -> Result<Base, &'static str> {
    let length = |text: &str, otherwise| match text {
        "" => Ok(otherwise),
        digits => digits.parse().map_err(|_| "a length that is no number"),
    };
    let span = |text: &str, otherwise| match text {
        "" => Ok(otherwise),
        text => parse_duration(text).ok_or("an unreadable span of time"),
    };
    Ok(match form {
        "" | "any" => Base::Any,
        "bool" => Base::Bool,
        "one" => Base::OneOf,
        "set" => Base::SetOf,
        "string" => Base::Text {
            min: length(min, 0)?,
            max: length(max, usize::MAX)?,
        },
        "time" => Base::Span {
            min: span(min, Duration::ZERO)?,
            max: span(max, Duration::MAX)?,
        },
        "ip" | "ip-range" | "ip-prefix" | "ip6-prefix" => Base::Address,
        "mac" => Base::Mac,
        "hex" => Base::Hex,
        _ => return Err("an unknown form of a value"),
    })
}
