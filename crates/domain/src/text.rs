//! Texts that people write: length, normal form, letters without diacritics, and no mark of secrecy.
//!
//! Whatever is kept of a person's or a program's words comes through [`line()`], [`paragraph`] or
//! [`reference()`], on whichever way it was handed in, so that what bears a mark is refused here for all
//! rooms. The two functions that end with `as_is` are for what is only looked for in what devices write.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::secrecy;

/// A text that is not acceptable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing but blanks.
    #[error("{what} is empty")]
    Empty {
        /// Which text.
        what: &'static str,
    },
    /// Longer than it may be.
    #[error("{what} is longer than {limit} bytes")]
    Long {
        /// Which text.
        what: &'static str,
        /// What it may be, in bytes.
        limit: usize,
    },
    /// A control character in it.
    #[error("{what} holds a control character")]
    Control {
        /// Which text.
        what: &'static str,
    },
    /// A mark of secrecy on it.
    #[error("{what} bears the mark of secrecy «{mark}»: the centre takes nothing that is secret")]
    Marked {
        /// Which text.
        what: &'static str,
        /// The mark.
        mark: &'static str,
    },
}

/// A text on one line, in NFC, without blanks around it and without a mark of secrecy, of at most
/// `limit` bytes.
pub fn line(what: &'static str, text: &str, limit: usize) -> Result<String, TextError> {
    unmarked(what, line_as_is(what, text, limit)?)
}

/// A text of several lines, in NFC, without blanks around it and without a mark of secrecy, of at most
/// `limit` bytes.
pub fn paragraph(what: &'static str, text: &str, limit: usize) -> Result<String, TextError> {
    unmarked(what, paragraph_as_is(what, text, limit)?)
}

/// The name or number of a document, on one line: a mark stands there between signs too, as in the name of
/// a file.
pub fn reference(what: &'static str, text: &str, limit: usize) -> Result<String, TextError> {
    let text = line(what, text, limit)?;
    match secrecy::find(&text, [], "") {
        Some(found) => Err(TextError::Marked { what, mark: found.mark.name() }),
        None => Ok(text),
    }
}

/// A line that is looked for in what devices write, such as a value of a suppression: it may be the very
/// word of a mark.
pub fn line_as_is(what: &'static str, text: &str, limit: usize) -> Result<String, TextError> {
    checked(what, text, limit, char::is_control)
}

/// The same of several lines, such as a query.
pub fn paragraph_as_is(what: &'static str, text: &str, limit: usize) -> Result<String, TextError> {
    checked(what, text, limit, |c| c.is_control() && !matches!(c, '\n' | '\t' | '\r'))
}

/// A detection rule or a filter: what it says about itself bears no mark of secrecy; what it looks for may.
pub fn rule(what: &'static str, text: &str, limit: usize) -> Result<String, TextError> {
    let text = paragraph_as_is(what, text, limit)?;
    match secrecy::find_in_rule(&text) {
        Some(found) => Err(TextError::Marked { what, mark: found.mark.name() }),
        None => Ok(text),
    }
}

fn unmarked(what: &'static str, text: String) -> Result<String, TextError> {
    match secrecy::find("", [], &text) {
        Some(found) => Err(TextError::Marked { what, mark: found.mark.name() }),
        None => Ok(text),
    }
}

fn checked(
    what: &'static str,
    text: &str,
    limit: usize,
    refused: fn(char) -> bool,
) -> Result<String, TextError> {
    // Before the work of normalising: NFC never makes a text three times shorter.
    if text.len() > limit.saturating_mul(3) {
        return Err(TextError::Long { what, limit });
    }
    let text: String = text.trim().nfc().collect();
    if text.is_empty() {
        return Err(TextError::Empty { what });
    }
    if text.len() > limit {
        return Err(TextError::Long { what, limit });
    }
    if text.contains(refused) {
        return Err(TextError::Control { what });
    }
    Ok(text)
}

/// The text with every letter bare of diacritics: «Độ mật» becomes «Do mat». Case stays.
pub fn without_diacritics(text: &str) -> String {
    text.nfd()
        .filter(|c| !is_combining_mark(*c))
        .map(|c| match c {
            'đ' => 'd',
            'Đ' => 'D',
            c => c,
        })
        .collect()
}

