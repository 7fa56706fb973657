//! What ends in the register is a task of its agency until it is in order, and is told once.

use std::collections::BTreeSet;

use jiff::civil::{Date, date};
use khien_app::App;
use khien_app::access::Caller;
use khien_app::use_case::budgets;
use khien_app::use_case::ledger::{self, EvidenceFilter};
use khien_app::use_case::register::{self, ending};
use khien_domain::budget::{LineCode, NewLine, Share};
use khien_domain::code::SystemCode;
use khien_domain::discovered::{Standing, host_name};
use khien_domain::evidence::content::Content;
use khien_domain::page::PageRequest;
use khien_domain::product::{Make, Product};
use khien_domain::resource::{Resource, ResourceKind};
use khien_domain::system::{Stage, System};

use crate::support::{agency, centre_of_two, officer, write_off};

/// Open tasks by agency, name and the day on which they are due.
async fn open(app: &App) -> Vec<(String, String, String)> {
    let filter = EvidenceFilter { kind: Some("task.state".into()), ..EvidenceFilter::default() };
    let page = PageRequest::new(None, 100);
    let found = ledger::list(app, &Caller::program(), &filter, &page).await.unwrap().items;
    let (mut seen, mut open) = (BTreeSet::new(), Vec::new());
    // The newest come first: of each task its last word counts.
    for record in found {
        let says = |field| record.content.get(field).and_then(Content::as_text);
        let agency = record.about.agency.as_ref().unwrap().to_string();
        let subject = record.about.subject.clone();
        if seen.insert((agency.clone(), subject.clone())) && says("done").is_none() {
            open.push((agency, subject, says("due").unwrap().to_owned()));
        }
    }
    open.sort();
    open
}

fn task(agency: &str, subject: &str, due: &str) -> (String, String, String) {
    (agency.into(), subject.into(), due.into())
}

async fn look(app: &App) -> (usize, usize) {
    let looked = ending::look(app, &Caller::program()).await.unwrap();
    (looked.begun, looked.done)
}

fn code() -> SystemCode {
    SystemCode::new("cong-dvc").unwrap()
}

