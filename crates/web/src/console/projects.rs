//! `/projects`: projects of agencies, what is planned with too little for security, and whether the security
//! design was approved before they were decided.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use axum::response::{IntoResponse, Redirect};
use jiff::civil::Date;
use khien_app::access::Deed;
use khien_app::use_case::projects::{self as use_case, NewProject};
use khien_app::use_case::{UseError, budgets, dossiers};
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
use super::frame::{self, Frame, Room};
use super::narrow::{Bar, Narrow};
use super::posted::{Fields, Posted};
use super::register::{agency_names, systems, typed_day, wrong_of};
use super::table::{Part, Table};
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
    note: &'static str,
    violations: usize,
    bar: Bar,
    /// Systems for which whoever visits may register one.
    systems: Vec<(String, String)>,
    typed: Fields,
    wrong: Option<String>,
}

struct Row {
    project: Project,
    agency: String,
    system: String,
    /// The approved appraisal of its system, if there is one.
    approved: Option<(DossierId, Date)>,
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

/// `GET /projects`
pub(super) async fn list(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    draw(&console, &visiting, asked, None).await
}

async fn draw(
    console: &Arc<Console>,
    visiting: &Visiting,
    asked: Fields,
    wrong: Option<String>,
) -> Result<Response<Body>, PageError> {
    let (app, caller) = (&console.app, &visiting.caller);
    let all = use_case::list_projects(app, caller).await?;
    // Beside a form that was sent the whole list stands.
    let (typed, asked) =
        if wrong.is_some() { (asked, Fields::default()) } else { (Fields::default(), asked) };
    let f = Frame::of(console, visiting, Room::Dossiers).await?;
    let names = agency_names(console, visiting, &f).await?;
    let systems = systems(console, visiting).await?;
    let by_code: BTreeMap<_, _> = systems.iter().map(|one| (&one.code, one)).collect();
    let mut by_system = BTreeMap::<SystemCode, Vec<_>>::new();
    for dossier in dossiers::list_dossiers(app, caller, None).await? {
        by_system.entry(dossier.system.clone()).or_default().push(dossier);
    }
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
        Row {
            agency: names.get(&project.agency).cloned().unwrap_or_default(),
            system: system.map_or_else(String::new, |system| system.name.clone()),
            stage: system
                .map_or_else(String::new, |one| f.word("register-stage", one.stage.name())),
            level: expected_level(its).or(system.map(|system| system.level)),
            approved: use_case::approved(its),
            sums: f.sums(project.sums(), rule),
            may_decide: project.invested.is_none()
                && f.may_in(Permission::AssuranceWrite, &project.agency),
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
    let status = if wrong.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let rule = rule_words(&f, pack.rule(f.today().year()));
    let (note, systems) = (pack.note.as_str(), mine);
    let bar = narrow.bar(&f, &asked, &names, Vec::new());
    let page = Page { f, rows, part, short, rule, note, violations, bar, systems, typed, wrong };
    let mut response = frame::page(&page)?;
    *response.status_mut() = status;
    Ok(response)
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
            day(invested.and_then(|invested| invested.appraised)),
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
fn typed_estimate(fields: &Fields) -> Result<(i64, Option<i64>), String> {
    let money = |name: &str| {
        let text = fields.text(name).trim();
        let found = amount(text).and_then(|amount| i64::try_from(amount).ok());
        found.ok_or_else(|| format!("{name}: «{text}» is not whole đồng"))
    };
    let security = fields.some("security").map(|_| money("security")).transpose()?;
    Ok((money("planned")?, security))
}

fn typed(fields: &Fields) -> Result<NewProject, String> {
    let text = fields.text("code").trim();
    let (planned, security) = typed_estimate(fields)?;
    Ok(NewProject {
        code: ProjectCode::new(text)
            .ok_or_else(|| ProjectError::Code(text.to_owned()).to_string())?,
        name: fields.text("name").to_owned(),
        system: SystemCode::new(fields.text("system")).map_err(|error| error.to_string())?,
        planned,
        security,
    })
}

/// `POST /projects`: registers one.
pub(super) async fn add(
    State(console): State<Arc<Console>>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let error = match typed(&fields) {
        Ok(new) => match use_case::add_project(&console.app, &visiting.caller, new).await {
            Ok(()) => return Ok(to("project")),
            Err(error) => error,
        },
        Err(wrong) => UseError::Invalid(wrong),
    };
    refused(&console, &visiting, fields, error).await
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
    let done = match typed_estimate(&fields) {
        Ok((planned, security)) => {
            use_case::estimate_project(app, caller, &agency, &code, planned, security).await
        }
        Err(wrong) => {
            let deed = Deed::new("project.form", agency.as_str(), Some(agency.clone()));
            let may = app.require(caller, Permission::AssuranceWrite, &deed).await;
            may.and(Err(UseError::Invalid(wrong)))
        }
    };
    match done {
        Ok(()) => Ok(to("project-estimated")),
        Err(error) => refused(&console, &visiting, Fields::default(), error).await,
    }
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
    let done = match typed_day(fields.text("day")) {
        Ok(day) => {
            let exception = fields.some("exception");
            use_case::decide_project(app, caller, &agency, &code, day, exception).await
        }
        Err(wrong) => Err(UseError::Invalid(wrong)),
    };
    match done {
        Ok(()) => Ok(to("project-decided")),
        Err(error) => refused(&console, &visiting, Fields::default(), error).await,
    }
}

async fn refused(
    console: &Arc<Console>,
    visiting: &Visiting,
    fields: Fields,
    error: UseError,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(console, visiting, Room::Dossiers).await?;
    let wrong = wrong_of(&f, error)?;
    draw(console, visiting, fields, Some(wrong)).await
}
