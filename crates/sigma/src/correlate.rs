//! Matches to correlations, in the order of event time.
//!
//! [`Correlator::input`] takes from a matched event what correlations need of it and nothing else;
//! [`Correlator::feed`] puts inputs into order within [`Limits::lateness`] and runs the windows;
//! [`Correlator::finish`] runs what still waits. Windows slide on event time. A condition that
//! more events can only make truer (`gt`, `gte` on counts and sums) is answered at the event that
//! fulfils it, and the window starts anew; one that more events can undo (`lt`, `lte`, `eq`,
//! `neq`, averages, percentiles) is answered when the window that began with its first event is
//! over. Memory is bounded by [`Limits`]; what had to be given up is counted in [`Lost`].

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rustc_hash::FxHashMap;

use crate::compile::RuleSet;
use crate::correlation::{Correlation, Kind, Reference};
use crate::rule::Number;

mod window;

use window::{Entry, Window, answers_late, holds};

/// What a correlator may hold.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How late, in nanoseconds of event time, an event may come and still be put into order.
    pub lateness: i64,
    /// Inputs that wait for their turn.
    pub waiting: usize,
    /// Groups over all correlations.
    pub groups: usize,
    /// Events in one window; more where a condition asks for a larger number.
    pub window: usize,
    /// Events in all windows together.
    pub events: usize,
    /// Events that a hit names.
    pub named: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            lateness: 10 * 60 * 1_000_000_000,
            waiting: 100_000,
            groups: 50_000,
            window: 10_000,
            events: 2_000_000,
            named: 100,
        }
    }
}

/// What was given up to stay within the limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lost {
    /// Events later than [`Limits::lateness`], or pushed out of the queue before their turn.
    pub late: u64,
    /// Groups that were forgotten before their window was over.
    pub groups: u64,
    /// Events that did not fit into their window.
    pub events: u64,
}

/// An event as the caller knows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventRef {
    /// Which source.
    pub source: u32,
    /// Which entry of it.
    pub number: u64,
}

/// An event that a correlation joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Joined {
    /// Which event.
    pub event: EventRef,
    /// When, in nanoseconds since 1970.
    pub time: i64,
    /// The rule that matched it.
    pub rule: usize,
}

/// A correlation that holds.
#[derive(Clone, Debug)]
pub struct Hit {
    /// Which correlation, by position.
    pub correlation: usize,
    /// The time of its last event, in nanoseconds since 1970.
    pub time: i64,
    /// The values of `group-by`.
    pub group: Vec<(String, String)>,
    /// The count, sum or other figure that fulfilled the condition; the number of rules for
    /// temporal ones.
    pub figure: f64,
    /// How many events were joined.
    pub count: u64,
    /// The events, oldest first, up to [`Limits::named`].
    pub events: Vec<Joined>,
}

/// What correlations need of a matched event.
#[derive(Clone, Debug)]
pub struct Input {
    time: i64,
    rule: usize,
    event: EventRef,
    fields: Vec<(u32, Box<str>)>,
}

/// The values of `group-by`.
type Group = Vec<Box<str>>;

/// Runs the correlations of a rule set.
pub struct Correlator<'r> {
    set: &'r RuleSet,
    limits: Limits,
    names: Vec<String>,
    needs: Vec<Vec<u32>>,
    uses: FxHashMap<Reference, Vec<(usize, usize)>>,
    waiting: BinaryHeap<Reverse<Waiting>>,
    arrived: u64,
    newest: i64,
    clock: i64,
    windows: FxHashMap<(usize, Group), Window>,
    /// How many events the windows hold.
    held: usize,
    deadlines: BinaryHeap<Reverse<(i64, usize, Group)>>,
    lost: Lost,
    hits: Vec<Hit>,
}

struct Waiting {
    time: i64,
    arrived: u64,
    input: Input,
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        (self.time, self.arrived) == (other.time, other.arrived)
    }
}
impl Eq for Waiting {}
impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.time, self.arrived).cmp(&(other.time, other.arrived))
    }
}

/// An event or a hit on its way into the windows.
struct Arrival {
    from: Reference,
    time: i64,
    joined: Vec<Joined>,
    fields: Vec<(u32, Box<str>)>,
}

