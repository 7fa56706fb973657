//! Products, providers and devices that keep keys, of all agencies and of one.

use khien_domain::account::Role;
use khien_domain::permission::AgencyScope;

use super::support::{Browser, invite, only, register_another, text};
use crate::support::Centre;

/// What somebody of one agency types for a device.
const TOKEN: [(&str, &str); 5] = [
    ("agency", "sokhcn"),
    ("serial", "tk-01"),
    ("kind", "token"),
    ("until", "2028-01-01"),
    ("day", "2026-01-05"),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_device_is_handed_over_lost_and_revoked() {
    let centre = Centre::start_with_rules().await;
    register_another(&centre).await;
    invite(&centre, "canbo", Role::Officer, only("sokhcn")).await;
    let mut browser = Browser::of(&centre, "canbo").await;
    assert!(text(&browser.get("/custody").await).contains("Chưa có phương tiện nào"));
    let reply = browser.post("/custody/new", &TOKEN).await;
    let page = reply.headers["location"].clone();
    assert!(page.starts_with("/custody/") && page.ends_with("?done=device-added"), "{page}");
    let device = page.split('?').next().unwrap().to_owned();
    let twice = browser.post("/custody/new", &TOKEN).await;
    assert_eq!(twice.status, 400);
    let told = text(&twice);
    assert!(told.contains("sokhcn đã có phương tiện TK-01") && told.contains("value=\"tk-01\""));

    let act = format!("{device}/act");
    let key = "-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----";
    let typed = [("do", "hand-over"), ("post", key), ("day", "2026-01-06")];
    let refused = browser.post(&act, &typed).await;
    assert_eq!(refused.status, 400);
    assert!(
        text(&refused).contains("chức danh có nội dung giống khóa mật mã"),
        "{}",
        text(&refused)
    );
    let typed = [("do", "hand-over"), ("post", "Chánh Văn phòng"), ("day", "2026-01-06")];
    assert_eq!(browser.post(&act, &typed).await.status, 303);
    let again = text(&browser.post(&act, &typed).await);
    assert!(again.contains("TK-01 đang ở trạng thái bàn giao: không ghi bàn giao được"), "{again}");
    assert_eq!(browser.post(&act, &[("do", "lose"), ("day", "2026-01-07")]).await.status, 303);
    let page = text(&browser.get(&device).await);
    assert!(page.contains("Nhiệm vụ thu hồi đang mở") && page.contains("Báo mất"), "{page}");
    let list = text(&browser.get("/custody?state=lost").await);
    assert!(list.contains("1 phương tiện đã mất, chưa thu hồi") && list.contains("TK-01"));
    let early = [("do", "revoke"), ("number", "5/TB"), ("day", "2026-01-05")];
    let early = text(&browser.post(&act, &early).await);
    assert!(early.contains("trước bước gần nhất của TK-01"), "{early}");
    let revoke = [("do", "revoke"), ("number", "5/TB-CTS.MH"), ("day", "2026-01-08")];
    assert_eq!(browser.post(&act, &revoke).await.status, 303);
    let page = text(&browser.get(&device).await);
    assert!(page.contains("đã xong ngày") && page.contains("5/TB-CTS.MH"), "{page}");
    assert!(!page.contains("name=\"do\""), "nothing follows");

    let csv = text(&browser.get("/custody?form=csv").await);
    let row =
        "sokhcn,TK-01,USB token,2028-01-01,Đã thu hồi,2026-01-08,Chánh Văn phòng,5/TB-CTS.MH,";
    assert!(csv.contains(row), "{csv}");
    for form in ["xlsx", "json"] {
        assert_eq!(browser.get(&format!("/custody?form={form}")).await.status, 200);
    }
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_certificate_is_told_on_the_list_and_on_each_system() {
    let centre = Centre::start_with_rules().await;
    register_another(&centre).await;
    invite(&centre, "canbo", Role::Officer, only("sokhcn")).await;
    invite(&centre, "truong", Role::Lead, AgencyScope::All).await;
    Browser::new(&centre).code("truong").await;
    let mut lead = Browser::of(&centre, "truong").await;
    let product = [
        ("name", "Phần mềm ký số Mẫu"),
        ("make", "domestic"),
        ("certificate", "GP-57.MH"),
        ("scope", "ký văn bản"),
        ("cryptographic", "1"),
        ("authority", "civil"),
    ];
    let nobody = lead.post("/systems/benh-an/products", &product).await;
    assert_eq!(nobody.status, 400);
    assert!(text(&nobody).contains("phải nêu chức danh giữ khóa"), "{}", text(&nobody));
    let kept = [product.as_slice(), &[("custodian", "Văn thư")]].concat();
    let expired = [kept.as_slice(), &[("certificate_until", "2020-01-01")]].concat();
    assert_eq!(lead.post("/systems/benh-an/products", &expired).await.status, 303);
    assert_eq!(lead.post("/systems/cong-dvc/products", &kept).await.status, 303);
    let page = text(&lead.get("/products?state=expired").await);
    assert!(page.contains("2 hệ thống đang dùng sản phẩm có chứng nhận"), "{page}");
    assert!(
        page.contains("/systems/benh-an?tab=parts") && page.contains("/systems/cong-dvc?tab=parts")
    );

    // Their own system is told, though the day is known from another agency that they do not see.
    let mut officer = Browser::of(&centre, "canbo").await;
    let page = text(&officer.get("/products").await);
    assert!(page.contains("1 hệ thống đang dùng") && page.contains("cong-dvc"), "{page}");
    assert!(!page.contains("benh-an") && !page.contains("soyt"), "{page}");
    let page = text(&officer.get("/systems/cong-dvc").await);
    assert!(page.contains("1 sản phẩm của hệ thống này có chứng nhận"), "{page}");
    let json = text(&officer.get("/products?form=json").await);
    assert!(json.contains("\"concerns\":\"expired") && !json.contains("benh-an"), "{json}");
    centre.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_without_a_way_on_is_told_until_there_is_one() {
    let centre = Centre::start_with_rules().await;
    register_another(&centre).await;
    invite(&centre, "canbo", Role::Officer, only("sokhcn")).await;
    let mut browser = Browser::of(&centre, "canbo").await;
    let system = [
        ("agency", "sokhcn"),
        ("code", "mh-x"),
        ("name", "Hệ thống X"),
        ("level", "3"),
        ("stage", "build"),
    ];
    assert_eq!(browser.post("/systems/new", &system).await.status, 303);
    let provider = [
        ("name", "Công ty Mẫu"),
        ("service", "Bảo trì"),
        ("contract", "HĐ-1.MH"),
        ("from", "2020-01-01"),
        ("until", "2020-12-31"),
    ];
    let tried = [provider.as_slice(), &[("exit_tested", "2026-01-01")]].concat();
    let refused = browser.post("/systems/mh-x/providers", &tried).await;
    assert!(text(&refused).contains("chưa có kế hoạch thay thế để thử"), "{}", text(&refused));
    assert_eq!(browser.post("/systems/mh-x/providers", &provider).await.status, 303);
    let page = text(&browser.get("/providers?state=no-exit").await);
    assert!(page.contains("1 hệ thống chưa có kế hoạch") && page.contains("31/12/2020"), "{page}");
    assert!(text(&browser.get("/systems/mh-x").await).contains("1 nhà thầu của hệ thống này"));
    let exit = [("exit", "1"), ("exit_plan", "Giao lại CSV trong 30 ngày"), ("escrow", "data")];
    assert_eq!(browser.post("/systems/mh-x/providers", &exit).await.status, 303);
    assert!(!text(&browser.get("/systems/mh-x").await).contains("1 nhà thầu của hệ thống này"));
    let page = text(&browser.get("/providers?state=untested").await);
    assert!(page.contains("Giao lại CSV") && page.contains("Gửi giữ dữ liệu"), "{page}");
    let csv = text(&browser.get("/providers?form=csv&state=ended").await);
    let row = "Công ty Mẫu,Bảo trì,sokhcn,mh-x,3,0,HĐ-1.MH,2020-01-01,2020-12-31,0,,";
    assert!(
        csv.contains(row) && csv.contains(",Giao lại CSV trong 30 ngày,,Gửi giữ dữ liệu"),
        "{csv}"
    );
    centre.stop().await;
}
