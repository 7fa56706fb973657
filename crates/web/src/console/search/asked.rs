//! What is asked, as the address says it.

use jiff::{SignedDuration, Timestamp};
use khien_app::use_case::search::Wanted;
use khien_domain::ids::EventId;
use khien_domain::limits::SEARCH_COLUMNS;
use khien_lake::query::{Query, moment, parse};
use khien_lake::{Column, Cursor, Shown};

use crate::api::search::cursor;
use crate::console::posted::Fields;

/// Times that are chosen by one click.
pub(super) const SPANS: [(&str, i64); 5] =
    [("15m", 15), ("1h", 60), ("24h", 24 * 60), ("7d", 7 * 24 * 60), ("30d", 30 * 24 * 60)];
/// All that is kept.
pub(super) const ALL: &str = "all";
/// The column that tells what happened: the first of [`LINE`] that an event has.
pub(super) const WHAT: &str = "what";
/// What tells what happened, most telling first.
pub(super) const LINE: [Column; 6] =
    [Column::CmdLine, Column::Message, Column::Url, Column::File, Column::Process, Column::Raw];
/// Columns if nobody chooses.
const USUAL: [&str; 5] = ["host", "user", "src_ip", "event_code", WHAT];
/// Columns that can be chosen from a list; any other field can be typed.
pub(super) const CHOICE: [&str; 24] = [
    WHAT,
    "host",
    "user",
    "src_ip",
    "src_port",
    "dst_ip",
    "dst_port",
    "process",
    "cmd_line",
    "file",
    "url",
    "status",
    "event_code",
    "log_name",
    "agency",
    "system",
    "source",
    "format",
    "rules",
    "origin",
    "sha256",
    "message",
    "received",
    "class_uid",
];
/// The longest value that becomes part of a query.
const VALUE_BYTES: usize = 1000;

/// A search as somebody asks for it.
pub(super) struct Search {
    /// The query.
    pub(super) query: String,
    /// The name of the chosen span, if one was chosen.
    pub(super) span: Option<&'static str>,
    /// The first moment.
    pub(super) from: Timestamp,
    /// The moment that is the first no more.
    pub(super) to: Timestamp,
    /// The columns.
    pub(super) columns: Vec<String>,
    /// The event in the drawer.
    pub(super) open: Option<EventId>,
    /// Where the page begins.
    pub(super) after: Option<Cursor>,
    /// A moment that was typed and cannot be read.
    pub(super) bad_moment: Option<String>,
}

impl Search {
    /// What the address asks for; `oldest` is the first moment of what is kept.
    pub(super) fn of(asked: &Fields, now: Timestamp, oldest: Timestamp) -> Self {
        let open = asked.some("open").and_then(event);
        let mut bad_moment = None;
        let mut typed = |name| {
            let text = asked.some(name)?.trim();
            let found = moment(text);
            if found.is_none() {
                bad_moment = Some(khien_domain::text::cut(text, 60));
            }
            found
        };
        let (from, to) = (typed("from"), typed("to"));
        let before = |end: Timestamp, minutes| {
            end.checked_sub(SignedDuration::from_mins(minutes)).unwrap_or(Timestamp::MIN)
        };
        let named = |name: &str| {
            let text = asked.text(name);
            let listed = SPANS.iter().find(|(name, _)| text == *name);
            let all = (text == ALL).then_some((ALL, 0));
            listed.copied().or(all)
        };
        let usual = if open.is_some() { (ALL, 0) } else { ("24h", 24 * 60) };
        // What was just clicked goes before what was typed, and that before what was chosen before.
        let (span, from, to) = match (named("span"), from, to) {
            (None, Some(from), to) => (None, from, to.unwrap_or(now)),
            (None, None, Some(to)) => (None, before(to, 24 * 60), to),
            (chosen, ..) => {
                let (name, minutes) = chosen.or_else(|| named("was")).unwrap_or(usual);
                let all = oldest.min(before(now, 60));
                (Some(name), if name == ALL { all } else { before(now, minutes) }, now)
            }
        };
        let mut columns: Vec<String> = Vec::new();
        let named = asked.all("col").flat_map(|text| text.split(',')).map(str::trim);
        for name in named.filter(|name| !name.is_empty() && name.len() <= 200) {
            if columns.len() < SEARCH_COLUMNS && !columns.iter().any(|known| known == name) {
                columns.push(name.to_owned());
            }
        }
        if columns.is_empty() {
            columns = USUAL.map(ToOwned::to_owned).to_vec();
        }
        let query = asked.text("q").trim().to_owned();
        let after = asked.some("after").and_then(cursor);
        Self { query, span, from, to, columns, open, after, bad_moment }
    }

