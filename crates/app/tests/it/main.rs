//! The centre without a network: batches in, events and alerts out, over restarts.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod accounts;
mod advisories;
mod assurance;
mod budgets;
mod certificates;
mod complete;
mod controls;
mod crypto;
mod custody;
mod demonstration;
mod documents;
mod dossiers;
mod ending;
mod faults;
mod findings;
mod frozen;
mod glass;
mod hidden;
mod hunts;
mod index_packs;
mod intake;
mod leaks;
mod lists;
mod looks;
mod losses;
mod mappings;
mod marks;
mod measure;
mod people;
mod policies;
mod profile;
mod records;
mod restores;
mod risks;
mod rounds;
mod stages;
mod support;
mod verified;
