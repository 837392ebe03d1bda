//! Hardware addresses in one normal form.

use std::{fmt, str::FromStr};

/// A 48-bit hardware address, written `AA:BB:CC:DD:EE:FF`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MacAddress([u8; 6]);

/// A text that is not a hardware address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a MAC address: write AA:BB:CC:DD:EE:FF")]
pub struct InvalidMac;

impl FromStr for MacAddress {
    type Err = InvalidMac;

    fn from_str(text: &str) -> Result<Self, InvalidMac> {
        let digits: Vec<u8> = text
            .chars()
            .filter(|c| !matches!(c, ':' | '-' | '.'))
            .map(|c| {
                c.to_digit(16)
                    .and_then(|d| u8::try_from(d).ok())
                    .ok_or(InvalidMac)
            })
            .collect::<Result<_, _>>()?;
        if digits.len() != 12 {
            return Err(InvalidMac);
        }
        let mut bytes = [0_u8; 6];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = pair.iter().fold(0, |sum, digit| (sum << 4) | digit);
        }
        Ok(Self(bytes))
    }
}

impl fmt::Display for MacAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02X}:{b:02X}:{c:02X}:{d:02X}:{e:02X}:{g:02X}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_one_address() {
        let normal = "AA:BB:CC:00:11:2F";
        for spelling in [
            "aa:bb:cc:00:11:2f",
            "AA-BB-CC-00-11-2F",
            "aabb.cc00.112f",
            "AABBCC00112F",
        ] {
            assert_eq!(spelling.parse::<MacAddress>().unwrap().to_string(), normal);
        }
        for wrong in ["", "AA:BB", "zz:bb:cc:00:11:2f", "AABBCC00112F0"] {
            assert_eq!(wrong.parse::<MacAddress>(), Err(InvalidMac));
        }
    }
}
