//! What an agency says of itself is confirmed by another; a round is run to its published table, and an
//! appeal changes exactly one agency.

use serde_json::json;

use crate::browser::Browser;
use crate::demo::demo;

/// The points of an indicator on an agency's sheet.
fn points(browser: &Browser, indicator: &str) -> f64 {
    browser.open("/index/agencies/sokhcn");
    let script = "const link = document.querySelector(`main a[href$='/${arguments[0]}']`);
        const cells = [...link.closest('tr').querySelectorAll('td.num')];
        return cells.at(-1).textContent.split('/')[0].trim()";
    let text = browser.run(script, json!([indicator]));
    text.as_str().unwrap().replace(',', ".").parse().unwrap()
}

/// Sets a field as people do whose browser shows a calendar or a list.
fn set(browser: &Browser, selector: &str, value: &str) {
    browser.wait(selector);
    let script = "document.querySelector(arguments[0]).value = arguments[1]";
    browser.run(script, json!([selector, value]));
}

/// The year of the demonstration's round, once its past is told.
fn year(browser: &Browser) -> String {
    for _ in 0..2_000 {
        browser.open("/index/rounds");
        if browser.count("main tbody a[href^='/index/rounds/']") > 0 {
            let script = "return document.querySelector('main tbody a').textContent";
            let year = browser.run(script, json!([])).as_str().unwrap().to_owned();
            browser.open(&format!("/index/rounds/{year}"));
            // Both of its appeals are there: the rest of the past follows at once.
            if browser.count("#appeals tbody tr") == 2 {
                return year;
            }
        }
    }
    panic!("the round of the demonstration does not come");
}

#[test]
fn what_is_declared_is_confirmed_and_a_round_is_published_with_an_appeal() {
    let Some(officer) = demo().browser_of("canbo-sokhcn") else { return };
    let Some(appraiser) = demo().browser_of("thamdinh2") else { return };
    let year = year(&officer);
    confirmed(&officer, &appraiser);
    published(&officer, &appraiser, &year);
    // What was typed wrongly was told so, twice.
    let mut complaints = officer.complaints();
    complaints.retain(|complaint| !complaint.contains("status of 400"));
    assert_eq!(complaints, Vec::<String>::new());
    assert_eq!(appraiser.complaints(), Vec::<String>::new());
}

/// The name of the file that an officer brings, and what stands in it.
const FILE: &str = "bien-ban-rut-kinh-nghiem.txt";
const PAPER: &str = "Biên bản rút kinh nghiệm SC-MAU-9, Tỉnh Minh Họa";

/// Chooses the file as people do in a window of the system.
fn bring(browser: &Browser) {
    browser.wait("input[name=file]");
    let script = "const chosen = new DataTransfer();
        chosen.items.add(new File([arguments[1]], arguments[0]));
        document.querySelector('input[name=file]').files = chosen.files";
    browser.run(script, json!([FILE, PAPER]));
}

/// A day so many days ago, as fields have it.
fn day(browser: &Browser, ago: i64) -> String {
    let script = "return new Date(Date.now() - arguments[0] * 864e5).toISOString().slice(0, 10)";
    browser.run(script, json!([ago])).as_str().unwrap().to_owned()
}

/// An officer attests what was learned of an incident; what it earns rises when somebody of another agency
/// confirms it.
fn confirmed(officer: &Browser, appraiser: &Browser) {
    assert!(points(officer, "N6.4") < 0.001, "nothing is known of it");
    officer.click("main a[href$='/attest']");
    officer.says("Tự khai bằng chứng");
    officer.click("main a[href^='/evidence/new?kind=incident.state']");
    officer.fill("input[name=subject]", "SC-MAU-9");
    for (field, value) in [("drill", "no"), ("reportable", "no"), ("serious", "yes")] {
        set(officer, &format!("select[name='f-{field}']"), value);
    }
    set(officer, "select[name='f-actions_on_time']", "yes");
    set(officer, "input[name='f-opened']", &format!("{}T08:00", day(officer, 20)));
    set(officer, "input[name='f-review_by']", &day(officer, 2));
    set(officer, "input[name='f-reviewed']", &day(officer, 4));
    officer.fill("input[name=title]", "Biên bản rút kinh nghiệm");
    officer.fill("input[name=sha256]", "abc");
    officer.click("#attest button.first");
    officer.says("phải là 64 chữ số thập lục phân");
    officer.fill("input[name=sha256]", &"ab".repeat(32));
    bring(officer);
    officer.click("#attest button.first");
    officer.says("đây không phải SHA-256 của tệp");
    officer.fill("input[name=sha256]", "");
    bring(officer);
    officer.click("#attest button.first");
    officer.says("Đã ghi nhận lời tự khai");
    officer.says("Chờ xác nhận");
    let path = officer.path();
    let seq = path.trim_start_matches("/evidence/").split('?').next().unwrap().to_owned();
    let declared = points(officer, "N6.4");
    assert!(declared > 0.0, "one's own word earns a part");

    // Whoever looks at it opens the document from the list and compares what it is with what stands there.
    let before = seq.parse::<u64>().unwrap() - 1;
    appraiser.open(&format!("/reviews?after={before}"));
    appraiser.says(&format!("Tài liệu ({FILE}, "));
    let opened = appraiser.run(
        "const link = document.querySelector('main tbody a.paper'), asked = new XMLHttpRequest();
         asked.open('GET', link.href, false);
         asked.send();
         return [asked.responseText, link.href.split('/').at(-1)]",
        json!([]),
    );
    assert_eq!(opened[0], PAPER);
    let digest = opened[1].as_str().unwrap();
    assert_eq!(digest, khien_domain::document::Digest::of(PAPER.as_bytes()).as_str());
    appraiser.says(&format!("sha256:{digest}"));
    appraiser.open(&format!("/evidence/{seq}"));
    appraiser.click("#review button[value=confirm]");
    appraiser.says("Đã xác nhận: bản ghi này thay bản tự khai");
    let documented = points(officer, "N6.4");
    assert!(documented > declared, "{declared} {documented}: a document earns the rest");
    officer.open("/index/agencies/sokhcn/attest");
    officer.says("SC-MAU-9");
    // Something else is refused, with the reason for its agency.
    appraiser.open("/reviews");
    appraiser.fill("main tbody form input[name=reason]", "Văn bản không có dấu");
    appraiser.click("main tbody form button[value=refuse]");
    appraiser.says("Đã từ chối và ghi lý do");
    appraiser.says("Văn bản không có dấu");
}

