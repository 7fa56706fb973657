//! What the centre's own words of refusal say in Vietnamese.
//!
//! Domain and use cases tell in English what will not do. Each sentence that a form can meet has its
//! Vietnamese here, with the places where a value stands; what is not here is shown as it is.
//!
//! To add one: a pair in the table of its room, with `{}` where a value stands.

mod assurance;
mod work;

use khien_domain::account::Language;

/// English and Vietnamese of all rooms.
fn sentences() -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    work::SENTENCES.iter().chain(assurance::SENTENCES)
}

/// A sentence in a language.
pub(super) fn in_language(language: Language, sentence: &str) -> String {
    if language == Language::English {
        return sentence.to_owned();
    }
    for (english, vietnamese) in sentences() {
        if let Some(values) = values(english, sentence) {
            let mut values = values.into_iter();
            let mut parts = vietnamese.split("{}");
            let mut text = parts.next().unwrap_or_default().to_owned();
            for part in parts {
                let value = values.next().unwrap_or_default();
                // A value may be a sentence's part of its own, such as the name of a field.
                text.push_str(&word(value));
                text.push_str(part);
            }
            return text;
        }
    }
    sentence.to_owned()
}

fn word(value: &str) -> String {
    let known = sentences().find(|(english, _)| *english == value);
    known.map_or_else(|| value.to_owned(), |(_, vietnamese)| (*vietnamese).to_owned())
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

    #[test]
    fn sentences_are_told_in_vietnamese_with_their_values() {
        let vi = |text| in_language(Language::Vietnamese, text);
        assert_eq!(vi("a password has at least 12 characters"), "mật khẩu có ít nhất 12 ký tự");
        assert_eq!(vi("the comment is longer than 4000 bytes"), "ghi chú dài quá 4000 byte");
        assert_eq!(vi("the reason is empty"), "lý do chưa được điền");
        assert_eq!(vi("something unheard of"), "something unheard of");
        assert_eq!(
            in_language(Language::English, "the password is wrong"),
            "the password is wrong"
        );
    }

    #[test]
    fn both_sides_have_the_same_places() {
        for (english, vietnamese) in sentences() {
            assert_eq!(
                english.matches("{}").count(),
                vietnamese.matches("{}").count(),
                "{english}"
            );
        }
    }
}
