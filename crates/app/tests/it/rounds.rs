//! What agencies attest, who looks at it, and a round from its opening to the table that anybody
//! computes again.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use khien_app::App;
use khien_app::access::Caller;
use khien_app::use_case::appeals::{self, Verdict};
use khien_app::use_case::attest::{self, AttestError, Typed};
use khien_app::use_case::evidence::{self, Handed};
use khien_app::use_case::ledger as use_case;
use khien_app::use_case::{UseError, index, register, reviews, rounds};
use khien_app::{index as computing, ledger};
use khien_domain::account::{Role, UserName};
use khien_domain::agency::{Agency, AgencyKind};
use khien_domain::code::AgencyCode;
use khien_domain::evidence::kinds::Kinds;
use khien_domain::evidence::{How, NewEvidence, Origin, Record};
use khien_domain::index::{IndexPack, Wish};
use khien_domain::page::PageRequest;
use khien_domain::permission::{Actor, AgencyScope, Identity};
use khien_domain::round::{AppealForm, AppealState, Look, NewAppeal, ReviewState, draw, seed};
use khien_testkit::Hands;
use serde_json::json;

use crate::support::{register as register_one, start};

pub(crate) const AGENCIES: [&str; 6] = ["sokhcn", "soyt", "sonv", "sotp", "sotc", "soct"];
pub(crate) const PACK: &str = "mh-57-2026.1";

fn agency(code: &str) -> AgencyCode {
    AgencyCode::new(code).unwrap()
}

/// Somebody in a role, of agencies, with their own.
pub(crate) fn somebody(
    name: &str,
    role: Role,
    agencies: AgencyScope,
    home: Option<&str>,
) -> Caller {
    let identity = Identity::Person { name: UserName::new(name).unwrap() };
    let actor = Actor::new(identity, role.permissions(), agencies).of(home.map(agency));
    Caller { actor, origin: "test".into() }
}

fn officer(code: &str) -> Caller {
    let name = format!("canbo-{code}");
    somebody(&name, Role::Officer, AgencyScope::one(agency(code)), None)
}

pub(crate) fn appraiser(name: &str, home: &str) -> Caller {
    somebody(name, Role::Appraiser, AgencyScope::All, Some(home))
}

fn lead() -> Caller {
    somebody("truongca", Role::Lead, AgencyScope::All, None)
}

pub(crate) async fn centre(path: &Path) -> (Arc<App>, Arc<Hands>) {
    let clock = Hands::at("2026-10-15T01:00:00Z");
    let app = start(path, &clock).await;
    register_one(&app).await;
    for code in &AGENCIES[1..] {
        let kind = AgencyKind::Government;
        let new = Agency::new(agency(code), format!("Cơ quan {code}"), kind, app.now());
        register::add_agency(&app, &Caller::program(), khien_testkit::headed(new)).await.unwrap();
    }
    clock.forward(3_600);
    (app, clock)
}

pub(crate) fn training(staff: &str, completed: &str) -> Typed {
    let fields = [("staff", staff), ("completed", completed)];
    Typed {
        kind: "training.year".into(),
        subject: "2026".into(),
        fields: fields.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        title: "Báo cáo bồi dưỡng".into(),
        number: "12/BC.MH".into(),
        day: "2026-09-30".into(),
        ..Typed::default()
    }
}

pub(crate) async fn attested(app: &App, code: &str, completed: &str) -> u64 {
    let typed = training("10", completed);
    attest::attest(app, &officer(code), &agency(code), &typed).await.unwrap().seq
}

async fn record(app: &App, seq: u64) -> Record {
    use_case::get(app, &Caller::program(), seq).await.unwrap().0
}

pub(crate) async fn points(app: &App, code: &str, indicator: &str) -> String {
    let live = index::live(app, &Caller::program()).await.unwrap();
    let pack = &live.now.pack;
    let place = pack.indicators.iter().position(|known| known.id == indicator).unwrap();
    let score = live.now.table.get(code).unwrap().0;
    khien_domain::index::ratio::shown(&score.outcomes[place].points)
}