/// The round goes on to its table; what was so before changes by an accepted appeal alone.
fn published(officer: &Browser, appraiser: &Browser, year: &str) {
    let round = format!("/index/rounds/{year}");
    let third = demo().browser_of("thamdinh3").unwrap();
    for browser in [appraiser, &third] {
        browser.open(&round);
        while browser.count("form.look") > 0 {
            browser.fill("form.look input[name=reason]", "Đã đối chiếu bản gốc");
            browser.click("form.look button[value=hold]");
            browser.says("Đã ghi kết quả xem lại");
        }
    }
    appraiser.says("Mẫu đã xem hết");
    appraiser.open("/index/appeals/2");
    appraiser.fill("#refuse textarea", "Ca đêm cuối tuần; đã gửi kèm số liệu");
    appraiser.click("#refuse button");
    appraiser.says("Đã trả lời");

    let lead = demo().browser_of("truongca").unwrap();
    lead.open(&round);
    lead.click("button[value=freeze]");
    lead.says("chỉ còn đổi được bằng khiếu nại");
    assert_eq!(lead.count("button[value=publish][disabled]"), 1, "an appeal waits");

    officer.open("/evidence/new?kind=training.hours&agency=sokhcn");
    officer.fill("input[name=subject]", year);
    officer.fill("input[name='f-due_hours']", "80");
    officer.fill("input[name='f-counted_hours']", "80");
    set(officer, "input[name=at]", &day(officer, 2));
    officer.click("#attest button.first");
    officer.says("chỉ còn đổi được bằng khiếu nại được chấp nhận");

    appraiser.open("/index/appeals/1?kind=training.hours");
    let chosen = appraiser.run(
        "return document.querySelector('#correction select[name=corrects] option:nth-child(2)').value",
        json!([]),
    );
    set(appraiser, "#correction select[name=corrects]", chosen.as_str().unwrap());
    appraiser.fill("#correction input[name=subject]", year);
    appraiser.fill("#correction input[name='f-due_hours']", "80");
    appraiser.fill("#correction input[name='f-counted_hours']", "80");
    appraiser.fill("#correction input[name=title]", "Danh sách huấn luyện");
    appraiser
        .fill("#correction textarea[name=reason]", "Danh sách đủ giờ, có chữ ký của đơn vị dạy");
    appraiser.click("#correction button[value=accept]");
    appraiser.says("Được chấp nhận");
    appraiser.says("Đúng một cơ quan đổi điểm");
    let number = |id: &str| -> f64 {
        let text =
            appraiser.run("return document.getElementById(arguments[0]).textContent", json!([id]));
        text.as_str().unwrap().replace(',', ".").parse().unwrap()
    };
    assert!(number("before") < number("after"));

    lead.open(&round);
    lead.click("button[value=publish]");
    lead.says("Bảng đã công bố");
    lead.says(&format!("khien index recompute EXPORT --round {year}"));
    assert_eq!(lead.count("main button[name=do]"), 0, "published once");
    officer.open("/index");
    officer.says(&format!("Biến động so với kỳ {year}"));

    // The next round begins at its beginning.
    lead.open("/index/rounds");
    lead.click("#open button.first");
    lead.says("Đã cập nhật kỳ đánh giá");
    lead.click("button[value=review]");
    lead.says("Cách rút mẫu");
    let drawn = lead.run("return document.querySelectorAll('#sample tbody tr').length", json!([]));
    assert!(drawn.as_u64() > Some(10), "a tenth of what was confirmed: {drawn}");
    assert_eq!(lead.count("form.look"), 0, "whoever runs the round does not look at its sample");
    assert_eq!(lead.complaints(), Vec::<String>::new());
}
