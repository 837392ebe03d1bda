//! Rows of the database as types; nobody outside this crate sees them.
