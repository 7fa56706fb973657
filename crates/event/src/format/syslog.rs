//! Syslog: RFC 5424, RFC 3164, and what systems write that resembles them.
//!
//! A line gives `facility` and `severity` (from `<PRI>`), `hostname`, `process`, `pid`,
//! `message`, and what [`mod@payload`] finds in the message. Structured data of RFC 5424 become
//! fields `id.param`. The header may lack the priority, the host or the program; its time may
//! lack year and zone (see [`crate::time::Clue`]) or be ISO 8601 as rsyslog writes
//! it. A line without a header is an entry only if its content is known. Messages are not joined:
//! a line is a message.

use jiff::Timestamp;
use jiff::civil::Date;

use super::{Context, Format, LineParser, LineReader, Refusal, json, pattern, payload};
use crate::record::{Kind, Record};
use crate::stream::Framing;
use crate::time::{self, Clue, TimeSource};

mod structured;

/// Syslog, one message a line.
pub const FORMAT: Format = Format {
    id: "syslog",
    title: ["Syslog (RFC 5424, RFC 3164)", "Syslog (RFC 5424, RFC 3164)"],
    framing: Framing::Lines,
    in_order: false,
    sniff: |sample| (u32::from(sample.share(looks_like)) * 70 / 100) as u8,
    reader: |context| LineReader::boxed(Syslog, context),
};

const FACILITIES: [&str; 24] = [
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv",
    "ftp", "ntp", "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4",
    "local5", "local6", "local7",
];

const SEVERITIES: [&str; 8] =
    ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"];

const LEVELS: [&str; 9] =
    ["TRACE", "DEBUG", "INFO", "NOTICE", "WARN", "WARNING", "ERROR", "FATAL", "CRITICAL"];

/// The parts of a line.
#[derive(Debug, Default)]
struct Header<'a> {
    priority: Option<u8>,
    time: Option<(Timestamp, TimeSource)>,
    host: &'a str,
    process: &'a str,
    pid: &'a str,
    message_id: &'a str,
    structured: &'a str,
    message: &'a str,
}

fn looks_like(line: &str) -> bool {
    is_told(line, &header(line, &Clue::vietnam(Timestamp::UNIX_EPOCH)))
}

/// Whether what was found is a header and not the start of any text.
fn is_told(line: &str, header: &Header<'_>) -> bool {
    let traditional = line.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic());
    header.priority.is_some()
        || (header.time.is_some()
            && if traditional {
                !header.host.is_empty() || !header.process.is_empty()
            } else {
                !header.host.is_empty() && !header.process.is_empty()
            })
}

struct Syslog;

impl LineParser for Syslog {
    fn parse<'a>(
        &mut self,
        line: &'a str,
        record: &mut Record<'a>,
        context: &Context,
    ) -> Result<bool, Refusal> {
        let header = header(line, &context.clue);
        record.time = header.time;
        record.kind = Kind::named("syslog");
        if header.priority.is_none() && header.time.is_none() {
            return if payload::parse("", line.trim(), record, context) {
                Ok(true)
            } else {
                Err("no syslog header".into())
            };
        }
        fill(&header, record, context, json_message);
        Ok(true)
    }
}

/// Reads a whole line with its header that another format carries. An object in it is read, a line
/// carried by that object stays text: messages do not unfold without end.
pub fn payload<'a>(line: &'a str, record: &mut Record<'a>, context: &Context) -> bool {
    let header = header(line, &context.clue);
    if !is_told(line.trim(), &header) {
        return false;
    }
    record.time = header.time.or(record.time);
    record.kind = Kind::named("syslog");
    fill(&header, record, context, json::payload);
    true
}

/// Reads an object that is the message of a line.
fn json_message<'a>(message: &'a str, record: &mut Record<'a>, context: &Context) -> bool {
    if !message.starts_with('{') || json::object(message, record, context).is_err() {
        return false;
    }
    json::classify(record, context);
    true
}

