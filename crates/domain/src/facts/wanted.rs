//! What is kept of records: the kinds and fields that packs mention.

use rustc_hash::FxHashMap;

use super::MISSING;
use crate::evidence::glance::{Value, day_number, moment_seconds};
use crate::evidence::kinds::{Field, Kinds, Subject};

/// The number of a kind that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KindId(pub(crate) u16);

/// What a field that is kept holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldType {
    /// A whole number.
    Int,
    /// Yes or no, kept as 1 or 0.
    Bool,
    /// A text or word, kept as the number of a text that a pack mentions.
    Text,
    /// A day, kept as days since 1970-01-01.
    Day,
    /// A moment, kept as seconds since 1970 UTC.
    Moment,
}

/// The kinds and fields that packs mention. It is filled while packs are read, before records are.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    kinds: Vec<WantedKind>,
    by_name: FxHashMap<String, KindId>,
    words: FxHashMap<String, i64>,
}

#[derive(Clone, Debug)]
struct WantedKind {
    name: String,
    about: Subject,
    fields: FxHashMap<String, (usize, FieldType)>,
}

impl Wanted {
    /// Wants a kind.
    pub(crate) fn kind(&mut self, kinds: &Kinds, name: &str) -> Result<KindId, String> {
        if let Some(&kind) = self.by_name.get(name) {
            return Ok(kind);
        }
        let kind = kinds.get(name).ok_or_else(|| format!("«{name}» is no kind of evidence"))?;
        let id = KindId(self.kinds.len() as u16);
        let fields = FxHashMap::default();
        self.kinds.push(WantedKind { name: name.to_owned(), about: kind.about, fields });
        self.by_name.insert(name.to_owned(), id);
        Ok(id)
    }

    /// Wants a field of a kind: its place and type.
    pub(crate) fn field(
        &mut self,
        kinds: &Kinds,
        kind: KindId,
        field: &str,
    ) -> Result<(usize, FieldType), String> {
        let wanted = &mut self.kinds[kind.0 as usize];
        if let Some(&found) = wanted.fields.get(field) {
            return Ok(found);
        }
        let known = kinds.get(&wanted.name).and_then(|kind| kind.fields.get(field));
        let Some((known, _)) = known else {
            return Err(format!("{} has no field «{field}»", wanted.name));
        };
        let holds = match known {
            Field::Int => FieldType::Int,
            Field::Bool => FieldType::Bool,
            Field::Text | Field::Word(_) => FieldType::Text,
            Field::Day => FieldType::Day,
            Field::Moment => FieldType::Moment,
            Field::Map => return Err(format!("«{field}» holds an object, which is not compared")),
        };
        let place = (wanted.fields.len(), holds);
        wanted.fields.insert(field.to_owned(), place);
        Ok(place)
    }

    /// The number of a text that a pack mentions.
    pub(crate) fn word(&mut self, word: &str) -> i64 {
        let next = self.words.len() as i64;
        *self.words.entry(word.to_owned()).or_insert(next)
    }

    /// The kind of a name, if it is kept.
    pub fn find(&self, name: &str) -> Option<KindId> {
        self.by_name.get(name).copied()
    }

    /// The name of a kind.
    pub fn name(&self, kind: KindId) -> &str {
        &self.kinds[kind.0 as usize].name
    }

    /// What a kind is about.
    pub(crate) fn about(&self, kind: KindId) -> Subject {
        self.kinds[kind.0 as usize].about
    }

    /// How many kinds are kept.
    pub(crate) fn len(&self) -> usize {
        self.kinds.len()
    }

    /// How many fields of a kind are kept.
    pub(crate) fn width(&self, kind: KindId) -> usize {
        self.kinds[kind.0 as usize].fields.len()
    }

    /// Puts the value of a field into its place, if it is kept. What is of another type counts as
    /// missing: the schema of the record may be another than today's.
    pub(crate) fn put(&self, kind: KindId, values: &mut [i64], name: &str, value: Value<'_>) {
        let Some(&(place, holds)) = self.kinds[kind.0 as usize].fields.get(name) else { return };
        let value = match (holds, value) {
            (FieldType::Int, Value::Int(value)) => Some(value),
            (FieldType::Bool, Value::Bool(value)) => Some(i64::from(value)),
            (FieldType::Text, Value::Text(text)) => {
                Some(self.words.get(text).copied().unwrap_or(-1))
            }
            (FieldType::Day, Value::Text(text)) => day_number(text),
            (FieldType::Moment, Value::Text(text)) => moment_seconds(text),
            _ => None,
        };
        values[place] = value.unwrap_or(MISSING);
    }
}
