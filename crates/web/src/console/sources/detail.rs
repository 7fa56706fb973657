//! `GET /sources/{id}`: a source, what to do if it is silent, how to connect its machine, what came last.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Response;
use jiff::Timestamp;
use khien_app::use_case::register::{self as use_case, Beat};
use khien_app::use_case::search::{self, Wanted};
use khien_domain::ids::SourceId;
use khien_domain::permission::Permission;
use khien_domain::source::SourceKind;
use khien_event::format::FORMATS;
use khien_lake::{Column, Shown, Value};

use super::pulse::{self, Pulse};
use super::token;
use crate::console::Console;
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::register::{Health, Heard, agency_names, sources};
use crate::console::shown::beginning;
use crate::console::visit::Visiting;
use crate::snippets::Snippet;

/// Events that are shown.
const EVENTS: usize = 20;
/// Bytes of an event in one line.
const LINE_BYTES: usize = 300;

/// The page.
#[derive(Template)]
#[template(path = "console/sources/detail.html")]
struct Page {
    f: Frame,
    heard: Heard,
    agency: String,
    pulse: Pulse,
    heartbeat: String,
    formats: Vec<(&'static str, String, bool)>,
    steps: Vec<String>,
    snippets: Vec<Snippet>,
    events: Vec<(Timestamp, String, String)>,
}

/// Answers.
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    Path(id): Path<i64>,
    visiting: Visiting,
) -> Result<Response<Body>, PageError> {
    let (app, caller, id) = (&console.app, &visiting.caller, SourceId(id));
    use_case::get_source(app, caller, id).await?;
    let all = sources(&console, &visiting).await?;
    let heard = all.into_iter().find(|heard| heard.source.id == id);
    let heard = heard.ok_or_else(PageError::not_found)?;
    let f = Frame::of(&console, &visiting, Room::Sources).await?;
    let names = agency_names(&console, &visiting, &f).await?;
    let beats = use_case::list_pulse(app, caller, Some(id)).await?;
    let pulses = pulse::of(&beats, Beat::quarter_of(f.now));
    let is_silent = matches!(heard.health, Health::Silent(_));
    let events = if f.may(Permission::EventsRead) {
        last_events(&console, &visiting, id).await?
    } else {
        Vec::new()
    };
    let title = usize::from(!f.is_english());
    let source = &heard.source;
    let formats = FORMATS.iter().map(|format| {
        (format.id, format.title[title].to_owned(), source.settings.formats.contains(format.id))
    });
    let seconds = source.settings.heartbeat_seconds;
    let unwatched = || f.t("sources-unwatched");
    let page = Page {
        heartbeat: seconds
            .map_or_else(unwatched, |seconds| f.n("frame-minutes", seconds.div_ceil(60))),
        agency: names.get(&source.agency).cloned().unwrap_or_default(),
        pulse: pulse::draw(pulses.get(&id), is_silent),
        formats: formats.collect(),
        steps: steps(&f, &heard),
        snippets: token::without_token(&console, source, &visiting),
        events,
        heard,
        f,
    };
    frame::page(&page)
}

/// What to check, in its order, if nothing is heard.
fn steps(f: &Frame, heard: &Heard) -> Vec<String> {
    let kind = heard.source.kind;
    match heard.health {
        Health::Alive => return Vec::new(),
        Health::Off => return vec![f.t("sources-step-on")],
        Health::Silent(_) | Health::Never => {}
    }
    let mut steps = vec![f.t("sources-step-machine"), f.t("sources-step-shipper")];
    steps.push(match kind {
        SourceKind::Syslog if heard.source.settings.networks.is_empty() => {
            f.t("sources-step-syslog")
        }
        SourceKind::Syslog => f.t("sources-step-address"),
        SourceKind::Http => f.t("sources-step-http"),
        SourceKind::File => f.t("sources-step-file"),
    });
    steps.push(f.t("sources-step-token"));
    steps.push(f.t("sources-step-quarantine"));
    steps
}

async fn last_events(
    console: &Arc<Console>,
    visiting: &Visiting,
    id: SourceId,
) -> Result<Vec<(Timestamp, String, String)>, PageError> {
    let columns =
        [Column::CmdLine, Column::Message, Column::Url, Column::File, Column::Process, Column::Raw];
    let wanted = Wanted { query: format!("source:{id}"), from: None, to: None };
    let shown = columns.map(Shown::Column).to_vec();
    let found = search::page(&console.app, &visiting.caller, &wanted, shown, EVENTS, None).await?;
    let events = found.found.events.into_iter().map(|event| {
        let line = event.values.iter().find_map(|value| match value {
            Value::Text(text) if !text.trim().is_empty() => Some(beginning(text, LINE_BYTES)),
            _ => None,
        });
        let (batch, item) = (event.at.batch, event.at.item);
        let href = format!("/search?q=batch:{batch}+item:{item}&open={batch}-{item}");
        (event.at.time, line.unwrap_or_default(), href)
    });
    Ok(events.collect())
}
