//! `/sources/new`: registers a source, then shows its token and waits for its first event.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Response, StatusCode};
use khien_app::use_case::UseError;
use khien_app::use_case::register as use_case;
use khien_domain::code::SystemCode;
use khien_domain::permission::Permission;
use khien_domain::rate::Rate;
use khien_domain::source::{SourceKind, SourceSettings};
use khien_event::format::FORMATS;

use super::token;
use crate::console::Console;
use crate::console::asked::Asked;
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::posted::{Fields, Posted};
use crate::console::register::systems;
use crate::console::visit::Visiting;

/// What a source may send.
const RATE: Rate = Rate { events_per_second: 100_000, bytes_per_second: 512 << 20 };
/// After so many minutes a source counts as silent if nobody says otherwise.
const HEARTBEAT: u32 = 15;

/// The page.
#[derive(Template)]
#[template(path = "console/sources/new.html")]
struct Page {
    f: Frame,
    systems: Vec<(String, String, bool)>,
    kinds: Vec<(&'static str, bool)>,
    formats: Vec<(&'static str, String, bool)>,
    name: String,
    heartbeat: String,
    addresses: String,
    wrong: Option<String>,
}

async fn draw(
    console: &Arc<Console>,
    visiting: &Visiting,
    fields: &Fields,
    wrong: Option<&str>,
) -> Result<Response<Body>, PageError> {
    visiting.caller.actor.agencies(Permission::RegisterWrite).map_err(UseError::Denied)?;
    let f = Frame::of(console, visiting, Room::Sources).await?;
    let systems = systems(console, visiting).await?.into_iter().map(|system| {
        let chosen = fields.text("system") == system.code.as_str();
        (system.code.to_string(), format!("{} ({})", system.name, system.code), chosen)
    });
    let kind = fields.some("kind").unwrap_or("http");
    let title = usize::from(!f.is_english());
    let page = Page {
        systems: systems.collect(),
        kinds: SourceKind::ALL.into_iter().map(|one| (one.name(), one.name() == kind)).collect(),
        formats: FORMATS
            .iter()
            .map(|format| {
                let chosen = fields.all("format").any(|chosen| chosen == format.id);
                (format.id, format.title[title].to_owned(), chosen)
            })
            .collect(),
        name: fields.text("name").to_owned(),
        heartbeat: fields.some("heartbeat").map_or(HEARTBEAT.to_string(), ToOwned::to_owned),
        addresses: fields.text("addresses").to_owned(),
        wrong: wrong.map(|wrong| f.told(wrong)),
        f,
    };
    let mut response = frame::page(&page)?;
    if wrong.is_some() {
        *response.status_mut() = StatusCode::BAD_REQUEST;
    }
    Ok(response)
}

/// `GET`
pub(in crate::console) async fn page(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    draw(&console, &visiting, &asked, None).await
}

/// `POST`
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let read = match read(&fields) {
        Ok(read) => read,
        Err(wrong) => return draw(&console, &visiting, &fields, Some(&wrong)).await,
    };
    let (system, kind, settings) = read;
    let random = (console.random)().map_err(|_| PageError::fault())?;
    let (app, caller) = (&console.app, &visiting.caller);
    match use_case::add_source(app, caller, &system, kind, settings, &random).await {
        Ok(made) => token::draw(&console, &visiting, made, true).await,
        Err(UseError::Invalid(wrong) | UseError::Conflict(wrong)) => {
            draw(&console, &visiting, &fields, Some(&wrong)).await
        }
        Err(error) => Err(error.into()),
    }
}

/// What the form says, or what is wrong with it.
fn read(fields: &Fields) -> Result<(SystemCode, SourceKind, SourceSettings), String> {
    let system = SystemCode::new(fields.text("system")).map_err(|error| error.to_string())?;
    let kind = SourceKind::parse(fields.text("kind")).ok_or("choose a way of sending")?;
    let minutes = fields.text("heartbeat").trim();
    let minutes: u32 = match minutes {
        "" => 0,
        minutes => minutes.parse().map_err(|_| "the heartbeat is a number of minutes")?,
    };
    let addresses = fields.text("addresses").split([',', ' ', '\n', '\r', ';']);
    let networks = addresses.filter(|text| !text.is_empty()).map(|text| {
        text.parse().map_err(|error: khien_domain::network::NetworkError| error.to_string())
    });
    let settings = SourceSettings {
        name: fields.text("name").to_owned(),
        formats: fields.all("format").map(ToOwned::to_owned).collect(),
        rate: RATE,
        heartbeat_seconds: minutes.checked_mul(60).filter(|seconds| *seconds > 0),
        networks: networks.collect::<Result<_, _>>()?,
        certificate: None,
    };
    Ok((system, kind, settings))
}
