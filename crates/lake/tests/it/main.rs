//! The lake from outside: what is kept, found, merged and removed.

#![expect(clippy::unwrap_used, reason = "what the tests share stops at the first surprise")]

mod agreement;
mod duckdb;
mod keeping;
mod leaving;
mod maintaining;
mod naive;
mod searching;
mod support;
mod sweeping;
