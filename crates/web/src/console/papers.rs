//! `/papers`: what is written down about systems, by kind; the same of one system on its page.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Response;
use jiff::civil::Date;
use khien_app::use_case::UseError;
use khien_app::use_case::register::papers as use_case;
use khien_domain::code::SystemCode;
use khien_domain::evidence::kinds::day;
use khien_domain::ids::PaperId;
use khien_domain::paper::{Form, KeptPaper, Paper, PaperField, PaperKind, UNTIL};
use khien_domain::permission::Permission;
use khien_domain::register_pack::RegisterPack;
use khien_domain::system::{DataCategory, System};

use super::Console;
use super::asked::{Asked, address};
use super::error::PageError;
use super::frame::{self, Frame, Room};
use super::narrow::{Bar, Narrow};
use super::posted::{Fields, Posted};
use super::register;
use super::systems::change;
use super::table::{Part, Table};
use super::typed::{Mistakes, Refused};
use super::visit::Visiting;

/// Papers of one kind.
pub(super) struct Section {
    /// The kind.
    pub(super) kind: &'static PaperKind,
    /// What it is called.
    pub(super) title: String,
    /// What it is for.
    pub(super) about: &'static str,
    /// Its fields with what they are called.
    pub(super) fields: Vec<(&'static PaperField, String)>,
    /// The papers.
    pub(super) rows: Vec<Row>,
}

/// A paper as it is shown.
pub(super) struct Row {
    /// The paper.
    pub(super) kept: KeptPaper,
    /// What stands in its fields but the last day, which is shown apart.
    pub(super) cells: Vec<String>,
    /// The last day on which it is in force.
    pub(super) until: Option<Date>,
    /// Whether whoever visits may see the other system.
    pub(super) may_see_to: bool,
}

impl Section {
    /// Whether its papers end.
    pub(super) fn ends(&self) -> bool {
        self.kind.fields.iter().any(|field| field.named.name == UNTIL)
    }

    /// What its columns are called, but the last day.
    pub(super) fn titles(&self) -> impl Iterator<Item = &String> {
        let said = self.fields.iter().filter(|(field, _)| field.named.name != UNTIL);
        said.map(|(_, title)| title)
    }
}

/// Papers by kind, in the order of the pack. `systems` are those that whoever visits may see.
pub(super) fn sections(f: &Frame, papers: Vec<KeptPaper>, systems: &[System]) -> Vec<Section> {
    let Ok(pack) = RegisterPack::built_in() else { return Vec::new() };
    let mut by_kind: BTreeMap<String, Vec<KeptPaper>> = BTreeMap::new();
    for kept in papers {
        by_kind.entry(kept.paper.kind.clone()).or_default().push(kept);
    }
    let section = |kind: &'static PaperKind| Section {
        title: kind.named.in_language(f.language()).to_owned(),
        about: if f.is_english() { &kind.about_en } else { &kind.about_vi },
        fields: kind
            .fields
            .iter()
            .map(|field| (field, field.named.in_language(f.language()).to_owned()))
            .collect(),
        rows: by_kind
            .remove(&kind.named.name)
            .unwrap_or_default()
            .into_iter()
            .map(|kept| row(f, kind, kept, systems))
            .collect(),
        kind,
    };
    pack.papers.iter().map(section).collect()
}

fn row(f: &Frame, kind: &PaperKind, kept: KeptPaper, systems: &[System]) -> Row {
    let said = |field: &PaperField| {
        let said = kept.paper.values.get(&field.named.name).map(String::as_str).unwrap_or_default();
        match field.form {
            Form::Text => said.to_owned(),
            Form::Day => f.date_or(&day(said)),
            Form::Category => {
                let category = DataCategory::parse(said);
                category.map_or(said, |category| f.data_category(&category)).to_owned()
            }
        }
    };
    let fields = kind.fields.iter().filter(|field| field.named.name != UNTIL);
    let cells = fields.map(said).collect();
    let until = kept.paper.values.get(UNTIL).and_then(|text| day(text));
    let may_see_to = systems.iter().any(|system| Some(&system.code) == kept.paper.to.as_ref());
    Row { kept, cells, until, may_see_to }
}

#[derive(Template)]
#[template(path = "console/systems/papers.html")]
struct Page {
    f: Frame,
    section: Section,
    part: Part,
    chips: Vec<(String, String, bool)>,
    bar: Bar,
}

