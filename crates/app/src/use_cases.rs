//! What people and programs ask for: one folder per noun, one file per verb.
