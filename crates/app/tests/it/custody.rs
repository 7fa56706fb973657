//! Devices that keep keys, certificates and providers across agencies.

use std::sync::Arc;

use jiff::civil::{Date, date};
use khien_app::App;
use khien_app::access::Caller;
use khien_app::use_case::UseError;
use khien_app::use_case::attest;
use khien_app::use_case::audit::{self, AuditFilter};
use khien_app::use_case::ledger::{self, EvidenceFilter};
use khien_app::use_case::register::custody::{self, NewDevice};
use khien_app::use_case::register::import::{Import, ListKind, Report, import};
use khien_app::use_case::register::{self, across};
use khien_domain::code::SystemCode;
use khien_domain::custody::{Act, DeviceKind, DeviceState, Move};
use khien_domain::evidence::{How, NewEvidence, Record};
use khien_domain::ids::DeviceId;
use khien_domain::page::PageRequest;
use khien_domain::product::{Authority, Concern, Make, Product};
use khien_domain::provider::{Escrow, Exit, Provider};
use khien_domain::system::{Level, Stage, System};

use crate::support::{agency, centre_of_two, officer};

const TODAY: Date = date(2026, 10, 15);

fn token(of: &str, serial: &str) -> NewDevice {
    NewDevice {
        agency: agency(of),
        serial: serial.into(),
        kind: DeviceKind::Token,
        product: None,
        until: Some(date(2026, 11, 1)),
        day: date(2026, 1, 5),
    }
}

async fn tasks(app: &App) -> Vec<Record> {
    let filter = EvidenceFilter { kind: Some("task.state".into()), ..EvidenceFilter::default() };
    let page = PageRequest::first();
    ledger::list(app, &Caller::program(), &filter, &page).await.unwrap().items
}

