//! What a hunt is after: as it is asked for, as it is kept, and made ready.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use khien_domain::secrecy;
use khien_event::{Packs, Symbols};
use khien_sigma::compile::RuleSet;
use khien_sigma::load::Loader;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::MAX_INPUT_BYTES;
use super::indicators::{self, Indicator};
use crate::document::mark_of_name;
use crate::use_case::marked;

/// Of what could not be used, so much is told one by one.
const MAX_TOLD: usize = 100;

/// A file of rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleFile {
    /// What it is called in what is told of it.
    pub name: String,
    /// Sigma rules in YAML.
    pub text: String,
}

/// What is hunted, as it was handed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prey {
    /// Sigma rules.
    Rules {
        /// Their files.
        files: Vec<RuleFile>,
        /// Values of their placeholders.
        placeholders: BTreeMap<String, Vec<String>>,
    },
    /// A list of indicators.
    Indicators {
        /// What the list is called.
        name: String,
        /// Its text, in one of the forms that [`indicators`] reads.
        text: String,
    },
}

/// Something that could not be used, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Where it stands: a file and line, a line, the id of an object.
    pub at: String,
    /// What is wrong with it.
    pub reason: String,
}

/// What is kept with the job, short enough to be listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// `rules` or `indicators`.
    pub what: String,
    /// Names of the rules or of the list, cut.
    pub name: String,
    /// How many rules and correlations, or indicators.
    pub count: u64,
    /// The first moment.
    #[serde(with = "super::micros")]
    pub from: Option<Timestamp>,
    /// The moment that is the first no more.
    #[serde(with = "super::micros")]
    pub to: Option<Timestamp>,
    /// What could not be used, at most a hundred.
    pub refused: Vec<Told>,
    /// How many that is.
    pub refused_count: u64,
}

/// What is hunted, made ready.
pub enum Quarry {
    /// Rules.
    Rules(Box<RuleSet>),
    /// Indicators.
    Indicators(Vec<Indicator>),
}

/// What was made ready, and what could not be.
pub(crate) struct Ready {
    /// What is hunted.
    pub(crate) quarry: Quarry,
    /// What could not be used.
    pub refused: Vec<Told>,
}

impl Prey {
    /// Refuses files that bear a mark of secrecy, by name or by what they say about themselves. What they
    /// look for may be the word of a mark.
    pub(crate) fn unmarked(&self) -> Result<(), String> {
        let mark = match self {
            Self::Rules { files, .. } => files.iter().find_map(|file| {
                mark_of_name(&file.name).or_else(|| secrecy::find_in_rule(&file.text))
            }),
            Self::Indicators { name, text } => {
                mark_of_name(name).or_else(|| secrecy::find_in_comments(text))
            }
        };
        mark.map_or(Ok(()), |found| Err(marked(found)))
    }

