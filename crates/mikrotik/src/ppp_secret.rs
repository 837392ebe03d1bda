//! `/ppp secret`: the local subscribers of a router.

use std::collections::HashMap;
use std::fmt;

use crate::export::{Command, ExportError, ExportErrorKind, find_conditions};

const ITEM: &str = "secret";

/// One subscriber that a router knows by itself.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct PppSecret {
    /// Line on which the secret was added.
    pub line: usize,
    /// User name of the login.
    pub name: String,
    /// Password; none when it is empty, or hidden because the export lacks `show-sensitive`.
    pub password: Option<String>,
    /// `pppoe`, `pptp`, `l2tp`, …; `any` unless the export says otherwise.
    pub service: String,
    /// Name of the PPP profile, `default` unless the export says otherwise.
    pub profile: String,
    /// Fixed address of the subscriber, or a pool.
    pub remote_address: Option<String>,
    /// MAC address the login is bound to.
    pub caller_id: Option<String>,
    /// Free text of the operator.
    pub comment: Option<String>,
    /// Whether logins are refused.
    pub disabled: bool,
    /// Upload limit of a session in bytes.
    pub limit_bytes_in: Option<u64>,
    /// Download limit of a session in bytes.
    pub limit_bytes_out: Option<u64>,
}

impl PppSecret {
    /// Whether the secret may be used for PPPoE.
    pub fn serves_pppoe(&self) -> bool {
        matches!(self.service.as_str(), "pppoe" | "any")
    }
}

/// Leaves the password out.
impl fmt::Debug for PppSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PppSecret")
            .field("line", &self.line)
            .field("name", &self.name)
            .field("service", &self.service)
            .field("profile", &self.profile)
            .field("disabled", &self.disabled)
            .finish_non_exhaustive()
    }
}

/// The secrets of one export, while its commands are applied in turn.
#[derive(Default)]
pub(crate) struct Secrets {
    items: Vec<Option<PppSecret>>,
    by_name: HashMap<String, usize>,
}

impl Secrets {
    pub(crate) fn apply(&mut self, command: &Command<'_>) -> Result<(), ExportError> {
        self.try_apply(command).map_err(|kind| ExportError {
            line: command.line,
            kind,
        })
    }

    pub(crate) fn into_secrets(self) -> Vec<PppSecret> {
        self.items.into_iter().flatten().collect()
    }

    fn try_apply(&mut self, command: &Command<'_>) -> Result<(), ExportErrorKind> {
        match command.verb.as_ref() {
            "add" | "print" => self.add(command),
            "set" => self.change(command, |secret| update(secret, command)),
            "enable" => self.change(command, |secret| set_disabled(secret, false)),
            "disable" => self.change(command, |secret| set_disabled(secret, true)),
            "remove" => self.remove(command),
            _ => Ok(()),
        }
    }

    fn add(&mut self, command: &Command<'_>) -> Result<(), ExportErrorKind> {
        let mut secret = PppSecret {
            line: command.line,
            service: "any".to_owned(),
            profile: "default".to_owned(),
            ..PppSecret::default()
        };
        update(&mut secret, command)?;
        if secret.name.is_empty() {
            return Err(ExportErrorKind::MissingName { item: ITEM });
        }
        self.by_name.insert(secret.name.clone(), self.items.len());
        self.items.push(Some(secret));
        Ok(())
    }

    fn change(
        &mut self,
        command: &Command<'_>,
        change: impl Fn(&mut PppSecret) -> Result<(), ExportErrorKind>,
    ) -> Result<(), ExportErrorKind> {
        for target in &command.targets {
            let index = self.find(target)?;
            let slot = self.items.get_mut(index).and_then(Option::as_mut);
            let secret = slot.ok_or_else(|| unknown(target))?;
            let mut changed = secret.clone();
            change(&mut changed)?;
            if changed.name.is_empty() {
                return Err(ExportErrorKind::MissingName { item: ITEM });
            }
            if changed.name != secret.name {
                self.by_name.remove(&secret.name);
                self.by_name.insert(changed.name.clone(), index);
            }
            *secret = changed;
        }
        Ok(())
    }

    fn remove(&mut self, command: &Command<'_>) -> Result<(), ExportErrorKind> {
        for target in &command.targets {
            let index = self.find(target)?;
            let removed = self.items.get_mut(index).and_then(Option::take);
            let secret = removed.ok_or_else(|| unknown(target))?;
            self.by_name.remove(&secret.name);
        }
        Ok(())
    }

    /// A target is a name, a `[ find name=… ]` or a number counted from 0.
    fn find(&self, target: &str) -> Result<usize, ExportErrorKind> {
        let conditions = find_conditions(target);
        let name = match conditions.as_deref() {
            Some([(key, name)]) if key == "name" => name,
            Some(_) => return Err(unknown(target)),
            None => target,
        };
        if let Some(index) = self.by_name.get(name) {
            return Ok(*index);
        }
        let number = target.parse::<usize>().map_err(|_| unknown(target))?;
        if number < self.items.len() {
            Ok(number)
        } else {
            Err(unknown(target))
        }
    }
}

fn unknown(target: &str) -> ExportErrorKind {
    ExportErrorKind::UnknownTarget {
        item: ITEM,
        target: target.chars().take(64).collect(),
    }
}

fn set_disabled(secret: &mut PppSecret, disabled: bool) -> Result<(), ExportErrorKind> {
    secret.disabled = disabled;
    Ok(())
}

fn update(secret: &mut PppSecret, command: &Command<'_>) -> Result<(), ExportErrorKind> {
    for argument in &command.arguments {
        let value = argument.value.as_ref();
        if value.contains('\0') {
            return Err(ExportErrorKind::NulInValue {
                argument: argument.name.to_string(),
            });
        }
        match argument.name.as_ref() {
            "name" => value.clone_into(&mut secret.name),
            "password" => secret.password = filled(value),
            "service" => or_default(value, "any").clone_into(&mut secret.service),
            "profile" => or_default(value, "default").clone_into(&mut secret.profile),
            "remote-address" => secret.remote_address = filled(value),
            "caller-id" => secret.caller_id = filled(value),
            "comment" => secret.comment = filled(value),
            "disabled" => secret.disabled = yes_or_no("disabled", value)?,
            "limit-bytes-in" => secret.limit_bytes_in = bytes("limit-bytes-in", value)?,
            "limit-bytes-out" => secret.limit_bytes_out = bytes("limit-bytes-out", value)?,
            _ => {}
        }
    }
    Ok(())
}

pub(crate) fn filled(value: &str) -> Option<String> {
    (!value.is_empty()).then(|| value.to_owned())
}

fn or_default<'v>(value: &'v str, default: &'v str) -> &'v str {
    if value.is_empty() { default } else { value }
}

fn yes_or_no(argument: &'static str, value: &str) -> Result<bool, ExportErrorKind> {
    match value {
        "yes" | "true" => Ok(true),
        "no" | "false" | "" => Ok(false),
        _ => Err(ExportErrorKind::NotYesOrNo { argument }),
    }
}

/// Zero means no limit.
fn bytes(argument: &'static str, value: &str) -> Result<Option<u64>, ExportErrorKind> {
    if value.is_empty() {
        return Ok(None);
    }
    let limit = value
        .parse::<u64>()
        .map_err(|_| ExportErrorKind::NotANumber { argument })?;
    Ok((limit > 0).then_some(limit))
}
