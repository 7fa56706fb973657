//! What was found becomes alerts: grouped, hidden where somebody said so, recorded once.
//!
//! One thread does this for all batches, so that correlations see one order of events and the
//! store one writer. Everything that follows from a batch, and that the batch has been judged, is
//! one transaction: after a crash at any moment a batch is judged again or not at all.

use std::collections::{BTreeMap, HashSet};
use std::ops::RangeInclusive;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use khien_domain::alert::severity::SeverityPack;
use khien_domain::alert::suppression::Suppression;
use khien_domain::alert::{AlertKind, Detection, MatchedField, grouping};
use khien_domain::clock::Clock;
use khien_domain::host::{HostName, HostSeen};
use khien_domain::ids::{EventId, SourceId};
use khien_domain::page::PageRequest;
use khien_domain::permission::{AgencyScope, Identity};
use khien_domain::rule_setting::RuleSettings;
use khien_store::{BatchKey, Beat, Detections, Hidden, Shown, Store, StoreError, SwitchedOff, Tx};
use tokio::sync::{mpsc, oneshot};

use super::Pipeline;
use super::correlate::{Correlating, Judging, input_of, longest_span, session_of, time_of};
use super::detect::{Found, Match};
use crate::app::PULSE;
use crate::journal::BatchKey as Key;
use crate::news::Topic;
use crate::registry::Whose;
use crate::use_case::register::evidence::Teller;

/// What is found within this is recorded together.
const TOGETHER: Duration = Duration::from_millis(100);
/// Batches that are recorded together at most.
const MOST_TOGETHER: usize = 512;
/// When nothing is found, windows are looked at this often.
const TICK: Duration = Duration::from_millis(500);
/// When the store refuses, it is tried again after this.
const AGAIN: Duration = Duration::from_secs(2);
/// Suppressions and settings of rules are read anew after this.
const SAID_FOR: SignedDuration = SignedDuration::from_secs(2);
/// A host, or a class of events, that was noted is noted again after this, for the time it was last seen.
const NOTED_FOR: SignedDuration = SignedDuration::from_mins(10);

/// What the thread is asked to do.
pub(crate) enum Ask {
    /// Record what was found in a batch.
    Record(Box<Found>),
    /// Run the correlations over the files of a session, all of which have been recorded.
    Correlate {
        /// The session.
        session: String,
        /// Answers how many correlations came true.
        answer: oneshot::Sender<Result<usize, StoreError>>,
    },
}

/// Records until it is stopped, and nothing is asked any more. Begins with the inputs of the time before the start.
pub(crate) async fn run(
    pipeline: &Pipeline,
    store: &Store,
    clock: &dyn Clock,
    severity: &SeverityPack,
    mut asked: mpsc::Receiver<Ask>,
    mut stopped: oneshot::Receiver<()>,
) {
    let mut raising = Raising {
        pipeline,
        store,
        clock,
        severity,
        said: Said::default(),
        said_at: None,
        hosts: BTreeMap::new(),
        shown: BTreeMap::new(),
    };
    let mut next = None;
    loop {
        let rules = pipeline.rules.current();
        let mut live = Correlating::live(&rules.set);
        raising.fill(&mut live, longest_span(&rules.set)).await;
        loop {
            let ask = if next.is_some() {
                next.take()
            } else {
                tokio::select! {
                    // What was asked is done before the end.
                    biased;
                    ask = asked.recv() => match ask {
                        Some(ask) => Some(ask),
                        None => return,
                    },
                    _ = &mut stopped => return,
                    () = tokio::time::sleep(TICK) => None,
                }
            };
            if pipeline.rules.have_changed_since(&rules) {
                next = ask;
                break;
            }
            match ask {
                Some(Ask::Record(first)) => {
                    let (batches, other) = gather(first, &mut asked).await;
                    next = other;
                    raising.record(batches, &mut live).await;
                }
                Some(Ask::Correlate { session, answer }) => {
                    // Whoever asked may have gone; what came true is recorded all the same.
                    let _ = answer.send(raising.correlate(&session, &rules.set).await);
                }
                None => raising.record(Vec::new(), &mut live).await,
            }
        }
    }
}

/// The batches that come shortly after the first, and whatever else was asked meanwhile.
async fn gather(first: Box<Found>, asked: &mut mpsc::Receiver<Ask>) -> (Vec<Found>, Option<Ask>) {
    let mut batches = vec![*first];
    let until = tokio::time::sleep(TOGETHER);
    tokio::pin!(until);
    while batches.len() < MOST_TOGETHER {
        tokio::select! {
            () = &mut until => break,
            ask = asked.recv() => match ask {
                Some(Ask::Record(found)) => batches.push(*found),
                other => return (batches, other),
            },
        }
    }
    (batches, None)
}

