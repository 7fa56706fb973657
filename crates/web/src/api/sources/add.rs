//! `POST /api/v1/sources`: registers a source of a system. Its token is shown in this answer and
//! never again.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use khien_app::use_case::register;
use khien_domain::rate::Rate;
use khien_domain::source::{Fingerprint, SourceKind, SourceSettings};
use serde::Deserialize;

use super::SourceWithToken;
use crate::api::Api;
use crate::api::asking::Asking;
use crate::api::error::ApiError;
use crate::api::input::{Body, one_of, system};

/// What a source may send if nobody says how much.
const RATE: Rate = Rate { events_per_second: 100_000, bytes_per_second: 512 << 20 };
/// After so many seconds a source counts as silent if nobody says otherwise.
const HEARTBEAT: u32 = 900;

/// A source to be registered.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct NewSource {
    system: String,
    kind: String,
    name: String,
    #[serde(default)]
    formats: Vec<String>,
    #[serde(default)]
    from: Vec<String>,
    certificate: Option<String>,
    /// 0 means that nobody watches.
    heartbeat_seconds: Option<u32>,
    events_per_second: Option<u32>,
    bytes_per_second: Option<u32>,
}

impl NewSource {
    fn settings(self) -> Result<SourceSettings, ApiError> {
        let networks = self.from.iter().map(|text| {
            text.parse().map_err(|error: khien_domain::network::NetworkError| {
                ApiError::invalid(error.to_string())
            })
        });
        let certificate = self.certificate.as_deref();
        let certificate =
            certificate.map(|text| one_of("certificate", text, Fingerprint::parse)).transpose()?;
        let heartbeat = self.heartbeat_seconds.unwrap_or(HEARTBEAT);
        Ok(SourceSettings {
            networks: networks.collect::<Result<_, _>>()?,
            name: self.name,
            formats: self.formats.into_iter().collect(),
            rate: Rate {
                events_per_second: self.events_per_second.unwrap_or(RATE.events_per_second),
                bytes_per_second: self.bytes_per_second.unwrap_or(RATE.bytes_per_second),
            },
            heartbeat_seconds: (heartbeat > 0).then_some(heartbeat),
            certificate,
        })
    }
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
    headers: HeaderMap,
    Body(new): Body<NewSource>,
) -> Result<(StatusCode, Json<SourceWithToken>), ApiError> {
    let kind = one_of("kind", &new.kind, SourceKind::parse)?;
    let system = system(&new.system)?;
    let (settings, random) = (new.settings()?, api.token_bytes()?);
    let made = register::add_source(&api.app, &caller, &system, kind, settings, &random).await?;
    Ok((StatusCode::CREATED, Json(SourceWithToken::new(&api, &headers, made))))
}
