//! `/crypto/plans`: what each system has to replace, until when, and how its plan stands.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use khien_app::use_case::crypto::{self, SystemPlan};
use khien_domain::algorithm::PlanState;
use khien_domain::code::AgencyCode;
use khien_domain::permission::Permission;

use crate::console::Console;
use crate::console::asked::{Asked, address};
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::narrow::{Bar, Narrow};
use crate::console::register;
use crate::console::table::{Part, Table};
use crate::console::visit::Visiting;

#[derive(Template)]
#[template(path = "console/crypto/plans.html")]
struct Page {
    f: Frame,
    rows: Vec<SystemPlan>,
    agencies: BTreeMap<AgencyCode, String>,
    chips: Vec<(String, String, bool)>,
    bar: Bar,
    part: Part,
    is_narrowed: bool,
}

impl Page {
    fn agency(&self, row: &SystemPlan) -> &str {
        self.agencies.get(&row.system.agency).map_or("", String::as_str)
    }

    fn class(&self, row: &SystemPlan) -> &'static str {
        match row.state {
            PlanState::Over | PlanState::Passed => "bad-word",
            PlanState::Missing | PlanState::Late => "mid-word",
            PlanState::Unseen => "dim",
            PlanState::InTime | PlanState::Nothing => "good",
        }
    }
}

/// `GET /crypto/plans`
pub(in crate::console) async fn page(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(&console, &visiting, Room::Crypto).await?;
    let agencies = register::agency_names(&console, &visiting, &f).await?;
    let mut rows = crypto::list_plans(&console.app, &visiting.caller).await?;
    let narrow = Narrow::of(&asked);
    rows.retain(|row| {
        let plans = row.plans.iter().flat_map(|plan| [plan.change.as_str(), plan.post.as_str()]);
        let texts = [row.system.name.as_str(), row.system.code.as_str()].into_iter().chain(plans);
        narrow.takes(&row.system.agency, texts)
    });
    let chosen = asked.text("state").to_owned();
    let states = PlanState::ALL.iter().map(|state| state.name());
    let chips = std::iter::once("").chain(states).map(|state| {
        let count = rows.iter().filter(|row| state.is_empty() || row.state.name() == state).count();
        let name = f.word("crypto-plan-state", if state.is_empty() { "all" } else { state });
        let href = address("/crypto/plans", &asked, &[("state", state), ("page", "")]);
        (format!("{name} {}", f.count(count)), href, state == chosen)
    });
    let chips = chips.collect();
    rows.retain(|row| chosen.is_empty() || row.state.name() == chosen);
    if asked.some("form").is_some() {
        return Ok(table(&f, &rows).answer(&f, &asked));
    }
    let bar = narrow.bar(&f, &asked, &agencies, Vec::new());
    let (part, rows) = Part::of(rows, "/crypto/plans", &asked);
    let is_narrowed = bar.is_on || !chosen.is_empty();
    frame::page(&Page { f, rows, agencies, chips, bar, part, is_narrowed })
}

fn table(f: &Frame, rows: &[SystemPlan]) -> Table {
    let cells = rows.iter().map(|row| {
        let due: Vec<&str> = row.due.iter().map(|one| one.name.as_str()).collect();
        let plans = |said: fn(&crypto::Plan) -> String| {
            row.plans.iter().map(said).collect::<Vec<_>>().join("; ")
        };
        vec![
            row.system.code.to_string(),
            row.system.agency.to_string(),
            row.system.level.number().to_string(),
            row.endpoints.to_string(),
            row.unseen.to_string(),
            row.products.to_string(),
            due.join("; "),
            row.first().map_or_else(String::new, |day| day.to_string()),
            plans(|plan| plan.change.clone()),
            plans(|plan| plan.by.to_string()),
            plans(|plan| plan.post.clone()),
            f.cell(row.state.name(), f.word("crypto-plan-state", row.state.name())),
        ]
    });
    Table {
        name: "crypto-plans",
        columns: vec![
            ("system", f.t("alerts-system")),
            ("agency", f.t("alerts-agency")),
            ("level", f.t("register-level")),
            ("endpoints", f.t("crypto-endpoints")),
            ("unseen", f.word("crypto-show", "unseen")),
            ("products", f.t("register-cryptographic")),
            ("due", f.t("crypto-due")),
            ("policy_until", f.t("crypto-first")),
            ("plan", f.t("crypto-plan")),
            ("plan_by", f.t("crypto-plan-day")),
            ("post", f.t("crypto-plan-post")),
            ("state", f.t("crypto-plan-state")),
        ],
        rows: cells.collect(),
    }
}
