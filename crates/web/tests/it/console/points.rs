//! Critical systems, what fails alone and takes others with it, and links from one network into another.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::Offset;
use jiff::{Span, ToSpan};
use khien_app::access::Caller;
use khien_app::use_case::evidence::{Handed, hand_in};
use khien_app::use_case::register::{self, papers};
use khien_domain::account::Role;
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::paper::Paper;
use khien_domain::permission::AgencyScope;
use khien_domain::system::{Level, Stage, System, Zone};
use serde_json::Value;

use super::support::{Browser, invite, only, register_another, text};
use crate::support::Centre;

fn code(text: &str) -> SystemCode {
    SystemCode::new(text).unwrap()
}

/// Registers systems of two agencies: two critical ones and a third lean on `nen-tang` of Sở Y tế.
async fn province(centre: &Centre) {
    register_another(centre).await;
    let (app, caller) = (&centre.app, Caller::program());
    let known = register::get_system(app, &caller, &code("cong-dvc")).await.unwrap();
    let critical = |system: System, rto| System {
        is_critical: true,
        rto_minutes: Some(rto),
        rpo_minutes: Some(15),
        ..system
    };
    register::change_system(app, &caller, critical(known, 60)).await.unwrap();
    let known = register::get_system(app, &caller, &code("benh-an")).await.unwrap();
    register::change_system(app, &caller, critical(known, 30)).await.unwrap();
    for (name, called, agency, zone) in [
        ("nen-tang", "Nền tảng Mẫu", "soyt", Zone::Dedicated),
        ("mot-cua", "Một cửa Mẫu", "sokhcn", Zone::Internet),
    ] {
        let (agency, level) = (AgencyCode::new(agency).unwrap(), Level::new(3).unwrap());
        let new =
            System::new(code(name), agency, called.into(), level, Stage::Operation, app.now());
        let new = System { zone, rto_minutes: Some(240), ..new };
        register::add_system(app, &caller, new).await.unwrap();
    }
    for (one, other) in [("cong-dvc", "nen-tang"), ("benh-an", "nen-tang"), ("mot-cua", "cong-dvc")]
    {
        register::set_needs(app, &caller, &code(one), [code(other)].into()).await.unwrap();
    }
}

/// The rows of a file for programs.
async fn rows(browser: &mut Browser<'_>, path: &str) -> Vec<Value> {
    let whole: Value = serde_json::from_str(&text(&browser.get(path).await)).unwrap();
    whole["rows"].as_array().unwrap().clone()
}

fn of<'r>(rows: &'r [Value], field: &str, name: &str) -> &'r Value {
    rows.iter().find(|row| row[field] == name).unwrap_or_else(|| panic!("{name}: {rows:?}"))
}

async fn lead(centre: &Centre) -> Browser<'_> {
    invite(centre, "truongca", Role::Lead, AgencyScope::All).await;
    Browser::new(centre).code("truongca").await;
    Browser::of(centre, "truongca").await
}

/// A paper of a kind that ends so many days from today.
async fn paper(centre: &Centre, kind: &str, to: Option<&str>, ends: Span, said: &[(&str, &str)]) {
    let today = Offset::constant(7).to_datetime(centre.app.now()).date();
    let until = today.saturating_add(ends).to_string();
    let mut values: BTreeMap<String, String> =
        said.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    values.insert("until".to_owned(), until);
    let (system, kind, to) = (code("cong-dvc"), kind.to_owned(), to.map(code));
    let paper = Paper { system, kind, to, values };
    papers::add_paper(&centre.app, &Caller::program(), paper).await.unwrap();
}

/// Records what came of a restore, as a program does.
async fn restored(centre: &Centre, system: &str, content: Value) {
    let handed = Handed {
        kind: "restore.tested".into(),
        agency: AgencyCode::new("sokhcn").unwrap(),
        system: Some(code(system)),
        subject: None,
        reference: format!("khôi phục {content}"),
        content,
        at: centre.app.now(),
        until: None,
        corrects: None,
    };
    hand_in(&centre.app, &Caller::program(), handed).await.unwrap();
}

const PLAN: [(&str, &str); 3] =
    [("document", "3/PA.MH"), ("situations", "mất điện"), ("redundancy", "hai đường truyền")];

