//! What a router holds: tables of items with ids, and singletons, which are tables of one item.

use std::collections::BTreeMap;

use mikrotik::api::{Row, Text};

/// The number of an item in its menu; written `*1A`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemId(pub u32);

impl ItemId {
    /// Reads `*1A`.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('*')?;
        u32::from_str_radix(digits, 16).ok().map(Self)
    }
}

impl std::fmt::Display for ItemId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "*{:X}", self.0)
    }
}

/// Where an item is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Somebody added it.
    Configured,
    /// The router came with it, and it cannot be removed.
    BuiltIn,
    /// The router made it and will remove it; it is not configuration.
    Dynamic,
}

/// One item.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) id: ItemId,
    pub(super) origin: Origin,
    pub(super) values: BTreeMap<&'static str, Text>,
}

impl Item {
    pub(super) fn new(id: ItemId, origin: Origin) -> Self {
        Self {
            id,
            origin,
            values: BTreeMap::new(),
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Text> {
        self.values.get(name)
    }

    pub(super) fn is(&self, name: &str, value: &str) -> bool {
        self.get(name).is_some_and(|held| *held == *value)
    }

    /// The value of a property as text, empty where there is none.
    pub(super) fn shown(&self, name: &str) -> String {
        self.get(name)
            .map(|text| text.to_shown().into_owned())
            .unwrap_or_default()
    }
}

/// The items of one menu, in their order.
#[derive(Debug, Clone, Default)]
pub(super) struct Table {
    pub(super) items: Vec<Item>,
}

impl Table {
    pub(super) fn find(&self, id: ItemId) -> Option<&Item> {
        self.items.iter().find(|item| item.id == id)
    }

    pub(super) fn position(&self, id: ItemId) -> Option<usize> {
        self.items.iter().position(|item| item.id == id)
    }
}

/// All menus that hold something.
#[derive(Debug, Clone, Default)]
pub(super) struct Store {
    tables: BTreeMap<&'static str, Table>,
    /// The highest id given so far, by the menu or the family of menus that share their numbers.
    last_ids: BTreeMap<&'static str, u32>,
}

impl Store {
    pub(super) fn table(&self, path: &str) -> Option<&Table> {
        self.tables.get(path)
    }

    pub(super) fn table_mut(&mut self, path: &'static str) -> &mut Table {
        self.tables.entry(path).or_default()
    }

    pub(super) fn tables(&self) -> impl Iterator<Item = (&'static str, &Table)> {
        self.tables.iter().map(|(path, table)| (*path, table))
    }

    pub(super) fn items(&self, path: &str) -> impl Iterator<Item = &Item> {
        self.table(path).into_iter().flat_map(|table| &table.items)
    }

    /// The only item of a singleton.
    pub(super) fn single(&self, path: &str) -> Option<&Item> {
        self.items(path).next()
    }

    pub(super) fn item_mut(&mut self, path: &'static str, id: ItemId) -> Option<&mut Item> {
        let items = &mut self.table_mut(path).items;
        items.iter_mut().find(|item| item.id == id)
    }

    pub(super) fn put(&mut self, path: &'static str, item: Item) {
        self.table_mut(path).items.push(item);
    }

    pub(super) fn remove(&mut self, path: &'static str, id: ItemId) -> Option<Item> {
        let table = self.table_mut(path);
        let position = table.position(id)?;
        Some(table.items.remove(position))
    }

    /// A number that no item of the family had before.
    pub(super) fn next_id(&mut self, family: &'static str) -> ItemId {
        let last = self.last_ids.entry(family).or_default();
        *last = last.wrapping_add(1);
        ItemId(*last)
    }

    /// Marks a fixed number as given, so that no item gets it again; the very high ones are set apart.
    pub(super) fn reserve(&mut self, family: &'static str, id: ItemId) {
        const SET_APART: u32 = 0x0100_0000;
        if id.0 < SET_APART {
            let last = self.last_ids.entry(family).or_default();
            *last = (*last).max(id.0);
        }
    }

    /// Takes over the tables of a backup; ids go on where they were.
    pub(super) fn restore(&mut self, backup: &Self, keep: &[&'static str]) {
        let kept = keep
            .iter()
            .filter_map(|path| Some((*path, self.tables.remove(path)?)));
        let kept: Vec<_> = kept.collect();
        self.tables = backup.tables.clone();
        for path in keep {
            self.tables.remove(path);
        }
        self.tables.extend(kept);
        for (family, last) in &backup.last_ids {
            let held = self.last_ids.entry(family).or_default();
            *held = (*held).max(*last);
        }
    }
}

/// Appends a property to a row.
pub(super) fn push(row: &mut Row, name: &str, value: impl AsRef<[u8]>) {
    row.push(name, value.as_ref())
        .expect("invariant: values of a router are far below 4 GiB");
}
