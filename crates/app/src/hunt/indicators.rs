//! Lists of indicators: what attackers use, as somebody wrote it down.
//!
//! In comes a text in one of three forms, told apart by what it begins with:
//!
//! - one indicator a line, as text, also defanged (`hxxps://evil[.]example`); what it is tells its
//!   form; blank lines and lines with `#` are passed over;
//! - CSV with a line of names among which are `type` and `value` (or `indicator`), and perhaps `comment`;
//! - a STIX 2.1 bundle: `indicator` objects with patterns of comparisons joined by `OR`.
//!
//! What is not understood is told with its place, never passed over silently.

use std::collections::HashSet;
use std::net::IpAddr;

use khien_lake::query::Network;

use super::quarry::Told;

mod csv;
mod plain;
mod stix;

/// The most indicators of a list.
pub const MAX_INDICATORS: usize = 250_000;
/// No indicator is longer.
const MAX_BYTES: usize = 2_000;
/// A text that is looked for has at least so many letters: shorter ones are everywhere.
const MIN_TEXT: usize = 4;
/// Of what is said about an indicator, so much is kept.
const NOTE_BYTES: usize = 200;

/// What an indicator is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// An address.
    Address,
    /// A network of addresses.
    Network,
    /// A domain, with all below it.
    Domain,
    /// An MD5 of a file.
    Md5,
    /// A SHA-1 of a file.
    Sha1,
    /// A SHA-256 of a file.
    Sha256,
    /// A URL, with all below it.
    Url,
    /// An e-mail address.
    Email,
    /// An account.
    User,
    /// The name or the path of a file.
    File,
    /// Any text.
    Text,
}

impl Kind {
    /// The name that hits bear.
    pub fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Network => "network",
            Self::Domain => "domain",
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Url => "url",
            Self::Email => "email",
            Self::User => "user",
            Self::File => "file",
            Self::Text => "text",
        }
    }
}

/// An indicator in its one form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Indicator {
    /// What it is.
    pub kind: Kind,
    /// What is looked for: in lower case, addresses in their canonical form.
    pub value: String,
    /// What its list says of it: a comment, a name, an id.
    pub note: String,
}

/// What was read from a list.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// The indicators, each once.
    pub indicators: Vec<Indicator>,
    /// What could not be used.
    pub refused: Vec<Told>,
}

/// Reads a list; the error says why none of it can be read.
pub fn read(text: &str) -> Result<Read, String> {
    let text = text.trim_start_matches('\u{feff}');
    let mut list = List::default();
    if text.trim_start().starts_with('{') {
        stix::read(text, &mut list)?;
    } else if let Some(header) = csv::header(text) {
        csv::read(text, &header, &mut list);
    } else {
        plain::read(text, &mut list);
    }
    if list.read.indicators.len() > MAX_INDICATORS {
        return Err(format!("a list has at most {MAX_INDICATORS} indicators"));
    }
    Ok(list.read)
}

/// A list in the making.
#[derive(Default)]
struct List {
    read: Read,
    known: HashSet<(Kind, String)>,
}

impl List {
    /// Adds an indicator, unless it is there already.
    fn add(&mut self, kind: Kind, value: String, note: &str) {
        if self.known.insert((kind, value.clone())) {
            let note = khien_domain::text::cut(note.trim(), NOTE_BYTES);
            self.read.indicators.push(Indicator { kind, value, note });
        }
    }

    /// Adds an indicator whose kind is known by name, or tells why not.
    fn add_named(&mut self, at: &str, name: &str, value: &str, note: &str) {
        match named(name, value) {
            Ok((kind, value)) => self.add(kind, value, note),
            Err(reason) => self.refuse(at, reason),
        }
    }

    fn refuse(&mut self, at: &str, reason: impl Into<String>) {
        self.read.refused.push(Told { at: at.to_owned(), reason: reason.into() });
    }
}

/// The text without what keeps people from following it by mistake.
fn refanged(text: &str) -> String {
    let mut plain = text.trim().to_owned();
    for (from, to) in [
        ("[.]", "."),
        ("(.)", "."),
        ("{.}", "."),
        ("[dot]", "."),
        ("(dot)", "."),
        ("[:]", ":"),
        ("[://]", "://"),
        ("[@]", "@"),
        ("[at]", "@"),
        ("(at)", "@"),
        ("[/]", "/"),
    ] {
        if plain.contains(from) {
            plain = plain.replace(from, to);
        }
    }
    let begins =
        |prefix: &str| plain.get(..prefix.len()).is_some_and(|p| p.eq_ignore_ascii_case(prefix));
    if begins("hxxp") || begins("h**p") {
        plain = format!("http{}", plain.get(4..).unwrap_or_default());
    } else if begins("fxp") {
        plain = format!("ftp{}", plain.get(3..).unwrap_or_default());
    }
    plain
}

