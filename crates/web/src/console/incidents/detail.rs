//! `GET /incidents/{number}`

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Response;
use khien_app::use_case::incidents::{self, IncidentDetail};
use khien_app::use_case::people;
use khien_domain::account::UserName;
use khien_domain::alert::Severity;
use khien_domain::ids::IncidentId;
use khien_domain::incident::LossKind;
use khien_domain::permission::Permission;

use crate::console::Console;
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::posted::Fields;
use crate::console::visit::Visiting;

/// The page.
#[derive(Template)]
#[template(path = "console/incidents/detail.html")]
struct Page {
    f: Frame,
    detail: IncidentDetail,
    /// Who may lead.
    people: Vec<(UserName, String)>,
    may_change: bool,
    /// What was wrong with a figure that was typed.
    wrong: Option<String>,
    typed: Fields,
}

/// Answers.
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    Path(number): Path<String>,
    visiting: Visiting,
) -> Result<Response<Body>, PageError> {
    show(&console, &visiting, super::number(&number)?, None).await
}

/// The page, with what was wrong with a figure and what was typed.
pub(super) async fn show(
    console: &Arc<Console>,
    visiting: &Visiting,
    id: IncidentId,
    wrong: Option<(String, Fields)>,
) -> Result<Response<Body>, PageError> {
    let detail = incidents::get_incident(&console.app, &visiting.caller, id).await?;
    let f = Frame::of(console, visiting, Room::Incidents).await?;
    let may_change = f.may(Permission::IncidentsWrite);
    let people = if may_change { people::names(&console.app).await? } else { Vec::new() };
    let (wrong, typed) = wrong.unzip();
    frame::page(&Page { f, detail, people, may_change, wrong, typed: typed.unwrap_or_default() })
}

impl Page {
    /// Whether it is so grave.
    fn is_of(&self, severity: &Severity) -> bool {
        self.detail.incident.severity == *severity
    }

    /// The figure that another one took the place of, if it did.
    fn former(&self, at: &usize) -> Option<u64> {
        let (figure, older) = self.detail.losses.get(*at..)?.split_first()?;
        let kind = figure.about.kind;
        older.iter().find(|one| one.about.kind == kind).map(|one| one.about.amount)
    }

    /// Whether somebody leads it.
    fn leads(&self, name: &UserName) -> bool {
        self.detail.incident.lead.as_deref() == Some(name.as_str())
    }
}
