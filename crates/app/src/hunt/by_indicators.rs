//! Events that are kept to indicators that are in them.
//!
//! Addresses, hashes and accounts have columns of their own: they are looked up there, and where a
//! list has nothing else, statistics and bloom filters spare what cannot hold any. Domains, URLs,
//! e-mail addresses, names of files and texts are looked for in the text of the record, all at once
//! by one automaton, as wholes: `evil.example` is in `www.evil.example` and not in `evil.example.org`.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, MatchKind};
use khien_event::value::unescape_json;
use khien_lake::query::{Among, Network, Query, Test};
use khien_lake::{Column, Swept};
use serde_json::{Map, Value};

use super::hit;
use super::indicators::{Indicator, Kind};
use super::run::Finds;

/// Indicators that one event is told for.
const PER_EVENT: usize = 16;
/// Around what was found in a text, so much of it is shown.
const AROUND: usize = 80;

const ADDRESSES: [Column; 2] = [Column::SrcIp, Column::DstIp];
const HASHES: [(Column, Kind); 3] =
    [(Column::Md5, Kind::Md5), (Column::Sha1, Kind::Sha1), (Column::Sha256, Kind::Sha256)];
const TEXTS: [Column; 4] = [Column::Message, Column::Fields, Column::Raw, Column::RawBytes];

/// Looks for the indicators of a list.
pub(super) struct ByIndicators<'i> {
    indicators: &'i [Indicator],
    /// The columns that are looked at, and what is looked for there.
    columns: Vec<(Column, Arc<Among>)>,
    users: Option<Arc<Among>>,
    texts: Option<Texts>,
    scratch: String,
    folded: String,
}

/// What is looked for in texts.
struct Texts {
    automaton: AhoCorasick,
    /// The indicator of each of its patterns.
    of: Vec<u32>,
}

impl<'i> ByIndicators<'i> {
    /// Makes a list ready; the error says why it cannot be.
    pub(super) fn new(indicators: &'i [Indicator]) -> Result<Self, String> {
        let (mut addresses, mut users) = (Among::default(), Among::default());
        let mut hashes = [Among::default(), Among::default(), Among::default()];
        let (mut patterns, mut of) = (Vec::new(), Vec::new());
        for (number, indicator) in (0_u32..).zip(indicators) {
            let value = indicator.value.as_str();
            match indicator.kind {
                Kind::Address => addresses.add(value, number),
                Kind::Network => {
                    let network = value.split_once('/').and_then(|(start, prefix)| {
                        Network::new(start.parse().ok()?, prefix.parse().ok()?)
                    });
                    if let Some(network) = network {
                        addresses.add_network(network, number);
                    }
                }
                Kind::User => users.add(value, number),
                Kind::Md5 | Kind::Sha1 | Kind::Sha256 => {
                    let place = HASHES.iter().position(|(_, kind)| *kind == indicator.kind);
                    if let Some(among) = place.and_then(|place| hashes.get_mut(place)) {
                        among.add(value, number);
                    }
                }
                Kind::Domain | Kind::Url | Kind::Email | Kind::File | Kind::Text => {
                    patterns.push(value);
                    of.push(number);
                }
            }
        }
        let addresses = Arc::new(addresses);
        let mut columns: Vec<(Column, Arc<Among>)> =
            ADDRESSES.iter().map(|column| (*column, Arc::clone(&addresses))).collect();
        for ((column, _), among) in HASHES.iter().zip(hashes) {
            columns.push((*column, Arc::new(among)));
        }
        columns.retain(|(_, among)| !among.is_empty());
        let texts = if patterns.is_empty() {
            None
        } else {
            let automaton = AhoCorasick::builder()
                .match_kind(MatchKind::Standard)
                .build(&patterns)
                .map_err(|error| format!("the list cannot be made ready: {error}"))?;
            Some(Texts { automaton, of })
        };
        let users = (!users.is_empty()).then(|| Arc::new(users));
        let (scratch, folded) = (String::new(), String::new());
        Ok(Self { indicators, columns, users, texts, scratch, folded })
    }

    /// What finds every event that may hold one of them.
    pub(super) fn query(&self) -> Query {
        if self.texts.is_some() {
            return Query::All;
        }
        let field = |column: Column, test| Query::Field { name: column.name().to_owned(), test };
        let columns =
            self.columns.iter().map(|(column, among)| field(*column, Test::Among(among.clone())));
        // An account is also known by its name without the domain around it.
        let users = self.users.iter().map(|_| field(Column::User, Test::Exists));
        Query::or(columns.chain(users))
    }

    /// Whether every event is looked at.
    pub(super) fn looks_at_all(&self) -> bool {
        self.texts.is_some()
    }

    /// What is read of an event.
    pub(super) fn columns(&self) -> Vec<Column> {
        let mut columns: BTreeSet<Column> = hit::TOLD.into_iter().collect();
        columns.insert(Column::Record);
        columns.extend(self.columns.iter().map(|(column, _)| *column));
        if self.texts.is_some() {
            columns.extend(TEXTS);
        }
        columns.into_iter().collect()
    }

