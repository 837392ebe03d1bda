//! Spans of time as RouterOS writes them: `1w2d3h4m5s`, `00:05:00`, `300ms`.

use std::time::Duration;

const UNITS: [(&str, u64); 7] = [
    ("w", 604_800_000_000),
    ("d", 86_400_000_000),
    ("h", 3_600_000_000),
    ("ms", 1_000),
    ("us", 1),
    ("m", 60_000_000),
    ("s", 1_000_000),
];

/// Reads a span of time; a bare number is seconds.
pub fn parse_duration(text: &str) -> Option<Duration> {
    if text.is_empty() {
        return None;
    }
    let mut micros: u64 = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let (number, after) = split_number(rest)?;
        if after.starts_with(':') {
            let clock = clock(rest)?;
            return Some(Duration::from_micros(micros.checked_add(clock)?));
        }
        let (unit, after) = split_unit(after)?;
        micros = micros.checked_add(number.checked_mul(unit)?)?;
        rest = after;
    }
    Some(Duration::from_micros(micros))
}

/// Writes a span of time as RouterOS prints it over the API: `1w2d3h4m5s`, `0s` for none.
pub fn format_duration(duration: Duration) -> String {
    let mut rest = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
    let mut out = String::new();
    for name in ["w", "d", "h", "m", "s", "ms", "us"] {
        let unit = UNITS.iter().find(|(known, _)| *known == name);
        let unit = unit.map_or(1, |(_, unit)| *unit);
        if rest >= unit {
            out.push_str(&format!("{}{name}", rest / unit));
            rest %= unit;
        }
    }
    if out.is_empty() { "0s".to_owned() } else { out }
}

fn split_number(text: &str) -> Option<(u64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit());
    let (digits, rest) = text.split_at_checked(end.unwrap_or(text.len()))?;
    Some((digits.parse().ok()?, rest))
}

fn split_unit(text: &str) -> Option<(u64, &str)> {
    if text.is_empty() {
        return Some((1_000_000, text));
    }
    let known = |(name, unit): &(&str, u64)| Some((*unit, text.strip_prefix(name)?));
    UNITS.iter().find_map(known)
}

/// `hh:mm:ss` or `hh:mm:ss.fraction`, in microseconds.
fn clock(text: &str) -> Option<u64> {
    let (text, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut parts = text.split(':');
    let mut next = || parts.next()?.parse::<u64>().ok();
    let (hours, minutes, seconds) = (next()?, next()?, next()?);
    if parts.next().is_some() || minutes > 59 || seconds > 59 || fraction.len() > 6 {
        return None;
    }
    let micros = if fraction.is_empty() {
        0
    } else {
        format!("{fraction:0<6}").parse().ok()?
    };
    let seconds = hours
        .checked_mul(3600)?
        .checked_add(minutes * 60 + seconds)?;
    seconds.checked_mul(1_000_000)?.checked_add(micros)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spans_are_read_in_every_form() {
        for (text, millis) in [
            ("5m", 300_000),
            ("00:05:00", 300_000),
            ("1w2d3h4m5s", 788_645_000),
            ("1d00:00:01", 86_401_000),
            ("300ms", 300),
            ("3s300ms", 3_300),
            ("00:00:00.020", 20),
            ("0s", 0),
            ("90", 90_000),
        ] {
            let expected = Some(Duration::from_millis(millis));
            assert_eq!(parse_duration(text), expected, "{text}");
        }
        for text in [
            "",
            "never",
            "5x",
            "1:2",
            "00:99:00",
            "-1s",
            "m",
            "99999999999999999999s",
        ] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_span_is_read_as_it_was_written(micros in 0_u64..10_000_000_000_000) {
            let duration = Duration::from_micros(micros);
            prop_assert_eq!(parse_duration(&format_duration(duration)), Some(duration));
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,40}") {
            prop_assert!(parse_duration(&text).is_none_or(|span| span < Duration::MAX));
        }
    }
}