impl<'r> Correlator<'r> {
    /// A correlator without any events yet.
    pub fn new(set: &'r RuleSet, limits: Limits) -> Self {
        let mut names: Vec<String> = Vec::new();
        let mut uses: FxHashMap<Reference, Vec<(usize, usize)>> = FxHashMap::default();
        for (at, correlation) in set.correlations().iter().enumerate() {
            for (slot, reference) in correlation.references.iter().enumerate() {
                uses.entry(*reference).or_default().push((at, slot));
            }
        }
        let mut needs = vec![Vec::new(); set.rules().len()];
        for (rule, needed) in needs.iter_mut().enumerate() {
            for name in needed_fields(set, &uses, rule) {
                let known = names.iter().position(|other| *other == name);
                needed.push(known.unwrap_or_else(|| {
                    names.push(name);
                    names.len() - 1
                }) as u32);
            }
        }
        Self {
            set,
            limits,
            names,
            needs,
            uses,
            waiting: BinaryHeap::new(),
            arrived: 0,
            newest: i64::MIN,
            clock: i64::MIN,
            windows: FxHashMap::default(),
            held: 0,
            deadlines: BinaryHeap::new(),
            lost: Lost::default(),
            hits: Vec::new(),
        }
    }

    /// Whether any correlation counts the rule's matches.
    pub fn wants(&self, rule: usize) -> bool {
        self.uses.contains_key(&Reference::Rule(rule))
    }

    /// Takes from an event what correlations need. `field` gives the text of a field.
    pub fn input(
        &self,
        rule: usize,
        time: i64,
        event: EventRef,
        field: impl Fn(&str) -> Option<String>,
    ) -> Input {
        let needed = self.needs.get(rule).map(Vec::as_slice).unwrap_or_default();
        let fields = needed.iter().filter_map(|name| {
            let text = field(self.names.get(*name as usize)?)?;
            Some((*name, text.into_boxed_str()))
        });
        Input { time, rule, event, fields: fields.collect() }
    }

    /// Takes an input; hits that follow wait in [`Correlator::take_hits`].
    pub fn feed(&mut self, input: Input) {
        if input.time < self.clock {
            self.lost.late += 1;
            return;
        }
        self.newest = self.newest.max(input.time);
        self.arrived += 1;
        self.waiting.push(Reverse(Waiting { time: input.time, arrived: self.arrived, input }));
        let settled = self.newest.saturating_sub(self.limits.lateness);
        while let Some(Reverse(first)) = self.waiting.peek() {
            if first.time > settled && self.waiting.len() <= self.limits.waiting {
                break;
            }
            self.run_first();
        }
    }

    /// Lets time pass without an event, for logs that arrive live: what is older than the lateness is
    /// run, and windows that are over are closed. `now` is in the time of the inputs.
    pub fn advance(&mut self, now: i64) {
        self.newest = self.newest.max(now);
        let settled = self.newest.saturating_sub(self.limits.lateness);
        while self.waiting.peek().is_some_and(|Reverse(first)| first.time <= settled) {
            self.run_first();
        }
        self.clock = self.clock.max(settled);
        self.close_until(settled);
    }

    /// The earliest time that is not too late.
    pub fn clock(&self) -> i64 {
        self.clock
    }

    /// Runs everything that still waits and closes all windows.
    pub fn finish(&mut self) {
        while !self.waiting.is_empty() {
            self.run_first();
        }
        self.close_until(i64::MAX);
    }

    /// The hits since the last call.
    pub fn take_hits(&mut self) -> Vec<Hit> {
        std::mem::take(&mut self.hits)
    }

    /// What was given up.
    pub fn lost(&self) -> Lost {
        self.lost
    }

    fn run_first(&mut self) {
        let Some(Reverse(first)) = self.waiting.pop() else { return };
        let Input { time, rule, event, fields } = first.input;
        self.clock = time;
        self.close_until(time);
        let joined = vec![Joined { event, time, rule }];
        self.arrive(Arrival { from: Reference::Rule(rule), time, joined, fields });
    }

