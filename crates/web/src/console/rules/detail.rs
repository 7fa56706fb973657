//! `GET /rules/{id}`: one rule: what it says, what it found, how it is set.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Response;
use khien_app::use_case::rules::{self, RuleDetail};
use khien_app::use_case::tuning::{self, FilterStatus};
use khien_domain::alert::Severity;
use khien_domain::attack;
use khien_domain::page::PageRequest;
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::rule_setting::{RuleSetting, Setting};

use crate::console::Console;
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::posted::Fields;
use crate::console::register::{agency_names, by_name};
use crate::console::visit::Visiting;

/// Steps of the history that are shown.
const STEPS: u32 = 50;

/// The page.
#[derive(Template)]
#[template(path = "console/rules/detail.html")]
struct Page {
    f: Frame,
    detail: RuleDetail,
    title: String,
    description: String,
    check: Vec<String>,
    severity: Severity,
    looks_at: String,
    state: String,
    origin: String,
    href: String,
    /// Tactics and techniques: how they are called and the list of their rules.
    attack: Vec<(String, String)>,
    /// References, and whether they are addresses of the web.
    references: Vec<(String, bool)>,
    history: Vec<RuleSetting>,
    is_history_cut: bool,
    filters: Vec<FilterStatus>,
    alerts_href: String,
    events_href: Option<String>,
    /// The form to set it, for whoever may.
    form: Option<Form>,
    may_everywhere: bool,
}

/// How the form to set a rule stands.
struct Form {
    /// Code, name, whether chosen; the empty code is for all.
    agencies: Vec<(String, String, bool)>,
    /// Name, words, whether chosen.
    steps: Vec<(String, String, bool)>,
    reason: String,
    wrong: Option<String>,
}

/// The alerts of a rule in the last 30 days.
pub(super) fn alerts_href(id: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("rule", id)
        .append_pair("state", "all")
        .append_pair("span", "30d")
        .finish();
    format!("/alerts?{query}")
}

/// Answers.
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    Path(id): Path<String>,
    visiting: Visiting,
) -> Result<Response<Body>, PageError> {
    draw(&console, &visiting, &id, &Fields::default(), None).await
}

/// Draws it, with a form as it was filled in.
pub(super) async fn draw(
    console: &Arc<Console>,
    visiting: &Visiting,
    id: &str,
    typed: &Fields,
    wrong: Option<&str>,
) -> Result<Response<Body>, PageError> {
    let (app, caller) = (&console.app, &visiting.caller);
    let detail = rules::get_rule(app, caller, id).await?;
    let page = PageRequest::new(None, STEPS);
    let history = rules::list_changes(app, caller, Some(id), &page).await?;
    let filters = tuning::list_filters(app, caller, Some(id)).await?;
    let f = Frame::of(console, visiting, Room::Rules).await?;
    let rule = &detail.rule;
    let about = &rule.about;
    let description = match &about.description_vi {
        Some(description) if !f.is_english() => description,
        _ => &about.description,
    };
    let [vi, en] = &about.check_first;
    let check = if f.is_english() || vi.is_empty() { en } else { vi };
    let of = |name: &str, value: &str| {
        let value: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
        format!("/rules?{name}={value}")
    };
    let tactics = attack::tactics(&about.tags).map(|name| {
        let (_, _, english, vietnamese) = attack::TACTICS
            .into_iter()
            .find(|tactic| tactic.0 == name)
            .unwrap_or((name, "", name, name));
        let title = if f.is_english() { english } else { vietnamese };
        (title.to_owned(), of("tactic", name))
    });
    let techniques = attack::techniques(&about.tags).map(|technique| {
        let href = of("technique", &technique);
        (technique, href)
    });
    let attack = tactics.chain(techniques).collect();
    let is_web = |text: &str| {
        ["https://", "http://"].iter().any(|scheme| text.starts_with(scheme))
            && !text.contains(|c: char| c.is_control() || c.is_whitespace())
    };
    let references = about.references.iter().map(|text| (text.clone(), is_web(text))).collect();
    let form = match super::may_set(visiting) {
        Some(scope) => Some(form(console, visiting, &f, scope, typed, wrong).await?),
        None => None,
    };
    let events_href = f.may(Permission::EventsRead).then(|| {
        let query = format!("rules:\"*{}*\"", id.replace('\\', "\\\\").replace('"', "\\\""));
        let query: String = form_urlencoded::byte_serialize(query.as_bytes()).collect();
        format!("/search?q={query}")
    });
    frame::page(&Page {
        title: super::title(&f, rule).to_owned(),
        description: description.clone(),
        check: check.clone(),
        severity: super::severity(rule),
        looks_at: super::looks_at(&f, rule),
        state: super::state(&f, rule),
        origin: f.word("rules-origin", rule.origin.name()),
        href: f.rule_href(id),
        alerts_href: alerts_href(id),
        is_history_cut: history.next.is_some(),
        history: history.items,
        may_everywhere: super::may_everywhere(visiting),
        attack,
        references,
        events_href,
        filters,
        form,
        detail,
        f,
    })
}

async fn form(
    console: &Arc<Console>,
    visiting: &Visiting,
    f: &Frame,
    scope: &AgencyScope,
    typed: &Fields,
    wrong: Option<&str>,
) -> Result<Form, PageError> {
    let mut agencies = Vec::new();
    let chosen = typed.text("agency");
    if *scope == AgencyScope::All {
        agencies.push((String::new(), f.t("rules-everywhere"), chosen.is_empty()));
    }
    for (code, name) in by_name(&agency_names(console, visiting, f).await?) {
        if scope.contains(code) {
            agencies.push((code.to_string(), format!("{name} ({code})"), chosen == code.as_str()));
        }
    }
    let chosen = typed.some("to").unwrap_or("off");
    let mut steps: Vec<(String, String)> =
        ["off", "on", "own-switch"].map(|step| (step.to_owned(), f.word("rules-to", step))).into();
    for severity in Severity::ALL {
        let words = f.v("rules-to-level", "level", f.severity(&severity));
        steps.push((severity.name().to_owned(), words));
    }
    steps.push(("own-level".to_owned(), f.t("rules-to-own-level")));
    let steps = steps.into_iter().map(|(name, words)| {
        let is_chosen = name == chosen;
        (name, words, is_chosen)
    });
    Ok(Form {
        agencies,
        steps: steps.collect(),
        reason: typed.text("reason").to_owned(),
        wrong: wrong.map(|wrong| f.told(wrong)),
    })
}

impl Page {
    /// What was set, or taken back.
    fn step(&self, setting: &RuleSetting) -> String {
        match setting.asked.setting {
            Some(setting) => super::setting_word(&self.f, setting),
            None => self.f.word("rules-back", setting.asked.property.name()),
        }
    }

    /// For whom.
    fn whose(&self, setting: &RuleSetting) -> String {
        let agency = setting.asked.agency.as_ref();
        agency.map_or_else(|| self.f.t("rules-everywhere"), ToString::to_string)
    }

    /// Whether the rule is off for all.
    fn is_off(&self) -> bool {
        self.detail
            .rule
            .settings
            .iter()
            .any(|one| one.asked.agency.is_none() && one.asked.setting == Some(Setting::On(false)))
    }
}
