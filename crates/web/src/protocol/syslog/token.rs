//! The token that a message over TLS may bear: an element `[khien@32473 token="…"]` in the
//! structured data of RFC 5424, for senders that cannot show a certificate.
//!
//! In comes a message; out come the token and the message without the element, which is never
//! stored.

use std::ops::Range;

/// The element that bears a token.
const ELEMENT: &[u8] = b"[khien@32473 ";
/// The longest token that is looked at.
const MAX_TOKEN_BYTES: usize = 256;

/// A message that bore a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Borne<'a> {
    /// The token.
    pub token: &'a str,
    /// The message without it.
    pub message: Vec<u8>,
}

/// Takes the token out of a message. `None` if it bears none.
pub fn take(message: &[u8]) -> Option<Borne<'_>> {
    let data = structured_data(message)?;
    let mut at = data.start;
    let mut others = 0;
    let mut found: Option<(Range<usize>, &str)> = None;
    while message.get(at) == Some(&b'[') {
        let end = element_end(message.get(at..)?)? + at;
        let element = message.get(at..end)?;
        if element.starts_with(ELEMENT) {
            found = Some((at..end, token(element)?));
        } else {
            others += 1;
        }
        at = end;
    }
    let (range, token) = found?;
    let mut rest = message.get(..range.start)?.to_vec();
    if others == 0 {
        rest.push(b'-');
    }
    rest.extend_from_slice(message.get(range.end..)?);
    Some(Borne { token, message: rest })
}

/// Where the structured data of an RFC 5424 message stand.
fn structured_data(message: &[u8]) -> Option<Range<usize>> {
    let priority = memchr::memchr(b'>', message.get(..6.min(message.len()))?)?;
    if message.first() != Some(&b'<') || message.get(priority + 1..priority + 3) != Some(b"1 ") {
        return None;
    }
    // Version, time, host, program, process, message id.
    let mut at = priority + 1;
    for _ in 0..6 {
        at += memchr::memchr(b' ', message.get(at..)?)? + 1;
    }
    (message.get(at) == Some(&b'[')).then_some(at..message.len())
}

/// Where an element ends that begins the text, behind its bracket.
fn element_end(text: &[u8]) -> Option<usize> {
    let mut in_value = false;
    let mut bytes = text.iter().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'\\' if in_value => drop(bytes.next()),
            b'"' => in_value = !in_value,
            b']' if !in_value => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// The value of `token` in an element.
fn token(element: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(element).ok()?;
    let (_, rest) = text.split_once(" token=\"")?;
    let (token, _) = rest.split_once('"')?;
    (1..=MAX_TOKEN_BYTES).contains(&token.len()).then_some(token)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BEFORE: &str = "<38>1 2026-11-20T08:00:00Z web-01 sshd 7 -";

    #[test]
    fn the_token_is_taken_out_of_the_message() {
        for (data, expected) in [
            ("[khien@32473 token=\"abc\"]", "-"),
            ("[a@1 x=\"]\\\"[\"][khien@32473 token=\"abc\"]", "[a@1 x=\"]\\\"[\"]"),
            ("[khien@32473 x=\"1\" token=\"abc\"][b@1]", "[b@1]"),
        ] {
            let message = format!("{BEFORE} {data} Failed [khien@32473 token=\"no\"]");
            let borne = take(message.as_bytes()).unwrap();
            assert_eq!(borne.token, "abc");
            let expected = format!("{BEFORE} {expected} Failed [khien@32473 token=\"no\"]");
            assert_eq!(String::from_utf8(borne.message).unwrap(), expected);
        }
    }

    #[test]
    fn messages_without_a_token_are_left_alone() {
        for message in [
            format!("{BEFORE} - Failed [khien@32473 token=\"no\"]"),
            format!("{BEFORE} [khien@32473 key=\"abc\"] x"),
            format!("{BEFORE} [khien@32473 token=\"abc\" x"),
            format!("{BEFORE} [khien@32473 token=\"\"] x"),
            "<38>Nov 20 08:00:00 web-01 sshd[7]: [khien@32473 token=\"no\"]".to_owned(),
            "<38>1 ".to_owned(),
            String::new(),
        ] {
            assert_eq!(take(message.as_bytes()), None, "{message}");
        }
    }

    proptest! {
        #[test]
        fn any_message_is_looked_at(message in "<1>1 [ a\\[\\]\"=\\\\kt]{0,60}") {
            let _ = take(message.as_bytes());
        }
    }
}
