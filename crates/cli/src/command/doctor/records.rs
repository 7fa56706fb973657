//! Records: the database, and what it tells of sources.

use jiff::Timestamp;
use khien_domain::page::PageRequest;
use khien_domain::permission::AgencyScope;
use khien_domain::source::SourceStatus;
use khien_store::{AuditFilter, Database, Store, StoreError};

use super::{Found, Look, ledger};

const CHECK: &str = "records";

/// Whether the records are whole. Answers when the last thing was recorded.
pub(super) async fn store(look: &Look<'_>) -> (Option<Timestamp>, Vec<Found>) {
    let database = match &look.config.database {
        Some(url) => Database::parse(url),
        None if !look.folder.database().exists() => {
            let path = look.folder.database();
            let path = path.display();
            let vi = format!("không có {path}; khôi phục từ bản sao lưu");
            let en = format!("{path} is not there; restore a backup");
            return (None, vec![Found::bad(CHECK, vi, en)]);
        }
        None => Ok(Database::Sqlite(look.folder.database())),
    };
    let opened = match database {
        Ok(database) => Store::open(&database).await,
        Err(error) => Err(error),
    };
    let store = match opened {
        Ok(store) => store,
        Err(error) => return (None, vec![unusable(&error)]),
    };
    let mut found = Vec::new();
    let newest = match examine(look, &store, &mut found).await {
        Ok(newest) => newest,
        Err(error) => {
            found.push(unusable(&error));
            None
        }
    };
    store.close().await;
    (newest, found)
}

fn unusable(error: &StoreError) -> Found {
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}"));
    let cause = cause.unwrap_or_default();
    Found::bad(
        CHECK,
        format!("không đọc được hồ sơ: {error}{cause}; khôi phục từ bản sao lưu"),
        format!("the records cannot be read: {error}{cause}; restore a backup"),
    )
}

async fn examine(
    look: &Look<'_>,
    store: &Store,
    found: &mut Vec<Found>,
) -> Result<Option<Timestamp>, StoreError> {
    let schema = store.schema().await?;
    let (has, known) = (schema.found, schema.known);
    if has > known {
        found.push(Found::bad(
            CHECK,
            format!("hồ sơ ở bản {has}, chương trình chỉ biết đến {known}; dùng bản mới hơn"),
            format!("the records have migration {has}, this program knows {known}; run the newer program"),
        ));
        return Ok(None);
    }
    if has < known {
        found.push(Found::bad(
            CHECK,
            format!("hồ sơ ở bản {has}, chương trình cần {known}; sao lưu rồi chạy khien migrate"),
            format!(
                "the records have migration {has} of {known}; make a backup, then khien migrate"
            ),
        ));
        return Ok(None);
    }
    let faults = if look.quick { Vec::new() } else { store.check().await? };
    for fault in &faults {
        found.push(Found::bad(
            CHECK,
            format!("hồ sơ hỏng: {fault}; khôi phục từ bản sao lưu"),
            format!("the records are damaged: {fault}; restore a backup"),
        ));
    }
    if faults.is_empty() {
        found.push(Found::good(
            CHECK,
            format!("hồ sơ toàn vẹn, bản {has}"),
            format!("the records are whole, migration {has}"),
        ));
    }
    found.extend(ledger::chain(look, store).await);
    sources(store, found).await?;
    let (filter, page) = (AuditFilter::default(), PageRequest::first());
    let audit = store.list_audit(&AgencyScope::All, &filter, &page).await?;
    Ok(audit.items.iter().map(|entry| entry.said.at).max())
}

/// Sources that are silent beyond their heartbeat.
async fn sources(store: &Store, found: &mut Vec<Found>) -> Result<(), StoreError> {
    const CHECK: &str = "sources";
    let (mut silent, mut page) = (0, PageRequest::first());
    loop {
        let heard = store.list_activity(&AgencyScope::All, &page).await?;
        for activity in &heard.items {
            let Some(since) = activity.silent_since else { continue };
            let source = store.find_source(&AgencyScope::All, activity.source).await?;
            let Some(source) = source.filter(|found| found.status == SourceStatus::Active) else {
                continue;
            };
            silent += 1;
            let (id, name) = (source.id, &source.settings.name);
            found.push(Found::bad(
                CHECK,
                format!("nguồn {id} ({name}) im lặng từ {since}; kiểm tra máy gửi và đường truyền"),
                format!("source {id} ({name}) is silent since {since}; look at the sender and the network"),
            ));
        }
        let Some(next) = heard.next else { break };
        page.after = Some(next);
    }
    if silent == 0 {
        found.push(Found::good(CHECK, "không nguồn nào im lặng", "no source is silent"));
    }
    Ok(())
}