pub(crate) fn told(error: UseError) -> String {
    match error {
        UseError::Conflict(words) | UseError::Invalid(words) => words,
        other => format!("another error: {other}"),
    }
}

fn fields(error: AttestError) -> Vec<String> {
    match error {
        AttestError::Fields(wrong) => wrong.into_iter().map(|wrong| wrong.field).collect(),
        AttestError::Use(other) => vec![format!("another error: {other}")],
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_state_is_attested_over_what_somebody_typed_but_not_over_what_the_centre_recorded()
{
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place.path().join("data")).await;
    let of = |kind: &str, subject: &str| NewEvidence {
        subject: subject.to_owned(),
        how: How::Documented,
        by: "person:thamdinh".into(),
        ..NewEvidence::of_agency(kind, &agency("sokhcn"), app.now())
    };
    let typed_before = of("training.year", "2026")
        .with("staff", 10_i64)
        .with("completed", 4_i64)
        .from(Origin::Document, "12/BC.MH");
    let measured = NewEvidence { how: How::Measured, by: "khien".into(), ..typed_before.clone() };
    let measured = NewEvidence { subject: "2025".into(), ..measured };
    let assigned = of("agency.assignment", "sokhcn").from(Origin::Document, "1/QD.MH");
    let assigned = [("head", true), ("deputy", true), ("all_active", true)]
        .into_iter()
        .fold(assigned, |one, (name, value)| one.with(name, value));
    let assigned = assigned.with("signed", "2026-10-01").with("contacts", 2_i64);
    let mut tx = app.store.begin().await.unwrap();
    tx.append_evidence(vec![typed_before, measured, assigned], app.now()).await.unwrap();
    tx.commit().await.unwrap();
    clock.forward(60);

    let about = attested(&app, "sokhcn", "10").await;
    assert_eq!(record(&app, about).await.about.how, How::Declared);
    let mut of_2025 = training("10", "10");
    of_2025.subject = "2025".into();
    let officer = officer("sokhcn");
    let refused = attest::attest(&app, &officer, &agency("sokhcn"), &of_2025).await.unwrap_err();
    assert!(refused.to_string().contains("the centre itself has recorded"), "{refused}");
    let taken = attest::taken(&app, &officer, &agency("sokhcn"), "training.year").await.unwrap();
    assert_eq!(taken.into_iter().collect::<Vec<_>>(), ["2025"]);

    // Where there is one thing to say and a room of the centre said it, no button is offered.
    let all = attest::catalogue(&app, &officer, &agency("sokhcn")).await.unwrap();
    let row = |kind: &str| {
        all.iter().flat_map(|(_, rows)| rows).find(|row| row.kind.name == kind).unwrap()
    };
    assert!(row("agency.assignment").taken().is_some());
    assert!(row("training.year").taken().is_none());
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_attested_earns_a_part_until_another_agency_confirms_it() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place.path().join("data")).await;
    let before = points(&app, "sokhcn", "N1.2").await;
    assert_eq!(before, "0.00");
    let mut typed = training("10", "10");
    typed.until = "2027-06-30".into();
    typed.sha256 = "AB".repeat(32);
    typed.at = "2026-10-01".into();
    let about = attest::attest(&app, &officer("sokhcn"), &agency("sokhcn"), &typed).await.unwrap();
    assert_eq!((about.how, about.origin.name()), (How::Declared, "document"));
    assert_eq!(about.by, "person:canbo-sokhcn");
    let reference =
        format!("Báo cáo bồi dưỡng · 12/BC.MH · 2026-09-30 · sha256:{}", "ab".repeat(32));
    assert_eq!(about.reference, reference);
    assert_eq!(about.at.to_string(), "2026-10-01T05:00:00Z", "noon in the province");
    assert_eq!(about.until.unwrap().to_string(), "2027-06-30T17:00:00Z", "to the end of the day");
    let declared = points(&app, "sokhcn", "N1.2").await;
    let catalogue = attest::catalogue(&app, &officer("sokhcn"), &agency("sokhcn")).await.unwrap();
    let (group, rows) = catalogue.iter().find(|(group, _)| group == "N1").unwrap();
    let row = rows.iter().find(|row| row.kind.name == "training.year").unwrap();
    assert_eq!((group.as_str(), row.standing[0].about.seq), ("N1", about.seq));
    assert_eq!(row.standing[0].review.as_ref().unwrap().state, ReviewState::Waiting);

    clock.forward(60);
    let second = appraiser("thamdinh", "sonv");
    let waiting = reviews::waiting(&app, &second, None).await.unwrap();
    assert_eq!(waiting.len(), 1);
    let confirmed = reviews::decide(&app, &second, about.seq, true, "").await.unwrap().unwrap();
    let (kept, was) = (record(&app, confirmed).await, record(&app, about.seq).await);
    assert_eq!((kept.about.how, kept.about.corrects), (How::Documented, Some(about.seq)));
    assert_eq!(
        (&kept.content, kept.about.at, kept.about.until),
        (&was.content, about.at, about.until)
    );
    assert_eq!(kept.about.by, "person:thamdinh");
    let documented = points(&app, "sokhcn", "N1.2").await;
    let number = |text: &str| text.parse::<f64>().unwrap();
    assert!(number(&before) < number(&declared) && number(&declared) < number(&documented));
    assert!(reviews::waiting(&app, &second, None).await.unwrap().is_empty());
    let again = reviews::decide(&app, &second, about.seq, true, "").await;
    assert!(told(again.unwrap_err()).contains("decided meanwhile"));

    // What is refused stays what it is, with the reason for the agency to read.
    let seq = attested(&app, "soyt", "9").await;
    let empty = reviews::decide(&app, &second, seq, false, " ").await;
    assert!(told(empty.unwrap_err()).contains("the reason is empty"));
    reviews::decide(&app, &second, seq, false, "Văn bản không có dấu").await.unwrap();
    let found = reviews::find(&app, &officer("soyt"), &record(&app, seq).await).await.unwrap();
    let review = found.unwrap().review;
    assert_eq!(review.state, ReviewState::Refused);
    assert_eq!(review.decided.unwrap().reason, "Văn bản không có dấu");
    assert!(use_case::get(&app, &officer("soyt"), seq).await.unwrap().1.is_empty());
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_decides_about_their_own_agency_or_their_own_word() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre(&place.path().join("data")).await;
    let (own, other) = (attested(&app, "sokhcn", "5").await, attested(&app, "soyt", "5").await);
    let refused = async |caller: &Caller, seq: u64| {
        told(reviews::decide(&app, caller, seq, true, "").await.unwrap_err())
    };
    let home = appraiser("an", "sokhcn");
    assert!(refused(&home, own).await.contains("your own agency"));
    // Of several agencies, the own one is still the own one; the others are others.
    let several = AgencyScope::Only([agency("sokhcn"), agency("soyt")].into());
    let several = somebody("ba", Role::Appraiser, several, Some("sokhcn"));
    assert!(refused(&several, own).await.contains("your own agency"));
    let nowhere = somebody("cu", Role::Appraiser, AgencyScope::All, None);
    assert!(refused(&nowhere, other).await.contains("an administrator names it"));
    let himself = appraiser("canbo-soyt", "sonv");
    assert!(refused(&himself, other).await.contains("your own word"));
    let outside = AgencyScope::one(agency("sokhcn"));
    let outside = somebody("di", Role::Appraiser, outside, Some("sonv"));
    let not_seen = reviews::decide(&app, &outside, other, true, "").await;
    assert!(matches!(not_seen, Err(UseError::NotFound { .. })), "{not_seen:?}");
    let lead = reviews::decide(&app, &lead(), other, true, "").await;
    assert!(matches!(lead, Err(UseError::Denied(_))), "{lead:?}");
    let page = PageRequest::new(None, 100);
    let filter = khien_store::AuditFilter::default();
    let audit = app.store.list_audit(&AgencyScope::All, &filter, &page).await.unwrap().items;
    let told = |who: &str| {
        audit.iter().any(|entry| entry.said.who == who && entry.said.detail.contains("own agency"))
    };
    assert!(told("person:an") && told("person:ba"), "refusals stand in the audit log");
    assert!(reviews::decide(&app, &several, other, true, "").await.unwrap().is_some());
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_wrongly_is_told_at_its_field_and_by_whom_it_may_be() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre(&place.path().join("data")).await;
    let sokhcn = agency("sokhcn");
    let wrong = async |change: &dyn Fn(&mut Typed)| {
        let mut typed = training("10", "9");
        change(&mut typed);
        fields(attest::attest(&app, &officer("sokhcn"), &sokhcn, &typed).await.unwrap_err())
    };
    let cases: [(&str, Change); 11] = [
        ("staff", &|typed| drop(typed.fields.insert("staff".into(), "mười".into()))),
        ("completed", &|typed| drop(typed.fields.remove("completed"))),
        ("subject", &|typed| typed.subject = "năm nay".into()),
        ("subject", &|typed| typed.subject = String::new()),
        ("day", &|typed| typed.day = "30/09/2026".into()),
        ("sha256", &|typed| typed.sha256 = "abc".into()),
        ("title", &|typed| typed.title = "dài ".repeat(60)),
        ("title", &|typed| typed.title = "TUYỆT MẬT".into()),
        ("at", &|typed| typed.at = "2026-10-16".into()),
        ("at", &|typed| typed.at = "2020-01-01".into()),
        ("until", &|typed| typed.until = "2026-10-14".into()),
    ];
    for (field, change) in cases {
        assert_eq!(wrong(change).await, [field]);
    }
    let system = Typed { kind: "restore.tested".into(), ..Typed::default() };
    let found = attest::attest(&app, &officer("sokhcn"), &sokhcn, &system).await.unwrap_err();
    assert_eq!(fields(found), ["rpo_met", "rto_met", "success", "system"]);
    let measured = Typed { kind: "monitoring.state".into(), ..Typed::default() };
    let found = attest::attest(&app, &officer("sokhcn"), &sokhcn, &measured).await.unwrap_err();
    assert!(found.to_string().contains("nothing that people record"), "{found}");
    let typed = training("10", "9");
    let found = attest::attest(&app, &officer("soyt"), &sokhcn, &typed).await.unwrap_err();
    assert!(matches!(found, AttestError::Use(UseError::Denied(_))), "only for one's own agency");
    app.stop().await;
}

