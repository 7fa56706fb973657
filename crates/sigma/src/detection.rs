//! The `detection` section of a rule: search identifiers and what they hold.
//!
//! YAML comes in, [`Search`] trees come out; what cannot be understood is an error with its line.

use std::sync::Arc;

use khien_event::yaml::{Content, Node};

use crate::condition::{self, Expr};
use crate::fold::{Fold, fold};
use crate::modifier::{Chain, Placeholders};
use crate::pattern::Pattern;
use crate::rule::{Item, Matcher, Search, Test};

/// A fault in a rule, with its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The line, counted from 1.
    pub line: u32,
    /// What is wrong and what to do.
    pub message: String,
}

impl Fault {
    pub(crate) fn new(line: u32, message: impl Into<String>) -> Self {
        Self { line, message: message.into() }
    }
}

/// Search identifiers and how they are joined.
#[derive(Clone, Debug)]
pub struct Detection {
    /// Name and content, in the order of the file.
    pub selections: Vec<(String, Search)>,
    /// The condition; a list of conditions is joined with «or».
    pub condition: Expr,
    /// The aggregation after `|`, the form before correlations.
    pub aggregation: Option<(String, u32)>,
    /// `timeframe`, which belongs to the aggregation.
    pub timeframe: Option<String>,
}

/// Reads a `detection` section. `reserved` are keys that are not search identifiers.
pub fn read(
    section: &Node<'_>,
    reserved: &[&str],
    placeholders: Placeholders<'_>,
) -> Result<Detection, Fault> {
    let Some(entries) = section.as_map() else {
        return Err(Fault::new(
            section.line,
            "this section holds search identifiers and a condition",
        ));
    };
    let mut selections = Vec::new();
    for (name, content) in entries {
        let Some(name) = name.as_str() else {
            return Err(Fault::new(name.line, "a search identifier's name is a text"));
        };
        if name == "condition" || name == "timeframe" || reserved.contains(&name) {
            continue;
        }
        selections.push((name.to_owned(), search(content, placeholders, 0)?));
    }
    let Some(conditions) = section.get("condition") else {
        return Err(Fault::new(section.line, "the condition is missing"));
    };
    let names: Vec<String> = selections.iter().map(|(name, _)| name.clone()).collect();
    let texts: Vec<(&str, u32)> = match &conditions.content {
        Content::List(items) => {
            items.iter().filter_map(|item| Some((item.as_str()?, item.line))).collect()
        }
        _ => conditions.as_str().map(|text| (text, conditions.line)).into_iter().collect(),
    };
    let mut aggregation = None;
    let mut alternatives = Vec::new();
    for (text, line) in texts {
        let (text, behind) = condition::split_aggregation(text);
        if let Some(behind) = behind {
            aggregation = Some((behind.to_owned(), line));
        }
        let expr = condition::parse(text, &names);
        alternatives.push(expr.map_err(|error| Fault::new(line, error.to_string()))?);
    }
    let condition = match alternatives.len() {
        0 => return Err(Fault::new(conditions.line, "the condition is a text or a list of texts")),
        1 => alternatives.remove(0),
        _ if aggregation.is_some() => {
            return Err(Fault::new(
                conditions.line,
                "an aggregation stands only in a single condition",
            ));
        }
        _ => Expr::Or(alternatives),
    };
    let timeframe = section.get_str("timeframe").map(str::to_owned);
    Ok(Detection { selections, condition, aggregation, timeframe })
}

