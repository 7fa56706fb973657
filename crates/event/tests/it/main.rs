//! Formats, each on samples with the fields expected of them.

mod devices;
mod json;
mod support;
