//! `/rules`: the rules in force, how they are set, what of ATT&CK they speak of, imports, filters.

pub(super) mod coverage;
pub(super) mod detail;
pub(super) mod export;
pub(super) mod filters;
pub(super) mod import;
pub(super) mod list;
pub(super) mod set;

use khien_app::use_case::rules::{Level, Order, Origin, RuleInfo, RuleQuery};
use khien_domain::alert::Severity;
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::rule_setting::Setting;

use super::frame::Frame;
use super::posted::Fields;
use super::visit::Visiting;

/// Which rules are shown, as the address says it. Whatever cannot be read is as if it were not there.
fn query(f: &Frame, asked: &Fields) -> RuleQuery {
    let order = match asked.text("order") {
        "title" if f.is_english() => Order::Title,
        "title" => Order::VietnameseTitle,
        "level" => Order::Level,
        _ => Order::Hits,
    };
    let attack = ["tactic", "technique"].into_iter().filter_map(|name| asked.some(name));
    RuleQuery {
        text: asked.some("text").map(|text| text.trim().to_owned()),
        level: Level::parse(asked.text("level")),
        product: asked.some("product").map(ToOwned::to_owned),
        attack: attack.map(|text| text.trim().to_owned()).collect(),
        origin: Origin::parse(asked.text("origin")),
        only_set: asked.text("state") == "set",
        only_off: asked.text("state") == "off",
        only_found: asked.text("state") == "found",
        order,
    }
}

/// The title of a rule in the language of the page.
fn title<'r>(f: &Frame, rule: &'r RuleInfo) -> &'r str {
    match &rule.about.title_vi {
        Some(title) if !f.is_english() => title,
        _ => &rule.about.title,
    }
}

/// The events that a rule looks at, in a few words.
fn looks_at(f: &Frame, rule: &RuleInfo) -> String {
    let Some(source) = &rule.log_source else { return f.t("rules-correlation") };
    let parts = [&source.product, &source.category, &source.service];
    let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
    if parts.is_empty() { f.t("rules-all-events") } else { parts.join(" · ") }
}

/// How a rule is set, in words: for all, then where that differs.
fn state(f: &Frame, rule: &RuleInfo) -> String {
    let mut parts = Vec::new();
    let mut of = |agency: Option<&str>, setting: Setting| {
        let word = setting_word(f, setting);
        parts.push(match agency {
            None => word,
            Some(agency) => f.v2("rules-at", "setting", word, "agency", agency),
        });
    };
    let settings = || {
        let settings = rule.settings.iter();
        settings.filter_map(|one| Some((one.asked.agency.as_ref(), one.asked.setting?)))
    };
    settings().filter(|(agency, _)| agency.is_none()).for_each(|(_, one)| of(None, one));
    for (agency, setting) in settings() {
        if let Some(agency) = agency {
            of(Some(agency.as_str()), setting);
        }
    }
    if !rule.waits_for.is_empty() {
        parts.push(f.t("rules-waits"));
    } else if rule.is_silent {
        parts.push(f.t("rules-silent"));
    }
    let is_switched =
        settings().any(|(agency, one)| agency.is_none() && matches!(one, Setting::On(_)));
    if !is_switched && rule.waits_for.is_empty() && !rule.is_silent {
        parts.insert(0, f.t("rules-on"));
    }
    let mut words = parts.into_iter();
    let first = words.next().unwrap_or_default();
    words.fold(first, |text, part| format!("{text}, {}", small(&part)))
}

/// A text with a small first letter.
fn small(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

/// What a setting says.
fn setting_word(f: &Frame, setting: Setting) -> String {
    match setting {
        Setting::On(true) => f.t("rules-on"),
        Setting::On(false) => f.t("rules-off"),
        Setting::Level(level) => f.v("rules-level-is", "level", f.severity(&level)),
    }
}

/// A rule's level as severities are shown.
fn severity(rule: &RuleInfo) -> Severity {
    Severity::parse(rule.about.level.name()).unwrap_or(Severity::Informational)
}

/// Where whoever visits may change rules: nowhere, in some agencies, in all.
fn may_set(visiting: &Visiting) -> Option<&AgencyScope> {
    visiting.caller.actor.agencies(Permission::RulesWrite).ok()
}

/// Whether whoever visits may change what holds for all agencies: filters, imports.
pub(super) fn may_everywhere(visiting: &Visiting) -> bool {
    may_set(visiting) == Some(&AgencyScope::All)
}
