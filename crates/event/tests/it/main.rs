//! Formats, each on samples with the fields expected of them.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "what the tests share stops at the first surprise and says so"
)]

mod application;
mod auditd;
mod carried;
mod conformance;
mod damaged;
mod device_robustness;
mod devices;
mod evtx;
mod hostile;
mod json;
mod json_kinds;
mod labels;
mod programs;
mod robust;
mod rules;
mod support;
mod syslog;
mod tables;
mod web;
mod windows_shapes;
