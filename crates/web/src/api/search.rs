//! `/api/v1/search`: what is common to all ways of looking at events.
//!
//! Events are shown as objects of the chosen fields: columns by their names, original fields by
//! theirs. What an event does not have is left out.

pub(super) mod count;
pub(super) mod export;
pub(super) mod fields;
pub(super) mod histogram;
pub(super) mod page;
pub(super) mod tail;
pub(super) mod top;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use khien_app::use_case::search::Wanted;
use khien_domain::ids::EventId;
use khien_lake::{Answer, Column, Cursor, Event, Shown, Value};
use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::error::ApiError;
use super::input::{event_text, moment};

/// What is shown if nobody chooses: everything but what tells the same in another form, and the
/// columns of what could not be read.
const USUAL: [Column; 29] = [
    Column::Time,
    Column::Received,
    Column::ClassUid,
    Column::SeverityId,
    Column::Agency,
    Column::System,
    Column::Source,
    Column::Host,
    Column::User,
    Column::SrcIp,
    Column::SrcPort,
    Column::DstIp,
    Column::DstPort,
    Column::Process,
    Column::CmdLine,
    Column::File,
    Column::Md5,
    Column::Sha1,
    Column::Sha256,
    Column::Url,
    Column::Status,
    Column::EventCode,
    Column::LogName,
    Column::Format,
    Column::Rules,
    Column::Origin,
    Column::Message,
    Column::Fields,
    Column::Raw,
];

/// An event.
#[derive(Serialize)]
struct EventJson {
    id: String,
    time: String,
    fields: Map<String, Json>,
}

/// What could not be read for an answer: it is not complete.
#[derive(Serialize)]
struct Damage {
    files: usize,
    events: u64,
}

impl Damage {
    /// Nothing if the answer is complete.
    fn of<T>(answer: &Answer<T>) -> Option<Self> {
        let events = answer.damage.iter().map(|damage| damage.rows).sum();
        (!answer.damage.is_empty()).then_some(Self { files: answer.damage.len(), events })
    }
}

/// What is searched.
fn wanted(query: Option<String>, from: Option<&str>, to: Option<&str>) -> Result<Wanted, ApiError> {
    Ok(Wanted {
        query: query.unwrap_or_default(),
        from: from.map(|text| moment("from", text)).transpose()?,
        to: to.map(|text| moment("to", text)).transpose()?,
    })
}

/// The fields of a list with commas, or the usual ones.
fn shown(fields: Option<&str>) -> Vec<Shown> {
    let named = fields.unwrap_or_default().split(',').map(str::trim);
    let chosen: Vec<Shown> = named.filter(|name| !name.is_empty()).map(Shown::named).collect();
    if chosen.is_empty() { USUAL.into_iter().map(Shown::Column).collect() } else { chosen }
}

fn event(event: Event, shown: &[Shown]) -> EventJson {
    let values = shown.iter().zip(event.values);
    let fields =
        values.filter_map(|(shown, value)| Some((shown.name().to_owned(), json(shown, value)?)));
    EventJson {
        id: event_text(EventId { batch: event.at.batch, item: event.at.item }),
        time: event.at.time.to_string(),
        fields: fields.collect(),
    }
}

/// A value; nothing if the event does not have it.
fn json(shown: &Shown, value: Value) -> Option<Json> {
    Some(match value {
        Value::Null => return None,
        // The original fields are an object already.
        Value::Text(text) if *shown == Shown::Column(Column::Fields) => {
            serde_json::from_str(&text).unwrap_or(Json::String(text))
        }
        Value::Text(text) => Json::String(text),
        Value::Number(number) => number.into(),
        Value::Moment(moment) => moment.to_string().into(),
        Value::Bytes(bytes) => STANDARD.encode(bytes).into(),
    })
}

/// A cursor as text.
pub(crate) fn cursor_text(cursor: Cursor) -> String {
    format!("{}-{}-{}", cursor.time.as_microsecond(), cursor.batch, cursor.item)
}

/// The cursor of a text.
pub(crate) fn cursor(text: &str) -> Option<Cursor> {
    let (rest, item) = text.rsplit_once('-')?;
    let (time, batch) = rest.rsplit_once('-')?;
    Some(Cursor {
        time: Timestamp::from_microsecond(time.parse().ok()?).ok()?,
        batch: batch.parse().ok()?,
        item: item.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_is_written_also_before_1970() {
        for micros in [0, -62_135_596_800_000_000, 1_763_800_000_123_456] {
            let time = Timestamp::from_microsecond(micros).unwrap();
            let at = Cursor { time, batch: u64::MAX, item: 7 };
            assert_eq!(cursor(&cursor_text(at)), Some(at));
        }
        for bad in ["", "-", "1-2", "a-b-c", "1-2-3-x", "999999999999999999-1-1"] {
            assert_eq!(cursor(bad), None, "{bad}");
        }
    }

    #[test]
    fn chosen_fields_are_columns_by_name_or_path_and_original_fields() {
        let names: Vec<_> = shown(Some("host, device.hostname,EventID,,"))
            .iter()
            .map(|shown| shown.name().to_owned())
            .collect();
        assert_eq!(names, ["host", "host", "EventID"]);
        assert_eq!(shown(Some(" ,")).len(), USUAL.len());
    }
}
