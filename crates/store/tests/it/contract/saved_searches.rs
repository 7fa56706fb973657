use khien_domain::page::PageRequest;
use khien_domain::permission::AgencyScope;
use khien_domain::saved_search::NewSavedSearch;
use khien_store::StoreError;

use crate::support::{each, now, only, register};

fn search(name: &str, owner: &str, is_shared: bool, agencies: AgencyScope) -> NewSavedSearch {
    NewSavedSearch {
        name: name.into(),
        query: "user:\"sao lưu\" AND NOT host:web*".into(),
        span: "24h".into(),
        columns: vec!["time".into(), "tên \"trường\"".into()],
        owner: owner.into(),
        is_shared,
        agencies,
        created_at: now(),
    }
}

#[tokio::test]
async fn a_search_is_seen_by_its_owner_and_if_shared_by_whoever_sees_as_much() {
    each(async |store| {
        register(&store).await;
        let both: std::collections::BTreeSet<_> =
            ["sokhcn", "soyt"].map(crate::support::agency).into();
        let both = AgencyScope::Only(both);
        let mut tx = store.begin().await.unwrap();
        let own = search("riêng", "an", false, AgencyScope::All);
        let id = tx.add_saved_search(&own).await.unwrap();
        let wide = search("chung", "an", true, AgencyScope::All);
        let wide = tx.add_saved_search(&wide).await.unwrap();
        let narrow = search("của sở", "binh", true, only("sokhcn"));
        let narrow_id = tx.add_saved_search(&narrow).await.unwrap();
        tx.commit().await.unwrap();

        let seen = async |scope: &AgencyScope, owner: &str| {
            let page = store.list_saved_searches(scope, owner, &PageRequest::first()).await;
            page.unwrap().items.iter().map(|search| search.id).collect::<Vec<_>>()
        };
        assert_eq!(seen(&AgencyScope::All, "an").await, [narrow_id, wide, id]);
        assert_eq!(seen(&AgencyScope::All, "chi").await, [narrow_id, wide]);
        assert_eq!(seen(&both, "chi").await, [narrow_id]);
        assert_eq!(seen(&only("sokhcn"), "chi").await, [narrow_id]);
        assert!(seen(&only("soyt"), "chi").await.is_empty());
        assert_eq!(seen(&only("soyt"), "binh").await, [narrow_id], "one's own, whatever changed");
        assert!(seen(&AgencyScope::Only([].into()), "chi").await.is_empty());
        let found = store.find_saved_search(&both, "chi", narrow_id).await.unwrap().unwrap();
        assert_eq!(found.saved, narrow);
        assert!(store.find_saved_search(&AgencyScope::All, "chi", id).await.unwrap().is_none());
        assert_eq!(store.count_saved_searches("an").await.unwrap(), 2);

        let mut tx = store.begin().await.unwrap();
        let twice = tx.add_saved_search(&own).await;
        assert!(matches!(twice, Err(StoreError::Conflict { .. })), "{twice:?}");
        drop(tx);
        let mut tx = store.begin().await.unwrap();
        assert!(!tx.delete_saved_search("chi", narrow_id).await.unwrap());
        assert!(tx.delete_saved_search("binh", narrow_id).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(seen(&AgencyScope::All, "chi").await, [wide]);
    })
    .await;
}
