//! A record as a line: what is hashed, stored and exported.

use std::fmt::Write as _;

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::content::{Content, ContentError, moment, parse_moment, write_text};
use super::{How, NewEvidence, Origin};
use crate::code::{AgencyCode, SystemCode};

/// What a record says about itself: everything but its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// Its number, from 0 without gaps.
    pub seq: u64,
    /// The hash of the record before, 64 hexadecimal digits; zeros for the first.
    pub prev: String,
    /// SHA-256 of the content's canonical text, 64 hexadecimal digits.
    pub content_hash: String,
    /// When it was written into the ledger.
    pub recorded: Timestamp,
    /// What kind of thing it says.
    pub kind: String,
    /// The version of what such a record holds.
    pub schema: i64,
    /// About which agency.
    pub agency: Option<AgencyCode>,
    /// About which system.
    pub system: Option<SystemCode>,
    /// About which one of several things of the kind.
    pub subject: String,
    /// Where it is known from.
    pub origin: Origin,
    /// Which event, alert, document it is there.
    pub reference: String,
    /// How it is known.
    pub how: How,
    /// Who says so.
    pub by: String,
    /// When it was so.
    pub at: Timestamp,
    /// Until when it counts, exclusive.
    pub until: Option<Timestamp>,
    /// The record that it replaces.
    pub corrects: Option<u64>,
}

/// A record of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What it says about itself.
    pub about: About,
    /// What it says.
    pub content: Content,
}

/// Why a line is no record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// It has another shape.
    #[error("the line is no record: {0}")]
    Shape(&'static str),
    /// A part of it is not canonical.
    #[error("{part}: {error}")]
    Part {
        /// Which part.
        part: &'static str,
        /// What is wrong with it.
        error: ContentError,
    },
    /// A field is missing or holds something else.
    #[error("«{0}» is missing or holds something else")]
    Field(&'static str),
    /// The content is another than the one the record was made with.
    #[error("the content was changed: its hash is another")]
    ContentHash,
}

/// What stands between the two parts of a line. It occurs in no canonical text of the first: there
/// a quotation mark within a text has a backslash before it, and no field is called so.
const BETWEEN: &str = "},\"content\":";

impl About {
    /// The canonical text, over which the chain goes.
    pub fn to_text(&self) -> String {
        let mut out = String::with_capacity(512);
        // In the order of their names, as everywhere in canonical JSON.
        text(&mut out, "agency", self.agency.as_ref().map(AgencyCode::as_str));
        text(&mut out, "at", Some(&moment(self.at)));
        text(&mut out, "by", Some(&self.by));
        text(&mut out, "content_hash", Some(&self.content_hash));
        if let Some(corrects) = self.corrects {
            let _ = write!(out, ",\"corrects\":{corrects}");
        }
        text(&mut out, "from", Some(self.origin.name()));
        text(&mut out, "how", Some(self.how.name()));
        text(&mut out, "prev", Some(&self.prev));
        text(&mut out, "recorded", Some(&moment(self.recorded)));
        text(&mut out, "ref", Some(&self.reference));
        let _ = write!(out, ",\"schema\":{},\"seq\":{}", self.schema, self.seq);
        text(&mut out, "subject", Some(&self.subject));
        text(&mut out, "system", self.system.as_ref().map(SystemCode::as_str));
        text(&mut out, "type", Some(&self.kind));
        text(&mut out, "until", self.until.map(moment).as_deref());
        out.push('}');
        out
    }

    /// The hash of a canonical text: SHA-256 of a zero byte and the text, which is what a leaf of a
    /// Merkle tree is hashed by (RFC 6962, 2.1), so that chain and tree share it.
    pub fn hash(text: &str) -> [u8; 32] {
        Sha256::new().chain_update([0]).chain_update(text).finalize().into()
    }

    /// Reads the canonical text.
    pub fn parse(text: &str) -> Result<Self, LineError> {
        let map = Content::parse(text).map_err(|error| LineError::Part { part: "about", error })?;
        let string = |name: &'static str| {
            map.get(name).and_then(Content::as_text).ok_or(LineError::Field(name))
        };
        let number = |name: &'static str| {
            let value = map.get(name).and_then(Content::as_int);
            value.and_then(|value| u64::try_from(value).ok()).ok_or(LineError::Field(name))
        };
        let time = |name: &'static str| parse_moment(string(name)?).ok_or(LineError::Field(name));
        let has = |name: &str| map.get(name).is_some();
        let about = Self {
            seq: number("seq")?,
            prev: string("prev")?.to_owned(),
            content_hash: string("content_hash")?.to_owned(),
            recorded: time("recorded")?,
            kind: string("type")?.to_owned(),
            schema: map
                .get("schema")
                .and_then(Content::as_int)
                .ok_or(LineError::Field("schema"))?,
            agency: has("agency")
                .then(|| AgencyCode::new(string("agency")?).map_err(|_| LineError::Field("agency")))
                .transpose()?,
            system: has("system")
                .then(|| SystemCode::new(string("system")?).map_err(|_| LineError::Field("system")))
                .transpose()?,
            subject: string("subject")?.to_owned(),
            origin: Origin::parse(string("from")?).ok_or(LineError::Field("from"))?,
            reference: string("ref")?.to_owned(),
            how: How::parse(string("how")?).ok_or(LineError::Field("how"))?,
            by: string("by")?.to_owned(),
            at: time("at")?,
            until: has("until").then(|| time("until")).transpose()?,
            corrects: has("corrects").then(|| number("corrects")).transpose()?,
        };
        // A field that nobody knows would be lost silently.
        if about.to_text() == text { Ok(about) } else { Err(LineError::Shape("another field")) }
    }
}

