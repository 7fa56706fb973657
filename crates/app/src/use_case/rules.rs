//! The rules in force, as people look at them: what they say, what they found, how they are set,
//! and what of ATT&CK they speak of.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use khien_domain::attack;
use khien_domain::code::AgencyCode;
use khien_domain::page::{Page, PageRequest};
use khien_domain::permission::Permission;
use khien_domain::rule_setting::{RuleSetting, Setting};
use khien_event::LogSource;
use khien_sigma::compile::RuleSet;
use khien_sigma::rule::About;
pub use khien_sigma::rule::Level;
pub use khien_store::RuleFigures;

use super::UseError;
use super::rule_settings::{self, since};
pub use super::rule_settings::{Wanted as WantedSetting, list_changes, list_settings};
use crate::access::{Caller, Deed};
use crate::app::App;
use crate::records::Records;
use crate::rules::Rules;
pub use crate::rules::catalogue::Origin;
use crate::rules::catalogue::{Known, plain};

/// A rule in force.
#[derive(Clone, Debug)]
pub struct RuleInfo {
    /// What it tells about itself.
    pub about: About,
    /// The events that it looks at; a correlation looks at hits.
    pub log_source: Option<LogSource>,
    /// Where it comes from.
    pub origin: Origin,
    /// Whether it only feeds correlations.
    pub is_silent: bool,
    /// Placeholders without values, for which it waits.
    pub waits_for: Vec<String>,
    /// How many filters are on it.
    pub filters: usize,
    /// What it found in the last 30 days in the caller's agencies.
    pub figures: RuleFigures,
    /// Its settings for all and for the caller's agencies.
    pub settings: Vec<RuleSetting>,
}

impl RuleInfo {
    /// Whether it is a correlation.
    pub fn is_correlation(&self) -> bool {
        self.log_source.is_none()
    }
}

/// A rule with its text.
#[derive(Clone, Debug)]
pub struct RuleDetail {
    /// The rule.
    pub rule: RuleInfo,
    /// The text of the file that it stands in, if it can still be read.
    pub text: Option<String>,
    /// Hits of the last 30 days that raised nothing because it is off, by day in UTC+7.
    pub off_hits: Vec<(String, u64)>,
}

/// The order of a list of rules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// By title.
    #[default]
    Title,
    /// By title in Vietnamese where there is one, diacritics aside.
    VietnameseTitle,
    /// Those that found most first.
    Hits,
    /// The gravest first.
    Level,
}

/// Which rules are wanted; everything that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleQuery {
    /// With this in the title, the description, the id or a tag, case and diacritics aside.
    pub text: Option<String>,
    /// Of this level.
    pub level: Option<Level>,
    /// For this product.
    pub product: Option<String>,
    /// With these techniques and tactics: `T1059`, `T1059.001`, `execution`. A technique stands for
    /// its parts as well.
    pub attack: Vec<String>,
    /// From there.
    pub origin: Option<Origin>,
    /// Only those that something is set of.
    pub only_set: bool,
    /// Only those that are off somewhere.
    pub only_off: bool,
    /// Only those that found something in the last 30 days.
    pub only_found: bool,
    /// In which order.
    pub order: Order,
}

impl RuleQuery {
    fn fits(&self, rule: &Known, figures: RuleFigures, settings: &[RuleSetting]) -> bool {
        let product = |wanted: &str| {
            let product = rule.log_source.as_ref().and_then(|source| source.product.as_deref());
            product.is_some_and(|product| product.eq_ignore_ascii_case(wanted))
        };
        let is_off = |setting: &RuleSetting| setting.asked.setting == Some(Setting::On(false));
        self.level.is_none_or(|level| level == rule.about.level)
            && self.origin.is_none_or(|origin| origin == rule.origin)
            && (!self.only_set || !settings.is_empty())
            && (!self.only_off || settings.iter().any(is_off))
            && (!self.only_found || figures.hits + figures.off > 0)
            && self.product.as_deref().is_none_or(product)
            && self.attack.iter().all(|wanted| speaks_of(rule, wanted))
            && self.text.as_deref().is_none_or(|text| rule.plain.contains(text))
    }
}

