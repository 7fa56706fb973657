//! What is asked: bodies, parameters and parts of the address, refused in the API's own words.

mod distinct;

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use jiff::Timestamp;
use jiff::civil::Date;
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::ids::EventId;
use khien_domain::token::TokenBytes;
use serde::de::DeserializeOwned;

pub(super) use distinct::distinct;

use super::error::ApiError;
use super::{Api, MAX_BODY_BYTES};

/// The body of a request, at most so many bytes long; the route's limit is for its layer.
pub(super) struct Body<T, const MOST: usize = MAX_BODY_BYTES>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned, const MOST: usize> FromRequest<S> for Body<T, MOST> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        match Json::from_request(request, state).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(JsonRejection::MissingJsonContentType(_)) => Err(ApiError::not_json()),
            Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                Err(ApiError::too_large(MOST))
            }
            Err(rejection) => Err(ApiError::invalid(rejection.body_text())),
        }
    }
}

/// The parameters of a request.
pub(super) struct Asked<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let read = Query::from_request_parts(parts, state).await;
        let invalid = |rejection: axum::extract::rejection::QueryRejection| {
            ApiError::invalid(rejection.body_text())
        };
        read.map(|Query(asked)| Self(asked)).map_err(invalid)
    }
}

/// A part of the address: a number, or a text.
pub(super) struct Part<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Part<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let unknown = |_: PathRejection| ApiError::not_found("there is nothing at this address");
        let read = Path::from_request_parts(parts, state).await;
        read.map(|Path(part)| Self(part)).map_err(unknown)
    }
}

/// The code of an agency.
pub(super) fn agency(text: &str) -> Result<AgencyCode, ApiError> {
    AgencyCode::new(text).map_err(|error| ApiError::invalid(error.to_string()))
}

/// The code of a system.
pub(super) fn system(text: &str) -> Result<SystemCode, ApiError> {
    SystemCode::new(text).map_err(|error| ApiError::invalid(error.to_string()))
}

/// A moment: RFC 3339, or a date with or without a time in UTC+7.
pub(super) fn moment(name: &str, text: &str) -> Result<Timestamp, ApiError> {
    let wrong =
        || ApiError::invalid(format!("{name} is no time such as 2026-11-22T08:30:00+07:00"));
    khien_lake::query::moment(text).ok_or_else(wrong)
}

/// A day such as 2026-10-15.
pub(super) fn day(name: &str, text: &str) -> Result<Date, ApiError> {
    khien_domain::evidence::kinds::day(text)
        .ok_or_else(|| ApiError::invalid(format!("{name} is no day such as 2026-10-15")))
}

/// One of the names of a closed list.
pub(super) fn one_of<T>(
    what: &str,
    text: &str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, ApiError> {
    let shown = khien_domain::text::cut(text, 100);
    parse(text).ok_or_else(|| ApiError::invalid(format!("{what} cannot be «{shown}»")))
}

/// An event, as `BATCH-PLACE`.
pub(super) fn event(text: &str) -> Option<EventId> {
    let (batch, item) = text.split_once('-')?;
    Some(EventId { batch: batch.parse().ok()?, item: item.parse().ok()? })
}

/// How an event is written.
pub(super) fn event_text(event: EventId) -> String {
    format!("{}-{}", event.batch, event.item)
}

impl Api {
    /// Random bytes of a token.
    pub(super) fn token_bytes(&self) -> Result<TokenBytes, ApiError> {
        (self.random)().map_err(|error| {
            tracing::error!(%error, "the system gives no random bytes");
            ApiError::fault()
        })
    }
}
