//! Rule files to rules.
//!
//! Texts of YAML files come in one by one; rules, correlations and filters are gathered, and what
//! is refused or doubtful is told with file, line and what to do. Collections of several
//! documents and the older `action: global`, `reset` and `repeat` documents are understood. At
//! the end [`Loader::finish`] gives filters to the rules they name.

use std::cell::RefCell;
use std::sync::Arc;

use khien_event::LogSource;
use khien_event::yaml::{self, Content, Node};
use rustc_hash::FxHashMap;

use crate::condition::Expr;
use crate::correlation::{self, Correlation};
use crate::detection::{self, Fault};
use crate::rule::{About, Exclusion, Level, Place, Rule};

/// Something wrong with a rule file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleProblem {
    /// Where.
    pub place: Place,
    /// What is wrong and what to do.
    pub message: String,
    /// Whether a rule is missing because of it; otherwise it is only doubtful.
    pub refused: bool,
}

/// A global filter before it is given to its rules.
#[derive(Clone, Debug)]
struct Filter {
    place: Place,
    log_source: LogSource,
    rules: Option<Vec<String>>,
    exclusion: Exclusion,
}

/// Everything that was loaded.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// The rules.
    pub rules: Vec<Rule>,
    /// The correlations.
    pub correlations: Vec<Correlation>,
    /// What is wrong.
    pub problems: Vec<RuleProblem>,
    /// How many files were read.
    pub files: usize,
    /// How many filters were loaded.
    pub filters: usize,
}

/// Gathers rules from texts.
pub struct Loader<'p> {
    loaded: Loaded,
    filters: Vec<Filter>,
    placeholders: &'p FxHashMap<String, Vec<String>>,
}

impl<'p> Loader<'p> {
    /// A loader that takes the values of placeholders from `placeholders`.
    pub fn new(placeholders: &'p FxHashMap<String, Vec<String>>) -> Self {
        Self { loaded: Loaded::default(), filters: Vec::new(), placeholders }
    }

    /// Takes a file's text.
    pub fn file(&mut self, name: &str, text: &str) {
        self.loaded.files += 1;
        let file: Arc<str> = name.into();
        let documents = match yaml::parse(text) {
            Ok(documents) => documents,
            Err(error) => {
                let place = Place { file, line: error.line };
                return self.refuse(place, format!("not YAML: {}", error.message));
            }
        };
        let mut global: Option<Node<'_>> = None;
        let mut previous: Option<Node<'_>> = None;
        for document in documents {
            let action = document.get_str("action").unwrap_or_default().to_owned();
            let document = match action.as_str() {
                "global" => {
                    global = Some(match global.take() {
                        Some(before) => merge(&before, &document),
                        None => document,
                    });
                    continue;
                }
                "reset" => {
                    global = None;
                    continue;
                }
                "repeat" => match &previous {
                    Some(before) => merge(before, &document),
                    None => document,
                },
                _ => match &global {
                    Some(global) => merge(global, &document),
                    None => document,
                },
            };
            self.document(&file, &document);
            previous = Some(document);
        }
    }

    /// Notes a file whose text could not be taken.
    pub fn refuse_file(&mut self, name: &str, reason: &str) {
        self.loaded.files += 1;
        self.refuse(Place { file: name.into(), line: 1 }, reason);
    }

    /// Takes a rule that was loaded before, with the filters that it has.
    pub fn known(&mut self, rule: Rule) {
        self.loaded.rules.push(rule);
    }

    /// What was gathered so far: rules, correlations before they are joined to their rules, and how
    /// many filters.
    pub fn gathered(&self) -> (&[Rule], &[Correlation], usize) {
        (&self.loaded.rules, &self.loaded.correlations, self.filters.len())
    }

    /// What is wrong so far.
    pub fn problems(&self) -> &[RuleProblem] {
        &self.loaded.problems
    }

    /// Takes over what another loader has gathered.
    pub fn join(&mut self, other: Self) {
        self.loaded.files += other.loaded.files;
        self.loaded.rules.extend(other.loaded.rules);
        self.loaded.correlations.extend(other.loaded.correlations);
        self.loaded.problems.extend(other.loaded.problems);
        self.filters.extend(other.filters);
    }

