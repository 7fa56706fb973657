//! `GET /help` and `GET /limits`: how to work here, and what the centre does and does not do. The
//! latter is for everybody, also before signing in.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::Response;
use khien_app::use_case::audit::{self, Use};

use super::Console;
use super::error::PageError;
use super::frame::{self, Frame, Room, Wish};
use super::visit::Visiting;

/// The keys of `static/keys.js` and the ids of what they do.
const KEYS: [(&str, &str); 17] = [
    ("/", "help-key-ask"),
    ("j", "help-key-next"),
    ("k", "help-key-before"),
    ("Enter", "help-key-open"),
    ("q", "help-key-close"),
    ("x", "help-key-choose"),
    ("a", "help-key-take"),
    ("c", "help-key-close-alert"),
    ("s", "help-key-suppress"),
    ("m", "help-key-say"),
    ("g o", "frame-room-overview"),
    ("g a", "frame-room-alerts"),
    ("g s", "frame-room-search"),
    ("g i", "frame-room-incidents"),
    ("g n", "frame-room-sources"),
    ("Esc", "help-key-escape"),
    ("?", "help-key-keys"),
];
/// Roles and how many steps each has.
const ROLES: [&str; 7] =
    ["analyst", "lead", "officer", "appraiser", "leader", "administrator", "auditor"];
/// Examples of queries and the ids of what they find.
const QUERIES: [(&str, &str); 8] = [
    ("host:mh-dc01", "help-query-field"),
    ("user:*admin*", "help-query-wildcard"),
    ("src_ip:10.0.0.0/8", "help-query-network"),
    ("event_code:4625 AND -user:*$", "help-query-and"),
    ("(event_code:4624 OR event_code:4625)", "help-query-or"),
    ("\"đăng nhập thất bại\"", "help-query-text"),
    ("~\"dang nhap that bai\"", "help-query-plain"),
    ("dst_port:[1 TO 1023]", "help-query-range"),
];

/// How to work here.
#[derive(Template)]
#[template(path = "console/help.html")]
struct Help {
    f: Frame,
    own: &'static str,
    roles: [&'static str; 7],
    keys: [(&'static str, &'static str); 17],
    queries: [(&'static str, &'static str); 8],
}

/// What the centre does and does not do, for somebody who has signed in.
#[derive(Template)]
#[template(path = "console/limits.html")]
struct Limits {
    f: Frame,
    used: Vec<Row>,
}

/// The same at the door.
#[derive(Template)]
#[template(path = "console/limits_door.html")]
struct LimitsAtDoor {
    f: Frame,
    used: Vec<Row>,
}

/// What the centre was used for, how often within 30 days, and within a year.
type Row = (&'static str, u64, u64);

/// `GET /help`
pub(super) async fn help(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(&console, &visiting, Room::Help).await?;
    let own = visiting.visit.person.about.role.name();
    frame::page(&Help { f, own, roles: ROLES, keys: KEYS, queries: QUERIES })
}

/// `GET /limits`
pub(super) async fn limits(
    State(console): State<Arc<Console>>,
    request: Request,
) -> Result<Response<Body>, PageError> {
    let wish = Wish::of(&console, &request);
    let used = used(&console).await?;
    let (mut parts, _) = request.into_parts();
    match Visiting::from_request_parts(&mut parts, &console).await {
        Ok(visiting) => {
            let f = Frame::of(&console, &visiting, Room::Limits).await?;
            frame::page(&Limits { f, used })
        }
        Err(_) => frame::page(&LimitsAtDoor { f: Frame::bare(&console, &wish), used }),
    }
}

/// Counted in the audit trail, for everybody.
async fn used(console: &Console) -> Result<Vec<Row>, PageError> {
    let used = audit::used(&console.app).await?;
    let both = Use::ALL.into_iter().zip(used.month).zip(used.year);
    Ok(both.map(|((of, month), year)| (of.name(), month, year)).collect())
}
