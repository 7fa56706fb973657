//! Reading the audit log, sealing it into the ledger, and telling everybody how the centre is used.
//!
//! Each hour the entries that were added are hashed and the hash becomes a record of the ledger, whose
//! chain is signed: whoever changes or takes away an entry in the database afterwards is found, an
//! administrator of the machine too.

use jiff::{SignedDuration, Timestamp};
use khien_domain::audit::{Entry, Outcome};
use khien_domain::evidence::content::Content;
use khien_domain::page::{Page, PageRequest};
use khien_domain::permission::{AgencyScope, Permission};
pub use khien_store::AuditFilter;
use khien_store::{EvidenceFilter, StoreError};
use sha2::{Digest as _, Sha256};

use super::UseError;
use crate::access::{Caller, Deed};
use crate::ledger::of_ledger;
use crate::records::Records;

/// Entries younger than this may not all be there yet.
const SETTLED: SignedDuration = SignedDuration::from_mins(10);
/// How often all seals are checked.
const CHECK: SignedDuration = SignedDuration::from_hours(24);
/// What the centre was used for is counted no more often.
const COUNTED: SignedDuration = SignedDuration::from_mins(10);
/// So many entries are read at a time.
const BLOCK: u32 = 2_000;

/// The entries that the caller may see, newest first.
pub async fn list_audit(
    records: &Records,
    caller: &Caller,
    filter: &AuditFilter,
    page: &PageRequest,
) -> Result<Page<Entry>, UseError> {
    let deed = Deed::new("audit.list", "", None);
    let scope = records.scope(caller, Permission::AuditRead, &deed).await?;
    Ok(records.store.list_audit(&scope, filter, page).await?)
}

/// What came of checking the seals of the audit trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seals {
    /// Up to which entry there are seals; 0 without any.
    pub sealed: i64,
    /// How many seals there are.
    pub seals: usize,
    /// The first and the last entry of the first seal that does not hold.
    pub broken: Option<(i64, i64)>,
}

/// A seal of the ledger.
struct Seal {
    first: i64,
    last: i64,
    hash: String,
}

/// Seals what was added to the audit trail, and once a day checks all seals. What is found broken
/// stays in the ledger, and withholds grades (`caps` of the index).
pub async fn seal(records: &Records) -> Result<(), UseError> {
    let now = records.now();
    let before = now.checked_sub(SETTLED).unwrap_or(Timestamp::UNIX_EPOCH);
    let newest = records.store.last_of_ledger("audit.sealed", None).await?;
    let newest = newest.as_ref().and_then(|record| record.content.get("last"));
    let first = newest.and_then(Content::as_int).map_or(1, |last| last + 1);
    let last = records.store.settled_audit(before).await?;
    let mut new = Vec::new();
    if last >= first {
        let hash = hash(records, first, last).await?;
        let sealed = of_ledger("audit.sealed", "audit", now)
            .with("first", first)
            .with("last", last)
            .with("hash", hash);
        new.push(sealed);
    }
    let checked = records.store.last_of_ledger("audit.checked", None).await?;
    if checked.is_none_or(|last| now.duration_since(last.about.at) >= CHECK) {
        let seals = check(records).await?;
        if let Some((first, last)) = seals.broken {
            tracing::error!(first, last, "the audit trail was changed after it was sealed");
        }
        let checked = of_ledger("audit.checked", "audit", now);
        new.push(checked.with("intact", seals.broken.is_none()));
    }
    if !new.is_empty() {
        let mut tx = records.store.begin().await?;
        records.keep_evidence(&mut tx, new).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Checks all seals of the audit trail, for whoever may read it.
pub async fn verify_seals(records: &Records, caller: &Caller) -> Result<Seals, UseError> {
    let deed = Deed::new("audit.verify", "", None);
    records.require(caller, Permission::AuditRead, &deed).await?;
    check(records).await
}

/// How the seals of the audit trail stood when they were last checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The record of the ledger that says so.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// Whether all of them held.
    pub intact: bool,
    /// Up to which entry there are seals by now.
    pub sealed: u64,
}

/// The last check of the seals, if there was one, for whoever may read the audit trail.
pub async fn last_check(records: &Records, caller: &Caller) -> Result<Option<Checked>, UseError> {
    let deed = Deed::new("audit.verify", "", None);
    records.scope(caller, Permission::AuditRead, &deed).await?;
    let last = async |kind| records.store.last_of_ledger(kind, None).await;
    let Some(checked) = last("audit.checked").await? else { return Ok(None) };
    let sealed = last("audit.sealed").await?;
    let sealed = sealed.as_ref().and_then(|record| record.content.get("last"));
    Ok(Some(Checked {
        seq: checked.about.seq,
        at: checked.about.at,
        intact: checked.content.get("intact").and_then(Content::as_bool) == Some(true),
        sealed: sealed.and_then(Content::as_int).unwrap_or(0).unsigned_abs(),
    }))
}

async fn check(records: &Records) -> Result<Seals, UseError> {
    let seals = seals(records).await?;
    let mut broken = None;
    for seal in &seals {
        if hash(records, seal.first, seal.last).await? != seal.hash {
            broken = Some((seal.first, seal.last));
            break;
        }
    }
    let sealed = seals.last().map_or(0, |seal| seal.last);
    Ok(Seals { sealed, seals: seals.len(), broken })
}

/// The seals, oldest first.
async fn seals(records: &Records) -> Result<Vec<Seal>, UseError> {
    let filter =
        EvidenceFilter { kind: Some("audit.sealed".to_owned()), ..EvidenceFilter::default() };
    let (mut found, mut page) = (Vec::new(), PageRequest::new(None, 500));
    loop {
        let part = records.store.list_evidence(&AgencyScope::All, &filter, &page).await?;
        for record in part.items {
            let int = |name: &str| record.content.get(name).and_then(Content::as_int);
            let hash = record.content.get("hash").and_then(Content::as_text);
            if let (Some(first), Some(last), Some(hash)) = (int("first"), int("last"), hash) {
                found.push(Seal { first, last, hash: hash.to_owned() });
            }
        }
        match part.next {
            Some(next) => page.after = Some(next),
            None => break,
        }
    }
    found.reverse();
    Ok(found)
}

/// SHA-256 over the entries from one number to another, each as a line of canonical JSON.
async fn hash(records: &Records, first: i64, last: i64) -> Result<String, StoreError> {
    let (mut hash, mut next) = (Sha256::new(), first);
    loop {
        let block = records.store.audit_between(next, last, BLOCK).await?;
        let Some(end) = block.last() else { break };
        next = end.id.0 + 1;
        for entry in &block {
            hash.update(line(entry));
            hash.update("\n");
        }
    }
    Ok(khien_domain::evidence::hex(&hash.finalize()))
}

fn line(entry: &Entry) -> String {
    let said = &entry.said;
    let agency = said.agency.as_ref().map_or("", |agency| agency.as_str());
    let content = Content::map([
        ("id", Content::from(entry.id.0)),
        ("at", said.at.as_microsecond().into()),
        ("who", said.who.as_str().into()),
        ("action", said.action.as_str().into()),
        ("target", said.target.as_str().into()),
        ("agency", agency.into()),
        ("origin", said.origin.as_str().into()),
        ("outcome", said.outcome.name().into()),
        ("detail", said.detail.as_str().into()),
    ]);
    content.to_text()
}

/// What the centre was used for, as everybody may know it; numbers, and nobody's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Use {
    /// Events were searched or looked at.
    Search,
    /// Events left the centre as a file.
    Export,
    /// All events of a time were looked through for something.
    Hunt,
    /// The glass of the gate was broken.
    BrokenGlass,
    /// Somebody was let in or was given another role.
    People,
    /// Something was refused, because whoever asked may not.
    Refused,
}

