//! The rules in force as people look through them: gathered once for each set of rules, because
//! thousands of them are looked through for every page.

use std::collections::HashSet;

use khien_domain::attack;
use khien_domain::text::without_diacritics;
use khien_event::LogSource;
use khien_sigma::compile::RuleSet;
use khien_sigma::rule::About;

use super::imported::PREFIX;

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
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Shipped, Self::Folder, Self::Imported];

    /// The name that answers use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Shipped => "shipped",
            Self::Folder => "folder",
            Self::Imported => "imported",
        }
    }

    /// The origin of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|origin| origin.name() == name)
    }
}

/// What a rule in force says of itself.
pub(crate) struct Known {
    /// In its own words.
    pub(crate) about: About,
    /// The events that it looks at; a correlation looks at hits.
    pub(crate) log_source: Option<LogSource>,
    /// Where it comes from.
    pub(crate) origin: Origin,
    /// Whether it only feeds correlations.
    pub(crate) is_silent: bool,
    /// Placeholders without values, for which it waits.
    pub(crate) waits_for: Vec<String>,
    /// How many filters are on it.
    pub(crate) filters: usize,
    /// The tactics that it names.
    pub(crate) tactics: Vec<&'static str>,
    /// The techniques that it names, each once; a part brings its technique along.
    pub(crate) techniques: Vec<String>,
    /// Title, description, id and tags, case and diacritics aside.
    pub(crate) plain: String,
    /// The title in Vietnamese where there is one, likewise, to sort by.
    pub(crate) plain_title: String,
}

/// A text, case and diacritics aside.
pub(crate) fn plain(text: &str) -> String {
    without_diacritics(text).to_lowercase()
}

/// The rules of a set, by title. `others` is where those come from that were not imported.
pub(super) fn gather(set: &RuleSet, others: Origin) -> Vec<Known> {
    let known = |about: &About, log_source: Option<LogSource>| {
        let mut techniques: Vec<String> = attack::techniques(&about.tags).collect();
        let wholes = techniques.iter().filter_map(|technique| technique.split_once('.'));
        let wholes: Vec<String> = wholes.map(|(whole, _)| whole.to_owned()).collect();
        techniques.extend(wholes);
        techniques.sort();
        techniques.dedup();
        let title = about.title_vi.iter().chain([&about.title, &about.description, &about.id]);
        let texts: Vec<String> = title.chain(&about.tags).map(|text| plain(text)).collect();
        let is_imported = about.place.file.starts_with(PREFIX);
        Known {
            about: about.clone(),
            log_source,
            origin: if is_imported { Origin::Imported } else { others },
            is_silent: false,
            waits_for: Vec::new(),
            filters: 0,
            tactics: attack::tactics(&about.tags).collect(),
            techniques,
            plain: texts.join("\n"),
            plain_title: plain(about.title_vi.as_ref().unwrap_or(&about.title)),
        }
    };
    let correlations = set.correlations().iter();
    // An older rule with an aggregation is a rule and a correlation of one id: it is told once, as
    // the correlation, which is what raises its alerts.
    let of_correlations: HashSet<&str> =
        correlations.clone().map(|correlation| correlation.about.id.as_str()).collect();
    let mut all: Vec<Known> =
        correlations.map(|correlation| known(&correlation.about, None)).collect();
    for (place, rule) in set.rules().iter().enumerate() {
        if !of_correlations.contains(rule.about.id.as_str()) {
            all.push(Known {
                is_silent: set.is_silent(place),
                waits_for: rule.waits_for.clone(),
                filters: rule.exclusions.len(),
                ..known(&rule.about, Some(rule.log_source.clone()))
            });
        }
    }
    all.sort_by(|a, b| (&a.about.title, &a.about.id).cmp(&(&b.about.title, &b.about.id)));
    all
}
