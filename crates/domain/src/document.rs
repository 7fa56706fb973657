//! Documents: the file that shows what an agency says of itself.
//!
//! A document is what its bytes are: [`Digest`], their SHA-256. The same file of an agency is the same document,
//! whatever it is called. Nothing is guessed from its name, and whether a file may be kept at all (marks of
//! secrecy) is decided before.

use std::fmt;

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::code::AgencyCode;
use crate::evidence::hex;
use crate::secrecy;
use crate::text::{self, TextError};

/// The longest name of a file, in bytes.
const NAME_BYTES: usize = 200;
/// What stands before the digest in the reference of a record.
const BEFORE: &str = "sha256:";
/// What stands between the parts of a reference.
const BETWEEN: &str = " · ";

/// The SHA-256 of a document, as 64 hexadecimal digits in lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(String);

impl Digest {
    /// The digest of bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(hex(&Sha256::digest(bytes)))
    }

    /// The digest that a text is, in letters of either case.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        let is_one = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_one.then_some(Self(text))
    }

    /// The digest that the reference of a record ends with, if it names one.
    pub fn of_reference(reference: &str) -> Option<Self> {
        let last = reference.rsplit(BETWEEN).next()?;
        Self::parse(last.strip_prefix(BEFORE)?)
    }

    /// How it stands in the reference of a record.
    pub fn as_part(&self) -> String {
        format!("{BEFORE}{}", self.0)
    }

    /// A reference that names it after what stands there already.
    pub fn after(&self, reference: &str) -> String {
        let parts = [reference, &self.as_part()];
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        parts.join(BETWEEN)
    }

    /// A reference of at most so many bytes; the digest at its end, if there is one, stays whole.
    pub fn shortened(reference: &str, limit: usize) -> String {
        let Some(digest) = Self::of_reference(reference) else {
            return text::cut(reference, limit);
        };
        if reference.len() <= limit {
            return reference.to_owned();
        }
        let part = digest.as_part();
        let words = reference.rsplit_once(BETWEEN).map_or("", |(words, _)| words);
        digest.after(&text::cut(words, limit.saturating_sub(part.len() + BETWEEN.len())))
    }

    /// It as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A file that somebody brings.
#[derive(Clone, PartialEq, Eq)]
pub struct Brought {
    /// What it is called, as the browser says it.
    pub name: String,
    /// All that it is.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Brought {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, bytes } = self;
        formatter.debug_struct("Brought").field("name", name).field("size", &bytes.len()).finish()
    }
}

/// Why a file is not kept as a document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// There is nothing in it.
    #[error("the file is empty")]
    Empty,
    /// It is too large.
    #[error("the file is larger than {limit}: reduce it, or keep it yourself and type its SHA-256")]
    Large {
        /// How large it may be, in words.
        limit: String,
    },
    /// Its name will not do.
    #[error("the name of the file has folders or characters that are not shown: rename the file")]
    Name,
    /// Its name is too long.
    #[error("the name of the file is longer than 200 bytes: rename the file")]
    LongName,
    /// Its name bears a mark of secrecy.
    #[error("this bears a mark of secrecy: the centre takes nothing that is secret")]
    Marked,
}

impl Brought {
    /// The document that it is, of an agency.
    pub fn checked(
        &self,
        agency: &AgencyCode,
        limit: u64,
        (by, at): (&str, Timestamp),
    ) -> Result<Document, DocumentError> {
        let size = self.bytes.len() as u64;
        if size == 0 {
            return Err(DocumentError::Empty);
        }
        if size > limit {
            return Err(DocumentError::Large { limit: in_words(limit) });
        }
        Ok(Document {
            agency: agency.clone(),
            digest: Digest::of(&self.bytes),
            name: file_name(&self.name)?,
            size,
            by: by.to_owned(),
            at,
        })
    }
}

/// The name of a file without folders, and without characters that turn a line around or are not seen.
fn file_name(name: &str) -> Result<String, DocumentError> {
    let unseen = |c: char| matches!(c, '/' | '\\' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    let is_dots = name.trim().bytes().all(|byte| byte == b'.');
    if is_dots || name.contains(unseen) {
        return Err(DocumentError::Name);
    }
    if secrecy::find(name, [], "").is_some() {
        return Err(DocumentError::Marked);
    }
    text::line("the name", name, NAME_BYTES).map_err(|error| match error {
        TextError::Marked { .. } => DocumentError::Marked,
        TextError::Long { .. } => DocumentError::LongName,
        TextError::Empty { .. } | TextError::Control { .. } => DocumentError::Name,
    })
}

/// A number of bytes as people read it: `512 B`, `12 KB`, `10 MB`, in steps of 1024 and rounded up.
pub fn in_words(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{} KB", bytes.div_ceil(1024)),
        _ => format!("{} MB", bytes.div_ceil(1_048_576)),
    }
}

