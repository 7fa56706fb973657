//! `/projects`: projects of agencies, what is planned with too little for security, and whether the security
//! design was approved before they were decided.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Response;
use axum::response::{IntoResponse, Redirect};
use jiff::civil::Date;
use khien_app::access::Deed;
use khien_app::use_case::projects::{self as use_case, NewProject};
use khien_app::use_case::{budgets, dossiers};
use khien_domain::budget::amount;
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::dossier::{Dossier, DossierKind};
use khien_domain::ids::DossierId;
use khien_domain::permission::Permission;
use khien_domain::project::{Project, ProjectCode, ProjectError};
use khien_domain::system::{Level, Stage};

use super::Console;
use super::asked::Asked;
use super::budget::{SumsShown, rule_words};
use super::error::PageError;
use super::frame::{Frame, Room};
use super::narrow::{Bar, Narrow};
use super::posted::{Fields, Posted};
use super::register::{agency_names, systems};
use super::table::{Part, Table};
use super::typed::{self, Mistakes, Refused, Typed};
use super::visit::Visiting;

/// The page.
#[derive(Template)]
#[template(path = "console/projects.html")]
struct Page {
    f: Frame,
    rows: Vec<Row>,
    part: Part,
    /// Those that wait for a decision with no part for security, or less than the rule of the year asks.
    short: Vec<Row>,
    rule: String,
    /// What a decision needs of the estimate, if anything is asked.
    floor: Option<String>,
    note: &'static str,
    violations: usize,
    bar: Bar,
    /// Systems for which whoever visits may register one.
    systems: Vec<(String, String)>,
    /// What was typed into one of its forms and refused.
    typed: Typed,
}

struct Row {
    project: Project,
    agency: String,
    system: String,
    /// The dossier in which its design is appraised, once it is named.
    design: Option<Dossier>,
    /// Those that it may name: of its system, serving no other project; the words of each.
    choices: Vec<(DossierId, String)>,
    /// Where the system stands.
    stage: String,
    /// The level that it is expected to have: the one of its dossier, else that of the register.
    level: Option<Level>,
    /// What of it is security, and what the rule says of that.
    sums: SumsShown,
    /// Whether it may be decided or estimated anew by whoever visits.
    may_decide: bool,
    is_short: bool,
}

impl Row {
    /// What its forms are told apart by.
    fn place(&self) -> String {
        format!("{}/{}", self.project.agency, self.project.code)
    }

    /// Whether a dossier is the one that it names.
    fn is_named(&self, id: &DossierId) -> bool {
        self.project.dossier.as_ref() == Some(id)
    }

    /// The day on which its design was approved, if it was.
    fn approved(&self) -> Option<Date> {
        self.design.as_ref().and_then(use_case::approved)
    }
}

/// `GET /projects`
pub(super) async fn list(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    draw(&console, &visiting, asked, Typed::default()).await
}

