//! `/gate`: which systems may be used, one with every reason, breaking the glass, and its review.

pub(super) mod in_use;

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Response;
use axum::response::{IntoResponse, Redirect};
use jiff::Timestamp;
use khien_app::use_case::gate::{self, Answer, GlassReview};
use khien_domain::code::SystemCode;
use khien_domain::evidence::Record;
use khien_domain::evidence::content::Content;
use khien_domain::gate::Decision;
use khien_domain::permission::Permission;
use khien_domain::system::{Stage, System};
use khien_domain::text::collation;

use super::Console;
use super::asked::Asked;
use super::error::PageError;
use super::frame::{self, Frame, Room};
use super::posted::Posted;
use super::register;
use super::table::Table;
use super::typed::{self, Typed};
use super::visit::Visiting;

#[derive(Template)]
#[template(path = "console/gate/list.html")]
struct List {
    f: Frame,
    rows: Vec<Row>,
    chips: Vec<(String, String, bool)>,
    denied: usize,
    /// How many systems there are that the gate looks at.
    all: usize,
}

/// A system with the last decision about it.
struct Row {
    system: System,
    agency: String,
    decision: Option<Kept>,
}

/// A decision of the ledger.
pub(super) struct Kept {
    pub(super) seq: u64,
    allows: bool,
    is_broken: bool,
    is_over: bool,
    against: usize,
    at: Timestamp,
    until: Option<Timestamp>,
}

impl Row {
    /// The name of how it stands.
    fn state(&self) -> &'static str {
        state(self.decision.as_ref())
    }

    /// Whether it is in use without leave of the gate.
    fn is_without(&self) -> bool {
        is_without(&self.system, self.decision.as_ref())
    }

    /// Whether it is shown among those in a state, or among those in use without leave.
    fn is_in(&self, chosen: &str) -> bool {
        self.state() == chosen || chosen == WITHOUT && self.is_without()
    }
}

/// What asks for the systems that are in use without leave.
const WITHOUT: &str = "without";

impl Kept {
    /// The name of how it stands.
    pub(super) fn state(&self) -> &'static str {
        match self {
            Self { is_over: true, .. } => "over",
            Self { is_broken: true, .. } => "broken",
            Self { allows: true, .. } => "allow",
            Self { .. } => "deny",
        }
    }
}

/// The name of how a system stands by the last decision about it.
fn state(decision: Option<&Kept>) -> &'static str {
    decision.map_or("none", Kept::state)
}

fn is_without(system: &System, decision: Option<&Kept>) -> bool {
    system.stage == Stage::Operation && state(decision) != "allow"
}

#[derive(Template)]
#[template(path = "console/gate/detail.html")]
struct Detail {
    f: Frame,
    system: System,
    agency: String,
    answer: Answer,
    reasons: Vec<Reason>,
    kept: Vec<Kept>,
    /// Glasses that were broken, with their reviews.
    glasses: Vec<Glass>,
    /// What was typed to break the glass or to review that, and refused.
    typed: Typed,
    /// The stages before which something is asked: the address of each, its words, whether it is shown.
    stages: Vec<(String, String, bool)>,
}

struct Reason {
    text: String,
    /// Where something can be done about it.
    place: Option<String>,
    source: String,
    holds: bool,
    evidence: Vec<u64>,
}

/// A glass that was broken.
struct Glass {
    its: GlassReview,
    /// Whether its review is not done by its day.
    is_late: bool,
    /// Whether whoever visits may review it.
    may_review: bool,
    /// Why they do not although others of their role do.
    partial: Option<String>,
}

impl Detail {
    fn allows(&self) -> bool {
        self.answer.allows()
    }

    /// Whether it is asked about being used, which alone is decided and forced.
    fn is_about_use(&self) -> bool {
        self.answer.statement.stage == Stage::Operation
    }
}

/// The stages before which a gate can stand.
const STAGES: [Stage; 4] = [Stage::Design, Stage::Build, Stage::Test, Stage::Operation];

/// The stage that a system comes to next; one that is in use stays.
fn next(stage: Stage) -> Stage {
    match stage {
        Stage::Planning => Stage::Design,
        Stage::Design => Stage::Build,
        Stage::Build => Stage::Test,
        Stage::Test | Stage::Operation | Stage::Retired => Stage::Operation,
    }
}

/// The last decision about each system that whoever visits may see.
pub(super) async fn decisions(
    console: &Arc<Console>,
    visiting: &Visiting,
) -> Result<BTreeMap<SystemCode, Kept>, PageError> {
    let (app, now) = (&console.app, console.app.now());
    let last = gate::last_decisions(app, &visiting.caller).await?.into_iter();
    let of_system = |record: Record| Some((record.about.system.clone()?, kept(&record, now)));
    Ok(last.filter_map(of_system).collect())
}

