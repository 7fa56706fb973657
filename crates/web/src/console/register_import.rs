//! `/register/import`: agencies, systems, assets, resources and devices from a file, looked at cell by cell,
//! then kept or not; `/register/template`: files to fill in.
//!
//! What was uploaded is held for a while, so that what is confirmed is what was looked at.

mod values;

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Response, StatusCode};
use axum::response::{IntoResponse, Redirect};
use khien_app::use_case::UseError;
use khien_app::use_case::register::import::{
    self as use_case, Import, ListKind, MAX_ROWS, MAX_SHEET_BYTES, Report,
};
use khien_domain::account::Language;
use khien_domain::permission::Permission;

use super::Console;
use super::asked::Asked;
use super::error::PageError;
use super::frame::{self, Frame, Room};
use super::posted::{Posted, PostedFile};
use super::register;
use super::table::Table;
use super::visit::Visiting;

/// The largest form with a file.
pub(super) const MAX_BYTES: usize = MAX_SHEET_BYTES + 64 * 1024;

/// The page.
#[derive(Template)]
#[template(path = "console/register_import.html")]
struct Page {
    f: Frame,
    kind: ListKind,
    kinds: Vec<(&'static str, String, bool)>,
    /// Title, name, whether a new row needs it, what may stand in it if that is a closed list.
    columns: Vec<(String, &'static str, bool, Vec<String>)>,
    looked: Option<Looked>,
    wrong: Option<String>,
    most: String,
}

/// What was looked at.
struct Looked {
    digest: String,
    name: String,
    report: Report,
    /// Cell, title of the column, what stands there, what is wrong.
    problems: Vec<(String, String, String, String)>,
}

impl Page {
    /// Where the list is.
    fn back(&self) -> &'static str {
        back(self.kind)
    }
}

fn back(kind: ListKind) -> &'static str {
    match kind {
        ListKind::Agencies => "/agencies",
        ListKind::Systems => "/systems",
        ListKind::Assets => "/assets",
        ListKind::Resources => "/resources",
        ListKind::Equipment => "/equipment",
        ListKind::Custody => "/custody",
    }
}

fn room(kind: ListKind) -> Room {
    match kind {
        ListKind::Agencies | ListKind::Resources => Room::Agencies,
        ListKind::Systems | ListKind::Assets | ListKind::Equipment => Room::Systems,
        ListKind::Custody => Room::Custody,
    }
}

/// The text that is the title of a column, in our tables too.
fn title(column: &str) -> String {
    match column {
        "agency" | "system" => format!("alerts-{column}"),
        "serial" | "state" | "since" | "post" => format!("custody-{column}"),
        "rto_minutes" => "register-rto".into(),
        "rpo_minutes" => "register-rpo".into(),
        other => format!("register-{}", other.replace('_', "-")),
    }
}

/// What columns are called, in both languages.
fn titles(console: &Console, kind: ListKind) -> Vec<(String, &'static str)> {
    let columns = kind.columns().iter().map(|(name, _)| *name);
    let of = |name: &'static str| {
        Language::ALL.map(|language| (console.words(language).text(&title(name), &[]), name))
    };
    columns.flat_map(of).collect()
}

/// A file with what its columns and values are called, in both languages.
fn import(console: &Console, kind: ListKind, name: &str, bytes: Vec<u8>, dry_run: bool) -> Import {
    let (titles, words) = (titles(console, kind), values::words(console, kind));
    Import { kind, name: name.to_owned(), bytes, titles, words, dry_run }
}

async fn draw(
    console: &Arc<Console>,
    visiting: &Visiting,
    kind: ListKind,
    looked: Option<(String, String, Report)>,
    wrong: Option<UseError>,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(console, visiting, room(kind)).await?;
    let kinds =
        ListKind::ALL.map(|one| (one.name(), f.word("register-list", one.name()), one == kind));
    let columns = kind.columns().iter().map(|(name, must)| {
        let values = values::of(console, f.language(), kind, name);
        let values = values.into_iter().map(|(_, word)| word).collect();
        (f.t(&title(name)), *name, *must, values)
    });
    let columns = columns.collect();
    let looked = looked.map(|(digest, name, report)| {
        let problems = report.problems.iter().map(|one| {
            let column = f.t(&title(one.column));
            let message = values::in_words(console, f.language(), kind, one.column, &one.message);
            (one.cell.clone(), column, one.value.clone(), f.told(&message))
        });
        Looked { digest, name, problems: problems.collect(), report }
    });
    let wrong = wrong.map(|wrong| match wrong {
        UseError::Invalid(wrong) => UseError::Invalid(with_titles(&f, &wrong)),
        wrong => wrong,
    });
    let wrong = wrong.map(|wrong| register::wrong_of(&f, wrong)).transpose()?;
    let status = if wrong.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let most = f.size(MAX_SHEET_BYTES as u64);
    let page = Page { f, kind, kinds: kinds.into(), columns, looked, wrong, most };
    let mut response = frame::page(&page)?;
    *response.status_mut() = status;
    Ok(response)
}