    /// Looks at an event.
    pub(super) fn look(&mut self, swept: &Swept<'_>, row: usize, finds: &mut Finds) {
        let mut found: Vec<(u32, &'static str, String)> = Vec::new();
        let mut add = |number: u32, field: &'static str, value: &dyn Fn() -> String| {
            if found.len() < PER_EVENT && !found.iter().any(|(known, ..)| *known == number) {
                found.push((number, field, value()));
            }
        };
        for (column, among) in &self.columns {
            if let Some(text) = swept.text(*column, row) {
                for number in among.find(text) {
                    add(number, column.name(), &|| text.to_owned());
                }
            }
        }
        if let Some(users) = &self.users
            && let Some(text) = swept.text(Column::User, row)
        {
            let bare = text.rsplit('\\').next().unwrap_or(text);
            let before = bare.split('@').next().unwrap_or(bare);
            for number in [text, bare, before].into_iter().flat_map(|name| users.find(name)) {
                add(number, Column::User.name(), &|| text.to_owned());
            }
        }
        if let Some(texts) = &self.texts {
            for column in TEXTS {
                let text = match swept.bytes(column, row) {
                    Some(bytes) => String::from_utf8_lossy(bytes),
                    None => match swept.text(column, row) {
                        Some(text) => Cow::Borrowed(text),
                        None => continue,
                    },
                };
                fold(&text, &mut self.scratch, &mut self.folded);
                texts.find(&self.folded, self.indicators, &mut |number, around| {
                    add(number, column.name(), &|| around.to_owned());
                });
            }
        }
        if found.is_empty() {
            return;
        }
        let head: Map<String, Value> = hit::head(swept, row);
        for (number, field, value) in found {
            let Some(indicator) = self.indicators.get(number as usize) else { continue };
            finds.hit(|| hit::of_indicator(head.clone(), indicator, field, &value));
        }
    }
}

/// The text as indicators are written: without the escapes of JSON, in lower case.
fn fold(text: &str, scratch: &mut String, folded: &mut String) {
    folded.clear();
    let plain = if text.starts_with('{') {
        scratch.clear();
        unescape_json(text, scratch);
        scratch.as_str()
    } else {
        text
    };
    if plain.is_ascii() {
        folded.push_str(plain);
        folded.make_ascii_lowercase();
    } else {
        folded.extend(plain.chars().flat_map(char::to_lowercase));
    }
}

impl Texts {
    fn find(&self, text: &str, indicators: &[Indicator], see: &mut dyn FnMut(u32, &str)) {
        for found in self.automaton.find_overlapping_iter(text) {
            let Some(&number) = self.of.get(found.pattern().as_usize()) else { continue };
            let Some(indicator) = indicators.get(number as usize) else { continue };
            let before = text.get(..found.start()).unwrap_or_default();
            let after = text.get(found.end()..).unwrap_or_default();
            if is_whole(indicator.kind, before, after) {
                let begin = before.char_indices().rev().nth(AROUND).map_or(0, |(at, _)| at);
                let rest = after.char_indices().nth(AROUND).map_or(after.len(), |(at, _)| at);
                see(number, text.get(begin..found.end() + rest).unwrap_or_default());
            }
        }
    }
}

/// Whether what was found between two texts is the thing itself and no part of another.
fn is_whole(kind: Kind, before: &str, after: &str) -> bool {
    let last = before.chars().next_back();
    let mut next = after.chars();
    let (first, second) = (next.next(), next.next());
    let is = |letter: Option<char>, more: &str| {
        letter.is_some_and(|letter| letter.is_alphanumeric() || more.contains(letter))
    };
    // A full stop ends a sentence unless a name goes on behind it.
    let goes_on = first == Some('.') && is(second, "_");
    match kind {
        Kind::Domain => !is(last, "-_") && !is(first, "-_") && !goes_on,
        Kind::Email => !is(last, "._%+-") && !is(first, "-_") && !goes_on,
        Kind::Url => !is(last, "") && !is(first, "-_%") && !goes_on,
        Kind::File => !is(last, "_-.") && !is(first, "_-") && !goes_on,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(kind: Kind, value: &str, text: &str) -> bool {
        let indicators = [Indicator { kind, value: value.to_owned(), note: String::new() }];
        let by = ByIndicators::new(&indicators).unwrap();
        let (mut scratch, mut folded, mut found) = (String::new(), String::new(), false);
        fold(text, &mut scratch, &mut folded);
        by.texts.as_ref().unwrap().find(&folded, &indicators, &mut |_, _| found = true);
        found
    }

    #[test]
    fn a_thing_is_found_whole() {
        for (kind, value, text, is_there) in [
            (Kind::Domain, "evil.example", "GET http://WWW.Evil.example/a", true),
            (Kind::Domain, "evil.example", "to evil.example.", true),
            (Kind::Domain, "evil.example", "evil.example:443", true),
            (Kind::Domain, "evil.example", "notevil.example", false),
            (Kind::Domain, "evil.example", "evil.example.org", false),
            (Kind::Domain, "evil.example", "evil.example-cdn", false),
            (Kind::Email, "ai@evil.example", "<ai@evil.example>", true),
            (Kind::Email, "ai@evil.example", "hai@evil.example", false),
            (Kind::Url, "http://evil.example/a", r#"{"u":"http:\/\/evil.example\/a?b"}"#, true),
            (Kind::Url, "http://evil.example/a", "http://evil.example/ab", false),
            (Kind::File, r"c:\temp\x.exe", r#"{"Image":"C:\\Temp\\X.exe"}"#, true),
            (Kind::File, "x.exe", r"C:\Temp\X.exe -a", true),
            (Kind::File, "x.exe", "ax.exe", false),
            (Kind::File, "x.exe", "x.exe.config", false),
            (Kind::Text, "địa chỉ", "Một ĐỊA CHỈ lạ", true),
        ] {
            assert_eq!(found(kind, value, text), is_there, "{value} in {text}");
        }
    }
}
