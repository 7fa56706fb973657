use jiff::ToSpan;
use khien_domain::alert::state::Reason;
use khien_domain::alert::suppression::{NewSuppression, Scope};
use khien_domain::alert::{AlertKind, Detection, MatchedField, Severity, State};
use khien_domain::ids::EventId;
use khien_domain::limits::ALERT_EVENTS;
use khien_domain::page::PageRequest;
use khien_domain::permission::AgencyScope;
use khien_store::{AlertFilter, CorrelationInput, Detections, Hidden, Recorded, Store};

use crate::support::{detection, each, elsewhere, now, only, record, register};

async fn counts(store: &Store) -> Vec<(String, u64)> {
    let filter = AlertFilter::default();
    let page = PageRequest::first();
    let alerts = store.list_alerts(&AgencyScope::All, &filter, &page).await.unwrap().items;
    let mut counts: Vec<_> = alerts.into_iter().map(|alert| (alert.entity, alert.count)).collect();
    counts.sort();
    counts
}

#[tokio::test]
async fn what_repeats_joins_one_alert() {
    each(async |store| {
        register(&store).await;
        let later = Detection {
            at: now() + 5.minutes(),
            severity: Severity::Critical,
            ..detection(2, 0, "a")
        };
        let earlier = Detection { at: now() - 5.minutes(), ..detection(2, 1, "a") };
        let first = record(
            &store,
            1..=1,
            &[detection(1, 0, "a"), detection(1, 1, "a"), detection(1, 2, "b")],
        )
        .await;
        assert_eq!((first.raised.len(), first.joined.len()), (2, 0));
        let second = record(&store, 2..=2, &[later, earlier]).await;
        assert_eq!((second.raised.len(), second.joined.len()), (0, 1));
        let alert = store.find_alert(&AgencyScope::All, second.joined[0]).await.unwrap().unwrap();
        assert_eq!(alert.count, 4);
        assert_eq!((alert.first_at, alert.last_at), (now() - 5.minutes(), now() + 5.minutes()));
        assert_eq!(alert.severity, Severity::Critical, "the gravest");
        assert_eq!(alert.state, State::New);
        assert_eq!(alert.attack, ["attack.execution", "attack.t1059.001"]);
        let events = store.list_alert_events(&AgencyScope::All, alert.id).await.unwrap();
        assert_eq!(events.len(), 4);
        assert_eq!(events[0].matched, detection(1, 0, "a").matched);
    })
    .await;
}

#[tokio::test]
async fn the_same_batches_again_change_nothing() {
    each(async |store| {
        register(&store).await;
        let found = [detection(3, 0, "a"), detection(4, 0, "a"), detection(5, 0, "b")];
        record(&store, 3..=5, &found).await;
        let before = counts(&store).await;
        assert_eq!(record(&store, 3..=5, &found).await, Recorded::default());
        assert_eq!(counts(&store).await, before);
        let overlap = [detection(5, 0, "b"), detection(6, 0, "b")];
        record(&store, 5..=6, &overlap).await;
        assert_eq!(counts(&store).await, [("a".to_owned(), 2), ("b".to_owned(), 2)]);
        assert_eq!(store.detected().await.unwrap(), [3..=6]);
    })
    .await;
}

