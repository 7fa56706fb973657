//! Catalogues of controls: read from files, kept, and given out as OSCAL.
//!
//! Files are our own packs (YAML), catalogues in OSCAL, as XML or JSON, or plain tables (CSV); mappings between
//! them are OSCAL or tables (`mapping`). What is read of OSCAL is the
//! part that a checklist needs: groups, controls and their statements; what is withdrawn is counted
//! and left out. Bytes in, values out: nothing here knows the store.

pub(crate) mod export;
mod json;
pub(crate) mod kept;
pub(crate) mod mapping;
mod read;
mod table;
mod tree;
mod xml;

pub(crate) use read::read;
pub use table::Called;

/// The largest file of a catalogue.
pub const MAX_CATALOGUE_BYTES: usize = 16 << 20;
