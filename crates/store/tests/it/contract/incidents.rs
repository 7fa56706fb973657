use jiff::ToSpan;
use khien_domain::alert::Severity;
use khien_domain::ids::{AlertId, IncidentId};
use khien_domain::incident::{LossFigure, LossKind, NewIncident, NewLossFigure, Outcome, State};
use khien_domain::page::PageRequest;
use khien_domain::permission::AgencyScope;
use khien_store::{AlertFilter, IncidentFilter, Store, StoreError};

use crate::support::{agency, detection, each, elsewhere, now, only, record, register};

const ALL: AgencyScope = AgencyScope::All;

/// Two alerts of `sokhcn` and one of `soyt`.
async fn alerts(store: &Store) -> [AlertId; 3] {
    register(store).await;
    let found = [detection(1, 0, "a"), detection(1, 1, "b"), elsewhere(1, 2, "c")];
    record(store, 1..=1, &found).await;
    let (filter, page) = (AlertFilter::default(), PageRequest::first());
    let list = store.list_alerts(&ALL, &filter, &page).await.unwrap().items;
    ["a", "b", "c"].map(|entity| list.iter().find(|alert| alert.entity == entity).unwrap().id)
}

fn new(title: &str, alerts: &[AlertId]) -> NewIncident {
    NewIncident {
        title: title.into(),
        severity: Severity::High,
        lead: Some("canbo001".into()),
        alerts: alerts.to_vec(),
    }
}

async fn open(store: &Store, of: &str, new: &NewIncident) -> Result<IncidentId, StoreError> {
    let mut tx = store.begin().await?;
    let id = tx.open_incident(new, &agency(of), "person:canbo001", now()).await?;
    for alert in &new.alerts {
        assert!(tx.link_alert(&ALL, id, *alert, "person:canbo001", now()).await?);
    }
    tx.commit().await?;
    Ok(id)
}

#[tokio::test]
async fn whoever_sees_one_of_its_agencies_sees_an_incident_and_of_its_alerts_their_own() {
    each(async |store| {
        let [a, b, c] = alerts(&store).await;
        let both = open(&store, "sokhcn", &new("Mã độc lan rộng", &[a, c])).await.unwrap();
        let own = open(&store, "sokhcn", &new("Dò mật khẩu", &[b])).await.unwrap();
        let list = async |scope: &AgencyScope| {
            let filter = IncidentFilter::default();
            let page = store.list_incidents(scope, &filter, &PageRequest::first()).await.unwrap();
            page.items.iter().map(|incident| incident.id).collect::<Vec<_>>()
        };
        assert_eq!(list(&ALL).await, [own, both]);
        assert_eq!(list(&only("sokhcn")).await, [own, both]);
        assert_eq!(list(&only("soyt")).await, [both]);
        assert!(list(&AgencyScope::Only([].into())).await.is_empty());
        assert!(store.find_incident(&only("soyt"), own).await.unwrap().is_none());

        let found = store.find_incident(&only("soyt"), both).await.unwrap().unwrap();
        assert_eq!(found.agencies, [agency("sokhcn"), agency("soyt")].into());
        assert_eq!((found.alerts, found.agency), (2, agency("sokhcn")));
        assert_eq!(found.lead.as_deref(), Some("canbo001"));
        let seen = async |scope: &AgencyScope| {
            let alerts = store.list_incident_alerts(scope, both).await.unwrap();
            alerts.iter().map(|alert| alert.id).collect::<Vec<_>>()
        };
        assert_eq!(seen(&ALL).await.len(), 2);
        assert_eq!(seen(&only("soyt")).await, [c], "no alert of another agency");
        let of = store.open_incident_of_alert(&only("soyt"), c).await.unwrap();
        assert_eq!(of, Some(both));
        assert_eq!(store.open_incident_of_alert(&only("soyt"), a).await.unwrap(), None);
        assert_eq!(store.count_open_incidents(&ALL).await.unwrap(), [0, 0, 0, 2, 0]);
        assert_eq!(store.count_open_incidents(&only("soyt")).await.unwrap(), [0, 0, 0, 1, 0]);
    })
    .await;
}

