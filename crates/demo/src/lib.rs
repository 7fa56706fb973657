//! The fictitious province «Tỉnh Minh Họa»: who belongs to it, and what its devices write.
//!
//! In come a span of time, a seed and how busy the province is; out come [`Entry`]s, each the text
//! that a device would write at that moment and the source that sends it. Nothing here sends
//! anything, reads a clock or draws lots elsewhere: the same questions have the same answers.
//!
//! [`Province`] reads the data in `demo/` at the root of the repository. [`governance`] tells how it is
//! governed, with the evidence of that; [`traffic`] tells ordinary days, [`story`] tells attacks, and both speak through `device`, which knows how each product
//! words its log. What a story must set off is written in its file and tested against the rules.
//!
//! To add a source: a line in `demo/sources.json`. To add a story: a file in `story/` and a line
//! in [`story::STORIES`]. Names, addresses and domains are made up: `minhhoa.example`, `*.test`,
//! ranges for documentation and private ones; a test looks at all that is written.

pub(crate) mod device;
pub mod governance;
pub mod province;
mod random;
pub mod story;
pub mod traffic;

use jiff::Timestamp;

pub use governance::Governance;
pub use province::Province;

/// The seed of the demonstration.
pub const SEED: u64 = 57;

/// What a source sends at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When the device wrote it.
    pub at: Timestamp,
    /// Which source, by its place in [`Province::sources`].
    pub source: usize,
    /// A line, or the few lines of one event, without a line break at the end.
    pub text: String,
}

/// Texts as they lie in a file: one after another, each with a line break at its end.
pub fn lines<'e>(entries: impl IntoIterator<Item = &'e Entry>) -> String {
    let mut lines = String::new();
    for entry in entries {
        lines.push_str(&entry.text);
        lines.push('\n');
    }
    lines
}
