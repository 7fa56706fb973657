//! `/systems`: the systems of the agencies, one with what belongs to it.

pub(super) mod change;
pub(super) mod detail;
pub(super) mod form;

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use khien_app::use_case::register as use_case;
use khien_domain::code::{SiteCode, SystemCode};
use khien_domain::permission::Permission;
use khien_domain::system::{Level, Operator, Stage, System, SystemKind, Zone};

use super::Console;
use super::asked::{Asked, address};
use super::error::PageError;
use super::frame::{self, Frame, Room};
use super::register::{self, Choice, Health};
use super::table::Table;
use super::visit::Visiting;

/// The list.
#[derive(Template)]
#[template(path = "console/systems/list.html")]
struct List {
    f: Frame,
    rows: Vec<Row>,
    chips: Vec<(String, String, bool)>,
    choices: Vec<Choice>,
    text: String,
    state: String,
    is_filtered: bool,
}

/// A system with what it has.
struct Row {
    system: System,
    agency: String,
    dependents: usize,
    sources: usize,
    silent: usize,
    confirmed: (String, &'static str),
}

/// The code of an address.
fn code(text: &str) -> Result<SystemCode, PageError> {
    SystemCode::new(text).map_err(|_| PageError::not_found())
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
    let all = register::systems(&console, &visiting).await?;
    let codes: Vec<SystemCode> = all.iter().map(|system| system.code.clone()).collect();
    let dependents = use_case::count_dependents(&console.app, &visiting.caller, &codes).await?;
    let rows = all.into_iter().map(|system| {
        let (sources, silent) = counts.get(&system.code).copied().unwrap_or_default();
        let agency = names.get(&system.agency).cloned().unwrap_or_default();
        let dependents = dependents.get(&system.code).copied().unwrap_or_default();
        let confirmed = f.confirmation(&system.confirmed_at);
        Row { system, agency, dependents, sources, silent, confirmed }
    });
    let (text, state) = (asked.text("text"), asked.text("state"));
    let [agency, level, stage, kind, zone] =
        ["agency", "level", "stage", "kind", "zone"].map(|name| asked.text(name));
    let is_shown = |row: &Row| {
        let system = &row.system;
        let is_open = match state {
            "critical" => system.is_critical,
            "unconfirmed" => system.stage != Stage::Retired && row.confirmed.1 != "good",
            "live" => system.stage != Stage::Retired,
            "nobody" => system.owner.is_none() || system.head.is_none(),
            _ => true,
        };
        is_open
            && (text.is_empty()
                || super::agencies::is_in(text, &system.name)
                || super::agencies::is_in(text, system.code.as_str()))
            && (agency.is_empty() || system.agency.as_str() == agency)
            && (level.is_empty() || system.level.number().to_string() == level)
            && (stage.is_empty() || system.stage.name() == stage)
            && (kind.is_empty() || system.kind.name() == kind)
            && (zone.is_empty() || system.zone.name() == zone)
    };
    let rows: Vec<Row> = rows.filter(is_shown).collect();
    if asked.some("form").is_some() {
        return Ok(table(&f, rows).answer(&f, &asked));
    }
    let chips = ["", "critical", "unconfirmed", "nobody", "live"].map(|one| {
        let word = if one.is_empty() { "all" } else { one };
        let href = address("/systems", &asked, &[("state", one)]);
        (f.word("register-system-state", word), href, one == state)
    });
    let any = |id: &str| [(String::new(), f.t(id))];
    let levels = Level::ALL.map(|one| {
        let number = one.number().to_string();
        (number.clone(), f.v("register-of-level", "level", number))
    });
    let stages =
        Stage::ALL.iter().map(|one| (one.name().to_owned(), f.word("register-stage", one.name())));
    let kinds =
        SystemKind::ALL.iter().map(|one| (one.name().to_owned(), f.system_kind(one).to_owned()));
    let zones = Zone::ALL.iter().map(|one| (one.name().to_owned(), f.zone(one).to_owned()));
    let choice = |name, title: &str, any_id: &str, chosen, values: Vec<(String, String)>| {
        Choice::new(name, f.t(title), chosen, any(any_id).into_iter().chain(values))
    };
    let choices = vec![
        register::agency_choice(&f, &names, agency),
        choice("level", "register-level", "register-any-level", level, levels.into()),
        choice("stage", "register-stage", "register-any-stage", stage, stages.collect()),
        choice("kind", "register-kind", "register-any-kind", kind, kinds.collect()),
        choice("zone", "register-zone", "register-any-zone", zone, zones.collect()),
    ];
    let is_filtered = [text, state, agency, level, stage, kind, zone].iter().any(|v| !v.is_empty());
    let (text, state) = (text.to_owned(), state.to_owned());
    frame::page(&List { f, rows, chips: chips.into(), choices, text, state, is_filtered })
}

/// Who runs a system, as files and commands name it.
fn operator(system: &System) -> (String, String) {
    match &system.operator {
        Operator::Owner => Default::default(),
        Operator::Agency(agency) => (agency.to_string(), String::new()),
        Operator::Provider(name) => (String::new(), name.clone()),
    }
}

fn table(f: &Frame, rows: Vec<Row>) -> Table {
    let number = |number: Option<u32>| number.map_or_else(String::new, |n| n.to_string());
    let cells = rows.into_iter().map(|row| {
        let system = row.system;
        let (operator_agency, operator_name) = operator(&system);
        let stage = system.stage.name();
        let names: Vec<&str> = system.data.iter().map(|one| one.name()).collect();
        let data: Vec<&str> = system.data.iter().map(|one| f.data_category(one)).collect();
        vec![
            system.code.to_string(),
            system.agency.to_string(),
            system.name.clone(),
            f.cell(system.kind.name(), f.system_kind(&system.kind)),
            system.level.number().to_string(),
            f.cell(stage, f.word("register-stage", stage)),
            operator_agency,
            operator_name,
            f.cell(&names.join(" "), data.join("; ")),
            f.cell(system.zone.name(), f.zone(&system.zone)),
            f.yes(system.is_exposed),
            system.site.as_ref().map_or_else(String::new, SiteCode::to_string),
            number(system.rto_minutes),
            number(system.rpo_minutes),
            f.yes(system.is_critical),
            system.owner.unwrap_or_default(),
            system.head.unwrap_or_default(),
            row.dependents.to_string(),
            row.sources.to_string(),
            row.silent.to_string(),
            system.confirmed_at.as_ref().map_or_else(String::new, |at| f.iso(at)),
        ]
    });
    let columns = [
        ("code", "register-code"),
        ("agency", "alerts-agency"),
        ("name", "register-name"),
        ("kind", "register-kind"),
        ("level", "register-level"),
        ("stage", "register-stage"),
        ("operator_agency", "register-operator-agency"),
        ("operator_name", "register-operator-name"),
        ("data", "register-data"),
        ("zone", "register-zone"),
        ("exposed", "register-exposed"),
        ("site", "register-site"),
        ("rto_minutes", "register-rto"),
        ("rpo_minutes", "register-rpo"),
        ("critical", "register-critical"),
        ("owner", "register-owner"),
        ("head", "register-head"),
        ("dependents", "register-dependents"),
        ("sources", "frame-room-sources"),
        ("silent", "sources-state-silent"),
        ("confirmed_at", "register-confirmed"),
    ];
    Table {
        name: "systems",
        columns: columns.map(|(name, title)| (name, f.t(title))).into(),
        rows: cells.collect(),
    }
}
