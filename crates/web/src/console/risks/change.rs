//! Working on a risk: registering, changing, closing, accepting, opening again; confirming that those
//! of a system were assessed.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use axum::response::{IntoResponse, Redirect};
use khien_app::access::Deed;
use khien_app::use_case::{UseError, risks};
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::permission::Permission;
use khien_domain::risk::{RiskCode, RiskError};

use super::{detail, typed_about};
use crate::console::Console;
use crate::console::error::PageError;
use crate::console::frame::{Frame, Room};
use crate::console::posted::Posted;
use crate::console::register::{refused, typed_day, wrong_of};

fn to(agency: &AgencyCode, risk: &RiskCode) -> Response<Body> {
    Redirect::to(&format!("/risks/{agency}/{risk}?done=risk")).into_response()
}

/// What somebody does who types something of an agency's risks.
fn typing(agency: &AgencyCode) -> (Permission, Deed) {
    let deed = Deed::new("risk.form", format!("risks of {agency}"), Some(agency.clone()));
    (Permission::AssuranceWrite, deed)
}

/// `POST /risks/new`
pub(in crate::console) async fn add(
    State(console): State<Arc<Console>>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let agency = AgencyCode::new(fields.text("agency"));
    let agency = agency.map_err(|error| PageError::invalid(error.to_string()))?;
    let text = fields.text("code").trim();
    let code = RiskCode::new(text).ok_or_else(|| RiskError::Code(text.to_owned()).to_string());
    let typed = typed_about(&fields).and_then(|about| Ok((code?, about)));
    let (app, caller) = (&console.app, &visiting.caller);
    let error = match typed {
        Ok((code, about)) => {
            match risks::add_risk(app, caller, &agency, code.clone(), about).await {
                Ok(()) => return Ok(to(&agency, &code)),
                Err(error) => error,
            }
        }
        Err(wrong) => refused(&console, &visiting, typing(&agency), wrong).await,
    };
    let f = Frame::of(&console, &visiting, Room::Risks).await?;
    let wrong = wrong_of(&f, error)?;
    let mut response = detail::show_new(&console, &visiting, fields, Some(wrong)).await?;
    *response.status_mut() = StatusCode::BAD_REQUEST;
    Ok(response)
}

/// `POST /risks/{agency}/{risk}`
pub(in crate::console) async fn change(
    State(console): State<Arc<Console>>,
    Path((agency, risk)): Path<(String, String)>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let (of, code) = super::place(&agency, &risk)?;
    let (app, caller) = (&console.app, &visiting.caller);
    let error = match typed_about(&fields) {
        Ok(about) => match risks::change_risk(app, caller, &of, &code, about).await {
            Ok(()) => return Ok(to(&of, &code)),
            Err(error) => error,
        },
        Err(wrong) => refused(&console, &visiting, typing(&of), wrong).await,
    };
    let f = Frame::of(&console, &visiting, Room::Risks).await?;
    let wrong = wrong_of(&f, error)?;
    let mut response =
        detail::show(&console, &visiting, &agency, &risk, Some(fields), Some(wrong)).await?;
    *response.status_mut() = StatusCode::BAD_REQUEST;
    Ok(response)
}

/// `POST /risks/{agency}/{risk}/state`
pub(in crate::console) async fn state(
    State(console): State<Arc<Console>>,
    Path((agency, risk)): Path<(String, String)>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let (of, code) = super::place(&agency, &risk)?;
    let (app, caller) = (&console.app, &visiting.caller);
    let reason = fields.text("reason");
    let done = match fields.text("do") {
        "close" => risks::close_risk(app, caller, &of, &code, reason).await,
        "reopen" => risks::reopen_risk(app, caller, &of, &code, reason).await,
        "accept" => match typed_day(fields.text("until")) {
            Ok(until) => risks::accept_risk(app, caller, &of, &code, until, reason).await,
            Err(wrong) => Err(UseError::Invalid(wrong)),
        },
        _ => return Err(PageError::invalid("do")),
    };
    let Err(error) = done else { return Ok(to(&of, &code)) };
    let f = Frame::of(&console, &visiting, Room::Risks).await?;
    let wrong = wrong_of(&f, error)?;
    let mut response = detail::show(&console, &visiting, &agency, &risk, None, Some(wrong)).await?;
    *response.status_mut() = StatusCode::BAD_REQUEST;
    Ok(response)
}

/// `POST /risks/assessed`
pub(in crate::console) async fn assessed(
    State(console): State<Arc<Console>>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let (agency, system) = fields.text("system").split_once(' ').unwrap_or_default();
    let agency = AgencyCode::new(agency).map_err(|_| PageError::invalid("system"))?;
    let system = SystemCode::new(system).map_err(|_| PageError::invalid("system"))?;
    risks::confirm_assessment(&console.app, &visiting.caller, &agency, &system).await?;
    Ok(Redirect::to("/risks?done=risk-assessed").into_response())
}
