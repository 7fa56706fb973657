//! The ledger of evidence: read a record and what led to it, verify, hand out.

use std::path::Path;

use khien_domain::audit::Outcome;
use khien_domain::evidence::Record;
use khien_domain::page::{Page, PageRequest};
use khien_domain::permission::Permission;
use khien_seal::Fingerprint;
use khien_seal::ledger::Verified;
pub use khien_store::EvidenceFilter;

use super::UseError;
use crate::access::{Caller, Deed};
use crate::ledger::{self, Exported, LedgerError};
use crate::records::Records;

/// A record that the caller may see, with the records that correct or withdraw it.
pub async fn get(
    records: &Records,
    caller: &Caller,
    seq: u64,
) -> Result<(Record, Vec<Record>), UseError> {
    let deed = Deed::new("evidence.get", format!("evidence {seq}"), None);
    let scope = records.scope(caller, Permission::EvidenceRead, &deed).await?;
    let found = records.store.find_evidence(&scope, seq).await?;
    let found = found.ok_or_else(|| UseError::not_found("record of the ledger", seq))?;
    Ok((found, records.store.list_corrections(seq).await?))
}

/// The records that the caller may see, newest first.
pub async fn list(
    records: &Records,
    caller: &Caller,
    filter: &EvidenceFilter,
    page: &PageRequest,
) -> Result<Page<Record>, UseError> {
    let deed = Deed::new("evidence.list", "", None);
    let scope = records.scope(caller, Permission::EvidenceRead, &deed).await?;
    Ok(records.store.list_evidence(&scope, filter, page).await?)
}

/// Writes the whole ledger into a file, signed; of all agencies.
pub async fn export(records: &Records, caller: &Caller, path: &Path) -> Result<Exported, UseError> {
    let deed = Deed::new("ledger.export", path.display().to_string(), None);
    records.require(caller, Permission::EvidenceRead, &deed).await?;
    let now = records.now();
    let exported = ledger::export(&records.store, records.ledger_key(), path, now).await?;
    let deed = deed.with(format!("{} records", exported.records));
    let mut tx = records.store.begin().await?;
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    Ok(exported)
}

/// Verifies the whole ledger.
pub async fn verify(
    records: &Records,
    caller: &Caller,
    expected: Option<Fingerprint>,
) -> Result<Verified, UseError> {
    let deed = Deed::new("ledger.verify", "", None);
    records.require(caller, Permission::EvidenceRead, &deed).await?;
    Ok(ledger::verify(&records.store, expected).await?)
}

impl From<LedgerError> for UseError {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Store(error) => error.into(),
            other => Self::Ledger(other),
        }
    }
}
