//! An analyst's and an administrator's day.

use serde_json::json;

use crate::browser::Browser;
use crate::demo::demo;

/// Enter, as keys are told.
const ENTER: &str = "\u{e007}";

fn total(browser: &Browser) -> u64 {
    let script =
        "return document.getElementById('alerts-total').textContent.replace(/[^0-9]/g, '')";
    browser.run(script, json!([])).as_str().unwrap().parse().unwrap()
}

#[test]
fn ten_alerts_are_triaged_by_keyboard() {
    let Some(browser) = demo().browser_of("truc1") else { return };
    browser.open("/alerts?state=closed&mine=1");
    let before = total(&browser);
    browser.open("/overview");
    browser.press("ga");
    browser.wait("tr[data-row]");
    // The first row opens beside the queue.
    browser.press("j");
    browser.press(ENTER);
    browser.wait(".drawer");
    for _ in 0..10 {
        let of = browser.run("return document.querySelector('.drawer').dataset.of", json!([]));
        browser.press("a");
        browser.says("Bạn đã nhận xử lý");
        browser.press("c");
        browser.wait(".drawer details.menu[open] select[name=reason]");
        // From the reason to the comment to the button.
        browser.press("\u{e004}");
        browser.press("thu ");
        browser.press("\u{e004}");
        browser.press(ENTER);
        browser.says("Đã đóng cảnh báo");
        browser.until("the next alert", || {
            let script = "return document.querySelector('.drawer')?.dataset.of ?? null";
            let next = browser.run(script, json!([]));
            (!next.is_null() && next != of).then_some(())
        });
    }
    browser.open("/alerts?state=closed&mine=1");
    assert_eq!(total(&browser), before + 10);
}

#[test]
fn a_false_positive_is_tuned_and_suppressed_with_a_preview() {
    let Some(browser) = demo().browser_of("truc1") else { return };
    browser.open("/alerts?state=all&kind=rule&severity=low");
    let script = "return document.querySelector('a[data-open]').href.split('open=')[1]";
    let id = browser.run(script, json!([]));
    let id = id.as_str().unwrap();
    browser.open(&format!("/alerts/{id}"));
    browser.press("s");
    browser.wait("#suppress");
    browser.click("#suppress button[formmethod=get]");
    browser.says("Cảnh báo sẽ không có");
    let vanish = browser.run("return document.querySelector('.fig b').textContent", json!([]));
    assert_ne!(vanish, json!("0"), "the alert itself would not have been");
    browser.fill("#suppress textarea", "máy quét nội bộ đã báo trước");
    browser.click("#suppress button.first");
    browser.says("Đã tạm ẩn");
    browser.says("máy quét nội bộ đã báo trước");
    browser.open(&format!("/alerts/{id}/tune"));
    browser.wait("#tune");
    if browser.count("#tune input[type=checkbox]:checked") == 0 {
        browser.click("#tune input[type=checkbox]");
    }
    browser.click("#tune button[value=draft]");
    browser.wait("#text");
    browser.until("a draft", || {
        let text = browser.run("return document.getElementById('text').value", json!([]));
        text.as_str().unwrap().contains("filter:").then_some(())
    });
    browser.click("#tune button[value=preview]");
    browser.wait("#preview");
}

#[test]
fn a_search_is_narrowed_by_clicks_and_exported() {
    let Some(browser) = demo().browser_of("truc1") else { return };
    browser.press("/");
    browser.press("sshd");
    browser.press(ENTER);
    browser.wait("tr[data-row]");
    assert!(browser.path().contains("q=sshd"), "{}", browser.path());
    let events = || {
        let script =
            "return document.querySelector('.head .dim').textContent.replace(/[^0-9]/g, '')";
        browser.run(script, json!([])).as_str().unwrap().parse::<u64>().unwrap()
    };
    let all = events();
    browser.click(".facets a.mono");
    browser.until("a narrower query", || browser.path().contains("%22").then_some(()));
    let narrowed = events();
    assert!(0 < narrowed && narrowed <= all, "{narrowed} of {all}");
    browser.click("tr[data-row] a[data-open]");
    browser.wait("#drawer");
    browser.says("Bản ghi");
    let href = browser.run("return document.querySelector('a[href*=export]').href", json!([]));
    let script = "const done = arguments[1]; return fetch(arguments[0]).then((a) => a.text())";
    let csv = browser.run(script, json!([href]));
    let csv = csv.as_str().unwrap();
    assert!(csv.contains("DỮ LIỆU MINH HỌA"), "{}", &csv[..200.min(csv.len())]);
    assert!(csv.lines().count() > 2, "{csv}");
}

#[test]
fn a_source_is_registered_and_its_first_event_seen_to_arrive() {
    let Some(browser) = demo().browser_of("quantri") else { return };
    browser.open("/sources/new");
    browser.fill("main input[name=name]", "Nguồn mới của hành trình");
    browser.click("input[name=kind][value=http]");
    browser.click("main form button.first");
    browser.says("Chưa nghe thấy gì");
    let token = browser.run("return document.getElementById('token').textContent", json!([]));
    let sent = ureq::post(format!("{}/api/v1/intake/json", demo().url()))
        .header("authorization", format!("Bearer {}", token.as_str().unwrap()))
        .content_type("application/x-ndjson")
        .send("{\"message\":\"xin chào\",\"host\":\"may-moi\"}\n");
    assert!(sent.unwrap().status().is_success());
    browser.says("1 sự kiện, lần cuối");
    assert!(!browser.text().contains("localhost:0"), "the settings name the port that is reached");
}

#[test]
fn a_shift_is_handed_over_to_somebody_else() {
    let Some(first) = demo().browser_of("truc1") else { return };
    first.open("/shift");
    first.fill("textarea[name=text]", "Theo dõi máy chủ mẫu đến 22 giờ");
    first.click("form .btn.first");
    first.says("Đã để lại ghi chú giao ca");
    first.says("người viết không tự nhận được");
    let Some(second) = demo().browser_of("truc2") else { return };
    second.open("/overview");
    second.says("chưa có người nhận");
    second.open("/shift");
    second.press("a");
    second.says("Bạn đã nhận ca");
    first.open("/shift");
    first.says("truc2 đã nhận ca");
}

#[test]
fn an_alert_becomes_an_incident() {
    let Some(browser) = demo().browser_of("truongca") else { return };
    browser.open("/alerts?state=new&severity=high");
    browser.click("a[data-open]");
    browser.wait(".drawer");
    browser.press("e");
    browser.fill(".drawer details[open] input[name=title]", "Sự cố của hành trình");
    browser.click(".drawer details[open] form.form button.first");
    browser.says("Đã mở sự cố");
    browser.says("Sự cố của hành trình");
    browser.fill("form textarea[name=note]", "đã cách ly máy");
    browser.click("form[action$='/note'] button");
    browser.says("đã cách ly máy");
}
