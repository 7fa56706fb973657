//! Bytes of any log to events.
//!
//! In come blocks of bytes ([`stream`] cuts them from anything that can be read); out come
//! [`Record`]s: fields with the names that Sigma rules use, the log source, the place in the
//! source, and [`Problem`]s for what could not be read. [`Packs`] adds time, host, user and
//! addresses. Nothing here opens a file, reads a clock or knows what a rule is.
//!
//! To add a log format:
//!
//! 1. Write `format/<name>.rs` with a `pub const FORMAT: Format`: its id, how the stream is cut
//!    ([`stream::Framing`]), a `sniff` function that says how sure it is from the first bytes,
//!    and a reader. A format of single lines implements [`format::LineParser`] and is done.
//! 2. List it in [`format::FORMATS`].
//! 3. Give its kinds their log sources in `packs/logsources.yml`, and its field names their OCSF
//!    names and roles in `packs/fields.yml`.
//! 4. Put a sample with the expected fields into `tests/`.

pub mod format;
pub mod json_text;
pub mod kept;
pub mod packs;
pub mod record;
pub mod stream;
pub mod symbols;
pub mod time;
pub mod value;
pub mod yaml;

pub use packs::{LogSource, Packs};
pub use record::{Field, Fields, Kind, Problem, Record};
pub use symbols::{Sym, Symbols};
pub use value::Value;
