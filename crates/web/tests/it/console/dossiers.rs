//! The rooms of dossiers, projects, assessments and findings: what people type, and what they are told.

use jiff::tz::Offset;
use khien_app::access::Caller;
use khien_app::use_case::register;
use khien_domain::account::Role;
use khien_domain::code::SystemCode;
use khien_domain::permission::AgencyScope;
use khien_domain::system::System;

use super::support::{Browser, invite, only, register_another, text};
use crate::support::{Centre, Reply};

fn approve(day: &str) -> [(&str, &str); 3] {
    [("do", "approve"), ("number", "12/QĐ"), ("day", day)]
}

fn goes_to(reply: &Reply) -> String {
    assert_eq!(reply.status, 303, "{}", text(reply));
    reply.headers["location"].clone()
}

/// What a page asks for, answered: a reason to every criterion, yes to every item, a document.
fn filled(page: &str, level: &str) -> Vec<(String, String)> {
    let mut fields = vec![
        ("level".to_owned(), level.to_owned()),
        ("scope".to_owned(), "Cổng dịch vụ công".to_owned()),
    ];
    for part in page.split("name=\"").skip(1) {
        let name = part.split('"').next().unwrap();
        if name.starts_with("answer-") {
            fields.push((name.to_owned(), "yes".to_owned()));
        } else if name.starts_with("reason-") {
            fields.push((name.to_owned(), "phục vụ toàn tỉnh".to_owned()));
        }
    }
    for (name, value) in [
        ("doc-title", "Thuyết minh"),
        ("doc-number", "1/TTr"),
        ("doc-day", "2026-10-01"),
        ("doc-sha256", ""),
    ] {
        // The second row stays empty.
        fields.push((name.to_owned(), value.to_owned()));
        fields.push((name.to_owned(), String::new()));
    }
    fields
}

