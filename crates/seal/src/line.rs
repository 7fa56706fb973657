//! Lines of a ledger: what a record, a checkpoint and an end are made of, field by field.
//!
//! The text of a line comes in; its parts go out where they stand, or nothing: then it is no line of a
//! ledger. Whether it fits the lines before it is [`ledger`](crate::ledger)'s. The fields are those of
//! `docs/ledger-format.md`, in the order of their names, which is the only one that is canonical.

use crate::canonical::Walker;

/// The longest canonical text of a content, and of what a record says about itself, in bytes.
const PART_BYTES: usize = 256 << 10;
/// The longest line of an export with the line feed that ends it, in bytes.
pub(crate) const LINE_BYTES: usize = 1 << 20;
/// Where a thing is known from.
const ORIGINS: [&str; 9] = [
    "event",
    "alert",
    "incident",
    "document",
    "attestation",
    "probe",
    "drill",
    "register",
    "decision",
];
/// How a thing is known.
const HOW: [&str; 3] = ["declared", "documented", "measured"];

/// A record.
pub(crate) struct Record<'t> {
    /// The text of what it says about itself.
    pub(crate) about: &'t [u8],
    /// The text of its content.
    pub(crate) content: &'t [u8],
    /// The digits of the hash that the content should have.
    pub(crate) content_hash: &'t [u8],
    /// The digits of the hash of the record before.
    pub(crate) prev: &'t [u8],
    /// Its number.
    pub(crate) seq: u64,
    /// What kind of thing it says.
    pub(crate) kind: &'t [u8],
}

impl<'t> Record<'t> {
    pub(crate) fn read(line: &'t str) -> Option<Self> {
        let mut walker = Walker::new(line);
        walker.tag("{\"about\":")?;
        let begin = walker;
        walker.tag("{")?;
        if walker.tag("\"agency\":").is_some() {
            walker.code()?;
            walker.tag(",")?;
        }
        walker.tag("\"at\":")?;
        walker.moment()?;
        walker.tag(",\"by\":")?;
        walker.string()?;
        walker.tag(",\"content_hash\":")?;
        let content_hash = walker.hash()?;
        if walker.tag(",\"corrects\":").is_some() {
            walker.count()?;
        }
        walker.tag(",\"from\":")?;
        walker.word(&ORIGINS)?;
        walker.tag(",\"how\":")?;
        walker.word(&HOW)?;
        walker.tag(",\"prev\":")?;
        let prev = walker.hash()?;
        walker.tag(",\"recorded\":")?;
        walker.moment()?;
        walker.tag(",\"ref\":")?;
        walker.string()?;
        walker.tag(",\"schema\":")?;
        walker.int()?;
        walker.tag(",\"seq\":")?;
        let seq = walker.count()?;
        walker.tag(",\"subject\":")?;
        walker.string()?;
        if walker.tag(",\"system\":").is_some() {
            walker.code()?;
        }
        walker.tag(",\"type\":")?;
        let kind = walker.string()?;
        if walker.tag(",\"until\":").is_some() {
            walker.moment()?;
        }
        walker.tag("}")?;
        let about = walker.since(&begin);
        walker.tag(",\"content\":")?;
        let begin = walker;
        walker.value()?;
        let content = walker.since(&begin);
        let is_whole = walker.rest() == b"}"
            && content.starts_with(b"{")
            && about.len().max(content.len()) <= PART_BYTES;
        is_whole.then_some(Self { about, content, content_hash, prev, seq, kind })
    }

    /// The letters of the key that the first record names, in the only format there is.
    pub(crate) fn key(&self) -> Option<&'t str> {
        if self.kind != b"ledger.began" {
            return None;
        }
        let mut walker = Walker::new(std::str::from_utf8(self.content).ok()?);
        walker.tag("{\"centre\":")?;
        walker.string()?;
        walker.tag(",\"format\":1,\"key\":")?;
        let key = walker.string()?;
        if walker.rest() == b"}" { std::str::from_utf8(key).ok() } else { None }
    }
}

/// A checkpoint or an end.
pub(crate) struct Statement<'t> {
    /// The text that is signed.
    pub(crate) text: &'t str,
    /// The letters of the signature.
    pub(crate) signature: &'t str,
}

