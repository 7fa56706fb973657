//! Sentences with gaps: how devices write addresses, ports and users into prose.
//!
//! A template such as `Login failed for user {username} from host {src_ip}` comes in with a
//! message; the values of the gaps go out as fields. Formats keep their sentences as tables of
//! templates. What no template catches, [`related`] still finds if it is an address. This is no
//! regular expression: a gap ends where the text after it first occurs, and time is linear.

use std::net::IpAddr;

use super::Sample;
use crate::record::{Fields, Record};
use crate::value::Value;

/// The field for addresses that stand in a message without a part that is known.
pub const RELATED_IP: &str = "ip";
/// No message gives more related addresses than this.
const MAX_RELATED: usize = 32;
/// No template has more gaps than this.
const MAX_GAPS: usize = 24;

/// Fills the gaps of the first template that fits. `true` if one did.
///
/// Text between gaps must stand as it is. A gap `{}` is passed over; a gap whose name ends in
/// `ip` holds only an address, one ending in `port` only digits. A gap at the end takes one word,
/// or all the rest if its name ends in `*`. A template that starts with `…` may begin anywhere.
pub fn first<'a>(templates: &[&'static str], text: &'a str, record: &mut Record<'a>) -> bool {
    let mut gaps = Gaps::default();
    for template in templates {
        if fit(template, text, &mut gaps).is_some() {
            for (name, value) in gaps.list.iter().take(gaps.count) {
                record.fields.push_text(name, value);
            }
            return true;
        }
    }
    false
}

struct Gaps<'a> {
    list: [(&'static str, &'a str); MAX_GAPS],
    count: usize,
}

impl Default for Gaps<'_> {
    fn default() -> Self {
        Self { list: [("", ""); MAX_GAPS], count: 0 }
    }
}

fn fit<'a>(template: &'static str, text: &'a str, gaps: &mut Gaps<'a>) -> Option<()> {
    gaps.count = 0;
    let (anywhere, template) = match template.strip_prefix('…') {
        Some(rest) => (true, rest),
        None => (false, template),
    };
    let (literal, mut pattern) = until_gap(template);
    let mut rest = if anywhere {
        text.get(find(text, literal)? + literal.len()..)?
    } else {
        text.strip_prefix(literal)?
    };
    while !pattern.is_empty() {
        let close = pattern.find('}')?;
        let name = pattern.get(1..close)?;
        let (literal, next) = until_gap(pattern.get(close + 1..)?);
        let (value, after) = if literal.is_empty() {
            last(name, rest)
        } else {
            let at = find(rest, literal)?;
            (rest.get(..at)?, rest.get(at + literal.len()..)?)
        };
        let (name, value) = (name.trim_end_matches('*'), value.trim());
        if !holds(name, value) {
            return None;
        }
        if !name.is_empty() {
            *gaps.list.get_mut(gaps.count)? = (name, value);
            gaps.count += 1;
        }
        rest = after;
        pattern = next;
    }
    Some(())
}

fn until_gap(pattern: &'static str) -> (&'static str, &'static str) {
    pattern.split_at(pattern.find('{').unwrap_or(pattern.len()))
}

fn find(text: &str, literal: &str) -> Option<usize> {
    memchr::memmem::find(text.as_bytes(), literal.as_bytes())
}

/// The value of a gap that nothing follows.
fn last<'a>(name: &str, rest: &'a str) -> (&'a str, &'a str) {
    if name.ends_with('*') {
        return (rest.trim(), "");
    }
    let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
    let (word, after) = rest.split_at(end);
    (word.trim_end_matches([',', '.', ';', ':', ')', ']', '"', '\'', '>']), after)
}

fn holds(name: &str, value: &str) -> bool {
    if name.ends_with("ip") {
        value.parse::<IpAddr>().is_ok()
    } else if name.ends_with("port") {
        (1..=5).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_digit())
    } else {
        true
    }
}

/// How sure lines are a device's, by where its mark stands: behind a time, a syslog header that
/// also names the host is preferred.
pub fn sniff(sample: &Sample<'_>, mark: impl Fn(&str) -> Option<usize>) -> u8 {
    let first = sample.share(|line| mark(line) == Some(0));
    let behind = sample.share(|line| mark(line).is_some_and(|at| at < 48));
    (first / 10 * 9).max(behind / 5 * 3)
}

