//! Who may do what, at every address: the table `docs/access.md` is what really happens.
//!
//! The routes are read from the console's own router, so that none is forgotten. Each is asked by
//! nobody and by everybody of every role, once for all agencies and once for one alone, about things
//! of that agency and of another. `KHIEN_UPDATE_ACCESS=1` writes the table anew; read it before you
//! keep it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use khien_app::access::Caller;
use khien_app::use_case::findings::{self, Upload};
use khien_app::use_case::ledger::{self, EvidenceFilter};
use khien_app::use_case::projects::{self, NewProject};
use khien_app::use_case::register::custody::{self, NewDevice};
use khien_app::use_case::tuning::{self, Asked};
use khien_app::use_case::{
    alerts, appeals, budgets, dossiers, gate, incidents, leaks, register, risks,
};
use khien_domain::account::Role;
use khien_domain::alert::Severity;
use khien_domain::clock::Clock;
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::custody::DeviceKind;
use khien_domain::document::{Brought, Digest};
use khien_domain::dossier::DossierKind;
use khien_domain::evidence::{How, NewEvidence};
use khien_domain::ids::{AlertId, DossierId, FindingId, IncidentId};
use khien_domain::incident::NewIncident;
use khien_domain::leak::{Leak, LeakKind};
use khien_domain::page::PageRequest;
use khien_domain::permission::AgencyScope;
use khien_domain::project::ProjectCode;
use khien_domain::resource::{Resource, ResourceKind};
use khien_domain::risk::{Degree, Estimate, RiskAbout, RiskCode, Treatment};
use khien_domain::round::{AppealForm, Drawn, NewAppeal};
use khien_testkit::Machine;

use super::support::{Browser, NEW_AGENCY, everybody, invite, only, register_another};
use crate::support::{Centre, Known, Reply};
use khien_domain::source::SourceKind;

/// A clock that is some seconds ahead of the machine's.
#[derive(Debug, Default)]
pub(super) struct Ahead(pub(super) AtomicI64);

impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        Machine.now() + SignedDuration::from_secs(self.0.load(Ordering::Relaxed))
    }
}

const ROUTER: &str = include_str!("../../../src/console.rs");

/// Routes that are about nobody's data, or end what the test needs; they have tests of their own.
const APART: [&str; 4] = ["/static/{mark}/{name}", "/live", "/search/tail", "/sign-out"];

/// Methods and addresses of the router.
pub(super) fn routes() -> Vec<(&'static str, &'static str)> {
    let mut found = Vec::new();
    for part in ROUTER.split(".route(").skip(1) {
        let address = part.split('"').nth(1).unwrap();
        // To the end of this call: the next one, or the layers.
        let end = part.find("\n        .").unwrap_or(part.len());
        let handlers = &part[..end];
        for (call, method) in [("get(", "GET"), ("post(", "POST")] {
            if handlers.contains(call) && !APART.contains(&address) {
                found.push((method, address));
            }
        }
    }
    found
}

/// Things of an agency that addresses name.
#[derive(Clone, Default)]
pub(super) struct Things {
    pub(super) agency: &'static str,
    system: &'static str,
    source: String,
    alert: String,
    incident: String,
    record: String,
    dossier: String,
    finding: String,
    declared: String,
    hidden: String,
    glass: String,
    appeal: String,
    device: String,
    leak: String,
}

/// The address with a thing in each place.
pub(super) fn filled(address: &str, things: &Things) -> String {
    let room = address.split('/').nth(1).unwrap_or_default();
    let mut address = address.to_owned();
    let is_declared = room == "reviews" || address.contains("/samples/");
    let record = match () {
        () if is_declared => &things.declared,
        () if address.contains("/hidden/") => &things.hidden,
        () if room == "gate" => &things.glass,
        () => &things.record,
    };
    for (place, value) in [
        ("{number}", things.incident.as_str()),
        ("{alert}", &things.alert),
        ("{system}", things.system),
        ("{seq}", record),
        ("{indicator}", "N3.1"),
        ("{host}", "may-khong-co"),
        ("{name}", "muctieu"),
        ("{text}", "khong-co-loi-moi"),
        ("{agency}", things.agency),
        ("{year}", "2026"),
        ("{line}", "gs-01"),
        ("{risk}", "rr-01"),
        ("{catalogue}", "mh-levels@2026.1"),
        ("{control}", "QT-03"),
        ("{sha256}", Digest::of(PAPER).as_str()),
        ("{dossier}", &things.dossier),
        ("{finding}", &things.finding),
        ("{device}", &things.device),
        ("{leak}", &things.leak),
        ("{project}", "da-01"),
        ("{code}", if room == "agencies" { things.agency } else { things.system }),
    ] {
        address = address.replace(place, value);
    }
    let id = match room {
        "alerts" => things.alert.as_str(),
        "sources" => &things.source,
        "index" => &things.appeal,
        "rules" if address.starts_with("/rules/filters/") => "1",
        "rules" => "11111111-1111-4111-8111-111111111111",
        _ => "1",
    };
    address.replace("{id}", id)
}

