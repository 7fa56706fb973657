//! Forms that will not do: all mistakes at once, each beside its field, and nothing typed is lost.

use khien_app::access::Caller;
use khien_app::use_case::register as use_case;
use khien_domain::account::Role;
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::evidence::{How, NewEvidence};
use khien_domain::permission::AgencyScope;
use khien_domain::round::Drawn;

use super::support::{Browser, NEW_AGENCY, invite, only, register_another, text};
use crate::support::Centre;

/// A centre with an officer of `sokhcn` and a lead of all.
async fn centre() -> Centre {
    let centre = Centre::start_with_rules().await;
    register_another(&centre).await;
    invite(&centre, "canbo", Role::Officer, only("sokhcn")).await;
    invite(&centre, "truongca", Role::Lead, AgencyScope::All).await;
    Browser::new(&centre).code("truongca").await;
    centre
}

/// The fields that a page marks, and that each has its sentence.
fn marked(page: &str) -> Vec<String> {
    let parts = page.split("aria-invalid=\"true\" aria-describedby=\"wrong-").skip(1);
    let names: Vec<String> = parts.map(|part| part.split('"').next().unwrap().to_owned()).collect();
    for name in &names {
        assert!(page.contains(&format!("id=\"wrong-{name}\"")), "{name} has no sentence");
    }
    names
}

type Fields<'f> = &'f [(&'f str, &'f str)];

/// Who answers for an agency.
const HEADS: &[(&str, &str)] = NEW_AGENCY.split_at(3).1;

