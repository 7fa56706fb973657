//! The ledger of evidence: its key, and what it has signed.

use std::error::Error as _;

use khien_app::ledger::{self, LedgerError, LedgerKey};
use khien_store::Store;

use super::{Found, Look};

const CHECK: &str = "ledger";

/// Whether the key is that of the ledger, and, unless it has to be quick, whether all of it holds.
pub(super) async fn chain(look: &Look<'_>, store: &Store) -> Vec<Found> {
    if let (Ok(0), Ok(None)) = (store.ledger_size().await, store.last_checkpoint().await) {
        let vi = "sổ bằng chứng chưa có bản ghi nào";
        return vec![Found::good(CHECK, vi, "the ledger has no record yet")];
    }
    let key = LedgerKey::in_folder(&look.folder.keys()).of(store).await;
    let mut found: Vec<Found> = key.err().map(|error| fault(&error)).into_iter().collect();
    if !look.quick {
        match ledger::verify(store, None).await {
            Ok(verified) => {
                let (records, signed) = (verified.records, verified.covered);
                found.push(Found::good(
                    CHECK,
                    format!("sổ bằng chứng đúng từng dòng: {records} bản ghi, {signed} đã ký"),
                    format!("every line of the ledger holds: {records} records, {signed} signed"),
                ));
            }
            Err(error) => found.push(fault(&error)),
        }
    } else if found.is_empty() {
        let vi = "khóa đúng là khóa của sổ bằng chứng (chưa đọc sổ)";
        found.push(Found::good(CHECK, vi, "the key is that of the ledger (which was not read)"));
    }
    found
}

fn fault(error: &LedgerError) -> Found {
    let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
    let vi = match error {
        LedgerError::NoKey { path } => {
            format!("thiếu khóa {}; khôi phục tệp này từ bản sao lưu", path.display())
        }
        LedgerError::Key { path, .. } | LedgerError::OtherKey { path } => format!(
            "{} không phải khóa của sổ bằng chứng này; khôi phục đúng tệp từ bản sao lưu",
            path.display()
        ),
        other => format!(
            "sổ bằng chứng không còn như khi ghi: {other}{cause}; giữ nguyên máy để điều tra, rồi khôi phục bản sao lưu"
        ),
    };
    let en = match error {
        LedgerError::NoKey { .. } | LedgerError::OtherKey { .. } => error.to_string(),
        LedgerError::Key { .. } => format!("{error}{cause}; put it back from a backup"),
        other => format!(
            "the ledger is not as it was written: {other}{cause}; keep the machine as it is to find out why, then restore a backup"
        ),
    };
    Found::bad(CHECK, vi, en)
}
