//! Formats, each on samples with the fields expected of them.

mod json;
mod json_kinds;
mod robust;
mod rules;
mod support;
mod windows_shapes;
