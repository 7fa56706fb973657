//! `_bulk`: lines in pairs, an action and its document.
//!
//! In comes a body; out come the documents of `create` and `index`, one a line, and for each action
//! what is to be answered. `delete` and `update` are answered with an error each: what was kept
//! stays as it came. A body whose pairs do not hold is refused as a whole, with the line at fault.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::protocol::hex;
use crate::protocol::lines::{Lines, TooLarge};

/// Actions of one body at most.
pub const MAX_ITEMS: usize = 200_000;

/// What a client asked for a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Keep it, as something new.
    Create,
    /// Keep it.
    Index,
    /// Change one: refused.
    Update,
    /// Remove one: refused.
    Delete,
}

impl Action {
    /// Its name in bodies and answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Index => "index",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }

    /// Whether its document is kept.
    pub fn is_kept(self) -> bool {
        matches!(self, Self::Create | Self::Index)
    }
}

/// An action and what it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item<'a> {
    /// What was asked.
    pub action: Action,
    /// The index it names, if it does.
    pub index: Option<Cow<'a, str>>,
    /// The client's id of the document, if it has one.
    pub id: Option<Cow<'a, str>>,
}

/// A body that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bulk<'a> {
    /// What to answer, in the order of the body.
    pub items: Vec<Item<'a>>,
    /// The documents to be kept.
    pub lines: Lines,
    /// What tells this body when it is sent again: a hash over ids and documents, if every document
    /// bears an id.
    pub name: Option<String>,
}

/// Why a body is refused as a whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BulkError {
    /// A line that has to be an action is none.
    #[error(
        "Malformed action/metadata line [{line}], expected one of [create, delete, index, update]"
    )]
    Action {
        /// The line, counted from 1.
        line: usize,
    },
    /// An action has no document.
    #[error("The action on line [{line}] has no document; a bulk request ends with a line break")]
    NoDocument {
        /// The line of the action, counted from 1.
        line: usize,
    },
    /// More actions than one request may hold.
    #[error("more than {MAX_ITEMS} actions; send smaller batches")]
    TooMany,
    /// More bytes than one batch may hold.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
}

/// Reads a body.
pub fn parse(body: &[u8]) -> Result<Bulk<'_>, BulkError> {
    let mut bulk = Bulk::default();
    let mut hash = Some(Sha256::new());
    let mut lines = Numbered { rest: body, number: 0 };
    while let Some((line, text)) = lines.next() {
        if text.trim_ascii().is_empty() {
            continue;
        }
        let item = action(text).ok_or(BulkError::Action { line })?;
        if bulk.items.len() == MAX_ITEMS {
            return Err(BulkError::TooMany);
        }
        if item.action != Action::Delete {
            let (_, document) = lines.next().ok_or(BulkError::NoDocument { line })?;
            if document.trim_ascii().is_empty() {
                return Err(BulkError::NoDocument { line });
            }
            if item.action.is_kept() {
                bulk.lines.push(document)?;
                hash = hash.and_then(|hash| add(hash, &item, document));
            }
        }
        bulk.items.push(item);
    }
    let hash = hash.filter(|_| !bulk.lines.is_empty());
    bulk.name = hash.map(|hash| format!("bulk/{}", hex(&hash.finalize())));
    Ok(bulk)
}

/// Adds a document to the hash, if it bears an id.
fn add(mut hash: Sha256, item: &Item<'_>, document: &[u8]) -> Option<Sha256> {
    let id = item.id.as_deref()?;
    let index = item.index.as_deref().unwrap_or_default();
    for part in [index.as_bytes(), id.as_bytes(), document] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    Some(hash)
}

/// Lines with their numbers, blank ones too.
struct Numbered<'a> {
    rest: &'a [u8],
    number: usize,
}

