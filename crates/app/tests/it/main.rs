//! The centre without a network: batches in, events and alerts out, over restarts.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod assurance;
mod budgets;
mod certificates;
mod controls;
mod crypto;
mod demonstration;
mod dossiers;
mod faults;
mod hunts;
mod intake;
mod measure;
mod people;
mod profile;
mod records;
mod risks;
mod rounds;
mod support;
mod verified;
