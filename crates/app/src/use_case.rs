//! What people and programs can do, one file for what belongs together.
//!
//! Every use case takes a [`Caller`](crate::access::Caller) first, asks whether it may, does what
//! was asked in one transaction and says so in the audit log within it. Whatever comes over HTTP
//! or from the command line ends here; nothing is decided before.
//!
//! To add one: a function here that begins with
//! [`Records::require`](crate::records::Records::require) or
//! [`Records::scope`](crate::records::Records::scope), a route in `web`, a command in `cli`.

use khien_domain::permission::Denied;
use khien_lake::LakeError;
use khien_store::StoreError;

pub mod begin;
pub mod operate;
pub mod register;
pub mod upload;

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum UseError {
    /// The caller may not.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// There is no such thing, or none that the caller may see.
    #[error("there is no {what} {id}")]
    NotFound {
        /// What was looked for.
        what: &'static str,
        /// Its code or number.
        id: String,
    },
    /// What was asked will not do.
    #[error("{0}")]
    Invalid(String),
    /// It collides with what is there.
    #[error("{0}")]
    Conflict(String),
    /// The store failed.
    #[error("the store failed")]
    Store(#[source] StoreError),
    /// The lake failed.
    #[error("the lake failed")]
    Lake(#[from] LakeError),
    /// The program failed: a task ended before its work.
    #[error("the program failed: {0}")]
    Fault(&'static str),
}

impl From<StoreError> for UseError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict { .. } => Self::Conflict(error.to_string()),
            other => Self::Store(other),
        }
    }
}

impl UseError {
    /// Something that will not do, with its own words.
    pub(crate) fn invalid(error: impl std::fmt::Display) -> Self {
        Self::Invalid(error.to_string())
    }

    /// Nothing of that name.
    pub(crate) fn not_found(what: &'static str, id: impl std::fmt::Display) -> Self {
        Self::NotFound { what, id: id.to_string() }
    }
}
