//! Formats, each on samples with the fields expected of them.

mod auditd;
mod device_robustness;
mod devices;
mod json;
mod support;
mod tables;
