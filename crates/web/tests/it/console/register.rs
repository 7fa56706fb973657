//! The rooms of the register: what people type, import and confirm.

use khien_app::access::Caller;
use khien_app::use_case::people;
use khien_domain::account::{Role, UserName};
use khien_domain::permission::AgencyScope;

use super::support::{Browser, invite, only, register_another, text};
use crate::support::{Centre, Reply};

fn held(page: &str) -> String {
    let after = page.split("name=\"digest\" value=\"").nth(1).unwrap_or_default();
    after.split('"').next().unwrap_or_default().to_owned()
}

fn goes_to(reply: &Reply) -> String {
    reply.headers["location"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_with_one_faulty_cell_is_told_by_cell_and_nothing_is_kept() {
    let centre = Centre::start_with_rules().await;
    register_another(&centre).await;
    invite(&centre, "canbo", Role::Officer, only("sokhcn")).await;
    let mut browser = Browser::of(&centre, "canbo").await;
    let fields = [("kind", "systems")];
    let file = "Mã,Cơ quan,Tên,Cấp độ,Giai đoạn\n\
        mh-a,sokhcn,Hệ thống A,2,operation\n\
        mh-b,sokhcn,Hệ thống B,7,operation\n\
        mh-c,soyt,Hệ thống C,2,planned\n\
        mh-a,sokhcn,Hệ thống A,2,operation\n\
        mh-d,sokhcn,Hệ thống quân sự D,2,operation\n";
    let look = "/register/import";
    let reply = browser.post_file_and(look, &fields, "a.csv", file.as_bytes()).await;
    let page = text(&reply);
    for wanted in [
        "<td class=\"mono\">D3</td>",
        "«Cấp độ»: phải là số từ 1 đến 5",
        "<td class=\"mono\">B4</td>",
        "cơ quan ngoài phạm vi được giao",
        "<td class=\"mono\">E4</td>",
        "phải là một trong «Quy hoạch», «Thiết kế»",
        "<td class=\"mono\">A5</td>",
        "trùng với dòng 2",
        "<td class=\"mono\">C6</td>",
        "Bộ Quốc phòng",
    ] {
        assert!(page.contains(wanted), "{wanted}: {page}");
    }
    assert_eq!(held(&page), "", "nothing to confirm");
    let list = text(&browser.get("/systems").await);
    assert!(!list.contains("mh-a"), "looking keeps nothing");

    let english = browser.send(
        "POST /register/import",
        &[("Accept-Language", "en"), ("Content-Type", "multipart/form-data; boundary=cut")],
        b"--cut\r\nContent-Disposition: form-data; name=\"mark\"\r\n\r\nold\r\n--cut--\r\n",
    );
    assert_eq!(english.await.status, 403, "a form that is not ours");

    let good = file.lines().take(2).collect::<Vec<_>>().join("\n");
    let page = text(&browser.post_file_and(look, &fields, "a.csv", good.as_bytes()).await);
    let digest = held(&page);
    assert!(!text(&browser.get("/systems").await).contains("mh-a"), "not before it is confirmed");
    let confirm = "/register/import/confirm";
    let form = [("kind", "systems"), ("digest", digest.as_str())];
    let reply = browser.post(confirm, &form).await;
    assert_eq!(goes_to(&reply), "/systems?done=list-imported");
    assert!(text(&browser.get("/systems").await).contains("mh-a"));
    let again = browser.post(confirm, &form).await;
    assert_eq!(again.status, 400, "it is held no more");
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_exported_as_a_worksheet_is_imported_again() {
    let centre = Centre::start_with_rules().await;
    register_another(&centre).await;
    invite(&centre, "truong", Role::Lead, AgencyScope::All).await;
    Browser::new(&centre).code("truong").await;
    let mut browser = Browser::of(&centre, "truong").await;
    for kind in ["agencies", "systems"] {
        let file = browser.get(&format!("/{kind}?form=xlsx")).await;
        assert!(file.body.starts_with(b"PK"), "{kind}");
        let fields = [("kind", kind)];
        let reply = browser.post_file_and("/register/import", &fields, "a.xlsx", &file.body).await;
        let page = text(&reply);
        assert_ne!(held(&page), "", "{kind}: {page}");
        let form = [("kind", kind), ("digest", &held(&page))];
        let reply = browser.post("/register/import/confirm", &form).await;
        assert_eq!(goes_to(&reply), format!("/{kind}?done=list-imported"));
        let same = browser.get(&format!("/{kind}?form=csv")).await;
        assert!(text(&same).contains(if kind == "systems" { "benh-an" } else { "soyt" }));
    }
    for kind in ["agencies", "systems", "assets", "resources", "equipment", "custody"] {
        let template = browser.get(&format!("/register/template?kind={kind}&form=xlsx")).await;
        let fields = [("kind", kind)];
        let page = browser.post_file_and("/register/import", &fields, "a.xlsx", &template.body);
        let page = text(&page.await);
        assert!(page.contains("Tệp chỉ có dòng tiêu đề"), "{kind}: {page}");
    }
    // Another agency may use the same name; one agency has an address in two networks.
    let assets = "system,name,kind,zone,address\n\
        benh-an,web01,server,internet,192.0.2.1\n\
        benh-an,web03,server,isolated,192.0.2.1\n\
        cong-dvc,web01,server,isolated,192.0.2.2\n";
    let fields = [("kind", "assets")];
    let page = browser.post_file_and("/register/import", &fields, "a.csv", assets.as_bytes()).await;
    let form = [("kind", "assets"), ("digest", &held(&text(&page)))];
    browser.post("/register/import/confirm", &form).await;
    let page = text(&browser.get("/assets").await);
    assert!(page.contains("1 tên hoặc địa chỉ ở hai vùng mạng"), "{page}");
    // What a centre must have: three rows, two of them named by registered assets.
    let list = "Mã,Tên,Cần,owned,assets,note\n\
        soc-01,Máy chủ phân tích,2,,web01 web02,MAU-01\n\
        soc-02,Bộ dụng cụ điều tra,3,1,,\n\
        soc-03,Tường lửa,nhiều,,,\n";
    let fields = [("kind", "equipment")];
    let page = browser.post_file_and("/register/import", &fields, "a.csv", list.as_bytes()).await;
    let told = text(&page);
    assert!(told.contains("E2") && told.contains("web02") && told.contains("C4"), "{told}");
    assert_eq!(held(&told), "", "nothing is kept while anything is wrong");
    let list = list.replace(" web02", "").replace("nhiều", "1");
    let page = browser.post_file_and("/register/import", &fields, "a.csv", list.as_bytes()).await;
    let form = [("kind", "equipment"), ("digest", &held(&text(&page)))];
    browser.post("/register/import/confirm", &form).await;
    let page = text(&browser.get("/equipment").await);
    assert!(page.contains("3 mục còn thiếu"), "{page}");
    let csv = text(&browser.get("/equipment?form=csv").await);
    for row in
        ["soc-01,Máy chủ phân tích,2,0,web01,1,1,MAU-01", "soc-02,Bộ dụng cụ điều tra,3,1,,1,2,"]
    {
        assert!(csv.contains(row), "{csv}");
    }
    let gone = browser.post("/equipment/soc-03/remove", &[]).await;
    assert_eq!(goes_to(&gone), "/equipment");
    assert!(!text(&browser.get("/equipment").await).contains("soc-03"));
    assert_eq!(browser.post("/equipment/soc-03/remove", &[]).await.status, 404);
    let secret = "code,name,kind\n,TUYỆT MẬT,\n";
    let fields = [("kind", "agencies")];
    let page = browser.post_file_and("/register/import", &fields, "a.csv", secret.as_bytes()).await;
    assert_eq!(page.status, 400);
    assert!(text(&page).contains("tệp mang dấu mật"), "{}", text(&page));
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_links_accounts_to_those_who_answer_for_the_agency() {
    let centre = Centre::start_with_rules().await;
    register_another(&centre).await;
    invite(&centre, "canbo", Role::Officer, only("sokhcn")).await;
    invite(&centre, "thutruong", Role::Leader, only("sokhcn")).await;
    invite(&centre, "ben-ngoai", Role::Leader, only("soyt")).await;
    let mut officer = Browser::of(&centre, "canbo").await;
    let page = text(&officer.get("/agencies/sokhcn").await);
    assert_eq!(page.matches("Chưa gắn tài khoản của cơ quan").count(), 2, "{page}");
    let form = "/agencies/sokhcn/assignment";
    let page = text(&officer.get(form).await);
    assert!(page.contains("<option value=\"thutruong\">thutruong · Cán bộ Mẫu thutruong</option>"));
    assert!(!page.contains("ben-ngoai"), "of another agency: {page}");
    let named = |head: &'static str, deputy: &'static str| {
        ["head", "deputy"].map(|duty| {
            let said = [("holder", "Mẫu 1"), ("post", "B"), ("document", "1/QĐ")];
            let days = [("signed", "2026-10-05"), ("until", "2028-01-05")];
            let account = [("account", if duty == "head" { head } else { deputy })];
            let all = said.into_iter().chain(days).chain(account);
            all.map(move |(name, value)| (format!("{duty}-{name}"), value))
        })
    };
    let mut sent = async |head, deputy| {
        let fields: Vec<(String, &str)> = named(head, deputy).into_iter().flatten().collect();
        let fields: Vec<(&str, &str)> =
            fields.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        officer.post(form, &fields).await
    };
    for (head, deputy, why, field) in [
        (
            "thutruong",
            "ben-ngoai",
            "không có tài khoản ben-ngoai của cơ quan sokhcn",
            "deputy-account",
        ),
        ("thutruong", "thutruong", "tài khoản thutruong được nêu cho hai người", "head-account"),
        ("Ai đó", "", "phải chọn trong danh sách", "head-account"),
    ] {
        let reply = sent(head, deputy).await;
        assert_eq!(reply.status, 400, "{why}");
        let page = text(&reply);
        assert!(page.contains(why), "{why}: {page}");
        assert!(page.contains(&format!("id=\"{field}-said\"")) || page.contains(field), "{page}");
    }
    assert_eq!(sent("thutruong", "").await.status, 303);
    let page = text(&officer.get("/agencies/sokhcn").await);
    assert!(page.contains("Tài khoản thutruong đang hoạt động"), "{page}");
    assert_eq!(page.matches("Chưa gắn tài khoản của cơ quan").count(), 1, "{page}");
    let page = text(&officer.get(form).await);
    assert!(page.contains("<option value=\"thutruong\" selected>"), "{page}");
    let name = UserName::new("thutruong").unwrap();
    people::disable_person(&centre.app, &Caller::program(), &name, true).await.unwrap();
    let page = text(&officer.get("/agencies/sokhcn").await);
    assert!(page.contains("Tài khoản thutruong không hoạt động"), "{page}");
    let page = text(&officer.get(form).await);
    assert!(page.contains("thutruong · Cán bộ Mẫu thutruong · không hoạt động"), "{page}");
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_confirms_and_is_told_why_something_will_not_do() {
    let centre = Centre::start_with_rules().await;
    register_another(&centre).await;
    invite(&centre, "canbo", Role::Officer, only("sokhcn")).await;
    invite(&centre, "quantri", Role::Administrator, AgencyScope::All).await;
    Browser::new(&centre).code("quantri").await;
    let mut officer = Browser::of(&centre, "canbo").await;
    let page = text(&officer.get("/agencies/sokhcn").await);
    assert!(page.contains("Cán bộ Mẫu 901") && !page.contains("đã hết hạn bổ nhiệm"), "{page}");
    let ended = ["head", "deputy"].map(|duty| {
        let said = [("holder", "A"), ("post", "B"), ("document", "1/QĐ")];
        let days = [("signed", "2020-01-05"), ("until", "2021-01-05")];
        said.into_iter().chain(days).map(move |(name, value)| (format!("{duty}-{name}"), value))
    });
    let ended: Vec<(String, &str)> = ended.into_iter().flatten().collect();
    let ended: Vec<(&str, &str)> =
        ended.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    assert_eq!(officer.post("/agencies/sokhcn/assignment", &ended).await.status, 303);
    let page = text(&officer.get("/agencies/sokhcn").await);
    assert!(page.contains("Chưa có hoặc đã hết hạn bổ nhiệm: Người đứng đầu, Cấp phó"), "{page}");
    let reply = officer.post("/agencies/sokhcn/confirm", &[]).await;
    assert_eq!(goes_to(&reply), "/agencies/sokhcn?done=agency-confirmed");
    let mut administrator = Browser::of(&centre, "quantri").await;
    let reply = administrator.post("/agencies/sokhcn/confirm", &[]).await;
    assert_eq!(reply.status, 409);
    assert!(text(&reply).contains("chỉ người của cơ quan xác nhận"), "{}", text(&reply));

    let new = [
        ("agency", "sokhcn"),
        ("code", "mh-x"),
        ("name", "Hệ thống X"),
        ("level", "3"),
        ("stage", "build"),
        ("zone", "isolated"),
        ("exposed", "1"),
        ("data", "personal-basic"),
        ("data", "internal"),
    ];
    let reply = officer.post("/systems/new", &new).await;
    assert_eq!(reply.status, 400);
    let page = text(&reply);
    assert!(page.contains("mạng cách ly") && page.contains("value=\"Hệ thống X\""), "{page}");
    let civil: Vec<_> = new.into_iter().filter(|(name, _)| *name != "exposed").collect();
    let military = [civil.as_slice(), &[("scope", "military")]].concat();
    let page = text(&officer.post("/systems/new", &military).await);
    assert!(page.contains("Quân sự: hệ thống quân sự do Bộ Quốc phòng quản lý"), "{page}");
    let reply = officer.post("/systems/new", &civil).await;
    assert_eq!(goes_to(&reply), "/systems/mh-x?done=system-added");
    let page = text(&officer.get("/systems/mh-x").await);
    for wanted in ["Xây dựng", "Mạng nội bộ cách ly", "Dữ liệu nội bộ, Dữ liệu cá nhân cơ bản"]
    {
        assert!(page.contains(wanted), "{wanted}: {page}");
    }
    let needs = officer.post("/systems/mh-x/needs", &[("needs", "cong-dvc")]).await;
    assert_eq!(needs.status, 303);
    let circle = officer.post("/systems/cong-dvc/needs", &[("needs", "mh-x")]).await;
    assert!(text(&circle).contains("cong-dvc → mh-x → cong-dvc"), "{}", text(&circle));
    let page = text(&officer.get("/systems/cong-dvc?tab=links").await);
    assert!(page.contains("/systems/mh-x"), "{page}");
    for tab in ["parts", "assets"] {
        assert_eq!(officer.get(&format!("/systems/mh-x?tab={tab}")).await.status, 200);
    }
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_may_say_what_the_pages_say_and_is_told_what_may_stand_in_it() {
    let centre = Centre::start_with_rules().await;
    invite(&centre, "canbo", Role::Officer, only("sokhcn")).await;
    let mut officer = Browser::of(&centre, "canbo").await;
    let fields = [("kind", "systems")];
    let look = "/register/import";
    let file = "Mã,Cơ quan,Tên,Cấp độ,Giai đoạn,Loại,Dữ liệu,Vùng mạng,Truy cập được từ Internet,Phạm vi\n\
        mh-a,sokhcn,Hệ thống A,2,VAN HANH,Hệ thống thông tin,\"Dữ liệu nội bộ; Dữ liệu cá nhân cơ bản\",\
        Mạng có kết nối Internet,Có,\"Không thuộc quân sự, cơ yếu\"\n\
        mh-b,sokhcn,System B,2,operation,,internal personal-basic,isolated,no,civil\n\
        mh-c,sokhcn,System C,2,Operation,,,,No,\n";
    let page = text(&officer.post_file_and(look, &fields, "a.csv", file.as_bytes()).await);
    let form = [("kind", "systems"), ("digest", &held(&page))];
    assert_ne!(form[1].1, "", "{page}");
    officer.post("/register/import/confirm", &form).await;
    let kept = text(&officer.get("/systems?form=json").await);
    let kept: serde_json::Value = serde_json::from_str(&kept).unwrap();
    let of = |code: &str| {
        kept["rows"].as_array().unwrap().iter().find(|row| row["code"] == code).unwrap().clone()
    };
    let first = of("mh-a");
    assert_eq!((&first["stage"], &first["zone"]), (&"operation".into(), &"internet".into()));
    assert_eq!(first["data"], "internal personal-basic");
    assert_eq!(
        (&of("mh-b")["zone"], &of("mh-c")["stage"]),
        (&"isolated".into(), &"operation".into())
    );
    // The file that people take away says words and days as programs read them, and comes in again.
    let out = officer.get("/systems?form=csv").await;
    let csv = text(&out);
    assert!(csv.contains("Vận hành") && csv.contains(",Có,") && !csv.contains("Rồi"), "{csv}");
    assert!(!csv.contains(",operation,"), "{csv}");
    let page = text(&officer.post_file_and(look, &fields, "a.csv", &out.body).await);
    assert_ne!(held(&page), "", "{page}");

    // What may stand in a column is on the page and in the second sheet of the file to fill in.
    let page = text(&officer.get("/register/import?kind=systems").await);
    assert!(page.contains("Quy hoạch · Thiết kế"), "{page}");
    let template = officer.get("/register/template?kind=systems&form=xlsx").await;
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(template.body)).unwrap();
    assert!(archive.by_name("xl/worksheets/sheet2.xml").is_ok());
    for (name, body, wanted) in [
        (
            "a.csv",
            "Mã,Tên\nmh-x,X\n".as_bytes(),
            "tệp thiếu các cột «Cơ quan», «Cấp độ», «Giai đoạn»",
        ),
        ("a.pdf", b"%PDF-1.7\n%", "tệp PDF không có bảng để đọc"),
        ("a.xlsx", b"PK\x03\x04broken", "không mở được tệp như XLSX"),
        ("a.csv", b"", "tệp trống"),
    ] {
        let page = text(&officer.post_file_and(look, &fields, name, body).await);
        assert!(page.contains(wanted), "{wanted}: {page}");
    }
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_a_system_tells_what_its_sources_must_show() {
    let centre = Centre::start_with_rules().await;
    register_another(&centre).await;
    invite(&centre, "canbo", Role::Officer, only("sokhcn")).await;
    let mut browser = Browser::of(&centre, "canbo").await;
    let page = text(&browser.get("/systems/cong-dvc").await);
    let types = &page[page.find("id=\"types\"").unwrap()..];
    let types = &types[..types.find("</section>").unwrap()];
    assert!(types.contains("Đăng nhập và tài khoản"), "{types}");
    assert!(
        types.contains("Bắt buộc, còn thiếu") && !types.contains("Mạng và tường lửa"),
        "{types}"
    );
    centre.stop().await;
}
