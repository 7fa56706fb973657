//! The events of one group of one correlation.

use std::collections::VecDeque;

use super::{Joined, Limits};
use crate::correlation::{Correlation, Kind, Reference};
use crate::rule::{Comparison, Number};

/// No condition makes a window larger than this.
const MAX_ROOM: f64 = 1_000_000.0;

/// What is remembered of a group.
pub(super) struct Window {
    /// In the order of time.
    entries: VecDeque<Entry>,
    /// For `temporal_ordered`: for each step, the youngest chain of events that ends there.
    chains: Vec<Option<Chain>>,
    count: u64,
    /// The time of the event that came first.
    pub(super) opened: i64,
    /// The latest time of an event.
    pub(super) last: i64,
}

/// An event, or a hit of another correlation, in a window.
pub(super) struct Entry {
    pub(super) joined: Vec<Joined>,
    pub(super) time: i64,
    /// Which of the correlation's rules it came from.
    pub(super) slot: usize,
    pub(super) value: Option<Box<str>>,
    pub(super) number: f64,
}

/// Events that fulfil the first steps of an ordered sequence.
#[derive(Clone)]
struct Chain {
    started: i64,
    ended: i64,
    joined: Vec<Joined>,
}

impl Default for Window {
    fn default() -> Self {
        let (entries, chains) = (VecDeque::new(), Vec::new());
        Self { entries, chains, count: 0, opened: 0, last: i64::MIN }
    }
}

impl Window {
    /// Whether nothing has come in yet.
    pub(super) fn is_new(&self) -> bool {
        self.last == i64::MIN
    }

    /// How many events it holds in memory.
    pub(super) fn held(&self) -> usize {
        self.entries.len()
            + self.chains.iter().flatten().map(|chain| chain.joined.len()).sum::<usize>()
    }

    /// How many events it counted.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// The events it joins, as far as they are still named.
    pub(super) fn joined(&self) -> Vec<Joined> {
        match self.chains.last() {
            Some(Some(chain)) => chain.joined.clone(),
            _ => self.entries.iter().flat_map(|entry| entry.joined.iter().copied()).collect(),
        }
    }

    /// Adds an event and drops what has left the window. Answers how many events found no room.
    pub(super) fn add(&mut self, correlation: &Correlation, entry: Entry, limits: &Limits) -> u64 {
        if self.knows(correlation, &entry) {
            return 0;
        }
        let late = answers_late(correlation);
        if correlation.kind == Kind::ValueCount {
            // Only the latest event of a value is needed.
            if let Some(same) = self.entries.iter().position(|other| other.value == entry.value) {
                self.entries.remove(same);
            }
        }
        if correlation.kind == Kind::Temporal {
            self.entries.retain(|other| other.slot != entry.slot);
        }
        // A hit of another correlation may be known only after later events have come in.
        let newer = self.entries.iter().rev().take_while(|other| other.time > entry.time).count();
        self.entries.insert(self.entries.len() - newer, entry);
        if !late {
            let newest = self.entries.back().map_or(i64::MIN, |entry| entry.time);
            let oldest = newest.saturating_sub(correlation.timespan);
            while self.entries.front().is_some_and(|first| first.time < oldest) {
                self.entries.pop_front();
            }
        }
        let mut lost = 0;
        if self.entries.len() > room(correlation, limits) {
            self.entries.pop_front();
            lost = 1;
        }
        if correlation.kind == Kind::EventCount {
            // What cannot be named in a hit need not be remembered by name.
            let unnamed = self.entries.len().checked_sub(limits.named + 1);
            if let Some(entry) = unnamed.and_then(|at| self.entries.get_mut(at)) {
                entry.joined = Vec::new();
            }
        }
        self.count = if late { self.count + 1 } else { self.entries.len() as u64 };
        lost
    }

    /// Whether an event is in the window already because it matched another rule of the
    /// correlation: it is one event all the same.
    fn knows(&self, correlation: &Correlation, entry: &Entry) -> bool {
        let from_rule =
            |slot: usize| matches!(correlation.references.get(slot), Some(Reference::Rule(_)));
        let event = |entry: &Entry| entry.joined.last().map(|joined| joined.event);
        correlation.kind != Kind::Temporal
            && from_rule(entry.slot)
            && self.entries.iter().rev().take_while(|other| other.time == entry.time).any(|other| {
                other.slot != entry.slot && from_rule(other.slot) && event(other) == event(entry)
            })
    }

