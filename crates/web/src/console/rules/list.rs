//! `GET /rules`: the rules in force.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use khien_app::use_case::rules::{self, Level, Origin, RuleInfo};
use khien_domain::alert::Severity;
use khien_domain::attack;
use khien_domain::page::PageRequest;

use crate::console::Console;
use crate::console::asked::{Asked, address};
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::posted::Fields;
use crate::console::visit::Visiting;

/// Rows of a page.
const ROWS: u32 = 100;

/// The page.
#[derive(Template)]
#[template(path = "console/rules/list.html")]
struct Page {
    f: Frame,
    rows: Vec<Row>,
    count: usize,
    chips: Vec<(String, String, bool)>,
    choices: Vec<Choice>,
    text: String,
    /// What else the address says: the technique, the product.
    fields: Vec<(String, String)>,
    /// The same as chips that are taken away.
    narrowed: Vec<(String, String)>,
    more_href: Option<String>,
    first_href: Option<String>,
    export_href: String,
    json_href: String,
    is_filtered: bool,
    may_everywhere: bool,
}

/// A rule.
struct Row {
    rule: RuleInfo,
    title: String,
    severity: Severity,
    looks_at: String,
    /// Techniques: how they are called and the list of their rules.
    attack: Vec<(String, String)>,
    origin: String,
    state: String,
    is_off: bool,
    href: String,
    alerts_href: String,
}

/// A list to choose from.
struct Choice {
    name: &'static str,
    title: String,
    /// Value, words, whether chosen.
    values: Vec<(String, String, bool)>,
}

/// Answers.
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(&console, &visiting, Room::Rules).await?;
    let start: usize = asked.text("after").parse().unwrap_or_default();
    let page = PageRequest::new(Some(start), ROWS);
    let query = super::query(&f, &asked);
    let (found, count) = rules::list_rules(&console.app, &visiting.caller, &query, &page).await?;
    let rows = found.items.into_iter().map(|rule| row(&f, &asked, rule)).collect();
    let chosen = asked.some("state").unwrap_or("all");
    let chips = ["all", "found", "set", "off"].map(|state| {
        let set = if state == "all" { "" } else { state };
        let href = address("/rules", &asked, &[("state", set), ("after", "")]);
        (f.word("rules-state", state), href, state == chosen)
    });
    let beside = |name: &&str| asked.some(name).map(|value| ((*name).to_owned(), value.to_owned()));
    let fields: Vec<(String, String)> =
        ["state", "technique", "product"].iter().filter_map(beside).collect();
    let narrowed = ["technique", "product"].iter().filter_map(|name| {
        let value = asked.some(name)?;
        Some((value.to_owned(), address("/rules", &asked, &[(name, ""), ("after", "")])))
    });
    frame::page(&Page {
        rows,
        count,
        chips: chips.into(),
        choices: choices(&f, &asked),
        text: asked.text("text").to_owned(),
        narrowed: narrowed.collect(),
        fields,
        more_href: found
            .next
            .map(|next| address("/rules", &asked, &[("after", &next.to_string())])),
        first_href: (start > 0).then(|| address("/rules", &asked, &[("after", "")])),
        export_href: address("/rules/export", &asked, &[("after", "")]),
        json_href: address("/rules/export", &asked, &[("after", ""), ("form", "json")]),
        is_filtered: asked.pairs().any(|(name, _)| !["after", "order", "done"].contains(&name)),
        may_everywhere: super::may_everywhere(&visiting),
        f,
    })
}

fn row(f: &Frame, asked: &Fields, rule: RuleInfo) -> Row {
    let attack = attack::techniques(&rule.about.tags).map(|technique| {
        let href = address("/rules", asked, &[("technique", &technique), ("after", "")]);
        (technique, href)
    });
    let state = super::state(f, &rule);
    let is_off = rule.settings.iter().any(|setting| {
        setting.asked.setting == Some(khien_domain::rule_setting::Setting::On(false))
    });
    Row {
        attack: attack.collect(),
        title: super::title(f, &rule).to_owned(),
        severity: super::severity(&rule),
        looks_at: super::looks_at(f, &rule),
        origin: f.word("rules-origin", rule.origin.name()),
        href: f.rule_href(&rule.about.id),
        alerts_href: super::detail::alerts_href(&rule.about.id),
        state,
        is_off,
        rule,
    }
}

/// What can be chosen, each a list.
fn choices(f: &Frame, asked: &Fields) -> Vec<Choice> {
    let choice = |name: &'static str, title: &str, values: Vec<(&str, String)>| {
        let chosen = asked.text(name);
        let values = values.into_iter().map(|(value, words)| {
            let is_chosen = value == chosen;
            (value.to_owned(), words, is_chosen)
        });
        Choice { name, title: f.t(title), values: values.collect() }
    };
    let levels =
        Level::ALL.into_iter().rev().map(|level| (level.name(), f.word("severity", level.name())));
    let tactics = attack::TACTICS.into_iter().map(|(name, _, english, vietnamese)| {
        (name, if f.is_english() { english.to_owned() } else { vietnamese.to_owned() })
    });
    let origins = Origin::ALL.map(|origin| (origin.name(), f.word("rules-origin", origin.name())));
    let any = |id: &str| vec![("", f.t(id))];
    let orders = ["", "level", "title"].map(|order| {
        let word = if order.is_empty() { "hits" } else { order };
        (order, f.word("rules-order", word))
    });
    vec![
        choice(
            "level",
            "alerts-severity",
            any("alerts-any-severity").into_iter().chain(levels).collect(),
        ),
        choice(
            "tactic",
            "rules-tactic",
            any("rules-any-tactic").into_iter().chain(tactics).collect(),
        ),
        choice(
            "origin",
            "rules-origin",
            any("rules-any-origin").into_iter().chain(origins).collect(),
        ),
        choice("order", "rules-order", orders.into()),
    ]
}
