//! Commands that change items: add, set, unset, remove, enable, disable, comment, move, reset.

use mikrotik::api::{Request, Text};
use mikrotik::schema::{Command, Menu};

use super::Router;
use super::answer::Answer;
use super::menu::{
    INTERFACES, REFERENCES, Reference, automatic_name, family, is_interface, required, unique,
};
use super::print::members;
use super::refusal::Refusal;
use super::store::{Item, ItemId, Origin};
use super::value::taken;

/// Arguments of `add` and `set` that are no properties.
const NOT_PROPERTIES: [&str; 5] = [".id", "numbers", "copy-from", "place-before", "value-name"];

/// An item by the menu that holds it.
pub(super) type Target = (&'static str, ItemId);

impl Router {
    pub(super) fn write(
        &mut self,
        path: &'static str,
        menu: &Menu,
        verb: &str,
        request: &Request,
    ) -> Result<Answer, Refusal> {
        match verb {
            "add" => return self.add(path, menu, request),
            "set" => self.set(path, menu, request)?,
            "comment" => self.set(path, menu, request)?,
            "unset" => self.unset(path, menu, request)?,
            "remove" => self.remove(path, menu, request)?,
            "enable" => self.switch(path, menu, request, "false")?,
            "disable" => self.switch(path, menu, request, "true")?,
            "move" => self.move_items(path, menu, request)?,
            "reset-counters" | "reset-counters-all" => {}
            _ => return Err(Refusal::failure("not simulated")),
        }
        Ok(Answer::Done)
    }

    fn add(
        &mut self,
        path: &'static str,
        menu: &Menu,
        request: &Request,
    ) -> Result<Answer, Refusal> {
        let command = menu.command("add").ok_or(Refusal::NoSuchCommand)?;
        self.check_device_mode(path)?;
        let given = self.properties(path, command, request)?;
        let mut item = Item::new(ItemId(0), Origin::Configured);
        self.fill_defaults(menu, command, &mut item);
        if let Some(source) = request.get("copy-from") {
            let (member, id) = self.target(path, source)?;
            let source = self.store.table(member).and_then(|table| table.find(id));
            item.values = source.map(|item| item.values.clone()).unwrap_or_default();
        }
        for (name, value) in given {
            assign(&mut item, name, value);
        }
        self.name_automatically(path, command, &mut item);
        if let Some(missing) = required(path).iter().find(|name| item.get(name).is_none()) {
            return Err(Refusal::Missing(missing));
        }
        self.check_unique(path, &item, None)?;
        let place = request.get("place-before");
        let place = place.map(|text| self.target(path, text)).transpose()?;
        item.id = self.store.next_id(family(path));
        self.complete(path, &mut item);
        let id = item.id;
        self.insert(path, item, place);
        self.changes.record(path, id, false);
        Ok(Answer::Returned(Text::from(id.to_string())))
    }

    /// Some features need somebody at the router before they can be used.
    fn check_device_mode(&self, path: &str) -> Result<(), Refusal> {
        let feature = match path {
            "/system/scheduler" => "scheduler",
            "/ip/hotspot" => "hotspot",
            _ => return Ok(()),
        };
        let mode = self.store.single("/system/device-mode");
        if mode.is_some_and(|mode| mode.is(feature, "no")) {
            return Err(Refusal::DeviceMode);
        }
        Ok(())
    }

    fn insert(&mut self, path: &'static str, item: Item, place: Option<Target>) {
        let table = self.store.table_mut(path);
        let position = place.and_then(|(_, id)| table.position(id));
        let end = table.items.len();
        table.items.insert(position.unwrap_or(end), item);
    }

    fn fill_defaults(&self, menu: &Menu, command: &Command, item: &mut Item) {
        for (name, value) in &menu.defaults {
            if *name != "comment" {
                item.values.insert(name, Text::from(*value));
            }
        }
        if menu.verbs().any(|verb| verb == "disable") || command.argument("disabled").is_some() {
            item.values
                .entry("disabled")
                .or_insert_with(|| Text::from("false"));
        }
    }

    fn name_automatically(&self, path: &'static str, command: &Command, item: &mut Item) {
        let Some(base) = automatic_name(path) else {
            return;
        };
        if command.argument("name").is_none() || item.get("name").is_some() {
            return;
        }
        let is_taken = |name: &str| {
            let mut items = self.store.items(path);
            items.any(|held| held.is("name", name))
        };
        let mut names = (1_u32..).map(|number| format!("{base}{number}"));
        let free = names.find(|name| !is_taken(name));
        item.values
            .insert("name", Text::from(free.unwrap_or_default()));
    }

    fn set(&mut self, path: &'static str, menu: &Menu, request: &Request) -> Result<(), Refusal> {
        let verb = request.menu_and_verb().1;
        let command = menu.command(verb).ok_or(Refusal::NoSuchCommand)?;
        let given = self.properties(path, command, request)?;
        let targets = self.targets(path, menu, request)?;
        let mut changed = Vec::with_capacity(targets.len());
        for (member, id) in targets {
            let item = self.store.table(member).and_then(|table| table.find(id));
            let mut item = item.cloned().ok_or(Refusal::NoSuchItem)?;
            for (name, value) in &given {
                assign(&mut item, name, value.clone());
            }
            self.check_unique(member, &item, Some(id))?;
            self.complete(member, &mut item);
            changed.push((member, item));
        }
        for (member, item) in changed {
            self.replace(member, item);
        }
        Ok(())
    }

    /// Puts a changed item in the place of the old one; who names it by its name goes along.
    fn replace(&mut self, path: &'static str, item: Item) {
        let (id, new) = (item.id, item.get("name").cloned());
        let Some(held) = self.store.item_mut(path, id) else {
            return;
        };
        let old = std::mem::replace(held, item);
        self.changes.record(path, id, false);
        if let (Some(old), Some(new)) = (old.get("name"), &new)
            && old != new
        {
            self.rename(path, old, new);
        }
    }

    fn rename(&mut self, path: &'static str, old: &Text, new: &Text) {
        let here = |reference: &&Reference| {
            reference.to == path || (reference.to == INTERFACES && is_interface(path))
        };
        for reference in REFERENCES.iter().filter(here) {
            for item in &mut self.store.table_mut(reference.path).items {
                if item.get(reference.argument) == Some(old) {
                    item.values.insert(reference.argument, new.clone());
                    self.changes.record(reference.path, item.id, false);
                }
            }
        }
    }

    fn unset(&mut self, path: &'static str, menu: &Menu, request: &Request) -> Result<(), Refusal> {
        let targets = self.targets(path, menu, request)?;
        let name = request
            .get("value-name")
            .ok_or(Refusal::Missing("value-name"))?;
        let set = menu.command("set").ok_or(Refusal::NoSuchCommand)?;
        let name = name.to_shown();
        let (name, _) = interned(set, &name).ok_or_else(|| self.unknown_parameter(&name))?;
        let default = menu.default_of(name).map(Text::from);
        for (member, id) in targets {
            if let Some(item) = self.store.item_mut(member, id) {
                match &default {
                    Some(value) => item.values.insert(name, value.clone()),
                    None => item.values.remove(name),
                };
                self.changes.record(member, id, false);
            }
        }
        Ok(())
    }

    fn remove(
        &mut self,
        path: &'static str,
        menu: &Menu,
        request: &Request,
    ) -> Result<(), Refusal> {
        self.only_targets(request)?;
        let targets = self.targets(path, menu, request)?;
        for (member, id) in &targets {
            let item = self.store.table(member).and_then(|table| table.find(*id));
            let item = item.ok_or(Refusal::NoSuchItem)?;
            self.check_removable(member, item)?;
        }
        for (member, id) in targets {
            self.store.remove(member, id);
            self.after_removal((member, id));
            self.changes.record(member, id, true);
        }
        Ok(())
    }

    fn check_removable(&self, path: &str, item: &Item) -> Result<(), Refusal> {
        if item.origin == Origin::BuiltIn {
            let what = match path {
                "/user/group" => "can not remove system group",
                "/queue/type" => "can not remove default queue type",
                _ => "can not remove default profile",
            };
            return Err(Refusal::failure(what));
        }
        let is_full = |item: &Item| item.is("group", "full") && !item.is("disabled", "true");
        let last = || {
            self.store
                .items("/user")
                .filter(|user| is_full(user))
                .count()
                == 1
        };
        if path == "/user" && is_full(item) && last() {
            return Err(Refusal::failure(
                "at least one user with full rights must be left",
            ));
        }
        Ok(())
    }

    fn switch(
        &mut self,
        path: &'static str,
        menu: &Menu,
        request: &Request,
        disabled: &str,
    ) -> Result<(), Refusal> {
        self.only_targets(request)?;
        for (member, id) in self.targets(path, menu, request)? {
            if let Some(item) = self.store.item_mut(member, id) {
                item.values.insert("disabled", Text::from(disabled));
                self.changes.record(member, id, false);
            }
        }
        Ok(())
    }

    /// In front of the destination, or to the end where none is given.
    fn move_items(
        &mut self,
        path: &'static str,
        menu: &Menu,
        request: &Request,
    ) -> Result<(), Refusal> {
        let targets = self.targets(path, menu, request)?;
        let place = request.get("destination").filter(|text| !text.is_empty());
        let place = place.map(|text| self.target(path, text)).transpose()?;
        for target in targets {
            if Some(target) == place {
                continue;
            }
            let (member, id) = target;
            if let Some(item) = self.store.remove(member, id) {
                self.insert(member, item, place);
                self.changes.record(member, id, false);
            }
        }
        Ok(())
    }

    fn only_targets(&self, request: &Request) -> Result<(), Refusal> {
        let mut names = request.arguments.iter().map(|(name, _)| name.as_str());
        let unknown = names.find(|name| !matches!(*name, ".id" | "numbers"));
        unknown.map_or(Ok(()), |name| Err(self.unknown_parameter(name)))
    }

    /// The properties that a command gives, checked; a value of `None` takes it away.
    fn properties(
        &self,
        path: &'static str,
        command: &Command,
        request: &Request,
    ) -> Result<Vec<(&'static str, Option<Text>)>, Refusal> {
        let mut given = Vec::with_capacity(request.arguments.len());
        for (name, value) in &request.arguments {
            let (plain, unset) = match name.strip_prefix('!') {
                Some(plain) => (plain, true),
                None => (name.as_str(), false),
            };
            let lookup = if plain == ".id" { "numbers" } else { plain };
            let known = interned(command, lookup);
            let (name, argument) = known.ok_or_else(|| self.unknown_parameter(plain))?;
            if NOT_PROPERTIES.contains(&name) {
                continue;
            }
            let value = if unset {
                None
            } else {
                let value = self.referred(path, name, value, &argument.value)?;
                Some(self.expanded(path, name, value))
            };
            given.push((name, value));
        }
        Ok(given)
    }

    /// A value that names an item must find it; any other is as the schema types it.
    fn referred(
        &self,
        path: &'static str,
        name: &str,
        value: &Text,
        kind: &mikrotik::schema::ValueType,
    ) -> Result<Text, Refusal> {
        let here = |held: &&Reference| held.path == path && held.argument == name;
        let Some(reference) = REFERENCES.iter().find(here) else {
            // `IP:10.0.0.1,DNS:router`: the schema has only the words before the colons.
            if (path, name) == ("/certificate", "subject-alt-name") {
                return Ok(value.clone());
            }
            return taken(name, value, kind);
        };
        let shown = value.to_shown();
        let free = value.is_empty() || kind.words.iter().any(|word| *word == shown);
        // A name of the schema's words may have been renamed or be missing here.
        let exists = self.target(reference.to, value);
        if let Ok((member, id)) = exists {
            let item = self.store.table(member).and_then(|table| table.find(id));
            return Ok(item
                .and_then(|item| item.get("name"))
                .unwrap_or(value)
                .clone());
        }
        let words = ["none", "all", "static", "dynamic"];
        if free && (value.is_empty() || words.contains(&shown.as_ref())) {
            return Ok(value.clone());
        }
        let address = || shown.parse::<std::net::IpAddr>().is_ok();
        if reference.or_else && address() {
            return Ok(value.clone());
        }
        Err(Refusal::NotAChoice(name.to_owned()))
    }

    /// A group's policies are kept with those it lacks.
    fn expanded(&self, path: &str, name: &str, value: Text) -> Text {
        if (path, name) != ("/user/group", "policy") {
            return value;
        }
        Text::from(super::factory::policies(&self.release, &value.to_shown()))
    }

    fn check_unique(
        &self,
        path: &'static str,
        item: &Item,
        but: Option<ItemId>,
    ) -> Result<(), Refusal> {
        let (properties, message) = unique(path);
        let same = |held: &Item| {
            Some(held.id) != but
                && properties
                    .iter()
                    .all(|name| item.get(name) == held.get(name))
                && properties.iter().any(|name| item.get(name).is_some())
        };
        let family = if is_interface(path) { INTERFACES } else { path };
        let mut members = members(family).into_iter();
        if members.any(|member| self.store.items(member).any(same)) {
            return Err(Refusal::failure(message));
        }
        Ok(())
    }

    /// The items that a command names; a singleton is its own.
    pub(super) fn targets(
        &mut self,
        path: &'static str,
        menu: &Menu,
        request: &Request,
    ) -> Result<Vec<Target>, Refusal> {
        let named = request.get(".id").or_else(|| request.get("numbers"));
        let Some(named) = named else {
            if menu.is_list() {
                return Err(Refusal::Missing("numbers"));
            }
            return Ok(vec![self.singleton(path, menu)]);
        };
        let shown = named.to_shown();
        if let Ok(target) = self.target(path, named) {
            return Ok(vec![target]);
        }
        let parts = shown.split(',').filter(|part| !part.is_empty());
        let targets: Result<Vec<Target>, Refusal> = parts
            .map(|part| self.target(path, &Text::from(part)))
            .collect();
        targets
    }

    /// An item by its id or its name.
    pub(super) fn target(&self, path: &'static str, text: &Text) -> Result<Target, Refusal> {
        let id = text.as_str().and_then(ItemId::parse);
        for member in members(path) {
            let mut items = self.store.items(member);
            let found = items.find(|item| Some(item.id) == id || item.get("name") == Some(text));
            if let Some(item) = found {
                return Ok((member, item.id));
            }
        }
        Err(Refusal::NoSuchItem)
    }

    /// The one item of a singleton, with its defaults when it was never set.
    fn singleton(&mut self, path: &'static str, menu: &Menu) -> Target {
        let id = ItemId(0);
        if self.store.single(path).is_none() {
            let mut item = Item::new(id, Origin::BuiltIn);
            let defaults = menu.defaults.iter();
            item.values = defaults
                .map(|(name, value)| (*name, Text::from(*value)))
                .collect();
            self.store.put(path, item);
        }
        (path, id)
    }
}

/// A name as the schema has it.
pub(super) fn interned<'c>(
    command: &'c Command,
    name: &str,
) -> Option<(&'static str, &'c mikrotik::schema::Argument)> {
    command.arguments().find(|(known, _)| *known == name)
}

/// An empty comment is none.
fn assign(item: &mut Item, name: &'static str, value: Option<Text>) {
    match value {
        Some(value) if name != "comment" || !value.is_empty() => {
            item.values.insert(name, value);
        }
        _ => {
            item.values.remove(name);
        }
    }
}
