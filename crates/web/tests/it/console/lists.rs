//! Lists of the rooms: in which order, narrowed to a text and an agency, in parts, and as files.

use khien_app::access::Caller;
use khien_app::use_case::register;
use khien_domain::account::Role;
use khien_domain::agency::{Agency, AgencyKind};
use khien_domain::code::AgencyCode;
use khien_domain::permission::AgencyScope;

use super::support::{Browser, invite, only, register_another, text};
use crate::support::Centre;

/// Where texts stand in a page, each behind the one before.
fn follow(page: &str, texts: &[&str]) {
    let at = |text: &&str| page.find(*text).unwrap_or_else(|| panic!("{text}: {page}"));
    let places: Vec<usize> = texts.iter().map(at).collect();
    assert!(places.is_sorted(), "{texts:?} stand at {places:?}");
}

async fn lead(centre: &Centre) -> Browser<'_> {
    invite(centre, "truongca", Role::Lead, AgencyScope::All).await;
    Browser::new(centre).code("truongca").await;
    Browser::of(centre, "truongca").await
}

#[tokio::test(flavor = "multi_thread")]
async fn names_stand_in_the_order_of_vietnamese_in_lists_and_where_one_chooses() {
    let centre = Centre::start_with_rules().await;
    // Their codes, and their letters as numbers, are in other orders.
    let names = [
        ("a-tay", "Phường Ví Dụ Tây"),
        ("b-nam", "Phường Ví Dụ Nam"),
        ("c-van", "Văn phòng Ủy ban"),
        ("d-dong", "Phường Ví Dụ Đông"),
        ("e-dao", "Đặc khu Đảo Mẫu"),
    ];
    for (code, name) in names {
        let code = AgencyCode::new(code).unwrap();
        let new = Agency::new(code, name.into(), AgencyKind::Commune, centre.app.now());
        register::add_agency(&centre.app, &Caller::program(), khien_testkit::headed(new))
            .await
            .unwrap();
    }
    let mut lead = lead(&centre).await;
    let codes = ["e-dao", "d-dong", "b-nam", "a-tay", "c-van"];
    for (path, before, after) in [
        ("/agencies", "id=\"row-", "\""),
        ("/systems", "<option value=\"", "\""),
        ("/findings", "<option value=\"", "\""),
        ("/alerts", "<option value=\"", "\""),
        ("/sources", "<option value=\"", "\""),
        ("/products", "<option value=\"", "\""),
    ] {
        let marked = codes.map(|code| format!("{before}{code}{after}"));
        let marked: Vec<&str> = marked.iter().map(String::as_str).collect();
        follow(&text(&lead.get(path).await), &marked);
    }
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn long_lists_are_narrowed_by_a_text_and_an_agency_in_pages_and_files() {
    let centre = Centre::start_with_rules().await;
    register_another(&centre).await;
    let mut lead = lead(&centre).await;
    let mut assets = "system,name,kind,zone,address\n".to_owned();
    for number in 0..230 {
        assets += &format!("cong-dvc,may-{number:03},server,isolated,\n");
    }
    assets += "benh-an,may-yte,server,isolated,192.0.2.7\n";
    let fields = [("kind", "assets")];
    let page = lead.post_file_and("/register/import", &fields, "a.csv", assets.as_bytes()).await;
    let page = text(&page);
    let digest = page.split("name=\"digest\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    lead.post("/register/import/confirm", &[("kind", "assets"), ("digest", digest)]).await;

    let first = text(&lead.get("/assets?agency=sokhcn&text=MAY-&zone=isolated").await);
    assert!(first.contains("may-199<") && !first.contains("may-200<"), "{first}");
    assert!(first.contains("1–200 / 230"), "{first}");
    let next = "/assets?agency=sokhcn&#38;text=MAY-&#38;zone=isolated&#38;page=2";
    assert!(first.contains(next), "{first}");
    let last = text(&lead.get(&next.replace("&#38;", "&")).await);
    assert!(last.contains("may-229<") && !last.contains("may-yte<"), "{last}");
    let file = text(&lead.get("/assets?agency=sokhcn&text=may-&form=csv&page=2").await);
    assert_eq!(file.lines().filter(|line| line.contains("may-")).count(), 230);
    // By the name of the system, typed bare and in NFD, and by an address.
    for asked in ["ho+so+benh", "be%CC%A3%CC%82nh", "192.0.2.7"] {
        let page = text(&lead.get(&format!("/assets?text={asked}")).await);
        assert!(page.contains("may-yte<") && !page.contains("may-000<"), "{asked}: {page}");
    }

    // Every long list takes them, keeps what was chosen beside them, and refuses to show all for a slip.
    for path in [
        "/assets?kind=server",
        "/findings?state=all",
        "/dossiers?kind=level",
        "/resources?state=ending",
        "/papers?kind=zone-link",
        "/critical?point=conflict",
        "/zones?state=none",
        "/calendar?state=overdue",
        "/projects?violations=1",
        "/crypto?show=unseen",
        "/crypto/plans?state=missing",
        "/risks?state=all",
    ] {
        let page = text(&lead.get(&format!("{path}&text=x%22y&agency=soyt")).await);
        assert!(page.contains("type=\"search\" value=\"x&#34;y\""), "{path}: {page}");
        assert!(page.contains("<option value=\"soyt\" selected>"), "{path}: {page}");
        let (name, value) = path.split_once('?').unwrap().1.split_once('=').unwrap();
        let kept = format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">");
        let chosen = format!("<option value=\"{value}\" selected>");
        assert!(page.contains(&kept) || page.contains(&chosen), "{path}: {page}");
        let page = text(&lead.get(&format!("{path}&agency=khong-co")).await);
        assert!(page.contains("selected>Không có cơ quan «khong-co»<"), "{path}: {page}");
    }
    for (path, shown, hidden) in [
        ("/calendar?text=BENH+AN", "/systems/benh-an\"", "/systems/cong-dvc\""),
        ("/calendar?agency=sokhcn", "/systems/cong-dvc\"", "/systems/benh-an\""),
        ("/calendar?agency=soyt&form=csv", "benh-an,", "cong-dvc,"),
    ] {
        let page = text(&lead.get(path).await);
        assert!(page.contains(shown) && !page.contains(hidden), "{path}: {page}");
    }
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn risks_stand_by_gravity_then_what_is_overdue_then_by_day() {
    let centre = Centre::start_with_rules().await;
    invite(&centre, "canbo", Role::Officer, only("sokhcn")).await;
    let mut officer = Browser::of(&centre, "canbo").await;
    for (code, degree, due) in [
        ("rr-01", "1", "2031-01-01"),
        ("rr-02", "5", "2032-01-01"),
        ("rr-03", "5", "2031-01-01"),
        ("rr-04", "1", "2020-01-01"),
        ("rr-05", "5", "2020-02-01"),
    ] {
        let threat = format!("Mối đe dọa {code}");
        let fields = [
            ("agency", "sokhcn"),
            ("code", code),
            ("system", "cong-dvc"),
            ("scenario", "kẻ tấn công mã hóa dữ liệu"),
            ("threat", &threat),
            ("likelihood", degree),
            ("impact", degree),
            ("owner", "Trưởng phòng"),
            ("treatment", "reduce"),
            ("due", due),
        ];
        let reply = officer.post("/risks/new", &fields).await;
        assert_eq!(reply.status, 303, "{}", text(&reply));
    }
    let order = ["rr-05", "rr-03", "rr-02", "rr-04", "rr-01"];
    let page = text(&officer.get("/risks?text=moi+de+doa").await);
    follow(
        &page,
        &order.map(|code| format!("/risks/sokhcn/{code}\"")).each_ref().map(String::as_str),
    );
    follow(&text(&officer.get("/risks/export?form=csv").await), &order);
    // Whose risk it is stands below it, on a phone too.
    let row =
        page.split("<tr data-row=\"sokhcn-rr-05\">").nth(1).unwrap().split("</tr>").next().unwrap();
    assert!(row.contains("<br><span class=\"dim\">Sở"), "{row}");
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_centre_reassures_nobody_and_says_what_comes_next() {
    let centre = Centre::start_empty().await;
    invite(&centre, "lanhdao", Role::Leader, AgencyScope::All).await;
    let mut leader = Browser::of(&centre, "lanhdao").await;
    for (path, wanted, unwanted) in [
        ("/gate", "Chưa có hệ thống nào để cổng xét", "Mọi hệ thống"),
        ("/overview", "Chưa đăng ký nguồn nhật ký nào", "Mọi nguồn"),
        ("/risks/spend", "Chưa ghi nhận rủi ro nào", "Mọi rủi ro vượt"),
        ("/risks/spend", "Chưa có dòng kinh phí an ninh mạng nào", "Mọi dòng"),
        ("/index/pillars", "chưa có cơ quan nào được đánh giá", "0,00%"),
        ("/index/sensitivity", "Chưa có thứ hạng nào để thử", "Không trọng số nào"),
        ("/risks", "<b>Chưa có rủi ro</b>", "<b>0 – 0</b>"),
        ("/budget", "Chưa có dòng kinh phí nào của năm", "0 / 0"),
        ("/assets", "Cán bộ của cơ quan quản lý hệ thống ghi mục này", "/register/import"),
        ("/resources", "Cán bộ của cơ quan quản lý hệ thống ghi mục này", "/register/import"),
        ("/papers", "Cán bộ của cơ quan quản lý hệ thống ghi mục này", "khớp bộ lọc"),
        ("/sites", "ở trung tâm ghi mục này", "ở dưới đây"),
        ("/critical", "Chưa có hệ thống nào được đánh dấu trọng yếu", "khớp bộ lọc"),
        ("/critical", "Không có điểm lỗi đơn nào", "khớp bộ lọc"),
        ("/zones", "Không có liên kết nào đi qua ranh giới", "khớp bộ lọc"),
        ("/calendar", "Chưa có hệ thống nào phải đánh giá", "nào khớp"),
        ("/dossiers", "Cán bộ của cơ quan có hệ thống lập hồ sơ", "ở trên"),
        ("/projects", "Cán bộ của cơ quan có hệ thống đăng ký dự án", "ở trên"),
    ] {
        let page = text(&leader.get(path).await);
        assert!(page.contains(wanted), "{path}: {wanted}: {page}");
        assert!(!page.contains(unwanted), "{path}: {unwanted}: {page}");
    }
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_lead_to_what_they_count() {
    let centre = Centre::start_with_rules().await;
    let mut lead = lead(&centre).await;
    for (path, hrefs) in [
        ("/budget", vec!["#agencies"]),
        ("/risks/spend", vec!["/risks", "/budget?year="]),
        (
            "/crypto",
            vec!["/crypto", "/crypto?show=seen", "/crypto?show=hybrid", "/crypto?show=grave"],
        ),
        ("/findings", vec!["/findings", "?severity=grave", "?overdue=1", "?state=accepted"]),
    ] {
        let page = text(&lead.get(path).await);
        assert!(!page.contains("<div class=\"fig\">"), "{path}: {page}");
        for href in hrefs {
            assert!(
                page.contains(&format!("<a class=\"fig\" href=\"{href}")) || page.contains(href)
            );
        }
    }
    for path in ["/findings?severity=grave", "/crypto?show=seen", "/crypto?show=hybrid"] {
        assert_eq!(lead.get(path).await.status, 200);
    }
    centre.stop().await;
}
