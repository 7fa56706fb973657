//! The index and the facts it is counted from, through what the crate offers to others.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "what the tests share stops at the first surprise and says so"
)]

mod assessment;
mod boundaries;
mod budget;
mod canonical;
mod controls;
mod dossier;
mod golden;
mod indicators;
mod loss;
mod mapping;
mod packs;
mod properties;
mod recompute;
mod risk;
mod world;
