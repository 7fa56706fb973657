//! `/reviews`: what agencies have declared and somebody of another agency looks at.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Response;
use axum::response::{IntoResponse, Redirect};
use khien_app::use_case::reviews::{self, Declared};
use khien_domain::evidence::About;

use super::Console;
use super::asked::{Asked, address};
use super::documents::{Paper, Papers};
use super::error::PageError;
use super::evidence::said::{self, Names};
use super::frame::{Frame, Room};
use super::posted::{Fields, Posted};
use super::register;
use super::typed::{self, Typed};
use super::visit::Visiting;

#[derive(Template)]
#[template(path = "console/reviews/list.html")]
struct List {
    f: Frame,
    rows: Vec<Row>,
    count: u64,
    home: Option<String>,
    next_href: Option<String>,
    /// What was typed for one of them and refused.
    typed: Typed,
}

struct Row {
    about: About,
    agency: String,
    kind: String,
    subject: String,
    says: String,
    /// The document that it names.
    paper: Option<Paper>,
    /// Why whoever visits does not decide, in words.
    partial: Option<String>,
}

/// Records of a page of the list.
const PAGE: usize = 100;

async fn show(
    console: &Arc<Console>,
    visiting: &Visiting,
    asked: &Fields,
    typed: Typed,
) -> Result<Response<Body>, PageError> {
    let (app, caller) = (&console.app, &visiting.caller);
    let after = asked.some("after").and_then(|after| after.parse().ok());
    let found = reviews::waiting(app, caller, after).await?;
    let count = reviews::count_waiting(app, caller).await?;
    let f = Frame::of(console, visiting, Room::Reviews).await?;
    let names = register::agency_names(console, visiting, &f).await?;
    let last = found.last().map(|one| one.record.about.seq).filter(|_| found.len() >= PAGE);
    let next = last.map(|seq| address("/reviews", asked, &[("after", seq.to_string().as_str())]));
    let known = Names::of(console, visiting, &f).await?;
    let references = found.iter().map(|one| one.record.about.reference.as_str());
    let papers = Papers::of(console, visiting, references).await?;
    let row = |Declared { record, review, partial }: Declared| Row {
        agency: names.get(&review.agency).cloned().unwrap_or_else(|| review.agency.to_string()),
        kind: super::evidence::kind_name(console, &f, &record.about.kind),
        subject: known.subject(&f, &record.about),
        says: said::line(&f, app.kinds().get(&record.about.kind), &record.content),
        partial: partial.map(|partial| f.told(&partial.to_string())),
        paper: papers.of_record(&f, &record.about),
        about: record.about,
    };
    let rows = found.into_iter().map(row).collect();
    let home = caller
        .actor
        .home()
        .map(|home| names.get(home).cloned().unwrap_or_else(|| home.to_string()));
    let status = typed.status();
    typed::page(status, &List { rows, count, home, next_href: next, typed, f })
}

/// `GET /reviews`
pub(super) async fn list(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    show(&console, &visiting, &asked, Typed::default()).await
}

/// `POST /reviews/{seq}`
pub(super) async fn decide(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let seq: u64 = text.parse().map_err(|_| PageError::not_found())?;
    let confirm = match fields.text("do") {
        "confirm" => true,
        "refuse" => false,
        _ => return Err(PageError::invalid("do")),
    };
    let (app, caller) = (&console.app, &visiting.caller);
    let done = reviews::decide(app, caller, seq, confirm, fields.text("reason")).await;
    let error = match done {
        Ok(record) => {
            let to = match record {
                Some(record) => format!("/evidence/{record}?done=review-confirmed"),
                None => format!("/evidence/{seq}?done=review-refused"),
            };
            return Ok(Redirect::to(&to).into_response());
        }
        Err(error) => error,
    };
    let f = Frame::bare(&console, &visiting.wish);
    let form = format!("review-{seq}");
    let typed = Typed::refused(&f, &form, fields, error.into(), &[("the reason", "reason")])?;
    show(&console, &visiting, &Fields::none(), typed).await
}
