//! `GET /risks`

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use jiff::civil::Date;
use khien_app::use_case::risks;
use khien_domain::code::AgencyCode;
use khien_domain::permission::Permission;
use khien_domain::risk::{Degree, Estimate, Heat, LossError, Rating, Risk, RiskPack, RiskState};
use khien_domain::spend::{Outlook, outlook};
use khien_domain::text::collation;

use super::Filter;
use crate::console::Console;
use crate::console::asked::{Asked, address};
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::narrow::Bar;
use crate::console::register::{agency_names, system_names, systems};
use crate::console::table::Part;
use crate::console::visit::Visiting;

/// The page.
#[derive(Template)]
#[template(path = "console/risks/list.html")]
struct Page {
    f: Frame,
    pack: &'static RiskPack,
    today: Date,
    risks: Vec<Risk>,
    part: Part,
    bar: Bar,
    names: BTreeMap<AgencyCode, String>,
    states: Vec<(String, String, bool)>,
    ratings: Vec<(String, String, bool)>,
    overdue: (String, bool),
    heat: Vec<HeatRow>,
    /// What the risks that are shown and not closed may cost together.
    outlook: Result<Outlook, LossError>,
    agencies: Vec<OfAgency>,
    /// Systems of agencies whose assessments whoever visits may confirm.
    systems: Vec<(String, String)>,
    may_write: bool,
}

/// The cells of one likelihood.
struct HeatRow {
    likelihood: Degree,
    /// How it is rated, how many there are, where they are listed.
    cells: Vec<(Rating, usize, String)>,
}

/// The open risks of an agency.
struct OfAgency {
    href: String,
    name: String,
    open: usize,
    grave: usize,
    overdue: usize,
    accepted: usize,
}

/// Answers.
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let filter = Filter::of(&asked, system_names(&console, &visiting).await?);
    let all = risks::list_risks(&console.app, &visiting.caller).await?;
    let f = Frame::of(&console, &visiting, Room::Risks).await?;
    let names = agency_names(&console, &visiting, &f).await?;
    let (pack, today) = (super::pack()?, f.today());
    let href = |changes: &[(&str, &str)]| address("/risks", &asked, changes);
    let states = ["open", "accepted", "closed", "all"].map(|state| {
        let set = if state == "open" { "" } else { state };
        let is_on = filter.state.unwrap_or("all") == state;
        (f.word("risks-state", state), href(&[("state", set), ("page", "")]), is_on)
    });
    let ratings = Rating::ALL.map(|rating| {
        let is_on = filter.rating == Some(rating);
        let set = if is_on { "" } else { rating.name() };
        (f.rating(rating), href(&[("rating", set), ("page", "")]), is_on)
    });
    let set = if filter.is_overdue { "" } else { "1" };
    let overdue = (href(&[("overdue", set), ("page", "")]), filter.is_overdue);
    let of_agency = all.iter().filter(|risk| filter.says(risk));
    let map = Heat::of(of_agency);
    let heat = Degree::ALL.into_iter().rev().map(|likelihood| HeatRow {
        likelihood,
        cells: Degree::ALL
            .map(|impact| {
                let at = Estimate { likelihood, impact };
                let (row, column) = (likelihood.number().to_string(), impact.number().to_string());
                let to =
                    href(&[("likelihood", &row), ("impact", &column), ("state", ""), ("page", "")]);
                (pack.rating(at), map.at(at), to)
            })
            .into(),
    });
    let heat = heat.collect();
    let shown = filter.shown(&all, pack, today).into_iter().cloned().collect();
    let (part, risks) = Part::of(shown, "/risks", &asked);
    let agencies = agencies(&all, &names, pack, today);
    let found = systems(&console, &visiting).await?.into_iter();
    let found = found.filter(|system| {
        f.may_in(Permission::AssuranceWrite, &system.agency)
            && all.iter().any(|risk| risk.about.system.as_ref() == Some(&system.code))
    });
    let systems = found.map(|system| (format!("{} {}", system.agency, system.code), system.name));
    frame::page(&Page {
        bar: filter.narrow.bar(&f, &asked, &names, Vec::new()),
        risks,
        part,
        outlook: outlook(all.iter().filter(|risk| filter.takes_any_state(risk, pack, today))),
        systems: systems.collect(),
        states: states.into(),
        ratings: ratings.into(),
        may_write: f.may(Permission::AssuranceWrite),
        overdue,
        heat,
        agencies,
        names,
        pack,
        today,
        f,
    })
}

fn agencies(
    all: &[Risk],
    names: &BTreeMap<AgencyCode, String>,
    pack: &RiskPack,
    today: Date,
) -> Vec<OfAgency> {
    let mut of = BTreeMap::<&AgencyCode, Vec<&Risk>>::new();
    for risk in all {
        of.entry(&risk.agency).or_default().push(risk);
    }
    let row = |(code, risks): (&AgencyCode, Vec<&Risk>)| {
        let heat = Heat::of(risks.iter().copied());
        let count = |rating| heat.of_rating(pack, rating);
        let is_accepted = |risk: &&&Risk| matches!(risk.state, RiskState::Accepted(_));
        OfAgency {
            href: format!("/risks?agency={code}"),
            name: names.get(code).cloned().unwrap_or_else(|| code.to_string()),
            open: Rating::ALL.into_iter().map(count).sum(),
            grave: count(Rating::High) + count(Rating::Critical),
            overdue: risks.iter().filter(|risk| risk.is_overdue(today)).count(),
            accepted: risks.iter().filter(is_accepted).count(),
        }
    };
    let mut rows: Vec<OfAgency> = of.into_iter().map(row).collect();
    rows.sort_by_cached_key(|row| {
        (std::cmp::Reverse((row.overdue, row.grave, row.open)), collation(&row.name))
    });
    rows
}

impl Page {
    /// The name of an agency.
    fn agency(&self, code: &AgencyCode) -> String {
        self.names.get(code).cloned().unwrap_or_else(|| code.to_string())
    }
}
