//! The commands, one file each.

pub(crate) mod account;
pub(crate) mod agency;
pub(crate) mod alert;
pub(crate) mod backup;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod formats;
pub(crate) mod hold;
pub(crate) mod host;
pub(crate) mod hunt;
pub(crate) mod init;
pub(crate) mod ledger;
pub(crate) mod manual;
pub(crate) mod migrate;
pub(crate) mod push;
pub(crate) mod restore;
pub(crate) mod rules;
pub(crate) mod scan;
pub(crate) mod sealing;
pub(crate) mod search;
pub(crate) mod serve;
pub(crate) mod source;
pub(crate) mod system;
pub(crate) mod token;
