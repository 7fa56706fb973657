//! Records of OTLP to lines.
//!
//! A line is one flat object, so that rules meet the names that a record has: members of a body
//! that is a map, then attributes of the record, then of its resource, each name once; what comes
//! later under a name that is taken gets `attributes.` or `resource.` before it. A body that is
//! a text stands in `body`, where its line is read as if it had come alone. `@timestamp`,
//! `observed_timestamp`, `severity_number`, `severity_text`, `trace_id`, `span_id`, `event_name` and
//! `scope.*` are the record's own.

use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

use super::Logs;
use super::message::{AnyValue, ExportLogsRequest, KeyValue, LogRecord, Resource, Scope, Value};
use crate::protocol::hex;
use crate::protocol::lines::{Lines, TooLarge};

/// Values nest no deeper than this in a line; what is deeper is left out.
const MAX_DEPTH: usize = 32;

/// Names that only the record itself may give.
const OWN: [&str; 8] = [
    "@timestamp",
    "observed_timestamp",
    "severity_number",
    "severity_text",
    "trace_id",
    "span_id",
    "event_name",
    "body",
];

/// The lines of a request. `now` is when records were seen that do not say it.
pub fn flatten(request: &ExportLogsRequest, now: u64) -> Result<Logs, TooLarge> {
    let mut logs = Logs::default();
    for of_resource in &request.resource_logs {
        for of_scope in &of_resource.scope_logs {
            for record in &of_scope.log_records {
                if is_empty(record) {
                    logs.empty += 1;
                    continue;
                }
                let mut line = Line::new(&mut logs.lines)?;
                line.head(record, now)?;
                line.content(record)?;
                line.around(of_resource.resource.as_ref(), of_scope.scope.as_ref())?;
                line.end()?;
            }
        }
    }
    Ok(logs)
}

fn is_empty(record: &LogRecord) -> bool {
    let has_body = record.body.as_ref().is_some_and(|body| match &body.value {
        Some(Value::Text(text)) => !text.is_empty(),
        Some(_) => true,
        None => false,
    });
    !has_body && record.attributes.is_empty() && record.event_name.is_empty()
}

/// A line that is being written.
struct Line<'a, 'r> {
    out: &'a mut Lines,
    taken: HashSet<&'r str>,
}

impl<'a, 'r> Line<'a, 'r> {
    fn new(out: &'a mut Lines) -> Result<Self, TooLarge> {
        out.append(b"{")?;
        Ok(Self { out, taken: HashSet::from(OWN) })
    }

    /// What the data model says of every record.
    fn head(&mut self, record: &LogRecord, now: u64) -> Result<(), TooLarge> {
        let observed =
            if record.observed_time_unix_nano > 0 { record.observed_time_unix_nano } else { now };
        let time = if record.time_unix_nano > 0 { record.time_unix_nano } else { observed };
        self.text("", "@timestamp", &moment(time))?;
        self.text("", "observed_timestamp", &moment(observed))?;
        if record.severity_number != 0 {
            self.name("", "severity_number")?;
            self.plain(&record.severity_number.to_string())?;
        }
        for (name, text) in
            [("severity_text", &record.severity_text), ("event_name", &record.event_name)]
        {
            if !text.is_empty() {
                self.text("", name, text)?;
            }
        }
        for (name, id) in [("trace_id", &record.trace_id), ("span_id", &record.span_id)] {
            if !id.is_empty() {
                self.text("", name, &hex(id.get(..64).unwrap_or(id)))?;
            }
        }
        Ok(())
    }

    /// Body and attributes.
    fn content(&mut self, record: &'r LogRecord) -> Result<(), TooLarge> {
        match record.body.as_ref().and_then(|body| body.value.as_ref()) {
            Some(Value::Map(map)) => self.members("body.", &map.values)?,
            Some(_) => self.any("", "body", record.body.as_ref())?,
            None => {}
        }
        self.members("attributes.", &record.attributes)
    }

    /// Resource and scope.
    fn around(
        &mut self,
        resource: Option<&'r Resource>,
        scope: Option<&'r Scope>,
    ) -> Result<(), TooLarge> {
        if let Some(resource) = resource {
            self.members("resource.", &resource.attributes)?;
        }
        let Some(scope) = scope else { return Ok(()) };
        for (name, text) in [("scope.name", &scope.name), ("scope.version", &scope.version)] {
            if !text.is_empty() && self.taken.insert(name) {
                self.text("", name, text)?;
            }
        }
        for pair in &scope.attributes {
            self.any("scope.attributes.", &pair.key, pair.value.as_ref())?;
        }
        Ok(())
    }

    /// Properties under their own names, or with `otherwise` before a name that is taken.
    fn members(&mut self, otherwise: &str, pairs: &'r [KeyValue]) -> Result<(), TooLarge> {
        for pair in pairs {
            let before = if self.taken.insert(&pair.key) { "" } else { otherwise };
            self.any(before, &pair.key, pair.value.as_ref())?;
        }
        Ok(())
    }

    fn any(&mut self, before: &str, name: &str, value: Option<&AnyValue>) -> Result<(), TooLarge> {
        self.name(before, name)?;
        self.value(value, 0)?;
        self.out.append(b",")
    }

    fn value(&mut self, value: Option<&AnyValue>, depth: usize) -> Result<(), TooLarge> {
        let value = value.and_then(|value| value.value.as_ref()).filter(|_| depth < MAX_DEPTH);
        match value {
            None => self.out.append(b"null"),
            Some(Value::Text(text)) => self.out.append_text(text),
            Some(Value::Bool(value)) => self.out.append(value.to_string().as_bytes()),
            Some(Value::Int(number)) => self.out.append(number.to_string().as_bytes()),
            Some(Value::Double(number)) if number.is_finite() => {
                self.out.append(serde_json::Value::from(*number).to_string().as_bytes())
            }
            Some(Value::Double(number)) => self.out.append_text(&number.to_string()),
            Some(Value::Bytes(bytes)) => self.out.append_text(&STANDARD.encode(bytes)),
            Some(Value::Array(list)) => {
                self.out.append(b"[")?;
                for item in &list.values {
                    self.value(Some(item), depth + 1)?;
                    self.out.append(b",")?;
                }
                self.out.take_back(b',');
                self.out.append(b"]")
            }
            Some(Value::Map(map)) => {
                self.out.append(b"{")?;
                for pair in &map.values {
                    self.name("", &pair.key)?;
                    self.value(pair.value.as_ref(), depth + 1)?;
                    self.out.append(b",")?;
                }
                self.out.take_back(b',');
                self.out.append(b"}")
            }
        }
    }

    fn text(&mut self, before: &str, name: &str, text: &str) -> Result<(), TooLarge> {
        self.name(before, name)?;
        self.out.append_text(text)?;
        self.out.append(b",")
    }

    fn plain(&mut self, json: &str) -> Result<(), TooLarge> {
        self.out.append(json.as_bytes())?;
        self.out.append(b",")
    }

    fn name(&mut self, before: &str, name: &str) -> Result<(), TooLarge> {
        if before.is_empty() {
            self.out.append_text(name)?;
        } else {
            self.out.append_text(&format!("{before}{name}"))?;
        }
        self.out.append(b":")
    }

    fn end(self) -> Result<(), TooLarge> {
        self.out.take_back(b',');
        self.out.append(b"}")?;
        self.out.end();
        Ok(())
    }
}

/// A moment in RFC 3339.
fn moment(nanoseconds: u64) -> String {
    let found = Timestamp::from_nanosecond(nanoseconds.into());
    found.unwrap_or(Timestamp::UNIX_EPOCH).to_string()
}