    /// Puts an arrival into every window that counts it; hits arrive in their turn.
    fn arrive(&mut self, arrival: Arrival) {
        let mut todo = vec![arrival];
        while let Some(arrival) = todo.pop() {
            let Some(uses) = self.uses.get(&arrival.from).cloned() else { continue };
            let mut done = Vec::new();
            // Later steps first, so that an event does not follow on itself.
            for (correlation, slot) in uses.into_iter().rev() {
                // A rule that is named twice counts twice only in a sequence.
                if done.contains(&correlation) && !self.is_ordered(correlation) {
                    continue;
                }
                done.push(correlation);
                if let Some(next) = self.enter(correlation, slot, &arrival) {
                    todo.push(next);
                }
            }
        }
    }

    fn is_ordered(&self, correlation: usize) -> bool {
        self.set.correlations().get(correlation).is_some_and(|c| c.kind == Kind::TemporalOrdered)
    }

    fn enter(&mut self, at: usize, slot: usize, arrival: &Arrival) -> Option<Arrival> {
        let set = self.set;
        let correlation = set.correlations().get(at)?;
        let group = self.group(correlation, arrival)?;
        let value = self.value(correlation, arrival);
        if counts_values(correlation.kind) && value.is_none() {
            return None;
        }
        let number = value.as_deref().and_then(Number::parse).map_or(f64::NAN, Number::as_f64);
        if sums(correlation.kind) && number.is_nan() {
            return None;
        }
        let key = (at, group);
        let full = !self.windows.contains_key(&key) && self.windows.len() >= self.limits.groups;
        if full || self.held >= self.limits.events {
            self.forget_oldest_groups();
        }
        let limits = self.limits;
        let window = self.windows.entry(key.clone()).or_default();
        if window.is_new() {
            window.opened = arrival.time;
            let deadline = arrival.time.saturating_add(correlation.timespan);
            if answers_late(correlation) {
                self.deadlines.push(Reverse((deadline, at, key.1.clone())));
            }
        }
        window.last = window.last.max(arrival.time);
        let before = window.held();
        let figure = if correlation.kind == Kind::TemporalOrdered {
            window.step(correlation, slot, arrival.time, &arrival.joined)
        } else {
            let joined = arrival.joined.clone();
            let entry = Entry { joined, time: arrival.time, slot, value, number };
            self.lost.events += window.add(correlation, entry, &limits);
            if answers_late(correlation) { None } else { window.figure(correlation) }
        };
        self.held = (self.held + window.held()).saturating_sub(before);
        let figure = figure?;
        if !holds(correlation, figure) {
            return None;
        }
        let window = self.close(&key)?;
        self.hit(at, key.1, &window, figure, &arrival.fields)
    }

    fn close(&mut self, key: &(usize, Vec<Box<str>>)) -> Option<Window> {
        let window = self.windows.remove(key)?;
        self.held = self.held.saturating_sub(window.held());
        Some(window)
    }

    /// Records a hit and answers it as an arrival for correlations of correlations.
    fn hit(
        &mut self,
        at: usize,
        group: Vec<Box<str>>,
        window: &Window,
        figure: f64,
        fields: &[(u32, Box<str>)],
    ) -> Option<Arrival> {
        let correlation = self.set.correlations().get(at)?;
        let mut events = window.joined();
        events.sort_by_key(|joined| joined.time);
        let count = window.count().max(events.len() as u64);
        let keep = events.len().saturating_sub(self.limits.named);
        events.drain(..keep);
        let time = window.last;
        let mut fields = fields.to_vec();
        for (name, value) in correlation.group_by.iter().zip(&group) {
            if let Some(name) = self.names.iter().position(|other| other == name) {
                fields.retain(|(other, _)| *other as usize != name);
                fields.push((name as u32, value.clone()));
            }
        }
        let arrival =
            Arrival { from: Reference::Correlation(at), time, joined: events.clone(), fields };
        let values = group.into_iter().map(String::from);
        let group = correlation.group_by.iter().cloned().zip(values).collect();
        self.hits.push(Hit { correlation: at, time, group, figure, count, events });
        Some(arrival)
    }

    /// The values that tell groups apart; an event without one of them belongs to none.
    fn group(&self, correlation: &Correlation, arrival: &Arrival) -> Option<Vec<Box<str>>> {
        let names = correlation.group_by.iter();
        names.map(|name| self.field(correlation, name, arrival).map(Into::into)).collect()
    }

