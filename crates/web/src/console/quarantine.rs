//! `/quarantine`: records that could not be read, one with its bytes, and reading them again.

use std::fmt::Write as _;
use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Response;
use axum::response::{IntoResponse, Redirect};
use khien_app::use_case::quarantine::{self, Again, Unread};
use khien_domain::ids::{EventId, SourceId};

use super::Console;
use super::asked::{Asked, address};
use super::error::PageError;
use super::frame::{self, Frame, Room};
use super::posted::Posted;
use super::search::asked::event;
use super::shown::shown_lines;
use super::table::Table;
use super::visit::Visiting;
use crate::api::search::{cursor, cursor_text};

/// Rows of a page.
const ROWS: usize = 100;
/// Rows of a file.
const MOST: usize = 10_000;
/// Bytes of a record that are shown.
const BYTES: usize = 4096;
/// Bytes of a line in hexadecimal.
const LINE: usize = 16;

/// The list.
#[derive(Template)]
#[template(path = "console/quarantine/list.html")]
struct List {
    f: Frame,
    rows: Vec<Unread>,
    source: Option<i64>,
    next_href: Option<String>,
    first_href: Option<String>,
}

/// One record.
#[derive(Template)]
#[template(path = "console/quarantine/detail.html")]
struct Detail {
    f: Frame,
    id: String,
    record: Unread,
    text: String,
    hex: String,
    size: String,
    is_cut: bool,
}

fn name(id: EventId) -> String {
    format!("{}-{}", id.batch, id.item)
}

impl List {
    fn name(&self, record: &Unread) -> String {
        name(record.id)
    }
}

/// `GET /quarantine`
pub(super) async fn list(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(&console, &visiting, Room::Quarantine).await?;
    let (app, caller) = (&console.app, &visiting.caller);
    let source: Option<i64> = asked.text("source").parse().ok();
    let of = source.map(SourceId);
    let mut after = asked.some("after").and_then(cursor);
    let is_later = after.is_some();
    if asked.some("form").is_some() {
        let mut records = Vec::new();
        loop {
            let found = quarantine::list_quarantine(app, caller, of, 500, after).await?;
            records.extend(found.records);
            after = found.next;
            if after.is_none() || records.len() >= MOST {
                break;
            }
        }
        return Ok(table(&f, &records).answer(&f, &asked));
    }
    let found = quarantine::list_quarantine(app, caller, of, ROWS, after).await?;
    let to = |after: &str| address("/quarantine", &asked, &[("after", after)]);
    frame::page(&List {
        rows: found.records,
        source,
        next_href: found.next.map(|next| to(&cursor_text(next))),
        first_href: is_later.then(|| to("")),
        f,
    })
}

/// `GET /quarantine/{id}`
pub(super) async fn detail(
    State(console): State<Arc<Console>>,
    Path(id): Path<String>,
    visiting: Visiting,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(&console, &visiting, Room::Quarantine).await?;
    let event = event(&id).ok_or_else(PageError::not_found)?;
    let (record, raw) = quarantine::get_unread(&console.app, &visiting.caller, event).await?;
    let beginning = raw.get(..BYTES).unwrap_or(&raw);
    frame::page(&Detail {
        id: name(event),
        record,
        text: shown_lines(&String::from_utf8_lossy(beginning)),
        hex: hex(beginning),
        size: f.size(raw.len() as u64),
        is_cut: raw.len() > beginning.len(),
        f,
    })
}

/// `POST /quarantine/again`
pub(super) async fn again(
    State(console): State<Arc<Console>>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let ids: Vec<EventId> =
        fields.all("record").filter_map(event).take(quarantine::MAX_AGAIN).collect();
    let done = if ids.is_empty() {
        "quarantine-none-chosen"
    } else {
        let became = quarantine::read_again(&console.app, &visiting.caller, &ids).await?;
        if became.iter().all(|one| *one == Again::Taken) {
            "quarantine-again"
        } else {
            "quarantine-partly"
        }
    };
    let source = fields.some("source").and_then(|text| text.parse::<i64>().ok());
    let place = source.map_or_else(String::new, |source| format!("source={source}&"));
    Ok(Redirect::to(&format!("/quarantine?{place}done={done}")).into_response())
}

/// Bytes in hexadecimal beside the letters of ASCII among them.
fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 5);
    for (number, line) in bytes.chunks(LINE).enumerate() {
        let _ = write!(text, "{:06x} ", number * LINE);
        for at in 0..LINE {
            match line.get(at) {
                Some(byte) => {
                    let _ = write!(text, " {byte:02x}");
                }
                None => text.push_str("   "),
            }
        }
        text.push_str("  ");
        text.extend(line.iter().map(|byte| match byte {
            b' '..=b'~' => char::from(*byte),
            _ => '·',
        }));
        text.push('\n');
    }
    text
}

fn table(f: &Frame, records: &[Unread]) -> Table {
    let rows = records.iter().map(|record| {
        vec![
            name(record.id),
            f.iso(&record.received_at),
            record.problem.clone(),
            record.source.map_or_else(String::new, |id| id.to_string()),
            record.format.clone().unwrap_or_default(),
            record.origin.clone(),
            record.position.to_string(),
            record.agency.clone(),
            record.system.clone(),
        ]
    });
    Table {
        name: "quarantine",
        columns: vec![
            ("id", f.t("sources-number")),
            ("received_at", f.t("column-received")),
            ("problem", f.t("quarantine-problem")),
            ("source", f.t("sources-name")),
            ("format", f.t("column-format")),
            ("origin", f.t("column-origin")),
            ("position", f.t("quarantine-position")),
            ("agency", f.t("alerts-agency")),
            ("system", f.t("alerts-system")),
        ],
        rows: rows.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_shown_with_their_letters() {
        let text = hex(b"<b>\x00\x1b\xff 0123456789");
        let mut lines = text.lines();
        let first = lines.next().unwrap();
        assert!(first.starts_with("000000  3c 62 3e 00 1b ff 20"), "{first}");
        assert!(first.ends_with("  <b>··· 012345678"), "{first}");
        assert!(lines.next().unwrap().starts_with("000010  39   "));
        assert_eq!(hex(b""), "");
    }
}
