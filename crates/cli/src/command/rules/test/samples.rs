//! Samples beside our rules: events on which a rule must fire and events on which it must not.
//!
//! ```yaml
//! rule: the identifier or name of a rule or correlation
//! positive:
//!   - name: as a map
//!     logsource: {product: linux, category: process_creation}
//!     events:
//!       - {Image: /usr/bin/nc, CommandLine: nc -e /bin/sh}
//! negative:
//!   - name: as text
//!     format: syslog
//!     lines: |
//!       Nov 20 08:00:00 host sshd[1]: ...
//! ```

use std::path::Path;

use anyhow::{Context as _, Result};
use khien_event::LogSource;
use khien_event::yaml::{self, Node};

use super::{Case, Events, Wanted};

/// Reads the tests of a `*.samples.yml`.
pub(crate) fn read(path: &Path, cases: &mut Vec<Case>) -> Result<()> {
    let file = path.display().to_string();
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {file}"))?;
    let case = |name: &str, rule: &str, wanted: Wanted, events: Events| Case {
        file: file.clone(),
        name: name.to_owned(),
        rule: rule.to_owned(),
        wanted,
        events,
    };
    let refuse = |message: String| case("", "", Wanted::None, Events::Fault(message));
    let documents = match yaml::parse(&text) {
        Ok(documents) => documents,
        Err(error) => {
            cases.push(refuse(format!("not YAML: {error}")));
            return Ok(());
        }
    };
    for document in &documents {
        let Some(rule) = document.get_str("rule") else {
            cases.push(refuse("`rule` must name the rule by its identifier or name".into()));
            continue;
        };
        for (key, wanted) in [("positive", Wanted::AtLeast(1)), ("negative", Wanted::None)] {
            for sample in document.get(key).and_then(Node::as_list).unwrap_or_default() {
                let name = sample.get_str("name").unwrap_or(key);
                cases.push(case(name, rule, wanted, events(sample)));
            }
        }
    }
    Ok(())
}

fn events(sample: &Node<'_>) -> Events {
    let line = sample.line;
    if let Some(lines) = sample.get_str("lines") {
        return match sample.get_str("format") {
            Some(format) => Events::Lines(format.to_owned(), lines.to_owned()),
            None => Events::Fault(format!("line {line}: `lines` need a `format`")),
        };
    }
    let Some(source) = sample.get("logsource") else {
        return Events::Fault(format!("line {line}: `events` need a `logsource`"));
    };
    let part = |key| source.get_str(key).map(str::to_lowercase);
    let label = LogSource {
        product: part("product"),
        category: part("category"),
        service: part("service"),
    };
    match sample.get("events").and_then(Node::as_list) {
        Some(events) if !events.is_empty() => {
            Events::Fields(label, events.iter().cloned().map(Node::into_owned).collect())
        }
        _ => Events::Fault(format!("line {line}: a sample has `events` or `lines`")),
    }
}
