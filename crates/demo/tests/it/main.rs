//! What the demonstration promises: stories set off what they name, ordinary days nothing, and
//! nobody real is in it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod engine;
mod governance;
mod names;
mod repeats;
mod stories;
