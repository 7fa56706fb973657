//! Registering a device that keeps keys, and the steps of its handover.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use axum::response::{IntoResponse, Redirect};
use khien_app::access::Deed;
use khien_app::use_case::register::custody::{self, NewDevice};
use khien_app::use_case::register::list_products_in_use;
use khien_domain::code::AgencyCode;
use khien_domain::custody::{Act, DeviceKind};
use khien_domain::ids::ProductId;
use khien_domain::permission::Permission;

use super::detail;
use crate::console::Console;
use crate::console::asked::Asked;
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::posted::{Fields, Posted};
use crate::console::register::{agencies, name, refused, typed_day, typed_day_or, wrong_of};
use crate::console::visit::Visiting;

/// The form of a new device.
#[derive(Template)]
#[template(path = "console/custody/new.html")]
struct NewPage {
    f: Frame,
    wrong: Option<String>,
    typed: Fields,
    agencies: Vec<(String, String)>,
    products: Vec<(String, String)>,
    day: String,
}

/// `GET /custody/new`
pub(in crate::console) async fn new(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    if visiting.visit.person.actor().agencies(Permission::RegisterWrite).is_err() {
        return Err(PageError::not_found());
    }
    show_new(&console, &visiting, asked, None).await
}

async fn show_new(
    console: &Arc<Console>,
    visiting: &Visiting,
    typed: Fields,
    wrong: Option<String>,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(console, visiting, Room::Custody).await?;
    let all = agencies(console, visiting).await?.into_iter();
    let all = all.filter(|agency| f.may_in(Permission::RegisterWrite, &agency.code));
    let agencies = all.map(|agency| (agency.code.to_string(), name(&f, &agency))).collect();
    let products = list_products_in_use(&console.app, &visiting.caller).await?.into_iter();
    let products = products.filter(|kept| kept.product.is_cryptographic).map(|kept| {
        let words = format!("{} · {}", kept.product.name, kept.product.system);
        (kept.id.to_string(), words)
    });
    let day = typed.some("day").map_or_else(|| f.today().to_string(), str::to_owned);
    frame::page(&NewPage { products: products.collect(), f, wrong, typed, agencies, day })
}

/// What a form says of a new device.
fn typed_new(agency: &AgencyCode, fields: &Fields) -> Result<NewDevice, String> {
    let kind = DeviceKind::parse(fields.text("kind")).ok_or("kind: choose one of the list")?;
    let product = fields.some("product").map(|text| text.parse().map(ProductId));
    Ok(NewDevice {
        agency: agency.clone(),
        serial: fields.text("serial").to_owned(),
        kind,
        product: product.transpose().map_err(|_| "product: choose one of the list")?,
        until: typed_day_or(fields, "until")?,
        day: typed_day(fields.text("day"))?,
    })
}

/// What somebody does who types something of an agency's devices.
fn typing(agency: &AgencyCode) -> (Permission, Deed) {
    let deed = Deed::new("custody.form", format!("devices of {agency}"), Some(agency.clone()));
    (Permission::RegisterWrite, deed)
}

/// `POST /custody/new`
pub(in crate::console) async fn add(
    State(console): State<Arc<Console>>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let agency = AgencyCode::new(fields.text("agency"));
    let agency = agency.map_err(|error| PageError::invalid(error.to_string()))?;
    let error = match typed_new(&agency, &fields) {
        Ok(device) => match custody::add_device(&console.app, &visiting.caller, device).await {
            Ok(id) => return Ok(to(&id.to_string(), "device-added")),
            Err(error) => error,
        },
        Err(wrong) => refused(&console, &visiting, typing(&agency), wrong).await,
    };
    let f = Frame::of(&console, &visiting, Room::Custody).await?;
    let wrong = wrong_of(&f, error)?;
    let mut response = show_new(&console, &visiting, fields, Some(wrong)).await?;
    *response.status_mut() = StatusCode::BAD_REQUEST;
    Ok(response)
}

fn to(device: &str, done: &str) -> Response<Body> {
    Redirect::to(&format!("/custody/{device}?done={done}")).into_response()
}

/// What a form says is done, and what the page says afterwards.
fn typed_act(fields: &Fields) -> Result<(Act, &'static str), String> {
    Ok(match fields.text("do") {
        "hand-over" => (Act::HandOver(fields.text("post").to_owned()), "device-handed-over"),
        "return" => (Act::Return, "device-returned"),
        "renew" => (Act::Renew(typed_day(fields.text("until"))?), "device-renewed"),
        "lose" => (Act::Lose, "device-lost"),
        "revoke" => (Act::Revoke(fields.text("number").to_owned()), "device-revoked"),
        _ => return Err("do: choose what was done".to_owned()),
    })
}

/// `POST /custody/{device}/act`
pub(in crate::console) async fn act(
    State(console): State<Arc<Console>>,
    Path(device): Path<String>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let (app, caller, id) = (&console.app, &visiting.caller, super::id(&device)?);
    let typed =
        typed_act(&fields).and_then(|act| typed_day(fields.text("day")).map(|day| (act, day)));
    let error = match typed {
        Ok(((act, done), day)) => match custody::act(app, caller, id, act, day).await {
            Ok(()) => return Ok(to(&device, done)),
            Err(error) => error,
        },
        Err(wrong) => {
            let kept = custody::get_device(app, caller, id).await?.kept;
            refused(&console, &visiting, typing(&kept.device.agency), wrong).await
        }
    };
    let f = Frame::of(&console, &visiting, Room::Custody).await?;
    let wrong = wrong_of(&f, error)?;
    let mut response = detail::show(&console, &visiting, &device, fields, Some(wrong)).await?;
    *response.status_mut() = StatusCode::BAD_REQUEST;
    Ok(response)
}
