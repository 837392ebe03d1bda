//! `print`: which items, and which of their properties.

use mikrotik::api::{Query, QueryWord, Request, Row, Text};
use mikrotik::schema::{Base, Menu};

use super::Router;
use super::access::User;
use super::answer::Answer;
use super::menu::{INTERFACE_MENUS, INTERFACES, is_sensitive, is_write_only};
use super::refusal::Refusal;
use super::store::{Item, ItemId, Origin, push};

/// What the API takes besides the arguments of the console.
const ARGUMENTS: [&str; 9] = [
    "count-only",
    "detail",
    "follow",
    "follow-only",
    "from",
    "interval",
    "stats",
    "without-paging",
    "show-sensitive",
];

/// What a listener wants to be told.
#[derive(Debug, Clone)]
pub(super) struct Listening {
    pub(super) path: &'static str,
    query: Query,
    proplist: Option<Vec<String>>,
    seen: u64,
}

impl Router {
    pub(super) fn print(
        &self,
        path: &'static str,
        menu: &Menu,
        request: &Request,
        user: &User,
    ) -> Result<Answer, Refusal> {
        self.check_print_arguments(menu, request)?;
        let rows = self.all_rows(path, menu, user).into_iter();
        let query = typed(menu, &request.query);
        let rows = rows.filter(|row| query.matches(row));
        if request.get("count-only").is_some() {
            return Ok(Answer::Returned(Text::from(rows.count().to_string())));
        }
        let rows = rows.map(|row| selected(row, request.proplist.as_deref()));
        Ok(Answer::Rows(rows.collect()))
    }

    /// Whether a request asks to be told of changes, and of which.
    pub(super) fn listening(
        &self,
        request: &Request,
        user: &User,
    ) -> Result<Option<Listening>, Refusal> {
        let (path, verb) = request.menu_and_verb();
        let follows = ["follow", "follow-only"].map(|name| request.get(name).is_some());
        if verb != "listen" && !(verb == "print" && follows.contains(&true)) {
            return Ok(None);
        }
        let (path, menu) = self.menu(path)?;
        self.check_permission(path, verb, user)?;
        if menu.command(verb).is_none() || !has_rows(path, menu) {
            return Err(Refusal::NoSuchCommand);
        }
        self.check_print_arguments(menu, request)?;
        Ok(Some(Listening {
            path,
            query: typed(menu, &request.query),
            proplist: request.proplist.clone(),
            seen: self.changes.count(),
        }))
    }

    /// What happened since a listener was last told.
    pub(super) fn news(&self, listening: &mut Listening, user: &User) -> Vec<Row> {
        let members = members(listening.path);
        let changes = self.changes.since(listening.seen);
        let changes: Vec<_> = changes
            .filter(|change| members.contains(&change.path))
            .collect();
        listening.seen = self.changes.count();
        let row = |change: &super::changes::Change| {
            if change.removed {
                return Some(dead(change.id));
            }
            let (_, menu) = self.menu(listening.path).ok()?;
            let item = self.store.table(change.path);
            let row = match item.and_then(|table| table.find(change.id)) {
                Some(item) => self.row(listening.path, change.path, menu, item, user),
                None => self.line_row_of(listening.path, menu, change.id)?,
            };
            let wanted = listening.query.matches(&row);
            wanted.then(|| selected(row, listening.proplist.as_deref()))
        };
        changes.iter().filter_map(row).collect()
    }

    /// Whether there is anything that a listener has not been told.
    pub(super) fn has_news(&self, listening: &Listening) -> bool {
        self.changes.count() != listening.seen
    }

    pub(super) fn all_rows(&self, path: &'static str, menu: &Menu, user: &User) -> Vec<Row> {
        if let Some(row) = self.computed_row(path) {
            return vec![row];
        }
        let mut rows = Vec::new();
        for member in members(path) {
            let items = self.store.items(member);
            rows.extend(items.map(|item| self.row(path, member, menu, item, user)));
        }
        rows.extend(self.line_rows(path, menu));
        if rows.is_empty() && !has_rows(path, menu) {
            let mut row = Row::new();
            for (name, value) in &menu.defaults {
                push(&mut row, name, value);
            }
            rows.push(row);
        }
        rows
    }

