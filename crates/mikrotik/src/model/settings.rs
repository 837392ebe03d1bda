//! Settings of one item, in one way of writing.

use std::collections::BTreeMap;
use std::collections::btree_map;
use std::fmt;
use std::net::Ipv4Addr;

use super::menu::{Form, Menu};
use crate::api::{Row, Text};
use crate::duration::{format_duration, parse_duration};
use crate::schema::Version;

/// Settings of one item, each in the one way of writing in which equal values are equal.
///
/// What has its default, or is not set, is left out.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Settings(BTreeMap<&'static str, Text>);

/// A value that cannot be set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidValue {
    /// The menu has no such property, or not one that is kept in order.
    #[error("{menu} has no property {property} that is kept in order")]
    Property {
        /// The menu.
        menu: &'static str,
        /// The property.
        property: String,
    },
    /// A zero byte ends text on the router.
    #[error("{0} must not hold a zero byte")]
    Nul(&'static str),
    /// What was read cannot be understood.
    #[error("{property} is not {expected}")]
    Value {
        /// The property.
        property: &'static str,
        /// What it should be.
        expected: &'static str,
    },
}

impl Settings {
    /// No settings.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a property of a menu; its default leaves it out.
    pub fn set(
        &mut self,
        menu: Menu,
        name: &str,
        value: impl Into<Text>,
    ) -> Result<(), InvalidValue> {
        let property = menu.property(name).ok_or_else(|| InvalidValue::Property {
            menu: menu.path(),
            property: name.to_owned(),
        })?;
        let value = canonical(property.form, value.into());
        if value.as_bytes().contains(&0) {
            return Err(InvalidValue::Nul(property.name));
        }
        let default = property.default.unwrap_or_default();
        if value == default || value.is_empty() {
            self.0.remove(property.name);
        } else {
            self.0.insert(property.name, value);
        }
        Ok(())
    }

    /// The settings in a row that a router sent, as far as the product keeps them in order.
    pub fn from_row(menu: Menu, version: Version, row: &Row) -> Result<Self, InvalidValue> {
        let mut settings = Self::new();
        for property in menu.properties(version) {
            if let Some(value) = row.text(property.name) {
                settings.set(menu, property.name, value)?;
            }
        }
        Ok(settings)
    }

    /// The settings without those that a version lacks.
    #[must_use]
    pub fn of_version(mut self, menu: Menu, version: Version) -> Self {
        self.0.retain(|name, _| {
            menu.property(name)
                .is_some_and(|property| property.is_in(version))
        });
        self
    }

    /// A setting that differs from the default.
    pub fn get(&self, name: &str) -> Option<&Text> {
        self.0.get(name)
    }

    /// The settings that differ from the defaults, by name.
    pub fn iter(&self) -> btree_map::Iter<'_, &'static str, Text> {
        self.0.iter()
    }

    /// The properties in which two items differ, with the value that `self` has; none is the default.
    pub fn differing_from(&self, other: &Self) -> Vec<(&'static str, Option<Text>)> {
        let mut names: Vec<&'static str> = self.0.keys().chain(other.0.keys()).copied().collect();
        names.sort_unstable();
        names.dedup();
        let differing = names
            .into_iter()
            .filter(|name| self.get(name) != other.get(name));
        differing
            .map(|name| (name, self.get(name).cloned()))
            .collect()
    }
}

impl fmt::Debug for Settings {
    /// Secrets are masked.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_secret = |name: &str| {
            let mut found = Menu::ALL.into_iter().filter_map(|menu| menu.property(name));
            found.any(|property| property.secret)
        };
        let mut map = f.debug_map();
        for (name, value) in &self.0 {
            if is_secret(name) {
                map.entry(name, &"…");
            } else {
                map.entry(name, value);
            }
        }
        map.finish()
    }
}

/// The one way of writing a value.
fn canonical(form: Form, value: Text) -> Text {
    let Some(text) = value.as_str() else {
        return value;
    };
    match form {
        Form::Text => value,
        Form::Bool => match text {
            "yes" => "true".into(),
            "no" => "false".into(),
            _ => value,
        },
        Form::Span => match parse_duration(text) {
            Some(span) => format_duration(span).into(),
            None => value,
        },
        Form::Words => {
            let mut words: Vec<&str> = text.split(',').filter(|word| !word.is_empty()).collect();
            words.sort_unstable();
            words.dedup();
            words.join(",").into()
        }
        Form::Addresses => {
            let parts: Vec<String> = text.split(',').map(canonical_addresses).collect();
            parts.join(",").into()
        }
    }
}

/// `10.0.0.1/32` and `10.0.0.1-10.0.0.1` are `10.0.0.1`; `10.0.0.1-9` is `10.0.0.1-10.0.0.9`.
fn canonical_addresses(text: &str) -> String {
    if let Some(address) = text.strip_suffix("/32") {
        return address.to_owned();
    }
    let Some((first, last)) = text.split_once('-') else {
        return text.to_owned();
    };
    let (Ok(start), end) = (first.parse::<Ipv4Addr>(), last.parse::<Ipv4Addr>()) else {
        return text.to_owned();
    };
    let [a, b, c, _] = start.octets();
    let short = last.parse::<u8>().map(|d| Ipv4Addr::new(a, b, c, d));
    match end.ok().or(short.ok()) {
        Some(end) if end == start => start.to_string(),
        Some(end) => format!("{start}-{end}"),
        None => text.to_owned(),
    }
}
