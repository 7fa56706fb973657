//! Events that are kept to matches of rules, by the engine that judges what arrives.

use std::cell::RefCell;

use khien_event::format::Sink;
use khien_event::kept::{Again, Kept};
use khien_event::{Problem, Record};
use khien_lake::{Column, Swept};
use khien_sigma::compile::RuleSet;
use khien_sigma::correlate::{Correlator, EventRef, Limits};
use khien_sigma::engine::Matcher;
use serde_json::{Map, Value};

use super::hit;
use super::run::Finds;

/// What is read of an event.
pub(super) const COLUMNS: [Column; 5] =
    [Column::Record, Column::Format, Column::Fields, Column::Raw, Column::RawBytes];

/// Nothing waits: inputs come in the order of time.
fn limits() -> Limits {
    Limits { lateness: 0, waiting: 0, ..Limits::default() }
}

/// Judges events by one set of rules.
pub(super) struct ByRules<'r> {
    set: &'r RuleSet,
    matcher: Matcher<'r>,
    correlator: Correlator<'r>,
    again: Again,
}

impl<'r> ByRules<'r> {
    pub(super) fn new(set: &'r RuleSet) -> Self {
        let (symbols, packs) = (set.symbols().clone(), set.packs().clone());
        Self {
            set,
            matcher: Matcher::new(set),
            correlator: Correlator::new(set, limits()),
            again: Again::new(symbols, packs),
        }
    }

    /// Judges an event.
    pub(super) fn judge(&mut self, swept: &Swept<'_>, row: usize, finds: &mut Finds) {
        let raw = swept.text(Column::Raw, row).map(str::as_bytes);
        let raw = raw.or_else(|| swept.bytes(Column::RawBytes, row)).unwrap_or_default();
        let kept = Kept {
            format: swept.text(Column::Format, row).unwrap_or_default(),
            raw,
            fields: swept.text(Column::Fields, row),
        };
        let mut judging = Judging {
            set: self.set,
            matcher: &mut self.matcher,
            correlator: &self.correlator,
            swept,
            row,
            finds,
            is_read: false,
        };
        self.again.read(&kept, &mut judging);
        if !judging.is_read {
            finds.unread += 1;
        }
    }
}

/// Takes the record that an event is read as.
struct Judging<'j, 'r> {
    set: &'r RuleSet,
    matcher: &'j mut Matcher<'r>,
    correlator: &'j Correlator<'r>,
    swept: &'j Swept<'j>,
    row: usize,
    finds: &'j mut Finds,
    is_read: bool,
}

impl Sink for Judging<'_, '_> {
    fn record(&mut self, record: &mut Record<'_>) {
        self.is_read = true;
        let hits = self.matcher.matches(record);
        if hits.is_empty() {
            return;
        }
        let hits = hits.to_vec();
        let head = hit::head(self.swept, self.row);
        for rule in hits {
            if self.correlator.wants(rule) {
                let at = self.swept.at(self.row);
                let fields = correlated(self.correlator, rule, record);
                self.finds.note(|| hit::note(rule, at, &head, &fields));
            }
            let Some(found) = self.set.rules().get(rule).filter(|_| !self.set.is_silent(rule))
            else {
                continue;
            };
            let matcher = &mut *self.matcher;
            self.finds.hit(|| {
                let matched = matcher.matched(rule, record);
                hit::of_rule(head.clone(), &found.about, &found.log_source, &matched)
            });
        }
    }

    fn problem(&mut self, _: Problem) {}
}

/// The fields that correlations ask of a match.
fn correlated(
    correlator: &Correlator<'_>,
    rule: usize,
    record: &Record<'_>,
) -> Vec<(String, String)> {
    let fields = RefCell::new(Vec::new());
    correlator.input(rule, 0, EventRef::default(), |name| {
        let text = record.fields.text(name)?;
        fields.borrow_mut().push((name.to_owned(), text));
        None
    });
    fields.into_inner()
}

/// The correlations of a hunt, run over what it noted.
pub(super) struct Correlating<'r> {
    set: &'r RuleSet,
    correlator: Correlator<'r>,
    /// What is told of the latest events, for the hits that they complete.
    heads: rustc_hash::FxHashMap<(u64, u32), Map<String, Value>>,
}

impl<'r> Correlating<'r> {
    pub(super) fn new(set: &'r RuleSet) -> Self {
        let correlator = Correlator::new(set, limits());
        Self { set, correlator, heads: rustc_hash::FxHashMap::default() }
    }

    /// Takes a note; the hits that it completes go to `finds`.
    pub(super) fn feed(&mut self, note: &str, finds: &mut Finds) {
        /// Heads that are remembered; what is forgotten costs a hit only its host and user.
        const HEADS: usize = 100_000;
        let Ok(mut note) = serde_json::from_str::<Vec<Value>>(note) else { return };
        let number = |at: usize| note.get(at).and_then(Value::as_u64).unwrap_or_default();
        let (rule, batch, item) = (number(0) as usize, number(2), number(3) as u32);
        let micros = note.get(1).and_then(Value::as_i64).unwrap_or_default();
        if self.heads.len() >= HEADS {
            self.heads.clear();
        }
        if let Some(Value::Object(head)) = note.pop() {
            self.heads.insert((batch, item), head);
        }
        let event = EventRef { source: item, number: batch };
        let fields = note.get(4);
        let input = self.correlator.input(rule, micros.saturating_mul(1000), event, |name| {
            fields?.get(name)?.as_str().map(str::to_owned)
        });
        self.correlator.feed(input);
        self.take(finds);
    }

    /// Closes all windows. Answers how many events had to be given up to stay within memory.
    pub(super) fn finish(mut self, finds: &mut Finds) -> u64 {
        self.correlator.finish();
        self.take(finds);
        let lost = self.correlator.lost();
        lost.late + lost.groups + lost.events
    }

    fn take(&mut self, finds: &mut Finds) {
        for found in self.correlator.take_hits() {
            let last = found.events.last().map(|joined| joined.event);
            let last = last.and_then(|event| self.heads.get(&(event.number, event.source)));
            let last = last.cloned().unwrap_or_default();
            if let Some(hit) = hit::of_correlation(last, self.set, &found) {
                finds.hit(|| hit);
            }
        }
    }
}
