//! The versions whose menus are known.

use std::fmt;

/// A version of RouterOS whose menus are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// 6.49.
    V6_49,
    /// 7.9.
    V7_9,
    /// 7.12.
    V7_12,
    /// 7.15.
    V7_15,
    /// 7.20.
    V7_20,
    /// 7.21.
    V7_21,
    /// 7.24.
    V7_24,
}

impl Version {
    /// All of them, oldest first.
    pub const ALL: [Self; 7] = [
        Self::V6_49,
        Self::V7_9,
        Self::V7_12,
        Self::V7_15,
        Self::V7_20,
        Self::V7_21,
        Self::V7_24,
    ];

    /// What `/system/resource` calls the version, `7.16.2 (stable)`: the latest known one that is not newer.
    ///
    /// None for what is older than the product supports, or no version at all.
    pub fn of_router(text: &str) -> Option<Self> {
        let number = text.split_ascii_whitespace().next()?;
        let mut parts = number.split(|c: char| !c.is_ascii_digit());
        let major: u16 = parts.next()?.parse().ok()?;
        let minor: u16 = parts.next()?.parse().ok()?;
        let known = Self::ALL.into_iter().rev();
        known
            .filter(|version| version.numbers().0 == major)
            .find(|version| version.numbers().1 <= minor)
    }

    /// Major and minor number.
    pub const fn numbers(self) -> (u16, u16) {
        match self {
            Self::V6_49 => (6, 49),
            Self::V7_9 => (7, 9),
            Self::V7_12 => (7, 12),
            Self::V7_15 => (7, 15),
            Self::V7_20 => (7, 20),
            Self::V7_21 => (7, 21),
            Self::V7_24 => (7, 24),
        }
    }

    /// Whether it is a version 6.
    pub const fn is_six(self) -> bool {
        matches!(self, Self::V6_49)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (major, minor) = self.numbers();
        write!(f, "{major}.{minor}")
    }
}
