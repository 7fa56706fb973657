//! Files that daemons write themselves, each with its own way to write the time: Exim's main log,
//! vsftpd, BIND's query log, Unbound, `ClamAV`, Fail2ban, and OSSEC or Wazuh.
//!
//! The time is taken from the front; the rest is what the daemon would have sent to syslog, and
//! its parser reads it from there.

use jiff::Timestamp;
use jiff::civil::Date;

use super::pattern::{self, Pattern, t};
use super::payload::Payload;
use super::{Context, Format, LineParser, LineReader, Refusal, dns, mail, services};
use crate::record::{Kind, Record};
use crate::stream::Framing;
use crate::time::{self, Clue, TimeSource};

/// Files of daemons, one message a line.
pub const FORMAT: Format = Format {
    id: "daemon",
    title: [
        "Log file of a daemon (Exim, vsftpd, BIND, Unbound, Fail2ban, OSSEC)",
        "Tệp nhật ký của dịch vụ (Exim, vsftpd, BIND, Unbound, Fail2ban, OSSEC)",
    ],
    framing: Framing::Lines,
    in_order: false,
    sniff: |sample| {
        let clue = Clue::vietnam(Timestamp::UNIX_EPOCH);
        let known = |line: &str| moment(line, &clue).is_some_and(|(_, rest)| tell(rest).is_some());
        (u32::from(sample.share(known)) * 80 / 100) as u8
    },
    reader: |context| LineReader::boxed(Daemon, context),
};

const BLOCKED: &[(&str, &str)] = &[("action", "block")];
const UNBLOCKED: &[(&str, &str)] = &[("action", "unblock")];

static OSSEC: &[Pattern] = &[
    t("{command} add {user} {src_ip} {alert_id} {rule_id}", BLOCKED),
    t("{command} delete {user} {src_ip} {alert_id} {rule_id}", UNBLOCKED),
    t("{process}({code}): {level}: {}", &[]),
    t("{process}: {level}: {}", &[]),
];

struct Daemon;

impl LineParser for Daemon {
    fn parse<'a>(
        &mut self,
        line: &'a str,
        record: &mut Record<'a>,
        context: &Context,
    ) -> Result<bool, Refusal> {
        let Some((found, rest)) = moment(line.trim(), &context.clue) else {
            return Err("no time at the start of the line".into());
        };
        record.time = found;
        let Some(payload) = tell(rest) else {
            return Err("a message of no known daemon".into());
        };
        record.fields.push_text("message", rest);
        payload(rest, record, context);
        Ok(true)
    }
}

/// The parser that knows a message, by how it begins.
fn tell(text: &str) -> Option<Payload> {
    let has = |start: &str| text.starts_with(start);
    if has("[pid ") && (text.contains("Client \"") || text.contains("FTP")) {
        Some(services::vsftpd)
    } else if text.contains("active-response/bin/") || has("ossec-") || has("wazuh-") {
        Some(ossec)
    } else if has("fail2ban.") {
        Some(services::fail2ban)
    } else if has("unbound[") {
        Some(dns::unbound)
    } else if text.ends_with(" FOUND") {
        Some(services::clamav)
    } else if mail::is_exim(text) {
        Some(mail::exim)
    } else if dns::is_query(text) {
        Some(dns::named)
    } else {
        None
    }
}

/// A message of OSSEC or Wazuh about itself.
fn ossec<'a>(text: &'a str, record: &mut Record<'a>, _: &Context) -> bool {
    record.kind = Kind::named("ossec");
    if !pattern::apply(OSSEC, text, record) {
        pattern::sweep_addresses(text, record);
    }
    true
}

type Moment = Option<(Timestamp, TimeSource)>;

/// Reads the time that a line begins with, and gives what follows it.
fn moment<'a>(line: &'a str, clue: &Clue) -> Option<(Moment, &'a str)> {
    let first = line.chars().next()?;
    if first == '[' {
        let (seconds, rest) = line.strip_prefix('[')?.split_once("] ")?;
        return Some((time::epoch(seconds), rest.trim_start()));
    }
    if first.is_ascii_digit() { numbers(line, clue) } else { asctime(line, clue) }
}

/// `2026-11-22 10:00:00`, `2026/11/22 10:00:00`, or `22-Nov-2026 10:00:00.000`.
fn numbers<'a>(line: &'a str, clue: &Clue) -> Option<(Moment, &'a str)> {
    let (date, rest) = line.split_once(' ')?;
    let (clock, rest) = rest.split_once(' ')?;
    let civil = time::date(date)?.to_datetime(time::clock_time(clock)?);
    let rest = rest.trim_start();
    let zoned = rest.split_once(' ').filter(|(word, _)| word.starts_with(['+', '-']));
    let zoned = zoned.and_then(|(word, after)| Some((time::offset(word)?, after)));
    if let Some((zone, after)) = zoned {
        let stamp = zone.to_timestamp(civil).ok()?;
        return Some((Some((stamp, TimeSource::Stated)), after.trim_start()));
    }
    Some((clue.local(civil), rest))
}

/// `Sun Nov 22 10:00:00 2026`, with the name of a zone before the year.
fn asctime<'a>(line: &'a str, clue: &Clue) -> Option<(Moment, &'a str)> {
    let mut rest = line;
    let mut word = || {
        let text = rest.trim_start();
        let (word, after) = text.split_once(' ')?;
        rest = after;
        Some(word)
    };
    let (_, month, day, clock) = (word()?, time::month(word()?)?, word()?, word()?);
    let clock = time::clock_time(clock)?;
    let mut year = word()?;
    let mut zone = None;
    if !pattern::digits(year) {
        zone = time::offset(year);
        year = word()?;
    }
    let date = Date::new(year.parse().ok()?, month, day.parse().ok()?).ok()?;
    let civil = date.to_datetime(clock);
    let found = match zone {
        Some(zone) => Some((zone.to_timestamp(civil).ok()?, TimeSource::Stated)),
        None => clue.local(civil),
    };
    Some((found, rest.trim_start().trim_start_matches("-> ")))
}
