//! Sigma 2.1, part by part: what the specification says, on rules and events.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what the tests share stops at the first surprise and says so"
)]

mod agreement;
mod collections;
mod correlations;
mod language;
mod modifiers;
mod support;