impl<'t> Statement<'t> {
    pub(crate) fn read(what: &str, line: &'t str) -> Option<Self> {
        let rest = line.strip_prefix("{\"")?.strip_prefix(what)?.strip_prefix("\":")?;
        let (text, signature) = rest.strip_suffix("\"}")?.split_once(",\"signature\":\"")?;
        Some(Self { text, signature })
    }

    /// When a checkpoint or an end was made.
    pub(crate) fn at(&self) -> Option<&'t str> {
        let mut walker = Walker::new(self.text);
        walker.tag("{\"at\":")?;
        let begin = walker;
        walker.moment()?;
        between_marks(walker.since(&begin))
    }

    /// Why a checkpoint was made: a code.
    pub(crate) fn reason(&self) -> Option<&'t str> {
        let (_, after) = self.text.split_once(",\"reason\":")?;
        let mut walker = Walker::new(after);
        let begin = walker;
        walker.code()?;
        between_marks(walker.since(&begin))
    }
}

fn between_marks(text: &[u8]) -> Option<&str> {
    std::str::from_utf8(text.strip_prefix(b"\"")?.strip_suffix(b"\"")?).ok()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use khien_domain::code::{AgencyCode, SystemCode};
    use khien_domain::evidence::content::Content;
    use khien_domain::evidence::{How, NewEvidence, Origin, Record as Evidence};
    use proptest::prelude::*;

    use super::*;

    fn records() -> impl Strategy<Value = Evidence> {
        let texts = ("[a-z\"\\\\đ\n]{0,8}", "[a-z.\"]{1,12}", "[ -~]{0,6}");
        let codes = (prop::option::of("[a-z0-9]{1,6}"), prop::option::of("[a-z0-9]{1,6}"));
        let times = (-9_000_000_000_i64..9_000_000_000, prop::option::of(1_i64..99_999_999));
        let numbers = (0_u64..1 << 53, prop::option::of(0_u64..1 << 53), -3_i64..3);
        let words = (prop::sample::select(&How::ALL[..]), prop::sample::select(&Origin::ALL[..]));
        (texts, codes, times, numbers, words).prop_map(|(texts, codes, times, numbers, words)| {
            let (subject, kind, by) = texts;
            let at = Timestamp::from_second(times.0).unwrap();
            let new = NewEvidence {
                kind,
                schema: numbers.2,
                content: Content::map([("a", Content::from(by.clone())), ("b", numbers.2.into())]),
                agency: codes.0.map(|code| AgencyCode::new(&code).unwrap()),
                system: codes.1.map(|code| SystemCode::new(&code).unwrap()),
                subject,
                origin: words.1,
                reference: by.clone(),
                how: words.0,
                by,
                at,
                until: times.1.map(|more| Timestamp::from_second(times.0 + more).unwrap()),
                corrects: numbers.1,
            };
            new.at_place(numbers.0, &"0".repeat(64), at)
        })
    }

    proptest! {
        #[test]
        fn a_record_is_a_line_as_the_domain_writes_it(record in records(), place: prop::sample::Index, byte in 0x20_u8..0x7f) {
            let line = record.to_line();
            let read = Record::read(&line).unwrap();
            let (about, content) = Evidence::split(&line).unwrap();
            prop_assert_eq!((read.about, read.content), (about.as_bytes(), content.as_bytes()));
            prop_assert_eq!(read.seq, record.about.seq);
            prop_assert_eq!(read.prev, record.about.prev.as_bytes());
            prop_assert_eq!(read.content_hash, record.about.content_hash.as_bytes());
            let mut bytes = line.into_bytes();
            let place = place.index(bytes.len());
            bytes[place] = byte;
            if let Ok(line) = String::from_utf8(bytes)
                && Record::read(&line).is_some()
            {
                let (about, content) = Evidence::split(&line).unwrap();
                prop_assert!(khien_domain::evidence::About::parse(about).is_ok(), "{}", about);
                prop_assert!(Content::parse(content).is_ok(), "{}", content);
            }
        }
    }

    #[test]
    fn the_words_are_those_of_the_domain() {
        assert_eq!(ORIGINS, Origin::ALL.map(Origin::name));
        assert_eq!(HOW, How::ALL.map(How::name));
    }
}
