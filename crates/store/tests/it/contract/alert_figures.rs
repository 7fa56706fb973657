use jiff::{SignedDuration, ToSpan};
use khien_domain::alert::state::Reason;
use khien_domain::alert::{Detection, Severity, State};
use khien_domain::page::PageRequest;
use khien_domain::permission::AgencyScope;
use khien_store::{AlertFilter, Detections, GroupBy, Store};

use crate::support::{detection, each, elsewhere, now, only, register};

const ALL: AgencyScope = AgencyScope::All;

async fn record(store: &Store, batch: u64, minutes: i64, found: Vec<Detection>) {
    let detections = Detections { batches: vec![batch..=batch], found, ..Detections::default() };
    let mut tx = store.begin().await.unwrap();
    tx.record_detections(&detections, now() + minutes.minutes()).await.unwrap();
    tx.commit().await.unwrap();
}

fn of(rule: &str, severity: Severity, found: Detection) -> Detection {
    Detection { rule: rule.into(), severity, ..found }
}

/// Five alerts: three of rule-1 (one of soyt), one of rule-2, one low one of rule-3 that is closed.
async fn some(store: &Store) {
    register(store).await;
    let high = Severity::High;
    record(
        store,
        1,
        0,
        vec![
            of("rule-1", high, detection(1, 0, "a")),
            of("rule-1", high, detection(1, 1, "a")),
            of("rule-1", Severity::Medium, detection(1, 2, "b")),
        ],
    )
    .await;
    record(store, 2, 16, vec![of("rule-1", high, elsewhere(2, 0, "c"))]).await;
    let late = Detection { at: now() + 30.minutes(), ..detection(3, 0, "a") };
    record(store, 3, 31, vec![of("rule-2", high, late)]).await;
    record(store, 4, 46, vec![of("rule-3", Severity::Low, detection(4, 0, "d"))]).await;
}

async fn step(store: &Store, entity: &str, rule: &str, to: State, minutes: i64) {
    let rule = Some(rule.to_owned());
    let filter = AlertFilter { entity: Some(entity.into()), rule, ..AlertFilter::default() };
    let list = store.list_alerts(&ALL, &filter, &PageRequest::first()).await.unwrap().items;
    let [alert] = list.as_slice() else { panic!("{list:?}") };
    let mut tx = store.begin().await.unwrap();
    let at = alert.created_at + minutes.minutes();
    assert!(tx.set_alert_state(&ALL, alert.id, alert.state, to, at).await.unwrap());
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn open_alerts_are_counted_by_severity_and_over_time() {
    each(async |store| {
        some(&store).await;
        step(&store, "d", "rule-3", State::Closed(Reason::Benign), 1).await;
        assert_eq!(store.count_open_alerts(&ALL).await.unwrap(), [0, 0, 1, 3, 0]);
        assert_eq!(store.count_open_alerts(&only("soyt")).await.unwrap(), [0, 0, 0, 1, 0]);
        let quarter = SignedDuration::from_mins(15);
        let over = async |scope: &AgencyScope, from: i64| {
            let from = now() + from.minutes();
            store.alerts_over_time(scope, from, quarter, 4).await.unwrap()
        };
        let none = [0; 5];
        let late = [0, 0, 0, 1, 0];
        assert_eq!(over(&ALL, 0).await, [[0, 1, 1, 2, 0], none, late, none]);
        assert_eq!(over(&only("soyt"), 0).await, [[0, 0, 0, 1, 0], none, none, none]);
        let later = [none, late, none, none];
        assert_eq!(over(&ALL, 1).await, later, "stretches begin where one asks");
        assert_eq!(over(&ALL, -60).await, [none; 4], "and end");
    })
    .await;
}

#[tokio::test]
async fn alerts_are_grouped_page_by_page_the_gravest_first() {
    each(async |store| {
        some(&store).await;
        step(&store, "b", "rule-1", State::InProgress, 1).await;
        let pages = async |scope: &AgencyScope, filter: &AlertFilter, by: GroupBy, limit: u32| {
            let (mut found, mut page) = (Vec::new(), PageRequest::new(None, limit));
            loop {
                let part = store.group_alerts(scope, filter, by, &page).await.unwrap();
                found.extend(part.items);
                let Some(next) = part.next else { return found };
                page.after = Some(next);
            }
        };
        let all = AlertFilter::default();
        let groups = pages(&ALL, &all, GroupBy::Rule, 500).await;
        let told: Vec<_> = groups.iter().map(|g| (g.key.as_str(), g.alerts, g.new)).collect();
        assert_eq!(told, [("rule-2", 1, 1), ("rule-1", 3, 2), ("rule-3", 1, 1)]);
        let first = &groups[1];
        assert_eq!((first.count, first.others, first.agencies), (4, 3, 2));
        assert_eq!((first.severity, first.first_at, first.last_at), (Severity::High, now(), now()));
        let entities = pages(&ALL, &all, GroupBy::Entity, 500).await;
        let told: Vec<_> = entities.iter().map(|g| (g.key.as_str(), g.alerts, g.others)).collect();
        assert_eq!(told, [("a", 2, 2), ("c", 1, 1), ("b", 1, 1), ("d", 1, 1)]);
        for (by, whole) in [(GroupBy::Rule, &groups), (GroupBy::Entity, &entities)] {
            for limit in [1, 2, 3] {
                assert_eq!(&pages(&ALL, &all, by, limit).await, whole, "{by:?} by {limit}");
            }
        }
        let own = pages(&only("soyt"), &all, GroupBy::Rule, 500).await;
        assert_eq!((own.len(), own[0].alerts, own[0].agencies), (1, 1, 1));
        let open = AlertFilter { not_closed: true, ..AlertFilter::default() };
        step(&store, "d", "rule-3", State::Closed(Reason::Benign), 1).await;
        assert_eq!(pages(&ALL, &open, GroupBy::Rule, 500).await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn waiting_ends_with_the_first_step() {
    each(async |store| {
        some(&store).await;
        let waited = async |scope: &AgencyScope, hours: i64| {
            store.alerts_waited(scope, now(), now() + hours.hours()).await.unwrap()
        };
        let none = waited(&ALL, 24).await;
        assert_eq!((none.taken, none.median, none.p90, none.waiting), (0, None, None, 5));
        step(&store, "a", "rule-1", State::InProgress, 4).await;
        step(&store, "a", "rule-1", State::Closed(Reason::TruePositive), 60).await;
        step(&store, "b", "rule-1", State::Closed(Reason::Benign), 10).await;
        step(&store, "c", "rule-1", State::InProgress, 30).await;
        let all = waited(&ALL, 24).await;
        let minutes = |minutes| Some(SignedDuration::from_mins(minutes));
        assert_eq!((all.taken, all.median, all.p90), (3, minutes(10), minutes(30)));
        assert_eq!(all.waiting, 2);
        let own = waited(&only("sokhcn"), 24).await;
        assert_eq!((own.taken, own.median, own.p90), (2, minutes(4), minutes(10)));
        assert_eq!(waited(&only("soyt"), 24).await.taken, 1);
        let none = store.alerts_waited(&ALL, now() - 24.hours(), now()).await.unwrap();
        assert_eq!((none.taken, none.waiting), (0, 0), "those that were raised later");
    })
    .await;
}
