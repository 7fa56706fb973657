//! `khien rules coverage`: which ATT&CK techniques rules speak of, as a layer for the ATT&CK
//! Navigator (layer format 4.5).
//!
//! A score is a number of rules, not a promise: a technique with a rule may still be missed.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Args;
use khien_sigma::rule::About;
use serde_json::{Value, json};

use crate::centre::tell;
use crate::language::Language;
use crate::report::shorten;
use crate::{attack, rule_files, talk};

/// So many titles stand in the comment of a technique, each of so many characters.
const MAX_TITLES: usize = 20;
const MAX_TITLE: usize = 120;
/// The house's accent, from its wash to its full strength.
const COLOURS: [&str; 2] = ["#e7ecf7", "#27478f"];

#[derive(Args)]
pub(crate) struct Arguments {
    /// Rule files or folders; without any, the rules that ship with Khiên
    #[arg(value_name = "DIR")]
    rules: Vec<PathBuf>,
    /// Write the layer into this file; without it, or with -, to standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Print JSON: the layer is JSON anyhow; with --output, what was written
    #[arg(long)]
    json: bool,
    /// Language of the titles
    #[arg(long, value_enum, default_value_t)]
    lang: Language,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let loaded = rule_files::load(&arguments.rules, threads)?;
    let rules: Vec<&About> = loaded
        .rules
        .iter()
        .map(|rule| &rule.about)
        .chain(loaded.correlations.iter().map(|correlation| &correlation.about))
        .collect();
    let layer = layer(&rules, arguments.lang);
    let text = serde_json::to_string_pretty(&layer)? + "\n";
    match &arguments.output {
        Some(path) if path.as_os_str() != "-" => {
            std::fs::write(path, text)
                .with_context(|| format!("cannot write {}", path.display()))?;
            let techniques = layer["techniques"].as_array().map_or(0, Vec::len);
            if arguments.json {
                let told = json!({
                    "file": path.display().to_string(),
                    "techniques": techniques,
                    "rules": rules.len(),
                });
                return tell(true, &told, "");
            }
            talk(&format!("{}: {techniques} techniques of {} rules", path.display(), rules.len()));
        }
        _ => io::stdout().lock().write_all(text.as_bytes())?,
    }
    Ok(ExitCode::SUCCESS)
}

fn layer(rules: &[&About], l: Language) -> Value {
    let mut techniques: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let mut untagged = 0;
    for about in rules {
        let mut names: Vec<String> = attack::techniques(&about.tags).collect();
        names.sort();
        names.dedup();
        untagged += usize::from(names.is_empty());
        for name in names {
            techniques.entry(name).or_default().push(l.title(about));
        }
    }
    let most = techniques.values().map(Vec::len).max().unwrap_or(1);
    let parents: Vec<String> =
        techniques.keys().filter_map(|name| Some(name.split_once('.')?.0.to_owned())).collect();
    let list: Vec<Value> = techniques
        .iter()
        .map(|(name, titles)| {
            json!({
                "techniqueID": name,
                "score": titles.len(),
                "comment": comment(titles, l),
                "enabled": true,
                "showSubtechniques": parents.contains(name),
            })
        })
        .collect();
    let new_names = rules
        .iter()
        .flat_map(|about| attack::tactics(&about.tags))
        .any(|tactic| attack::SPLIT.contains(&tactic));
    json!({
        "name": l.pick("Khiên: độ phủ của luật", "Khiên: coverage of rules"),
        // Version 19 renamed tactics and renumbered techniques that these names go with.
        "versions": {"attack": if new_names { "19" } else { "18" }, "navigator": "5.1.0", "layer": "4.5"},
        "domain": "enterprise-attack",
        "description": match l {
            Language::Vi => format!("{} luật, {untagged} luật không ghi kỹ thuật. Điểm là số luật nói đến kỹ thuật.", rules.len()),
            Language::En => format!("{} rules, {untagged} of which name no technique. A score is the number of rules for a technique.", rules.len()),
        },
        "sorting": 3,
        "hideDisabled": false,
        "techniques": list,
        "gradient": {"colors": COLOURS, "minValue": 0, "maxValue": most},
        "legendItems": [
            {"label": l.pick("ít luật", "few rules"), "color": COLOURS[0]},
            {"label": format!("{most} {}", l.pick("luật", "rules")), "color": COLOURS[1]},
        ],
        "showTacticRowBackground": false,
        "selectTechniquesAcrossTactics": true,
        "selectSubtechniquesWithParent": false,
    })
}

/// The titles of a technique's rules, one a line.
fn comment(titles: &[&str], l: Language) -> String {
    let mut lines: Vec<String> =
        titles.iter().take(MAX_TITLES).map(|title| shorten(title, MAX_TITLE)).collect();
    if titles.len() > MAX_TITLES {
        let more = titles.len() - MAX_TITLES;
        lines.push(format!("… {} {more} {}", l.pick("và", "and"), l.pick("luật nữa", "more")));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_bounded_and_say_what_is_left_out() {
        let long = "x".repeat(500);
        let titles = vec![long.as_str(); 3000];
        let text = comment(&titles, Language::En);
        assert_eq!(text.lines().count(), MAX_TITLES + 1);
        assert!(text.len() < 3000 && text.ends_with("… and 2980 more"), "{text}");
    }

    #[test]
    fn the_shipped_rules_make_a_layer() {
        let loaded = rule_files::load(&[], 1).unwrap();
        let rules: Vec<&About> = loaded.rules.iter().map(|rule| &rule.about).collect();
        let layer = layer(&rules, Language::Vi);
        assert_eq!(layer["versions"]["layer"], "4.5");
        assert_eq!(layer["domain"], "enterprise-attack");
        let techniques = layer["techniques"].as_array().unwrap();
        let shell = techniques.iter().find(|t| t["techniqueID"] == "T1505.003").unwrap();
        let score = shell["score"].as_u64().unwrap();
        assert!(score >= 2 && score <= layer["gradient"]["maxValue"].as_u64().unwrap());
        assert_eq!(shell["comment"].as_str().unwrap().lines().count() as u64, score);
    }
}
