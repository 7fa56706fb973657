//! The HTML page, read as text: what it says, and what logs cannot make it do.

use std::fmt::Write as _;

use serde_json::Value;

use crate::support::{khien, scan};

fn page(lang: &str) -> String {
    scan(&["--format", "html", "--lang", lang])
}

/// The data of the page's script.
fn data(page: &str) -> Value {
    let start = page.find("id=\"data\">").unwrap() + "id=\"data\">".len();
    let end = page[start..].find("</script>").unwrap() + start;
    serde_json::from_str(&page[start..end]).unwrap()
}

#[test]
fn the_page_tells_rule_host_and_what_could_not_be_read() {
    let vi = page("vi");
    for words in [
        "<html lang=\"vi\">",
        "Xóa bản sao lưu shadow copy",
        "may-01.example",
        "20/11/2026 08:05:00",
        "Làm suy yếu phòng thủ",
        "T1685.005",
        "UTC+7",
        "id=\"unreadable\"",
    ] {
        assert!(vi.contains(words), "{words}");
    }
    let en = page("en");
    assert!(en.contains("<html lang=\"en\">") && en.contains("2026-11-20 08:05:00"));
    assert!(en.contains("Defense Impairment") && !en.contains("phát hiện"));
}

#[test]
fn text_of_logs_is_never_markup() {
    let page = page("vi");
    // The data and the program: nothing else is a script, and no data ended one early.
    assert_eq!(page.matches("<script").count(), 2);
    assert_eq!(page.matches("</script").count(), 2);
    assert!(!page.contains("<!--") && !page.contains('\u{202e}'));
    assert!(page.contains("default-src 'none'") && !page.contains("unsafe-inline"));
    assert!(!page.contains(" style=") && !page.contains("http://") && !page.contains("https://"));
    let data = data(&page);
    let hosts: Vec<&str> =
        data["rows"].as_array().unwrap().iter().map(|row| row["h"].as_str().unwrap()).collect();
    assert!(hosts.contains(&"x\"><script>alert(1)</script>.example"), "{hosts:?}");
}

#[test]
fn rows_carry_what_matched_and_rules_what_to_check() {
    let data = data(&page("en"));
    let row = &data["rows"][0];
    let rule = &data["rules"][row["r"].as_u64().unwrap() as usize];
    assert_eq!(rule["check"][0], "Take the machine off the network");
    assert_eq!(rule["harmless"][0], "Backup software");
    assert_eq!(
        row["m"][0],
        serde_json::json!([
            "CommandLine",
            "vssadmin.exe delete shadows /all /quiet",
            "vssadmin",
            "contains|all"
        ])
    );
}

#[test]
fn a_result_without_detections_is_a_page_too() {
    let arguments =
        ["scan", "events.jsonl", "--rules", "rules", "--format", "html", "--since", "2027-01-01"];
    let output = khien(&arguments);
    assert_eq!(output.status.code(), Some(0));
    let page = String::from_utf8(output.stdout).unwrap();
    assert!(page.contains("Không phát hiện dấu hiệu tấn công nào") && page.ends_with("</html>"));
}

#[test]
fn many_detections_are_counted_and_only_the_gravest_embedded() {
    let folder = std::env::temp_dir().join(format!("khien-many-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let log = folder.join("many.jsonl");
    let mut text = String::new();
    for at in 0..6000 {
        let (minute, second) = (at / 60 % 60, at % 60);
        let hour = at / 3600;
        let _ = writeln!(
            text,
            "{{\"TimeCreated\":\"2026-11-20T0{hour}:{minute:02}:{second:02}Z\",\"Channel\":\"Security\",\
             \"Provider_Name\":\"x\",\"EventID\":1102,\"Computer\":\"may-{}.example\"}}",
            at % 7
        );
    }
    std::fs::write(&log, text).unwrap();
    let output =
        khien(&["scan", log.to_str().unwrap(), "--rules", "rules", "--format", "html", "-q"]);
    std::fs::remove_dir_all(&folder).unwrap();
    let page = String::from_utf8(output.stdout).unwrap();
    assert_eq!(data(&page)["rows"].as_array().unwrap().len(), 5000);
    assert!(page.contains("6.000") && page.contains("1.000 phát hiện khác chỉ được đếm"));
}
