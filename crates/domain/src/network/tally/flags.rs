//! What was odd about a session's reports.

/// A set of oddities, kept as bits of one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TallyFlags(u32);

impl TallyFlags {
    /// The router counts beyond 32 bits; nothing odd.
    pub const GIGAWORDS: Self = Self(1);
    /// A 32-bit counter wrapped.
    pub const COUNTER_WRAPPED: Self = Self(1 << 1);
    /// Counters began again in mid-session.
    pub const COUNTER_RESET: Self = Self(1 << 2);
    /// The router began the session again under the same name.
    pub const RESTARTED: Self = Self(1 << 3);
    /// A counter moved faster than any line and was not believed.
    pub const IMPOSSIBLE_RATE: Self = Self(1 << 4);
    /// A report claimed more time than has passed and was not believed.
    pub const TIME_TRAVEL: Self = Self(1 << 5);
    /// Its end was once presumed and not reported.
    pub const PRESUMED: Self = Self(1 << 6);

    const NAMES: [(Self, &'static str); 6] = [
        (Self::COUNTER_WRAPPED, "counter_wrapped"),
        (Self::COUNTER_RESET, "counter_reset"),
        (Self::RESTARTED, "restarted"),
        (Self::IMPOSSIBLE_RATE, "impossible_rate"),
        (Self::TIME_TRAVEL, "time_travel"),
        (Self::PRESUMED, "presumed"),
    ];

    /// Reads the number in which they are kept.
    #[must_use]
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// The number in which they are kept.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// Whether it is among them.
    #[must_use]
    pub const fn has(self, flag: Self) -> bool {
        self.0 & flag.0 != 0
    }

    /// Adds one.
    pub const fn set(&mut self, flag: Self) {
        self.0 |= flag.0;
    }

    /// The machine words of those that a person should know of.
    #[must_use]
    pub fn names(self) -> Vec<&'static str> {
        Self::NAMES
            .iter()
            .filter(|(flag, _)| self.has(*flag))
            .map(|(_, name)| *name)
            .collect()
    }
}
