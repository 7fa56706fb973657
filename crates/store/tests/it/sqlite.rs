//! What concerns SQLite alone: backup, and what a killed process leaves.

use khien_domain::page::PageRequest;
use khien_domain::permission::AgencyScope;
use khien_store::{Database, Store, StoreError};

use crate::support::{Folder, each, new_agency, now, register};

#[tokio::test]
async fn a_backup_is_one_moment_while_writers_go_on() {
    let folder = Folder::new();
    let store = Store::open(&folder.database()).await.unwrap();
    store.migrate(now()).await.unwrap();
    register(&store).await;
    let writer = tokio::spawn({
        let store = store.clone();
        async move {
            for pair in 0..100 {
                let mut tx = store.begin().await.unwrap();
                tx.add_agency(&new_agency(&format!("a-{pair}"))).await.unwrap();
                tx.add_agency(&new_agency(&format!("b-{pair}"))).await.unwrap();
                tx.commit().await.unwrap();
            }
        }
    });
    let mut sizes = Vec::new();
    for number in 0..5 {
        let copy = folder.0.join(format!("copy-{number}.db"));
        store.backup(&copy).await.unwrap();
        assert!(store.backup(&copy).await.is_err(), "no copy is written over");
        let restored = Store::open(&Database::Sqlite(copy)).await.unwrap();
        assert_eq!(restored.migrate(now()).await.unwrap(), Vec::<&str>::new());
        let page = PageRequest::first();
        let agencies = restored.list_agencies(&AgencyScope::All, &page).await.unwrap();
        sizes.push(agencies.items.len());
    }
    writer.await.unwrap();
    assert!(sizes.iter().all(|size| size % 2 == 0), "whole transactions: {sizes:?}");
}

#[tokio::test]
async fn postgresql_is_told_to_use_its_own_tools() {
    each(async |store| {
        if !store.is_sqlite() {
            let refused = store.backup("copy.db".as_ref()).await;
            assert!(matches!(refused, Err(StoreError::BackupElsewhere)));
            assert!(refused.unwrap_err().to_string().contains("pg_dump"));
        }
    })
    .await;
}
