//! One event with all its fields, each value with what can be done with it.

use std::sync::Arc;

use jiff::Timestamp;
use khien_app::use_case::search::{self, Wanted};
use khien_domain::ids::EventId;
use khien_domain::text;
use khien_lake::{Column, Shown, Value};
use serde_json::Value as Json;

use super::asked::{Search, narrowed, quoted, term};
use crate::console::Console;
use crate::console::asked::address;
use crate::console::error::PageError;
use crate::console::frame::Frame;
use crate::console::posted::Fields;
use crate::console::shown::{shown, shown_lines};
use crate::console::visit::Visiting;

/// Original fields at most.
const FIELDS: usize = 150;
/// Bytes of a value at most.
const VALUE_BYTES: usize = 2000;
/// Bytes of the record at most.
const RECORD_BYTES: usize = 8000;

/// An event.
pub(super) struct Drawer {
    /// Its name, `BATCH-PLACE`.
    pub(super) id: String,
    /// When it happened.
    pub(super) at: Timestamp,
    /// What the columns say.
    pub(super) columns: Vec<Line>,
    /// The original fields.
    pub(super) original: Vec<Line>,
    /// Whether there are more original fields than are shown.
    pub(super) more: bool,
    /// The record as it came, as far as it is shown.
    pub(super) record: String,
    /// How long the record is, in words, if it is not shown in full.
    pub(super) size: Option<String>,
    /// Its address, to send to somebody.
    pub(super) href: String,
}

/// A field and its value.
pub(super) struct Line {
    /// The field.
    pub(super) name: String,
    /// The value as it is looked at.
    pub(super) text: String,
    /// Only this, without this, everywhere.
    pub(super) hrefs: Option<[String; 3]>,
}

/// The event of a name, if there is one that the caller may see.
pub(super) async fn find(
    console: &Arc<Console>,
    visiting: &Visiting,
    f: &Frame,
    wanted: &Search,
    asked: &Fields,
    id: EventId,
) -> Result<Option<Drawer>, PageError> {
    let all: Vec<Column> = Column::all().collect();
    let shown = all.iter().copied().map(Shown::Column).collect();
    let query = format!("batch:{} item:{}", id.batch, id.item);
    let one = Wanted { query: query.clone(), from: None, to: None };
    let found = search::page(&console.app, &visiting.caller, &one, shown, 1, None).await?;
    let Some(event) = found.found.events.into_iter().next() else { return Ok(None) };
    let at = event.at.time;
    let lines = Lines { f, asked, query: &wanted.query };
    let (mut columns, mut record, mut object) = (Vec::new(), Vec::new(), None);
    for (column, value) in all.into_iter().zip(event.values) {
        match (column, value) {
            (_, Value::Null)
            | (Column::Batch | Column::Item | Column::Problem | Column::Time, _) => {}
            (Column::Fields, value) => object = Some(value.to_string()),
            (Column::Raw, value) => record = value.to_string().into_bytes(),
            (Column::RawBytes, Value::Bytes(bytes)) => record = bytes,
            (column, value) => columns.push(lines.of_column(column, &value)),
        }
    }
    let raw = String::from_utf8_lossy(&record);
    let object = object.as_deref().unwrap_or(&raw);
    let (mut original, mut more) = (Vec::new(), false);
    if let Ok(Json::Object(fields)) = serde_json::from_str::<Json>(object) {
        for (name, value) in fields {
            more |= !lines.flatten(&mut original, &name, value);
        }
    }
    Ok(Some(Drawer {
        id: format!("{}-{}", id.batch, id.item),
        at,
        columns,
        original,
        more,
        size: (raw.len() > RECORD_BYTES).then(|| f.size(raw.len() as u64)),
        record: shown_lines(&text::cut(&raw, RECORD_BYTES)),
        href: {
            let open = format!("{}-{}", id.batch, id.item);
            address("/search", &Fields::default(), &[("q", &query), ("open", &open)])
        },
    }))
}

struct Lines<'l> {
    f: &'l Frame,
    asked: &'l Fields,
    query: &'l str,
}

impl Lines<'_> {
    fn of_column(&self, column: Column, value: &Value) -> Line {
        match value {
            Value::Moment(at) => {
                Line { name: column.name().to_owned(), text: self.f.moment(at), hrefs: None }
            }
            value => self.line(column.name(), column.name(), &value.to_string()),
        }
    }

    /// Adds a field, those within an object by their path. Answers whether all have found place.
    fn flatten(&self, lines: &mut Vec<Line>, name: &str, value: Json) -> bool {
        if lines.len() >= FIELDS {
            return false;
        }
        match value {
            Json::Null => true,
            Json::Object(fields) => {
                let mut all = true;
                for (inner, value) in fields {
                    all &= self.flatten(lines, &format!("{name}.{inner}"), value);
                }
                all
            }
            value => {
                let text = match value {
                    Json::String(text) => text,
                    other => other.to_string(),
                };
                if !text.is_empty() {
                    // A column may have the same name as an original field.
                    let field = match Column::named(name) {
                        Some(_) => format!("unmapped.{name}"),
                        None => name.to_owned(),
                    };
                    lines.push(self.line(name, &field, &text));
                }
                true
            }
        }
    }

    fn line(&self, name: &str, field: &str, value: &str) -> Line {
        let hrefs = term(field, value).map(|term| {
            let to = |query: &str, span: &str| {
                let mut changes = vec![("q", query), ("after", ""), ("open", "")];
                if !span.is_empty() {
                    changes.extend([("span", span), ("from", ""), ("to", "")]);
                }
                address("/search", self.asked, &changes)
            };
            [
                to(&narrowed(self.query, &term), ""),
                to(&narrowed(self.query, &format!("-{term}")), ""),
                to(&quoted(value), "30d"),
            ]
        });
        let text = shown(&text::cut(value, VALUE_BYTES)).into_owned();
        Line { name: shown(&text::cut(name, 200)).into_owned(), text, hrefs }
    }
}