#[tokio::test(flavor = "multi_thread")]
async fn a_form_tells_all_its_mistakes_beside_their_fields() {
    let centre = centre().await;
    let mut officer = Browser::of(&centre, "canbo").await;
    let mut lead = Browser::of(&centre, "truongca").await;
    let forms: [(&str, Fields<'_>, &[&str]); 7] = [
        (
            "/systems/new",
            &[("agency", "sokhcn"), ("code", "Mã sai"), ("level", "9"), ("rto_minutes", "hai giờ")],
            &["code", "name", "level", "stage", "rto_minutes"],
        ),
        (
            "/budget/sokhcn/2026/new",
            &[
                ("code", "Mã sai"),
                ("class", "backup"),
                ("share", "200"),
                ("planned", "1,5"),
                ("bought", "31/01"),
            ],
            &["code", "name", "share", "planned", "bought"],
        ),
        (
            "/risks/new",
            &[
                ("agency", "sokhcn"),
                ("code", "Mã sai"),
                ("likelihood", "9"),
                ("impact", "1"),
                ("due", "31/01"),
                ("records", "một"),
            ],
            &["scenario", "threat", "likelihood", "treatment", "due", "owner", "records", "code"],
        ),
        (
            "/projects",
            &[("code", "Mã sai"), ("system", "cong-dvc"), ("planned", "nhiều"), ("security", "ít")],
            &["code", "name", "planned", "security"],
        ),
        (
            "/calendar",
            &[
                ("system", "cong-dvc"),
                ("check", "scan"),
                ("day", "31/01"),
                ("tool", "Mã sai"),
                ("findings", "vài"),
            ],
            &["day", "report", "findings"],
        ),
        (
            "/findings/new",
            &[("system", "cong-dvc"), ("severity", "tệ"), ("rule", "Mã sai"), ("found", "31/01")],
            &["title", "severity", "place", "tool", "found"],
        ),
        (
            "/agencies/sokhcn/assignment",
            &[
                ("head-holder", "Mã sai"),
                ("head-signed", "31/01"),
                ("role", "Đầu mối"),
                ("post", ""),
                ("mail", "a@minhhoa.example"),
                ("line", ""),
            ],
            &["head-post", "head-document", "head-signed", "head-until", "contact-0"],
        ),
    ];
    for (path, typed, wrong) in forms {
        let reply = officer.post(path, typed).await;
        assert_eq!(reply.status, 400, "{path}");
        let page = text(&reply);
        let mut found = marked(&page);
        let mut wanted: Vec<String> = wrong.iter().map(|name| (*name).to_owned()).collect();
        found.sort();
        wanted.sort();
        found.dedup();
        assert_eq!(found, wanted, "{path}");
        assert!(page.contains("value=\"Mã sai\""), "{path} keeps what was typed");
    }
    let typed = [("code", "Mã sai"), ("name_vi", ""), ("kind", "khác")];
    let reply = lead.post("/agencies/new", &typed).await;
    let all = ["code", "name_vi", "kind", "head-holder", "deputy-holder"];
    assert_eq!((reply.status, marked(&text(&reply))), (400, all.map(str::to_owned).to_vec()));
    // Of a body outside the scope nobody is named, and nobody may be.
    let outside = [("code", "bchqs"), ("name_vi", "Bộ Chỉ huy"), ("kind", "government")];
    let outside = [outside.as_slice(), &[("outside", "1")]].concat();
    let named = [outside.as_slice(), HEADS].concat();
    let reply = lead.post("/agencies/new", &named).await;
    assert_eq!((reply.status, marked(&text(&reply))), (409, vec!["outside".to_owned()]));
    assert_eq!(lead.post("/agencies/new", &outside).await.status, 303);
    // It comes into the scope with who answers for it, and is asked no more.
    let inside = [("name_vi", "Bộ Chỉ huy"), ("kind", "government")];
    let reply = lead.post("/agencies/bchqs/edit", &inside).await;
    assert_eq!((reply.status, marked(&text(&reply))), (400, vec!["head-holder".to_owned()]));
    let back = [("head-until", "2026-01-04")];
    let early: Vec<_> = HEADS.iter().copied().filter(|(name, _)| *name != "head-until").collect();
    let reply = lead.post("/agencies/bchqs/edit", &[&inside[..], &early, &back].concat()).await;
    assert_eq!((reply.status, marked(&text(&reply))), (400, vec!["head-until".to_owned()]));
    let reply = lead.post("/agencies/bchqs/edit", &[&inside[..], HEADS].concat()).await;
    assert_eq!(reply.status, 303);
    assert!(!text(&lead.get("/agencies/bchqs/edit").await).contains("head-holder"));
    assert!(text(&lead.get("/agencies/bchqs").await).contains("Cán bộ Mẫu 901"));
    // What the domain refuses stands beside its field too, and a collision is one.
    let twice = [("code", "soyt"), ("name_vi", "Sở Y tế"), ("kind", "government")];
    let reply = lead.post("/agencies/new", &[twice.as_slice(), HEADS].concat()).await;
    assert_eq!((reply.status, marked(&text(&reply))), (409, vec!["code".to_owned()]));
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tab_of_a_system_keeps_what_was_typed_and_says_what_will_not_do() {
    let centre = centre().await;
    let mut officer = Browser::of(&centre, "canbo").await;
    let forms: [(&str, Fields<'_>, &[&str], &str); 7] = [
        (
            "/systems/cong-dvc/providers",
            &[
                ("name", "Công ty Mẫu"),
                ("service", ""),
                ("contract", "1/HĐ"),
                ("from", "2026-01-01"),
                ("until", ""),
                ("staff", "nhiều"),
                ("window", "sáng"),
            ],
            &["service", "until", "staff", "window"],
            "Công ty Mẫu",
        ),
        (
            "/systems/cong-dvc/products",
            &[("name", "Phần mềm Mẫu"), ("make", "domestic"), ("cryptographic", "1")],
            &["authority"],
            "Phần mềm Mẫu",
        ),
        (
            "/systems/cong-dvc/assets",
            &[("name", "máy chủ"), ("kind", "server"), ("zone", "internet"), ("address", "10.0.0")],
            &["name", "address"],
            "máy chủ",
        ),
        ("/systems/cong-dvc/needs", &[("needs", "cong-dvc")], &["needs"], "cong-dvc"),
        ("/systems/cong-dvc/hosts", &[("host", "web-moi\nmáy chủ một")], &["host"], "máy chủ một"),
        (
            "/systems/cong-dvc/papers",
            &[("kind", "continuity"), ("document", "12/PA"), ("tested", "31/01")],
            &["situations", "redundancy", "tested"],
            "12/PA",
        ),
        (
            "/agencies/sokhcn/resources",
            &[("kind", "domain"), ("value", "không phải tên miền"), ("until", "31/01")],
            &["until"],
            "không phải tên miền",
        ),
    ];
    for (path, typed, wrong, kept) in forms {
        let reply = officer.post(path, typed).await;
        // A circle collides with what is there.
        let status = if path.ends_with("/needs") { 409 } else { 400 };
        assert_eq!(reply.status, status, "{path}: {}", text(&reply));
        let page = text(&reply);
        assert_eq!(marked(&page), wrong, "{path}");
        assert!(page.contains("<form method=\"post\"") && page.contains(kept), "{path}");
        assert!(!page.contains("tải lại trang"), "{path}");
    }
    let circle = text(&officer.post("/systems/cong-dvc/needs", &[("needs", "cong-dvc")]).await);
    assert!(circle.contains("không thể cần nhau thành vòng"), "{circle}");
    // Somebody who may not change it is told that, and nothing of the tab.
    invite(&centre, "canboyt", Role::Officer, only("soyt")).await;
    let mut other = Browser::of(&centre, "canboyt").await;
    assert_eq!(other.post("/systems/cong-dvc/assets", &[("name", "")]).await.status, 404);
    invite(&centre, "lanhdao", Role::Leader, AgencyScope::All).await;
    let mut leader = Browser::of(&centre, "lanhdao").await;
    assert_eq!(leader.post("/systems/cong-dvc/assets", &[("name", "")]).await.status, 403);
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hosts_are_one_a_line_and_a_new_system_has_no_stage_by_itself() {
    let centre = centre().await;
    let mut officer = Browser::of(&centre, "canbo").await;
    let lines = [("host", "web-moi.minhhoa.example\r\n\r\n 192.0.2.7 \r\n")];
    assert_eq!(officer.post("/systems/cong-dvc/hosts", &lines).await.status, 303);
    let page = text(&officer.get("/systems/cong-dvc").await);
    assert!(page.contains(">web-moi.minhhoa.example<") && page.contains(">192.0.2.7<"));
    for name in ["máy chủ một", "web01, web02"] {
        let reply = officer.post("/systems/cong-dvc/hosts", &[("host", name)]).await;
        let page = text(&reply);
        assert!(page.contains(&format!("«{name}» không phải tên máy")), "{page}");
        assert!(!page.contains(">web02<") && !page.contains(">một<"), "none of it is registered");
    }
    let page = text(&officer.get("/systems/new").await);
    let stages = page.split("name=\"stage\"").nth(1).unwrap();
    let stages = stages.split("</select>").next().unwrap();
    assert!(stages.contains("<option value=\"\">") && !stages.contains(" selected"), "{stages}");
    assert!(page.contains("từ lúc đó cổng an toàn xét hệ thống"), "{page}");
    let edit = text(&officer.get("/systems/cong-dvc/edit").await);
    assert!(edit.contains("<option value=\"operation\" selected>"), "{edit}");
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reason_is_asked_for_before_and_told_beside_its_field() {
    let centre = centre().await;
    let mut lead = Browser::of(&centre, "truongca").await;
    let page = text(&lead.get("/gate/cong-dvc?before=operation").await);
    assert!(page.contains("name=\"reason\" value=\"\" required minlength=\"10\""), "{page}");
    let short = [("reason", "vội"), ("hours", "5")];
    let reply = lead.post("/gate/cong-dvc/break", &short).await;
    let page = text(&reply);
    assert_eq!((reply.status, marked(&page)), (400, vec!["reason".to_owned()]), "{page}");
    assert!(page.contains("lý do phải dài ít nhất 10 ký tự") && page.contains("value=\"vội\""));
    let long = [("reason", "vá khẩn cấp lỗ hổng"), ("hours", "9999")];
    assert_eq!(marked(&text(&lead.post("/gate/cong-dvc/break", &long).await)), ["hours"]);

    // A record of the sample: also what holds needs a word.
    invite(&centre, "thamdinh", Role::Appraiser, AgencyScope::All).await;
    let (app, now) = (&centre.app, centre.app.now());
    let agency = AgencyCode::new("sokhcn").unwrap();
    let new = NewEvidence::of_agency("training.year", &agency, now);
    let new = NewEvidence { how: How::Declared, subject: "2026".into(), ..new };
    let new = vec![new.with("staff", 1).with("completed", 1)];
    let mut tx = app.store.begin().await.unwrap();
    let seq = tx.append_evidence(new, now).await.unwrap()[0].seq;
    tx.add_round(2026, "mh-57-2026.1", now).await.unwrap();
    let seed = String::new();
    let drawn = Drawn { at: now, checkpoint: 0, size: 0, seed, population: 1 };
    assert!(tx.review_round(2026, &drawn, &[(seq, agency)]).await.unwrap());
    tx.commit().await.unwrap();
    let mut appraiser = Browser::of(&centre, "thamdinh").await;
    let page = text(&appraiser.get("/index/rounds/2026").await);
    assert!(page.contains("(bắt buộc, cả khi đúng)") && page.contains("required minlength=\"3\""));
    let place = format!("/index/rounds/2026/samples/{seq}");
    let reply = appraiser.post(&place, &[("do", "hold"), ("reason", "")]).await;
    assert_eq!((reply.status, marked(&text(&reply))), (400, vec!["reason".to_owned()]));
    assert!(text(&reply).contains("lý do chưa được điền"));
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_glass_is_reviewed_where_the_gate_is_asked() {
    let centre = centre().await;
    let mut lead = Browser::of(&centre, "truongca").await;
    let broken = [("reason", "vá khẩn cấp lỗ hổng"), ("hours", "5")];
    assert_eq!(lead.post("/gate/cong-dvc/break", &broken).await.status, 303);
    let page = text(&lead.get("/gate/cong-dvc").await);
    assert!(
        page.contains("Rà soát sau mở khẩn cấp") && page.contains("Chờ rà soát, hạn"),
        "{page}"
    );
    assert!(!page.contains("/review/"), "{page}");

    invite(&centre, "thamdinh", Role::Appraiser, AgencyScope::All).await;
    let mut appraiser = Browser::of(&centre, "thamdinh").await;
    let page = text(&appraiser.get("/gate/cong-dvc").await);
    let place = page.split("action=\"").find(|text| text.contains("/review/")).unwrap();
    let place = place.split('"').next().unwrap().to_owned();
    let reply = appraiser.post(&place, &[("finding", "ổn"), ("do", "holds")]).await;
    let page = text(&reply);
    assert_eq!((reply.status, marked(&page)), (400, vec!["finding".to_owned()]), "{page}");
    assert!(page.contains("kết quả rà soát phải dài ít nhất 10 ký tự"), "{page}");
    let finding = [("finding", "đã vá, không có truy cập lạ"), ("do", "holds")];
    assert_eq!(appraiser.post(&place, &finding).await.status, 303);
    let page = text(&appraiser.get("/gate/cong-dvc").await);
    assert!(page.contains("Có căn cứ</b>: đã vá, không có truy cập lạ"), "{page}");
    assert!(page.contains("Đã rà soát ngày") && !page.contains("/review/"), "{page}");
    let reply = appraiser.post(&place, &finding).await;
    assert_eq!(reply.status, 409);
    assert!(text(&reply).contains("đã xong từ trước"), "{}", text(&reply));
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hidden_incident_is_recorded_beside_what_the_agency_says_of_itself() {
    let centre = centre().await;
    invite(&centre, "thamdinh", Role::Appraiser, AgencyScope::All).await;
    let mut officer = Browser::of(&centre, "canbo").await;
    let page = "/index/agencies/sokhcn/attest";
    assert!(!text(&officer.get(page).await).contains("id=\"hidden\""));
    let mut appraiser = Browser::of(&centre, "thamdinh").await;
    assert!(text(&appraiser.get(page).await).contains("Chưa ghi nhận sự cố nào"));
    let nobody = "/index/agencies/khong-co/attest";
    assert_eq!(appraiser.get(nobody).await.status, 404, "nothing is said of who is not there");
    let sheet = "/index/agencies/sokhcn";
    assert!(text(&appraiser.get(sheet).await).contains("/attest#hidden"));
    assert!(!text(&officer.get(sheet).await).contains("/attest#hidden"));
    let place = "/index/agencies/sokhcn/hidden";
    let empty = [("subject", ""), ("found", "hôm qua"), ("reason", ""), ("document", "")];
    let reply = appraiser.post(place, &empty).await;
    let told = marked(&text(&reply));
    assert_eq!((reply.status, told.len()), (400, 4), "{told:?}");
    let late = [("subject", "SC-7"), ("found", "2999-01-01"), ("reason", "lộ"), ("document", "1")];
    assert_eq!(marked(&text(&appraiser.post(place, &late).await)), ["found"]);
    let day = centre.app.now().to_string()[..10].to_owned();
    let right = [("subject", "SC-7"), ("found", &*day), ("reason", "lộ"), ("document", "1/BB")];
    assert_eq!(appraiser.post(place, &right).await.status, 303);
    assert_eq!(appraiser.post(place, &right).await.status, 409);
    // The agency reads it; neither it nor whoever recorded it takes it back.
    for shown in [text(&officer.get(page).await), text(&appraiser.get(page).await)] {
        assert!(shown.contains("<b>SC-7</b>") && !shown.contains("/withdraw"), "{shown}");
    }
    invite(&centre, "thamdinh2", Role::Appraiser, AgencyScope::All).await;
    let mut second = Browser::of(&centre, "thamdinh2").await;
    let shown = text(&second.get(page).await);
    let form = shown.split("action=\"").find(|text| text.contains("/withdraw")).unwrap();
    let form = form.split('"').next().unwrap();
    assert_eq!(marked(&text(&second.post(form, &[("reason", "")]).await)), ["reason"]);
    assert_eq!(second.post(form, &[("reason", "nhầm cơ quan")]).await.status, 303);
    assert!(text(&second.get(page).await).contains("Chưa ghi nhận sự cố nào"));
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn links_lead_only_where_one_may_go() {
    let centre = centre().await;
    let (app, caller) = (&centre.app, Caller::program());
    let needs = [SystemCode::new("benh-an").unwrap()].into();
    let system = SystemCode::new("cong-dvc").unwrap();
    use_case::set_needs(app, &caller, &system, needs).await.unwrap();
    let mut lead = Browser::of(&centre, "truongca").await;
    let paper =
        [("kind", "zone-link"), ("to", "benh-an"), ("document", "7/QĐ"), ("guard", "tường lửa")];
    assert_eq!(lead.post("/systems/cong-dvc/papers", &paper).await.status, 303);
    let mut officer = Browser::of(&centre, "canbo").await;
    for path in ["/papers?kind=zone-link", "/systems/cong-dvc?tab=papers"] {
        let (own, all) = (text(&officer.get(path).await), text(&lead.get(path).await));
        assert!(own.contains("benh-an") && !own.contains("href=\"/systems/benh-an\""), "{path}");
        assert!(all.contains("href=\"/systems/benh-an\""), "{path}");
    }
    let import = "/register/import?kind=agencies";
    assert!(!text(&officer.get("/agencies").await).contains(import));
    assert_eq!(officer.get(import).await.status, 403);
    assert!(text(&lead.get("/agencies").await).contains(import));
    invite(&centre, "lanhdao", Role::Leader, AgencyScope::All).await;
    let mut leader = Browser::of(&centre, "lanhdao").await;
    assert!(!text(&leader.get("/overview").await).contains("href=\"/rules"));
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_log_tells_deeds_in_words_and_keeps_their_names_to_filter() {
    let centre = centre().await;
    invite(&centre, "kiemtoan", Role::Auditor, AgencyScope::All).await;
    let mut wrong = Browser::new(&centre);
    wrong.sign_in("canbo", "sai hoàn toàn 123").await;
    let mut officer = Browser::of(&centre, "canbo").await;
    assert_eq!(officer.get("/audit").await.status, 403);
    let mut auditor = Browser::of(&centre, "kiemtoan").await;
    let page = text(&auditor.get("/audit").await);
    for wanted in [
        ">Đăng nhập</a>",
        "sai mật khẩu",
        ">tài khoản canbo</td>",
        "cần quyền xem nhật ký",
        "href=\"/audit?action=session.begin\"",
        "<option value=\"session.begin\">Đăng nhập</option>",
    ] {
        assert!(page.contains(wanted), "{wanted}: {page}");
    }
    assert!(!page.contains(">session.begin<") && !page.contains(">wrong password<"));
    let only = text(&auditor.get("/audit?action=session.begin").await);
    assert!(only.contains(">Đăng nhập</a>") && !only.contains(">Xem nhật ký</a>"));
    centre.stop().await;
}
