use jiff::ToSpan;
use khien_domain::code::SystemCode;
use khien_domain::evidence::content::Content;
use khien_domain::evidence::{About, How, NewEvidence, Origin, Record, hex};
use khien_domain::page::PageRequest;
use khien_domain::permission::AgencyScope;
use khien_store::{CheckpointRow, Database, EvidenceFilter, KeptRecord, Store, Tip};

use crate::support::{agency, each, each_database, each_is_refused, now, only};

fn evidence(kind: &str, of: Option<&str>, system: Option<&str>, subject: &str) -> NewEvidence {
    NewEvidence {
        kind: kind.into(),
        schema: 1,
        content: Content::map([("servers", Content::from(4)), ("note", "«Sở \"A\"»".into())]),
        agency: of.map(agency),
        system: system.map(|code| SystemCode::new(code).unwrap()),
        subject: subject.into(),
        origin: Origin::Register,
        reference: String::new(),
        how: How::Documented,
        by: "machine:khien".into(),
        at: now(),
        until: None,
        corrects: None,
    }
}

async fn append(store: &Store, new: Vec<NewEvidence>) -> Vec<About> {
    let mut tx = store.begin().await.unwrap();
    let done = tx.append_evidence(new, now() + 1.minute()).await.unwrap();
    tx.commit().await.unwrap();
    done
}

#[tokio::test]
async fn records_follow_one_another() {
    each(async |store| {
        assert_eq!(store.ledger_tip().await.unwrap(), Tip::default());
        let first = append(&store, vec![evidence("hosting.site", Some("soyt"), None, "a")]).await;
        // More than one statement takes at once.
        let many = (0..75)
            .map(|number| {
                evidence("hosting.site", Some("sokhcn"), Some("mh-dvc"), &number.to_string())
            })
            .collect();
        let rest = append(&store, many).await;
        let all: Vec<_> = first.into_iter().chain(rest).collect();
        let mut prev = "0".repeat(64);
        for (seq, about) in (0..).zip(&all) {
            assert_eq!((about.seq, &about.prev), (seq, &prev));
            prev = hex(&About::hash(&about.to_text()));
            let kept = store.find_evidence(&AgencyScope::All, seq).await.unwrap().unwrap();
            assert_eq!(kept.about, *about);
        }
        assert_eq!(store.ledger_tip().await.unwrap(), Tip { size: 76, hash: prev });
        assert_eq!(store.ledger_size().await.unwrap(), 76);
        let block = store.ledger_block(70, 1_000).await.unwrap();
        let read: Vec<_> = block.lines().map(|line| Record::parse(line).unwrap().about).collect();
        assert_eq!(read, all[70..]);
        assert_eq!(store.ledger_block(76, 1_000).await.unwrap(), "");
        let mut kept = store.kept_records(70, 72).await.unwrap();
        let hashes: Vec<_> = kept.iter().map(|record| record.hash.clone()).collect();
        let expected: Vec<_> =
            all[70..72].iter().map(|about| About::hash(&about.to_text()).to_vec()).collect();
        assert_eq!(hashes, expected);
        assert!(kept.iter().all(|record| record.stray_column().is_none()));
        // Each thing by which a record is found is held to what the record says.
        let record = kept.pop().unwrap();
        let other = |change: fn(&mut KeptRecord)| {
            let mut record = record.clone();
            change(&mut record);
            record.stray_column()
        };
        assert_eq!(other(|one| one.seq += 1), Some("seq"));
        assert_eq!(other(|one| one.kind.push('x')), Some("kind"));
        assert_eq!(other(|one| one.agency = None), Some("agency"));
        assert_eq!(other(|one| one.system = None), Some("system"));
        assert_eq!(other(|one| one.subject.clear()), Some("subject"));
        assert_eq!(other(|one| one.corrects = Some(1)), Some("corrects"));
        assert_eq!(other(|one| one.hash[0] ^= 1), Some("hash"));
        assert_eq!(other(|one| one.line.truncate(20)), Some("line"));
    })
    .await;
}

