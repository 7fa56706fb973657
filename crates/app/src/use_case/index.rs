//! The index: computed from the ledger, for all agencies or one, with what each number comes from.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use khien_domain::audit::Outcome;
use khien_domain::facts::View;
use khien_domain::index::{IndexPack, Table};
use khien_domain::permission::Permission;

use super::UseError;
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
    /// Thirty days before, by the records of now.
    pub before: Computed,
    /// From how many records.
    size: u64,
}

/// A table is looked at again for so many seconds before it is computed anew.
const LOOKED_AT: i64 = 300;
/// A ledger that is larger is not computed anew for every record that comes.
const SMALL: u64 = 200_000;
/// What movement is told against.
const BEFORE: SignedDuration = SignedDuration::from_hours(24 * 30);

/// How the index stands now, computed at most every few minutes and shared by all who look.
pub async fn live(records: &Records, caller: &Caller) -> Result<Arc<Live>, UseError> {
    let deed = Deed::new("index.read", "", None);
    records.scope(caller, Permission::EvidenceRead, &deed).await?;
    let size = records.store.ledger_tip().await?.size;
    let slot = records.now().as_second() / LOOKED_AT * LOOKED_AT;
    let at = Timestamp::from_second(slot).map_err(UseError::invalid)?;
    // Whoever comes while it is computed waits for the one table.
    let mut held = records.live.lock().await;
    if let Some(live) = held.as_ref()
        && live.now.table.at.as_second() / LOOKED_AT * LOOKED_AT == slot
        && (live.size == size || size > SMALL)
    {
        return Ok(Arc::clone(live));
    }
    // What was recorded since the last full five minutes counts too.
    let at = if size > SMALL { at } else { records.now() };
    let before = at.checked_sub(BEFORE).map_err(UseError::invalid)?;
    let live = Live {
        now: computed(records, at, size).await?,
        before: computed(records, before, size).await?,
        size,
    };
    let live = Arc::new(live);
    *held = Some(Arc::clone(&live));
    Ok(live)
}

/// The table at an instant, kept as a record of the ledger that whoever has the ledger can compute again.
pub async fn compute(
    records: &Records,
    caller: &Caller,
    at: Timestamp,
) -> Result<Computed, UseError> {
    let deed = Deed::new("index.compute", at.to_string(), None);
    records.require(caller, Permission::EvidenceRead, &deed).await?;
    let size = records.store.ledger_tip().await?.size;
    let computed = computed(records, at, size).await?;
    let now = records.now();
    let new = of_ledger("index.computed", "table", now)
        .with("at", at)
        .with("pack", computed.pack.id.as_str())
        .with("hash", computed.table.hash())
        .with("size", size.cast_signed());
    let deed = deed.with(computed.table.hash());
    let mut tx = records.store.begin().await?;
    records.keep_evidence(&mut tx, vec![new]).await?;
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    checkpoint(&records.store, records.ledger_key(), "table", now).await?;
    Ok(computed)
}

async fn computed(records: &Records, at: Timestamp, size: u64) -> Result<Computed, UseError> {
    let pack = pack(records, at).await?;
    let (view, table) = index::table(&records.store, &pack, at, size).await?;
    Ok(Computed { table, pack, view })
}

/// The pack that is valid at an instant, of those that the ledger has.
async fn pack(records: &Records, at: Timestamp) -> Result<IndexPack, UseError> {
    for record in records.store.all_of_ledger("index.pack").await? {
        let Some(content) = record.content.get("pack").cloned() else { continue };
        let pack = IndexPack::from_content(content, records.kinds());
        let pack = pack.map_err(|error| {
            UseError::Invalid(format!("record {} of the ledger: {error}", record.about.seq))
        })?;
        if pack.is_valid_at(at) {
            return Ok(pack);
        }
    }
    Err(UseError::Invalid(format!("no pack of the index is valid at {at}")))
}

impl From<IndexError> for UseError {
    fn from(error: IndexError) -> Self {
        match error {
            IndexError::Ledger(error) => error.into(),
            other => Self::Index(other),
        }
    }
}
