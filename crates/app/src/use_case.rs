//! What people and programs can do, one file for what belongs together.
//!
//! Every use case takes a [`Caller`](crate::access::Caller) first, asks whether it may, does what
//! was asked in one transaction and says so in the audit log within it. Whatever comes over HTTP
//! or from the command line ends here; nothing is decided before.
//!
//! To add one: a function here that begins with
//! [`Records::require`](crate::records::Records::require) or
//! [`Records::scope`](crate::records::Records::scope), a route in `web`, a command in `cli`.

use khien_domain::account::Language;
use khien_domain::permission::Denied;
use khien_domain::register_pack::RefusedScope;
use khien_domain::secrecy;
use khien_lake::LakeError;
use khien_lake::query::QueryError;
use khien_store::StoreError;
use serde_json::Value;

use crate::document;
use crate::index::IndexError;
use crate::ledger::LedgerError;

pub mod alert_figures;
pub mod alerts;
pub mod appeals;
pub mod assessments;
pub mod attest;
pub mod audit;
pub mod backup;
pub mod begin;
pub mod budgets;
pub mod controls;
pub mod crypto;
pub mod demonstration;
pub mod documents;
pub mod dossiers;
pub mod evidence;
pub mod export;
pub mod findings;
pub mod gate;
pub mod hidden;
pub mod holds;
pub mod hunts;
pub mod incidents;
pub mod index;
pub mod leaks;
pub mod ledger;
pub mod measure;
mod notice;
pub mod operate;
pub mod own_account;
pub mod people;
pub mod personnel;
pub mod projects;
pub mod quarantine;
pub mod register;
pub mod reviews;
pub mod risks;
pub mod rounds;
pub mod rule_imports;
pub mod rule_settings;
pub mod rules;
pub mod saved_searches;
pub mod search;
pub mod shifts;
pub mod sign_in;
pub mod spend;
pub mod suppressions;
pub mod tail;
pub mod tasks;
pub mod tokens;
pub mod tuning;
pub mod upload;
pub mod verified;

/// Of a file that is handed in, so much is looked through for a mark of secrecy.
const HEAD_BYTES: usize = 64 << 10;

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
    /// It is not for this register.
    #[error("{}", .0.because(Language::English))]
    OutOfScope(&'static RefusedScope),
    /// A search's query cannot be read.
    #[error(transparent)]
    Query(QueryError),
    /// Too much of the kind is under way; the caller should come again.
    #[error("too much is under way; ask again in {seconds} s")]
    Busy {
        /// When to come again.
        seconds: u32,
    },
    /// A search took longer than any may.
    #[error("the search took longer than {seconds} s; narrow its time or its query")]
    TooSlow {
        /// How long it may take.
        seconds: u64,
    },
    /// The store failed.
    #[error("the store failed")]
    Store(#[source] StoreError),
    /// The lake failed.
    #[error("the lake failed")]
    Lake(#[source] LakeError),
    /// The index cannot be computed.
    #[error(transparent)]
    Index(IndexError),
    /// The ledger of evidence failed.
    #[error(transparent)]
    Ledger(LedgerError),
    /// The program failed: a task ended before its work.
    #[error("the program failed: {0}")]
    Fault(&'static str),
}

impl From<StoreError> for UseError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict { .. } => Self::Conflict(error.to_string()),
            StoreError::Missing { .. } => Self::Invalid(error.to_string()),
            other => Self::Store(other),
        }
    }
}

impl From<LakeError> for UseError {
    fn from(error: LakeError) -> Self {
        match error {
            LakeError::Query(error) => Self::Query(error),
            other => Self::Lake(other),
        }
    }
}

impl UseError {
    /// What the store says, but a collision in words that tell with what, and what to do.
    pub(crate) fn taken(error: StoreError, words: impl FnOnce() -> String) -> Self {
        match error {
            StoreError::Conflict { .. } => Self::Conflict(words()),
            other => other.into(),
        }
    }

    /// Something that will not do, with its own words.
    pub(crate) fn invalid(error: impl std::fmt::Display) -> Self {
        Self::Invalid(error.to_string())
    }

    /// Nothing of that name.
    pub(crate) fn not_found(what: &'static str, id: impl std::fmt::Display) -> Self {
        Self::NotFound { what, id: id.to_string() }
    }
}

/// Refuses a file that bears a mark of secrecy: in its name with folders, at the head of its text, or as a
/// document. What is kept of it is held to that once more, text by text (`khien_domain::text`).
pub fn unmarked_file(name: &str, bytes: &[u8]) -> Result<(), UseError> {
    mark_of_file(name, bytes).map_or(Ok(()), |found| Err(UseError::Invalid(marked(found))))
}

/// The gravest mark of secrecy that a file bears.
fn mark_of_file(name: &str, bytes: &[u8]) -> Option<secrecy::Found> {
    let inside = if document::is_one(bytes) {
        document::mark(bytes)
    } else {
        let head = bytes.get(..HEAD_BYTES).unwrap_or(bytes);
        let plain = secrecy::find("", [], &String::from_utf8_lossy(head));
        plain.or_else(|| secrecy::find("", [], &upload::text(bytes)))
    };
    document::mark_of_name(name).into_iter().chain(inside).max_by_key(|found| found.mark)
}

/// Refuses JSON in which a text bears a mark of secrecy, wherever it stands. Three capitals without
/// diacritics are the name of a program as well, and pass.
fn unmarked_json(value: &Value) -> Result<(), String> {
    match value {
        Value::String(text) if text.trim() == "MAT" => Ok(()),
        Value::String(text) => {
            secrecy::find("", [], text).map_or(Ok(()), |found| Err(marked(found)))
        }
        Value::Array(values) => values.iter().try_for_each(unmarked_json),
        Value::Object(values) => values.values().try_for_each(unmarked_json),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

/// What is said of a file that is refused for its mark.
pub(crate) fn marked(found: secrecy::Found) -> String {
    format!("the file bears the mark «{}»; nothing of it was kept", found.mark.name())
}
