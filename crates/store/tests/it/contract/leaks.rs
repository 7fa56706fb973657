use jiff::ToSpan;
use khien_domain::ids::LeakId;
use khien_domain::leak::{Leak, LeakKind, LeakMove, LeakStep};
use khien_domain::permission::AgencyScope;
use khien_store::{Database, Store, StoreError};

use crate::support::{agency, each, each_database, each_is_refused, now, only, register};

fn leak(of: &str) -> Leak {
    Leak {
        agency: agency(of),
        kind: LeakKind::WorkSecret,
        number: Some("12-BC/TU".into()),
        dated: Some("2026-09-01".parse().unwrap()),
        found_on: "2026-10-01".parse().unwrap(),
    }
}

fn step(what: LeakMove, seconds: i64) -> LeakStep {
    LeakStep {
        what,
        day: "2026-10-02".parse().unwrap(),
        who: "person:canbo".into(),
        at: now() + seconds.seconds(),
    }
}

#[tokio::test]
async fn leaks_are_read_back_with_their_steps_by_agency() {
    each(async |store| {
        register(&store).await;
        let plain =
            Leak { number: None, dated: None, kind: LeakKind::PersonalData, ..leak("soyt") };
        let mut tx = store.begin().await.unwrap();
        let first = tx.add_leak(&leak("sokhcn"), "person:canbo", now()).await.unwrap();
        let second = tx.add_leak(&plain, "person:canbo", now()).await.unwrap();
        tx.add_leak_step(first, &step(LeakMove::Report, 1)).await.unwrap();
        tx.add_leak_step(first, &step(LeakMove::Contain, 2)).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = store.begin().await.unwrap();
        assert!(!tx.add_leak_step(first, &step(LeakMove::Report, 3)).await.unwrap());
        assert!(tx.has_open_leak(&leak("sokhcn")).await.unwrap());
        assert!(!tx.has_open_leak(&leak("soyt")).await.unwrap(), "of another agency");
        let other = Leak { number: Some("13-BC/TU".into()), ..leak("sokhcn") };
        assert!(!tx.has_open_leak(&other).await.unwrap());
        assert!(tx.add_leak_step(first, &step(LeakMove::Close, 3)).await.unwrap());
        assert!(!tx.has_open_leak(&leak("sokhcn")).await.unwrap(), "it is closed");
        assert!(
            !tx.add_leak_step(first, &step(LeakMove::Withdraw, 4)).await.unwrap(),
            "after the end"
        );
        assert!(!tx.add_leak_step(LeakId(99), &step(LeakMove::Report, 3)).await.unwrap());
        drop(tx);

        let all = store.list_leaks(&AgencyScope::All).await.unwrap();
        assert_eq!(all.iter().map(|kept| kept.id).collect::<Vec<_>>(), [second, first]);
        assert_eq!((&all[0].leak, all[0].steps.len()), (&plain, 0));
        let kept = store.find_leak(&only("sokhcn"), first).await.unwrap().unwrap();
        assert_eq!(kept, all[1]);
        assert_eq!(kept.leak, leak("sokhcn"));
        let steps = [step(LeakMove::Report, 1), step(LeakMove::Contain, 2)];
        assert_eq!((kept.steps.as_slice(), kept.who.as_str()), (&steps[..], "person:canbo"));
        assert_eq!(store.find_leak(&only("sokhcn"), second).await.unwrap(), None);
        assert_eq!(store.list_leaks(&only("sokhcn")).await.unwrap(), [kept]);
        assert_eq!(store.find_leak(&AgencyScope::All, LeakId(99)).await.unwrap(), None);
        let nowhere = Leak { agency: agency("khong-co"), ..leak("sokhcn") };
        let mut tx = store.begin().await.unwrap();
        let refused = tx.add_leak(&nowhere, "person:canbo", now()).await;
        assert!(matches!(refused, Err(StoreError::Missing { .. })), "{refused:?}");
    })
    .await;
}

#[tokio::test]
async fn what_is_known_of_leaks_is_never_changed() {
    each_database(async |database| {
        let store = Store::open(&database).await.unwrap();
        store.migrate(now()).await.unwrap();
        register(&store).await;
        let mut tx = store.begin().await.unwrap();
        let id = tx.add_leak(&leak("sokhcn"), "person:canbo", now()).await.unwrap();
        tx.add_leak_step(id, &step(LeakMove::Report, 1)).await.unwrap();
        tx.commit().await.unwrap();
        let mut statements = vec![
            "UPDATE leak SET number = '1'",
            "DELETE FROM leak_step",
            "UPDATE leak_step SET day = '2026-01-01'",
        ];
        match &database {
            Database::Sqlite(_) => {
                statements.push(
                    "INSERT OR REPLACE INTO leak_step SELECT leak_id, what, '2026-01-01', who, at
                     FROM leak_step",
                );
                statements.push(
                    "INSERT OR REPLACE INTO leak SELECT id, agency, kind, '1', dated, found_on, who, at
                     FROM leak",
                );
            }
            Database::Postgres(_) => statements.push("TRUNCATE leak_step"),
        }
        each_is_refused(&database, &statements, "append-only").await;
        let kept = store.find_leak(&AgencyScope::All, id).await.unwrap().unwrap();
        assert_eq!((kept.leak, kept.steps), (leak("sokhcn"), vec![step(LeakMove::Report, 1)]));
    })
    .await;
}
