//! Events as they arrive: `GET /search/live`, a page that fills itself, and `GET /search/tail`, the rows
//! as events of the server (SSE). A watch ends after some minutes; whoever goes on watching asks again,
//! and proves again that they may.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use axum::response::sse::{Event, Sse};
use khien_app::use_case::{UseError, tail};
use khien_lake::{Heard, Shown};
use tokio::sync::mpsc;

use super::asked::Search;
use super::page::{cells, is_wide};
use crate::console::Console;
use crate::console::asked::{Asked, address};
use crate::console::error::PageError;
use crate::console::format::{Format, machine};
use crate::console::frame::{self, Frame, Room};
use crate::console::live::Stream;
use crate::console::visit::Visiting;

/// How long a watch lasts.
const SECONDS: u32 = 300;
/// Rows that are told in one beat; of more, the rest is counted.
const ROWS: usize = 50;

/// The page.
#[derive(Template)]
#[template(path = "console/search/live.html")]
struct Page {
    f: Frame,
    search: Search,
    tail_href: String,
    search_href: String,
    wrong: Option<String>,
}

impl Page {
    fn is_wide(&self, name: &str) -> bool {
        is_wide(name)
    }
}

/// Rows of events.
#[derive(Template)]
#[template(path = "console/search/_rows.html")]
struct Rows {
    rows: Vec<(String, String, String, Vec<String>)>,
}

/// Answers the page.
pub(in crate::console) async fn page(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let now = console.app.now();
    let search = Search::of(&asked, now, now);
    let f = Frame::of(&console, &visiting, Room::Search).await?;
    // Nobody who may not search sees a page that only says no.
    let may = visiting.caller.actor.agencies(khien_domain::permission::Permission::EventsRead);
    may.map_err(UseError::Denied)?;
    let wrong = khien_lake::query::parse(&search.query).err();
    let wrong =
        wrong.map(|error| if f.is_english() { error.english() } else { error.vietnamese() });
    let page = Page {
        tail_href: address("/search/tail", &asked, &[]),
        search_href: address("/search", &asked, &[]),
        wrong,
        search,
        f,
    };
    frame::page(&page)
}

/// Answers the rows.
pub(in crate::console) async fn tail(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Sse<Stream>, PageError> {
    let now = console.app.now();
    let search = Search::of(&asked, now, now);
    let shown = search.shown();
    let (app, caller) = (&console.app, &visiting.caller);
    let mut heard = tail::tail(app, caller, &search.query, shown.clone(), SECONDS).await?;
    let format = Format(visiting.wish.language);
    let (send, receive) = mpsc::channel(4);
    tokio::spawn(async move {
        while let Some(Ok(heard)) = heard.recv().await {
            for event in events(&search, &shown, format, heard) {
                if send.send(event).await.is_err() {
                    return;
                }
            }
        }
        let _ = send.send(Event::default().event("over").data("")).await;
    });
    Ok(Sse::new(Stream::new(receive)))
}

/// What was heard, as events of the server.
fn events(search: &Search, shown: &[Shown], format: Format, heard: Heard) -> Vec<Event> {
    let left = heard.events.len().saturating_sub(ROWS);
    let missed = heard.missed + left as u64;
    let rows = heard.events.into_iter().skip(left).map(|event| {
        let (batch, item) = (event.at.batch, event.at.item);
        let href = format!("/search?q=batch:{batch}+item:{item}&open={batch}-{item}");
        let (at, when) = (machine(event.at.time), format.stamp(event.at.time));
        (href, at, when, cells(search, shown, &event.values))
    });
    let rows: Vec<_> = rows.collect();
    let mut told = Vec::new();
    if !rows.is_empty()
        && let Ok(html) = (Rows { rows }).render()
    {
        told.push(Event::default().event("rows").data(html.replace('\r', "")));
    }
    if missed > 0 {
        told.push(Event::default().event("missed").data(missed.to_string()));
    }
    if told.is_empty() {
        told.push(Event::default().event("beat").data(""));
    }
    told
}
