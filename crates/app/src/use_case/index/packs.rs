//! The packs of the index: those that the ledger has, and bringing another.
//!
//! A version of a pack never changes: what is counted otherwise bears another id. Of those that are valid on a day
//! the one counts that came last, whether it came with the program or was brought; an old one is put into force
//! again by its id. A round is counted by the pack that it was opened by.

use std::collections::BTreeSet;

use jiff::Timestamp;
use khien_domain::audit::Outcome;
use khien_domain::evidence::{NewEvidence, Origin, Record, hex};
use khien_domain::index::IndexPack;
use khien_domain::permission::Permission;
use sha2::{Digest as _, Sha256};

use crate::access::{Caller, Deed};
use crate::ledger::{PROGRAM, checkpoint, of_ledger};
use crate::records::Records;
use crate::use_case::register::evidence::day_of;
use crate::use_case::{UseError, unmarked_file};

/// The largest file of a pack.
pub const MAX_PACK_BYTES: usize = 1 << 20;

/// A pack as lists show it.
#[derive(Clone, Debug)]
pub struct ListedPack {
    /// The pack.
    pub pack: IndexPack,
    /// The last record of the ledger that holds it.
    pub seq: u64,
    /// Whether it came with the program.
    pub is_own: bool,
    /// When it was last put into force.
    pub at: Timestamp,
    /// Whether it is what is counted by now.
    pub is_current: bool,
}

/// What bringing a pack did.
#[derive(Clone, Debug)]
pub struct BroughtPack {
    /// The pack.
    pub pack: IndexPack,
    /// Whether it is what is counted by now; otherwise from its first day on.
    pub is_current: bool,
}

/// The packs that the ledger has, each once, the one that came last first.
pub async fn list_packs(records: &Records, caller: &Caller) -> Result<Vec<ListedPack>, UseError> {
    let deed = Deed::new("index.read", "packs", None);
    records.scope(caller, Permission::EvidenceRead, &deed).await?;
    let now = records.now();
    let all = records.store.all_of_ledger("index.pack").await?;
    let own: BTreeSet<&str> = all.iter().filter(|one| is_own(one)).map(subject).collect();
    let (mut seen, mut listed) = (BTreeSet::new(), Vec::<ListedPack>::new());
    for record in all.iter().filter(|record| seen.insert(subject(record))) {
        let pack = of_record(records, record)?;
        let is_taken = listed.iter().any(|one| one.is_current);
        listed.push(ListedPack {
            is_current: !is_taken && pack.is_valid_at(now),
            pack,
            seq: record.about.seq,
            is_own: own.contains(subject(record)),
            at: record.about.at,
        });
    }
    Ok(listed)
}

/// Reads a pack and keeps it in the ledger, where it counts from its first day on.
pub async fn import_pack(
    records: &Records,
    caller: &Caller,
    file: &str,
    bytes: &[u8],
) -> Result<BroughtPack, UseError> {
    let deed = Deed::new("index.import", file, None);
    records.require(caller, Permission::IndexRun, &deed).await?;
    let wrong = |error: String| UseError::Invalid(format!("{file}: {error}"));
    if bytes.len() > MAX_PACK_BYTES {
        return Err(wrong(format!("a pack is at most {} MiB", MAX_PACK_BYTES >> 20)));
    }
    let text = std::str::from_utf8(bytes);
    let text = text
        .map_err(|error| wrong(format!("byte {}: the file is not UTF-8", error.valid_up_to())))?;
    unmarked_file(file, bytes)?;
    let pack = IndexPack::parse(text.trim_start_matches('\u{feff}'), records.kinds());
    let pack = pack.map_err(|error| wrong(error.to_string()))?;
    let id = pack.id.clone();
    if let Some(known) =
        list_packs(records, caller).await?.into_iter().find(|one| one.pack.id == id)
    {
        return Err(if known.pack.to_content() == pack.to_content() {
            UseError::Conflict(format!(
                "the pack {id} is in the ledger already; khien index pack use {id} puts it into force again"
            ))
        } else {
            UseError::Conflict(format!(
                "the pack {id} is in the ledger with another content: a version does not change, give this one another id"
            ))
        });
    }
    let origin = (Origin::Document, format!("sha256 {}", hex(&Sha256::digest(bytes))));
    keep(records, caller, deed.with(id), pack, origin).await
}

/// Puts a pack that the ledger has into force again: of those that are valid it is the one that came last.
pub async fn use_pack(
    records: &Records,
    caller: &Caller,
    id: &str,
) -> Result<BroughtPack, UseError> {
    let deed = Deed::new("index.use", id, None);
    records.require(caller, Permission::IndexRun, &deed).await?;
    let listed = list_packs(records, caller).await?;
    let found = listed.into_iter().find(|one| one.pack.id == id);
    let found = found.ok_or_else(|| UseError::not_found("pack of the index", id))?;
    if found.is_current {
        return Err(UseError::Conflict(format!("the pack {id} is in force")));
    }
    let origin = (Origin::Decision, format!("record {}", found.seq));
    keep(records, caller, deed, found.pack, origin).await
}

async fn keep(
    records: &Records,
    caller: &Caller,
    deed: Deed,
    pack: IndexPack,
    (origin, reference): (Origin, String),
) -> Result<BroughtPack, UseError> {
    let now = records.now();
    if day_of(now) > pack.valid_to {
        return Err(UseError::Invalid(format!(
            "the pack {} is valid until {} and would count for nothing any more",
            pack.id, pack.valid_to
        )));
    }
    let new = NewEvidence {
        by: caller.actor.identity.to_string(),
        ..of_ledger("index.pack", &pack.id, now)
    };
    let new = new.with("pack", pack.to_content().clone()).from(origin, reference);
    let mut tx = records.store.begin().await?;
    records.keep_evidence(&mut tx, vec![new]).await?;
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    checkpoint(&records.store, records.ledger_key(), "pack", now).await?;
    let is_current = pack.is_valid_at(now);
    Ok(BroughtPack { pack, is_current })
}

fn subject(record: &Record) -> &str {
    &record.about.subject
}

fn is_own(record: &Record) -> bool {
    record.about.by == PROGRAM
}

/// The pack that a record holds.
pub(super) fn of_record(records: &Records, record: &Record) -> Result<IndexPack, UseError> {
    let damaged = |error: String| {
        UseError::Invalid(format!("record {} of the ledger: {error}", record.about.seq))
    };
    let content = record.content.get("pack").cloned();
    let content = content.ok_or_else(|| damaged("it holds no pack".into()))?;
    IndexPack::from_content(content, records.kinds()).map_err(|error| damaged(error.to_string()))
}
