//! Hosts that certificate logs name: found, told to the ledger, settled, and asked again.

use khien_app::App;
use khien_app::access::Caller;
use khien_app::use_case::UseError;
use khien_app::use_case::ledger::{self, EvidenceFilter};
use khien_app::use_case::register::{
    self, import_certificates, list_unregistered, put_resource, register_hosts, settle,
};
use khien_domain::account::Role;
use khien_domain::code::SystemCode;
use khien_domain::discovered::{Standing, host_name};
use khien_domain::evidence::content::Content;
use khien_domain::host::HostName;
use khien_domain::page::PageRequest;
use khien_domain::permission::AgencyScope;
use khien_domain::resource::{Resource, ResourceKind};

use crate::support::{agency, centre_of_two, officer, person};

/// Hosts below the domains of two agencies, one that is nobody's, and what is registered.
const LOG: &str = r#"[
    {"name_value": "lichtiep.soyt.example\n*.soyt.example", "common_name": "soyt.example",
     "issuer_name": "CN=CA Mau", "not_before": "2026-10-01T00:00:00", "not_after": "2026-12-30T00:00:00"},
    {"name_value": "web.sokhcn.example\nmay1.sokhcn.example\nthu.sokhcn.example"},
    {"name_value": "soyt.example.test\nxsoyt.example"},
    {"name_value": "?"}
]"#;

async fn put(app: &App, of: &str, kind: ResourceKind, value: &str) {
    let system = (kind == ResourceKind::Service).then(|| SystemCode::new("cong-dvc").unwrap());
    let resource = Resource { agency: agency(of), system, kind, value: value.into(), until: None };
    put_resource(app, &Caller::program(), resource).await.unwrap();
}

/// Domains of both agencies, a service and a host of a system.
async fn registered(app: &App) {
    put(app, "soyt", ResourceKind::Domain, "soyt.example").await;
    put(app, "sokhcn", ResourceKind::Domain, "sokhcn.example").await;
    put(app, "sokhcn", ResourceKind::Service, "web.sokhcn.example:443").await;
    let host = HostName::new("may1.sokhcn.example").unwrap();
    let system = SystemCode::new("cong-dvc").unwrap();
    register_hosts(app, &Caller::program(), &system, &[host]).await.unwrap();
}

/// Agency, host and whether it is resolved, of each record in the order of the ledger.
async fn told(app: &App) -> Vec<(String, String, bool)> {
    let kind = Some("system.discovered".into());
    let filter = EvidenceFilter { kind, ..EvidenceFilter::default() };
    let page = PageRequest::new(None, 100);
    let found = ledger::list(app, &Caller::program(), &filter, &page).await.unwrap();
    let mut records: Vec<_> = found.items;
    records.sort_by_key(|record| record.about.seq);
    let one = |record: khien_domain::evidence::Record| {
        let resolved = record.content.get("resolved").and_then(Content::as_bool).unwrap();
        let host = record.content.get("host").and_then(Content::as_text).unwrap().to_owned();
        assert_eq!(record.about.subject, host);
        (record.about.agency.unwrap().to_string(), host, resolved)
    };
    records.into_iter().map(one).collect()
}

fn row(of: &str, host: &str, resolved: bool) -> (String, String, bool) {
    (of.into(), host.into(), resolved)
}

