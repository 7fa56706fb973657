use jiff::ToSpan;
use khien_domain::alert::state::Reason;
use khien_domain::alert::{AlertKind, Detection, Severity, State};
use khien_domain::evidence::NewEvidence;
use khien_domain::ids::EventId;
use khien_domain::page::PageRequest;
use khien_domain::permission::AgencyScope;
use khien_store::{AlertFilter, StoreError};

use crate::support::{agency, detection, each, elsewhere, now, only, record, register, system};

#[tokio::test]
async fn another_agencys_alert_is_as_if_it_were_not_there() {
    each(async |store| {
        register(&store).await;
        let found = [detection(1, 0, "a"), elsewhere(1, 1, "a")];
        record(&store, 1..=1, &found).await;
        let (own, first) = (only("sokhcn"), PageRequest::first());
        let filter = AlertFilter::default();
        let seen = store.list_alerts(&own, &filter, &first).await.unwrap().items;
        assert_eq!(seen.len(), 1);
        let named = AlertFilter { agency: Some(agency("soyt")), ..AlertFilter::default() };
        assert!(store.list_alerts(&own, &named, &first).await.unwrap().items.is_empty());

        let theirs = store.list_alerts(&only("soyt"), &filter, &first).await.unwrap().items;
        let id = theirs[0].id;
        assert_eq!(store.find_alert(&own, id).await.unwrap(), None);
        assert!(store.list_alert_events(&own, id).await.unwrap().is_empty());
        let mut tx = store.begin().await.unwrap();
        let to = State::InProgress;
        assert!(!tx.set_alert_state(&own, id, State::New, to, now()).await.unwrap());
        assert!(!tx.assign_alert(&own, id, Some("x"), now()).await.unwrap());
        assert_eq!(tx.comment_alert(&own, id, "x", "y", now()).await.unwrap(), None);
        assert!(tx.comment_alert(&only("soyt"), id, "x", "y", now()).await.unwrap().is_some());
        tx.commit().await.unwrap();
        assert!(store.list_comments(&own, id, &first).await.unwrap().items.is_empty());
        assert_eq!(store.find_alert(&only("soyt"), id).await.unwrap(), Some(theirs[0].clone()));
    })
    .await;
}

