//! `/api/v1/status`, `/api/v1/openapi.json` and the status page `/status`.

pub(super) mod get;
pub(super) mod openapi;
pub(super) mod page;