/// What people have said about what is to be raised.
#[derive(Default)]
struct Said {
    suppressions: Vec<Suppression>,
    settings: RuleSettings,
}

struct Raising<'p> {
    pipeline: &'p Pipeline,
    store: &'p Store,
    clock: &'p dyn Clock,
    severity: &'p SeverityPack,
    said: Said,
    said_at: Option<Timestamp>,
    /// Hosts that were noted lately, by source and name.
    hosts: BTreeMap<(SourceId, HostName), Timestamp>,
    /// When a class of events of a source was last noted.
    shown: BTreeMap<(SourceId, i32), Timestamp>,
}

impl Raising<'_> {
    /// Fills windows with what was recorded before. What comes true on the way was recorded then.
    async fn fill(&self, live: &mut Correlating<'_>, span: SignedDuration) {
        let now = self.clock.now();
        let since = now.checked_sub(span).unwrap_or(Timestamp::UNIX_EPOCH);
        let mut page = PageRequest::first();
        loop {
            match self.store.list_inputs(since, &page).await {
                Ok(found) => {
                    let own = found.items.iter().filter(|input| session_of(input).is_none());
                    own.for_each(|input| live.feed(input));
                    let Some(next) = found.next else { break };
                    page.after = Some(next);
                }
                Err(error) => {
                    tracing::error!(%error, "correlations begin without what came before");
                    break;
                }
            }
        }
        live.take(&self.judging(), |source| self.whose(source));
    }

    /// How grave what is found is.
    fn judging(&self) -> Judging<'_> {
        Judging { pack: self.severity, settings: &self.said.settings }
    }

    fn whose(&self, source: i64) -> Option<Whose> {
        self.pipeline.registry.find(SourceId(source))?.origin.whose.clone()
    }

    /// Records what was found in batches, and what correlations make of it, as often as it takes.
    async fn record(&mut self, batches: Vec<Found>, live: &mut Correlating<'_>) {
        let now = self.clock.now();
        let mut detections = self.detections(&batches, now).await;
        for input in &detections.inputs {
            if session_of(input).is_none() {
                live.feed(input);
            }
        }
        live.advance(now);
        let came_true = live.take(&self.judging(), |source| self.whose(source));
        self.keep_or_hide(came_true, &mut detections);
        let (hosts, keys) = (self.new_hosts(&batches, now), keys(&batches));
        let beats = beats(&batches, now);
        let shown = self.new_shown(&batches, now);
        let Detections { found, hidden, off, .. } = &detections;
        if batches.is_empty() && found.is_empty() && hidden.is_empty() && off.is_empty() {
            return;
        }
        loop {
            match self.commit(&detections, &hosts, &beats, &shown, &keys, now).await {
                Ok(alerts) => {
                    self.pipeline.figures.raised(alerts);
                    if alerts > 0 {
                        self.pipeline.news.tell(Topic::Alerts);
                    }
                    break;
                }
                Err(error) => {
                    tracing::error!(%error, "alerts cannot be recorded; trying again");
                    tokio::time::sleep(AGAIN).await;
                }
            }
        }
        for host in hosts {
            self.hosts.insert((host.source, host.name), host.at);
        }
        for one in shown {
            self.shown.insert((one.source, one.class), one.last_seen_at);
        }
        let known: Vec<Key> = keys.iter().map(|key| Key(key.key)).collect();
        self.pipeline.known.forget(&known);
        let numbers: Vec<u64> = batches.iter().map(|found| found.number).collect();
        self.tell_sessions(&batches);
        self.pipeline.journal.finish(self.pipeline.progress.judged(numbers));
    }

    fn tell_sessions(&self, batches: &[Found]) {
        for found in batches {
            if let Some(session) = &found.meta.session {
                self.pipeline.sessions.judged(session);
            }
            if found.number < self.pipeline.first_new {
                self.pipeline.sessions.recovered_judged();
            }
        }
    }

    async fn commit(
        &self,
        detections: &Detections,
        hosts: &[HostSeen],
        beats: &[Beat],
        shown: &[Shown],
        keys: &[BatchKey],
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let mut tx = self.store.begin().await?;
        let unknown = tx.see_hosts(hosts).await?;
        let mut detections = detections.clone();
        detections.found.extend(unknown.iter().filter_map(|host| self.unregistered(host)));
        let recorded = tx.record_detections(&detections, now).await?;
        self.tell_discovered(&mut tx, &unknown, now).await?;
        tx.note_pulse(beats).await?;
        tx.note_shown(shown, now).await?;
        tx.add_batch_keys(keys).await?;
        tx.commit().await?;
        Ok((recorded.raised.len() + recorded.joined.len()) as u64)
    }

    /// Tells the ledger of hosts that nobody has registered. One whose name a record cannot hold is
    /// left to its alert.
    async fn tell_discovered(
        &self,
        tx: &mut Tx,
        unknown: &[HostSeen],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for host in unknown {
            let Some(whose) = self.whose(host.source.0) else { continue };
            let told = Teller::at(now, Identity::Program.to_string()).and_then(|mut teller| {
                teller.host(&whose.agency, host.name.as_str(), false)?;
                Ok(teller)
            });
            match told {
                Ok(mut teller) => teller.keep(tx).await?,
                Err(error) => tracing::warn!(%error, "a discovered host is not in the ledger"),
            }
        }
        Ok(())
    }

    /// The detections of batches, hidden ones apart.
    async fn detections(&mut self, batches: &[Found], now: Timestamp) -> Detections {
        self.renew_said(now).await;
        let mut detections = Detections::default();
        for found in batches {
            detections.batches.push(RangeInclusive::new(found.number, found.number));
            let inputs = found.noted.iter().filter_map(|noted| input_of(found, noted));
            detections.inputs.extend(inputs);
            let matches = found.matches.iter();
            let made = matches.filter_map(|one| self.of_rule(found, one)).collect();
            self.keep_or_hide(made, &mut detections);
        }
        detections
    }

    fn keep_or_hide(&self, made: Vec<Detection>, detections: &mut Detections) {
        let Said { suppressions, settings } = &self.said;
        for detection in made {
            let Detection { rule, agency, event, .. } = &detection;
            if settings.is_off(rule, agency) {
                let (rule, agency, event) = (rule.clone(), agency.clone(), *event);
                detections.off.push(SwitchedOff { rule, agency, event });
                continue;
            }
            let hides = |suppression: &&Suppression| suppression.asked.scope.hides(&detection);
            match suppressions.iter().find(hides) {
                Some(suppression) => detections
                    .hidden
                    .push(Hidden { suppression: suppression.id, event: detection.event }),
                None => detections.found.push(detection),
            }
        }
    }

    async fn renew_said(&mut self, now: Timestamp) {
        let is_fresh = |at: Timestamp| {
            let age = now.duration_since(at);
            age >= SignedDuration::ZERO && age < SAID_FOR
        };
        if self.said_at.is_some_and(is_fresh) {
            return;
        }
        match self.read_said(now).await {
            Ok(said) => {
                self.said = said;
                self.said_at = Some(now);
            }
            Err(error) => tracing::error!(%error, "suppressions and settings stay as they were"),
        }
    }

    async fn read_said(&self, now: Timestamp) -> Result<Said, StoreError> {
        let (all, mut suppressions, mut settings) = (AgencyScope::All, Vec::new(), Vec::new());
        let mut page = PageRequest::first();
        loop {
            let found = self.store.list_suppressions(&all, Some(now), &page).await?;
            suppressions.extend(found.items);
            let Some(next) = found.next else { break };
            page.after = Some(next);
        }
        let mut page = PageRequest::first();
        loop {
            let found = self.store.list_rule_settings(&all, None, &page).await?;
            settings.extend(found.items);
            let Some(next) = found.next else { break };
            page.after = Some(next);
        }
        Ok(Said { suppressions, settings: RuleSettings::new(settings) })
    }

    fn of_rule(&self, found: &Found, one: &Match) -> Option<Detection> {
        let whose = found.from.whose.as_ref()?;
        let about = &found.rules.set.rules().get(one.rule)?.about;
        let (host, user) = (one.host.as_deref(), one.user.as_deref());
        let why = |pattern: &str, modifiers: &str| match modifiers {
            "" => pattern.to_owned(),
            _ => format!("{modifiers}: {pattern}"),
        };
        let matched = one.matched.iter().map(|matched| {
            let why = why(&matched.pattern, &matched.modifiers);
            MatchedField::new(&matched.field, &matched.value, &why)
        });
        let detection = Detection {
            event: EventId { batch: found.number, item: one.item },
            at: one.time,
            kind: AlertKind::Rule,
            rule: about.id.clone(),
            title: about.title.clone(),
            severity: self.judging().of_rule(about, whose)?,
            agency: whose.agency.clone(),
            system: whose.system.clone(),
            source: Some(whose.source),
            entity: grouping::entity(host, user, one.address.as_deref()),
            window_start: grouping::window_start(one.time, self.severity.window),
            attack: about.tags.iter().filter(|tag| tag.starts_with("attack.")).cloned().collect(),
            matched: matched.collect(),
        };
        Some(detection.bounded())
    }

    /// The classes of batches' events that were not noted lately.
    fn new_shown(&self, batches: &[Found], now: Timestamp) -> Vec<Shown> {
        let mut seen = HashSet::new();
        let mut shown = Vec::new();
        for found in batches.iter().filter(|found| found.from.whose.is_some()) {
            for class in &found.classes {
                let key = (SourceId(found.source.0), *class);
                if !is_recent(self.shown.get(&key), now) && seen.insert(key) {
                    shown.push(Shown { source: key.0, class: key.1, last_seen_at: now });
                }
            }
        }
        shown
    }

    /// The hosts of batches that were not noted lately.
    fn new_hosts(&self, batches: &[Found], now: Timestamp) -> Vec<HostSeen> {
        let mut seen = HashSet::new();
        let mut hosts = Vec::new();
        for found in batches {
            let Some(whose) = &found.from.whose else { continue };
            for name in found.hosts.iter().filter_map(|host| HostName::new(host)) {
                let key = (whose.source, name.clone());
                if !is_recent(self.hosts.get(&key), now) && seen.insert(key) {
                    let (system, source) = (whose.system.clone(), whose.source);
                    hosts.push(HostSeen { system, name, source, at: now });
                }
            }
        }
        hosts
    }

    fn unregistered(&self, host: &HostSeen) -> Option<Detection> {
        let whose = self.whose(host.source.0)?;
        let kind = AlertKind::UnregisteredHost;
        let detection = Detection {
            event: EventId { batch: 0, item: 0 },
            at: host.at,
            kind,
            rule: kind.name().to_owned(),
            title: "Hệ thống chưa đăng ký".to_owned(),
            severity: self.severity.of_unregistered_host(whose.level),
            agency: whose.agency,
            system: whose.system,
            source: Some(whose.source),
            entity: host.name.as_str().to_owned(),
            window_start: grouping::window_start(host.at, self.severity.window),
            attack: Vec::new(),
            matched: vec![MatchedField::new("host", host.name.as_str(), "not in the register")],
        };
        Some(detection.bounded())
    }

    /// Runs the correlations over a session and records what came true.
    async fn correlate(
        &mut self,
        session: &str,
        set: &khien_sigma::compile::RuleSet,
    ) -> Result<usize, StoreError> {
        let mut inputs = Vec::new();
        let mut page = PageRequest::first();
        loop {
            let found = self.store.list_inputs(Timestamp::MIN, &page).await?;
            inputs.extend(
                found
                    .items
                    .into_iter()
                    .filter(|input| session_of(input).as_deref() == Some(session)),
            );
            let Some(next) = found.next else { break };
            page.after = Some(next);
        }
        inputs.sort_by_cached_key(|input| (time_of(input), input.event));
        let mut correlating = Correlating::in_order(set);
        inputs.iter().for_each(|input| correlating.feed(input));
        correlating.finish();
        self.renew_said(self.clock.now()).await;
        let came_true = correlating.take(&self.judging(), |source| self.whose(source));
        let mut detections = Detections::default();
        self.keep_or_hide(came_true, &mut detections);
        let count = detections.found.len() + detections.hidden.len() + detections.off.len();
        let mut tx = self.store.begin().await?;
        tx.record_detections(&detections, self.clock.now()).await?;
        tx.commit().await?;
        Ok(count)
    }
}

/// The pulse of batches, as far back as it is kept.
fn beats(batches: &[Found], now: Timestamp) -> Vec<Beat> {
    let since = now.checked_sub(PULSE).map_or(0, Beat::quarter_of);
    let mut sum = BTreeMap::<(i64, i64), u64>::new();
    for found in batches.iter().filter(|found| found.from.whose.is_some()) {
        for (quarter, events) in found.pulse.range(since..) {
            *sum.entry((found.source.0, *quarter)).or_default() += events;
        }
    }
    let beats = sum.into_iter();
    beats
        .map(|((source, quarter), events)| Beat { source: SourceId(source), quarter, events })
        .collect()
}

/// Whether something was noted so lately that it is not noted again.
fn is_recent(noted: Option<&Timestamp>, now: Timestamp) -> bool {
    noted.is_some_and(|at| {
        let age = now.duration_since(*at);
        age >= SignedDuration::ZERO && age < NOTED_FOR
    })
}

fn keys(batches: &[Found]) -> Vec<BatchKey> {
    let keyed = batches.iter().filter_map(|found| {
        let source = SourceId(found.source.0);
        Some(BatchKey { source, key: found.key?.0, batch: found.number, at: found.arrival })
    });
    keyed.collect()
}