async fn draw(
    console: &Arc<Console>,
    visiting: &Visiting,
    asked: Fields,
    typed: Typed,
) -> Result<Response<Body>, PageError> {
    let (app, caller) = (&console.app, &visiting.caller);
    let all = use_case::list_projects(app, caller).await?;
    // Beside a form that was sent the whole list stands.
    let asked = if typed.is_wrong() { Fields::default() } else { asked };
    let f = Frame::of(console, visiting, Room::Dossiers).await?;
    let names = agency_names(console, visiting, &f).await?;
    let systems = systems(console, visiting).await?;
    let by_code: BTreeMap<_, _> = systems.iter().map(|one| (&one.code, one)).collect();
    let mut by_system = BTreeMap::<SystemCode, Vec<_>>::new();
    for dossier in dossiers::list_dossiers(app, caller, None).await? {
        by_system.entry(dossier.system.clone()).or_default().push(dossier);
    }
    let serving: BTreeMap<DossierId, _> = all
        .iter()
        .filter_map(|project| {
            Some((project.dossier?, (project.agency.clone(), project.code.clone())))
        })
        .collect();
    let violations = all.iter().filter(|project| project.is_violation()).count();
    let only_violations = asked.text("violations") == "1";
    let narrow = Narrow::of(&asked);
    let rows = all.into_iter().filter(|project| {
        let system = by_code.get(&project.system).map(|system| system.name.as_str());
        let texts = [project.code.as_str(), &project.name, project.system.as_str()];
        (!only_violations || project.is_violation())
            && narrow.takes(&project.agency, texts.into_iter().chain(system))
    });
    let pack = budgets::pack()?;
    let rows = rows.map(|project| {
        let system = by_code.get(&project.system);
        let its = by_system.get(&project.system).map(Vec::as_slice).unwrap_or_default();
        let decided = project.invested.as_ref().map(|invested| invested.day);
        let rule = pack.rule(decided.unwrap_or_else(|| f.today()).year());
        let may_decide =
            project.invested.is_none() && f.may_in(Permission::AssuranceWrite, &project.agency);
        let is_free = |dossier: &&Dossier| {
            let its = serving.get(&dossier.id);
            use_case::is_for(dossier, &project)
                && its
                    .is_none_or(|(agency, code)| *agency == project.agency && *code == project.code)
        };
        Row {
            agency: names.get(&project.agency).cloned().unwrap_or_default(),
            system: system.map_or_else(String::new, |system| system.name.clone()),
            stage: system
                .map_or_else(String::new, |one| f.word("register-stage", one.stage.name())),
            level: expected_level(its).or(system.map(|system| system.level)),
            design: its.iter().find(|one| project.dossier == Some(one.id)).cloned(),
            choices: its.iter().filter(is_free).map(|one| (one.id, words(&f, one))).collect(),
            sums: f.sums(project.sums(), rule),
            may_decide,
            is_short: project.lacks_security(rule.map(|rule| rule.least)),
            project,
        }
    });
    let mut rows: Vec<Row> = rows.collect();
    // What was wrong first, then what waits, of this what lacks security.
    rows.sort_by_key(|row| {
        (!row.project.is_violation(), row.project.invested.is_some(), !row.is_short)
    });
    if asked.some("form").is_some() {
        return Ok(table(&f, &rows).answer(&f, &asked));
    }
    let mine = systems.iter().filter(|system| {
        system.stage != Stage::Retired && f.may_in(Permission::AssuranceWrite, &system.agency)
    });
    let mine = mine.map(|system| (system.code.to_string(), system.name.clone())).collect();
    let (short, rows): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|row| row.is_short);
    let (part, rows) = Part::of(rows, "/projects", &asked);
    let status = typed.status();
    let rule = rule_words(&f, pack.rule(f.today().year()));
    let floor = pack.estimate(f.today().year()).map(|rule| rule_words(&f, Some(rule)));
    let (note, systems) = (pack.note.as_str(), mine);
    let bar = narrow.bar(&f, &asked, &names, Vec::new());
    let page = Page { f, rows, part, short, rule, floor, note, violations, bar, systems, typed };
    typed::page(status, &page)
}

/// What a dossier is chosen by.
fn words(f: &Frame, dossier: &Dossier) -> String {
    let level = dossier.about.level.number();
    let one = f.v2("projects-dossier-one", "id", dossier.id, "level", level);
    let state = f.word("dossiers-state", dossier.state.name());
    match use_case::approved(dossier) {
        Some(day) => format!("{one} · {state} {}", f.date(&day)),
        None => format!("{one} · {state}"),
    }
}

/// The level of the newest dossier that asks for one.
fn expected_level(dossiers: &[Dossier]) -> Option<Level> {
    let levels = dossiers.iter().filter(|dossier| dossier.kind == DossierKind::Level);
    levels.max_by_key(|dossier| dossier.id).map(|dossier| dossier.about.level)
}

