//! `GET /critical`: critical systems with what is demanded of them, and single points of failure.

mod export;

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use khien_app::use_case::findings::{OWN_TOOL, list_findings};
use khien_app::use_case::register::critical::{self, CriticalSystem};
use khien_app::use_case::register::list_sites;
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::finding::FindingState;
use khien_domain::register_pack::RegisterPack;
use khien_domain::single_point::{Point, Weakness, What};
use khien_domain::text::collation;

use super::Console;
use super::asked::{Asked, address};
use super::error::PageError;
use super::frame::{self, Frame, Room};
use super::gate;
use super::narrow::{Bar, Narrow};
use super::posted::Fields;
use super::register;
use super::table::Part;
use super::visit::Visiting;

/// The page.
#[derive(Template)]
#[template(path = "console/systems/critical.html")]
struct Page {
    f: Frame,
    /// How many critical systems there are, and of these those of each state.
    figures: Vec<(String, String, usize)>,
    about: String,
    rows: Vec<Row>,
    part: Part,
    points: Vec<Shown>,
    points_part: Part,
    /// What the points can be narrowed to.
    kinds: Vec<(String, String, bool)>,
    /// The points as files.
    files: [(&'static str, String); 3],
    bar: Bar,
}

/// A critical system with what other rooms say of it.
struct Row {
    of: CriticalSystem,
    agency: String,
    /// The number of the gate's last decision, if it was asked, and how that stands.
    decision: Option<u64>,
    gate: &'static str,
    /// What the centre itself finds wrong.
    findings: usize,
}

/// A point as it is shown.
struct Shown {
    point: Point,
    name: String,
    agency: Option<AgencyCode>,
    agency_name: String,
    href: Option<String>,
}

/// What the critical systems can be narrowed to.
const STATES: [&str; 6] = ["untested", "missed", "no-plan", "unexercised", "slower", "refused"];
/// What the points can be narrowed to.
const KINDS: [&str; 7] = ["", "system", "site", "provider", "conflict", "unmarked", "no-plan"];

impl Row {
    fn is(&self, state: &str) -> bool {
        match state {
            "untested" => self.restore() == "none" || self.restore() == "stale",
            "missed" => self.restore() == "missed",
            "no-plan" => !self.of.is_planned,
            "unexercised" => self.exercise() == "never" || self.exercise() == "stale",
            "slower" => self.of.slower > 0,
            "refused" => !matches!(self.gate, "allow" | "broken"),
            _ => true,
        }
    }

    /// How the last restore stands.
    fn restore(&self) -> &'static str {
        match &self.of.restore {
            None => "none",
            Some(_) if !self.of.is_tried => "stale",
            Some(restore) if restore.met() => "met",
            Some(_) => "missed",
        }
    }

    /// How the exercise of the continuity plan stands; without a plan there is none to exercise.
    fn exercise(&self) -> &'static str {
        match self.of.exercised {
            _ if !self.of.is_planned => "none",
            None => "never",
            Some(_) if !self.of.is_exercised => "stale",
            Some(_) => "done",
        }
    }

    /// What the last restore missed.
    fn missed(&self) -> Vec<&'static str> {
        let said = self.of.restore.map(|restore| {
            [("success", restore.success), ("rto", restore.rto_met), ("rpo", restore.rpo_met)]
        });
        let missed = said.into_iter().flatten().filter(|(_, met)| !met);
        missed.map(|(name, _)| name).collect()
    }

    /// What was measured of the last restore, in words.
    fn measured(&self, f: &Frame) -> Option<String> {
        let restore = self.of.restore.filter(|one| one.minutes.or(one.lost_minutes).is_some())?;
        let (took, lost) = (f.minutes_or(&restore.minutes), f.minutes_or(&restore.lost_minutes));
        Some(f.v2("critical-measured", "took", took, "lost", lost))
    }

    fn gate_class(&self) -> &'static str {
        match self.gate {
            "allow" => "good",
            "deny" => "bad-word",
            _ => "mid-word",
        }
    }
}

