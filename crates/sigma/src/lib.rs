//! Sigma 2.1 rules to matches.
//!
//! Texts of rule files come in ([`load`]); compiled together ([`compile::RuleSet`]) they are asked
//! about records of `khien-event` ([`engine::Matcher`]), whose matches feed correlations
//! ([`correlate::Correlator`]). [`explain`] asks a rule's own text instead, slowly and
//! independently, and tells every step. Nothing here opens a file, reads a clock or knows how a
//! result is shown.
//!
//! The commonest changes: a modifier ([`modifier`]), a form of the condition ([`condition`]), a
//! kind of correlation ([`correlation`] and [`correlate`]). What an event is and what its fields
//! are called is decided in `khien-event` and `packs/`.

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
