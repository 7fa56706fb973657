//! Formats, each on samples with the fields expected of them.

mod auditd;
mod conformance;
mod device_robustness;
mod devices;
mod evtx;
mod hostile;
mod json;
mod json_kinds;
mod programs;
mod robust;
mod rules;
mod support;
mod syslog;
mod tables;
mod web;
mod windows_shapes;
