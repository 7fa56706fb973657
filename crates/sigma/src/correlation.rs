//! What a correlation says, before it runs.
//!
//! A `correlation` section, or the aggregation after the `|` of an older condition, comes in; a
//! [`Correlation`] comes out. [`resolve`] finds the rules that correlations name. Running them is
//! [`crate::correlate`]'s work.

use khien_event::yaml::Node;

use crate::detection::Fault;
use crate::load::RuleProblem;
use crate::rule::{About, Comparison, Level, Number, Rule};

/// How events are put together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// How many events.
    EventCount,
    /// How many different values.
    ValueCount,
    /// All rules, in any order.
    Temporal,
    /// All rules, in their order.
    TemporalOrdered,
    /// The sum of a field.
    ValueSum,
    /// The mean of a field.
    ValueAvg,
    /// A percentile of a field, 0 to 100, between neighbours in proportion.
    ValuePercentile(f64),
}

/// What a correlation counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reference {
    /// Hits of a rule, by its position.
    Rule(usize),
    /// Hits of another correlation, by its position.
    Correlation(usize),
}

/// A correlation.
#[derive(Clone, Debug)]
pub struct Correlation {
    /// What it tells about itself.
    pub about: About,
    /// How events are put together.
    pub kind: Kind,
    /// The identifiers or names of the rules, in their order.
    pub rules: Vec<String>,
    /// The same, found.
    pub references: Vec<Reference>,
    /// Events with equal values in these fields belong together.
    pub group_by: Vec<String>,
    /// The window, in nanoseconds.
    pub timespan: i64,
    /// What must hold; all of them.
    pub conditions: Vec<(Comparison, Number)>,
    /// The fields that are counted or summed.
    pub fields: Vec<String>,
    /// Names in `group_by` or `fields` that stand for another field in each rule's events:
    /// alias, rule, field.
    pub aliases: Vec<(String, String, String)>,
    /// Whether the rules it names are also told on their own.
    pub generate: bool,
}

impl Correlation {
    /// The field of `rule`'s events that `name` stands for.
    pub fn field_of<'c>(&'c self, name: &'c str, rule: &About) -> &'c str {
        let own = |named: &str| rule.id == named || rule.name.as_deref() == Some(named);
        self.aliases
            .iter()
            .find(|(alias, of, _)| alias == name && own(of))
            .map_or(name, |(_, _, field)| field)
    }
}

const SECOND: i64 = 1_000_000_000;

/// Reads a `correlation` section.
pub fn read(about: About, section: &Node<'_>) -> Result<Correlation, Fault> {
    let fault = |node: Option<&Node<'_>>, message: &str| {
        Fault::new(node.map_or(section.line, |node| node.line), message)
    };
    let kind_node = section.get("type");
    let condition = section.get("condition");
    let percentile = condition
        .and_then(|node| node.get_str("percentile"))
        .and_then(Number::parse)
        .map_or(50.0, Number::as_f64);
    let kind = match kind_node.and_then(Node::as_str) {
        Some("event_count") => Kind::EventCount,
        Some("value_count") => Kind::ValueCount,
        Some("temporal") => Kind::Temporal,
        Some("temporal_ordered") => Kind::TemporalOrdered,
        Some("value_sum") => Kind::ValueSum,
        Some("value_avg") => Kind::ValueAvg,
        Some("value_percentile") => Kind::ValuePercentile(percentile),
        Some("value_median") => Kind::ValuePercentile(50.0),
        _ => {
            let known = "the type is one of event_count, value_count, temporal, temporal_ordered, \
                         value_sum, value_avg, value_percentile, value_median";
            return Err(fault(kind_node, known));
        }
    };
    let strings = |key: &str| -> Vec<String> {
        section
            .get(key)
            .map(Node::strings)
            .unwrap_or_default()
            .into_iter()
            .map(str::to_owned)
            .collect()
    };
    let rules = strings("rules");
    if rules.is_empty() {
        return Err(fault(section.get("rules"), "`rules` lists what is correlated"));
    }
    let span = section.get("timespan").or_else(|| section.get("timeframe"));
    let timespan = span.and_then(Node::as_str).and_then(read_timespan);
    let Some(timespan) = timespan else {
        return Err(fault(span, "`timespan` is a number with s, m, h, d or w, such as 10m"));
    };
    let conditions = read_conditions(condition)?;
    let fields: Vec<String> = condition
        .and_then(|node| node.get("field"))
        .map(Node::strings)
        .unwrap_or_default()
        .into_iter()
        .map(str::to_owned)
        .collect();
    let counts = !matches!(kind, Kind::Temporal | Kind::TemporalOrdered);
    if counts && conditions.is_empty() {
        return Err(fault(condition, "`condition` needs a comparison such as `gte: 10`"));
    }
    if counts && kind != Kind::EventCount && fields.is_empty() {
        return Err(fault(condition, "`condition` needs the `field` whose values are looked at"));
    }
    let mut aliases = Vec::new();
    for (alias, of) in section.get("aliases").and_then(Node::as_map).unwrap_or_default() {
        for (rule, field) in of.as_map().unwrap_or_default() {
            let text = |node: &Node<'_>| node.as_str().unwrap_or_default().to_owned();
            aliases.push((text(alias), text(rule), text(field)));
        }
    }
    let generate = section.get("generate").and_then(Node::as_bool).unwrap_or(false);
    let group_by = strings("group-by");
    Ok(Correlation {
        about,
        kind,
        rules,
        references: Vec::new(),
        group_by,
        timespan,
        conditions,
        fields,
        aliases,
        generate,
    })
}

