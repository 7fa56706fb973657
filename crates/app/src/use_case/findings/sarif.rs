//! SARIF 2.1.0 (OASIS): the results of a run of a tool.
//!
//! Of each result the rule, the first place, the message and a severity count: the score that the rule or
//! the result states (`security-severity`), otherwise the level. What passed, does not apply or is gone is
//! no finding. What a tool was told to keep quiet about is one: nobody bears a finding but who may.

use jiff::Timestamp;
use khien_domain::assessment::AssessmentPack;
use khien_domain::finding::NewFinding;
use khien_domain::risk::Rating;
use serde_json::Value;

use super::{MAX_FINDINGS, PROBLEMS, Problem, Sheet, cves_of};

/// Runs of one file.
const RUNS: usize = 64;

/// Reads a file.
pub(super) fn read(pack: &AssessmentPack, log: &Value) -> Result<Sheet, String> {
    let version = log.get("version").and_then(Value::as_str).unwrap_or_default();
    if version != "2.1.0" {
        let shown = khien_domain::text::cut(version, 40);
        return Err(format!("version: SARIF 2.1.0 is read, not «{shown}»"));
    }
    let runs = log.get("runs").and_then(Value::as_array);
    let runs = runs.ok_or_else(|| "runs: a list is expected".to_owned())?;
    if runs.is_empty() || runs.len() > RUNS {
        return Err(format!("runs: 1 to {RUNS} are expected"));
    }
    let mut sheet = Sheet {
        tool: String::new(),
        at: None,
        found: Vec::new(),
        left_out: 0,
        problems: Vec::new(),
    };
    for (number, run) in runs.iter().enumerate() {
        one_run(pack, run, number, &mut sheet)?;
    }
    Ok(sheet)
}

fn texts<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer).and_then(Value::as_str).filter(|text| !text.trim().is_empty())
}

