//! The index: computed from the ledger, for all agencies or one, with what each number comes from.

mod packs;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use khien_domain::audit::Outcome;
use khien_domain::facts::View;
use khien_domain::index::{self as weighing, IndexPack, Sensitivity, Table};
use khien_domain::permission::Permission;

use tokio::sync::OnceCell;

pub use self::packs::{BroughtPack, ListedPack, MAX_PACK_BYTES, import_pack, list_packs, use_pack};
use super::UseError;
use crate::App;
use crate::access::{Caller, Deed};
use crate::index::{self, IndexError};
use crate::ledger::{checkpoint, of_ledger};
use crate::records::Records;

/// A table with what it was computed by.
pub struct Computed {
    /// The table.
    pub table: Table,
    /// The pack.
    pub pack: IndexPack,
    /// The facts, for whoever asks where a number comes from.
    pub view: View,
}

/// How the index stands, and how it stood.
pub struct Live {
    /// Now, by the clock's last full five minutes.
    pub now: Computed,
    /// What movement is told against: the round that was published last, of which year; without one how it
    /// stood thirty days before, by the records of now.
    pub before: Arc<Computed>,
    /// The year of that round.
    pub since: Option<i16>,
    /// From how many records.
    size: u64,
    firm: OnceCell<Sensitivity>,
}

/// A table is looked at again for so many seconds before it is computed anew.
const LOOKED_AT: i64 = 300;
/// A ledger that is larger is not computed anew for every record that comes.
const SMALL: u64 = 200_000;
/// So often it is looked whether somebody wants a newer table.
const FRESH: Duration = Duration::from_secs(5);
/// A table is never shown that is much older.
const OLD: SignedDuration = SignedDuration::from_hours(1);
/// What movement is told against.
const BEFORE: SignedDuration = SignedDuration::from_hours(24 * 30);

/// The index as it was last computed, and whether somebody wants a newer one.
#[derive(Default)]
pub(crate) struct Last {
    live: Mutex<Option<Arc<Live>>>,
    /// Held by whoever computes.
    computing: tokio::sync::Mutex<()>,
    is_asked: AtomicBool,
}

impl Last {
    fn get(&self) -> Option<Arc<Live>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, live: &Arc<Live>) {
        *self.live.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(live));
    }
}

/// How the index stands now, computed at most every few minutes and shared by all who look.
///
/// Of a large ledger whoever comes sees the last table at once, which says of when it is, and has a newer
/// one made beside; only the first waits.
pub async fn live(records: &Records, caller: &Caller) -> Result<Arc<Live>, UseError> {
    let deed = Deed::new("index.read", "", None);
    records.scope(caller, Permission::EvidenceRead, &deed).await?;
    current(records, SMALL).await
}

/// The index as it was last computed, for pages that many open and that only show how agencies stand: if there
/// is a table of the last hour, nobody waits for a newer one, which is made beside.
///
/// Whoever is the first to look at a small ledger waits; `None` while the first table of a large one is made.
pub async fn last_seen(records: &Records, caller: &Caller) -> Result<Option<Arc<Live>>, UseError> {
    let deed = Deed::new("index.read", "", None);
    records.scope(caller, Permission::EvidenceRead, &deed).await?;
    seen(records, SMALL).await
}

async fn seen(records: &Records, small: u64) -> Result<Option<Arc<Live>>, UseError> {
    let now = records.now();
    let ask = || records.live.is_asked.store(true, Ordering::Relaxed);
    match records.live.get() {
        Some(live) if now.duration_since(live.now.table.at) <= OLD => {
            if slot(live.now.table.at) != slot(now) {
                ask();
            }
            Ok(Some(live))
        }
        None if records.store.ledger_size().await? > small => {
            ask();
            Ok(None)
        }
        _ => current(records, small).await.map(Some),
    }
}

