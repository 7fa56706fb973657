//! What concerns SQLite alone: backup, and what a killed process leaves.

use khien_domain::page::PageRequest;
use khien_domain::permission::AgencyScope;
use khien_store::{AlertFilter, Database, Detections, Store, StoreError};

use crate::support::{Folder, detection, each, new_agency, now, record, register};

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

/// Set for a copy of this test program that is to die in the middle of its work.
const DIE: &str = "KHIEN_TEST_DIE_IN";

#[tokio::test]
async fn a_process_that_dies_leaves_whole_transactions() {
    if let Some(folder) = std::env::var_os(DIE) {
        die_in_the_middle(Database::Sqlite(folder.into())).await;
    }
    let folder = Folder::new();
    let Database::Sqlite(path) = folder.database() else { panic!("a file") };
    let store = Store::open(&folder.database()).await.unwrap();
    store.migrate(now()).await.unwrap();
    register(&store).await;
    for round in 1..=3 {
        let name = "sqlite::a_process_that_dies_leaves_whole_transactions";
        let status = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name])
            .env(DIE, &path)
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .status()
            .unwrap();
        assert!(!status.success(), "it died");
        let filter = AlertFilter::default();
        let page = PageRequest::first();
        let alerts = store.list_alerts(&AgencyScope::All, &filter, &page).await.unwrap().items;
        assert_eq!(alerts.len(), 1, "the alert of the transaction that was cut off is not there");
        assert_eq!(alerts[0].count, 1, "the batch that was recorded before counts once");
        assert_eq!(store.detected().await.unwrap(), [1..=1], "round {round}");
    }
}

async fn die_in_the_middle(database: Database) {
    let store = Store::open(&database).await.unwrap();
    record(&store, 1..=1, &[detection(1, 0, "kept")]).await;
    let cut_off = Detections {
        batches: vec![2..=2],
        found: vec![detection(2, 0, "kept"), detection(2, 1, "lost")],
        ..Detections::default()
    };
    let mut tx = store.begin().await.unwrap();
    tx.record_detections(&cut_off, now()).await.unwrap();
    std::process::abort();
}
