//! The room of the gate: how systems stand by the last decision about each.

use std::sync::Arc;

use jiff::SignedDuration;
use khien_domain::account::Role;
use khien_domain::clock::Clock;
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::evidence::NewEvidence;
use khien_domain::evidence::content::Content;
use khien_domain::permission::AgencyScope;
use khien_testkit::Hands;

use super::support::{Browser, invite, register_another, text};
use crate::support::Centre;

/// Keeps that a system may be used for some minutes, by what is known or by a broken glass.
async fn allow(centre: &Centre, agency: &str, system: &str, break_glass: bool) {
    let (app, now) = (&centre.app, centre.app.now());
    let of = (AgencyCode::new(agency).unwrap(), SystemCode::new(system).unwrap());
    let new = NewEvidence::of_system("gate.decision", &of.0, &of.1, now)
        .with("decision", "allow")
        .with("policy", "gate-2026.1")
        .with("statement", Content::map::<&str>([]))
        .with("break_glass", break_glass);
    let until = Some(now + SignedDuration::from_mins(5));
    let mut tx = app.store.begin().await.unwrap();
    tx.append_evidence(vec![NewEvidence { until, ..new }], now).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_or_a_glass_that_is_over_is_told_as_over() {
    // The clock stands still before the hour in which the centre asks by itself.
    let clock = Hands::at("2026-10-15T01:00:00Z");
    let centre = Centre::start_by(Arc::clone(&clock) as Arc<dyn Clock>).await;
    register_another(&centre).await;
    invite(&centre, "lanhdao", Role::Leader, AgencyScope::All).await;
    allow(&centre, "sokhcn", "cong-dvc", true).await;
    allow(&centre, "soyt", "benh-an", false).await;
    let mut leader = Browser::of(&centre, "lanhdao").await;
    let table = text(&leader.get("/gate?form=csv").await);
    let state = |table: &str, code: &str, word: &str| {
        let row = table.lines().find(|line| line.contains(code)).unwrap();
        assert!(row.contains(word), "{row}");
    };
    state(&table, "cong-dvc", "Mở khẩn cấp");
    state(&table, "benh-an", "Cho phép");
    assert!(text(&leader.get("/gate?state=over&form=csv").await).lines().count() == 1);

    clock.forward(5 * 60);
    let table = text(&leader.get("/gate?state=over&form=csv").await);
    state(&table, "cong-dvc", "Hết hạn");
    state(&table, "benh-an", "Hết hạn");
    let page = text(&leader.get("/gate").await);
    assert!(page.contains("<span class=\"bad-word\">Hết hạn</span>"), "{page}");
    assert!(page.contains("state=over\">Hết hạn 2</a>"), "{page}");
    let without = text(&leader.get("/gate?state=without&form=csv").await);
    assert_eq!(without.lines().count(), 3, "what is over lets nothing be used: {without}");
    centre.stop().await;
}