#[tokio::test]
async fn an_alert_is_in_one_incident_that_is_not_closed() {
    each(async |store| {
        let [a, b, _] = alerts(&store).await;
        let first = open(&store, "sokhcn", &new("một", &[a])).await.unwrap();
        let again = open(&store, "sokhcn", &new("hai", &[a])).await;
        assert!(matches!(again, Err(StoreError::Conflict { .. })), "{again:?}");
        let mut tx = store.begin().await.unwrap();
        let linked = tx.link_alert(&ALL, first, a, "x", now()).await.unwrap();
        assert!(!linked, "linked already");
        let closed = State::Closed(Outcome::Resolved);
        let later = now() + 1.hour();
        assert!(
            !tx.set_incident_state(&only("soyt"), first, State::Open, closed, later).await.unwrap()
        );
        assert!(tx.set_incident_state(&ALL, first, State::Open, closed, later).await.unwrap());
        assert!(!tx.set_incident_state(&ALL, first, State::Open, closed, later).await.unwrap());
        tx.commit().await.unwrap();
        let found = store.find_incident(&ALL, first).await.unwrap().unwrap();
        assert_eq!((found.state, found.closed_at), (closed, Some(later)));
        assert_eq!(store.open_incident_of_alert(&ALL, a).await.unwrap(), None);

        let second = open(&store, "sokhcn", &new("ba", &[a, b])).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        let opened = tx.set_incident_state(&ALL, first, closed, State::Open, later).await;
        assert!(matches!(opened, Err(StoreError::Conflict { .. })), "the alert went on");
        drop(tx);
        let mut tx = store.begin().await.unwrap();
        assert!(tx.unlink_alert(&ALL, second, a, later).await.unwrap());
        assert!(tx.set_incident_state(&ALL, first, closed, State::Open, later).await.unwrap());
        tx.commit().await.unwrap();
        let found = store.find_incident(&ALL, first).await.unwrap().unwrap();
        assert_eq!((found.state, found.closed_at), (State::Open, None));
        assert_eq!(store.open_incident_of_alert(&ALL, a).await.unwrap(), Some(first));
    })
    .await;
}