/// The sentence that names columns which a file lacks, with their titles.
fn with_titles(f: &Frame, wrong: &str) -> String {
    const LACKS: &str = "the file lacks the columns ";
    let Some(names) = wrong.strip_prefix(LACKS) else { return wrong.to_owned() };
    let titles: Vec<String> =
        names.split(", ").map(|name| format!("«{}»", f.t(&title(name)))).collect();
    format!("{LACKS}{}", titles.join(", "))
}

/// Refuses whoever may not import such a list before anything of theirs is read or held.
fn may_import(visiting: &Visiting, kind: ListKind) -> Result<(), UseError> {
    let actor = &visiting.caller.actor;
    match kind {
        ListKind::Agencies | ListKind::Equipment => actor.require_global(Permission::RegisterWrite),
        _ => actor.agencies(Permission::RegisterWrite).map(|_| ()),
    }
    .map_err(UseError::Denied)
}

fn kind(text: &str) -> ListKind {
    ListKind::parse(text).unwrap_or(ListKind::Systems)
}

/// `GET /register/import`
pub(super) async fn page(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let kind = kind(asked.text("kind"));
    may_import(&visiting, kind)?;
    draw(&console, &visiting, kind, None, None).await
}

/// `GET /register/template`
pub(super) async fn template(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let kind = kind(asked.text("kind"));
    let f = Frame::of(&console, &visiting, room(kind)).await?;
    let columns = kind.columns().iter().map(|(name, _)| (*name, f.t(&title(name))));
    let table = Table { name: kind.name(), columns: columns.collect(), rows: Vec::new() };
    Ok(table.answer_and(&f, &asked, Some(&values::table(&console, &f, kind))))
}

/// `POST /register/import`: looks at what was uploaded, and changes nothing.
pub(super) async fn look(
    State(console): State<Arc<Console>>,
    PostedFile { visiting, fields, file }: PostedFile,
) -> Result<Response<Body>, PageError> {
    let kind = kind(fields.text("kind"));
    may_import(&visiting, kind)?;
    let (name, bytes) = match file {
        Some((name, bytes)) if !bytes.is_empty() => (name, bytes),
        file => {
            let wrong = if file.is_some() { "the file is empty" } else { "choose a file" };
            let wrong = UseError::Invalid(wrong.into());
            return draw(&console, &visiting, kind, None, Some(wrong)).await;
        }
    };
    let import = import(&console, kind, &name, bytes.clone(), true);
    match use_case::import(&console.app, &visiting.caller, import).await {
        Ok(report) => {
            let person = visiting.visit.person.about.name.as_str();
            let held = console.lists.hold(person, &name, Arc::new(bytes), console.app.now());
            draw(&console, &visiting, kind, Some((held, name, report)), None).await
        }
        Err(wrong) => draw(&console, &visiting, kind, None, Some(wrong)).await,
    }
}

/// `POST /register/import/confirm`: keeps what was looked at.
pub(super) async fn confirm(
    State(console): State<Arc<Console>>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let (kind, digest) = (kind(fields.text("kind")), fields.text("digest"));
    may_import(&visiting, kind)?;
    let person = visiting.visit.person.about.name.as_str();
    let Some((name, bytes)) = console.lists.find(person, digest, console.app.now()) else {
        let wrong = UseError::Invalid("the upload is not held any more: upload it again".into());
        return draw(&console, &visiting, kind, None, Some(wrong)).await;
    };
    let import = import(&console, kind, &name, bytes.to_vec(), false);
    match use_case::import(&console.app, &visiting.caller, import).await {
        // Somebody changed the register since it was looked at.
        Ok(report) if report.wrong > 0 => {
            draw(&console, &visiting, kind, Some((digest.to_owned(), name, report)), None).await
        }
        Ok(_) => {
            console.lists.forget(person, digest);
            Ok(Redirect::to(&format!("{}?done=list-imported", back(kind))).into_response())
        }
        Err(wrong) => draw(&console, &visiting, kind, None, Some(wrong)).await,
    }
}
