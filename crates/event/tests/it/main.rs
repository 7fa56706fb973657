//! Formats, each on samples with the fields expected of them.

mod evtx;
mod json;
mod support;
