//! What it costs to record detections on SQLite, on the disk of the temporary folder.
//!
//! Each iteration is one transaction, synced to the disk, with finds of one batch: `raised` are all
//! different things, `joined` all count on the same ten.

use std::sync::atomic::{AtomicU64, Ordering};

use divan::counter::ItemsCount;
use khien_store::{Database, Detections, Store};
use tokio::runtime::Runtime;

#[path = "../tests/it/support.rs"]
#[expect(dead_code, reason = "only a part of what the tests share is needed")]
#[expect(clippy::unwrap_used, clippy::print_stderr, reason = "shared with the tests")]
mod support;

static BATCH: AtomicU64 = AtomicU64::new(1);

fn main() {
    divan::main();
}

fn run(bencher: divan::Bencher<'_, '_>, finds: u32, entity: impl Fn(u64, u32) -> String + Sync) {
    let folder = support::Folder::new();
    let runtime = Runtime::new().unwrap_or_else(|error| unreachable!("{error}"));
    let store = runtime.block_on(open(&folder.database()));
    bencher.counter(ItemsCount::new(finds)).bench_local(|| {
        let batch = BATCH.fetch_add(1, Ordering::Relaxed);
        let found = (0..finds).map(|item| support::detection(batch, item, &entity(batch, item)));
        let detections = Detections {
            batches: vec![batch..=batch],
            found: found.collect(),
            ..Detections::default()
        };
        runtime.block_on(commit(&store, &detections));
    });
}

async fn open(database: &Database) -> Store {
    let opened = async {
        let store = Store::open(database).await?;
        store.migrate(support::now()).await?;
        Ok::<_, khien_store::StoreError>(store)
    };
    let store = opened.await.unwrap_or_else(|error| unreachable!("{error}"));
    support::register(&store).await;
    store
}

async fn commit(store: &Store, detections: &Detections) {
    let done = async {
        let mut tx = store.begin().await?;
        tx.record_detections(detections, support::now()).await?;
        tx.commit().await
    };
    done.await.unwrap_or_else(|error| unreachable!("{error}"));
}

#[divan::bench(args = [1, 10, 100, 1000])]
fn raised(bencher: divan::Bencher<'_, '_>, finds: u32) {
    run(bencher, finds, |batch, item| format!("host=h{batch}-{item}"));
}

#[divan::bench(args = [1, 10, 100, 1000])]
fn joined(bencher: divan::Bencher<'_, '_>, finds: u32) {
    run(bencher, finds, |_, item| format!("host=h{}", item % 10));
}
