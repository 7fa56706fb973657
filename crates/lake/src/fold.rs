//! One form of a text for comparison: blind to case and to NFC or NFD, on request to diacritics.
//!
//! The pure folding stands here; how it is asked of gigabytes without folding them is in `needle.rs`.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The text in lower case and NFC.
pub(crate) fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return fold_ascii(text);
    }
    Cow::Owned(text.chars().map(guard).nfc().map(lower).nfc().collect())
}

/// The text in lower case, without diacritics: «Đăng nhập» becomes «dang nhap».
pub(crate) fn fold_bare(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return fold_ascii(text);
    }
    let bare = |letter: char| match letter {
        'đ' | 'Đ' => 'd',
        other => other,
    };
    let letters = text.chars().map(guard).nfd().filter(|letter| !is_combining_mark(*letter));
    Cow::Owned(letters.map(lower).map(bare).nfc().collect())
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
    use super::{fold, fold_bare};

    #[test]
    fn composed_and_decomposed_are_one() {
        let composed = "Đăng nhập thất bại: Nguyễn Văn Ưu";
        let decomposed: String =
            unicode_normalization::UnicodeNormalization::nfd(composed).collect();
        assert_ne!(composed, decomposed);
        assert_eq!(fold(composed), fold(&decomposed));
        assert_eq!(fold(composed), "đăng nhập thất bại: nguyễn văn ưu");
        assert_eq!(fold_bare(&decomposed), "dang nhap that bai: nguyen van uu");
        assert_eq!(fold_bare(composed), "dang nhap that bai: nguyen van uu");
    }

    #[test]
    fn nothing_but_ascii_becomes_ascii() {
        assert_eq!(fold("300\u{212a}"), "300\u{fffd}");
        assert_eq!(fold("İ"), "İ");
        assert_eq!(fold("Svchost.EXE"), "svchost.exe");
    }
}
