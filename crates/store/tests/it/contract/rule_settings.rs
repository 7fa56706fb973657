use jiff::ToSpan;
use khien_domain::alert::Severity;
use khien_domain::code::AgencyCode;
use khien_domain::ids::EventId;
use khien_domain::page::PageRequest;
use khien_domain::permission::AgencyScope;
use khien_domain::rule_filter::NewRuleFilter;
use khien_domain::rule_setting::{NewRuleSetting, Property, RuleSetting, Setting};
use khien_store::{Detections, RuleFigures, Store, SwitchedOff};

use crate::support::{agency, detection, each, elsewhere, now, only, record, register};

const ALL: AgencyScope = AgencyScope::All;

fn setting(of: Option<&str>, property: Property, setting: Option<Setting>) -> NewRuleSetting {
    NewRuleSetting {
        rule: "rule-1".into(),
        agency: of.map(agency),
        property,
        setting,
        by: "person:canbo001".into(),
        reason: "nhiều cảnh báo sai\nđã đối chiếu".into(),
        at: now(),
    }
}

async fn set(store: &Store, new: &NewRuleSetting) -> bool {
    let mut tx = store.begin().await.unwrap();
    let changed = tx.set_rule(new).await.unwrap();
    tx.commit().await.unwrap();
    changed
}

fn said(settings: &[RuleSetting]) -> Vec<(Option<&str>, Option<Setting>)> {
    let told =
        settings.iter().map(|s| (s.asked.agency.as_ref().map(AgencyCode::as_str), s.asked.setting));
    told.collect()
}

#[tokio::test]
async fn one_setting_holds_and_all_are_remembered() {
    each(async |store| {
        register(&store).await;
        let switch = Property::Switch;
        let (off, on) = (Some(Setting::On(false)), Some(Setting::On(true)));
        let level = Some(Setting::Level(Severity::Low));
        assert!(set(&store, &setting(None, switch, off)).await);
        assert!(set(&store, &setting(Some("soyt"), switch, off)).await);
        assert!(set(&store, &setting(Some("soyt"), switch, on)).await, "in the place of the last");
        assert!(set(&store, &setting(Some("soyt"), Property::Level, level)).await);
        let list = async |scope: &AgencyScope, rule: Option<&str>| {
            store.list_rule_settings(scope, rule, &PageRequest::first()).await.unwrap().items
        };
        let all = [(None, off), (Some("soyt"), on), (Some("soyt"), level)];
        assert_eq!(said(&list(&ALL, None).await), all);
        assert_eq!(said(&list(&only("sokhcn"), None).await), [(None, off)]);
        assert_eq!(said(&list(&only("soyt"), Some("rule-1")).await), all);
        assert!(list(&ALL, Some("rule-2")).await.is_empty());
        assert_eq!(list(&ALL, None).await[0].asked, setting(None, switch, off));

        assert!(set(&store, &setting(None, switch, None)).await);
        assert!(!set(&store, &setting(None, switch, None)).await, "nothing to take back");
        assert!(list(&only("sokhcn"), None).await.is_empty());
        let changes = async |scope: &AgencyScope| {
            let page = PageRequest::first();
            let found = store.list_rule_setting_changes(scope, Some("rule-1"), &page).await;
            found.unwrap().items
        };
        let all = [
            (None, None),
            (Some("soyt"), level),
            (Some("soyt"), on),
            (Some("soyt"), off),
            (None, off),
        ];
        assert_eq!(said(&changes(&ALL).await), all);
        assert_eq!(said(&changes(&only("sokhcn")).await), [(None, None), (None, off)]);
    })
    .await;
}

