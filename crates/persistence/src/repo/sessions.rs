//! Live and past sessions.
