//! What the program does as people use it: its output compared, its page opened in a browser.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "helpers of tests"
)]

mod account;
mod armour;
mod backup;
mod browser;
mod centre;
mod controls;
mod coverage;
mod cut_off;
mod demo;
mod doctor;
mod faults;
mod findings;
mod forged;
mod index_pack;
mod ledger;
mod ledger_behind;
mod limits;
mod page;
mod rules_check;
mod rules_import;
mod runs;
mod sbom;
mod scan;
mod sealing;
mod support;
mod text_outputs;
