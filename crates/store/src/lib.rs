//! Records in SQL: SQLite by default, PostgreSQL by one setting.
//!
//! One handle, [`Store`], reads; a transaction, [`Tx`], writes. Values of `khien-domain` come in and
//! go out. No other crate knows SQL, and nothing here decides anything: what is allowed, merged or
//! hidden is decided in `khien-domain` and by the application, which is also the only place that
//! changes several stores together. Moments are passed in.
//!
//! Rules that hold everywhere:
//!
//! - Each statement is written once, for both databases, beside the function that runs it: `$1`,
//!   `ON CONFLICT`, `RETURNING`, integers and texts. The few words that differ are in `dialect.rs`.
//! - `find_…` answers `Option`, `list_…` a bounded page with a stable cursor.
//! - What belongs to an agency is only reached through an [`AgencyScope`](khien_domain::permission::AgencyScope),
//!   which every such function takes. A record outside the scope is as if it were not there.
//! - Times are microseconds since 1970 in UTC.
//!
//! To add a table: a migration with the next number in both folders of `migrations/`, named in
//! `migrate.rs`; a file here with its statements; a contract in `tests/it/contract/`, which runs on
//! both databases; `KHIEN_UPDATE_SCHEMA=1 cargo test -p khien-store` writes `schema.*` anew.
//! Migrations only go forward, and a released one is never edited.

mod agencies;
mod alert_figures;
mod alerts;
mod assets;
mod audit;
mod backup;
mod batch_keys;
mod budgets;
mod check;
mod connect;
mod controls;
mod correlation;
mod custody;
mod db;
mod detections;
mod dialect;
mod discovered;
mod documents;
mod dossiers;
mod endpoint_probes;
mod equipment;
mod error;
mod findings;
mod holds;
mod hosts;
mod incident_losses;
mod incidents;
mod job_rows;
mod jobs;
mod leaks;
mod ledger;
mod mappings;
mod migrate;
mod needs;
mod papers;
mod passkeys;
mod people;
mod products;
mod projects;
mod providers;
mod pulse;
mod quarantine;
mod refused;
mod resources;
mod risks;
mod rounds;
mod rule_filters;
mod rule_settings;
mod saved_searches;
mod sessions;
mod shifts;
mod sites;
mod sources;
mod sql;
mod suppressions;
mod systems;
mod tokens;

pub use alert_figures::{AlertGroup, GroupBy, GroupCursor, Waiting};
pub use alerts::AlertFilter;
pub use audit::AuditFilter;
pub use batch_keys::BatchKey;
pub use check::Schema;
pub use connect::Database;
pub use controls::{CatalogueForm, CatalogueRow};
pub use correlation::{CorrelationInput, InputCursor};
pub use db::{Store, Tx};
pub use detections::{Detections, Hidden, Recorded, SwitchedOff};
pub use endpoint_probes::{ProbeOutcome, ProbeRow};
pub use error::StoreError;
pub use findings::{Catalogue, Due, FindingImport};
pub use incidents::IncidentFilter;
pub use job_rows::{JobRow, JobRowKind};
pub use ledger::{CheckpointRow, EvidenceFilter, KeptRecord, Tip};
pub use mappings::MappingRow;
pub use people::{Secrets, Totp};
pub use pulse::{Beat, Heard, QUARTER, Shown};
pub use refused::{Refused, RefusedCursor};
pub use rule_settings::RuleFigures;
pub use sources::Activity;
pub use suppressions::Preview;
