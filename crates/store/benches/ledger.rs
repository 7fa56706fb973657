//! What it costs to add records to the ledger on SQLite, on the disk of the temporary folder.
//!
//! Each iteration is one transaction, synced to the disk, with so many records: 1 is a change of the
//! register, 1,000 is a large import or an hour of measuring.

use divan::counter::ItemsCount;
use khien_domain::evidence::NewEvidence;
use khien_store::{Database, Store};
use tokio::runtime::Runtime;

#[path = "../tests/it/support.rs"]
#[expect(dead_code, reason = "only a part of what the tests share is needed")]
#[expect(clippy::unwrap_used, clippy::print_stderr, reason = "shared with the tests")]
mod support;

fn main() {
    divan::main();
}

async fn open(database: &Database) -> Store {
    let opened = async {
        let store = Store::open(database).await?;
        store.migrate(support::now()).await?;
        Ok::<_, khien_store::StoreError>(store)
    };
    opened.await.unwrap_or_else(|error| unreachable!("{error}"))
}

fn record(number: i64) -> NewEvidence {
    let (agency, system) = (support::agency("sokhcn"), support::system("cong-dvc"));
    NewEvidence::of_system("scan.done", &agency, &system, support::now())
        .with("tool", "máy quét mẫu")
        .with("findings", number % 7)
}

#[divan::bench(args = [1, 10, 100, 1000])]
fn appended(bencher: divan::Bencher<'_, '_>, records: u32) {
    let folder = support::Folder::new();
    let runtime = Runtime::new().unwrap_or_else(|error| unreachable!("{error}"));
    let store = runtime.block_on(open(&folder.database()));
    bencher
        .counter(ItemsCount::new(records))
        .with_inputs(|| (0..i64::from(records)).map(record).collect::<Vec<_>>())
        .bench_local_values(|new| {
            let done = runtime.block_on(async {
                let mut tx = store.begin().await?;
                tx.append_evidence(new, support::now()).await?;
                tx.commit().await
            });
            done.unwrap_or_else(|error| unreachable!("{error}"));
        });
}
