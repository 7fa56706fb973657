//! The rooms of money and risks: what people type, import, approve and accept.

use khien_app::access::Caller;
use khien_app::use_case::{alerts, incidents, register};
use khien_domain::account::Role;
use khien_domain::alert::Severity;
use khien_domain::code::AgencyCode;
use khien_domain::incident::NewIncident;
use khien_domain::permission::AgencyScope;
use khien_domain::resource::{Resource, ResourceKind};
use khien_domain::source::SourceKind;
use khien_testkit::sysmon;

use super::support::{Browser, invite, only, register_another, text};
use crate::support::{Centre, Known, Reply};

fn goes_to(reply: &Reply) -> String {
    assert_eq!(reply.status, 303, "{}", text(reply));
    reply.headers["location"].clone()
}

/// The day in the province so many days from now.
fn today_and(centre: &Centre, days: i64) -> String {
    let at = centre.app.now() + jiff::SignedDuration::from_hours(24 * days + 7);
    at.to_string()[..10].to_owned()
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
    assert!(
        text(&reply)
            .contains("id=\"wrong-planned\" role=\"alert\">«1,5» không phải số đồng nguyên")
    );
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
    assert!(own.contains("Mọi dòng đều dùng sản phẩm, dịch vụ trong nước."), "{own}");

    // Nobody is asked to approve the plan of their own agency.
    invite(&centre, "canbo-ttt", Role::Officer, only("ttt")).await;
    let mut inspector = Browser::of(&centre, "canbo-ttt").await;
    goes_to(&inspector.post("/budget/ttt/2026/new", &line("an", "monitoring", "100", "1")).await);
    let home = text(&lead.get("/budget/ttt/2026").await);
    assert!(home.contains("Dòng mẫu") && !home.contains("id=\"approve\""), "{home}");

    // What is not domestic stands there with its reason, and lowers the share by its amount.
    let mut foreign = line("ngoai", "other", "0", "1.999.976.470");
    foreign.retain(|(name, _)| *name != "domestic");
    let reason = "Chưa có sản phẩm trong nước đạt yêu cầu";
    foreign.extend([("domestic", "no"), ("domestic_reason", reason)]);
    goes_to(&officer.post("/budget/sokhcn/2027/new", &foreign).await);
    goes_to(
        &officer.post("/budget/sokhcn/2027/new", &line("an", "monitoring", "100", "23.530")).await,
    );
    let page = text(&lead.get("/budget?year=2027").await);
    for wanted in [reason, "/budget/sokhcn/2027/lines/ngoai", "23.530 / 2.000.000.000 đ", "0,001 %"]
    {
        assert!(page.contains(wanted), "{wanted}: {page}");
    }
    let other = text(&lead.get("/budget?year=2026").await);
    assert!(!other.contains(reason), "{other}");
    centre.stop().await;
}

