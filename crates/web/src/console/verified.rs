//! `GET /verified` and `GET /verified.json`: the official addresses of the agencies, for anybody, where the
//! settings say so. Everywhere else there is no such page.
//!
//! The list is made and signed once in a while for all who ask, so that a flood costs no more than
//! writing the page.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, Response};
use axum::response::IntoResponse;
use jiff::{SignedDuration, Timestamp};
use khien_app::use_case::verified::{Signed, Verified, signed};
use khien_domain::resource::ResourceKind;
use khien_domain::text::folded;
use serde_json::json;
use tokio::sync::Mutex;

use super::Console;
use super::error::{self, PageError};
use super::frame::{self, Frame, Wish};

/// A list is shown so long before it is made anew.
const LASTS: SignedDuration = SignedDuration::from_secs(60);
/// Addresses that a page shows; the signed list has all.
const ROWS: usize = 500;
/// The longest text that is looked for, in bytes.
const ASKED_BYTES: usize = 200;

/// The list as it was made last.
#[derive(Default)]
pub(super) struct Latest(Mutex<Option<(Timestamp, Arc<Made>)>>);

/// A list with what pages and programs ask of it.
struct Made {
    signed: Signed,
    /// What each address is found by, in their order.
    keys: Vec<String>,
    json: String,
}

impl Made {
    fn new(signed: Signed) -> Self {
        let keys = signed.list.addresses.iter().map(|one| {
            let Verified { name_vi, name_en, value, agency, .. } = one;
            folded(&format!("{name_vi} {} {value} {agency}", name_en.as_deref().unwrap_or("")))
        });
        let keys = keys.collect();
        let json = json!({"statement": signed.statement, "signature": signed.signature});
        Self { json: format!("{json}\n"), keys, signed }
    }
}

/// The list, unless nobody may read it.
async fn latest(console: &Console) -> Result<Option<Arc<Made>>, PageError> {
    if !console.app.config.public.verified {
        return Ok(None);
    }
    let now = console.app.now();
    // Whoever comes while it is made waits for it, instead of making another.
    let mut latest = console.verified.0.lock().await;
    if let Some((at, made)) = latest.as_ref() {
        let age = now.duration_since(*at);
        if age >= SignedDuration::ZERO && age < LASTS {
            return Ok(Some(Arc::clone(made)));
        }
    }
    let made = Arc::new(Made::new(signed(&console.app).await?));
    *latest = Some((now, Arc::clone(&made)));
    Ok(Some(made))
}

/// The page.
#[derive(Template)]
#[template(path = "console/verified.html")]
struct Page {
    f: Frame,
    made: Arc<Made>,
    asked: String,
    /// The places of what is shown.
    rows: Vec<usize>,
    count: usize,
}

impl Page {
    fn addresses(&self) -> impl Iterator<Item = &Verified> {
        self.rows.iter().filter_map(|at| self.made.signed.list.addresses.get(*at))
    }

    fn name<'p>(&self, one: &'p Verified) -> &'p str {
        match &one.name_en {
            Some(name) if self.f.is_english() => name,
            _ => &one.name_vi,
        }
    }

    fn day(&self) -> String {
        self.f.date(&self.made.signed.list.day)
    }
}

/// `GET /verified`
pub(super) async fn page(
    State(console): State<Arc<Console>>,
    request: Request,
) -> Result<Response<Body>, PageError> {
    let Some(made) = latest(&console).await? else { return Ok(error::no_page(request).await) };
    let f = Frame::bare(&console, &Wish::of(&console, &request));
    let query = request.uri().query().unwrap_or_default();
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let asked = pairs.find(|(name, _)| name == "q").map(|(_, value)| value.into_owned());
    let asked = khien_domain::text::cut(asked.unwrap_or_default().trim(), ASKED_BYTES);
    let wanted = folded(&asked);
    let words: Vec<&str> = wanted.split_whitespace().collect();
    let is_found = |key: &String| words.iter().all(|word| key.contains(word));
    let found = made.keys.iter().enumerate().filter(|(_, key)| is_found(key));
    let mut rows: Vec<usize> = found.map(|(at, _)| at).collect();
    let count = rows.len();
    rows.truncate(ROWS);
    frame::page(&Page { f, made, asked, rows, count })
}

/// `GET /verified.json`
pub(super) async fn json(
    State(console): State<Arc<Console>>,
    request: Request,
) -> Result<Response<Body>, PageError> {
    let Some(made) = latest(&console).await? else { return Ok(error::no_page(request).await) };
    let kind = HeaderValue::from_static("application/json");
    let kept = HeaderValue::from_static("public, max-age=60");
    Ok(([(CONTENT_TYPE, kind), (CACHE_CONTROL, kept)], made.json.clone()).into_response())
}
