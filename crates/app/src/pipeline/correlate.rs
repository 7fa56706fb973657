//! Correlations over what arrives live, and over files that were handed in together.
//!
//! Live, an event counts at its own time if that is near its arrival, otherwise at its arrival: a
//! clock that is wrong neither holds windows open nor makes others late. What correlations need of
//! a match is recorded with the alerts, so that windows are filled again after a restart. Files of
//! one session are joined by their own times alone, when the session is over, exactly as a scan
//! of the same files does.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use khien_domain::alert::severity::{Severity, SeverityPack};
use khien_domain::alert::{AlertKind, Detection, MatchedField, grouping};
use khien_domain::ids::EventId;
use khien_domain::rule_setting::RuleSettings;
use khien_sigma::compile::RuleSet;
use khien_sigma::correlate::{Correlator, EventRef, Hit, Limits};
use khien_sigma::rule;
use khien_store::CorrelationInput;
use rustc_hash::FxHashMap;
use serde_json::{Value, json};

use super::detect::{Found, Noted};
use crate::registry::Whose;

/// An event's own time counts if it lies no further before its arrival.
const BEFORE: SignedDuration = SignedDuration::from_mins(5);
/// Or after it.
const AFTER: SignedDuration = SignedDuration::from_secs(1);
/// So long, events may overtake each other.
const LATENESS: SignedDuration = SignedDuration::from_secs(1);

/// The time at which a live event counts.
pub(crate) fn effective_time(own: Option<Timestamp>, arrival: Timestamp) -> Timestamp {
    let from = arrival.checked_sub(BEFORE).unwrap_or(arrival);
    let to = arrival.checked_add(AFTER).unwrap_or(arrival);
    own.filter(|own| (from..=to).contains(own)).unwrap_or(arrival)
}

/// What is recorded of a match for correlations.
pub(crate) fn input_of(found: &Found, noted: &Noted) -> Option<CorrelationInput> {
    let rule = found.rules.set.rules().get(noted.rule)?;
    let whose = found.from.whose.as_ref()?;
    let time = match &found.meta.session {
        // Without a time of its own an event cannot be placed among files.
        Some(_) => noted.time?,
        None => effective_time(noted.time, found.arrival),
    };
    let fields: BTreeMap<&str, &str> =
        noted.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let payload = json!({
        "session": found.meta.session,
        "source": whose.source.0,
        "host": noted.host,
        "user": noted.user,
        "time": time.as_microsecond(),
        "fields": fields,
    });
    let event = EventId { batch: found.number, item: noted.item };
    let payload = payload.to_string().into_bytes();
    let (rule, at) = (rule.about.id.clone(), found.arrival);
    Some(CorrelationInput { event, rule, at, payload })
}

/// The time at which a recorded input counts.
pub(crate) fn time_of(input: &CorrelationInput) -> Timestamp {
    let payload: Value = serde_json::from_slice(&input.payload).unwrap_or_default();
    let time = payload.get("time").and_then(Value::as_i64);
    time.and_then(|time| Timestamp::from_microsecond(time).ok()).unwrap_or(input.at)
}

/// The session that a recorded input belongs to.
pub(crate) fn session_of(input: &CorrelationInput) -> Option<String> {
    let payload: Value = serde_json::from_slice(&input.payload).unwrap_or_default();
    payload.get("session").and_then(Value::as_str).map(str::to_owned)
}

/// How grave hits are.
pub(crate) struct Judging<'j> {
    pub(crate) pack: &'j SeverityPack,
    pub(crate) settings: &'j RuleSettings,
}

impl Judging<'_> {
    /// By the rule's level, or the one that was set in its place, and the level of the system.
    pub(crate) fn of_rule(&self, about: &rule::About, whose: &Whose) -> Option<Severity> {
        let set = self.settings.level(&about.id, &whose.agency);
        let level = set.or_else(|| Severity::parse(about.level.name()))?;
        Some(self.pack.of_rule(level, whose.level))
    }
}

/// Who an event is about: its source, host and user.
type About = (i64, Option<String>, Option<String>);

/// Runs the correlations of a set of rules.
pub(crate) struct Correlating<'r> {
    set: &'r RuleSet,
    correlator: Correlator<'r>,
    places: FxHashMap<&'r str, usize>,
    /// Who an event is about, by batch and place.
    about: FxHashMap<(u64, u32), About>,
}

fn nanoseconds(time: Timestamp) -> i64 {
    i64::try_from(time.as_nanosecond()).unwrap_or(i64::MAX)
}

fn limits(lateness: SignedDuration) -> Limits {
    let lateness = i64::try_from(lateness.as_nanos()).unwrap_or_default();
    Limits { lateness, ..Limits::default() }
}

/// How far back an event may have arrived that a correlation of these rules still counts.
pub(crate) fn longest_span(set: &RuleSet) -> SignedDuration {
    let longest = set.correlations().iter().map(|correlation| correlation.timespan).max();
    SignedDuration::from_nanos(longest.unwrap_or_default()) + AFTER
}

impl<'r> Correlating<'r> {
    /// For what arrives live.
    pub(crate) fn live(set: &'r RuleSet) -> Self {
        Self::new(set, limits(LATENESS))
    }

