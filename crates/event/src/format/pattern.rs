//! Messages of programs, by patterns.
//!
//! Daemons print their messages with `printf`, so a message is a fixed text with holes. A
//! [`Pattern`] is that text with the holes named: `{user}` reaches up to the first place where
//! the following text stands, `{user>}` up to the last, and `{}` is a hole that nobody wants.
//! The longest form is for what strangers choose, such as the name given at a login: it cannot
//! then forge the text that follows. There is no backtracking, so matching is linear.
//!
//! Names are checked where that tells messages apart: a `…_port` holds digits only, a hole with
//! `!` an address, and a `src_ip` that holds no address becomes `src_host`. A hole that another
//! follows at once holds a word. A pattern ends where the message ends unless a hole is last.

use std::net::IpAddr;

use crate::record::Record;
use crate::value::Value;

/// A pattern has no more holes than this.
const MAX_HOLES: usize = 12;

/// One message of a program and what it means.
#[derive(Clone, Copy, Debug)]
pub struct Pattern {
    /// The text with its holes.
    pub text: &'static str,
    /// Fields that such a message has besides those in its holes.
    pub set: &'static [(&'static str, &'static str)],
}

/// A [`Pattern`] in a table.
pub const fn t(text: &'static str, set: &'static [(&'static str, &'static str)]) -> Pattern {
    Pattern { text, set }
}

/// Fields of the first pattern that fits; `false` if none does.
pub fn apply<'a>(patterns: &[Pattern], message: &'a str, record: &mut Record<'a>) -> bool {
    let first = message.bytes().next();
    let may_fit = |pattern: &&Pattern| {
        let start = pattern.text.bytes().next();
        start == first || start == Some(b'{')
    };
    for pattern in patterns.iter().filter(may_fit) {
        let Some((holes, count)) = fit(pattern.text, message) else { continue };
        for (name, value) in holes.into_iter().take(count) {
            push(record, name, value);
        }
        for (name, value) in pattern.set {
            record.fields.push(name, Value::text(value));
        }
        return true;
    }
    false
}

/// Adds a field; a `src_ip` or `dst_ip` that is no address becomes `src_host` or `dst_host`.
pub fn push<'a>(record: &mut Record<'a>, name: &str, value: &'a str) {
    let value = value.trim();
    let name = match name {
        "src_ip" if address(value).is_none() => "src_host",
        "dst_ip" if address(value).is_none() => "dst_host",
        name => name,
    };
    record.fields.push_text(name, value);
}

/// The address that `text` is, whatever its zone.
pub fn address(text: &str) -> Option<IpAddr> {
    if text.len() > 64 || !text.bytes().any(|byte| matches!(byte, b'.' | b':')) {
        return None;
    }
    text.split('%').next()?.parse().ok()
}

type Holes<'a> = [(&'static str, &'a str); MAX_HOLES];

fn fit<'a>(pattern: &'static str, message: &'a str) -> Option<(Holes<'a>, usize)> {
    let mut holes: Holes<'a> = [("", ""); MAX_HOLES];
    let mut count = 0;
    let (start, mut pattern) = pattern.split_once('{').unwrap_or((pattern, ""));
    let mut rest = message.strip_prefix(start)?;
    while let Some((hole, after)) = pattern.split_once('}') {
        let (literal, next) = match after.find('{') {
            Some(at) => (after.get(..at)?, after.get(at + 1..)?),
            None => (after, ""),
        };
        let (name, greedy) = match hole.strip_suffix('>') {
            Some(name) => (name, true),
            None => (hole, false),
        };
        let (name, address_only) = match name.strip_suffix('!') {
            Some(name) => (name, true),
            None => (name, false),
        };
        let last = next.is_empty();
        let length = if literal.is_empty() && last {
            rest.len()
        } else if literal.is_empty() {
            // Another hole follows at once: this one holds a word.
            rest.find([' ', ',', ';', ')', ']']).unwrap_or(rest.len())
        } else if last {
            // The message ends with the pattern's last text.
            rest.len().checked_sub(literal.len()).filter(|_| rest.ends_with(literal))?
        } else if greedy {
            // A blank alone says little: it is the last one before the next text.
            let second = if literal == " " { following(next) } else { "" };
            let end = if second.is_empty() { rest.len() } else { rest.rfind(second)? };
            rest.get(..end)?.rfind(literal)?
        } else {
            memchr::memmem::find(rest.as_bytes(), literal.as_bytes())?
        };
        let value = rest.get(..length)?;
        if name.ends_with("_port") && !digits(value) || address_only && address(value).is_none() {
            return None;
        }
        if !name.is_empty() {
            *holes.get_mut(count)? = (name, value);
            count += 1;
        }
        rest = rest.get(length + literal.len()..)?;
        pattern = next;
    }
    rest.is_empty().then_some((holes, count))
}

/// The text after the hole whose inside `pattern` begins with.
fn following(pattern: &str) -> &str {
    let after = pattern.split_once('}').map_or("", |(_, after)| after);
    after.split('{').next().unwrap_or("")
}

