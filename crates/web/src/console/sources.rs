//! The sources of logs: how each is doing, how to mend one, how to connect another.

pub(super) mod change;
pub(super) mod detail;
pub(super) mod list;
pub(super) mod new;
mod pulse;
mod token;
