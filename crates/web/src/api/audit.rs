//! `/api/v1/audit`

pub(super) mod list;
