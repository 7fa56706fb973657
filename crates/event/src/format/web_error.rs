//! Error logs of Apache (2.2 and 2.4) and nginx, and what `ModSecurity` writes into them.
//!
//! Out come `c-ip`, `c-port`, `level`, `module`, `pid`, `tid`, `error_code` and `message`; of
//! nginx also the request, server and referrer; of `ModSecurity` its members (`id`, `msg`,
//! `severity`, `uri`, `tag`…) and `action`. The names of access logs are used where the thing is
//! the same.

use super::pattern::{self, address, digits};
use super::web_access::{address_asked, request};
use super::{Context, Format, LineParser, LineReader, Refusal};
use crate::record::{Kind, Record};
use crate::stream::Framing;
use crate::time::{self, Clue, TimeSource};
use crate::value::Value;

/// The error log of Apache.
pub const APACHE: Format = Format {
    id: "apache-error",
    title: ["Apache error log", "Nhật ký lỗi Apache"],
    framing: Framing::Lines,
    in_order: false,
    sniff: |sample| (u32::from(sample.share(|line| apache_head(line).is_some())) * 90 / 100) as u8,
    reader: |context| LineReader::boxed(Apache, context),
};

/// The error log of nginx.
pub const NGINX: Format = Format {
    id: "nginx-error",
    title: ["nginx error log", "Nhật ký lỗi nginx"],
    framing: Framing::Lines,
    in_order: false,
    sniff: |sample| (u32::from(sample.share(|line| nginx_head(line).is_some())) * 90 / 100) as u8,
    reader: |context| LineReader::boxed(Nginx, context),
};

struct Apache;

impl LineParser for Apache {
    fn parse<'a>(
        &mut self,
        line: &'a str,
        record: &mut Record<'a>,
        context: &Context,
    ) -> Result<bool, Refusal> {
        record.kind = Kind::named("apache-error");
        let Some((moment, rest)) = apache_head(line) else {
            return Err("not a line of an Apache error log".into());
        };
        record.time = apache_time(moment, &context.clue);
        apache_message(rest, record);
        Ok(true)
    }
}

struct Nginx;

impl LineParser for Nginx {
    fn parse<'a>(
        &mut self,
        line: &'a str,
        record: &mut Record<'a>,
        context: &Context,
    ) -> Result<bool, Refusal> {
        record.kind = Kind::named("nginx-error");
        let Some((moment, rest)) = nginx_head(line) else {
            return Err("not a line of an nginx error log".into());
        };
        record.time = time::parse(moment, &context.clue);
        nginx_message(rest, record);
        Ok(true)
    }
}

/// A message of nginx in syslog, access or error.
pub fn nginx<'a>(message: &'a str, record: &mut Record<'a>, context: &Context) -> bool {
    if super::web_access::nginx(message, record, context) {
        return true;
    }
    record.kind = Kind::named("nginx-error");
    nginx_message(nginx_head(message).map_or(message, |(_, rest)| rest), record);
    true
}

/// A message of Apache in syslog, access or error.
pub fn apache<'a>(message: &'a str, record: &mut Record<'a>, context: &Context) -> bool {
    if super::web_access::apache(message, record, context) {
        return true;
    }
    record.kind = Kind::named("apache-error");
    apache_message(apache_head(message).map_or(message, |(_, rest)| rest), record);
    true
}

/// `[Sun Dec 04 04:47:44.123456 2005] rest`.
fn apache_head(line: &str) -> Option<(&str, &str)> {
    let (moment, rest) = line.trim_start().strip_prefix('[')?.split_once(']')?;
    let mut words = moment.split_ascii_whitespace();
    let (_, month, _, clock) = (words.next()?, words.next()?, words.next()?, words.next()?);
    (time::month(month).is_some() && time::clock_time(clock).is_some() && moment.len() < 48)
        .then_some((moment, rest))
}

fn apache_time(moment: &str, clue: &Clue) -> Option<(jiff::Timestamp, TimeSource)> {
    let mut words = moment.split_ascii_whitespace().skip(1);
    let month = time::month(words.next()?)?;
    let day = words.next()?.parse().ok()?;
    let clock = time::clock_time(words.next()?)?;
    let Some(year) = words.next() else { return clue.without_year(month, day, clock) };
    let date = jiff::civil::Date::new(year.parse().ok()?, month, day).ok()?;
    clue.local(date.to_datetime(clock))
}