#[tokio::test(flavor = "multi_thread")]
async fn hosts_that_nobody_registered_are_findings_of_the_owner_of_the_domain() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre_of_two(&place.path().join("data")).await;
    let program = Caller::program();
    let early = import_certificates(&app, &program, LOG.as_bytes(), false).await.unwrap_err();
    assert!(early.to_string().contains("no agency has a registered domain"), "{early}");
    registered(&app).await;
    let looked = import_certificates(&app, &program, LOG.as_bytes(), true).await.unwrap();
    assert_eq!(looked.found.len(), 2);
    assert!(told(&app).await.is_empty(), "looking keeps nothing");
    let report = import_certificates(&app, &program, LOG.as_bytes(), false).await.unwrap();
    assert_eq!(report, looked);
    let found: Vec<(&str, &str)> =
        report.found.iter().map(|(host, agency)| (host.as_str(), agency.as_str())).collect();
    assert_eq!(found, [("lichtiep.soyt.example", "soyt"), ("thu.sokhcn.example", "sokhcn")]);
    assert_eq!((report.names, report.outside, report.registered), (7, 2, 3));
    assert_eq!((report.wrong, report.problems[0].place.as_str()), (1, "[3].name_value"));
    let records = told(&app).await;
    let both =
        [row("soyt", "lichtiep.soyt.example", false), row("sokhcn", "thu.sokhcn.example", false)];
    assert_eq!(records, both);
    // The same file again changes nothing.
    let again = import_certificates(&app, &program, LOG.as_bytes(), false).await.unwrap();
    assert_eq!((again.found.len(), again.reopened.len(), again.known), (0, 0, 2));
    assert_eq!(told(&app).await, both);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_discovered_host_is_settled_by_registering_or_by_answering() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre_of_two(&place.path().join("data")).await;
    let program = Caller::program();
    registered(&app).await;
    import_certificates(&app, &program, LOG.as_bytes(), false).await.unwrap();
    let (shadow, other) = ("lichtiep.soyt.example", "thu.sokhcn.example");
    let name = |text: &str| host_name(text).unwrap();
    let own = officer("soyt");
    // Another's is nobody's business, an answer needs a reason, and registering is no answer.
    let of_other = settle(&app, &own, &name(other), Standing::Off, "đã gỡ").await.unwrap_err();
    assert!(matches!(of_other, UseError::NotFound { .. }), "{of_other}");
    let empty = settle(&app, &own, &name(shadow), Standing::Off, " ").await.unwrap_err();
    assert!(empty.to_string().contains("the note is empty"), "{empty}");
    let open = settle(&app, &own, &name(shadow), Standing::Open, "x").await.unwrap_err();
    assert!(open.to_string().contains("otherwise register it"), "{open}");
    settle(&app, &own, &name(shadow), Standing::Off, "đã gỡ máy").await.unwrap();
    let twice = settle(&app, &own, &name(shadow), Standing::Off, "đã gỡ").await.unwrap_err();
    assert!(matches!(twice, UseError::Conflict(_)), "{twice}");
    assert_eq!(told(&app).await.last(), Some(&row("soyt", shadow, true)));
    // The log of before says nothing new of it; a certificate of afterwards does.
    let again = import_certificates(&app, &program, LOG.as_bytes(), false).await.unwrap();
    assert!(again.reopened.is_empty());
    clock.forward(48 * 3600);
    let newer = LOG.replace("2026-10-01T", "2026-10-16T");
    let again = import_certificates(&app, &program, newer.as_bytes(), false).await.unwrap();
    assert_eq!(again.reopened, [(name(shadow), agency("soyt"))]);
    assert_eq!(told(&app).await.last(), Some(&row("soyt", shadow, false)));
    // Registered, as a resource or as a host of a system, it is resolved.
    put(&app, "soyt", ResourceKind::Page, &format!("https://{shadow}/dat-lich")).await;
    assert_eq!(told(&app).await.last(), Some(&row("soyt", shadow, true)));
    let system = SystemCode::new("cong-dvc").unwrap();
    register_hosts(&app, &program, &system, &[HostName::new(other).unwrap()]).await.unwrap();
    assert_eq!(told(&app).await.last(), Some(&row("sokhcn", other, true)));
    let listed = list_unregistered(&app, &program).await.unwrap();
    assert!(listed.by_certificate.iter().all(|host| host.standing == Standing::Registered));
    // Taken off the register, it is found again.
    let resources = register::list_resources(&app, &program).await.unwrap();
    let page = resources.iter().find(|kept| kept.resource.kind == ResourceKind::Page).unwrap();
    register::remove_resource(&app, &program, page.id).await.unwrap();
    let again = import_certificates(&app, &program, newer.as_bytes(), false).await.unwrap();
    assert_eq!(again.reopened, [(name(shadow), agency("soyt"))]);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_find_and_see_hosts_of_their_agencies_alone() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre_of_two(&place.path().join("data")).await;
    registered(&app).await;
    let leader = person("lanhdao", Role::Leader, AgencyScope::All);
    let denied = import_certificates(&app, &leader, LOG.as_bytes(), false).await;
    assert!(matches!(denied, Err(UseError::Denied(_))));
    let own = officer("soyt");
    let report = import_certificates(&app, &own, LOG.as_bytes(), false).await.unwrap();
    assert_eq!((report.found.len(), report.outside), (1, 5));
    assert_eq!(list_unregistered(&app, &own).await.unwrap().by_certificate.len(), 1);
    let other = list_unregistered(&app, &officer("sokhcn")).await.unwrap();
    assert!(other.by_certificate.is_empty());
    app.stop().await;
}
