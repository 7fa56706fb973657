//! Clocks that jump, and a backup of a centre at work.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use khien_app::access::Caller;
use khien_app::backup::{Lock, Secret, new_key, restore, write};
use khien_app::pipeline::receive::Receipt;
use khien_app::use_case::backup::{end_snapshot, take_snapshot};
use khien_domain::page::PageRequest;
use khien_domain::permission::AgencyScope;
use khien_lake::{Cancel, Request, Scope, query};
use khien_store::AlertFilter;

use khien_testkit::{Hands, sysmon};

use crate::support::{register, send, start, until};

const DAY: i64 = 24 * 3600;

/// Events that can be searched.
fn kept(app: &khien_app::App) -> u64 {
    let query = query::parse("").unwrap();
    let request = Request { query, scope: Scope::All, from: None, to: None };
    app.lake().count(&request, &Cancel::new()).unwrap().found
}

/// Events on alerts of rules.
async fn alerted(app: &khien_app::App) -> u64 {
    let (filter, mut page) = (AlertFilter::default(), PageRequest::first());
    let mut events = 0;
    loop {
        let found = app.store.list_alerts(&AgencyScope::All, &filter, &page).await.unwrap();
        let whoami = found.items.iter().filter(|alert| alert.title == "Whoami");
        events += whoami.map(|alert| alert.count).sum::<u64>();
        let Some(next) = found.next else { return events };
        page.after = Some(next);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_jumps_loses_and_doubles_nothing() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("data");
    let clock = Hands::at("2026-10-15T01:00:00Z");
    let mut app = start(&path, &clock).await;
    let source = register(&app).await;
    let event = |host: &str| sysmon(host, "C:\\Windows\\whoami.exe", "2026-10-15 00:59:58.000");
    // Back a month, forward two years, back again; with a start in between.
    for (round, jump) in [0, -30 * DAY, 30 * DAY + 700 * DAY, -700 * DAY, 1].into_iter().enumerate()
    {
        clock.forward(jump);
        if round == 3 {
            app.stop().await;
            drop(app);
            app = start(&path, &clock).await;
        }
        let host = format!("PC{round}");
        let name = format!("b{round}");
        let receipt = send(&app, source, &event(&host).repeat(10), Some(&name)).await.unwrap();
        assert!(matches!(receipt, Receipt::Kept(_)), "round {round}");
        let again = send(&app, source, &event(&host).repeat(10), Some(&name)).await.unwrap();
        assert_eq!(again, Receipt::Repeated, "round {round}");
        until("all found", async || kept(&app) == 10 * (round as u64 + 1)).await;
        until("all told", async || alerted(&app).await == 10 * (round as u64 + 1)).await;
    }
    app.stop().await;
    drop(app);
    let app = start(&path, &clock).await;
    assert_eq!((kept(&app), alerted(&app).await), (50, 50));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_of_a_centre_at_work_holds_every_event_and_every_alert_once() {
    let place = tempfile::tempdir().unwrap();
    let clock = Hands::at("2026-10-15T01:00:00Z");
    let app = start(&place.path().join("data"), &clock).await;
    let source = register(&app).await;
    let acknowledged = Arc::new(AtomicU64::new(0));
    let (sender, sent) = (Arc::clone(&app), Arc::clone(&acknowledged));
    let load = tokio::spawn(async move {
        for batch in 0..400 {
            let host = format!("PC{batch}");
            let event = sysmon(&host, "C:\\Windows\\whoami.exe", "2026-10-15 00:59:58.000");
            let name = format!("b{batch}");
            send(&sender, source, &event.repeat(5), Some(&name)).await.unwrap();
            sent.fetch_add(5, Ordering::SeqCst);
            if batch % 7 == 0 {
                // Files of events come while the copy is made.
                sender.lake().flush().unwrap();
            }
        }
    });
    let (text, _) = new_key();
    let (lock, secret) = (Lock::keys(&text).unwrap(), Secret::keys(&text).unwrap());
    let caller = Caller::program();
    for round in 0..3_u32 {
        let before = acknowledged.load(Ordering::SeqCst);
        let snapshot = take_snapshot(&app, &caller).await.unwrap();
        let file = place.path().join(format!("{round}.age"));
        write(&snapshot, &file, &lock, app.now(), &mut |_| ()).await.unwrap();
        end_snapshot(&app, &caller).await.unwrap();
        let after = acknowledged.load(Ordering::SeqCst) + 5;
        let into = place.path().join(format!("restored-{round}"));
        assert!(restore(&file, &secret, &into).await.unwrap().is_whole());
        let restored = start(&into, &clock).await;
        until("all worked off", async || {
            let level = restored.journal_level();
            level.waiting_bytes == 0 && level.working == 0
        })
        .await;
        let found = kept(&restored);
        assert!((before..=after).contains(&found), "{found} of {before} to {after}");
        until("as many on alerts", async || alerted(&restored).await == found).await;
        restored.stop().await;
    }
    load.await.unwrap();
    app.stop().await;
    assert!(!app.folder.snapshot().exists());
}
