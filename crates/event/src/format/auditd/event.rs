//! The fields of one event of the audit log.
//!
//! The lines of an event come in, one record each; its fields and what follows from several
//! records together (the command line, the program, the peer of a connection) go out.

use std::borrow::Cow;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::{Line, syscalls};
use crate::record::{Kind, Record};
use crate::time;
use crate::value::Value;

/// Sets the enriched part apart.
const GROUP_SEPARATOR: char = '\u{1d}';
/// The same as rsyslog escapes it.
const ESCAPED: &str = "#035";

/// Fields that audit writes as hexadecimal where the text holds blanks, quotes or control signs.
static ENCODED: &[&str] = &[
    "acct",
    "cmd",
    "comm",
    "cwd",
    "data",
    "dir",
    "exe",
    "file",
    "key",
    "name",
    "path",
    "proctitle",
    "watch",
];

/// Puts the records of one event, one a line, into the fields.
pub(super) fn fill<'a>(text: &'a str, record: &mut Record<'a>) -> bool {
    let mut event = Event::default();
    let mut last = "";
    for line in text.split('\n').filter_map(Line::parse) {
        if last.is_empty() {
            let (stamp, serial) = line.stamp.split_once(':').unwrap_or((line.stamp, ""));
            record.time = time::epoch(stamp).or(record.time);
            record.fields.push_text("Computer", line.host);
            record.fields.push_text("serial", serial);
        }
        if line.kind != last {
            record.fields.push_text("type", line.kind);
        }
        last = line.kind;
        event.add(&line, record);
    }
    if last.is_empty() {
        return false;
    }
    event.finish(record);
    true
}

/// What the records of an event say together.
#[derive(Default)]
struct Event<'a> {
    arch: &'a str,
    number: &'a str,
    call: Option<&'a str>,
    failed: bool,
    arguments: Vec<String>,
    /// The numbers of arguments that came in pieces, and where they are put together.
    long: Vec<(String, usize)>,
    title: Option<String>,
    exe: Option<Cow<'a, str>>,
    cwd: Option<Cow<'a, str>>,
    pid: &'a str,
    ppid: &'a str,
    uid: &'a str,
    user: Option<&'a str>,
    peer: Option<(String, u16)>,
    apparmor: bool,
}

impl<'a> Event<'a> {
    fn add(&mut self, line: &Line<'a>, record: &mut Record<'a>) {
        if let Some(rest) = line.body.trim_start().strip_prefix("avc:") {
            let mut words = rest.split_whitespace();
            record.fields.push_text("seresult", words.next().unwrap_or(""));
            let inside = rest.split_once('{').and_then(|(_, rest)| rest.split_once('}'));
            record.fields.push_text("seperms", inside.map_or("", |(inside, _)| inside.trim()));
        }
        for (name, value, quoted) in (Pairs { rest: line.body }) {
            if matches!(value, "" | "(null)" | "?") && !quoted {
                continue;
            }
            match name {
                _ if line.kind == "EXECVE" => {
                    self.argument(name, value, quoted, record);
                    continue;
                }
                "apparmor" => self.apparmor = true,
                "saddr" => self.peer = socket_address(value, record),
                "hostname" => {
                    record.fields.push_text("rhost", value);
                    continue;
                }
                _ => {}
            }
            let text =
                if !quoted && ENCODED.contains(&name) { decode(value) } else { value.into() };
            if line.kind == "SYSCALL" {
                self.note(name, value);
            }
            match name {
                "cwd" => self.cwd = Some(text.clone()),
                "exe" if line.kind == "SYSCALL" => self.exe = Some(text.clone()),
                "proctitle" => self.title = Some(text.replace('\0', " ")),
                _ => {}
            }
            if name == "key" {
                for key in text.split('\u{1}') {
                    record.fields.push(name, Value::owned(key.to_owned()));
                }
            } else if text.contains('\0') {
                let text = text.trim_end_matches('\0').replace('\0', " ");
                record.fields.push(name, Value::owned(text));
            } else {
                record.fields.push(name, Value::Text(text));
            }
        }
    }

    /// Keeps what a system call's record says for later.
    fn note(&mut self, name: &str, value: &'a str) {
        match name {
            "arch" => self.arch = value,
            "syscall" => self.number = value,
            "SYSCALL" => self.call = Some(value),
            "success" => self.failed = value == "no",
            "pid" => self.pid = value,
            "ppid" => self.ppid = value,
            "uid" => self.uid = value,
            "UID" => self.user = Some(value),
            _ => {}
        }
    }

