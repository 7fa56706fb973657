use jiff::ToSpan;
use khien_domain::audit::{NewEntry, Outcome};
use khien_domain::page::PageRequest;
use khien_domain::permission::AgencyScope;
use khien_store::{AuditFilter, Database, Store};

use crate::support::{agency, each, each_database, each_is_refused, now, only};

fn entry(action: &str, of: Option<&str>) -> NewEntry {
    NewEntry {
        at: now(),
        who: "token:7:điều tra".into(),
        action: action.into(),
        target: "src_endpoint.ip:203.0.113.9".into(),
        agency: of.map(agency),
        origin: "192.0.2.7".into(),
        outcome: Outcome::Done,
        detail: "12 sự kiện".into(),
    }
}

async fn add(store: &Store, entries: &[NewEntry]) {
    let mut tx = store.begin().await.unwrap();
    tx.add_audit(entries).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn entries_are_read_in_their_order_within_the_scope() {
    each(async |store| {
        let refused =
            NewEntry { outcome: Outcome::Refused, ..entry("events.export", Some("soyt")) };
        let late = NewEntry { at: now() + 1.hour(), ..entry("events.search", Some("sokhcn")) };
        let entries =
            [entry("token.add", None), entry("events.search", Some("soyt")), refused, late];
        add(&store, &entries).await;
        let list = async |scope: &AgencyScope, filter: AuditFilter| -> Vec<NewEntry> {
            let page = store.list_audit(scope, &filter, &PageRequest::first()).await.unwrap();
            page.items.into_iter().map(|entry| entry.said).collect()
        };
        let all = AgencyScope::All;
        let mut newest_first = entries.to_vec();
        newest_first.reverse();
        assert_eq!(list(&all, AuditFilter::default()).await, newest_first);
        assert_eq!(list(&only("soyt"), AuditFilter::default()).await.len(), 2);
        let none = AuditFilter::default;
        for (filter, count) in [
            (AuditFilter { action: Some("events.search".into()), ..none() }, 2),
            (AuditFilter { outcome: Some(Outcome::Refused), ..none() }, 1),
            (AuditFilter { who: Some("machine:khien".into()), ..none() }, 0),
            (AuditFilter { text: Some("EXPORT".into()), ..none() }, 1),
            (AuditFilter { text: Some("e_port".into()), ..none() }, 0),
            (AuditFilter { from: Some(now() + 1.minute()), ..none() }, 1),
            (AuditFilter { to: Some(now() + 1.minute()), ..none() }, 3),
        ] {
            assert_eq!(list(&all, filter.clone()).await.len(), count, "{filter:?}");
        }
        let page = store.list_audit(&all, &none(), &PageRequest::new(None, 3)).await.unwrap();
        let rest = store.list_audit(&all, &none(), &PageRequest::new(page.next, 3)).await.unwrap();
        assert_eq!((page.items.len(), rest.items.len(), rest.next), (3, 1, None));
    })
    .await;
}

#[tokio::test]
async fn the_database_refuses_to_change_or_remove_an_entry() {
    each_database(async |database| {
        let store = Store::open(&database).await.unwrap();
        store.migrate(now()).await.unwrap();
        add(&store, &[entry("token.add", None)]).await;
        let mut statements = vec![
            "UPDATE audit SET who = 'x'",
            "DELETE FROM audit",
            "INSERT INTO audit (id, at, who, action, target, origin, outcome, detail)
             VALUES (1, 0, '', '', '', '', '', '') ON CONFLICT (id) DO UPDATE SET who = 'x'",
        ];
        statements.push(match &database {
            Database::Sqlite(_) => {
                "REPLACE INTO audit (id, at, who, action, target, origin, outcome, detail)
                 VALUES (1, 0, '', '', '', '', '', '')"
            }
            Database::Postgres(_) => "TRUNCATE audit",
        });
        each_is_refused(&database, &statements, "append-only").await;
        let page = PageRequest::first();
        let all =
            store.list_audit(&AgencyScope::All, &AuditFilter::default(), &page).await.unwrap();
        assert_eq!(all.items.len(), 1);
        assert_eq!(all.items[0].said, entry("token.add", None));
    })
    .await;
}

#[tokio::test]
async fn entries_are_read_in_order_settled_and_counted() {
    each(async |store| {
        assert_eq!(store.settled_audit(now()).await.unwrap(), 0);
        let late = NewEntry { at: now() + 1.hour(), ..entry("events.search", None) };
        let refused = NewEntry { outcome: Outcome::Refused, ..entry("events.search", None) };
        let before = [entry("token.add", None), entry("events.search", Some("soyt")), refused];
        add(&store, &[before.as_slice(), &[late, entry("token.add", None)]].concat()).await;
        assert_eq!(store.settled_audit(now() + 30.minutes()).await.unwrap(), 3);
        assert_eq!(store.settled_audit(now() + 2.hours()).await.unwrap(), 5);
        assert_eq!(store.settled_audit(now()).await.unwrap(), 0);
        let part = store.audit_between(2, 5, 2).await.unwrap();
        assert_eq!(part.iter().map(|entry| entry.id.0).collect::<Vec<_>>(), [2, 3]);
        assert_eq!(part[1].said.outcome, Outcome::Refused);
        let counted = store.count_audit(now(), now() + 1.minute()).await.unwrap();
        let search = |outcome| ("events.search".to_owned(), outcome, 1);
        let two = ("token.add".to_owned(), Outcome::Done, 2);
        assert_eq!(counted, [search(Outcome::Done), search(Outcome::Refused), two]);
    })
    .await;
}
