//! The REST API under `/api/v1`, and what operators watch: figures, health, the status page.
//!
//! [`router`] is the table of contents: one line an endpoint, one file each. A handler takes who
//! asks (`asking`) and what (`input`), calls one use case of `app`, and turns its answer into
//! the shape that this version of the API has. Nothing is decided here: permissions, agencies and
//! the audit log are for the use case. Every answer passes `around`, which gives requests a
//! number, a time limit and headers.
//!
//! To add an endpoint: a file in the folder of its noun with a function `handle`, a line in
//! [`router`], its description in `docs/openapi.json`; a test holds the last two together.

mod agencies;
mod alerts;
mod around;
mod asking;
mod audit;
mod error;
mod health;
mod holds;
mod hosts;
mod hunts;
mod input;
mod metrics;
mod page;
mod quarantine;
mod refused;
mod rules;
pub(crate) mod search;
mod snapshot;
pub(crate) mod sources;
mod status;
pub(crate) mod stream;
mod suppressions;
mod systems;
mod tokens;

pub use hunts::HuntJson;
pub use hunts::add::NewHuntJson;
pub use rules::import::{ImportJson, ImportReportJson};

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{delete, get, post};
use khien_app::App;

/// The largest body of a request.
const MAX_BODY_BYTES: usize = 1 << 20;

pub use khien_app::identity::Random;

/// What is told at an address of programs where nothing is.
pub(crate) fn no_route() -> axum::http::Response<axum::body::Body> {
    use axum::response::IntoResponse as _;
    error::no_route().into_response()
}

/// What the handlers share.
struct Api {
    app: Arc<App>,
    random: Random,
    /// Requests so far.
    requests: AtomicU64,
}

/// The routes of the API. Connections are expected to tell their [`Peer`](crate::intake::Peer).
pub fn router(app: Arc<App>, random: Random) -> Router {
    let api = Arc::new(Api { app, random, requests: AtomicU64::new(0) });
    Router::new()
        // The register.
        .route("/api/v1/agencies", get(agencies::list::handle).post(agencies::add::handle))
        .route("/api/v1/systems", get(systems::list::handle).post(systems::add::handle))
        .route("/api/v1/systems/{code}/hosts", get(hosts::list::handle).post(hosts::add::handle))
        .route("/api/v1/systems/{code}/hosts/{host}", delete(hosts::remove::handle))
        .route("/api/v1/sources", get(sources::list::handle).post(sources::add::handle))
        .route("/api/v1/sources/{id}", get(sources::get::handle))
        .route("/api/v1/sources/{id}/enable", post(sources::switch::enable))
        .route("/api/v1/sources/{id}/disable", post(sources::switch::disable))
        .route("/api/v1/sources/{id}/formats", post(sources::formats::handle))
        .route("/api/v1/sources/{id}/rotate", post(sources::rotate::handle))
        .route("/api/v1/sources/{id}/snippets", get(sources::snippets::handle))
        .route("/api/v1/tokens", get(tokens::list::handle).post(tokens::add::handle))
        .route("/api/v1/tokens/{id}", delete(tokens::revoke::handle))
        // Events.
        .route("/api/v1/search", get(search::page::handle))
        .route("/api/v1/search/count", get(search::count::handle))
        .route("/api/v1/search/histogram", get(search::histogram::handle))
        .route("/api/v1/search/top", get(search::top::handle))
        .route("/api/v1/search/export", get(search::export::handle))
        .route("/api/v1/search/tail", get(search::tail::handle))
        .route("/api/v1/search/fields", get(search::fields::handle))
        .route("/api/v1/quarantine", get(quarantine::list::handle))
        .route("/api/v1/quarantine/again", post(quarantine::again::handle))
        .route("/api/v1/quarantine/{id}", get(quarantine::get::handle))
        // Hunts over the events.
        .route(
            "/api/v1/hunts",
            get(hunts::list::handle)
                .post(hunts::add::handle)
                .layer(DefaultBodyLimit::max(hunts::add::MAX_BYTES)),
        )
        .route("/api/v1/hunts/{id}", get(hunts::get::handle))
        .route("/api/v1/hunts/{id}/hits", get(hunts::hits::handle))
        .route("/api/v1/hunts/{id}/pause", post(hunts::change::pause))
        .route("/api/v1/hunts/{id}/resume", post(hunts::change::resume))
        .route("/api/v1/hunts/{id}/cancel", post(hunts::change::cancel))
        // Alerts.
        .route("/api/v1/alerts", get(alerts::list::handle))
        .route("/api/v1/alerts/{id}", get(alerts::get::handle))
        .route("/api/v1/alerts/{id}/state", post(alerts::change::handle))
        .route("/api/v1/alerts/{id}/assignee", post(alerts::assign::handle))
        .route(
            "/api/v1/alerts/{id}/comments",
            get(alerts::comments::handle).post(alerts::comment::handle),
        )
        .route(
            "/api/v1/suppressions",
            get(suppressions::list::handle).post(suppressions::add::handle),
        )
        .route("/api/v1/suppressions/preview", post(suppressions::preview::handle))
        .route("/api/v1/suppressions/{id}/end", post(suppressions::end::handle))
        // The centre itself.
        .route("/api/v1/audit", get(audit::list::handle))
        .route("/api/v1/refused", get(refused::list::handle))
        .route("/api/v1/rules/reload", post(rules::reload::handle))
        .route(
            "/api/v1/rules/import",
            post(rules::import::handle).layer(DefaultBodyLimit::max(rules::import::MAX_BYTES)),
        )
        .route("/api/v1/rules/imported", get(rules::imported::list))
        .route("/api/v1/rules/imported/{code}", delete(rules::imported::remove))
        .route("/api/v1/snapshot", post(snapshot::take::handle).delete(snapshot::end::handle))
        .route("/api/v1/holds", get(holds::list::handle).post(holds::add::handle))
        .route("/api/v1/holds/{id}/lift", post(holds::lift::handle))
        .route("/api/v1/status", get(status::get::handle))
        .route("/api/v1/openapi.json", get(status::openapi::handle))
        .route("/status", get(status::page::handle))
        .route("/metrics", get(metrics::handle))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .method_not_allowed_fallback(error::no_method)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(axum::middleware::from_fn_with_state(Arc::clone(&api), around::handle))
        .with_state(api)
}
