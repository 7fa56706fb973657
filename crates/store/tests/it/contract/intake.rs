//! What intake keeps: keys of batches, quarantine, refused senders.

use jiff::ToSpan;
use khien_domain::ids::{EventId, SourceId};
use khien_domain::page::PageRequest;
use khien_store::{BatchKey, Refused};

use crate::support::{each, now};

#[tokio::test]
async fn a_batch_sent_again_is_known_until_it_is_forgotten() {
    each(async |store| {
        let key = |source: i64, key: u8, batch: u64, hours: i64| BatchKey {
            source: SourceId(source),
            key: [key; 16],
            batch,
            at: now() + hours.hours(),
        };
        let mut tx = store.begin().await.unwrap();
        tx.add_batch_keys(&[key(1, 1, 10, 0), key(1, 2, 11, 2)]).await.unwrap();
        tx.add_batch_keys(&[key(1, 1, 99, 0)]).await.unwrap();
        tx.commit().await.unwrap();
        let find =
            async |source, key: u8| store.find_batch(SourceId(source), &[key; 16]).await.unwrap();
        assert_eq!(find(1, 1).await, Some(10), "the first stays");
        assert_eq!(find(2, 1).await, None, "another source's key");
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.prune_batch_keys(now() + 1.hour()).await.unwrap(), 1);
        tx.commit().await.unwrap();
        assert_eq!((find(1, 1).await, find(1, 2).await), (None, Some(11)));
    })
    .await;
}

#[tokio::test]
async fn many_keys_are_kept_at_once() {
    each(async |store| {
        let keys: Vec<BatchKey> = (0..1000_u64)
            .map(|batch| {
                let mut key = [0; 16];
                key[..8].copy_from_slice(&batch.to_be_bytes());
                BatchKey { source: SourceId(1), key, batch, at: now() }
            })
            .collect();
        let mut tx = store.begin().await.unwrap();
        tx.add_batch_keys(&keys).await.unwrap();
        tx.commit().await.unwrap();
        for key in [&keys[0], &keys[511], &keys[999]] {
            assert_eq!(store.find_batch(key.source, &key.key).await.unwrap(), Some(key.batch));
        }
    })
    .await;
}

#[tokio::test]
async fn a_record_is_noted_as_read_again_once() {
    each(async |store| {
        let record = |item| EventId { batch: 7, item };
        let all: Vec<EventId> = (0..100).map(record).collect();
        assert!(store.find_read_again(&all).await.unwrap().is_empty());
        let mut tx = store.begin().await.unwrap();
        tx.note_read_again(&all[..70], now()).await.unwrap();
        tx.note_read_again(&all[..1], now()).await.unwrap();
        tx.commit().await.unwrap();
        let found = store.find_read_again(&all[60..]).await.unwrap();
        assert_eq!(found, (60..70).map(record).collect());
        let other = EventId { batch: 8, item: 0 };
        assert!(store.find_read_again(&[other]).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn refused_senders_are_counted_by_address_and_bounded() {
    each(async |store| {
        let refused = |address: &str, minute: i64| Refused {
            address: address.into(),
            listener: "syslog-udp".into(),
            reason: "unknown_address".into(),
            count: 5,
            first_at: now() + minute.minutes(),
            last_at: now() + minute.minutes(),
        };
        let mut tx = store.begin().await.unwrap();
        tx.count_refused(&[refused("203.0.113.9", 0), refused("2001:db8::9", 1)]).await.unwrap();
        tx.count_refused(&[refused("203.0.113.9", 2)]).await.unwrap();
        tx.commit().await.unwrap();
        let page = store.list_refused(&PageRequest::new(None, 1)).await.unwrap();
        let rest = store.list_refused(&PageRequest::new(page.next, 1)).await.unwrap();
        assert_eq!(page.items[0].address, "2001:db8::9");
        let [ref counted] = rest.items[..] else { panic!("{rest:?}") };
        assert_eq!((counted.count, counted.first_at), (10, now()));
        assert_eq!((counted.last_at, rest.next), (now() + 2.minutes(), None));
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.prune_refused(1).await.unwrap(), 1);
        assert_eq!(tx.prune_refused(1).await.unwrap(), 0);
        tx.commit().await.unwrap();
        let left = store.list_refused(&PageRequest::first()).await.unwrap().items;
        assert_eq!(left[0].address, "203.0.113.9", "the one that knocked last");
    })
    .await;
}
