use std::collections::BTreeSet;

use khien_domain::document::{Brought, Digest, Document};
use khien_domain::permission::AgencyScope;
use khien_store::{Store, StoreError};

use crate::support::{agency, each, each_database, each_is_refused, now, only, register};

fn document(of: &str, name: &str, bytes: &[u8]) -> Document {
    let brought = Brought { name: name.to_owned(), bytes: bytes.to_vec() };
    brought.checked(&agency(of), 1 << 20, ("person:canbo", now())).unwrap()
}

async fn keep(store: &Store, document: &Document, bytes: &[u8]) -> bool {
    let mut tx = store.begin().await.unwrap();
    let is_new = tx.keep_document(document, bytes).await.unwrap();
    tx.commit().await.unwrap();
    is_new
}

#[tokio::test]
async fn documents_are_read_back_byte_by_byte_and_kept_once_an_agency() {
    each(async |store| {
        register(&store).await;
        let bytes: Vec<u8> = (0..=255).cycle().take(70_000).collect();
        let first = document("sokhcn", "Quyết định.pdf", &bytes);
        assert!(keep(&store, &first, &bytes).await);
        let again = document("sokhcn", "khác.pdf", &bytes);
        assert!(!keep(&store, &again, &bytes).await, "the same file is the same document");
        let other = document("soyt", "của sở y tế.pdf", &bytes);
        assert!(keep(&store, &other, &bytes).await, "of another agency it is another");

        let found = store.read_document(&agency("sokhcn"), &first.digest).await.unwrap();
        assert_eq!(found, Some((first.clone(), bytes.clone())));
        let unknown = Digest::of(b"none");
        assert_eq!(store.read_document(&agency("sokhcn"), &unknown).await.unwrap(), None);

        let asked = BTreeSet::from([&first.digest, &unknown]);
        let all = store.find_documents(&AgencyScope::All, &asked).await.unwrap();
        assert_eq!(all.into_values().collect::<Vec<_>>(), [first.clone(), other.clone()]);
        let own = store.find_documents(&only("soyt"), &asked).await.unwrap();
        assert_eq!(own.into_values().collect::<Vec<_>>(), [other]);
        let none = store.find_documents(&AgencyScope::All, &BTreeSet::new()).await.unwrap();
        assert!(none.is_empty());

        let stranger = Document { agency: agency("khong-co"), ..first };
        let mut tx = store.begin().await.unwrap();
        let refused = tx.keep_document(&stranger, &bytes).await.unwrap_err();
        assert!(matches!(refused, StoreError::Missing { .. }), "{refused}");
    })
    .await;
}

#[tokio::test]
async fn a_transaction_that_ends_early_keeps_no_document() {
    each(async |store| {
        register(&store).await;
        let one = document("sokhcn", "a.pdf", b"abc");
        let mut tx = store.begin().await.unwrap();
        assert!(tx.keep_document(&one, b"abc").await.unwrap());
        drop(tx);
        assert_eq!(store.read_document(&agency("sokhcn"), &one.digest).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn the_databases_refuse_to_change_a_document() {
    each_database(async |database| {
        let store = Store::open(&database).await.unwrap();
        store.migrate(now()).await.unwrap();
        register(&store).await;
        assert!(keep(&store, &document("sokhcn", "a.pdf", b"abc"), b"abc").await);
        each_is_refused(&database, &["UPDATE document SET name = 'b.pdf'"], "never change").await;
        store.close().await;
    })
    .await;
}
