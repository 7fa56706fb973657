//! Lines of `key=value`, with or without quotes: `FortiGate`, `SonicWall`, Sophos, Check Point,
//! and everything else that writes this way.
//!
//! Pairs may be parted by blanks, tabs, commas, semicolons or bars; the first pair of a line
//! shows by which. Check Point's `key:"value"; ` counts as well. A table of marks tells whose a
//! line is. Fields keep the vendor's names; `devices` in `packs/fields.yml` gives them the
//! common ones. A quote that is never closed (a line cut short on its way) holds the rest.

use std::borrow::Cow;

use super::payload::Lines;
use super::{Context, Format, LineReader, Sample, device_time, template};
use crate::record::{Kind, Record};
use crate::time;
use crate::value::Value;

/// Key-value lines.
pub const FORMAT: Format = Format {
    id: "key-value",
    title: ["key=value lines", "Dòng dạng khóa=giá trị"],
    framing: crate::stream::Framing::Lines,
    in_order: false,
    sniff,
    reader: |context| {
        LineReader::boxed(Lines { payload: any, otherwise: "no key=value pairs" }, context)
    },
};

/// Which lines are whose.
struct Product {
    kind: &'static str,
    /// The field whose value, in lower case, is the part of the kind after the slash.
    part: Option<&'static str>,
    /// All of these stand in every line.
    marks: &'static [&'static str],
    /// What else there is to do with the fields.
    finish: for<'a> fn(&'a str, &mut Record<'a>),
}

const PLAIN: for<'a> fn(&'a str, &mut Record<'a>) = |_, _| {};

static PRODUCTS: &[Product] = &[
    Product {
        kind: "fortigate",
        part: Some("type"),
        marks: &["logid=", "type=", "vd="],
        finish: PLAIN,
    },
    Product {
        kind: "fortigate",
        part: Some("type"),
        marks: &["logid=", "type=", "devid="],
        finish: PLAIN,
    },
    Product {
        kind: "sonicwall",
        part: None,
        marks: &["id=", " sn=", " fw=", " pri=", " m="],
        finish: sonicwall,
    },
    Product {
        kind: "sophos",
        part: Some("log_type"),
        marks: &["log_id=", "log_component=", "device"],
        finish: PLAIN,
    },
    Product {
        kind: "sophos-utm",
        part: Some("sub"),
        marks: &["id=\"", "severity=\"", "sys=\"", "sub=\""],
        finish: PLAIN,
    },
    Product {
        kind: "checkpoint",
        part: None,
        marks: &["loguid", "origin", "product"],
        finish: PLAIN,
    },
    Product { kind: "checkpoint", part: None, marks: &["ifdir:\"", "product:\""], finish: PLAIN },
];

fn product(text: &str) -> Option<&'static Product> {
    let has = |mark: &&str| memchr::memmem::find(text.as_bytes(), mark.as_bytes()).is_some();
    PRODUCTS.iter().find(|product| product.marks.iter().all(has))
}

fn sniff(sample: &Sample<'_>) -> u8 {
    let starts_with_key = |line: &str| {
        let first = line.trim_start_matches('[').split_whitespace().next().unwrap_or("");
        first.find(['=', ':']).is_some_and(|at| is_name(first.get(..at).unwrap_or("")))
    };
    let known = sample
        .share(|line| (line.starts_with('[') || starts_with_key(line)) && product(line).is_some());
    let generic = sample.share(|line| {
        starts_with_key(line)
            && Pairs::new(line).take(3).filter(|p| !p.value.is_empty()).count() > 2
    });
    (known / 10 * 9).max(generic / 5 * 2)
}

/// Reads a message of a product that is known.
pub fn known<'a>(text: &'a str, record: &mut Record<'a>, context: &Context) -> bool {
    let Some(product) = product(text) else { return false };
    // Marks that stand somewhere in prose do not make a list.
    if Pairs::new(text).take(product.marks.len()).count() < product.marks.len() {
        return false;
    }
    push_pairs(text, record);
    let part = product.part.and_then(|name| record.fields.text(name));
    record.kind = match part {
        Some(part) if !part.is_empty() => {
            let part = part.to_ascii_lowercase().replace(' ', "_");
            Kind::Named(Cow::Owned(format!("{}/{part}", product.kind)))
        }
        _ => Kind::named(product.kind),
    };
    (product.finish)(text, record);
    set_time(text, record, context);
    true
}

/// Reads any line that holds pairs.
fn any<'a>(text: &'a str, record: &mut Record<'a>, context: &Context) -> bool {
    if known(text, record, context) {
        return true;
    }
    record.kind = Kind::named("key-value");
    let found = push_pairs(text, record) > 0;
    set_time(text, record, context);
    found
}

/// Adds the pairs of a text as fields and says how many there are. Names that follow a bare `src`
/// or `dst` are joined to it, as in `NetScreen`'s `src zone=Trust`.
pub fn push_pairs<'a>(text: &'a str, record: &mut Record<'a>) -> usize {
    let mut count = 0;
    for pair in Pairs::new(text) {
        count += 1;
        if matches!(&*pair.value, "" | "-" | "N/A") {
            continue;
        }
        if matches!(pair.before, "src" | "dst") {
            record.fields.push(&format!("{}_{}", pair.before, pair.name), Value::Text(pair.value));
        } else {
            record.fields.push(pair.name, Value::Text(pair.value));
        }
    }
    count
}