    /// Gives filters to their rules and ends loading.
    pub fn finish(mut self) -> Loaded {
        self.loaded.filters = self.filters.len();
        self.refuse_doubles();
        for filter in std::mem::take(&mut self.filters) {
            let named = |rule: &Rule, name: &str| {
                rule.about.id == name || rule.about.name.as_deref() == Some(name)
            };
            let mut found = false;
            for rule in &mut self.loaded.rules {
                let wanted = match &filter.rules {
                    Some(names) => names.iter().any(|name| named(rule, name)),
                    None => true,
                };
                let same = rule.log_source.satisfies(&filter.log_source);
                if wanted && same {
                    rule.exclusions.push(filter.exclusion.clone());
                    found = true;
                }
            }
            if !found {
                let message = "this filter fits no rule: none of the rules it names is loaded with \
                               its log source";
                self.warn(filter.place, message);
            }
        }
        self.loaded.correlations = correlation::resolve(
            std::mem::take(&mut self.loaded.correlations),
            &self.loaded.rules,
            &mut self.loaded.problems,
        );
        self.loaded
    }

    /// Two rules with one identifier: the second is told, and both work.
    fn refuse_doubles(&mut self) {
        let mut seen: FxHashMap<&str, &Place> = FxHashMap::default();
        let mut doubles = Vec::new();
        for rule in &self.loaded.rules {
            if let Some(first) = seen.insert(&rule.about.id, &rule.about.place) {
                let message = format!(
                    "the identifier {} is also that of {}:{}; give one of them a new one",
                    rule.about.id, first.file, first.line
                );
                doubles.push((rule.about.place.clone(), message));
            }
        }
        for (place, message) in doubles {
            self.warn(place, message);
        }
    }

