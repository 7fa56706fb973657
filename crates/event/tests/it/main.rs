//! Formats, each on samples with the fields expected of them.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a helper that fails is a failed test"
)]
#![expect(clippy::print_stderr, reason = "what was skipped or counted is said")]

mod application;
mod auditd;
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
mod support;
mod syslog;
mod tables;
mod web;
mod windows_shapes;
