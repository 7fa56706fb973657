//! `/tasks`: what agencies have to do by a day.

use khien_app::access::Caller;
use khien_app::use_case::register::{self, zones};
use khien_domain::account::Role;
use khien_domain::asset::{Asset, AssetKind};
use khien_domain::code::SystemCode;
use khien_domain::host::HostName;
use khien_domain::permission::AgencyScope;
use khien_domain::system::{Level, Stage, System, Zone};

use super::support::{Browser, invite, only, register_another, text};
use crate::support::Centre;

/// Puts a server of `benh-an` or of the system beside it into a network.
async fn put(centre: &Centre, system: &str, zone: Zone) {
    let asset = Asset {
        system: SystemCode::new(system).unwrap(),
        name: HostName::new("may-chu-1").unwrap(),
        kind: AssetKind::Server,
        zone,
        site: None,
        address: None,
    };
    register::put_asset(&centre.app, &Caller::program(), asset).await.unwrap();
    zones::look(&centre.app, &Caller::program()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_is_listed_with_where_it_is_done_until_it_is() {
    let centre = Centre::start_with_rules().await;
    register_another(&centre).await;
    let known = SystemCode::new("benh-an").unwrap();
    let caller = Caller::program();
    let known = register::get_system(&centre.app, &caller, &known).await.unwrap();
    let (code, level) = (SystemCode::new("lich-kham").unwrap(), Level::new(2).unwrap());
    let (name, now) = ("Lịch khám".into(), centre.app.now());
    let new = System::new(code, known.agency.clone(), name, level, Stage::Operation, now);
    register::add_system(&centre.app, &caller, new).await.unwrap();
    invite(&centre, "canbo", Role::Officer, only("soyt")).await;
    invite(&centre, "nguoi-la", Role::Officer, only("sokhcn")).await;
    invite(&centre, "kiemtoan", Role::Auditor, AgencyScope::All).await;
    let mut officer = Browser::of(&centre, "canbo").await;
    assert!(text(&officer.get("/tasks").await).contains("Không có việc nào"));

    put(&centre, "benh-an", Zone::Dedicated).await;
    put(&centre, "lich-kham", Zone::Internet).await;
    let mut auditor = Browser::of(&centre, "kiemtoan").await;
    for browser in [&mut officer, &mut auditor] {
        let page = text(&browser.get("/tasks").await);
        assert!(page.contains("Tách may-chu-1 khỏi một trong hai vùng mạng"), "{page}");
        assert!(
            page.contains("href=\"/assets?text=may-chu-1\"") && page.contains("1 việc chưa xong")
        );
        let seq = page.split("class=\"tag\" href=\"/evidence/").nth(1).unwrap();
        let seq = seq.split('"').next().unwrap().to_owned();
        let record = text(&browser.get(&format!("/evidence/{seq}")).await);
        assert!(record.contains("zones may-chu-1"), "{record}");
    }
    let mut stranger = Browser::of(&centre, "nguoi-la").await;
    assert!(!text(&stranger.get("/tasks?state=all").await).contains("may-chu-1"));
    let csv = text(&officer.get("/tasks?form=csv").await);
    assert!(csv.contains("zones may-chu-1") && csv.contains("Chưa xong"), "{csv}");
    assert!(
        text(&officer.get("/tasks?text=khong").await).contains("/tasks\""),
        "none is so called"
    );

    put(&centre, "lich-kham", Zone::Dedicated).await;
    assert!(text(&officer.get("/tasks").await).contains("0 việc chưa xong"));
    let page = text(&officer.get("/tasks?state=done").await);
    assert!(page.contains("may-chu-1") && page.contains("Đã xong"), "{page}");
    centre.stop().await;
}
