//! The register: what is refused, what the ledger is told, and that no name gets into it.

use std::collections::BTreeSet;
use std::sync::Arc;

use khien_app::App;
use khien_app::access::Caller;
use khien_app::use_case::register::papers;
use khien_app::use_case::{UseError, gate, measure, register, verified};
use khien_domain::account::{Role, UserName};
use khien_domain::agency::{Agency, AgencyKind, Appointment, Contact, Duty};
use khien_domain::asset::{Asset, AssetKind};
use khien_domain::code::{AgencyCode, SiteCode, SystemCode};
use khien_domain::evidence::{How, Record};
use khien_domain::host::HostName;
use khien_domain::page::PageRequest;
use khien_domain::paper::Paper;
use khien_domain::permission::{Actor, AgencyScope, Identity};
use khien_domain::product::{Authority, Make, Product};
use khien_domain::resource::{Resource, ResourceKind};
use khien_domain::site::Site;
use khien_domain::system::{DataCategory, Level, Stage, System, SystemKind, Zone};
use khien_store::EvidenceFilter;
use khien_testkit::{Hands, sysmon};

use crate::support::{register as register_source, send, start, until, write_off};

fn agency(code: &str) -> AgencyCode {
    AgencyCode::new(code).unwrap()
}

fn code(text: &str) -> SystemCode {
    SystemCode::new(text).unwrap()
}

fn officer(of: &str) -> Caller {
    let identity = Identity::Person { name: UserName::new("canbo").unwrap() };
    let scope = AgencyScope::one(agency(of));
    Caller {
        actor: Actor::new(identity, Role::Officer.permissions(), scope),
        origin: "test".into(),
    }
}

fn new_system(name: &str, of: &str) -> System {
    let (title, level) = (format!("Hệ thống {name}"), Level::new(3).unwrap());
    let at = jiff::Timestamp::UNIX_EPOCH;
    System::new(code(name), agency(of), title, level, Stage::Operation, at)
}

/// The agency `sokhcn` with `cong-dvc`, and `soyt` beside it.
async fn centre(path: &std::path::Path) -> Arc<App> {
    let clock = Hands::at("2026-10-15T01:00:00Z");
    let app = start(path, &clock).await;
    khien_testkit::register(&app).await;
    let new = Agency::new(agency("soyt"), "Sở Y tế".into(), AgencyKind::Government, app.now());
    register::add_agency(&app, &Caller::program(), khien_testkit::headed(new)).await.unwrap();
    app
}

async fn told(app: &App, kind: &str) -> Vec<Record> {
    let filter = EvidenceFilter { kind: Some(kind.into()), ..EvidenceFilter::default() };
    let page = PageRequest::first();
    let found = app.store.list_evidence(&AgencyScope::All, &filter, &page).await.unwrap();
    found.items
}

async fn last(app: &App, kind: &str) -> Record {
    told(app, kind).await.into_iter().next().unwrap()
}

