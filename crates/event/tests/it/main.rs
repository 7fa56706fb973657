//! Formats, each on samples with the fields expected of them.

mod json;
mod support;
