//! What kinds of evidence there are and what each holds: `packs/evidence.yml`.

use std::collections::BTreeMap;
use std::fmt;

use khien_event::yaml::{self, Node};

use super::content::{Content, is_year, parse_moment};
use super::{EvidenceError, NewEvidence};

/// What a kind is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The ledger, a pack, the whole province.
    Ledger,
    /// An agency.
    Agency,
    /// A system of an agency.
    System,
}

/// Who may record a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Recorder {
    /// The program, from what happens in it.
    Centre,
    /// A program with a token.
    Api,
    /// Somebody of the agency, as an attestation.
    People,
}

/// What a field holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    /// A whole number from 0.
    Int,
    /// Yes or no.
    Bool,
    /// A text.
    Text,
    /// A day, in the zone of the province.
    Day,
    /// A moment, in UTC to the second.
    Moment,
    /// An object of its own.
    Map,
    /// One of these words.
    Word(Vec<String>),
}

/// A kind of evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Its name: `restore.tested`.
    pub name: String,
    /// What it is called in Vietnamese.
    pub vi: String,
    /// What it is called in English.
    pub en: String,
    /// What it is about.
    pub about: Subject,
    /// What its records are told apart by.
    pub subject: String,
    /// Who may record it.
    pub by: Vec<Recorder>,
    /// What it holds, and whether that must be there.
    pub fields: BTreeMap<String, (Field, bool)>,
    /// Fields that are never more than another, or than a number: who completed a course, of all.
    pub most: BTreeMap<String, Most>,
}

/// What a field never exceeds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Most {
    /// Another field of the same record.
    Field(String),
    /// A number.
    Number(i64),
}

/// All kinds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kinds {
    /// The version of the data; `schema` of the records that are made by it.
    pub version: i64,
    /// How large the file of a document may be, in bytes.
    pub document_bytes: u64,
    by_name: BTreeMap<String, Kind>,
}

/// A pack that does not say what is needed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("evidence pack: {0}")]
pub struct KindsError(String);

/// What a content lacks or has too much of.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MisfitError {
    /// There is no such kind.
    #[error("«{0}» is no kind of evidence")]
    Kind(String),
    /// A field is missing.
    #[error("{kind}: «{field}» is missing")]
    Missing {
        /// The kind.
        kind: String,
        /// The field.
        field: String,
    },
    /// A field is not known.
    #[error("{kind}: «{field}» is not known")]
    Unknown {
        /// The kind.
        kind: String,
        /// The field.
        field: String,
    },
    /// A field holds something else.
    #[error("{kind}: «{field}» must be {expected}")]
    Value {
        /// The kind.
        kind: String,
        /// The field.
        field: String,
        /// What it must be.
        expected: String,
    },
    /// A part is more than its whole.
    #[error("{kind}: «{field}» is at most «{most}»")]
    Above {
        /// The kind.
        kind: String,
        /// The field.
        field: String,
        /// The field or the number that it must not exceed.
        most: String,
    },
    /// It is about something else.
    #[error("{kind}: such a record is about {expected}")]
    About {
        /// The kind.
        kind: String,
        /// What it must be about.
        expected: &'static str,
    },
    /// This recorder may not.
    #[error("{kind}: only {allowed} may record this")]
    Recorder {
        /// The kind.
        kind: String,
        /// Who may.
        allowed: String,
    },
    /// The record itself will not do.
    #[error(transparent)]
    Record(#[from] EvidenceError),
}

impl fmt::Display for Most {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(name) => formatter.write_str(name),
            Self::Number(number) => number.fmt(formatter),
        }
    }
}

impl Recorder {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Centre, Self::Api, Self::People];

    /// The name that the pack uses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Centre => "centre",
            Self::Api => "api",
            Self::People => "people",
        }
    }
}

impl Field {
    fn parse(node: &Node<'_>) -> Option<(Self, bool)> {
        if node.as_list().is_some() {
            let words = node.strings().into_iter().map(str::to_owned).collect();
            return Some((Self::Word(words), true));
        }
        let text = node.as_str()?;
        let name = text.trim_end_matches('?');
        let field = match name {
            "int" => Self::Int,
            "bool" => Self::Bool,
            "text" => Self::Text,
            "day" => Self::Day,
            "moment" => Self::Moment,
            "map" => Self::Map,
            _ => return None,
        };
        Some((field, name == text))
    }

