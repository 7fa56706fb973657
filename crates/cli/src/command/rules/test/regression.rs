//! The regression data of `SigmaHQ`: an `info.yml` names a rule and an event on which it must fire.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use khien_event::yaml::{self, Node};

use super::{Case, Events, Wanted};

/// The folder that paths in `info.yml` begin with.
const ROOT: &str = "regression_data";

/// Reads the tests of an `info.yml`. Each test is run on the file it names, and once more on the
/// same event as JSON where that stands beside it.
pub(crate) fn read(path: &Path, cases: &mut Vec<Case>) -> Result<()> {
    let file = path.display().to_string();
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {file}"))?;
    let refused = |message: String| {
        let (name, rule) = (String::new(), String::new());
        let (file, events) = (file.clone(), Events::Fault(message));
        Case { file, name, rule, wanted: Wanted::AtLeast(1), events }
    };
    let documents = match yaml::parse(&text) {
        Ok(documents) => documents,
        Err(error) => {
            cases.push(refused(format!("not YAML: {error}")));
            return Ok(());
        }
    };
    for document in &documents {
        let rules = document.get("rule_metadata").and_then(Node::as_list).unwrap_or_default();
        let rules: Vec<&str> = rules.iter().filter_map(|rule| rule.get_str("id")).collect();
        let tests = document.get("regression_tests_info").and_then(Node::as_list);
        let tests = tests.unwrap_or_default();
        if rules.is_empty() && !tests.is_empty() {
            cases.push(refused("`rule_metadata` names no rule by its id".into()));
            continue;
        }
        for (test, rule) in tests.iter().flat_map(|test| rules.iter().map(move |r| (test, r))) {
            let name = test.get_str("name").unwrap_or_default();
            let count = test.get_str("match_count").and_then(|count| count.trim().parse().ok());
            let wanted = Wanted::AtLeast(count.unwrap_or(1));
            let mut add = |kind: &str, events: Events| {
                let (file, rule) = (file.clone(), (*rule).to_owned());
                cases.push(Case { file, name: format!("{name} ({kind})"), rule, wanted, events });
            };
            let kind = test.get_str("type").unwrap_or("log");
            let Some(stated) = test.get_str("path") else {
                add(kind, Events::Fault("the test names no `path`".into()));
                continue;
            };
            let events = locate(path, stated);
            let json = events.with_extension("json");
            let twin = json != events && json.is_file();
            add(kind, Events::File(events));
            if twin {
                add("json", Events::File(json));
            }
        }
    }
    Ok(())
}

/// The file that a test names: relative to the folder that holds `regression_data`, or else
/// beside the `info.yml`.
fn locate(info: &Path, stated: &str) -> PathBuf {
    let root = info.ancestors().find(|folder| folder.file_name().is_some_and(|name| name == ROOT));
    let at_root = root.and_then(Path::parent).map(|root| root.join(stated));
    let beside = || {
        let name = Path::new(stated).file_name().unwrap_or_default();
        info.with_file_name(name)
    };
    at_root.filter(|path| path.is_file()).unwrap_or_else(beside)
}
