//! An officer looks at the checklist of a system, states a control and takes the plan away.

use serde_json::json;

use crate::demo::demo;

#[test]
fn an_officer_states_a_control_and_exports_the_plan() {
    let Some(browser) = demo().browser_of("canbo-sokhcn") else { return };
    browser.open("/systems/mh-paht");
    browser.click(".chips a[href='/systems/mh-paht/controls']");
    browser.says("Các lớp bảo vệ");
    browser.says("Mã nguồn được rà soát an ninh trước mỗi lần phát hành");
    browser.click("#TC-01 details summary");
    browser.fill("#TC-01 textarea", "ngắn");
    // The browser itself asks for more words; without that the centre does.
    browser.run("document.querySelector('#TC-01 form').noValidate = true", json!([]));
    browser.click("#TC-01 form button");
    browser.says("ít nhất 10 ký tự");
    assert_eq!(browser.complaints().len(), 1, "that the form was not taken");
    browser.fill("#TC-01 textarea", "Mỗi người một tài khoản, thu hồi trong ngày thôi việc");
    browser.click("#TC-01 form button");
    browser.says("Đã lưu điều bạn nêu");
    browser.says("thu hồi trong ngày thôi việc");
    browser.click("details.menu:has(a[href*='what=ssp']) summary");
    let plan = browser.run(
        "const asked = new XMLHttpRequest();
         asked.open('GET', document.querySelector(\"a[href*='what=ssp']\").href, false);
         asked.send();
         const plan = JSON.parse(asked.responseText)['system-security-plan'];
         return plan.metadata['oscal-version'] + ' ' + plan['system-characteristics']['system-name']",
        json!([]),
    );
    assert_eq!(plan, "1.2.1 Phản ánh hiện trường");
    browser.open("/systems/mh-paht/controls?view=csf");
    browser.says("PR.AA-01");
    browser.open("/crypto");
    browser.says("paht.minhhoa.example:443");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}
