//! `/api/v1/rules`

pub(super) mod reload;
