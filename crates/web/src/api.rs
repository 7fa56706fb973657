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
mod appeals;
mod around;
mod asking;
mod audit;
mod controls;
mod crypto;
mod dossiers;
mod error;
mod evidence;
mod findings;
mod gate;
mod health;
mod holds;
mod hosts;
mod hunts;
mod input;
mod metrics;
mod page;
mod quarantine;
mod refused;
mod rounds;
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
use axum::routing::{delete, get, post, put};
use khien_app::App;

use crate::handler::of;

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
        .route("/api/v1/agencies", get(of(agencies::list::handle)).post(of(agencies::add::handle)))
        .route(
            "/api/v1/agencies/{code}",
            get(of(agencies::get::handle)).put(of(agencies::change::handle)),
        )
        .route("/api/v1/agencies/{code}/assignment", put(of(agencies::assign::handle)))
        .route("/api/v1/agencies/{code}/confirm", post(of(agencies::confirm::handle)))
        .route("/api/v1/systems", get(of(systems::list::handle)).post(of(systems::add::handle)))
        .route(
            "/api/v1/systems/{code}",
            get(of(systems::get::handle)).put(of(systems::change::handle)),
        )
        .route("/api/v1/systems/{code}/needs", put(of(systems::needs::handle)))
        .route("/api/v1/systems/{code}/confirm", post(of(systems::confirm::handle)))
        .route(
            "/api/v1/systems/{code}/hosts",
            get(of(hosts::list::handle)).post(of(hosts::add::handle)),
        )
        .route("/api/v1/systems/{code}/hosts/{host}", delete(of(hosts::remove::handle)))
        .route("/api/v1/sources", get(of(sources::list::handle)).post(of(sources::add::handle)))
        .route("/api/v1/sources/{id}", get(of(sources::get::handle)))
        .route("/api/v1/sources/{id}/enable", post(of(sources::switch::enable)))
        .route("/api/v1/sources/{id}/disable", post(of(sources::switch::disable)))
        .route("/api/v1/sources/{id}/formats", post(of(sources::formats::handle)))
        .route("/api/v1/sources/{id}/rotate", post(of(sources::rotate::handle)))
        .route("/api/v1/sources/{id}/snippets", get(of(sources::snippets::handle)))
        .route("/api/v1/tokens", get(of(tokens::list::handle)).post(of(tokens::add::handle)))
        .route("/api/v1/tokens/{id}", delete(of(tokens::revoke::handle)))
        // Events.
        .route("/api/v1/search", get(of(search::page::handle)))
        .route("/api/v1/search/count", get(of(search::count::handle)))
        .route("/api/v1/search/histogram", get(of(search::histogram::handle)))
        .route("/api/v1/search/top", get(of(search::top::handle)))
        .route("/api/v1/search/export", get(of(search::export::handle)))
        .route("/api/v1/search/tail", get(of(search::tail::handle)))
        .route("/api/v1/search/fields", get(of(search::fields::handle)))
        .route("/api/v1/quarantine", get(of(quarantine::list::handle)))
        .route("/api/v1/quarantine/again", post(of(quarantine::again::handle)))
        .route("/api/v1/quarantine/{id}", get(of(quarantine::get::handle)))
        // Hunts over the events.
        .route(
            "/api/v1/hunts",
            get(of(hunts::list::handle))
                .post(of(hunts::add::handle))
                .layer(DefaultBodyLimit::max(hunts::add::MAX_BYTES)),
        )
        .route("/api/v1/hunts/{id}", get(of(hunts::get::handle)))
        .route("/api/v1/hunts/{id}/hits", get(of(hunts::hits::handle)))
        .route("/api/v1/hunts/{id}/pause", post(of(hunts::change::pause)))
        .route("/api/v1/hunts/{id}/resume", post(of(hunts::change::resume)))
        .route("/api/v1/hunts/{id}/cancel", post(of(hunts::change::cancel)))
        // Alerts.
        .route("/api/v1/alerts", get(of(alerts::list::handle)))
        .route("/api/v1/alerts/{id}", get(of(alerts::get::handle)))
        .route("/api/v1/alerts/{id}/state", post(of(alerts::change::handle)))
        .route("/api/v1/alerts/{id}/assignee", post(of(alerts::assign::handle)))
        .route(
            "/api/v1/alerts/{id}/comments",
            get(of(alerts::comments::handle)).post(of(alerts::comment::handle)),
        )
        .route(
            "/api/v1/suppressions",
            get(of(suppressions::list::handle)).post(of(suppressions::add::handle)),
        )
        .route("/api/v1/suppressions/preview", post(of(suppressions::preview::handle)))
        .route("/api/v1/suppressions/{id}/end", post(of(suppressions::end::handle)))
        // Evidence.
        .route("/api/v1/evidence", get(of(evidence::list::handle)).post(of(evidence::add::handle)))
        .route("/api/v1/evidence/{seq}", get(of(evidence::get::handle)))
        // The gate.
        .route("/api/v1/gate/{system}", get(of(gate::get::handle)))
        .route("/api/v1/gate/{system}/leave", get(of(gate::leave::handle)))
        // Controls and cryptography.
        .route("/api/v1/controls", get(of(controls::catalogues::handle)))
        .route("/api/v1/controls/{catalogue}/oscal", get(of(controls::oscal::catalogue)))
        .route(
            "/api/v1/systems/{code}/controls",
            get(of(controls::checklist::handle)).post(of(controls::state::handle)),
        )
        .route("/api/v1/systems/{code}/controls/oscal", get(of(controls::oscal::of_system)))
        .route("/api/v1/crypto/cbom", get(of(crypto::cbom::handle)))
        .route("/api/v1/crypto/probe", post(of(crypto::probe::handle)))
        .route("/api/v1/dossiers", get(of(dossiers::list::handle)))
        .route("/api/v1/dossiers/{id}", get(of(dossiers::get::handle)))
        .route("/api/v1/findings", get(of(findings::list::handle)).post(of(findings::add::handle)))
        .route(
            "/api/v1/systems/{code}/findings",
            post(of(findings::import::handle))
                .layer(DefaultBodyLimit::max(findings::import::MAX_BYTES)),
        )
        .route("/api/v1/rounds", get(of(rounds::list::handle)))
        .route("/api/v1/rounds/{year}", get(of(rounds::get::handle)))
        .route("/api/v1/appeals", get(of(appeals::list::handle)))
        // The centre itself.
        .route("/api/v1/audit", get(of(audit::list::handle)))
        .route("/api/v1/refused", get(of(refused::list::handle)))
        .route("/api/v1/rules/reload", post(of(rules::reload::handle)))
        .route(
            "/api/v1/rules/import",
            post(of(rules::import::handle)).layer(DefaultBodyLimit::max(rules::import::MAX_BYTES)),
        )
        .route("/api/v1/rules/imported", get(of(rules::imported::list)))
        .route("/api/v1/rules/imported/{code}", delete(of(rules::imported::remove)))
        .route(
            "/api/v1/snapshot",
            post(of(snapshot::take::handle)).delete(of(snapshot::end::handle)),
        )
        .route("/api/v1/holds", get(of(holds::list::handle)).post(of(holds::add::handle)))
        .route("/api/v1/holds/{id}/lift", post(of(holds::lift::handle)))
        .route("/api/v1/status", get(of(status::get::handle)))
        .route("/api/v1/openapi.json", get(of(status::openapi::handle)))
        .route("/status", get(of(status::page::handle)))
        .route("/metrics", get(of(metrics::handle)))
        .route("/healthz", get(of(health::alive)))
        .route("/readyz", get(of(health::ready)))
        .method_not_allowed_fallback(error::no_method)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(axum::middleware::from_fn_with_state(Arc::clone(&api), around::handle))
        .with_state(api)
}