#[tokio::test]
async fn what_is_outside_the_scope_is_not_linked_changed_or_noted() {
    each(async |store| {
        let [a, _, c] = alerts(&store).await;
        let id = open(&store, "sokhcn", &new("Mã độc", &[a])).await.unwrap();
        let (own, other) = (only("sokhcn"), only("soyt"));
        let mut tx = store.begin().await.unwrap();
        assert!(!tx.link_alert(&own, id, c, "x", now()).await.unwrap(), "another's alert");
        assert!(!tx.link_alert(&other, id, c, "x", now()).await.unwrap(), "another's incident");
        assert!(!tx.unlink_alert(&other, id, a, now()).await.unwrap());
        let edited = tx.edit_incident(&other, id, "x", Severity::Low, None, now()).await;
        assert!(!edited.unwrap());
        assert!(tx.note_incident(&other, id, "x", "x", now()).await.unwrap().is_none());
        assert!(tx.link_alert(&ALL, id, c, "x", now()).await.unwrap());
        assert!(tx.note_incident(&other, id, "x", "đã cách ly", now()).await.unwrap().is_some());
        assert!(!tx.unlink_alert(&other, id, a, now()).await.unwrap(), "another's alert");
        tx.commit().await.unwrap();
        let notes = async |scope: &AgencyScope| {
            store.list_incident_notes(scope, id, &PageRequest::first()).await.unwrap().items
        };
        assert_eq!(notes(&own).await[0].text, "đã cách ly");
        let mut tx = store.begin().await.unwrap();
        assert!(tx.unlink_alert(&ALL, id, c, now()).await.unwrap());
        assert!(tx.unlink_alert(&ALL, id, a, now()).await.unwrap());
        tx.commit().await.unwrap();
        let found = store.find_incident(&ALL, id).await.unwrap().unwrap();
        assert_eq!(found.agencies, [agency("sokhcn")].into(), "its own agency stays");
        assert!(store.find_incident(&other, id).await.unwrap().is_none());
        assert!(notes(&other).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn incidents_are_found_by_what_is_asked() {
    each(async |store| {
        let [a, b, c] = alerts(&store).await;
        let first = open(&store, "sokhcn", &new("Mã độc 100% ở Sở", &[a])).await.unwrap();
        let grave = NewIncident {
            severity: Severity::Critical,
            lead: None,
            ..new("ĐÁNH CẮP dữ liệu", &[b])
        };
        let second = open(&store, "sokhcn", &grave).await.unwrap();
        let third = open(&store, "soyt", &new("Dò quét", &[c])).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        let contained = State::Contained;
        assert!(tx.set_incident_state(&ALL, third, State::Open, contained, now()).await.unwrap());
        assert!(
            tx.edit_incident(&ALL, third, "Dò quét mạng", Severity::Low, None, now())
                .await
                .unwrap()
        );
        tx.commit().await.unwrap();
        let find = async |filter: IncidentFilter| {
            let page = store.list_incidents(&ALL, &filter, &PageRequest::first()).await.unwrap();
            page.items.iter().map(|incident| incident.id).collect::<Vec<_>>()
        };
        let by =
            |text: &str| IncidentFilter { text: Some(text.into()), ..IncidentFilter::default() };
        assert_eq!(find(by("đánh cắp")).await, [second]);
        assert_eq!(find(by("danh cap DU LIEU")).await, [second]);
        assert_eq!(find(by("quét mạng")).await, [third], "the title that it has now");
        assert_eq!(find(by("100%")).await, [first], "what is asked is no pattern");
        assert!(find(by("100_")).await.is_empty());
        let filter =
            IncidentFilter { state: Some("contained".into()), ..IncidentFilter::default() };
        assert_eq!(find(filter).await, [third]);
        let filter = IncidentFilter { severity: Some(Severity::High), ..IncidentFilter::default() };
        assert_eq!(find(filter).await, [second, first]);
        let filter = IncidentFilter { agency: Some(agency("soyt")), ..IncidentFilter::default() };
        assert_eq!(find(filter).await, [third]);
        let filter = IncidentFilter { lead: Some("canbo001".into()), ..IncidentFilter::default() };
        assert_eq!(find(filter).await, [first]);
        let one = PageRequest::new(None, 1);
        let page = store.list_incidents(&ALL, &IncidentFilter::default(), &one).await.unwrap();
        assert_eq!((page.items[0].id, page.next), (third, Some(third.0)));
    })
    .await;
}

#[tokio::test]
async fn figures_of_an_incident_are_kept_and_the_last_of_a_kind_counts() {
    each(async |store| {
        let [a, _, c] = alerts(&store).await;
        let both = open(&store, "sokhcn", &new("Mã độc lan rộng", &[a, c])).await.unwrap();
        let figure = |kind, amount, hours: i64| LossFigure {
            about: NewLossFigure { kind, amount, reason: "giờ công".into() },
            by: "person:canbo001".into(),
            at: now() + hours.hours(),
        };
        let all = [
            figure(LossKind::Estimated, 5, 1),
            figure(LossKind::Actual, (1 << 53) - 1, 2),
            figure(LossKind::Estimated, 7, 3),
        ];
        let mut tx = store.begin().await.unwrap();
        for figure in &all {
            assert!(tx.add_incident_loss(&only("soyt"), both, figure).await.unwrap());
        }
        let nobody = AgencyScope::Only([].into());
        assert!(!tx.add_incident_loss(&nobody, both, &all[0]).await.unwrap());
        tx.commit().await.unwrap();
        let found = store.find_incident(&ALL, both).await.unwrap().unwrap();
        assert_eq!(found.losses.estimated.as_ref(), Some(&all[2]));
        assert_eq!(found.losses.actual.as_ref(), Some(&all[1]));
        assert_eq!(found.updated_at, all[2].at);
        let history = store.list_incident_losses(&only("soyt"), both).await.unwrap();
        assert_eq!(history.iter().rev().cloned().collect::<Vec<_>>(), all);
        assert!(store.list_incident_losses(&nobody, both).await.unwrap().is_empty());
        let filter = IncidentFilter { opened_from: Some(now()), ..IncidentFilter::default() };
        let list = store.list_incidents(&ALL, &filter, &PageRequest::first()).await.unwrap();
        assert_eq!(list.items, [found]);
        let filter = IncidentFilter { opened_before: Some(now()), ..IncidentFilter::default() };
        let list = store.list_incidents(&ALL, &filter, &PageRequest::first()).await.unwrap();
        assert!(list.items.is_empty());
    })
    .await;
}