#[tokio::test(flavor = "multi_thread")]
async fn what_critical_systems_lean_on_is_told_with_every_dependent_and_the_conflict() {
    let centre = Centre::start_with_rules().await;
    province(&centre).await;
    let mut lead = lead(&centre).await;

    let page = text(&lead.get("/critical").await);
    for told in [
        "1 giờ · 15 phút",
        "chưa thử",
        "1 khôi phục chậm hơn",
        "khôi phục chậm hơn mức cần",
        "nơi gấp nhất cần 30 phút",
        "chưa đánh dấu trọng yếu",
        "/systems/nen-tang?tab=links",
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
    let points = rows(&mut lead, "/critical?list=points&form=json").await;
    let point = of(&points, "code", "nen-tang");
    // By way of cong-dvc mot-cua falls with it too.
    assert_eq!(
        (&point["dependents"], &point["critical"], &point["agencies"]),
        (&"3".into(), &"2".into(), &"2".into())
    );
    assert_eq!((&point["rto_minutes"], &point["demand_minutes"]), (&"240".into(), &"30".into()));
    let weak: BTreeSet<&str> = point["weak"].as_str().unwrap().split(' ').collect();
    assert_eq!(weak, BTreeSet::from(["later", "no-plan", "unmarked"]));
    assert_eq!(points.len(), 1, "nothing critical leans on the others: {points:?}");
    let systems = rows(&mut lead, "/critical?form=json").await;
    let row = of(&systems, "code", "cong-dvc");
    assert_eq!(
        (&row["needs"], &row["slower"], &row["restore"]),
        (&"1".into(), &"1".into(), &"none".into())
    );
    for form in ["csv", "xlsx"] {
        assert_eq!(lead.get(&format!("/critical?form={form}")).await.status, 200);
    }

    // In time for all, nothing is marked; a plan holds to the end of its last day.
    let caller = Caller::program();
    let known = register::get_system(&centre.app, &caller, &code("nen-tang")).await.unwrap();
    let fast = System { rto_minutes: Some(30), ..known };
    register::change_system(&centre.app, &caller, fast).await.unwrap();
    paper(&centre, "continuity", None, (-1).days(), &PLAN).await;
    assert_eq!(rows(&mut lead, "/critical?form=json&state=no-plan").await.len(), 2);
    paper(&centre, "continuity", None, 0.days(), &PLAN).await;
    assert_eq!(rows(&mut lead, "/critical?form=json&state=no-plan").await.len(), 1);

    // A plan in force is worth what its last exercise shows: none, one too long ago, one of this year.
    let today = Offset::constant(7).to_datetime(centre.app.now()).date();
    for (days, state, told, counted) in [
        (None, "never", "chưa diễn tập", 1),
        (Some(367), "stale", "quá hạn diễn tập", 1),
        (Some(-1), "stale", "quá hạn diễn tập", 1),
        (Some(366), "done", "đã diễn tập", 0),
    ] {
        let day = days.map(|days: i64| today.saturating_sub(days.days()).to_string());
        let tested = day.as_deref().map(|day| ("tested", day));
        let said: Vec<_> = PLAN.into_iter().chain(tested).collect();
        paper(&centre, "continuity", None, 0.days(), &said).await;
        let found = rows(&mut lead, "/critical?form=json").await;
        assert_eq!(of(&found, "code", "cong-dvc")["exercise"], state, "{days:?}");
        assert_eq!(of(&found, "code", "benh-an")["exercise"], "none", "it has no plan");
        let open = rows(&mut lead, "/critical?form=json&state=unexercised").await;
        assert_eq!(open.len(), counted, "{days:?}");
        assert!(text(&lead.get("/critical").await).contains(told), "{told}");
    }
    let page = text(&lead.get("/critical").await);
    assert!(
        !page.contains(">khôi phục chậm hơn mức cần") && page.contains("kịp mức cần"),
        "{page}"
    );
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_learns_how_many_lean_on_a_point_and_nothing_of_other_agencies() {
    let centre = Centre::start_with_rules().await;
    province(&centre).await;
    invite(&centre, "canbo", Role::Officer, only("sokhcn")).await;
    // With somebody who decides comes the agency of the third.
    invite(&centre, "truongca", Role::Lead, AgencyScope::All).await;
    invite(&centre, "thanhtra", Role::Officer, only("ttt")).await;
    let mut officer = Browser::of(&centre, "canbo").await;
    let points = rows(&mut officer, "/critical?list=points&form=json").await;
    let point = of(&points, "code", "nen-tang");
    assert_eq!((&point["critical"], &point["agencies"]), (&"2".into(), &"2".into()));
    // What their own system demands, not what the other agency's does.
    assert_eq!((&point["demand_minutes"], &point["rto_minutes"]), (&"60".into(), &"".into()));
    assert_eq!(point["weak"], "later");
    let page = text(&officer.get("/critical").await);
    assert!(page.contains("hệ thống của cơ quan khác") && page.contains("nen-tang"), "{page}");
    for other in ["benh-an", "Hồ sơ bệnh án", "Nền tảng Mẫu", "Sở Y tế", "30 phút", "4 giờ"]
    {
        assert!(!page.contains(other), "{other}: {page}");
    }
    let mut stranger = Browser::of(&centre, "thanhtra").await;
    let page = text(&stranger.get("/critical").await);
    assert!(page.contains("Không có điểm lỗi đơn nào") && !page.contains("nen-tang"), "{page}");
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_restore_stands_beside_what_it_was_to_meet() {
    let centre = Centre::start_with_rules().await;
    province(&centre).await;
    let mut lead = lead(&centre).await;
    let missed = serde_json::json!({"success": true, "rto_met": false, "rpo_met": true});
    restored(&centre, "cong-dvc", missed).await;
    let page = text(&lead.get("/critical?state=missed").await);
    assert!(page.contains("không đạt RTO</span>") && page.contains("/evidence/"), "{page}");
    assert!(!page.contains("không đạt RPO") && !page.contains("benh-an"), "{page}");
    let mut met = serde_json::json!({"success": true, "rto_met": true, "rpo_met": true});
    met["minutes"] = 45.into();
    met["lost_minutes"] = 0.into();
    restored(&centre, "cong-dvc", met).await;
    let systems = rows(&mut lead, "/critical?form=json").await;
    assert_eq!(of(&systems, "code", "cong-dvc")["restore"], "met");
    let page = text(&lead.get("/critical").await);
    assert!(page.contains("đo được 45 phút, mất dữ liệu 0 phút"), "{page}");
    assert_eq!(of(&systems, "code", "benh-an")["restore"], "none");
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_across_networks_is_in_force_on_the_last_day_of_its_decision_alone() {
    const DECISION: [(&str, &str); 2] = [("document", "12/QĐ.MH"), ("guard", "Tường lửa hai lớp")];
    let centre = Centre::start_with_rules().await;
    province(&centre).await;
    let mut lead = lead(&centre).await;
    let page = text(&lead.get("/zones").await);
    let none = "/zones?from=internet&#38;to=dedicated&#38;state=none#links";
    assert!(page.contains("2 chưa có văn bản") && page.contains(none), "{page}");
    assert!(page.contains("/systems?zone=dedicated&amp;state=live\">1 hệ thống"), "{page}");
    let (kind, to) = ("zone-link", Some("nen-tang"));
    paper(&centre, kind, to, (-1).days(), &DECISION).await;
    let standing = async |browser: &mut Browser<'_>| {
        let links = rows(browser, "/zones?form=json").await;
        of(&links, "from", "cong-dvc")["state"].as_str().unwrap().to_owned()
    };
    assert_eq!(standing(&mut lead).await, "ended");
    assert!(text(&lead.get("/zones").await).contains("1 hết hiệu lực"));
    paper(&centre, kind, to, 0.days(), &DECISION).await;
    assert_eq!(standing(&mut lead).await, "in-force");
    // In one network: no link, whatever papers say.
    paper(&centre, kind, Some("benh-an"), 9.days(), &DECISION).await;
    let links = rows(&mut lead, "/zones?form=json").await;
    assert_eq!(links.len(), 2, "{links:?}");
    assert!(rows(&mut lead, "/zones?form=json&from=dedicated").await.is_empty());
    assert_eq!(rows(&mut lead, "/zones?form=json&state=none").await.len(), 1);

    // The other agency learns that somebody's link into its system is in force, not by which decision.
    invite(&centre, "canbo", Role::Officer, only("soyt")).await;
    let mut officer = Browser::of(&centre, "canbo").await;
    let links = rows(&mut officer, "/zones?form=json").await;
    let link = of(&links, "from", "cong-dvc");
    assert_eq!(
        (&link["state"], &link["document"], &link["from_agency"]),
        (&"in-force".into(), &"".into(), &"".into())
    );
    let page = text(&officer.get("/zones").await);
    assert!(page.contains("văn bản của cơ quan khác"), "{page}");
    for other in ["12/QĐ.MH", "Cổng dịch vụ công", "Sở Khoa học và Công nghệ"] {
        assert!(!page.contains(other), "{other}: {page}");
    }
    for form in ["csv", "xlsx"] {
        assert_eq!(lead.get(&format!("/zones?form={form}")).await.status, 200);
    }
    centre.stop().await;
}
