//! Which page of a list is wanted, and how a page is answered.

use domain::page::{PAGE_SIZES, PageRequest};

use crate::problem::Problem;

/// The paging parameters of a query.
pub(crate) trait Paging {
    /// The page size, or nothing for the usual one.
    fn limit(&self) -> Option<u32>;
    /// The `next_cursor` of the page before.
    fn cursor(&self) -> Option<&str>;

    /// The page that is wanted.
    fn page(&self) -> Result<PageRequest, Problem> {
        let limit = self.limit().unwrap_or(PageRequest::default().limit);
        if !PAGE_SIZES.contains(&limit) {
            return Err(Problem::invalid_field(
                "limit",
                "must be 25, 50, 100 or 200",
            ));
        }
        Ok(PageRequest {
            limit,
            cursor: self.cursor().map(str::to_owned),
        })
    }
}

/// A page of a list with a schema of its own, so that the document refers to its items by name.
macro_rules! cursor_page {
    ($(#[$doc:meta])* $name:ident of $item:ty) => {
        $(#[$doc])*
        #[derive(Debug, serde::Serialize, utoipa::ToSchema)]
        pub(crate) struct $name {
            /// The rows, in order.
            pub(crate) items: Vec<$item>,
            /// Where the next page starts; null at the end.
            #[schema(required = true)]
            pub(crate) next_cursor: Option<String>,
            /// How many rows there are.
            #[schema(minimum = 0)]
            pub(crate) total: u64,
            /// Whether `total` is exact or a lower bound.
            pub(crate) total_is_exact: bool,
        }

        impl From<domain::page::Page<$item>> for $name {
            fn from(page: domain::page::Page<$item>) -> Self {
                let domain::page::Page { items, next_cursor, total, total_is_exact } = page;
                Self { items, next_cursor, total, total_is_exact }
            }
        }
    };
}
pub(crate) use cursor_page;
