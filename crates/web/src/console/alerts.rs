//! The queue of alerts: `/alerts`.

pub(super) mod change;
pub(super) mod detail;
pub(super) mod export;
pub(super) mod list;
pub(super) mod suppress;
pub(super) mod tune;
pub(super) mod view;

use jiff::SignedDuration;
use khien_app::use_case::alerts::AlertFilter;
use khien_domain::alert::{AlertKind, Severity};
use khien_domain::code::{AgencyCode, SystemCode};

use super::Console;
use super::posted::Fields;
use super::visit::Visiting;

/// What the queue shows, as the address says it. Whatever cannot be read is as if it were not there.
fn filter(console: &Console, visiting: &Visiting, asked: &Fields) -> AlertFilter {
    let (not_closed, state) = match asked.text("state") {
        "all" => (false, None),
        state @ ("new" | "in_progress" | "closed") => (false, Some(state.to_owned())),
        _ => (true, None),
    };
    let hours = match asked.text("span") {
        "1h" => Some(1),
        "24h" => Some(24),
        "7d" => Some(24 * 7),
        "30d" => Some(24 * 30),
        _ => None,
    };
    let now = console.app.now();
    let mine = asked.text("mine") == "1";
    AlertFilter {
        state,
        not_closed,
        severity: Severity::parse(asked.text("severity")),
        kind: AlertKind::parse(asked.text("kind")),
        rule: asked.some("rule").map(ToOwned::to_owned),
        agency: AgencyCode::new(asked.text("agency")).ok(),
        system: SystemCode::new(asked.text("system")).ok(),
        entity: asked.some("entity").map(ToOwned::to_owned),
        assignee: mine.then(|| visiting.visit.person.about.name.to_string()),
        from: asked.some("from").and_then(khien_lake::query::moment).or_else(|| {
            hours.and_then(|hours| now.checked_sub(SignedDuration::from_hours(hours)).ok())
        }),
        to: asked.some("to").and_then(khien_lake::query::moment),
    }
}
