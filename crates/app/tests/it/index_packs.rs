//! The index is replaced by another without another program.

use khien_app::App;
use khien_app::use_case::{UseError, index};
use khien_domain::account::Role;
use khien_domain::evidence::NewEvidence;
use khien_domain::evidence::kinds::Kinds;
use khien_domain::index::IndexPack;
use khien_domain::permission::AgencyScope;

use crate::rounds::{AGENCIES, PACK, centre};
use crate::support::{agency, lead, officer, person, start};

/// Our own pack under another id, with half of what somebody's word earns.
fn another(id: &str) -> String {
    IndexPack::BUILT_IN.replacen(&format!("pack: {PACK}"), &format!("pack: {id}"), 1).replacen(
        "declared_share: 1/2",
        "declared_share: 1/4",
        1,
    )
}

async fn current(app: &App) -> Vec<(String, bool, bool)> {
    let listed = index::list_packs(app, &lead()).await.unwrap();
    listed.into_iter().map(|one| (one.pack.id, one.is_own, one.is_current)).collect()
}

/// As a program with another content of its own index left it.
async fn by_the_program(app: &App, text: &str) {
    let pack = IndexPack::parse(text, &Kinds::parse(Kinds::BUILT_IN).unwrap()).unwrap();
    let new = NewEvidence {
        agency: None,
        subject: pack.id.clone(),
        by: "khien".into(),
        ..NewEvidence::of_agency("index.pack", &agency(AGENCIES[0]), app.now())
    };
    let mut tx = app.store.begin().await.unwrap();
    tx.append_evidence(vec![new.with("pack", pack.to_content().clone())], app.now()).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pack_that_is_brought_counts_until_another_is_put_into_force() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("data");
    let (app, clock) = centre(&path).await;
    assert_eq!(current(&app).await, [(PACK.to_owned(), true, true)]);
    let before = index::live(&app, &lead()).await.unwrap();
    assert_eq!(before.now.pack.id, PACK);

    let brought = index::import_pack(&app, &lead(), "a.yml", another("tinh-2027").as_bytes()).await;
    let brought = brought.unwrap();
    assert!(brought.is_current && brought.pack.id == "tinh-2027");
    let listed = [("tinh-2027".to_owned(), false, true), (PACK.to_owned(), true, false)];
    assert_eq!(current(&app).await, listed);
    let live = index::live(&app, &lead()).await.unwrap();
    assert_eq!(live.now.pack.id, "tinh-2027", "at once");

    // An update of the program does not take its place.
    let older = IndexPack::BUILT_IN.replacen("declared_share: 1/2", "declared_share: 1/3", 1);
    by_the_program(&app, &older).await;
    index::use_pack(&app, &lead(), "tinh-2027").await.unwrap();
    let kept = app.store.all_of_ledger("index.pack").await.unwrap();
    app.stop().await;
    drop(app);
    let app = start(&path, &clock).await;
    assert_eq!(app.store.all_of_ledger("index.pack").await.unwrap(), kept);
    assert_eq!(current(&app).await, listed);

    // The program's own is back once somebody wants it, and follows its updates again.
    let back = index::use_pack(&app, &lead(), PACK).await.unwrap();
    assert!(back.is_current);
    app.stop().await;
    drop(app);
    let app = start(&path, &clock).await;
    assert_eq!(app.store.all_of_ledger("index.pack").await.unwrap().len(), kept.len() + 2);
    let live = index::live(&app, &lead()).await.unwrap();
    let own = IndexPack::parse(IndexPack::BUILT_IN, &Kinds::parse(Kinds::BUILT_IN).unwrap());
    assert_eq!(live.now.pack.to_content(), own.unwrap().to_content());
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_pack_or_would_change_one_is_refused_and_nothing_is_kept() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre(&place.path().join("data")).await;
    let before = app.store.ledger_tip().await.unwrap().size;
    let ours = another("tinh-2027");
    let own = IndexPack::BUILT_IN;
    for (file, text, says) in [
        ("a.yml", String::new(), "a.yml: "),
        ("a.yml", "pack: x\nlanguage: 1\n".to_owned(), "pack: line"),
        ("a.yml", ours.replacen("weight: 18", "weight: 19", 1), "pack: line"),
        ("a.yml", own.to_owned(), "is in the ledger already"),
        ("a.yml", another(PACK), "a version does not change"),
        (
            "a.yml",
            ours.replacen("valid_from: 2026-01-01", "valid_from: 2024-01-01", 1).replacen(
                "valid_to: 2027-12-31",
                "valid_to: 2025-12-31",
                1,
            ),
            "is valid until 2025-12-31",
        ),
        ("BO_CHI_SO_TOI_MAT.yml", ours.clone(), "bears the mark"),
    ] {
        let refused = index::import_pack(&app, &lead(), file, text.as_bytes()).await.unwrap_err();
        assert!(refused.to_string().contains(says), "{says}: {refused}");
    }
    let refused = index::import_pack(&app, &lead(), "a.yml", &[0xff]).await.unwrap_err();
    assert!(refused.to_string().contains("byte 0: the file is not UTF-8"), "{refused}");
    let large = vec![b' '; index::MAX_PACK_BYTES + 1];
    let refused = index::import_pack(&app, &lead(), "a.yml", &large).await.unwrap_err();
    assert!(refused.to_string().contains("at most 1 MiB"), "{refused}");
    let analyst = person("truc", Role::Analyst, AgencyScope::All);
    for somebody in [officer(AGENCIES[0]), analyst] {
        let refused = index::import_pack(&app, &somebody, "a.yml", ours.as_bytes()).await;
        assert!(matches!(refused.unwrap_err(), UseError::Denied(_)));
        let refused = index::use_pack(&app, &somebody, PACK).await.unwrap_err();
        assert!(matches!(refused, UseError::Denied(_)));
    }
    let refused = index::use_pack(&app, &lead(), PACK).await.unwrap_err();
    assert!(refused.to_string().contains("is in force"), "{refused}");
    let refused = index::use_pack(&app, &lead(), "khac").await.unwrap_err();
    assert!(matches!(refused, UseError::NotFound { .. }), "{refused}");
    assert_eq!(app.store.ledger_tip().await.unwrap().size, before);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pack_of_a_year_to_come_counts_from_its_first_day_on() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place.path().join("data")).await;
    let today = app.now();
    let next = another("tinh-2027").replacen("valid_from: 2026-01-01", "valid_from: 2027-01-01", 1);
    let brought = index::import_pack(&app, &lead(), "a.yml", next.as_bytes()).await.unwrap();
    assert!(!brought.is_current);
    assert_eq!(index::live(&app, &lead()).await.unwrap().now.pack.id, PACK);
    let first: jiff::Timestamp = "2026-12-31T17:00:00Z".parse().unwrap();
    let still = first.duration_since(today).as_secs() - 1;
    clock.forward(still);
    assert_eq!(current(&app).await.iter().filter(|one| one.2).count(), 1);
    assert!(current(&app).await.contains(&(PACK.to_owned(), true, true)));
    clock.forward(1);
    assert!(current(&app).await.contains(&("tinh-2027".to_owned(), false, true)), "UTC+7");
    app.stop().await;
}
