//! The gate: whether a system may be put into use, decided from evidence alone.
//!
//! A [`GatePolicy`] says what must be known of a system before a stage (`packs/gate/…`, in the language
//! of sets that the index has, `docs/index.md`). With a [`View`](crate::facts::View) of the ledger at an
//! instant it gives a [`Statement`]: ALLOW or DENY, and every condition with the records that meet it
//! or stand against it. The same records at the same instant give the same statement, byte for byte;
//! whoever has the ledger decides again what was decided.
//!
//! It keeps nothing and tells nobody: recording a statement, its signature, alerts and breaking the
//! glass are the application's.
//!
//! To add a condition: an entry in the pack, its kind in `packs/evidence.yml` if there is none, its
//! case in the tests here, which take away one thing after the other.

mod decide;
mod policy;
#[cfg(test)]
mod tests;

pub use decide::{Decision, Reason, Statement};
pub use policy::{Condition, GatePolicy};
