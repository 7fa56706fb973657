use khien_domain::agency::Agency;
use khien_domain::host::{HostName, HostSeen};
use khien_domain::ids::SourceId;
use khien_domain::page::PageRequest;
use khien_domain::permission::AgencyScope;
use khien_domain::system::{Level, Stage};
use khien_store::StoreError;

use crate::support::{agency, each, new_agency, new_system, now, only, register, system};

#[tokio::test]
async fn an_agency_and_its_systems_are_read_back() {
    each(async |store| {
        let parent = new_agency("vp-ubnd");
        let child = Agency {
            name_en: Some("Department of Health".into()),
            parent: Some(agency("vp-ubnd")),
            ..new_agency("soyt")
        };
        let owned = new_system("benh-an", "soyt", 4);
        let mut tx = store.begin().await.unwrap();
        tx.add_agency(&parent).await.unwrap();
        tx.add_agency(&child).await.unwrap();
        tx.add_system(&owned).await.unwrap();
        tx.commit().await.unwrap();
        let all = AgencyScope::All;
        assert_eq!(store.find_agency(&all, &child.code).await.unwrap(), Some(child));
        assert_eq!(store.find_system(&all, &owned.code).await.unwrap(), Some(owned));
        assert_eq!(store.find_system(&all, &system("khong-co")).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn codes_are_unique_and_what_is_referred_to_must_exist() {
    each(async |store| {
        register(&store).await;
        let mut tx = store.begin().await.unwrap();
        let again = tx.add_agency(&new_agency("soyt")).await;
        assert!(matches!(again, Err(StoreError::Conflict { .. })), "{again:?}");
        tx.rollback().await.unwrap();
        let mut tx = store.begin().await.unwrap();
        let orphan = tx.add_system(&new_system("x", "khong-co", 1)).await;
        assert!(matches!(orphan, Err(StoreError::Missing { .. })), "{orphan:?}");
    })
    .await;
}

#[tokio::test]
async fn a_system_changes_only_within_the_scope() {
    each(async |store| {
        register(&store).await;
        let mut changed = new_system("benh-an", "soyt", 5);
        changed.stage = Stage::Retired;
        let mut tx = store.begin().await.unwrap();
        assert!(!tx.update_system(&only("sokhcn"), &changed).await.unwrap());
        assert!(tx.update_system(&only("soyt"), &changed).await.unwrap());
        tx.commit().await.unwrap();
        let found = store.find_system(&only("soyt"), &changed.code).await.unwrap().unwrap();
        assert_eq!((found.level, found.stage), (Level::new(5).unwrap(), Stage::Retired));
    })
    .await;
}

#[tokio::test]
async fn another_agency_is_as_if_it_were_not_there() {
    each(async |store| {
        register(&store).await;
        let scope = only("sokhcn");
        assert_eq!(store.find_agency(&scope, &agency("soyt")).await.unwrap(), None);
        assert_eq!(store.find_system(&scope, &system("benh-an")).await.unwrap(), None);
        let agencies = store.list_agencies(&scope, &PageRequest::first()).await.unwrap();
        assert_eq!(agencies.items.len(), 1);
        let systems = store.list_systems(&scope, &PageRequest::first()).await.unwrap();
        assert_eq!(systems.items.len(), 1);
        let none = AgencyScope::Only(std::collections::BTreeSet::new());
        assert!(store.list_agencies(&none, &PageRequest::first()).await.unwrap().items.is_empty());
    })
    .await;
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repetition() {
    each(async |store| {
        let mut tx = store.begin().await.unwrap();
        let codes: Vec<String> = (1..=23).map(|number| format!("xa-{number:02}")).collect();
        for code in &codes {
            tx.add_agency(&new_agency(code)).await.unwrap();
        }
        tx.commit().await.unwrap();
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let request = PageRequest::new(after, 10);
            let page = store.list_agencies(&AgencyScope::All, &request).await.unwrap();
            seen.extend(page.items.iter().map(|agency| agency.code.to_string()));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen, codes);
    })
    .await;
}

#[tokio::test]
async fn a_host_is_news_once_unless_it_is_registered() {
    each(async |store| {
        let [source, _] = register(&store).await;
        let host = |name: &str| HostName::new(name).unwrap();
        let seen = |name: &str| HostSeen {
            system: system("cong-dvc"),
            name: host(name),
            source,
            at: now(),
        };
        let mut tx = store.begin().await.unwrap();
        tx.register_host(&system("cong-dvc"), &host("WEB01"), now()).await.unwrap();
        let unknown = tx.see_hosts(&[seen("web01"), seen("web02"), seen("web02")]).await.unwrap();
        assert_eq!(unknown, [seen("web02")]);
        assert!(tx.see_hosts(&[seen("web02")]).await.unwrap().is_empty());
        tx.commit().await.unwrap();

        let first = PageRequest::first();
        let list = async |code| {
            let page = store.list_hosts(&only(code), &system("cong-dvc"), &first).await.unwrap();
            page.items
        };
        let hosts = list("sokhcn").await;
        let names: Vec<_> =
            hosts.iter().map(|host| (host.name.as_str(), host.registered_at.is_some())).collect();
        assert_eq!(names, [("web01", true), ("web02", false)]);
        assert_eq!(hosts[0].last_source, Some(source));
        assert!(list("soyt").await.is_empty(), "another agency's hosts");
        let placed = async |scope: &AgencyScope, since| {
            let found = store.list_hosts_seen(scope, since).await.unwrap();
            found.iter().map(|one| one.name.as_str().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(placed(&only("sokhcn"), now()).await, ["web01", "web02"]);
        assert!(placed(&only("soyt"), now()).await.is_empty());
        let later = now() + jiff::SignedDuration::from_secs(1);
        assert!(placed(&AgencyScope::All, later).await.is_empty(), "not since then");

        let mut tx = store.begin().await.unwrap();
        let off = tx.unregister_host(&only("soyt"), &system("cong-dvc"), &host("web01")).await;
        assert!(!off.unwrap(), "another agency's host");
        let off = tx.unregister_host(&only("sokhcn"), &system("cong-dvc"), &host("web01")).await;
        assert!(off.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(list("sokhcn").await[0].registered_at, None);
    })
    .await;
}

#[tokio::test]
async fn a_host_needs_its_system() {
    each(async |store| {
        let mut tx = store.begin().await.unwrap();
        let seen = HostSeen {
            system: system("khong-co"),
            name: HostName::new("web01").unwrap(),
            source: SourceId(1),
            at: now(),
        };
        assert!(matches!(tx.see_hosts(&[seen]).await, Err(StoreError::Missing { .. })));
    })
    .await;
}
