//! `/calendar`: which assessments of which systems are due, and recording that one was done.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use axum::response::{IntoResponse, Redirect};
use khien_app::use_case::assessments::{self, Assessed, Row};
use khien_domain::assessment::{AssessmentPack, Check, Standing, State as How};
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::facts::Period;
use khien_domain::permission::Permission;
use khien_domain::restore::Measured;
use khien_domain::system::Level;
use khien_domain::text::collation;

use super::Console;
use super::asked::{Asked, address};
use super::error::PageError;
use super::frame::{Frame, Room};
use super::narrow::{Bar, Narrow};
use super::posted::{Fields, Posted};
use super::register::agency_names;
use super::table::{Part, Table};
use super::typed::{self, Mistakes, Refused, Typed};
use super::visit::Visiting;

/// The page.
#[derive(Template)]
#[template(path = "console/calendar.html")]
struct Page {
    f: Frame,
    pack: &'static AssessmentPack,
    rows: Vec<Shown>,
    part: Part,
    chips: Vec<(String, String, bool)>,
    bar: Bar,
    /// What may be recorded of, by code and name.
    systems: Vec<(String, String)>,
    typed: Typed,
}

struct Shown {
    row: Row,
    agency: String,
}

impl Page {
    /// An interval in words, or a dash.
    fn interval(&self, check: &Check, level: &Level) -> String {
        match self.pack.interval(*check, *level) {
            Some(Period::Months(months)) => self.f.n("calendar-months", u32::from(months)),
            Some(Period::Days(days)) => self.f.n("frame-days", u32::from(days)),
            Some(Period::Hours(hours)) => self.f.n("frame-hours", u32::from(hours)),
            None => "—".to_owned(),
        }
    }

    fn class(&self, standing: &Standing) -> &'static str {
        match standing.state {
            How::Overdue => "bad-word",
            How::Soon | How::Declared => "mid-word",
            How::Done => "good",
        }
    }
}

/// `GET /calendar`
pub(super) async fn page(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    draw(&console, &visiting, asked, Typed::default()).await
}

async fn draw(
    console: &Arc<Console>,
    visiting: &Visiting,
    asked: Fields,
    typed: Typed,
) -> Result<Response<Body>, PageError> {
    let rows = assessments::calendar(&console.app, &visiting.caller).await?;
    // Beside a form that was sent the whole list stands.
    let asked = if typed.is_wrong() { Fields::default() } else { asked };
    let f = Frame::of(console, visiting, Room::Findings).await?;
    let names = agency_names(console, visiting, &f).await?;
    let may = |agency: &AgencyCode| {
        [Permission::AssuranceWrite, Permission::AssuranceDecide, Permission::AssuranceApprove]
            .into_iter()
            .any(|permission| f.may_in(permission, agency))
    };
    let mine = rows.iter().filter(|row| may(&row.system.agency));
    let systems = mine.map(|row| (row.system.code.to_string(), row.system.name.clone())).collect();
    let state = How::parse(asked.text("state"));
    let count = |row: &Row, state: How| {
        row.standings.iter().flatten().filter(|standing| standing.state == state).count()
    };
    let chips = How::ALL.iter().map(|one| {
        let set = if state == Some(*one) { "" } else { one.name() };
        let all: usize = rows.iter().map(|row| count(row, *one)).sum();
        let words = format!("{} {}", f.word("calendar-state", one.name()), f.count(all));
        let href = address("/calendar", &asked, &[("state", set), ("page", "")]);
        (words, href, state == Some(*one))
    });
    let chips = chips.collect();
    let system = SystemCode::new(asked.text("system")).ok();
    let narrow = Narrow::of(&asked);
    let mut rows: Vec<Row> = rows
        .into_iter()
        .filter(|row| state.is_none_or(|state| count(row, state) > 0))
        .filter(|row| system.as_ref().is_none_or(|code| *code == row.system.code))
        .filter(|row| {
            let texts = [row.system.name.as_str(), row.system.code.as_str()];
            narrow.takes(&row.system.agency, texts)
        })
        .collect();
    rows.sort_by_cached_key(|row| {
        let [overdue, soon] = [How::Overdue, How::Soon].map(|state| count(row, state));
        (std::cmp::Reverse((overdue, soon, row.system.level)), collation(&row.system.name))
    });
    if asked.some("form").is_some() {
        return Ok(table(&f, &rows).answer(&f, &asked));
    }
    let shown = rows.into_iter().map(|row| Shown {
        agency: names.get(&row.system.agency).cloned().unwrap_or_default(),
        row,
    });
    let (part, rows) = Part::of(shown.collect(), "/calendar", &asked);
    let bar = narrow.bar(&f, &asked, &names, Vec::new());
    let (pack, status) = (assessments::pack()?, typed.status());
    let typed = if typed.is_wrong() { typed } else { Typed::new(asked) };
    let page = Page { f, pack, rows, part, chips, bar, systems, typed };
    typed::page(status, &page)
}

