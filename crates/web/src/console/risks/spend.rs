//! `GET /risks/spend`: what risks may cost, what the money of a year does about it, and what incidents cost.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use khien_app::use_case::spend;
use khien_domain::budget::{Line, Reading, unlinked};
use khien_domain::code::AgencyCode;
use khien_domain::incident::{LossSums, Losses};
use khien_domain::risk::{Expected, Loss, LossError, Rating};
use khien_domain::spend::{AgencySpend, Funded, Outlook, by_agency, linked_sums, outlook, rank};

use crate::console::Console;
use crate::console::asked::Asked;
use crate::console::budget::year_of;
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::register::agency_names;
use crate::console::table::{Part, Table};
use crate::console::visit::Visiting;

/// The page.
#[derive(Template)]
#[template(path = "console/risks/spend.html")]
struct Page {
    f: Frame,
    year: i16,
    outlook: Result<Outlook, LossError>,
    /// Security of lines that reduce a risk, in đồng, each line once.
    linked: String,
    losses: Result<LossSums, LossError>,
    rows: Vec<Row>,
    part: Part,
    /// Risks above the appetite that no line reduces.
    alone: Vec<Row>,
    unlinked: Vec<LineShown>,
    /// How many lines of the year have a part for security.
    security_lines: usize,
    agencies: Vec<OfAgency>,
}

/// A risk with its lines.
struct Row {
    rating: Rating,
    href: String,
    code: String,
    threat: String,
    agency: String,
    state: String,
    expected: Option<Expected>,
    left: Option<Expected>,
    lines: Vec<LineShown>,
    /// Security of what is planned, allocated and spent, in đồng.
    security: [u64; 3],
    ratio: String,
}

/// A line that leads to itself.
struct LineShown {
    href: String,
    code: String,
    name: String,
    agency: String,
    planned: String,
}

/// An agency.
struct OfAgency {
    code: String,
    name: String,
    outlook: Result<Outlook, LossError>,
    linked: u64,
    losses: Result<LossSums, LossError>,
}

/// Answers.
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(&console, &visiting, Room::Risks).await?;
    let year = year_of(asked.text("year"), f.today());
    let found = spend::spend_of_year(&console.app, &visiting.caller, year).await?;
    let names = agency_names(&console, &visiting, &f).await?;
    let pack = super::pack()?;
    let show = Shown { f: &f, names: &names };
    let ranked = rank(&found.risks, &found.lines, &found.systems, pack);
    let agencies = by_agency(&found.risks, &found.lines, &found.incidents);
    let agencies: Vec<OfAgency> = agencies.iter().map(|of| show.agency(of)).collect();
    if asked.some("form").is_some() && asked.text("of") == "agencies" {
        return Ok(agencies_table(&f, &agencies, year).answer(&f, &asked));
    }
    let row = |funded: &Funded<'_>| show.row(funded, funded.risk.rating(pack));
    let rows: Vec<Row> = ranked.iter().map(row).collect();
    if asked.some("form").is_some() {
        return Ok(risks_table(&f, &rows, year).answer(&f, &asked));
    }
    let alone = ranked.iter().filter(|funded| funded.is_left_alone(pack)).map(row).collect();
    let all: Vec<&Losses> = found.incidents.iter().map(|incident| &incident.losses).collect();
    let (part, rows) = Part::of(rows, "/risks/spend", &asked);
    frame::page(&Page {
        year,
        outlook: outlook(&found.risks),
        linked: f.count(linked_sums(&found.lines).security()),
        losses: LossSums::of(all),
        alone,
        security_lines: found.lines.iter().filter(|line| line.about.is_security()).count(),
        unlinked: unlinked(&found.lines).map(|line| show.line(line)).collect(),
        rows,
        part,
        agencies,
        f,
    })
}

/// What rows are shown with.
struct Shown<'p> {
    f: &'p Frame,
    names: &'p BTreeMap<AgencyCode, String>,
}

