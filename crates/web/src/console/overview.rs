//! `GET /overview`: how things stand, on one page that prints.

mod governance;

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use jiff::{SignedDuration, Timestamp};
use khien_app::use_case::alert_figures::{self, Waiting};
use khien_app::use_case::alerts::AlertFilter;
use khien_app::use_case::incidents::{self, IncidentFilter};
use khien_app::use_case::{alerts, register, rules, shifts};
use khien_domain::account::Role;
use khien_domain::alert::{Alert, Severity};
use khien_domain::incident::Incident;
use khien_domain::page::PageRequest;
use khien_domain::permission::Permission;
use khien_domain::shift::ShiftNote;
use khien_domain::source::{Source, SourceStatus};

use super::Console;
use super::chart::{self, Columns, Stack};
use super::error::PageError;
use super::frame::{self, Frame, Room};
use super::visit::Visiting;
use governance::Governance;

/// Rows of a list on this page.
const ROWS: usize = 10;
/// Alerts on this page.
const WORST: u32 = 8;

/// The page.
#[derive(Template)]
#[template(path = "console/overview.html")]
struct Page {
    f: Frame,
    /// Open alerts, the lowest severity first.
    open: [u64; 5],
    waited: Waiting,
    open_incidents: u64,
    day: Chart,
    week: Chart,
    /// Open alerts, the gravest first.
    worst: Vec<Alert>,
    incidents: Vec<Incident>,
    /// How governance stands, for whoever may read evidence.
    governance: Option<Governance>,
    silent: Vec<Silent>,
    silent_count: usize,
    sources: usize,
    tactics: Vec<Tactic>,
    note: Option<ShiftNote>,
    /// What to try first in a demonstration: where, and the id of the words.
    tries: &'static [(&'static str, &'static str)],
}

/// Columns with the same numbers for a table.
pub(super) struct Chart {
    /// What is drawn.
    pub(super) drawn: Columns,
    /// Words and numbers of each column that is not empty.
    pub(super) rows: Vec<(String, String)>,
}

/// A source that says nothing.
struct Silent {
    source: Source,
    /// Since when; never heard if not known.
    since: Option<Timestamp>,
}

/// A tactic of ATT&CK with the alerts of thirty days.
struct Tactic {
    id: &'static str,
    title: &'static str,
    hits: u64,
}

/// Answers.
pub(super) async fn handle(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
) -> Result<Response<Body>, PageError> {
    let (app, caller) = (&console.app, &visiting.caller);
    let f = Frame::of(&console, &visiting, Room::Overview).await?;
    let open = alert_figures::open_by_severity(app, caller).await?;
    let since = f.now.checked_sub(SignedDuration::from_hours(24)).unwrap_or(Timestamp::UNIX_EPOCH);
    let waited = alert_figures::waited(app, caller, since, f.now).await?;
    let quarter = SignedDuration::from_mins(15);
    let day = alert_figures::over_time(app, caller, quarter, 96).await?;
    let week = alert_figures::over_time(app, caller, SignedDuration::from_hours(24), 14).await?;
    let not_closed = AlertFilter { not_closed: true, ..AlertFilter::default() };
    let (worst, _) = alerts::queue_alerts(app, caller, &not_closed, 0, WORST).await?;
    let filter = IncidentFilter { not_closed: true, ..IncidentFilter::default() };
    let page = PageRequest::new(None, ROWS as u32);
    let incidents = incidents::list_incidents(app, caller, &filter, &page).await?.items;
    let open_incidents = incidents::count_open(app, caller).await?.iter().sum();
    let (silent, sources) = silent(&console, &visiting).await?;
    let tactics = if f.may(Permission::RulesRead) {
        let coverage = rules::coverage(app, caller).await?;
        let english = f.is_english();
        let tactics = coverage.tactics.iter().map(|tactic| Tactic {
            id: tactic.id,
            title: tactic.titles[usize::from(!english)],
            hits: tactic.all.hits,
        });
        tactics.collect()
    } else {
        Vec::new()
    };
    let note =
        if f.may(Permission::Shifts) { shifts::current_note(app, caller).await? } else { None };
    let governance = Governance::of(&console, &visiting, &f).await?;
    frame::page(&Page {
        governance,
        day: alerts_chart(&f, &day, 928, 74),
        week: alerts_chart(&f, &week, 420, 74),
        open,
        waited,
        open_incidents,
        worst,
        incidents,
        silent_count: silent.len(),
        silent: silent.into_iter().take(ROWS).collect(),
        sources,
        tactics,
        note,
        tries: if f.is_demo { tries(visiting.visit.person.about.role) } else { &[] },
        f,
    })
}