/// A text as it is looked for: without diacritics and in small letters, however it was typed.
pub fn folded(text: &str) -> String {
    without_diacritics(text).to_lowercase()
}

/// Where a text stands among others, as Vietnamese dictionaries and lists order them: by letters
/// (a ă â b c d đ e ê … y), then by tones (none, huyền, hỏi, ngã, sắc, nặng), then small before capital.
///
/// Blanks and marks come before digits, digits before letters, and all letters of other alphabets last.
/// Two places are equal only if the texts are the same in NFC.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Collation {
    letters: Vec<u32>,
    tones: Vec<u8>,
    capitals: Vec<bool>,
    text: String,
}

/// The letters of Vietnamese and, in their places, the four that only other languages write.
const LETTERS: &str = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz";
/// What a tone adds to a letter, from the second on.
const TONES: [char; 5] = ['\u{300}', '\u{309}', '\u{303}', '\u{301}', '\u{323}'];

/// Where a letter, digit or mark stands before its tone.
fn place(letter: char) -> u32 {
    /// What stands before digits, letters, and letters of other alphabets.
    const STEP: u32 = char::MAX as u32 + 1;
    let number = u32::from(letter);
    match LETTERS.chars().zip(0..).find(|(known, _)| *known == letter) {
        Some((_, at)) => 2 * STEP + at,
        None if letter.is_whitespace() => 0,
        None if letter.is_numeric() => STEP + number,
        None if letter.is_alphabetic() => 3 * STEP + number,
        None => number,
    }
}

/// Where a text stands among others.
pub fn collation(text: &str) -> Collation {
    let text: String = text.nfc().collect();
    let (mut letters, mut tones, mut capitals) = (Vec::new(), Vec::new(), Vec::new());
    for letter in text.chars() {
        let (mut bare, mut tone) = (String::new(), 0);
        for part in std::iter::once(letter).nfd() {
            match TONES.iter().zip(1..).find(|(known, _)| **known == part) {
                Some((_, place)) => tone = place,
                None => bare.push(part),
            }
        }
        // A mark that no letter took stays beside the letter before it.
        if bare.is_empty() {
            continue;
        }
        let bare: String = bare.to_lowercase().nfc().collect();
        letters.extend(bare.chars().map(place));
        tones.push(tone);
        capitals.push(letter.is_uppercase());
    }
    Collation { letters, tones, capitals, text }
}

