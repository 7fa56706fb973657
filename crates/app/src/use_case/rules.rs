//! The rules in force, as people look at them: what they say, what they found, how they are set,
//! and what of ATT&CK they speak of.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use khien_domain::attack;
use khien_domain::code::AgencyCode;
use khien_domain::page::{Page, PageRequest};
use khien_domain::permission::Permission;
use khien_domain::rule_setting::RuleSetting;
use khien_domain::text::without_diacritics;
use khien_event::LogSource;
use khien_sigma::compile::RuleSet;
use khien_sigma::rule::{About, Level};
pub use khien_store::RuleFigures;

use super::UseError;
use super::rule_settings::{self, since};
pub use super::rule_settings::{Wanted as WantedSetting, list_changes, list_settings};
use crate::access::{Caller, Deed};
use crate::app::App;
use crate::records::Records;
use crate::rules::imported::PREFIX;

/// Where a rule comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It ships with the program.
    Shipped,
    /// It is in a folder that the settings name.
    Folder,
    /// It was imported.
    Imported,
}

impl Origin {
    /// The name that answers use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Shipped => "shipped",
            Self::Folder => "folder",
            Self::Imported => "imported",
        }
    }
}

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
    /// With this technique or tactic: `T1059`, `T1059.001`, `execution`. A technique stands for its
    /// parts as well.
    pub attack: Option<String>,
    /// From there.
    pub origin: Option<Origin>,
    /// Only those that something is set of.
    pub only_set: bool,
    /// Only those that found something in the last 30 days.
    pub only_found: bool,
    /// In which order.
    pub order: Order,
}

impl RuleQuery {
    fn fits(&self, rule: &RuleInfo) -> bool {
        let plain = |text: &str| without_diacritics(text).to_lowercase();
        let about = &rule.about;
        let has_text = |text: &str| {
            let text = plain(text);
            let title = about.title_vi.iter().chain([&about.title, &about.description, &about.id]);
            title.chain(&about.tags).any(|part| plain(part).contains(&text))
        };
        let product = |wanted: &str| {
            let product = rule.log_source.as_ref().and_then(|source| source.product.as_deref());
            product.is_some_and(|product| product.eq_ignore_ascii_case(wanted))
        };
        self.text.as_deref().is_none_or(has_text)
            && self.level.is_none_or(|level| level == about.level)
            && self.product.as_deref().is_none_or(product)
            && self.attack.as_deref().is_none_or(|wanted| speaks_of(about, wanted))
            && self.origin.is_none_or(|origin| origin == rule.origin)
            && (!self.only_set || !rule.settings.is_empty())
            && (!self.only_found || rule.figures.hits + rule.figures.off > 0)
    }
}

/// Whether a rule speaks of a technique or a tactic.
fn speaks_of(about: &About, wanted: &str) -> bool {
    let is_part = |technique: &str| {
        let (whole, rest) = technique.split_at_checked(wanted.len()).unwrap_or((technique, ""));
        whole.eq_ignore_ascii_case(wanted) && (rest.is_empty() || rest.starts_with('.'))
    };
    attack::tactics(&about.tags).any(|tactic| tactic.eq_ignore_ascii_case(wanted))
        || attack::techniques(&about.tags).any(|technique| is_part(&technique))
}

/// The rules in force, and how many fit altogether. The cursor is the place in the order.
pub async fn list_rules(
    app: &App,
    caller: &Caller,
    query: &RuleQuery,
    page: &PageRequest<usize>,
) -> Result<(Page<RuleInfo, usize>, usize), UseError> {
    let deed = Deed::new("rule.list", "", None);
    let mut rules = rules(app, caller, &deed).await?;
    rules.retain(|rule| query.fits(rule));
    rules.sort_by(|a, b| (&a.about.title, &a.about.id).cmp(&(&b.about.title, &b.about.id)));
    match query.order {
        Order::Title => {}
        Order::Hits => rules.sort_by_key(|rule| Reverse(rule.figures.hits)),
        Order::Level => rules.sort_by_key(|rule| Reverse(rule.about.level)),
    }
    let (count, limit) = (rules.len(), page.limit() as usize);
    let start = page.after.unwrap_or_default();
    let items: Vec<RuleInfo> = rules.into_iter().skip(start).take(limit).collect();
    let end = start.saturating_add(items.len());
    Ok((Page { items, next: (end < count).then_some(end) }, count))
}