async fn state(app: &App, who: &Caller, id: DeviceId) -> DeviceState {
    custody::get_device(app, who, id).await.unwrap().kept.device.state
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_device_is_a_task_until_its_revocation_is_recorded() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre_of_two(&place.path().join("data")).await;
    let own = officer("sokhcn");
    let id = custody::add_device(&app, &own, token("sokhcn", "tk-01")).await.unwrap();
    let again = custody::add_device(&app, &own, token("sokhcn", "TK-01")).await.unwrap_err();
    assert!(
        matches!(&again, UseError::Conflict(told) if told.contains("TK-01 already")),
        "{again}"
    );
    let act = async |act: Act| custody::act(&app, &own, id, act, TODAY).await;
    act(Act::HandOver("Chánh Văn phòng".into())).await.unwrap();
    assert!(tasks(&app).await.is_empty());
    act(Act::Lose).await.unwrap();
    let begun = tasks(&app).await;
    assert_eq!(begun.len(), 1);
    let about = &begun[0].about;
    assert_eq!((about.subject.as_str(), &about.agency), ("custody TK-01", &Some(agency("sokhcn"))));
    let said = |record: &Record, field: &str| {
        record.content.get(field).and_then(|value| value.as_text()).map(str::to_owned)
    };
    assert_eq!(said(&begun[0], "due").as_deref(), Some("2026-10-16"), "the days of the pack");
    assert_eq!(said(&begun[0], "done"), None);
    let found_again = act(Act::Return).await.unwrap_err();
    assert!(found_again.to_string().ends_with("is lost: it cannot be returned"), "{found_again}");

    clock.forward(26 * 3600);
    act(Act::Revoke("57/TB-CTS.MH".into())).await.unwrap();
    let all = tasks(&app).await;
    assert_eq!(all.len(), 2);
    assert_eq!(said(&all[0], "done").as_deref(), Some("2026-10-16"));
    assert_eq!(said(&all[0], "due"), said(&begun[0], "due"));
    let detail = custody::get_device(&app, &own, id).await.unwrap();
    assert_eq!(detail.kept.device.revocation.as_deref(), Some("57/TB-CTS.MH"));
    assert_eq!(detail.task.map(|task| task.done), Some(Some(date(2026, 10, 16))));
    let steps: Vec<Move> = detail.steps.iter().map(|step| step.what).collect();
    assert_eq!(steps, [Move::Revoke, Move::Lose, Move::HandOver, Move::Register]);

    // What was never lost is revoked without a task.
    let other = custody::add_device(&app, &own, token("sokhcn", "TK-02")).await.unwrap();
    custody::act(&app, &own, other, Act::Revoke("58/TB-CTS.MH".into()), TODAY).await.unwrap();
    assert_eq!(tasks(&app).await.len(), 2);
    let page = PageRequest::first();
    let log = audit::list_audit(&app, &Caller::program(), &AuditFilter::default(), &page).await;
    let log = log.unwrap().items;
    let told = |action: &str| {
        let entries = log.iter().filter(|entry| entry.said.action == action);
        entries.map(|entry| entry.said.target.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(told("custody.lose"), ["device TK-01 of sokhcn"]);
    assert_eq!(told("custody.register").len(), 2);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_agency_says_of_a_task_is_never_the_centres_word() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre_of_two(&place.path().join("data")).await;
    let (own, sokhcn) = (officer("sokhcn"), agency("sokhcn"));
    let id = custody::add_device(&app, &own, token("sokhcn", "TK-01")).await.unwrap();
    for act in [Act::HandOver("Văn thư".into()), Act::Lose] {
        custody::act(&app, &own, id, act, TODAY).await.unwrap();
    }
    let begun = tasks(&app).await.swap_remove(0);
    clock.forward(60);
    let fields = [("due", "2027-12-31"), ("done", "2026-10-15"), ("accepted", "yes")];
    let typed = attest::Typed {
        kind: "task.state".into(),
        subject: begun.about.subject.clone(),
        fields: fields.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        ..attest::Typed::default()
    };
    let refused = attest::attest(&app, &own, &sokhcn, &typed).await.unwrap_err();
    assert!(refused.to_string().contains("the centre itself has recorded"), "{refused}");
    // One that was kept before such words were refused changes nothing of the task.
    let word = NewEvidence {
        subject: begun.about.subject.clone(),
        how: How::Declared,
        ..NewEvidence::of_agency("task.state", &sokhcn, app.now())
    };
    let word = word.with("due", "2027-12-31").with("done", "2026-10-15").with("accepted", true);
    let mut tx = app.store.begin().await.unwrap();
    tx.append_evidence(vec![word], app.now()).await.unwrap();
    tx.commit().await.unwrap();
    let detail = custody::get_device(&app, &own, id).await.unwrap();
    assert_eq!(detail.task.map(|task| task.done), Some(None), "it is still open");
    custody::act(&app, &own, id, Act::Revoke("3/TB".into()), TODAY).await.unwrap();
    let done = tasks(&app).await.swap_remove(0);
    assert_eq!(done.about.how, How::Measured);
    assert_eq!(done.content.get("due"), begun.content.get("due"));
    assert!(done.content.get("done").is_some());
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_keeps_the_devices_of_their_own_agency() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre_of_two(&place.path().join("data")).await;
    let (own, other) = (officer("sokhcn"), officer("soyt"));
    let foreign = custody::add_device(&app, &other, token("sokhcn", "TK-01")).await;
    assert!(matches!(foreign, Err(UseError::Denied(_))));
    let id = custody::add_device(&app, &own, token("sokhcn", "TK-01")).await.unwrap();
    assert!(matches!(custody::get_device(&app, &other, id).await, Err(UseError::NotFound { .. })));
    let act = custody::act(&app, &other, id, Act::Lose, TODAY).await;
    assert!(matches!(act, Err(UseError::NotFound { .. })));
    assert!(custody::list_devices(&app, &other).await.unwrap().is_empty());
    assert_eq!(state(&app, &own, id).await, DeviceState::InStore);
    assert!(tasks(&app).await.is_empty());
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_key_is_kept_whichever_field_it_is_typed_into() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre_of_two(&place.path().join("data")).await;
    let own = officer("sokhcn");
    let pem = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIA\n-----END EC PRIVATE KEY-----";
    let id = custody::add_device(&app, &own, token("sokhcn", "TK-01")).await.unwrap();
    let serial = custody::add_device(&app, &own, token("sokhcn", pem)).await.map(|_| ());
    let post = custody::act(&app, &own, id, Act::HandOver(pem.into()), TODAY).await;
    let number = custody::act(&app, &own, id, Act::Revoke(pem.into()), TODAY).await;
    for refused in [serial, post, number] {
        let told = refused.unwrap_err();
        assert!(
            matches!(&told, UseError::Invalid(told) if told.contains("keeps no keys")),
            "{told}"
        );
    }
    let long = custody::act(&app, &own, id, Act::HandOver("ô ".repeat(200)), TODAY).await;
    assert!(long.unwrap_err().to_string().contains("is longer than 120 bytes"));
    assert_eq!(custody::get_device(&app, &own, id).await.unwrap().steps.len(), 1);
    app.stop().await;
}

async fn listed(app: &Arc<App>, who: &Caller, file: &str) -> Report {
    let list = Import {
        kind: ListKind::Custody,
        name: "phuong-tien.csv".into(),
        bytes: file.as_bytes().to_vec(),
        titles: Vec::new(),
        words: Vec::new(),
        dry_run: false,
    };
    import(app, who, list).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_devices_is_imported_and_again() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre_of_two(&place.path().join("data")).await;
    let own = officer("sokhcn");
    let file = "agency,serial,kind,until,state,since,post\n\
        sokhcn,TK-01,token,2027-01-01,handed-over,2026-03-01,Văn thư\n\
        sokhcn,TK-02,smart-card,01/02/2027,in-store,01/03/2026,\n";
    let report = listed(&app, &own, file).await;
    assert_eq!((report.added, report.wrong), (2, 0), "{:?}", report.problems);
    let report = listed(&app, &own, file).await;
    assert_eq!((report.added, report.changed, report.wrong), (0, 2, 0), "{:?}", report.problems);
    let all = custody::list_devices(&app, &own).await.unwrap();
    let held = &all.iter().find(|kept| kept.device.serial == "TK-01").unwrap();
    assert_eq!(held.device.post.as_deref(), Some("Văn thư"));
    let detail = custody::get_device(&app, &own, held.id).await.unwrap();
    assert_eq!(detail.steps.len(), 2, "the same again is no step");

    let renewed = "agency,serial,kind,until,post\n\
        sokhcn,TK-01,token,2028-01-01,Văn thư\n\
        sokhcn,TK-02,smart-card,2027-02-01,Kế toán\n";
    assert_eq!(listed(&app, &own, renewed).await.wrong, 0);
    let detail = custody::get_device(&app, &own, held.id).await.unwrap();
    assert_eq!(detail.kept.device.until, Some(date(2028, 1, 1)));

    let wrong = "agency,serial,kind,until,state,since,post\n\
        sokhcn,TK-01,token,2028-01-01,,,Chánh Văn phòng\n\
        sokhcn,TK-03,token,,lost,,\n\
        soyt,TK-04,token,,,,\n\
        sokhcn,TK-02,token,,,,\n\
        sokhcn,TK-05,abacus,,,,\n\
        sokhcn,TK-06,token,,,2027-01-01,\n\
        sokhcn,-----BEGIN PRIVATE KEY-----,token,,,,\n";
    let report = listed(&app, &own, wrong).await;
    let told: Vec<(&str, &str)> =
        report.problems.iter().map(|one| (one.cell.as_str(), one.message.as_str())).collect();
    for (cell, words) in [
        ("B2", "is handed over: it cannot be handed over"),
        ("E3", "a file lists what is in store"),
        ("A4", "outside the scope"),
        ("B5", "is a smart-card"),
        ("C6", "must be one of token, smart-card"),
        ("B7", "has not come yet"),
        ("B8", "keeps no keys"),
    ] {
        assert!(
            told.iter().any(|(at, what)| *at == cell && what.contains(words)),
            "{cell}: {told:?}"
        );
    }
    assert_eq!(custody::list_devices(&app, &own).await.unwrap().len(), 2, "nothing was kept");
    app.stop().await;
}

fn product(system: &str, until: Option<Date>) -> Product {
    Product {
        system: SystemCode::new(system).unwrap(),
        name: "Phần mềm ký số Mẫu".into(),
        version: None,
        maker: None,
        certificate: Some("GP-MM-57".into()),
        scope: Some("ký văn bản".into()),
        certificate_until: until,
        support_until: None,
        make: Make::Domestic,
        is_cryptographic: true,
        authority: Some(Authority::Civil),
        custodian: Some("Văn thư".into()),
    }
}

/// A system of the other agency.
async fn second_system(app: &App) -> SystemCode {
    let (code, level) = (SystemCode::new("benh-an").unwrap(), Level::new(3).unwrap());
    let system = System::new(
        code.clone(),
        agency("soyt"),
        "Bệnh án".into(),
        level,
        Stage::Operation,
        app.now(),
    );
    register::add_system(app, &Caller::program(), system).await.unwrap();
    code
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_certificate_is_told_of_every_system_that_uses_it() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre_of_two(&place.path().join("data")).await;
    let (own, other) = (officer("sokhcn"), officer("soyt"));
    let second = second_system(&app).await;
    let expired = product("cong-dvc", Some(date(2026, 10, 14)));
    register::add_product(&app, &own, expired).await.unwrap();
    let id = register::add_product(&app, &other, product("benh-an", None)).await.unwrap();
    let all = across::products(&app, &Caller::program()).await.unwrap();
    assert_eq!(all.len(), 1, "one product of two systems");
    assert!(all[0].uses.len() == 2 && all[0].uses.iter().all(|one| one.has(Concern::Expired)));
    // The other agency sees its own system alone, and what the register knows of the certificate.
    let seen = across::products(&app, &other).await.unwrap();
    assert_eq!((seen.len(), seen[0].uses.len()), (1, 1));
    assert_eq!(seen[0].uses[0].kept.product.system, second);
    assert!(seen[0].has(Concern::Expired));
    let here = across::products_of(&app, &other, Some(&second)).await.unwrap();
    assert!(here[0].has(Concern::Expired));

    let keep = async |who: &Caller, custodian: Option<&str>| {
        let custodian = custodian.map(str::to_owned);
        across::set_custodian(&app, who, &second, id, custodian, None).await
    };
    assert!(matches!(keep(&own, Some("x")).await, Err(UseError::NotFound { .. })));
    assert!(keep(&other, None).await.unwrap_err().to_string().contains("names the post"));
    keep(&other, Some("Lưu trữ")).await.unwrap();
    let here = across::products_of(&app, &other, Some(&second)).await.unwrap();
    assert_eq!(here[0].kept.product.custodian.as_deref(), Some("Lưu trữ"));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_has_its_systems_and_a_way_on() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre_of_two(&place.path().join("data")).await;
    let (own, other) = (officer("sokhcn"), officer("soyt"));
    let second = second_system(&app).await;
    let needs = std::collections::BTreeSet::from([SystemCode::new("cong-dvc").unwrap()]);
    register::set_needs(&app, &Caller::program(), &second, needs).await.unwrap();
    let provider = |system: &str, until: Date| Provider {
        system: SystemCode::new(system).unwrap(),
        name: "Công ty Mẫu".into(),
        service: "Bảo trì".into(),
        contract: "HĐ-01.MH".into(),
        from: date(2026, 1, 1),
        until,
        staff: 2,
        window: None,
        exit: Exit::NONE,
    };
    register::add_provider(&app, &own, provider("cong-dvc", date(2027, 1, 1))).await.unwrap();
    let id = register::add_provider(&app, &other, provider("benh-an", date(2026, 9, 1))).await;
    let id = id.unwrap();
    let found = across::providers(&app, &Caller::program()).await.unwrap();
    assert_eq!(found.len(), 1);
    let told: Vec<_> = found[0]
        .contracts
        .iter()
        .map(|one| (one.kept.provider.system.as_str(), one.dependents, one.lacks_exit(3)))
        .collect();
    let level = found[0].contracts[1].level.number() >= 3;
    assert_eq!(told, [("benh-an", 0, true), ("cong-dvc", 1, level)], "what has ended first");
    assert_eq!(across::providers(&app, &other).await.unwrap()[0].contracts.len(), 1);

    let exit = |plan: Option<&str>, tested: Option<Date>| Exit {
        plan: plan.map(str::to_owned),
        tested,
        escrow: Escrow::Both,
    };
    let plan =
        async |who: &Caller, exit: Exit| across::plan_exit(&app, who, &second, id, exit).await;
    let denied = plan(&own, exit(Some("x"), None)).await;
    assert!(matches!(denied, Err(UseError::NotFound { .. })));
    let early = plan(&other, exit(Some("x"), Some(date(2026, 10, 16)))).await.unwrap_err();
    assert!(early.to_string().contains("not come"), "{early}");
    plan(&other, exit(Some("Giao lại CSV trong 30 ngày"), Some(TODAY))).await.unwrap();
    let found = across::providers(&app, &other).await.unwrap();
    assert!(!found[0].contracts[0].lacks_exit(3));
    app.stop().await;
}
