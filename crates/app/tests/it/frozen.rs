//! What a round holds on to: its cut-off, what failed the second look, itself alone.

use jiff::civil::date;
use khien_app::App;
use khien_app::access::Caller;
use khien_app::use_case::appeals::{self, Verdict};
use khien_app::use_case::assessments::{self, Assessed};
use khien_app::use_case::findings::{self, Upload};
use khien_app::use_case::{index, rounds};
use khien_domain::account::Role;
use khien_domain::assessment::Check;
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::evidence::NewEvidence;
use khien_domain::evidence::kinds::Kinds;
use khien_domain::index::IndexPack;
use khien_domain::permission::AgencyScope;
use khien_domain::restore::Measured;
use khien_domain::round::AppealForm;
use khien_testkit::Hands;

use crate::rounds::{AGENCIES, PACK, appeal, appraiser, centre, in_review, somebody, told};
use crate::support::{agency, lead, officer, start};

/// Every record of the sample is looked at again by somebody who has not confirmed it.
async fn look_over(app: &App, year: i16, holds: bool) -> Vec<AgencyCode> {
    let samples = rounds::get(app, &Caller::program(), year).await.unwrap().samples;
    let mut of = Vec::new();
    for one in samples {
        let home = if one.sample.agency == agency("soct") { "sotc" } else { "soct" };
        let second = appraiser("hai", home);
        let seq = one.sample.seq;
        rounds::look(app, &second, year, seq, holds, "Đã đối chiếu").await.unwrap();
        of.push(one.sample.agency);
    }
    of
}

