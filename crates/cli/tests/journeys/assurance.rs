//! A leader reads a ranking and asks where a number comes from; an auditor asks the gate.

use serde_json::json;

use crate::browser::Browser;
use crate::demo::demo;

/// Opens a page until the year of the demonstration is told, which comes after its past day.
pub(crate) fn filled(browser: &Browser, path: &str, selector: &str) {
    for _ in 0..2_000 {
        browser.open(path);
        if browser.count(selector) > 0 {
            return;
        }
    }
    panic!("{selector} does not come at {path}");
}

/// From the ranking by clicks alone to the alert behind a number: agency, indicator, record, alert.
fn from_rank_to_alert(browser: &Browser) {
    // That is the last of what the demonstration begins with.
    filled(browser, "/evidence?type=index.computed", "main tbody a[data-open]");
    // An alert that was taken up and keeps events, and whose it is.
    browser.open("/evidence?type=alert.handled");
    let hrefs = |selector: &str| {
        let all = format!(
            "return [...document.querySelectorAll({selector:?})].map((one) => one.getAttribute('href'))"
        );
        let found = browser.run(&all, json!([]));
        let found = found.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned());
        found.collect::<Vec<String>>()
    };
    let href = |selector: &str| hrefs(selector).swap_remove(0);
    let records = hrefs("main tbody a[data-open]");
    let record = records.into_iter().find(|record| {
        browser.open(record);
        browser.open(&href(".acts a.first"));
        browser.count("#events tbody tr") > 0
    });
    let record = record.unwrap();
    browser.open(&record);
    let agency = href("dl a[href^='/agencies/']").trim_start_matches("/agencies/").to_owned();

    browser.open("/index");
    browser.says("Sở, ban, ngành");
    browser.click(&format!("main a[href='/index/agencies/{agency}']"));
    browser.says("mỗi con số mở các bản ghi đã tạo ra nó");
    browser.says("Làm gì để tăng điểm");
    // Every indicator that counts says why.
    let without = browser.run(
        "return [...document.querySelectorAll('main tbody tr')]
            .filter((row) => /^N\\d\\.\\d/.test(row.textContent.trim()) && !row.querySelector('a[href*=\"/index/agencies/\"]'))
            .map((row) => row.textContent.trim().slice(0, 40))",
        json!([]),
    );
    assert_eq!(without, json!([]));
    let reasons = browser.count(&format!("main a[href^='/index/agencies/{agency}/N']"));
    assert!(reasons >= 42, "{reasons}");
    browser.click("main a[href$='/N3.3']");
    browser.says("Các bản ghi tạo ra con số này");
    browser.click(&format!("main tbody a[href='{record}']"));
    browser.says("Mã băm nội dung");
    browser.click(".acts a.first");
    let path = browser.run("return location.pathname", json!([]));
    assert!(path.as_str().unwrap().starts_with("/alerts/"), "{path}");
}

#[test]
fn a_leader_goes_from_a_rank_to_a_single_event_by_clicks_alone() {
    let Some(browser) = demo().browser_of("lanhdao") else { return };
    from_rank_to_alert(&browser);
    // A leader does not search logs; the events that an alert keeps are shown with what matched.
    assert_eq!(browser.count("main a[href*='/search']"), 0);
    let event =
        browser.run("return document.querySelector('#events tbody tr').textContent", json!([]));
    let event = event.as_str().unwrap();
    assert!(event.contains(':') && event.len() > 20, "a moment and what matched: {event}");
    browser.open("/index/indicators/N3.3");
    browser.says("Thời gian tiếp nhận cảnh báo nghiêm trọng");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn an_analyst_goes_on_to_the_event_as_it_was_written() {
    let Some(browser) = demo().browser_of("truc1") else { return };
    from_rank_to_alert(&browser);
    browser.click(
        "main a[href^='/search/events/'], main a[href*='/search?'], main a[href*='/events/']",
    );
    let path = browser.run("return location.pathname + location.search", json!([]));
    assert!(path.as_str().unwrap().starts_with("/search"), "{path}");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn an_auditor_sees_why_a_system_may_not_be_used() {
    let Some(browser) = demo().browser_of("kiemtoan") else { return };
    filled(&browser, "/gate?state=deny", "main tbody a[href='/gate/mh-lgsp']");
    browser.click("main tbody a[href='/gate/mh-lgsp']");
    browser.says("Từ chối");
    browser.says("Sao lưu đã được khôi phục thử đạt yêu cầu trong 180 ngày");
    browser.says("chưa có bằng chứng");
    // What was held open for two days is told, and that it is over.
    browser.open("/gate/mh-hopkg");
    browser.says("Hồ sơ cấp độ đã được phê duyệt");
    browser.says("Mở khẩn cấp");
    assert_eq!(browser.count("form[action$='/break']"), 0);
    browser.click("main tbody a.tag");
    browser.says("Mỗi bản ghi mang mã băm của bản ghi trước");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn a_leader_goes_from_the_dearest_risk_to_the_line_that_reduces_it_and_back() {
    let Some(browser) = demo().browser_of("lanhdao") else { return };
    // That is the last of what the demonstration begins with.
    filled(&browser, "/evidence?type=index.computed", "main tbody a[data-open]");
    browser.open("/risks");
    browser.click(".acts a[href='/risks/spend']");
    browser.says("Rủi ro xếp theo thiệt hại dự kiến");
    browser.says("Vượt khẩu vị mà chưa có dòng nào");
    // The first line of the ranking, and the risk of its row.
    let row = "document.querySelector('#ranking a[href^=\"/budget/\"]').closest('tr')";
    let risk = browser.run(
        &format!("return {row}.querySelector('a[href^=\"/risks/\"]').getAttribute('href')"),
        json!([]),
    );
    let risk = risk.as_str().unwrap();
    browser.click("#ranking a[href^='/budget/']");
    browser.says("Dòng kinh phí");
    browser.click(&format!("main p a[href='{risk}']"));
    browser.says("Thiệt hại dự kiến một năm");
    browser.click("main dd a[href^='/budget/']");
    browser.click("main p a[href^='/risks/spend']");
    browser.click("#agencies a[href^='/incidents/losses']");
    browser.says("Thiệt hại do sự cố");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn a_leader_goes_from_the_overview_to_the_sheet_of_a_ranked_agency_and_to_the_gate() {
    let Some(browser) = demo().browser_of("lanhdao") else { return };
    // That is the last of what the demonstration begins with.
    filled(&browser, "/evidence?type=index.computed", "main tbody a[data-open]");
    browser.open("/overview");
    browser.says("Xếp hạng");
    let first = browser.run(
        "const link = document.querySelector('#standing a[href^=\"/index/agencies/\"]');
            return [link.getAttribute('href'), link.textContent]",
        json!([]),
    );
    let (href, name) = (first[0].as_str().unwrap(), first[1].as_str().unwrap());
    browser.click(&format!("#standing a[href='{href}']"));
    browser.says(name);
    browser.says("Làm gì để tăng điểm");
    let path = browser.run("return location.pathname", json!([]));
    assert_eq!(path, *href);
    browser.open("/overview");
    browser.click("#governance a[href^='/gate']");
    browser.says("Đang dùng, chưa được phép");
    assert!(browser.count("main tbody a[href^='/gate/']") > 0);
    assert_eq!(browser.complaints(), Vec::<String>::new());
}