fn borrowed(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dossier_is_typed_returned_and_approved_by_three_people() {
    let centre = Centre::start_with_rules().await;
    register_another(&centre).await;
    invite(&centre, "canbo", Role::Officer, only("sokhcn")).await;
    invite(&centre, "thamdinh", Role::Appraiser, AgencyScope::All).await;
    invite(&centre, "truongca", Role::Lead, AgencyScope::All).await;
    let mut officer = Browser::of(&centre, "canbo").await;
    let mut appraiser = Browser::of(&centre, "thamdinh").await;
    Browser::new(&centre).code("truongca").await;
    let mut lead = Browser::of(&centre, "truongca").await;

    assert!(text(&officer.get("/dossiers").await).contains("Chưa có hồ sơ nào"));
    let begin = [("system", "cong-dvc"), ("kind", "level")];
    assert_eq!(appraiser.post("/dossiers", &begin).await.status, 403);
    assert_eq!(goes_to(&officer.post("/dossiers", &begin).await), "/dossiers/1?done=dossier-begin");
    let page = text(&officer.get("/dossiers/1").await);
    assert!(page.contains("id=\"say\"") && page.contains("id=\"submit\""), "{page}");
    let mut fields = filled(&page, "4");
    fields[1].1 = "TỐI MẬT".to_owned();
    let refused = officer.post("/dossiers/1", &borrowed(&fields)).await;
    assert!(refused.status == 400 && text(&refused).contains("«TỐI MẬT»"));
    fields[1].1 = "Cổng dịch vụ công <script>".to_owned();
    goes_to(&officer.post("/dossiers/1", &borrowed(&fields)).await);
    // Level 4 asks more than level 3 did.
    let early = officer.post("/dossiers/1/act", &[("do", "submit")]).await;
    assert!(early.status == 400 && text(&early).contains("chưa trả lời «"), "{}", text(&early));
    let page = text(&officer.get("/dossiers/1").await);
    assert!(page.contains("Hồ sơ đề xuất cấp độ 4, kiểm kê đang ghi cấp độ 3"), "{page}");
    assert!(page.contains("value=\"Thuyết minh\"") && !page.contains("công <script>"));
    goes_to(&officer.post("/dossiers/1", &borrowed(&filled(&page, "4"))).await);
    goes_to(&officer.post("/dossiers/1/act", &[("do", "submit"), ("word", "kính trình")]).await);
    let page = text(&officer.get("/dossiers/1").await);
    assert!(!page.contains("id=\"say\"") && !page.contains("id=\"appraise\""));

    let page = text(&appraiser.get("/dossiers/1").await);
    assert!(page.contains("id=\"appraise\"") && page.contains("id=\"return\""));
    let wordless = appraiser.post("/dossiers/1/act", &[("do", "return"), ("word", " ")]).await;
    assert!(text(&wordless).contains("nội dung phải sửa chưa được điền"), "{}", text(&wordless));
    goes_to(&appraiser.post("/dossiers/1/act", &[("do", "return"), ("word", "bổ sung")]).await);
    goes_to(&officer.post("/dossiers/1/act", &[("do", "submit")]).await);
    goes_to(&appraiser.post("/dossiers/1/act", &[("do", "appraise"), ("word", "đạt")]).await);
    let page = text(&lead.get("/dossiers/1").await);
    assert!(page.contains("Phê duyệt sẽ ghi cấp độ 4 vào kiểm kê"), "{page}");
    assert!(text(&lead.post("/dossiers/1/act", &approve("x")).await).contains("không phải ngày"));
    let early = text(&lead.post("/dossiers/1/act", &approve("2026-01-05")).await);
    assert!(early.contains("là ngày trình hồ sơ"), "{early}");
    let today = Offset::constant(7).to_datetime(centre.app.now()).date();
    goes_to(&lead.post("/dossiers/1/act", &approve(&today.to_string())).await);
    let page = text(&lead.get("/dossiers/1").await);
    let decision = format!("12/QĐ · {}", today.strftime("%d/%m/%Y"));
    for wanted in [decision.as_str(), "Trả lại", "bổ sung", "kính trình"] {
        assert!(page.contains(wanted), "{wanted}: {page}");
    }
    assert!(text(&officer.get("/systems/cong-dvc").await).contains("cấp độ 4"));
    assert!(text(&officer.get("/gate/cong-dvc").await).contains("/dossiers?system=cong-dvc"));
    let export = text(&lead.get("/dossiers?state=approved&form=json").await);
    assert!(export.contains("12/QĐ"), "{export}");
    let drafts = text(&lead.get("/dossiers?state=draft").await);
    assert!(drafts.contains("Không có hồ sơ nào khớp"), "{drafts}");
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_before_its_appraisal_is_refused_or_told_in_red() {
    let centre = Centre::start_with_rules().await;
    invite(&centre, "canbo", Role::Officer, only("sokhcn")).await;
    let mut officer = Browser::of(&centre, "canbo").await;
    let project = [
        ("code", "da-01"),
        ("name", "Nâng cấp"),
        ("system", "cong-dvc"),
        ("planned", "1.500.000.000"),
    ];
    let mut wrong = project;
    wrong[3] = ("planned", "nhiều");
    let reply = officer.post("/projects", &wrong).await;
    assert!(
        reply.status == 400 && text(&reply).contains("«nhiều» không phải số đồng nguyên"),
        "{}",
        text(&reply)
    );
    goes_to(&officer.post("/projects", &project).await);
    let page = text(&officer.get("/projects").await);
    assert!(page.contains("1.500.000.000") && page.contains("Chưa gắn hồ sơ"), "{page}");
    // Before money is asked, it is listed with what is missing.
    let short = |page: &str| {
        let (from, to) = (page.find("id=\"short\""), page.find("id=\"list\"").unwrap());
        from.map(|from| page[from..to].to_owned()).unwrap_or_default()
    };
    assert!(short(&page).contains("225.000.000 đ"), "15 % of it: {page}");
    let estimate = "/projects/sokhcn/da-01/estimate";
    let typed = |security| [("planned", "1.500.000.000"), ("security", security)];
    let reply = officer.post(estimate, &typed("1.500.000.001")).await;
    assert!(text(&reply).contains("từ 0 đồng đến bằng kinh phí dự kiến"), "{}", text(&reply));
    goes_to(&officer.post(estimate, &typed("224.999.999")).await);
    let page = text(&officer.get("/projects").await);
    assert!(short(&page).contains("14,999 %") && short(&page).contains("thiếu 1 đ"), "{page}");
    goes_to(&officer.post(estimate, &typed("225.000.000")).await);
    let page = text(&officer.get("/projects").await);
    assert!(short(&page).is_empty() && page.contains("15,000 %"), "{page}");
    let csv = text(&officer.get("/projects?form=csv").await);
    assert!(csv.contains("1500000000,225000000,\"15,000 %\""), "{csv}");
    let decide = "/projects/sokhcn/da-01/decide";
    let reply = officer.post(decide, &[("day", "2026-01-05")]).await;
    assert_eq!(reply.status, 409);
    let page = text(&reply);
    assert!(page.contains("dự án da-01 chưa gắn hồ sơ thẩm định"), "{page}");
    // The project names a dossier of its design, which serves no other.
    let design = [("system", "cong-dvc"), ("kind", "design")];
    goes_to(&officer.post("/dossiers", &design).await);
    let page = text(&officer.get("/dossiers/1").await);
    assert!(!page.contains("chỉ trình và phê duyệt được ở cấp độ trong kiểm kê"), "{page}");
    goes_to(&officer.post("/dossiers/1", &borrowed(&filled(&page, "1"))).await);
    let page = text(&officer.get("/dossiers/1").await);
    assert!(page.contains("Thiết kế ghi cấp độ 1, kiểm kê ghi cấp độ 3"), "{page}");
    let reply = officer.post("/dossiers/1/act", &[("do", "submit")]).await;
    assert!(text(&reply).contains("cấp độ 3: xin chọn cấp độ đó và trả lời"), "{}", text(&reply));
    goes_to(&officer.post("/dossiers/1", &borrowed(&filled(&page, "3"))).await);
    let dossier = "/projects/sokhcn/da-01/dossier";
    let page = text(&officer.get("/projects").await);
    assert!(page.contains("<option value=\"1\">Hồ sơ 1 · cấp độ 3 · Đang soạn</option>"), "{page}");
    assert_eq!(officer.post(dossier, &[("dossier", "7")]).await.status, 404);
    let named = officer.post(dossier, &[("dossier", "1")]).await;
    assert_eq!(goes_to(&named), "/projects?done=project-appraised");
    let page = text(&officer.get("/projects?done=project-appraised").await);
    assert!(page.contains("<a href=\"/dossiers/1\">Đang soạn</a>"), "{page}");
    let mut other = project;
    other[0] = ("code", "da-02");
    goes_to(&officer.post("/projects", &other).await);
    let reply = officer.post("/projects/sokhcn/da-02/dossier", &[("dossier", "1")]).await;
    assert_eq!(reply.status, 409);
    assert!(text(&reply).contains("hồ sơ 1 đã phục vụ dự án khác"), "{}", text(&reply));
    let reply = officer.post(decide, &[("day", "2026-01-05")]).await;
    assert!(text(&reply).contains("chưa được phê duyệt: chưa được quyết định đầu tư"));
    let excused = [("day", "2026-01-05"), ("exception", "ký trước <b>")];
    goes_to(&officer.post(decide, &excused).await);
    let page = text(&officer.get("/projects?violations=1").await);
    assert!(page.contains("Vi phạm: quyết định trước thẩm định"), "{page}");
    assert!(page.contains("bad-word") && page.contains("ký trước") && !page.contains("trước <b>"));
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_finding_is_recorded_by_hand_and_the_same_again_leads_to_it() {
    let centre = Centre::start_with_rules().await;
    register_another(&centre).await;
    invite(&centre, "canbo", Role::Officer, only("sokhcn")).await;
    invite(&centre, "thamdinh", Role::Appraiser, AgencyScope::All).await;
    let mut officer = Browser::of(&centre, "canbo").await;
    let mut appraiser = Browser::of(&centre, "thamdinh").await;
    assert_eq!(appraiser.get("/findings/new").await.status, 403);
    assert!(!text(&appraiser.get("/systems/cong-dvc").await).contains("/findings/new"));
    let link = "href=\"/findings/new?system=cong-dvc\"";
    assert!(text(&officer.get("/systems/cong-dvc").await).contains(link));
    assert!(text(&officer.get("/findings").await).contains("href=\"/findings/new\""));
    let page = text(&officer.get("/findings/new?system=cong-dvc").await);
    assert!(page.contains("<option value=\"cong-dvc\" selected>") && !page.contains("benh-an"));
    let day = centre.app.now().to_string()[..10].to_owned();
    let mut fields = [
        ("system", "cong-dvc"),
        ("title", "Lỗi <i>"),
        ("advice", "Nâng phiên bản"),
        ("severity", "high"),
        ("rule", "CVE-2026-0001"),
        ("place", "máy 1"),
        ("tool", "Khiên"),
        ("found", &day),
    ];
    let own = text(&officer.post("/findings/new", &fields).await);
    assert!(own.contains("aria-describedby=\"wrong-tool\"") && own.contains("chính trung tâm"));
    assert!(own.contains("value=\"máy 1\"") && own.contains("Nâng phiên bản"), "{own}");
    fields[6].1 = "Đơn vị Mẫu";
    fields[0].1 = "benh-an";
    assert_eq!(officer.post("/findings/new", &fields).await.status, 404);
    fields[0].1 = "cong-dvc";
    let to = goes_to(&officer.post("/findings/new", &fields).await);
    assert_eq!(to, "/findings/1?done=finding-added");
    let page = text(&officer.get(&to).await);
    for word in ["CVE-2026-0001", "máy 1", "Đơn vị Mẫu", "Nâng phiên bản", "Đã ghi phát hiện"]
    {
        assert!(page.contains(word), "{word}: {page}");
    }
    assert!(!page.contains("Lỗi <i>"));
    let again = text(&officer.post("/findings/new", &fields).await);
    assert!(again.contains("Phát hiện này đã có") && again.contains("href=\"/findings/1\""));
    assert!(!text(&officer.get("/findings?state=all").await).contains("/findings/2"));
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_is_looked_at_by_place_before_it_is_kept() {
    let centre = Centre::start_with_rules().await;
    register_another(&centre).await;
    invite(&centre, "canbo", Role::Officer, only("sokhcn")).await;
    invite(&centre, "thamdinh", Role::Appraiser, AgencyScope::All).await;
    let mut officer = Browser::of(&centre, "canbo").await;
    let mut appraiser = Browser::of(&centre, "thamdinh").await;
    assert_eq!(appraiser.get("/findings/import").await.status, 403);
    let now = centre.app.now().to_string();
    let (import, mut fields) =
        ("/findings/import", [("system", "cong-dvc"), ("tool", "Máy quét Mẫu"), ("at", "x")]);
    let clean = b"rule,title,severity,place\n";
    for (typed, told) in [("x", "«x» không phải ngày có giờ"), ("", "xin ghi thời điểm rà quét")]
    {
        fields[2].1 = typed;
        let wrong = text(&officer.post_file_and(import, &fields, "mau.csv", clean).await);
        assert!(wrong.contains(told), "{wrong}");
    }
    fields[2].1 = &now;
    let look = async |officer: &mut Browser<'_>, file: &str| {
        text(&officer.post_file_and(import, &fields, "mau.csv", file.as_bytes()).await)
    };
    let page =
        look(&mut officer, "rule,title,severity,place\na,Lỗi <i>,cao,máy 1\nb,T,tệ,máy 2\n").await;
    assert!(page.contains("C3") && page.contains("«tệ» không phải thấp"), "{page}");
    assert!(!page.contains("/findings/import/confirm"));
    let foreign = [("system", "benh-an"), ("tool", "x")];
    let reply = officer.post_file_and(import, &foreign, "mau.csv", b"rule\n").await;
    assert_eq!(reply.status, 404);
    let page = look(&mut officer, "rule,title,severity,place\na,Lỗi <i>,cao,máy 1\n").await;
    let digest = page.split("name=\"digest\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(text(&officer.get("/findings?state=all").await).contains("Không có phát hiện nào"));
    assert!(page.contains(&format!("name=\"at\" value=\"{now}\"")), "{page}");
    let confirm = [&[("digest", digest)], &fields[..]].concat();
    goes_to(&officer.post("/findings/import/confirm", &confirm).await);
    let list = text(&officer.get("/findings?severity=high").await);
    assert!(list.contains("/findings/1") && !list.contains("Lỗi <i>"), "{list}");
    assert!(!text(&officer.get("/findings?severity=low").await).contains("/findings/1\""));

    goes_to(&officer.post("/findings/1/act", &[("do", "repair"), ("word", "đã vá")]).await);
    let own = officer.post("/findings/1/act", &[("do", "retest"), ("word", "1/BC")]).await;
    assert!(text(&own).contains("người sửa không tự kiểm tra lại"), "{}", text(&own));
    assert!(!text(&officer.get("/findings/1").await).contains("id=\"retest\""));
    assert!(text(&appraiser.get("/findings/1").await).contains("id=\"retest\""));
    goes_to(&appraiser.post("/findings/1/act", &[("do", "retest"), ("word", "1/BC")]).await);
    let page = text(&officer.get("/findings/1").await);
    assert!(page.contains("Kiểm tra lại, không còn") && page.contains("1/BC"), "{page}");
    let xlsx = officer.get("/findings?state=all&form=xlsx").await;
    assert!(xlsx.body.starts_with(b"PK"));

    let calendar = text(&officer.get("/calendar").await);
    assert!(calendar.contains("chưa thực hiện") && !calendar.contains("benh-an"), "{calendar}");
    let record =
        [("system", "cong-dvc"), ("check", "pentest"), ("day", "2026-99-01"), ("report", "9")];
    assert_eq!(officer.post("/calendar", &record).await.status, 400);
    let today = centre.app.now().to_string()[..10].to_owned();
    let mut record = record;
    record[2] = ("day", &today);
    goes_to(&officer.post("/calendar", &record).await);
    assert!(text(&officer.get("/calendar?state=declared").await).contains("/systems/cong-dvc"));
    goes_to(&appraiser.post("/calendar", &record).await);
    // The table that the officer handed in is their word too.
    assert!(text(&officer.get("/calendar?state=declared").await).contains("/systems/cong-dvc\""));
    record[1] = ("check", "scan");
    let scan = [&record[..], &[("tool", "Máy quét Mẫu"), ("findings", "1")]].concat();
    goes_to(&appraiser.post("/calendar", &scan).await);
    assert!(!text(&officer.get("/calendar?state=declared").await).contains("/systems/cong-dvc\""));
    centre.stop().await;
}

/// An advisory about two products, of which one has any version before another.
fn advisory(status: &str) -> Vec<u8> {
    serde_json::json!({
        "document": {"category": "csaf_base", "csaf_version": "2.0", "title": "Lỗi <b> mẫu",
            "publisher": {"name": "Xưởng Mẫu", "namespace": "https://xuong-mau.example"},
            "tracking": {"id": "XM-1", "version": "2", "status": status,
                "current_release_date": "2026-01-01T00:00:00Z"}},
        "product_tree": {"full_product_names": [{"name": "Cổng Mẫu < 2.0", "product_id": "A"},
            {"name": "Sản phẩm Khác 1.0", "product_id": "B"}]},
        "vulnerabilities": [{"cve": "CVE-2026-0001", "product_status": {"known_affected": ["A", "B"]}}],
    })
    .to_string()
    .into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_advisory_is_looked_at_and_kept_without_a_scan() {
    let centre = Centre::start_with_rules().await;
    invite(&centre, "canbo", Role::Officer, only("sokhcn")).await;
    let mut officer = Browser::of(&centre, "canbo").await;
    let (import, fields) = ("/findings/import", [("system", "cong-dvc")]);
    let about = text(&officer.get(import).await);
    assert!(about.contains("CSAF 2.0, 2.1") && about.contains("không phải là rà quét"), "{about}");
    let draft = officer.post_file_and(import, &fields, "xm-1.json", &advisory("draft")).await;
    assert_eq!(draft.status, 400);
    assert!(text(&draft).contains("document.tracking.status: đây là bản nháp"), "{}", text(&draft));
    let look = async |officer: &mut Browser<'_>| {
        text(&officer.post_file_and(import, &fields, "xm-1.json", &advisory("final")).await)
    };
    let page = look(&mut officer).await;
    assert!(page.contains("khuyến cáo không nêu sản phẩm nào bị ảnh hưởng"), "{page}");
    assert!(
        page.contains("2 sản phẩm khuyến cáo nêu nhưng sổ không ghi")
            && !page.contains("/import/confirm")
    );
    let product = [("name", "Cổng Mẫu"), ("version", "1.0"), ("make", "domestic")];
    goes_to(&officer.post("/systems/cong-dvc/products", &product).await);
    let page = look(&mut officer).await;
    assert!(page.contains("«Lỗi &#60;b&#62; mẫu», phiên bản 2"), "{page}");
    assert!(page.contains("1 phát hiện chưa chắc chắn") && page.contains("không tính là một lần"));
    let digest = page.split("name=\"digest\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let confirm = [&[("digest", digest)], &fields[..]].concat();
    let to = goes_to(&officer.post("/findings/import/confirm", &confirm).await);
    assert!(text(&officer.get(&to).await).contains("Đã nhập khuyến cáo"), "{to}");
    let page = text(&officer.get("/findings/1").await);
    assert!(
        page.contains("CSAF: XM-1 · xuong-mau.example") && page.contains("Khuyến cáo nêu"),
        "{page}"
    );
    assert!(
        page.contains(
            "Có thể bị ảnh hưởng: Lỗi &#60;b&#62; mẫu (khuyến cáo nêu «&#60; 2.0», sổ ghi 1.0)"
        ),
        "{page}"
    );
    assert!(page.contains("do khuyến cáo nêu, chưa ai kiểm tra trên máy"), "{page}");
    let back = String::from_utf8(advisory("final")).unwrap();
    let back = back.replace("Cổng Mẫu < 2.0", "Cổng Mẫu 1.0").replace("known_affected", "fixed");
    let back = back.replace("2026-01-01", "2026-01-02");
    let page = officer.post_file_and(import, &fields, "xm-1.json", back.as_bytes()).await;
    assert!(text(&page).contains("Lưu việc rút lại của khuyến cáo"), "{}", text(&page));
    assert!(text(&officer.get("/calendar").await).contains("chưa thực hiện"));
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_is_recorded_in_minutes_against_the_objectives() {
    let centre = Centre::start_with_rules().await;
    invite(&centre, "canbo", Role::Officer, only("sokhcn")).await;
    let mut officer = Browser::of(&centre, "canbo").await;
    let today = centre.app.now().to_string()[..10].to_owned();
    let restore = |minutes: &'static str, lost: &'static str| {
        [
            ("system", "cong-dvc".to_owned()),
            ("check", "restore".to_owned()),
            ("day", today.clone()),
            ("report", "7/BB".to_owned()),
            ("met", "yes".to_owned()),
            ("minutes", minutes.to_owned()),
            ("lost_minutes", lost.to_owned()),
        ]
    };
    let mut post = async |fields: [(&str, String); 7]| {
        let fields = fields.each_ref().map(|(name, said)| (*name, said.as_str()));
        let reply = officer.post("/calendar", &fields).await;
        (reply.status, text(&reply))
    };
    let (status, page) = post(restore("một giờ", "")).await;
    assert!(status == 400 && page.contains("id=\"wrong-minutes\""), "{page}");
    let (status, page) = post(restore("", "15")).await;
    assert!(status == 400 && page.contains("id=\"wrong-lost_minutes\""), "{page}");
    assert!(page.contains("cong-dvc chưa khai RPO") && page.contains("value=\"15\""), "{page}");
    let (app, caller) = (&centre.app, Caller::program());
    let code = SystemCode::new("cong-dvc").unwrap();
    let system = register::get_system(app, &caller, &code).await.unwrap();
    let system = System { rto_minutes: Some(60), rpo_minutes: Some(15), ..system };
    register::change_system(app, &caller, system).await.unwrap();
    let (status, page) = post(restore("61", "15")).await;
    assert!(
        status == 400 && page.contains("khôi phục mất 61 phút, RTO của cong-dvc là 60"),
        "{page}"
    );
    assert_eq!(post(restore("60", "15")).await.0, 303);
    centre.stop().await;
}
