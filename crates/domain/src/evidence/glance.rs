//! What counting needs of a line, without building the record.
//!
//! Ten millions of lines are read for one table of the index. [`Glance::read`] walks the canonical
//! text once and borrows from it; whatever is not of the common shape (an escape in a text, a year
//! far away, a fault) goes through [`Record::split`] and [`About::parse`], so that both say the same.
//! The chain and the hash of the content are not looked at here: that is what verifying is for.

use std::borrow::Cow;

use super::content::{CONTENT_BYTES, Content, ContentError};
use super::kinds::day;
use super::{About, How, LineError, Origin, Record};
use crate::code::is_code;

/// A record at a glance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glance<'l> {
    /// Its number.
    pub seq: u64,
    /// What kind of thing it says.
    pub kind: Cow<'l, str>,
    /// About which agency.
    pub agency: Option<Cow<'l, str>>,
    /// About which system.
    pub system: Option<Cow<'l, str>>,
    /// About which one of several things of the kind.
    pub subject: Cow<'l, str>,
    /// How it is known.
    pub how: How,
    /// When it was so, in seconds since 1970 UTC.
    pub at: i64,
    /// Until when it counts, exclusive, in seconds since 1970 UTC.
    pub until: Option<i64>,
    /// The record that it replaces.
    pub corrects: Option<u64>,
    /// The canonical text of the content, as it stands in the line.
    pub content: &'l str,
}

/// A value of a content that is one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'c> {
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A text.
    Text(&'c str),
    /// A list or an object.
    Nested,
}

impl<'l> Glance<'l> {
    /// Looks at a line.
    pub fn read(line: &'l str) -> Result<Self, LineError> {
        fast(line).map_or_else(|| slow(line), Ok)
    }

    /// The agency that a line is about, `Some(None)` for a record about none; `None` if the line does
    /// not begin as a record does. Cheaper than the rest: who shares lines out among threads asks this.
    pub fn agency_of(line: &'l str) -> Option<Option<&'l str>> {
        let mut cursor = Cursor { rest: line };
        cursor.tag("{\"about\":{")?;
        Some(match cursor.tag("\"agency\":") {
            Some(()) => Some(cursor.text()?),
            None => None,
        })
    }
}

fn slow(line: &str) -> Result<Glance<'_>, LineError> {
    let (about, content) = Record::split(line).ok_or(LineError::Shape("two parts are expected"))?;
    let about = About::parse(about)?;
    Ok(Glance {
        seq: about.seq,
        kind: Cow::Owned(about.kind),
        agency: about.agency.map(|code| Cow::Owned(code.as_str().to_owned())),
        system: about.system.map(|code| Cow::Owned(code.as_str().to_owned())),
        subject: Cow::Owned(about.subject),
        how: about.how,
        at: about.at.as_second(),
        until: about.until.map(jiff::Timestamp::as_second),
        corrects: about.corrects,
        content,
    })
}

fn fast(line: &str) -> Option<Glance<'_>> {
    let mut cursor = Cursor { rest: line };
    cursor.tag("{\"about\":{")?;
    let agency = match cursor.tag("\"agency\":") {
        Some(()) => {
            let agency = cursor.text().filter(|text| is_code(text))?;
            cursor.tag(",")?;
            Some(Cow::Borrowed(agency))
        }
        None => None,
    };
    cursor.tag("\"at\":")?;
    let at = seconds(cursor.text()?)?;
    cursor.tag(",\"by\":")?;
    cursor.text()?;
    cursor.tag(",\"content_hash\":")?;
    cursor.text()?;
    let corrects = match cursor.tag(",\"corrects\":") {
        Some(()) => Some(cursor.number()?),
        None => None,
    };
    cursor.tag(",\"from\":")?;
    Origin::parse(cursor.text()?)?;
    cursor.tag(",\"how\":")?;
    let how = How::parse(cursor.text()?)?;
    cursor.tag(",\"prev\":")?;
    cursor.text()?;
    cursor.tag(",\"recorded\":")?;
    seconds(cursor.text()?)?;
    cursor.tag(",\"ref\":")?;
    cursor.text()?;
    cursor.tag(",\"schema\":")?;
    cursor.number()?;
    cursor.tag(",\"seq\":")?;
    let seq = cursor.number()?;
    cursor.tag(",\"subject\":")?;
    let subject = Cow::Borrowed(cursor.text()?);
    let system = match cursor.tag(",\"system\":") {
        Some(()) => Some(Cow::Borrowed(cursor.text().filter(|text| is_code(text))?)),
        None => None,
    };
    cursor.tag(",\"type\":")?;
    let kind = Cow::Borrowed(cursor.text()?);
    let until = match cursor.tag(",\"until\":") {
        Some(()) => Some(seconds(cursor.text()?)?),
        None => None,
    };
    cursor.tag("},\"content\":")?;
    let content = cursor.rest.strip_suffix('}')?;
    if line.len() - content.len() > CONTENT_BYTES {
        return None;
    }
    Some(Glance { seq, kind, agency, system, subject, how, at, until, corrects, content })
}

