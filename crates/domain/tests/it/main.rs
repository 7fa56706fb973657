//! The index and the facts it is counted from, through what the crate offers to others.

mod boundaries;
mod budget;
mod golden;
mod indicators;
mod packs;
mod properties;
mod recompute;
mod risk;
mod world;