fn fill<'a>(
    header: &Header<'a>,
    record: &mut Record<'a>,
    context: &Context,
    read_json: payload::Payload,
) {
    if let Some(priority) = header.priority {
        let name = |list: &[&'static str], at: u8| list.get(usize::from(at)).copied();
        let facility = name(&FACILITIES, priority >> 3).unwrap_or("");
        record.fields.push_text("facility", facility);
        record.fields.push_text("severity", name(&SEVERITIES, priority & 7).unwrap_or(""));
    }
    record.fields.push_text("hostname", header.host);
    record.fields.push_text("process", header.process);
    record.fields.push_text("pid", header.pid);
    record.fields.push_text("message_id", header.message_id);
    record.fields.push_text("message", header.message);
    structured::elements(header.structured, record);
    let (program, module) = program(header.process);
    record.fields.push_text("pam_module", module);
    let message = header.message.strip_prefix("@cee:").unwrap_or(header.message).trim_start();
    let message = repeated(message, record);
    if read_json(message, record, context) {
        if record.kind == Kind::named("json") {
            record.kind = Kind::named("syslog");
        }
        return;
    }
    if !payload::parse(program, message, record, context) {
        pattern::sweep_addresses(message, record);
    }
}

/// `message repeated 2 times: [ text]` is that text.
fn repeated<'a>(message: &'a str, record: &mut Record<'a>) -> &'a str {
    let inner = || {
        let (count, text) = message.strip_prefix("message repeated ")?.split_once(" times: [")?;
        Some((count, text.strip_suffix(']')?.trim_start()))
    };
    let Some((count, text)) = inner() else { return message };
    record.fields.push_text("count", count);
    text
}

/// The name that tells the program and the PAM module of old systems: `sshd(pam_unix)`,
/// `/usr/sbin/cron`, `postfix/smtpd`.
fn program(process: &str) -> (&str, &str) {
    let (name, module) = process.split_once('(').unwrap_or((process, ""));
    let name = if name.starts_with('/') {
        name.rsplit('/').next().unwrap_or(name)
    } else {
        name.split('/').next().unwrap_or(name)
    };
    (name, module.trim_end_matches(')'))
}

fn header<'a>(line: &'a str, clue: &Clue) -> Header<'a> {
    let (priority, rest) = priority(line.trim());
    let mut header = Header { priority, message: rest, ..Header::default() };
    if let Some(rest) = rest.strip_prefix("1 ").filter(|_| priority.is_some()) {
        structured::rfc5424(rest, clue, &mut header);
        return header;
    }
    let Some((moment, rest)) = moment(rest, clue) else { return header };
    header.time = moment;
    after_time(rest, &mut header);
    header
}

fn priority(line: &str) -> (Option<u8>, &str) {
    // A stream over TCP may count the bytes of each message in front of it (RFC 6587).
    let counted = line.split_once(' ').filter(|(count, _)| pattern::digits(count));
    let line = counted.map_or(line, |(_, rest)| if rest.starts_with('<') { rest } else { line });
    let read = || {
        let (number, rest) = line.strip_prefix('<')?.split_once('>')?;
        let valid = number.len() <= 3 && pattern::digits(number);
        let number: u8 = valid.then(|| number.parse().ok())?.filter(|number| *number <= 191)?;
        Some((number, rest.trim_start()))
    };
    read().map_or((None, line), |(number, rest)| (Some(number), rest))
}

type Moment = Option<(Timestamp, TimeSource)>;

/// Reads the time that `text` begins with, and gives what follows it.
fn moment<'a>(text: &'a str, clue: &Clue) -> Option<(Moment, &'a str)> {
    if text.bytes().next()?.is_ascii_digit() { iso(text, clue) } else { traditional(text, clue) }
}

/// `Jan  2 03:04:05`, with fractions, a year before or after the clock, a zone behind.
fn traditional<'a>(text: &'a str, clue: &Clue) -> Option<(Moment, &'a str)> {
    let mut rest = text;
    let month = time::month(take(&mut rest).filter(|word| word.len() == 3)?)?;
    let day: i8 = take(&mut rest)?.parse().ok()?;
    let mut word = take(&mut rest)?;
    let mut year = year(word);
    if year.is_some() {
        word = take(&mut rest)?;
    }
    let clock = time::clock_time(word.trim_end_matches(':'))?;
    let mut zone = None;
    for _ in 0..2 {
        let mut ahead = rest;
        let Some(next) = take(&mut ahead) else { break };
        let next = next.trim_end_matches(':');
        if year.is_none() && self::year(next).is_some() {
            year = self::year(next);
        } else if zone.is_none() && next.len() > 1 && time::offset(next).is_some() {
            zone = time::offset(next);
        } else {
            break;
        }
        rest = ahead;
    }
    let clue = Clue { zone: zone.unwrap_or(clue.zone), ..*clue };
    let found = match year {
        None => clue.without_year(month, day, clock),
        Some(year) => {
            let date = Date::new(year, month, day).ok()?;
            let stated = clue.local(date.to_datetime(clock));
            stated.map(|(at, from)| (at, zone.map_or(from, |_| TimeSource::Stated)))
        }
    };
    Some((found, rest))
}

