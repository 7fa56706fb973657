//! What the province has behind it when the demonstration begins: a year of evidence, and alerts of
//! the day before that somebody has taken up.

use anyhow::{Context as _, Result};
use jiff::tz::Offset;
use khien_app::App;
use khien_app::access::Caller;
use khien_app::use_case::alerts::{self, AlertFilter};
use khien_app::use_case::demonstration::{self, Broken, Past, Phrases, Told, Waiting};
use khien_app::use_case::evidence::Handed;
use khien_app::use_case::register::{self, zones};
use khien_app::use_case::{appeals, budgets, controls, findings, gate, index, measure, rounds};
use khien_demo::governance::{Evidence, Governance, PHRASES};
use khien_domain::account::UserName;
use khien_domain::alert::state::State;
use khien_domain::alert::{Alert, Severity};
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::control::Stated;
use khien_domain::document::{Brought, Digest};
use khien_domain::evidence::kinds::{Kinds, Recorder};
use khien_domain::evidence::{How, Origin};
use khien_domain::page::PageRequest;
use khien_domain::round::{AppealForm, NewAppeal};

use super::{advisory, catalogues, leaks, papers, plans, supply};

/// Alerts that are taken up, at most: with those of the year before they are 240.
const TAKEN_UP: usize = 40;

/// Gives the demonstration its past, unless it has one; then takes up alerts, asks the gate about
/// every system in use, and computes the index.
pub(super) async fn fill(app: &App, caller: &Caller, governance: &Governance<'_>) -> Result<()> {
    if demonstration::fill(app, &app.folder, caller, past(app.kinds(), governance)?).await? == 0 {
        return Ok(());
    }
    // The host of MH-LICHTIEP, which nobody registered, is found here.
    let log = governance.certificate_log();
    register::import_certificates(app, caller, log.as_bytes(), false).await?;
    plans::fill(app, caller, governance).await?;
    papers::fill(app, caller, governance).await?;
    supply::fill(app, caller, governance).await?;
    leaks::fill(app, caller, governance).await?;
    advisory::import(app, caller).await?;
    take_up(app, caller).await?;
    measure::measure(app, caller).await?;
    budgets::sweep(app, caller).await?;
    register::ending::look(app, caller).await?;
    gate::sweep(app, caller).await?;
    state_controls(app, caller).await?;
    findings::look(app, caller).await?;
    zones::look(app, caller).await?;
    run_round(app).await?;
    index::compute(app, caller, app.now()).await?;
    Ok(())
}

/// What officers say about controls that no evidence answers, so that a checklist has all it can have.
const STATED: [(&str, &str, Stated, &str); 9] = [
    ("mh-paht", "QT-03", Stated::Implemented, "Quy chế số 12/QC.MH, rà soát tháng 3 hằng năm"),
    ("mh-paht", "ML-01", Stated::Implemented, "Qua tường lửa chung của trung tâm dữ liệu tỉnh"),
    ("mh-paht", "TC-04", Stated::Partly, "Đã rà soát quyền quản trị; quyền người dùng chưa xong"),
    ("mh-paht", "UD-01", Stated::Planned, "Đưa vào hợp đồng bảo trì năm sau, xong trước 30/6"),
    ("mh-vbdh", "QT-03", Stated::Implemented, "Quy chế số 3/QC.MH của Văn phòng, rà soát quý I"),
    ("mh-vbdh", "ML-03", Stated::Implemented, "Cảm biến ở biên do trung tâm dữ liệu tỉnh vận hành"),
    ("mh-vbdh", "TS-06", Stated::Planned, "Nhà cung cấp giao SBOM cùng bản phát hành tháng 2"),
    ("mh-dvc", "ML-04", Stated::Implemented, "Dịch vụ chống từ chối dịch vụ theo hợp đồng 21.MH"),
    ("mh-dvc", "UD-03", Stated::Partly, "WAF đã bật cho trang chính, chưa cho cổng API"),
];

