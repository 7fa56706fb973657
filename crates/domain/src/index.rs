//! The index: how able an agency is to ensure cybersecurity, counted from evidence alone.
//!
//! An [`IndexPack`] says what is counted and how it is weighed (`packs/index/…`, the language is told
//! in `docs/index.md`). With a [`View`](crate::facts::View) of the ledger at an instant it gives each
//! agency's [`Score`], and all of them together a [`Table`] with ranks inside cohorts, whose canonical
//! text and hash anybody with the ledger's export gets again (`docs/recompute.py` does, apart from
//! this). Numbers are exact fractions throughout; decimals are for showing.
//!
//! It rates organisations. No kind of evidence, no pack and no result names a person.
//!
//! To add an indicator: an entry in the pack, its kind in `packs/evidence.yml` if there is none, its
//! hand-computed case in `tests/it/indicators.yml`. To add a way of measuring: a variant of
//! [`measure::Way`], its value in `value.rs`, and the same in `docs/recompute.py`.

mod basis;
mod evaluate;
pub mod explain;
pub mod measure;
mod movement;
mod pack;
mod pillar;
pub mod ratio;
mod sensitivity;
pub(crate) mod source;
mod table;
mod value;

pub use basis::{Basis, BasisError, Chosen, Wish};
pub use evaluate::{Outcome, Score, State};
pub use movement::{Change, Movement, movement};
pub use pack::{Cap, Cohort, Grade, Group, IndexPack, Indicator, PackError};
pub use pillar::{Mapped, Mean, PILLARS, Pillar, pillars};
pub use ratio::Ratio;
pub use sensitivity::{Sensitivity, Shift, sensitivity};
pub use table::{Place, Table};
