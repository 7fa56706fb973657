//! `GET /status`: how the centre is doing, for people. Plain HTML without a script; the browser
//! asks for a token as the password of any name.

use std::sync::{Arc, LazyLock};

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{
    ACCEPT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, WWW_AUTHENTICATE,
};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use axum::response::IntoResponse;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::tz::{TimeZone, offset};
use khien_app::use_case::operate::{self, Silent, Status};
use sha2::{Digest, Sha256};

use crate::api::Api;
use crate::api::asking::Browsing;
use crate::api::error::ApiError;

/// The style, which the page holds.
const STYLE: &str = include_str!("../../../templates/status.css");

/// Nothing but the page's own style, by its hash.
static POLICY: LazyLock<Option<HeaderValue>> = LazyLock::new(|| {
    let hash = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    let rest = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    HeaderValue::from_str(&format!("default-src 'none'; style-src 'sha256-{hash}'; {rest}")).ok()
});

/// What the page says in each language.
struct Words {
    lang: &'static str,
    title: &'static str,
    version: &'static str,
    now: &'static str,
    received: &'static str,
    unreadable: &'static str,
    alerts: &'static str,
    waiting: &'static str,
    kept: &'static str,
    rules: &'static str,
    sources: &'static str,
    free: &'static str,
    short: &'static str,
    silent: &'static str,
    nobody: &'static str,
    since: &'static str,
    source: &'static str,
    system: &'static str,
    agency: &'static str,
    of: &'static str,
    /// What stands before the first decimal.
    decimal: char,
    /// What parts thousands.
    thousands: char,
}

const VIETNAMESE: Words = Words {
    lang: "vi",
    title: "Trạng thái Khiên",
    version: "Phiên bản",
    now: "Thời điểm",
    received: "Sự kiện đã nhận từ khi khởi động",
    unreadable: "Bản ghi không đọc được",
    alerts: "Cảnh báo đã phát hoặc cộng dồn",
    waiting: "Nhật ký vào đang chờ xử lý",
    kept: "Sự kiện đang lưu",
    rules: "Luật đang dùng",
    sources: "Nguồn đang hoạt động",
    free: "Đĩa còn trống",
    short: "Đĩa gần đầy: trung tâm không nhận thêm sự kiện.",
    silent: "Nguồn im lặng",
    nobody: "Không có nguồn nào im lặng.",
    since: "Từ lúc",
    source: "Nguồn",
    system: "Hệ thống",
    agency: "Cơ quan",
    of: "trên",
    decimal: ',',
    thousands: '.',
};

const ENGLISH: Words = Words {
    lang: "en",
    title: "Status of Khiên",
    version: "Version",
    now: "Time",
    received: "Events received since the start",
    unreadable: "Records that could not be read",
    alerts: "Alerts raised or grown",
    waiting: "Intake waiting in the journal",
    kept: "Events kept",
    rules: "Rules in force",
    sources: "Active sources",
    free: "Free disk",
    short: "The disk is nearly full: the centre takes no more events.",
    silent: "Silent sources",
    nobody: "No source is silent.",
    since: "Since",
    source: "Source",
    system: "System",
    agency: "Agency",
    of: "of",
    decimal: '.',
    thousands: ',',
};

#[derive(Template)]
#[template(path = "status.html")]
struct Page<'a> {
    words: &'a Words,
    style: &'a str,
    version: &'a str,
    now: String,
    status: &'a Status,
    received: String,
    unreadable: String,
    alerts: String,
    waiting: String,
    kept: String,
    free: Option<String>,
    silent: Vec<Row<'a>>,
}

/// A silent source.
struct Row<'a> {
    name: &'a str,
    system: &'a str,
    agency: &'a str,
    since: String,
}

/// Answers.
pub(in crate::api) async fn handle(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    browsing: Result<Browsing, ApiError>,
) -> Response<Body> {
    let answered = match browsing {
        Ok(Browsing(caller)) => operate::status(&api.app, &caller).await.map_err(ApiError::from),
        Err(error) => Err(error),
    };
    let status = match answered {
        Ok(status) => status,
        Err(error) => return ask_for_token(error.into_response()),
    };
    page(words(&headers), &status, api.app.now()).unwrap_or_else(|error| {
        tracing::error!(%error, "the status page cannot be written");
        ApiError::fault().into_response()
    })
}

