//! The registered sources as intake needs them: at hand for every request, renewed from the store
//! every moment, with what is counted of each.
//!
//! In come a token's hash, a certificate's fingerprint or an address; out comes the source that it
//! stands for, or the reason why nobody. What is changed in the register, by this process or
//! another, holds here after [`REFRESH`].

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use jiff::{SignedDuration, Timestamp};
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::ids::SourceId;
use khien_domain::page::PageRequest;
use khien_domain::permission::AgencyScope;
use khien_domain::rate::{Bucket, RetryAfter};
use khien_domain::source::{Fingerprint, Source, SourceKind, SourceStatus};
use khien_domain::system::Level;
use khien_domain::token::{Token, TokenHash};
use khien_store::{Activity, Store, StoreError};
use rustc_hash::FxHashMap;

/// After this, what is held of a token or source is asked of the store again.
pub const REFRESH: SignedDuration = SignedDuration::from_secs(2);
/// Tokens that are held at most; beyond, all are asked again.
const MAX_TOKENS: usize = 10_000;

/// What events of a source are kept under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The agency's code.
    pub agency: String,
    /// The system's code.
    pub system: String,
    /// The source's number, as text.
    pub source: String,
    /// Formats that its content may have; any if there are none. The protocol of syslog says by
    /// itself what its messages are.
    pub expected: BTreeSet<String>,
    /// The same for records; `None` if the register does not know the source.
    pub whose: Option<Whose>,
}

/// Whose events a source sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whose {
    /// The agency.
    pub agency: AgencyCode,
    /// The system.
    pub system: SystemCode,
    /// How much depends on the system.
    pub level: Level,
    /// The source.
    pub source: SourceId,
}

/// A registered source at work.
pub struct Registered {
    /// As the register has it.
    pub source: Source,
    /// What its events are kept under.
    pub origin: Arc<Origin>,
    bucket: Mutex<Bucket>,
    counted: Counted,
}

/// What arrived since it was last written into the store.
#[derive(Default)]
struct Counted {
    events: AtomicU64,
    bytes: AtomicU64,
    /// Microseconds since 1970; 0 if nothing since it was last written.
    last: AtomicI64,
    /// The same since the start of the process.
    heard: AtomicI64,
}

impl Registered {
    fn new(source: Source, level: Level, now: Timestamp) -> Self {
        let whose = Whose {
            agency: source.agency.clone(),
            system: source.system.clone(),
            level,
            source: source.id,
        };
        let origin = Origin {
            agency: source.agency.as_str().to_owned(),
            system: source.system.as_str().to_owned(),
            source: source.id.to_string(),
            expected: match source.kind {
                SourceKind::Syslog => BTreeSet::new(),
                SourceKind::Http | SourceKind::File => source.settings.formats.clone(),
            },
            whose: Some(whose),
        };
        let bucket = Mutex::new(Bucket::new(source.settings.rate, now));
        Self { source, origin: Arc::new(origin), bucket, counted: Counted::default() }
    }

    /// Whether the source may send now.
    pub fn admit(&self, now: Timestamp) -> Result<(), RetryAfter> {
        self.bucket.lock().unwrap_or_else(PoisonError::into_inner).admit(now)
    }

    /// Counts what arrived.
    pub fn count(&self, events: u64, bytes: u64, now: Timestamp) {
        self.bucket.lock().unwrap_or_else(PoisonError::into_inner).take(events, bytes);
        self.note(events, bytes, now);
    }

    fn note(&self, events: u64, bytes: u64, now: Timestamp) {
        self.counted.events.fetch_add(events, Ordering::Relaxed);
        self.counted.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.counted.last.fetch_max(now.as_microsecond(), Ordering::Relaxed);
        self.counted.heard.fetch_max(now.as_microsecond(), Ordering::Relaxed);
    }

    /// When its last events arrived, since this process began.
    pub fn last_heard(&self) -> Option<Timestamp> {
        let heard = self.counted.heard.load(Ordering::Relaxed);
        (heard > 0).then(|| Timestamp::from_microsecond(heard).ok()).flatten()
    }

    /// Takes what was counted since the last call, if anything.
    fn take_activity(&self) -> Option<Activity> {
        let last = self.counted.last.swap(0, Ordering::Relaxed);
        (last > 0).then(|| Activity {
            source: self.source.id,
            last_received_at: Timestamp::from_microsecond(last).ok(),
            events: self.counted.events.swap(0, Ordering::Relaxed),
            bytes: self.counted.bytes.swap(0, Ordering::Relaxed),
            silent_since: None,
        })
    }
}

/// The registered sources and the tokens that were asked for.
#[derive(Default)]
pub struct Registry {
    sources: RwLock<FxHashMap<SourceId, Arc<Registered>>>,
    tokens: Mutex<FxHashMap<[u8; 32], (Timestamp, Token)>>,
}