impl<'a> Iterator for Numbered<'a> {
    type Item = (usize, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let end = memchr::memchr(b'\n', self.rest).unwrap_or(self.rest.len());
        let (line, after) = self.rest.split_at(end);
        self.rest = after.get(1..).unwrap_or_default();
        self.number += 1;
        Some((self.number, line.strip_suffix(b"\r").unwrap_or(line)))
    }
}

/// What an action line may say. Whatever else it says is passed over.
#[derive(Deserialize)]
struct ActionLine<'a> {
    #[serde(borrow)]
    create: Option<Meta<'a>>,
    #[serde(borrow)]
    index: Option<Meta<'a>>,
    #[serde(borrow)]
    update: Option<Meta<'a>>,
    #[serde(borrow)]
    delete: Option<Meta<'a>>,
}

#[derive(Deserialize)]
struct Meta<'a> {
    #[serde(borrow, rename = "_index")]
    index: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "_id")]
    id: Option<&'a RawValue>,
}

fn action(line: &[u8]) -> Option<Item<'_>> {
    let line: ActionLine<'_> = serde_json::from_slice(line).ok()?;
    let named = [
        (Action::Create, line.create),
        (Action::Index, line.index),
        (Action::Update, line.update),
        (Action::Delete, line.delete),
    ];
    let mut named = named.into_iter().filter_map(|(action, meta)| Some((action, meta?)));
    let (action, meta) = named.next()?;
    if named.next().is_some() {
        return None;
    }
    Some(Item { action, index: meta.index, id: meta.id.and_then(id) })
}

/// An id, which some clients write as a number.
fn id(value: &RawValue) -> Option<Cow<'_, str>> {
    let text = value.get();
    match text.as_bytes().first()? {
        b'"' => serde_json::from_str(text).ok().map(Cow::Owned),
        b'-' | b'0'..=b'9' => Some(Cow::Borrowed(text)),
        _ => None,
    }
}

/// The answer to a body of which everything that can be kept was kept.
///
/// `default_index` is the index that the address of the request names, `batch` what the generated
/// ids begin with.
pub fn answer(bulk: &Bulk<'_>, default_index: Option<&str>, batch: &str) -> Vec<u8> {
    let errors = bulk.items.iter().any(|item| !item.action.is_kept());
    let mut out = Vec::with_capacity(bulk.items.len() * 120 + 64);
    out.extend_from_slice(format!("{{\"took\":0,\"errors\":{errors},\"items\":[").as_bytes());
    for (number, item) in bulk.items.iter().enumerate() {
        if number > 0 {
            out.push(b',');
        }
        let index = item.index.as_deref().or(default_index).unwrap_or("events");
        let generated;
        let id = if let Some(id) = item.id.as_deref() {
            id
        } else {
            generated = format!("{batch}-{number}");
            &generated
        };
        let name = item.action.name();
        out.extend_from_slice(format!("{{\"{name}\":{{\"_index\":").as_bytes());
        text(&mut out, index);
        out.extend_from_slice(b",\"_id\":");
        text(&mut out, id);
        out.extend_from_slice(if item.action.is_kept() { KEPT } else { REFUSED });
    }
    out.extend_from_slice(b"]}");
    out
}

const KEPT: &[u8] = br#","_version":1,"result":"created","_shards":{"total":1,"successful":1,"failed":0},"_seq_no":0,"_primary_term":1,"status":201}}"#;
const REFUSED: &[u8] = br#","status":400,"error":{"type":"illegal_argument_exception","reason":"events are kept as they came: only create and index are taken"}}}"#;

