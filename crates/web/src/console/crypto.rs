//! `/crypto`: how each registered endpoint agrees on keys, and what is to be changed first.

pub(super) mod plans;
pub(super) mod policy;

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Response, StatusCode};
use axum::response::{IntoResponse, Redirect};
use khien_app::use_case::UseError;
use khien_app::use_case::controls::Document;
use khien_app::use_case::crypto::{self, EndpointState, ProbeEnd, Reason};
use khien_domain::algorithm::Standing;
use khien_domain::code::AgencyCode;
use khien_domain::permission::Permission;

use super::Console;
use super::asked::Asked;
use super::controls::file;
use super::error::PageError;
use super::frame::{self, Frame, Room};
use super::narrow::{Bar, Narrow};
use super::posted::Posted;
use super::register;
use super::table::{Part, Table};
use super::visit::Visiting;

#[derive(Template)]
#[template(path = "console/crypto/list.html")]
struct Page {
    f: Frame,
    states: Vec<EndpointState>,
    part: Part,
    bar: Bar,
    agencies: BTreeMap<AgencyCode, String>,
    chips: Vec<(String, String, bool)>,
    may_probe: bool,
    is_daily: bool,
    all: usize,
    hybrid: usize,
    seen: usize,
    grave: usize,
    certificate_days: i64,
    wrong: Option<String>,
}

impl Frame {
    /// Until when something may be used, in words, and what takes its place.
    fn ends(&self, standing: &Standing) -> String {
        match (standing.until, &standing.instead) {
            (Some(until), Some(instead)) => {
                let id = format!("crypto-term-{}", standing.term.name());
                let what = self.v2(&id, "name", &standing.name, "day", self.date(&until));
                format!("{what} → {instead}")
            }
            _ => self.v("crypto-term-unnamed", "name", &standing.name),
        }
    }

    /// The class of texts of something that ends.
    fn term_class(&self, standing: &Standing) -> &'static str {
        use khien_domain::algorithm::Term;
        match standing.term {
            Term::Over => "bad-word",
            Term::Soon => "mid-word",
            Term::Plan => "",
            Term::Unnamed | Term::Later => "dim",
            Term::Open => "good",
        }
    }

    /// Why an endpoint is to be changed, in words.
    fn reason(&self, reason: &Reason<'_>) -> String {
        match reason.standing() {
            Some(standing) => self.ends(standing),
            None => self.word("crypto-reason", reason.name()),
        }
    }
}

impl Page {
    fn reasons<'s>(&self, state: &'s EndpointState) -> Vec<Reason<'s>> {
        state.reasons(self.f.today(), self.certificate_days)
    }

    fn agency(&self, state: &EndpointState) -> &str {
        self.agencies.get(&state.resource.agency).map_or("", String::as_str)
    }

    /// What the last probe that did not see the endpoint says.
    fn trouble(&self, state: &EndpointState) -> Option<String> {
        let last = state.last.as_ref().filter(|last| last.outcome != ProbeEnd::Seen)?;
        let outcome = self.f.word("crypto-outcome", last.outcome.name());
        Some(format!("{outcome}: {}", self.f.told(&last.detail)))
    }

    fn class(&self, reason: &Reason<'_>) -> &'static str {
        match reason {
            Reason::Expired => "bad-word",
            Reason::Ends => "mid-word",
            Reason::Unknown => "dim",
            other => other.standing().map_or("dim", |one| self.f.term_class(one)),
        }
    }
}

