//! What each version of RouterOS knows: its menus, commands, arguments, values and properties.
//!
//! The facts stand in `schema/routeros6.txt` and `schema/routeros7.txt`. Whatever the product sends is
//! checked against them in tests, and a router made of software takes its menus from here, so that
//! neither can drift into a RouterOS that does not exist.

mod reader;
#[cfg(test)]
mod tests;
mod value_type;
mod version;

use std::collections::BTreeMap;
use std::sync::OnceLock;

pub use self::value_type::{Base, ValueType};
pub use self::version::Version;

/// The menus of one version.
#[derive(Debug)]
pub struct Schema {
    version: Version,
    menus: BTreeMap<&'static str, Menu>,
}

/// One menu: `/ppp/secret`.
#[derive(Debug, Clone, Default)]
pub struct Menu {
    /// Properties that can be read, besides [`Menu::COMMON`].
    pub properties: Vec<&'static str>,
    /// Values that a new item has where none is given, or a singleton before it was ever set.
    pub defaults: Vec<(&'static str, &'static str)>,
    commands: BTreeMap<&'static str, Command>,
}

/// One command of a menu: `add`.
#[derive(Debug, Clone, Default)]
pub struct Command {
    arguments: BTreeMap<&'static str, Argument>,
}

/// One argument of a command.
#[derive(Debug, Clone)]
pub struct Argument {
    /// What it may be set to.
    pub value: ValueType,
    /// Where the knowledge is from.
    pub evidence: Evidence,
}

/// How it is known that something exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// MikroTik's manual says so.
    Manual,
    /// A router of that version showed it.
    Router,
}

impl Schema {
    /// The menus of a version, read once.
    pub fn of(version: Version) -> &'static Self {
        static SCHEMAS: [OnceLock<Schema>; Version::ALL.len()] =
            [const { OnceLock::new() }; Version::ALL.len()];
        let mut known = Version::ALL.iter().zip(&SCHEMAS);
        let (_, schema) = known
            .find(|(known, _)| **known == version)
            .expect("invariant: every version is among them");
        schema.get_or_init(|| {
            let schema = reader::read_version(version);
            schema.expect("invariant: the files are part of the program and read in tests")
        })
    }

    /// The version whose menus these are.
    pub fn version(&self) -> Version {
        self.version
    }

    /// A menu by its path, `/ppp/secret`; the root is `/`.
    pub fn menu(&self, path: &str) -> Option<&Menu> {
        self.menus.get(path)
    }

    /// All menus by their paths, sorted.
    pub fn menus(&self) -> impl Iterator<Item = (&'static str, &Menu)> {
        self.menus.iter().map(|(path, menu)| (*path, menu))
    }
}

impl Menu {
    /// Properties that every list has.
    pub const COMMON: [&'static str; 4] = [".id", "dynamic", "invalid", "disabled"];

    /// A command by its verb; `getall` and `listen` are `print`.
    pub fn command(&self, verb: &str) -> Option<&Command> {
        let verb = match verb {
            "getall" | "listen" => "print",
            verb => verb,
        };
        self.commands.get(verb)
    }

    /// The verbs of the menu, sorted.
    pub fn verbs(&self) -> impl Iterator<Item = &'static str> {
        self.commands.keys().copied()
    }

    /// Whether the menu holds items with ids; a singleton has settings only.
    pub fn is_list(&self) -> bool {
        let numbered = |command: &Command| command.argument("numbers").is_some();
        self.commands.contains_key("add") || self.commands.values().any(numbered)
    }

    /// Whether a property can be read.
    pub fn can_read(&self, property: &str) -> bool {
        self.properties.contains(&property) || (self.is_list() && Self::COMMON.contains(&property))
    }

    /// The value that a new item has for a property.
    pub fn default_of(&self, property: &str) -> Option<&'static str> {
        let mut found = self.defaults.iter().filter(|(name, _)| *name == property);
        found.next().map(|(_, value)| *value)
    }
}

impl Command {
    /// An argument by its name; `.id` stands for `numbers`.
    pub fn argument(&self, name: &str) -> Option<&Argument> {
        let name = if name == ".id" { "numbers" } else { name };
        self.arguments.get(name)
    }

    /// All arguments, sorted.
    pub fn arguments(&self) -> impl Iterator<Item = (&'static str, &Argument)> {
        self.arguments
            .iter()
            .map(|(name, argument)| (*name, argument))
    }
}
