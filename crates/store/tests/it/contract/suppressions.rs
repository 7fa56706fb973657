use jiff::ToSpan;
use khien_domain::alert::suppression::{Condition, NewSuppression, Scope};
use khien_domain::alert::{Detection, MatchedField};
use khien_domain::page::PageRequest;
use khien_domain::permission::AgencyScope;

use crate::support::{agency, detection, each, elsewhere, now, only, record, register};

fn suppression(scope: Scope) -> NewSuppression {
    NewSuppression {
        scope,
        owner: "Cán bộ Mẫu 001".into(),
        reason: "sao lưu hằng ngày\nđã đối chiếu".into(),
        created_at: now(),
        expires_at: now() + 240.hours(),
    }
}

fn condition(value: &str) -> Condition {
    Condition { field: "User".into(), value: value.into() }
}

#[tokio::test]
async fn a_suppression_is_read_back_holds_and_ends() {
    each(async |store| {
        register(&store).await;
        let own = suppression(Scope {
            agency: Some(agency("sokhcn")),
            rule: Some("rule-1".into()),
            entity: Some("host=web01".into()),
            conditions: vec![condition("sao lưu*"), condition("\"'")],
        });
        let everywhere = suppression(Scope { rule: Some("rule-2".into()), ..Scope::default() });
        let mut tx = store.begin().await.unwrap();
        let id = tx.add_suppression(&own).await.unwrap();
        tx.add_suppression(&everywhere).await.unwrap();
        tx.commit().await.unwrap();

        let list = async |scope: &AgencyScope, at| {
            store.list_suppressions(scope, at, &PageRequest::first()).await.unwrap().items
        };
        let all = AgencyScope::All;
        assert_eq!(list(&all, None).await.len(), 2);
        let seen = list(&only("sokhcn"), None).await;
        assert_eq!(seen.len(), 1);
        assert_eq!((seen[0].id, &seen[0].asked), (id, &own));
        assert!(list(&only("soyt"), None).await.is_empty());
        assert_eq!(list(&all, Some(now())).await.len(), 2);
        assert!(list(&all, Some(now() + 240.hours())).await.is_empty(), "expired");

        let mut tx = store.begin().await.unwrap();
        assert!(!tx.end_suppression(&only("soyt"), id, now()).await.unwrap());
        assert!(tx.end_suppression(&only("sokhcn"), id, now()).await.unwrap());
        assert!(!tx.end_suppression(&only("sokhcn"), id, now()).await.unwrap(), "only once");
        tx.commit().await.unwrap();
        assert_eq!(list(&all, Some(now())).await.len(), 1);
        assert_eq!(list(&only("sokhcn"), None).await[0].ended_at, Some(now()));
    })
    .await;
}

#[tokio::test]
async fn a_preview_tells_what_would_have_been_hidden() {
    each(async |store| {
        register(&store).await;
        let by = |user: &str, found: Detection| Detection {
            matched: vec![MatchedField::new("User", user, "is not empty")],
            ..found
        };
        let old = now() - 960.hours();
        let before = Detection { at: old, window_start: old, ..detection(1, 9, "old") };
        record(
            &store,
            1..=1,
            &[
                by("svc-backup", detection(1, 0, "a")),
                by("SVC-Backup", detection(1, 1, "a")),
                by("svc-backup", detection(1, 2, "b")),
                by("admin", detection(1, 3, "b")),
                by("admin", detection(1, 4, "c")),
                by("svc-backup", elsewhere(1, 5, "d")),
                by("svc-backup", before),
            ],
        )
        .await;
        let hiding = Scope { conditions: vec![condition("svc-backup")], ..Scope::default() };
        let since = now() - 720.hours();
        let preview = store.preview_suppression(&only("sokhcn"), &hiding, since).await.unwrap();
        assert_eq!((preview.alerts, preview.partly, preview.events), (1, 1, 2));
        assert_eq!(preview.examples.len(), 1);
        assert_eq!(preview.examples[0].entity, "a");
        assert!(!preview.is_partial);
        let all = store.preview_suppression(&AgencyScope::All, &hiding, since).await.unwrap();
        assert_eq!(all.alerts, 2, "the other agency's too");
        let rule = Scope { rule: Some("rule-1".into()), entity: Some("c".into()), ..hiding };
        let none = store.preview_suppression(&AgencyScope::All, &rule, since).await.unwrap();
        assert_eq!(none.alerts, 0);
    })
    .await;
}