    /// An argument `a0`, or a piece `a0[1]` of one that was too long for one record.
    fn argument(&mut self, name: &str, value: &'a str, quoted: bool, record: &mut Record<'a>) {
        let number = name.strip_prefix('a').unwrap_or("");
        let (number, piece) = number.split_once('[').unwrap_or((number, ""));
        if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
            record.fields.push_text(name, value);
            return;
        }
        let text = if quoted { value.into() } else { decode(value) };
        if piece.is_empty() {
            self.arguments.push(text.clone().into_owned());
            record.fields.push(name, Value::Text(text));
            return;
        }
        let begun = self.long.last().filter(|(last, _)| last == number).map(|(_, at)| *at);
        if let Some(argument) = begun.and_then(|at| self.arguments.get_mut(at)) {
            argument.push_str(&text);
        } else {
            self.long.push((number.to_owned(), self.arguments.len()));
            self.arguments.push(text.into_owned());
        }
    }

    fn finish(self, record: &mut Record<'a>) {
        for (number, at) in &self.long {
            let argument = self.arguments.get(*at).cloned().unwrap_or_default();
            record.fields.push(&format!("a{number}"), Value::owned(argument));
        }
        let mut call = self.call;
        if call.is_none() {
            call = syscalls::name(self.arch, self.number);
            record.fields.push_text("SYSCALL", call.unwrap_or(""));
        }
        let executed = matches!(call, Some("execve" | "execveat")) && !self.failed;
        let connected = call == Some("connect");
        record.kind = Kind::named(if executed {
            "auditd/execve"
        } else if connected && self.peer.is_some() {
            "auditd/connect"
        } else if self.apparmor {
            "apparmor"
        } else {
            "auditd"
        });
        if !executed && !connected {
            return;
        }
        if let Some(exe) = self.exe {
            record.fields.push("Image", Value::Text(exe));
        }
        record.fields.push_text("ProcessId", self.pid);
        record.fields.push_text("ParentProcessId", self.ppid);
        record.fields.push_text(
            "User",
            self.user.unwrap_or(if self.uid == "0" { "root" } else { self.uid }),
        );
        if let (true, Some((address, port))) = (connected, self.peer) {
            record.fields.push("DestinationIp", Value::owned(address));
            record.fields.push("DestinationPort", Value::Uint(port.into()));
            record.fields.push("Initiated", Value::Bool(true));
        }
        if !executed {
            return;
        }
        if let Some(cwd) = self.cwd {
            record.fields.push("CurrentDirectory", Value::Text(cwd));
        }
        let words = (!self.arguments.is_empty()).then(|| self.arguments.join(" "));
        if let Some(command) = words.or(self.title) {
            record.fields.push("CommandLine", Value::owned(command));
        }
    }
}

/// Reads a hexadecimal text; what is none stays as it is.
fn decode(value: &str) -> Cow<'_, str> {
    match unhex(value) {
        Some(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
        None => Cow::Borrowed(value),
    }
}

fn unhex(value: &str) -> Option<Vec<u8>> {
    let digit = |b: u8| char::from(b).to_digit(16).filter(|_| !b.is_ascii_lowercase());
    let (pairs, []) = value.as_bytes().as_chunks::<2>() else { return None };
    let byte = |[a, b]: &[u8; 2]| Some((digit(*a)? * 16 + digit(*b)?) as u8);
    pairs.iter().map(byte).collect::<Option<Vec<u8>>>().filter(|bytes| !bytes.is_empty())
}

/// Adds what a `sockaddr` of hexadecimal digits says; gives the address of an internet one.
fn socket_address(value: &str, record: &mut Record<'_>) -> Option<(String, u16)> {
    let bytes = unhex(&value.to_ascii_uppercase())?;
    let (address, port) = match bytes.as_slice() {
        [2, 0, high, low, rest @ ..] => {
            let octets: [u8; 4] = rest.get(..4)?.try_into().ok()?;
            (Ipv4Addr::from(octets).to_string(), u16::from_be_bytes([*high, *low]))
        }
        [10, 0, high, low, rest @ ..] => {
            let octets: [u8; 16] = rest.get(4..20)?.try_into().ok()?;
            (Ipv6Addr::from(octets).to_string(), u16::from_be_bytes([*high, *low]))
        }
        [1, 0, path @ ..] => {
            let path = path.split(|b| *b == 0).find(|part| !part.is_empty())?;
            let path = String::from_utf8_lossy(path).into_owned();
            record.fields.push("saddr_path", Value::owned(path));
            return None;
        }
        _ => return None,
    };
    record.fields.push("saddr_ip", Value::owned(address.clone()));
    record.fields.push("saddr_port", Value::Uint(port.into()));
    Some((address, port))
}

/// The pairs of a record's body with whether the value was quoted. `msg='…'` of the records that
/// programs write is passed into.
struct Pairs<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Pairs<'a> {
    type Item = (&'a str, &'a str, bool);

    fn next(&mut self) -> Option<Self::Item> {
        let blank =
            |c: char| c.is_whitespace() || matches!(c, ',' | '\'' | '{' | '}' | GROUP_SEPARATOR);
        loop {
            let text = self.rest.trim_start_matches(blank);
            let text = text.strip_prefix(ESCAPED).unwrap_or(text);
            let end = text.find(|c: char| blank(c) || c == '=')?;
            let (name, after) = text.split_at(end);
            let Some(value) = after.strip_prefix('=') else {
                self.rest = after;
                continue;
            };
            if value.starts_with('\'') {
                self.rest = value;
                continue;
            }
            if let Some(inside) = value.strip_prefix('"') {
                let (value, rest) = inside.split_once('"').unwrap_or((inside, ""));
                self.rest = rest;
                return Some((name, value, true));
            }
            let end =
                value.find(|c: char| c.is_whitespace() || matches!(c, '\'' | GROUP_SEPARATOR));
            let end = end.unwrap_or(value.len());
            let end = value.get(..end).and_then(|value| value.find(ESCAPED)).unwrap_or(end);
            let (value, rest) = value.split_at(end);
            self.rest = rest;
            return Some((name, value, false));
        }
    }
}
