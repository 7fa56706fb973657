//! What the centre talks about, and its rules: agencies, systems, sources, tokens, alerts.
//!
//! Values come in, decisions go out. Nothing here opens a file or a socket, reads a clock or draws
//! a random number: moments and random bytes are passed in, the work on them is done by whoever
//! calls. Records are kept by `khien-store`; several of them are changed together by the
//! application, never here.
//!
//! To add a thing that the centre knows: a file with its type and what makes it valid, an id in
//! [`ids`] if it is numbered, its limits in [`limits`], and a permission in [`permission`] if not
//! everyone may touch it. What a law or a circular decides (levels, clocks, severities) is data in
//! `packs/` with version, source and validity, read by a type here such as
//! [`alert::severity`].

#[macro_use]
mod closed;

pub mod account;
pub mod agency;
pub mod alert;
pub mod algorithm;
pub mod assessment;
pub mod asset;
pub mod attack;
pub mod audit;
pub mod budget;
pub mod clock;
pub mod code;
pub mod control;
pub mod crossing;
pub mod custody;
pub mod dependency;
pub mod discovered;
pub mod document;
pub mod dossier;
pub mod equipment;
pub mod evidence;
pub mod facts;
pub mod finding;
pub mod gate;
pub mod hold;
pub mod host;
pub mod ids;
pub mod incident;
pub mod index;
pub mod job;
pub mod leak;
pub mod legal;
pub mod limits;
pub mod measure;
pub mod network;
pub mod page;
pub mod paper;
pub mod permission;
pub mod product;
pub mod project;
pub mod provider;
pub mod rate;
pub mod register_pack;
pub mod resource;
pub mod restore;
pub mod risk;
pub mod round;
pub mod rule_filter;
pub mod rule_setting;
pub mod saved_search;
pub mod secrecy;
pub mod shift;
pub mod silence;
pub mod single_point;
pub mod site;
pub mod source;
pub mod spend;
pub mod system;
pub mod text;
pub mod token;
