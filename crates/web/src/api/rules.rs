//! `/api/v1/rules`

pub(super) mod import;
pub(super) mod imported;
pub(super) mod reload;
