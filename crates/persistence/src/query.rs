//! Read models for lists and reports: they may join, and return rows made for a view.