    /// What it must be, in words.
    fn expected(&self) -> String {
        match self {
            Self::Int => "a whole number from 0".into(),
            Self::Bool => "true or false".into(),
            Self::Text => "a text of 1 to 8,000 bytes".into(),
            Self::Day => "a day like 2026-10-15".into(),
            Self::Moment => "a moment like 2026-10-15T01:00:00Z".into(),
            Self::Map => "an object".into(),
            Self::Word(words) => format!("one of {}", words.join(", ")),
        }
    }

    fn fits(&self, value: &Content) -> bool {
        match (self, value) {
            (Self::Int, Content::Int(value)) => *value >= 0,
            (Self::Bool, Content::Bool(_)) | (Self::Map, Content::Map(_)) => true,
            // A public key is the longest text that a record holds.
            (Self::Text, Content::Text(text)) => !text.is_empty() && text.len() <= 8_000,
            (Self::Day, Content::Text(text)) => day(text).is_some(),
            (Self::Moment, Content::Text(text)) => parse_moment(text).is_some(),
            (Self::Word(words), Content::Text(text)) => words.contains(text),
            _ => false,
        }
    }
}

/// The day of a text such as `2026-10-15`, of a year from 0001 to 9998.
pub fn day(text: &str) -> Option<jiff::civil::Date> {
    let day: jiff::civil::Date = text.parse().ok()?;
    (day.to_string() == text && is_year(text)).then_some(day)
}

impl Kinds {
    /// The pack that comes with the program.
    pub const BUILT_IN: &str = include_str!("../../../../packs/evidence.yml");

    /// Reads a pack.
    pub fn parse(text: &str) -> Result<Self, KindsError> {
        let wrong = |what: String| KindsError(what);
        let documents = yaml::parse(text).map_err(|error| wrong(error.to_string()))?;
        let [pack] = documents.as_slice() else {
            return Err(wrong("one document is expected".into()));
        };
        let version = pack.get_str("version").and_then(|version| version.parse().ok());
        let version = version.ok_or_else(|| wrong("«version» must be a number".into()))?;
        let limit = pack.get_str("document_bytes").and_then(|limit| limit.parse().ok());
        let document_bytes =
            limit.ok_or_else(|| wrong("«document_bytes» must be a number".into()))?;
        let entries = pack.get("kinds").and_then(Node::as_map);
        let entries = entries.ok_or_else(|| wrong("«kinds» is missing".into()))?;
        let mut kinds = BTreeMap::new();
        for (name, node) in entries {
            let name = name.as_str().unwrap_or_default();
            let kind = kind(name, node).map_err(|what| wrong(format!("{name}: {what}")))?;
            kinds.insert(name.to_owned(), kind);
        }
        Ok(Self { version, document_bytes, by_name: kinds })
    }

    /// The kind of a name.
    pub fn get(&self, name: &str) -> Option<&Kind> {
        self.by_name.get(name)
    }

    /// All kinds, by name.
    pub fn all(&self) -> impl Iterator<Item = &Kind> {
        self.by_name.values()
    }

