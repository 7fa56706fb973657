//! What the centre's own words say in Vietnamese: why something is refused, and what was done.
//!
//! Domain and use cases tell in English. Each sentence that a person can meet has its Vietnamese here,
//! with the places where a value stands; moments and days among the values are written as people here
//! write them. A test walks the sources and finds what is said there and not here.
//!
//! To add one: a pair in the table of its room. `{}` is where a value stands; in the Vietnamese `{n}`
//! stands for an amount, whose thousands are parted, and `{t}` takes nothing but a moment.

mod assurance;
mod deeds;
mod evidence;
mod rooms;
#[cfg(test)]
mod walk;
mod work;

use jiff::Timestamp;
use jiff::civil::Date;
use khien_domain::account::Language;

use super::format::Format;

/// English and Vietnamese of all rooms.
fn sentences() -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    let rooms = work::SENTENCES.iter().chain(assurance::SENTENCES).chain(evidence::SENTENCES);
    rooms.chain(rooms::SENTENCES).chain(deeds::SENTENCES)
}

/// What may stand at a place of a sentence.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Any text, which may be a sentence itself.
    Text,
    /// An amount.
    Amount,
    /// A moment, or the sign of none.
    Moment,
}

/// A sentence in a language. Of several that fit, the one that says most itself; what none fits is
/// shown as it is.
pub(super) fn in_language(language: Language, sentence: &str) -> String {
    let fitting = sentences().filter_map(|(english, vietnamese)| {
        let values = values(english, sentence)?;
        let (texts, places) = parts(vietnamese);
        let fits = places.iter().zip(&values).all(|(place, value)| place.takes(value));
        fits.then_some((english, texts, places, values))
    });
    let Some((english, texts, places, values)) = fitting.max_by_key(|(english, ..)| english.len())
    else {
        return shown(language, sentence);
    };
    let texts = match language {
        Language::English => english.split("{}").collect(),
        Language::Vietnamese => texts,
    };
    let mut texts = texts.into_iter();
    let mut told = texts.next().unwrap_or_default().to_owned();
    for ((text, place), value) in texts.zip(places).zip(values) {
        match (place, value.parse()) {
            (Place::Amount, Ok(amount)) => told.push_str(&Format(language).count(amount)),
            _ => told.push_str(&in_language(language, value)),
        }
        told.push_str(text);
    }
    told
}

/// A value that is no sentence: moments and days as people write them.
fn shown(language: Language, value: &str) -> String {
    let moment = value.ends_with('Z').then(|| value.parse::<Timestamp>().ok()).flatten();
    let day = (value.len() == 10).then(|| value.parse::<Date>().ok()).flatten();
    match (moment, day) {
        (Some(moment), _) => Format(language).minute(moment),
        (None, Some(day)) => day.strftime("%d/%m/%Y").to_string(),
        (None, None) => value.to_owned(),
    }
}

impl Place {
    fn takes(self, value: &str) -> bool {
        self != Self::Moment || value == "…" || value.parse::<Timestamp>().is_ok()
    }
}

/// The texts of a Vietnamese sentence, and what stands between them.
fn parts(vietnamese: &str) -> (Vec<&str>, Vec<Place>) {
    let (mut texts, mut places, mut rest) = (Vec::new(), Vec::new(), vietnamese);
    let known = [("{}", Place::Text), ("{n}", Place::Amount), ("{t}", Place::Moment)];
    loop {
        let found = known.iter().filter_map(|(mark, place)| Some((rest.find(mark)?, mark, *place)));
        let Some((at, mark, place)) = found.min_by_key(|(at, ..)| *at) else { break };
        texts.push(&rest[..at]);
        places.push(place);
        rest = &rest[at + mark.len()..];
    }
    texts.push(rest);
    (texts, places)
}

/// The values at the places of a pattern, if a sentence is of it.
fn values<'s>(pattern: &str, sentence: &'s str) -> Option<Vec<&'s str>> {
    let mut parts = pattern.split("{}");
    let mut rest = sentence.strip_prefix(parts.next()?)?;
    let mut values = Vec::new();
    let parts: Vec<&str> = parts.collect();
    for (at, part) in parts.iter().enumerate() {
        let is_last = at + 1 == parts.len();
        let end = if is_last {
            rest.len().checked_sub(part.len()).filter(|end| rest.get(*end..) == Some(*part))?
        } else {
            rest.find(part)?
        };
        values.push(&rest[..end]);
        rest = &rest[end + part.len()..];
    }
    (rest.is_empty()).then_some(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vi(text: &str) -> String {
        in_language(Language::Vietnamese, text)
    }

    fn en(text: &str) -> String {
        in_language(Language::English, text)
    }

    #[test]
    fn sentences_are_told_in_vietnamese_with_their_values() {
        assert_eq!(vi("a password has at least 12 characters"), "mật khẩu có ít nhất 12 ký tự");
        assert_eq!(vi("the comment is longer than 4000 bytes"), "ghi chú dài quá 4000 byte");
        assert_eq!(vi("the reason is empty"), "lý do chưa được điền");
        assert_eq!(vi("something unheard of"), "something unheard of");
        assert_eq!(en("the password is wrong"), "the password is wrong");
        // A sentence may stand in a sentence, and the one that says most is taken.
        assert_eq!(vi("line 3: the name is empty"), "dòng 3: tên chưa được điền");
        assert_eq!(vi("agency: there is no agency so-xyz"), "cơ quan: không có cơ quan so-xyz");
    }

    #[test]
    fn moments_days_and_amounts_are_written_as_people_write_them() {
        let frozen = "the round of 2026 is frozen: what was so until 2026-11-23T07:23:36Z changes by \
                      an accepted appeal alone";
        assert!(vi(frozen).contains("có đến 23/11/2026 14:23 chỉ"), "{}", vi(frozen));
        assert!(en(frozen).contains("until 23/11/2026 14:23 changes"), "{}", en(frozen));
        assert!(vi("the acceptance ended on 2026-10-05").ends_with("ngày 05/10/2026"));
        let rated = "4 × 4: high; 25600000 to 614400000 đồng a year";
        assert_eq!(vi(rated), "4 × 4: cao; từ 25.600.000 đến 614.400.000 đồng một năm");
        assert_eq!(en(rated), "4 × 4: high; 25,600,000 to 614,400,000 đồng a year");
        // What is an example of a form stays as it has to be typed.
        assert!(
            vi("it is no moment such as 2026-10-15T01:00:00Z").contains("2026-10-15T01:00:00Z")
        );
        // Words between two texts are no span of time.
        assert_eq!(vi("2026-11-23T07:23:36.5Z to …"), "23/11/2026 14:23 đến …");
        assert_eq!(vi("hệ thống to lớn"), "hệ thống to lớn");
    }

    #[test]
    fn both_sides_have_the_same_places() {
        for (english, vietnamese) in sentences() {
            let places = parts(vietnamese).1.len();
            assert_eq!(english.matches("{}").count(), places, "{english}");
            assert!(!english.replace("{}", "").trim().is_empty(), "it fits anything: {vietnamese}");
        }
    }

    #[test]
    fn a_sentence_is_told_once() {
        let mut seen = std::collections::BTreeMap::new();
        for (english, vietnamese) in sentences() {
            let other = seen.insert(english, vietnamese);
            assert!(other.is_none_or(|other| other == vietnamese), "{english}: {other:?}");
        }
    }
}