/// Calls `take` with each name and value of an object's canonical text, in their order.
pub fn each_field(
    content: &str,
    mut take: impl FnMut(&str, Value<'_>),
) -> Result<(), ContentError> {
    // What is not of the common shape is found before anything is taken: nothing counts twice.
    if is_plain(content) && each_plain(content, &mut |_, _| {}).is_some() {
        each_plain(content, &mut take);
        return Ok(());
    }
    let content = Content::parse(content)?;
    if let Content::Map(values) = &content {
        for (name, value) in values {
            let value = match value {
                Content::Bool(value) => Value::Bool(*value),
                Content::Int(value) => Value::Int(*value),
                Content::Text(text) => Value::Text(text),
                Content::List(_) | Content::Map(_) => Value::Nested,
            };
            take(name, value);
        }
    }
    Ok(())
}

/// Whether a content is short, has no escape and nothing in it is nested.
fn is_plain(content: &str) -> bool {
    content.len() <= 4096
        && !content.bytes().skip(1).any(|byte| byte < 0x20 || matches!(byte, b'\\' | b'{' | b'['))
}

fn each_plain(content: &str, take: &mut impl FnMut(&str, Value<'_>)) -> Option<()> {
    let mut cursor = Cursor { rest: content };
    cursor.tag("{")?;
    let mut before: Option<&str> = None;
    if cursor.rest == "}" {
        return Some(());
    }
    loop {
        let name = cursor.text()?;
        if before.is_some_and(|before| before >= name) {
            return None;
        }
        before = Some(name);
        cursor.tag(":")?;
        let value = match cursor.rest.as_bytes().first()? {
            b'"' => Value::Text(cursor.text()?),
            b't' => cursor.tag("true").map(|()| Value::Bool(true))?,
            b'f' => cursor.tag("false").map(|()| Value::Bool(false))?,
            _ => Value::Int(cursor.number()? as i64),
        };
        take(name, value);
        if cursor.rest == "}" {
            return Some(());
        }
        cursor.tag(",")?;
    }
}

struct Cursor<'l> {
    rest: &'l str,
}

impl<'l> Cursor<'l> {
    fn tag(&mut self, tag: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(tag)?;
        Some(())
    }

    /// A text in quotes that has no escapes.
    fn text(&mut self) -> Option<&'l str> {
        let rest = self.rest.strip_prefix('"')?;
        let end = rest.bytes().position(|byte| byte < 0x20 || matches!(byte, b'"' | b'\\'))?;
        let (text, rest) = rest.split_at(end);
        self.rest = rest.strip_prefix('"')?;
        Some(text)
    }

    /// A whole number from 0 of at most fifteen digits: far below what JSON numbers hold exactly.
    fn number(&mut self) -> Option<u64> {
        let end = self.rest.bytes().position(|byte| !byte.is_ascii_digit())?;
        let (digits, rest) = self.rest.split_at(end);
        self.rest = rest;
        if end > 15 || (end > 1 && digits.starts_with('0')) { None } else { digits.parse().ok() }
    }
}