    fn value(&self, correlation: &Correlation, arrival: &Arrival) -> Option<Box<str>> {
        let mut names = correlation.fields.iter();
        let mut text = self.field(correlation, names.next()?, arrival)?.to_owned();
        for name in names {
            text.push('\u{1f}');
            text.push_str(self.field(correlation, name, arrival)?);
        }
        Some(text.into())
    }

    fn field<'a>(
        &self,
        correlation: &Correlation,
        name: &str,
        arrival: &'a Arrival,
    ) -> Option<&'a str> {
        let wanted = match arrival.from {
            Reference::Rule(rule) => correlation.field_of(name, &self.set.rules().get(rule)?.about),
            Reference::Correlation(at) => {
                correlation.field_of(name, &self.set.correlations().get(at)?.about)
            }
        };
        let wanted = self.names.iter().position(|other| other == wanted)?;
        let mut fields = arrival.fields.iter();
        let (_, text) = fields.find(|(name, _)| *name as usize == wanted)?;
        (!text.is_empty()).then_some(&**text)
    }

    /// Answers the windows that are over.
    fn close_until(&mut self, time: i64) {
        while let Some(Reverse((deadline, at, group))) = self.deadlines.peek() {
            if *deadline >= time && time != i64::MAX {
                return;
            }
            let key = (*at, group.clone());
            let deadline = *deadline;
            self.deadlines.pop();
            let Some(correlation) = self.set.correlations().get(key.0) else { continue };
            let over =
                |window: &Window| window.opened.saturating_add(correlation.timespan) <= deadline;
            if !self.windows.get(&key).is_some_and(over) {
                continue;
            }
            let Some(window) = self.close(&key) else { continue };
            if let Some(figure) = window.figure(correlation).filter(|f| holds(correlation, *f))
                && let Some(arrival) = self.hit(key.0, key.1, &window, figure, &[])
            {
                self.arrive(arrival);
            }
        }
    }

    /// Forgets the tenth of the groups that have been quiet longest.
    fn forget_oldest_groups(&mut self) {
        let mut times: Vec<i64> = self.windows.values().map(|window| window.last).collect();
        if times.is_empty() {
            return;
        }
        let tenth = times.len() / 10;
        let (_, limit, _) = times.select_nth_unstable(tenth);
        let limit = *limit;
        let spans = self.set.correlations();
        let clock = self.clock;
        let (mut given_up, mut held) = (0, 0);
        self.windows.retain(|(at, _), window| {
            let keep = window.last > limit;
            let span = spans.get(*at).map_or(0, |correlation| correlation.timespan);
            // A window that is over anyway is no loss.
            given_up += u64::from(!keep && window.last.saturating_add(span) >= clock);
            held += if keep { window.held() } else { 0 };
            keep
        });
        self.held = held;
        self.lost.groups += given_up;
    }
}

fn counts_values(kind: Kind) -> bool {
    !matches!(kind, Kind::EventCount | Kind::Temporal | Kind::TemporalOrdered)
}

fn sums(kind: Kind) -> bool {
    matches!(kind, Kind::ValueSum | Kind::ValueAvg | Kind::ValuePercentile(_))
}

/// The fields of a rule's events that any correlation above it asks for.
fn needed_fields(
    set: &RuleSet,
    uses: &FxHashMap<Reference, Vec<(usize, usize)>>,
    rule: usize,
) -> Vec<String> {
    let mut names = Vec::new();
    let mut todo = vec![Reference::Rule(rule)];
    let mut seen = Vec::new();
    while let Some(reference) = todo.pop() {
        for (at, _) in uses.get(&reference).into_iter().flatten() {
            let Some(correlation) = set.correlations().get(*at) else { continue };
            for name in correlation.group_by.iter().chain(&correlation.fields) {
                names.push(name.clone());
            }
            names.extend(correlation.aliases.iter().map(|(_, _, field)| field.clone()));
            let above = Reference::Correlation(*at);
            if !seen.contains(&above) {
                seen.push(above);
                todo.push(above);
            }
        }
    }
    names.sort();
    names.dedup();
    names
}
