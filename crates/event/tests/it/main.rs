//! Formats, each on samples with the fields expected of them.

mod auditd;
mod devices;
mod json;
mod support;