/// The seconds since 1970 UTC of a moment such as `2026-10-15T01:00:00Z`, between 1970 and 2199.
fn seconds(text: &str) -> Option<i64> {
    let bytes: &[u8; 20] = text.as_bytes().try_into().ok()?;
    let [day @ .., b'T', h1, h2, b':', m1, m2, b':', s1, s2, b'Z'] = bytes else { return None };
    let (hour, minute, second) = (two(*h1, *h2)?, two(*m1, *m2)?, two(*s1, *s2)?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    Some(near_day(day)? * 86_400 + hour * 3_600 + minute * 60 + second)
}

/// The seconds since 1970 UTC of any moment that records hold.
pub fn moment_seconds(text: &str) -> Option<i64> {
    seconds(text).or_else(|| super::content::parse_moment(text).map(jiff::Timestamp::as_second))
}

/// The days since 1970-01-01 of any day that records hold.
pub fn day_number(text: &str) -> Option<i64> {
    near_day(text.as_bytes()).or_else(|| {
        let since = day(text)?.since(jiff::civil::date(1970, 1, 1)).ok()?;
        Some(i64::from(since.get_days()))
    })
}

/// The days since 1970-01-01 of a day between 1970 and 2199.
fn near_day(bytes: &[u8]) -> Option<i64> {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = bytes else { return None };
    let (year, month, day) = (two(y1, y2)? * 100 + two(y3, y4)?, two(m1, m2)?, two(d1, d2)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1970..2200).contains(&year) || !(1..=length).contains(&day) {
        return None;
    }
    // Years begin in March here, so that the day that comes and goes is the last one.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
    Some(days - 719_468)
}

fn two(tens: u8, ones: u8) -> Option<i64> {
    let digits = tens.is_ascii_digit() && ones.is_ascii_digit();
    digits.then(|| i64::from(tens - b'0') * 10 + i64::from(ones - b'0'))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;
    use crate::code::{AgencyCode, SystemCode};
    use crate::evidence::NewEvidence;
    use crate::evidence::content::moment;

    fn records() -> impl Strategy<Value = Record> {
        let texts = ("[a-z\"\\\\đ\n]{0,8}", "[a-z.\"]{1,12}", "[ -~]{0,6}");
        let codes = (prop::option::of("[a-z0-9]{1,6}"), prop::option::of("[a-z0-9]{1,6}"));
        let times = (-40_000_000_000_i64..40_000_000_000, prop::option::of(1_i64..99_999_999));
        let rest = (0_u64..1 << 53, prop::option::of(0_u64..1 << 53), 0_usize..3, -3_i64..3);
        (texts, codes, times, rest).prop_map(|(texts, codes, times, rest)| {
            let (subject, kind, by) = texts;
            let at = Timestamp::from_second(times.0).unwrap();
            let new = NewEvidence {
                kind,
                schema: rest.3,
                content: Content::map([("a", Content::from(by.clone())), ("b", rest.3.into())]),
                agency: codes.0.map(|code| AgencyCode::new(&code).unwrap()),
                system: codes.1.map(|code| SystemCode::new(&code).unwrap()),
                subject,
                origin: Origin::Probe,
                reference: by.clone(),
                how: How::ALL[rest.2],
                by,
                at,
                until: times.1.map(|more| Timestamp::from_second(times.0 + more).unwrap()),
                corrects: rest.1,
            };
            new.at_place(rest.0, "00", at)
        })
    }

    proptest! {
        #[test]
        fn the_fast_and_the_slow_way_say_the_same(record in records()) {
            let line = record.to_line();
            let slow = slow(&line).unwrap();
            if let Some(fast) = fast(&line) {
                prop_assert_eq!(&fast, &slow);
            }
            prop_assert_eq!(Glance::read(&line), Ok(slow));
        }

        #[test]
        fn what_the_slow_way_refuses_the_fast_one_does_not_take(record in records(), place in any::<prop::sample::Index>(), byte in 0x20_u8..0x7f) {
            let mut bytes = record.to_line().into_bytes();
            let place = place.index(bytes.len());
            bytes[place] = byte;
            if let Ok(line) = String::from_utf8(bytes)
                && let Some(fast) = fast(&line)
            {
                prop_assert_eq!(slow(&line), Ok(fast));
            }
        }

        #[test]
        fn fields_are_those_of_the_content(content in prop::collection::btree_map("[a-z\"]{0,3}", prop_oneof![
            any::<bool>().prop_map(Content::Bool),
            (-9_i64..99).prop_map(Content::Int),
            "[a-z\\\\{đ]{0,4}".prop_map(Content::Text),
            Just(Content::List(vec![Content::Int(1)])),
        ], 0..5)) {
            let content = Content::Map(content);
            let mut seen = std::collections::BTreeMap::new();
            each_field(&content.to_text(), |name, value| {
                let value = match value {
                    Value::Bool(value) => value.into(),
                    Value::Int(value) => value.into(),
                    Value::Text(text) => text.into(),
                    Value::Nested => Content::List(vec![Content::Int(1)]),
                };
                seen.insert(name.to_owned(), value);
            }).unwrap();
            prop_assert_eq!(Content::Map(seen), content);
        }

        #[test]
        fn seconds_and_days_are_those_of_the_calendar(at in -50_000_000_000_i64..50_000_000_000) {
            let moment_at = Timestamp::from_second(at).unwrap();
            let text = moment(moment_at);
            prop_assert_eq!(moment_seconds(&text), Some(at));
            prop_assert_eq!(day_number(&text[..10]), Some(at.div_euclid(86_400)));
        }
    }

    #[test]
    fn common_records_go_the_fast_way() {
        let line = "{\"about\":{\"agency\":\"so-ct\",\"at\":\"2028-02-29T23:59:59Z\",\"by\":\"token 4\",\"content_hash\":\"ab\",\"corrects\":7,\"from\":\"probe\",\"how\":\"measured\",\"prev\":\"00\",\"recorded\":\"2028-03-01T00:00:00Z\",\"ref\":\"\",\"schema\":1,\"seq\":12,\"subject\":\"s\",\"system\":\"mh-dvc\",\"type\":\"scan.done\",\"until\":\"2028-08-27T17:00:00Z\"},\"content\":{\"findings\":2}}";
        let glance = fast(line).unwrap();
        assert_eq!((glance.at, glance.corrects), (1_835_481_599, Some(7)));
        assert_eq!(glance.content, "{\"findings\":2}");
        assert_eq!(Glance::agency_of(line), Some(Some("so-ct")));
    }

    #[test]
    fn days_that_are_not_in_the_calendar_are_refused() {
        for text in ["2027-02-29", "2028-02-30", "2026-13-01", "2026-04-31", "2026-4-01", ""] {
            assert_eq!(day_number(text), None, "{text}");
        }
        for text in ["2026-10-15T24:00:00Z", "2026-10-15T01:60:00Z", "2026-10-15T01:00:60Z"] {
            assert_eq!(moment_seconds(text), None, "{text}");
        }
    }
}
