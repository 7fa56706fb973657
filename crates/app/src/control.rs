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

/// The text of a file, and the first byte of what it says.
fn text_of(bytes: &[u8]) -> Result<(&str, u8), String> {
    if bytes.len() > MAX_CATALOGUE_BYTES {
        let most = MAX_CATALOGUE_BYTES >> 20;
        return Err(format!("the file is larger than {most} MiB"));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|error| format!("byte {}: the file is not UTF-8", error.valid_up_to()))?;
    let text = text.trim_start_matches('\u{feff}');
    let first = text.trim_start().bytes().next().ok_or("the file is empty")?;
    Ok((text, first))
}