fn search(node: &Node<'_>, placeholders: Placeholders<'_>, depth: usize) -> Result<Search, Fault> {
    if depth > 8 {
        return Err(Fault::new(node.line, "nested too deeply"));
    }
    match &node.content {
        Content::Map(entries) => {
            let items = entries.iter().map(|(key, value)| item(key, value, placeholders));
            Ok(Search::All(items.collect::<Result<_, _>>()?))
        }
        Content::List(items) if items.iter().any(|item| item.as_str().is_none()) => {
            let parts = items.iter().map(|part| search(part, placeholders, depth + 1));
            Ok(Search::Any(parts.collect::<Result<_, _>>()?))
        }
        Content::List(_) | Content::Scalar { .. } if node.is_null() => {
            Err(Fault::new(node.line, "this search identifier is empty"))
        }
        Content::List(_) | Content::Scalar { .. } => {
            keywords("", node, placeholders).map(Search::Item)
        }
    }
}

fn item(key: &Node<'_>, value: &Node<'_>, placeholders: Placeholders<'_>) -> Result<Search, Fault> {
    let Some(text) = key.as_str() else {
        return Err(Fault::new(key.line, "a field name is a text"));
    };
    let (field, modifiers) = text.split_once('|').unwrap_or((text, ""));
    if field.is_empty() {
        return keywords(modifiers, value, placeholders).map(Search::Item);
    }
    let chain = chain(modifiers, key.line)?;
    let tests = values(value)?
        .into_iter()
        .map(|node| {
            let matchers = chain.matchers(node, placeholders);
            let matchers = matchers.map_err(|message| Fault::new(node.line, message))?;
            Ok(Test { source: node.as_str().unwrap_or_default().into(), matchers })
        })
        .collect::<Result<Vec<_>, Fault>>()?;
    Ok(Search::Item(Item {
        field: Some(field.to_owned()),
        modifiers: modifiers.to_owned(),
        tests,
        all: chain.all,
        negate: chain.negate,
        line: key.line,
    }))
}

fn chain(modifiers: &str, line: u32) -> Result<Chain, Fault> {
    Chain::read(modifiers.split('|').filter(|word| !word.is_empty()))
        .map_err(|message| Fault::new(line, message))
}

/// Texts that may stand anywhere in an event.
fn keywords(
    modifiers: &str,
    node: &Node<'_>,
    placeholders: Placeholders<'_>,
) -> Result<Item, Fault> {
    let chain = chain(modifiers, node.line)?;
    let tests = values(node)?
        .into_iter()
        .map(|node| {
            let text = node.as_str().unwrap_or_default();
            let matchers = chain.matchers(node, placeholders);
            let mut matchers = matchers.map_err(|message| Fault::new(node.line, message))?;
            for matcher in &mut matchers {
                match matcher {
                    Matcher::Text { pattern, .. } => {
                        *pattern = Arc::new(Pattern::clone(pattern).contains());
                    }
                    Matcher::Number(_) => {
                        let pattern = Pattern::literal(&fold(Fold::Case, text)).contains();
                        *matcher = Matcher::Text { pattern: pattern.into(), fold: Fold::Case };
                    }
                    Matcher::Regex(_) => {}
                    _ => {
                        let message =
                            "a search without a field takes only texts and regular expressions";
                        return Err(Fault::new(node.line, message));
                    }
                }
            }
            Ok(Test { source: text.into(), matchers })
        })
        .collect::<Result<Vec<_>, Fault>>()?;
    Ok(Item {
        field: None,
        modifiers: modifiers.to_owned(),
        tests,
        all: chain.all,
        negate: chain.negate,
        line: node.line,
    })
}

fn values<'n, 't>(node: &'n Node<'t>) -> Result<Vec<&'n Node<'t>>, Fault> {
    match &node.content {
        Content::Scalar { .. } => Ok(vec![node]),
        Content::List(items) if items.is_empty() => {
            Err(Fault::new(node.line, "this list of values is empty"))
        }
        Content::List(items) => match items.iter().find(|item| item.as_str().is_none()) {
            Some(item) => Err(Fault::new(item.line, "a list of values holds only single values")),
            None => Ok(items.iter().collect()),
        },
        Content::Map(_) => Err(Fault::new(node.line, "a field takes a value or a list of values")),
    }
}
