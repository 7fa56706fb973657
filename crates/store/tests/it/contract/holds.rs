use jiff::ToSpan;
use khien_domain::hold::{Held, NewHold};
use khien_domain::page::PageRequest;
use khien_domain::permission::AgencyScope;

use crate::support::{agency, each, now, only, register};

#[tokio::test]
async fn a_hold_is_read_back_seen_by_its_agency_and_lifted_once() {
    each(async |store| {
        register(&store).await;
        let own = NewHold {
            held: Held {
                agency: Some(agency("sokhcn")),
                from: Some(now() - 48.hours()),
                to: Some(now()),
            },
            owner: "Cán bộ Mẫu 001".into(),
            reason: "vụ việc mẫu".into(),
            placed_at: now(),
            expires_at: Some(now() + 240.hours()),
        };
        let everywhere = NewHold { held: Held::default(), expires_at: None, ..own.clone() };
        let mut tx = store.begin().await.unwrap();
        let id = tx.add_hold(&own).await.unwrap();
        tx.add_hold(&everywhere).await.unwrap();
        tx.commit().await.unwrap();

        let list = async |scope: &AgencyScope, not_lifted| {
            store.list_holds(scope, not_lifted, &PageRequest::first()).await.unwrap().items
        };
        assert_eq!(list(&AgencyScope::All, true).await.len(), 2);
        let seen = list(&only("sokhcn"), true).await;
        assert_eq!((seen.len(), seen[0].id, &seen[0].asked), (1, id, &own));
        assert!(list(&only("soyt"), true).await.is_empty());
        assert!(store.find_hold(&only("soyt"), id).await.unwrap().is_none());

        let mut tx = store.begin().await.unwrap();
        assert!(!tx.lift_hold(&only("soyt"), id, now()).await.unwrap());
        assert!(tx.lift_hold(&only("sokhcn"), id, now()).await.unwrap());
        assert!(!tx.lift_hold(&only("sokhcn"), id, now()).await.unwrap(), "only once");
        tx.commit().await.unwrap();
        assert_eq!(list(&AgencyScope::All, true).await.len(), 1);
        let found = store.find_hold(&AgencyScope::All, id).await.unwrap().unwrap();
        assert_eq!(found.lifted_at, Some(now()));
    })
    .await;
}
