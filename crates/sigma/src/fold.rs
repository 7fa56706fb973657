//! Ways of reading text before it is compared.
//!
//! Sigma compares without regard to case unless told otherwise, and `windash` without regard to
//! which of five dashes and slashes introduces an option. A pattern and the text it is compared
//! with are folded the same way once, so that comparing is comparing bytes.

use khien_event::Value;
use khien_event::value::decode_utf16;

/// What is made equal before a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fold {
    /// Nothing: `cased`, regular expressions.
    None,
    /// Upper and lower case, in any script.
    Case,
    /// Case, and `-` `/` `–` `—` `―` (`windash`).
    Dash,
}

/// Folds text.
pub fn fold(fold: Fold, text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    fold_into(fold, text, &mut out);
    out
}

/// Folds a text that is not needed any more; most are folded where they are.
pub fn fold_owned(how: Fold, mut text: String) -> String {
    match how {
        Fold::None => text,
        Fold::Case if text.is_ascii() => {
            text.make_ascii_lowercase();
            text
        }
        Fold::Case | Fold::Dash => fold(how, &text),
    }
}

/// Folds text and appends it.
pub fn fold_into(fold: Fold, text: &str, out: &mut String) {
    match fold {
        Fold::None => out.push_str(text),
        Fold::Case => fold_case(text, out),
        Fold::Dash => out.extend(text.chars().flat_map(lower).map(dash)),
    }
}

/// Stretches of ASCII, which most text is, are copied and changed as bytes.
fn fold_case(text: &str, out: &mut String) {
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.bytes().position(|byte| !byte.is_ascii()).unwrap_or(rest.len());
        let (ascii, after) = rest.split_at(end);
        let start = out.len();
        out.push_str(ascii);
        if let Some(tail) = out.get_mut(start..) {
            tail.make_ascii_lowercase();
        }
        let end = after.bytes().position(|byte| byte.is_ascii()).unwrap_or(after.len());
        let (other, after) = after.split_at(end);
        out.extend(other.chars().flat_map(lower));
        rest = after;
    }
}

/// Folds the text of a value and appends it; `scratch` is any buffer.
pub fn fold_value(how: Fold, value: &Value<'_>, scratch: &mut String, out: &mut String) {
    match (how, value) {
        (Fold::None, _) => value.write_text(out),
        (_, Value::Text(text)) => fold_into(how, text, out),
        (Fold::Case, Value::Utf16(bytes)) => {
            // Most text is ASCII: decoded in place, it needs no second copy.
            let start = out.len();
            decode_utf16(bytes, out);
            match out.get_mut(start..) {
                Some(tail) if tail.is_ascii() => tail.make_ascii_lowercase(),
                _ => {
                    scratch.clear();
                    scratch.push_str(out.get(start..).unwrap_or_default());
                    out.truncate(start);
                    fold_case(scratch, out);
                }
            }
        }
        _ => {
            scratch.clear();
            value.write_text(scratch);
            fold_into(how, scratch, out);
        }
    }
}

fn lower(c: char) -> impl Iterator<Item = char> {
    // The two small sigmas of Greek are one letter.
    let c = if c == 'ς' { 'σ' } else { c };
    c.to_lowercase()
}

fn dash(c: char) -> char {
    if matches!(c, '/' | '–' | '—' | '―') { '-' } else { c }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_is_folded_in_vietnamese_and_greek_too() {
        assert_eq!(fold(Fold::Case, "ĐĂNG NHẬP Thất Bại"), fold(Fold::Case, "đăng nhập thất bại"));
        assert_eq!(fold(Fold::Case, "ΟΔΟΣ"), fold(Fold::Case, "οδος"));
        assert_eq!(fold(Fold::None, "Aa"), "Aa");
    }

    #[test]
    fn all_dashes_are_one() {
        for dash in ["-", "/", "–", "—", "―"] {
            assert_eq!(fold(Fold::Dash, &format!(" {dash}Enc")), " -enc");
        }
    }
}
