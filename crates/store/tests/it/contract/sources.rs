use std::collections::BTreeSet;

use jiff::ToSpan;
use khien_domain::code::SystemCode;
use khien_domain::page::PageRequest;
use khien_domain::permission::AgencyScope;
use khien_domain::source::{Fingerprint, SourceSettings, SourceStatus};
use khien_store::{Activity, Beat, Heard, Shown, StoreError};

use crate::support::{each, new_source, now, only, register, settings};

fn full_settings() -> SourceSettings {
    SourceSettings {
        networks: ["192.0.2.0/24", "2001:db8::7"].map(|text| text.parse().unwrap()).into(),
        certificate: Some(Fingerprint([7; 32])),
        heartbeat_seconds: None,
        formats: BTreeSet::new(),
        ..settings("tường lửa")
    }
}

#[tokio::test]
async fn a_source_is_read_back_with_its_addresses() {
    each(async |store| {
        register(&store).await;
        let mut source = new_source("cong-dvc", "");
        source.settings = full_settings();
        let mut tx = store.begin().await.unwrap();
        let id = tx.add_source(&source).await.unwrap();
        tx.commit().await.unwrap();
        let found = store.find_source(&only("sokhcn"), id).await.unwrap().unwrap();
        assert_eq!(found.settings, source.settings);
        assert_eq!(found.agency.as_str(), "sokhcn");
        assert_eq!(found.status, SourceStatus::Active);
        let listed = store.list_sources(&AgencyScope::All, &PageRequest::first()).await.unwrap();
        assert_eq!(listed.items.first(), Some(&found), "newest first");
        assert_eq!(listed.items.len(), 3);
    })
    .await;
}