#[tokio::test]
async fn what_is_off_is_counted_once_by_rule_agency_and_day() {
    each(async |store| {
        register(&store).await;
        let off = |item, of: &str| SwitchedOff {
            rule: "rule-1".into(),
            agency: agency(of),
            event: EventId { batch: 1, item },
        };
        let detections = Detections {
            batches: vec![1..=1],
            found: vec![detection(1, 9, "a"), detection(1, 8, "a"), elsewhere(1, 7, "b")],
            off: vec![off(0, "sokhcn"), off(1, "sokhcn"), off(2, "soyt")],
            ..Detections::default()
        };
        for _ in 0..2 {
            let mut tx = store.begin().await.unwrap();
            tx.record_detections(&detections, now()).await.unwrap();
            tx.commit().await.unwrap();
        }
        // 01:00 in UTC is the same day in UTC+7; 20:00 is the next.
        let next = Detections {
            batches: vec![2..=2],
            found: Vec::new(),
            off: vec![SwitchedOff { event: EventId { batch: 2, item: 0 }, ..off(0, "sokhcn") }],
            ..Detections::default()
        };
        let mut tx = store.begin().await.unwrap();
        tx.record_detections(&next, now() + 19.hours()).await.unwrap();
        tx.commit().await.unwrap();
        let days = store.rule_off_hits(&ALL, "rule-1", now()).await.unwrap();
        assert_eq!(days, [("2026-10-15".to_owned(), 3), ("2026-10-16".to_owned(), 1)]);
        let own = store.rule_off_hits(&only("soyt"), "rule-1", now()).await.unwrap();
        assert_eq!(own, [("2026-10-15".to_owned(), 1)]);
        let figures = async |scope: &AgencyScope, since| {
            store.rule_figures(scope, since).await.unwrap().remove("rule-1")
        };
        let figure = |alerts, hits, off| Some(RuleFigures { alerts, hits, off });
        assert_eq!(figures(&ALL, now()).await, figure(2, 3, 4));
        assert_eq!(figures(&only("soyt"), now()).await, figure(1, 1, 1));
        assert_eq!(figures(&ALL, now() + 24.hours()).await, figure(0, 0, 1), "by the day");
        assert_eq!(figures(&ALL, now() + 48.hours()).await, None);
        record(&store, 3..=3, &[]).await;
    })
    .await;
}

#[tokio::test]
async fn a_filter_is_read_back_holds_and_ends_for_a_scope_of_all() {
    each(async |store| {
        let new = NewRuleFilter {
            rule: "rule-1".into(),
            text: "title: sao lưu\n".into(),
            owner: "person:canbo001".into(),
            reason: "sao lưu hằng đêm".into(),
            created_at: now(),
            expires_at: Some(now() + 24.hours()),
        };
        let lasting = NewRuleFilter { expires_at: None, ..new.clone() };
        let mut tx = store.begin().await.unwrap();
        let id = tx.add_rule_filter(&new).await.unwrap();
        let other = tx.add_rule_filter(&lasting).await.unwrap();
        tx.commit().await.unwrap();
        let list = async |scope: &AgencyScope, at| {
            let page = store.list_rule_filters(scope, at, &PageRequest::first()).await.unwrap();
            page.items.iter().map(|filter| filter.id).collect::<Vec<_>>()
        };
        assert_eq!(list(&ALL, Some(now())).await, [other, id]);
        assert_eq!(list(&ALL, Some(now() + 24.hours())).await, [other], "expired");
        assert!(list(&only("sokhcn"), None).await.is_empty(), "it may name what others own");
        assert!(store.find_rule_filter(&only("sokhcn"), id).await.unwrap().is_none());
        let mut tx = store.begin().await.unwrap();
        assert!(!tx.end_rule_filter(&only("sokhcn"), id, now()).await.unwrap());
        assert!(tx.end_rule_filter(&ALL, id, now()).await.unwrap());
        assert!(!tx.end_rule_filter(&ALL, id, now()).await.unwrap(), "only once");
        tx.commit().await.unwrap();
        let found = store.find_rule_filter(&ALL, id).await.unwrap().unwrap();
        assert_eq!((found.asked, found.ended_at), (new, Some(now())));
        assert_eq!(list(&ALL, Some(now())).await, [other]);
        assert_eq!(list(&ALL, None).await.len(), 2);
    })
    .await;
}