async fn current(records: &Records, small: u64) -> Result<Arc<Live>, UseError> {
    let (size, slot) = (records.store.ledger_size().await?, slot(records.now()));
    let is_of_now = |live: &Arc<Live>| {
        self::slot(live.now.table.at) == slot && (live.size == size || size > small)
    };
    if let Some(live) = records.live.get() {
        if is_of_now(&live) {
            return Ok(live);
        }
        if size > small {
            records.live.is_asked.store(true, Ordering::Relaxed);
            return Ok(live);
        }
    }
    // Whoever comes while it is computed waits for the one table.
    let _computing = records.live.computing.lock().await;
    match records.live.get().filter(is_of_now) {
        Some(live) => Ok(live),
        None => anew(records, small).await,
    }
}

fn slot(at: Timestamp) -> i64 {
    at.as_second() / LOOKED_AT * LOOKED_AT
}

async fn anew(records: &Records, small: u64) -> Result<Arc<Live>, UseError> {
    let (size, now) = (records.store.ledger_size().await?, records.now());
    // What was recorded since the last full five minutes counts too, where that takes no time.
    let at = if size > small { Timestamp::from_second(slot(now)).unwrap_or(now) } else { now };
    let now = computed(records, at, size).await?;
    let held = records.live.get();
    let (before, since) = before(records, at, size, held.as_deref()).await?;
    let live = Arc::new(Live { now, before, since, size, firm: OnceCell::new() });
    records.live.set(&live);
    Ok(live)
}

/// Computes the index anew, beside everything else, when somebody has looked at an older one, and at least
/// every hour once somebody has.
pub(crate) async fn keep_fresh(app: Weak<App>) {
    loop {
        tokio::time::sleep(FRESH).await;
        let Some(app) = app.upgrade().filter(|app| app.is_running()) else { return };
        if let Err(error) = freshen(&app, SMALL).await {
            tracing::error!(%error, "the index is not computed");
        }
    }
}

async fn freshen(records: &Records, small: u64) -> Result<(), UseError> {
    let is_old = |last: Arc<Live>| records.now().duration_since(last.now.table.at) > OLD;
    let is_old = records.live.get().is_some_and(is_old);
    if records.live.is_asked.swap(false, Ordering::Relaxed) || is_old {
        let _computing = records.live.computing.lock().await;
        anew(records, small).await?;
    }
    Ok(())
}

/// How firm the order of a table is; computed when somebody asks, once for all.
pub async fn sensitivity(live: &Arc<Live>) -> Result<&Sensitivity, UseError> {
    let computing = || async {
        let live = Arc::clone(live);
        let computing = move || weighing::sensitivity(&live.now.pack, &live.now.table);
        let ended = |_| UseError::Fault("a thread that counts ended before its work");
        tokio::task::spawn_blocking(computing).await.map_err(ended)
    };
    live.firm.get_or_try_init(computing).await
}

/// What movement at an instant is told against.
async fn before(
    records: &Records,
    at: Timestamp,
    size: u64,
    held: Option<&Live>,
) -> Result<(Arc<Computed>, Option<i16>), UseError> {
    let published = records.store.list_rounds().await?.into_iter().find_map(|round| {
        let (cutoff, _) = round.cutoff.filter(|(cutoff, _)| *cutoff < at)?;
        Some((round.year, round.pack, cutoff, round.published?))
    });
    let Some((year, pack, cutoff, published)) = published else {
        let before = at.checked_sub(BEFORE).map_err(UseError::invalid)?;
        return Ok((Arc::new(computed(records, before, size).await?), None));
    };
    // What was published does not change.
    if let Some(held) = held.filter(|held| held.before.table.hash() == published.hash) {
        return Ok((Arc::clone(&held.before), Some(year)));
    }
    let computed = computed_by(records, &pack, cutoff, published.size).await?;
    Ok((Arc::new(computed), Some(year)))
}