    fn check_print_arguments(&self, menu: &Menu, request: &Request) -> Result<(), Refusal> {
        let print = menu.command("print").ok_or(Refusal::NoSuchCommand)?;
        for (name, _) in &request.arguments {
            let known = ARGUMENTS.contains(&name.as_str()) || print.argument(name).is_some();
            // An id given to print picks that item on some versions; the console's `where` is not for the API.
            if !known || name == "where" {
                return Err(self.unknown_parameter(name));
            }
        }
        Ok(())
    }

    /// A row of an item of `member`, as `path` shows it.
    fn row(&self, path: &str, member: &'static str, menu: &Menu, item: &Item, user: &User) -> Row {
        let mut row = Row::new();
        if has_rows(path, menu) {
            push(&mut row, ".id", item.id.to_string());
        }
        for (name, value) in &item.values {
            let shown = path != INTERFACES || menu.can_read(name);
            let too_long = *name == "contents" && !self.shows_contents(value);
            if !shown || too_long || is_write_only(path, name) {
                continue;
            }
            if is_sensitive(name) && !user.has("sensitive") {
                push(&mut row, name, "*****");
            } else {
                push(&mut row, name, value.as_bytes());
            }
        }
        if path == INTERFACES {
            let kind = INTERFACE_MENUS.iter().find(|(menu, _)| *menu == member);
            push(&mut row, "type", kind.map_or("", |(_, kind)| *kind));
        }
        self.push_flags(&mut row, menu, item);
        row
    }

    fn push_flags(&self, row: &mut Row, menu: &Menu, item: &Item) {
        let flags = [
            ("dynamic", item.origin == Origin::Dynamic),
            ("default", item.origin == Origin::BuiltIn),
            ("invalid", false),
        ];
        for (flag, raised) in flags {
            if menu.properties.contains(&flag) && item.get(flag).is_none() {
                push(row, flag, if raised { "true" } else { "false" });
            }
        }
    }
}

/// Whether a menu shows any number of rows, and not the settings of a singleton.
fn has_rows(path: &str, menu: &Menu) -> bool {
    menu.is_list() || matches!(path, INTERFACES | "/log")
}

/// The menus whose items a menu shows.
pub(super) fn members(path: &'static str) -> Vec<&'static str> {
    if path == INTERFACES {
        return INTERFACE_MENUS.iter().map(|(menu, _)| *menu).collect();
    }
    vec![path]
}

fn dead(id: ItemId) -> Row {
    let mut row = Row::new();
    push(&mut row, ".id", id.to_string());
    push(&mut row, ".dead", "yes");
    row
}

/// A query may say `yes` where a print says `true`.
fn typed(menu: &Menu, query: &Query) -> Query {
    let is_bool = |name: &str| {
        let mut commands = ["set", "add"].iter().filter_map(|verb| menu.command(verb));
        let argument = commands.find_map(|command| command.argument(name));
        match argument {
            Some(argument) => argument.value.base == Base::Bool,
            None => matches!(
                name,
                "disabled" | "dynamic" | "invalid" | "default" | "running"
            ),
        }
    };
    let typed = query.0.iter().map(|word| match word {
        QueryWord::Equal(name, value) if is_bool(name) => match value.as_bytes() {
            b"yes" => QueryWord::equal(name.as_str(), "true"),
            b"no" => QueryWord::equal(name.as_str(), "false"),
            _ => word.clone(),
        },
        word => word.clone(),
    });
    Query(typed.collect())
}

/// Only the properties asked for, in the order of the row.
fn selected(row: Row, proplist: Option<&[String]>) -> Row {
    let Some(names) = proplist else { return row };
    let mut kept = Row::new();
    for (name, value) in row.iter() {
        let name = std::str::from_utf8(name).unwrap_or_default();
        if names.iter().any(|wanted| wanted == name) {
            push(&mut kept, name, value);
        }
    }
    kept
}