/// What is typed otherwise.
type Change = &'static dyn Fn(&mut Typed);

pub(crate) fn appeal(code: &str, form: AppealForm) -> NewAppeal {
    NewAppeal {
        year: 2026,
        agency: agency(code),
        indicator: "N1.2".into(),
        form,
        reason: "Thiếu lớp tháng 9".into(),
        reference: "13/BC.MH".into(),
        by: String::new(),
        at: "2026-10-15T01:00:00Z".parse().unwrap(),
    }
}

async fn export(app: &App, place: &Path) -> PathBuf {
    let path = place.join("export");
    ledger::export(&app.store, app.ledger_key(), &path, app.now()).await.unwrap();
    path
}

fn python() -> Option<&'static str> {
    let found = Command::new("python3").arg("--version").output().is_ok();
    assert!(
        found || std::env::var_os("KHIEN_REQUIRE_PYTHON").is_none(),
        "KHIEN_REQUIRE_PYTHON is set, and there is no python3"
    );
    found.then_some("python3")
}

/// What a script of the documentation says of an export.
fn script(name: &str, arguments: &[&str]) -> Option<String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name);
    let done = Command::new(python()?).arg(script).args(arguments).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    Some(String::from_utf8(done.stdout).unwrap().trim_end().to_owned())
}

