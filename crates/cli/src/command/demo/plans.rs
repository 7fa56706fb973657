//! What the province plans to spend, which risks it knows, which devices it has, and the incidents of the
//! day: put in by the use cases that people use.

use std::fmt::Write as _;

use anyhow::{Context as _, Result, bail};
use jiff::ToSpan as _;
use jiff::civil::Date;
use khien_app::App;
use khien_app::access::Caller;
use khien_app::use_case::alerts::{self, AlertFilter};
use khien_app::use_case::budgets::{self, Imported};
use khien_app::use_case::incidents;
use khien_app::use_case::ledger::{self, EvidenceFilter};
use khien_app::use_case::register::import::{Import, ListKind, import};
use khien_app::use_case::risks;
use khien_demo::governance::{Came, Device, Equipment, Governance, Plan, Risk};
use khien_domain::alert::Severity;
use khien_domain::budget::Decision;
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::incident::{LossKind, NewIncident, NewLossFigure, Outcome, State};
use khien_domain::page::PageRequest;
use khien_domain::risk::{
    AssetName, ControlName, Degree, Estimate, Loss, RiskAbout, RiskCode, Treatment,
};

/// An incident that somebody has made of the grave alerts of a system, and what it costs.
struct Opened {
    system: &'static str,
    title: &'static str,
    /// Kind, đồng and what was counted, in their order.
    losses: &'static [(LossKind, u64, &'static str)],
    is_over: bool,
}

const INCIDENTS: [Opened; 3] = [
    Opened {
        system: "mh-bao",
        title: "Trang báo điện tử bị dò quét dồn dập",
        losses: &[(
            LossKind::Estimated,
            40_000_000,
            "16 giờ công trực, thuê thêm băng thông một ngày",
        )],
        is_over: false,
    },
    Opened {
        system: "mh-qlhs",
        title: "Nghi lộ dữ liệu của hệ thống quản lý trường học",
        losses: &[
            (
                LossKind::Estimated,
                350_000_000,
                "60 giờ công điều tra, thông báo cho phụ huynh, vá ứng dụng",
            ),
            (LossKind::Estimated, 520_000_000, "Thêm chi phí thay bản thử và kiểm thử lại"),
        ],
        is_over: false,
    },
    Opened {
        system: "mh-mail",
        title: "Hộp thư công vụ bị chiếm, gửi thư mạo danh hàng loạt",
        losses: &[
            (LossKind::Estimated, 30_000_000, "12 giờ công, khóa hộp thư trong hai giờ"),
            (
                LossKind::Actual,
                47_500_000,
                "19 giờ công, ba giờ gián đoạn, thông báo cho người nhận",
            ),
        ],
        is_over: true,
    },
];

/// Puts all of it in, once.
pub(super) async fn fill(app: &App, caller: &Caller, governance: &Governance<'_>) -> Result<()> {
    // Risks name devices of the register.
    add_devices(app, caller, governance).await?;
    for risk in governance.risks() {
        add_risk(app, caller, &risk).await.with_context(|| format!("risk {}", risk.code))?;
    }
    for plan in governance.budgets() {
        add_plan(app, caller, plan).await?;
    }
    open_incidents(app, caller).await
}

async fn add_risk(app: &App, caller: &Caller, risk: &Risk) -> Result<()> {
    let estimate = |[likelihood, impact]: [i64; 2]| {
        let degree = |number| Degree::new(number).context("a degree that there is not");
        Ok::<_, anyhow::Error>(Estimate {
            likelihood: degree(likelihood)?,
            impact: degree(impact)?,
        })
    };
    let loss = |[once, times]: [[u64; 2]; 2]| Loss::new(once, times);
    let (agency, system) = (AgencyCode::new(&risk.agency)?, SystemCode::new(&risk.system)?);
    // What is left of it counts once a record shows that the treatment is there.
    let shown = match risk.residual {
        Some(_) => newest(app, caller, risk.shown_by, &system).await?,
        None => None,
    };
    let residual = risk.residual.filter(|_| shown.is_some()).map(estimate).transpose()?;
    let asset = risk.asset.as_ref();
    let asset =
        asset.map(|name| AssetName::parse(name, Some(&system)).context("an asset")).transpose()?;
    let control = |text: &&str| ControlName::parse(text).context("a control that is none");
    let about = RiskAbout {
        system: Some(system),
        asset,
        scenario: risk.scenario.to_owned(),
        threat: risk.threat.to_owned(),
        inherent: estimate(risk.inherent)?,
        residual,
        loss: risk.loss.map(loss).transpose()?,
        residual_loss: risk.residual_loss.filter(|_| residual.is_some()).map(loss).transpose()?,
        owner: risk.owner.to_owned(),
        treatment: Treatment::parse(risk.treatment).context("a treatment that there is not")?,
        controls: risk.controls.iter().map(control).collect::<Result<_>>()?,
        due: risk.due,
        records: shown.into_iter().collect(),
    };
    let is_left = about.residual.is_some();
    let code = RiskCode::new(&risk.code).context("a code that is none")?;
    risks::add_risk(app, caller, &agency, code.clone(), about).await?;
    let pack = risks::pack()?;
    // Where a control is lacking, what is left does not count yet.
    let is_within = risks::get_risk(app, caller, &agency, &code).await?.weighs <= pack.appetite;
    if let Came::Accepted(days) = risk.came
        && is_left
        && is_within
    {
        let today = app.now().to_zoned(app.config.zone.to_time_zone()).date();
        let until = today.checked_add(days.days())?;
        let reason = "Phần còn lại nằm trong mức chấp nhận, xem lại khi có thay đổi";
        risks::accept_risk(app, caller, &agency, &code, until, reason).await?;
    }
    Ok(())
}

