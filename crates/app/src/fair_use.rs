//! Fair use and limits: facts from the database to the rules of the domain, and what follows from
//! them written back. The job, the meter and the use cases all come through here.

mod facts;
mod settle;

pub use self::facts::{Facts, limited_packages, load, load_one, of_packages};
pub(crate) use self::settle::is_due;
pub use self::settle::{Settled, settle};
