//! Signing in, and what each may see.

use serde_json::json;

use crate::demo::demo;

#[test]
fn a_lead_signs_in_with_a_password_and_a_code() {
    let Some(browser) = demo().browser_of("truongca") else { return };
    browser.open("/account");
    browser.says("Ứng dụng xác thực");
    assert!(browser.text().contains("đã thiết lập"));
    browser.click(".me summary");
    browser.click(".me button");
    browser.wait("#sign-in");
    browser.open("/alerts");
    assert!(browser.path().starts_with("/sign-in?next="), "{}", browser.path());
}

#[test]
fn an_analyst_registers_a_passkey_and_signs_in_with_it() {
    let Some(browser) = demo().browser_of("truc2") else { return };
    browser.add_authenticator();
    browser.open("/account");
    browser.fill("#new-passkey input[name=called]", "Khóa mẫu");
    browser.click("[data-passkey=register]");
    browser.says("Đã thêm khóa truy cập");
    browser.says("Khóa truy cập «Khóa mẫu»");
    browser.click(".me summary");
    browser.click(".me button");
    browser.wait("#sign-in");
    browser.fill("input[name=name]", "truc2");
    browser.click("[data-passkey=sign-in]");
    browser.wait("#rail");
    browser.says("Cán bộ Mẫu 002");
    // Taken away again, so that the others sign in by password alone.
    browser.open("/account");
    browser.click("td .menu summary");
    browser.fill("td .menu[open] input[name=password]", "trinh-dien-khien-57");
    browser.click("td .menu[open] button");
    browser.says("Đã gỡ khóa truy cập");
}

#[test]
fn an_officer_cannot_reach_another_agency() {
    let Some(analyst) = demo().browser_of("truc1") else { return };
    analyst.open("/alerts?state=all&agency=ttcds");
    let href = analyst.run("return document.querySelector('a[data-open]').href", json!([]));
    let open = href.as_str().unwrap().split("open=").nth(1).unwrap().to_owned();
    let Some(officer) = demo().browser_of("canbo-sokhcn") else { return };
    officer.open(&format!("/alerts/{open}"));
    officer.says("Không tìm thấy");
    for path in ["/alerts?state=all", "/systems", "/agencies", "/sources"] {
        officer.open(path);
        let text = officer.text();
        assert!(!text.contains("Trung tâm Chuyển đổi số"), "{path}: {text}");
    }
    for path in ["/admin/people", "/audit", "/shift", "/admin"] {
        officer.open(path);
        officer.says("Không có quyền");
    }
    assert_eq!(officer.count("#rail a[href='/audit']"), 0, "no door to what is refused");
}

#[test]
fn the_demonstration_tells_what_to_try_first_and_it_is_there() {
    for user in ["truc1", "canbo-sokhcn", "lanhdao", "kiemtoan"] {
        let Some(browser) = demo().browser_of(user) else { return };
        browser.open("/overview");
        browser.says("Thử trước tiên");
        let script = "return [...document.querySelectorAll('.note ol a')].map((link) => link.getAttribute('href'))";
        let hrefs = browser.run(script, json!([]));
        let hrefs = hrefs.as_array().unwrap();
        assert!(hrefs.len() > 1, "{user}: {hrefs:?}");
        for href in hrefs {
            browser.open(href.as_str().unwrap());
            let status = browser.run(
                "return performance.getEntriesByType('navigation')[0].responseStatus",
                json!([]),
            );
            assert_eq!(status, 200, "{user}: {href}");
        }
    }
}