    /// The record, if it is what its kind says, and this recorder may record it.
    pub fn check(&self, new: NewEvidence, by: Recorder) -> Result<NewEvidence, MisfitError> {
        let kind = self.get(&new.kind).ok_or_else(|| MisfitError::Kind(new.kind.clone()))?;
        let name = || kind.name.clone();
        if !kind.by.contains(&by) {
            let allowed: Vec<&str> = kind.by.iter().map(|by| by.name()).collect();
            return Err(MisfitError::Recorder { kind: name(), allowed: allowed.join(", ") });
        }
        let (fits, expected) = match kind.about {
            Subject::Ledger => (new.agency.is_none(), "no agency"),
            Subject::Agency => (new.agency.is_some(), "an agency"),
            Subject::System => (new.system.is_some(), "a system"),
        };
        if !fits {
            return Err(MisfitError::About { kind: name(), expected });
        }
        if let Content::Map(values) = &new.content {
            for (field, value) in values {
                let Some((expected, _)) = kind.fields.get(field) else {
                    return Err(MisfitError::Unknown { kind: name(), field: field.clone() });
                };
                if !expected.fits(value) {
                    let (field, expected) = (field.clone(), expected.expected());
                    return Err(MisfitError::Value { kind: name(), field, expected });
                }
            }
            let missing = |(field, (_, must)): &(&String, &(Field, bool))| {
                *must && !values.contains_key(field.as_str())
            };
            if let Some((field, _)) = kind.fields.iter().find(missing) {
                return Err(MisfitError::Missing { kind: name(), field: field.clone() });
            }
            let int = |field: &str| values.get(field).and_then(Content::as_int);
            let above = |(field, most): &(&String, &Most)| match most {
                Most::Field(most) => int(field) > int(most),
                Most::Number(most) => int(field) > Some(*most),
            };
            if let Some((field, most)) = kind.most.iter().find(above) {
                let (field, most) = (field.clone(), most.to_string());
                return Err(MisfitError::Above { kind: name(), field, most });
            }
        }
        Ok(new.checked()?)
    }
}

