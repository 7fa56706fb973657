//! Hunts: rules or indicators run over what is kept, as jobs that can be paused and go on.
//!
//! In comes what is hunted; out come hits, in the store. A hunt goes over the events of a time in
//! the order of their time (`run`), reads each again and asks the rules by the same engine that judges
//! what arrives (`by_rules`), or looks for indicators (`by_indicators`). Hits and the place where it stands
//! are recorded in one transaction, so that a pause, a crash or a restart neither loses nor doubles a
//! hit. What correlations need is noted beside them; they run at the end, over all of it, as a scan
//! of files does. One thread (`worker`) works off one hunt after the other and gives way to what
//! arrives.
//!
//! A kind of indicator: `indicators.rs` (how it is written) and `by_indicators.rs` (where it is found).

mod by_indicators;
mod by_rules;
mod hit;
pub mod indicators;
mod micros;
mod quarry;
mod run;
pub(crate) mod worker;

pub use quarry::{Asked, Prey, Quarry, RuleFile, Told};
pub use run::State;

/// The kind of these jobs.
pub(crate) const KIND: &str = "hunt";
/// Hits that a hunt keeps; further ones are counted.
pub const MAX_HITS: u64 = 100_000;
/// Matches that a hunt notes for its correlations; further ones are counted and told.
const MAX_NOTES: u64 = 1_000_000;
/// Bytes of the rules or indicators of a hunt.
pub const MAX_INPUT_BYTES: usize = 32 << 20;
