//! Incidents that an agency had to report and did not: a part of `/index/agencies/{agency}/attest`, with the form
//! of those who decide about other agencies.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Response;
use axum::response::{IntoResponse, Redirect};
use khien_app::access::Deed;
use khien_app::use_case::hidden::{self, Hidden, NewHidden};
use khien_domain::code::AgencyCode;
use khien_domain::permission::Permission;

use super::Console;
use super::error::PageError;
use super::frame::Frame;
use super::posted::{Fields, Posted};
use super::typed::{Mistakes, Refused, Typed};
use super::visit::Visiting;
use super::{attest, register};

/// What stands on the page.
pub(super) struct Section {
    pub(super) rows: Vec<Row>,
    /// Whether the role of whoever visits decides about this agency.
    pub(super) decides: bool,
    /// Why they do not all the same.
    pub(super) partial: Option<String>,
}

/// A hidden incident.
pub(super) struct Row {
    pub(super) its: Hidden,
    /// The day on which it was found.
    pub(super) found: String,
    /// Whether whoever visits may take it back.
    pub(super) may_withdraw: bool,
}

impl Section {
    /// Whether there is something to show or to do.
    pub(super) fn is_shown(&self) -> bool {
        self.decides || !self.rows.is_empty()
    }
}

/// What whoever visits sees of the hidden incidents of an agency.
pub(super) async fn section(
    console: &Arc<Console>,
    visiting: &Visiting,
    f: &Frame,
    agency: &AgencyCode,
) -> Result<Section, PageError> {
    let caller = &visiting.caller;
    let decides = f.may_in(Permission::AssuranceDecide, agency);
    let rows = hidden::list(&console.app, caller, agency).await?.into_iter().map(|its| Row {
        found: register::typed_day(&its.found)
            .map_or_else(|_| its.found.clone(), |day| f.date(&day)),
        may_withdraw: decides && its.partial.is_none(),
        its,
    });
    let partial = hidden::why_not(caller, agency).filter(|_| decides);
    let partial = partial.map(|partial| f.told(&partial.to_string()));
    Ok(Section { rows: rows.collect(), decides, partial })
}

fn code(text: &str) -> Result<AgencyCode, PageError> {
    AgencyCode::new(text).map_err(|_| PageError::not_found())
}

fn new(fields: &Fields) -> Result<NewHidden, Mistakes> {
    let mut mistakes = Mistakes::default();
    let subject = mistakes.must(fields, "subject");
    let found = mistakes.day(fields, "found");
    let reason = mistakes.must(fields, "reason");
    let document = mistakes.must(fields, "document");
    let read = (|| {
        Some(NewHidden {
            subject: subject?.to_owned(),
            found: found?,
            reason: reason?.to_owned(),
            document: document?.to_owned(),
        })
    })();
    mistakes.end(read)
}

/// `POST /index/agencies/{agency}/hidden`: records one.
pub(super) async fn record(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let agency = code(&text)?;
    let done = async {
        let new = new(&fields)?;
        hidden::record(&console.app, &visiting.caller, &agency, &new).await.map_err(Refused::from)
    };
    let Err(refused) = done.await else { return Ok(done_with(&agency, "hidden-recorded")) };
    let deed = Deed::new("hidden.record", format!("agency {agency}"), Some(agency.clone()));
    let needed = (Permission::AssuranceDecide, deed);
    let refused = refused.for_whoever_may(&console, &visiting, needed).await?;
    let f = Frame::bare(&console, &visiting.wish);
    let places = [
        ("the name of the incident", "subject"),
        ("the incident", "subject"),
        ("the day", "found"),
        ("the reason", "reason"),
        ("the document's number", "document"),
    ];
    let typed = Typed::refused(&f, "hidden", fields, refused, &places)?;
    attest::draw(&console, &visiting, &agency, typed).await
}

/// `POST /index/agencies/{agency}/hidden/{seq}/withdraw`: takes one back.
pub(super) async fn withdraw(
    State(console): State<Arc<Console>>,
    Path((text, seq)): Path<(String, u64)>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let agency = code(&text)?;
    let reason = fields.text("reason");
    let done = hidden::withdraw(&console.app, &visiting.caller, &agency, seq, reason).await;
    let Err(error) = done else { return Ok(done_with(&agency, "hidden-withdrawn")) };
    let f = Frame::bare(&console, &visiting.wish);
    let form = format!("withdraw-{seq}");
    let typed = Typed::refused(&f, &form, fields, error.into(), &[("the reason", "reason")])?;
    attest::draw(&console, &visiting, &agency, typed).await
}

fn done_with(agency: &AgencyCode, done: &str) -> Response<Body> {
    Redirect::to(&format!("/index/agencies/{agency}/attest?done={done}")).into_response()
}