fn kept(record: &Record, now: Timestamp) -> Kept {
    let content = &record.content;
    let decision = content.get("decision").and_then(Content::as_text).and_then(Decision::parse);
    let reasons = content.get("statement").and_then(|statement| statement.get("reasons"));
    let against = match reasons {
        Some(Content::List(reasons)) => {
            let holds =
                |reason: &&Content| reason.get("holds").and_then(Content::as_bool) == Some(false);
            reasons.iter().filter(holds).count()
        }
        _ => 0,
    };
    Kept {
        seq: record.about.seq,
        allows: decision == Some(Decision::Allow),
        is_broken: content.get("break_glass").and_then(Content::as_bool) == Some(true),
        is_over: record.about.until.is_some_and(|until| until <= now),
        against,
        at: record.about.at,
        until: record.about.until,
    }
}

/// `GET /gate`
pub(super) async fn list(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(&console, &visiting, Room::Gate).await?;
    let mut decisions = decisions(&console, &visiting).await?;
    let names = register::agency_names(&console, &visiting, &f).await?;
    let systems = register::systems(&console, &visiting).await?;
    let mut rows: Vec<Row> = systems
        .into_iter()
        .filter(|system| matches!(system.stage, Stage::Test | Stage::Operation))
        .map(|system| Row {
            agency: names.get(&system.agency).cloned().unwrap_or_default(),
            decision: decisions.remove(&system.code),
            system,
        })
        .collect();
    let denied = rows.iter().filter(|row| row.is_without()).count();
    let mut counts = BTreeMap::from([(WITHOUT, denied)]);
    let all = rows.len();
    for row in &rows {
        *counts.entry(row.state()).or_default() += 1;
    }
    let chosen = asked.text("state").to_owned();
    let chips = ["", WITHOUT, "deny", "over", "none", "broken", "allow"].into_iter().map(|state| {
        let count =
            if state.is_empty() { rows.len() } else { counts.get(state).copied().unwrap_or(0) };
        let name = if state.is_empty() { f.t("frame-all") } else { f.word("gate-state", state) };
        let href = super::asked::address("/gate", &asked, &[("state", state)]);
        (href, format!("{name} {}", f.count(count)), state == chosen)
    });
    let chips = chips.collect();
    if !chosen.is_empty() {
        rows.retain(|row| row.is_in(&chosen));
    }
    // What is gravest first: what may not be used, by level.
    let order = |row: &Row| {
        ["deny", "over", "none", "broken", "allow"].iter().position(|state| *state == row.state())
    };
    rows.sort_by_cached_key(|row| {
        (order(row), std::cmp::Reverse(row.system.level), collation(&row.system.name))
    });
    if asked.some("form").is_some() {
        return Ok(export(&f, rows).answer(&f, &asked));
    }
    frame::page(&List { f, rows, chips, denied, all })
}

fn export(f: &Frame, rows: Vec<Row>) -> Table {
    let rows = rows.into_iter().map(|row| {
        let kept = row.decision.as_ref();
        let moment = |at: Option<Timestamp>| at.map(|at| f.iso(&at)).unwrap_or_default();
        vec![
            row.system.code.to_string(),
            row.system.name.clone(),
            row.agency.clone(),
            row.system.level.number().to_string(),
            f.word("gate-state", row.state()),
            kept.map(|kept| kept.against.to_string()).unwrap_or_default(),
            moment(kept.map(|kept| kept.at)),
            moment(kept.and_then(|kept| kept.until)),
            kept.map(|kept| kept.seq.to_string()).unwrap_or_default(),
        ]
    });
    Table {
        name: "gate",
        columns: vec![
            ("system", f.t("register-code")),
            ("name", f.t("register-name")),
            ("agency", f.t("alerts-agency")),
            ("level", f.t("register-level")),
            ("decision", f.t("gate-decision")),
            ("against", f.t("gate-against")),
            ("at", f.t("gate-at")),
            ("until", f.t("gate-until")),
            ("record", f.t("evidence-record")),
        ],
        rows: rows.collect(),
    }
}

/// The room where something is done about a condition of the gate.
fn place(condition: &str) -> Option<&'static str> {
    match condition.split('-').next()? {
        "dossier" | "appraisal" => Some("dossiers"),
        "finding" => Some("findings"),
        "scan" | "pentest" | "restore" => Some("calendar"),
        _ => None,
    }
}

fn code(text: &str) -> Result<SystemCode, PageError> {
    SystemCode::new(text).map_err(|_| PageError::not_found())
}

