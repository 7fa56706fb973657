//! Searching as plainly as it can be said: every event, every test, no index and no column.

use std::net::IpAddr;

use jiff::Timestamp;
use khien_lake::query::{Bound, Phrase, Piece, Query, Test};
use khien_lake::{EventRow, Numbers, Rows, Scope};
use serde_json::Value;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// An event that owns its texts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Event {
    pub(crate) time: i64,
    pub(crate) batch: u64,
    pub(crate) item: u32,
    pub(crate) severity_id: i8,
    pub(crate) agency: String,
    pub(crate) host: Option<String>,
    pub(crate) user: Option<String>,
    pub(crate) src_ip: Option<String>,
    pub(crate) dst_ip: Option<String>,
    pub(crate) dst_port: Option<u16>,
    pub(crate) process: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) fields: Option<String>,
    pub(crate) raw: Option<Vec<u8>>,
}

impl Event {
    pub(crate) fn row(&self) -> EventRow<'_> {
        EventRow {
            time: Timestamp::from_second(self.time).unwrap(),
            received: Timestamp::from_second(self.time + 5).unwrap(),
            batch: self.batch,
            item: self.item,
            severity_id: self.severity_id,
            agency: &self.agency,
            host: self.host.as_deref(),
            user: self.user.as_deref(),
            src_ip: self.src_ip.as_deref(),
            dst_ip: self.dst_ip.as_deref(),
            dst_port: self.dst_port,
            process: self.process.as_deref(),
            message: self.message.as_deref(),
            fields: self.fields.as_deref(),
            raw: self.raw.as_deref(),
            ..EventRow::default()
        }
    }

    /// Its place in a page: greater is earlier.
    pub(crate) fn key(&self) -> (i64, u64, u32) {
        (self.time, self.batch, self.item)
    }

    /// The values that a name means, as texts.
    pub(crate) fn values(&self, name: &str) -> Vec<String> {
        let canonical = |ip: &Option<String>| {
            ip.as_ref()
                .map(|ip| ip.parse::<IpAddr>().map_or(fold(ip), |ip| ip.to_canonical().to_string()))
        };
        let lower = |text: &Option<String>| text.as_deref().map(fold);
        let one = |value: Option<String>| value.into_iter().collect();
        match name {
            "time" => one(Some(Timestamp::from_second(self.time).unwrap().to_string())),
            "severity_id" => one(Some(self.severity_id.to_string())),
            "agency" => one(Some(self.agency.clone())),
            "host" | "device.hostname" => one(lower(&self.host)),
            "user" => one(lower(&self.user)),
            "src_ip" => one(canonical(&self.src_ip)),
            "dst_port" => one(self.dst_port.map(|port| port.to_string())),
            "ip" => [&self.src_ip, &self.dst_ip].into_iter().filter_map(canonical).collect(),
            "process" => one(self.process.clone()),
            "message" if self.message.is_some() => one(self.message.clone()),
            original => self.original(original.strip_prefix("unmapped.").unwrap_or(original)),
        }
    }

    fn original(&self, name: &str) -> Vec<String> {
        let raw = self.raw.as_deref().and_then(|raw| std::str::from_utf8(raw).ok());
        let record = self.fields.as_deref().or(raw).unwrap_or_default();
        let record: Value = serde_json::from_str(record).unwrap_or_default();
        let mut values = Vec::new();
        members(&record, name, &mut values);
        values
    }

    fn record(&self) -> Vec<String> {
        let raw = self.raw.as_deref().map(|raw| String::from_utf8_lossy(raw).into_owned());
        let texts = [self.message.clone(), self.fields.clone(), raw];
        texts.into_iter().flatten().map(|text| plain(&text)).collect()
    }
}

fn members(value: &Value, name: &str, values: &mut Vec<String>) {
    let Value::Object(object) = value else { return };
    for (key, value) in object {
        if key.eq_ignore_ascii_case(name) {
            scalars(value, values);
        }
        let nested = name.split_once('.').filter(|(first, _)| key.eq_ignore_ascii_case(first));
        if let Some((_, rest)) = nested {
            members(value, rest, values);
        }
    }
}

fn scalars(value: &Value, values: &mut Vec<String>) {
    match value {
        Value::Null | Value::Object(_) => {}
        Value::String(text) => values.push(text.clone()),
        Value::Array(elements) => elements.iter().for_each(|element| scalars(element, values)),
        other => values.push(other.to_string()),
    }
}

/// A JSON text with the escapes resolved that the tests use; other texts as they are.
fn plain(text: &str) -> String {
    if !text.starts_with('{') {
        return text.to_owned();
    }
    let mut plain = String::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            plain.push(letter);
            continue;
        }
        match letters.next() {
            Some('n') => plain.push('\n'),
            Some('u') => {
                let digits: String = letters.by_ref().take(4).collect();
                let code = u32::from_str_radix(&digits, 16).unwrap();
                plain.push(char::from_u32(code).unwrap());
            }
            Some(other) => plain.push(other),
            None => {}
        }
    }
    plain
}

