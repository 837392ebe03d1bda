//! Bringing customers from elsewhere: upload, preview, apply.
//!
//! A file becomes a table, whatever it was; the table and the choices become a plan, row by row.
//! Preview and application make the same plan, so that what was shown is what happens. Who is here
//! already stays as it is here: an import makes customers and never changes any.

mod apply;
mod create;
mod options;
mod outcome;
mod plan;
mod preview;
mod result_file;
mod row;
mod show;
mod table;

pub use self::apply::{ApplyImportError, apply_import};
pub use self::create::{CreateImport, CreateImportError, MAX_CONTENT, create_import};
pub use self::options::{ImportOptions, OnError};
pub(crate) use self::outcome::{Counts, Planned, Token};
pub(crate) use self::plan::{Planner, load_plan};
pub use self::preview::{ImportPreview, PreviewImportError, SampleRow, preview_import};
pub(crate) use self::preview::{content_of, table_of};
pub use self::result_file::import_result_csv;
pub use self::show::{get_import, list_imports};
pub use self::table::{ImportSummary, ProfileSummary};
pub(crate) use self::table::{Table, TableRow};
