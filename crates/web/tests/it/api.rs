//! The REST API, through its router, on a centre in a temporary folder.

mod agencies;
mod alerts;
mod audit;
pub(crate) mod centre;
mod controls;
mod evidence;
mod export;
mod findings;
mod gate;
mod holds;
mod hunts;
mod openapi;
mod operate;
mod quarantine;
mod rules;
mod search;
mod sources;
mod suppressions;
mod tokens;