fn domain(value: &str, until: Option<Date>) -> Resource {
    let (agency, kind) = (agency("sokhcn"), ResourceKind::Domain);
    Resource { agency, system: None, kind, value: value.into(), until }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_that_runs_out_is_a_task_until_it_is_renewed_or_gone() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre_of_two(&place.path().join("data")).await;
    let own = officer("sokhcn");
    let put = async |resource| register::put_resource(&app, &own, resource).await.unwrap();
    put(domain("xa.example", Some(date(2026, 11, 15)))).await;
    put(domain("khong-han.example", None)).await;
    assert_eq!(look(&app).await, (0, 0), "in 31 days");
    clock.forward(24 * 3600);
    assert_eq!(look(&app).await, (1, 0));
    let of_it = task("sokhcn", "ends 2026-11-15 xa.example", "2026-11-15");
    assert_eq!(open(&app).await, std::slice::from_ref(&of_it));
    assert_eq!(look(&app).await, (0, 0), "told once");
    clock.forward(40 * 24 * 3600);
    assert_eq!(look(&app).await, (0, 0), "that it is over does not end it");
    assert_eq!(open(&app).await, [of_it]);
    put(domain("xa.example", Some(date(2027, 11, 15)))).await;
    assert_eq!(look(&app).await, (0, 1), "renewed");
    assert!(open(&app).await.is_empty());

    // What is told when it is over already has its days from then; what is of a retired system is let go.
    put(domain("cu.example", Some(date(2026, 1, 1)))).await;
    let mut cert = domain("*.cu.example", Some(date(2026, 12, 1)));
    (cert.kind, cert.system) = (ResourceKind::Certificate, Some(code()));
    put(cert).await;
    assert_eq!(look(&app).await, (2, 0));
    let both = [
        task("sokhcn", "ends 2026-01-01 cu.example", "2026-12-25"),
        task("sokhcn", "ends 2026-12-01 *.cu.example", "2026-12-01"),
    ];
    assert_eq!(open(&app).await, both);
    write_off(&app, &code()).await;
    let system = register::get_system(&app, &own, &code()).await.unwrap();
    let retired = System { stage: Stage::Retired, ..system };
    register::change_system(&app, &own, retired).await.unwrap();
    assert_eq!(look(&app).await, (0, 1));
    let kept = register::list_resources(&app, &own).await.unwrap();
    let gone = kept.iter().find(|one| one.resource.value == "cu.example").unwrap();
    register::remove_resource(&app, &own, gone.id).await.unwrap();
    assert_eq!(look(&app).await, (0, 1));
    assert!(open(&app).await.is_empty());
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn support_of_a_product_that_ends_before_the_line_that_renews_it_is_a_task() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre_of_two(&place.path().join("data")).await;
    let own = officer("sokhcn");
    let product = Product {
        system: code(),
        name: "Tường lửa Cửa Ngõ".into(),
        version: None,
        maker: None,
        certificate: None,
        scope: None,
        certificate_until: None,
        support_until: Some(date(2027, 3, 1)),
        make: Make::Domestic,
        is_cryptographic: false,
        authority: None,
        custodian: None,
    };
    register::add_product(&app, &own, product).await.unwrap();
    let line = |renewal: Date| NewLine {
        code: LineCode::new("tl-01").unwrap(),
        name: "Gia hạn tường lửa cửa ngõ, hai năm".into(),
        class: "protection".into(),
        share: Share::ALL,
        reason: String::new(),
        planned: 100,
        allocated: 0,
        spent: 0,
        domestic: true,
        domestic_reason: String::new(),
        risks: BTreeSet::new(),
        purchase: None,
        bought: None,
        support_end: None,
        renewal: Some(renewal),
    };
    let sokhcn = agency("sokhcn");
    assert_eq!(look(&app).await, (0, 0), "no line says when it is renewed");
    budgets::add_line(&app, &own, &sokhcn, 2027, line(date(2027, 5, 1))).await.unwrap();
    clock.forward(8 * 3600);
    assert_eq!(look(&app).await, (1, 0), "within 180 days");
    let subject = "ends 2027-03-01 Tường lửa Cửa Ngõ";
    assert_eq!(open(&app).await, [task("sokhcn", subject, "2027-03-01")]);
    clock.forward(220 * 24 * 3600);
    assert_eq!(look(&app).await, (0, 0), "the renewal has come and nobody said that it was done");
    budgets::change_line(&app, &own, &sokhcn, 2027, line(date(2027, 3, 1))).await.unwrap();
    assert_eq!(look(&app).await, (0, 1));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_of_a_certificate_log_is_a_task_until_somebody_answers() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre_of_two(&place.path().join("data")).await;
    let own = officer("sokhcn");
    register::put_resource(&app, &own, domain("sokhcn.example", None)).await.unwrap();
    let log = r#"[{"name_value": "an.sokhcn.example"}, {"name_value": "thu.sokhcn.example"}]"#;
    let program = Caller::program();
    register::import_certificates(&app, &program, log.as_bytes(), false).await.unwrap();
    assert_eq!(look(&app).await, (2, 0));
    let told = |name| task("sokhcn", &format!("host {name}"), "2026-11-14");
    assert_eq!(open(&app).await, [told("an.sokhcn.example"), told("thu.sokhcn.example")]);
    let name = host_name("an.sokhcn.example").unwrap();
    register::settle(&app, &own, &name, Standing::Off, "đã gỡ máy").await.unwrap();
    let page = Resource { kind: ResourceKind::Page, ..domain("https://thu.sokhcn.example/", None) };
    register::put_resource(&app, &own, page).await.unwrap();
    assert_eq!(look(&app).await, (0, 2));
    assert!(open(&app).await.is_empty());
    app.stop().await;
}
