//! `GET /dossiers`

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use khien_app::use_case::dossiers;
use khien_domain::code::SystemCode;
use khien_domain::dossier::{Dossier, DossierKind, DossierPack, DossierState};
use khien_domain::permission::Permission;
use khien_domain::system::Stage;

use crate::console::Console;
use crate::console::asked::{Asked, address};
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::narrow::{Bar, Narrow};
use crate::console::register::{agency_names, systems};
use crate::console::table::{Part, Table};
use crate::console::visit::Visiting;

/// The page.
#[derive(Template)]
#[template(path = "console/dossiers/list.html")]
struct Page {
    f: Frame,
    pack: &'static DossierPack,
    rows: Vec<Row>,
    part: Part,
    states: Vec<(String, String, bool)>,
    kinds: Vec<(String, String, bool)>,
    bar: Bar,
    /// Systems for which whoever visits may begin one.
    systems: Vec<(String, String)>,
}

/// A dossier in the list.
struct Row {
    dossier: Dossier,
    system: String,
    agency: String,
    /// The level of the register, if another than the proposed one.
    registered: Option<u8>,
}

/// Answers.
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let of = SystemCode::new(asked.text("system")).ok();
    let all = dossiers::list_dossiers(&console.app, &visiting.caller, of.as_ref()).await?;
    let f = Frame::of(&console, &visiting, Room::Dossiers).await?;
    let names = agency_names(&console, &visiting, &f).await?;
    let systems = systems(&console, &visiting).await?;
    let by_code: BTreeMap<_, _> = systems.iter().map(|system| (&system.code, system)).collect();
    let state = DossierState::parse(asked.text("state"));
    let kind = DossierKind::parse(asked.text("kind"));
    let narrow = Narrow::of(&asked);
    let takes = |dossier: &&Dossier| {
        let system = by_code.get(&dossier.system).map(|system| system.name.as_str());
        let texts = [system, Some(dossier.system.as_str()), dossier.number.as_deref()];
        state.is_none_or(|state| state == dossier.state)
            && kind.is_none_or(|kind| kind == dossier.kind)
            && narrow.takes(&dossier.agency, texts.into_iter().flatten())
    };
    let rows = all.iter().filter(takes).map(|dossier| {
        let system = by_code.get(&dossier.system);
        let registered = system.map(|system| system.level);
        let registered = registered.filter(|level| *level != dossier.about.level);
        Row {
            system: system.map_or_else(String::new, |system| system.name.clone()),
            agency: names.get(&dossier.agency).cloned().unwrap_or_default(),
            registered: registered.map(khien_domain::system::Level::number),
            dossier: dossier.clone(),
        }
    });
    let rows: Vec<Row> = rows.collect();
    if asked.some("form").is_some() {
        return Ok(table(&f, &rows).answer(&f, &asked));
    }
    let href = |changes: &[(&str, &str)]| address("/dossiers", &asked, changes);
    let chip = |name: &str, on: bool, words: String, field: &str| {
        (words, href(&[(field, if on { "" } else { name }), ("page", "")]), on)
    };
    let states = DossierState::ALL.iter().map(|one| {
        chip(one.name(), state == Some(*one), f.word("dossiers-state", one.name()), "state")
    });
    let kinds = DossierKind::ALL.iter().map(|one| {
        chip(one.name(), kind == Some(*one), f.word("dossiers-kind", one.name()), "kind")
    });
    let (states, kinds) = (states.collect(), kinds.collect());
    let mine = systems.iter().filter(|system| {
        system.stage != Stage::Retired && f.may_in(Permission::AssuranceWrite, &system.agency)
    });
    let mine = mine.map(|system| (system.code.to_string(), system.name.clone())).collect();
    let (part, rows) = Part::of(rows, "/dossiers", &asked);
    frame::page(&Page {
        pack: dossiers::pack()?,
        bar: narrow.bar(&f, &asked, &names, Vec::new()),
        systems: mine,
        rows,
        part,
        states,
        kinds,
        f,
    })
}

fn table(f: &Frame, rows: &[Row]) -> Table {
    let rows = rows.iter().map(|row| {
        let dossier = &row.dossier;
        vec![
            dossier.id.to_string(),
            f.word("dossiers-kind", dossier.kind.name()),
            dossier.system.to_string(),
            row.system.clone(),
            row.agency.clone(),
            dossier.about.level.number().to_string(),
            f.word("dossiers-state", dossier.state.name()),
            dossier.number.clone().unwrap_or_default(),
            dossier.approved.map(|day| day.to_string()).unwrap_or_default(),
            f.iso(&dossier.updated_at),
        ]
    });
    let column = |name, id: &str| (name, f.t(id));
    Table {
        name: "dossiers",
        columns: vec![
            column("number", "dossiers-id"),
            column("kind", "dossiers-kind"),
            column("system", "register-code"),
            column("name", "alerts-system"),
            column("agency", "alerts-agency"),
            column("level", "dossiers-level"),
            column("state", "alerts-state"),
            column("decision", "dossiers-number"),
            column("approved", "dossiers-approved"),
            column("changed_at", "dossiers-changed"),
        ],
        rows: rows.collect(),
    }
}
