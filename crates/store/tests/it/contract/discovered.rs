//! Hosts that certificates name, and hosts of systems that nobody registered.

use khien_domain::discovered::{Certificate, DiscoveredHost, Standing};
use khien_domain::host::{HostName, HostSeen};
use khien_domain::ids::SourceId;
use khien_domain::permission::AgencyScope;

use crate::support::{agency, each, now, only, register, system};

fn name(text: &str) -> HostName {
    HostName::new(text).unwrap()
}

fn host(text: &str, of: &str, standing: Standing) -> DiscoveredHost {
    DiscoveredHost {
        name: name(text),
        agency: agency(of),
        found_at: now(),
        certificate: Certificate {
            issued_at: Some(now()),
            until: None,
            issuer: "CN=CA Mẫu".into(),
        },
        standing,
        settled_at: None,
        settled_by: None,
        note: None,
    }
}

#[tokio::test]
async fn a_discovered_host_is_read_back_changed_and_seen_within_the_scope() {
    each(async |store| {
        register(&store).await;
        let open = host("b.example", "soyt", Standing::Open);
        let other = host("c.example", "sokhcn", Standing::Open);
        let settled = DiscoveredHost {
            settled_at: Some(now()),
            settled_by: Some("person:canbo001".into()),
            note: Some("đã gỡ".into()),
            ..host("a.example", "soyt", Standing::Off)
        };
        let mut tx = store.begin().await.unwrap();
        for one in [&open, &other, &host("a.example", "soyt", Standing::Open), &settled] {
            tx.put_discovered(one).await.unwrap();
        }
        assert_eq!(tx.find_discovered(&settled.name).await.unwrap(), Some(settled.clone()));
        assert_eq!(tx.find_discovered(&name("d.example")).await.unwrap(), None);
        assert_eq!(tx.all_discovered().await.unwrap().len(), 3);
        tx.commit().await.unwrap();
        let asked = store.list_open_discovered(&only("soyt")).await.unwrap();
        assert_eq!(asked, std::slice::from_ref(&open), "what is settled is not asked about");
        let listed = store.list_discovered(&only("soyt")).await.unwrap();
        assert_eq!(listed, [open, settled], "what is open stands first");
        assert_eq!(store.list_discovered(&AgencyScope::All).await.unwrap().len(), 3);
    })
    .await;
}

#[tokio::test]
async fn hosts_in_events_are_unregistered_until_somebody_registers_them() {
    each(async |store| {
        register(&store).await;
        let (seen, quiet) = (name("may1"), name("may2"));
        let mut tx = store.begin().await.unwrap();
        let one = HostSeen {
            system: system("benh-an"),
            name: seen.clone(),
            source: SourceId(1),
            at: now(),
        };
        tx.see_hosts(&[one]).await.unwrap();
        tx.register_host(&system("benh-an"), &quiet, now()).await.unwrap();
        tx.commit().await.unwrap();
        let all = AgencyScope::All;
        let listed = store.list_unregistered_hosts(&all).await.unwrap();
        assert_eq!(listed.iter().map(|host| &host.name).collect::<Vec<_>>(), [&seen]);
        assert!(store.list_unregistered_hosts(&only("sokhcn")).await.unwrap().is_empty());
        assert_eq!(store.registered_host_names().await.unwrap(), [quiet.clone()].into());
        let mut tx = store.begin().await.unwrap();
        assert!(tx.register_host(&system("benh-an"), &seen, now()).await.unwrap());
        tx.unregister_host(&all, &system("benh-an"), &quiet).await.unwrap();
        tx.commit().await.unwrap();
        assert!(
            store.list_unregistered_hosts(&all).await.unwrap().is_empty(),
            "one was never seen"
        );
        assert_eq!(store.registered_host_names().await.unwrap(), [seen].into());
    })
    .await;
}
