//! How many bytes a line moves: bursts and pauses as people make them, never above the rate.

/// Length of one piece of behaviour: reading, a video, a download.
const SLOT_MS: u64 = 10_000;

/// Rate of a line whose router profile sets no limit.
const LINE_KBPS: u32 = 100_000;

/// Bytes moved since the line came up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Moved {
    /// From the subscriber.
    pub(crate) upload: u64,
    /// To the subscriber.
    pub(crate) download: u64,
}

/// Limits of a line in kbit/s; zero means none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LineRate {
    /// From the subscriber.
    pub(crate) up_kbps: u32,
    /// To the subscriber.
    pub(crate) down_kbps: u32,
}

/// Bytes moved between two moments, in milliseconds since the line came up.
pub(crate) fn moved(seed: u64, from_ms: u64, to_ms: u64, rate: LineRate) -> Moved {
    let mut total = Moved::default();
    let mut at = from_ms;
    while at < to_ms {
        let slot = at / SLOT_MS;
        let end = to_ms.min((slot + 1) * SLOT_MS);
        let (up, down) = permille(seed, slot);
        total.upload += bytes(rate.up_kbps, end - at, up);
        total.download += bytes(rate.down_kbps, end - at, down);
        at = end;
    }
    total
}

/// Share of the rate that a slot uses, upload and download.
fn permille(seed: u64, slot: u64) -> (u64, u64) {
    let dice = mix(seed ^ mix(slot));
    let fine = (dice >> 32) % 100;
    match dice % 100 {
        0..50 => (1, 2),                           // chat and background
        50..78 => (10 + fine / 4, 40 + fine),      // pages
        78..94 => (15 + fine / 4, 350 + fine * 2), // video
        94..97 => (600 + fine * 4, 60 + fine),     // photos going up
        _ => (40 + fine / 2, 1000),                // a download
    }
}

fn bytes(kbps: u32, milliseconds: u64, permille: u64) -> u64 {
    let kbps = if kbps == 0 { LINE_KBPS } else { kbps };
    // kbit/s × ms = bits
    u64::from(kbps) * milliseconds / 8 * permille / 1000
}

/// The finaliser of `SplitMix64`.
fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: LineRate = LineRate {
        up_kbps: 5_000,
        down_kbps: 10_000,
    };

    #[test]
    fn a_line_never_exceeds_its_rate() {
        for seed in 0..200 {
            let total = moved(seed, 0, 60_000, RATE);
            assert!(total.upload <= 5_000 * 60_000 / 8, "{total:?}");
            assert!(total.download <= 10_000 * 60_000 / 8, "{total:?}");
            assert!(total.download > 0);
        }
    }

    #[test]
    fn many_lines_use_a_plausible_share() {
        let day = 24 * 3_600_000;
        let total = moved(7, 0, day, RATE);
        let full = u64::from(RATE.down_kbps) * day / 8;
        assert!((full / 20..full / 3).contains(&total.download), "{total:?}");
        assert!(total.upload < total.download);
    }

    #[test]
    fn no_limit_is_the_line_itself() {
        let free = moved(
            3,
            0,
            100_000,
            LineRate {
                up_kbps: 0,
                down_kbps: 0,
            },
        );
        let line = moved(
            3,
            0,
            100_000,
            LineRate {
                up_kbps: 100_000,
                down_kbps: 100_000,
            },
        );
        assert_eq!(free, line);
    }

    #[test]
    fn nothing_moves_in_no_time() {
        assert_eq!(moved(1, 500, 500, RATE), Moved::default());
    }
}
