//! Text of events as it can be looked at: what is not seen becomes a sign, what turns the direction of
//! writing loses its force, what is endless is cut.
//!
//! Templates escape what means something in HTML; this is about what means something to the eye.

use std::borrow::Cow;

/// A text on one line: control characters as pictures, marks of direction by their names.
pub(super) fn shown(text: &str) -> Cow<'_, str> {
    if !text.contains(|c| sign(c).is_some()) {
        return Cow::Borrowed(text);
    }
    let mut seen = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        push(&mut seen, c);
    }
    Cow::Owned(seen)
}

/// The same of several lines: line breaks and tabs stay.
pub(super) fn shown_lines(text: &str) -> String {
    let mut seen = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        match c {
            '\n' | '\t' => seen.push(c),
            '\r' if letters.peek() == Some(&'\n') => {}
            c => push(&mut seen, c),
        }
    }
    seen
}

/// The beginning of a text on one line, with «…» if it goes on.
pub(super) fn beginning(text: &str, bytes: usize) -> String {
    shown(&khien_domain::text::cut(text, bytes)).into_owned()
}

fn push(seen: &mut String, c: char) {
    match sign(c) {
        Some(Sign::Picture(picture)) => seen.push(picture),
        Some(Sign::Name(name)) => {
            seen.push('⟨');
            seen.push_str(name);
            seen.push('⟩');
        }
        Some(Sign::Number) => seen.push_str(&format!("⟨U+{:04X}⟩", u32::from(c))),
        None => seen.push(c),
    }
}

enum Sign {
    /// The picture of a control character (Unicode block «Control Pictures»).
    Picture(char),
    /// A name.
    Name(&'static str),
    /// Its number.
    Number,
}

/// What is shown in the place of a character that is not seen or turns what is.
fn sign(c: char) -> Option<Sign> {
    let name = match c {
        '\0'..='\u{1f}' => {
            return char::from_u32(0x2400 + u32::from(c)).map(Sign::Picture);
        }
        '\u{7f}' => return Some(Sign::Picture('\u{2421}')),
        '\u{61c}' => "ALM",
        '\u{200b}' => "ZWSP",
        '\u{200e}' => "LRM",
        '\u{200f}' => "RLM",
        '\u{2028}' => "LS",
        '\u{2029}' => "PS",
        '\u{202a}' => "LRE",
        '\u{202b}' => "RLE",
        '\u{202c}' => "PDF",
        '\u{202d}' => "LRO",
        '\u{202e}' => "RLO",
        '\u{2060}' => "WJ",
        '\u{2066}' => "LRI",
        '\u{2067}' => "RLI",
        '\u{2068}' => "FSI",
        '\u{2069}' => "PDI",
        '\u{feff}' => "BOM",
        '\u{80}'..='\u{9f}'
        | '\u{ad}'
        | '\u{180e}'
        | '\u{2061}'..='\u{2064}'
        | '\u{206a}'..='\u{206f}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => {
            return Some(Sign::Number);
        }
        _ => return None,
    };
    Some(Sign::Name(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_not_seen_stays_unseen() {
        assert_eq!(shown("tài liệu 日本 العربية 👩‍💻"), "tài liệu 日本 العربية 👩‍💻");
        assert!(matches!(shown("plain"), Cow::Borrowed(_)));
        assert_eq!(shown("a\0b\x1b[31mc\r\n\x7f"), "a␀b␛[31mc␍␊␡");
        assert_eq!(shown("invoice\u{202e}fdp.exe"), "invoice⟨RLO⟩fdp.exe");
        assert_eq!(shown("a\u{200b}b\u{85}c\u{e0041}"), "a⟨ZWSP⟩b⟨U+0085⟩c⟨U+E0041⟩");
    }

    #[test]
    fn lines_stay_where_there_are_many() {
        assert_eq!(shown_lines("a\r\n\tb\rc\n"), "a\n\tb␍c\n");
    }

    #[test]
    fn what_is_long_is_cut_between_letters() {
        let long = "ạ".repeat(400_000);
        let cut = beginning(&long, 200);
        assert!(cut.len() <= 203 && cut.ends_with('…'), "{}", cut.len());
        assert_eq!(beginning("\u{202e}x", 200), "⟨RLO⟩x");
    }
}
