//! When an event happened.
//!
//! Logs write time in dozens of ways, some of them without a year or a zone. [`Clue`] carries
//! what the caller knows about the source (its zone, and a moment near the log's end), and
//! [`TimeSource`] says for each event what had to be assumed, so that nobody takes a guess for a
//! fact. Nothing here reads a clock.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;

/// Where an event's time came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum TimeSource {
    /// The event has no readable time.
    #[default]
    Missing,
    /// The log states date, time and zone.
    Stated,
    /// The log states date and time; the zone is the source's configured one.
    AssumedZone,
    /// The log states neither year nor zone; the year is the one that puts the event closest
    /// before the reference moment.
    AssumedYear,
}

impl TimeSource {
    /// The name used in outputs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Stated => "stated",
            Self::AssumedZone => "assumed_zone",
            Self::AssumedYear => "assumed_year",
        }
    }
}

/// What is known about the times of a source that does not say everything itself.
#[derive(Clone, Copy, Debug)]
pub struct Clue {
    /// The zone of times that name none.
    pub zone: Offset,
    /// A moment at or after the last event, such as the file's modification time: a time without
    /// a year is put into the latest year that does not pass it by more than a day.
    pub reference: Timestamp,
}

impl Clue {
    /// Times without a zone are Vietnam's (UTC+7).
    pub fn vietnam(reference: Timestamp) -> Self {
        Self { zone: Offset::constant(7), reference }
    }

    /// Turns a date and time without a zone into a moment.
    pub fn local(&self, civil: DateTime) -> Option<(Timestamp, TimeSource)> {
        Some((self.zone.to_timestamp(civil).ok()?, TimeSource::AssumedZone))
    }

    /// Turns a month, day and time without a year into a moment.
    pub fn without_year(&self, month: i8, day: i8, time: Time) -> Option<(Timestamp, TimeSource)> {
        let limit = self.reference.checked_add(jiff::SignedDuration::from_hours(24)).ok()?;
        let year = self.zone.to_datetime(limit).year();
        (0..=8).find_map(|back| {
            let date = Date::new(year.checked_sub(back)?, month, day).ok()?;
            let moment = self.zone.to_timestamp(date.to_datetime(time)).ok()?;
            (moment <= limit).then_some((moment, TimeSource::AssumedYear))
        })
    }
}

/// 100 ns intervals since 1601 as a moment; `None` outside the years that dates can have.
pub fn from_file_time(ticks: u64) -> Option<Timestamp> {
    const EPOCH_SECONDS: i64 = 11_644_473_600;
    let seconds = (ticks / 10_000_000) as i64 - EPOCH_SECONDS;
    Timestamp::new(seconds, ((ticks % 10_000_000) * 100) as i32).ok()
}

/// The English abbreviation of a month, any case, as 1 to 12.
pub fn month(name: &str) -> Option<i8> {
    const NAMES: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let short = name.get(..3)?;
    NAMES.iter().position(|month| month.eq_ignore_ascii_case(short)).map(|at| at as i8 + 1)
}

/// Reads `HH:MM:SS` with an optional fraction after `.` or `,`.
pub fn clock_time(text: &str) -> Option<Time> {
    let (whole, fraction) = match text.find(['.', ',']) {
        Some(at) => (text.get(..at)?, text.get(at + 1..)?),
        None => (text, ""),
    };
    let mut parts = whole.split(':');
    let mut part = || -> Option<i8> {
        let digits = parts.next()?;
        ((1..=2).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()))
            .then(|| digits.parse().ok())?
    };
    let (hour, minute, second) = (part()?, part()?, part()?);
    if parts.next().is_some() {
        return None;
    }
    // A leap second is read as the second before it.
    Time::new(hour, minute, second.min(59), nanoseconds(fraction)?).ok()
}

fn nanoseconds(fraction: &str) -> Option<i32> {
    if !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let mut value = 0;
    for place in 0..9 {
        let digit = fraction.as_bytes().get(place).map_or(0, |b| i32::from(b - b'0'));
        value = value * 10 + digit;
    }
    Some(value)
}

