//! Runs tests: shows events to the rules and counts what comes of them.

use std::fs::File;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use jiff::Timestamp;
use khien_event::time::Clue;
use khien_event::yaml::{Content, Node};
use khien_event::{LogSource, Record, Value};
use khien_sigma::compile::RuleSet;
use khien_sigma::correlate::{Correlator, EventRef, Limits};
use khien_sigma::correlation::Reference;
use khien_sigma::engine::Matcher;
use khien_sigma::rule::About;

use super::{Case, Events, Failure, Wanted, reason};
use crate::command::rules::reading;
use crate::command::scan::find_format;

/// Rules, ready for tests.
pub(crate) struct Bench<'s> {
    set: &'s RuleSet,
    matcher: Matcher<'s>,
    clue: Clue,
}

/// What came of a test.
struct Outcome {
    /// Hits of the rule or correlation.
    hits: u64,
    /// How many records were read.
    records: u64,
    /// Hits of each rule, for telling why a correlation did not hold.
    of_rules: Vec<u64>,
}

impl<'s> Bench<'s> {
    pub(crate) fn new(set: &'s RuleSet, now: Timestamp) -> Self {
        Self { set, matcher: Matcher::new(set), clue: Clue::vietnam(now) }
    }

    /// Runs a test; what is wrong if it did not end as it must.
    pub(crate) fn run(&mut self, case: &Case) -> Option<Failure> {
        let fail = |found: String, reason: String| {
            Some(Failure {
                file: case.file.clone(),
                name: case.name.clone(),
                rule: case.rule.clone(),
                expected: match case.wanted {
                    Wanted::None => "no hit".into(),
                    Wanted::AtLeast(1) => "a hit".into(),
                    Wanted::AtLeast(count) => format!("{count} hits"),
                },
                found,
                reason,
            })
        };
        if let Events::Fault(message) = &case.events {
            return fail("no events".into(), message.clone());
        }
        let Some(subject) = self.find(&case.rule) else {
            return fail("no such rule".into(), "the rule is not loaded".into());
        };
        let outcome = match self.outcome(case, subject) {
            Ok(outcome) => outcome,
            Err(error) => return fail("a fault".into(), format!("{error:#}")),
        };
        let good = match case.wanted {
            Wanted::None => outcome.hits == 0,
            Wanted::AtLeast(count) => outcome.hits >= count,
        };
        if good && outcome.records > 0 {
            return None;
        }
        let found = match outcome.hits {
            0 => "none".to_owned(),
            1 => "a hit".to_owned(),
            hits => format!("{hits} hits"),
        };
        let reason = if outcome.records == 0 {
            "no event was read".to_owned()
        } else {
            self.reason(case, subject, &outcome).unwrap_or_else(|error| format!("{error:#}"))
        };
        fail(found, reason)
    }

    fn find(&self, name: &str) -> Option<Reference> {
        let named = |about: &About| about.id == name || about.name.as_deref() == Some(name);
        // An older rule with an aggregation is both; the correlation is what people see.
        let correlation = self.set.correlations().iter().position(|c| named(&c.about));
        let rule = || self.set.rules().iter().position(|rule| named(&rule.about));
        correlation.map(Reference::Correlation).or_else(|| rule().map(Reference::Rule))
    }

    fn outcome(&mut self, case: &Case, subject: Reference) -> Result<Outcome> {
        let (set, clue) = (self.set, self.clue);
        let limits = Limits { lateness: i64::MAX, ..Limits::default() };
        let mut correlator = Correlator::new(set, limits);
        let mut outcome = Outcome { hits: 0, records: 0, of_rules: vec![0; set.rules().len()] };
        let matcher = &mut self.matcher;
        each_record(set, clue, &case.events, &mut |label, record| {
            outcome.records += 1;
            let hits = match label {
                Some(label) => matcher.matches_as(label, record),
                None => matcher.matches(record),
            };
            for &rule in hits {
                if let Some(count) = outcome.of_rules.get_mut(rule) {
                    *count += 1;
                }
                if let (true, Some((time, _))) =
                    (correlator.wants(rule), set.packs().time(record, &clue))
                {
                    let time = i64::try_from(time.as_nanosecond()).unwrap_or(i64::MAX);
                    let event = EventRef { source: 0, number: outcome.records };
                    let input =
                        correlator.input(rule, time, event, |name| record.fields.text(name));
                    correlator.feed(input);
                }
            }
        })?;
        correlator.finish();
        outcome.hits = match subject {
            Reference::Rule(rule) => outcome.of_rules.get(rule).copied().unwrap_or(0),
            Reference::Correlation(at) => {
                let hits = correlator.take_hits();
                hits.iter().filter(|hit| hit.correlation == at).count() as u64
            }
        };
        Ok(outcome)
    }

    /// The shortest useful reason for what was found.
    fn reason(&self, case: &Case, subject: Reference, outcome: &Outcome) -> Result<String> {
        let rule = match subject {
            Reference::Rule(rule) => rule,
            Reference::Correlation(at) => {
                return Ok(reason::of_correlation(self.set, at, &outcome.of_rules));
            }
        };
        let Some(rule) = self.set.rules().get(rule) else { bail!("the rule is gone") };
        let mut closest = reason::Closest::default();
        each_record(self.set, self.clue, &case.events, &mut |label, record| {
            let packs = self.set.packs();
            let labels = if let Some(label) = label {
                vec![label.clone()]
            } else {
                let route = packs.route(record, &mut String::new());
                packs.derive(route, record);
                packs.routes().get(route).map(|route| route.labels.clone()).unwrap_or_default()
            };
            let wants_hit = !matches!(case.wanted, Wanted::None);
            closest.add(&khien_sigma::explain::explain(rule, &labels, record), wants_hit);
        })?;
        Ok(closest.reason())
    }
}

/// Hands on each event of a test, with the log source that its file states for it.
fn each_record(
    set: &RuleSet,
    clue: Clue,
    events: &Events,
    each: &mut dyn FnMut(Option<&LogSource>, &mut Record<'_>),
) -> Result<()> {
    match events {
        Events::File(path) => {
            let file =
                File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
            reading::read(file, None, set, clue, &mut |record| each(None, record))?;
        }
        Events::Lines(format, text) => {
            let format = find_format(format)?;
            let log = reading::read(text.as_bytes(), Some(format), set, clue, &mut |record| {
                each(None, record);
            })?;
            if let Some(problem) = log.problems.first() {
                bail!("a line cannot be read: {}", problem.reason);
            }
        }
        Events::Fields(label, events) => {
            for (at, event) in events.iter().enumerate() {
                let mut record = Record::new(Arc::clone(set.symbols()));
                record.structured = true;
                record.number = at as u64 + 1;
                for (name, value) in event.as_map().context("an event is a map of fields")? {
                    push(&mut record, name.as_str().unwrap_or_default(), value);
                }
                each(Some(label), &mut record);
            }
        }
        Events::Fault(message) => bail!("{message}"),
    }
    Ok(())
}

/// Adds a field; a list becomes several values, a map names with dots.
fn push<'n>(record: &mut Record<'n>, name: &str, value: &'n Node<'n>) {
    match &value.content {
        Content::Scalar { .. } if value.is_null() => record.fields.push(name, Value::Null),
        Content::Scalar { text, .. } => record.fields.push(name, Value::text(text)),
        Content::List(items) => items.iter().for_each(|item| push(record, name, item)),
        Content::Map(entries) => {
            for (key, value) in entries {
                let name = format!("{name}.{}", key.as_str().unwrap_or_default());
                push(record, &name, value);
            }
        }
    }
}
