//! `/findings/new`: one finding of a penetration test or an inspection, recorded by hand.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use axum::response::{IntoResponse, Redirect};
use khien_app::use_case::UseError;
use khien_app::use_case::findings::{self, Noted, One, Recorded};
use khien_domain::code::SystemCode;
use khien_domain::finding::Finding;
use khien_domain::limits::TEXT_BYTES;
use khien_domain::permission::Permission;
use khien_domain::risk::Rating;

use crate::console::Console;
use crate::console::asked::Asked;
use crate::console::error::PageError;
use crate::console::frame::{Frame, Room};
use crate::console::posted::{Fields, Posted};
use crate::console::register::systems;
use crate::console::typed::{self, Mistakes, Refused, Typed};
use crate::console::visit::Visiting;

/// The page.
#[derive(Template)]
#[template(path = "console/findings/new.html")]
struct Page {
    f: Frame,
    systems: Vec<(String, String)>,
    typed: Typed,
    /// The same finding, if it is there already.
    there: Option<Finding>,
    most: usize,
}

async fn draw(
    console: &Arc<Console>,
    visiting: &Visiting,
    typed: Typed,
    there: Option<Finding>,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(console, visiting, Room::Findings).await?;
    let mine = systems(console, visiting).await?.into_iter();
    let mine = mine.filter(|system| f.may_in(Permission::EvidenceWrite, &system.agency));
    let systems = mine.map(|system| (system.code.to_string(), system.name)).collect();
    let status = typed.status();
    typed::page(status, &Page { f, systems, typed, there, most: TEXT_BYTES / 3 })
}

/// Refuses whoever may not hand in findings.
fn may_record(visiting: &Visiting) -> Result<(), UseError> {
    let actor = &visiting.caller.actor;
    actor.agencies(Permission::EvidenceWrite).map(|_| ()).map_err(UseError::Denied)
}

/// `GET`
pub(in crate::console) async fn page(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    may_record(&visiting)?;
    let system = asked.text("system");
    let typed = Typed::new(Fields::of(&[("system", system)]));
    draw(&console, &visiting, typed, None).await
}

fn one(fields: &Fields) -> Result<One, Mistakes> {
    let mut mistakes = Mistakes::default();
    let system = mistakes.chosen(fields, "system", |text| SystemCode::new(text).ok());
    let title = mistakes.must(fields, "title");
    let severity = mistakes.chosen(fields, "severity", Rating::parse);
    let place = mistakes.must(fields, "place");
    let tool = mistakes.must(fields, "tool");
    let found = mistakes.day(fields, "found");
    let text = |name| fields.text(name).to_owned();
    let read = (|| {
        Some(One {
            system: system?,
            title: title?.to_owned(),
            advice: text("advice"),
            severity: severity?,
            rule: text("rule"),
            place: place?.to_owned(),
            tool: tool?.to_owned(),
            found: found?,
        })
    })();
    mistakes.end(read)
}

/// Words of refusals, with the field that each is about.
const PLACES: [(&str, &str); 7] = [
    ("the title", "title"),
    ("the description", "advice"),
    ("the rule", "rule"),
    ("CVEs", "rule"),
    ("the place", "place"),
    ("the tool", "tool"),
    ("the day found", "found"),
];

/// `POST`: records it.
pub(in crate::console) async fn record(
    State(console): State<Arc<Console>>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    may_record(&visiting)?;
    let done = async {
        let recorded = findings::record_finding(&console.app, &visiting.caller, one(&fields)?);
        recorded.await.map_err(Refused::from)
    };
    match done.await {
        Ok(Recorded { finding, noted: Noted::There }) => {
            draw(&console, &visiting, Typed::new(fields), Some(finding)).await
        }
        Ok(Recorded { finding, noted }) => {
            let to = format!("/findings/{}?done=finding-{}", finding.id, noted.name());
            Ok(Redirect::to(&to).into_response())
        }
        Err(refused) => {
            let f = Frame::bare(&console, &visiting.wish);
            let typed = Typed::refused(&f, "", fields, refused, &PLACES)?;
            draw(&console, &visiting, typed, None).await
        }
    }
}
