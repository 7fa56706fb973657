use std::collections::BTreeSet;

use jiff::ToSpan;
use khien_domain::ids::SourceId;
use khien_domain::page::PageRequest;
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::token::{Holder, Invalid, NewToken, TokenHash};
use khien_store::{Store, StoreError};

use crate::support::{each, now, only, register};

fn token(hash: u8, holder: Holder) -> NewToken {
    NewToken {
        hash: TokenHash([hash; 32]),
        name: "kết nối".into(),
        holder,
        created_at: now(),
        expires_at: now() + 240.hours(),
    }
}

async fn add(store: &Store, token: &NewToken) {
    let mut tx = store.begin().await.unwrap();
    tx.add_token(token).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_token_is_found_by_its_hash_with_what_it_allows() {
    each(async |store| {
        let [source, _] = register(&store).await;
        let permissions = BTreeSet::from([Permission::EventsRead, Permission::AlertsWrite]);
        let api = |agencies| Holder::Api { permissions: permissions.clone(), agencies };
        let holders = [api(AgencyScope::All), api(only("soyt")), Holder::Source(source)];
        for (hash, holder) in (1..).zip(holders) {
            let new = token(hash, holder);
            add(&store, &new).await;
            let found = store.find_token(&new.hash).await.unwrap().unwrap();
            assert_eq!((found.holder, found.expires_at), (new.holder, new.expires_at));
        }
        assert_eq!(store.find_token(&TokenHash([9; 32])).await.unwrap(), None);
        let of_source = store.list_tokens(Some(source), &PageRequest::first()).await.unwrap();
        assert_eq!(of_source.items.len(), 1);
        assert_eq!(store.list_tokens(None, &PageRequest::first()).await.unwrap().items.len(), 3);
    })
    .await;
}

#[tokio::test]
async fn a_hash_stands_for_one_token_and_a_source_must_exist() {
    each(async |store| {
        let [source, _] = register(&store).await;
        add(&store, &token(1, Holder::Source(source))).await;
        let mut tx = store.begin().await.unwrap();
        let again = tx.add_token(&token(1, Holder::Source(source))).await;
        assert!(matches!(again, Err(StoreError::Conflict { .. })), "{again:?}");
        tx.rollback().await.unwrap();
        let mut tx = store.begin().await.unwrap();
        let orphan = tx.add_token(&token(2, Holder::Source(SourceId(99)))).await;
        assert!(matches!(orphan, Err(StoreError::Missing { .. })), "{orphan:?}");
    })
    .await;
}

#[tokio::test]
async fn a_revoked_token_stays_revoked() {
    each(async |store| {
        let [source, _] = register(&store).await;
        let new = token(1, Holder::Source(source));
        add(&store, &new).await;
        let id = store.find_token(&new.hash).await.unwrap().unwrap().id;
        let mut tx = store.begin().await.unwrap();
        assert!(tx.revoke_token(id, now()).await.unwrap());
        assert!(!tx.revoke_token(id, now() + 1.hour()).await.unwrap());
        tx.commit().await.unwrap();
        let found = store.find_token(&new.hash).await.unwrap().unwrap();
        assert_eq!(found.check(now()), Err(Invalid::Revoked(now())));
    })
    .await;
}

#[tokio::test]
async fn a_rotation_ends_older_tokens_after_the_overlap() {
    each(async |store| {
        let [source, other] = register(&store).await;
        for (hash, holder) in [(1, source), (2, other)] {
            add(&store, &token(hash, Holder::Source(holder))).await;
        }
        let sooner = now() + 1.hour();
        let short = NewToken { expires_at: sooner, ..token(4, Holder::Source(source)) };
        add(&store, &short).await;
        let end = now() + 24.hours();
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.end_source_tokens(source, end).await.unwrap(), 1);
        tx.add_token(&token(3, Holder::Source(source))).await.unwrap();
        tx.commit().await.unwrap();
        let check = async |hash| {
            let token = store.find_token(&TokenHash([hash; 32])).await.unwrap().unwrap();
            (token.check(now()).is_ok(), token.check(end).is_ok())
        };
        assert_eq!(check(1).await, (true, false), "the old one ends");
        assert_eq!(check(2).await, (true, true), "another source's stays");
        assert_eq!(check(3).await, (true, true));
        let short = store.find_token(&TokenHash([4; 32])).await.unwrap().unwrap();
        assert_eq!(short.expires_at, sooner, "no token lives longer for a rotation");
    })
    .await;
}
