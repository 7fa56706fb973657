//! `GET /metrics`: the figures of the centre in the text format of Prometheus.
//!
//! To add one: a line in [`text`]. Names follow <https://prometheus.io/docs/practices/naming/>.

use std::fmt::Write;
use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use khien_app::use_case::operate::{self, Status};

use super::Api;
use super::asking::Asking;
use super::error::ApiError;

const FORMAT: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

/// Answers.
pub(super) async fn handle(
    State(api): State<Arc<Api>>,
    Asking(caller): Asking,
) -> Result<impl IntoResponse, ApiError> {
    let status = operate::status(&api.app, &caller).await?;
    Ok(([(CONTENT_TYPE, FORMAT)], text(&status)))
}

fn text(status: &Status) -> String {
    let (counted, journal, lake) = (status.counted, status.journal, &status.lake);
    let counters = [
        ("batches_received", "Batches taken in.", counted.batches),
        ("bytes_received", "Bytes of batches taken in.", counted.bytes),
        ("events", "Events read and judged.", counted.events),
        ("unreadable_records", "Records that could not be read.", counted.unreadable),
        ("rule_matches", "Matches of rules.", counted.matches),
        ("alerts", "Alerts raised or grown.", counted.alerts),
        ("batches_refused", "Batches sent away because too much was under way.", counted.busy),
        ("batches_not_kept", "Batches that the disk did not take.", counted.not_kept),
        ("batches_repeated", "Batches that clients sent again.", counted.repeated),
        ("hunt_events", "Events that hunts have looked at.", counted.hunted),
        ("hunt_hits", "Hits of hunts.", counted.hunt_hits),
    ];
    let gauges = [
        ("journal_waiting_bytes", "Bytes that wait in the journal.", journal.waiting_bytes),
        ("journal_taken_batches", "Batches being worked on.", journal.taken as u64),
        ("journal_segments", "Files of the journal.", journal.segments as u64),
        ("lake_events", "Events in files.", lake.rows),
        ("lake_bytes", "Bytes of those files.", lake.bytes),
        ("lake_files", "Files of events.", lake.files as u64),
        ("lake_recent_events", "Events not yet in files.", lake.recent_rows as u64),
        ("lake_recent_bytes", "Memory of those events.", lake.recent_bytes as u64),
        ("lake_damaged_files", "Files found damaged at the start.", status.damaged_files as u64),
        ("rules", "Rules in force.", status.rules as u64),
        ("sources", "Registered sources.", status.sources as u64),
        ("sources_active", "Sources that are listened to.", status.active_sources as u64),
        ("sources_silent", "Sources silent beyond their heartbeat.", status.silent.len() as u64),
        ("hunts_open", "Hunts that wait or run.", status.open_hunts),
        ("disk_short", "1 if nothing more is taken in.", u64::from(status.is_disk_short)),
    ];
    let free = status.free_bytes.map(|free| ("disk_free_bytes", "Free bytes of the disk.", free));
    let mut text = String::new();
    for (name, help, value) in counters {
        add(&mut text, &format!("khien_{name}_total"), "counter", help, "", value);
    }
    for (name, help, value) in gauges.into_iter().chain(free) {
        add(&mut text, &format!("khien_{name}"), "gauge", help, "", value);
    }
    let version = concat!("{version=\"", env!("CARGO_PKG_VERSION"), "\"}");
    add(&mut text, "khien_build_info", "gauge", "The version of the program.", version, 1);
    text
}

fn add(text: &mut String, name: &str, kind: &str, help: &str, labels: &str, value: u64) {
    // Writing into a string does not fail.
    let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name}{labels} {value}\n");
}