fn read_conditions(condition: Option<&Node<'_>>) -> Result<Vec<(Comparison, Number)>, Fault> {
    let Some(condition) = condition else { return Ok(Vec::new()) };
    let Some(entries) = condition.as_map() else {
        return Err(Fault::new(condition.line, "`condition` is a map such as `gte: 10`"));
    };
    let mut conditions = Vec::new();
    for (key, value) in entries {
        let comparison = match key.as_str().unwrap_or_default() {
            "gt" => Comparison::Greater,
            "gte" => Comparison::GreaterOrEqual,
            "lt" => Comparison::Less,
            "lte" => Comparison::LessOrEqual,
            "eq" => Comparison::Equal,
            "neq" => Comparison::NotEqual,
            "field" | "percentile" => continue,
            other => {
                let message =
                    format!("«{other}» is no comparison; use gt, gte, lt, lte, eq or neq");
                return Err(Fault::new(key.line, message));
            }
        };
        let Some(number) = value.as_str().and_then(Number::parse) else {
            return Err(Fault::new(value.line, "a comparison needs a number"));
        };
        conditions.push((comparison, number));
    }
    Ok(conditions)
}

/// A number with a unit, in nanoseconds.
fn read_timespan(text: &str) -> Option<i64> {
    let text = text.trim();
    let unit = text.chars().last()?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        'w' => 604_800,
        _ => return None,
    };
    let count: i64 = text.get(..text.len() - 1)?.trim().parse().ok()?;
    (count > 0).then_some(())?;
    count.checked_mul(seconds)?.checked_mul(SECOND)
}

