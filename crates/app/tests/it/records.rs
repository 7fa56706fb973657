//! What people do with incidents, shifts, saved searches and rules, by who they are.

use jiff::SignedDuration;
use std::sync::Arc;

use khien_app::App;
use khien_app::access::Caller;
use khien_app::use_case::incidents::{self, Edit, IncidentFilter};
use khien_app::use_case::rule_imports::{self, Import, RuleFile};
use khien_app::use_case::rules::{self, Order, RuleQuery, WantedSetting};
use khien_app::use_case::tuning::{self, Asked, Chosen, Comparison};
use khien_app::use_case::{UseError, alert_figures, alerts, audit, saved_searches, shifts};
use khien_domain::account::{Role, UserName};
use khien_domain::agency::{Agency, AgencyKind};
use khien_domain::alert::{Alert, Severity, State};
use khien_domain::audit::Outcome;
use khien_domain::code::AgencyCode;
use khien_domain::ids::SourceId;
use khien_domain::incident::{self, NewIncident};
use khien_domain::page::PageRequest;
use khien_domain::permission::{Actor, AgencyScope, Identity};
use khien_domain::rule_setting::{Property, Setting};
use khien_testkit::{Hands, sysmon};

use crate::support::{register, send, start, until};

const WHOAMI: &str = "11111111-1111-4111-8111-111111111111";
const MANY: &str = "22222222-2222-4222-8222-222222222222";

fn agency(code: &str) -> AgencyCode {
    AgencyCode::new(code).unwrap()
}

fn person(name: &str, role: Role, agencies: AgencyScope) -> Caller {
    let identity = Identity::Person { name: UserName::new(name).unwrap() };
    Caller { actor: Actor::new(identity, role.permissions(), agencies), origin: "test".into() }
}

fn lead(name: &str) -> Caller {
    person(name, Role::Lead, AgencyScope::All)
}

/// A centre with a source in `sokhcn`, and the agency `soyt` beside it.
async fn centre(path: &std::path::Path) -> (Arc<App>, SourceId, Arc<Hands>) {
    let clock = Hands::at("2026-10-15T01:00:00Z");
    let app = start(path, &clock).await;
    let source = register(&app).await;
    let new = Agency::new(agency("soyt"), "Sở Y tế".into(), AgencyKind::Government, app.now());
    khien_app::use_case::register::add_agency(&app, &Caller::program(), khien_testkit::headed(new))
        .await
        .unwrap();
    (app, source, clock)
}

/// Sends the start of `whoami.exe` on a host and waits until it was judged.
async fn whoami(app: &App, source: SourceId, host: &str) {
    let line = sysmon(host, "C:\\Windows\\System32\\whoami.exe", "2026-10-15 01:00:00.000");
    send(app, source, &line, None).await.unwrap();
    app.settled().await;
}

async fn all_alerts(app: &App) -> Vec<Alert> {
    let filter = alerts::AlertFilter::default();
    let page = PageRequest::first();
    alerts::list_alerts(app, &Caller::program(), &filter, &page).await.unwrap().items
}

async fn of_rule(app: &App, rule: &str) -> Vec<Alert> {
    all_alerts(app).await.into_iter().filter(|alert| alert.rule == rule).collect()
}