async fn frozen(app: &App, clock: &Hands) {
    in_review(app, clock).await;
    look_over(app, 2026, true).await;
    clock.forward(60);
    rounds::freeze(app, &lead(), 2026, None).await.unwrap();
    clock.forward(24 * 3_600);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_scan_or_test_does_not_become_fresh_while_a_round_is_frozen() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place.path().join("data")).await;
    frozen(&app, &clock).await;
    let system = SystemCode::new("cong-dvc").unwrap();
    let size = app.store.ledger_tip().await.unwrap().size;
    let scan = |at: &str| Upload {
        name: "mau.sarif".into(),
        bytes: serde_json::json!({"version": "2.1.0", "runs": [{
            "tool": {"driver": {"name": "Máy quét Mẫu"}},
            "invocations": [{"executionSuccessful": true, "endTimeUtc": at}],
            "results": [],
        }]})
        .to_string()
        .into_bytes(),
        tool: String::new(),
        at: None,
    };
    let by = officer("sokhcn");
    let old = scan("2026-09-01T00:00:00Z");
    let old = findings::import_findings(&app, &by, &system, old, false).await;
    assert!(told(old.unwrap_err()).contains("the round of 2026 is frozen"));
    let done = async |day| {
        let new = Assessed {
            system: system.clone(),
            check: Check::Restore,
            day,
            report: "12/BC".into(),
            independent: true,
            met: true,
            measured: Measured::default(),
            scanned: (0, String::new()),
        };
        assessments::record_assessment(&app, &by, new).await
    };
    let old = done(date(2026, 9, 1)).await;
    assert!(told(old.unwrap_err()).contains("the round of 2026 is frozen"));
    assert_eq!(app.store.ledger_tip().await.unwrap().size, size, "nothing is kept");
    // What is so after the cut-off is taken.
    let new = scan("2026-10-16T02:00:00Z");
    findings::import_findings(&app, &by, &system, new, false).await.unwrap();
    done(date(2026, 10, 16)).await.unwrap();
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_the_second_look_counts_for_no_cut_off() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place.path().join("data")).await;
    in_review(&app, &clock).await;
    let before_the_look = app.now();
    clock.forward(3_600);
    let of = look_over(&app, 2026, false).await.remove(0);
    clock.forward(60);
    let cutoff = rounds::freeze(&app, &lead(), 2026, Some(before_the_look)).await.unwrap();
    assert_eq!(cutoff.as_second(), before_the_look.as_second());
    let table = rounds::publish(&app, &lead(), 2026).await.unwrap().table;
    let live = index::live(&app, &Caller::program()).await.unwrap();
    let indicators = &live.now.pack.indicators;
    let place = indicators.iter().position(|known| known.id == "N1.2").unwrap();
    let points = |code: &str| {
        let outcome = &table.get(code).unwrap().0.outcomes[place];
        khien_domain::index::ratio::shown(&outcome.points)
    };
    assert_eq!(points(of.as_str()), "0.00");
    let other = AGENCIES.into_iter().find(|code| *code != of.as_str()).unwrap();
    assert_ne!(points(other), "0.00");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_cut_off_passes_over_an_accepted_appeal() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place.path().join("data")).await;
    in_review(&app, &clock).await;
    look_over(&app, 2026, true).await;
    let early = app.now();
    clock.forward(3_600);
    let lodged = appeal("soyt", AppealForm::Appeal);
    let id = appeals::lodge(&app, &officer("soyt"), lodged, None).await.unwrap();
    let typed = crate::rounds::training("10", "10");
    let verdict = Verdict::Accept(Box::new(typed), None);
    appeals::decide(&app, &appraiser("hai", "soct"), id, verdict, "Đúng").await.unwrap();
    clock.forward(60);
    let refused = rounds::freeze(&app, &lead(), 2026, Some(early)).await;
    assert!(told(refused.unwrap_err()).contains("an accepted appeal"));
    rounds::freeze(&app, &lead(), 2026, None).await.unwrap();
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_index_stays_what_it_is_while_a_round_is_frozen() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("data");
    let (app, clock) = centre(&path).await;
    // The program that opened the round came with another content of the same index.
    let text = IndexPack::BUILT_IN.replacen("declared_share: 1/2", "declared_share: 1/4", 1);
    let kinds = Kinds::parse(Kinds::BUILT_IN).unwrap();
    let pack = IndexPack::parse(&text, &kinds).unwrap();
    let new = NewEvidence {
        agency: None,
        subject: pack.id.clone(),
        ..NewEvidence::of_agency("index.pack", &agency("sokhcn"), app.now())
    };
    let mut tx = app.store.begin().await.unwrap();
    tx.append_evidence(vec![new.with("pack", pack.to_content().clone())], app.now()).await.unwrap();
    tx.commit().await.unwrap();
    frozen(&app, &clock).await;
    let before = app.store.all_of_ledger("index.pack").await.unwrap();
    app.stop().await;
    drop(app);
    let app = start(&path, &clock).await;
    assert_eq!(app.store.all_of_ledger("index.pack").await.unwrap(), before, "it is counted by");
    rounds::publish(&app, &lead(), 2026).await.unwrap();
    app.stop().await;
    drop(app);
    let app = start(&path, &clock).await;
    let after = app.store.all_of_ledger("index.pack").await.unwrap();
    assert_eq!(after.len(), before.len() + 1, "the program's own is there again");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_is_frozen_alone_and_no_other_one_changes_it() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place.path().join("data")).await;
    rounds::open(&app, &lead(), 2025, PACK).await.unwrap();
    frozen(&app, &clock).await;
    rounds::review(&app, &lead(), 2025).await.unwrap();
    let second = somebody("ba", Role::Appraiser, AgencyScope::All, Some("soct"));
    let samples = rounds::get(&app, &Caller::program(), 2025).await.unwrap().samples;
    // A record of before the cut-off is not withdrawn under the other round's hand.
    let one = &samples[0].sample;
    let home = if one.agency == agency("soct") { "sotc" } else { "soct" };
    let fails = rounds::look(&app, &appraiser("ba", home), 2025, one.seq, false, "Sai").await;
    assert!(told(fails.unwrap_err()).contains("the round of 2026 is frozen"));
    let id = appeals::lodge(
        &app,
        &officer("soyt"),
        khien_domain::round::NewAppeal { year: 2025, ..appeal("soyt", AppealForm::Appeal) },
        None,
    )
    .await
    .unwrap();
    let (by, of) = (officer("soyt"), agency("soyt"));
    let standing = appeals::records(&app, &by, &of, "training.year").await.unwrap();
    let verdict = Verdict::Withdraw(standing[0].seq);
    let leaked = appeals::decide(&app, &second, id, verdict, "Đúng").await.unwrap_err();
    assert!(leaked.to_string().contains("the round of 2026 is frozen"), "{leaked}");
    appeals::decide(&app, &second, id, Verdict::Refuse, "Không").await.unwrap();
    look_over(&app, 2025, true).await;
    clock.forward(60);
    let two = rounds::freeze(&app, &lead(), 2025, None).await;
    assert!(told(two.unwrap_err()).contains("the round of 2026 is frozen: publish it"));
    rounds::publish(&app, &lead(), 2026).await.unwrap();
    rounds::freeze(&app, &lead(), 2025, None).await.unwrap();
    app.stop().await;
}
