//! Sigma 2.1 rules to matches.

pub mod compile;
pub mod condition;
pub mod correlate;
pub mod correlation;
pub mod detection;
pub mod encoding;
pub mod engine;
pub mod explain;
pub mod fold;
pub mod load;
pub mod modifier;
pub mod pattern;
mod predicate;
mod program;
pub mod rule;
mod trie;
mod witness;
