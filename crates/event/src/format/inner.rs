//! A log line that travels in a field of another format.
//!
//! journald, containers and shippers hand on what a program wrote as text in a member of an object.
//! A line with a syslog header or of a web server is read as if it had come alone, a message by the
//! parser that knows it ([`payload`]); the fields join those around them.

use super::{Context, application, payload, syslog, web_access};
use crate::record::{Kind, Record};
use crate::value::Value;
use std::sync::Arc;

/// No carried line is longer than this.
const MAX_BYTES: usize = 1 << 20;

/// Reads the line that `value` holds into the record, beside the fields that stand there. The
/// record keeps its kind if no parser knows the line. Answers whether one does.
pub fn read<'a>(
    program: &str,
    value: &Value<'a>,
    record: &mut Record<'a>,
    context: &Context,
) -> bool {
    match value {
        Value::JsonText(text) => {
            // Container runtimes keep the line break at the end.
            let text = text.trim_end_matches("\\n").trim_end_matches("\\r");
            if text.contains('\\') {
                let text = Value::JsonText(text).to_text().into_owned();
                read_owned(program, &text, record, context)
            } else {
                line(program, text, record, context)
            }
        }
        Value::Number(_) => {
            let text = bytes_as_text(value, record);
            read_owned(program, &text, record, context)
        }
        other => {
            let text = other.to_text().into_owned();
            read_owned(program, &text, record, context)
        }
    }
}

/// Reads a line by whatever knows it.
fn line<'a>(program: &str, text: &'a str, record: &mut Record<'a>, context: &Context) -> bool {
    syslog::payload(text, record, context)
        || payload::parse(program, text, record, context)
        || web_access::line(text, record, context)
        || application::payload(text, record)
}

fn read_owned(program: &str, text: &str, record: &mut Record<'_>, context: &Context) -> bool {
    if text.len() > MAX_BYTES {
        return false;
    }
    let mut inner = Record::new(Arc::clone(&context.symbols));
    if !line(program, text, &mut inner, context) {
        return false;
    }
    for field in &inner.fields {
        let name = inner.fields.name(field);
        record.fields.push_known(field.sym, name, field.value.clone().into_owned());
    }
    record.time = inner.time.or(record.time);
    let told = inner.kind != Kind::named("") && inner.kind != Kind::named("json");
    if told {
        record.kind = match inner.kind {
            Kind::Windows => Kind::Windows,
            Kind::Named(name) => Kind::Named(name.into_owned().into()),
        };
    }
    true
}

/// journald writes a line that is not plain text as an array of its bytes, which arrives here as
/// one field per byte.
fn bytes_as_text(first: &Value<'_>, record: &Record<'_>) -> String {
    let sym = record.fields.iter().find(|field| field.value == *first).map(|field| field.sym);
    let bytes: Vec<u8> = record
        .fields
        .iter()
        .filter(|field| Some(field.sym) == sym && matches!(field.value, Value::Number(_)))
        .filter_map(|field| u8::try_from(field.value.as_u64()?).ok())
        .collect();
    String::from_utf8_lossy(&bytes).into_owned()
}
