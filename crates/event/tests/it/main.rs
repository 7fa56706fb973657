//! Formats, each on samples with the fields expected of them.

mod conformance;
mod json;
mod support;
