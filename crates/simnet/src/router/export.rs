//! `/export`: the configuration as commands that make it again.

use mikrotik::api::{Request, Text};
use mikrotik::export::ExportWriter;
use mikrotik::schema::{Base, Menu, Schema};

use super::Router;
use super::access::User;
use super::answer::Answer;
use super::config::RouterConfig;
use super::factory;
use super::menu::{INTERFACES, NOT_CONFIGURATION, is_sensitive};
use super::refusal::Refusal;
use super::store::{Item, Origin, Store};

/// Menus that others refer to come first; the rest follows by name.
const FIRST: [&str; 17] = [
    "/interface/bridge",
    "/interface/ethernet",
    "/interface/wireguard",
    "/interface/vlan",
    "/interface/list",
    "/interface/pppoe-client",
    "/ip/pool",
    "/queue/type",
    "/ip/hotspot/profile",
    "/ip/hotspot/user/profile",
    "/ip/hotspot",
    "/ip/dhcp-server/option",
    "/ip/dhcp-server/option/sets",
    "/ip/dhcp-server",
    "/ppp/profile",
    "/user/group",
    "/snmp/community",
];

/// What an export leaves in and out.
#[derive(Debug, Clone, Copy)]
struct Scope<'a> {
    menu: &'a str,
    sensitive: bool,
}

impl Router {
    /// The whole configuration as commands, with its secrets.
    pub fn export(&self) -> String {
        self.export_text(Scope {
            menu: "/",
            sensitive: true,
        })
    }

    pub(super) fn export_command(
        &mut self,
        path: &'static str,
        request: &Request,
        user: &User,
    ) -> Result<Answer, Refusal> {
        let (_, menu) = self.menu(path)?;
        let command = menu.command("export").ok_or(Refusal::NoSuchCommand)?;
        let mut names = request.arguments.iter().map(|(name, _)| name);
        if let Some(name) = names.find(|name| command.argument(name).is_none()) {
            return Err(self.unknown_parameter(name));
        }
        let shown = if self.release.is_six() {
            request.get("hide-sensitive").is_none()
        } else {
            request.get("show-sensitive").is_some()
        };
        let text = self.export_text(Scope {
            menu: path,
            sensitive: shown && user.has("sensitive"),
        });
        // Without a file the console prints it; the API has no way to say it.
        if let Some(file) = request.get("file") {
            let name = file.to_shown();
            let name = name.strip_suffix(".rsc").unwrap_or(&name);
            self.put_file(&format!("{name}.rsc"), Text::from(text));
        }
        Ok(Answer::Done)
    }

    fn export_text(&self, scope: Scope<'_>) -> String {
        let mut writer = ExportWriter::new();
        let version = self.release.text().split(' ').next().unwrap_or_default();
        let at = self.shown_date_time(self.now);
        writer.comment(&format!(
            "{at} by RouterOS {version}\nsoftware id = SIMN-ET00"
        ));
        let new = factory::store(&self.release, &RouterConfig::default());
        let mut paths: Vec<&'static str> = self.store.tables().map(|(path, _)| path).collect();
        paths.sort_by_key(|path| {
            let first = FIRST.iter().position(|known| known == path);
            (first.unwrap_or(FIRST.len()), *path)
        });
        let schema = Schema::of(self.release.schema_version());
        for path in paths {
            let Some(menu) = schema.menu(path) else {
                continue;
            };
            if in_scope(path, scope.menu) {
                self.export_menu(&mut writer, path, menu, &new, scope);
            }
        }
        writer.into_text()
    }

    fn export_menu(
        &self,
        writer: &mut ExportWriter,
        path: &'static str,
        menu: &Menu,
        new: &Store,
        scope: Scope<'_>,
    ) {
        let heading = path.replace('/', " ");
        let heading = format!("/{}", heading.trim_start());
        for item in self.store.items(path) {
            let before = new.table(path).and_then(|table| table.find(item.id));
            let (verb, given) = match item.origin {
                Origin::Dynamic => continue,
                Origin::Configured => (
                    "add".to_owned(),
                    self.changed(menu, "add", item, None, scope),
                ),
                _ => {
                    let given = self.changed(menu, "set", item, before, scope);
                    (set_verb(path, menu, before.unwrap_or(item)), given)
                }
            };
            if verb == "add" || !given.is_empty() {
                let given = given.iter().map(|(name, value)| (*name, value.as_str()));
                writer.command(&heading, &verb, given);
            }
        }
    }

    /// What differs from the item as it was made.
    fn changed(
        &self,
        menu: &Menu,
        verb: &str,
        item: &Item,
        before: Option<&Item>,
        scope: Scope<'_>,
    ) -> Vec<(&'static str, String)> {
        let Some(command) = menu.command(verb) else {
            return Vec::new();
        };
        let mut given = Vec::new();
        for (name, value) in &item.values {
            let Some(argument) = command.argument(name) else {
                continue;
            };
            let default = match before {
                Some(before) => before.get(name).cloned(),
                None => menu.default_of(name).map(Text::from),
            };
            let is_off = *name == "disabled" && *value == *"false" && default.is_none();
            let hidden = is_sensitive(name) && !scope.sensitive;
            if default.as_ref() == Some(value) || is_off || hidden {
                continue;
            }
            let shown = value.to_shown();
            let shown = match (argument.value.base, shown.as_ref()) {
                (Base::Bool, "true") => "yes",
                (Base::Bool, "false") => "no",
                (_, shown) => shown,
            };
            given.push((*name, shown.to_owned()));
        }
        given
    }
}

fn in_scope(path: &str, scope: &str) -> bool {
    let below = || {
        path.strip_prefix(scope)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    // People and their passwords are not in an export.
    let kept = !NOT_CONFIGURATION.contains(&path) && path != "/user" && path != INTERFACES;
    kept && (scope == "/" || below())
}

/// How an item that was always there is named.
fn set_verb(path: &str, menu: &Menu, item: &Item) -> String {
    if !menu.is_list() {
        return "set".to_owned();
    }
    let name = match path {
        "/interface/ethernet" => "default-name",
        _ => "name",
    };
    match item.get(name) {
        Some(value) => format!("set [ find {name}={} ]", value.to_shown()),
        None => format!("set {}", item.id),
    }
}