fn text(out: &mut Vec<u8>, text: &str) {
    // Writing into memory does not fail.
    let _ = serde_json::to_writer(out, text);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn answered(bulk: &Bulk<'_>) -> Value {
        serde_json::from_slice(&answer(bulk, Some("logs"), "7")).unwrap()
    }

    #[test]
    fn documents_of_pairs_are_kept_and_each_item_is_answered() {
        let body = b"{\"create\":{\"_index\":\"filebeat-8\"}}\n{\"message\":\"a\"}\r\n\
            {\"index\":{\"_id\":\"x\\\"1\",\"pipeline\":\"p\"}}\n{\"message\":\"b\"}\n\
            {\"delete\":{\"_id\":5}}\n{\"update\":{\"_id\":\"z\"}}\n{\"doc\":{}}\n\n";
        let bulk = parse(body).unwrap();
        assert_eq!(bulk.lines.bytes(), b"{\"message\":\"a\"}\n{\"message\":\"b\"}\n");
        assert_eq!((bulk.lines.count(), bulk.items.len(), &bulk.name), (2, 4, &None));
        let answer = answered(&bulk);
        assert_eq!(answer["errors"], true);
        assert_eq!(answer["items"][0]["create"]["_index"], "filebeat-8");
        assert_eq!(answer["items"][0]["create"]["_id"], "7-0");
        assert_eq!(answer["items"][0]["create"]["status"], 201);
        assert_eq!(answer["items"][1]["index"]["_id"], "x\"1");
        assert_eq!(answer["items"][1]["index"]["_index"], "logs");
        assert_eq!(answer["items"][2]["delete"]["_id"], "5");
        assert_eq!(answer["items"][2]["delete"]["status"], 400);
        assert_eq!(answer["items"][3]["update"]["error"]["type"], "illegal_argument_exception");
    }

    #[test]
    fn a_body_whose_pairs_do_not_hold_is_refused_with_the_line() {
        for (body, expected) in [
            ("{\"create\":{}}\n", BulkError::NoDocument { line: 1 }),
            ("{\"create\":{}}\n\n{\"a\":1}\n", BulkError::NoDocument { line: 1 }),
            ("\n{\"a\":1}\n", BulkError::Action { line: 2 }),
            ("{\"create\":{}}\n{}\nno\n", BulkError::Action { line: 3 }),
            ("{\"create\":{},\"index\":{}}\n{}\n", BulkError::Action { line: 1 }),
            ("{\"create\":7}\n{}\n", BulkError::Action { line: 1 }),
        ] {
            assert_eq!(parse(body.as_bytes()), Err(expected), "{body}");
        }
        assert_eq!(parse(b"").unwrap().items, []);
    }

    #[test]
    fn a_body_is_told_again_by_ids_and_documents() {
        let one = |id: &str, text: &str| {
            let body = format!("{{\"index\":{{\"_id\":\"{id}\"}}}}\n{{\"a\":\"{text}\"}}\n");
            parse(body.as_bytes()).unwrap().name.unwrap()
        };
        assert_eq!(one("1", "x"), one("1", "x"));
        assert_ne!(one("1", "x"), one("2", "x"));
        assert_ne!(one("1", "x"), one("1", "y"));
        let mixed = b"{\"index\":{\"_id\":\"1\"}}\n{}\n{\"index\":{}}\n{}\n";
        assert_eq!(parse(mixed).unwrap().name, None);
    }

    proptest! {
        #[test]
        fn any_body_is_read_or_refused(body in "[{}\":,\\\\_a-z0-9\n]{0,120}") {
            let _ = parse(body.as_bytes());
        }

        #[test]
        fn every_document_comes_out_once(texts in proptest::collection::vec("[^\r\n]{0,20}", 0..20)) {
            let documents: Vec<String> =
                texts.iter().map(|text| serde_json::json!({"m": text}).to_string()).collect();
            let (mut body, mut expected) = (String::new(), String::new());
            for text in &documents {
                body += &format!("{{\"create\":{{}}}}\n{text}\n");
                expected += &format!("{text}\n");
            }
            let bulk = parse(body.as_bytes()).unwrap();
            prop_assert_eq!(bulk.lines.bytes(), expected.as_bytes());
            let answer = answered(&bulk);
            prop_assert_eq!(answer["items"].as_array().unwrap().len(), documents.len());
        }
    }
}
