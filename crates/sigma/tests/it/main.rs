//! Sigma 2.1, part by part: what the specification says, on rules and events.

mod agreement;
mod collections;
mod correlations;
mod language;
mod modifiers;
mod support;