fn table(f: &Frame, rows: &[Row]) -> Table {
    let cells = rows.iter().flat_map(|row| {
        Check::ALL.iter().zip(&row.standings).filter_map(move |(check, standing)| {
            let standing = standing.as_ref()?;
            Some(vec![
                row.system.code.to_string(),
                row.system.name.clone(),
                row.system.agency.to_string(),
                row.system.level.number().to_string(),
                f.word("calendar-check", check.name()),
                f.word("calendar-state", standing.state.name()),
                standing.done.map(|(_, at)| f.iso(&at)).unwrap_or_default(),
                standing.due.map(|day| day.to_string()).unwrap_or_default(),
                standing.done.map(|(seq, _)| seq.to_string()).unwrap_or_default(),
            ])
        })
    });
    let column = |name, id: &str| (name, f.t(id));
    Table {
        name: "calendar",
        columns: vec![
            column("system", "register-code"),
            column("name", "register-name"),
            column("agency", "alerts-agency"),
            column("level", "register-level"),
            column("check", "calendar-check"),
            column("state", "alerts-state"),
            column("done", "calendar-done"),
            column("due", "calendar-due"),
            column("record", "evidence-record"),
        ],
        rows: cells.collect(),
    }
}

fn typed(fields: &Fields) -> Result<Assessed, Mistakes> {
    let mut wrong = Mistakes::default();
    let system = wrong.chosen(fields, "system", |text| SystemCode::new(text).ok());
    let check = wrong.chosen(fields, "check", Check::parse);
    let day = wrong.day(fields, "day");
    let report = wrong.must(fields, "report").map(str::to_owned);
    let findings = wrong.number(fields, "findings");
    let mut minutes = |name| wrong.number::<u32>(fields, name).map(i64::from);
    let (minutes, lost_minutes) = (minutes("minutes"), minutes("lost_minutes"));
    let assessed = || {
        Some(Assessed {
            system: system?,
            check: check?,
            day: day?,
            report: report?,
            independent: fields.text("independent") == "yes",
            met: fields.text("met") == "yes",
            measured: Measured { minutes, lost_minutes },
            scanned: (findings.unwrap_or_default(), fields.text("tool").to_owned()),
        })
    };
    let assessed = assessed();
    wrong.end(assessed)
}

/// What sentences of a refusal are about.
const PLACES: [(&str, &str); 8] = [
    ("the day lies", "day"),
    ("to come", "day"),
    ("RTO", "minutes"),
    ("RPO", "lost_minutes"),
    ("the report", "report"),
    ("the tool", "tool"),
    ("there is no system", "system"),
    ("is retired", "system"),
];

/// `POST /calendar`: records that an assessment was done.
pub(super) async fn record(
    State(console): State<Arc<Console>>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let done = async {
        let new = typed(&fields)?;
        assessments::record_assessment(&console.app, &visiting.caller, new).await?;
        Ok::<_, Refused>(())
    };
    let Err(refused) = done.await else {
        return Ok(Redirect::to("/calendar?done=assessed").into_response());
    };
    let f = Frame::of(&console, &visiting, Room::Findings).await?;
    let typed = Typed::refused(&f, "", fields, refused, &PLACES)?;
    draw(&console, &visiting, Fields::none(), typed).await
}