/// The beginning of a text of at most `limit` bytes, cut between characters, with «…» if cut.
pub fn cut(text: &str, limit: usize) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(limit.saturating_sub('…'.len_utf8()));
    format!("{}…", &text[..end])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_bears_a_mark_is_refused_and_words_are_not() {
        let what = "the reason";
        for text in ["TỐI MẬT", "Kế hoạch (MẬT)", "Độ mật: Tuyệt mật", "TOI_MAT", "a\nTỐI MẬT\nb"]
        {
            for text in [text.to_owned(), text.nfd().collect()] {
                let refused = paragraph(what, &text, 99).unwrap_err();
                assert!(matches!(refused, TextError::Marked { .. }), "{text}");
                assert_eq!(
                    paragraph_as_is(what, &text, 99).unwrap(),
                    text.nfc().collect::<String>()
                );
            }
        }
        assert!(line(what, "(TỐI MẬT)", 99).is_err() && line_as_is(what, "(TỐI MẬT)", 99).is_ok());
        for text in ["bí mật", "MẬT KHẨU", "mật mã dân sự", "BẢO MẬT", "Ban Cơ yếu: mật mã"]
        {
            assert_eq!(line(what, text, 99).as_deref(), Ok(text));
            assert_eq!(reference(what, text, 99).as_deref(), Ok(text));
        }
        assert!(reference(what, "12/BC-MẬT", 99).is_err() && line(what, "12/BC-MẬT", 99).is_ok());
        assert!(reference(what, "ke_hoach_toi_mat.pdf", 99).is_err());
    }

    #[test]
    fn a_rule_may_look_for_the_stamp_but_not_bear_it() {
        let rule_of = |title: &str, sought: &str| {
            format!(
                "title: {title}\nlogsource: {{product: windows}}\ndetection:\n  s:\n    FileName|contains:\n      \
                 - {sought}\n      - TOI_MAT\n  condition: s\nlevel: high\n"
            )
        };
        let looks = rule_of("Tài liệu có dấu mật trong tên tệp", "TỐI MẬT");
        assert_eq!(rule("the rule", &looks, 999).as_deref(), Ok(looks.trim()));
        for bearing in [
            rule_of("TỐI MẬT", "x"),
            rule_of("'Kế hoạch (TỐI MẬT)'", "x"),
            format!("# Độ mật: Tối mật\n{looks}"),
            format!("{looks}description: |\n  Trích kế hoạch\n  TUYỆT MẬT\n"),
        ] {
            let refused = rule("the rule", &bearing, 999);
            assert!(matches!(refused, Err(TextError::Marked { .. })), "{bearing}");
        }
    }

    #[test]
    fn names_are_kept_in_nfc_without_blanks_around() {
        let nfd: String = "Sở Khoa học và Công nghệ".nfd().collect();
        assert_eq!(line("name", &format!("  {nfd}\n"), 200).unwrap(), "Sở Khoa học và Công nghệ");
    }

    #[test]
    fn what_is_empty_long_or_has_controls_is_refused() {
        assert_eq!(line("name", " \t", 9), Err(TextError::Empty { what: "name" }));
        assert_eq!(line("name", "ấ", 2), Err(TextError::Long { what: "name", limit: 2 }));
        assert_eq!(line("name", "a\u{7}b", 9), Err(TextError::Control { what: "name" }));
        assert_eq!(line("name", "a\nb", 9), Err(TextError::Control { what: "name" }));
        assert_eq!(paragraph("comment", "a\nb", 9).unwrap(), "a\nb");
    }

    #[test]
    fn letters_lose_their_diacritics_and_keep_their_case() {
        assert_eq!(without_diacritics("Độ mật: TUYỆT MẬT ườ"), "Do mat: TUYET MAT uo");
    }

    #[test]
    fn names_stand_as_in_vietnamese_lists() {
        let sorted = [
            "",
            "01 bàn",
            "an",
            "An",
            "Ăn",
            "ấm",
            "bà",
            "Bà",
            "bả",
            "bã",
            "bá",
            "bạ",
            "Bà Rịa",
            "Ba Vì",
            "Ba Vì A",
            "Dương",
            "Đặc khu Đảo Mẫu",
            "Phường Ví Dụ Đông",
            "Phường Ví Dụ Nam",
            "Phường Ví Dụ Tây",
            "Sở Công Thương",
            "Sở Y tế",
            "Ủy ban nhân dân",
            "Văn phòng",
            "Ω",
        ];
        let mut found = sorted;
        found.reverse();
        found.sort_by_cached_key(|text| collation(text));
        assert_eq!(found, sorted);
    }

    #[test]
    fn a_place_among_others_is_the_same_however_it_was_typed() {
        let nfd: String = "Phường Ví Dụ Đông".nfd().collect();
        assert_eq!(collation(&nfd), collation("Phường Ví Dụ Đông"));
        assert_eq!(folded(&nfd), "phuong vi du dong");
    }

    fn names() -> impl Strategy<Value = String> {
        proptest::collection::vec(
            prop_oneof!["[a-zA-Z 0-9]", "[ăâđêôơưĂÂĐÊÔƠƯ]", "[àảãáạằậếỡựỳỵ]"],
            0..6,
        )
        .prop_map(|letters| letters.concat())
    }

    proptest! {
        /// Places of two texts are equal only if the texts are; letters decide before tones and case.
        #[test]
        fn places_are_total_and_letters_come_first(a in names(), b in names()) {
            let (at, of) = (collation(&a), collation(&b));
            prop_assert_eq!(at == of, a.nfc().eq(b.nfc()));
            let bare = |text: &str| {
                let kept = text.nfd().filter(|c| !TONES.contains(c));
                kept.collect::<String>().to_lowercase().nfc().collect::<String>()
            };
            let (c, d) = (collation(&bare(&a)), collation(&bare(&b)));
            if c != d {
                prop_assert_eq!(at.cmp(&of), c.cmp(&d));
            }
        }
    }

    #[test]
    fn a_cut_falls_between_characters() {
        assert_eq!(cut("mật khẩu", 20), "mật khẩu");
        assert_eq!(cut("mật khẩu", 6), "m…");
        assert!(cut("mật khẩu", 7).len() <= 7);
    }
}
