//! `/systems`: the systems of the agencies, one with its hosts, sources and open alerts, and
//! registering another.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use axum::response::{IntoResponse, Redirect};
use khien_app::use_case::{UseError, alerts, register as use_case};
use khien_domain::alert::Alert;
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::host::{Host, HostName};
use khien_domain::page::PageRequest;
use khien_domain::permission::Permission;
use khien_domain::system::{Level, Stage, System};

use super::Console;
use super::asked::{Asked, address};
use super::error::PageError;
use super::frame::{self, Frame, Room};
use super::posted::{Fields, Posted};
use super::register::{self, Health, Heard};
use super::table::Table;
use super::visit::Visiting;

/// Open alerts that are shown.
const ALERTS: u32 = 10;
/// Hosts of a page.
const HOSTS: u32 = 200;

/// The list.
#[derive(Template)]
#[template(path = "console/systems/list.html")]
struct List {
    f: Frame,
    rows: Vec<Row>,
}

/// A system with what it has.
struct Row {
    system: System,
    agency: String,
    sources: usize,
    silent: usize,
}

/// One system.
#[derive(Template)]
#[template(path = "console/systems/detail.html")]
struct Detail {
    f: Frame,
    system: System,
    agency: String,
    hosts: Vec<Host>,
    next_href: Option<String>,
    sources: Vec<Heard>,
    alerts: Vec<Alert>,
    open_alerts: u64,
}