#[tokio::test]
async fn an_address_and_a_certificate_stand_for_one_source() {
    each(async |store| {
        register(&store).await;
        let mut first = new_source("cong-dvc", "một");
        first.settings = full_settings();
        let mut tx = store.begin().await.unwrap();
        tx.add_source(&first).await.unwrap();
        tx.commit().await.unwrap();
        for other in [
            SourceSettings { certificate: None, ..full_settings() },
            SourceSettings { networks: BTreeSet::new(), ..full_settings() },
        ] {
            let mut source = new_source("benh-an", "hai");
            source.settings = other;
            let mut tx = store.begin().await.unwrap();
            let added = tx.add_source(&source).await;
            assert!(matches!(added, Err(StoreError::Conflict { .. })), "{added:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_source_changes_only_within_the_scope() {
    each(async |store| {
        let [source, other] = register(&store).await;
        let scope = only("sokhcn");
        let mut tx = store.begin().await.unwrap();
        assert!(tx.update_source(&scope, source, &full_settings()).await.unwrap());
        assert!(!tx.update_source(&scope, other, &settings("x")).await.unwrap());
        let disabled = SourceStatus::Disabled;
        assert!(tx.set_source_status(&scope, source, disabled).await.unwrap());
        assert!(!tx.set_source_status(&scope, other, disabled).await.unwrap());
        tx.commit().await.unwrap();
        let changed = store.find_source(&scope, source).await.unwrap().unwrap();
        assert_eq!((changed.status, changed.settings), (disabled, full_settings()));
        assert_eq!(store.find_source(&scope, other).await.unwrap(), None);
        let listed = store.list_sources(&scope, &PageRequest::first()).await.unwrap();
        assert!(listed.items.iter().all(|source| source.agency.as_str() == "sokhcn"));
        let untouched = store.find_source(&AgencyScope::All, other).await.unwrap().unwrap();
        assert_eq!(untouched.status, SourceStatus::Active);
    })
    .await;
}

#[tokio::test]
async fn one_silence_is_told_once_and_ends_with_the_next_event() {
    each(async |store| {
        let [source, other] = register(&store).await;
        let heard = |at, events| Activity {
            source,
            last_received_at: Some(at),
            events,
            bytes: 10 * events,
            silent_since: None,
        };
        let mut tx = store.begin().await.unwrap();
        tx.note_activity(&[heard(now(), 3)]).await.unwrap();
        tx.note_activity(&[heard(now() - 5.seconds(), 4)]).await.unwrap();
        assert!(tx.mark_silent(source, now()).await.unwrap());
        assert!(!tx.mark_silent(source, now()).await.unwrap());
        assert!(tx.mark_silent(other, now()).await.unwrap(), "one that was never heard");
        tx.commit().await.unwrap();

        let first = PageRequest::first();
        let activity = store.list_activity(&only("sokhcn"), &first).await.unwrap().items;
        let expected = Activity { silent_since: Some(now()), ..heard(now(), 7) };
        assert_eq!(activity, [expected], "counts are added, the latest arrival stays");

        let mut tx = store.begin().await.unwrap();
        tx.note_activity(&[heard(now() + 1.hour(), 1)]).await.unwrap();
        assert!(tx.mark_silent(source, now() + 2.hours()).await.unwrap(), "a new silence");
        tx.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn the_pulse_is_added_up_by_quarters_and_forgotten() {
    each(async |store| {
        let [source, other] = register(&store).await;
        let beat = |source, quarter, events| Beat { source, quarter, events };
        let mut tx = store.begin().await.unwrap();
        tx.note_pulse(&[beat(source, 10, 3), beat(source, 11, 1), beat(other, 10, 5)])
            .await
            .unwrap();
        tx.note_pulse(&[beat(source, 10, 4)]).await.unwrap();
        tx.commit().await.unwrap();
        let mut all = store.list_pulse(&AgencyScope::All, None, 10).await.unwrap();
        all.sort_by_key(|beat| (beat.source, beat.quarter));
        assert_eq!(all, [beat(source, 10, 7), beat(source, 11, 1), beat(other, 10, 5)]);
        let scope = only("sokhcn");
        assert!(store.list_pulse(&scope, Some(other), 0).await.unwrap().is_empty());
        assert_eq!(store.list_pulse(&scope, None, 11).await.unwrap(), [beat(source, 11, 1)]);
        let mut tx = store.begin().await.unwrap();
        tx.prune_pulse(11).await.unwrap();
        tx.commit().await.unwrap();
        let left = store.list_pulse(&AgencyScope::All, None, 0).await.unwrap();
        assert_eq!(left, [beat(source, 11, 1)]);
        assert_eq!(Beat::quarter_of(Beat::begin_of(11)), 11);
        assert_eq!(Beat::quarter_of("1969-12-31T23:59:59Z".parse().unwrap()), -1);
    })
    .await;
}

#[tokio::test]
async fn the_last_event_of_each_class_is_kept() {
    each(async |store| {
        let [source, other] = register(&store).await;
        let shown = |source, class, seconds: i64| Shown {
            source,
            class,
            last_seen_at: now() + seconds.seconds(),
        };
        let mut tx = store.begin().await.unwrap();
        let first = [shown(source, 3002, 5), shown(source, 4002, 5), shown(other, 1007, 5)];
        tx.note_shown(&first, now() + 5.seconds()).await.unwrap();
        // A batch that was judged late changes nothing.
        let late = [shown(source, 3002, 4), shown(source, 4002, 6)];
        tx.note_shown(&late, now() + 6.seconds()).await.unwrap();
        tx.commit().await.unwrap();
        let own = [shown(source, 3002, 5), shown(source, 4002, 6)];
        let system = SystemCode::new("cong-dvc").unwrap();
        assert_eq!(store.list_shown(&only("sokhcn"), None).await.unwrap(), own);
        assert_eq!(store.list_shown(&AgencyScope::All, Some(&system)).await.unwrap(), own);
        assert_eq!(store.list_shown(&AgencyScope::All, None).await.unwrap().len(), 3);
        assert_eq!(store.list_shown(&only("soyt"), Some(&system)).await.unwrap(), []);
        // A clock that had run ahead is set right.
        let mut tx = store.begin().await.unwrap();
        tx.note_shown(&[shown(source, 3002, 1_000_000)], now()).await.unwrap();
        tx.note_shown(&[shown(source, 3002, 7)], now() + 7.seconds()).await.unwrap();
        tx.set_source_status(&AgencyScope::All, other, SourceStatus::Disabled).await.unwrap();
        tx.commit().await.unwrap();
        let left = store.list_shown(&AgencyScope::All, None).await.unwrap();
        assert_eq!(
            left,
            [shown(source, 3002, 7), shown(source, 4002, 6)],
            "what is off shows nothing"
        );
        assert_eq!(store.shown_since().await.unwrap(), None, "this store began with it");
    })
    .await;
}

#[tokio::test]
async fn minutes_are_added_up_by_days_and_forgotten() {
    each(async |store| {
        let [source, other] = register(&store).await;
        let heard = |source, day, minutes, heard| Heard { source, day, minutes, heard };
        let mut tx = store.begin().await.unwrap();
        tx.note_heard(&[heard(source, 9, 60, 60), heard(source, 10, 5, 5), heard(other, 10, 5, 0)])
            .await
            .unwrap();
        tx.note_heard(&[heard(source, 10, 5, 1)]).await.unwrap();
        tx.commit().await.unwrap();
        let mut sums = store.sum_heard(10).await.unwrap();
        sums.sort_by_key(|one| one.source);
        assert_eq!(sums, [heard(source, 10, 10, 6), heard(other, 10, 5, 0)]);
        assert_eq!(store.sum_heard(0).await.unwrap()[0], heard(source, 9, 70, 66));
        let mut tx = store.begin().await.unwrap();
        tx.prune_heard(10).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(store.sum_heard(0).await.unwrap(), sums);
        assert_eq!(Heard::day_of("1969-12-31T23:59:59Z".parse().unwrap()), -1);
    })
    .await;
}
