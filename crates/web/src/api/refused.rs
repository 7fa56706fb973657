//! `/api/v1/refused`

pub(super) mod list;