impl Shown<'_> {
    fn name(&self, code: &AgencyCode) -> String {
        self.names.get(code).cloned().unwrap_or_else(|| code.to_string())
    }

    fn line(&self, line: &Line) -> LineShown {
        let code = line.about.code.to_string();
        LineShown {
            href: format!("/budget/{}/{}/lines/{code}", line.agency, line.year),
            name: line.about.name.clone(),
            agency: self.name(&line.agency),
            planned: self.f.count(line.about.planned),
            code,
        }
    }

    fn row(&self, funded: &Funded<'_>, rating: Rating) -> Row {
        let risk = funded.risk;
        let ratio = funded.ratio(Reading::Planned);
        Row {
            rating,
            href: format!("/risks/{}/{}", risk.agency, risk.code),
            code: risk.code.to_string(),
            threat: risk.about.threat.clone(),
            agency: self.name(&risk.agency),
            state: self.f.word("risks-state", risk.state.name()),
            expected: risk.expected(),
            left: risk.about.residual_loss.map(Loss::expected),
            lines: funded.lines.iter().map(|line| self.line(line)).collect(),
            security: Reading::ALL.map(|reading| funded.sums(reading).security()),
            ratio: ratio.map_or_else(|| "—".to_owned(), |percent| self.f.percent(&percent)),
        }
    }

    fn agency(&self, of: &AgencySpend<'_>) -> OfAgency {
        OfAgency {
            code: of.agency.to_string(),
            name: self.name(of.agency),
            outlook: of.outlook,
            linked: of.linked.security(),
            losses: of.losses,
        }
    }
}

/// The bounds of a year as cells; empty ones where nobody has estimated it.
fn cells(expected: Option<Expected>) -> [String; 2] {
    expected.map_or_else(<[String; 2]>::default, |expected| {
        [expected.low_a_year().to_string(), expected.high_a_year().to_string()]
    })
}

fn risks_table(f: &Frame, rows: &[Row], year: i16) -> Table {
    let row = |row: &Row| {
        let lines: Vec<&str> = row.lines.iter().map(|line| line.code.as_str()).collect();
        let mut cells_of = vec![
            year.to_string(),
            row.agency.clone(),
            row.code.clone(),
            row.threat.clone(),
            f.rating(row.rating),
            row.state.clone(),
        ];
        cells_of.extend(cells(row.expected));
        cells_of.extend(cells(row.left));
        cells_of.push(lines.join(" "));
        cells_of.extend(row.security.map(|amount| amount.to_string()));
        cells_of.push(row.ratio.clone());
        cells_of
    };
    let word = |name: &'static str| (name, f.word("risks", name));
    let titled = |name, id: &str| (name, f.t(id));
    let columns = vec![
        titled("year", "budget-year"),
        titled("agency", "alerts-agency"),
        titled("code", "register-code"),
        word("threat"),
        word("rating"),
        titled("state", "alerts-state"),
        word("expected_low"),
        word("expected_high"),
        word("residual_expected_low"),
        word("residual_expected_high"),
        titled("lines", "budget-lines"),
        titled("planned_security", "spend-planned"),
        titled("allocated_security", "spend-allocated"),
        titled("spent_security", "spend-spent"),
        titled("ratio", "spend-ratio"),
    ];
    Table { name: "risk-spend", columns, rows: rows.iter().map(row).collect() }
}

fn agencies_table(f: &Frame, agencies: &[OfAgency], year: i16) -> Table {
    let row = |of: &OfAgency| {
        let outlook = of.outlook.as_ref().ok();
        let losses = of.losses.as_ref().ok();
        let count = |number: Option<usize>| number.map(|number| number.to_string());
        let amount = |amount: Option<u64>| amount.map(|amount| amount.to_string());
        let mut row = vec![year.to_string(), of.code.clone(), of.name.clone()];
        row.extend(cells(outlook.map(|outlook| outlook.expected)));
        row.extend([
            count(outlook.map(|outlook| outlook.risks)).unwrap_or_default(),
            count(outlook.map(|outlook| outlook.unknown)).unwrap_or_default(),
            of.linked.to_string(),
            count(losses.map(|losses| losses.incidents)).unwrap_or_default(),
            amount(losses.and_then(|losses| losses.estimated)).unwrap_or_default(),
            amount(losses.and_then(|losses| losses.actual)).unwrap_or_default(),
        ]);
        row
    };
    let word = |name: &'static str| (name, f.word("risks", name));
    let titled = |name, id: &str| (name, f.t(id));
    let columns = vec![
        titled("year", "budget-year"),
        titled("code", "register-code"),
        titled("agency", "alerts-agency"),
        word("expected_low"),
        word("expected_high"),
        titled("risks", "frame-room-risks"),
        titled("not_estimated", "risks-not-estimated"),
        titled("planned_security", "spend-planned"),
        titled("incidents", "frame-room-incidents"),
        titled("estimated", "losses-estimated"),
        titled("actual", "losses-actual"),
    ];
    Table { name: "agency-spend", columns, rows: agencies.iter().map(row).collect() }
}