async fn draw(
    console: &Arc<Console>,
    visiting: &Visiting,
    asked: &super::posted::Fields,
    wrong: Option<UseError>,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(console, visiting, Room::Crypto).await?;
    let mut states = crypto::list_endpoints(&console.app, &visiting.caller).await?;
    let agencies = register::agency_names(console, visiting, &f).await?;
    let today = f.today();
    let all = states.len();
    let seen = states.iter().filter(|state| state.observed.is_some()).count();
    let is_hybrid =
        |state: &EndpointState| state.observed.as_ref().is_some_and(|observed| observed.hybrid);
    let hybrid = states.iter().filter(|state| is_hybrid(state)).count();
    let certificate_days = crypto::policy()?.certificate_days;
    let is_grave =
        |state: &EndpointState| state.reasons(today, certificate_days).iter().any(Reason::is_grave);
    let grave = states.iter().filter(|state| is_grave(state)).count();
    let narrow = Narrow::of(asked);
    states.retain(|state| {
        let system = &state.system;
        let texts = [&state.resource.value, &system.name, system.code.as_str()];
        narrow.takes(&state.resource.agency, texts)
    });
    let chosen = asked.text("show").to_owned();
    let shows = [
        ("", all),
        ("seen", seen),
        ("hybrid", hybrid),
        ("classical", seen - hybrid),
        ("grave", grave),
        ("unseen", all - seen),
    ];
    let chips = shows.map(|(value, count)| {
        let name = f.word("crypto-show", if value.is_empty() { "all" } else { value });
        let href = super::asked::address("/crypto", asked, &[("show", value), ("page", "")]);
        (format!("{name} {}", f.count(count)), href, value == chosen)
    });
    match chosen.as_str() {
        "classical" => states.retain(|state| state.observed.is_some() && !is_hybrid(state)),
        "seen" => states.retain(|state| state.observed.is_some()),
        "hybrid" => states.retain(is_hybrid),
        "grave" => states.retain(is_grave),
        "unseen" => states.retain(|state| state.observed.is_none()),
        _ => {}
    }
    if let Some(rule) = asked.some("rule") {
        states.retain(|state| state.uses(rule));
    }
    if asked.some("form").is_some() {
        return Ok(table(&f, &states, certificate_days).answer(&f, asked));
    }
    let wrong = wrong.map(|wrong| register::wrong_of(&f, wrong)).transpose()?;
    let status = if wrong.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let (part, states) = Part::of(states, "/crypto", asked);
    let page = Page {
        bar: narrow.bar(&f, asked, &agencies, Vec::new()),
        part,
        chips: chips.into(),
        may_probe: f.may(Permission::EvidenceWrite),
        is_daily: console.app.config.probe.daily,
        states,
        agencies,
        all,
        hybrid,
        seen,
        grave,
        certificate_days,
        wrong,
        f,
    };
    let mut response = frame::page(&page)?;
    *response.status_mut() = status;
    Ok(response)
}

fn table(f: &Frame, states: &[EndpointState], certificate_days: i64) -> Table {
    let rows = states.iter().map(|state| {
        let seen = state.observed.as_ref();
        let text = |text: Option<&String>| text.cloned().unwrap_or_default();
        let yes = |yes: bool| f.t(if yes { "crypto-yes" } else { "crypto-no" });
        let reasons = state.reasons(f.today(), certificate_days);
        let reasons: Vec<String> = reasons.iter().map(|reason| f.reason(reason)).collect();
        vec![
            state.resource.value.clone(),
            state.resource.agency.to_string(),
            state.system.code.to_string(),
            state.system.level.number().to_string(),
            text(seen.map(|seen| &seen.version)),
            text(seen.and_then(|seen| seen.cipher.as_ref())),
            text(seen.map(|seen| &seen.group)),
            seen.map(|seen| yes(seen.hybrid)).unwrap_or_default(),
            state.certificate_until.map(|day| day.to_string()).unwrap_or_default(),
            reasons.join("; "),
            seen.map(|seen| seen.seq.to_string()).unwrap_or_default(),
        ]
    });
    Table {
        name: "crypto",
        columns: vec![
            ("endpoint", f.t("crypto-endpoint")),
            ("agency", f.t("alerts-agency")),
            ("system", f.t("alerts-system")),
            ("level", f.t("register-level")),
            ("version", f.t("crypto-version")),
            ("cipher", f.t("crypto-cipher")),
            ("group", f.t("crypto-group")),
            ("hybrid", f.t("crypto-hybrid")),
            ("certificate_until", f.t("crypto-certificate")),
            ("reasons", f.t("crypto-reasons")),
            ("record", f.t("evidence-record")),
        ],
        rows: rows.collect(),
    }
}

/// `GET /crypto`
pub(super) async fn page(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    draw(&console, &visiting, &asked, None).await
}

/// `POST /crypto/probe`: looks at one endpoint now.
pub(super) async fn probe(
    State(console): State<Arc<Console>>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let endpoint = fields.text("endpoint");
    match crypto::probe(&console.app, &visiting.caller, Some(endpoint)).await {
        Ok(probed) => {
            let is_seen = probed.iter().all(|row| row.outcome == ProbeEnd::Seen);
            let done = if is_seen { "endpoint-seen" } else { "endpoint-not-seen" };
            Ok(Redirect::to(&format!("/crypto?done={done}")).into_response())
        }
        Err(wrong @ UseError::Invalid(_)) => {
            draw(&console, &visiting, &super::posted::Fields::default(), Some(wrong)).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /crypto/cbom`: the inventory as CycloneDX.
pub(super) async fn cbom(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
) -> Result<Response<Body>, PageError> {
    let value = crypto::cbom(&console.app, &visiting.caller).await?;
    Ok(file(&Document { file: "khien-cbom.cdx.json".to_owned(), value }))
}
