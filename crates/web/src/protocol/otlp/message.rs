//! The messages of OTLP logs, by the field numbers of the protocol, version 1.

use prost::{Message, Oneof};

/// What a client exports.
#[derive(Clone, PartialEq, Message)]
pub struct ExportLogsRequest {
    /// Records by resource.
    #[prost(message, repeated, tag = "1")]
    pub resource_logs: Vec<ResourceLogs>,
}

/// What a client is answered.
#[derive(Clone, PartialEq, Message)]
pub struct ExportLogsResponse {
    /// What was left out, if anything.
    #[prost(message, optional, tag = "1")]
    pub partial_success: Option<PartialSuccess>,
}

/// What was left out.
#[derive(Clone, PartialEq, Message)]
pub struct PartialSuccess {
    /// How many records.
    #[prost(int64, tag = "1")]
    pub rejected_log_records: i64,
    /// Why.
    #[prost(string, tag = "2")]
    pub error_message: String,
}

/// Why a request failed.
#[derive(Clone, PartialEq, Message)]
pub struct Status {
    /// Not used over HTTP.
    #[prost(int32, tag = "1")]
    pub code: i32,
    /// Why.
    #[prost(string, tag = "2")]
    pub message: String,
}

/// Records of one resource.
#[derive(Clone, PartialEq, Message)]
pub struct ResourceLogs {
    /// What the records are about: a host, a service.
    #[prost(message, optional, tag = "1")]
    pub resource: Option<Resource>,
    /// Records by what made them.
    #[prost(message, repeated, tag = "2")]
    pub scope_logs: Vec<ScopeLogs>,
}

/// What records are about.
#[derive(Clone, PartialEq, Message)]
pub struct Resource {
    /// Its properties.
    #[prost(message, repeated, tag = "1")]
    pub attributes: Vec<KeyValue>,
}

/// Records of one maker.
#[derive(Clone, PartialEq, Message)]
pub struct ScopeLogs {
    /// What made the records.
    #[prost(message, optional, tag = "1")]
    pub scope: Option<Scope>,
    /// The records.
    #[prost(message, repeated, tag = "2")]
    pub log_records: Vec<LogRecord>,
}

/// What made records.
#[derive(Clone, PartialEq, Message)]
pub struct Scope {
    /// Its name.
    #[prost(string, tag = "1")]
    pub name: String,
    /// Its version.
    #[prost(string, tag = "2")]
    pub version: String,
    /// Its properties.
    #[prost(message, repeated, tag = "3")]
    pub attributes: Vec<KeyValue>,
}

/// A record.
#[derive(Clone, PartialEq, Message)]
pub struct LogRecord {
    /// When it happened, in nanoseconds since 1970; 0 if nobody knows.
    #[prost(fixed64, tag = "1")]
    pub time_unix_nano: u64,
    /// When it was seen, in nanoseconds since 1970.
    #[prost(fixed64, tag = "11")]
    pub observed_time_unix_nano: u64,
    /// How severe, 1 to 24; 0 if nobody says.
    #[prost(int32, tag = "2")]
    pub severity_number: i32,
    /// How severe, as the source words it.
    #[prost(string, tag = "3")]
    pub severity_text: String,
    /// What was logged.
    #[prost(message, optional, tag = "5")]
    pub body: Option<AnyValue>,
    /// Its properties.
    #[prost(message, repeated, tag = "6")]
    pub attributes: Vec<KeyValue>,
    /// The trace that it belongs to.
    #[prost(bytes = "vec", tag = "9")]
    pub trace_id: Vec<u8>,
    /// The span that it belongs to.
    #[prost(bytes = "vec", tag = "10")]
    pub span_id: Vec<u8>,
    /// What kind of event it is.
    #[prost(string, tag = "12")]
    pub event_name: String,
}

/// A property.
#[derive(Clone, PartialEq, Message)]
pub struct KeyValue {
    /// Its name.
    #[prost(string, tag = "1")]
    pub key: String,
    /// Its value.
    #[prost(message, optional, tag = "2")]
    pub value: Option<AnyValue>,
}

/// A value of any kind.
#[derive(Clone, PartialEq, Message)]
pub struct AnyValue {
    /// The value, or nothing.
    #[prost(oneof = "Value", tags = "1, 2, 3, 4, 5, 6, 7")]
    pub value: Option<Value>,
}

/// The kinds of values.
#[derive(Clone, PartialEq, Oneof)]
pub enum Value {
    /// A text.
    #[prost(string, tag = "1")]
    Text(String),
    /// True or false.
    #[prost(bool, tag = "2")]
    Bool(bool),
    /// A whole number.
    #[prost(int64, tag = "3")]
    Int(i64),
    /// A number.
    #[prost(double, tag = "4")]
    Double(f64),
    /// A list.
    #[prost(message, tag = "5")]
    Array(ArrayValue),
    /// Properties.
    #[prost(message, tag = "6")]
    Map(KeyValueList),
    /// Bytes.
    #[prost(bytes = "vec", tag = "7")]
    Bytes(Vec<u8>),
}

/// A list of values.
#[derive(Clone, PartialEq, Message)]
pub struct ArrayValue {
    /// The values.
    #[prost(message, repeated, tag = "1")]
    pub values: Vec<AnyValue>,
}

/// A list of properties.
#[derive(Clone, PartialEq, Message)]
pub struct KeyValueList {
    /// The properties.
    #[prost(message, repeated, tag = "1")]
    pub values: Vec<KeyValue>,
}
