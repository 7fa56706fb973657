//! The ways in over HTTP.
//!
//! Every handler does the same in its protocol's words: who sends (`sender`), what
//! (`body`, then [`crate::protocol`]), keep it (`keep`), answer. Nothing is answered as taken
//! that is not on disk. Who may send and what happens to the events is for `app`.

mod answer;
mod body;
mod elastic;
mod hec;
mod keep;
mod native;
mod otlp;
mod sender;

use std::net::IpAddr;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::routing::{any, get, post};
use khien_app::App;
use khien_domain::source::Fingerprint;
use tokio::sync::Semaphore;

use crate::handler::of;
use crate::protocol::hec::acks::Acks;

/// Who is at the other end of a connection, as far as the connection tells.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// The address.
    pub address: IpAddr,
    /// The certificate that it proved to hold.
    pub certificate: Option<Fingerprint>,
}

/// What the handlers share.
struct Intake {
    app: Arc<App>,
    /// Batches of Splunk's collector that clients may still ask about.
    acks: Mutex<Acks>,
    /// The newest batch that a client of the collector was told of; nothing yet if 0.
    last_ack: AtomicU64,
    /// Memory for bodies that are being read.
    memory: Arc<Semaphore>,
}

/// The routes of intake. Connections are expected to tell their [`Peer`].
pub fn router(app: Arc<App>) -> Router {
    let intake = Arc::new(Intake {
        app,
        acks: Mutex::default(),
        last_ack: AtomicU64::new(0),
        memory: Arc::new(Semaphore::new(body::MEMORY_KIB)),
    });
    Router::new()
        // Elasticsearch: Beats, Elastic Agent, Logstash, Fluent Bit, Vector, its own clients.
        .route("/", get(of(elastic::info::handle)))
        .route("/_bulk", post(of(elastic::bulk::handle)).put(of(elastic::bulk::handle)))
        .route("/{index}/_bulk", post(of(elastic::bulk::of_index)).put(of(elastic::bulk::of_index)))
        .route("/_license", get(of(elastic::info::license)))
        .route("/_xpack", get(of(elastic::info::xpack)))
        .route("/_cluster/health", get(of(elastic::info::health)))
        .route("/_template/{name}", any(of(elastic::setup::handle)))
        .route("/_index_template/{name}", any(of(elastic::setup::handle)))
        .route("/_component_template/{name}", any(of(elastic::setup::handle)))
        .route("/_data_stream/{name}", any(of(elastic::setup::handle)))
        .route("/_alias/{name}", any(of(elastic::setup::handle)))
        .route("/_ilm/policy/{name}", any(of(elastic::setup::handle)))
        .route("/_ingest/pipeline/{name}", any(of(elastic::setup::handle)))
        // OpenTelemetry.
        .route("/v1/logs", post(of(otlp::handle)))
        // Splunk's HTTP Event Collector.
        .route("/services/collector", post(of(hec::event::handle)))
        .route("/services/collector/event", post(of(hec::event::handle)))
        .route("/services/collector/event/1.0", post(of(hec::event::handle)))
        .route("/services/collector/raw", post(of(hec::raw::handle)))
        .route("/services/collector/raw/1.0", post(of(hec::raw::handle)))
        .route("/services/collector/ack", post(of(hec::ack::handle)))
        .route("/services/collector/health", get(of(hec::health::handle)))
        .route("/services/collector/health/1.0", get(of(hec::health::handle)))
        // Plain: curl, scripts, `khien push`.
        .route("/api/v1/intake/json", post(of(native::json::handle)))
        .route("/api/v1/intake/lines", post(of(native::lines::handle)))
        .route("/api/v1/intake/file", post(of(native::file::handle)))
        .route("/api/v1/intake/file/end", post(of(native::session::end)))
        .with_state(intake)
}
