//! OTLP over HTTP: logs of OpenTelemetry.
//!
//! In comes the body of `/v1/logs`, in protobuf ([`message`]) or JSON ([`json`]); out comes one
//! line a record ([`flatten`]). To carry another field of the data model, add it to the message, to
//! the JSON reader, and to what is written.

pub mod flatten;
pub mod json;
pub mod message;

use prost::Message;

use super::lines::{Lines, TooLarge};
use message::{ExportLogsRequest, ExportLogsResponse, PartialSuccess};

/// How a body is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Binary.
    Protobuf,
    /// The JSON form of it.
    Json,
}

impl Encoding {
    /// The encoding of a media type without parameters.
    pub fn of(media_type: &str) -> Option<Self> {
        match media_type {
            "application/x-protobuf" => Some(Self::Protobuf),
            "application/json" => Some(Self::Json),
            _ => None,
        }
    }

    /// The media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Protobuf => "application/x-protobuf",
            Self::Json => "application/json",
        }
    }
}

/// Why a body is refused.
#[derive(Debug, thiserror::Error)]
pub enum OtlpError {
    /// It is no protobuf of the request.
    #[error("the body is no OTLP logs request in protobuf: {0}")]
    Protobuf(#[from] prost::DecodeError),
    /// It is no JSON of the request.
    #[error("the body is no OTLP logs request in JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// Its records come to more than one batch.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
}

/// What was read from a body.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Logs {
    /// The records.
    pub lines: Lines,
    /// Records that say nothing: neither a body nor an attribute.
    pub empty: u64,
}

/// Reads a body. `now` is for records that do not say when they were seen, in nanoseconds since
/// 1970.
pub fn parse(body: &[u8], encoding: Encoding, now: u64) -> Result<Logs, OtlpError> {
    let request = match encoding {
        Encoding::Protobuf => ExportLogsRequest::decode(body)?,
        Encoding::Json => json::parse(body)?,
    };
    Ok(flatten::flatten(&request, now)?)
}

/// The answer to a request that is safe, of which `rejected` records were left out.
pub fn answer(encoding: Encoding, rejected: u64) -> Vec<u8> {
    const WHY: &str = "records without body and attributes say nothing";
    match encoding {
        Encoding::Protobuf => {
            let partial_success = (rejected > 0).then(|| PartialSuccess {
                rejected_log_records: rejected as i64,
                error_message: WHY.into(),
            });
            ExportLogsResponse { partial_success }.encode_to_vec()
        }
        Encoding::Json if rejected == 0 => b"{}".to_vec(),
        Encoding::Json => {
            let partial = serde_json::json!({"partialSuccess": {
                "rejectedLogRecords": rejected.to_string(), "errorMessage": WHY
            }});
            partial.to_string().into_bytes()
        }
    }
}

/// An answer that refuses: a `Status` with a message.
pub fn refusal(encoding: Encoding, message: &str) -> Vec<u8> {
    match encoding {
        Encoding::Protobuf => message::Status { code: 0, message: message.into() }.encode_to_vec(),
        Encoding::Json => {
            serde_json::json!({"code": 0, "message": message}).to_string().into_bytes()
        }
    }
}

#[cfg(test)]
mod tests;
