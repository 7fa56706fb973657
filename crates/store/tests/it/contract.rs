//! One file a subject; each contract runs on every database.

mod alert_figures;
mod alerts;
mod assurance;
mod audit;
mod controls;
mod custody;
mod detections;
mod discovered;
mod dossiers;
mod holds;
mod incidents;
mod intake;
mod jobs;
mod leaks;
mod ledger;
mod people;
mod profile;
mod register;
mod rounds;
mod rule_settings;
mod saved_searches;
mod shifts;
mod sources;
mod start;
mod suppressions;
mod tokens;
