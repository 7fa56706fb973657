use jiff::ToSpan;
use khien_domain::control::mapping::{Mapping, Relation, Relationship};
use khien_domain::control::{CatalogueKey, Stated, Statement};
use khien_domain::permission::AgencyScope;
use khien_store::{CatalogueForm, CatalogueRow, ProbeOutcome, ProbeRow, Store, StoreError};

use crate::support::{agency, each, each_database, each_is_refused, now, only, register, system};

fn row(version: &str, seconds: i64) -> CatalogueRow {
    CatalogueRow {
        key: CatalogueKey::new("mau", version).unwrap(),
        form: CatalogueForm::Read,
        text: "{\"title\":\"Mẫu\"}".into(),
        added_by: "program".into(),
        added_at: now() + seconds.seconds(),
    }
}

fn statement(control: &str, state: Stated) -> Statement {
    Statement {
        agency: agency("sokhcn"),
        system: system("cong-dvc"),
        catalogue: CatalogueKey::new("mau", "1").unwrap(),
        control: control.into(),
        state,
        note: "ghi chú «mẫu»".into(),
        by: "person:an".into(),
        at: now(),
    }
}

#[tokio::test]
async fn versions_stay_and_statements_belong_to_theirs() {
    each(async |store| {
        register(&store).await;
        let rows = [row("1", 0), row("2", 60)];
        let mut tx = store.begin().await.unwrap();
        for row in &rows {
            tx.add_catalogue(row).await.unwrap();
        }
        let said = [statement("a-1", Stated::Planned), statement("a-1", Stated::Implemented)];
        for one in &said {
            tx.add_statement(one).await.unwrap();
        }
        tx.commit().await.unwrap();
        let mut newest_first = rows.clone();
        newest_first.reverse();
        assert_eq!(store.list_catalogues().await.unwrap(), newest_first);
        assert_eq!(store.find_catalogue(&rows[0].key).await.unwrap().as_ref(), Some(&rows[0]));
        let mut tx = store.begin().await.unwrap();
        let twice = tx.add_catalogue(&rows[0]).await;
        assert!(matches!(twice, Err(StoreError::Conflict { .. })), "a version is never replaced");
        drop(tx);

        let (all, code) = (AgencyScope::All, system("cong-dvc"));
        let of = async |scope: &AgencyScope, version: &str| {
            let key = CatalogueKey::new("mau", version).unwrap();
            store.list_statements(scope, &code, Some(&key)).await.unwrap()
        };
        assert_eq!(of(&all, "1").await, said, "in the order in which they were stated");
        assert!(of(&all, "2").await.is_empty());
        assert!(of(&only("soyt"), "1").await.is_empty());
        assert_eq!(store.list_statements(&all, &code, None).await.unwrap().len(), 2);
        let mut tx = store.begin().await.unwrap();
        let nowhere = Statement {
            catalogue: CatalogueKey::new("khac", "1").unwrap(),
            ..statement("a-1", Stated::Planned)
        };
        assert!(tx.add_statement(&nowhere).await.is_err(), "by a catalogue that is not there");
    })
    .await;
}

#[tokio::test]
async fn mappings_belong_to_versions_and_none_takes_the_place_of_another() {
    each(async |store| {
        register(&store).await;
        let mut tx = store.begin().await.unwrap();
        for row in [row("1", 0), row("2", 60)] {
            tx.add_catalogue(&row).await.unwrap();
        }
        let key = |version| CatalogueKey::new("mau", version).unwrap();
        let relation = |target: &str, relationship| Relation {
            source: "a-1".into(),
            target: target.into(),
            relationship,
        };
        let mapping = |relations| Mapping { source: key("1"), target: key("2"), relations };
        let first = mapping(vec![relation("b-1", Relationship::SubsetOf)]);
        let second = mapping(vec![
            relation("b-1", Relationship::EqualTo),
            relation("b-2", Relationship::IntersectsWith),
        ]);
        tx.add_mapping(&first, "mot.csv", ("person:lead", now())).await.unwrap();
        tx.add_mapping(&second, "hai.csv", ("person:lead", now())).await.unwrap();
        let back = Mapping { source: key("2"), target: key("1"), ..first.clone() };
        tx.add_mapping(&back, "ba.csv", ("person:lead", now())).await.unwrap();
        tx.commit().await.unwrap();
        let all = store.list_mappings().await.unwrap();
        let of: Vec<_> = all.iter().map(|row| (&row.mapping, row.number, &*row.file)).collect();
        assert_eq!(of, [(&second, 2, "hai.csv"), (&first, 1, "mot.csv"), (&back, 1, "ba.csv")]);
        assert_eq!((all[0].added_by.as_str(), all[0].added_at), ("person:lead", now()));
        let mut tx = store.begin().await.unwrap();
        let nowhere = Mapping { target: key("3"), ..first };
        let kept = tx.add_mapping(&nowhere, "x", ("person:lead", now())).await;
        assert!(kept.is_err(), "of a catalogue that is not there");
    })
    .await;
}

#[tokio::test]
async fn what_was_said_of_controls_is_never_changed() {
    each_database(async |database| {
        let store = Store::open(&database).await.unwrap();
        store.migrate(now()).await.unwrap();
        register(&store).await;
        let mut tx = store.begin().await.unwrap();
        tx.add_catalogue(&row("1", 0)).await.unwrap();
        tx.add_catalogue(&row("2", 60)).await.unwrap();
        tx.add_statement(&statement("a-1", Stated::Planned)).await.unwrap();
        let key = |version| CatalogueKey::new("mau", version).unwrap();
        let mapping = Mapping { source: key("1"), target: key("2"), relations: Vec::new() };
        tx.add_mapping(&mapping, "a.csv", ("person:an", now())).await.unwrap();
        tx.commit().await.unwrap();
        let statements = [
            "UPDATE control_catalogue SET text = ''",
            "DELETE FROM control_catalogue",
            "UPDATE control_statement SET state = 'implemented'",
            "DELETE FROM control_statement",
            "UPDATE control_mapping SET text = ''",
            "DELETE FROM control_mapping",
        ];
        each_is_refused(&database, &statements, "append-only").await;
    })
    .await;
}

#[tokio::test]
async fn the_last_probe_of_an_endpoint_replaces_the_one_before() {
    each(async |store| {
        register(&store).await;
        let first = ProbeRow {
            endpoint: "web.minhhoa.example:443".into(),
            agency: agency("sokhcn"),
            system: system("cong-dvc"),
            at: now(),
            outcome: ProbeOutcome::Refused,
            detail: "không thuộc dải nào".into(),
            record: None,
        };
        let last = ProbeRow {
            at: now() + 60.seconds(),
            outcome: ProbeOutcome::Seen,
            detail: String::new(),
            record: Some(12),
            ..first.clone()
        };
        for row in [&first, &last] {
            let mut tx = store.begin().await.unwrap();
            tx.note_probe(row).await.unwrap();
            tx.commit().await.unwrap();
        }
        assert_eq!(store.list_probes(&only("sokhcn")).await.unwrap(), [last]);
        assert!(store.list_probes(&only("soyt")).await.unwrap().is_empty());
    })
    .await;
}