fn table(f: &Frame, rows: &[Row]) -> Table {
    let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
    let rows = rows.iter().map(|row| {
        let (project, invested) = (&row.project, row.project.invested.as_ref());
        vec![
            row.agency.clone(),
            project.code.to_string(),
            project.name.clone(),
            project.system.to_string(),
            row.stage.clone(),
            row.level.map(|level| level.number().to_string()).unwrap_or_default(),
            project.planned.to_string(),
            project.security.map(|security| security.to_string()).unwrap_or_default(),
            row.sums.percent.clone(),
            if row.is_short { f.t("projects-short-one") } else { String::new() },
            project.dossier.map(|id| id.to_string()).unwrap_or_default(),
            day(invested.map_or_else(|| row.approved(), |invested| invested.appraised)),
            day(invested.map(|invested| invested.day)),
            if project.is_violation() { f.t("projects-violation") } else { String::new() },
            invested.and_then(|invested| invested.exception.clone()).unwrap_or_default(),
        ]
    });
    let column = |name, id: &str| (name, f.t(id));
    Table {
        name: "projects",
        columns: vec![
            column("agency", "alerts-agency"),
            column("code", "register-code"),
            column("name", "projects-name"),
            column("system", "alerts-system"),
            column("stage", "projects-stage"),
            column("level", "projects-level"),
            column("planned", "projects-planned"),
            column("security", "projects-security"),
            column("percent", "budget-percent"),
            column("short", "projects-short"),
            column("dossier", "projects-dossier"),
            column("appraised", "projects-appraised"),
            column("decided", "projects-decided"),
            column("violation", "projects-violation"),
            column("exception", "projects-exception"),
        ],
        rows: rows.collect(),
    }
}

fn to(done: &str) -> Response<Body> {
    Redirect::to(&format!("/projects?done={done}")).into_response()
}

/// What was typed as planned, and as the part of it that is for security.
fn typed_estimate(fields: &Fields, wrong: &mut Mistakes) -> Option<(i64, Option<i64>)> {
    let mut money = |name: &str| {
        let text = wrong.must(fields, name)?;
        let found = amount(text).and_then(|amount| i64::try_from(amount).ok());
        wrong.keep(name, found.ok_or_else(|| format!("«{text}» is not whole đồng")))
    };
    let security = fields.some("security").and_then(|_| money("security"));
    Some((money("planned")?, security))
}

fn typed(fields: &Fields) -> Result<NewProject, Mistakes> {
    let mut wrong = Mistakes::default();
    let code = wrong.must(fields, "code").and_then(|text| {
        let no = ProjectError::Code(text.to_owned());
        wrong.keep("code", ProjectCode::new(text).ok_or(no))
    });
    let name = wrong.must(fields, "name").map(str::to_owned);
    let system = wrong.chosen(fields, "system", |text| SystemCode::new(text).ok());
    let estimate = typed_estimate(fields, &mut wrong);
    let project = || {
        let (planned, security) = estimate?;
        Some(NewProject { code: code?, name: name?, system: system?, planned, security })
    };
    let project = project();
    wrong.end(project)
}

/// What sentences of a refusal are about.
const PLACES: [(&str, &str); 14] = [
    ("is no appraisal of", "dossier"),
    ("serves another project", "dossier"),
    ("is no code of a project", "code"),
    ("has a project", "code"),
    ("the name ", "name"),
    ("what is planned is", "planned"),
    ("what is for security is", "security"),
    ("there is no system", "system"),
    ("to come", "day"),
    ("the appraisal was approved on", "day"),
    ("no exception is needed", "exception"),
    ("the reason", "exception"),
    ("there is no decision before it", "exception"),
    ("there is no decision before one", "exception"),
];