async fn draw(
    console: &Arc<Console>,
    visiting: &Visiting,
    code: &SystemCode,
    before: Option<Stage>,
    typed: Typed,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(console, visiting, Room::Gate).await?;
    let (app, caller) = (&console.app, &visiting.caller);
    let system = register::system(console, visiting, code).await?;
    let before = before.unwrap_or_else(|| next(system.stage));
    let answer = gate::check(app, caller, code, before).await?;
    let stages = STAGES.iter().filter(|stage| answer.policy.asks(**stage)).map(|stage| {
        let href = format!("/gate/{code}?before={}", stage.name());
        (href, f.word("register-stage", stage.name()), *stage == before)
    });
    let stages = stages.collect();
    let names = register::agency_names(console, visiting, &f).await?;
    let mut reasons: Vec<Reason> = (answer.statement.reasons.iter())
        .map(|reason| {
            let condition = answer.policy.condition(&reason.condition);
            let text = condition.map_or(&reason.condition, |condition| {
                if f.is_english() { &condition.en } else { &condition.vi }
            });
            Reason {
                text: text.clone(),
                place: place(&reason.condition).map(|place| format!("/{place}?system={code}")),
                source: condition.map(|condition| condition.source.clone()).unwrap_or_default(),
                holds: reason.holds,
                evidence: reason.evidence.clone(),
            }
        })
        .collect();
    reasons.sort_by_key(|reason| reason.holds);
    let now = app.now();
    let records = gate::decisions(app, caller, code).await?;
    let kept = records.iter().take(10).map(|record| self::kept(record, now)).collect();
    let agency = names.get(&system.agency).cloned().unwrap_or_default();
    let found = gate::glass_reviews(app, caller, code).await?;
    let glasses = found.into_iter().map(|its| glass(&f, &system, its)).collect();
    let status = typed.status();
    typed::page(
        status,
        &Detail { f, system, agency, answer, reasons, kept, glasses, typed, stages },
    )
}

fn glass(f: &Frame, system: &System, its: GlassReview) -> Glass {
    let waits = its.done.is_none() && f.may_in(Permission::AssuranceDecide, &system.agency);
    let partial = its.partial.filter(|_| waits).map(|partial| f.told(&partial.to_string()));
    Glass {
        is_late: its.done.is_none() && its.due < f.today(),
        may_review: waits && partial.is_none(),
        partial,
        its,
    }
}

/// `GET /gate/{code}`
pub(super) async fn detail(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let asked_stage = |name| Stage::parse(name).filter(|stage| STAGES.contains(stage));
    let before = match asked.some("before") {
        Some(name) => Some(asked_stage(name).ok_or_else(|| PageError::invalid("before"))?),
        None => None,
    };
    draw(&console, &visiting, &code(&text)?, before, Typed::default()).await
}

/// `POST /gate/{code}/decide`: keeps what the gate says now.
pub(super) async fn decide(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    Posted { visiting, .. }: Posted,
) -> Result<Response<Body>, PageError> {
    let code = code(&text)?;
    gate::decide(&console.app, &visiting.caller, &code).await?;
    Ok(Redirect::to(&format!("/gate/{code}?done=gate-decided")).into_response())
}

/// `POST /gate/{code}/break`: holds it open for some hours.
pub(super) async fn break_glass(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let code = code(&text)?;
    let hours = fields.text("hours").parse().unwrap_or_default();
    let (app, caller) = (&console.app, &visiting.caller);
    let Err(error) = gate::break_glass(app, caller, &code, fields.text("reason"), hours).await
    else {
        return Ok(Redirect::to(&format!("/gate/{code}?done=gate-broken")).into_response());
    };
    let f = Frame::bare(&console, &visiting.wish);
    let places = [("the reason", "reason"), ("the glass is broken for", "hours")];
    let typed = Typed::refused(&f, "break", fields, error.into(), &places)?;
    draw(&console, &visiting, &code, Some(Stage::Operation), typed).await
}

/// `POST /gate/{code}/review/{seq}`: writes what was found of a broken glass.
pub(super) async fn review(
    State(console): State<Arc<Console>>,
    Path((text, seq)): Path<(String, u64)>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let code = code(&text)?;
    let justified = match fields.text("do") {
        "holds" => true,
        "fails" => false,
        _ => return Err(PageError::invalid("do")),
    };
    let (app, caller) = (&console.app, &visiting.caller);
    let done = gate::review(app, caller, &code, seq, justified, fields.text("finding")).await;
    let Err(error) = done else {
        return Ok(Redirect::to(&format!("/gate/{code}?done=gate-reviewed")).into_response());
    };
    let f = Frame::bare(&console, &visiting.wish);
    let form = format!("review-{seq}");
    let typed = Typed::refused(&f, &form, fields, error.into(), &[("the finding", "finding")])?;
    draw(&console, &visiting, &code, Some(Stage::Operation), typed).await
}