fn one_run(
    pack: &AssessmentPack,
    run: &Value,
    number: usize,
    sheet: &mut Sheet,
) -> Result<(), String> {
    let place = format!("runs[{number}]");
    let Some(tool) = texts(run, "/tool/driver/name") else {
        return Err(format!("{place}.tool.driver.name: it is missing"));
    };
    // What is gone is fixed, so that a file has to be all that one tool found.
    if sheet.tool.is_empty() {
        tool.clone_into(&mut sheet.tool);
    } else if sheet.tool != tool {
        return Err(format!("{place}.tool.driver.name: hand in one file for each tool"));
    }
    for (at, invocation) in list(run, "invocations").iter().enumerate() {
        let place = format!("{place}.invocations[{at}]");
        if invocation.get("executionSuccessful").and_then(Value::as_bool) == Some(false) {
            let what = "the scan did not end well: what it did not find may still be there";
            let place = format!("{place}.executionSuccessful");
            sheet.problems.push(Problem { place, what: what.into() });
        }
        let Some(text) = texts(invocation, "/endTimeUtc") else { continue };
        match text.parse::<Timestamp>() {
            // A record knows whole seconds.
            Ok(end) => {
                let end = Timestamp::from_second(end.as_second()).unwrap_or(end);
                sheet.at = sheet.at.max(Some(end));
            }
            Err(_) => sheet.problems.push(Problem {
                place: format!("{place}.endTimeUtc"),
                what: "it is no moment such as 2026-10-15T01:00:00Z".into(),
            }),
        }
    }
    let results = match run.get("results") {
        Some(Value::Array(results)) => results.as_slice(),
        // A run without results did not look for any.
        None | Some(Value::Null) => return Err(format!("{place}.results: it is missing")),
        Some(_) => return Err(format!("{place}.results: a list is expected")),
    };
    if sheet.found.len() + results.len() > MAX_FINDINGS {
        return Err(format!("a file has at most {MAX_FINDINGS} findings"));
    }
    for (at, result) in results.iter().enumerate() {
        if is_none(result) {
            sheet.left_out += 1;
            continue;
        }
        let place = format!("{place}.results[{at}]");
        match finding(pack, run, result) {
            Ok(Some(found)) => sheet.found.push((place, found)),
            Ok(None) => sheet.left_out += 1,
            Err((field, what)) if sheet.problems.len() < PROBLEMS => {
                sheet.problems.push(Problem { place: format!("{place}.{field}"), what });
            }
            Err(_) => {}
        }
    }
    Ok(())
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// Whether a result says that nothing is wrong.
fn is_none(result: &Value) -> bool {
    let is = |name, words: &[&str]| texts(result, name).is_some_and(|text| words.contains(&text));
    is("/kind", &["pass", "notApplicable", "informational"]) || is("/baselineState", &["absent"])
}

/// The rule of a result, where the tool or one of its extensions describes it.
fn rule<'v>(run: &'v Value, result: &'v Value, id: &str) -> Option<&'v Value> {
    let place = |value: Option<&Value>| {
        value.and_then(Value::as_u64).and_then(|place| usize::try_from(place).ok())
    };
    let extension = place(result.pointer("/rule/toolComponent/index"));
    let described_by = match extension {
        Some(at) => list(run.get("tool")?, "extensions").get(at)?,
        None => run.pointer("/tool/driver")?,
    };
    let rules = list(described_by, "rules");
    let at = place(result.get("ruleIndex").or_else(|| result.pointer("/rule/index")));
    let by_index = at.and_then(|at| rules.get(at));
    by_index.or_else(|| rules.iter().find(|rule| texts(rule, "/id") == Some(id)))
}

/// A score in tenths, as a text or a number from 0 to 10.
fn score(value: &Value) -> Result<Option<i64>, String> {
    let Some(stated) = value.pointer("/properties/security-severity") else { return Ok(None) };
    let number = match stated {
        Value::String(text) => text.trim().parse::<f64>().ok(),
        other => other.as_f64(),
    };
    match number {
        Some(number) if (0.0..=10.0).contains(&number) => Ok(Some((number * 10.0).round() as i64)),
        _ => Err("a number from 0 to 10 is expected".into()),
    }
}

type Wrong = (&'static str, String);

fn finding(
    pack: &AssessmentPack,
    run: &Value,
    result: &Value,
) -> Result<Option<NewFinding>, Wrong> {
    const SCORE: &str = "properties.security-severity";
    let named = texts(result, "/ruleId").or_else(|| texts(result, "/rule/id"));
    let rule = rule(run, result, named.unwrap_or_default());
    let id = named.or_else(|| rule.and_then(|rule| texts(rule, "/id")));
    let id = id.ok_or_else(|| ("ruleId", "it is missing".to_owned()))?;
    let mut tenths = score(result).map_err(|what| (SCORE, what))?;
    if tenths.is_none()
        && let Some(rule) = rule
    {
        tenths = score(rule).map_err(|what| (SCORE, what))?;
    }
    let level = texts(result, "/level")
        .or_else(|| rule.and_then(|rule| texts(rule, "/defaultConfiguration/level")))
        .unwrap_or("warning");
    let severity = match (tenths, level) {
        (Some(0), _) | (None, "none") => return Ok(None),
        (Some(tenths), _) => pack.severity(tenths),
        (None, "error") => Rating::High,
        (None, "warning") => Rating::Medium,
        (None, "note") => Rating::Low,
        (None, _) => return Err(("level", "none, note, warning or error is expected".into())),
    };
    let short = rule
        .and_then(|rule| texts(rule, "/shortDescription/text").or_else(|| texts(rule, "/name")));
    let message = texts(result, "/message/text").or_else(|| texts(result, "/message/markdown"));
    let title = short.or(message).unwrap_or(id);
    let tags = rule.map(|rule| rule.pointer("/properties/tags").and_then(Value::as_array));
    let tags = tags.flatten().map(Vec::as_slice).unwrap_or_default();
    let tags = tags.iter().filter_map(Value::as_str);
    Ok(Some(NewFinding {
        cves: cves_of([id, title, message.unwrap_or_default()].into_iter().chain(tags)),
        rule: id.to_owned(),
        place: place(result),
        title: title.to_owned(),
        severity,
    }))
}

/// The first place of a result: a file or an address and the line, or a name.
fn place(result: &Value) -> String {
    let Some(first) = list(result, "locations").first() else { return String::new() };
    let uri = texts(first, "/physicalLocation/artifactLocation/uri");
    let line = first.pointer("/physicalLocation/region/startLine").and_then(Value::as_u64);
    let logical = list(first, "logicalLocations").first();
    let logical = logical.and_then(|one| texts(one, "/fullyQualifiedName").or(texts(one, "/name")));
    match (uri, line) {
        (Some(uri), Some(line)) => format!("{uri}:{line}"),
        (Some(uri), None) => uri.to_owned(),
        (None, _) => logical.unwrap_or_default().to_owned(),
    }
}
