//! Access logs of nginx, Apache and what writes like them: common and combined format, with or
//! without a virtual host in front and other members behind.
//!
//! Fields are those of the Sigma taxonomy: `c-ip`, `cs-username`, `cs-method`, `c-uri` (what was
//! asked for, also known as `cs-uri`), `cs-uri-stem`, `cs-uri-query`, `cs-version`, `sc-status`,
//! `sc-bytes`, `cs-referer`, `cs-user-agent`, `cs-host`. The text is kept as it was logged,
//! percent signs and all; rules look for the encoded forms.

use super::pattern::{address, digits};
use super::{Context, Format, LineParser, LineReader, Refusal};
use crate::record::{Kind, Record};
use crate::stream::Framing;
use crate::time::{self, Clue};
use crate::value::Value;

/// Access logs in common or combined format.
pub const FORMAT: Format = Format {
    id: "web-access",
    title: [
        "Web server access log (nginx, Apache; common or combined)",
        "Nhật ký truy cập máy chủ web (nginx, Apache; common hoặc combined)",
    ],
    framing: Framing::Lines,
    in_order: false,
    sniff: |sample| {
        let share = sample.share(|line| split(line).is_some());
        (u32::from(share) * 90 / 100) as u8
    },
    reader: |context| LineReader::boxed(Access, context),
};

struct Access;

impl LineParser for Access {
    fn parse<'a>(
        &mut self,
        line: &'a str,
        record: &mut Record<'a>,
        context: &Context,
    ) -> Result<bool, Refusal> {
        if fill(line.trim(), record, &context.clue) {
            record.kind = Kind::named("web-access");
            return Ok(true);
        }
        Err("not a line of an access log in common format".into())
    }
}

/// An access line in the syslog of nginx.
pub fn nginx<'a>(message: &'a str, record: &mut Record<'a>, context: &Context) -> bool {
    sent("web-access/nginx", message, record, context)
}

/// An access line in the syslog of Apache.
pub fn apache<'a>(message: &'a str, record: &mut Record<'a>, context: &Context) -> bool {
    sent("web-access/apache", message, record, context)
}

/// A request line of `HAProxy`: `192.0.2.7:5000 [time] front back/server … 200 5 … "GET / HTTP/1.1"`.
pub fn haproxy<'a>(message: &'a str, record: &mut Record<'a>, _: &Context) -> bool {
    let parts = || {
        let (client, rest) = message.split_once(" [")?;
        let (client, port) = client.rsplit_once(':')?;
        let (_, rest) = rest.split_once("] ")?;
        let (members, asked) = rest.split_once('"')?;
        Some((client, port, members, asked.strip_suffix('"').unwrap_or(asked)))
    };
    let Some((client, port, members, asked)) = parts() else { return false };
    record.kind = Kind::named("web-access/haproxy");
    client_address(client, record);
    record.fields.push_text("c-port", port);
    let names = ["frontend", "backend", "timers", "sc-status", "sc-bytes"];
    for (name, value) in names.into_iter().zip(members.split_ascii_whitespace()) {
        record.fields.push_text(name, value);
    }
    request(asked, record);
    true
}

/// A line of an access log that another format carries.
pub fn line<'a>(line: &'a str, record: &mut Record<'a>, context: &Context) -> bool {
    sent("web-access", line, record, context)
}

/// The time of the request is the event's, whatever the syslog header says.
fn sent<'a>(
    kind: &'static str,
    message: &'a str,
    record: &mut Record<'a>,
    context: &Context,
) -> bool {
    let fits = fill(message, record, &context.clue);
    if fits {
        record.kind = Kind::named(kind);
    }
    fits
}

/// What stands before the time, the time, and what follows. The name that a client gives may
/// hold brackets too.
fn split(line: &str) -> Option<(&str, &str, &str)> {
    memchr::memmem::find_iter(line.as_bytes(), " [").find_map(|open| {
        let inside = line.get(open + 2..)?;
        let near = inside.as_bytes().get(..48).unwrap_or(inside.as_bytes());
        let (time, rest) = (inside.get(..memchr::memchr(b']', near)?)?, inside);
        let (date, _) = time.split_once(':')?;
        time::date(date)?;
        let rest = rest.get(time.len() + 1..)?.strip_prefix(' ')?;
        Some((line.get(..open)?, time, rest.strip_prefix('"').unwrap_or(rest)))
    })
}