impl Registry {
    /// Reads the sources anew. Those that stay keep what is counted of them.
    pub async fn refresh(&self, store: &Store, now: Timestamp) -> Result<(), StoreError> {
        let levels = levels(store).await?;
        let mut fresh = FxHashMap::default();
        let mut page = PageRequest::first();
        loop {
            let found = store.list_sources(&AgencyScope::All, &page).await?;
            for source in found.items {
                // A system that was added since: the highest level until the next moment.
                let level = levels.get(&source.system).copied().unwrap_or(Level::ALL[4]);
                let registered = match self.find(source.id) {
                    Some(before) if before.source == source && before.level() == level => before,
                    before => {
                        let changed = Registered::new(source, level, now);
                        if let Some(before) = before {
                            changed.count_of(&before);
                        }
                        Arc::new(changed)
                    }
                };
                fresh.insert(registered.source.id, registered);
            }
            let Some(next) = found.next else { break };
            page.after = Some(next);
        }
        *self.sources.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    /// The source of a number, active or not.
    pub fn find(&self, id: SourceId) -> Option<Arc<Registered>> {
        self.sources.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    /// The active source of a number.
    pub fn active(&self, id: SourceId) -> Option<Arc<Registered>> {
        self.find(id).filter(|found| found.source.status == SourceStatus::Active)
    }

    /// All sources.
    pub fn all(&self) -> Vec<Arc<Registered>> {
        self.sources.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// The active source that has registered an address for datagrams most exactly.
    pub fn by_address(&self, address: IpAddr) -> Option<Arc<Registered>> {
        let sources = self.sources.read().unwrap_or_else(PoisonError::into_inner);
        let active = sources.values().filter(|found| found.source.status == SourceStatus::Active);
        let exact = active.filter_map(|found| Some((found.source.registers(address)?, found)));
        exact.max_by_key(|(bits, found)| (*bits, found.source.id)).map(|(_, found)| found.clone())
    }

    /// The active source that a client certificate stands for.
    pub fn by_certificate(&self, fingerprint: Fingerprint) -> Option<Arc<Registered>> {
        let sources = self.sources.read().unwrap_or_else(PoisonError::into_inner);
        let mut active =
            sources.values().filter(|found| found.source.status == SourceStatus::Active);
        active.find(|found| found.source.settings.certificate == Some(fingerprint)).cloned()
    }

    /// The token of a hash, as the store had it moments ago.
    pub async fn token(
        &self,
        store: &Store,
        hash: &TokenHash,
        now: Timestamp,
    ) -> Result<Option<Token>, StoreError> {
        let held = self.tokens.lock().unwrap_or_else(PoisonError::into_inner).get(&hash.0).cloned();
        if let Some((at, token)) = held {
            let age = now.duration_since(at);
            if age < REFRESH && age >= SignedDuration::ZERO {
                return Ok(Some(token));
            }
        }
        let token = store.find_token(hash).await?;
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        if tokens.len() >= MAX_TOKENS {
            tokens.clear();
        }
        // What is not there may be made the next moment, so nothing is remembered of it.
        match &token {
            Some(token) => tokens.insert(hash.0, (now, token.clone())),
            None => tokens.remove(&hash.0),
        };
        Ok(token)
    }

    /// Takes what was counted of all sources since the last call.
    pub fn take_activity(&self) -> Vec<Activity> {
        self.all().iter().filter_map(|registered| registered.take_activity()).collect()
    }

    /// Gives back what was taken and could not be noted.
    pub(crate) fn give_back(&self, heard: &[Activity]) {
        for activity in heard {
            if let Some(registered) = self.find(activity.source) {
                let last = activity.last_received_at.unwrap_or(Timestamp::UNIX_EPOCH);
                registered.note(activity.events, activity.bytes, last);
            }
        }
    }
}

/// The levels of all systems.
async fn levels(store: &Store) -> Result<FxHashMap<SystemCode, Level>, StoreError> {
    let mut levels = FxHashMap::default();
    let mut page = PageRequest::first();
    loop {
        let found = store.list_systems(&AgencyScope::All, &page).await?;
        levels.extend(found.items.into_iter().map(|system| (system.code, system.level)));
        let Some(next) = found.next else { return Ok(levels) };
        page.after = Some(next);
    }
}

impl Registered {
    fn level(&self) -> Level {
        self.origin.whose.as_ref().map_or(Level::ALL[4], |whose| whose.level)
    }

    /// Goes on with what was counted before the register changed; what the source owes its rate
    /// stays owed.
    fn count_of(&self, before: &Self) {
        let mut bucket = *before.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        bucket.set_rate(self.source.settings.rate);
        *self.bucket.lock().unwrap_or_else(PoisonError::into_inner) = bucket;
        if let Some(activity) = before.take_activity() {
            let last = activity.last_received_at.unwrap_or(Timestamp::UNIX_EPOCH);
            self.note(activity.events, activity.bytes, last);
        }
        let heard = before.counted.heard.load(Ordering::Relaxed);
        self.counted.heard.fetch_max(heard, Ordering::Relaxed);
    }
}
