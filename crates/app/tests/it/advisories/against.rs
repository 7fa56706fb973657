//! Who may not use an advisory to hide what another has told.

use khien_domain::permission::{Actor, AgencyScope, Identity, Permission};

use super::*;

fn only(list: &str) -> Value {
    json!({list: ["WEB"]})
}

/// The same advisory by another publisher.
fn by_another(mut document: Value) -> Value {
    document["document"]["publisher"]["namespace"] = json!("https://khac.example");
    document
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declared_import_neither_blocks_nor_outlives_a_documented_one() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place).await;
    import(&app, &advisory("1", FIRST, &only("known_affected"))).await;
    let forged = advisory("9", "2026-10-15T01:00:00Z", &only("fixed"));
    let own = try_import(&app, &officer("sokhcn"), file(&forged)).await.unwrap();
    assert_eq!(own.fixed, 1);
    clock.forward(3_600);
    let report = import(&app, &advisory("2", SECOND, &only("known_affected"))).await;
    assert_eq!((report.reopened, at(&app, "Máy chủ").await.state), (1, FindingState::Open));
    // The other way round it is held to the order.
    let older = file(&advisory("1", FIRST, &only("fixed")));
    let older = try_import(&app, &officer("sokhcn"), older).await.unwrap_err();
    assert!(matches!(older, UseError::Conflict(_)), "{older:?}");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_two_advisories_name_no_single_one_takes_back() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place).await;
    import(&app, &advisory("1", FIRST, &only("known_affected"))).await;
    import(&app, &by_another(advisory("1", FIRST, &only("known_affected")))).await;
    assert_eq!(at(&app, "Máy chủ").await.tool, "CSAF: nhiều khuyến cáo");
    clock.forward(3_600);
    let clear = advisory("2", SECOND, &only("known_not_affected"));
    assert_eq!(import(&app, &clear).await.fixed, 0);
    assert_eq!(import(&app, &by_another(clear)).await.fixed, 0);
    assert_eq!(at(&app, "Máy chủ").await.state, FindingState::Open);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_text_of_the_same_moment_takes_nothing_back() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre(&place).await;
    import(&app, &advisory("1", FIRST, &only("known_affected"))).await;
    let report = import(&app, &advisory("1", FIRST, &only("fixed"))).await;
    assert_eq!((report.fixed, report.again), (0, false));
    assert_eq!(at(&app, "Máy chủ").await.state, FindingState::Open);
    // What only says something else to do is another text too.
    let mut told = advisory("1", FIRST, &only("known_affected"));
    told["vulnerabilities"][0]["remediations"][0] = json!({"category": "no_fix_planned"});
    assert!(!import(&app, &told).await.again);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_version_makes_nothing_milder_and_loses_no_cve() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre(&place).await;
    let told = |version, at, severity: &str, more: &str| {
        let mut document = advisory(version, at, &only("known_affected"));
        let flaw = &mut document["vulnerabilities"][0];
        flaw["cve"] = json!(null);
        flaw["ids"] =
            json!([{"system_name": "x", "text": "XM-A"}, {"system_name": "x", "text": more}]);
        flaw["scores"] = json!([{"products": ["WEB"], "cvss_v3": {"baseSeverity": severity}}]);
        document
    };
    import(&app, &told("1", FIRST, "HIGH", "CVE-2026-0001")).await;
    import(&app, &told("2", SECOND, "LOW", "CVE-2026-0002")).await;
    let web = at(&app, "Máy chủ").await;
    assert_eq!((web.about.severity, web.about.cves.len()), (Rating::High, 2));
    // Of two vulnerabilities of one number both count.
    let mut two = told("3", "2026-10-15T00:40:00Z", "LOW", "CVE-2026-0003");
    let mut other = two["vulnerabilities"][0].clone();
    other["ids"][1]["text"] = json!("CVE-2026-0004");
    two["vulnerabilities"].as_array_mut().unwrap().push(other);
    import(&app, &two).await;
    assert_eq!(at(&app, "Máy chủ").await.about.cves.len(), 4);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_an_officer_types_takes_no_finding_from_an_advisory() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place).await;
    import(&app, &advisory("1", FIRST, &only("known_affected"))).await;
    let web = at(&app, "Máy chủ").await;
    for rows in ["CVE-2026-0001,Lỗi,low,Máy chủ Web Mẫu 7.1\n", ""] {
        clock.forward(3_600);
        let typed = Upload { at: Some(app.now()), ..scan(rows) };
        try_import(&app, &officer("sokhcn"), typed).await.unwrap();
        let now = at(&app, "Máy chủ").await;
        assert_eq!((&now.tool, &now.state), (&web.tool, &FindingState::Open));
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_takes_nothing_back_for_the_gate_and_looks_at_nothing_it_may_not_read() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre(&place).await;
    let token = |permissions: &[Permission]| {
        let scope = AgencyScope::one(officer_agency());
        let identity = Identity::Token { id: khien_domain::ids::TokenId(1), name: "ci".into() };
        let actor = Actor::new(identity, permissions.iter().copied().collect(), scope);
        Caller { actor, ..Caller::program() }
    };
    let writer = token(&[Permission::EvidenceWrite]);
    let first = advisory("1", FIRST, &only("known_affected"));
    let dry = findings::import_findings(&app, &writer, &system(), file(&first), true).await;
    assert!(matches!(dry, Err(UseError::Denied(_))), "{dry:?}");
    let reader = token(&[Permission::EvidenceWrite, Permission::RegisterRead]);
    findings::import_findings(&app, &reader, &system(), file(&first), true).await.unwrap();
    try_import(&app, &writer, file(&first)).await.unwrap();
    let record = told(&app, "finding.state").await.swap_remove(0);
    assert!(record.about.reference.contains(", sha256 "), "{record:?}");
    clock.forward(3_600);
    let clear = advisory("2", SECOND, &only("fixed"));
    assert_eq!(try_import(&app, &writer, file(&clear)).await.unwrap().fixed, 1);
    assert_eq!(told(&app, "finding.state").await[0].about.how, How::Declared);
    assert!(!holds(&app, "finding").await, "nobody who decides has looked at the advisory");
    clock.forward(3_600);
    let confirmed = import(&app, &clear).await;
    assert!(!confirmed.again && !confirmed.touches_nothing());
    assert_eq!((confirmed.fixed, confirmed.advice.unwrap().confirmed), (0, 1));
    assert!(holds(&app, "finding").await);
    app.stop().await;
}

fn officer_agency() -> khien_domain::code::AgencyCode {
    khien_domain::code::AgencyCode::new("sokhcn").unwrap()
}