/// A document as it is kept, beside its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Whose it is.
    pub agency: AgencyCode,
    /// What its bytes are.
    pub digest: Digest,
    /// What the file was called when it came first.
    pub name: String,
    /// How many bytes it has.
    pub size: u64,
    /// Who brought it first.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

impl Document {
    /// Whether these are the bytes that were kept.
    pub fn is(&self, bytes: &[u8]) -> bool {
        self.size == bytes.len() as u64 && Digest::of(bytes) == self.digest
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn checked(name: &str, bytes: &[u8], limit: u64) -> Result<Document, DocumentError> {
        let brought = Brought { name: name.to_owned(), bytes: bytes.to_vec() };
        let agency = AgencyCode::new("sokhcn").unwrap();
        brought.checked(&agency, limit, ("person:canbo", Timestamp::UNIX_EPOCH))
    }

    #[test]
    fn a_document_is_what_its_bytes_are() {
        let document = checked(" Quyết định 12.pdf", b"abc", 3).unwrap();
        assert_eq!((document.digest.as_str(), document.size), (ABC, 3));
        assert_eq!(document.name, "Quyết định 12.pdf");
        assert!(document.is(b"abc"));
        assert!(!document.is(b"abd") && !document.is(b"abcd"));
        let other = checked("khác.pdf", b"abc", 3).unwrap();
        assert_eq!(other.digest, document.digest, "whatever it is called");
    }

    #[test]
    fn what_will_not_do_is_refused() {
        use DocumentError::{Empty, Large, LongName, Marked, Name};
        assert_eq!(checked("a.pdf", b"", 3), Err(Empty));
        assert_eq!(checked("a.pdf", b"abcd", 3), Err(Large { limit: "3 B".into() }));
        let unfit =
            ["", " ", "..", "a/b.pdf", "C:\\a.pdf", "a\nb.pdf", "a\u{0}.pdf", "x\u{202e}fdp.exe"];
        for name in unfit {
            assert_eq!(checked(name, b"abc", 3), Err(Name), "{name:?}");
        }
        assert_eq!(checked(&"a".repeat(201), b"abc", 3), Err(LongName));
        assert_eq!(checked("Kế hoạch TỐI MẬT.pdf", b"abc", 3), Err(Marked));
    }

    #[test]
    fn a_digest_is_found_at_the_end_of_a_reference() {
        let digest = Digest::parse(&ABC.to_uppercase()).unwrap();
        let reference = digest.after("Quyết định · 12/QĐ-MH");
        assert_eq!(reference, format!("Quyết định · 12/QĐ-MH · sha256:{ABC}"));
        assert_eq!(Digest::of_reference(&reference), Some(digest.clone()));
        assert_eq!(Digest::of_reference(&digest.after("")), Some(digest));
        for reference in ["", "Quyết định", "sha256:abc", ABC, &format!("sha256:{ABC} · x")] {
            assert_eq!(Digest::of_reference(reference), None, "{reference}");
        }
    }

    #[test]
    fn a_long_reference_is_cut_before_its_digest() {
        let digest = Digest::of(b"abc");
        let reference = digest.after(&"Quyết định ".repeat(30));
        let short = Digest::shortened(&reference, 200);
        assert!(short.len() <= 200 && short.starts_with("Quyết định"), "{short}");
        assert_eq!(Digest::of_reference(&short), Some(digest.clone()));
        assert_eq!(Digest::shortened(&digest.after("a"), 200), digest.after("a"));
        assert_eq!(Digest::shortened("abcdef", 5), "ab…");
    }

    #[test]
    fn sizes_are_read_by_people() {
        let words = [0, 1023, 1024, 1025, 1_048_576, 10 << 20].map(in_words);
        assert_eq!(words, ["0 B", "1023 B", "1 KB", "2 KB", "1 MB", "10 MB"]);
    }

    proptest! {
        #[test]
        fn any_bytes_have_a_digest_that_is_read_back(bytes: Vec<u8>, before in "[^·]{0,40}") {
            let digest = Digest::of(&bytes);
            prop_assert_eq!(Digest::parse(digest.as_str()), Some(digest.clone()));
            prop_assert_eq!(Digest::of_reference(&digest.after(&before)), Some(digest));
        }
    }
}
