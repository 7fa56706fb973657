//! CSAF 2.0 and 2.1 (OASIS): what a maker or a body says of vulnerabilities and of the products that have them.
//!
//! In comes a document, out come its products, and for each vulnerability which of them it says to be affected,
//! under investigation or not affected. It is an advisory and no scan: nobody has looked at a system. What a
//! system has of its products [`held`] says. Whether it is signed is not asked, nor is anything fetched.

mod flaws;
mod held;
mod item;
mod tree;
mod version;

use jiff::Timestamp;
use khien_domain::assessment::AssessmentPack;
use khien_domain::finding::ADVISORY;
use khien_domain::limits::NAME_BYTES;
use khien_domain::{secrecy, text};
use serde_json::Value;

use flaws::Flaw;
use held::Word;
pub(super) use held::{Found, Matched, Matching};
pub(super) use item::Item;
use tree::Tree;

/// A name or a number that the document bears itself.
const ID_BYTES: usize = 80;
/// Who publishes it.
const PUBLISHER_BYTES: usize = NAME_BYTES - ID_BYTES - 20;
/// An advisory.
#[derive(Debug)]
pub(super) struct Advisory {
    /// Its number and who publishes it, by which its next version is known again.
    pub(super) tool: String,
    /// Its version.
    pub(super) version: String,
    /// What it is about.
    pub(super) title: String,
    /// When this version was released.
    pub(super) at: Timestamp,
    tree: Tree,
    flaws: Vec<Flaw>,
}

/// Whether a document is meant to be one.
pub(super) fn is_one(document: &Value) -> bool {
    document.pointer("/document/csaf_version").is_some()
}

/// Reads a document, or tells what will not do, with its place.
pub(super) fn read(pack: &AssessmentPack, whole: &Value) -> Result<Advisory, String> {
    let version = said(whole, "/document/csaf_version").unwrap_or_default();
    if !["2.0", "2.1"].contains(&version) {
        let version = text::cut(version, 40);
        return Err(format!("document.csaf_version: 2.0 and 2.1 are read, not «{version}»"));
    }
    may_be_taken(whole)?;
    let tree = Tree::read(whole.get("product_tree").unwrap_or(&Value::Null))?;
    let flaws = flaws::read(pack, whole, &tree)?;
    let id = named(whole, "tracking/id")?;
    named(whole, "publisher/name")?;
    // Names are shown and change; the address is who it is.
    let publisher = named(whole, "publisher/namespace")?;
    if publisher.contains(' ') {
        let place = "document.publisher.namespace";
        return Err(format!("{place}: it is no address such as https://xuong-mau.example"));
    }
    let publisher = publisher.strip_prefix("https://").unwrap_or(&publisher).trim_end_matches('/');
    let at = named(whole, "tracking/current_release_date")?;
    let at = at.parse::<Timestamp>().map_err(
        |_| "document.tracking.current_release_date: it is no moment such as 2026-10-15T01:00:00Z",
    )?;
    Ok(Advisory {
        tool: format!("{ADVISORY}{id} · {publisher}"),
        version: named(whole, "tracking/version")?,
        title: text::cut(&line(said(whole, "/document/title").unwrap_or_default()), NAME_BYTES),
        // A record knows whole seconds.
        at: Timestamp::from_second(at.as_second()).unwrap_or(at),
        tree,
        flaws,
    })
}

/// Refuses what is not final enough, or not for others than its recipients.
fn may_be_taken(whole: &Value) -> Result<(), String> {
    match said(whole, "/document/tracking/status") {
        Some("final" | "interim") => {}
        Some("draft") => {
            return Err(
                "document.tracking.status: it is a draft, which may still change without a trace; \
                 hand in what was released"
                    .into(),
            );
        }
        other => {
            let other = text::cut(other.unwrap_or_default(), 40);
            return Err(format!(
                "document.tracking.status: «{other}» is none of draft, interim, final"
            ));
        }
    }
    if let Some(label) = said(whole, "/document/distribution/tlp/label") {
        match label.to_uppercase().as_str() {
            "WHITE" | "CLEAR" | "GREEN" | "AMBER" | "AMBER+STRICT" => {}
            "RED" => {
                return Err(
                    "document.distribution.tlp.label: TLP:RED is for its recipients alone \
                            and may not be passed on to others; nothing of it was kept"
                        .into(),
                );
            }
            _ => {
                let label = text::cut(label, 40);
                return Err(format!(
                    "document.distribution.tlp.label: «{label}» is no label of TLP"
                ));
            }
        }
    }
    let texts = ["/document/title", "/document/distribution/text"];
    match secrecy::find("", texts.iter().filter_map(|at| said(whole, at)), "") {
        Some(found) => Err(super::marked(found)),
        None => Ok(()),
    }
}

/// A text at a pointer that says something.
fn said<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
}

/// A name of the document, which has to be there.
fn named(whole: &Value, path: &str) -> Result<String, String> {
    let found = said(whole, &format!("/document/{path}")).map(line);
    let place = format!("document.{}", path.replace('/', "."));
    let found = found.ok_or_else(|| format!("{place}: it is missing"))?;
    let most = match path {
        "publisher/name" => NAME_BYTES,
        "publisher/namespace" => PUBLISHER_BYTES,
        _ => ID_BYTES,
    };
    if found.len() > most {
        return Err(format!("{place}: it is longer than {most} bytes"));
    }
    match secrecy::find("", [found.as_str()], "") {
        Some(found) => Err(super::marked(found)),
        None => Ok(found),
    }
}

/// A text on one line, without controls.
fn line(text: &str) -> String {
    let words: Vec<&str> = text.split(|c: char| c.is_control() || c.is_whitespace()).collect();
    words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A list, nothing if it is not there.
fn list<'v>(value: &'v Value, name: &str, place: &str) -> Result<&'v [Value], String> {
    match value.get(name) {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(list)) => Ok(list),
        Some(_) => Err(format!("{}: a list is expected", at(place, name))),
    }
}

/// The place of a field.
fn at(place: &str, name: &str) -> String {
    if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") }
}

#[cfg(test)]
mod tests;
