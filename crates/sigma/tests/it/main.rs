//! Sigma 2.1, part by part: what the specification says, on rules and events.

mod agreement;
mod support;
