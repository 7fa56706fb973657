//! One form of a text for comparison: blind to case and to NFC or NFD, on request to diacritics.
//!
//! The pure folding stands here; how it is asked of gigabytes without folding them is in `needle.rs`.

use std::borrow::Cow;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The text in lower case and NFC.
pub(crate) fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return fold_ascii(text);
    }
    let simple = |letter: char| is_composed(letter).then(|| lower(letter));
    Cow::Owned(
        letter_by_letter(text, simple)
            .unwrap_or_else(|| text.chars().map(guard).nfc().map(lower).nfc().collect()),
    )
}

/// The text in lower case, without diacritics: «Đăng nhập» becomes «dang nhap».
pub(crate) fn fold_bare(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return fold_ascii(text);
    }
    let simple = |letter: char| is_composed(letter).then(|| bare(letter)).flatten();
    Cow::Owned(letter_by_letter(text, simple).unwrap_or_else(|| bare_slowly(text)))
}

fn bare_slowly(text: &str) -> String {
    let letters = text.chars().map(guard).nfd().filter(|letter| !is_combining_mark(*letter));
    let plain = |letter| if letter == 'đ' { 'd' } else { letter };
    letters.map(lower).map(plain).nfc().collect()
}

/// The text with each letter folded on its own, ASCII in runs; nothing if one letter cannot be.
fn letter_by_letter(text: &str, simple: impl Fn(char) -> Option<char>) -> Option<String> {
    let mut folded = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let run = rest.bytes().position(|byte| !byte.is_ascii()).unwrap_or(rest.len());
        let (ascii, other) = rest.split_at(run);
        let begin = folded.len();
        folded.push_str(ascii);
        if let Some(ascii) = folded.get_mut(begin..) {
            ascii.make_ascii_lowercase();
        }
        let mut letters = other.chars();
        if let Some(letter) = letters.next() {
            folded.push(simple(letter)?);
        }
        rest = letters.as_str();
    }
    Some(folded)
}

/// Whether the letter is in NFC whatever stands around it, except before a combining mark, which is
/// not among these: Latin letters with their diacritics, ideographs, and signs that logs often have.
fn is_composed(letter: char) -> bool {
    matches!(letter,
        '\u{a0}'..='\u{2ff}' | '\u{1e00}'..='\u{1eff}' | '\u{2010}'..='\u{2027}'
        | '\u{2122}' | '\u{4e00}'..='\u{9fff}')
}

/// The letter in lower case and without diacritics, if it is one that Latin has.
fn bare(letter: char) -> Option<char> {
    const LAST: u32 = 0x1eff;
    static BARE: LazyLock<Vec<Option<char>>> = LazyLock::new(|| {
        let one = |code| {
            let folded = bare_slowly(&char::from_u32(code)?.to_string());
            let mut letters = folded.chars();
            letters.next().filter(|_| letters.next().is_none())
        };
        (0..=LAST).map(one).collect()
    });
    if u32::from(letter) > LAST {
        return Some(letter);
    }
    BARE.get(letter as usize).copied().flatten()
}

fn fold_ascii(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}

/// The few signs that normalisation would turn into ASCII are set aside, so that an ASCII text is
/// only ever found where its bytes stand.
fn guard(letter: char) -> char {
    match letter {
        '\u{37e}' | '\u{1fef}' | '\u{212a}' => '\u{fffd}',
        other => other,
    }
}

/// The letter in lower case, if that is one letter.
fn lower(letter: char) -> char {
    let mut letters = letter.to_lowercase();
    match (letters.next(), letters.next()) {
        (Some(one), None) => one,
        _ => letter,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization;

    use super::{fold, fold_bare};

    #[test]
    fn composed_and_decomposed_are_one() {
        let composed = "Đăng nhập thất bại: Nguyễn Văn Ưu";
        let decomposed: String = composed.nfd().collect();
        assert_ne!(composed, decomposed);
        assert_eq!(fold(composed), fold(&decomposed));
        assert_eq!(fold(composed), "đăng nhập thất bại: nguyễn văn ưu");
        assert_eq!(fold_bare(&decomposed), "dang nhap that bai: nguyen van uu");
        assert_eq!(fold_bare(composed), "dang nhap that bai: nguyen van uu");
    }

    proptest! {
        #[test]
        fn letter_by_letter_is_only_faster(text in "[aB ậẬđĐ€ơ\u{301}\u{323}™中éİß\u{1e9b}\u{ff21}\u{1f0}Å]{0,12}") {
            let slowly: String = text.chars().map(super::guard).nfc().map(super::lower).nfc().collect();
            prop_assert_eq!(fold(&text), slowly);
            prop_assert_eq!(fold_bare(&text), super::bare_slowly(&text));
        }
    }

    #[test]
    fn every_letter_that_is_folded_alone_is_folded_right() {
        for letter in (0..0xffff).filter_map(char::from_u32).filter(|l| super::is_composed(*l)) {
            let text = letter.to_string();
            let slowly: String =
                text.chars().map(super::guard).nfc().map(super::lower).nfc().collect();
            assert_eq!(
                (fold(&text), fold_bare(&text)),
                (slowly.into(), super::bare_slowly(&text).into())
            );
        }
    }

    #[test]
    fn nothing_but_ascii_becomes_ascii() {
        assert_eq!(fold("300\u{212a}"), "300\u{fffd}");
        assert_eq!(fold("İ"), "İ");
        assert_eq!(fold("Svchost.EXE"), "svchost.exe");
    }
}
