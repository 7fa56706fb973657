//! What the readers take and what they do not.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn upload(name: &str, bytes: &[u8]) -> Upload {
    Upload { name: name.into(), bytes: bytes.to_vec(), tool: "Máy quét Mẫu".into(), at: None }
}

fn told(name: &str, bytes: &[u8]) -> Result<Sheet, String> {
    scan(read(pack().unwrap(), &upload(name, bytes)))
}

fn scan(read: Result<Read, String>) -> Result<Sheet, String> {
    match read? {
        Read::Scan(sheet) => Ok(sheet),
        Read::Advisory(advisory) => Err(format!("an advisory: {}", advisory.tool)),
    }
}

fn log(result: &Value) -> Value {
    let rule = json!({
        "id": "MAU-1",
        "shortDescription": {"text": "Thư viện mẫu lỗi thời"},
        "properties": {"security-severity": "8.1", "tags": ["external/cve/cve-2026-0001"]},
    });
    json!({
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "Máy quét Mẫu", "rules": [rule]}},
            "invocations": [{"executionSuccessful": true, "endTimeUtc": "2026-10-14T01:00:00.5Z"}],
            "results": [result],
        }],
    })
}

fn result() -> Value {
    json!({
        "ruleId": "MAU-1",
        "level": "note",
        "message": {"text": "cũ"},
        "locations": [{"physicalLocation": {
            "artifactLocation": {"uri": "https://mau.example/a"}, "region": {"startLine": 7},
        }}],
    })
}

fn with(change: &Value) -> Value {
    let mut result = result();
    result.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    log(&result)
}

#[test]
fn a_result_has_its_rule_place_score_and_cves() {
    let sheet = told("a.sarif", log(&result()).to_string().as_bytes()).unwrap();
    assert!(sheet.problems.is_empty());
    assert_eq!(sheet.tool, "Máy quét Mẫu");
    assert_eq!(sheet.at, Some("2026-10-14T01:00:00Z".parse().unwrap()));
    let (place, found) = &sheet.found[0];
    assert_eq!(place, "runs[0].results[0]");
    let wanted = NewFinding {
        rule: "MAU-1".into(),
        place: "https://mau.example/a:7".into(),
        title: "Thư viện mẫu lỗi thời".into(),
        severity: Rating::High,
        cves: ["CVE-2026-0001".to_owned()].into(),
    };
    assert_eq!(*found, wanted);
}

#[test]
fn a_severity_is_the_score_and_else_the_level() {
    let severity = |change: Value| {
        let sheet = told("a", with(&change).to_string().as_bytes()).unwrap();
        sheet.found.first().map(|(_, found)| found.severity)
    };
    let scored = |score: Value| severity(json!({"properties": {"security-severity": score}}));
    assert_eq!(scored(json!("9.0")), Some(Rating::Critical));
    assert_eq!(scored(json!(8.9)), Some(Rating::High));
    assert_eq!(scored(json!("3.9")), Some(Rating::Low));
    assert_eq!(scored(json!("0")), None);
    let level = |level: &str| severity(json!({"ruleId": "KHAC", "level": level}));
    assert_eq!(level("error"), Some(Rating::High));
    assert_eq!(level("warning"), Some(Rating::Medium));
    assert_eq!(level("note"), Some(Rating::Low));
    assert_eq!(level("none"), None);
    for none in [json!({"kind": "pass"}), json!({"baselineState": "absent"})] {
        assert_eq!(severity(none), None);
    }
    let extended = json!({"ruleIndex": 0, "rule": {"index": 0, "toolComponent": {"index": 7}}});
    assert_eq!(severity(extended), Some(Rating::Low), "no rule of the driver is meant");
    assert_eq!(severity(json!({"suppressions": [{"kind": "external"}]})), Some(Rating::High));
}

