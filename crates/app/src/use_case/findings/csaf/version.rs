//! Versions and names of products as documents and the register write them, made comparable.
//!
//! Nothing is ordered here: whether 1.9 comes before 1.10 each maker says otherwise, so that a range is never
//! worked out.

use std::collections::BTreeSet;

use khien_domain::limits::NAME_BYTES;
use khien_domain::text::{cut, folded};

/// Which versions of a product are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Version {
    /// All of them.
    Whole,
    /// One.
    Exact(String),
    /// Those that a text describes.
    Range(String),
}

/// How one version compares with another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compared {
    /// They are the same.
    Same,
    /// One is told more exactly than the other, 1.2 and 1.2.7, or is not told as one version.
    Rough,
    /// They are two.
    Other,
}

impl Version {
    /// The versions that a range names.
    pub(super) fn range(text: &str) -> Self {
        let bare = folded(text.trim());
        let all = ["*", "all", "all versions", "all version", "tat ca", "moi phien ban"];
        let is_all = bare.starts_with("vers:") && bare.ends_with("/*");
        if is_all || all.contains(&bare.as_str()) { Self::Whole } else { Self::some(text) }
    }

    /// What a text in the place of one version names; nothing if it says none.
    pub(super) fn told(text: &str) -> Option<Self> {
        let bare = version(text)?;
        let is_range = bare.starts_with("vers:")
            || bare.contains(|c: char| "<>=≤≥*,".contains(c) || c.is_whitespace());
        Some(if is_range { Self::range(text) } else { Self::Exact(bare) })
    }

    /// Those that a text describes, of which the beginning does.
    pub(super) fn some(text: &str) -> Self {
        Self::Range(super::line(&cut(text, NAME_BYTES)))
    }
}

/// A name as it is compared: small, bare of diacritics, blanks in the place of hyphens.
pub(super) fn name(text: &str) -> String {
    let text = folded(text).replace(['_', '-'], " ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The letters and digits of a name, by which names that are spelled otherwise may be one; nothing if they are few.
pub(super) fn letters(name: &str) -> Option<String> {
    let letters: String = name.chars().filter(|c| c.is_alphanumeric()).collect();
    (letters.len() > 2).then_some(letters)
}

/// Whether a text in comparable form is one version and nothing else.
fn is_plain(text: &str) -> bool {
    let is_of = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".+~_-".contains(c);
    text.starts_with(|c: char| c.is_ascii_digit()) && text.chars().all(is_of)
}

/// A version as it is compared; nothing if it says none.
pub(super) fn version(text: &str) -> Option<String> {
    let text = folded(text.trim());
    let bare = ["version ", "phien ban ", "ver. ", "v. "].iter();
    let bare = bare.fold(text.as_str(), |text, word| text.strip_prefix(word).unwrap_or(text));
    let digits = |rest: &&str| rest.starts_with(|c: char| c.is_ascii_digit());
    let bare = bare.strip_prefix('v').filter(digits).unwrap_or(bare).trim();
    // How often a distribution began to count anew is told or not.
    let epoch = bare.split_once(':').filter(|(epoch, _)| epoch.bytes().all(|b| b.is_ascii_digit()));
    let bare = epoch.map_or(bare, |(_, rest)| rest);
    (!bare.is_empty() && !["*", "-"].contains(&bare)).then(|| bare.to_owned())
}

/// Compares two versions that are in comparable form.
pub(super) fn compare(one: &str, other: &str) -> Compared {
    let begins = |short: &str, long: &str| {
        long.strip_prefix(short).is_some_and(|rest| rest.starts_with(['.', '-', '+', '_', ' ']))
    };
    if one == other {
        Compared::Same
    } else if begins(one, other) || begins(other, one) || !is_plain(one) || !is_plain(other) {
        Compared::Rough
    } else {
        Compared::Other
    }
}

/// Whether what stands behind a name is about its versions: «1.2», «< 4», «before 7».
pub(super) fn is_about_versions(rest: &str) -> bool {
    let words = ["version", "phien ban", "all ", "before ", "prior ", "vers:", "truoc ", "tu "];
    let bare = rest.trim_start_matches(['(', '[', 'v', '.', ' ']);
    bare.starts_with(|c: char| c.is_ascii_digit() || "<>=≤≥*".contains(c))
        || words.iter().any(|word| rest.trim_start_matches(['(', '[']).starts_with(word))
}

/// An address of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Purl {
    /// Of which kind: `maven`, `npm`.
    pub(super) kind: String,
    /// Its namespace and name.
    pub(super) path: String,
    /// Its version in comparable form.
    pub(super) version: Option<String>,
}

impl Purl {
    /// Its name, without its namespace.
    pub(super) fn last(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// Reads one; qualifiers and what is within the package are left aside.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let head = text.get(..4).filter(|head| head.eq_ignore_ascii_case("pkg:"))?;
        let rest = text[head.len()..].trim_start_matches('/');
        let rest = rest.split(['?', '#']).next().unwrap_or_default();
        let (kind, path) = rest.split_once('/')?;
        // What begins a namespace, as of npm, begins no version, and a version may have strokes.
        let begins = |at: &usize| *at > 0 && !path[..*at].ends_with('/');
        let mut marks = path.match_indices('@').map(|(at, _)| at);
        let (path, version_of) = match marks.find(begins) {
            Some(at) => (&path[..at], Some(&path[at + 1..])),
            None => (path, None),
        };
        let mut path = decoded(path).to_lowercase();
        if kind.eq_ignore_ascii_case("pypi") {
            path = path.replace(['_', '.'], "-");
        }
        let is_whole = !kind.is_empty() && !path.trim_matches('/').is_empty();
        is_whole.then(|| Self {
            kind: kind.to_lowercase(),
            path: path.trim_matches('/').to_owned(),
            version: version_of.and_then(|text| version(&decoded(text))),
        })
    }
}

/// A text with its `%40` read.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        let byte = hex.filter(|_| *first == b'%').and_then(|two| u8::from_str_radix(two, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What a CPE says: its names in comparable form, its version, and which update of that.
pub(super) type Cpe = (BTreeSet<String>, Option<String>, Option<String>);

/// Reads a CPE, 2.3 or the URI form.
pub(super) fn cpe(text: &str) -> Option<Cpe> {
    let parts: Vec<String> = match text.strip_prefix("cpe:2.3:") {
        Some(rest) => parted(rest),
        None => text.strip_prefix("cpe:/")?.split(':').map(decoded).collect(),
    };
    let part = |at: usize| parts.get(at).filter(|text| !["", "*", "-"].contains(&text.as_str()));
    let (vendor, product) = (part(1).map(|text| name(text)), name(part(2)?));
    let with_vendor = vendor.map(|vendor| format!("{vendor} {product}"));
    let version = part(3).and_then(|text| version(text));
    let update = part(4).cloned();
    Some((with_vendor.into_iter().chain([product]).collect(), version, update))
}

/// The parts of a CPE 2.3, whose colons and marks a backslash keeps.
fn parted(text: &str) -> Vec<String> {
    let (mut parts, mut is_kept) = (vec![String::new()], false);
    for c in text.chars() {
        match (c, is_kept, parts.last_mut()) {
            ('\\', false, _) => is_kept = true,
            (':', false, _) => parts.push(String::new()),
            (_, _, Some(last)) => {
                last.push(c);
                is_kept = false;
            }
            (_, _, None) => {}
        }
    }
    parts
}
