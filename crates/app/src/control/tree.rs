//! What a catalogue in OSCAL says, whichever form it came in.

use std::collections::BTreeMap;

/// How deep groups, controls and parts stand in one another at most.
pub(super) const MAX_DEPTH: usize = 32;
/// How many groups and controls a catalogue has at most.
pub(super) const MAX_NODES: usize = 20_000;

/// A catalogue.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) title: String,
    pub(super) version: String,
    /// Properties of the catalogue by name.
    pub(super) props: BTreeMap<String, String>,
    pub(super) nodes: Vec<Node>,
}

/// A group or a control.
#[derive(Debug, Default)]
pub(super) struct Node {
    pub(super) is_control: bool,
    pub(super) id: String,
    pub(super) class: String,
    pub(super) title: String,
    /// What `status` says.
    pub(super) status: String,
    /// What parameters are called, by their id.
    pub(super) params: BTreeMap<String, String>,
    /// The words of its statement.
    pub(super) statement: String,
    /// How many examples it has.
    pub(super) examples: usize,
    pub(super) nodes: Vec<Node>,
}

/// Adds words to others, with one blank between words.
pub(super) fn add_words(text: &mut String, words: &str) {
    for word in words.split_whitespace() {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(word);
    }
}
