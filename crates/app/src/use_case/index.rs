//! The index: computed from the ledger, for all agencies or one, with what each number comes from.

use jiff::Timestamp;
use khien_domain::audit::Outcome;
use khien_domain::code::AgencyCode;
use khien_domain::evidence::content::Content;
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

/// The table at an instant, from the ledger as it is, by the pack that is valid then. Nothing is kept
/// of it.
pub async fn table(
    records: &Records,
    caller: &Caller,
    at: Timestamp,
) -> Result<Computed, UseError> {
    let deed = Deed::new("index.read", at.to_string(), None);
    records.scope(caller, Permission::EvidenceRead, &deed).await?;
    computed(records, at, records.store.ledger_tip().await?.size).await
}

/// The same, kept as a record of the ledger that whoever has the ledger can compute again.
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
        let Some(content) = record.content.get("pack").map(Content::clone) else { continue };
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

/// The records about an agency may be opened by the caller.
pub fn may_open(caller: &Caller, agency: &AgencyCode) -> bool {
    caller.actor.require(Permission::EvidenceRead, agency).is_ok()
}

impl From<IndexError> for UseError {
    fn from(error: IndexError) -> Self {
        match error {
            IndexError::Ledger(error) => error.into(),
            other => Self::Index(other),
        }
    }
}
