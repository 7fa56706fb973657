//! The centre at work: everything together, started and stopped in order.

use std::ops::Deref;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use khien_domain::account::policy::AccessPackError;
use khien_domain::alert::severity::{SeverityPack, SeverityPackError};
use khien_domain::clock::Clock;
use khien_domain::measure::{MeasurePack, MeasurePackError};
use khien_lake::{Cancel, Lake, LakeError, Numbers, Options};
use khien_store::{Beat, Refused, Store, StoreError};
use tokio::sync::{mpsc, oneshot};

use crate::care;
use crate::config::Config;
use crate::figures::Figures;
use crate::folder::{DataFolder, FolderError};
use crate::hunt::worker::{self as hunter, Ground};
use crate::identity::Doors;
use crate::journal::{self, Journal, JournalError};
use crate::ledger::{self, LedgerError, LedgerKey};
use crate::measure;
use crate::news::Topic;
use crate::pipeline::raise_alert::{self, Ask};
use crate::pipeline::receive::{self, Incoming, Receipt, ReceiveError};
use crate::pipeline::{self, Pipeline, flush};
use crate::records::Records;
use crate::registry::REFRESH;
use crate::rules::{Added, RuleSource, RulesInForce, imported};
use crate::trouble::Trouble;
use crate::use_case::crypto::probe_due;
use crate::use_case::findings::reopen_accepted;
use crate::use_case::holds::holding;
use crate::use_case::index::keep_fresh;
use crate::use_case::risks::reopen_lapsed;
use crate::use_case::search::Places;
use crate::watch;

/// Batches that wait for the thread that raises alerts.
const FOUND: usize = 256;

/// Names of batches are remembered so long: no client repeats an older one. What correlations need
/// of files is remembered so long as well, for a session that has not ended.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24 * 7);
/// Hunts and what they found are kept so long after their end.
const HUNTS: SignedDuration = SignedDuration::from_hours(24 * 90);
/// The pulse of the sources is kept so long.
pub(crate) const PULSE: SignedDuration = SignedDuration::from_hours(26);
/// How often what is older is forgotten.
const FORGET_EVERY: SignedDuration = SignedDuration::from_mins(30);
/// How often the ledger is signed.
const SIGN_EVERY: SignedDuration = SignedDuration::from_hours(1);
/// How often it is looked which endpoints are to be probed.
const PROBE_EVERY: Duration = Duration::from_mins(10);
/// Refused senders that are remembered.
const REFUSED: u32 = 10_000;