fn year(word: &str) -> Option<i16> {
    let year: i16 = (word.len() == 4 && pattern::digits(word)).then(|| word.parse().ok())??;
    (1970..=2200).contains(&year).then_some(year)
}

/// `2026-01-02T03:04:05.678+07:00`, or a blank for the `T`.
fn iso<'a>(text: &'a str, clue: &Clue) -> Option<(Moment, &'a str)> {
    if text.as_bytes().get(4) != Some(&b'-') {
        return None;
    }
    let mut rest = text;
    let word = take(&mut rest)?;
    if word.len() > 10 {
        return Some((Some(time::parse(word, clue)?), rest));
    }
    take(&mut rest)?;
    let length = text.len() - rest.len();
    let found = time::parse(text.get(..length)?, clue)?;
    Some((Some(found), rest))
}

/// Takes a word and the blanks around it.
fn take<'a>(rest: &mut &'a str) -> Option<&'a str> {
    let text = rest.trim_start();
    let end = text.find(' ').unwrap_or(text.len());
    let word = text.get(..end).filter(|word| !word.is_empty())?;
    *rest = text.get(end..)?;
    Some(word)
}

/// Reads host, program and message from what follows the time.
fn after_time<'a>(text: &'a str, header: &mut Header<'a>) {
    let text = text.trim_start();
    let mut rest = text;
    let first = take(&mut rest).unwrap_or("");
    // Programs that are no syslog put a level behind the time.
    let no_host = LEVELS.contains(&first)
        || first.ends_with(':') && pattern::address(first).is_none()
        || first.contains("]:")
        || first.starts_with(['%', '['])
        || first.contains(['=', '|', '"', '{'])
        || text.starts_with("last message repeated");
    let rest = if no_host {
        text
    } else {
        header.host = first;
        rest.trim_start()
    };
    header.message = rest;
    let rest = rest.strip_prefix("-- ").unwrap_or(rest);
    let Some((process, pid, message)) = tag(rest) else { return };
    header.process = process;
    header.pid = pid;
    header.message = solaris(message.trim_start());
}

/// Splits `sshd[123]: text` into program, process id and text.
fn tag(text: &str) -> Option<(&str, &str, &str)> {
    if text.starts_with("CEF:") || text.starts_with("LEEF:") {
        return None;
    }
    let name = |c: char| c.is_alphanumeric() || "-_./()@+\\*~#,".contains(c);
    let end = text.find(|c| !name(c)).filter(|end| (1..=128).contains(end))?;
    let (process, rest) = text.split_at(end);
    // A number is what some devices count their messages with.
    if pattern::digits(process) {
        return None;
    }
    // GNOME's programs call themselves `gdm-password]`.
    let mut rest = rest.strip_prefix(']').unwrap_or(rest);
    let mut pid = "";
    if let Some((inside, after)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        if inside.len() > 32 || !(after.is_empty() || after.starts_with([' ', ':'])) {
            return None;
        }
        pid = inside;
        rest = after;
        let text = rest.strip_prefix(':').unwrap_or(rest);
        return Some((process, number(pid), text));
    }
    if let Some(text) = rest.strip_prefix(':') {
        return Some((process, pid, text));
    }
    // `syslogd 1.4.1: restart.`
    let (version, text) = rest.strip_prefix(' ')?.split_once(": ")?;
    let versioned = version.starts_with(|c: char| c.is_ascii_digit())
        && version.chars().all(|c| c.is_ascii_alphanumeric() || ".-p".contains(c));
    versioned.then_some((process, pid, text))
}

fn number(pid: &str) -> &str {
    if pid.starts_with(|c: char| c.is_ascii_digit()) { pid } else { "" }
}

/// Takes the `[ID 800047 auth.notice] ` of Solaris from the front.
fn solaris(message: &str) -> &str {
    let inside = message.strip_prefix("[ID ").and_then(|rest| rest.split_once("] "));
    inside.map_or(message, |(_, text)| text)
}
