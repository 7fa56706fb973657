//! `/api/v1/evidence`

pub(super) mod add;
pub(super) mod get;
pub(super) mod list;

use khien_domain::evidence::content::{Content, moment};
use khien_domain::evidence::{About, Record, hex};
use serde::Serialize;
use serde_json::{Map, Value};

/// A record of the ledger.
#[derive(Serialize)]
pub(super) struct EvidenceJson {
    seq: u64,
    #[serde(rename = "type")]
    kind: String,
    schema: i64,
    agency: Option<String>,
    system: Option<String>,
    subject: String,
    from: &'static str,
    r#ref: String,
    how: &'static str,
    by: String,
    at: String,
    until: Option<String>,
    recorded: String,
    corrects: Option<u64>,
    content: Value,
    content_hash: String,
    prev: String,
    /// The hash of the record itself.
    hash: String,
}

impl From<Record> for EvidenceJson {
    fn from(record: Record) -> Self {
        let about = record.about;
        let hash = hex(&About::hash(&about.to_text()));
        Self {
            seq: about.seq,
            kind: about.kind,
            schema: about.schema,
            agency: about.agency.map(|agency| agency.to_string()),
            system: about.system.map(|system| system.to_string()),
            subject: about.subject,
            from: about.origin.name(),
            r#ref: about.reference,
            how: about.how.name(),
            by: about.by,
            at: moment(about.at),
            until: about.until.map(moment),
            recorded: moment(about.recorded),
            corrects: about.corrects,
            content: json(&record.content),
            content_hash: about.content_hash,
            prev: about.prev,
            hash,
        }
    }
}

fn json(content: &Content) -> Value {
    match content {
        Content::Bool(value) => Value::Bool(*value),
        Content::Int(value) => Value::from(*value),
        Content::Text(text) => Value::from(text.as_str()),
        Content::List(values) => values.iter().map(json).collect(),
        Content::Map(values) => {
            let pairs = values.iter().map(|(name, value)| (name.clone(), json(value)));
            Value::Object(pairs.collect::<Map<_, _>>())
        }
    }
}
