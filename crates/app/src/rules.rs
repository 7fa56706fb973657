//! The rules in force, where they come from, and the moment at which they change.
//!
//! Rules come from the folders of the settings, or from the program itself ([`RuleSource`]); to them
//! the centre adds what was imported into its data folder ([`imported`]) and the filters that
//! people keep in its records.
//!
//! Workers hold the rules that they began with and look at the generation before each batch; so a
//! reload stops nobody and no event is judged by half of one set and half of another.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use jiff::Timestamp;
use jiff::tz::Offset;
use khien_domain::ids::RuleFilterId;
use khien_domain::page::PageRequest;
use khien_domain::permission::AgencyScope;
use khien_sigma::compile::RuleSet;
use khien_store::{Store, StoreError};

use crate::folder::DataFolder;
use crate::hunt::RuleFile;
use crate::pipeline::Names;
use catalogue::{Known, Origin};

pub mod catalogue;
pub mod imported;

/// What names of files begin with that people keep as filters in the records; the number follows.
pub(crate) const FILTER: &str = "filter:";

/// Where the rules come from that the settings name.
pub trait RuleSource: Send + Sync {
    /// Loads these rules and, after them, the files that the centre adds. The error says what is
    /// wrong; what is wrong with a single file is told in the log and never an error.
    fn load(&self, added: &[RuleFile]) -> Result<RuleSet, String>;

    /// The text of a file of these rules, if it can still be read.
    fn text(&self, file: &str) -> Option<String>;
}

/// Rules that nobody reads the text of, for tests and benchmarks.
impl<F: Fn(&[RuleFile]) -> Result<RuleSet, String> + Send + Sync> RuleSource for F {
    fn load(&self, added: &[RuleFile]) -> Result<RuleSet, String> {
        self(added)
    }

    fn text(&self, _: &str) -> Option<String> {
        None
    }
}

/// What the centre adds to the rules of the settings.
pub(crate) struct Added {
    /// Imported rules, then filters.
    pub(crate) files: Vec<RuleFile>,
    /// When the first of the filters expires.
    pub(crate) until: Option<Timestamp>,
}

impl Added {
    /// Reads what is added now.
    pub(crate) async fn read(
        store: &Store,
        folder: &DataFolder,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let mut files = imported::read(&folder.rules());
        let (mut until, mut page) = (None, PageRequest::first());
        let mut filters = Vec::new();
        loop {
            let found = store.list_rule_filters(&AgencyScope::All, Some(now), &page).await?;
            filters.extend(found.items);
            let Some(next) = found.next else { break };
            page.after = Some(next);
        }
        for filter in filters {
            until = [until, filter.asked.expires_at].into_iter().flatten().min();
            files
                .push(RuleFile { name: format!("{FILTER}{}", filter.id), text: filter.asked.text });
        }
        Ok(Self { files, until })
    }
}

/// A set of rules that is in force.
pub struct Rules {
    /// Which set this is, counted up with every reload.
    pub generation: u64,
    /// The rules.
    pub set: RuleSet,
    known: OnceLock<Vec<Known>>,
    /// What is wrong with filters that hold, as far as it was asked: their texts do not change.
    faults: Mutex<BTreeMap<RuleFilterId, String>>,
}

impl Rules {
    pub(crate) fn new(generation: u64, set: RuleSet) -> Self {
        Self { generation, set, known: OnceLock::new(), faults: Mutex::default() }
    }

    /// What is wrong with a filter beside these rules, an empty text if nothing is; `None` if nobody
    /// has found out yet.
    pub(crate) fn fault(&self, filter: RuleFilterId) -> Option<String> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).get(&filter).cloned()
    }

    /// Keeps what was found out.
    pub(crate) fn keep_fault(&self, filter: RuleFilterId, fault: String) {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).insert(filter, fault);
    }

    /// What people look through, by title. `others` is where the rules come from that were not
    /// imported; it is the same at every call.
    pub(crate) fn known(&self, others: Origin) -> &[Known] {
        self.known.get_or_init(|| catalogue::gather(&self.set, others))
    }

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
        let rules = Arc::new(Rules::new(0, set));
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
        *current = Arc::new(Rules::new(generation, set));
        self.generation.store(generation, Ordering::Release);
        Arc::clone(&current)
    }
}