fn words(error: &UseError) -> String {
    error.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn military_and_cipher_systems_are_refused_with_the_reason_and_leave_no_trace() {
    let place = tempfile::tempdir().unwrap();
    let app = centre(&place.path().join("data")).await;
    let caller = Caller::program();
    let before = told(&app, "system.profile").await.len();
    let by_scope =
        register::add_system_of(&app, &caller, new_system("x", "soyt"), "military").await;
    assert!(words(&by_scope.unwrap_err()).contains("Ministry of National Defence"));
    let named = System { name: "Hệ thống cơ yếu tỉnh".into(), ..new_system("x", "soyt") };
    let by_name = register::add_system(&app, &caller, named).await;
    assert!(matches!(by_name, Err(UseError::OutOfScope(scope)) if scope.named.name == "cipher"));
    let unknown = register::add_system_of(&app, &caller, new_system("x", "soyt"), "secret").await;
    assert!(words(&unknown.unwrap_err()).contains("civil, military, cipher"));

    let stub = Agency {
        in_scope: false,
        ..Agency::new(agency("bchqs"), "Bộ Chỉ huy".into(), AgencyKind::Government, app.now())
    };
    register::add_agency(&app, &caller, khien_testkit::headed(stub)).await.unwrap();
    let owned = register::add_system(&app, &caller, new_system("x", "bchqs")).await;
    assert!(words(&owned.unwrap_err()).contains("outside the scope"));
    let told_of_stub = last(&app, "agency.profile").await;
    assert_eq!(told_of_stub.content.get("in_scope").unwrap().as_bool(), Some(false));
    assert_eq!(told(&app, "system.profile").await.len(), before);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_answers_for_an_agency_and_the_ledger_learns_no_name() {
    let place = tempfile::tempdir().unwrap();
    let app = centre(&place.path().join("data")).await;
    let people = |head: &str| {
        let one = |duty, holder: &str| Appointment {
            duty,
            holder: holder.into(),
            post: "Giám đốc".into(),
            document: "12/QĐ.MH".into(),
            signed: "2026-01-10".parse().unwrap(),
            until: "2026-12-31".parse().unwrap(),
            account: None,
        };
        vec![one(Duty::Head, head), one(Duty::Deputy, "Cán bộ Mẫu 002")]
    };
    let contact = Contact {
        role: "Trực ban".into(),
        post: "Phòng".into(),
        mail: "truc@sokhcn.minhhoa.example".into(),
        line: None,
    };
    let (sokhcn, own) = (agency("sokhcn"), officer("sokhcn"));
    let refused = register::assign(&app, &own, &sokhcn, people("Mẫu 001")[..1].to_vec(), vec![]);
    assert!(words(&refused.await.unwrap_err()).contains("deputy"));
    let foreign =
        register::assign(&app, &officer("soyt"), &sokhcn, people("Mẫu 001"), vec![]).await;
    assert!(matches!(foreign, Err(UseError::NotFound { .. })));
    register::assign(&app, &own, &sokhcn, people("Mẫu 001"), vec![contact.clone()]).await.unwrap();
    let record = last(&app, "agency.assignment").await;
    let field = |name: &str| record.content.get(name).unwrap();
    assert_eq!(field("head").as_bool(), Some(true));
    assert_eq!(field("contacts").as_int(), Some(1));
    assert_eq!(field("signed").as_text(), Some("2026-01-10"));
    // It holds to the end of the last day, in UTC+7.
    assert_eq!(record.about.until, Some("2026-12-31T17:00:00Z".parse().unwrap()));
    assert_eq!(record.about.by, "person:canbo");
    for line in told(&app, "agency.assignment").await {
        let line = line.to_line();
        assert!(!line.contains("Mẫu") && !line.contains("truc@"), "{line}");
    }

    let at_centre = register::confirm_agency(&app, &Caller::program(), &sokhcn).await;
    assert!(words(&at_centre.unwrap_err()).contains("somebody of the agency"));
    register::confirm_agency(&app, &own, &sokhcn).await.unwrap();
    let record = last(&app, "register.confirmed").await;
    assert_eq!(record.about.how, How::Declared, "the agency's own word");
    assert_eq!(record.content.get("systems").unwrap().as_int(), Some(1));
    assert_eq!(record.about.until, Some("2027-01-13T01:00:00Z".parse().unwrap()));
    let sheet = register::get_agency(&app, &own, &sokhcn).await.unwrap();
    assert!(sheet.agency.confirmed_at.is_some());
    // The same head again changes nothing about that, another one does.
    let same = register::assign(&app, &own, &sokhcn, people("Mẫu 001"), vec![contact]).await;
    assert!(same.unwrap().agency.confirmed_at.is_some());
    register::assign(&app, &own, &sokhcn, people("Mẫu 003"), vec![]).await.unwrap();
    let sheet = register::get_agency(&app, &own, &sokhcn).await.unwrap();
    assert_eq!(sheet.agency.confirmed_at, None);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_demands_on_a_system_only_the_centre_takes_back() {
    let place = tempfile::tempdir().unwrap();
    let app = centre(&place.path().join("data")).await;
    let own = officer("soyt");
    let plain = System { stage: Stage::Test, ..new_system("benh-an", "soyt") };
    register::add_system(&app, &Caller::program(), plain.clone()).await.unwrap();
    let demanding = System {
        data: BTreeSet::from([DataCategory::PersonalSensitive]),
        is_critical: true,
        rto_minutes: Some(60),
        rpo_minutes: Some(60),
        is_exposed: true,
        ..plain.clone()
    };
    // Saying more is the agency's own business, and so is changing what asks for nothing.
    register::change_system(&app, &own, demanding.clone()).await.unwrap();
    let renamed = System {
        name: "Bệnh án điện tử".into(),
        data: BTreeSet::from([DataCategory::PersonalBasic]),
        ..demanding.clone()
    };
    register::change_system(&app, &own, renamed.clone()).await.unwrap();

    let no_data = System { data: BTreeSet::new(), ..renamed.clone() };
    let refused = register::change_system(&app, &own, no_data.clone()).await.unwrap_err();
    assert_eq!(
        words(&refused),
        "benh-an is registered with personal data: only the centre takes that back"
    );
    let not_critical = System { is_critical: false, ..renamed.clone() };
    let refused = register::change_system(&app, &own, not_critical).await.unwrap_err();
    assert_eq!(
        words(&refused),
        "benh-an is registered as critical: only the centre takes that back"
    );
    // Nor are its objectives made longer or taken away; to tighten them is the agency's own business.
    for (looser, what) in [
        (System { rto_minutes: Some(40_000), ..renamed.clone() }, "with an RTO of 60 minutes"),
        (System { rpo_minutes: Some(61), ..renamed.clone() }, "with an RPO of 60 minutes"),
        (System { is_exposed: false, ..renamed.clone() }, "and open to the Internet"),
    ] {
        let refused = register::change_system(&app, &own, looser).await.unwrap_err();
        let wanted =
            format!("benh-an is registered as critical {what}: only the centre takes that back");
        assert_eq!(words(&refused), wanted);
    }
    let tight = System { rto_minutes: Some(30), rpo_minutes: Some(15), ..renamed.clone() };
    register::change_system(&app, &own, tight).await.unwrap();
    let refused = register::change_system(&app, &own, renamed.clone()).await.unwrap_err();
    assert!(words(&refused).contains("with an RTO of 30 minutes"), "{refused:?}");
    register::change_system(&app, &Caller::program(), renamed.clone()).await.unwrap();
    let list = "code,agency,name,level,stage,data\nbenh-an,soyt,Bệnh án,3,test,public\n";
    let import = register::import::Import {
        kind: register::import::ListKind::Systems,
        name: "ht.csv".into(),
        bytes: list.into(),
        titles: Vec::new(),
        words: Vec::new(),
        dry_run: false,
    };
    let report = register::import::import(&app, &own, import).await.unwrap();
    let problem = &report.problems[0];
    assert_eq!((problem.cell.as_str(), report.changed), ("F2", 0));
    assert!(problem.message.contains("only the centre takes that back"), "{problem:?}");

    // A lower level asks for less: its own word raises it at any time, and lowers it only while it is planned.
    let lower = System { level: Level::new(1).unwrap(), ..renamed.clone() };
    let refused = register::change_system(&app, &own, lower.clone()).await.unwrap_err();
    assert_eq!(
        words(&refused),
        "the level 3 of benh-an is lowered by the centre alone, or by a dossier that is approved"
    );
    let planned = System { stage: Stage::Planning, ..new_system("so-do", "soyt") };
    register::add_system(&app, &own, planned.clone()).await.unwrap();
    let lowered = System { level: Level::new(2).unwrap(), ..planned };
    register::change_system(&app, &own, lowered).await.unwrap();
    let raised = System { level: Level::new(4).unwrap(), ..renamed.clone() };
    register::change_system(&app, &own, raised).await.unwrap();
    let refused = register::change_system(&app, &own, renamed.clone()).await.unwrap_err();
    assert!(words(&refused).contains("the level 4 of benh-an is lowered"), "{refused}");
    register::change_system(&app, &Caller::program(), lower).await.unwrap();

    register::change_system(&app, &Caller::program(), no_data).await.unwrap();
    let said = last(&app, "system.profile").await;
    assert_eq!(said.content.get("personal_data").unwrap().as_bool(), Some(false));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_set_makes_its_category_one_of_the_system_and_the_gate_asks() {
    let place = tempfile::tempdir().unwrap();
    let app = centre(&place.path().join("data")).await;
    let officer = officer("sokhcn");
    let data_set = |category: &str| Paper {
        system: code("cong-dvc"),
        kind: "data-set".into(),
        to: None,
        values: [
            ("name", "Hồ sơ công dân"),
            ("category", category),
            ("retention", "10 năm"),
            ("protection", "phân quyền"),
        ]
        .map(|(name, said)| (name.to_owned(), said.to_owned()))
        .into(),
    };
    let asked = async || {
        let answer = gate::check(&app, &officer, &code("cong-dvc"), Stage::Operation).await;
        let reasons = answer.unwrap().statement.reasons.into_iter();
        reasons.filter(|one| one.condition == "personal-data").map(|one| one.holds).next()
    };
    papers::add_paper(&app, &officer, data_set("internal")).await.unwrap();
    assert_eq!(asked().await, None, "nobody said that it holds personal data");
    let id = papers::add_paper(&app, &officer, data_set("personal-basic")).await.unwrap();
    assert_eq!(asked().await, Some(false), "the file on personal data is asked for");
    let profile = last(&app, "system.profile").await;
    assert_eq!(profile.content.get("personal_data"), Some(&true.into()));
    assert_eq!(profile.about.by, "person:canbo");
    let before = told(&app, "system.profile").await.len();
    papers::add_paper(&app, &officer, data_set("personal-basic")).await.unwrap();
    assert_eq!(told(&app, "system.profile").await.len(), before, "nothing is new");
    // Neither taking the paper off nor the agency's own word lifts the demand.
    papers::remove_paper(&app, &officer, &code("cong-dvc"), id).await.unwrap();
    assert_eq!(asked().await, Some(false));
    let system = register::get_system(&app, &officer, &code("cong-dvc")).await.unwrap();
    assert!(system.data.contains(&DataCategory::Internal), "{:?}", system.data);
    let bare = System { data: BTreeSet::new(), ..system };
    let refused = register::change_system(&app, &officer, bare).await.unwrap_err();
    assert!(words(&refused).contains("only the centre takes that back"), "{refused}");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_need_is_not_retired_and_circles_are_refused() {
    let place = tempfile::tempdir().unwrap();
    let app = centre(&place.path().join("data")).await;
    let caller = Caller::program();
    let shared = System { kind: SystemKind::SharedSystem, ..new_system("lgsp", "soyt") };
    register::add_system(&app, &caller, shared.clone()).await.unwrap();
    register::add_system(&app, &caller, new_system("web", "soyt")).await.unwrap();
    let needs = |codes: &[&str]| codes.iter().map(|one| code(one)).collect::<BTreeSet<_>>();
    register::set_needs(&app, &officer("sokhcn"), &code("cong-dvc"), needs(&["lgsp"]))
        .await
        .unwrap();
    register::set_needs(&app, &caller, &code("web"), needs(&["cong-dvc"])).await.unwrap();
    let circle = register::set_needs(&app, &caller, &code("lgsp"), needs(&["web"])).await;
    let told_circle = words(&circle.unwrap_err());
    assert!(told_circle.contains("lgsp → web → cong-dvc → lgsp"), "{told_circle}");
    let missing = register::set_needs(&app, &caller, &code("lgsp"), needs(&["khong-co"])).await;
    assert!(words(&missing.unwrap_err()).contains("no system khong-co"));

    let retired = System { stage: Stage::Retired, ..shared.clone() };
    let refused = register::change_system(&app, &caller, retired.clone()).await;
    let refused = words(&refused.unwrap_err());
    assert!(refused.starts_with("2 systems need lgsp: cong-dvc, web;"), "{refused}");
    // The owner of the shared system sees whose it is by code alone.
    let links = register::links(&app, &officer("soyt"), &code("lgsp")).await.unwrap();
    let seen =
        |at: usize| (links.dependents[at].code.as_str(), links.dependents[at].system.is_some());
    assert_eq!([seen(0), seen(1)], [("cong-dvc", false), ("web", true)]);
    register::set_needs(&app, &caller, &code("cong-dvc"), needs(&[])).await.unwrap();
    // Nobody needs it any more; what became of its data and its keys is still to be written down.
    let refused = register::change_system(&app, &caller, retired.clone()).await;
    let refused = words(&refused.unwrap_err());
    assert!(refused.contains("Biên bản thanh lý") && refused.contains("#retirement"), "{refused}");
    let record = last(&app, "system.profile").await;
    assert_ne!(record.content.get("stage").unwrap().as_text(), Some("retired"), "nothing is told");
    write_off(&app, &code("lgsp")).await;
    register::change_system(&app, &caller, retired).await.unwrap();
    let record = last(&app, "system.profile").await;
    assert_eq!(record.content.get("stage").unwrap().as_text(), Some("retired"));
    // What it was retired by stays, unless another one is there.
    let papers = papers::list_papers(&app, &caller, Some(&code("lgsp"))).await.unwrap();
    let only = papers[0].id;
    let refused = papers::remove_paper(&app, &caller, &code("lgsp"), only).await.unwrap_err();
    assert!(words(&refused).contains("add the right one before"), "{refused}");
    write_off(&app, &code("lgsp")).await;
    papers::remove_paper(&app, &caller, &code("lgsp"), only).await.unwrap();
    let moved = System { agency: agency("sokhcn"), ..shared };
    assert!(register::change_system(&app, &caller, moved).await.is_err(), "events bear the agency");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_retired_system_had_counts_nowhere_and_nothing_new_is_registered_for_it() {
    let place = tempfile::tempdir().unwrap();
    let app = centre(&place.path().join("data")).await;
    let (caller, own) = (Caller::program(), officer("sokhcn"));
    let old = System { stage: Stage::Test, is_exposed: true, ..new_system("cu", "sokhcn") };
    let old = register::add_system(&app, &caller, old).await.unwrap();
    let product = |name: &str| Product {
        system: code("cu"),
        name: name.into(),
        version: None,
        maker: None,
        certificate: None,
        scope: None,
        certificate_until: None,
        support_until: Some("2027-06-30".parse().unwrap()),
        make: Make::Domestic,
        is_cryptographic: false,
        authority: None,
        custodian: None,
    };
    let id = register::add_product(&app, &own, product("CSDL Mẫu")).await.unwrap();
    let site = Site {
        code: SiteCode::new("ttdl").unwrap(),
        name: "Trung tâm dữ liệu".into(),
        kind: "data-centre".into(),
        standard: Some("MAU-01".into()),
        until: Some("2026-12-31".parse().unwrap()),
        plan: None,
        plan_by: None,
    };
    register::put_site(&app, &caller, site).await.unwrap();
    let server = |name: &str| Asset {
        system: code("cu"),
        name: HostName::new(name).unwrap(),
        kind: AssetKind::Server,
        zone: Zone::Internet,
        site: Some(SiteCode::new("ttdl").unwrap()),
        address: None,
    };
    register::put_asset(&app, &own, server("web01")).await.unwrap();
    let resource = |kind, value: &str| Resource {
        agency: agency("sokhcn"),
        system: Some(code("cu")),
        kind,
        value: value.into(),
        until: None,
    };
    let page = resource(ResourceKind::Page, "https://cu.minhhoa.example/");
    register::put_resource(&app, &own, page.clone()).await.unwrap();
    let vouched = async || {
        let list = verified::list(&app).await.unwrap().addresses;
        list.iter().any(|one| one.value.contains("cu.minhhoa"))
    };
    let servers = async || {
        let record = last(&app, "hosting.site").await;
        (record.about.subject, record.content.get("servers").unwrap().as_int().unwrap())
    };
    let is_gone = async || {
        let record = last(&app, "service.registered").await;
        record.content.get("retired").unwrap().as_bool().unwrap()
    };
    assert!(vouched().await);
    assert_eq!(servers().await, ("ttdl".to_owned(), 1));

    crate::support::write_off(&app, &code("cu")).await;
    let retired = System { stage: Stage::Retired, ..old };
    register::change_system(&app, &own, retired.clone()).await.unwrap();
    assert!(!vouched().await, "whoever has the name tomorrow is not ours");
    assert_eq!(servers().await, ("ttdl".to_owned(), 0));
    assert!(is_gone().await);
    let used = last(&app, "product.used").await.about.seq;
    let withdrawn = told(&app, "evidence.withdrawn").await;
    assert!(withdrawn.iter().any(|one| one.about.corrects == Some(used)));
    assert!(register::list_assets(&app, &own, None).await.unwrap().is_empty());
    assert_eq!(register::list_assets(&app, &own, Some(&code("cu"))).await.unwrap().len(), 1);
    assert!(register::across::products(&app, &own).await.unwrap().is_empty());
    let kept = register::across::products_of(&app, &own, Some(&code("cu"))).await.unwrap();
    assert_eq!(kept.len(), 1, "its own page keeps what it had");

    // Whoever looks each hour finds nothing that the ledger has wrong.
    assert!(measure::measure(&app, &caller).await.is_ok());
    assert_eq!(told(&app, "evidence.withdrawn").await.len(), withdrawn.len());
    assert_eq!(servers().await, ("ttdl".to_owned(), 0));

    let refusal = "cu is retired: nothing new is registered for it; name a system that is used, or change its stage first";
    let refused = |done: Result<(), UseError>| words(&done.unwrap_err()).contains(refusal);
    let new = register::add_product(&app, &own, product("Mới")).await.map(drop);
    assert!(refused(new));
    assert!(refused(register::put_asset(&app, &own, server("web02")).await));
    let domain = resource(ResourceKind::Domain, "moi.minhhoa.example");
    assert!(refused(register::put_resource(&app, &own, domain).await));
    let sbom = br#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"type":"library","name":"a"}]}"#;
    let inventory = register::import_inventory(&app, &own, &code("cu"), id, sbom).await;
    assert!(refused(inventory.map(drop)));
    let list = "system,name,kind,zone\ncu,web03,server,internet\n";
    let import = register::import::Import {
        kind: register::import::ListKind::Assets,
        name: "ts.csv".into(),
        bytes: list.into(),
        titles: Vec::new(),
        words: Vec::new(),
        dry_run: false,
    };
    let report = register::import::import(&app, &own, import).await.unwrap();
    assert!(report.problems[0].message.contains(refusal), "{report:?}");
    // What is known of what it had may be put right; that does not bring it back.
    let until = Some("2026-12-01".parse().unwrap());
    register::put_resource(&app, &own, Resource { until, ..page }).await.unwrap();
    assert!(is_gone().await);

    let again = System { stage: Stage::Planning, ..retired };
    let again = register::change_system(&app, &caller, again).await.unwrap();
    assert_eq!(servers().await, ("ttdl".to_owned(), 1));
    assert!(last(&app, "product.used").await.about.seq > used, "it is used again");
    assert!(!is_gone().await && vouched().await);

    // What was retired before anybody told it is told within the hour, and once.
    let mut tx = app.store.begin().await.unwrap();
    let retired = System { stage: Stage::Retired, ..again };
    tx.update_system(&AgencyScope::All, &retired).await.unwrap();
    tx.commit().await.unwrap();
    let used = last(&app, "product.used").await.about.seq;
    for _ in 0..2 {
        measure::measure(&app, &caller).await.unwrap();
        assert_eq!(servers().await, ("ttdl".to_owned(), 0));
        assert!(is_gone().await);
        let withdrawn = told(&app, "evidence.withdrawn").await;
        let of_it = withdrawn.iter().filter(|one| one.about.corrects == Some(used));
        assert_eq!(of_it.count(), 1);
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn products_servers_and_services_are_told() {
    let place = tempfile::tempdir().unwrap();
    let app = centre(&place.path().join("data")).await;
    let (caller, own) = (Caller::program(), officer("sokhcn"));
    let dvc = code("cong-dvc");
    let product = Product {
        system: dvc.clone(),
        name: "Mô-đun ký số Mẫu".into(),
        version: None,
        maker: None,
        certificate: None,
        scope: None,
        certificate_until: None,
        support_until: Some("2027-06-30".parse().unwrap()),
        make: Make::Domestic,
        is_cryptographic: true,
        authority: None,
        custodian: None,
    };
    let refused = register::add_product(&app, &own, product.clone()).await;
    assert!(words(&refused.unwrap_err()).contains("names the body that answers for it"));
    let answered = Product { authority: Some(Authority::Civil), ..product };
    let refused = register::add_product(&app, &own, answered.clone()).await;
    assert!(words(&refused.unwrap_err()).contains("names the post that keeps its keys"));
    let kept = Product { custodian: Some("Văn thư".into()), ..answered };
    let id = register::add_product(&app, &own, kept).await.unwrap();
    let sbom = br#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"type":"library","name":"a"}]}"#;
    let wrong = register::import_inventory(&app, &own, &dvc, id, b"{").await;
    assert!(matches!(wrong, Err(UseError::Invalid(_))));
    assert_eq!(register::import_inventory(&app, &own, &dvc, id, sbom).await.unwrap(), 1);
    let record = last(&app, "product.used").await;
    assert_eq!(record.content.get("inventory").unwrap().as_bool(), Some(true));
    assert_eq!(record.content.get("supported").unwrap().as_bool(), Some(true));
    register::remove_product(&app, &own, &dvc, id).await.unwrap();
    let withdrawn = told(&app, "evidence.withdrawn").await;
    assert_eq!(withdrawn.len(), 2, "both that were told of it");
    assert!(withdrawn.iter().any(|one| one.about.corrects == Some(record.about.seq)));

    let site = Site {
        code: SiteCode::new("ttdl").unwrap(),
        name: "Trung tâm dữ liệu".into(),
        kind: "data-centre".into(),
        standard: Some("MAU-01".into()),
        until: Some("2026-12-31".parse().unwrap()),
        plan: None,
        plan_by: None,
    };
    assert!(matches!(register::put_site(&app, &own, site.clone()).await, Err(UseError::Denied(_))));
    let odd = Site { kind: "garage".into(), ..site.clone() };
    assert!(matches!(register::put_site(&app, &caller, odd).await, Err(UseError::Invalid(_))));
    register::put_site(&app, &caller, site.clone()).await.unwrap();
    let server = |name: &str, at: Option<&str>| Asset {
        system: dvc.clone(),
        name: HostName::new(name).unwrap(),
        kind: AssetKind::Server,
        zone: Zone::Internet,
        site: at.map(|at| SiteCode::new(at).unwrap()),
        address: None,
    };
    register::put_asset(&app, &own, server("web01", None)).await.unwrap();
    let record = last(&app, "hosting.site").await;
    assert_eq!(record.about.subject, "unknown");
    assert_eq!(record.content.get("qualified").unwrap().as_int(), Some(0));
    register::put_asset(&app, &own, server("web01", Some("ttdl"))).await.unwrap();
    let by_site = told(&app, "hosting.site").await;
    let of = |subject: &str| by_site.iter().find(|one| one.about.subject == subject).unwrap();
    let count = |subject: &str, field: &str| of(subject).content.get(field).unwrap().as_int();
    assert_eq!([count("ttdl", "servers"), count("ttdl", "qualified")], [Some(1), Some(1)]);
    assert_eq!(count("unknown", "servers"), Some(0));
    register::put_site(&app, &caller, Site { standard: None, ..site }).await.unwrap();
    assert_eq!(
        last(&app, "hosting.site").await.content.get("qualified").unwrap().as_int(),
        Some(0)
    );

    let service = Resource {
        agency: agency("sokhcn"),
        system: Some(dvc),
        kind: ResourceKind::Service,
        value: "DVC.minhhoa.example:443".into(),
        until: None,
    };
    register::put_resource(&app, &own, service.clone()).await.unwrap();
    let record = last(&app, "service.registered").await;
    assert_eq!(record.about.subject, "dvc.minhhoa.example:443");
    assert_eq!(record.content.get("tls").unwrap().as_bool(), Some(true));
    let other = Resource { agency: agency("soyt"), system: None, ..service };
    let other = Resource { kind: ResourceKind::Domain, value: "a.example".into(), ..other };
    assert!(matches!(register::put_resource(&app, &own, other).await, Err(UseError::Denied(_))));
    let kept = register::list_resources(&app, &own).await.unwrap();
    register::remove_resource(&app, &own, kept[0].id).await.unwrap();
    let record = last(&app, "service.registered").await;
    assert_eq!(record.content.get("retired").unwrap().as_bool(), Some(true));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_nobody_registered_is_told_and_resolved_when_somebody_does() {
    let place = tempfile::tempdir().unwrap();
    let clock = Hands::at("2026-10-15T01:00:00Z");
    let app = start(&place.path().join("data"), &clock).await;
    let source = register_source(&app).await;
    let line = sysmon("MAY-LA", "C:\\a.exe", "2026-10-15 01:00:00.000");
    send(&app, source, &line, None).await.unwrap();
    until("it is told", async || !told(&app, "system.discovered").await.is_empty()).await;
    let host = HostName::new("may-la").unwrap();
    let caller = Caller::program();
    let hosts = [host, HostName::new("may-khac").unwrap()];
    register::register_hosts(&app, &caller, &code("cong-dvc"), &hosts).await.unwrap();
    let found = told(&app, "system.discovered").await;
    let found: Vec<_> = found
        .iter()
        .map(|one| (one.about.subject.as_str(), one.content.get("resolved").unwrap().as_bool()))
        .collect();
    assert_eq!(found, [("may-la", Some(true)), ("may-la", Some(false))]);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_of_one_agency_points_the_probe_at_the_centre() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = crate::support::centre_of_two(&place.path().join("data")).await;
    let range = |value: &str| Resource {
        agency: crate::support::agency("soyt"),
        system: None,
        kind: ResourceKind::AddressRange,
        value: value.into(),
        until: None,
    };
    for special in ["127.0.0.1/32", "169.254.0.0/16", "::1/128", "fe80::/64"] {
        let officer = crate::support::officer("soyt");
        let refused = register::put_resource(&app, &officer, range(special)).await;
        assert!(matches!(refused, Err(UseError::Invalid(_))), "{special}: {refused:?}");
        register::put_resource(&app, &Caller::program(), range(special)).await.unwrap();
    }
    register::put_resource(&app, &crate::support::officer("soyt"), range("192.0.2.0/24"))
        .await
        .unwrap();
    app.stop().await;
}
