//! Figures of a scan.

use std::collections::BTreeMap;
use std::time::Duration;

use khien_sigma::load::RuleProblem;
use khien_sigma::rule::{About, Level};
use rustc_hash::FxHashMap;
use serde_json::{Value, json};

use super::sources::Unreadable;

/// So many entries of what could not be read are listed; all are counted.
const MAX_LISTED: usize = 10_000;
/// So many hosts are counted apart.
const MAX_HOSTS: usize = 50_000;

/// What threads count; added up at the end.
#[derive(Default)]
pub(crate) struct Counts {
    pub(crate) bytes: u64,
    pub(crate) events: u64,
    pub(crate) detections: u64,
    pub(crate) by_rule: FxHashMap<RuleKey, u64>,
    pub(crate) by_host: FxHashMap<String, u64>,
    pub(crate) unreadable: Vec<Unreadable>,
    pub(crate) unreadable_count: u64,
    pub(crate) fields_dropped: u64,
    pub(crate) by_format: BTreeMap<&'static str, u64>,
}

/// A rule or a correlation, by position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum RuleKey {
    Rule(usize),
    Correlation(usize),
}

impl Counts {
    pub(crate) fn unreadable(&mut self, file: &str, offset: u64, entries: u64, reason: String) {
        self.unreadable_count += entries;
        if self.unreadable.len() < MAX_LISTED {
            self.unreadable.push(Unreadable { file: file.to_owned(), offset, reason });
        }
    }

    pub(crate) fn detection(&mut self, rule: RuleKey, host: Option<&str>) {
        self.detections += 1;
        *self.by_rule.entry(rule).or_default() += 1;
        let host = host.unwrap_or("");
        if let Some(count) = self.by_host.get_mut(host) {
            *count += 1;
        } else if self.by_host.len() < MAX_HOSTS {
            self.by_host.insert(host.to_owned(), 1);
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.bytes += other.bytes;
        self.events += other.events;
        self.detections += other.detections;
        self.unreadable_count += other.unreadable_count;
        self.fields_dropped += other.fields_dropped;
        for (rule, count) in other.by_rule {
            *self.by_rule.entry(rule).or_default() += count;
        }
        for (host, count) in other.by_host {
            *self.by_host.entry(host).or_default() += count;
        }
        for (format, count) in other.by_format {
            *self.by_format.entry(format).or_default() += count;
        }
        self.unreadable.extend(other.unreadable);
    }

    /// Puts what could not be read into an order that does not depend on threads.
    pub(crate) fn settle(&mut self) {
        self.unreadable.sort();
        self.unreadable.truncate(MAX_LISTED);
    }
}

/// A finished scan.
pub(crate) struct Summary<'s> {
    pub(crate) files: usize,
    pub(crate) counts: Counts,
    pub(crate) rules_loaded: usize,
    pub(crate) correlations_loaded: usize,
    pub(crate) problems: &'s [RuleProblem],
    pub(crate) lost: khien_sigma::correlate::Lost,
    pub(crate) wall: Duration,
    pub(crate) loading: Duration,
    pub(crate) cpu: Duration,
    pub(crate) peak_memory_bytes: Option<u64>,
    pub(crate) about: &'s dyn Fn(RuleKey) -> Option<&'s About>,
}

impl Summary<'_> {
    /// Detections by level, gravest first; levels without any are left out.
    pub(crate) fn by_level(&self) -> Vec<(Level, u64)> {
        let mut counts: BTreeMap<Level, u64> = BTreeMap::new();
        for (rule, count) in &self.counts.by_rule {
            let level = (self.about)(*rule).map_or(Level::Informational, |about| about.level);
            *counts.entry(level).or_default() += count;
        }
        counts.into_iter().rev().collect()
    }

    /// Detections by ATT&CK tactic, most first; a rule of two tactics counts in both.
    pub(crate) fn by_tactic(&self) -> Vec<(String, u64)> {
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for (rule, count) in &self.counts.by_rule {
            for tactic in (self.about)(*rule)
                .into_iter()
                .flat_map(|about| crate::attack::tactics(&about.tags))
            {
                *counts.entry(tactic.to_owned()).or_default() += count;
            }
        }
        most_first(counts)
    }

    /// Detections by rule, most first.
    pub(crate) fn by_rule(&self) -> Vec<(RuleKey, u64)> {
        let mut rules: Vec<_> =
            self.counts.by_rule.iter().map(|(rule, count)| (*rule, *count)).collect();
        rules.sort_by_key(|(rule, count)| (std::cmp::Reverse(*count), *rule));
        rules
    }

    /// Detections by host, most first; the empty name is for events that name none.
    pub(crate) fn by_host(&self) -> Vec<(String, u64)> {
        most_first(self.counts.by_host.clone().into_iter().collect())
    }

    /// The object that `--summary` writes.
    pub(crate) fn to_json(&self) -> Value {
        let by_rule: Vec<Value> = self
            .by_rule()
            .into_iter()
            .filter_map(|(rule, count)| {
                let about = (self.about)(rule)?;
                Some(json!({"id": about.id, "title": about.title, "level": about.level.name(), "count": count}))
            })
            .collect();
        let by_level: serde_json::Map<String, Value> = self
            .by_level()
            .into_iter()
            .map(|(level, count)| (level.name().into(), count.into()))
            .collect();
        let object = |pairs: Vec<(String, u64)>| -> serde_json::Map<String, Value> {
            pairs.into_iter().map(|(name, count)| (name, count.into())).collect()
        };
        let problem = |problem: &RuleProblem| json!({"file": &*problem.place.file, "line": problem.place.line, "reason": problem.message});
        let refused: Vec<Value> = self.problems.iter().filter(|p| p.refused).map(problem).collect();
        let doubtful: Vec<Value> =
            self.problems.iter().filter(|p| !p.refused).map(problem).collect();
        let unreadable: Vec<Value> = self
            .counts
            .unreadable
            .iter()
            .map(
                |entry| json!({"file": entry.file, "offset": entry.offset, "reason": entry.reason}),
            )
            .collect();
        json!({
            "files": self.files,
            "bytes": self.counts.bytes,
            "events": self.counts.events,
            "by_format": self.counts.by_format,
            "unreadable": unreadable,
            "unreadable_count": self.counts.unreadable_count,
            "fields_dropped": self.counts.fields_dropped,
            "rules_loaded": self.rules_loaded,
            "correlations_loaded": self.correlations_loaded,
            "rules_refused": refused,
            "rules_doubtful": doubtful,
            "detections": self.counts.detections,
            "by_rule": by_rule,
            "by_level": by_level,
            "by_tactic": object(self.by_tactic()),
            "by_host": object(self.by_host()),
            "correlation_lost": {"late": self.lost.late, "groups": self.lost.groups, "events": self.lost.events},
            "loading_seconds": self.loading.as_secs_f64(),
            "wall_seconds": self.wall.as_secs_f64(),
            "cpu_seconds": self.cpu.as_secs_f64(),
            "peak_memory_bytes": self.peak_memory_bytes,
        })
    }
}

fn most_first(counts: BTreeMap<String, u64>) -> Vec<(String, u64)> {
    let mut pairs: Vec<_> = counts.into_iter().collect();
    pairs.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    pairs
}
