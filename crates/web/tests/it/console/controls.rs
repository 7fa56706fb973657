//! The rooms of controls and cryptography: what people import, state and take away.

use khien_domain::account::Role;
use khien_domain::permission::AgencyScope;

use super::support::{Browser, invite, only, text};
use crate::support::Centre;

#[tokio::test(flavor = "multi_thread")]
async fn a_catalogue_comes_in_and_a_faulty_one_says_why() {
    let centre = Centre::start_with_rules().await;
    invite(&centre, "truongca", Role::Lead, AgencyScope::All).await;
    Browser::new(&centre).code("truongca").await;
    let mut lead = Browser::of(&centre, "truongca").await;
    let bad = lead.post_file("/controls", "khung.xml", b"<catalog><metadata>").await;
    assert_eq!(bad.status, 400);
    assert!(text(&bad).contains("khung.xml: "), "{}", text(&bad));
    let hostile = r#"{"catalog": {"metadata": {"title": "Khung <script>alert(1)</script>", "version": "1"},
        "groups": [{"id": "g", "title": "<b>Nhóm</b>", "controls": [
            {"id": "a-1", "title": "<script>alert(2)</script>"}]}]}}"#;
    let taken = lead.post_file("/controls", "khung.json", hostile.as_bytes()).await;
    assert_eq!(taken.status, 303);
    let place = taken.headers["location"].clone();
    assert!(place.starts_with("/controls/khung-script-alert-1-script@1?done="), "{place}");
    let page = text(&lead.get(&place).await);
    assert!(page.contains("a-1") && !page.contains("<script>alert"), "{page}");
    let page = text(&lead.get("/controls").await);
    assert!(page.contains("2026.1") && !page.contains("<script>alert"));
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_states_a_control_and_others_only_read() {
    let centre = Centre::start_with_rules().await;
    invite(&centre, "canbo", Role::Officer, only("sokhcn")).await;
    invite(&centre, "lanhdao", Role::Leader, AgencyScope::All).await;
    let mut officer = Browser::of(&centre, "canbo").await;
    let place = "/systems/cong-dvc/controls";
    let mut fields = vec![
        ("catalogue", "mh-levels@2026.1"),
        ("control", "QT-03"),
        ("state", "planned"),
        ("note", "xong"),
    ];
    let short = officer.post(place, &fields).await;
    assert_eq!(short.status, 400);
    let page = text(&short);
    assert!(page.contains("ít nhất 10 ký tự") && page.contains("<details open>"), "{page}");
    assert!(page.contains(">xong</textarea>"), "what was typed stays");
    fields[3] = ("note", "Ban hành quy chế trong quý I");
    assert_eq!(officer.post(place, &fields).await.status, 303);
    let page = text(&officer.get(place).await);
    assert!(page.contains("Ban hành quy chế trong quý I"));
    let planned = text(&officer.get(&format!("{place}?status=planned")).await);
    assert!(planned.contains("id=\"QT-03\"") && !planned.contains("id=\"QT-01\""));
    let mut leader = Browser::of(&centre, "lanhdao").await;
    let read = text(&leader.get(place).await);
    assert!(read.contains("Ban hành quy chế trong quý I") && !read.contains("<textarea"));
    let plan = leader.get(&format!("{place}/oscal?what=ssp")).await;
    assert!(plan.headers["content-disposition"].contains("ssp-cong-dvc-mh-levels-2026.1.json"));
    let csf = text(&leader.get(&format!("{place}?view=csf")).await);
    assert!(csf.contains("GV.PO-01") && csf.contains("Chưa nhập danh mục NIST CSF 2.0"));
    let empty = text(&officer.get("/crypto").await);
    assert!(empty.contains("Chưa có điểm kết nối nào ở đây"), "{empty}");
    let wrong = officer.post("/crypto/probe", &[("endpoint", "a.example:443")]).await;
    assert!(text(&wrong).contains("a.example:443 không phải điểm kết nối đã đăng ký"));
    centre.stop().await;
}
