//! Checks a value as the schema types it, and brings it into the form a router prints.

use std::time::Duration;

use mikrotik::api::Text;
use mikrotik::duration::{format_duration, parse_duration};
use mikrotik::schema::{Base, ValueType};

use super::refusal::Refusal;

/// The value as the router keeps it.
pub(super) fn taken(name: &str, value: &Text, kind: &ValueType) -> Result<Text, Refusal> {
    if value.as_bytes().contains(&0) {
        return Err(Refusal::BadValue(name.to_owned()));
    }
    let Some(text) = value.as_str() else {
        // Bytes of another code page: text takes them, nothing else does.
        return match kind.base {
            Base::Text { .. } | Base::Any => Ok(value.clone()),
            _ => Err(Refusal::BadValue(name.to_owned())),
        };
    };
    if !kind.accepts(text) {
        return Err(refused(name, text, kind));
    }
    if kind.words.iter().any(|word| word == text) {
        return Ok(value.clone());
    }
    Ok(match kind.base {
        Base::Bool => Text::from(match text {
            "yes" | "true" => "true",
            _ => "false",
        }),
        Base::Span { .. } => parse_duration(text).map_or_else(
            || value.clone(),
            |duration| Text::from(format_duration(duration)),
        ),
        Base::Mac => Text::from(mac(text)),
        Base::Any | Base::OneOf | Base::SetOf | Base::Text { .. } | Base::Address | Base::Hex => {
            value.clone()
        }
    })
}

fn refused(name: &str, text: &str, kind: &ValueType) -> Refusal {
    let name = name.to_owned();
    match kind.base {
        Base::OneOf | Base::SetOf => Refusal::NotAChoice(name),
        Base::Span { min, max } if parse_duration(text).is_some() => Refusal::OutOfRange {
            name,
            range: range(min, max),
        },
        _ => Refusal::BadValue(name),
    }
}

fn range(min: Duration, max: Duration) -> String {
    let max = if max == Duration::MAX {
        "..".to_owned()
    } else {
        format!("..{}", format_duration(max))
    };
    format!("{}{max}", format_duration(min))
}

/// Twelve digits in upper case with colons.
fn mac(text: &str) -> String {
    let digits: Vec<char> = text.chars().filter(char::is_ascii_hexdigit).collect();
    let pairs = digits.chunks(2).map(|pair| pair.iter().collect::<String>());
    pairs.collect::<Vec<_>>().join(":").to_ascii_uppercase()
}