/// `POST /projects`: registers one.
pub(super) async fn add(
    State(console): State<Arc<Console>>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let done = async {
        use_case::add_project(&console.app, &visiting.caller, typed(&fields)?).await?;
        Ok(())
    };
    match done.await {
        Ok(()) => Ok(to("project")),
        Err(error) => refused(&console, &visiting, "add", fields, error).await,
    }
}

/// What somebody does who types something of an agency's projects.
fn typing(agency: &AgencyCode) -> (Permission, Deed) {
    let deed = Deed::new("project.form", agency.as_str(), Some(agency.clone()));
    (Permission::AssuranceWrite, deed)
}

/// `POST /projects/{agency}/{project}/estimate`
pub(super) async fn estimate(
    State(console): State<Arc<Console>>,
    Path((agency, project)): Path<(String, String)>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let agency = AgencyCode::new(&agency).map_err(|_| PageError::not_found())?;
    let code = ProjectCode::new(&project).ok_or_else(PageError::not_found)?;
    let (app, caller) = (&console.app, &visiting.caller);
    let done = async {
        let mut wrong = Mistakes::default();
        let typed = typed_estimate(&fields, &mut wrong);
        let (planned, security) = wrong.end(typed)?;
        use_case::estimate_project(app, caller, &agency, &code, planned, security).await?;
        Ok::<_, Refused>(())
    };
    let error = match done.await {
        Ok(()) => return Ok(to("project-estimated")),
        Err(error) => error.for_whoever_may(&console, &visiting, typing(&agency)).await?,
    };
    refused(&console, &visiting, &format!("estimate-{agency}/{code}"), fields, error).await
}

/// `POST /projects/{agency}/{project}/dossier`: names the dossier of its design, or none.
pub(super) async fn appraise(
    State(console): State<Arc<Console>>,
    Path((agency, project)): Path<(String, String)>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let agency = AgencyCode::new(&agency).map_err(|_| PageError::not_found())?;
    let code = ProjectCode::new(&project).ok_or_else(PageError::not_found)?;
    let (app, caller) = (&console.app, &visiting.caller);
    let done = async {
        let mut wrong = Mistakes::default();
        let number = |text: &str| text.parse().ok().map(DossierId);
        let dossier = wrong.chosen_or(&fields, "dossier", number);
        let dossier = wrong.end(Some(dossier))?;
        use_case::appraise_project(app, caller, &agency, &code, dossier).await?;
        Ok::<_, Refused>(())
    };
    let error = match done.await {
        Ok(()) => return Ok(to("project-appraised")),
        Err(error) => error.for_whoever_may(&console, &visiting, typing(&agency)).await?,
    };
    refused(&console, &visiting, &format!("dossier-{agency}/{code}"), fields, error).await
}

/// `POST /projects/{agency}/{project}/decide`
pub(super) async fn decide(
    State(console): State<Arc<Console>>,
    Path((agency, project)): Path<(String, String)>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let agency = AgencyCode::new(&agency).map_err(|_| PageError::not_found())?;
    let code = ProjectCode::new(&project).ok_or_else(PageError::not_found)?;
    let (app, caller) = (&console.app, &visiting.caller);
    let done = async {
        let mut wrong = Mistakes::default();
        let day = wrong.day(&fields, "day");
        let (day, exception) = (wrong.end(day)?, fields.some("exception"));
        use_case::decide_project(app, caller, &agency, &code, day, exception).await?;
        Ok::<_, Refused>(())
    };
    let error = match done.await {
        Ok(()) => return Ok(to("project-decided")),
        Err(error) => error.for_whoever_may(&console, &visiting, typing(&agency)).await?,
    };
    refused(&console, &visiting, &format!("decide-{agency}/{code}"), fields, error).await
}

async fn refused(
    console: &Arc<Console>,
    visiting: &Visiting,
    form: &str,
    fields: Fields,
    error: Refused,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(console, visiting, Room::Dossiers).await?;
    let typed = Typed::refused(&f, form, fields, error, &PLACES)?;
    draw(console, visiting, Fields::none(), typed).await
}