/// What a form needs so that the question of who may comes up.
pub(super) fn form(address: &str, things: &Things) -> Vec<(&'static str, String)> {
    let some = |fields: &[(&'static str, &str)]| -> Vec<(&'static str, String)> {
        fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
    };
    match address {
        "/resources/settle" => some(&[
            ("name", &format!("lo.{}.example", things.agency)),
            ("standing", "off"),
            ("note", "thử"),
        ]),
        "/alerts/{id}/change" => some(&[("to", "take")]),
        "/alerts/change" => some(&[("to", "take"), ("alert", &things.alert)]),
        "/alerts/{id}/comment" => some(&[("comment", "ghi chú")]),
        "/alerts/{id}/suppress" => some(&[
            ("days", "1"),
            ("owner", "an"),
            ("reason", "thử"),
            ("agency", "1"),
            ("rule", "1"),
        ]),
        "/incidents" => some(&[("title", "thử"), ("severity", "low"), ("alert", &things.alert)]),
        "/incidents/{number}/state" => some(&[("state", "contained")]),
        "/incidents/{number}/edit" => some(&[("title", "thử"), ("severity", "low")]),
        "/incidents/{number}/loss" => {
            some(&[("kind", "actual"), ("amount", "1"), ("reason", "thử")])
        }
        "/incidents/{number}/note" => some(&[("note", "thử")]),
        "/shift" => some(&[("text", "thử")]),
        "/alerts/{id}/tune" => some(&[("do", "save"), ("text", "title: x"), ("reason", "thử")]),
        "/rules/{id}/set" => {
            some(&[("to", "own-switch"), ("agency", things.agency), ("reason", "thử")])
        }
        "/rules/import/confirm" => some(&[("set", "thu"), ("digest", "00")]),
        _ => forms_of_other_rooms(address, things),
    }
}

fn forms_of_other_rooms(address: &str, things: &Things) -> Vec<(&'static str, String)> {
    let fields: &[(&'static str, &str)] = match address {
        "/budget/{agency}/{year}/approve" => &[("number", "1/QĐ"), ("day", "2026-01-05")],
        "/budget/{agency}/{year}/new" | "/budget/{agency}/{year}/lines/{line}" => &[
            ("code", "gs-01"),
            ("name", "thử"),
            ("class", "monitoring"),
            ("share", "100"),
            ("planned", "1"),
            ("domestic", "yes"),
        ],
        "/risks/new" | "/risks/{agency}/{risk}" => &[
            ("agency", things.agency),
            ("code", "rr-02"),
            ("scenario", "thử"),
            ("threat", "thử"),
            ("likelihood", "1"),
            ("impact", "1"),
            ("owner", "Trưởng phòng"),
            ("treatment", "reduce"),
            ("due", "2026-12-31"),
        ],
        "/risks/{agency}/{risk}/state" => &[("do", "reopen"), ("reason", "thử")],
        "/dossiers" => &[("system", things.system), ("kind", "level")],
        "/dossiers/{dossier}" => &[("level", "2"), ("scope", "thử")],
        "/dossiers/{dossier}/act" => &[("do", "submit")],
        "/projects" => {
            &[("code", "da-02"), ("name", "thử"), ("system", things.system), ("planned", "1000")]
        }
        "/projects/{agency}/{project}/estimate" => &[("planned", "1000"), ("security", "150")],
        "/projects/{agency}/{project}/dossier" => &[("dossier", "")],
        "/projects/{agency}/{project}/decide" => &[("day", "2026-01-05")],
        "/calendar" => &[
            ("system", things.system),
            ("check", "pentest"),
            ("day", "2026-11-01"),
            ("report", "1/BC"),
        ],
        "/findings/new" => &[
            ("system", things.system),
            ("title", "thử"),
            ("severity", "low"),
            ("place", "máy 1"),
            ("tool", "Đơn vị Mẫu"),
            ("found", "2026-01-05"),
        ],
        "/findings/import/confirm" => &[("digest", "00"), ("system", things.system)],
        "/findings/{finding}/act" => &[("do", "repair"), ("word", "thử")],
        "/gate/{system}/break" => &[("reason", "thử mở khẩn cấp"), ("hours", "1")],
        "/gate/{system}/review/{seq}" => &[("do", "holds"), ("finding", "thử rà soát mở khẩn cấp")],
        "/index/agencies/{agency}/hidden" => &[
            ("subject", "SC-99"),
            ("found", "2026-10-01"),
            ("reason", "thử"),
            ("document", "9/BB"),
        ],
        "/index/agencies/{agency}/hidden/{seq}/withdraw" => &[("reason", "thử")],
        "/systems/{code}/controls" => &[
            ("catalogue", "mh-levels@2026.1"),
            ("control", "QT-03"),
            ("state", "implemented"),
            ("note", "thử nêu một biện pháp"),
        ],
        "/crypto/probe" => &[("endpoint", "khong-co.minhhoa.example:443")],
        "/evidence/new" => &[("agency", things.agency), ("kind", "training.year")],
        "/reviews/{seq}" => &[("do", "confirm")],
        "/index/rounds" => &[("year", "2026"), ("pack", "mh-57-2026.1")],
        "/index/rounds/{year}/state" => &[("do", "publish")],
        "/index/rounds/{year}/samples/{seq}" => &[("do", "hold"), ("reason", "thử")],
        "/index/appeals/new" => &[
            ("agency", things.agency),
            ("year", "2026"),
            ("indicator", "N1.2"),
            ("form", "comment"),
            ("reason", "thử"),
        ],
        "/index/appeals/{id}/decide" => &[("do", "refuse"), ("reason", "thử")],
        "/search/save" => &[("name", "thử")],
        "/sources/new" => &[("system", things.system), ("kind", "http"), ("name", "thử")],
        "/sources/{id}/status" => &[("status", "active")],
        "/sources/{id}/rotate" => &[("hours", "1")],
        "/quarantine/again" => &[("record", "1-0")],
        "/agencies/new" => &NEW_AGENCY,
        "/systems/new" => &[
            ("agency", things.agency),
            ("code", "moi"),
            ("name", "thử"),
            ("level", "2"),
            ("stage", "test"),
        ],
        "/systems/{code}/hosts" => &[("host", "may-01")],
        "/agencies/{code}/edit" => &[("name_vi", "thử"), ("kind", "government")],
        "/agencies/{code}/assignment" => &[
            ("head-holder", "Mẫu 001"),
            ("head-post", "Giám đốc"),
            ("head-document", "1/QĐ.MH"),
            ("head-signed", "2026-01-01"),
            ("head-until", "2027-01-01"),
            ("deputy-holder", "Mẫu 002"),
            ("deputy-post", "Phó Giám đốc"),
            ("deputy-document", "2/QĐ.MH"),
            ("deputy-signed", "2026-01-01"),
            ("deputy-until", "2027-01-01"),
        ],
        "/agencies/{code}/resources" => &[("kind", "domain"), ("value", "moi.minhhoa.example")],
        "/systems/{code}/edit" => &[("name", "thử"), ("level", "2"), ("stage", "operation")],
        "/systems/{code}/providers" => &[
            ("name", "Công ty Mẫu"),
            ("service", "bảo trì"),
            ("contract", "HĐ-1.MH"),
            ("from", "2026-01-01"),
            ("until", "2027-01-01"),
        ],
        "/systems/{code}/papers" => &[
            ("kind", "continuity"),
            ("document", "1/QĐ.MH"),
            ("situations", "mất điện"),
            ("redundancy", "hai đường truyền"),
        ],
        "/systems/{code}/products" => &[("name", "thử"), ("make", "domestic")],
        "/leaks" => {
            &[("agency", things.agency), ("kind", "personal-data"), ("found_on", "2026-01-05")]
        }
        "/leaks/{leak}/step" => &[("what", "contain"), ("day", "2026-01-06")],
        "/custody/new" => &[
            ("agency", things.agency),
            ("serial", "TK-02"),
            ("kind", "token"),
            ("day", "2026-01-05"),
        ],
        "/custody/{device}/act" => &[("do", "return"), ("day", "2026-01-05")],
        "/systems/{code}/assets" => &[("name", "may-02"), ("kind", "server"), ("zone", "internet")],
        "/sites" => &[("code", "moi"), ("name", "thử"), ("kind", "data-centre")],
        "/admin/people" => {
            &[("name", "nguoimoi"), ("called", "thử"), ("role", "analyst"), ("scope", "all")]
        }
        "/admin/people/{name}" => &[("do", "sessions")],
        "/admin/tokens" => {
            &[("name", "thử"), ("days", "1"), ("permission", "alerts.read"), ("scope", "all")]
        }
        "/admin/keeping/holds" => &[("owner", "an"), ("reason", "thử")],
        _ => &[],
    };
    fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
}

/// What happened: `x` it went on, `-` it was refused, `>` first to the door, `!` it failed.
fn outcome(reply: &Reply, is_signed_in: bool) -> char {
    let goes = |to: &str| reply.headers.get("location").is_some_and(|at| at.starts_with(to));
    match reply.status {
        403 | 404 => '-',
        303 if goes("/sign-in") => {
            if is_signed_in {
                '!'
            } else {
                '>'
            }
        }
        303 if goes("/account/authenticator") => '!',
        200 | 303 | 400 | 409 | 401 => 'x',
        _ => '!',
    }
}

/// A host below a domain of the agency that a certificate names.
async fn discovered(centre: &Centre, agency: &'static str) {
    let resource = Resource {
        agency: AgencyCode::new(agency).unwrap(),
        system: None,
        kind: ResourceKind::Domain,
        value: format!("{agency}.example"),
        until: None,
    };
    let (app, caller) = (&centre.app, Caller::program());
    register::put_resource(app, &caller, resource).await.unwrap();
    let log = format!("name\nlo.{agency}.example\n");
    register::import_certificates(app, &caller, log.as_bytes(), false).await.unwrap();
}

/// A find of the agency's own: the source tells what the rule of tests finds.
pub(super) async fn things(centre: &Centre, system: &'static str, agency: &'static str) -> Things {
    let (source, token) = centre.source_of(system, SourceKind::Http, Known::default()).await;
    let event = khien_testkit::sysmon(
        "MAY-01",
        "C:\\Windows\\System32\\whoami.exe",
        "2026-11-22 01:00:00.000",
    );
    let bearer = format!("Bearer {token}");
    let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/x-ndjson")];
    let reply = centre.send("POST /api/v1/intake/json", &headers, event.as_bytes()).await;
    assert!(reply.status < 300, "{reply:?}");
    let caller = Caller::program();
    let filter = alerts::AlertFilter {
        system: Some(source.system.clone()),
        kind: Some(khien_domain::alert::AlertKind::Rule),
        ..Default::default()
    };
    let mut alert = None;
    for _ in 0..200 {
        let (found, _) = alerts::queue_alerts(&centre.app, &caller, &filter, 0, 1).await.unwrap();
        if let Some(one) = found.first() {
            alert = Some(one.id);
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let alert: AlertId = alert.expect("an alert of the source");
    let new = NewIncident {
        title: "sự cố mẫu".into(),
        severity: Severity::Low,
        lead: None,
        alerts: vec![alert],
    };
    let incident = incidents::open_incident(&centre.app, &caller, new).await.unwrap();
    let (dossier, finding) = assurance(centre, agency, system).await;
    let of_agency = EvidenceFilter {
        agency: Some(AgencyCode::new(agency).unwrap()),
        ..EvidenceFilter::default()
    };
    let page = PageRequest::new(None, 1);
    let found = ledger::list(&centre.app, &caller, &of_agency, &page).await.unwrap();
    let record = found.items.first().expect("a record about the agency");
    let declared = declared(centre, agency).await;
    let hidden = hidden(centre, agency).await;
    let code = SystemCode::new(system).unwrap();
    let glass = gate::break_glass(&centre.app, &caller, &code, "thử mở khẩn cấp", 1).await.unwrap();
    let new = NewDevice {
        agency: AgencyCode::new(agency).unwrap(),
        serial: "TK-01".into(),
        kind: DeviceKind::Token,
        product: None,
        until: None,
        day: jiff::civil::date(2026, 1, 5),
    };
    let device = custody::add_device(&centre.app, &caller, new).await.unwrap();
    let leak = Leak {
        agency: AgencyCode::new(agency).unwrap(),
        kind: LeakKind::PersonalData,
        number: None,
        dated: None,
        found_on: jiff::civil::date(2026, 1, 5),
    };
    let leak = leaks::record_leak(&centre.app, &caller, leak).await.unwrap();
    discovered(centre, agency).await;
    Things {
        agency,
        system,
        source: source.id.to_string(),
        alert: alert.to_string(),
        incident: incident.id.number().to_string(),
        record: record.about.seq.to_string(),
        dossier: dossier.to_string(),
        finding: finding.to_string(),
        declared: declared.to_string(),
        hidden: hidden.to_string(),
        glass: glass.seq.to_string(),
        appeal: String::new(),
        device: device.to_string(),
        leak: leak.to_string(),
    }
}

/// The document of what an agency has declared.
const PAPER: &[u8] = "văn bản".as_bytes();

/// Something that an agency has declared, with its document.
async fn declared(centre: &Centre, agency: &'static str) -> u64 {
    let (agency, now) = (AgencyCode::new(agency).unwrap(), centre.app.now());
    let new = NewEvidence::of_agency("training.year", &agency, now);
    let new = NewEvidence { how: How::Declared, subject: "2026".into(), ..new };
    let mut tx = centre.app.store.begin().await.unwrap();
    let new = vec![new.with("staff", 1).with("completed", 1)];
    let kept = tx.append_evidence(new, now).await.unwrap();
    let paper = Brought { name: "thử.txt".into(), bytes: PAPER.to_vec() };
    let document = paper.checked(&agency, 100, ("person:thu", now)).unwrap();
    assert!(tx.keep_document(&document, PAPER).await.unwrap());
    tx.commit().await.unwrap();
    kept[0].seq
}

/// An incident that an agency has hidden.
async fn hidden(centre: &Centre, agency: &'static str) -> u64 {
    let (agency, now) = (AgencyCode::new(agency).unwrap(), centre.app.now());
    let new = NewEvidence::of_agency("incident.hidden", &agency, now);
    let new = NewEvidence { how: How::Documented, subject: "SC-01".into(), ..new };
    let mut tx = centre.app.store.begin().await.unwrap();
    let kept = tx.append_evidence(vec![new.with("found", "2026-10-01")], now).await.unwrap();
    tx.commit().await.unwrap();
    kept[0].seq
}

/// A round in its review, with what both agencies have declared as its sample and an appeal of each.
pub(super) async fn round(centre: &Centre, things: [&mut Things; 2]) {
    let (app, caller) = (&centre.app, Caller::program());
    let now = app.now();
    let mut tx = app.store.begin().await.unwrap();
    tx.add_round(2026, "mh-57-2026.1", now).await.unwrap();
    let samples = things
        .each_ref()
        .map(|its| (its.declared.parse().unwrap(), AgencyCode::new(its.agency).unwrap()));
    let drawn = Drawn { at: now, checkpoint: 0, size: 0, seed: String::new(), population: 2 };
    assert!(tx.review_round(2026, &drawn, &samples).await.unwrap());
    tx.commit().await.unwrap();
    for its in things {
        let new = NewAppeal {
            year: 2026,
            agency: AgencyCode::new(its.agency).unwrap(),
            indicator: "N1.2".into(),
            form: AppealForm::Comment,
            reason: "thử".into(),
            reference: String::new(),
            by: String::new(),
            at: now,
        };
        its.appeal = appeals::lodge(app, &caller, new, None).await.unwrap().to_string();
    }
}

/// A line of a budget, a risk, a dossier, a project and a finding of an agency; numbers of the dossier and the
/// finding.
async fn assurance(centre: &Centre, agency: &str, system: &str) -> (DossierId, FindingId) {
    let (caller, agency) = (Caller::program(), AgencyCode::new(agency).unwrap());
    let file = "code,name,class,planned,domestic\ngs-01,Giám sát,monitoring,100,yes\n";
    let kept = budgets::import_lines(&centre.app, &caller, &agency, 2026, file.as_bytes(), false);
    let kept = kept.await;
    assert!(matches!(kept, Ok(budgets::Imported::Taken(_))), "{kept:?}");
    let degree = Degree::new(2).unwrap();
    let about = RiskAbout {
        system: None,
        asset: None,
        scenario: "kịch bản mẫu".into(),
        threat: "mối đe dọa mẫu".into(),
        inherent: Estimate { likelihood: degree, impact: degree },
        residual: None,
        loss: None,
        residual_loss: None,
        owner: "Trưởng phòng".into(),
        treatment: Treatment::Reduce,
        controls: std::collections::BTreeSet::new(),
        due: jiff::civil::date(2026, 12, 31),
        records: std::collections::BTreeSet::new(),
    };
    let code = RiskCode::new("rr-01").unwrap();
    risks::add_risk(&centre.app, &caller, &agency, code, about).await.unwrap();
    let (app, system) = (&centre.app, SystemCode::new(system).unwrap());
    let kind = DossierKind::Design;
    let dossier = dossiers::begin_dossier(app, &caller, &system, kind).await.unwrap();
    let code = ProjectCode::new("da-01").unwrap();
    let new =
        NewProject {
            code, name: "thử".into(), system: system.clone(), planned: 1, security: None
        };
    projects::add_project(app, &caller, new).await.unwrap();
    let table = "rule,title,severity,place\na,T,low,x\n";
    let (name, tool) = ("thu.csv".to_owned(), "thử".to_owned());
    let upload = Upload { name, bytes: table.into(), tool, at: None };
    findings::import_findings(app, &caller, &system, upload, false).await.unwrap();
    let found = findings::list_findings(app, &caller, Some(&system)).await.unwrap();
    (dossier, found[0].id)
}

/// A filter of the rule of tests, which hides nothing that they send. Whoever may ends it; it stays.
pub(super) async fn filter(centre: &Centre) {
    let rule = "11111111-1111-4111-8111-111111111111";
    let text = format!(
        "title: thử\nlogsource: {{product: windows}}\nfilter:\n  rules: [{rule}]\n  s: {{Computer: \
         KHONG-CO}}\n  condition: s\n"
    );
    let asked = Asked { rule: rule.into(), text, reason: "thử".into(), expires_at: None };
    let made = tuning::add_filter(&centre.app, &Caller::program(), asked).await.unwrap();
    assert_eq!(made.id.0, 1);
}

/// Asks; what somebody before has taken away is there again.
async fn ask(
    centre: &Centre,
    browser: &mut Browser<'_>,
    method: &str,
    route: &str,
    things: &Things,
) -> Reply {
    if route == "/incidents/{number}/alerts/{alert}/remove" {
        let incident = IncidentId::parse(&things.incident).unwrap();
        let alert = AlertId(things.alert.parse().unwrap());
        let caller = Caller::program();
        let held = incidents::incident_of_alert(&centre.app, &caller, alert).await.unwrap();
        if let Some(held) = held {
            incidents::remove_alert(&centre.app, &caller, held, alert).await.unwrap();
        }
        let _ = incidents::add_alert(&centre.app, &Caller::program(), incident, alert).await;
    }
    let mut address = filled(route, things);
    if route == "/systems/{code}/controls/oscal" {
        address.push_str("?what=ssp");
    }
    if method == "GET" {
        return browser.get(&address).await;
    }
    if route == "/rules/import" {
        return browser.post_file(&address, "thu.yml", b"title: x").await;
    }
    if route == "/findings/import" {
        let fields = [("system", things.system), ("tool", "thử")];
        return browser.post_file_and(&address, &fields, "thu.csv", b"rule\n").await;
    }
    if route == "/budget/{agency}/{year}/import" {
        return browser.post_file(&address, "thu.csv", b"code\n").await;
    }
    if route == "/risks/assessed" {
        let system = format!("{} {}", things.agency, things.system);
        return browser.post(&address, &[("system", &system)]).await;
    }
    if route == "/controls/mappings" {
        return browser.post_file(&address, "thu.csv", b"source").await;
    }
    if route == "/controls" {
        return browser.post_file(&address, "thu.json", b"{}").await;
    }
    if route == "/resources/certificates" {
        return browser.post_file(&address, "log.csv", b"name\n").await;
    }
    if route == "/register/import" {
        return browser.post_file(&address, "thu.csv", b"code,agency\n").await;
    }
    if route == "/systems/{code}/inventory" {
        return browser.post_file(&address, "sbom.json", b"{}").await;
    }
    let fields = form(route, things);
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
    browser.post(&address, &fields).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_lets_in_whom_the_table_says() {
    // So many requests of one address are a flood, unless they take their time.
    let clock = Arc::new(Ahead::default());
    let centre = Centre::start_public(Arc::clone(&clock) as Arc<dyn Clock>).await;
    register_another(&centre).await;
    let mut own = things(&centre, "cong-dvc", "sokhcn").await;
    let mut other = things(&centre, "benh-an", "soyt").await;
    round(&centre, [&mut own, &mut other]).await;
    filter(&centre).await;
    let people = everybody(&centre).await;
    invite(&centre, "muctieu", Role::Analyst, only("sokhcn")).await;
    let mut table: BTreeMap<(&str, &str), String> = BTreeMap::new();
    let mut head = "| route | nobody |".to_owned();
    let mut under = "|---|---|".to_owned();
    let routes = routes();
    assert!(routes.len() > 30, "the router was read: {}", routes.len());
    for (method, route) in &routes {
        let mut nobody = Browser::new(&centre);
        let reply = ask(&centre, &mut nobody, method, route, &own).await;
        table.insert((route, method), format!(" {} |", outcome(&reply, false)));
    }
    for (name, role, is_local) in &people {
        let scope = if *is_local { "one agency: own, other" } else { "all" };
        let _ = write!(head, " {}, {scope} |", role.name());
        under.push_str("---|");
        clock.0.fetch_add(2, Ordering::Relaxed);
        let mut browser = Browser::of(&centre, name).await;
        for (method, route) in &routes {
            let cell = table.get_mut(&(*route, *method)).unwrap();
            let first = outcome(&ask(&centre, &mut browser, method, route, &own).await, true);
            if *is_local {
                let second =
                    outcome(&ask(&centre, &mut browser, method, route, &other).await, true);
                let _ = write!(cell, " {first} {second} |");
            } else {
                let _ = write!(cell, " {first} |");
            }
        }
    }
    let mut text = format!(
        "# Who may do what in the console\n\n\
         Every route of the console, asked by nobody and by everybody: `x` goes on, `-` is refused, `>` is\n\
         sent to the door. People of one agency were asked about a thing of their own agency and of\n\
         another. A test writes this table from what really happens and holds the program to it.\n\n\
         {head}\n{under}\n"
    );
    for ((route, method), cells) in &table {
        assert!(!cells.contains('!'), "{method} {route}: {cells}");
        let _ = writeln!(text, "| {method} `{route}` |{cells}");
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/access.md");
    if std::env::var_os("KHIEN_UPDATE_ACCESS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    for (is, was) in text.lines().zip(written.lines()) {
        assert_eq!(is, was, "docs/access.md tells otherwise: KHIEN_UPDATE_ACCESS=1 writes it anew");
    }
    assert_eq!(text.lines().count(), written.lines().count(), "routes that the table lacks");
    centre.stop().await;
}

#[tokio::test]
async fn people_of_one_agency_see_nothing_of_another() {
    let centre = Centre::start_with_rules().await;
    register_another(&centre).await;
    let own = things(&centre, "cong-dvc", "sokhcn").await;
    let other = things(&centre, "benh-an", "soyt").await;
    invite(&centre, "canbo", Role::Officer, only("sokhcn")).await;
    let mut browser = Browser::of(&centre, "canbo").await;
    assert_eq!(browser.get(&format!("/alerts/{}", own.alert)).await.status, 200);
    assert_eq!(browser.get(&format!("/alerts/{}", other.alert)).await.status, 404);
    for path in
        ["/alerts?state=all", "/overview", "/incidents?state=all", "/alerts/export?state=all"]
    {
        let page = super::support::text(&browser.get(path).await);
        assert!(!page.contains("benh-an") && !page.contains("soyt"), "{path}: {page}");
    }
    let open = format!("/alerts?state=all&open={}", other.alert);
    let page = super::support::text(&browser.get(&open).await);
    assert!(!page.contains("benh-an"), "an address is no way around");
    let all = AgencyScope::All;
    invite(&centre, "an", Role::Analyst, all).await;
    let mut analyst = Browser::of(&centre, "an").await;
    let page = super::support::text(&analyst.get("/alerts/export?state=all").await);
    assert!(page.contains("benh-an") && page.contains("cong-dvc"));
    centre.stop().await;
}
