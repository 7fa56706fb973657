//! Facts: what records of the ledger say at an instant, and sets of them.
//!
//! Lines of the ledger go in ([`Facts::read`]), in any order and from several threads, whose parts
//! are put together ([`Facts::merge`]); out comes a [`View`]: of each kind, agency and subject the
//! latest record, once of all records and once of those that are more than somebody's own word
//! ([`Trust`]). Only fields that a pack mentions are kept, as numbers ([`Wanted`]).
//!
//! A pack names [`Sets`] of facts by conditions on their fields and on other facts of the same system
//! or agency; a [`Scope`] tells which facts of one agency are in a set. The index counts them, the
//! gate asks whether there is one. The rules of the view are in `docs/index.md`.
//!
//! To add a condition: a variant of [`Test`], its form in `set.rs`, what it says in [`Test::holds`],
//! and the same in `docs/recompute.py`.

mod collect;
mod names;
mod scope;
mod set;
mod shape;
mod time;
mod view;
mod voided;
mod wanted;

pub use collect::{Facts, ReadError};
pub use scope::{Item, Scope};
pub use set::{Same, Set, SetId, Sets, Test};
pub use shape::{Shape, ShapeError};
pub use time::{Cutoff, Period};
pub use view::{AgencyId, Fact, Trust, View};
pub use voided::Voided;
pub use wanted::{FieldType, KindId, Wanted};

/// The value of a field that a record does not have.
pub(crate) const MISSING: i64 = i64::MIN;
