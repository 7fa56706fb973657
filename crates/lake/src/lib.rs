//! Events at rest: Parquet files of days, the newest rows in memory, and their search.
//!
//! In come rows that somebody else has read and judged (`Rows`), with the numbers of the batches they
//! came in; out come pages, counts, histograms, top values and exports. `Lake::append` makes rows
//! searchable, `Lake::flush` makes them durable together with their batch numbers, so that a journal
//! knows what it may forget and a replay stores nothing twice.
//!
//! It knows nothing of agencies but their code, authorises nobody (the caller passes a `Scope`),
//! reads no clock and starts no thread that outlives a call. It is the only crate that knows Arrow.
//!
//! The commonest change, a new column: `schema.rs` tells how.

mod care;
mod compact;
pub mod csv;
mod data_file;
mod error;
mod fold;
mod json;
mod lake;
mod manifest;
mod merge;
mod needle;
mod numbers;
mod pattern;
pub mod query;
mod recent;
mod retain;
mod rows;
mod schema;
mod search;
mod write;

pub use care::{DayStats, Inspection, Stats, inspect};
pub use compact::Compacted;
pub use error::LakeError;
pub use lake::{Appended, Damage, Lake, Options};
pub use numbers::{Numbers, NumbersError};
pub use retain::{Hold, KeepRule, Policy, Retained};
pub use rows::{EventRow, MAX_ROW_BYTES, Rows};
pub use schema::Column;
pub use search::aggregate::{Histogram, MAX_BUCKETS, MAX_VALUES, Top};
pub use search::explore::{Explored, Wish};
pub use search::export::{Export, ExportForm, Exported};
pub use search::page::{Cursor, Event, MAX_PAGE, Page};
pub use search::sweep::{Stretch, Sweep, Swept};
pub use search::tail::{Heard, Tail};
pub use search::value::Value;
pub use search::{Answer, Cancel, Request, Scope, Shown};