/// Uploads lines of a budget, and keeps what was looked at. Answers the page that told it.
async fn take_in(officer: &mut Browser<'_>, year: &str, file: &[u8]) -> String {
    let import = format!("/budget/sokhcn/{year}/import");
    let reply = officer.post_file(&import, "a.csv", file).await;
    let page = text(&reply);
    assert_eq!(reply.status, 200, "{page}");
    let digest = page.split("name=\"digest\" value=\"").nth(1).unwrap_or_else(|| panic!("{page}"));
    let fields = [("digest", digest.split('"').next().unwrap())];
    goes_to(&officer.post_file_and(&import, &fields, "", b"").await);
    page
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_changed_by_its_own_file_and_shown_before_it_is_kept() {
    let centre = Centre::start_with_rules().await;
    invite(&centre, "canbo", Role::Officer, only("sokhcn")).await;
    let mut officer = Browser::of(&centre, "canbo").await;
    let file = "code,name,class,planned,domestic\na,Giám sát,monitoring,1000,yes\nb,Sao lưu,backup,50,yes\n";
    take_in(&mut officer, "2026", file.as_bytes()).await;
    let out = text(&officer.get("/budget/sokhcn/2026/export").await);
    let spent = out.replace(",1000,0,0,", ",1000,0,600,");
    let page = take_in(&mut officer, "2026", spent.as_bytes()).await;
    for wanted in ["Đã chi (đồng):</span> 0 → <b>600</b>", "Ghi 1 dòng", "chưa ghi gì"] {
        assert!(page.contains(wanted), "{wanted}: {page}");
    }
    assert!(text(&officer.get("/budget/sokhcn/2026/export").await).contains(",1000,0,600,"));
    let again = officer.post_file("/budget/sokhcn/2026/import", "a.csv", spent.as_bytes()).await;
    assert!(text(&again).contains("Tệp giống kế hoạch đang có"), "{}", text(&again));
    // All that is wrong in a line, with what was typed.
    let faulty = "code,name,class,planned,domestic\na,Giám sát,monitoring,nhiều,có lẽ\n";
    let page = officer.post_file("/budget/sokhcn/2026/import", "a.csv", faulty.as_bytes()).await;
    let page = text(&page);
    assert!(page.contains("«nhiều»") && page.contains("«có lẽ»"), "{page}");
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
    take_in(&mut officer, "2026", file.as_bytes()).await;
    let out = officer.get("/budget/sokhcn/2026/export").await;
    assert!(text(&out).contains("\"Sao lưu, dự phòng\"") && text(&out).contains(",Có,"));
    assert!(
        text(&officer.get("/budget/sokhcn/2026/export?form=json").await).contains("\"backup\"")
    );
    take_in(&mut officer, "2027", &out.body).await;
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
    assert!(
        reply.status == 400
            && text(&reply).contains("id=\"wrong-due\" role=\"alert\">phải là một ngày")
    );
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

    // What lies within the appetite is the head's to bear, who writes nothing else.
    let mut small = risk;
    (small[1], small[5], small[6]) = (("code", "rr-02"), ("likelihood", "1"), ("impact", "1"));
    goes_to(&officer.post("/risks/new", &small).await);
    let page = text(&officer.get("/risks/sokhcn/rr-02").await);
    assert!(!page.contains("id=\"accept\"") && page.contains("người đứng đầu cơ quan"), "{page}");
    assert_eq!(officer.post("/risks/sokhcn/rr-02/state", &accept).await.status, 403);
    invite(&centre, "thutruong", Role::Leader, only("sokhcn")).await;
    let mut head = Browser::of(&centre, "thutruong").await;
    let page = text(&head.get("/risks/sokhcn/rr-02").await);
    assert!(page.contains("id=\"accept\"") && !page.contains("value=\"close\""), "{page}");
    let late = [("do", "accept"), ("until", "2036-01-01"), ("reason", "tạm thời")];
    let reply = head.post("/risks/sokhcn/rr-02/state", &late).await;
    assert!(reply.status == 400 && text(&reply).contains("id=\"wrong-until\""));
    assert_eq!(head.post("/risks/sokhcn/rr-02/state", &close).await.status, 403);
    goes_to(&head.post("/risks/sokhcn/rr-02/state", &accept).await);
    assert!(text(&head.get("/risks/sokhcn/rr-02").await).contains("thutruong"));
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_risk_shows_its_asset_and_how_its_controls_stand() {
    let centre = Centre::start_with_rules().await;
    invite(&centre, "canbo", Role::Officer, only("sokhcn")).await;
    let mut officer = Browser::of(&centre, "canbo").await;
    let mut risk = vec![
        ("agency", "sokhcn"),
        ("code", "rr-01"),
        ("system", "cong-dvc"),
        ("asset", "web01"),
        ("controls", "UP-01"),
        ("scenario", "Máy chủ bị mã hóa"),
        ("threat", "Mã độc tống tiền"),
        ("likelihood", "4"),
        ("impact", "4"),
        ("residual_likelihood", "1"),
        ("residual_impact", "1"),
        ("owner", "Trưởng phòng"),
        ("treatment", "reduce"),
        ("due", "2027-01-31"),
    ];
    let told = text(&officer.post("/risks/new", &risk).await);
    assert!(told.contains("id=\"wrong-controls\" role=\"alert\">«UP-01» không phải biện pháp"));
    risk[4] = ("controls", "mh-levels/XX-01");
    let told = text(&officer.post("/risks/new", &risk).await);
    assert!(
        told.contains("id=\"wrong-asset\" role=\"alert\">sokhcn không có tài sản cong-dvc/web01")
    );
    let asset = [("name", "web01"), ("kind", "server"), ("zone", "internet"), ("do", "add")];
    goes_to(&officer.post("/systems/cong-dvc/assets", &asset).await);
    let told = text(&officer.post("/risks/new", &risk).await);
    let says =
        "id=\"wrong-controls\" role=\"alert\">biện pháp mh-levels/XX-01: mh-levels@2026.1 không có";
    assert!(told.contains(says), "{told}");
    assert!(told.contains("<option value=\"cong-dvc/web01\">"), "what there is to choose from");
    risk[4] = ("controls", "mh-levels/UP-01, mh-levels/UP-07");
    goes_to(&officer.post("/risks/new", &risk).await);
    let page = text(&officer.get("/risks/sokhcn/rr-01").await);
    assert!(page.contains("href=\"/systems/cong-dvc?tab=assets\">cong-dvc/web01</a>"), "{page}");
    let checklist = "/systems/cong-dvc/controls?catalogue=mh-levels@2026.1";
    assert!(page.contains(&format!("href=\"{checklist}#UP-01\"")), "{page}");
    assert!(page.contains("còn thiếu") && page.contains("không nằm trong danh sách kiểm tra"));
    assert!(page.contains("mức rủi ro sau xử lý chưa được tính"), "{page}");
    let page = text(&officer.get("/systems/cong-dvc/controls").await);
    assert!(page.contains("href=\"/risks/sokhcn/rr-01\""), "the checklist shows who relies on it");
    let found = text(&officer.get("/risks?q=mh-levels/UP-01").await);
    assert!(found.contains("/risks/sokhcn/rr-01\""), "{found}");
    let export = text(&officer.get("/risks/export?form=csv").await);
    assert!(export.contains("cong-dvc/web01,mh-levels/UP-01 mh-levels/UP-07"), "{export}");
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn risks_are_ranked_by_what_they_may_cost_with_their_lines_and_leave_as_files() {
    let centre = Centre::start_with_rules().await;
    register_another(&centre).await;
    invite(&centre, "canbo", Role::Officer, only("sokhcn")).await;
    invite(&centre, "canboyt", Role::Officer, only("soyt")).await;
    let mut officer = Browser::of(&centre, "canbo").await;
    let year = today_and(&centre, 0)[..4].to_owned();
    let risk = |code: &'static str, bounds: [&'static str; 4]| {
        let mut fields = vec![
            ("agency", "sokhcn"),
            ("code", code),
            ("scenario", "Máy chủ bị mã hóa"),
            ("threat", "Mã độc tống tiền"),
            ("likelihood", "5"),
            ("impact", "5"),
            ("owner", "Trưởng phòng"),
            ("treatment", "reduce"),
            ("due", "2026-12-31"),
        ];
        fields.extend(["loss_low", "loss_high", "times_low", "times_high"].into_iter().zip(bounds));
        fields
    };
    for (bounds, wrong) in [
        (["10", "", "", ""], "id=\"wrong-loss_high\" role=\"alert\">thiệt hại gồm bốn ô"),
        (["10", "9", "1", "1"], "thiệt hại một lần: cận dưới lớn hơn cận trên"),
        (["1,5", "9", "1", "1"], "id=\"wrong-loss_low\" role=\"alert\">«1,5» không phải số nguyên"),
        (["0", "9.007.199.254.740.991", "1", "11"], "vượt 9.007.199.254.740.991 đồng một năm"),
    ] {
        let reply = officer.post("/risks/new", &risk("rr-01", bounds)).await;
        assert_eq!(reply.status, 400);
        assert!(text(&reply).contains(wrong), "{wrong}: {}", text(&reply));
    }
    goes_to(&officer.post("/risks/new", &risk("rr-01", ["100", "1.000", "10", "20"])).await);
    goes_to(&officer.post("/risks/new", &risk("rr-02", ["1", "9", "1", "1"])).await);
    goes_to(&officer.post("/risks/new", &risk("rr-03", ["", "", "", ""])).await);
    let page = text(&officer.get("/risks/sokhcn/rr-03").await);
    assert!(page.contains("Chưa ước tính") && page.contains("Chưa có dòng nào"), "{page}");
    let place = format!("/budget/sokhcn/{year}/new");
    let mut linked = line("an", "monitoring", "33,3333", "90");
    linked.extend([("reason", "một phần ba"), ("risk", "rr-01"), ("risk", "rr-02")]);
    goes_to(&officer.post(&place, &linked).await);
    goes_to(&officer.post(&place, &line("le", "backup", "100", "5")).await);

    let page = text(&officer.get("/risks/spend").await);
    let at = |what: &str| page.find(what).unwrap_or_else(|| panic!("{what}: {page}"));
    assert!(at("/risks/sokhcn/rr-01") < at("/risks/sokhcn/rr-02"));
    assert!(at("/risks/sokhcn/rr-02") < at("/risks/sokhcn/rr-03"));
    // 29.99997 of 2000, cut; of a loss below a đồng a year, many times.
    for wanted in
        ["100 – 2.000", "1,499 %", "100 – 2.001", "3 rủi ro chưa đóng", "1 rủi ro chưa ước tính"]
    {
        assert!(page.contains(wanted), "{wanted}: {page}");
    }
    let alone = &page[at("id=\"alone\"")..at("id=\"unlinked\"")];
    assert!(alone.contains("rr-03") && !alone.contains("rr-01"), "{alone}");
    let unlinked = &page[at("id=\"unlinked\"")..at("id=\"agencies\"")];
    assert!(unlinked.contains(&format!("/budget/sokhcn/{year}/lines/le")), "{unlinked}");
    assert!(!unlinked.contains("/lines/an"), "{unlinked}");
    let risk = text(&officer.get("/risks/sokhcn/rr-01").await);
    assert!(risk.contains(&format!("/budget/sokhcn/{year}/lines/an")), "{risk}");
    let line = text(&officer.get(&format!("/budget/sokhcn/{year}/lines/an")).await);
    assert!(line.contains("href=\"/risks/sokhcn/rr-02\""), "{line}");

    let csv = text(&officer.get("/risks/spend?form=csv").await);
    assert!(
        csv.contains(",rr-01,Mã độc tống tiền,Nghiêm trọng,Đang mở,100,2000,,,an,29,0,0,"),
        "{csv}"
    );
    let json = officer.get("/risks/spend?form=json&of=agencies").await.json();
    assert_eq!(json["rows"][0]["expected_high"], "2001");
    assert_eq!(json["rows"][0]["planned_security"], "29", "each line once");
    assert!(officer.get("/risks/spend?form=xlsx").await.body.starts_with(b"PK"));
    let all = text(&officer.get("/risks/export?state=all").await);
    assert!(all.contains("100,1000,10,20,100,2000"), "{all}");
    let mut other = Browser::of(&centre, "canboyt").await;
    let page = text(&other.get("/risks/spend").await);
    assert!(!page.contains("rr-01") && !page.contains("/lines/le"), "nothing of another agency");
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn support_that_ends_before_the_renewal_is_on_the_overview_and_in_three_years() {
    let centre = Centre::start_with_rules().await;
    register_another(&centre).await;
    invite(&centre, "canbo", Role::Officer, only("sokhcn")).await;
    invite(&centre, "canboyt", Role::Officer, only("soyt")).await;
    let mut officer = Browser::of(&centre, "canbo").await;
    let days = |days| today_and(&centre, days);
    let (near, far, renewal) = (days(30), days(300), days(330));
    let year = &days(0)[..4];
    for (code, end) in [("gan", &near), ("xa", &far)] {
        let mut typed = line(code, "protection", "100", "7");
        typed[1].1 = code;
        typed.extend([("support_end", end.as_str()), ("renewal", renewal.as_str())]);
        goes_to(&officer.post(&format!("/budget/sokhcn/{year}/new"), &typed).await);
    }
    let overview = text(&officer.get("/overview").await);
    assert!(overview.contains("Hết hỗ trợ trước khi gia hạn"), "{overview}");
    assert!(overview.contains("/lines/gan") && !overview.contains("/lines/xa"), "{overview}");
    let page = text(&officer.get("/budget").await);
    let gaps = &page[page.find("id=\"gaps\"").unwrap()..];
    assert!(gaps.contains("/lines/gan") && gaps.contains("/lines/xa"), "{gaps}");
    let ahead = &page[page.find("id=\"ahead\"").unwrap()..page.find("id=\"gaps\"").unwrap()];
    assert!(ahead.contains("2 gia hạn") && ahead.contains("1 hết hỗ trợ"), "{ahead}");
    // What the register says that ends stands beside the lines, until one of that year names it.
    let until = days(40);
    let domain = Resource {
        agency: AgencyCode::new("sokhcn").unwrap(),
        system: None,
        kind: ResourceKind::Domain,
        value: "mau.minhhoa.example".into(),
        until: Some(until.parse().unwrap()),
    };
    register::put_resource(&centre.app, &Caller::program(), domain).await.unwrap();
    let link = "/resources?text=mau.minhhoa.example";
    for address in ["/budget".to_owned(), format!("/budget/sokhcn/{year}")] {
        let page = text(&officer.get(&address).await);
        assert!(page.contains(link) && page.contains("chưa có dòng kinh phí"), "{page}");
    }
    let mut typed = line("ten-mien", "protection", "100", "7");
    typed[1].1 = "Phí tên miền MAU.minhhoa.example";
    goes_to(&officer.post(&format!("/budget/sokhcn/{}/new", &until[..4]), &typed).await);
    for address in ["/budget".to_owned(), format!("/budget/sokhcn/{year}")] {
        let page = text(&officer.get(&address).await);
        assert!(page.contains(link) && !page.contains("chưa có dòng kinh phí"), "{page}");
    }
    let mut other = Browser::of(&centre, "canboyt").await;
    assert!(!text(&other.get("/budget").await).contains(link));
    assert!(!text(&other.get("/overview").await).contains("/lines/gan"));
    assert!(!text(&other.get("/budget").await).contains("/lines/gan"));
    centre.stop().await;
}

/// An incident of `sokhcn`, opened from an alert; answers its number.
async fn incident(centre: &Centre) -> String {
    let (_, token) = centre.source(SourceKind::Http, Known::default()).await;
    let event = sysmon("MAY-01", "C:\\Windows\\whoami.exe", "2026-11-22 01:00:00.000");
    let bearer = format!("Bearer {token}");
    let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/x-ndjson")];
    let reply = centre.send("POST /api/v1/intake/json", &headers, event.as_bytes()).await;
    assert!(reply.status < 300, "{reply:?}");
    let (app, caller) = (&centre.app, Caller::program());
    for _ in 0..200 {
        let filter = alerts::AlertFilter::default();
        let (found, _) = alerts::queue_alerts(app, &caller, &filter, 0, 1).await.unwrap();
        if let Some(alert) = found.first() {
            let new = NewIncident {
                title: "Sự cố mẫu".into(),
                severity: Severity::High,
                lead: None,
                alerts: vec![alert.id],
            };
            let opened = incidents::open_incident(app, &caller, new).await.unwrap();
            return opened.id.number().to_string();
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("no alert came");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_shows_what_it_costs_and_what_was_said_before() {
    let centre = Centre::start_with_rules().await;
    register_another(&centre).await;
    let number = incident(&centre).await;
    invite(&centre, "truongca", Role::Lead, AgencyScope::All).await;
    invite(&centre, "canbo", Role::Officer, only("sokhcn")).await;
    invite(&centre, "canboyt", Role::Officer, only("soyt")).await;
    Browser::new(&centre).code("truongca").await;
    let mut lead = Browser::of(&centre, "truongca").await;
    let mut officer = Browser::of(&centre, "canbo").await;
    let (place, loss) = (format!("/incidents/{number}"), format!("/incidents/{number}/loss"));
    assert!(text(&lead.get(&place).await).contains("Chưa có số"));
    let say = |kind: &'static str, amount: &'static str, reason: &'static str| {
        [("kind", kind), ("amount", amount), ("reason", reason)]
    };
    let wrong = lead.post(&loss, &say("actual", "khoảng 5 triệu", "giờ công")).await;
    assert_eq!(wrong.status, 400);
    assert!(text(&wrong).contains("«khoảng 5 triệu» không phải số đồng nguyên"));
    assert!(text(&wrong).contains(">giờ công</textarea>"), "what was typed stays");
    assert_eq!(officer.post(&loss, &say("actual", "1", "a")).await.status, 403);
    goes_to(&lead.post(&loss, &say("estimated", "40.000.000", "16 giờ công <b>")).await);
    goes_to(&lead.post(&loss, &say("estimated", "55000000", "thêm sửa chữa")).await);
    let list = text(&officer.get("/incidents/losses").await);
    assert!(list.contains("ước tính 55.000.000, thực tế Chưa có số"), "nobody counted: {list}");
    assert!(
        list.contains("1 sự cố chưa có số thực tế") && !list.contains("<td class=\"num\">0</td>")
    );
    goes_to(&lead.post(&loss, &say("actual", "61.000.001", "đã quyết toán")).await);
    let page = text(&officer.get(&place).await);
    for wanted in ["55.000.000 đ", "61.000.001 đ", "40.000.000 → 55.000.000 đ", "thêm sửa chữa"]
    {
        assert!(page.contains(wanted), "{wanted}: {page}");
    }
    assert!(!page.contains("công <b>") && !page.contains("name=\"amount\""), "{page}");
    let list = text(&officer.get("/incidents/losses").await);
    for wanted in ["+6.000.001", "61.000.001", "1 sự cố"] {
        assert!(list.contains(wanted), "{wanted}: {list}");
    }
    let json = officer.get("/incidents/losses?form=json").await.json();
    assert_eq!(json["rows"][0]["estimated"], "55000000");
    assert_eq!(json["rows"][0]["actual_reason"], "đã quyết toán");
    let export = officer.get("/incidents/export?state=all&form=json").await.json();
    assert_eq!(export["rows"][0]["actual_loss"], "61000001");
    let json = officer.get("/risks/spend?form=json&of=agencies").await.json();
    assert_eq!(json["rows"][0]["actual"], "61000001");
    let mut other = Browser::of(&centre, "canboyt").await;
    assert!(text(&other.get("/incidents/losses").await).contains("Không có sự cố nào"));
    assert_eq!(other.get(&place).await.status, 404);
    centre.stop().await;
}
