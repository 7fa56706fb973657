//! The commands, one file each.

pub(crate) mod completions;
pub(crate) mod formats;
pub(crate) mod manual;
pub(crate) mod rules;
pub(crate) mod scan;