#[tokio::test]
async fn filters_narrow_the_list() {
    each(async |store| {
        register(&store).await;
        let low = Detection { severity: Severity::Low, ..detection(1, 1, "b") };
        let silent = Detection {
            kind: AlertKind::SourceSilent,
            rule: AlertKind::SourceSilent.name().into(),
            at: now() + 2.hours(),
            ..detection(1, 2, "c")
        };
        let found = [detection(1, 0, "a"), low, silent, elsewhere(1, 3, "d")];
        record(&store, 1..=1, &found).await;
        let all = AlertFilter::default;
        for (filter, entities) in [
            (all(), "abcd"),
            (AlertFilter { severity: Some(Severity::Medium), ..all() }, "acd"),
            (AlertFilter { kind: Some(AlertKind::SourceSilent), ..all() }, "c"),
            (AlertFilter { rule: Some("rule-1".into()), ..all() }, "abd"),
            (AlertFilter { agency: Some(agency("soyt")), ..all() }, "d"),
            (AlertFilter { system: Some(system("cong-dvc")), ..all() }, "abc"),
            (AlertFilter { state: Some("new".into()), ..all() }, "abcd"),
            (AlertFilter { state: Some("closed".into()), ..all() }, ""),
            (AlertFilter { assignee: Some("' OR 1 = 1 --".into()), ..all() }, ""),
            (AlertFilter { from: Some(now() + 1.hour()), ..all() }, "c"),
            (AlertFilter { to: Some(now() + 1.hour()), ..all() }, "abd"),
        ] {
            let page = PageRequest::first();
            let alerts = store.list_alerts(&AgencyScope::All, &filter, &page).await.unwrap();
            let mut seen: Vec<_> = alerts.items.into_iter().map(|alert| alert.entity).collect();
            seen.sort();
            assert_eq!(seen.concat(), entities, "{filter:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn pages_stay_in_place_while_alerts_are_raised() {
    each(async |store| {
        register(&store).await;
        let raise = async |batch: u64, count: u32| {
            let found: Vec<_> =
                (0..count).map(|item| detection(batch, item, &format!("{batch}-{item}"))).collect();
            record(&store, batch..=batch, &found).await;
        };
        raise(1, 25).await;
        let filter = AlertFilter::default();
        let mut request = PageRequest::new(None, 10);
        let mut seen = Vec::new();
        for batch in 2.. {
            let page = store.list_alerts(&AgencyScope::All, &filter, &request).await.unwrap();
            seen.extend(page.items.iter().map(|alert| alert.id));
            request.after = page.next;
            if request.after.is_none() {
                break;
            }
            raise(batch, 3).await;
        }
        assert_eq!(seen.len(), 25, "none twice, none missing, new ones are for the first page");
        assert!(seen.windows(2).all(|pair| pair[0] > pair[1]));
    })
    .await;
}

#[tokio::test]
async fn of_two_people_the_slower_is_told() {
    each(async |store| {
        register(&store).await;
        let id = record(&store, 1..=1, &[detection(1, 0, "a")]).await.raised[0];
        let all = AgencyScope::All;
        let closed = State::Closed(Reason::Benign);
        let later = now() + 1.hour();
        let mut tx = store.begin().await.unwrap();
        assert!(tx.set_alert_state(&all, id, State::New, State::InProgress, later).await.unwrap());
        assert!(!tx.set_alert_state(&all, id, State::New, closed, later).await.unwrap());
        assert!(tx.set_alert_state(&all, id, State::InProgress, closed, later).await.unwrap());
        let other = State::Closed(Reason::Duplicate);
        assert!(!tx.set_alert_state(&all, id, other, State::InProgress, later).await.unwrap());
        assert!(tx.assign_alert(&all, id, Some("Cán bộ Mẫu 002"), later).await.unwrap());
        tx.comment_alert(&all, id, "Cán bộ Mẫu 002", "một", now()).await.unwrap();
        tx.comment_alert(&all, id, "Cán bộ Mẫu 002", "hai", later).await.unwrap();
        tx.commit().await.unwrap();
        let alert = store.find_alert(&all, id).await.unwrap().unwrap();
        assert_eq!((alert.state, alert.updated_at), (closed, later));
        assert_eq!(alert.assignee.as_deref(), Some("Cán bộ Mẫu 002"));
        let comments = store.list_comments(&all, id, &PageRequest::new(None, 1)).await.unwrap();
        assert_eq!(comments.items[0].text, "hai");
        let rest =
            store.list_comments(&all, id, &PageRequest::new(comments.next, 1)).await.unwrap();
        assert_eq!((rest.items[0].text.as_str(), rest.next), ("một", None));
    })
    .await;
}

#[tokio::test]
async fn an_alert_is_not_opened_again_beside_a_newer_one() {
    each(async |store| {
        register(&store).await;
        let all = AgencyScope::All;
        let closed = State::Closed(Reason::FalsePositive);
        let id = record(&store, 1..=1, &[detection(1, 0, "a")]).await.raised[0];
        let mut tx = store.begin().await.unwrap();
        tx.set_alert_state(&all, id, State::New, closed, now()).await.unwrap();
        tx.commit().await.unwrap();
        record(&store, 2..=2, &[detection(2, 0, "a")]).await;
        let mut tx = store.begin().await.unwrap();
        let opened = tx.set_alert_state(&all, id, closed, State::InProgress, now()).await;
        assert!(matches!(opened, Err(StoreError::Conflict { .. })), "{opened:?}");
    })
    .await;
}

#[tokio::test]
async fn grave_alerts_that_wait_are_told_once() {
    each(async |store| {
        register(&store).await;
        let mild = Detection { severity: Severity::Medium, ..detection(1, 0, "nhẹ") };
        let grave = ["một", "hai", "ba"].map(|entity| detection(1, 1, entity));
        let found: Vec<_> = (0..)
            .zip([mild].into_iter().chain(grave))
            .map(|(item, one)| Detection { event: EventId { batch: 1, item }, ..one })
            .collect();
        record(&store, 1..=1, &found).await;
        let later = now() + 1.hour();
        let waiting = async |before| store.untold_alerts(Severity::High, before, 10).await.unwrap();
        let raised = waiting(later).await;
        let mut entities: Vec<_> = raised.iter().map(|alert| alert.entity.as_str()).collect();
        entities.sort_unstable();
        assert_eq!(entities, ["ba", "hai", "một"]);
        assert!(waiting(now()).await.is_empty(), "not yet");
        assert_eq!(store.untold_alerts(Severity::High, later, 2).await.unwrap().len(), 2);
        let mut tx = store.begin().await.unwrap();
        let told = NewEvidence {
            subject: format!("alert {}", raised[0].id),
            ..NewEvidence::of_system("alert.handled", &agency("sokhcn"), &system("cong-dvc"), now())
        };
        tx.append_evidence(vec![told], later).await.unwrap();
        let step = tx.set_alert_state(
            &AgencyScope::All,
            raised[1].id,
            State::New,
            State::InProgress,
            later,
        );
        assert!(step.await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(waiting(later).await, raised[2..]);
    })
    .await;
}
