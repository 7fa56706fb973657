//! `GET /incidents`

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use khien_app::use_case::incidents;
use khien_domain::code::AgencyCode;
use khien_domain::incident::Incident;
use khien_domain::page::PageRequest;

use crate::console::Console;
use crate::console::asked::{Asked, address};
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::register::agency_names;
use crate::console::visit::Visiting;

/// Rows of a page.
const ROWS: u32 = 100;

/// The page.
#[derive(Template)]
#[template(path = "console/incidents/list.html")]
struct Page {
    f: Frame,
    incidents: Vec<Incident>,
    names: BTreeMap<AgencyCode, String>,
    states: Vec<(String, String, bool)>,
    more_href: Option<String>,
    export_href: String,
    is_filtered: bool,
}

/// Answers.
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let filter = super::filter(&visiting, &asked);
    let page = PageRequest::new(asked.text("after").parse().ok(), ROWS);
    let found = incidents::list_incidents(&console.app, &visiting.caller, &filter, &page).await?;
    let f = Frame::of(&console, &visiting, Room::Incidents).await?;
    let names = agency_names(&console, &visiting, &f).await?;
    let chosen = asked.some("state").unwrap_or("not-closed");
    let states = ["not-closed", "open", "contained", "closed", "all"].map(|state| {
        let set = if state == "not-closed" { "" } else { state };
        let href = address("/incidents", &asked, &[("state", set), ("after", "")]);
        (f.word("incidents-state", state), href, state == chosen)
    });
    frame::page(&Page {
        states: states.into(),
        more_href: found
            .next
            .map(|next| address("/incidents", &asked, &[("after", &next.to_string())])),
        export_href: address("/incidents/export", &asked, &[("after", "")]),
        is_filtered: asked.pairs().any(|(name, _)| name != "done"),
        incidents: found.items,
        names,
        f,
    })
}

impl Page {
    /// The name of an agency.
    fn agency(&self, code: &AgencyCode) -> String {
        self.names.get(code).cloned().unwrap_or_else(|| code.to_string())
    }
}