/// A rule in force with its text.
pub async fn get_rule(app: &App, caller: &Caller, id: &str) -> Result<RuleDetail, UseError> {
    let deed = Deed::new("rule.get", format!("rule {id}"), None);
    let rules = rules(app, caller, &deed).await?;
    let rule = rules.into_iter().find(|rule| rule.about.id == id);
    let rule = rule.ok_or_else(|| UseError::not_found("rule", id))?;
    let text = app.rule_text(&rule.about.place.file);
    let off_hits = rule_settings::switched_off_hits(app, caller, id).await?;
    Ok(RuleDetail { rule, text, off_hits })
}

/// Everything about the rules in force, in the order of their files.
async fn rules(app: &App, caller: &Caller, deed: &Deed) -> Result<Vec<RuleInfo>, UseError> {
    let scope = app.scope(caller, Permission::RulesRead, deed).await?;
    let mut figures = app.store.rule_figures(&scope, since(app)).await?;
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
    let from = if app.config.rules.is_empty() { Origin::Shipped } else { Origin::Folder };
    let rules = app.rules().current();
    let set = &rules.set;
    let mut info = |about: &About, log_source: Option<LogSource>| RuleInfo {
        origin: if about.place.file.starts_with(PREFIX) { Origin::Imported } else { from },
        about: about.clone(),
        log_source,
        is_silent: false,
        waits_for: Vec::new(),
        filters: 0,
        figures: figures.remove(&about.id).unwrap_or_default(),
        settings: settings.get(&about.id).cloned().unwrap_or_default(),
    };
    // An older rule with an aggregation is a rule and a correlation of one id: it is told once, as
    // the correlation, which is what raises its alerts.
    let is_both = |about: &About| {
        let mut correlations = set.correlations().iter();
        correlations.any(|correlation| correlation.about.id == about.id)
    };
    let mut all = Vec::with_capacity(set.rules().len() + set.correlations().len());
    for correlation in set.correlations() {
        all.push(info(&correlation.about, None));
    }
    for (place, rule) in set.rules().iter().enumerate() {
        if is_both(&rule.about) {
            continue;
        }
        all.push(RuleInfo {
            is_silent: set.is_silent(place),
            waits_for: rule.waits_for.clone(),
            filters: rule.exclusions.len(),
            ..info(&rule.about, Some(rule.log_source.clone()))
        });
    }
    all.sort_by(|a, b| a.about.place.cmp(&b.about.place));
    Ok(all)
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
    fn add(&mut self, rule: &RuleInfo) {
        self.rules += 1;
        self.hits += rule.figures.hits;
        self.alerts += rule.figures.alerts;
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
    /// By technique, those that rules speak of.
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
    let rules = rules(app, caller, &deed).await?;
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
    for rule in &rules {
        let tags = &rule.about.tags;
        let mut techniques: Vec<String> = attack::techniques(tags).collect();
        techniques.sort();
        techniques.dedup();
        coverage.untagged += usize::from(techniques.is_empty());
        let named: Vec<&str> = attack::tactics(tags).collect();
        for tactic in coverage.tactics.iter_mut().filter(|tactic| named.contains(&tactic.name)) {
            tactic.all.add(rule);
            for technique in &techniques {
                tactic.techniques.entry(technique.clone()).or_default().add(rule);
            }
        }
        if named.is_empty() {
            for technique in techniques {
                coverage.without_tactic.entry(technique).or_default().add(rule);
            }
        }
    }
    Ok(coverage)
}
