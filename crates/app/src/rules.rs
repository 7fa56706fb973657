//! The rules in force, and the moment at which they change.
//!
//! Workers hold the rules that they began with and look at the generation before each batch; so a
//! reload stops nobody and no event is judged by half of one set and half of another.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::tz::Offset;
use khien_sigma::compile::RuleSet;

use crate::pipeline::Names;

/// A set of rules that is in force.
pub struct Rules {
    /// Which set this is, counted up with every reload.
    pub generation: u64,
    /// The rules.
    pub set: RuleSet,
}

impl Rules {
    /// What readers need to name fields as these rules do.
    pub(crate) fn names(&self, zone: Offset) -> Names {
        Names { symbols: Arc::clone(self.set.symbols()), packs: Arc::clone(self.set.packs()), zone }
    }
}

/// Where everyone finds the rules in force.
pub struct RulesInForce {
    current: Mutex<Arc<Rules>>,
    generation: AtomicU64,
}

impl RulesInForce {
    /// Begins with a set.
    pub fn new(set: RuleSet) -> Self {
        let rules = Arc::new(Rules { generation: 0, set });
        Self { current: Mutex::new(rules), generation: AtomicU64::new(0) }
    }

    /// The rules in force.
    pub fn current(&self) -> Arc<Rules> {
        Arc::clone(&self.current.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether other rules have come into force since.
    pub fn have_changed_since(&self, rules: &Rules) -> bool {
        self.generation.load(Ordering::Acquire) != rules.generation
    }

    /// Puts another set in force.
    pub fn replace(&self, set: RuleSet) -> Arc<Rules> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let generation = current.generation + 1;
        *current = Arc::new(Rules { generation, set });
        self.generation.store(generation, Ordering::Release);
        Arc::clone(&current)
    }
}
