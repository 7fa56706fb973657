//! `/api/v1/crypto`

pub(super) mod cbom;
pub(super) mod probe;
