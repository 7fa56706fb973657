//! A dossier goes through three hands until the gate sees it; a scan comes in, and a later one closes what
//! is gone.

use serde_json::json;

use crate::browser::Browser;
use crate::demo::demo;

/// Registers a system of the officer's agency.
fn register(browser: &Browser, code: &str, name: &str) {
    browser.open("/systems/new?agency=sokhcn");
    browser.fill("input[name=code]", code);
    browser.fill("main input[name=name]", name);
    browser.click("select[name=stage] option[value=operation]");
    browser.click("main form button.first");
    browser.says("Đã thêm hệ thống");
}

/// How many conditions of the gate about the dossier hold for a system.
fn holds(browser: &Browser, system: &str) -> bool {
    browser.open(&format!("/gate/{system}"));
    let script = "return [...document.querySelectorAll('main tbody tr')]
        .find((row) => row.textContent.includes('Hồ sơ cấp độ đã được phê duyệt'))
        .querySelector('.good') !== null";
    browser.run(script, json!([])).as_bool().unwrap()
}

#[test]
fn a_dossier_is_returned_submitted_again_and_approved_until_the_gate_sees_it() {
    let Some(officer) = demo().browser_of("canbo-sokhcn") else { return };
    let system = "mh-ho-so-mau";
    register(&officer, system, "Hệ thống lập hồ sơ mẫu");
    assert!(!holds(&officer, system));
    officer.open("/dossiers");
    officer.run(
        "document.querySelector('#begin select[name=system]').value = arguments[0]",
        json!([system]),
    );
    officer.click("#begin button");
    officer.says("Đã tạo hồ sơ");
    let dossier = officer.path();
    officer.click("#submit button");
    officer.says("mô tả phạm vi chưa được điền");
    officer.open(&dossier);
    officer.fill("#say textarea[name=scope]", "Một máy chủ ứng dụng, một cơ sở dữ liệu.");
    officer.run(
        "for (const one of document.querySelectorAll('#say textarea[name^=reason-]')) one.value = 'Phục vụ nội bộ.';
         for (const one of document.querySelectorAll('#say select[name^=answer-]')) one.value = 'yes';
         const first = (name) => document.querySelector(`#say input[name=${name}]`);
         first('doc-title').value = 'Thuyết minh'; first('doc-number').value = '12/TTr-SKHCN.MH';
         first('doc-day').value = '2026-10-01'",
        json!([]),
    );
    officer.click("#say button.first");
    officer.says("Đã lưu hồ sơ");
    officer.click("#submit button");
    officer.says("Đã trình hồ sơ");
    assert_eq!(officer.count("#appraise, #approve, #say"), 0);

    let appraiser = demo().browser_of("thamdinh").unwrap();
    appraiser.open(&dossier);
    appraiser.fill("#return textarea", "Bổ sung sơ đồ kết nối.");
    appraiser.click("#return button");
    appraiser.says("Đã trả lại hồ sơ");
    officer.open(&dossier);
    officer.says("Bổ sung sơ đồ kết nối.");
    officer.click("#submit button");
    officer.says("Đã trình hồ sơ");
    appraiser.open(&dossier);
    appraiser.fill("#appraise textarea", "Hồ sơ đầy đủ.");
    appraiser.click("#appraise button");
    appraiser.says("Đã thẩm định");
    assert_eq!(appraiser.count("#approve"), 0);

    let lead = demo().browser_of("truongca").unwrap();
    assert!(!holds(&lead, system));
    lead.open(&dossier);
    lead.fill("#approve input[name=number]", "30/QĐ-UBND.MH");
    lead.run(
        "const day = document.querySelector('#approve input[name=day]'); day.value = day.max",
        json!([]),
    );
    lead.click("#approve button");
    lead.says("Đã phê duyệt.");
    assert!(holds(&lead, system));
    for browser in [officer, appraiser, lead] {
        // What was refused once is no fault of the page.
        let complaints = browser.complaints();
        assert!(complaints.iter().all(|one| one.contains("400")), "{complaints:?}");
    }
}

/// Uploads a file of a scanner with findings of some rules.
fn upload(browser: &Browser, results: &serde_json::Value) {
    let log = json!({"version": "2.1.0", "runs": [
        {"tool": {"driver": {"name": "Máy quét hành trình"}}, "results": results},
    ]});
    browser.open("/findings/import?system=mh-quet-mau");
    let script = "const kept = new DataTransfer();
        kept.items.add(new File([arguments[0]], 'mau.sarif', {type: 'application/json'}));
        document.querySelector('input[type=file]').files = kept.files;
        return document.querySelector('input[type=file]').files.length";
    assert_eq!(browser.run(script, json!([log.to_string()])), 1);
    // In the zone of the province; the file does not say when it was run.
    let script = "const now = new Date(Date.now() + 7 * 3600 * 1000).toISOString().slice(0, 16);
        const at = document.querySelector('#upload input[name=at]'); at.value = now;
        return at.value.length";
    assert_eq!(browser.run(script, json!([])), 16);
    browser.click("#upload button");
    browser.wait("#report");
}

#[test]
fn a_scan_is_looked_at_kept_and_a_later_one_closes_what_is_gone() {
    let Some(browser) = demo().browser_of("canbo-sokhcn") else { return };
    register(&browser, "mh-quet-mau", "Hệ thống rà quét mẫu");
    let result = |rule: &str, level: &str| json!({"ruleId": rule, "level": level, "message": {"text": format!("Lỗi hành trình {rule}")}});
    upload(&browser, &json!([result("A", "error"), result("B", "grave")]));
    browser.says("runs[0].results[1].level");
    assert_eq!(browser.count("form[action='/findings/import/confirm']"), 0);
    upload(&browser, &json!([result("A", "error"), result("B", "note")]));
    browser.click("form[action='/findings/import/confirm'] button");
    browser.says("Đã nhập kết quả rà quét");
    browser.says("Lỗi hành trình A");
    upload(&browser, &json!([result("B", "note")]));
    browser.says("Hết, sẽ đóng");
    browser.click("form[action='/findings/import/confirm'] button");
    browser.open("/findings?system=mh-quet-mau&state=fixed");
    browser.click("main tbody a[data-open]");
    browser.says("Rà quét không còn thấy");
    browser.click(".acts a[href^='/evidence']");
    browser.says("Trạng thái: đã khắc phục");
    // One more by hand; the same again leads to it.
    for again in [false, true] {
        browser.open("/systems/mh-quet-mau");
        browser.click(".acts a[href^='/findings/new']");
        browser.fill("#record input[name=title]", "Lỗi ghi tay");
        browser.fill("#record input[name=place]", "https://mau.example/");
        browser.fill("#record input[name=tool]", "Đơn vị đánh giá Mẫu");
        browser.click("#record button");
        browser.says(if again { "Phát hiện này đã có" } else { "Đã ghi phát hiện" });
    }
    browser.click("#there a");
    browser.says("Đơn vị đánh giá Mẫu");
    browser.open("/calendar?system=mh-quet-mau");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}