#[tokio::test]
async fn records_are_found_within_the_scope() {
    each(async |store| {
        let corrected =
            NewEvidence { corrects: Some(1), ..evidence("hosting.site", Some("soyt"), None, "b") };
        let new = vec![
            evidence("index.round", None, None, "2026"),
            evidence("hosting.site", Some("soyt"), None, "b"),
            evidence("scan.done", Some("sokhcn"), Some("mh-dvc"), "mh-dvc"),
            evidence("hosting.site", Some("sokhcn"), None, "c"),
            corrected,
        ];
        append(&store, new).await;
        let list = async |scope: &AgencyScope, filter: EvidenceFilter| -> Vec<u64> {
            let page = store.list_evidence(scope, &filter, &PageRequest::first()).await.unwrap();
            page.items.into_iter().map(|record| record.about.seq).collect()
        };
        let none = EvidenceFilter::default;
        assert_eq!(list(&AgencyScope::All, none()).await, [4, 3, 2, 1, 0]);
        assert_eq!(list(&only("sokhcn"), none()).await, [3, 2]);
        let sites = EvidenceFilter { kind: Some("hosting.site".into()), ..none() };
        assert_eq!(list(&AgencyScope::All, sites).await, [4, 3, 1]);
        let subject = EvidenceFilter { subject: Some("c".into()), ..none() };
        assert_eq!(list(&AgencyScope::All, subject).await, [3]);
        let system = EvidenceFilter {
            system: Some(SystemCode::new("mh-dvc").unwrap()),
            agency: Some(agency("sokhcn")),
            ..none()
        };
        assert_eq!(list(&AgencyScope::All, system).await, [2]);
        assert_eq!(store.find_evidence(&only("sokhcn"), 1).await.unwrap(), None);
        assert_eq!(store.find_evidence(&only("soyt"), 0).await.unwrap(), None);
        let corrections = store.list_corrections(1).await.unwrap();
        assert_eq!(corrections[0].about.seq, 4);
        let (sokhcn, dvc) = (agency("sokhcn"), SystemCode::new("mh-dvc").unwrap());
        let of_system = store.evidence_of_system(&sokhcn, &dvc, 3).await.unwrap();
        let seqs: Vec<_> = of_system.into_iter().map(|record| record.about.seq).collect();
        assert_eq!(seqs, [2]);
        let more = ["mh-dvc", "mh-ds", "mh-dvc"]
            .map(|system| evidence("scan.done", Some("sokhcn"), Some(system), system));
        append(&store, more.into()).await;
        let of_each = async |scope: &AgencyScope| -> Vec<u64> {
            let last = store.last_by_system(scope, "scan.done").await.unwrap();
            last.into_iter().map(|record| record.about.seq).collect()
        };
        assert_eq!(of_each(&AgencyScope::All).await, [6, 7]);
        assert_eq!(of_each(&only("sokhcn")).await, [6, 7]);
        assert_eq!(of_each(&only("soyt")).await, [0_u64; 0]);
        let last = store.last_of_ledger("index.round", Some("2026")).await.unwrap().unwrap();
        assert_eq!(last.about.seq, 0);
        assert_eq!(store.last_of_ledger("index.round", Some("2027")).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn two_who_add_at_once_make_one_chain() {
    each(async |store| {
        let one = async |name: &'static str| {
            for number in 0..20 {
                let subject = format!("{name}{number}");
                append(&store, vec![evidence("hosting.site", Some("soyt"), None, &subject)]).await;
            }
        };
        tokio::join!(one("a"), one("b"), one("c"));
        let block = store.ledger_block(0, 100).await.unwrap();
        let mut prev = "0".repeat(64);
        for (seq, line) in (0..).zip(block.lines()) {
            let record = Record::parse(line).unwrap();
            assert_eq!((record.about.seq, &record.about.prev), (seq, &prev));
            prev = hex(&About::hash(&record.about.to_text()));
        }
        assert_eq!(store.ledger_tip().await.unwrap().size, 60);
    })
    .await;
}

#[tokio::test]
async fn checkpoints_are_kept_in_their_order() {
    each(async |store| {
        assert_eq!(store.last_checkpoint().await.unwrap(), None);
        let rows: Vec<_> = (0..3_u64)
            .map(|number| CheckpointRow {
                number,
                size: 10 * number,
                at: now(),
                line: format!("line {number}"),
                frontier: vec![0, 255],
            })
            .collect();
        let mut tx = store.begin().await.unwrap();
        for row in &rows {
            tx.add_checkpoint(row).await.unwrap();
        }
        tx.commit().await.unwrap();
        assert_eq!(store.last_checkpoint().await.unwrap().as_ref(), rows.last());
        assert_eq!(store.list_checkpoints(1).await.unwrap(), rows[1..]);
        let mut tx = store.begin().await.unwrap();
        assert!(tx.add_checkpoint(&rows[0]).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn the_databases_refuse_to_change_the_ledger() {
    each_database(async |database| {
        let store = Store::open(&database).await.unwrap();
        store.migrate(now()).await.unwrap();
        append(&store, vec![evidence("hosting.site", Some("soyt"), None, "a")]).await;
        let mut tx = store.begin().await.unwrap();
        let row =
            CheckpointRow { number: 0, size: 1, at: now(), line: "x".into(), frontier: vec![0] };
        tx.add_checkpoint(&row).await.unwrap();
        tx.commit().await.unwrap();
        let mut statements = vec![
            "UPDATE ledger SET line = 'x'",
            "DELETE FROM ledger",
            "UPDATE ledger_checkpoint SET line = 'x'",
            "DELETE FROM ledger_checkpoint",
        ];
        statements.extend(match &database {
            Database::Sqlite(_) => [
                "REPLACE INTO ledger (seq, kind, subject, hash, line) VALUES (0, '', '', x'00', '')",
                "REPLACE INTO ledger_checkpoint (number, size, at, line, frontier)
                 VALUES (0, 0, 0, '', x'00')",
            ],
            Database::Postgres(_) => ["TRUNCATE ledger", "TRUNCATE ledger_checkpoint"],
        });
        each_is_refused(&database, &statements, "append-only").await;
        assert_eq!(store.ledger_tip().await.unwrap().size, 1);
    })
    .await;
}