/// Whether a rule speaks of a technique or a tactic.
fn speaks_of(rule: &Known, wanted: &str) -> bool {
    rule.tactics.iter().any(|tactic| tactic.eq_ignore_ascii_case(wanted))
        || rule.techniques.iter().any(|technique| technique.eq_ignore_ascii_case(wanted))
}

/// The rules in force, and how many fit altogether. The cursor is the place in the order.
pub async fn list_rules(
    app: &App,
    caller: &Caller,
    query: &RuleQuery,
    page: &PageRequest<usize>,
) -> Result<(Page<RuleInfo, usize>, usize), UseError> {
    let deed = Deed::new("rule.list", "", None);
    let found = Found::of(app, caller, &deed).await?;
    let rules = app.rules().current();
    let query = RuleQuery { text: query.text.as_deref().map(plain), ..query.clone() };
    let mut fit: Vec<&Known> = known(app, &rules)
        .iter()
        .filter(|rule| query.fits(rule, found.figures(rule), found.settings(rule)))
        .collect();
    match query.order {
        Order::Title => {}
        Order::VietnameseTitle => fit.sort_by_key(|rule| &rule.plain_title),
        Order::Hits => fit.sort_by_key(|rule| Reverse(found.figures(rule).hits)),
        Order::Level => fit.sort_by_key(|rule| Reverse(rule.about.level)),
    }
    let (count, limit) = (fit.len(), page.limit() as usize);
    let start = page.after.unwrap_or_default();
    let items: Vec<RuleInfo> =
        fit.into_iter().skip(start).take(limit).map(|rule| found.info(rule)).collect();
    let end = start.saturating_add(items.len());
    Ok((Page { items, next: (end < count).then_some(end) }, count))
}

/// A rule in force with its text.
pub async fn get_rule(app: &App, caller: &Caller, id: &str) -> Result<RuleDetail, UseError> {
    let deed = Deed::new("rule.get", format!("rule {id}"), None);
    let found = Found::of(app, caller, &deed).await?;
    let rules = app.rules().current();
    let rule = known(app, &rules).iter().find(|rule| rule.about.id == id);
    let rule = found.info(rule.ok_or_else(|| UseError::not_found("rule", id))?);
    let text = app.rule_text(&rule.about.place.file);
    let off_hits = rule_settings::switched_off_hits(app, caller, id).await?;
    Ok(RuleDetail { rule, text, off_hits })
}

fn known<'r>(app: &App, rules: &'r Rules) -> &'r [Known] {
    rules.known(if app.config.rules.is_empty() { Origin::Shipped } else { Origin::Folder })
}

/// What the records tell of rules, by their ids.
struct Found {
    figures: BTreeMap<String, RuleFigures>,
    settings: BTreeMap<String, Vec<RuleSetting>>,
}

impl Found {
    /// What they tell a caller.
    async fn of(app: &App, caller: &Caller, deed: &Deed) -> Result<Self, UseError> {
        let scope = app.scope(caller, Permission::RulesRead, deed).await?;
        let figures = app.store.rule_figures(&scope, since(app)).await?;
        let mut settings: BTreeMap<String, Vec<RuleSetting>> = BTreeMap::new();
        let mut page = PageRequest::first();
        loop {
            let found = app.store.list_rule_settings(&scope, None, &page).await?;
            for setting in found.items {
                settings.entry(setting.asked.rule.clone()).or_default().push(setting);
            }
            let Some(next) = found.next else { break };
            page.after = Some(next);
        }
        Ok(Self { figures, settings })
    }

    fn figures(&self, rule: &Known) -> RuleFigures {
        self.figures.get(&rule.about.id).copied().unwrap_or_default()
    }

    fn settings(&self, rule: &Known) -> &[RuleSetting] {
        self.settings.get(&rule.about.id).map_or(&[], Vec::as_slice)
    }

    fn info(&self, rule: &Known) -> RuleInfo {
        RuleInfo {
            about: rule.about.clone(),
            log_source: rule.log_source.clone(),
            origin: rule.origin,
            is_silent: rule.is_silent,
            waits_for: rule.waits_for.clone(),
            filters: rule.filters,
            figures: self.figures(rule),
            settings: self.settings(rule).to_vec(),
        }
    }
}