/// Whether `text` is a number.
pub fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Adds the addresses of a message that no pattern knew: after `from` or the like a `src_ip`,
/// after `to` a `dst_ip`, and otherwise an `ip`. Records that have an address are left alone.
pub fn sweep_addresses<'a>(message: &'a str, record: &mut Record<'a>) {
    const TO: [&str; 4] = ["to", "dst", "server", "listen"];
    const FROM: [&str; 7] = ["from", "by", "client", "with", "src", "rhost", "ip"];
    let has = |name| record.fields.find(name).is_some();
    if ["src_ip", "dst_ip", "c-ip"].into_iter().any(has) {
        return;
    }
    let part = |c: char| c.is_ascii_hexdigit() || c == '.' || c == ':';
    let mut start = 0;
    while let Some(found) = message.get(start..).and_then(|rest| rest.find(part)) {
        let from = start + found;
        let rest = message.get(from..).unwrap_or("");
        let length = rest.find(|c| !part(c)).unwrap_or(rest.len());
        start = from + length;
        let token = rest.get(..length).unwrap_or("").trim_end_matches(['.', ':']);
        let Some(token) = token_address(token) else { continue };
        let before = message.get(..from).unwrap_or("");
        // `192.0.2.1.example`, `v1.2.3.4` and `lib-1.2.3.4` are names and versions.
        let joins = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '/');
        let after = rest.get(length..).unwrap_or("");
        if before.ends_with(joins) || after.starts_with(|c: char| c != '/' && joins(c)) {
            continue;
        }
        let word = before.trim_end_matches(|c: char| !c.is_alphanumeric());
        let word = word.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or("");
        let is = |words: &[&str]| words.iter().any(|known| known.eq_ignore_ascii_case(word));
        let name = if is(&FROM) {
            "src_ip"
        } else if is(&TO) {
            "dst_ip"
        } else {
            "ip"
        };
        record.fields.push_text(name, token);
    }
}

/// The address that a run of address characters is or begins with (`192.0.2.1:443`).
fn token_address(token: &str) -> Option<&str> {
    if token.len() < 3 || token.len() > 64 {
        return None;
    }
    let dots = token.bytes().filter(|byte| *byte == b'.').count();
    let colons = token.bytes().filter(|byte| *byte == b':').count();
    if dots < 3 && colons < 2 {
        return None;
    }
    if address(token).is_some() {
        return Some(token);
    }
    let (host, port) = token.rsplit_once(':')?;
    (colons == 1 && digits(port) && address(host).is_some()).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::symbols::Symbols;
    use std::sync::Arc;

    fn fields(pattern: &'static str, message: &str) -> Option<String> {
        let mut record = Record::new(Arc::new(Symbols::default()));
        apply(&[t(pattern, &[("a", "b")])], message, &mut record).then(|| {
            let text = |f| format!("{}={}", record.fields.name(f), f.value.to_text());
            record.fields.iter().map(text).collect::<Vec<_>>().join("; ")
        })
    }

    #[test]
    fn holes_take_what_stands_between_the_texts() {
        let pattern = "Failed for {user>} from {src_ip} port {src_port} ssh2";
        let forged = "Failed for root from 203.0.113.9 port 1 ssh2 from 192.0.2.1 port 22 ssh2";
        assert_eq!(
            fields(pattern, forged).as_deref(),
            Some("user=root from 203.0.113.9 port 1 ssh2; src_ip=192.0.2.1; src_port=22; a=b")
        );
        let blank = "by {user>} {src_ip} port {src_port} {}";
        assert_eq!(
            fields(blank, "by an b 192.0.2.1 port 7 x y").as_deref(),
            Some("user=an b; src_ip=192.0.2.1; src_port=7; a=b")
        );
        assert_eq!(fields(pattern, "Failed for x from y port z ssh2"), None);
        assert_eq!(fields(pattern, "Failed for x from y port 1 ssh2 "), None);
        assert_eq!(fields("x {}", "x yz").as_deref(), Some("a=b"));
        assert_eq!(fields("x", "x yz"), None);
        assert_eq!(fields("by {src_ip!}", "by p.example"), None);
        assert_eq!(fields("{src_ip}{}", "192.0.2.1, x").as_deref(), Some("src_ip=192.0.2.1; a=b"));
        assert_eq!(
            fields("by {src_ip}", "by p.example").as_deref(),
            Some("src_host=p.example; a=b")
        );
    }

    #[test]
    fn addresses_are_found_and_versions_are_not() {
        let sweep = |message| {
            let mut record = Record::new(Arc::new(Symbols::default()));
            sweep_addresses(message, &mut record);
            let text = |f| format!("{}={}", record.fields.name(f), f.value.to_text());
            record.fields.iter().map(text).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            sweep("went from [192.0.2.1]:25 to 2001:db8::1."),
            "src_ip=192.0.2.1 dst_ip=2001:db8::1"
        );
        assert_eq!(sweep("peer (198.51.100.7:443)"), "ip=198.51.100.7");
        assert_eq!(sweep("v1.2.3.4 at 10:20:30, lib-1.2.3.4, 1.2.3.4.5 192.0.2.1.example a::"), "");
    }
}