impl Use {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Search, Self::Export, Self::Hunt, Self::BrokenGlass, Self::People, Self::Refused];

    /// The name that texts use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Search => "search",
            Self::Export => "export",
            Self::Hunt => "hunt",
            Self::BrokenGlass => "broken-glass",
            Self::People => "people",
            Self::Refused => "refused",
        }
    }

    fn of(action: &str, outcome: Outcome) -> Option<Self> {
        match (outcome, action) {
            (Outcome::Refused, _) => Some(Self::Refused),
            (Outcome::Failed, _) => None,
            (_, "events.search" | "events.get" | "events.tail" | "quarantine.get") => {
                Some(Self::Search)
            }
            (_, "events.export") => Some(Self::Export),
            (_, "hunt.start") => Some(Self::Hunt),
            (_, "gate.break_glass") => Some(Self::BrokenGlass),
            (_, "person.add" | "person.change") => Some(Self::People),
            _ => None,
        }
    }
}

/// How often the centre was used for each purpose, in the order of [`Use::ALL`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Used {
    /// Within 30 days.
    pub month: [u64; 6],
    /// Within 365 days.
    pub year: [u64; 6],
}

/// How often the centre was used for each purpose, counted in the audit trail at most once in ten
/// minutes. Everybody may know: no permission is asked for.
pub async fn used(records: &Records) -> Result<Used, UseError> {
    let now = records.now();
    let mut known = records.used.lock().await;
    let is_fresh = |at: Timestamp| now.duration_since(at).abs() < COUNTED;
    if let Some((_, used)) = (*known).filter(|(at, _)| is_fresh(*at)) {
        return Ok(used);
    }
    let mut used = Used::default();
    for (counts, days) in [(&mut used.month, 30), (&mut used.year, 365)] {
        let since = now.checked_sub(SignedDuration::from_hours(24 * days));
        let since = since.unwrap_or(Timestamp::UNIX_EPOCH);
        for (action, outcome, count) in records.store.count_audit(since, now).await? {
            if let Some(of) = Use::of(&action, outcome) {
                counts[of as usize] += count;
            }
        }
    }
    *known = Some((now, used));
    Ok(used)
}
