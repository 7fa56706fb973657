//! Sigma 2.1, part by part: what the specification says, on rules and events.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::format_push_string,
    clippy::needless_for_each,
    clippy::type_complexity,
    reason = "what the tests share stops at the first surprise; short tables read best"
)]

mod agreement;
mod collections;
mod correlations;
mod language;
mod modifiers;
mod support;