    /// For inputs that come in the order of their times.
    pub(crate) fn in_order(set: &'r RuleSet) -> Self {
        Self::new(set, Limits { waiting: 0, ..limits(SignedDuration::ZERO) })
    }

    fn new(set: &'r RuleSet, limits: Limits) -> Self {
        let rules = set.rules().iter().enumerate();
        let places = rules.map(|(at, rule)| (rule.about.id.as_str(), at)).collect();
        let correlator = Correlator::new(set, limits);
        Self { set, correlator, places, about: FxHashMap::default() }
    }

    /// Takes an input. One that is later than the lateness counts at the earliest time that is not.
    pub(crate) fn feed(&mut self, input: &CorrelationInput) {
        // The rule may be gone since the input was recorded.
        let Some(&rule) = self.places.get(input.rule.as_str()) else { return };
        let payload: Value = serde_json::from_slice(&input.payload).unwrap_or_default();
        let text = |name: &str| payload.get(name).and_then(Value::as_str).map(str::to_owned);
        let EventId { batch, item } = input.event;
        let source = payload.get("source").and_then(Value::as_i64).unwrap_or_default();
        self.remember(batch, item, (source, text("host"), text("user")));
        let fields = payload.get("fields");
        let time = nanoseconds(time_of(input)).max(self.correlator.clock());
        let event = EventRef { source: item, number: batch };
        let input = self
            .correlator
            .input(rule, time, event, |name| fields?.get(name)?.as_str().map(str::to_owned));
        self.correlator.feed(input);
    }

    /// Who an event is about, for the hit that it may complete. Bounded: what is forgotten only
    /// costs the hit its host and user.
    fn remember(&mut self, batch: u64, item: u32, who: About) {
        const MOST: usize = 200_000;
        if self.about.len() >= MOST {
            self.about.clear();
        }
        self.about.insert((batch, item), who);
    }

    /// Lets time pass.
    pub(crate) fn advance(&mut self, now: Timestamp) {
        self.correlator.advance(nanoseconds(now));
    }

    /// Closes all windows.
    pub(crate) fn finish(&mut self) {
        self.correlator.finish();
    }

    /// What came true since the last call. `whose` says whose a source is.
    pub(crate) fn take(
        &mut self,
        judging: &Judging<'_>,
        whose: impl Fn(i64) -> Option<Whose>,
    ) -> Vec<Detection> {
        let hits = self.correlator.take_hits();
        hits.iter().filter_map(|hit| self.detection(hit, judging, &whose)).collect()
    }

    fn detection(
        &self,
        hit: &Hit,
        judging: &Judging<'_>,
        whose: &impl Fn(i64) -> Option<Whose>,
    ) -> Option<Detection> {
        let correlation = self.set.correlations().get(hit.correlation)?;
        let last = hit.events.last()?;
        let event = EventId { batch: last.event.number, item: last.event.source };
        let (source, host, user) = self.about.get(&(event.batch, event.item))?.clone();
        let whose = whose(source)?;
        let at = Timestamp::from_nanosecond(i128::from(hit.time)).ok()?;
        let group: Vec<&str> = hit.group.iter().map(|(_, value)| value.as_str()).collect();
        // What the correlation groups by is what it is about; without groups, the event's host.
        let entity = if group.is_empty() {
            grouping::entity(host.as_deref(), user.as_deref(), None)
        } else {
            group.join(" ")
        };
        let why = format!("{} of {} events", hit.figure, hit.count);
        let mut matched: Vec<MatchedField> =
            hit.group.iter().map(|(name, value)| MatchedField::new(name, value, &why)).collect();
        for joined in &hit.events {
            let rule = self.set.rules().get(joined.rule).map_or("", |rule| &rule.about.title);
            let event = format!("{}-{}", joined.event.number, joined.event.source);
            matched.push(MatchedField::new("event", &event, rule));
        }
        let about = &correlation.about;
        let detection = Detection {
            event,
            at,
            kind: AlertKind::Correlation,
            rule: about.id.clone(),
            title: about.title.clone(),
            severity: judging.of_rule(about, &whose)?,
            agency: whose.agency,
            system: whose.system,
            source: Some(whose.source),
            entity,
            window_start: grouping::window_start(at, judging.pack.window),
            attack: about.tags.iter().filter(|tag| tag.starts_with("attack.")).cloned().collect(),
            matched,
        };
        Some(detection.bounded())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_clock_counts_at_arrival() {
        let arrival: Timestamp = "2026-10-15T08:00:00Z".parse().unwrap();
        for (own, counts) in [
            (Some("2026-10-15T07:59:30Z"), "2026-10-15T07:59:30Z"),
            (Some("2026-10-15T08:00:30Z"), "2026-10-15T08:00:00Z"),
            (Some("2020-10-15T08:00:30Z"), "2026-10-15T08:00:00Z"),
            (None, "2026-10-15T08:00:00Z"),
        ] {
            let own = own.map(|own| own.parse().unwrap());
            assert_eq!(effective_time(own, arrival), counts.parse().unwrap());
        }
    }
}