async fn state_controls(app: &App, caller: &Caller) -> Result<()> {
    let all = controls::list_catalogues(app, caller).await?;
    let own = all.into_iter().find(|one| one.is_current && one.catalogue.measures.is_some());
    let key = own.context("there is no catalogue of controls by level")?.catalogue.key;
    let officer = person(app, "canbo-sokhcn").await?;
    for (system, control, state, note) in STATED {
        let code = SystemCode::new(system)?;
        // Of the other agencies nobody has an account.
        let who = if system == "mh-paht" { &officer } else { caller };
        controls::state(app, who, &code, &key, control, (state, note)).await?;
    }
    catalogues::fill(app, caller, &key).await
}

/// Records of the sample that are left for whoever looks.
const LEFT: usize = 3;

/// Somebody of the demonstration.
async fn person(app: &App, name: &str) -> Result<Caller> {
    let found = app.store.find_person_by_name(&UserName::new(name)?).await?;
    let person = found.with_context(|| format!("there is no {name}"))?;
    Ok(Caller { actor: person.actor(), origin: "khien demo".to_owned() })
}

/// Begins the round of the year: a sample that most of was looked at again, a comment and an appeal.
async fn run_round(app: &App) -> Result<()> {
    let year = Offset::constant(7).to_datetime(app.now()).year();
    let lead = person(app, "truongca").await?;
    let packs = rounds::packs(app, app.now()).await?;
    let pack = packs.first().context("no pack of the index is valid")?;
    rounds::open(app, &lead, year, &pack.id).await?;
    rounds::review(app, &lead, year).await?;
    // One of the two looks at what the other is too near to.
    let (second, third) = (person(app, "thamdinh2").await?, person(app, "thamdinh3").await?);
    let samples = rounds::get(app, &second, year).await?.samples;
    let (own, near): (Vec<_>, Vec<_>) =
        samples.iter().partition(|sampled| sampled.partial.is_none());
    let own = own.iter().take(own.len().saturating_sub(LEFT)).map(|sampled| (&second, sampled));
    for (appraiser, sampled) in own.chain(near.iter().map(|sampled| (&third, sampled))) {
        let reason = "Đã đối chiếu bản gốc của văn bản";
        rounds::look(app, appraiser, year, sampled.sample.seq, true, reason).await?;
    }
    let officer = person(app, "canbo-sokhcn").await?;
    for (indicator, form, reason, reference) in APPEALS {
        let new = NewAppeal {
            year,
            agency: AgencyCode::new("sokhcn")?,
            indicator: indicator.to_owned(),
            form,
            reason: reason.to_owned(),
            reference: reference.to_owned(),
            by: String::new(),
            at: app.now(),
        };
        let file = (form == AppealForm::Appeal).then(|| Brought {
            name: "Danh sách huấn luyện.txt".into(),
            bytes: LIST.as_bytes().to_vec(),
        });
        appeals::lodge(app, &officer, new, file.as_ref()).await?;
    }
    Ok(())
}

/// The document of the appeal.
const LIST: &str = "DỮ LIỆU MINH HỌA – TỈNH MINH HỌA\n\nDanh sách huấn luyện thực chiến, đợt cuối năm\n\
                    Lớp 1: 40 giờ. Lớp 2: 40 giờ. Tổng: 80 giờ theo định mức.\n";

/// What an agency answers to its figures: indicator, form, reason, document.
const APPEALS: [(&str, AppealForm, &str, &str); 2] = [
    (
        "N4.3",
        AppealForm::Appeal,
        "Giờ huấn luyện thực chiến ghi thiếu đợt cuối: danh sách kèm theo đủ giờ theo định mức.",
        "Báo cáo huấn luyện · 57-BC/SKHCN.MH",
    ),
    (
        "N3.3",
        AppealForm::Comment,
        "Đề nghị cho biết giờ trực nào làm chậm việc tiếp nhận cảnh báo để cơ quan bố trí lại.",
        "",
    ),
];

/// One of so many declared records comes with the file of its document.
const WITH_FILE: usize = 3;