/// `[core:error] [pid 1:tid 2] (13)Denied: [client 192.0.2.1:50000] AH00035: text, referer: …`.
fn apache_message<'a>(text: &'a str, record: &mut Record<'a>) {
    let mut rest = text.trim_start();
    let mut with_pid = false;
    while let Some((inside, after)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        match inside.split_once(' ') {
            Some(("pid", pid)) => {
                process(pid, record);
                with_pid = true;
            }
            Some(("client" | "remote", client)) => client_address(client, with_pid, record),
            Some(_) => break,
            None => level(inside, record),
        }
        rest = after.trim_start();
    }
    // The operating system's complaint may stand before the client.
    let complaint = rest.split_once(": [client ").filter(|_| rest.starts_with('('));
    let complaint = complaint.and_then(|(reason, after)| Some((reason, after.split_once(']')?)));
    if let Some((reason, (client, after))) = complaint {
        record.fields.push_text("reason", reason);
        client_address(client, with_pid, record);
        rest = after.trim_start();
    }
    record.fields.push_text("message", rest);
    if is_mod_security(rest) {
        mod_security(rest, record);
        return;
    }
    let (code, _) = rest.split_once(": ").unwrap_or(("", rest));
    if code.starts_with("AH") && code.len() == 7 {
        record.fields.push_text("error_code", code);
    }
    if let Some((_, referrer)) = rest.rsplit_once(", referer: ") {
        record.fields.push_text("cs-referer", referrer);
    }
    let user = rest.split_once("user ").and_then(|(_, rest)| rest.split_once([':', ' ']));
    if let Some((user, _)) =
        user.filter(|_| rest.contains("authentication") || rest.contains("not found"))
    {
        record.fields.push_text("cs-username", user);
    }
}

fn process<'a>(text: &'a str, record: &mut Record<'a>) {
    let (pid, tid) = text.split_once(":tid ").unwrap_or((text, ""));
    record.fields.push_text("pid", pid);
    record.fields.push_text("tid", tid);
}

fn level<'a>(text: &'a str, record: &mut Record<'a>) {
    let (module, level) = text.split_once(':').unwrap_or(("", text));
    record.fields.push_text("module", module);
    record.fields.push_text("level", level);
}

/// `bare_port` says that a port follows even IPv6 addresses without brackets, as Apache 2.4 has
/// it. Ports of clients are high numbers; a shorter last group is taken for part of the address.
fn client_address<'a>(client: &'a str, bare_port: bool, record: &mut Record<'a>) {
    let port = client.rsplit_once(':').filter(|(host, port)| {
        let bare = host.contains(':') && !host.ends_with(']');
        digits(port)
            && (!bare || bare_port && port.len() > 3)
            && address(host.trim_matches(['[', ']'])).is_some()
    });
    let (host, port) = port.unwrap_or((client, ""));
    let host = host.trim_matches(['[', ']']);
    let name = if address(host).is_some() { "c-ip" } else { "c-host" };
    record.fields.push_text(name, host);
    record.fields.push_text("c-port", port);
}

/// `2026/11/22 10:00:00 [error] rest`; nginx always states a level in brackets.
fn nginx_head(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_start();
    let (moment, rest) = (line.get(..19)?, line.get(19..)?);
    let shaped = moment.as_bytes().get(4) == Some(&b'/')
        && moment.as_bytes().get(10) == Some(&b' ')
        && moment.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'/' | b' ' | b':'));
    (shaped && rest.starts_with(" [")).then_some((moment, rest))
}

/// `[error] 1#2: *3 text, client: 192.0.2.1, server: x, request: "GET / HTTP/1.1", host: "x"`.
fn nginx_message<'a>(text: &'a str, record: &mut Record<'a>) {
    let mut rest = text.trim_start();
    if let Some((inside, after)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        record.fields.push_text("level", inside);
        rest = after.trim_start();
    }
    if let Some((ids, after)) = rest.split_once([' ']) {
        let (pid, tid) = ids.split_once(['#', ':']).unwrap_or(("", ""));
        let tid = tid.trim_end_matches(':');
        if digits(pid) && digits(tid) {
            record.fields.push_text("pid", pid);
            record.fields.push_text("tid", tid);
            rest = after.trim_start();
        }
    }
    if let Some((connection, after)) = rest.strip_prefix('*').and_then(|rest| rest.split_once(' '))
    {
        record.fields.push_text("connection", connection);
        rest = after;
    }
    record.fields.push_text("message", rest);
    if is_mod_security(rest) {
        mod_security(rest, record);
        record.kind = Kind::named("modsecurity/nginx");
    }
    nginx_members(rest, record);
    let user = rest.split_once("user \"").and_then(|(_, after)| after.split_once('"'));
    if let Some((user, _)) = user {
        record.fields.push_text("cs-username", user);
    }
    if record.fields.find("c-ip").is_none() {
        pattern::sweep_addresses(rest, record);
    }
}

