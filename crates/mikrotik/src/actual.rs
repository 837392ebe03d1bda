//! What a router has.

use std::collections::BTreeMap;
use std::future::Future;

use crate::api::{Request, Row, Text};
use crate::client::{Answer, Client, ClientError, Connection};
use crate::desired::{Desired, MARK};
use crate::model::{Identity, InvalidValue, Menu, Settings, reads};
use crate::schema::Version;

/// A router that carries out commands: a real one, or one made of software.
pub trait Commands {
    /// Runs one command to its end.
    fn run(&self, request: Request) -> impl Future<Output = Result<Answer, ClientError>> + Send;
}

impl Commands for Client {
    async fn run(&self, request: Request) -> Result<Answer, ClientError> {
        Client::run(self, request).await
    }
}

impl Commands for Connection {
    async fn run(&self, request: Request) -> Result<Answer, ClientError> {
        Connection::run(self, request).await
    }
}

/// What a router has in the menus that were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actual {
    /// The version whose menus it has.
    pub version: Version,
    /// The items of each menu, in the router's order.
    pub menus: BTreeMap<Menu, Vec<Item>>,
}

/// One item, or the settings of a singleton.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The router's id of it; a singleton has none.
    pub id: Option<Text>,
    /// Our key of it; none for an item that is not ours.
    pub key: Option<String>,
    /// Its settings, as far as the product keeps them in order.
    pub settings: Settings,
}

/// Why it is not known what a router has. It is never taken for a router that has nothing.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// A command failed.
    #[error("{menu} cannot be read: {error}")]
    Command {
        /// The menu.
        menu: &'static str,
        /// Why.
        #[source]
        error: ClientError,
    },
    /// The answer is not one.
    #[error("{0} was answered without what was asked for")]
    Incomplete(&'static str),
    /// A value cannot be understood.
    #[error(transparent)]
    Value(#[from] InvalidValue),
    /// The version is too old or unknown.
    #[error("RouterOS {0} is not supported: update the router to 6.49, or to 7.9 or later")]
    Version(Text),
}

/// The version of a router.
pub async fn read_version(router: &impl Commands) -> Result<Version, ReadError> {
    let menu = reads::RESOURCE.menu;
    let answer = router.run(reads::RESOURCE.request()).await;
    let answer = answer.map_err(|error| ReadError::Command { menu, error })?;
    let version = answer.rows.first().and_then(|row| row.text("version"));
    let version = version.ok_or(ReadError::Incomplete(menu))?;
    let known = version.as_str().and_then(Version::of_router);
    known.ok_or(ReadError::Version(version))
}

/// What a router has in the menus that are wanted in order.
pub async fn read_actual(
    router: &impl Commands,
    version: Version,
    desired: &Desired,
) -> Result<Actual, ReadError> {
    let mut menus = BTreeMap::new();
    for (menu, _) in desired.menus() {
        menus.insert(menu, read_menu(router, version, menu).await?);
    }
    Ok(Actual { version, menus })
}

/// What a router has in a menu.
pub async fn read_menu(
    router: &impl Commands,
    version: Version,
    menu: Menu,
) -> Result<Vec<Item>, ReadError> {
    let path = menu.path();
    let answer = router.run(print(menu, version)).await;
    let answer = answer.map_err(|error| ReadError::Command { menu: path, error })?;
    let singleton = menu.is_singleton();
    if singleton && answer.rows.len() != 1 {
        return Err(ReadError::Incomplete(path));
    }
    let kept = answer
        .rows
        .iter()
        .filter(|row| row.get("dynamic") != Some(b"true"));
    kept.map(|row| read_item(menu, version, row)).collect()
}

/// The print of what is kept in order.
pub fn print(menu: Menu, version: Version) -> Request {
    let names = menu.properties(version).map(|property| property.name);
    let own: &[&str] = match menu.identity(version) {
        Identity::Singleton => &[],
        Identity::Name => &[".id", "dynamic"],
        Identity::Comment => &[".id", "dynamic", "comment"],
    };
    let request = Request::new(format!("{}/print", menu.path()));
    let request = if menu.hides_secrets(version) {
        request.argument("show-sensitive", "")
    } else {
        request
    };
    request.proplist(own.iter().copied().chain(names))
}

fn read_item(menu: Menu, version: Version, row: &Row) -> Result<Item, ReadError> {
    let settings = Settings::from_row(menu, version, row)?;
    let id = row.text(".id");
    let key = match menu.identity(version) {
        Identity::Singleton => Some(String::new()),
        Identity::Comment => row.get("comment").and_then(key_of),
        Identity::Name => settings.get("name").map(ToString::to_string),
    };
    if id.is_none() && !menu.is_singleton() {
        return Err(ReadError::Incomplete(menu.path()));
    }
    Ok(Item { id, key, settings })
}

fn key_of(comment: &[u8]) -> Option<String> {
    let key = comment.strip_prefix(MARK.as_bytes())?;
    String::from_utf8(key.to_vec()).ok()
}
