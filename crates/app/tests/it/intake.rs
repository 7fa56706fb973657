//! What is taken in is judged and kept, once.

use khien_app::pipeline::Meta;
use khien_app::pipeline::receive::Receipt;
use khien_domain::alert::AlertKind;
use khien_domain::page::PageRequest;
use khien_domain::permission::AgencyScope;
use khien_store::AlertFilter;

use khien_testkit::{Hands, sysmon};

use crate::support::{register, send, send_as, start, until};

async fn alerts(app: &khien_app::App, kind: AlertKind) -> Vec<khien_domain::alert::Alert> {
    let filter = AlertFilter::default();
    let found = app.store.list_alerts(&AgencyScope::All, &filter, &PageRequest::first()).await;
    found.unwrap().items.into_iter().filter(|alert| alert.kind == kind).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attack_that_is_sent_becomes_one_alert_with_its_reason() {
    let place = tempfile::tempdir().unwrap();
    let clock = Hands::at("2026-10-15T01:00:00Z");
    let app = start(&place.path().join("data"), &clock).await;
    let source = register(&app).await;
    let time = "2026-10-15 00:59:58.000";
    let payload = sysmon("PC1", "C:\\Windows\\whoami.exe", time).repeat(2)
        + &sysmon("PC1", "C:\\Windows\\notepad.exe", time);
    assert_eq!(send(&app, source, &payload, None).await.unwrap(), Receipt::Kept(1));
    until("an alert", async || !alerts(&app, AlertKind::Rule).await.is_empty()).await;
    let found = alerts(&app, AlertKind::Rule).await;
    assert_eq!((found.len(), found[0].count), (1, 2));
    assert_eq!(found[0].title, "Whoami");
    assert_eq!(found[0].entity, "host=pc1 user=minhhoa\\an");
    assert_eq!(found[0].agency.as_str(), "sokhcn");
    let events = app.store.list_alert_events(&AgencyScope::All, found[0].id).await.unwrap();
    assert_eq!(events[0].matched[0].field, "Image");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_is_sent_again_counts_once_also_after_a_restart() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("data");
    let clock = Hands::at("2026-10-15T01:00:00Z");
    let app = start(&path, &clock).await;
    let source = register(&app).await;
    let payload = sysmon("PC1", "C:\\Windows\\whoami.exe", "2026-10-15 00:59:58.000");
    assert_eq!(send(&app, source, &payload, Some("b1")).await.unwrap(), Receipt::Kept(1));
    assert_eq!(send(&app, source, &payload, Some("b1")).await.unwrap(), Receipt::Repeated);
    // Without a name, the same bytes are another batch.
    assert_eq!(send(&app, source, &payload, None).await.unwrap(), Receipt::Kept(2));
    until("both judged", async || app.figures().counted().events == 2).await;
    until("an alert", async || !alerts(&app, AlertKind::Rule).await.is_empty()).await;
    app.stop().await;
    drop(app);
    let app = start(&path, &clock).await;
    assert_eq!(send(&app, source, &payload, Some("b1")).await.unwrap(), Receipt::Repeated);
    assert_eq!(send(&app, source, &payload, Some("b2")).await.unwrap(), Receipt::Kept(3));
    until("one more", async || alerts(&app, AlertKind::Rule).await[0].count == 3).await;
    assert_eq!(app.journal_level().waiting_bytes, 0);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correlation_goes_on_where_it_was_before_a_restart() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("data");
    let clock = Hands::at("2026-10-15T01:00:00Z");
    let app = start(&path, &clock).await;
    let source = register(&app).await;
    let whoami = |time: &str| sysmon("PC1", "C:\\Windows\\whoami.exe", time);
    send(&app, source, &whoami("2026-10-15 00:59:50.000").repeat(2), None).await.unwrap();
    until("the first two", async || !alerts(&app, AlertKind::Rule).await.is_empty()).await;
    app.stop().await;
    drop(app);
    clock.forward(60);
    let app = start(&path, &clock).await;
    send(&app, source, &whoami("2026-10-15 01:00:55.000"), None).await.unwrap();
    clock.forward(5);
    until("it", async || !alerts(&app, AlertKind::Correlation).await.is_empty()).await;
    let found = alerts(&app, AlertKind::Correlation).await;
    assert_eq!((found.len(), found[0].count, found[0].title.as_str()), (1, 1, "Many whoami"));
    app.stop().await;
    drop(app);
    let app = start(&path, &clock).await;
    send(&app, source, &whoami("2026-10-15 01:00:56.000").replace("PC1", "PC2"), None)
        .await
        .unwrap();
    until("two hosts", async || alerts(&app, AlertKind::UnregisteredHost).await.len() == 2).await;
    assert_eq!(alerts(&app, AlertKind::Correlation).await[0].count, 1, "told once");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_a_session_are_joined_by_their_own_times() {
    let place = tempfile::tempdir().unwrap();
    let clock = Hands::at("2026-10-15T01:00:00Z");
    let app = start(&place.path().join("data"), &clock).await;
    let source = register(&app).await;
    let whoami = |time: &str| sysmon("PC1", "C:\\Windows\\whoami.exe", time);
    // Years ago, in the wrong order, and one that is no part of it.
    for time in ["2020-01-01 00:04:00.000", "2020-01-01 00:00:30.000", "2020-01-01 00:02:00.000"] {
        let meta =
            Meta { format: Some("json".into()), session: Some("s1".into()), ..Meta::default() };
        send_as(&app, source, &whoami(time), meta, None).await.unwrap();
    }
    assert_eq!(app.end_session("s1").await.unwrap(), 1);
    let found = alerts(&app, AlertKind::Correlation).await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].first_at.to_string(), "2020-01-01T00:04:00Z");
    // Asked again, because the answer was lost.
    app.end_session("s1").await.unwrap();
    assert_eq!(alerts(&app, AlertKind::Correlation).await[0].count, 1);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_source_is_told_once_until_it_is_heard_again() {
    let place = tempfile::tempdir().unwrap();
    let clock = Hands::at("2026-10-15T01:00:00Z");
    let app = start(&place.path().join("data"), &clock).await;
    let source = register(&app).await;
    clock.forward(61);
    until("silence", async || !alerts(&app, AlertKind::SourceSilent).await.is_empty()).await;
    clock.forward(30);
    let payload = sysmon("PC1", "C:\\a.exe", "2026-10-15 01:01:30.000");
    send(&app, source, &payload, None).await.unwrap();
    clock.forward(5);
    tokio::time::sleep(std::time::Duration::from_millis(4500)).await;
    let found = alerts(&app, AlertKind::SourceSilent).await;
    assert_eq!((found.len(), found[0].count, found[0].entity.as_str()), (1, 1, "máy chủ"));
    clock.forward(70);
    until("again", async || {
        alerts(&app, AlertKind::SourceSilent).await.iter().map(|alert| alert.count).sum::<u64>()
            == 2
    })
    .await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_name_of_a_batch_is_forgotten_after_a_week() {
    let place = tempfile::tempdir().unwrap();
    let clock = Hands::at("2026-10-15T01:00:00Z");
    let app = start(&place.path().join("data"), &clock).await;
    let source = register(&app).await;
    let payload = sysmon("PC1", "C:\\a.exe", "2026-10-15 00:59:58.000");
    assert_eq!(send(&app, source, &payload, Some("b")).await.unwrap(), Receipt::Kept(1));
    until("judged", async || app.figures().counted().events == 1).await;
    clock.forward(6 * 24 * 3600);
    tokio::time::sleep(std::time::Duration::from_millis(4500)).await;
    assert_eq!(send(&app, source, &payload, Some("b")).await.unwrap(), Receipt::Repeated);
    clock.forward(2 * 24 * 3600);
    until("forgotten", async || {
        matches!(send(&app, source, &payload, Some("b")).await, Ok(Receipt::Kept(_)))
    })
    .await;
    app.stop().await;
}