/// The members that nginx puts behind its messages. A request may hold commas, so each is sought
/// by name, behind the one before it. What clients send can look like a member, and nginx does
/// not escape it: a message that names several clients gives each, so that none hides the other.
fn nginx_members<'a>(text: &'a str, record: &mut Record<'a>) {
    for client in text.match_indices("client: ") {
        let bounded = client.0 == 0 || text.get(..client.0).is_some_and(|t| t.ends_with(", "));
        let value = text.get(client.0 + client.1.len()..).filter(|_| bounded).unwrap_or("");
        let end = value.bytes().take(64).position(|byte| byte == b',').unwrap_or(value.len());
        let value = value.get(..end).unwrap_or("");
        if address(value).is_some() || value.starts_with("unix:") {
            client_address(value, false, record);
        }
    }
    let mut rest = text;
    for (name, start, quote) in [
        ("s-sitename", "server: ", false),
        ("request", "request: \"", true),
        ("upstream", "upstream: \"", true),
        ("cs-host", "host: \"", true),
        ("cs-referer", "referrer: \"", true),
    ] {
        let Some(at) = rest.find(start) else { continue };
        let bounded = at == 0 || rest.get(..at).is_some_and(|before| before.ends_with(", "));
        let Some(value) = rest.get(at + start.len()..).filter(|_| bounded) else { continue };
        let end = value.find(if quote { "\"" } else { "," }).unwrap_or(value.len());
        let (value, after) = value.split_at(end);
        match name {
            "request" => request(value, record),
            _ => record.fields.push_text(name, value),
        }
        rest = after;
    }
}

/// Whether the module wrote the message itself; its name may stand in anybody's request.
fn is_mod_security(text: &str) -> bool {
    let own = text.strip_prefix("[client ").and_then(|rest| rest.split_once("] "));
    own.map_or(text, |(_, rest)| rest).starts_with("ModSecurity")
}

/// Reads a message of the module by itself, as JSON audit logs carry it: told by the members that
/// every rule's message has.
pub fn mod_security_payload<'a>(text: &'a str, record: &mut Record<'a>, _: &Context) -> bool {
    let own = ["[file \"", "[line \"", "[id \""].iter().all(|member| text.contains(member));
    if own {
        mod_security(text, record);
    }
    own
}

/// `ModSecurity: Access denied with code 403 (phase 2). … [id "1"] [msg "…"] [uri "/x"]`.
pub fn mod_security<'a>(text: &'a str, record: &mut Record<'a>) {
    record.kind = Kind::named("modsecurity");
    let action = if text.contains("Access denied") { "block" } else { "detect" };
    record.fields.push("action", Value::text(action));
    if let Some((_, after)) = text.split_once("with code ") {
        let code = after.get(..3).filter(|code| digits(code)).unwrap_or("");
        record.fields.push_text("sc-status", code);
    }
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('[') {
        rest = after;
        if let Some(client) = rest.strip_prefix("client ") {
            let Some((client, after)) = client.split_once(']') else { break };
            client_address(client, false, record);
            rest = after;
            continue;
        }
        let name = |c: char| c.is_ascii_lowercase() || c == '_';
        let (name, after) = rest.split_at(rest.find(|c| !name(c)).unwrap_or(rest.len()));
        let Some(after) = after.strip_prefix(" \"").filter(|_| !name.is_empty()) else { continue };
        let Some((value, after)) = after.split_once("\"]") else { break };
        match name {
            "uri" => {
                record.fields.push_text(name, value);
                address_asked(value, record);
            }
            "hostname" => record.fields.push_text("cs-host", value),
            _ => record.fields.push_text(name, value),
        }
        rest = after;
    }
}