/// Sets a rule that is in force, or takes back a setting, also of a rule that is gone.
pub async fn set_rule(app: &App, caller: &Caller, wanted: WantedSetting) -> Result<(), UseError> {
    if wanted.setting.is_some() {
        let deed = Deed::new("rule.set", format!("rule {}", wanted.rule), wanted.agency.clone());
        app.require(caller, Permission::RulesWrite, &deed).await?;
        if !is_in_force(&app.rules().current().set, &wanted.rule) {
            return Err(UseError::not_found("rule", &wanted.rule));
        }
        if let Some(agency) = &wanted.agency {
            known_agency(app, agency).await?;
        }
    }
    rule_settings::set_rule(app, caller, wanted).await
}

async fn known_agency(records: &Records, agency: &AgencyCode) -> Result<(), UseError> {
    let scope = khien_domain::permission::AgencyScope::one(agency.clone());
    let found = records.store.find_agency(&scope, agency).await?;
    found.map(|_| ()).ok_or_else(|| UseError::not_found("agency", agency))
}

/// Whether there is such a rule or correlation.
pub(super) fn is_in_force(set: &RuleSet, id: &str) -> bool {
    let mut rules = set.rules().iter().map(|rule| &rule.about);
    let mut correlations = set.correlations().iter().map(|correlation| &correlation.about);
    rules.any(|about| about.id == id) || correlations.any(|about| about.id == id)
}

/// What rules speak of a technique, or of all of a tactic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Covered {
    /// Rules in force.
    pub rules: usize,
    /// Hits in the last 30 days in the caller's agencies.
    pub hits: u64,
    /// Alerts likewise.
    pub alerts: u64,
}

impl Covered {
    fn add(&mut self, figures: RuleFigures) {
        self.rules += 1;
        self.hits += figures.hits;
        self.alerts += figures.alerts;
    }
}

/// A tactic with its techniques.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TacticCovered {
    /// Its name in tags.
    pub name: &'static str,
    /// Its identifier.
    pub id: &'static str,
    /// Its English and its Vietnamese title.
    pub titles: [&'static str; 2],
    /// All rules of it.
    pub all: Covered,
    /// By technique, those that rules speak of; a technique counts the rules of its parts as well.
    pub techniques: BTreeMap<String, Covered>,
}

/// What of ATT&CK the rules in force speak of. A number of rules is no promise: what a rule speaks of
/// may still be missed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// The tactics in the order of the matrix.
    pub tactics: Vec<TacticCovered>,
    /// Techniques of rules that name no tactic.
    pub without_tactic: BTreeMap<String, Covered>,
    /// Rules that name no technique.
    pub untagged: usize,
    /// All rules.
    pub rules: usize,
}

/// What of ATT&CK the rules in force speak of, and what was found of it.
pub async fn coverage(app: &App, caller: &Caller) -> Result<Coverage, UseError> {
    let deed = Deed::new("rule.coverage", "", None);
    let found = Found::of(app, caller, &deed).await?;
    let rules = app.rules().current();
    let rules = known(app, &rules);
    let tactic = |(name, id, english, vietnamese)| TacticCovered {
        name,
        id,
        titles: [english, vietnamese],
        all: Covered::default(),
        techniques: BTreeMap::new(),
    };
    let mut coverage = Coverage {
        tactics: attack::TACTICS.into_iter().map(tactic).collect(),
        without_tactic: BTreeMap::new(),
        untagged: 0,
        rules: rules.len(),
    };
    for rule in rules {
        let figures = found.figures(rule);
        coverage.untagged += usize::from(rule.techniques.is_empty());
        let is_named = |tactic: &&mut TacticCovered| rule.tactics.contains(&tactic.name);
        for tactic in coverage.tactics.iter_mut().filter(is_named) {
            tactic.all.add(figures);
            for technique in &rule.techniques {
                tactic.techniques.entry(technique.clone()).or_default().add(figures);
            }
        }
        if rule.tactics.is_empty() {
            for technique in &rule.techniques {
                coverage.without_tactic.entry(technique.clone()).or_default().add(figures);
            }
        }
    }
    Ok(coverage)
}