#[test]
fn what_will_not_do_is_told_with_its_place() {
    let problem = |change: Value| {
        let sheet = told("a", with(&change).to_string().as_bytes()).unwrap();
        assert!(sheet.found.is_empty());
        sheet.problems[0].place.clone()
    };
    assert_eq!(problem(json!({"ruleId": null})), "runs[0].results[0].ruleId");
    assert_eq!(problem(json!({"ruleId": "KHAC", "level": "grave"})), "runs[0].results[0].level");
    assert_eq!(
        problem(json!({"properties": {"security-severity": "11"}})),
        "runs[0].results[0].properties.security-severity"
    );
    let mut failed = log(&result());
    failed["runs"][0]["invocations"][0]["executionSuccessful"] = false.into();
    let sheet = told("a", failed.to_string().as_bytes()).unwrap();
    assert_eq!(sheet.problems[0].place, "runs[0].invocations[0].executionSuccessful");
    let whole = |bytes: &str| told("a.sarif", bytes.as_bytes()).unwrap_err();
    assert!(whole("{\n \"version\": x}").contains("line 2, column"));
    assert!(whole("{\"version\": \"2.0.0\", \"runs\": []}").contains("2.0.0"));
    assert!(whole("{\"version\": \"2.1.0\", \"runs\": [{}]}").starts_with("runs[0].tool"));
    assert!(whole("  ").contains("empty"));
    let secret = log(&result()).to_string().replace("cũ", "x").replace('{', "{\n");
    let secret = secret.replacen("{\n", "{\n\"a\":\n\"TỐI MẬT\"\n,", 1);
    assert!(whole(&secret).contains("TỐI MẬT"), "{secret}");
    assert!(told("TUYET MAT.sarif", log(&result()).to_string().as_bytes()).is_err());
}

#[test]
fn a_table_is_read_by_title_and_faults_are_told_by_cell() {
    let table = "Mã;Tiêu đề;Mức;Vị trí;CVE\nA-1;Telnet mở;Cao;192.0.2.5:23;cve-2026-0002\n\
                 A-2;;Cao;x;\nA-3;T;rất cao;x;\nA-4;T;low;x;không\n";
    let sheet = told("a.csv", table.as_bytes()).unwrap();
    assert_eq!((sheet.found.len(), sheet.tool.as_str()), (1, "Máy quét Mẫu"));
    assert_eq!(sheet.found[0].1.severity, Rating::High);
    assert!(sheet.found[0].1.cves.contains("CVE-2026-0002"));
    let places: Vec<&str> = sheet.problems.iter().map(|one| one.place.as_str()).collect();
    assert_eq!(places, ["B3", "C4", "E5"]);
    assert!(told("a.csv", b"a,b\n1,2\n").unwrap_err().contains("titles"));
    let nameless = Upload { tool: " ".into(), ..upload("a.csv", table.as_bytes()) };
    assert!(scan(read(pack().unwrap(), &nameless)).unwrap_err().contains("name the tool"));
}

#[test]
fn no_scanner_takes_the_name_of_an_advisory() {
    let table = b"rule,title,severity,place\na,T,low,x\n";
    for tool in ["CSAF: MH-2026-01 · Công ty Mẫu", "CSAF:MH"] {
        let upload = Upload { tool: tool.into(), ..upload("a.csv", table) };
        let told = scan(read(pack().unwrap(), &upload)).unwrap_err();
        assert!(told.contains("advisories"), "{told}");
    }
    assert_eq!(told("a.csv", table).unwrap().found.len(), 1);
}

#[test]
fn the_gravest_of_one_rule_and_place_stands() {
    let table = "rule,title,severity,place\na,T,low,x\na,T,high,x\na,T,low,y\n";
    let mut sheet = told("a.csv", table.as_bytes()).unwrap();
    let found = by_subject(&mut sheet, &SystemCode::new("he-thong").unwrap());
    let severities: Vec<Rating> = found.values().map(|found| found.severity).collect();
    assert_eq!(found.len(), 2);
    assert!(severities.contains(&Rating::High) && severities.contains(&Rating::Low));
}

proptest! {
    #[test]
    fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..600), head in 0..4_usize) {
        let heads: [&[u8]; 4] = [b"", b"{\"version\":\"2.1.0\",\"runs\":[", b"rule,title,severity,place\n", b"PK\x03\x04"];
        let _ = told("a", &[heads[head], &bytes].concat());
    }

    /// A file whose parts are of any type is read or refused.
    #[test]
    fn no_shape_of_json_makes_the_reader_panic(place in 0..9_usize, put in 0..8_usize) {
        let pointers = ["/version", "/runs", "/runs/0", "/runs/0/tool/driver/rules", "/runs/0/invocations", "/runs/0/results",
            "/runs/0/results/0", "/runs/0/results/0/locations", "/runs/0/results/0/message"];
        let values = [json!(null), json!(1), json!(-1.5), json!("x"), json!([]), json!({}), json!([[[]]]), json!([{"uri": 1}])];
        let mut log = log(&result());
        *log.pointer_mut(pointers[place]).unwrap() = values[put].clone();
        let _ = told("a", log.to_string().as_bytes());
    }
}
