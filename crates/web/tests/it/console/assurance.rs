//! The rooms of money and risks: what people type, import, approve and accept.

use khien_domain::account::Role;
use khien_domain::permission::AgencyScope;

use super::support::{Browser, invite, only, register_another, text};
use crate::support::{Centre, Reply};

fn goes_to(reply: &Reply) -> String {
    assert_eq!(reply.status, 303, "{}", text(reply));
    reply.headers["location"].clone()
}

/// A line that is typed.
fn line<'f>(
    code: &'f str,
    class: &'f str,
    share: &'f str,
    planned: &'f str,
) -> Vec<(&'f str, &'f str)> {
    vec![
        ("code", code),
        ("name", "Dòng mẫu"),
        ("class", class),
        ("share", share),
        ("planned", planned),
        ("domestic", "yes"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_of_14_999_percent_is_short_and_of_15_meets_the_rule() {
    let centre = Centre::start_with_rules().await;
    register_another(&centre).await;
    invite(&centre, "canbo", Role::Officer, only("sokhcn")).await;
    invite(&centre, "truongca", Role::Lead, AgencyScope::All).await;
    let mut officer = Browser::of(&centre, "canbo").await;
    let empty = text(&officer.get("/budget/sokhcn/2026").await);
    assert!(empty.contains("Chưa có dữ liệu"), "{empty}");

    let reply =
        officer.post("/budget/sokhcn/2026/new", &line("an", "monitoring", "100", "1,5")).await;
    assert_eq!(reply.status, 400);
    assert!(text(&reply).contains("kế hoạch: «1,5» không phải số đồng nguyên"));
    let typed = line("an", "monitoring", "100", "299.980.000");
    goes_to(&officer.post("/budget/sokhcn/2026/new", &typed).await);
    let typed = line("khac", "other", "0", "1700020000");
    goes_to(&officer.post("/budget/sokhcn/2026/new", &typed).await);
    let page = text(&officer.get("/budget/sokhcn/2026").await);
    for wanted in
        ["14,999 %", "299.980.000 / 2.000.000.000 đ", "Thiếu", "20.000 đ", "Chưa phê duyệt"]
    {
        assert!(page.contains(wanted), "{wanted}: {page}");
    }
    assert!(page.contains("Chưa gắn với rủi ro nào: an"));
    let twice = officer.post("/budget/sokhcn/2026/new", &line("an", "backup", "100", "1")).await;
    assert!(text(&twice).contains("dòng an của kế hoạch này đã kê khoản này"));

    let mut more = line("an", "monitoring", "100", "300.003.530");
    more.push(("reason", ""));
    goes_to(&officer.post("/budget/sokhcn/2026/lines/an", &more).await);
    let page = text(&officer.get("/budget/sokhcn/2026").await);
    assert!(page.contains("15,000 %") && page.contains("Đạt"), "{page}");

    Browser::new(&centre).code("truongca").await;
    let mut lead = Browser::of(&centre, "truongca").await;
    let decision = [("number", "12/QĐ-SKHCN"), ("day", "2026-01-05")];
    assert_eq!(officer.post("/budget/sokhcn/2026/approve", &decision).await.status, 403);
    let before = text(&lead.get("/budget/sokhcn/2026").await);
    assert!(before.contains("id=\"approve\"") && !before.contains("/budget/sokhcn/2026/new"));
    goes_to(&lead.post("/budget/sokhcn/2026/approve", &decision).await);
    let page = text(&lead.get("/budget?year=2026").await);
    assert!(page.contains("Đã duyệt: 12/QĐ-SKHCN") && page.contains("Sở Y tế"), "{page}");
    let own = text(&officer.get("/budget?year=2026").await);
    assert!(!own.contains("Sở Y tế"), "nothing of another agency");
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_comes_in_again_and_a_faulty_file_is_told_by_line() {
    let centre = Centre::start_with_rules().await;
    invite(&centre, "canbo", Role::Officer, only("sokhcn")).await;
    let mut officer = Browser::of(&centre, "canbo").await;
    let file = "Mã dòng;Nội dung;Loại chi;Tỷ lệ an ninh mạng (%);Lý do tỷ lệ;Kế hoạch (đồng);Trong nước\n\
        a;Máy chủ chung;Sao lưu, dự phòng;33,3333;một phần ba dung lượng;90.000.000;có\n\
        b;=HYPERLINK;other;;;10;có\n";
    let faulty = format!("{file}c;Thiết bị;Bảo vệ;;;5;không\n");
    let import = "/budget/sokhcn/2026/import";
    let reply = officer.post_file(import, "a.csv", faulty.as_bytes()).await;
    assert_eq!(reply.status, 400);
    let page = text(&reply);
    assert!(page.contains("Dòng 4: không dùng sản phẩm trong nước thì phải ghi lý do"), "{page}");
    assert!(page.contains("chưa có dữ liệu, không phải là đạt"), "nothing was kept");
    goes_to(&officer.post_file(import, "a.csv", file.as_bytes()).await);
    let out = officer.get("/budget/sokhcn/2026/export").await;
    goes_to(&officer.post_file("/budget/sokhcn/2027/import", "a.csv", &out.body).await);
    let again = officer.get("/budget/sokhcn/2027/export").await;
    assert_eq!(text(&again), text(&out));
    assert!(text(&out).contains("33.3333") && text(&out).contains("'=HYPERLINK"), "{}", text(&out));
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_critical_risk_waits_for_whoever_may_accept_it() {
    let centre = Centre::start_with_rules().await;
    invite(&centre, "canbo", Role::Officer, only("sokhcn")).await;
    invite(&centre, "truongca", Role::Lead, AgencyScope::All).await;
    let mut officer = Browser::of(&centre, "canbo").await;
    let risk = [
        ("agency", "sokhcn"),
        ("code", "rr-01"),
        ("system", "cong-dvc"),
        ("scenario", "Máy chủ bị mã hóa <script>"),
        ("threat", "Mã độc tống tiền"),
        ("likelihood", "5"),
        ("impact", "5"),
        ("owner", "Trưởng phòng"),
        ("treatment", "reduce"),
        ("due", "2026-01-31"),
    ];
    let mut wrong = risk;
    wrong[9] = ("due", "31/01");
    let reply = officer.post("/risks/new", &wrong).await;
    assert!(reply.status == 400 && text(&reply).contains("«31/01» không phải ngày"));
    assert_eq!(goes_to(&officer.post("/risks/new", &risk).await), "/risks/sokhcn/rr-01?done=risk");
    let page = text(&officer.get("/risks/sokhcn/rr-01").await);
    assert!(page.contains("Nghiêm trọng") && page.contains("Quá hạn"), "{page}");
    assert!(!page.contains("id=\"accept\"") && page.contains("vượt khẩu vị rủi ro"));
    assert!(!page.contains("<script>") || page.contains("&#60;script&#62;"), "{page}");
    let until = centre.app.now() + jiff::SignedDuration::from_hours(24 * 30);
    let until = until.to_string()[..10].to_owned();
    let accept = [("do", "accept"), ("until", until.as_str()), ("reason", "đang mua sắm")];
    assert_eq!(officer.post("/risks/sokhcn/rr-01/state", &accept).await.status, 403);
    let close = [("do", "close"), ("reason", "xong")];
    let reply = officer.post("/risks/sokhcn/rr-01/state", &close).await;
    assert!(text(&reply).contains("rủi ro mức nghiêm trọng chỉ đóng khi có bản ghi"));
    let list = text(&officer.get("/risks?overdue=1&rating=critical").await);
    assert!(list.contains("heat-c") && list.contains("/risks/sokhcn/rr-01"), "{list}");

    Browser::new(&centre).code("truongca").await;
    let mut lead = Browser::of(&centre, "truongca").await;
    assert!(text(&lead.get("/risks/sokhcn/rr-01").await).contains("id=\"accept\""));
    goes_to(&lead.post("/risks/sokhcn/rr-01/state", &accept).await);
    let list = text(&lead.get("/risks").await);
    assert!(!list.contains("/risks/sokhcn/rr-01\""), "it is not open any more");
    let export = text(&lead.get("/risks/export?state=accepted&form=json").await);
    assert!(export.contains("\"accepted_until\"") && export.contains(&until), "{export}");
    goes_to(&officer.post("/risks/assessed", &[("system", "sokhcn cong-dvc")]).await);
    centre.stop().await;
}
