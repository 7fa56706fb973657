//! `/api/v1/snapshot`

pub(super) mod end;
pub(super) mod take;