/// The table at an instant, kept as a record of the ledger that whoever has the ledger can compute again.
pub async fn compute(
    records: &Records,
    caller: &Caller,
    at: Timestamp,
) -> Result<Computed, UseError> {
    let deed = Deed::new("index.compute", at.to_string(), None);
    records.require(caller, Permission::EvidenceRead, &deed).await?;
    let size = records.store.ledger_size().await?;
    let computed = computed(records, at, size).await?;
    let now = records.now();
    let new = told(&computed, at, size, now);
    let deed = deed.with(computed.table.hash());
    let mut tx = records.store.begin().await?;
    records.keep_evidence(&mut tx, vec![new]).await?;
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    checkpoint(&records.store, records.ledger_key(), "table", now).await?;
    Ok(computed)
}

/// The record that tells of a computed table.
pub(super) fn told(
    computed: &Computed,
    at: Timestamp,
    size: u64,
    now: Timestamp,
) -> khien_domain::evidence::NewEvidence {
    of_ledger("index.computed", "table", now)
        .with("at", at)
        .with("pack", computed.pack.id.as_str())
        .with("hash", computed.table.hash())
        .with("size", size.cast_signed())
}

async fn computed(records: &Records, at: Timestamp, size: u64) -> Result<Computed, UseError> {
    let pack = pack(records, at).await?;
    let (view, table) = index::table(&records.store, &pack, at, size).await?;
    Ok(Computed { table, pack, view })
}

/// The table at an instant by the pack of an id, of the first `size` records.
pub(super) async fn computed_by(
    records: &Records,
    id: &str,
    at: Timestamp,
    size: u64,
) -> Result<Computed, UseError> {
    let pack = packs_until(records, size).await?;
    let pack = pack.into_iter().find(|pack| pack.id == id && pack.is_valid_at(at));
    let pack = pack.ok_or_else(|| no_pack(id, at))?;
    let (view, table) = index::table(&records.store, &pack, at, size).await?;
    Ok(Computed { table, pack, view })
}

/// The pack that is valid at an instant, of those that the ledger has.
async fn pack(records: &Records, at: Timestamp) -> Result<IndexPack, UseError> {
    let pack = packs(records).await?.into_iter().find(|pack| pack.is_valid_at(at));
    pack.ok_or_else(|| UseError::Invalid(format!("no pack of the index is valid at {at}")))
}

/// The latest pack of an id that is valid at an instant.
pub(super) async fn pack_of_id(
    records: &Records,
    id: &str,
    at: Timestamp,
) -> Result<IndexPack, UseError> {
    let pack = packs(records).await?;
    let pack = pack.into_iter().find(|pack| pack.id == id && pack.is_valid_at(at));
    pack.ok_or_else(|| no_pack(id, at))
}

fn no_pack(id: &str, at: Timestamp) -> UseError {
    UseError::Invalid(format!("the pack {id} of the index is not valid at {at}"))
}

/// The packs that the ledger has, newest first.
pub(super) async fn packs(records: &Records) -> Result<Vec<IndexPack>, UseError> {
    packs_until(records, u64::MAX).await
}

/// The packs of the first `size` records, newest first.
async fn packs_until(records: &Records, size: u64) -> Result<Vec<IndexPack>, UseError> {
    let all = records.store.all_of_ledger("index.pack").await?.into_iter();
    let all = all.filter(|record| record.about.seq < size);
    all.map(|record| packs::of_record(records, &record)).collect()
}

