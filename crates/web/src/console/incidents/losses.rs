//! `GET /incidents/losses`: what the incidents of a year cost, estimated and counted side by side, with sums
//! by agency. An incident counts once, for the agency of its first alert.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use khien_app::use_case::incidents;
use khien_domain::code::AgencyCode;
use khien_domain::incident::{Incident, LossKind, LossSums};
use khien_domain::risk::LossError;
use khien_domain::text::collation;

use crate::console::Console;
use crate::console::asked::Asked;
use crate::console::budget::year_of;
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::narrow::Narrow;
use crate::console::register::agency_names;
use crate::console::table::{Part, Table};
use crate::console::visit::Visiting;

/// The page.
#[derive(Template)]
#[template(path = "console/incidents/losses.html")]
struct Page {
    f: Frame,
    year: i16,
    /// The agency that alone is shown.
    chosen: Option<String>,
    rows: Vec<Row>,
    part: Part,
    sum: Result<LossSums, LossError>,
    agencies: Vec<OfAgency>,
}

/// An incident.
struct Row {
    incident: Incident,
    agency: String,
    /// What was counted beside what was estimated, where both are known: the sign and how much.
    apart: Option<(&'static str, u64)>,
}

/// The incidents of an agency.
struct OfAgency {
    code: String,
    name: String,
    sum: Result<LossSums, LossError>,
}

/// Answers.
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(&console, &visiting, Room::Incidents).await?;
    let year = year_of(asked.text("year"), f.today());
    let all = incidents::incidents_of_year(&console.app, &visiting.caller, year).await?;
    let names = agency_names(&console, &visiting, &f).await?;
    let name = |code: &AgencyCode| names.get(code).cloned().unwrap_or_else(|| code.to_string());
    let narrow = Narrow::of(&asked);
    let mut of = BTreeMap::<&AgencyCode, Vec<&Incident>>::new();
    for incident in &all {
        of.entry(&incident.agency).or_default().push(incident);
    }
    let agency = |(code, incidents): (&AgencyCode, Vec<&Incident>)| OfAgency {
        code: code.to_string(),
        name: name(code),
        sum: LossSums::of(incidents.into_iter().map(|incident| &incident.losses)),
    };
    let mut agencies: Vec<OfAgency> = of.into_iter().map(agency).collect();
    let most = |of: &OfAgency| of.sum.as_ref().map_or(Some(u64::MAX), |sum| sum.best);
    agencies.sort_by_cached_key(|of| (std::cmp::Reverse(most(of)), collation(&of.name)));
    let shown: Vec<Incident> =
        all.into_iter().filter(|incident| narrow.is_of(&incident.agency)).collect();
    let sum = LossSums::of(shown.iter().map(|incident| &incident.losses));
    let rows = shown.into_iter().map(|incident| Row {
        agency: name(&incident.agency),
        apart: apart(&incident),
        incident,
    });
    let mut rows: Vec<Row> = rows.collect();
    // What costs most first; what nobody has said anything about last.
    rows.sort_by_key(|row| std::cmp::Reverse((best(&row.incident), row.incident.id.0)));
    if asked.some("form").is_some() {
        return Ok(table(&f, &rows, year).answer(&f, &asked));
    }
    let (part, rows) = Part::of(rows, "/incidents/losses", &asked);
    let chosen = asked.some("agency").map(|text| {
        let code = AgencyCode::new(&text.trim().to_lowercase()).ok();
        let name = code.and_then(|code| names.get(&code).cloned());
        name.unwrap_or_else(|| f.v("register-no-such-agency", "agency", f.s(text)))
    });
    frame::page(&Page { f, year, chosen, rows, part, sum, agencies })
}

/// What an incident costs by its better figure.
fn best(incident: &Incident) -> Option<u64> {
    let losses = &incident.losses;
    losses.amount(LossKind::Actual).or(losses.amount(LossKind::Estimated))
}

fn apart(incident: &Incident) -> Option<(&'static str, u64)> {
    let losses = &incident.losses;
    let (estimated, actual) =
        (losses.amount(LossKind::Estimated)?, losses.amount(LossKind::Actual)?);
    let sign = match actual.cmp(&estimated) {
        std::cmp::Ordering::Less => "−",
        std::cmp::Ordering::Equal => "",
        std::cmp::Ordering::Greater => "+",
    };
    Some((sign, actual.abs_diff(estimated)))
}

/// A figure of an incident as a cell.
pub(super) fn cell(incident: &Incident, kind: LossKind) -> String {
    incident.losses.amount(kind).map(|amount| amount.to_string()).unwrap_or_default()
}

fn table(f: &Frame, rows: &[Row], year: i16) -> Table {
    let row = |row: &Row| {
        let incident = &row.incident;
        let mut cells = vec![
            year.to_string(),
            incident.id.number().to_string(),
            incident.title.clone(),
            row.agency.clone(),
            f.word("incidents-state", incident.state.name()),
            f.iso(&incident.opened_at),
        ];
        for kind in LossKind::ALL {
            let figure = incident.losses.of(kind);
            let reason = figure.map(|figure| figure.about.reason.clone());
            cells.extend([cell(incident, kind), reason.unwrap_or_default()]);
        }
        cells
    };
    let column = |name, id: &str| (name, f.t(id));
    Table {
        name: "incident-losses",
        columns: vec![
            column("year", "budget-year"),
            column("number", "alerts-number"),
            column("title", "incidents-title"),
            column("agency", "alerts-agency"),
            column("state", "alerts-state"),
            column("opened_at", "incidents-opened"),
            column("estimated", "losses-estimated"),
            column("estimated_reason", "losses-reason"),
            column("actual", "losses-actual"),
            column("actual_reason", "losses-reason"),
        ],
        rows: rows.iter().map(row).collect(),
    }
}
