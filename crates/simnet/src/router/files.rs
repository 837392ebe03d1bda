//! `/file` and binary backups.

use std::collections::BTreeMap;

use mikrotik::api::{Request, Row, Text};

use super::Router;
use super::answer::Answer;
use super::refusal::Refusal;
use super::store::{Item, Origin, Store, push};
use super::system::NOT_RESTORED;

/// Longest file whose contents a print shows, before version 7 and since.
const SHOWN_BEFORE_7: usize = 4095;
const SHOWN: usize = 61_440;

/// Most bytes that `/file/read` gives at a time.
const CHUNK: usize = 32_768;

/// The states that backups hold, by the names of their files.
pub(super) type Backups = BTreeMap<String, Backup>;

/// One backup.
#[derive(Debug, Clone)]
pub(super) struct Backup {
    store: Store,
    password: Text,
}

impl Router {
    /// A file by its name.
    pub fn file(&self, name: &str) -> Option<Text> {
        let mut files = self.store.items("/file");
        let file = files.find(|file| file.is("name", name))?;
        file.get("contents").cloned()
    }

    /// Writes a file; one of that name is overwritten.
    pub fn put_file(&mut self, name: &str, contents: Text) {
        let known = {
            let mut files = self.store.items("/file");
            files.find(|file| file.is("name", name)).map(|file| file.id)
        };
        let id = match known {
            Some(id) => id,
            None => self.store.next_id("/file"),
        };
        let mut item = Item::new(id, Origin::Configured);
        item.values.insert("name", Text::from(name));
        item.values.insert("contents", contents);
        self.complete_file(&mut item);
        self.store.remove("/file", id);
        self.store.put("/file", item);
        self.changes.record("/file", id, false);
    }

    pub(super) fn complete_file(&self, item: &mut Item) {
        let name = item.shown("name");
        let kind = match name.rsplit_once('.') {
            Some((_, "rsc")) => "script",
            Some((_, "backup")) => "backup",
            Some((_, extension)) => &format!(".{extension} file"),
            None => "file",
        };
        let size = item.get("contents").map_or(0, |text| text.as_bytes().len());
        let time = if self.release.is_six() {
            "creation-time"
        } else {
            "last-modified"
        };
        item.values.insert("type", Text::from(kind));
        item.values.insert("size", Text::from(size.to_string()));
        item.values
            .insert(time, Text::from(self.shown_date_time(self.now)));
    }

    /// Whether a print shows what is in a file; longer ones are read in chunks.
    pub(super) fn shows_contents(&self, contents: &Text) -> bool {
        let most = if self.release.is_six() {
            SHOWN_BEFORE_7
        } else {
            SHOWN
        };
        contents.as_bytes().len() <= most
    }

    pub(super) fn read_file(&self, request: &Request) -> Result<Answer, Refusal> {
        let (_, menu) = self.menu("/file")?;
        let read = menu.command("read").ok_or(Refusal::NoSuchCommand)?;
        if let Some((name, _)) = request
            .arguments
            .iter()
            .find(|(name, _)| read.argument(name).is_none())
        {
            return Err(self.unknown_parameter(name));
        }
        let named = request.get("file").ok_or(Refusal::Missing("file"))?;
        let contents = self
            .file(&named.to_shown())
            .ok_or_else(|| Refusal::NotAChoice("file".to_owned()))?;
        let offset = number(request, "offset", 0)?;
        let size = number(request, "chunk-size", CHUNK)?;
        if size == 0 || size > CHUNK {
            return Err(Refusal::OutOfRange {
                name: "chunk-size".to_owned(),
                range: format!("1..{CHUNK}"),
            });
        }
        let rest = contents.as_bytes().get(offset..).unwrap_or_default();
        let chunk = rest.get(..size).unwrap_or(rest);
        let mut row = Row::new();
        push(&mut row, "data", chunk);
        Ok(Answer::Rows(vec![row]))
    }

    pub(super) fn save_backup(&mut self, request: &Request) -> Result<(), Refusal> {
        self.check_backup_arguments(request, "save")?;
        let name = request.get("name").filter(|name| !name.is_empty());
        let name = name.map_or_else(
            || format!("MikroTik-{}", self.now.format("%Y%m%d-%H%M")),
            |name| name.to_shown().into_owned(),
        );
        let name = with_extension(&name);
        let password = request.get("password").cloned().unwrap_or_default();
        let backup = Backup {
            store: self.store.clone(),
            password,
        };
        // What is in it only a router can read.
        let contents = [&[0x88, 0xAC, 0xA1, 0xB1][..], name.as_bytes()].concat();
        self.put_file(&name, Text::from(contents));
        self.backups.insert(name, backup);
        Ok(())
    }

    pub(super) fn load_backup(&mut self, request: &Request) -> Result<(), Refusal> {
        self.check_backup_arguments(request, "load")?;
        let name = request.get("name").ok_or(Refusal::Missing("name"))?;
        let backup = self.backups.get(&with_extension(&name.to_shown()));
        let backup = backup.ok_or_else(|| Refusal::failure("no such file"))?;
        let password = request.get("password").cloned().unwrap_or_default();
        if backup.password != password {
            return Err(Refusal::failure("incorrect password"));
        }
        self.store.restore(&backup.store, &NOT_RESTORED);
        self.changes.renew_settings();
        self.reboot();
        Ok(())
    }

    fn check_backup_arguments(&self, request: &Request, verb: &str) -> Result<(), Refusal> {
        let (_, menu) = self.menu("/system/backup")?;
        let command = menu.command(verb).ok_or(Refusal::NoSuchCommand)?;
        let mut names = request.arguments.iter().map(|(name, _)| name);
        let unknown = names.find(|name| command.argument(name).is_none());
        unknown.map_or(Ok(()), |name| Err(self.unknown_parameter(name)))
    }

    pub(super) fn forget_backups(&mut self) {
        let mut held = std::mem::take(&mut self.backups);
        held.retain(|name, _| self.file(name).is_some());
        self.backups = held;
    }
}

fn with_extension(name: &str) -> String {
    if name.ends_with(".backup") {
        return name.to_owned();
    }
    format!("{name}.backup")
}

fn number(request: &Request, name: &str, otherwise: usize) -> Result<usize, Refusal> {
    let Some(text) = request.get(name) else {
        return Ok(otherwise);
    };
    let number = text.as_str().and_then(|text| text.parse().ok());
    number.ok_or_else(|| Refusal::BadValue(name.to_owned()))
}
