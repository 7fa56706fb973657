//! What the centre does: takes in, detects, keeps, answers.
//!
//! In come bytes of sources that have proved who they are, and requests of people whose rights are
//! checked here; out go alerts, events at rest and answers. Nothing here knows HTTP, HTML or the
//! text of SQL: [`crate`] sits between `web`, which speaks to the world, and `store` and `lake`,
//! which remember.

pub mod access;
pub mod app;
pub mod backup;
mod care;
pub mod config;
pub mod control;
mod document;
pub mod figures;
pub mod folder;
pub mod hunt;
pub mod identity;
pub mod index;
pub mod journal;
pub mod ledger;
mod lines;
mod measure;
pub mod news;
pub mod pipeline;
pub mod probe;
pub mod records;
pub mod registry;
pub mod rules;
mod trouble;
pub mod use_case;
mod watch;

pub use app::App;