#[tokio::test]
async fn batches_become_as_few_intervals_as_possible() {
    each(async |store| {
        for range in [10..=10, 12..=14, 1..=3, 11..=11, 20..=20, 2..=4] {
            record(&store, range, &[]).await;
        }
        assert_eq!(store.detected().await.unwrap(), [1..=4, 10..=14, 20..=20]);
        let all = Detections { batches: vec![5..=9, 15..=19], ..Detections::default() };
        let mut tx = store.begin().await.unwrap();
        tx.record_detections(&all, now()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(store.detected().await.unwrap(), [1..=20]);
    })
    .await;
}

#[tokio::test]
async fn an_alert_keeps_its_first_events_and_counts_all() {
    each(async |store| {
        register(&store).await;
        let most = ALERT_EVENTS as u32;
        let first: Vec<_> = (0..most - 5).map(|item| detection(1, item, "a")).collect();
        let second: Vec<_> = (0..100).map(|item| detection(2, item, "a")).collect();
        let raised = record(&store, 1..=1, &first).await.raised;
        record(&store, 2..=2, &second).await;
        let alert = store.find_alert(&AgencyScope::All, raised[0]).await.unwrap().unwrap();
        assert_eq!(alert.count, u64::from(most) - 5 + 100);
        let events = store.list_alert_events(&AgencyScope::All, raised[0]).await.unwrap();
        assert_eq!(events.len(), most as usize);
    })
    .await;
}

#[tokio::test]
async fn after_closing_it_is_news_again() {
    each(async |store| {
        register(&store).await;
        let id = record(&store, 1..=1, &[detection(1, 0, "a")]).await.raised[0];
        let mut tx = store.begin().await.unwrap();
        let closed = State::Closed(Reason::TruePositive);
        let all = AgencyScope::All;
        assert!(tx.set_alert_state(&all, id, State::New, closed, now()).await.unwrap());
        tx.commit().await.unwrap();
        let again = record(&store, 2..=2, &[detection(2, 0, "a")]).await;
        assert_eq!(again.raised.len(), 1, "not hidden in a closed alert");
        assert_ne!(again.raised[0], id);
    })
    .await;
}

#[tokio::test]
async fn a_correlation_of_an_older_batch_is_raised_once() {
    each(async |store| {
        register(&store).await;
        record(&store, 1..=9, &[]).await;
        let correlation =
            Detection { kind: AlertKind::Correlation, rule: "c-1".into(), ..detection(4, 0, "a") };
        assert_eq!(
            record(&store, 10..=10, std::slice::from_ref(&correlation)).await.raised.len(),
            1
        );
        assert_eq!(record(&store, 11..=11, &[correlation]).await, Recorded::default());
    })
    .await;
}

#[tokio::test]
async fn inputs_and_hidden_counts_go_with_their_batch() {
    each(async |store| {
        register(&store).await;
        let mut tx = store.begin().await.unwrap();
        let suppression = NewSuppression {
            scope: Scope { rule: Some("rule-1".into()), ..Scope::default() },
            owner: "Cán bộ Mẫu 001".into(),
            reason: "thử".into(),
            created_at: now(),
            expires_at: now() + 24.hours(),
        };
        let suppression = tx.add_suppression(&suppression).await.unwrap();
        tx.commit().await.unwrap();
        let input = |batch, item, rule: &str, at| CorrelationInput {
            event: EventId { batch, item },
            rule: rule.into(),
            at,
            payload: vec![0, 255, 7],
        };
        let inputs = vec![
            input(1, 0, "r2", now()),
            input(1, 0, "r1", now()),
            input(2, 0, "r1", now() - 2.hours()),
        ];
        let hidden = vec![Hidden { suppression, event: EventId { batch: 1, item: 1 } }; 3];
        let detections = Detections {
            batches: vec![1..=2],
            inputs: inputs.clone(),
            hidden,
            ..Detections::default()
        };
        for _ in 0..2 {
            let mut tx = store.begin().await.unwrap();
            tx.record_detections(&detections, now()).await.unwrap();
            tx.commit().await.unwrap();
        }
        let first = PageRequest::first();
        let known = store.list_suppressions(&AgencyScope::All, None, &first).await.unwrap().items;
        assert_eq!((known[0].hidden, known[0].last_hidden_at), (3, Some(now())));

        let mut read = Vec::new();
        let mut request = PageRequest::new(None, 1);
        loop {
            let page = store.list_inputs(now() - 3.hours(), &request).await.unwrap();
            read.extend(page.items);
            request.after = page.next;
            if request.after.is_none() {
                break;
            }
        }
        assert_eq!(read, [inputs[1].clone(), inputs[0].clone(), inputs[2].clone()]);
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.prune_inputs(now() - 1.hour()).await.unwrap(), 1);
        tx.commit().await.unwrap();
        let left = store.list_inputs(now() - 3.hours(), &PageRequest::first()).await.unwrap();
        assert_eq!(left.items.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn workers_that_record_at_once_neither_lose_nor_double() {
    each(async |store| {
        register(&store).await;
        let work = |store: Store, worker: u64| async move {
            for round in 0..10 {
                let batch = 1 + round * 4 + worker;
                let found: Vec<_> = (0..20)
                    .map(|item| detection(batch, item, &format!("e{}", (item + worker as u32) % 7)))
                    .collect();
                record(&store, batch..=batch, &found).await;
            }
        };
        let workers: Vec<_> =
            (0..4).map(|worker| tokio::spawn(work(store.clone(), worker))).collect();
        for worker in workers {
            worker.await.unwrap();
        }
        assert_eq!(store.detected().await.unwrap(), [1..=40]);
        let total: u64 = counts(&store).await.iter().map(|(_, count)| count).sum();
        assert_eq!(total, 800);
        assert_eq!(counts(&store).await.len(), 7);
    })
    .await;
}

#[tokio::test]
async fn a_find_of_an_unknown_system_keeps_nothing_of_the_transaction() {
    each(async |store| {
        register(&store).await;
        let stray =
            Detection { system: crate::support::system("khong-co"), ..elsewhere(1, 1, "b") };
        let detections = Detections {
            batches: vec![1..=1],
            found: vec![detection(1, 0, "a"), stray],
            ..Detections::default()
        };
        let mut tx = store.begin().await.unwrap();
        assert!(tx.record_detections(&detections, now()).await.is_err());
        drop(tx);
        assert!(counts(&store).await.is_empty());
        assert!(store.detected().await.unwrap().is_empty());
        assert_eq!(
            store.list_alert_events(&only("sokhcn"), khien_domain::ids::AlertId(1)).await.unwrap(),
            []
        );
    })
    .await;
}

#[tokio::test]
async fn a_hostile_text_stops_nothing() {
    each(async |store| {
        register(&store).await;
        let hostile = "a\0b'\"; DROP TABLE alert; -- \u{202e}\u{1f4a3}";
        let mut found = detection(1, 0, hostile);
        found.title = hostile.into();
        found.matched = vec![MatchedField::new(hostile, hostile, hostile)];
        let id = record(&store, 1..=1, std::slice::from_ref(&found)).await.raised[0];
        let alert = store.find_alert(&AgencyScope::All, id).await.unwrap().unwrap();
        assert_eq!(alert.title, hostile.replace('\0', "\u{fffd}"));
        let events = store.list_alert_events(&AgencyScope::All, id).await.unwrap();
        assert_eq!(events[0].matched, found.matched);
        let again = Detection { event: EventId { batch: 2, item: 0 }, ..found };
        assert_eq!(record(&store, 2..=2, &[again]).await.joined, [id]);
    })
    .await;
}
