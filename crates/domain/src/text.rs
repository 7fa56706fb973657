//! Texts that people write: length, normal form, letters without diacritics.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

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
}

/// A text on one line, in NFC, without blanks around it, of at most `limit` bytes.
pub fn line(what: &'static str, text: &str, limit: usize) -> Result<String, TextError> {
    checked(what, text, limit, char::is_control)
}

/// A text of several lines, in NFC, without blanks around it, of at most `limit` bytes.
pub fn paragraph(what: &'static str, text: &str, limit: usize) -> Result<String, TextError> {
    checked(what, text, limit, |c| c.is_control() && !matches!(c, '\n' | '\t' | '\r'))
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
    use super::*;

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
    fn a_cut_falls_between_characters() {
        assert_eq!(cut("mật khẩu", 20), "mật khẩu");
        assert_eq!(cut("mật khẩu", 6), "m…");
        assert!(cut("mật khẩu", 7).len() <= 7);
    }
}