fn page(words: &Words, status: &Status, now: Timestamp) -> Result<Response<Body>, askama::Error> {
    let page = Page {
        words,
        style: STYLE,
        version: env!("CARGO_PKG_VERSION"),
        now: local(now),
        status,
        received: words.count(status.counted.events),
        unreadable: words.count(status.counted.unreadable),
        alerts: words.count(status.counted.alerts),
        waiting: words.size(status.journal.waiting_bytes),
        kept: words.count(status.lake.rows + status.lake.recent_rows as u64),
        free: status.free_bytes.map(|free| words.size(free)),
        silent: status.silent.iter().map(row).collect(),
    };
    let mut response = Response::new(Body::from(page.render()?));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    if let Some(policy) = &*POLICY {
        headers.insert(CONTENT_SECURITY_POLICY, policy.clone());
    }
    Ok(response)
}

fn row(silent: &Silent) -> Row<'_> {
    Row {
        name: &silent.source.settings.name,
        system: silent.source.system.as_str(),
        agency: silent.source.agency.as_str(),
        since: local(silent.since),
    }
}

/// Lets a browser ask for the token.
fn ask_for_token(mut response: Response<Body>) -> Response<Body> {
    if response.status() == StatusCode::UNAUTHORIZED {
        let basic = HeaderValue::from_static("Basic realm=\"Khien\", charset=\"UTF-8\"");
        response.headers_mut().insert(WWW_AUTHENTICATE, basic);
    }
    response
}

/// The language: Vietnamese, unless the browser puts English before it.
fn words(headers: &HeaderMap) -> &'static Words {
    let wanted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let mut wanted = wanted.unwrap_or_default().split(',').map(|tag| tag.trim().to_lowercase());
    match wanted.find(|tag| tag.starts_with("vi") || tag.starts_with("en")) {
        Some(tag) if tag.starts_with("en") => &ENGLISH,
        _ => &VIETNAMESE,
    }
}

/// A moment as people here write it.
fn local(at: Timestamp) -> String {
    at.to_zoned(TimeZone::fixed(offset(7))).strftime("%d/%m/%Y %H:%M:%S (UTC%:z)").to_string()
}

impl Words {
    /// A number with its thousands parted.
    fn count(&self, number: u64) -> String {
        let digits = number.to_string();
        let mut text = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                text.push(self.thousands);
            }
            text.push(digit);
        }
        text
    }

    /// A size in binary units.
    fn size(&self, bytes: u64) -> String {
        let units = ["KiB", "MiB", "GiB", "TiB"];
        let mut size = bytes as f64 / 1024.0;
        let mut unit = 0;
        while size >= 1024.0 && unit + 1 < units.len() {
            size /= 1024.0;
            unit += 1;
        }
        let size = format!("{size:.1}").replace('.', &self.decimal.to_string());
        format!("{size} {}", units.get(unit).copied().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_vietnamese_unless_english_comes_first() {
        for (header, lang) in [
            ("", "vi"),
            ("vi-VN,vi;q=0.9,en;q=0.8", "vi"),
            ("en-US,en;q=0.9,vi;q=0.5", "en"),
            ("de, en;q=0.5", "en"),
            ("de", "vi"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(header));
            assert_eq!(words(&headers).lang, lang, "{header}");
        }
        assert_eq!(words(&HeaderMap::new()).lang, "vi");
    }

    #[test]
    fn moments_and_sizes_are_for_people() {
        let at = "2026-11-22T01:30:00Z".parse().unwrap();
        assert_eq!(local(at), "22/11/2026 08:30:00 (UTC+07:00)");
        assert_eq!(VIETNAMESE.size(512), "0,5 KiB");
        assert_eq!(ENGLISH.size(3 << 30), "3.0 GiB");
        assert_eq!(VIETNAMESE.count(1_234_567), "1.234.567");
        assert_eq!(ENGLISH.count(999), "999");
        assert_eq!(ENGLISH.count(1000), "1,000");
    }
}