/// `GET /papers`
pub(super) async fn list(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(&console, &visiting, Room::Systems).await?;
    let all = use_case::list_papers(&console.app, &visiting.caller, None).await?;
    let names = register::agency_names(&console, &visiting, &f).await?;
    let systems = register::systems(&console, &visiting).await?;
    let called_by = register::system_names(&console, &visiting).await?;
    let narrow = Narrow::of(&asked);
    let mut sections = sections(&f, all, &systems);
    for section in &mut sections {
        section.rows.retain(|row| {
            let paper = &row.kept.paper;
            let codes = [Some(&paper.system), paper.to.as_ref()].into_iter().flatten();
            let said = row.cells.iter().map(String::as_str);
            let called = codes.clone().filter_map(|code| called_by.get(code)).map(String::as_str);
            narrow.takes(&row.kept.agency, said.chain(codes.map(SystemCode::as_str)).chain(called))
        });
    }
    let chosen = asked.text("kind");
    let at = sections.iter().position(|one| one.kind.named.name == chosen).unwrap_or_default();
    let chips = sections.iter().enumerate().map(|(place, one)| {
        let href = address("/papers", &asked, &[("kind", &one.kind.named.name), ("page", "")]);
        (format!("{} {}", one.title, f.count(one.rows.len())), href, place == at)
    });
    let chips = chips.collect();
    if at >= sections.len() {
        return Err(PageError::not_found());
    }
    let mut section = sections.swap_remove(at);
    if asked.some("form").is_some() {
        return Ok(table(&f, section).answer(&f, &asked));
    }
    let (part, rows) = Part::of(std::mem::take(&mut section.rows), "/papers", &asked);
    section.rows = rows;
    let bar = narrow.bar(&f, &asked, &names, Vec::new());
    frame::page(&Page { f, section, part, chips, bar })
}

fn table(f: &Frame, section: Section) -> Table {
    let mut columns = vec![("system", f.t("alerts-system"))];
    if section.kind.to {
        columns.push(("to", f.t("papers-to")));
    }
    let fields = section.fields.iter();
    columns.extend(fields.map(|(field, title)| (field.named.name.as_str(), title.clone())));
    let kind = section.kind;
    let rows = section.rows.into_iter().map(|row| {
        let paper = row.kept.paper;
        let mut cells = vec![paper.system.to_string()];
        if kind.to {
            cells.push(paper.to.map_or_else(String::new, |to| to.to_string()));
        }
        let said = |field: &PaperField| paper.values.get(&field.named.name).cloned();
        cells.extend(kind.fields.iter().map(|field| said(field).unwrap_or_default()));
        cells
    });
    Table { name: "papers", columns, rows: rows.collect() }
}

/// `POST /systems/{code}/papers`: adds a paper, or takes one off.
pub(super) async fn change(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let (app, caller) = (&console.app, &visiting.caller);
    let system = SystemCode::new(&text).map_err(|_| PageError::not_found())?;
    let done = async {
        if let Some(id) = fields.some("remove") {
            let id = id.parse().map_err(|_| Mistakes::one("", "this must be one of the list"))?;
            use_case::remove_paper(app, caller, &system, PaperId(id)).await?;
            return Ok("paper-removed");
        }
        use_case::add_paper(app, caller, paper(&system, &fields)?).await?;
        Ok("paper-added")
    };
    let done = done.await;
    let name = format!("paper-{}", fields.text("kind"));
    let form = change::Form { tab: "papers", name, places: &[("the other system", "to")] };
    change::answer(&console, &visiting, &system, form, fields, done).await
}

/// What a form says of a paper, each field as its kind asks for it.
fn paper(system: &SystemCode, fields: &Fields) -> Result<Paper, Refused> {
    let pack = RegisterPack::built_in().map_err(|error| UseError::Invalid(error.to_string()))?;
    let mut wrong = Mistakes::default();
    let kind = wrong.chosen(fields, "kind", |name| pack.paper(name));
    let to = wrong.chosen_or(fields, "to", |text| SystemCode::new(text).ok());
    let mut values = BTreeMap::new();
    for field in kind.iter().flat_map(|kind| &kind.fields) {
        let name = field.named.name.as_str();
        let said = if field.must { wrong.must(fields, name) } else { fields.some(name) };
        if said.is_some() && field.form == Form::Day {
            wrong.day(fields, name);
        }
        values.extend(said.map(|said| (name.to_owned(), said.to_owned())));
    }
    let kind = kind.map(|kind| kind.named.name.clone());
    let paper = kind.map(|kind| Paper { system: system.clone(), kind, to, values });
    Ok(wrong.end(paper)?)
}
