//! An officer keeps the agency's part of the register.

use serde_json::json;

use crate::demo::demo;

#[test]
fn a_system_is_added_and_confirmed_by_its_officer() {
    let Some(browser) = demo().browser_of("canbo-sokhcn") else { return };
    browser.open("/systems/new?agency=sokhcn");
    browser.fill("input[name=code]", "mh-thu-nghiem");
    browser.fill("main input[name=name]", "Hệ thống thử nghiệm");
    browser.click("select[name=stage] option[value=operation]");
    browser.click("input[name=critical]");
    browser.click("main form button.first");
    browser.says("hệ thống trọng yếu cần cả hai mục tiêu khôi phục");
    browser.fill("input[name=rto_minutes]", "240");
    browser.fill("input[name=rpo_minutes]", "60");
    browser.click("main form button.first");
    browser.says("Đã thêm hệ thống");
    browser.says("Chưa xác nhận");
    browser.click(".head form button.first");
    browser.says("Đã xác nhận thông tin hệ thống");
    browser.open("/systems/mh-thu-nghiem?tab=links");
    browser.fill("textarea[name=needs]", "mh-sso");
    browser.click("form[action$='/needs'] button");
    browser.says("Đã ghi phụ thuộc");
}

#[test]
fn a_lost_token_is_a_task_until_its_revocation_is_recorded() {
    let Some(browser) = demo().browser_of("canbo-sokhcn") else { return };
    browser.open("/custody/new");
    browser.fill("input[name=serial]", "MH-HANH-TRINH-01");
    browser.click("#add button.first");
    browser.says("Đã đăng ký phương tiện");
    browser.fill("#hand-over input[name=post]", "Chánh Văn phòng");
    browser.click("#hand-over button");
    browser.says("Đã ghi bàn giao");
    browser.click("#lose button");
    browser.says("Nhiệm vụ thu hồi đang mở");
    assert_eq!(browser.count("#hand-over, #return, #lose, #renew"), 0);
    let device = browser.path();
    browser.click("#task a");
    browser.says("custody MH-HANH-TRINH-01");
    browser.says("Được chấp nhận\nKhông");
    browser.open("/custody?state=lost");
    browser.says("MH-HANH-TRINH-01");
    browser.open(&device);
    browser.fill("#revoke input[name=number]", "57/TB-CTS.MH");
    browser.click("#revoke button");
    browser.says("Đã ghi nhận thu hồi");
    browser.says("đã xong ngày");
    assert_eq!(browser.count("#log tbody tr"), 4);
    browser.click("#task a");
    browser.says("Được chấp nhận\nCó");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn an_import_with_one_faulty_cell_says_which() {
    let Some(browser) = demo().browser_of("canbo-sokhcn") else { return };
    browser.open("/register/import?kind=systems");
    let upload = |level: &str| {
        let file = format!(
            "Mã,Cơ quan,Tên,Cấp độ,Giai đoạn\nmh-nhap,sokhcn,Hệ thống nhập,{level},design\n"
        );
        let script = "const kept = new DataTransfer();
            kept.items.add(new File([arguments[0]], 'he-thong.csv', {type: 'text/csv'}));
            document.querySelector('input[type=file]').files = kept.files;
            return document.querySelector('input[type=file]').files.length";
        assert_eq!(browser.run(script, json!([file])), 1);
        browser.click("form[action='/register/import'] button.first");
        browser.wait("#report");
    };
    upload("9");
    browser.says("D2");
    browser.says("phải là số từ 1 đến 5");
    assert_eq!(browser.count("form[action='/register/import/confirm']"), 0);
    upload("2");
    browser.click("form[action='/register/import/confirm'] button");
    browser.says("Đã ghi các dòng của tệp");
    browser.open("/systems/mh-nhap");
    browser.says("Thiết kế");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn a_certificate_log_shows_a_host_that_nobody_registered() {
    let Some(browser) = demo().browser_of("canbo-sokhcn") else { return };
    browser.open("/resources/certificates");
    let file = "name_value,not_before\nthu-nghiem.paht.minhhoa.example,2026-11-01\n\
                paht.minhhoa.example,2026-11-01\nngoai.example.test,\n";
    let script = "const kept = new DataTransfer();
        kept.items.add(new File([arguments[0]], 'ct.csv', {type: 'text/csv'}));
        document.querySelector('input[type=file]').files = kept.files;
        return document.querySelector('input[type=file]').files.length";
    assert_eq!(browser.run(script, json!([file])), 1);
    browser.click("form[action='/resources/certificates'] button.first");
    browser.wait("#report");
    browser.says("thu-nghiem.paht.minhhoa.example");
    browser.click("form[action='/resources/certificates/confirm'] button");
    browser.says("Đã ghi nhận nhật ký chứng thư");
    browser.fill("#hosts input[name=note]", "máy thử đã gỡ");
    browser.click("#hosts form button");
    browser.says("Đã ghi câu trả lời");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn anybody_finds_an_official_address() {
    let Some(browser) = demo().browser() else { return };
    browser.open("/verified");
    browser.wish("lang", "vi");
    browser.open("/verified");
    browser.says("Địa chỉ chính thức của các cơ quan");
    browser.fill("input[name=q]", "phuong sa ban");
    browser.click("form[role=search] button");
    browser.says("https://mangxahoi.test/phuongsaban");
    browser.open("/verified?q=gia-mao");
    browser.says("chưa được xác nhận");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}