pub(crate) fn fold(text: &str) -> String {
    text.nfc().flat_map(char::to_lowercase).nfc().collect()
}

fn bare(text: &str) -> String {
    let marks = text.nfd().filter(|letter| !is_combining_mark(*letter));
    marks
        .flat_map(char::to_lowercase)
        .map(|letter| if letter == 'đ' { 'd' } else { letter })
        .collect()
}

/// Whether the event is found.
pub(crate) fn finds(query: &Query, event: &Event) -> bool {
    match query {
        Query::All => true,
        Query::Not(inner) => !finds(inner, event),
        Query::And(parts) => parts.iter().all(|part| finds(part, event)),
        Query::Or(parts) => parts.iter().any(|part| finds(part, event)),
        Query::Text(phrase) => event.record().iter().any(|text| within(phrase, text)),
        Query::Field { name, test } => {
            event.values(name).iter().any(|value| passes(test, name, value))
        }
    }
}

pub(crate) fn sees(scope: &Scope, event: &Event) -> bool {
    match scope {
        Scope::All => true,
        Scope::Agencies(codes) => codes.contains(&event.agency),
    }
}

fn passes(test: &Test, name: &str, value: &str) -> bool {
    match test {
        Test::Exists => true,
        Test::Is(phrase) if name.ends_with("ip") && is_address(phrase) => {
            let asked: IpAddr = phrase.literal().unwrap().parse().unwrap();
            asked.to_canonical().to_string() == value
        }
        Test::Is(phrase) => glob(&letters(phrase), &text(phrase, value)),
        Test::Among(among) => among.find(value).next().is_some(),
        Test::Within(network) => value.parse().is_ok_and(|ip| network.contains(ip)),
        Test::Range { low, high } => {
            let order = |bound: &Bound| {
                if name == "time" {
                    let bound = bound.value.parse::<Timestamp>().unwrap();
                    return Some(value.parse::<Timestamp>().unwrap().cmp(&bound));
                }
                match (bound.value.parse::<f64>(), value.parse::<f64>()) {
                    (Ok(bound), Ok(value)) => value.partial_cmp(&bound),
                    (Ok(_), Err(_)) => None,
                    _ => Some(fold(value).cmp(&fold(&bound.value))),
                }
            };
            let above = |bound: &Bound| {
                order(bound).is_some_and(|o| o.is_gt() || bound.inclusive && o.is_eq())
            };
            let below = |bound: &Bound| {
                order(bound).is_some_and(|o| o.is_lt() || bound.inclusive && o.is_eq())
            };
            low.as_ref().is_none_or(above) && high.as_ref().is_none_or(below)
        }
    }
}

/// An address is asked for in any of its forms.
fn is_address(phrase: &Phrase) -> bool {
    !phrase.bare && phrase.literal().is_some_and(|text| text.parse::<IpAddr>().is_ok())
}

fn within(phrase: &Phrase, value: &str) -> bool {
    let mut pattern = letters(phrase);
    pattern.insert(0, None);
    pattern.push(None);
    glob(&pattern, &text(phrase, value))
}

fn text(phrase: &Phrase, value: &str) -> Vec<char> {
    if phrase.bare { bare(value).chars().collect() } else { fold(value).chars().collect() }
}

/// The phrase letter by letter: `None` for any letters, `'\0'` for one.
fn letters(phrase: &Phrase) -> Vec<Option<char>> {
    let mut letters = Vec::new();
    for piece in &phrase.pieces {
        match piece {
            Piece::Any => letters.push(None),
            Piece::One => letters.push(Some('\0')),
            Piece::Text(text) if phrase.bare => letters.extend(bare(text).chars().map(Some)),
            Piece::Text(text) => letters.extend(fold(text).chars().map(Some)),
        }
    }
    letters
}

fn glob(pattern: &[Option<char>], text: &[char]) -> bool {
    // reached[i]: the pattern so far can end before letter i.
    let mut reached = vec![false; text.len() + 1];
    reached[0] = true;
    for part in pattern {
        let mut next = vec![false; text.len() + 1];
        for at in 0..=text.len() {
            match part {
                None => next[at] = reached[at] || (at > 0 && next[at - 1]),
                Some(letter) if at > 0 => {
                    next[at] = reached[at - 1] && (*letter == '\0' || *letter == text[at - 1]);
                }
                Some(_) => {}
            }
        }
        reached = next;
    }
    reached[text.len()]
}

/// Rows of these events and the numbers of their batches.
pub(crate) fn rows(events: &[Event]) -> (Rows, Numbers) {
    let mut rows = Rows::new();
    events.iter().for_each(|event| rows.push(&event.row()).unwrap());
    (rows, events.iter().map(|event| event.batch).collect())
}