fn fill<'a>(line: &'a str, record: &mut Record<'a>, clue: &Clue) -> bool {
    let Some((before, moment, rest)) = split(line) else { return false };
    if let Some(found) = access_time(moment, clue) {
        record.time = Some(found);
    }
    let words = before.split_ascii_whitespace().count();
    let mut before = before;
    let mut word = || {
        let text = before.trim_start();
        let (word, after) = text.split_once(' ').unwrap_or((text, ""));
        before = after;
        word
    };
    let mut client = word();
    // A virtual host stands before the client, which is followed by two more words.
    if address(client.trim_end_matches(',')).is_none() && words >= 4 {
        let (name, port) = client.rsplit_once(':').unwrap_or((client, ""));
        let (name, port) = if digits(port) { (name, port) } else { (client, "") };
        record.fields.push_text("cs-host", name);
        record.fields.push_text("s-port", port);
        client = word();
    }
    client_address(client, record);
    // Of a list of proxies the first is the client.
    while client.ends_with(',') {
        client = word();
    }
    let _ident = word();
    record.fields.push_text("cs-username", before.trim());
    let (asked, rest) = quoted(rest);
    request(asked, record);
    let mut rest = rest.trim_start();
    for name in ["sc-status", "sc-bytes"] {
        let (word, after) = rest.split_once(' ').unwrap_or((rest, ""));
        if word == "-" || digits(word) {
            record.fields.push_text(name, word);
            rest = after;
        }
    }
    let mut rest = rest.trim_start();
    for name in ["cs-referer", "cs-user-agent"] {
        let Some(inside) = rest.strip_prefix('"') else { break };
        let (text, after) = quoted(inside);
        record.fields.push_text(name, text);
        rest = after.trim_start();
    }
    extra(rest, record);
    true
}

/// `22/Nov/2026:10:00:00 +0700`.
pub fn access_time(text: &str, clue: &Clue) -> Option<(jiff::Timestamp, time::TimeSource)> {
    let (date, clock) = text.split_once(':')?;
    let date = time::date(date)?;
    let (clock, zone) = clock.split_once(' ').unwrap_or((clock, ""));
    let civil = date.to_datetime(time::clock_time(clock)?);
    match time::offset(zone.trim()) {
        Some(zone) => Some((zone.to_timestamp(civil).ok()?, time::TimeSource::Stated)),
        None => clue.local(civil),
    }
}

fn client_address<'a>(client: &'a str, record: &mut Record<'a>) {
    let client = client.trim_end_matches(',');
    let name = if address(client).is_some() { "c-ip" } else { "c-host" };
    record.fields.push_text(name, client);
}

/// Fields of a request line, `GET /a?b HTTP/1.1`. What is no such line is the address asked for,
/// which is what servers take it for.
pub fn request<'a>(line: &'a str, record: &mut Record<'a>) {
    let (method, rest) = line.split_once(' ').unwrap_or(("", line));
    if !method.is_empty() && method.len() <= 32 && method.bytes().all(|b| b.is_ascii_alphabetic()) {
        record.fields.push_text("cs-method", method);
        let (uri, version) = match rest.rsplit_once(' ') {
            Some((uri, version)) if version.starts_with("HTTP/") => (uri, version),
            _ => (rest, ""),
        };
        address_asked(uri, record);
        record.fields.push_text("cs-version", version);
    } else {
        address_asked(line, record);
    }
}

/// Fields of the address that was asked for.
///
/// Rules look for paths in `cs-uri-query` as well, and more of them than look for queries, so the
/// whole address is its second value. Where there is no query the first is nothing.
pub fn address_asked<'a>(uri: &'a str, record: &mut Record<'a>) {
    if uri.is_empty() || uri == "-" {
        return;
    }
    record.fields.push_text("c-uri", uri);
    let path = match uri.split_once("://") {
        Some((scheme, rest)) if scheme.bytes().all(|b| b.is_ascii_alphabetic()) => {
            let end = rest.find(['/', '?']).unwrap_or(rest.len());
            record.fields.push_text("cs-host", rest.get(..end).unwrap_or(""));
            rest.get(end..).unwrap_or("")
        }
        _ => uri,
    };
    let (stem, query) = path.split_once('?').unwrap_or((path, ""));
    record.fields.push_text("cs-uri-stem", stem);
    let query = if query.is_empty() { Value::Null } else { Value::text(query) };
    record.fields.push("cs-uri-query", query);
    record.fields.push("cs-uri-query", Value::text(uri));
}

/// Members behind the user agent: the proxies a request came through are addresses, and one
/// number with a point is how long it took.
fn extra<'a>(rest: &'a str, record: &mut Record<'a>) {
    for word in rest.split(['"', ' ', ',']).filter(|word| !word.is_empty()) {
        if address(word).is_some() && word.contains(['.', ':']) {
            record.fields.push_text("x-forwarded-for", word);
        } else if word.contains('.') && word.parse::<f64>().is_ok() {
            record.fields.push_text("time-taken", word);
        }
    }
}

/// Splits after the quote that is not escaped; without one everything is inside.
fn quoted(text: &str) -> (&str, &str) {
    let mut from = 0;
    while let Some(found) = text.get(from..).and_then(|rest| rest.find('"')) {
        let at = from + found;
        let inside = text.get(..at).unwrap_or("");
        let escapes = inside.bytes().rev().take_while(|byte| *byte == b'\\').count();
        if escapes % 2 == 0 {
            return (inside, text.get(at + 1..).unwrap_or(""));
        }
        from = at + 1;
    }
    (text, "")
}