/// What somebody of a role tries first in a demonstration.
const fn tries(role: Role) -> &'static [(&'static str, &'static str)] {
    const QUEUE: (&str, &str) = ("/alerts", "try-queue");
    const ATTACKER: (&str, &str) = ("/search?q=src_ip%3A203.0.113.0%2F24&span=24h", "try-attacker");
    match role {
        Role::Analyst => {
            &[QUEUE, ATTACKER, ("/alerts?group=rule", "try-groups"), ("/shift", "try-shift")]
        }
        Role::Lead => {
            &[QUEUE, ("/incidents", "try-incident"), ("/rules/coverage", "try-coverage"), ATTACKER]
        }
        Role::Officer => &[("/sources", "try-sources"), ("/systems", "try-systems"), QUEUE],
        Role::Appraiser => &[("/gate", "try-gate"), ("/index", "try-index")],
        Role::Leader => &[("/alerts?severity=high", "try-number"), ("/incidents", "try-incidents")],
        Role::Administrator => &[
            ("/sources/new", "try-source"),
            ("/admin/people", "try-people"),
            ("/rules/import", "try-rules"),
        ],
        Role::Auditor => &[("/audit", "try-audit"), ("/limits", "try-limits")],
    }
}

/// Alerts over time as columns of severities; each leads to its alerts.
pub(super) fn alerts_chart(
    f: &Frame,
    over: &alert_figures::OverTime,
    width: u32,
    height: u32,
) -> Chart {
    let is_days = over.stretch >= SignedDuration::from_hours(24);
    let mut rows = Vec::new();
    let stacks = over.stretches.iter().enumerate().map(|(at, counts)| {
        let after = over.stretch.saturating_mul(i32::try_from(at).unwrap_or(i32::MAX));
        let from = over.from.checked_add(after).unwrap_or(Timestamp::MAX);
        let to = from.checked_add(over.stretch).unwrap_or(Timestamp::MAX);
        let when = if is_days { f.day(&from) } else { f.minute(&from) };
        let total: u64 = counts.iter().sum();
        let title = f.v2("overview-column", "when", &when, "count", f.count(total));
        if total > 0 {
            rows.push((when, f.count(total)));
        }
        let mark = if is_days {
            (at % 2 == 0).then(|| f.day(&from).get(..5).unwrap_or_default().to_owned())
        } else {
            let clock = f.clock(&from);
            (clock.ends_with(":00")
                && clock
                    .get(..2)
                    .and_then(|hour| hour.parse::<u32>().ok())
                    .is_some_and(|hour| hour % 3 == 0))
            .then_some(clock)
        };
        let classes = ["f-i", "f-l", "f-m", "f-h", "f-c"];
        let layers = classes.into_iter().zip(counts.iter().copied()).collect();
        let href = format!("/alerts?state=all&from={from}&to={to}");
        Stack { layers, title, href, mark }
    });
    let drawn = chart::columns(stacks.collect(), width, height);
    Chart { drawn, rows }
}

/// The sources that are silent or were never heard, those longest silent first, and how many sources
/// there are.
async fn silent(
    console: &Arc<Console>,
    visiting: &Visiting,
) -> Result<(Vec<Silent>, usize), PageError> {
    let page = PageRequest::new(None, 500);
    let (sources, activity) = register::list_sources(&console.app, &visiting.caller, &page).await?;
    let count = sources.items.len();
    let mut silent: Vec<Silent> = sources
        .items
        .into_iter()
        .filter(|source| source.status == SourceStatus::Active)
        .filter_map(|source| {
            let heard = activity.iter().find(|heard| heard.source == source.id);
            let since = heard.and_then(|heard| heard.silent_since);
            let never = heard.is_none_or(|heard| heard.last_received_at.is_none());
            (since.is_some() || never).then_some(Silent { source, since })
        })
        .collect();
    silent.sort_by_key(|silent| silent.since);
    Ok((silent, count))
}

impl Page {
    /// Open alerts at least as grave as «high».
    fn grave(&self) -> u64 {
        let ranks = [Severity::High, Severity::Critical].map(khien_domain::alert::Severity::rank);
        ranks.iter().filter_map(|rank| self.open.get(usize::from(*rank) - 1)).sum()
    }

    /// All open alerts.
    fn all_open(&self) -> u64 {
        self.open.iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use khien_domain::account::Language;

    use super::*;
    use crate::console::words::Words;

    #[test]
    fn every_role_is_told_what_to_try() {
        let words = Language::ALL.map(Words::new);
        for role in Role::ALL {
            assert!(tries(role).len() > 1, "{role:?}");
            for (href, id) in tries(role) {
                assert!(href.starts_with('/'), "{href}");
                assert!(words.iter().all(|words| words.has(id)), "{id}");
            }
        }
    }
}