/// The form.
#[derive(Template)]
#[template(path = "console/systems/new.html")]
struct New {
    f: Frame,
    fields: Fields,
    agencies: Vec<(String, String, bool)>,
    levels: Vec<(u8, bool)>,
    stages: Vec<(&'static str, bool)>,
    wrong: Option<String>,
}

/// `GET /systems`
pub(super) async fn list(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(&console, &visiting, Room::Systems).await?;
    let names = register::agency_names(&console, &visiting, &f).await?;
    let sources = register::sources(&console, &visiting).await?;
    let mut counts: BTreeMap<SystemCode, (usize, usize)> = BTreeMap::new();
    for heard in &sources {
        let count = counts.entry(heard.source.system.clone()).or_default();
        count.0 += 1;
        count.1 += usize::from(matches!(heard.health, Health::Silent(_)));
    }
    let rows = register::systems(&console, &visiting).await?.into_iter().map(|system| {
        let (sources, silent) = counts.get(&system.code).copied().unwrap_or_default();
        let agency = names.get(&system.agency).cloned().unwrap_or_default();
        Row { system, agency, sources, silent }
    });
    let rows: Vec<Row> = rows.collect();
    if asked.some("form").is_some() {
        let cells = rows.into_iter().map(|row| {
            vec![
                row.system.code.to_string(),
                row.system.name,
                row.agency,
                row.system.level.number().to_string(),
                f.word("register-stage", row.system.stage.name()),
                row.sources.to_string(),
                row.silent.to_string(),
            ]
        });
        let table = Table {
            name: "systems",
            columns: vec![
                ("code", f.t("register-code")),
                ("name", f.t("register-name")),
                ("agency", f.t("alerts-agency")),
                ("level", f.t("register-level")),
                ("stage", f.t("register-stage")),
                ("sources", f.t("frame-room-sources")),
                ("silent", f.t("sources-state-silent")),
            ],
            rows: cells.collect(),
        };
        return Ok(table.answer(&f, &asked));
    }
    frame::page(&List { f, rows })
}

fn code(text: &str) -> Result<SystemCode, PageError> {
    SystemCode::new(text).map_err(|_| PageError::not_found())
}

/// `GET /systems/{code}`
pub(super) async fn detail(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let (app, caller) = (&console.app, &visiting.caller);
    let f = Frame::of(&console, &visiting, Room::Systems).await?;
    let system = register::system(&console, &visiting, &code(&text)?).await?;
    let path = format!("/systems/{}", system.code);
    let is_export = asked.some("form").is_some();
    let after = asked.some("after").and_then(HostName::new);
    let mut page = PageRequest::new(after, if is_export { 500 } else { HOSTS });
    let found = use_case::list_hosts(app, caller, &system.code, &page).await?;
    let (mut hosts, mut next) = (found.items, found.next);
    if is_export {
        while let Some(more) = next.take() {
            page.after = Some(more);
            let found = use_case::list_hosts(app, caller, &system.code, &page).await?;
            hosts.extend(found.items);
            next = found.next;
        }
        return Ok(hosts_table(&f, &hosts).answer(&f, &asked));
    }
    let names = register::agency_names(&console, &visiting, &f).await?;
    let sources = register::sources(&console, &visiting).await?;
    let filter = alerts::AlertFilter {
        not_closed: true,
        system: Some(system.code.clone()),
        ..alerts::AlertFilter::default()
    };
    let (alerts, _) = alerts::queue_alerts(app, caller, &filter, 0, ALERTS).await?;
    let open_alerts = alerts::count_alerts(app, caller, &filter).await?;
    frame::page(&Detail {
        agency: names.get(&system.agency).cloned().unwrap_or_default(),
        next_href: next.map(|next| address(&path, &asked, &[("after", next.as_str())])),
        sources: sources.into_iter().filter(|heard| heard.source.system == system.code).collect(),
        system,
        hosts,
        alerts,
        open_alerts,
        f,
    })
}

fn hosts_table(f: &Frame, hosts: &[Host]) -> Table {
    let at = |at: &Option<jiff::Timestamp>| at.as_ref().map_or_else(String::new, |at| f.moment(at));
    let rows = hosts.iter().map(|host| {
        vec![
            host.name.as_str().to_owned(),
            at(&host.registered_at),
            at(&host.first_seen_at),
            at(&host.last_seen_at),
        ]
    });
    Table {
        name: "hosts",
        columns: vec![
            ("host", f.t("column-host")),
            ("registered_at", f.t("register-registered-at")),
            ("first_seen_at", f.t("register-first-seen")),
            ("last_seen_at", f.t("register-last-seen")),
        ],
        rows: rows.collect(),
    }
}

/// `POST /systems/{code}/hosts`: registers hosts, or takes one off the register.
pub(super) async fn hosts(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let (app, caller, system) = (&console.app, &visiting.caller, code(&text)?);
    let wrong = |name: &str| PageError::invalid(format!("«{name}» is no name of a host"));
    let read = |name: &str| HostName::new(name).ok_or_else(|| wrong(name));
    let done = if let Some(name) = fields.some("remove") {
        use_case::unregister_host(app, caller, &system, &read(name)?).await?;
        "host-removed"
    } else {
        let names = fields.all("host").flat_map(|text| text.split([',', ' ', '\n', '\r', ';']));
        let names = names.filter(|name| !name.is_empty()).take(500).map(read);
        let names: Vec<HostName> = names.collect::<Result<_, _>>()?;
        if names.is_empty() {
            return Err(PageError::invalid("the name is empty"));
        }
        use_case::register_hosts(app, caller, &system, &names).await?;
        "host-added"
    };
    Ok(Redirect::to(&format!("/systems/{system}?done={done}")).into_response())
}

async fn draw(
    console: &Arc<Console>,
    visiting: &Visiting,
    fields: Fields,
    wrong: Option<&str>,
) -> Result<Response<Body>, PageError> {
    visiting.caller.actor.agencies(Permission::RegisterWrite).map_err(UseError::Denied)?;
    let f = Frame::of(console, visiting, Room::Systems).await?;
    let agencies = register::agencies(console, visiting).await?.into_iter().map(|agency| {
        let chosen = fields.text("agency") == agency.code.as_str();
        (agency.code.to_string(), register::name(&f, &agency), chosen)
    });
    let agencies = agencies.collect();
    let level = fields.text("level").parse().unwrap_or(2);
    let levels = Level::ALL.map(|one| (one.number(), one.number() == level)).to_vec();
    let stage = fields.some("stage").unwrap_or(Stage::Operating.name());
    let stages = Stage::ALL.map(|one| (one.name(), one.name() == stage)).to_vec();
    let wrong = wrong.map(|wrong| f.told(wrong));
    let status = if wrong.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let mut response = frame::page(&New { f, fields, agencies, levels, stages, wrong })?;
    *response.status_mut() = status;
    Ok(response)
}

/// `GET /systems/new`
pub(super) async fn new(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    draw(&console, &visiting, asked, None).await
}

/// `POST /systems/new`
pub(super) async fn add(
    State(console): State<Arc<Console>>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let code = match SystemCode::new(fields.text("code").trim()) {
        Ok(code) => code,
        Err(wrong) => return draw(&console, &visiting, fields, Some(&wrong.to_string())).await,
    };
    let system = System {
        code: code.clone(),
        agency: fields.parsed("agency", |text| AgencyCode::new(text).ok())?,
        name: fields.text("name").to_owned(),
        level: fields.parsed("level", |text| Level::new(text.parse().ok()?))?,
        stage: fields.parsed("stage", Stage::parse)?,
        created_at: console.app.now(),
    };
    match use_case::add_system(&console.app, &visiting.caller, system).await {
        Ok(_) => Ok(Redirect::to(&format!("/systems/{code}?done=system-added")).into_response()),
        Err(UseError::Invalid(wrong) | UseError::Conflict(wrong)) => {
            draw(&console, &visiting, fields, Some(&wrong)).await
        }
        Err(error) => Err(error.into()),
    }
}