async fn audited(app: &App, action: &str) -> usize {
    let filter = audit::AuditFilter { action: Some(action.into()), ..Default::default() };
    let page = PageRequest::first();
    let found = audit::list_audit(app, &Caller::program(), &filter, &page).await.unwrap();
    found.items.iter().filter(|entry| entry.said.outcome == Outcome::Done).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_takes_its_alerts_on_and_changes_only_for_who_may() {
    let place = tempfile::tempdir().unwrap();
    let (app, source, _) = centre(&place.path().join("data")).await;
    whoami(&app, source, "may-01").await;
    until("an alert", async || !of_rule(&app, WHOAMI).await.is_empty()).await;
    let alert = of_rule(&app, WHOAMI).await.remove(0);
    let new = NewIncident {
        title: "Dò quét từ máy trạm".into(),
        severity: Severity::High,
        lead: Some("canbo001".into()),
        alerts: vec![alert.id],
    };
    let only = |code: &str| AgencyScope::one(agency(code));
    let stranger = person("khach", Role::Analyst, only("soyt"));
    let refused = incidents::open_incident(&app, &stranger, new.clone()).await;
    assert!(matches!(refused, Err(UseError::NotFound { .. })), "another agency's alert");
    let officer = person("canbo", Role::Officer, only("sokhcn"));
    let refused = incidents::open_incident(&app, &officer, new.clone()).await;
    assert!(matches!(refused, Err(UseError::Denied(_))), "{refused:?}");

    let lead = lead("truongca");
    let opened = incidents::open_incident(&app, &lead, new.clone()).await.unwrap();
    assert_eq!((opened.agency.as_str(), opened.alerts), ("sokhcn", 1));
    assert_eq!(audited(&app, "incident.open").await, 1);
    let taken = alerts::get_alert(&app, &lead, alert.id).await.unwrap();
    assert_eq!(taken.alert.state, State::InProgress);
    assert!(taken.comments.items[0].text.contains("SC-0001"), "{:?}", taken.comments);
    let again = incidents::open_incident(&app, &lead, new).await.unwrap_err().to_string();
    assert!(again.contains("SC-0001"), "{again}");

    let seen = incidents::get_incident(&app, &officer, opened.id).await.unwrap();
    assert_eq!(seen.alerts.len(), 1);
    let none = incidents::get_incident(&app, &stranger, opened.id).await;
    assert!(matches!(none, Err(UseError::NotFound { .. })));
    let closed = incident::State::Closed(incident::Outcome::Resolved);
    let refused = incidents::change_incident(&app, &officer, opened.id, closed).await;
    assert!(matches!(refused, Err(UseError::Denied(_))));
    let edit = Edit { lead: Some(None), severity: Some(Severity::Critical), title: None };
    let edited = incidents::edit_incident(&app, &lead, opened.id, &edit).await.unwrap();
    assert_eq!((edited.lead, edited.severity), (None, Severity::Critical));
    assert_eq!(edited.title, "Dò quét từ máy trạm");
    incidents::note_incident(&app, &lead, opened.id, "đã cách ly máy").await.unwrap();
    // What people write is held to marks of secrecy like what they upload; it is kept nowhere.
    let marked = "TỐI MẬT\nTrích yếu văn bản bị lộ";
    let titled = Edit { lead: None, severity: None, title: Some("Độ mật: MẬT".into()) };
    for refused in [
        incidents::note_incident(&app, &lead, opened.id, marked).await.map(drop),
        incidents::edit_incident(&app, &lead, opened.id, &titled).await.map(drop),
        alerts::comment_alert(&app, &lead, alert.id, marked).await.map(drop),
        shifts::write_note(&app, &lead, marked).await.map(drop),
    ] {
        let told = refused.unwrap_err().to_string();
        assert!(told.contains("bears the mark of secrecy"), "{told}");
    }
    let done = incidents::change_incident(&app, &lead, opened.id, closed).await.unwrap();
    assert!(done.closed_at.is_some());
    let twice = incidents::change_incident(&app, &lead, opened.id, closed).await;
    assert!(matches!(twice, Err(UseError::Conflict(_))));
    let filter = IncidentFilter { not_closed: true, ..IncidentFilter::default() };
    let open = incidents::list_incidents(&app, &lead, &filter, &PageRequest::first()).await;
    assert!(open.unwrap().items.is_empty());
    assert_eq!(incidents::count_open(&app, &lead).await.unwrap(), [0; 5]);
    for action in ["incident.note", "incident.edit", "incident.change", "incident.add_alert"] {
        assert_eq!(audited(&app, action).await, 1, "{action}");
    }
    let over =
        alert_figures::over_time(&app, &officer, SignedDuration::from_mins(15), 96).await.unwrap();
    let raised: u64 = over.stretches.iter().flatten().sum();
    assert_eq!((over.stretches.len(), raised), (96, all_alerts(&app).await.len() as u64));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shift_hands_over_what_is_open_to_somebody_else() {
    let place = tempfile::tempdir().unwrap();
    let (app, source, _) = centre(&place.path().join("data")).await;
    whoami(&app, source, "may-01").await;
    until("an alert", async || !of_rule(&app, WHOAMI).await.is_empty()).await;
    let (out, next) = (lead("catruoc"), lead("casau"));
    assert!(shifts::current_note(&app, &next).await.unwrap().is_none());
    let note = shifts::write_note(&app, &out, "theo dõi máy may-01").await.unwrap();
    assert_eq!(note.open.alerts.iter().sum::<u64>(), all_alerts(&app).await.len() as u64);
    let own = shifts::acknowledge(&app, &out, note.id).await.unwrap_err().to_string();
    assert!(own.contains("next shift"), "{own}");
    let read = shifts::acknowledge(&app, &next, note.id).await.unwrap();
    assert_eq!(read.acknowledged.as_ref().unwrap().0, "person:casau");
    assert!(matches!(
        shifts::acknowledge(&app, &lead("batky"), note.id).await,
        Err(UseError::Conflict(_))
    ));
    assert_eq!(shifts::current_note(&app, &out).await.unwrap(), Some(read));
    let local = person("soyt01", Role::Analyst, AgencyScope::one(agency("soyt")));
    assert!(matches!(shifts::current_note(&app, &local).await, Err(UseError::Denied(_))));
    assert_eq!(
        (audited(&app, "shift.write").await, audited(&app, "shift.acknowledge").await),
        (1, 1)
    );
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_is_saved_and_deleted_by_its_owner() {
    let place = tempfile::tempdir().unwrap();
    let (app, _, _) = centre(&place.path().join("data")).await;
    let (an, binh) = (lead("anan"), lead("binh"));
    let wanted = saved_searches::Wanted {
        name: "đăng nhập sai".into(),
        query: "EventID:4625".into(),
        span: "24h".into(),
        columns: vec!["user".into()],
        is_shared: true,
    };
    let bad = saved_searches::Wanted { query: "a AND (".into(), ..wanted.clone() };
    assert!(matches!(
        saved_searches::add_saved_search(&app, &an, bad).await,
        Err(UseError::Query(_))
    ));
    let saved = saved_searches::add_saved_search(&app, &an, wanted.clone()).await.unwrap();
    let twice = saved_searches::add_saved_search(&app, &an, wanted).await.unwrap_err().to_string();
    assert!(twice.contains("đăng nhập sai"), "{twice}");
    let page = PageRequest::first();
    let seen = saved_searches::list_saved_searches(&app, &binh, &page).await.unwrap().items;
    assert_eq!(seen, std::slice::from_ref(&saved));
    let refused = saved_searches::delete_saved_search(&app, &binh, saved.id).await;
    assert!(matches!(refused, Err(UseError::Conflict(_))));
    saved_searches::delete_saved_search(&app, &an, saved.id).await.unwrap();
    assert!(saved_searches::list_saved_searches(&app, &an, &page).await.unwrap().items.is_empty());
    let leader = person("lanhdao", Role::Leader, AgencyScope::All);
    let denied = saved_searches::list_saved_searches(&app, &leader, &page).await;
    assert!(matches!(denied, Err(UseError::Denied(_))));
    app.stop().await;
}

fn setting(
    of: Option<&str>,
    rule: &str,
    property: Property,
    setting: Option<Setting>,
) -> WantedSetting {
    let agency = of.map(agency);
    WantedSetting { rule: rule.into(), agency, property, setting, reason: "thử nghiệm".into() }
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_of_rules_and_correlations_act_on_what_comes_next() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("data");
    let (app, source, clock) = centre(&path).await;
    let lead = lead("truongca");
    let (switch, off) = (Property::Switch, Some(Setting::On(false)));
    let local = person("soyt01", Role::Analyst, AgencyScope::one(agency("soyt")));
    let wide = rules::set_rule(&app, &local, setting(None, WHOAMI, switch, off)).await;
    assert!(matches!(wide, Err(UseError::Denied(_))), "for all takes a caller for all");
    let gone = rules::set_rule(&app, &lead, setting(None, "no-such-rule", switch, off)).await;
    assert!(matches!(gone, Err(UseError::NotFound { .. })));
    rules::set_rule(&app, &local, setting(Some("soyt"), WHOAMI, switch, off)).await.unwrap();
    whoami(&app, source, "may-01").await;
    until("an alert: off elsewhere", async || of_rule(&app, WHOAMI).await.len() == 1).await;
    let before = of_rule(&app, WHOAMI).await.remove(0);

    rules::set_rule(&app, &lead, setting(None, WHOAMI, switch, off)).await.unwrap();
    rules::set_rule(&app, &lead, setting(Some("sokhcn"), MANY, switch, off)).await.unwrap();
    clock.forward(3);
    for _ in 0..3 {
        whoami(&app, source, "may-02").await;
    }
    let off_hits = async |rule: &str| {
        let found = rules::get_rule(&app, &lead, rule).await.unwrap();
        found.off_hits.iter().map(|(_, hits)| hits).sum::<u64>()
    };
    until("hits that are off", async || off_hits(WHOAMI).await == 3).await;
    until("the correlation that is off", async || off_hits(MANY).await >= 1).await;
    assert_eq!(of_rule(&app, WHOAMI).await.len(), 1, "nothing new was raised");
    assert!(of_rule(&app, MANY).await.is_empty());

    let back = setting(None, WHOAMI, switch, None);
    rules::set_rule(&app, &lead, back.clone()).await.unwrap();
    assert!(matches!(rules::set_rule(&app, &lead, back).await, Err(UseError::Conflict(_))));
    let level = Some(Setting::Level(Severity::Informational));
    let low = setting(Some("sokhcn"), WHOAMI, Property::Level, level);
    rules::set_rule(&app, &lead, low).await.unwrap();
    clock.forward(3);
    whoami(&app, source, "may-03").await;
    until("an alert again", async || of_rule(&app, WHOAMI).await.len() == 2).await;
    let after = of_rule(&app, WHOAMI).await.into_iter().find(|a| a.entity.contains("may-03"));
    assert!(after.unwrap().severity < before.severity, "by the level that was set");
    assert_eq!(audited(&app, "rule.set").await, 5);
    let changes = rules::list_changes(&app, &lead, Some(WHOAMI), &PageRequest::first()).await;
    assert_eq!(changes.unwrap().items.len(), 4);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_is_drafted_previewed_put_in_force_and_ended() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("data");
    let (app, source, clock) = centre(&path).await;
    let lead = lead("truongca");
    for host in ["may-01", "may-01", "may-02"] {
        whoami(&app, source, host).await;
    }
    until("two alerts", async || of_rule(&app, WHOAMI).await.len() == 2).await;
    let alert = of_rule(&app, WHOAMI).await.into_iter().find(|a| a.entity.contains("may-01"));
    let alert = alert.unwrap();
    until("both events", async || {
        of_rule(&app, WHOAMI).await.iter().map(|a| a.count).sum::<u64>() == 3
    })
    .await;
    let offered = tuning::offered_fields(&app, &lead, alert.id).await.unwrap();
    assert_eq!((offered[0].field.as_str(), offered[0].is_matched), ("Image", true), "{offered:?}");
    let computer = offered.iter().find(|one| one.field == "Computer").unwrap();
    let chosen = Chosen {
        field: computer.field.clone(),
        value: computer.value.clone(),
        comparison: Comparison::Equals,
    };
    let text = tuning::draft_filter(&app, &lead, WHOAMI, &[chosen]).await.unwrap();
    let preview = tuning::preview_filter(&app, &lead, WHOAMI, &text).await.unwrap();
    assert_eq!((preview.events, preview.alerts, preview.gone), (3, 2, 2));
    assert_eq!((preview.vanished, preview.examples.as_slice()), (1, [alert.id].as_slice()));
    assert_eq!((preview.changed, preview.missing, preview.is_partial), (0, 0, false));
    assert_eq!(preview.rules, [WHOAMI]);
    let local = person("soyt01", Role::Analyst, AgencyScope::one(agency("soyt")));
    let none = tuning::preview_filter(&app, &local, WHOAMI, &text).await.unwrap();
    assert_eq!(none.events, 0, "not those of another agency");

    let expires_at = Some(app.now() + jiff::SignedDuration::from_hours(1));
    let asked = Asked { rule: WHOAMI.into(), text, reason: "máy quản trị".into(), expires_at };
    let refused = tuning::add_filter(&app, &local, asked.clone()).await;
    assert!(matches!(refused, Err(UseError::Denied(_))));
    let broken = Asked { text: "title: x\nfilter: [".into(), ..asked.clone() };
    let broken = tuning::add_filter(&app, &lead, broken).await.unwrap_err().to_string();
    assert!(broken.contains("line 3: not YAML"), "{broken}");
    let added = tuning::add_filter(&app, &lead, asked.clone()).await.unwrap();
    assert_eq!(rules::get_rule(&app, &lead, WHOAMI).await.unwrap().rule.filters, 1);
    let counted = async || of_rule(&app, WHOAMI).await.iter().map(|a| a.count).sum::<u64>();
    whoami(&app, source, "may-01").await;
    whoami(&app, source, "may-02").await;
    until("the other host's", async || counted().await == 4).await;

    // It is in force after a start, and a filter that cannot be read any more stops nothing.
    let damaged = khien_domain::rule_filter::NewRuleFilter {
        rule: WHOAMI.into(),
        text: "title: [".into(),
        owner: "program".into(),
        reason: "hỏng".into(),
        created_at: app.now(),
        expires_at: None,
    };
    let mut tx = app.store.begin().await.unwrap();
    tx.add_rule_filter(&damaged).await.unwrap();
    tx.commit().await.unwrap();
    app.stop().await;
    drop(app);
    let app = start(&path, &clock).await;
    let counted = async || of_rule(&app, WHOAMI).await.iter().map(|a| a.count).sum::<u64>();
    whoami(&app, source, "may-01").await;
    whoami(&app, source, "may-02").await;
    until("the other host's again", async || counted().await == 5).await;
    let status = tuning::list_filters(&app, &lead, Some(WHOAMI)).await.unwrap();
    let faults: Vec<bool> = status.iter().map(|one| one.fault.is_some()).collect();
    assert_eq!(faults, [true, false], "{status:?}");
    assert!(tuning::list_filters(&app, &local, None).await.unwrap().is_empty());

    clock.forward(3601);
    until("its end by itself", async || {
        rules::get_rule(&app, &lead, WHOAMI).await.unwrap().rule.filters == 0
    })
    .await;
    let again = Asked { expires_at: None, ..asked };
    let again = tuning::add_filter(&app, &lead, again).await.unwrap();
    assert!(again.id > added.id);
    tuning::end_filter(&app, &lead, again.id).await.unwrap();
    assert_eq!(rules::get_rule(&app, &lead, WHOAMI).await.unwrap().rule.filters, 0);
    assert!(matches!(tuning::end_filter(&app, &lead, again.id).await, Err(UseError::Conflict(_))));
    assert_eq!(
        (audited(&app, "rule.add_filter").await, audited(&app, "rule.end_filter").await),
        (2, 1)
    );
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_are_listed_with_what_they_found_and_imported_as_a_set() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("data");
    let (app, source, clock) = centre(&path).await;
    let lead = lead("truongca");
    let text = "title: Net\nid: 33333333-3333-4333-8333-333333333333\nlevel: low\n\
                tags: [attack.discovery, attack.t1018]\n\
                logsource: {product: windows, category: process_creation}\ndetection:\n  \
                s: {Image|endswith: '\\net.exe'}\n  condition: s\n";
    let file = |name: &str, text: &str| RuleFile { name: name.into(), text: text.into() };
    let files = vec![file("win/net.yml", text), file("win/no.yml", "title: x\n")];
    let import = Import { set: "them".into(), files, dry_run: true };
    let local = person("soyt01", Role::Analyst, AgencyScope::one(agency("soyt")));
    let refused = rule_imports::import_rules(&app, &local, import.clone()).await;
    assert!(matches!(refused, Err(UseError::Denied(_))));
    let looked = rule_imports::import_rules(&app, &lead, import.clone()).await.unwrap();
    assert_eq!((looked.accepted(), looked.is_written), (1, false));
    assert!(rule_imports::list_sets(&app, &lead).await.unwrap().is_empty());
    assert_eq!(audited(&app, "rules.import").await, 0);
    let import = Import { dry_run: false, ..import };
    let done = rule_imports::import_rules(&app, &lead, import.clone()).await.unwrap();
    assert!(done.is_written && audited(&app, "rules.import").await == 1);
    let twice = rule_imports::import_rules(&app, &lead, import).await;
    assert!(matches!(twice, Err(UseError::Conflict(_))));
    let bad = Import { set: "../x".into(), files: vec![file("a.yml", text)], dry_run: false };
    assert!(matches!(
        rule_imports::import_rules(&app, &lead, bad).await,
        Err(UseError::Invalid(_))
    ));

    whoami(&app, source, "may-01").await;
    until("an alert", async || of_rule(&app, WHOAMI).await.len() == 1).await;
    let list = async |query: RuleQuery| {
        let (page, count) =
            rules::list_rules(&app, &lead, &query, &PageRequest::first()).await.unwrap();
        assert_eq!(page.items.len(), count);
        page.items.iter().map(|rule| rule.about.title.clone()).collect::<Vec<_>>()
    };
    let all = RuleQuery { order: Order::Hits, ..RuleQuery::default() };
    assert_eq!(list(all.clone()).await, ["Whoami", "Many whoami", "Net"]);
    assert_eq!(list(RuleQuery { attack: vec!["T1018".into()], ..all.clone() }).await, ["Net"]);
    assert_eq!(list(RuleQuery { attack: vec!["T101".into()], ..all.clone() }).await.len(), 0);
    assert_eq!(list(RuleQuery { only_found: true, ..all.clone() }).await, ["Whoami"]);
    assert_eq!(list(RuleQuery { text: Some("NET".into()), ..all.clone() }).await, ["Net"]);
    let one = PageRequest::new(Some(1), 1);
    let (page, count) = rules::list_rules(&app, &lead, &all, &one).await.unwrap();
    assert_eq!((page.items[0].about.title.as_str(), page.next, count), ("Many whoami", Some(2), 3));
    let net = rules::get_rule(&app, &lead, "33333333-3333-4333-8333-333333333333").await.unwrap();
    assert_eq!((net.text.as_deref(), net.rule.origin.name()), (Some(text), "imported"));
    let found = rules::get_rule(&app, &lead, WHOAMI).await.unwrap().rule.figures;
    assert_eq!((found.alerts, found.hits, found.off), (1, 1, 0));
    let elsewhere = rules::get_rule(&app, &local, WHOAMI).await.unwrap().rule.figures;
    assert_eq!(elsewhere.hits, 0, "what another agency has found");
    let coverage = rules::coverage(&app, &lead).await.unwrap();
    let discovery = coverage.tactics.iter().find(|tactic| tactic.name == "discovery").unwrap();
    assert_eq!(discovery.techniques["T1018"].rules, 1);
    assert_eq!(coverage.without_tactic["T1033"].hits, 1);
    assert_eq!((coverage.rules, coverage.untagged), (3, 1));

    app.stop().await;
    drop(app);
    let app = start(&path, &clock).await;
    let sets = rule_imports::list_sets(&app, &lead).await.unwrap();
    assert_eq!((sets[0].name.as_str(), sets[0].files, sets[0].rules), ("them", 1, 1));
    rule_imports::remove_set(&app, &lead, "them").await.unwrap();
    assert!(rule_imports::list_sets(&app, &lead).await.unwrap().is_empty());
    assert_eq!(app.rules().current().set.rules().len(), 1);
    let gone = rule_imports::remove_set(&app, &lead, "them").await;
    assert!(matches!(gone, Err(UseError::NotFound { .. })));
    app.stop().await;
}
