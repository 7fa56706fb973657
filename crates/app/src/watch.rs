//! The watch over the sources: who was expected and is silent.
//!
//! Runs every moment. A silence is told once, as an alert; what is heard later ends it.

use jiff::Timestamp;
use khien_domain::alert::severity::SeverityPack;
use khien_domain::alert::{AlertKind, Detection, MatchedField, grouping};
use khien_domain::ids::EventId;
use khien_domain::silence::{Finding, watch};
use khien_domain::source::SourceStatus;
use khien_store::{Detections, Store, StoreError};

use crate::registry::{Registered, Registry};

/// Raises an alert for every source that has become silent. `started` is when the centre began to
/// listen.
pub(crate) async fn over_sources(
    registry: &Registry,
    store: &Store,
    severity: &SeverityPack,
    started: Timestamp,
    now: Timestamp,
) -> Result<(), StoreError> {
    for registered in registry.all() {
        let source = &registered.source;
        if source.status != SourceStatus::Active {
            continue;
        }
        let watched_since = source.created_at.max(started);
        let heartbeat = source.settings.heartbeat_seconds;
        let finding = watch(registered.last_heard(), watched_since, heartbeat, now);
        let Finding::Silent { since } = finding else { continue };
        let mut tx = store.begin().await?;
        if tx.mark_silent(source.id, since).await?
            && let Some(detection) = silent(&registered, severity, since, now)
        {
            let detections = Detections { found: vec![detection], ..Detections::default() };
            tx.record_detections(&detections, now).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

fn silent(
    registered: &Registered,
    severity: &SeverityPack,
    since: Timestamp,
    now: Timestamp,
) -> Option<Detection> {
    let whose = registered.origin.whose.clone()?;
    let kind = AlertKind::SourceSilent;
    let heartbeat = registered.source.settings.heartbeat_seconds?;
    let why = format!("expected every {heartbeat} s");
    let detection = Detection {
        // No event stands behind it; its moment tells one silence from the next.
        event: EventId { batch: 0, item: u32::try_from(since.as_second()).unwrap_or_default() },
        at: now,
        kind,
        rule: kind.name().to_owned(),
        title: "Nguồn nhật ký im lặng".to_owned(),
        severity: severity.of_silence(whose.level),
        agency: whose.agency,
        system: whose.system,
        source: Some(whose.source),
        entity: registered.source.settings.name.clone(),
        window_start: grouping::window_start(now, severity.window),
        attack: Vec::new(),
        matched: vec![MatchedField::new("last_heard", &since.to_string(), &why)],
    };
    Some(detection.bounded())
}