impl NewEvidence {
    /// The record at its place: after the record with hash `prev`, written at `recorded`.
    pub fn at_place(self, seq: u64, prev: &str, recorded: Timestamp) -> Record {
        let content_hash = hex(&Sha256::digest(self.content.to_text()));
        let about = About {
            seq,
            prev: prev.to_owned(),
            content_hash,
            recorded,
            kind: self.kind,
            schema: self.schema,
            agency: self.agency,
            system: self.system,
            subject: self.subject,
            origin: self.origin,
            reference: self.reference,
            how: self.how,
            by: self.by,
            at: self.at,
            until: self.until,
            corrects: self.corrects,
        };
        Record { about, content: self.content }
    }
}

/// Adds a field of an object, if it has a value.
fn text(out: &mut String, name: &str, value: Option<&str>) {
    let Some(value) = value else { return };
    out.push_str(if out.is_empty() { "{\"" } else { ",\"" });
    out.push_str(name);
    out.push_str("\":");
    write_text(value, out);
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(out, "{byte:02x}");
    }
    out
}

impl Record {
    /// The line of the record, without the end of the line.
    pub fn to_line(&self) -> String {
        Self::line_of(&self.about.to_text(), &self.content.to_text())
    }

    /// The line of two canonical texts.
    pub fn line_of(about: &str, content: &str) -> String {
        format!("{{\"about\":{about},\"content\":{content}}}")
    }

    /// The two parts of a line, without looking into them.
    pub fn split(line: &str) -> Option<(&str, &str)> {
        let rest = line.strip_prefix("{\"about\":")?.strip_suffix('}')?;
        let at = rest.find(BETWEEN)?;
        Some((rest.get(..=at)?, rest.get(at + BETWEEN.len()..)?))
    }

    /// Reads a line and compares the content with its hash.
    pub fn parse(line: &str) -> Result<Self, LineError> {
        let (about, content) =
            Self::split(line).ok_or(LineError::Shape("two parts are expected"))?;
        let about = About::parse(about)?;
        if hex(&Sha256::digest(content)) != about.content_hash {
            return Err(LineError::ContentHash);
        }
        let content =
            Content::parse(content).map_err(|error| LineError::Part { part: "content", error })?;
        Ok(Self { about, content })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn record(subject: &str, by: &str) -> Record {
        let new = NewEvidence {
            kind: "restore.tested".into(),
            schema: 1,
            content: Content::map([("success", Content::from(true)), ("minutes", 42.into())]),
            agency: Some(AgencyCode::new("so-ct").unwrap()),
            system: Some(SystemCode::new("mh-dvc").unwrap()),
            subject: subject.into(),
            origin: Origin::Probe,
            reference: "job 7".into(),
            how: How::Measured,
            by: by.into(),
            at: "2026-02-28T17:00:00Z".parse().unwrap(),
            until: Some("2026-08-27T17:00:00Z".parse().unwrap()),
            corrects: Some(3),
        };
        new.at_place(12, &"0".repeat(64), "2026-02-28T17:05:00Z".parse().unwrap())
    }

    #[test]
    fn a_line_has_the_form_that_the_documents_tell() {
        let line = record("mh-dvc", "token 4").to_line();
        assert!(line.starts_with("{\"about\":{\"agency\":\"so-ct\",\"at\":\"2026-02-28T17:00:00Z\",\"by\":\"token 4\",\"content_hash\":\""));
        assert!(line.ends_with("\"type\":\"restore.tested\",\"until\":\"2026-08-27T17:00:00Z\"},\"content\":{\"minutes\":42,\"success\":true}}"));
    }

    proptest! {
        #[test]
        fn a_line_reads_as_its_record(subject in ".{0,20}", by in ".{0,20}") {
            let record = record(&subject, &by);
            prop_assert_eq!(Record::parse(&record.to_line()), Ok(record));
        }

        #[test]
        fn a_changed_byte_changes_the_record_or_is_refused(place in any::<prop::sample::Index>(), byte in 0x20_u8..0x7f) {
            let line = record("a", "b").to_line();
            let mut bytes = line.clone().into_bytes();
            let place = place.index(bytes.len());
            prop_assume!(bytes[place] != byte);
            bytes[place] = byte;
            let read = Record::parse(std::str::from_utf8(&bytes).unwrap());
            prop_assert_ne!(read, Ok(record("a", "b")));
        }
    }

    #[test]
    fn texts_that_look_like_the_seam_do_no_harm() {
        let record = record("},\"content\":{", "\"},\"content\":{\"");
        assert_eq!(Record::parse(&record.to_line()), Ok(record));
    }

    #[test]
    fn what_nobody_knows_is_refused() {
        let line = record("a", "b").to_line();
        let more = line.replace("\"how\":", "\"hidden\":1,\"how\":");
        assert!(matches!(Record::parse(&more), Err(LineError::Shape(_))));
        let other = line.replace("\"minutes\":42", "\"minutes\":43");
        assert_eq!(Record::parse(&other), Err(LineError::ContentHash));
        assert!(matches!(Record::parse("{}"), Err(LineError::Shape(_))));
    }
}
