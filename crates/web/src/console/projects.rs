//! `/projects`: projects of agencies, and whether their security design was approved before they were
//! decided.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use axum::response::{IntoResponse, Redirect};
use jiff::civil::Date;
use khien_app::use_case::projects::{self as use_case, NewProject};
use khien_app::use_case::{UseError, dossiers};
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::ids::DossierId;
use khien_domain::permission::Permission;
use khien_domain::project::{Project, ProjectCode, ProjectError};
use khien_domain::system::Stage;

use super::Console;
use super::asked::Asked;
use super::error::PageError;
use super::frame::{self, Frame, Room};
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
    violations: usize,
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
    may_decide: bool,
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
    let f = Frame::of(console, visiting, Room::Dossiers).await?;
    let names = agency_names(console, visiting, &f).await?;
    let systems = systems(console, visiting).await?;
    let by_code: BTreeMap<_, _> = systems.iter().map(|one| (&one.code, &one.name)).collect();
    let mut by_system = BTreeMap::<SystemCode, Vec<_>>::new();
    for dossier in dossiers::list_dossiers(app, caller, None).await? {
        by_system.entry(dossier.system.clone()).or_default().push(dossier);
    }
    let violations = all.iter().filter(|project| project.is_violation()).count();
    let only_violations = asked.text("violations") == "1";
    let rows = all.into_iter().filter(|project| !only_violations || project.is_violation());
    let rows = rows.map(|project| Row {
        agency: names.get(&project.agency).cloned().unwrap_or_default(),
        system: by_code.get(&project.system).map_or_else(String::new, |name| (*name).clone()),
        approved: by_system.get(&project.system).and_then(|all| use_case::approved(all)),
        may_decide: project.invested.is_none()
            && f.may_in(Permission::AssuranceWrite, &project.agency),
        project,
    });
    let mut rows: Vec<Row> = rows.collect();
    // What was wrong first, then what waits.
    rows.sort_by_key(|row| (!row.project.is_violation(), row.project.invested.is_some()));
    if asked.some("form").is_some() {
        return Ok(table(&f, &rows).answer(&f, &asked));
    }
    let mine = systems.iter().filter(|system| {
        system.stage != Stage::Retired && f.may_in(Permission::AssuranceWrite, &system.agency)
    });
    let mine = mine.map(|system| (system.code.to_string(), system.name.clone())).collect();
    let (part, rows) = Part::of(rows, "/projects", &asked);
    let status = if wrong.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let page = Page { f, rows, part, violations, systems: mine, typed: asked, wrong };
    let mut response = frame::page(&page)?;
    *response.status_mut() = status;
    Ok(response)
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
            project.planned.to_string(),
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
            column("planned", "projects-planned"),
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

fn typed(fields: &Fields) -> Result<NewProject, String> {
    let text = fields.text("code").trim();
    let planned = fields.text("planned").replace([' ', '.', ','], "");
    Ok(NewProject {
        code: ProjectCode::new(text)
            .ok_or_else(|| ProjectError::Code(text.to_owned()).to_string())?,
        name: fields.text("name").to_owned(),
        system: SystemCode::new(fields.text("system")).map_err(|error| error.to_string())?,
        planned: planned
            .parse()
            .map_err(|_| format!("planned: «{}» is not whole đồng", fields.text("planned")))?,
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
