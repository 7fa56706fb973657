//! Sigma 2.1 rules to matches.

pub mod condition;
pub mod correlation;
pub mod detection;
pub mod encoding;
pub mod fold;
pub mod load;
pub mod modifier;
pub mod pattern;
pub mod rule;
pub mod compile;
mod predicate;
mod program;
mod trie;
mod witness;
pub mod engine;
pub mod correlate;