    /// How many bytes it has.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Rules { files, .. } => files.iter().map(|file| file.text.len()).sum(),
            Self::Indicators { text, .. } => text.len(),
        }
    }

    /// Makes it ready; the error says why nothing of it can be used.
    pub(crate) fn ready(&self) -> Result<Ready, String> {
        if self.bytes() > MAX_INPUT_BYTES {
            let most = MAX_INPUT_BYTES >> 20;
            return Err(format!("the rules or indicators of a hunt are at most {most} MiB"));
        }
        let ready = match self {
            Self::Rules { files, placeholders } => rules(files, placeholders)?,
            Self::Indicators { text, .. } => {
                let read = indicators::read(text)?;
                Ready { quarry: Quarry::Indicators(read.indicators), refused: read.refused }
            }
        };
        if ready.quarry.count() == 0 {
            let first = ready.refused.first();
            let why = first.map_or_else(
                || "it is empty".to_owned(),
                |told| format!("{}: {}", told.at, told.reason),
            );
            let what = self.what();
            return Err(format!("there is nothing to hunt: none of the {what} can be used; {why}"));
        }
        Ok(ready)
    }

    /// What it is called.
    fn what(&self) -> &'static str {
        match self {
            Self::Rules { .. } => "rules",
            Self::Indicators { .. } => "indicators",
        }
    }

    /// What is listed of it.
    pub(crate) fn asked(
        &self,
        ready: &Ready,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
    ) -> Asked {
        let name = match (self, &ready.quarry) {
            (Self::Indicators { name, .. }, _) => name.clone(),
            (_, Quarry::Rules(set)) => {
                let rules = set.rules().iter().map(|rule| rule.about.title.as_str());
                let correlations = set.correlations().iter().map(|one| one.about.title.as_str());
                correlations.chain(rules).take(5).collect::<Vec<_>>().join(", ")
            }
            _ => String::new(),
        };
        Asked {
            what: self.what().to_owned(),
            name: khien_domain::text::cut(&name, khien_domain::limits::NAME_BYTES),
            count: ready.quarry.count(),
            from,
            to,
            refused: ready.refused.iter().take(MAX_TOLD).cloned().collect(),
            refused_count: ready.refused.len() as u64,
        }
    }
}

impl Quarry {
    /// How many rules and correlations, or indicators.
    pub(crate) fn count(&self) -> u64 {
        match self {
            Self::Rules(set) => (set.rules().len() + set.correlations().len()) as u64,
            Self::Indicators(indicators) => indicators.len() as u64,
        }
    }
}

fn rules(
    files: &[RuleFile],
    placeholders: &BTreeMap<String, Vec<String>>,
) -> Result<Ready, String> {
    let placeholders: FxHashMap<String, Vec<String>> =
        placeholders.iter().map(|(name, values)| (name.clone(), values.clone())).collect();
    let mut loader = Loader::new(&placeholders);
    for file in files {
        loader.file(&file.name, &file.text);
    }
    let loaded = loader.finish();
    let refused = (loaded.problems.iter().filter(|problem| problem.refused))
        .map(|problem| Told {
            at: format!("{}:{}", problem.place.file, problem.place.line),
            reason: problem.message.clone(),
        })
        .collect();
    let mut symbols = Symbols::default();
    let packs = Packs::builtin(&mut symbols).map_err(|error| error.to_string())?;
    let set = RuleSet::new(loaded, Arc::new(packs), symbols);
    Ok(Ready { quarry: Quarry::Rules(Box::new(set)), refused })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prey(text: &str) -> Prey {
        let file = RuleFile { name: "a.yml".to_owned(), text: text.to_owned() };
        Prey::Rules { files: vec![file], placeholders: BTreeMap::new() }
    }

    #[test]
    fn rules_that_cannot_be_used_are_told_with_their_place() {
        let good =
            "title: A\nlogsource: {product: windows}\ndetection: {s: {Image: a}, condition: s}\n";
        let bad = "---\ntitle: B\nlogsource: {product: windows}\ndetection: {s: {Image: a}, condition: t}\n";
        let both = prey(&format!("{good}{bad}"));
        let ready = both.ready().unwrap_or_else(|error| panic!("{error}"));
        let asked = both.asked(&ready, None, None);
        assert_eq!((asked.count, asked.refused_count, asked.name.as_str()), (1, 1, "A"));
        assert!(asked.refused[0].at.starts_with("a.yml:"), "{:?}", asked.refused);
        let error = prey(bad).ready().err().unwrap();
        assert!(error.contains("none of the rules") && error.contains("a.yml:"), "{error}");
    }

    #[test]
    fn what_is_too_large_or_empty_is_refused() {
        let list = |text: String| Prey::Indicators { name: "l".to_owned(), text };
        assert!(list(String::new()).ready().err().unwrap().contains("it is empty"));
        let large = list("a.example\n".repeat(MAX_INPUT_BYTES / 10 + 1));
        assert!(large.ready().err().unwrap().contains("at most 32 MiB"));
    }
}
