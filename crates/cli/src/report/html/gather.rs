//! The first pass over the detections: what the page counts.

use std::io;

use khien_sigma::rule::Level;
use rustc_hash::FxHashMap;
use serde_json::Value;

use super::rows;
use super::timeline::{Counts, Histogram};
use crate::report::{text, texts};
use crate::scan::spool::Spool;

/// So many users and addresses are counted apart.
const MAX_NAMES: usize = 50_000;

#[derive(Default)]
pub(super) struct Gathered {
    pub(super) by_level: Counts,
    pub(super) histogram: Histogram,
    pub(super) users: Names,
    pub(super) addresses: Names,
}

pub(super) fn gather(spool: &mut Spool) -> io::Result<Gathered> {
    let mut gathered = Gathered::default();
    spool.drain(|object| {
        let object: Value = serde_json::from_slice(object)?;
        let level = level(&object);
        if let Some(count) = gathered.by_level.get_mut(level as usize) {
            *count += 1;
        }
        gathered.histogram.add(rows::time(&object), level);
        gathered.users.add(text(&object, "/user"));
        for address in texts(&object, "/addresses") {
            gathered.addresses.add(&address);
        }
        Ok(())
    })?;
    Ok(gathered)
}

pub(super) fn level(object: &Value) -> Level {
    Level::parse(text(object, "/rule/level")).unwrap_or_default()
}

/// Names and how often each was seen.
#[derive(Default)]
pub(super) struct Names(FxHashMap<String, u64>);

impl Names {
    fn add(&mut self, name: &str) {
        if name.is_empty() {
            return;
        }
        let name = rows::key(name);
        if let Some(count) = self.0.get_mut(&name) {
            *count += 1;
        } else if self.0.len() < MAX_NAMES {
            self.0.insert(name, 1);
        }
    }

    /// Most first.
    pub(super) fn sorted(&self) -> Vec<(String, u64)> {
        let mut names: Vec<_> = self.0.iter().map(|(name, count)| (name.clone(), *count)).collect();
        names.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        names
    }
}

/// Which detections stand in the page: of each level so many, gravest first.
pub(super) struct Quota(Counts);

impl Quota {
    pub(super) fn new(by_level: &Counts, mut places: u64) -> Self {
        let mut quota = Counts::default();
        for (quota, count) in quota.iter_mut().zip(by_level).rev() {
            *quota = places.min(*count);
            places -= *quota;
        }
        Self(quota)
    }

    /// Takes a place, if one is left for the level.
    pub(super) fn take(&mut self, level: Level) -> bool {
        let Some(left) = self.0.get_mut(level as usize) else { return false };
        let taken = *left > 0;
        *left = left.saturating_sub(1);
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gravest_have_the_first_places() {
        let mut quota = Quota::new(&[100, 0, 10, 3, 1], 6);
        assert!(!quota.take(Level::Informational));
        assert!(quota.take(Level::Critical) && !quota.take(Level::Critical));
        assert!(quota.take(Level::High) && quota.take(Level::High) && quota.take(Level::High));
        assert!(quota.take(Level::Medium) && quota.take(Level::Medium));
        assert!(!quota.take(Level::Medium));
    }
}