/// Puts the time together where date and time of day are two fields, or a number tells it.
fn set_time(text: &str, record: &mut Record<'_>, context: &Context) {
    let field = |name| record.fields.text(name).unwrap_or_default();
    let (date, clock) = (field("date"), field("time"));
    let found = time::epoch(&field("eventtime")).or_else(|| {
        if date.is_empty() {
            return device_time::parse(&clock, &context.clue);
        }
        let zone = ["tz", "timezone"].into_iter().map(field).find(|zone| !zone.is_empty());
        device_time::join(&date, &clock, &zone.unwrap_or_default(), &context.clue)
    });
    // Sophos UTM begins its lines with `2024:03:01-09:15:30`.
    let found = found.or_else(|| {
        let (date, clock) = text.split_whitespace().next()?.split_once('-')?;
        device_time::join(&date.replace(':', "-"), clock, "", &context.clue)
    });
    record.time = found.or(record.time);
}

/// `SonicWall` writes `src=address:port:interface:name`, and IPv6 addresses apart from the port.
fn sonicwall<'a>(text: &'a str, record: &mut Record<'a>) {
    const PARTS: [[&str; 6]; 2] = [
        ["src", "srcV6", "src_ip", "src_port", "src_interface", "src_host"],
        ["dst", "dstV6", "dst_ip", "dst_port", "dst_interface", "dst_host"],
    ];
    for [from, wide, ip, port, interface, host] in PARTS {
        let address = Pairs::new(text).find(|pair| pair.name == wide).map(|pair| pair.value);
        let Some(Cow::Borrowed(value)) =
            Pairs::new(text).find(|pair| pair.name == from).map(|pair| pair.value)
        else {
            continue;
        };
        let mut parts = value.splitn(4, ':');
        let narrow = parts.next().unwrap_or("");
        if let (true, Some(address)) = (narrow.is_empty(), address) {
            record.fields.push(ip, Value::Text(address));
        }
        record.fields.push_text(ip, narrow);
        for (name, part) in [port, interface, host].into_iter().zip(parts) {
            record.fields.push_text(name, part);
        }
    }
    template::related(text, record);
}

/// A key with its value.
#[derive(Debug)]
pub struct Pair<'a> {
    /// The bare word that stands before the key, if one does.
    pub before: &'a str,
    /// The key.
    pub name: &'a str,
    /// The value without its quotes.
    pub value: Cow<'a, str>,
}

/// The pairs of a text.
pub struct Pairs<'a> {
    rest: &'a str,
    separator: Option<char>,
}

impl<'a> Pairs<'a> {
    /// Begins at the start of a text. The brackets around a whole list do not count.
    pub fn new(text: &'a str) -> Self {
        let text = text.trim();
        let inside = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
        Self { rest: inside.unwrap_or(text), separator: None }
    }

    fn quoted(&mut self, inside: &'a str) -> Cow<'a, str> {
        let mut search = 0;
        let mut escaped = false;
        let bytes = inside.as_bytes();
        while let Some(at) = bytes.get(search..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest))
        {
            let at = search + at;
            if bytes.get(at) == Some(&b'"') {
                self.rest = inside.get(at + 1..).unwrap_or("");
                return unescape(inside.get(..at).unwrap_or(""), escaped);
            }
            let pair = matches!(bytes.get(at + 1), Some(b'"' | b'\\'));
            escaped |= bytes.get(at + 1) == Some(&b'"');
            search = at + 1 + usize::from(pair);
        }
        self.rest = "";
        unescape(inside, escaped)
    }

    fn bare(&mut self, text: &'a str) -> &'a str {
        let end = match self.separator {
            None => text.find([' ', '\t', ',', ';', '|']),
            Some(' ') => text.find(char::is_whitespace),
            Some(other) => text.find(other),
        };
        let (value, rest) = text.split_at(end.unwrap_or(text.len()));
        self.rest = rest;
        value.trim()
    }
}

/// Only quotes are escaped by all vendors; a backslash before anything else stays.
fn unescape(text: &str, escaped: bool) -> Cow<'_, str> {
    if escaped { Cow::Owned(text.replace("\\\"", "\"")) } else { Cow::Borrowed(text) }
}

fn is_name(name: &str) -> bool {
    name.bytes().next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.@/#[]".contains(&b))
}

impl<'a> Iterator for Pairs<'a> {
    type Item = Pair<'a>;

    fn next(&mut self) -> Option<Pair<'a>> {
        let mut before = "";
        loop {
            let blank = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|');
            let text = self.rest.trim_start_matches(blank);
            let end = text.find(|c: char| blank(c) || matches!(c, '=' | ':' | '"'))?;
            let (name, after) = text.split_at(end);
            let inside = after.strip_prefix(":\"").or_else(|| after.strip_prefix("=\""));
            if !is_name(name) || !(inside.is_some() || after.starts_with('=')) {
                before = name;
                let sign = after.chars().next().map_or(0, char::len_utf8);
                self.rest = after.get(sign..).unwrap_or("");
                continue;
            }
            let value = match inside {
                Some(inside) => self.quoted(inside),
                None => Cow::Borrowed(self.bare(after.strip_prefix('=').unwrap_or(""))),
            };
            if self.separator.is_none() {
                let sign = self.rest.chars().next().unwrap_or(' ');
                self.separator = Some(if sign.is_whitespace() { ' ' } else { sign });
            }
            return Some(Pair { before, name, value });
        }
    }
}
