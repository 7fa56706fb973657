//! Formats, each on samples with the fields expected of them.

mod conformance;
mod evtx;
mod hostile;
mod json;
mod programs;
mod support;
mod syslog;
mod web;