fn kind(name: &str, node: &Node<'_>) -> Result<Kind, String> {
    let said = |key: &str| {
        node.get_str(key).map(str::to_owned).ok_or_else(|| format!("«{key}» is missing"))
    };
    let about = match said("about")?.as_str() {
        "ledger" => Subject::Ledger,
        "agency" => Subject::Agency,
        "system" => Subject::System,
        other => return Err(format!("«about: {other}» is not known")),
    };
    let by = node.get("by").map(Node::strings).unwrap_or_default();
    let by: Option<Vec<_>> =
        by.into_iter().map(|name| Recorder::ALL.into_iter().find(|by| by.name() == name)).collect();
    let by = by.filter(|by| !by.is_empty()).ok_or("«by» needs centre, api or people")?;
    let mut fields = BTreeMap::new();
    for (field, node) in node.get("fields").and_then(Node::as_map).unwrap_or_default() {
        let field = field.as_str().unwrap_or_default();
        let value = Field::parse(node).ok_or_else(|| format!("«{field}» is of no known type"))?;
        fields.insert(field.to_owned(), value);
    }
    let mut most = BTreeMap::new();
    for (field, node) in node.get("most").and_then(Node::as_map).unwrap_or_default() {
        let (field, whole) =
            (field.as_str().unwrap_or_default(), node.as_str().unwrap_or_default());
        let is_counted = |name| matches!(fields.get(name), Some((Field::Int, true)));
        let whole = match whole.parse() {
            Ok(number) => Some(Most::Number(number)),
            Err(_) => Some(Most::Field(whole.to_owned())).filter(|_| is_counted(whole)),
        };
        let Some(whole) = whole.filter(|_| is_counted(field)) else {
            return Err(format!(
                "«most: {field}» compares fields that are always whole numbers, or one with a number"
            ));
        };
        most.insert(field.to_owned(), whole);
    }
    let (vi, en, subject) = (said("vi")?, said("en")?, said("subject")?);
    Ok(Kind { name: name.to_owned(), vi, en, about, subject, by, fields, most })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::{AgencyCode, SystemCode};
    use crate::evidence::{How, Origin};

    fn kinds() -> Kinds {
        Kinds::parse(Kinds::BUILT_IN).unwrap()
    }

    fn restore() -> NewEvidence {
        NewEvidence {
            kind: "restore.tested".into(),
            schema: 1,
            content: Content::map([
                ("success", Content::from(true)),
                ("rto_met", true.into()),
                ("rpo_met", true.into()),
            ]),
            agency: Some(AgencyCode::new("so-ct").unwrap()),
            system: Some(SystemCode::new("mh-dvc").unwrap()),
            subject: "mh-dvc".into(),
            origin: Origin::Probe,
            reference: String::new(),
            how: How::Measured,
            by: "token 1".into(),
            at: "2026-02-28T17:00:00Z".parse().unwrap(),
            until: None,
            corrects: None,
        }
    }

    fn with(field: &str, value: impl Into<Content>) -> NewEvidence {
        let mut new = restore();
        if let Content::Map(values) = &mut new.content {
            values.insert(field.into(), value.into());
        }
        new
    }

    #[test]
    fn the_built_in_pack_reads() {
        let kinds = kinds();
        assert!(kinds.all().count() > 50);
        assert_eq!(kinds.check(restore(), Recorder::Api), Ok(restore()));
    }

    #[test]
    fn no_kind_names_a_person() {
        for kind in kinds().all() {
            for field in kind.fields.keys() {
                let about_people =
                    ["person", "citizen", "cccd", "phone", "email", "user", "opinion", "religion"];
                let word = field.split('_').find(|word| about_people.contains(word));
                assert_eq!(word, None, "{}: {field}", kind.name);
            }
        }
    }

    #[test]
    fn what_does_not_fit_its_kind_is_refused_with_the_field() {
        let told = |new: NewEvidence, by| kinds().check(new, by).unwrap_err().to_string();
        assert_eq!(
            told(with("success", "yes"), Recorder::Api),
            "restore.tested: «success» must be true or false"
        );
        assert_eq!(told(with("who", "x"), Recorder::Api), "restore.tested: «who» is not known");
        let mut less = restore();
        less.content = Content::map([("success", Content::from(true)), ("rto_met", true.into())]);
        assert_eq!(told(less, Recorder::Api), "restore.tested: «rpo_met» is missing");
        let none = NewEvidence { system: None, ..restore() };
        assert_eq!(told(none, Recorder::Api), "restore.tested: such a record is about a system");
        let other = NewEvidence { kind: "gate.decision".into(), ..restore() };
        assert_eq!(told(other, Recorder::Api), "gate.decision: only centre may record this");
        let unknown = NewEvidence { kind: "person.opinion".into(), ..restore() };
        assert_eq!(told(unknown, Recorder::Api), "«person.opinion» is no kind of evidence");
        let early =
            NewEvidence { until: Some("2026-02-28T17:00:00Z".parse().unwrap()), ..restore() };
        assert!(kinds().check(early, Recorder::Api).is_err());
    }

    #[test]
    fn a_part_is_never_more_than_its_whole() {
        let training = |completed: i64| NewEvidence {
            kind: "training.year".into(),
            system: None,
            subject: "2026".into(),
            content: Content::map([("staff", Content::from(30)), ("completed", completed.into())]),
            ..restore()
        };
        assert!(kinds().check(training(30), Recorder::People).is_ok());
        let told = kinds().check(training(31), Recorder::People).unwrap_err().to_string();
        assert_eq!(told, "training.year: «completed» is at most «staff»");
    }

    #[test]
    fn a_score_is_at_most_a_number_and_a_scanner_may_record_it() {
        let trust = |score: i64| NewEvidence {
            kind: "service.trust".into(),
            subject: "dichvucong.minhhoa.example:443".into(),
            content: Content::map([("score", Content::from(score))]),
            ..restore()
        };
        assert!(kinds().check(trust(100), Recorder::Api).is_ok());
        let told = kinds().check(trust(101), Recorder::Api).unwrap_err().to_string();
        assert_eq!(told, "service.trust: «score» is at most «100»");
        assert!(kinds().check(trust(50), Recorder::People).is_err());
    }

    #[test]
    fn what_bears_a_mark_of_secrecy_is_refused() {
        let new = NewEvidence {
            kind: "scan.done".into(),
            content: Content::map([("tool", Content::from("TUYỆT MẬT")), ("findings", 0.into())]),
            ..restore()
        };
        let told = kinds().check(new, Recorder::Api).unwrap_err().to_string();
        assert!(told.contains("TUYỆT MẬT"), "{told}");
    }

    #[test]
    fn a_pack_that_misses_something_is_refused() {
        for (cut, put) in [
            ("about: system", "about: person"),
            ("by: [centre]", "by: []"),
            ("minutes: int", "minutes: money"),
            ("most: {heard: minutes}", "most: {heard: hours}"),
        ] {
            let text = Kinds::BUILT_IN.replace(cut, put);
            assert_ne!(text, Kinds::BUILT_IN);
            assert!(Kinds::parse(&text).is_err(), "{put}");
        }
    }
}
