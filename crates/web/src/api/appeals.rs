//! `/api/v1/appeals`: comments and appeals in rounds of the index.

pub(super) mod list;