impl Shown {
    fn is(&self, kind: &str) -> bool {
        match kind {
            "conflict" => self.point.conflicts(),
            "unmarked" => self.point.weak.contains(&Weakness::Unmarked),
            "no-plan" => self.point.weak.contains(&Weakness::NoPlan),
            _ => kind.is_empty() || self.point.what.kind() == kind,
        }
    }

    /// What it says of recovering in time, as a name.
    fn recovery(&self) -> &'static str {
        let is_weak = |weakness| self.point.weak.contains(&weakness);
        match (is_weak(Weakness::Later), is_weak(Weakness::Unsaid)) {
            (true, _) => "later",
            (_, true) => "unsaid",
            _ if self.point.demand.is_some() => "in-time",
            _ => "none",
        }
    }

    /// What is weak about it but its recovery, which is told apart.
    fn weak(&self) -> impl Iterator<Item = &Weakness> {
        let all = self.point.weak.iter();
        all.filter(|one| !matches!(one, Weakness::Later | Weakness::Unsaid))
    }

    fn own(&self) -> Option<u32> {
        self.point.system.as_ref().and_then(|system| system.rto_minutes)
    }
}

impl Page {
    fn class(&self, weakness: &Weakness) -> &'static str {
        match weakness {
            Weakness::Later | Weakness::Unsaid | Weakness::Unmarked => "bad-word",
            Weakness::NoPlan | Weakness::Unqualified | Weakness::NoExit => "mid-word",
        }
    }
}

impl Frame {
    /// Minutes as people say them.
    pub(super) fn minutes(&self, minutes: &u32) -> String {
        let (hours, rest) = (minutes / 60, minutes % 60);
        match (hours, rest) {
            (0, _) => self.n("register-minutes", rest),
            (_, 0) => self.n("critical-hours", hours),
            _ => {
                let (hours, rest) =
                    (self.n("critical-hours", hours), self.n("register-minutes", rest));
                format!("{hours} {rest}")
            }
        }
    }

    /// The same, or a dash.
    pub(super) fn minutes_or(&self, minutes: &Option<u32>) -> String {
        minutes.as_ref().map_or_else(|| "—".to_owned(), |minutes| self.minutes(minutes))
    }
}

/// Answers.
pub(super) async fn handle(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(&console, &visiting, Room::Systems).await?;
    let names = register::agency_names(&console, &visiting, &f).await?;
    let found = critical::critical(&console.app, &visiting.caller).await?;
    let narrow = Narrow::of(&asked);
    let mut rows = rows(&console, &visiting, found.systems, &names).await?;
    let says = |row: &Row| {
        let system = &row.of.system;
        narrow.takes(&system.agency, [system.name.as_str(), system.code.as_str()])
    };
    rows.retain(says);
    let mut points = points(&console, &visiting, found.points, &names).await?;
    points.retain(|shown| {
        let code = match &shown.point.what {
            What::System(code) => code.as_str(),
            What::Site(code) => code.as_str(),
            What::Provider(name) => name.as_str(),
        };
        match &shown.agency {
            Some(agency) => narrow.takes(agency, [shown.name.as_str(), code]),
            None => narrow.takes_of_nobody([shown.name.as_str(), code]),
        }
    });
    let figures = figures(&f, &asked, &rows);
    let state = asked.text("state");
    rows.retain(|row| row.is(state));
    let kind = asked.text("point");
    let kinds = KINDS.map(|one| {
        let word = if one.is_empty() { "all" } else { one };
        let count = points.iter().filter(|shown| shown.is(one)).count();
        let href = address("/critical", &asked, &[("point", one), ("page", "")]) + "#points";
        (format!("{} {}", f.word("critical-points", word), f.count(count)), href, one == kind)
    });
    points.retain(|shown| shown.is(kind));
    if asked.some("form").is_some() {
        let points = export::points(&f, &points);
        if asked.text("list") == "points" {
            return Ok(points.answer(&f, &asked));
        }
        return Ok(export::systems(&f, &rows).answer_and(&f, &asked, Some(&points)));
    }
    let files = [("CSV", "csv"), ("XLSX", "xlsx"), ("JSON", "json")].map(|(word, form)| {
        (word, address("/critical", &asked, &[("list", "points"), ("form", form), ("page", "")]))
    });
    let bar = narrow.bar(&f, &asked, &names, Vec::new());
    let (part, rows) = Part::of(rows, "/critical", &asked);
    let (points_part, points) = Part::of(points, "/critical", &asked);
    let about = about(&f)?;
    let kinds = kinds.into();
    frame::page(&Page { f, figures, about, rows, part, points, points_part, kinds, files, bar })
}

