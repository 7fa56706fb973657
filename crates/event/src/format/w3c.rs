//! The extended log format of the W3C, as IIS writes it.
//!
//! Directives (`#Fields: date time c-ip …`) name the columns and may come again with others;
//! `+` stands for a blank, `-` for nothing; date and time are UTC. Columns keep their names,
//! except that headers (`cs(User-Agent)`) are known by the taxonomy's (`cs-user-agent`).

use jiff::tz::Offset;

use super::web_access::address_asked;
use super::{Context, Format, LineParser, LineReader, Refusal};
use crate::record::{Kind, Record};
use crate::stream::Framing;
use crate::time::{self, TimeSource};
use crate::value::Value;

/// W3C extended log files.
pub const FORMAT: Format = Format {
    id: "w3c",
    title: ["W3C extended log (IIS)", "Nhật ký W3C mở rộng (IIS)"],
    framing: Framing::Lines,
    in_order: true,
    sniff: |sample| {
        let fields = sample.lines().any(|line| line.starts_with("#Fields: "));
        let software = sample.first().starts_with("#Software: Microsoft");
        if fields && software {
            95
        } else if fields
            && sample.lines().any(|line| line.contains(" c-ip") || line.contains(" s-ip"))
        {
            85
        } else {
            0
        }
    },
    reader: |context| LineReader::boxed(W3c::default(), context),
};

/// The columns that the last header named.
#[derive(Debug, Default)]
struct W3c {
    columns: Vec<String>,
    date: String,
    iis: bool,
    kind: &'static str,
}

impl LineParser for W3c {
    fn parse<'a>(
        &mut self,
        line: &'a str,
        record: &mut Record<'a>,
        _: &Context,
    ) -> Result<bool, Refusal> {
        if let Some(directive) = line.strip_prefix('#') {
            self.directive(directive);
            return Ok(false);
        }
        if self.columns.is_empty() {
            return Err("no #Fields directive before this line".into());
        }
        record.kind = Kind::named(self.kind);
        let (mut date, mut clock, mut stem, mut query) = (self.date.as_str(), "", "", "");
        let mut values = values(line, self.iis);
        for column in &self.columns {
            let Some(value) = values.next() else {
                return Err("fewer values than #Fields names".into());
            };
            match column.as_str() {
                "date" => date = value,
                "time" => clock = value,
                "cs-uri-stem" => stem = value,
                "cs-uri-query" => query = value,
                _ => {}
            }
            // The address asked for is put together below.
            if value != "-" && !matches!(column.as_str(), "cs-uri-query" | "cs-uri" | "c-uri") {
                record.fields.push(column, blanks(value));
            } else if value != "-" && column != "cs-uri-query" {
                address_asked(value, record);
            }
        }
        if values.next().is_some() {
            return Err("more values than #Fields names".into());
        }
        record.time = moment(date, clock);
        if !stem.is_empty() && stem != "-" {
            asked(stem, query, record);
        }
        Ok(true)
    }
}

impl W3c {
    fn directive(&mut self, text: &str) {
        let (name, value) = text.split_once(':').unwrap_or((text, ""));
        match name {
            "Fields" => {
                self.columns = value.split_ascii_whitespace().map(column).collect();
                let proxy =
                    |column: &String| matches!(column.as_str(), "r-ip" | "s-action" | "r-host");
                self.kind = if self.iis {
                    "iis"
                } else if self.columns.iter().any(proxy) {
                    "w3c/proxy"
                } else {
                    "w3c"
                };
            }
            "Date" => {
                let date = value.split_ascii_whitespace().next().unwrap_or("");
                date.clone_into(&mut self.date);
            }
            "Software" => self.iis = value.contains("Internet Information Services"),
            _ => {}
        }
    }
}

/// The taxonomy's name of a column: `cs(User-Agent)` is `cs-user-agent`.
fn column(name: &str) -> String {
    match name.split_once('(').and_then(|(side, rest)| Some((side, rest.strip_suffix(')')?))) {
        Some((side, header)) => format!("{side}-{}", header.to_ascii_lowercase()),
        None => name.to_owned(),
    }
}

/// Values are separated by blanks or tabs; a quoted one may hold them, except that IIS writes
/// quotes as they come.
fn values(line: &str, plain: bool) -> impl Iterator<Item = &str> {
    let mut rest = line;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches([' ', '\t']);
        if rest.is_empty() {
            return None;
        }
        let quoted = rest.strip_prefix('"').filter(|_| !plain);
        if let Some((value, after)) = quoted.and_then(|rest| rest.split_once('"')) {
            rest = after;
            return Some(value);
        }
        let end = rest.find([' ', '\t']).unwrap_or(rest.len());
        let (value, after) = rest.split_at(end);
        rest = after;
        Some(value)
    })
}

fn blanks(value: &str) -> Value<'_> {
    if value.contains('+') { Value::owned(value.replace('+', " ")) } else { Value::text(value) }
}

fn moment(date: &str, clock: &str) -> Option<(jiff::Timestamp, TimeSource)> {
    let civil = time::date(date)?.to_datetime(time::clock_time(clock)?);
    Some((Offset::UTC.to_timestamp(civil).ok()?, TimeSource::Stated))
}

/// The whole address asked for, of which IIS writes the path and the query apart.
fn asked<'a>(stem: &'a str, query: &'a str, record: &mut Record<'a>) {
    if query.is_empty() || query == "-" {
        record.fields.push_text("c-uri", stem);
        record.fields.push("cs-uri-query", Value::Null);
        record.fields.push("cs-uri-query", Value::text(stem));
        return;
    }
    let whole = format!("{stem}?{query}");
    record.fields.push_text("cs-uri-query", query);
    record.fields.push("c-uri", Value::owned(whole.clone()));
    record.fields.push("cs-uri-query", Value::owned(whole));
}