    /// Goes one step on in an ordered sequence; the number of steps if that was the last.
    pub(super) fn step(
        &mut self,
        correlation: &Correlation,
        slot: usize,
        time: i64,
        joined: &[Joined],
    ) -> Option<f64> {
        let steps = correlation.references.len();
        self.chains.resize(steps, None);
        let mut chain = match slot.checked_sub(1) {
            None => Chain { started: time, ended: time, joined: Vec::new() },
            Some(before) => {
                let oldest = time.saturating_sub(correlation.timespan);
                let chain = self.chains.get(before)?.as_ref()?;
                let in_time = chain.started >= oldest && chain.ended <= time;
                // An event that matches two rules does not follow on itself.
                let other = |(a, b): (&Joined, &Joined)| (a.event, a.time) != (b.event, b.time);
                let follows = chain.joined.last().zip(joined.last()).is_none_or(other);
                (in_time && follows).then(|| chain.clone())?
            }
        };
        chain.ended = time;
        chain.joined.extend(joined.iter().copied());
        self.count = chain.joined.len() as u64;
        let place = self.chains.get_mut(slot)?;
        if place.as_ref().is_none_or(|known| known.started <= chain.started) {
            *place = Some(chain);
        }
        (slot + 1 == steps).then_some(steps as f64)
    }

    /// The figure that the condition is about.
    pub(super) fn figure(&self, correlation: &Correlation) -> Option<f64> {
        let numbers = || self.entries.iter().map(|entry| entry.number);
        Some(match correlation.kind {
            Kind::EventCount => self.count as f64,
            Kind::ValueCount | Kind::Temporal => self.entries.len() as f64,
            Kind::TemporalOrdered => return None,
            Kind::ValueSum => numbers().sum(),
            Kind::ValueAvg => numbers().sum::<f64>() / self.entries.len().max(1) as f64,
            Kind::ValuePercentile(percentile) => {
                let mut sorted: Vec<f64> = numbers().collect();
                sorted.sort_by(f64::total_cmp);
                interpolate(&sorted, percentile)?
            }
        })
    }
}

/// How many events a window of the correlation holds: as many as its condition asks for, at least.
fn room(correlation: &Correlation, limits: &Limits) -> usize {
    let counts = matches!(correlation.kind, Kind::EventCount | Kind::ValueCount);
    let asked = correlation.conditions.iter().map(|(_, number)| number.as_f64());
    let asked = asked.filter(|_| counts && !answers_late(correlation)).fold(0.0, f64::max);
    limits.window.max(asked.min(MAX_ROOM) as usize + 1)
}

/// The percentile of sorted numbers, in proportion between two neighbours.
fn interpolate(sorted: &[f64], percentile: f64) -> Option<f64> {
    let rank = percentile.clamp(0.0, 100.0) / 100.0 * (sorted.len().checked_sub(1)?) as f64;
    let low = sorted.get(rank.floor() as usize)?;
    let high = sorted.get(rank.ceil() as usize)?;
    Some(low + (high - low) * rank.fract())
}

/// Whether a figure fulfils the condition.
pub(super) fn holds(correlation: &Correlation, figure: f64) -> bool {
    let figure = Number::Fraction(figure);
    if correlation.conditions.is_empty() {
        // Temporal correlations need all of their rules; one that is named twice is one.
        let references = &correlation.references;
        let first = |(at, reference): &(usize, &Reference)| {
            !references.iter().take(*at).any(|other| other == *reference)
        };
        let all = if correlation.kind == Kind::TemporalOrdered {
            references.len()
        } else {
            references.iter().enumerate().filter(first).count()
        };
        return Comparison::GreaterOrEqual.holds(figure, Number::Whole(all as i128));
    }
    correlation.conditions.iter().all(|(comparison, number)| comparison.holds(figure, *number))
}

/// Whether more events could undo the answer, so that it is given when the window is over.
pub(super) fn answers_late(correlation: &Correlation) -> bool {
    let grows = |(comparison, _): &(Comparison, Number)| {
        matches!(comparison, Comparison::Greater | Comparison::GreaterOrEqual)
    };
    match correlation.kind {
        Kind::ValueAvg | Kind::ValuePercentile(_) => true,
        // A sequence that is complete stays complete.
        Kind::TemporalOrdered => false,
        _ => !correlation.conditions.iter().all(grows),
    }
}
