//! Times as devices write them in words: `Mar 01 2024 12:00:00 UTC`, `12:00:00.123 Fri Mar 1 2024`.
//!
//! The parts are told by their shape, so their order does not matter. A time without a year or
//! zone is completed by the source's clue.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::time::{self, Clue, TimeSource};

/// Reads any of the spellings of [`time::parse`], or a time whose month is a name.
pub fn parse(text: &str, clue: &Clue) -> Option<(Timestamp, TimeSource)> {
    time::parse(text, clue).or_else(|| words(text, clue))
}

/// Reads a date and a time of day that stand in two fields, with a zone if there is one.
pub fn join(date: &str, clock: &str, zone: &str, clue: &Clue) -> Option<(Timestamp, TimeSource)> {
    let stated = time::offset(zone).map(|_| zone).unwrap_or_default();
    parse(&format!("{date} {clock} {stated}"), clue)
}

fn words(text: &str, clue: &Clue) -> Option<(Timestamp, TimeSource)> {
    let (mut year, mut month, mut day, mut clock, mut zone) = (None, None, None, None, None);
    for word in text.split_whitespace().take(8) {
        let word = word.trim_matches(['*', ',']).trim_end_matches(':');
        let number = || word.parse::<i16>().ok();
        if word.contains(':') && word.as_bytes().first().is_some_and(u8::is_ascii_digit) {
            clock = clock.or_else(|| time::clock_time(word));
        } else if word.len() == 4 && number().is_some() {
            year = year.or_else(number);
        } else if word.len() <= 2 && number().is_some() {
            day = day.or_else(|| word.parse::<i8>().ok());
        } else if let Some(found) = time::month(word).filter(|_| month.is_none()) {
            month = Some(found);
        } else {
            zone = zone.or_else(|| time::offset(word));
        }
    }
    let (month, day, clock) = (month?, day?, clock?);
    let Some(year) = year else { return clue.without_year(month, day, clock) };
    let civil = Date::new(year, month, day).ok()?.to_datetime(clock);
    match zone {
        Some(zone) => Some((zone.to_timestamp(civil).ok()?, TimeSource::Stated)),
        None => clue.local(civil),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_may_stand_in_any_order() {
        let clue = Clue::vietnam("2026-11-22T00:00:00Z".parse().unwrap());
        let read = |text| parse(text, &clue).map(|(time, source)| (time.to_string(), source));
        let expect = |time: &str, source| Some((time.to_owned(), source));
        let stated = expect("2024-03-01T12:00:00Z", TimeSource::Stated);
        assert_eq!(read("Mar 01 2024 12:00:00 UTC"), stated);
        assert_eq!(read("*Mar  1 2024 12:00:00 GMT:"), stated);
        assert_eq!(
            read("19:00:00.5 Fri Mar 1 2024"),
            expect("2024-03-01T12:00:00.5Z", TimeSource::AssumedZone)
        );
        assert_eq!(read("Mar 1 19:00:00"), expect("2026-03-01T12:00:00Z", TimeSource::AssumedYear));
        assert_eq!(
            join("2024-03-01", "19:00:00", "+0700", &clue).map(|(time, _)| time.to_string()),
            Some("2024-03-01T12:00:00Z".to_owned())
        );
        assert_eq!(read("12:00:00 Fri"), None);
        assert_eq!(read(""), None);
    }
}
