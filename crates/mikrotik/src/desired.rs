//! What a router should have.

use std::collections::BTreeMap;

use crate::model::{InvalidValue, Menu, Model, Settings};

/// What the comment of every item of ours begins with.
pub const MARK: &str = "lastmile:";

/// What a router should have, menu by menu; menus that are not named are not touched.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Desired {
    menus: BTreeMap<Menu, Vec<DesiredItem>>,
}

/// One item that a router should have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesiredItem {
    /// Its key, which stands in the comment behind [`MARK`]; empty for a singleton.
    pub key: String,
    /// Its settings.
    pub settings: Settings,
}

/// What cannot be wanted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDesired {
    /// The key is not one.
    #[error("`{0}` is no key: use 1 to 64 of a-z, 0-9, `-` and `.`")]
    Key(String),
    /// Two items have one key, or one name where names are unique.
    #[error("`{0}` is wanted twice in {1}")]
    Twice(String, &'static str),
    /// A singleton is wanted with a key, or items without one.
    #[error("{0} holds one set of settings or many items, not the other")]
    Kind(&'static str),
    /// A value cannot be set.
    #[error(transparent)]
    Value(#[from] InvalidValue),
}

impl Desired {
    /// Nothing is wanted, nothing will be touched.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a menu in order: items of ours that are not wanted go.
    pub fn manage(&mut self, menu: Menu) {
        self.menus.entry(menu).or_default();
    }

    /// Wants an item, after those wanted before where the order matters.
    pub fn item<M: Model>(&mut self, key: &str, model: &M) -> Result<(), InvalidDesired> {
        if M::MENU.is_singleton() {
            return Err(InvalidDesired::Kind(M::MENU.path()));
        }
        if !is_key(key) {
            return Err(InvalidDesired::Key(key.to_owned()));
        }
        let settings = model.to_settings()?;
        let items = self.menus.entry(M::MENU).or_default();
        let name = settings.get("name");
        let clash = |item: &DesiredItem| {
            item.key == key
                || M::MENU.has_unique_names() && name.is_some() && item.settings.get("name") == name
        };
        if items.iter().any(clash) {
            return Err(InvalidDesired::Twice(key.to_owned(), M::MENU.path()));
        }
        items.push(DesiredItem {
            key: key.to_owned(),
            settings,
        });
        Ok(())
    }

    /// Wants settings of a singleton.
    pub fn singleton<M: Model>(&mut self, model: &M) -> Result<(), InvalidDesired> {
        if !M::MENU.is_singleton() {
            return Err(InvalidDesired::Kind(M::MENU.path()));
        }
        let settings = model.to_settings()?;
        let key = String::new();
        self.menus
            .insert(M::MENU, vec![DesiredItem { key, settings }]);
        Ok(())
    }

    /// The menus, each after those it refers to, with what is wanted in them.
    pub fn menus(&self) -> impl Iterator<Item = (Menu, &[DesiredItem])> {
        self.menus.iter().map(|(menu, items)| (*menu, &items[..]))
    }
}

fn is_key(key: &str) -> bool {
    let allowed =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
    (1..=64).contains(&key.len()) && key.bytes().all(allowed)
}
