//! Reading many logs against many rules: sources in, detections and figures out.

pub(crate) mod archive;
pub(crate) mod correlations;
pub(crate) mod detection;
pub(crate) mod ranges;
pub(crate) mod reading;
pub(crate) mod sources;
pub(crate) mod spool;
pub(crate) mod summary;
pub(crate) mod work;
pub(crate) mod zstandard;
