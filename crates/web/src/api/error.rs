//! What went wrong, as the API tells it: a status, a code that stays, words in English and
//! Vietnamese.
//!
//! ```json
//! {"error": {"code": "bad_query", "message": "…", "message_vi": "…", "at": 12}}
//! ```
//!
//! To add a code: a constructor, its line in `vietnamese`, its name in `docs/openapi.json`.

use std::borrow::Cow;

use axum::Json;
use axum::body::Body;
use axum::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, Response, StatusCode};
use axum::response::IntoResponse;
use khien_app::use_case::UseError;
use khien_domain::account::Language;
use khien_lake::query::QueryError;
use serde::Serialize;

/// An answer that tells what went wrong.
#[derive(Debug)]
pub(super) struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: Cow<'static, str>,
    message_vi: Option<String>,
    at: Option<usize>,
    retry_after: Option<u32>,
}

#[derive(Serialize)]
struct Told<'a> {
    error: Inner<'a>,
}

#[derive(Serialize)]
struct Inner<'a> {
    code: &'a str,
    message: &'a str,
    message_vi: &'a str,
    /// Where in the query, in letters from its beginning, the first being 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<usize>,
}

impl ApiError {
    fn new(status: StatusCode, code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        let message = message.into();
        Self { status, code, message, message_vi: None, at: None, retry_after: None }
    }

    /// What was asked cannot be read or will not do.
    pub(super) fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid", message)
    }

    /// Nobody has proved who asks.
    pub(super) fn unauthorized(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", message)
    }

    /// Whoever asks may not.
    fn forbidden(message: String) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", message)
    }

    /// The gate says no.
    pub(super) fn denied(message: String) -> Self {
        Self::new(StatusCode::FORBIDDEN, "denied", message)
    }

    /// There is no such thing, or none that whoever asks may see.
    pub(super) fn not_found(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    /// It collides with what is there.
    fn conflict(message: String) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", message)
    }

    /// The body is larger than any may be.
    pub(super) fn too_large(limit: usize) -> Self {
        let message = format!("the body is larger than {limit} bytes");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message)
    }

    /// The body is not JSON by its own words.
    pub(super) fn not_json() -> Self {
        let message = "the body must be JSON: Content-Type: application/json";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", message)
    }

    /// Too much is under way.
    fn busy(message: String, seconds: u32) -> Self {
        let error = Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", message);
        Self { retry_after: Some(seconds), ..error }
    }

    /// It took too long.
    pub(super) fn too_slow(seconds: u64) -> Self {
        let message = format!("this took longer than {seconds} s");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "too_slow", message)
    }

    /// The program or the machine failed; the log says more.
    pub(super) fn fault() -> Self {
        let message = "the centre failed; its log tells more under the number of this request";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "fault", message)
    }

    /// The query cannot be read, and where.
    fn query(error: &QueryError) -> Self {
        let told = Self::new(StatusCode::BAD_REQUEST, "bad_query", error.english());
        Self { message_vi: Some(error.vietnamese()), at: Some(error.at), ..told }
    }

    fn vietnamese(&self) -> &str {
        if let Some(message) = &self.message_vi {
            return message;
        }
        match self.code {
            "invalid" => "yêu cầu không hợp lệ",
            "unauthorized" => "cần mã truy cập còn hiệu lực",
            "forbidden" => "không có quyền làm việc này",
            "denied" => "cổng an toàn chưa cho phép sử dụng hệ thống này",
            "not_found" => "không tìm thấy",
            "method_not_allowed" => "địa chỉ này không nhận phương thức đó",
            "out_of_scope" => "không thuộc phạm vi đăng ký ở đây",
            "conflict" => "xung đột với dữ liệu hiện có",
            "too_large" => "nội dung quá lớn",
            "unsupported_media_type" => "nội dung phải là JSON",
            "busy" => "trung tâm đang bận, xin thử lại sau",
            "too_slow" => "quá thời gian cho phép, xin thu hẹp phạm vi",
            _ => "trung tâm gặp lỗi, xem nhật ký theo mã yêu cầu",
        }
    }
}

impl From<UseError> for ApiError {
    fn from(error: UseError) -> Self {
        match error {
            UseError::Denied(denied) => Self::forbidden(denied.to_string()),
            UseError::NotFound { .. } => Self::not_found(error.to_string()),
            UseError::Invalid(message) => Self::invalid(message),
            UseError::OutOfScope(refused) => Self {
                message_vi: Some(refused.because(Language::Vietnamese)),
                ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "out_of_scope", error.to_string())
            },
            UseError::Conflict(message) => Self::conflict(message),
            UseError::Query(error) => Self::query(&error),
            UseError::Busy { seconds } => Self::busy(error.to_string(), seconds),
            UseError::TooSlow { seconds } => Self::too_slow(seconds),
            UseError::Store(_)
            | UseError::Lake(_)
            | UseError::Ledger(_)
            | UseError::Index(_)
            | UseError::Fault(_) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::error!(%error, cause, "a request failed");
                Self::fault()
            }
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response<Body> {
        let told = Told {
            error: Inner {
                code: self.code,
                message: &self.message,
                message_vi: self.vietnamese(),
                at: self.at,
            },
        };
        let mut response = (self.status, Json(told)).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            let bearer = HeaderValue::from_static("Bearer");
            response.headers_mut().insert(WWW_AUTHENTICATE, bearer);
        }
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// There is no such address.
pub(super) fn no_route() -> ApiError {
    ApiError::not_found("there is nothing at this address")
}

/// The address does not know the method.
pub(super) async fn no_method() -> ApiError {
    let message = "this address does not know the method";
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message)
}