    /// The same for the use cases.
    pub(super) fn wanted(&self) -> Wanted {
        Wanted { query: self.query.clone(), from: Some(self.from), to: Some(self.to) }
    }

    /// What has to be read for the columns.
    pub(super) fn shown(&self) -> Vec<Shown> {
        let mut shown: Vec<Shown> = Vec::new();
        let mut add = |one: Shown| {
            if !shown.contains(&one) {
                shown.push(one);
            }
        };
        for name in &self.columns {
            match name.as_str() {
                WHAT => LINE.into_iter().map(Shown::Column).for_each(&mut add),
                name => add(Shown::named(name)),
            }
        }
        shown
    }
}

/// An event as `BATCH-PLACE`.
pub(in crate::console) fn event(text: &str) -> Option<EventId> {
    let (batch, item) = text.split_once('-')?;
    Some(EventId { batch: batch.parse().ok()?, item: item.parse().ok()? })
}

/// A field and its value as a term of a query, if it can be one that reads back as itself.
pub(super) fn term(field: &str, value: &str) -> Option<String> {
    if value.is_empty() || value.len() > VALUE_BYTES {
        return None;
    }
    let term = format!("{field}:{}", quoted(value));
    match parse(&term) {
        Ok(Query::Field { name, .. }) if name == field => Some(term),
        _ => None,
    }
}

/// A value between quotation marks of the query language.
pub(super) fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A query with a further term; what stands in it already is not added again.
pub(super) fn narrowed(query: &str, term: &str) -> String {
    let query = query.trim();
    if query.is_empty() {
        return term.to_owned();
    }
    if matches!(parse(query), Ok(Query::Or(_))) {
        return format!("({query}) {term}");
    }
    format!("{query} {term}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-10-15T03:00:00Z".parse().unwrap()
    }

    fn search(address: &str) -> Search {
        let oldest = "2026-10-01T00:00:00Z".parse().unwrap();
        Search::of(&Fields::parse(address.as_bytes()), now(), oldest)
    }

    #[test]
    fn times_are_chosen_or_typed() {
        let day = search("");
        assert_eq!((day.span, day.to), (Some("24h"), now()));
        assert_eq!(day.from, "2026-10-14T03:00:00Z".parse().unwrap());
        assert_eq!(search("span=15m").from, "2026-10-15T02:45:00Z".parse().unwrap());
        assert_eq!(search("was=7d").span, Some("7d"));
        assert_eq!(search("from=2026-10-15T08%3A00&span=7d").span, Some("7d"));
        let typed = search("from=2026-10-15T08%3A00&to=2026-10-15T09%3A00&was=7d");
        assert_eq!((typed.span, typed.from), (None, "2026-10-15T01:00:00Z".parse().unwrap()));
        assert_eq!(search("open=7-1").from, "2026-10-01T00:00:00Z".parse().unwrap());
        assert_eq!(search("from=yesterday").bad_moment.as_deref(), Some("yesterday"));
    }

    #[test]
    fn columns_are_those_of_the_address_once_each() {
        let wanted = search("col=host&col=EventID,host");
        assert_eq!(wanted.columns, ["host", "EventID"]);
        assert_eq!(wanted.shown().len(), 2);
        assert_eq!(search("col=").columns, USUAL);
    }

    #[test]
    fn terms_read_back_as_themselves_or_are_none() {
        assert_eq!(term("host", "dc01").as_deref(), Some("host:\"dc01\""));
        assert_eq!(term("file", "C:\\\"x\"").as_deref(), Some("file:\"C:\\\\\\\"x\\\"\""));
        assert_eq!(term("a b", "x"), None);
        assert_eq!(term("host", &"x".repeat(2000)), None);
        assert_eq!(narrowed("", "a:\"b\""), "a:\"b\"");
        assert_eq!(narrowed("x:1 OR y:2", "a:\"b\""), "(x:1 OR y:2) a:\"b\"");
        assert_eq!(narrowed("x:1", "-a:\"b\""), "x:1 -a:\"b\"");
    }
}
