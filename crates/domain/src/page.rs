//! Lists that answer at any depth: seek, never offset.

/// The page sizes that a list offers.
pub const PAGE_SIZES: [u32; 4] = [25, 50, 100, 200];

/// How far a list counts exactly.
pub const EXACT_COUNT_LIMIT: u64 = 10_000;

/// One page of a list.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The rows, in order.
    pub items: Vec<T>,
    /// Where the next page starts; nothing at the end.
    pub next_cursor: Option<String>,
    /// How many rows there are, exact or a lower bound.
    pub total: u64,
    /// Whether `total` is exact.
    pub total_is_exact: bool,
}

impl<T> Page<T> {
    /// The same page over another representation.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(f).collect(),
            next_cursor: self.next_cursor,
            total: self.total,
            total_is_exact: self.total_is_exact,
        }
    }
}

/// Which page of a list is wanted.
#[derive(Debug, Clone)]
pub struct PageRequest {
    /// At most so many rows.
    pub limit: u32,
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
}

impl Default for PageRequest {
    fn default() -> Self {
        Self {
            limit: 50,
            cursor: None,
        }
    }
}
