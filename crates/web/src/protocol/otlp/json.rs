//! The JSON form of OTLP logs: names in lower camel case, 64-bit numbers as text or number, trace
//! and span ids in hexadecimal digits, bytes in base64, unknown members passed over.
//!
//! In comes a body; out comes the same message that protobuf gives. Depth is bounded by the JSON
//! reader.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::{Error, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::message::{
    AnyValue, ArrayValue, ExportLogsRequest, KeyValue, KeyValueList, LogRecord, Resource,
    ResourceLogs, Scope, ScopeLogs, Value,
};

/// Reads a body.
pub fn parse(body: &[u8]) -> Result<ExportLogsRequest, serde_json::Error> {
    let request: Request = serde_json::from_slice(body)?;
    let resource_logs = request.resource_logs.into_iter().map(Into::into).collect();
    Ok(ExportLogsRequest { resource_logs })
}

#[derive(Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[derive(Default)]
struct Request {
    #[serde(alias = "resource_logs")]
    resource_logs: Vec<ResourceLogsJson>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ResourceLogsJson {
    resource: AttributesJson,
    #[serde(alias = "scope_logs")]
    scope_logs: Vec<ScopeLogsJson>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct AttributesJson {
    attributes: Vec<KeyValueJson>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ScopeLogsJson {
    scope: ScopeJson,
    #[serde(alias = "log_records")]
    log_records: Vec<LogRecordJson>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ScopeJson {
    name: String,
    version: String,
    attributes: Vec<KeyValueJson>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct LogRecordJson {
    #[serde(alias = "time_unix_nano")]
    time_unix_nano: Whole,
    #[serde(alias = "observed_time_unix_nano")]
    observed_time_unix_nano: Whole,
    #[serde(alias = "severity_number")]
    severity_number: Severity,
    #[serde(alias = "severity_text")]
    severity_text: String,
    body: Option<ValueJson>,
    attributes: Vec<KeyValueJson>,
    #[serde(alias = "trace_id")]
    trace_id: String,
    #[serde(alias = "span_id")]
    span_id: String,
    #[serde(alias = "event_name")]
    event_name: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct KeyValueJson {
    key: String,
    value: Option<ValueJson>,
}

/// A number as number or text.
#[derive(Clone, Copy, Default)]
struct Whole(i128);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader;
        impl Visitor<'_> for Reader {
            type Value = Whole;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a whole number as number or text")
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Whole, E> {
                Ok(Whole(number.into()))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Whole, E> {
                Ok(Whole(number.into()))
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Whole, E> {
                Ok(Whole(number as i128))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Whole, E> {
                text.parse().map(Whole).map_err(E::custom)
            }
        }
        from.deserialize_any(Reader)
    }
}

/// A severity as number or name.
#[derive(Clone, Copy, Default)]
struct Severity(i32);

impl<'de> Deserialize<'de> for Severity {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader;
        impl Visitor<'_> for Reader {
            type Value = Severity;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a severity number or its name")
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Severity, E> {
                Ok(Severity(number.try_into().unwrap_or(0)))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Severity, E> {
                Ok(Severity(number.try_into().unwrap_or(0)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Severity, E> {
                let name = text.strip_prefix("SEVERITY_NUMBER_").unwrap_or(text);
                let letters = name.trim_end_matches(|c: char| c.is_ascii_digit());
                let step = name.get(letters.len()..).and_then(|step| step.parse().ok());
                let first = match letters {
                    "TRACE" => 1,
                    "DEBUG" => 5,
                    "INFO" => 9,
                    "WARN" => 13,
                    "ERROR" => 17,
                    "FATAL" => 21,
                    _ => return Ok(Severity(text.parse().unwrap_or(0))),
                };
                Ok(Severity(first + step.unwrap_or(1).clamp(1, 4) - 1))
            }
        }
        from.deserialize_any(Reader)
    }
}

/// A value: an object with one member that tells its kind, or none.
#[derive(Default)]
struct ValueJson(Option<Value>);

impl<'de> Deserialize<'de> for ValueJson {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = ValueJson;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a value such as {\"stringValue\":\"…\"}")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ValueJson, A::Error> {
                let mut found = None;
                while let Some(kind) = map.next_key::<String>()? {
                    found = match kind.as_str() {
                        "stringValue" | "string_value" => Some(Value::Text(map.next_value()?)),
                        "boolValue" | "bool_value" => Some(Value::Bool(map.next_value()?)),
                        "intValue" | "int_value" => {
                            let Whole(number) = map.next_value()?;
                            let number = number.clamp(i64::MIN.into(), i64::MAX.into());
                            Some(Value::Int(number as i64))
                        }
                        "doubleValue" | "double_value" => {
                            Some(map.next_value::<Double>()?.into_value())
                        }
                        "arrayValue" | "array_value" => {
                            let list: ListJson<ValueJson> = map.next_value()?;
                            let values = list.values.into_iter().map(Into::into).collect();
                            Some(Value::Array(ArrayValue { values }))
                        }
                        "kvlistValue" | "kvlist_value" => {
                            let list: ListJson<KeyValueJson> = map.next_value()?;
                            Some(Value::Map(KeyValueList { values: pairs(list.values) }))
                        }
                        "bytesValue" | "bytes_value" => {
                            let text: String = map.next_value()?;
                            Some(Value::Bytes(STANDARD.decode(text).map_err(A::Error::custom)?))
                        }
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                            found
                        }
                    };
                }
                Ok(ValueJson(found))
            }
        }
        from.deserialize_map(Reader)
    }
}

/// A number, or one of the three that JSON has no number for.
#[derive(Deserialize)]
#[serde(untagged)]
enum Double {
    Number(f64),
    Text(String),
}

impl Double {
    fn into_value(self) -> Value {
        match self {
            Self::Number(number) => Value::Double(number),
            Self::Text(text) => Value::Text(text),
        }
    }
}

#[derive(Deserialize)]
#[serde(default)]
struct ListJson<T> {
    values: Vec<T>,
}

impl<T> Default for ListJson<T> {
    fn default() -> Self {
        Self { values: Vec::new() }
    }
}

fn pairs(list: Vec<KeyValueJson>) -> Vec<KeyValue> {
    let pair = |pair: KeyValueJson| KeyValue { key: pair.key, value: pair.value.map(Into::into) };
    list.into_iter().map(pair).collect()
}

impl From<ValueJson> for AnyValue {
    fn from(value: ValueJson) -> Self {
        Self { value: value.0 }
    }
}

impl From<ResourceLogsJson> for ResourceLogs {
    fn from(logs: ResourceLogsJson) -> Self {
        Self {
            resource: Some(Resource { attributes: pairs(logs.resource.attributes) }),
            scope_logs: logs.scope_logs.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<ScopeLogsJson> for ScopeLogs {
    fn from(logs: ScopeLogsJson) -> Self {
        let ScopeJson { name, version, attributes } = logs.scope;
        Self {
            scope: Some(Scope { name, version, attributes: pairs(attributes) }),
            log_records: logs.log_records.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<LogRecordJson> for LogRecord {
    fn from(record: LogRecordJson) -> Self {
        Self {
            time_unix_nano: record.time_unix_nano.0.try_into().unwrap_or(0),
            observed_time_unix_nano: record.observed_time_unix_nano.0.try_into().unwrap_or(0),
            severity_number: record.severity_number.0,
            severity_text: record.severity_text,
            body: record.body.map(Into::into),
            attributes: pairs(record.attributes),
            trace_id: from_hex(&record.trace_id),
            span_id: from_hex(&record.span_id),
            event_name: record.event_name,
        }
    }
}

/// The bytes of hexadecimal digits; none if they are not such.
fn from_hex(text: &str) -> Vec<u8> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0).unwrap_or_default();
    digits
        .chunks_exact(2)
        .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit))
        .collect()
}
