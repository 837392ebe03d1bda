//! Bandwidth of a session and its text in the grammar of `Mikrotik-Rate-Limit`.
//!
//! The router writes `rx/tx` as it sees them: rx is the customer's upload, tx the download.
//! Priority and guaranteed minimum of that grammar are deliberately not modelled.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Rates of a session as the customer sees them; zero means unlimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateLimit {
    /// Upload in kbit/s.
    pub up_kbps: u32,
    /// Download in kbit/s.
    pub down_kbps: u32,
    /// Short-time higher rate, when the package has one.
    pub burst: Option<Burst>,
}

/// The burst part of a [`RateLimit`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Burst {
    /// Upload while bursting, in kbit/s.
    pub up_kbps: u32,
    /// Download while bursting, in kbit/s.
    pub down_kbps: u32,
    /// Average upload below which bursting is allowed, in kbit/s.
    pub threshold_up_kbps: u32,
    /// Average download below which bursting is allowed, in kbit/s.
    pub threshold_down_kbps: u32,
    /// Seconds over which the average is taken.
    pub seconds: u32,
}

/// Text that is not a rate limit RouterOS would accept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a rate limit: write upload/download such as 5M/10M, with k or M only")]
pub struct InvalidRateLimit;

impl RateLimit {
    /// A plain limit without burst.
    #[must_use]
    pub const fn new(up_kbps: u32, down_kbps: u32) -> Self {
        Self {
            up_kbps,
            down_kbps,
            burst: None,
        }
    }

    /// The same limit with a burst.
    #[must_use]
    pub const fn with_burst(self, burst: Burst) -> Self {
        Self {
            burst: Some(burst),
            ..self
        }
    }

    /// This limit with neither direction faster than in the other, and without a burst.
    #[must_use]
    pub fn no_faster_than(self, other: Self) -> Self {
        Self::new(
            slower(self.up_kbps, other.up_kbps),
            slower(self.down_kbps, other.down_kbps),
        )
    }
}

/// Zero is no limit, and so the fastest.
fn slower(one: u32, other: u32) -> u32 {
    match (one, other) {
        (0, kbps) | (kbps, 0) => kbps,
        (one, other) => one.min(other),
    }
}

impl fmt::Display for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", Rate(self.up_kbps), Rate(self.down_kbps))?;
        let Some(burst) = self.burst else {
            return Ok(());
        };
        write!(
            f,
            " {}/{} {}/{} {}/{}",
            Rate(burst.up_kbps),
            Rate(burst.down_kbps),
            Rate(burst.threshold_up_kbps),
            Rate(burst.threshold_down_kbps),
            burst.seconds,
            burst.seconds,
        )
    }
}

struct Rate(u32);

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("0"),
            kbps if kbps % 1000 == 0 => write!(f, "{}M", kbps / 1000),
            kbps => write!(f, "{kbps}k"),
        }
    }
}

impl FromStr for RateLimit {
    type Err = InvalidRateLimit;

    /// Reads the grammar of RouterOS: missing tx = rx, missing threshold = rate, missing time = 1 s.
    fn from_str(text: &str) -> Result<Self, InvalidRateLimit> {
        let mut words = text.split_ascii_whitespace();
        let (up_kbps, down_kbps) = pair(words.next().ok_or(InvalidRateLimit)?, rate)?;
        let plain = Self::new(up_kbps, down_kbps);
        let Some(burst) = words.next() else {
            return Ok(plain);
        };
        let (burst_up, burst_down) = pair(burst, rate)?;
        let (threshold_up_kbps, threshold_down_kbps) = words
            .next()
            .map_or(Ok((up_kbps, down_kbps)), |word| pair(word, rate))?;
        let (seconds, _) = words.next().map_or(Ok((1, 1)), |word| pair(word, number))?;
        if (burst_up, burst_down) == (0, 0) {
            return Ok(plain);
        }
        Ok(plain.with_burst(Burst {
            up_kbps: burst_up,
            down_kbps: burst_down,
            threshold_up_kbps,
            threshold_down_kbps,
            seconds,
        }))
    }
}

fn pair(
    word: &str,
    read: fn(&str) -> Result<u32, InvalidRateLimit>,
) -> Result<(u32, u32), InvalidRateLimit> {
    match word.split_once('/') {
        Some((rx, tx)) => Ok((read(rx)?, read(tx)?)),
        None => read(word).map(|both| (both, both)),
    }
}

fn rate(word: &str) -> Result<u32, InvalidRateLimit> {
    if let Some(digits) = word.strip_suffix(['k', 'K']) {
        number(digits)
    } else if let Some(digits) = word.strip_suffix(['m', 'M']) {
        number(digits)?.checked_mul(1000).ok_or(InvalidRateLimit)
    } else {
        // A bare number is bit/s; what is below one kbit/s is rounded up, never to "unlimited".
        number(word).map(|bits| bits.div_ceil(1000))
    }
}

fn number(word: &str) -> Result<u32, InvalidRateLimit> {
    if word.is_empty() || !word.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(InvalidRateLimit);
    }
    word.parse().map_err(|_| InvalidRateLimit)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sample_burst() -> Burst {
        Burst {
            up_kbps: 8000,
            down_kbps: 16_000,
            threshold_up_kbps: 4500,
            threshold_down_kbps: 8000,
            seconds: 10,
        }
    }

    #[test]
    fn text_uses_only_k_and_m() {
        let table = [
            (RateLimit::new(5000, 10_000), "5M/10M"),
            (RateLimit::new(512, 512), "512k/512k"),
            (RateLimit::new(1500, 2_000_000), "1500k/2000M"),
            (RateLimit::new(0, 0), "0/0"),
            (
                RateLimit::new(5000, 10_000).with_burst(sample_burst()),
                "5M/10M 8M/16M 4500k/8M 10/10",
            ),
        ];
        for (limit, text) in table {
            assert_eq!(limit.to_string(), text);
            assert_eq!(text.parse(), Ok(limit));
        }
    }

    #[test]
    fn missing_parts_take_the_defaults_of_routeros() {
        assert_eq!("128k".parse(), Ok(RateLimit::new(128, 128)));
        assert_eq!("2000000/64".parse(), Ok(RateLimit::new(2000, 1)));
        assert_eq!("0/0 0/0 0/0 8 1M/1M".parse(), Ok(RateLimit::new(0, 0)));
        let burst = "64k 256k".parse::<RateLimit>().map(|limit| limit.burst);
        let expected = Burst {
            up_kbps: 256,
            down_kbps: 256,
            threshold_up_kbps: 64,
            threshold_down_kbps: 64,
            seconds: 1,
        };
        assert_eq!(burst, Ok(Some(expected)));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "5G/10G", "-1k", "M", "5M/", "99999999M", "5M/10M x"] {
            assert_eq!(text.parse::<RateLimit>(), Err(InvalidRateLimit), "{text}");
        }
    }

    proptest! {
        #[test]
        fn text_reads_back(up in 0u32..4_000_000, down in 0u32..4_000_000) {
            let limit = RateLimit::new(up, down);
            prop_assert_eq!(limit.to_string().parse(), Ok(limit));
        }
    }
}
