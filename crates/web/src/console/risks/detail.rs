//! `GET /risks/{agency}/{risk}`, and the form of a new one.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Response;
use khien_app::use_case::controls::Relied;
use khien_app::use_case::risks::{self, RiskDetail};
use khien_app::use_case::{budgets, register};
use khien_domain::asset::KeptAsset;
use khien_domain::budget::Line;
use khien_domain::code::AgencyCode;
use khien_domain::permission::Permission;
use khien_domain::risk::{AssetName, Rating, RiskState, Standing};

use crate::console::Console;
use crate::console::asked::Asked;
use crate::console::error::PageError;
use crate::console::frame::{Frame, Room};
use crate::console::register::{agencies, name, systems};
use crate::console::typed::{self, Typed};
use crate::console::visit::Visiting;

/// One risk.
#[derive(Template)]
#[template(path = "console/risks/detail.html")]
struct Page {
    accept_days: i64,
    f: Frame,
    detail: RiskDetail,
    rating: Rating,
    /// How what is left after treatment is rated.
    residual: Option<Rating>,
    /// The lines of this year's plan that reduce it.
    lines: Vec<Line>,
    /// Whether only somebody who may approve accepts it.
    is_beyond: bool,
    /// What is said of it, or was typed and refused.
    typed: Typed,
    /// What was typed to close, accept or open it and refused.
    stated: Typed,
    systems: Vec<(String, String)>,
    /// What the register has to choose from.
    assets: Vec<String>,
    may_write: bool,
    /// Whether whoever visits may accept it as it weighs.
    may_accept: bool,
}

/// The form of a new one.
#[derive(Template)]
#[template(path = "console/risks/new.html")]
struct NewPage {
    f: Frame,
    typed: Typed,
    agencies: Vec<(String, String)>,
    systems: Vec<(String, String)>,
    /// What the register has to choose from.
    assets: Vec<String>,
}

/// As many assets as a list under a field shows.
const MOST_ASSETS: usize = 500;

/// The assets of agencies, as forms name them; none if there are too many to choose from.
async fn assets(
    console: &Arc<Console>,
    visiting: &Visiting,
    of: impl Fn(&AgencyCode) -> bool,
) -> Result<Vec<String>, PageError> {
    let all = register::list_assets(&console.app, &visiting.caller, None).await?.into_iter();
    let names = all.filter(|kept| of(&kept.agency)).map(|KeptAsset { asset, .. }| {
        AssetName { system: asset.system, name: asset.name }.to_string()
    });
    let names: Vec<String> = names.collect();
    Ok(if names.len() > MOST_ASSETS { Vec::new() } else { names })
}

impl Page {
    /// Where a control that the risk names is shown as it stands.
    fn control_href(&self, relied: &Relied) -> Option<String> {
        let (key, control) = relied.found.as_ref()?;
        Some(match (&self.detail.risk.about.system, relied.standing) {
            (Some(system), Standing::Met | Standing::Stated | Standing::Lacking) => {
                format!("/systems/{system}/controls?catalogue={key}#{}", control.id)
            }
            _ => format!("/controls/{key}#{}", control.family),
        })
    }

    fn control_words<'r>(&self, relied: &'r Relied) -> &'r str {
        relied.found.as_ref().map_or("", |(_, control)| self.f.either(&control.vi, &control.en))
    }

    fn lacks_control(&self) -> bool {
        self.detail.controls.iter().any(|one| one.standing.is_lacking())
    }
}

/// Answers.
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    Path((agency, risk)): Path<(String, String)>,
    visiting: Visiting,
) -> Result<Response<Body>, PageError> {
    show(&console, &visiting, &agency, &risk, None, Typed::default()).await
}

/// The page, with what was typed into its forms and refused.
pub(super) async fn show(
    console: &Arc<Console>,
    visiting: &Visiting,
    agency: &str,
    risk: &str,
    typed: Option<Typed>,
    stated: Typed,
) -> Result<Response<Body>, PageError> {
    let (agency, code) = super::place(agency, risk)?;
    let detail = risks::get_risk(&console.app, &visiting.caller, &agency, &code).await?;
    let f = Frame::of(console, visiting, Room::Risks).await?;
    let pack = super::pack()?;
    let year = f.today().year();
    let mut lines =
        budgets::agency_budgets(&console.app, &visiting.caller, &agency, year).await?.lines;
    lines.retain(|line| line.year == year && line.about.risks.contains(&code));
    let may_write = f.may_in(Permission::AssuranceWrite, &agency);
    let may_bear = f.may_in(Permission::RisksAccept, &agency);
    let is_home = visiting.caller.actor.home() == Some(&agency);
    let may_approve = f.may_in(Permission::AssuranceApprove, &agency) && !is_home;
    let all = systems(console, visiting).await?.into_iter();
    let of_it = all.filter(|system| system.agency == agency);
    let status = typed.as_ref().map_or(stated.status(), Typed::status);
    let assets =
        if may_write { assets(console, visiting, |of| *of == agency).await? } else { Vec::new() };
    let page = Page {
        assets,
        accept_days: pack.accept_days(detail.weighs),
        is_beyond: detail.weighs > pack.appetite,
        rating: detail.risk.rating(pack),
        residual: detail.risk.about.residual.map(|left| pack.rating(left)),
        typed: typed.unwrap_or_else(|| Typed::new(super::typed_of(&detail.risk.about))),
        systems: of_it.map(|system| (system.code.to_string(), system.name)).collect(),
        may_accept: may_approve || (may_bear && detail.weighs <= pack.appetite),
        may_write,
        lines,
        detail,
        stated,
        f,
    };
    typed::page(status, &page)
}

/// `GET /risks/new`
pub(in crate::console) async fn new(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    if visiting.visit.person.actor().agencies(Permission::AssuranceWrite).is_err() {
        return Err(PageError::not_found());
    }
    show_new(&console, &visiting, Typed::new(asked)).await
}

/// The form, with what was wrong with it.
pub(super) async fn show_new(
    console: &Arc<Console>,
    visiting: &Visiting,
    typed: Typed,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(console, visiting, Room::Risks).await?;
    let may = |agency: &AgencyCode| f.may_in(Permission::AssuranceWrite, agency);
    let all = agencies(console, visiting).await?.into_iter();
    let all = all.filter(|agency| agency.in_scope && may(&agency.code));
    let agencies = all.map(|agency| (agency.code.to_string(), name(&f, &agency))).collect();
    let all = systems(console, visiting).await?.into_iter();
    let all = all.filter(|system| may(&system.agency));
    let systems = all.map(|system| (system.code.to_string(), system.name)).collect();
    let assets = assets(console, visiting, may).await?;
    let status = typed.status();
    typed::page(status, &NewPage { f, typed, agencies, systems, assets })
}
