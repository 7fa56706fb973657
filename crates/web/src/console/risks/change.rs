//! Working on a risk: registering, changing, closing, accepting, opening again; confirming that those
//! of a system were assessed.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Response;
use axum::response::{IntoResponse, Redirect};
use khien_app::access::Deed;
use khien_app::use_case::risks;
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::permission::Permission;
use khien_domain::risk::{RiskCode, RiskError};

use super::{detail, typed_about};
use crate::console::Console;
use crate::console::error::PageError;
use crate::console::frame::{Frame, Room};
use crate::console::posted::Posted;
use crate::console::typed::{Mistakes, Refused, Typed};

fn to(agency: &AgencyCode, risk: &RiskCode) -> Response<Body> {
    Redirect::to(&format!("/risks/{agency}/{risk}?done=risk")).into_response()
}

/// What somebody does who types something of an agency's risks.
fn typing(agency: &AgencyCode, may: Permission) -> (Permission, Deed) {
    let deed = Deed::new("risk.form", format!("risks of {agency}"), Some(agency.clone()));
    (may, deed)
}

/// What sentences of a refusal are about.
const PLACES: [(&str, &str); 19] = [
    ("is no code of a risk", "code"),
    ("has a risk", "code"),
    ("the scenario", "scenario"),
    ("the threat", "threat"),
    ("the owner", "owner"),
    ("is not more likely or graver", "residual_likelihood"),
    ("needs what is left", "residual_likelihood"),
    ("needs the loss before it", "loss_low"),
    ("at no bound above", "residual_loss_low"),
    ("the loss of one occurrence", "loss_low"),
    ("times in ten years", "times_low"),
    ("one occurrence costs", "loss_high"),
    ("the expected loss is beyond", "loss_high"),
    ("record", "records"),
    ("has no system", "system"),
    ("there is no agency", "agency"),
    ("asset", "asset"),
    ("controls", "controls"),
    ("control ", "controls"),
];

/// The same of what closes, accepts or opens a risk.
const STATE: [(&str, &str); 2] = [("the reason", "reason"), ("an acceptance of", "until")];

/// `POST /risks/new`
pub(in crate::console) async fn add(
    State(console): State<Arc<Console>>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let agency = AgencyCode::new(fields.text("agency"));
    let agency = agency.map_err(|error| PageError::invalid(error.to_string()))?;
    let (app, caller) = (&console.app, &visiting.caller);
    let done = async {
        let mut wrong = Mistakes::default();
        let code = wrong.must(&fields, "code").and_then(|text| {
            let no = RiskError::Code(text.to_owned());
            wrong.keep("code", RiskCode::new(text).ok_or(no))
        });
        let about = typed_about(&fields, &mut wrong);
        let (code, about) = wrong.end(code.zip(about))?;
        risks::add_risk(app, caller, &agency, code.clone(), about).await?;
        Ok::<_, Refused>(code)
    };
    let refused = match done.await {
        Ok(code) => return Ok(to(&agency, &code)),
        Err(refused) => {
            refused
                .for_whoever_may(&console, &visiting, typing(&agency, Permission::AssuranceWrite))
                .await?
        }
    };
    let f = Frame::of(&console, &visiting, Room::Risks).await?;
    let typed = Typed::refused(&f, "", fields, refused, &PLACES)?;
    detail::show_new(&console, &visiting, typed).await
}

/// `POST /risks/{agency}/{risk}`
pub(in crate::console) async fn change(
    State(console): State<Arc<Console>>,
    Path((agency, risk)): Path<(String, String)>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let (of, code) = super::place(&agency, &risk)?;
    let done = async {
        let mut wrong = Mistakes::default();
        let about = typed_about(&fields, &mut wrong);
        let about = wrong.end(about)?;
        risks::change_risk(&console.app, &visiting.caller, &of, &code, about).await?;
        Ok::<_, Refused>(())
    };
    let refused = match done.await {
        Ok(()) => return Ok(to(&of, &code)),
        Err(refused) => {
            refused
                .for_whoever_may(&console, &visiting, typing(&of, Permission::AssuranceWrite))
                .await?
        }
    };
    let f = Frame::of(&console, &visiting, Room::Risks).await?;
    let typed = Typed::refused(&f, "", fields, refused, &PLACES)?;
    detail::show(&console, &visiting, &agency, &risk, Some(typed), Typed::default()).await
}

/// `POST /risks/{agency}/{risk}/state`
pub(in crate::console) async fn state(
    State(console): State<Arc<Console>>,
    Path((agency, risk)): Path<(String, String)>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let (of, code) = super::place(&agency, &risk)?;
    let (app, caller) = (&console.app, &visiting.caller);
    let may = match fields.text("do") {
        "accept" if caller.actor.require(Permission::RisksAccept, &of).is_ok() => {
            Permission::RisksAccept
        }
        "accept" => Permission::AssuranceApprove,
        _ => Permission::AssuranceWrite,
    };
    let done = async {
        let mut wrong = Mistakes::default();
        let reason = wrong.must(&fields, "reason");
        let is_accepted = fields.text("do") == "accept";
        let until = is_accepted.then(|| wrong.day(&fields, "until")).flatten();
        let reason = wrong.end(reason)?;
        match (fields.text("do"), until) {
            ("close", _) => risks::close_risk(app, caller, &of, &code, reason).await?,
            ("reopen", _) => risks::reopen_risk(app, caller, &of, &code, reason).await?,
            ("accept", Some(until)) => {
                risks::accept_risk(app, caller, &of, &code, until, reason).await?;
            }
            _ => return Err(Mistakes::one("", "this must be one of the list").into()),
        }
        Ok::<_, Refused>(())
    };
    let refused = match done.await {
        Ok(()) => return Ok(to(&of, &code)),
        Err(refused) => refused.for_whoever_may(&console, &visiting, typing(&of, may)).await?,
    };
    let f = Frame::of(&console, &visiting, Room::Risks).await?;
    let form = fields.text("do").to_owned();
    let stated = Typed::refused(&f, &form, fields, refused, &STATE)?;
    detail::show(&console, &visiting, &agency, &risk, None, stated).await
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