/// Adds a field unless the syslog header has given one of that name.
pub fn push_new<'a>(name: &str, text: &'a str, record: &mut Record<'a>) {
    if record.fields.find(name).is_none() {
        record.fields.push_text(name, text);
    }
}

/// Adds every address of `text` that is no field's value yet as [`RELATED_IP`].
pub fn related<'a>(text: &'a str, record: &mut Record<'a>) {
    let mut count = 0;
    for address in addresses(text) {
        if count < MAX_RELATED && !known(&record.fields, address) {
            record.fields.push(RELATED_IP, Value::text(address));
            count += 1;
        }
    }
}

fn known(fields: &Fields<'_>, address: &str) -> bool {
    fields.iter().any(|field| matches!(&field.value, Value::Text(text) if text == address))
}

/// The IPv4 and IPv6 addresses that stand in a text, without ports and prefix lengths.
pub fn addresses(text: &str) -> impl Iterator<Item = &str> {
    let part = |c: char| c.is_ascii_hexdigit() || c == '.' || c == ':';
    text.split(move |c: char| !part(c)).filter_map(move |token| {
        // Neighbours are told by where the token lies in the text.
        let start = token.as_ptr() as usize - text.as_ptr() as usize;
        let joined = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
        let before = start.checked_sub(1).and_then(|at| text.as_bytes().get(at));
        if joined(before) || joined(text.as_bytes().get(start + token.len())) {
            return token.split(':').find_map(address);
        }
        address(token).or_else(|| token.split(':').find_map(address))
    })
}

fn address(token: &str) -> Option<&str> {
    let token = token.trim_end_matches('.');
    let dotted = token.bytes().filter(|b| *b == b'.').count() == 3;
    let coloned = token.bytes().filter(|b| *b == b':').count() >= 2;
    if !(3..=45).contains(&token.len()) || !(dotted || coloned) {
        return None;
    }
    let found = |token: &str| token.parse::<IpAddr>().is_ok();
    let trimmed = token.trim_end_matches(':');
    [token, trimmed].into_iter().find(|token| found(token))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::symbols::Symbols;

    fn fields(templates: &[&'static str], text: &'static str) -> Vec<(String, String)> {
        let mut record = Record::new(Arc::new(Symbols::default()));
        first(templates, text, &mut record);
        related(text, &mut record);
        let list = record.fields.iter();
        list.map(|f| (record.fields.name(f).to_owned(), f.value.to_text().into_owned())).collect()
    }

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
    }

    #[test]
    fn gaps_become_fields_and_the_first_template_that_fits_counts() {
        let table = &["…from {src_ip}:{src_port} to {}", "Login of {username} from {src_ip}"];
        let found = fields(table, "SYN flood! from 192.0.2.1:80 to x");
        assert_eq!(found, pairs(&[("src_ip", "192.0.2.1"), ("src_port", "80")]));
        let found = fields(table, "Login of An Bình from 2001:db8::1.");
        assert_eq!(found, pairs(&[("username", "An Bình"), ("src_ip", "2001:db8::1")]));
        assert_eq!(fields(table, "Login of An from nowhere"), []);
        assert_eq!(
            fields(&["reason {reason*}"], "reason policy deny "),
            pairs(&[("reason", "policy deny")])
        );
    }

    #[test]
    fn addresses_are_found_wherever_they_stand() {
        let all = |text| addresses(text).collect::<Vec<_>>();
        assert_eq!(
            all("at 192.0.2.1:80->(198.51.100.7), 203.0.113.0/24."),
            ["192.0.2.1", "198.51.100.7", "203.0.113.0"]
        );
        assert_eq!(all("fe80::1%eth0 ::1 [2001:db8::2]:443"), ["fe80::1", "::1", "2001:db8::2"]);
        assert_eq!(all("std::vec a 12:30:45 1.2.3 300.1.1.1 :: aa:bb:cc:dd:ee:ff"), [""; 0]);
        assert_eq!(all("192.0.2.1::X0 v192.0.2.2"), ["192.0.2.1", "192.0.2.2"]);
    }
}
