use khien_domain::page::PageRequest;
use khien_domain::permission::AgencyScope;
use khien_store::{Database, Store, StoreError};

use crate::support::{each, each_database, new_agency, now, register};

#[tokio::test]
async fn programs_that_start_at_once_migrate_once() {
    each_database(async |database| {
        let start = |database: Database| async move {
            let store = Store::open(&database).await.unwrap();
            let ran = store.migrate(now()).await.unwrap();
            register_once(&store).await;
            ran.len()
        };
        let starts: Vec<_> = (0..6).map(|_| tokio::spawn(start(database.clone()))).collect();
        let mut ran = Vec::new();
        for start in starts {
            ran.push(start.await.unwrap());
        }
        ran.sort_unstable();
        assert_eq!(ran[..5], [0; 5], "one did all of it");
        assert!(ran[5] > 0);
    })
    .await;
}

async fn register_once(store: &Store) {
    let mut tx = store.begin().await.unwrap();
    match tx.add_agency(&new_agency("soyt")).await {
        Ok(()) => tx.commit().await.unwrap(),
        Err(StoreError::Conflict { .. }) => {}
        Err(error) => panic!("{error:?}"),
    }
}

#[tokio::test]
async fn a_newer_database_is_refused_and_left_alone() {
    each_database(async |database| {
        let store = Store::open(&database).await.unwrap();
        store.migrate(now()).await.unwrap();
        let newer = "INSERT INTO migration VALUES (9999, '9999_later', 0)";
        match &database {
            Database::Sqlite(path) => {
                let pool = sqlx::SqlitePool::connect(path.to_str().unwrap()).await.unwrap();
                sqlx::query(newer).execute(&pool).await.unwrap();
            }
            Database::Postgres(url) => {
                let pool = sqlx::PgPool::connect(url).await.unwrap();
                sqlx::query(newer).execute(&pool).await.unwrap();
            }
        }
        let refused = store.migrate(now()).await;
        assert!(matches!(refused, Err(StoreError::Newer { found: 9999, .. })), "{refused:?}");
    })
    .await;
}

#[tokio::test]
async fn a_transaction_that_is_dropped_leaves_nothing() {
    each(async |store| {
        let mut tx = store.begin().await.unwrap();
        tx.add_agency(&new_agency("soyt")).await.unwrap();
        drop(tx);
        let mut cancelled = Box::pin(async {
            let mut tx = store.begin().await.unwrap();
            tx.add_agency(&new_agency("sokhcn")).await.unwrap();
            std::future::pending::<()>().await;
        });
        let moment = std::time::Duration::from_millis(200);
        assert!(tokio::time::timeout(moment, &mut cancelled).await.is_err());
        drop(cancelled);
        let first = PageRequest::first();
        let agencies = store.list_agencies(&AgencyScope::All, &first).await.unwrap();
        assert_eq!(agencies.items, []);
        register(&store).await;
    })
    .await;
}

#[tokio::test]
async fn readers_do_not_wait_for_a_writer() {
    each(async |store| {
        register(&store).await;
        let mut tx = store.begin().await.unwrap();
        tx.add_agency(&new_agency("so-ban")).await.unwrap();
        let first = PageRequest::first();
        let seen = store.list_agencies(&AgencyScope::All, &first).await.unwrap();
        assert_eq!(seen.items.len(), 2, "what is not committed is not seen");
        tx.commit().await.unwrap();
        let seen = store.list_agencies(&AgencyScope::All, &first).await.unwrap();
        assert_eq!(seen.items.len(), 3);
    })
    .await;
}

#[tokio::test]
async fn writers_take_turns() {
    each(async |store| {
        let write = |store: Store, number: u32| async move {
            let mut tx = store.begin().await.unwrap();
            tx.add_agency(&new_agency(&format!("xa-{number:02}"))).await.unwrap();
            tx.commit().await.unwrap();
        };
        let writers: Vec<_> =
            (0..20).map(|number| tokio::spawn(write(store.clone(), number))).collect();
        for writer in writers {
            writer.await.unwrap();
        }
        let first = PageRequest::first();
        let seen = store.list_agencies(&AgencyScope::All, &first).await.unwrap();
        assert_eq!(seen.items.len(), 20);
    })
    .await;
}

#[tokio::test]
async fn a_database_tells_its_version_and_that_it_is_whole() {
    each_database(async |database| {
        let store = Store::open(&database).await.unwrap();
        let before = store.schema().await.unwrap();
        assert!(before.found == 0 && before.known > 0 && !before.is_current());
        store.migrate(now()).await.unwrap();
        assert!(store.schema().await.unwrap().is_current());
        assert_eq!(store.check().await.unwrap(), Vec::<String>::new());
    })
    .await;
}