    /// Looks placeholders up and notes those without values.
    fn lookup<'a>(
        &'a self,
        unknown: &'a RefCell<Vec<String>>,
    ) -> impl Fn(&str) -> Vec<String> + 'a {
        |name| {
            if let Some(values) = self.placeholders.get(name) {
                values.clone()
            } else {
                let mut unknown = unknown.borrow_mut();
                if !unknown.iter().any(|known| known == name) {
                    unknown.push(name.to_owned());
                }
                Vec::new()
            }
        }
    }

    fn refuse(&mut self, place: Place, message: impl Into<String>) {
        self.loaded.problems.push(RuleProblem { place, message: message.into(), refused: true });
    }

    fn warn(&mut self, place: Place, message: impl Into<String>) {
        self.loaded.problems.push(RuleProblem { place, message: message.into(), refused: false });
    }

    fn document(&mut self, file: &Arc<str>, document: &Node<'_>) {
        let place = Place { file: Arc::clone(file), line: document.line };
        if document.as_map().is_none() {
            return self.refuse(place, "a rule is a map that begins with a title");
        }
        let outcome = if document.get("correlation").is_some() {
            self.correlation(document, &place)
        } else if document.get("filter").is_some() {
            self.filter(document, &place)
        } else {
            self.rule(document, &place)
        };
        if let Err(fault) = outcome {
            let place = Place { file: Arc::clone(file), line: fault.line };
            self.refuse(place, fault.message);
        }
    }

    fn rule(&mut self, document: &Node<'_>, place: &Place) -> Result<(), Fault> {
        let about = self.about(document, place)?;
        let Some(section) = document.get("detection") else {
            return Err(Fault::new(document.line, "the section `detection` is missing"));
        };
        let Some(source) = document.get("logsource") else {
            return Err(Fault::new(document.line, "the section `logsource` is missing"));
        };
        let log_source = log_source(source);
        if log_source.is_empty() {
            let place = Place { file: Arc::clone(&place.file), line: source.line };
            self.warn(place, "a log source without product, category and service fits every event");
        }
        let unknown = RefCell::new(Vec::new());
        let detection = detection::read(section, &[], &self.lookup(&unknown))?;
        let waits_for = unknown.into_inner();
        if !waits_for.is_empty() {
            let place = Place { file: Arc::clone(&place.file), line: section.line };
            let message = format!(
                "the rule waits for the values of {}; put them, one a line, into files such as \
                 `placeholders/{}.txt` beside the rules",
                waits_for.join(", "),
                waits_for.first().map(String::as_str).unwrap_or_default()
            );
            self.warn(place, message);
        }
        let rule = Rule {
            about,
            log_source,
            selections: detection.selections,
            condition: detection.condition,
            exclusions: Vec::new(),
            waits_for,
        };
        if let Some((aggregation, line)) = detection.aggregation {
            let timeframe = detection.timeframe.as_deref();
            let correlation = correlation::legacy(&rule.about, &aggregation, timeframe)
                .map_err(|message| Fault::new(line, message))?;
            self.loaded.correlations.push(correlation);
        }
        self.loaded.rules.push(rule);
        Ok(())
    }

    fn correlation(&mut self, document: &Node<'_>, place: &Place) -> Result<(), Fault> {
        let about = self.about(document, place)?;
        let Some(section) = document.get("correlation") else { return Ok(()) };
        let correlation = correlation::read(about, section)?;
        self.loaded.correlations.push(correlation);
        Ok(())
    }

    fn filter(&mut self, document: &Node<'_>, place: &Place) -> Result<(), Fault> {
        let about = self.about(document, place)?;
        let Some(section) = document.get("filter") else { return Ok(()) };
        let Some(source) = document.get("logsource") else {
            return Err(Fault::new(document.line, "the section `logsource` is missing"));
        };
        let rules = match section.get("rules") {
            Some(any) if any.as_str().is_some_and(|text| text.eq_ignore_ascii_case("any")) => None,
            Some(list) if !list.strings().is_empty() => {
                Some(list.strings().into_iter().map(str::to_owned).collect())
            }
            _ => return Err(Fault::new(section.line, "`rules` lists the rules that are filtered")),
        };
        let unknown = RefCell::new(Vec::new());
        let detection = detection::read(section, &["rules"], &self.lookup(&unknown))?;
        if let Some(name) = unknown.into_inner().first() {
            let message = format!("a filter cannot wait for the placeholder «{name}»");
            return Err(Fault::new(section.line, message));
        }
        if detection.aggregation.is_some() {
            return Err(Fault::new(section.line, "a filter's condition takes no aggregation"));
        }
        if matches!(detection.condition, Expr::Not(_)) {
            // pySigma joins a filter's condition to the rule's with «and».
            let message = "this filter takes away everything but what it selects; Sigma 2.1 reads \
                           its condition as what is taken away, so leave out the «not» if it was \
                           written for a tool that reads it the other way round";
            self.warn(place.clone(), message);
        }
        self.filters.push(Filter {
            place: place.clone(),
            log_source: log_source(source),
            rules,
            exclusion: Exclusion {
                title: about.title,
                selections: detection.selections,
                condition: detection.condition,
            },
        });
        Ok(())
    }

    fn about(&mut self, document: &Node<'_>, place: &Place) -> Result<About, Fault> {
        let text = |key: &str| document.get_str(key).unwrap_or_default().to_owned();
        let Some(title) = document.get_str("title").filter(|title| !title.trim().is_empty()) else {
            return Err(Fault::new(document.line, "the title is missing"));
        };
        let strings = |node: Option<&Node<'_>>| -> Vec<String> {
            node.map(Node::strings).unwrap_or_default().into_iter().map(str::to_owned).collect()
        };
        let level = match document.get("level").and_then(|node| Some((node.as_str()?, node.line))) {
            None => Level::Informational,
            Some((name, line)) => Level::parse(name).unwrap_or_else(|| {
                let place = Place { file: Arc::clone(&place.file), line };
                let message = format!("«{name}» is not a level; informational is taken");
                self.warn(place, message);
                Level::Informational
            }),
        };
        let id = text("id");
        let ours = document.get("x-khien");
        let own = |key: &str| ours?.get_str(key).map(str::to_owned);
        let check = |language: &str| {
            strings(
                ours.and_then(|node| node.get("check_first")).and_then(|node| node.get(language)),
            )
        };
        Ok(About {
            place: place.clone(),
            id: if id.is_empty() { format!("{}:{}", place.file, place.line) } else { id },
            name: document.get_str("name").map(str::to_owned),
            title: title.trim().to_owned(),
            title_vi: own("title_vi"),
            description: text("description"),
            description_vi: own("description_vi"),
            check_first: [check("vi"), check("en")],
            level,
            status: text("status"),
            author: text("author"),
            tags: strings(document.get("tags")),
            false_positives: strings(document.get("falsepositives")),
            references: strings(document.get("references")),
        })
    }
}

fn log_source(node: &Node<'_>) -> LogSource {
    let part = |key: &str| node.get_str(key).filter(|text| !text.is_empty()).map(str::to_lowercase);
    LogSource { product: part("product"), category: part("category"), service: part("service") }
}

/// Maps are merged member by member; everything else of `over` replaces what is under it.
fn merge<'t>(under: &Node<'t>, over: &Node<'t>) -> Node<'t> {
    let (Content::Map(base), Content::Map(top)) = (&under.content, &over.content) else {
        return over.clone();
    };
    let mut entries: Vec<(Node<'t>, Node<'t>)> = base
        .iter()
        .filter(|(key, _)| key.as_str() != Some("action"))
        .map(|(key, value)| {
            let over = key.as_str().and_then(|key| over.get(key));
            (key.clone(), over.map_or_else(|| value.clone(), |over| merge(value, over)))
        })
        .collect();
    for (key, value) in top {
        let known = key.as_str().is_some_and(|key| key == "action" || under.get(key).is_some());
        if !known {
            entries.push((key.clone(), value.clone()));
        }
    }
    Node { line: over.line, content: Content::Map(entries) }
}