/// Reads `count() by a, b > 5` and its like, the form before correlations.
pub fn legacy(about: &About, text: &str, timeframe: Option<&str>) -> Result<Correlation, String> {
    let form = "the aggregation is not understood; it reads `count(field) by a, b > 5`";
    let open = text.find('(').ok_or(form)?;
    let close = text.find(')').filter(|close| *close > open).ok_or(form)?;
    let function = text.get(..open).unwrap_or_default().trim().to_ascii_lowercase();
    let field = text.get(open + 1..close).unwrap_or_default().trim();
    let rest = text.get(close + 1..).unwrap_or_default().trim();
    let at = rest.find(['<', '>', '=']).ok_or(form)?;
    let groups = rest.get(..at).unwrap_or_default().trim();
    let group_by: Vec<String> = match groups.strip_prefix("by ") {
        Some(list) => list
            .split([',', ' '])
            .map(str::trim)
            .filter(|f| !f.is_empty())
            .map(str::to_owned)
            .collect(),
        None if groups.is_empty() => Vec::new(),
        None => return Err(form.into()),
    };
    let comparison = rest.get(at..).unwrap_or_default();
    let digits = comparison.trim_start_matches(['<', '>', '=']);
    let comparison = match comparison.get(..comparison.len() - digits.len()).unwrap_or_default() {
        ">" => Comparison::Greater,
        ">=" => Comparison::GreaterOrEqual,
        "<" => Comparison::Less,
        "<=" => Comparison::LessOrEqual,
        "=" | "==" => Comparison::Equal,
        _ => return Err(form.into()),
    };
    let number = Number::parse(digits).ok_or(form)?;
    let kind = match (function.as_str(), field.is_empty()) {
        ("count", true) => Kind::EventCount,
        ("count", false) => Kind::ValueCount,
        ("sum", false) => Kind::ValueSum,
        ("avg", false) => Kind::ValueAvg,
        _ => {
            return Err(format!(
                "the aggregation «{function}» has no meaning in Sigma 2; write a correlation"
            ));
        }
    };
    let timespan = match timeframe {
        Some(text) => read_timespan(text).ok_or("`timeframe` is a number with s, m, h, d or w")?,
        // Without a window the whole log was meant.
        None => i64::MAX,
    };
    let fields = if field.is_empty() { Vec::new() } else { vec![field.to_owned()] };
    Ok(Correlation {
        about: about.clone(),
        kind,
        rules: vec![about.id.clone()],
        references: Vec::new(),
        group_by,
        timespan,
        conditions: vec![(comparison, number)],
        fields,
        aliases: Vec::new(),
        generate: false,
    })
}

/// Finds the rules and correlations that correlations name. A correlation that names something
/// unknown, or itself by a detour, is refused.
pub fn resolve(
    mut correlations: Vec<Correlation>,
    rules: &[Rule],
    problems: &mut Vec<RuleProblem>,
) -> Vec<Correlation> {
    loop {
        let mut fault = None;
        for at in 0..correlations.len() {
            match references(at, &correlations, rules) {
                Ok(found) => {
                    if let Some(correlation) = correlations.get_mut(at) {
                        correlation.references = found;
                    }
                }
                Err(message) => {
                    fault = Some((at, message));
                    break;
                }
            }
        }
        let fault = fault.or_else(|| {
            let at = (0..correlations.len()).find(|at| is_circular(*at, &correlations))?;
            Some((at, "this correlation names itself, if by a detour".to_owned()))
        });
        let Some((at, message)) = fault else { break };
        let bad = correlations.remove(at);
        problems.push(RuleProblem { place: bad.about.place, message, refused: true });
    }
    for correlation in &mut correlations {
        if correlation.about.level == Level::Informational {
            // Without a level of its own a correlation is as grave as the gravest it joins.
            let levels = correlation.references.iter().filter_map(|reference| match reference {
                Reference::Rule(rule) => rules.get(*rule).map(|rule| rule.about.level),
                Reference::Correlation(_) => None,
            });
            correlation.about.level = levels.max().unwrap_or_default();
        }
    }
    correlations
}

fn references(
    at: usize,
    correlations: &[Correlation],
    rules: &[Rule],
) -> Result<Vec<Reference>, String> {
    let named = |about: &About, name: &str| about.id == name || about.name.as_deref() == Some(name);
    let names = correlations.get(at).map(|c| c.rules.as_slice()).unwrap_or_default();
    names
        .iter()
        .map(|name| {
            let rule = rules.iter().position(|rule| named(&rule.about, name));
            let other = || {
                let mut others = correlations.iter().enumerate();
                others.find(|(other, c)| *other != at && named(&c.about, name)).map(|(at, _)| at)
            };
            rule.map(Reference::Rule).or_else(|| other().map(Reference::Correlation)).ok_or_else(|| {
                format!("there is no rule or correlation with the identifier or name «{name}»; load it too")
            })
        })
        .collect()
}

fn is_circular(start: usize, correlations: &[Correlation]) -> bool {
    let mut todo = vec![start];
    let mut seen = vec![false; correlations.len()];
    while let Some(at) = todo.pop() {
        for reference in correlations.get(at).map(|c| c.references.as_slice()).unwrap_or_default() {
            if let Reference::Correlation(next) = *reference {
                if next == start {
                    return true;
                }
                if let Some(seen) = seen.get_mut(next).filter(|seen| !**seen) {
                    *seen = true;
                    todo.push(next);
                }
            }
        }
    }
    false
}