/// An address in its canonical form.
fn address(text: &str) -> Option<String> {
    Some(text.parse::<IpAddr>().ok()?.to_canonical().to_string())
}

/// A network in its canonical form; one of a single address is that address.
fn network(text: &str) -> Option<(Kind, String)> {
    let (start, prefix) = text.split_once('/')?;
    let start: IpAddr = start.parse().ok()?;
    let prefix = prefix.parse().ok()?;
    let network = Network::new(start, prefix)?;
    let single = if start.is_ipv4() { 32 } else { 128 };
    Some(if prefix == single {
        (Kind::Address, start.to_canonical().to_string())
    } else {
        (Kind::Network, network.to_string())
    })
}

fn hash(text: &str) -> Option<(Kind, String)> {
    let kind = match text.len() {
        32 => Kind::Md5,
        40 => Kind::Sha1,
        64 => Kind::Sha256,
        _ => return None,
    };
    let is_hash = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hash.then(|| (kind, text.to_ascii_lowercase()))
}

fn domain(text: &str) -> Option<String> {
    let name = text.strip_prefix("*.").unwrap_or(text).trim_matches('.').to_lowercase();
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
    };
    let last = name.rsplit('.').next().unwrap_or_default();
    let is_name = name.len() <= 253
        && name.contains('.')
        && name.split('.').all(label)
        && last.chars().count() >= 2
        && !last.chars().all(|c| c.is_ascii_digit());
    is_name.then_some(name)
}

fn url(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    let is_url = (2..=10).contains(&scheme.len())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && !rest.is_empty()
        && !text.contains(char::is_whitespace);
    is_url.then(|| text.trim_end_matches('/').to_lowercase())
}

fn email(text: &str) -> Option<String> {
    let (name, host) = text.split_once('@')?;
    let is_name = !name.is_empty() && !name.contains(char::is_whitespace) && domain(host).is_some();
    is_name.then(|| text.to_lowercase())
}

fn any(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_lowercase())
}

/// An indicator whose kind has this name in lists that people exchange.
fn named(name: &str, value: &str) -> Result<(Kind, String), String> {
    let shown = khien_domain::text::cut(value, 100);
    if value.len() > MAX_BYTES {
        return Err(format!("«{shown}» is longer than {MAX_BYTES} bytes"));
    }
    let name = name.trim().to_ascii_lowercase().replace(['_', ' '], "-");
    let plain = refanged(value);
    let of = |kind: Kind, value: Option<String>| value.map(|value| (kind, value));
    let found = match name.as_str() {
        "address" | "ip" | "ipv4" | "ipv6" | "ip-src" | "ip-dst" | "ip-address" | "ipv4-addr"
        | "ipv6-addr" | "cidr" | "network" => {
            of(Kind::Address, address(&plain)).or_else(|| network(&plain))
        }
        "domain" | "hostname" | "fqdn" | "domain-name" => of(Kind::Domain, domain(&plain)),
        "url" | "uri" | "link" => of(Kind::Url, url(&plain)),
        "md5" | "sha1" | "sha-1" | "sha256" | "sha-256" | "hash" | "filehash-md5"
        | "filehash-sha1" | "filehash-sha256" => hash(&plain),
        "email" | "email-addr" | "email-src" | "email-dst" | "e-mail" => {
            of(Kind::Email, email(&plain))
        }
        "user" | "username" | "account" | "user-account" => of(Kind::User, any(&plain)),
        "file" | "filename" | "file-name" | "path" | "file-path" => {
            of(Kind::File, any(value.trim()))
        }
        "text" | "keyword" | "string" => {
            if value.trim().chars().count() < MIN_TEXT {
                return Err(format!("a text has at least {MIN_TEXT} letters"));
            }
            of(Kind::Text, any(value.trim()))
        }
        _ => {
            let name = khien_domain::text::cut(&name, 100);
            return Err(format!("the type «{name}» is not understood"));
        }
    };
    found.ok_or_else(|| format!("«{shown}» is not of the type {name}"))
}

#[cfg(test)]
mod tests;