/// Why a centre does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data folder cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The store cannot be opened or brought up to date.
    #[error("the store cannot be used")]
    Store(#[from] StoreError),
    /// The ledger of evidence cannot be begun.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The lake cannot be opened.
    #[error("the lake cannot be used")]
    Lake(#[from] LakeError),
    /// The journal cannot be opened.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A pack is damaged.
    #[error("a pack cannot be used: {0}")]
    Pack(#[from] SeverityPackError),
    /// The pack about measuring is damaged.
    #[error("a pack cannot be used: {0}")]
    Measure(#[from] MeasurePackError),
    /// The pack about access is damaged.
    #[error("a pack cannot be used: {0}")]
    Access(#[from] AccessPackError),
    /// The rules cannot be loaded.
    #[error("the rules cannot be loaded: {0}")]
    Rules(String),
    /// The system gives no thread.
    #[error("a thread cannot be started")]
    Thread(#[source] std::io::Error),
}

/// Where the rules come from.
pub type LoadRules = Box<dyn RuleSource>;

/// The centre at work. It is [`Records`] with everything that takes in, judges and keeps events.
pub struct App {
    records: Records,
    /// The settings it runs by.
    pub config: Config,
    /// Where its data is.
    pub folder: DataFolder,
    load_rules: LoadRules,
    pipeline: Arc<Pipeline>,
    ask: mpsc::Sender<Ask>,
    /// For searches, exports and tails.
    pub(crate) places: Places,
    /// Held while a snapshot is made.
    pub(crate) snapshot: Arc<tokio::sync::Mutex<()>>,
    trouble: Trouble,
    /// When the first of the filters in force expires.
    filters_until: Mutex<Option<Timestamp>>,
    doors: Doors,
    stopping: tokio::sync::watch::Sender<bool>,
    running: Mutex<Option<Running>>,
}

/// The threads, and what ends them.
struct Running {
    workers: Vec<JoinHandle<()>>,
    flusher: JoinHandle<()>,
    flush: SyncSender<()>,
    raiser: JoinHandle<()>,
    stop_raiser: oneshot::Sender<()>,
    carer: JoinHandle<()>,
    stop_carer: SyncSender<()>,
    cancel_care: Cancel,
    hunter: JoinHandle<()>,
    stop_hunter: SyncSender<()>,
    cancel_hunt: Cancel,
    housekeeping: tokio::task::JoinHandle<()>,
}

impl Deref for App {
    type Target = Records;

    fn deref(&self) -> &Records {
        &self.records
    }
}

impl App {
    /// Opens the data folder and begins to work. Must be called within a runtime of tokio.
    pub async fn start(
        folder: DataFolder,
        config: Config,
        load_rules: LoadRules,
        clock: Arc<dyn Clock>,
    ) -> Result<Arc<Self>, StartError> {
        if folder.hold_backup().is_ok() {
            folder.remove_snapshot()?;
        }
        let records = Records::open(&folder, &config, clock).await?;
        let (store, clock) = (&records.store, &records.clock);
        let added = Added::read(store, &folder, clock.now()).await?;
        let rules = load_rules.load(&added.files).map_err(StartError::Rules)?;
        let lake = open_lake(&folder, &config)?;
        let judged_before = numbers(&store.detected().await?);
        let stored_before = lake.covered();
        let floor = last(&judged_before).max(last(&stored_before)) + 1;
        let done = |number| judged_before.contains(number) && stored_before.contains(number);
        let limits = journal::Limits {
            waiting_bytes: u64::from(config.limits.journal_mib) << 20,
            waiting_bytes_of_one: u64::from(config.limits.journal_mib) << 19,
            ..journal::Limits::default()
        };
        let (journal, recovered) = Journal::open(&folder.journal(), floor, limits, done)?;
        tell_recovered(&recovered);
        let known = receive::Known::default();
        let keys = recovered.keys.iter().map(|(number, key)| (*key, *number));
        known.recall(keys, &recovered.unanswered, clock.now());
        let pipeline = Arc::new(Pipeline {
            journal,
            lake,
            registry: Arc::clone(&records.registry),
            rules: RulesInForce::new(rules),
            progress: pipeline::Progress::default(),
            known: Arc::new(known),
            sessions: pipeline::Sessions::default(),
            figures: Figures::default(),
            news: Arc::clone(&records.news),
            zone: config.zone,
            first_new: recovered.first_new,
            stored_before,
            judged_before,
        });
        pipeline.sessions.recovered(recovered.batches);
        let (ask, running) = run(&pipeline, &records, &config)?;
        let running = Mutex::new(Some(running));
        let app = Arc::new(Self {
            records,
            config,
            folder,
            load_rules,
            pipeline,
            ask,
            places: Places::default(),
            snapshot: Arc::default(),
            trouble: Trouble::default(),
            filters_until: Mutex::new(added.until),
            doors: Doors::new()?,
            stopping: tokio::sync::watch::Sender::new(false),
            running,
        });
        tokio::spawn(end_filters(Arc::downgrade(&app)));
        tokio::spawn(measure::work(Arc::downgrade(&app), MeasurePack::built_in()?));
        tokio::spawn(keep_fresh(Arc::downgrade(&app)));
        if app.config.probe.daily {
            tokio::spawn(probe_daily(Arc::downgrade(&app)));
        }
        Ok(app)
    }

    /// Stops in order: takes nothing more in, records what was judged, and writes all events into
    /// files. What waits in the journal is worked off after the next start.
    pub async fn stop(&self) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(running) = running else { return };
        running.housekeeping.abort();
        self.pipeline.journal.close();
        let ended = tokio::task::spawn_blocking(move || {
            let Running { workers, flusher, flush, raiser, stop_raiser, .. } = running;
            running.cancel_care.cancel();
            running.cancel_hunt.cancel();
            drop((running.stop_carer, running.stop_hunter));
            let _ = running.carer.join();
            let _ = running.hunter.join();
            for worker in workers {
                let _ = worker.join();
            }
            // Whoever waits for the end of the raiser has let go of it.
            let _ = stop_raiser.send(());
            let _ = raiser.join();
            drop(flush);
            let _ = flusher.join();
        });
        if ended.await.is_err() {
            tracing::error!("a thread did not end in order");
        }
        note_activity(&self.pipeline, &self.store).await;
        self.store.close().await;
    }

    /// Says that the centre stops: whoever watches events arrive is let go at once.
    pub fn let_go(&self) {
        self.stopping.send_replace(true);
        self.pipeline.lake.end_tails();
    }

    /// Waits until the centre stops.
    pub async fn stopping(&self) {
        let mut stopping = self.stopping.subscribe();
        // The sender lives as long as the centre.
        let _ = stopping.wait_for(|stopping| *stopping).await;
    }

    /// Takes a batch in; `Ok` means that it is on disk.
    pub async fn receive(&self, incoming: Incoming) -> Result<Receipt, ReceiveError> {
        let received = if self.is_disk_short() {
            let reason = "less is free than limits.reserve_mib of the settings".to_owned();
            Err(ReceiveError::Disk { reason })
        } else {
            receive::receive(&self.pipeline, &self.store, incoming, self.now()).await
        };
        match &received {
            Ok(Receipt::Repeated) => self.figures().was_repeated(),
            Ok(Receipt::Kept(_)) => self.trouble.kept(),
            Err(ReceiveError::Busy { .. }) => self.figures().was_busy(),
            Err(ReceiveError::Disk { reason }) => {
                self.figures().was_not_kept();
                self.trouble.refused(reason, self.now());
            }
            Err(_) => {}
        }
        received
    }

    /// Ends a session of files: waits until all of its batches are judged and runs the correlations
    /// over them. Answers how many came true.
    pub async fn end_session(&self, session: &str) -> Result<usize, ReceiveError> {
        while !self.pipeline.sessions.is_judged(session) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let (answer, answered) = oneshot::channel();
        let ask = Ask::Correlate { session: session.to_owned(), answer };
        self.ask.send(ask).await.map_err(|_| ReceiveError::Stopping)?;
        let counted = answered.await.map_err(|_| ReceiveError::Stopping)?;
        self.pipeline.sessions.end(session);
        counted.map_err(|error| ReceiveError::Disk { reason: error.to_string() })
    }

    /// Files of a session that came before are not joined with others any more.
    pub fn sessions_reach_back_to(&self) -> Timestamp {
        let span = pipeline::longest_span(&self.pipeline.rules.current().set).max(REMEMBERED);
        self.now().checked_sub(span).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// Loads the rules anew and puts them in force, without an event going unjudged. Answers how
    /// many there are. If they cannot be loaded, those in force stay.
    pub(crate) async fn reload_rules(self: &Arc<Self>) -> Result<usize, String> {
        let added = Added::read(&self.store, &self.folder, self.now()).await;
        let Added { files, until } = added.map_err(|error| error.to_string())?;
        let loading = Arc::clone(self);
        let loaded = tokio::task::spawn_blocking(move || loading.load_rules.load(&files)).await;
        let set = loaded.map_err(|_| "loading the rules ended early")??;
        *self.filters_until.lock().unwrap_or_else(PoisonError::into_inner) = until;
        Ok(self.pipeline.rules.replace(set).set.rules().len())
    }

    /// The text of a file of rules, if it can still be read.
    pub(crate) fn rule_text(&self, file: &str) -> Option<String> {
        match imported::text(&self.folder.rules(), file) {
            Some(text) => Some(text),
            None => self.load_rules.text(file),
        }
    }

    pub(crate) fn is_running(&self) -> bool {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// What stands at the doors of the console.
    pub fn doors(&self) -> &Doors {
        &self.doors
    }

    /// The rules in force.
    pub fn rules(&self) -> &RulesInForce {
        &self.pipeline.rules
    }

    /// What is counted.
    pub fn figures(&self) -> &Figures {
        &self.pipeline.figures
    }

    /// How full the journal is.
    pub fn journal_level(&self) -> journal::Level {
        self.pipeline.journal.level()
    }

    /// Makes the journal keep its files while a copy of everything is made.
    pub(crate) fn hold_journal(&self) -> journal::Hold {
        self.pipeline.journal.hold()
    }

    /// Waits until everything that was taken in can be searched.
    pub async fn settled(&self) {
        loop {
            let level = self.journal_level();
            if level.waiting_bytes == 0 && level.working == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// The events at rest.
    pub fn lake(&self) -> &Lake {
        &self.pipeline.lake
    }

    /// Whether the disk refused a batch a moment ago.
    pub fn is_in_trouble(&self) -> bool {
        self.trouble.is_there(self.now())
    }

    /// Whether less disk is free than is to be kept free.
    pub fn is_disk_short(&self) -> bool {
        let reserve = u64::from(self.config.limits.reserve_mib) << 20;
        self.folder.free_bytes().is_some_and(|free| free < reserve)
    }
}

/// Loads the rules anew when a filter expires, as long as the centre runs.
async fn end_filters(app: Weak<App>) {
    let every = Duration::try_from(REFRESH).unwrap_or(Duration::from_secs(2));
    loop {
        tokio::time::sleep(every).await;
        let Some(app) = app.upgrade().filter(|app| app.is_running()) else { return };
        let until = *app.filters_until.lock().unwrap_or_else(PoisonError::into_inner);
        if until.is_none_or(|until| app.now() < until) {
            continue;
        }
        match app.reload_rules().await {
            Ok(rules) => tracing::info!(rules, "a filter has expired"),
            Err(error) => tracing::error!(error, "a filter that has expired stays in force"),
        }
    }
}

/// Probes the endpoints that nobody probed for a day, as long as the centre runs.
async fn probe_daily(app: Weak<App>) {
    loop {
        tokio::time::sleep(PROBE_EVERY).await;
        let Some(app) = app.upgrade().filter(|app| app.is_running()) else { return };
        match probe_due(&app).await {
            Ok(0) => {}
            Ok(endpoints) => tracing::info!(endpoints, "endpoints were probed"),
            Err(error) => tracing::error!(%error, "endpoints are not probed"),
        }
    }
}

fn open_lake(folder: &DataFolder, config: &Config) -> Result<Lake, LakeError> {
    let buffer_bytes = (config.limits.memory_mib as usize) << 20;
    let lake = Lake::open(&folder.lake(), Options { buffer_bytes, ..Options::default() })?;
    for damage in lake.damage() {
        let path = damage.path.display();
        tracing::error!(%path, reason = damage.reason, rows = damage.rows, "events are damaged");
    }
    Ok(lake)
}

fn numbers(intervals: &[std::ops::RangeInclusive<u64>]) -> Numbers {
    let mut numbers = Numbers::default();
    for interval in intervals {
        numbers.insert_interval(*interval.start(), *interval.end());
    }
    numbers
}

fn last(numbers: &Numbers) -> u64 {
    numbers.intervals().last().map_or(0, |(_, last)| *last)
}

fn tell_recovered(recovered: &journal::Recovered) {
    if recovered.batches > 0 {
        tracing::info!(batches = recovered.batches, "working off what the journal has kept");
    }
    for (path, from, to) in &recovered.damaged {
        let path = path.display();
        tracing::error!(%path, from, to, "a part of the journal is damaged");
    }
}

/// Starts the threads.
fn run(
    pipeline: &Arc<Pipeline>,
    records: &Records,
    config: &Config,
) -> Result<(mpsc::Sender<Ask>, Running), StartError> {
    let (store, clock) = (&records.store, &records.clock);
    let severity = Arc::new(SeverityPack::parse(SeverityPack::BUILT_IN)?);
    let named = |name: &str| Builder::new().name(name.to_owned());
    let (flush, asked_to_flush) = sync_channel(1);
    let shared = Arc::clone(pipeline);
    let flusher = named("flush").spawn(move || {
        flush::run(&shared.lake, &shared.journal, &shared.progress, &asked_to_flush);
    });
    let flusher = flusher.map_err(StartError::Thread)?;
    let (ask, asked) = mpsc::channel(FOUND);
    let (stop_raiser, stopped) = oneshot::channel();
    let runtime = tokio::runtime::Handle::current();
    let asking = (runtime.clone(), store.clone());
    let (shared, kept, time) = (Arc::clone(pipeline), store.clone(), Arc::clone(clock));
    let pack = Arc::clone(&severity);
    let raiser = named("alerts").spawn(move || {
        let raising = raise_alert::run(&shared, &kept, time.as_ref(), &pack, asked, stopped);
        runtime.block_on(raising);
    });
    let raiser = raiser.map_err(StartError::Thread)?;
    let available = std::thread::available_parallelism().map_or(1, usize::from);
    let count = if config.limits.workers == 0 { available } else { config.limits.workers };
    let cancel_care = Cancel::new();
    let (stop_carer, stopped) = sync_channel(1);
    let policy = config.keep.policy();
    let holds = move |now| asking.0.block_on(holding(&asking.1, now));
    let (shared, time, cancel) = (Arc::clone(pipeline), Arc::clone(clock), cancel_care.clone());
    let carer = named("care")
        .spawn(move || care::run(&shared.lake, &policy, &holds, time.as_ref(), &cancel, &stopped));
    let carer = carer.map_err(StartError::Thread)?;
    let cancel_hunt = Cancel::new();
    let (stop_hunter, stopped) = sync_channel(1);
    let (shared, time, cancel) = (Arc::clone(pipeline), Arc::clone(clock), cancel_hunt.clone());
    let (kept, runtime) = (store.clone(), tokio::runtime::Handle::current());
    let hunter = named("hunt").spawn(move || {
        let ground = Ground {
            lake: &shared.lake,
            store: &kept,
            clock: time.as_ref(),
            figures: &shared.figures,
            runtime: &runtime,
            cancel: &cancel,
        };
        hunter::work(&ground, &stopped);
    });
    let hunter = hunter.map_err(StartError::Thread)?;
    let mut workers = Vec::with_capacity(count);
    for number in 0..count {
        let (shared, ask, flush) = (Arc::clone(pipeline), ask.clone(), flush.clone());
        let worker =
            named(&format!("worker-{number}")).spawn(move || pipeline::work(&shared, &ask, &flush));
        workers.push(worker.map_err(StartError::Thread)?);
    }
    let (shared, kept, time) = (Arc::clone(pipeline), store.clone(), Arc::clone(clock));
    let key = records.ledger_key().clone();
    let housekeeping =
        tokio::spawn(async move { keep_house(&shared, &kept, &key, &severity, &*time).await });
    let running = Running {
        workers,
        flusher,
        flush,
        raiser,
        stop_raiser,
        carer,
        stop_carer,
        cancel_care,
        hunter,
        stop_hunter,
        cancel_hunt,
        housekeeping,
    };
    Ok((ask, running))
}

/// What has to be done every moment.
async fn keep_house(
    pipeline: &Pipeline,
    store: &Store,
    key: &LedgerKey,
    severity: &SeverityPack,
    clock: &dyn Clock,
) {
    let every = Duration::try_from(REFRESH).unwrap_or(Duration::from_secs(2));
    let started = clock.now();
    let mut forgot_at = started;
    let mut signed_at = None;
    loop {
        tokio::time::sleep(every).await;
        let now = clock.now();
        if let Err(error) = pipeline.registry.refresh(store, now).await {
            tracing::error!(%error, "the register stays as it was");
        }
        note_activity(pipeline, store).await;
        note_refused(pipeline, store, now).await;
        if now.duration_since(forgot_at) > FORGET_EVERY {
            forgot_at = now;
            forget(pipeline, store, now).await;
        }
        if signed_at.is_none_or(|at| now.duration_since(at) > SIGN_EVERY) {
            signed_at = Some(now);
            if let Err(error) = ledger::checkpoint(store, key, "hour", now).await {
                tracing::error!(%error, "the ledger goes on unsigned");
            }
            if let Err(error) = reopen_lapsed(store, now).await {
                tracing::error!(%error, "risks whose evidence lapsed stay closed");
            }
            if let Err(error) = reopen_accepted(store, now).await {
                tracing::error!(%error, "findings whose acceptance ended stay accepted");
            }
        }
        let watched = watch::over_sources(&pipeline.registry, store, severity, started, now);
        if let Err(error) = watched.await {
            tracing::error!(%error, "nobody watches over the sources");
        }
    }
}

/// Forgets names of batches and inputs of correlations that nothing reaches back to any more, and
/// hunts that ended long ago.
async fn forget(pipeline: &Pipeline, store: &Store, now: Timestamp) {
    let span = pipeline::longest_span(&pipeline.rules.current().set);
    let before = |span| now.checked_sub(span).unwrap_or(Timestamp::UNIX_EPOCH);
    let forgotten = async {
        let mut tx = store.begin().await?;
        tx.prune_batch_keys(before(REMEMBERED)).await?;
        tx.prune_inputs(before(span.max(REMEMBERED))).await?;
        tx.forget_jobs(before(HUNTS)).await?;
        tx.prune_pulse(Beat::quarter_of(before(PULSE))).await?;
        tx.commit().await
    };
    if let Err(error) = forgotten.await {
        tracing::error!(%error, "old names of batches are not forgotten");
    }
}

async fn note_refused(pipeline: &Pipeline, store: &Store, now: Timestamp) {
    let counted = pipeline.figures.take_refused();
    let refused: Vec<Refused> = (counted.iter())
        .map(|((address, listener, reason), count)| Refused {
            address: address.map_or_else(|| "others".to_owned(), |address| address.to_string()),
            listener: (*listener).to_owned(),
            reason: (*reason).to_owned(),
            count: *count,
            first_at: now,
            last_at: now,
        })
        .collect();
    if refused.is_empty() {
        return;
    }
    let noted = async {
        let mut tx = store.begin().await?;
        tx.count_refused(&refused).await?;
        tx.prune_refused(REFUSED).await?;
        tx.commit().await
    };
    if let Err(error) = noted.await {
        tracing::error!(%error, "refused senders are not noted yet");
        pipeline.figures.give_back(counted);
    }
}

async fn note_activity(pipeline: &Pipeline, store: &Store) {
    let heard = pipeline.registry.take_activity();
    if heard.is_empty() {
        return;
    }
    let noted = async {
        let mut tx = store.begin().await?;
        tx.note_activity(&heard).await?;
        tx.commit().await
    };
    match noted.await {
        Ok(()) => pipeline.news.tell(Topic::Sources),
        Err(error) => {
            tracing::error!(%error, "what was heard of sources is not noted yet");
            pipeline.registry.give_back(&heard);
        }
    }
}