/// The round of 2026 in its review, with a record of each agency confirmed by somebody.
pub(crate) async fn in_review(app: &App, clock: &Hands) {
    for code in AGENCIES {
        let seq = attested(app, code, "8").await;
        clock.forward(1);
        let home = if code == "sonv" { "sotp" } else { "sonv" };
        reviews::decide(app, &appraiser("thamdinh", home), seq, true, "").await.unwrap();
        clock.forward(1);
    }
    rounds::open(app, &lead(), 2026, PACK).await.unwrap();
    rounds::review(app, &lead(), 2026).await.unwrap();
    clock.forward(60);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_is_published_once_and_computed_again_by_anybody() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place.path().join("data")).await;
    let early = rounds::open(&app, &officer("sokhcn"), 2026, PACK).await;
    assert!(matches!(early, Err(UseError::Denied(_))), "only whoever runs the index");
    assert!(rounds::open(&app, &lead(), 2024, PACK).await.is_err());
    assert!(told(rounds::open(&app, &lead(), 2026, "khac").await.unwrap_err()).contains("no pack"));
    in_review(&app, &clock).await;
    assert!(told(rounds::open(&app, &lead(), 2026, PACK).await.unwrap_err()).contains("already"));
    assert!(rounds::review(&app, &lead(), 2026).await.is_err(), "drawn once");

    // The sample: one of six, the same for whoever has the export.
    let found = rounds::get(&app, &Caller::program(), 2026).await.unwrap();
    let drawn = found.round.draw.clone().unwrap();
    let sample: Vec<u64> = found.samples.iter().map(|one| one.sample.seq).collect();
    assert_eq!((drawn.population, sample.len(), found.samples_left), (6, 1, 1));
    if let Some(said) =
        script("draw.py", &[export(&app, place.path()).await.to_str().unwrap(), "2026"])
    {
        assert_eq!(said, sample[0].to_string());
    }
    let of = found.samples[0].sample.agency.clone();
    let seq = sample[0];
    let look = async |caller: &Caller, holds| {
        rounds::look(&app, caller, 2026, seq, holds, "Đã đối chiếu").await
    };
    let other = if of == agency("soct") { "sotc" } else { "soct" };
    let first = appraiser("thamdinh", other);
    assert!(told(look(&first, true).await.unwrap_err()).contains("confirmed this before"));
    let own = appraiser("bon", of.as_str());
    assert!(told(look(&own, true).await.unwrap_err()).contains("your own agency"));
    assert!(
        told(rounds::freeze(&app, &lead(), 2026, None).await.unwrap_err()).contains("1 records")
    );
    look(&appraiser("hai", other), false).await.unwrap();
    assert!(told(look(&appraiser("hai", other), true).await.unwrap_err()).contains("meanwhile"));
    let found = rounds::get(&app, &officer(of.as_str()), 2026).await.unwrap();
    assert_eq!(found.samples[0].sample.look, Look::Fails);
    let corrections = use_case::get(&app, &Caller::program(), seq).await.unwrap().1;
    assert_eq!(corrections[0].about.kind, "evidence.withdrawn");
    assert_eq!(
        points(&app, of.as_str(), "N1.2").await,
        "0.00",
        "what does not hold counts no more"
    );

    // Comments and appeals, before and after the freeze.
    let mine = AGENCIES.into_iter().find(|code| **code != *of.as_str() && *code != "sonv").unwrap();
    let stranger =
        appeals::lodge(&app, &officer("sonv"), appeal(mine, AppealForm::Appeal), None).await;
    assert!(matches!(stranger, Err(UseError::Denied(_))));
    let by = officer(mine);
    let comment = appeals::lodge(&app, &by, appeal(mine, AppealForm::Comment), None).await.unwrap();
    clock.forward(60);
    let cutoff = rounds::freeze(&app, &lead(), 2026, None).await.unwrap();
    assert_eq!(cutoff.as_second(), app.now().as_second() - 1);
    clock.forward(60);
    let lodged = appeals::lodge(&app, &by, appeal(mine, AppealForm::Appeal), None).await.unwrap();

    // What was so until the cut-off is not recorded any more, by people or by programs.
    let mut typed = training("10", "10");
    typed.at = "2026-10-01".into();
    let late = attest::attest(&app, &by, &agency(mine), &typed).await.unwrap_err();
    assert!(late.to_string().contains("accepted appeal alone"), "{late}");
    let handed = |at| Handed {
        kind: "training.year".into(),
        agency: agency(mine),
        system: None,
        subject: Some("2026".into()),
        reference: String::new(),
        content: json!({"staff": 10, "completed": 10}),
        at,
        until: None,
        corrects: None,
    };
    let phishing = Handed {
        kind: "drill.phishing".into(),
        subject: Some("d-1".into()),
        content: json!({"delivered": 10, "reported": 10}),
        ..handed(cutoff)
    };
    let late = evidence::hand_in(&app, &Caller::program(), phishing.clone()).await;
    assert!(told(late.unwrap_err()).contains("the round of 2026 is frozen"));
    let now = Handed { at: app.now(), ..phishing };
    assert!(evidence::hand_in(&app, &Caller::program(), now).await.is_ok(), "what is so later is");

    // Whoever decides is of another agency; a correction after the cut-off would not count.
    let judge = appraiser("thamdinh", if mine == "soct" { "sotc" } else { "soct" });
    let own = appraiser("nha", mine);
    let refused = appeals::decide(&app, &own, lodged, Verdict::Refuse, "không").await.unwrap_err();
    assert!(refused.to_string().contains("your own agency"));
    let publish = rounds::publish(&app, &lead(), 2026).await;
    assert!(told(publish.err().unwrap()).contains("2 comments or appeals"));
    appeals::decide(&app, &judge, comment, Verdict::Refuse, "Đã trả lời").await.unwrap();
    let mut typed = training("10", "10");
    typed.at = "2026-10-15".into();
    let verdict = Verdict::Accept(Box::new(typed), None);
    let wrong = appeals::decide(&app, &judge, lodged, verdict, "Đúng").await.unwrap_err();
    assert_eq!(fields(wrong), ["at"]);
    let other_kind = Typed { kind: "scan.done".into(), ..Typed::default() };
    let verdict = Verdict::Accept(Box::new(other_kind), None);
    let wrong = appeals::decide(&app, &judge, lodged, verdict, "Đúng").await.unwrap_err();
    assert!(wrong.to_string().contains("is not counted by N1.2"), "{wrong}");
    let standing = appeals::records(&app, &judge, &agency(mine), "training.year").await.unwrap();
    let verdict = Verdict::Accept(Box::new(training("10", "10")), Some(standing[0].seq));
    appeals::decide(&app, &judge, lodged, verdict, "Danh sách đủ").await.unwrap();

    // It changes exactly one agency.
    let found = appeals::get(&app, &by, lodged).await.unwrap();
    assert_eq!(found.appeal.state, AppealState::Accepted);
    let effect = found.effect.unwrap();
    assert_eq!((effect.at, effect.same), (cutoff, AGENCIES.len() - 1));
    assert_eq!(effect.differing, [mine]);
    let (before, after) = (effect.own.0.as_ref().unwrap(), effect.own.1.as_ref().unwrap());
    assert!(before.0.total < after.0.total);
    let again = appeals::decide(&app, &judge, lodged, Verdict::Refuse, "nghĩ lại").await;
    assert!(again.is_err(), "decided once");

    let table = rounds::publish(&app, &lead(), 2026).await.unwrap().table;
    assert_eq!(*table.get(mine).unwrap().0, after.0);
    assert!(told(rounds::publish(&app, &lead(), 2026).await.err().unwrap()).contains("published"));
    let late = appeals::lodge(&app, &by, appeal(mine, AppealForm::Appeal), None).await;
    assert!(told(late.unwrap_err()).contains("it is published"));
    let round = rounds::list(&app, &by).await.unwrap().remove(0);
    assert_eq!(round.published.as_ref().unwrap().hash, table.hash());

    // Later records and a new pack change nothing of it, here or for whoever has the export.
    clock.forward(3 * 24 * 3_600);
    let text = IndexPack::BUILT_IN
        .replacen("pack: mh-57-2026.1", "pack: mh-57-2027.1", 1)
        .replacen("declared_share: 1/2", "declared_share: 1/4", 1);
    let kinds = Kinds::parse(Kinds::BUILT_IN).unwrap();
    let brought = index::import_pack(&app, &lead(), "mh-57-2027.1.yml", text.as_bytes()).await;
    assert!(brought.unwrap().is_current);
    attested(&app, mine, "1").await;
    let by_new = index::compute(&app, &Caller::program(), app.now()).await.unwrap();
    assert_eq!(by_new.table.pack, "mh-57-2027.1");
    let path = export(&app, place.path()).await;
    let again = computing::recompute(&path, &kinds, &Wish::Round(2026)).unwrap();
    assert_eq!(again.table.to_text(), table.to_text());
    assert_eq!(again.chosen.hash.as_deref(), Some(table.hash()));
    let last = computing::recompute(&path, &kinds, &Wish::Last).unwrap();
    assert_eq!(last.table.hash(), by_new.table.hash());
    if let Some(said) = script("recompute.py", &[path.to_str().unwrap(), "2026"]) {
        assert_eq!(said, table.to_text());
    }
    // Movement is told against what was published.
    let live = index::live(&app, &by).await.unwrap();
    assert_eq!((live.since, live.before.table.hash()), (Some(2026), table.hash()));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appeal_can_take_a_record_away_and_a_sample_says_what_it_was_drawn_by() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place.path().join("data")).await;
    in_review(&app, &clock).await;
    let found = rounds::get(&app, &Caller::program(), 2026).await.unwrap();
    let drawn = found.round.draw.unwrap();
    // The ledger tells the seed, and the checkpoint that it is the hash of.
    let told = app.store.last_of_ledger("index.round", Some("2026")).await.unwrap().unwrap();
    let text = |name: &str| told.content.get(name).unwrap().as_text().unwrap().to_owned();
    assert_eq!((text("state"), text("seed")), ("review".into(), drawn.seed.clone()));
    let rows = app.store.list_checkpoints(drawn.checkpoint).await.unwrap();
    let hash = khien_seal::ledger::Checkpoint::hash_of_line(&rows[0].line).unwrap();
    let nonce = text("nonce");
    assert_ne!(khien_seal::ledger::hex(&hash), drawn.seed, "the clock alone does not tell it");
    let bytes = (0..64).step_by(2).map(|at| u8::from_str_radix(&nonce[at..at + 2], 16).unwrap());
    let seed = seed(&hash, &bytes.collect::<Vec<_>>().try_into().unwrap());
    assert_eq!(khien_seal::ledger::hex(&seed), drawn.seed);
    let own: Vec<u64> = found.samples.iter().map(|one| one.sample.seq).collect();
    assert_eq!(draw(&seed, &own, own.len()), own);
    let of = found.samples[0].sample.agency.clone();
    let code = AGENCIES.into_iter().find(|code| *code != of.as_str() && *code != "sonv").unwrap();
    let id =
        appeals::lodge(&app, &officer(code), appeal(code, AppealForm::Appeal), None).await.unwrap();
    clock.forward(9);
    let standing =
        appeals::records(&app, &officer(code), &agency(code), "training.year").await.unwrap();
    let judge = appraiser("thamdinh", if code == "soct" { "sotc" } else { "soct" });
    let foreign = appeals::decide(&app, &judge, id, Verdict::Withdraw(0), "rút").await.unwrap_err();
    assert!(foreign.to_string().contains("is none of"), "{foreign}");
    let verdict = Verdict::Withdraw(standing[0].seq);
    appeals::decide(&app, &judge, id, verdict, "Văn bản đã bị thu hồi").await.unwrap();
    let effect = appeals::get(&app, &officer(code), id).await.unwrap().effect.unwrap();
    assert_eq!(effect.differing, [code]);
    assert!(effect.own.0.as_ref().unwrap().0.total > effect.own.1.as_ref().unwrap().0.total);
    app.stop().await;
}