/// The number of the newest record of a kind about a system.
async fn newest(
    app: &App,
    caller: &Caller,
    kind: &str,
    system: &SystemCode,
) -> Result<Option<u64>> {
    let filter = EvidenceFilter {
        kind: Some(kind.to_owned()),
        system: Some(system.clone()),
        ..EvidenceFilter::default()
    };
    let found = ledger::list(app, caller, &filter, &PageRequest::new(None, 1)).await?;
    Ok(found.items.first().map(|record| record.about.seq))
}

/// A plan as a file that an agency hands in, and its approval.
async fn add_plan(app: &App, caller: &Caller, plan: Plan) -> Result<()> {
    let mut file = String::from(
        "code,name,class,share,reason,planned,allocated,spent,domestic,domestic_reason,risks,\
         support_end,renewal\n",
    );
    let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
    for line in &plan.lines {
        let _ = writeln!(
            file,
            "{},\"{}\",{},{},\"{}\",{},{},{},{},\"{}\",\"{}\",{},{}",
            line.code,
            line.name,
            line.class,
            line.share,
            line.reason,
            line.planned,
            line.allocated,
            line.spent,
            if line.domestic { "có" } else { "không" },
            line.domestic_reason,
            line.risks.join(" "),
            day(line.support_end),
            day(line.renewal),
        );
    }
    let agency = AgencyCode::new(&plan.agency)?;
    let told =
        budgets::import_lines(app, caller, &agency, plan.year, file.as_bytes(), false).await?;
    if let Imported::Refused(problems) = told {
        let Some(problem) = problems.first() else { bail!("the plan of {agency} is refused") };
        bail!("the plan of {agency}, line {}: {}", problem.line, problem.what);
    }
    let decision = Decision { number: plan.decision, day: plan.decided };
    Ok(budgets::approve_plan(app, caller, &agency, plan.year, decision).await?)
}

async fn add_devices(app: &App, caller: &Caller, governance: &Governance<'_>) -> Result<()> {
    let mut file = String::from("system,name,kind,zone,site\n");
    for device in governance.devices() {
        let Device { system, name, kind, zone, site } = device;
        let _ = writeln!(file, "{system},{name},{kind},{zone},{}", site.unwrap_or_default());
    }
    add_list(app, caller, ListKind::Assets, file).await?;
    let mut file = String::from("code,name,required,owned,assets,note\n");
    for row in governance.equipment() {
        let Equipment { code, name, needed, owned, assets } = row;
        let assets = assets.join(" ");
        let _ = writeln!(file, "{code},\"{name}\",{needed},{owned},{assets},danh mục mẫu");
    }
    add_list(app, caller, ListKind::Equipment, file).await
}

async fn add_list(app: &App, caller: &Caller, kind: ListKind, file: String) -> Result<()> {
    let list = Import {
        kind,
        name: format!("{}.csv", kind.name()),
        bytes: file.into_bytes(),
        titles: Vec::new(),
        words: Vec::new(),
        dry_run: false,
    };
    let report = import(app, caller, list).await?;
    match report.problems.first() {
        Some(problem) => bail!("{}, {}: {}", kind.name(), problem.cell, problem.message),
        None => Ok(()),
    }
}

/// Incidents of today, each of the grave alerts of a system.
async fn open_incidents(app: &App, caller: &Caller) -> Result<()> {
    for opened in INCIDENTS {
        let filter = AlertFilter {
            system: Some(SystemCode::new(opened.system)?),
            severity: Some(Severity::Medium),
            not_closed: true,
            ..AlertFilter::default()
        };
        let found = alerts::list_alerts(app, caller, &filter, &PageRequest::new(None, 3)).await?;
        let Some(gravest) = found.items.iter().map(|alert| alert.severity).max() else { continue };
        let new = NewIncident {
            title: opened.title.to_owned(),
            severity: gravest,
            lead: Some("truongca".into()),
            alerts: found.items.iter().map(|alert| alert.id).collect(),
        };
        let id = incidents::open_incident(app, caller, new).await?.id;
        for (kind, amount, reason) in opened.losses {
            let (kind, amount, reason) = (*kind, *amount, (*reason).to_owned());
            let new = NewLossFigure { kind, amount, reason };
            incidents::record_loss(app, caller, id, new).await?;
        }
        if opened.is_over {
            let over = State::Closed(Outcome::Resolved);
            incidents::change_incident(app, caller, id, over).await?;
        }
    }
    Ok(())
}