/// Reads `+07:00`, `+0700`, `-03`, `Z`, `UTC` or `GMT`.
pub fn offset(text: &str) -> Option<Offset> {
    if text.eq_ignore_ascii_case("z")
        || text.eq_ignore_ascii_case("utc")
        || text.eq_ignore_ascii_case("gmt")
    {
        return Some(Offset::UTC);
    }
    let (sign, digits) = match text.as_bytes().first()? {
        b'+' => (1, text.get(1..)?),
        b'-' => (-1, text.get(1..)?),
        _ => return None,
    };
    let digits: String = digits.chars().filter(|c| *c != ':').collect();
    if !matches!(digits.len(), 2 | 4) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let hours: i32 = digits.get(..2)?.parse().ok()?;
    let minutes: i32 = digits.get(2..4).map_or(Some(0), |m| m.parse().ok())?;
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

/// Reads a date as `2020-09-22`, `2020/09/22`, `22/09/2020` (day first) or `22/Sep/2020`.
pub fn date(text: &str) -> Option<Date> {
    let mut parts = text.split(['-', '/', '.']);
    let (a, b, c) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let month = |text: &str| text.parse().ok().or_else(|| self::month(text));
    if a.len() == 4 {
        return Date::new(a.parse().ok()?, month(b)?, c.parse().ok()?).ok();
    }
    Date::new(c.parse().ok().filter(|year: &i16| *year > 999)?, month(b)?, a.parse().ok()?).ok()
}

/// Reads the times that log fields carry: RFC 3339 and its looser relatives (a blank for `T`, no
/// zone, `+0700`, a blank before the zone), seconds, milliseconds, microseconds or nanoseconds
/// since 1970, and `/Date(…)/`.
pub fn parse(text: &str, clue: &Clue) -> Option<(Timestamp, TimeSource)> {
    let text = text.trim();
    if text.as_bytes().first().is_some_and(u8::is_ascii_digit)
        && text.bytes().all(|b| b.is_ascii_digit() || b == b'.')
    {
        return epoch(text);
    }
    if let Some(inner) = text.strip_prefix("/Date(").and_then(|t| t.strip_suffix(")/")) {
        return epoch(inner);
    }
    let (civil, zone) = split(text)?;
    if zone.is_empty() {
        return clue.local(civil);
    }
    Some((offset(zone)?.to_timestamp(civil).ok()?, TimeSource::Stated))
}

/// The date and time that a text states, without regard to its zone; numbers since 1970 are UTC.
pub fn civil(text: &str) -> Option<DateTime> {
    let text = text.trim();
    match split(text) {
        Some((civil, _)) => Some(civil),
        None => Some(Offset::UTC.to_datetime(epoch(text)?.0)),
    }
}

/// Date and time, and what follows them.
fn split(text: &str) -> Option<(DateTime, &str)> {
    let split = text.find(['T', 't', ' ', '_'])?;
    let date = date(text.get(..split)?)?;
    let rest = text.get(split + 1..)?.trim_start();
    let end = rest
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.' | ',')))
        .unwrap_or(rest.len());
    let time = clock_time(rest.get(..end)?)?;
    Some((date.to_datetime(time), rest.get(end..)?.trim()))
}

/// Reads a number since 1970, whose unit follows from its size.
pub fn epoch(text: &str) -> Option<(Timestamp, TimeSource)> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let value: i64 = whole.parse().ok()?;
    let stamp = match whole.len() {
        ..=8 => return None,
        9..=11 => Timestamp::new(value, nanoseconds(fraction)?).ok()?,
        12..=14 => Timestamp::from_millisecond(value).ok()?,
        15..=17 => Timestamp::from_microsecond(value).ok()?,
        _ => Timestamp::from_nanosecond(i128::from(value)).ok()?,
    };
    Some((stamp, TimeSource::Stated))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clue() -> Clue {
        Clue::vietnam("2026-01-02T00:00:00Z".parse().unwrap())
    }

    fn read(text: &str) -> Option<(String, TimeSource)> {
        parse(text, &clue()).map(|(time, source)| (time.to_string(), source))
    }

    #[test]
    fn looser_relatives_of_rfc_3339_are_read() {
        let stated = |time: &str| Some((time.to_owned(), TimeSource::Stated));
        assert_eq!(read("2020-09-22T03:36:08Z"), stated("2020-09-22T03:36:08Z"));
        assert_eq!(read("2020-09-22 03:36:08.123456 +0700"), stated("2020-09-21T20:36:08.123456Z"));
        assert_eq!(read("2020-09-22T03:36:08,5-03"), stated("2020-09-22T06:36:08.5Z"));
        assert_eq!(read("1600745768"), stated("2020-09-22T03:36:08Z"));
        assert_eq!(read("1600745768.250"), stated("2020-09-22T03:36:08.25Z"));
        assert_eq!(read("1600745768250"), stated("2020-09-22T03:36:08.25Z"));
        assert_eq!(read("/Date(1600745768250)/"), stated("2020-09-22T03:36:08.25Z"));
        let local = Some(("2020-09-21T20:36:08Z".to_owned(), TimeSource::AssumedZone));
        assert_eq!(read("2020-09-22 03:36:08"), local);
        assert_eq!(read("22/09/2020 03:36:08"), local);
        for bad in [
            "",
            "12",
            "yesterday",
            "2020-13-01 00:00:00",
            "2020-09-22",
            "2020-09-22 25:00:00",
            "9".repeat(40).as_str(),
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_time_without_a_year_never_lies_in_the_future() {
        let clue = clue();
        let at = |month, day| {
            clue.without_year(month, day, Time::midnight()).map(|(t, _)| t.to_string())
        };
        assert_eq!(at(1, 2).as_deref(), Some("2026-01-01T17:00:00Z"));
        assert_eq!(at(12, 31).as_deref(), Some("2025-12-30T17:00:00Z"));
        assert_eq!(at(2, 29).as_deref(), Some("2024-02-28T17:00:00Z"));
        assert_eq!(at(13, 1), None);
    }

    #[test]
    fn file_times_out_of_range_are_no_time() {
        assert_eq!(
            from_file_time(0).map(|t| t.to_string()).as_deref(),
            Some("1601-01-01T00:00:00Z")
        );
        assert_eq!(from_file_time(u64::MAX), None);
    }
}