/// From which numbers on something is a single point, in words.
fn about(f: &Frame) -> Result<String, PageError> {
    let pack = RegisterPack::built_in().map_err(|_| PageError::fault())?;
    let from = pack.single_point;
    let numbers =
        [("critical", from.critical), ("dependents", from.dependents), ("together", from.together)];
    Ok(f.numbers("critical-points-about", numbers))
}

/// The numbers above the lists: what they are called, where they lead, how many.
fn figures(f: &Frame, asked: &Fields, rows: &[Row]) -> Vec<(String, String, usize)> {
    let figure = |state: &str| {
        let word = if state.is_empty() { "all" } else { state };
        let href = address("/critical", asked, &[("state", state), ("page", "")]);
        let count = rows.iter().filter(|row| row.is(state)).count();
        (f.word("critical-state", word), href, count)
    };
    [""].into_iter().chain(STATES).map(figure).collect()
}

async fn rows(
    console: &Arc<Console>,
    visiting: &Visiting,
    systems: Vec<CriticalSystem>,
    names: &BTreeMap<AgencyCode, String>,
) -> Result<Vec<Row>, PageError> {
    let mut decisions = gate::decisions(console, visiting).await?;
    let mut findings: BTreeMap<SystemCode, usize> = BTreeMap::new();
    for finding in list_findings(&console.app, &visiting.caller, None).await? {
        if finding.tool == OWN_TOOL && matches!(finding.state, FindingState::Open) {
            *findings.entry(finding.system).or_default() += 1;
        }
    }
    let row = |of: CriticalSystem| {
        let decision = decisions.remove(&of.system.code);
        Row {
            agency: names.get(&of.system.agency).cloned().unwrap_or_default(),
            gate: decision.as_ref().map_or("none", gate::Kept::state),
            decision: decision.map(|kept| kept.seq),
            findings: findings.get(&of.system.code).copied().unwrap_or_default(),
            of,
        }
    };
    let mut rows: Vec<Row> = systems.into_iter().map(row).collect();
    rows.sort_by_cached_key(|row| collation(&row.of.system.name));
    Ok(rows)
}

async fn points(
    console: &Arc<Console>,
    visiting: &Visiting,
    points: Vec<Point>,
    names: &BTreeMap<AgencyCode, String>,
) -> Result<Vec<Shown>, PageError> {
    let sites = list_sites(&console.app, &visiting.caller).await?;
    let shown = |point: Point| {
        let (name, href) = match (&point.what, &point.system) {
            (What::System(code), Some(system)) => {
                (system.name.clone(), Some(format!("/systems/{code}?tab=links")))
            }
            (What::System(code), None) => (code.to_string(), None),
            (What::Site(code), _) => {
                let site = sites.iter().find(|site| site.code == *code);
                let name = site.map_or_else(|| code.to_string(), |site| site.name.clone());
                (name, Some("/sites".to_owned()))
            }
            (What::Provider(name), _) => {
                let href = address("/providers", &Fields::default(), &[("text", name)]);
                (name.clone(), Some(href))
            }
        };
        let agency = point.system.as_ref().map(|system| system.agency.clone());
        let agency_name = agency.as_ref().and_then(|code| names.get(code)).cloned();
        Shown { point, name, agency, agency_name: agency_name.unwrap_or_default(), href }
    };
    Ok(points.into_iter().map(shown).collect())
}