/// Gives some of what agencies declare a document, whose file is kept.
fn with_files(kinds: &Kinds, told: &mut [Told]) {
    let by_people = |name: &str| kinds.get(name).filter(|kind| kind.by.contains(&Recorder::People));
    let declared = told.iter_mut().filter(|one| one.how == How::Declared);
    let declared = declared.filter_map(|one| Some((by_people(&one.handed.kind)?, one)));
    for (place, (kind, one)) in declared.enumerate().filter(|(place, _)| place % WITH_FILE == 0) {
        let number =
            format!("{:02}-BC/{}.MH", place + 1, one.handed.agency.as_str().to_uppercase());
        let bytes = format!(
            "DỮ LIỆU MINH HỌA – TỈNH MINH HỌA\n\nBáo cáo số {number}\nNội dung: {}\nSố liệu: {}\n",
            kind.vi, one.handed.content
        )
        .into_bytes();
        one.origin = Origin::Document;
        one.handed.reference = Digest::of(&bytes).after(&format!("Báo cáo tự khai · {number}"));
        one.file = Some(Brought { name: format!("Báo cáo {:02}.txt", place + 1), bytes });
    }
}

fn past(kinds: &Kinds, governance: &Governance<'_>) -> Result<Past> {
    let broken = governance.break_glass();
    let agencies = governance.confirmed_agencies().into_iter();
    let systems = governance.confirmed_systems().into_iter();
    let mut evidence =
        governance.evidence().into_iter().map(told).collect::<Result<Vec<Told>>>()?;
    with_files(kinds, &mut evidence);
    Ok(Past {
        registered_at: governance.registered_at(),
        agencies: agencies
            .map(|(code, at)| Ok((AgencyCode::new(code)?, at)))
            .collect::<Result<_>>()?,
        systems: systems
            .map(|(code, at)| Ok((SystemCode::new(code)?, at)))
            .collect::<Result<_>>()?,
        evidence,
        decided_at: governance.decided_at(),
        broken: Broken {
            system: SystemCode::new(broken.system)?,
            by: broken.by.to_owned(),
            reason: broken.reason.to_owned(),
            at: broken.at,
            hours: broken.hours,
            finding: broken.finding.to_owned(),
        },
        phrases: phrases()?,
    })
}

/// What people wrote into dossiers and projects.
fn phrases() -> Result<Phrases> {
    let said = |text: &str| text.to_owned();
    let waiting = |one: &khien_demo::governance::Waiting| {
        Ok::<_, anyhow::Error>(Waiting {
            system: SystemCode::new(one.system)?,
            name: said(one.name),
            planned: one.planned,
            security: one.security,
            is_appraised: one.is_appraised,
        })
    };
    Ok(Phrases {
        appraiser: said(PHRASES.appraiser),
        approver: said(PHRASES.approver),
        scope: said(PHRASES.scope),
        reason: said(PHRASES.reason),
        partly: said(PHRASES.partly),
        document: said(PHRASES.document),
        submitted: said(PHRASES.submitted),
        returned: said(PHRASES.returned),
        appraised: said(PHRASES.appraised),
        exception: said(PHRASES.exception),
        waiting: PHRASES.waiting.iter().map(waiting).collect::<Result<_>>()?,
        tool: said(PHRASES.tool),
    })
}

fn told(evidence: Evidence) -> Result<Told> {
    let Evidence { kind, agency, system, subject, origin, reference, how, by, at, content } =
        evidence;
    let handed = Handed {
        kind: kind.to_owned(),
        agency: AgencyCode::new(&agency)?,
        system: system.as_deref().map(SystemCode::new).transpose()?,
        subject,
        reference,
        content,
        at,
        until: None,
        corrects: None,
    };
    Ok(Told {
        handed,
        origin: Origin::parse(origin).context("an origin that there is not")?,
        how: How::parse(how).context("a way of knowing that there is not")?,
        by,
        file: None,
    })
}

/// Takes up the oldest of the grave alerts, so that the index has some to lead to; the rest is left to
/// whoever looks.
async fn take_up(app: &App, caller: &Caller) -> Result<()> {
    let filter = AlertFilter {
        state: Some(State::New.name().to_owned()),
        severity: Some(Severity::High),
        ..AlertFilter::default()
    };
    let mut found: Vec<Alert> = Vec::new();
    let mut page = PageRequest::first();
    loop {
        let part = alerts::list_alerts(app, caller, &filter, &page).await?;
        found.extend(part.items);
        let Some(next) = part.next else { break };
        page.after = Some(next);
    }
    found.sort_by_key(|alert| (alert.first_at, alert.id));
    for alert in found.into_iter().take(TAKEN_UP) {
        alerts::change_alert(app, caller, alert.id, State::InProgress, None).await?;
    }
    Ok(())
}