impl From<IndexError> for UseError {
    fn from(error: IndexError) -> Self {
        match error {
            IndexError::Ledger(error) => error.into(),
            other => Self::Index(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::atomic::AtomicI64;

    use khien_domain::clock::Clock;

    use super::*;
    use crate::config::Config;
    use crate::folder::DataFolder;
    use crate::ledger::of_ledger;

    struct Hands(AtomicI64);

    impl Clock for Hands {
        fn now(&self) -> Timestamp {
            Timestamp::from_second(self.0.load(Ordering::Relaxed)).unwrap()
        }
    }

    /// Records of a new centre, and the clock they go by.
    async fn opened(place: &Path) -> (Records, Arc<Hands>) {
        let folder = DataFolder::create(&place.join("d")).unwrap();
        let clock = Arc::new(Hands(AtomicI64::new(1_792_000_000)));
        let hands: Arc<dyn Clock> = Arc::clone(&clock) as _;
        (Records::open(&folder, &Config::default(), hands).await.unwrap(), clock)
    }

    /// A record more.
    async fn add(records: &Records) {
        let mut tx = records.store.begin().await.unwrap();
        let new = of_ledger("audit.checked", "audit", records.now()).with("intact", true);
        tx.append_evidence(vec![new], records.now()).await.unwrap();
        tx.commit().await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_large_ledger_keeps_nobody_waiting_and_is_computed_beside() {
        let place = tempfile::tempdir().unwrap();
        let (records, clock) = opened(place.path()).await;
        // Every ledger is large here.
        let first = current(&records, 0).await.unwrap();
        add(&records).await;
        assert!(Arc::ptr_eq(&current(&records, 0).await.unwrap(), &first), "within five minutes");
        freshen(&records, 0).await.unwrap();
        assert!(Arc::ptr_eq(&current(&records, 0).await.unwrap(), &first), "nobody wanted another");
        clock.0.fetch_add(LOOKED_AT, Ordering::Relaxed);
        let seen = current(&records, 0).await.unwrap();
        assert!(Arc::ptr_eq(&seen, &first), "the last one, at once");
        freshen(&records, 0).await.unwrap();
        let second = current(&records, 0).await.unwrap();
        assert_eq!((second.size, slot(second.now.table.at)), (first.size + 1, slot(records.now())));
        // Nobody looks, and still it never gets old.
        clock.0.fetch_add(2 * OLD.as_secs(), Ordering::Relaxed);
        freshen(&records, 0).await.unwrap();
        let third = records.live.get().unwrap();
        assert_eq!(slot(third.now.table.at), slot(records.now()));
        // A small one counts what was just recorded.
        add(&records).await;
        assert_eq!(current(&records, SMALL).await.unwrap().size, third.size + 1);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn who_only_looks_at_how_agencies_stand_never_waits_for_a_newer_table() {
        let place = tempfile::tempdir().unwrap();
        let (records, clock) = opened(place.path()).await;
        assert!(
            seen(&records, 0).await.unwrap().is_none(),
            "the first of a large ledger is not waited for"
        );
        freshen(&records, 0).await.unwrap();
        let first = seen(&records, 0).await.unwrap().unwrap();
        let same =
            async |small| Arc::ptr_eq(&seen(&records, small).await.unwrap().unwrap(), &first);
        // A record more, five minutes more: the same table at once, of a small ledger too.
        add(&records).await;
        assert!(same(SMALL).await);
        freshen(&records, SMALL).await.unwrap();
        assert!(same(SMALL).await, "within five minutes nobody asks for another");
        clock.0.fetch_add(LOOKED_AT, Ordering::Relaxed);
        assert!(same(SMALL).await);
        freshen(&records, SMALL).await.unwrap();
        let second = seen(&records, SMALL).await.unwrap().unwrap();
        assert_eq!(second.size, first.size + 1, "it was made beside");
        // What is older than an hour is not shown of a ledger that is counted in no time.
        clock.0.fetch_add(2 * OLD.as_secs(), Ordering::Relaxed);
        let third = seen(&records, SMALL).await.unwrap().unwrap();
        assert_eq!(third.now.table.at, records.now());
        // The first of a small one is there at once.
        let place = tempfile::tempdir().unwrap();
        let (records, _) = opened(place.path()).await;
        assert!(seen(&records, SMALL).await.unwrap().is_some());
    }
}
