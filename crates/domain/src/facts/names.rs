//! Texts as numbers: millions of subjects in one piece of memory.

use std::hash::BuildHasher as _;

use hashbrown::{DefaultHashBuilder, HashTable};

/// Texts, each once, numbered in the order in which they came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    text: String,
    ends: Vec<u32>,
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl Names {
    /// The number of a text, which is added if it is new; `None` once there is no room for more.
    pub(crate) fn add(&mut self, name: &str) -> Option<u32> {
        let Self { text, ends, table, hasher } = self;
        let hash = hasher.hash_one(name);
        if let Some(found) = table.find(hash, |&at| get(text, ends, at) == name) {
            return Some(*found);
        }
        let end = u32::try_from(text.len() + name.len()).ok()?;
        let number = u32::try_from(ends.len()).ok()?;
        text.push_str(name);
        ends.push(end);
        table.insert_unique(hash, number, |&at| hasher.hash_one(get(text, ends, at)));
        Some(number)
    }

    /// The text of a number.
    pub(crate) fn get(&self, at: u32) -> &str {
        get(&self.text, &self.ends, at)
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Frees what only adding needs.
    pub(crate) fn close(&mut self) {
        self.table = HashTable::new();
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
    }
}

fn get<'t>(text: &'t str, ends: &[u32], at: u32) -> &'t str {
    let at = at as usize;
    let start = at.checked_sub(1).map_or(0, |before| ends[before]);
    &text[start as usize..ends[at] as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_have_one_number() {
        let mut names = Names::default();
        let numbers: Vec<_> = ["", "một", "hai", "một", ""].map(|name| names.add(name)).into();
        assert_eq!(numbers, [Some(0), Some(1), Some(2), Some(1), Some(0)]);
        assert_eq!((names.get(0), names.get(2), names.len()), ("", "hai", 3));
    }
}
