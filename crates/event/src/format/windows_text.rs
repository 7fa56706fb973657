//! Windows events as text: Snare (`MSWinEventLog`, parts between tabs) and the older form of
//! OSSEC and Wazuh agents (`WinEvtLog: channel: LEVEL(id): provider: user: domain: host: text`).

use super::{Context, Format, LineParser, LineReader, Refusal, windows_message};
use crate::record::{Kind, Record};
use crate::stream::Framing;
use crate::time::{self, TimeSource};
use crate::value::Value;
use jiff::Timestamp;
use jiff::civil::Date;

/// Lines that hold nothing but the event; behind a syslog header it is a payload.
pub const FORMAT: Format = Format {
    id: "windows-text",
    title: ["Windows events as text (Snare, OSSEC)", "Sự kiện Windows dạng văn bản (Snare, OSSEC)"],
    framing: Framing::Lines,
    in_order: false,
    sniff: |sample| (u16::from(sample.share(|line| start(line).is_some())) * 9 / 10) as u8,
    reader: |context| LineReader::boxed(Lines, context),
};

const SNARE: &str = "MSWinEventLog";
const OSSEC: &str = "WinEvtLog: ";

struct Lines;

impl LineParser for Lines {
    fn parse<'a>(
        &mut self,
        line: &'a str,
        record: &mut Record<'a>,
        context: &Context,
    ) -> Result<bool, Refusal> {
        let start = start(line).ok_or("neither a Snare nor an OSSEC line")?;
        let header = line.get(..start).unwrap_or_default();
        record.time = header_time(header, context);
        let message = line.get(start..).unwrap_or_default();
        if payload(message, record, context) {
            Ok(true)
        } else {
            Err("the Windows event has too few parts".into())
        }
    }
}

/// Where the event begins in a line; what stands before it must be short enough for a header.
fn start(line: &str) -> Option<usize> {
    let at = line.find(OSSEC).or_else(|| line.find(SNARE))?;
    (at <= 128).then_some(at)
}

/// `2014 Dec 20 09:29:47` before the event.
fn header_time(header: &str, context: &Context) -> Option<(Timestamp, TimeSource)> {
    let mut words = header.split_ascii_whitespace();
    let (year, month, day) = (words.next()?, words.next()?, words.next()?);
    moment(year, month, day, words.next()?, context)
}

fn moment(
    year: &str,
    month: &str,
    day: &str,
    clock: &str,
    context: &Context,
) -> Option<(Timestamp, TimeSource)> {
    let date = Date::new(year.parse().ok()?, time::month(month)?, day.parse().ok()?).ok()?;
    context.clue.local(date.to_datetime(time::clock_time(clock)?))
}

/// Reads the message of either form, with or without its leading word.
pub fn payload<'a>(message: &'a str, record: &mut Record<'a>, context: &Context) -> bool {
    let message = message.trim_start();
    let found = match message.strip_prefix(OSSEC) {
        Some(rest) => ossec(rest, record),
        None => snare(message.strip_prefix(SNARE).unwrap_or(message), record, context),
    };
    found.is_some()
}

/// The text of a rendered event is split only at the first colons: it holds many itself.
fn ossec<'a>(rest: &'a str, record: &mut Record<'a>) -> Option<()> {
    let mut parts = rest.splitn(7, ": ");
    let mut part = || parts.next().map(str::trim);
    let (channel, level, provider) = (part()?, part()?, part()?);
    let (user, domain, host, text) = (part()?, part()?, part()?, part()?);
    let id = level.split_once('(')?.1.strip_suffix(')')?;
    let number: u32 = id.parse().ok()?;
    event(channel, id, provider, host, record);
    push_user(user, domain, record);
    windows_message::fields(text, number, record);
    record.fields.push_text("Message", text);
    Some(())
}

fn snare<'a>(rest: &'a str, record: &mut Record<'a>, context: &Context) -> Option<()> {
    let separator = if rest.contains('\t') { "\t" } else { "#011" };
    let mut parts = rest.split(separator).map(str::trim).skip_while(|part| part.is_empty());
    let mut part = || parts.next();
    let (criticality, channel, _count) = (part()?, part()?, part()?);
    criticality.parse::<u8>().ok()?;
    let (date, id, provider) = (part()?, part()?, part()?);
    let number: u32 = id.parse().ok()?;
    let (user, _account_type, outcome, host) = (part()?, part()?, part()?, part()?);
    event(channel, id, provider, host, record);
    record.fields.push_text("Keywords", outcome);
    push_user(user, "", record);
    if record.time.is_none() {
        record.time = snare_time(date, context);
    }
    let _category = part();
    // The text itself may hold the separator where the agent did not replace it.
    for text in parts {
        windows_message::fields(text, number, record);
    }
    Some(())
}

/// `Sun Nov 22 10:11:12 2026`.
fn snare_time(date: &str, context: &Context) -> Option<(Timestamp, TimeSource)> {
    let mut words = date.split_ascii_whitespace();
    let (_weekday, month, day) = (words.next()?, words.next()?, words.next()?);
    let (clock, year) = (words.next()?, words.next()?);
    moment(year, month, day, clock, context)
}

fn event<'a>(
    channel: &'a str,
    id: &'a str,
    provider: &'a str,
    host: &'a str,
    record: &mut Record<'a>,
) {
    record.kind = Kind::Windows;
    record.fields.push("Channel", Value::text(channel));
    record.fields.push("EventID", Value::text(id));
    record.fields.push("Provider_Name", Value::text(provider));
    record.fields.push_text("Computer", host);
}

fn push_user<'a>(user: &'a str, domain: &'a str, record: &mut Record<'a>) {
    if matches!(user, "" | "N/A" | "(no user)") {
        return;
    }
    record.fields.push("AccountName", Value::text(user));
    if !matches!(domain, "" | "no domain") {
        record.fields.push("AccountDomain", Value::text(domain));
    }
}
