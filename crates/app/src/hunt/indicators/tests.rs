use super::*;

fn found(text: &str) -> Vec<(Kind, String)> {
    let read = read(text).unwrap();
    assert_eq!(read.refused, []);
    read.indicators.into_iter().map(|one| (one.kind, one.value)).collect()
}

#[test]
fn a_line_tells_by_its_form_what_it_is() {
    let md5 = "0123456789ABCDEF0123456789abcdef";
    for (line, kind, value) in [
        ("198.51.100.7", Kind::Address, "198.51.100.7"),
        ("198[.]51[.]100[.]7", Kind::Address, "198.51.100.7"),
        ("198.51.100.7:8443", Kind::Address, "198.51.100.7"),
        ("2001:DB8::7", Kind::Address, "2001:db8::7"),
        ("::ffff:198.51.100.7", Kind::Address, "198.51.100.7"),
        ("198.51.100.9/24", Kind::Network, "198.51.100.0/24"),
        ("198.51.100.9/32", Kind::Address, "198.51.100.9"),
        ("Evil[.]Example", Kind::Domain, "evil.example"),
        ("*.evil.example", Kind::Domain, "evil.example"),
        ("hxxps://Evil[.]example/a/", Kind::Url, "https://evil.example/a"),
        ("ai[at]evil.example", Kind::Email, "ai@evil.example"),
        (md5, Kind::Md5, "0123456789abcdef0123456789abcdef"),
        ("mimikatz.exe", Kind::File, "mimikatz.exe"),
        (r"C:\Temp\Evil.dll", Kind::File, r"c:\temp\evil.dll"),
    ] {
        assert_eq!(found(line), [(kind, value.to_owned())], "{line}");
    }
    assert_eq!(found(&"a".repeat(40))[0].0, Kind::Sha1);
    assert_eq!(found(&"a".repeat(64))[0].0, Kind::Sha256);
}

#[test]
fn what_is_not_understood_is_told_with_its_line() {
    let read =
        read("# a list\n\nevil.example # of a report\nđây là câu\nevil.example\n300.1.1.1\n");
    let read = read.unwrap();
    assert_eq!(read.indicators.len(), 1);
    assert_eq!(read.indicators[0].note, "of a report");
    let lines: Vec<&str> = read.refused.iter().map(|told| told.at.as_str()).collect();
    assert_eq!(lines, ["line 4", "line 6"]);
    assert!(read.refused[0].reason.contains("đây là câu"));
}

#[test]
fn a_table_says_the_types() {
    let table = "\u{feff}Type;Value;Comment\nip-dst;198.51.100.7;\"C2; \"\"x\"\"\"\nhostname;evil[.]example;\n\
        username;AN;\ntext;powershell -enc;\nyara;x;\nmd5;abc;\nip\n";
    let read = read(table).unwrap();
    let kinds: Vec<Kind> = read.indicators.iter().map(|one| one.kind).collect();
    assert_eq!(kinds, [Kind::Address, Kind::Domain, Kind::User, Kind::Text]);
    assert_eq!(read.indicators[0].note, "C2; \"x\"");
    let told: Vec<String> =
        read.refused.iter().map(|told| format!("{}: {}", told.at, told.reason)).collect();
    assert_eq!(
        told,
        [
            "line 6: the type «yara» is not understood",
            "line 7: «abc» is not of the type md5",
            "line 8: it has fewer columns than the first line names",
        ]
    );
}

fn bundle(patterns: &[&str]) -> String {
    let indicator = |(number, pattern): (usize, &&str)| {
        serde_json::json!({
            "type": "indicator",
            "id": format!("indicator--{number}"),
            "name": "C2",
            "pattern_type": "stix",
            "pattern": pattern,
        })
    };
    let objects: Vec<_> = patterns.iter().enumerate().map(indicator).collect();
    serde_json::json!({"type": "bundle", "id": "bundle--1", "objects": objects}).to_string()
}

#[test]
fn patterns_of_stix_are_read() {
    let hash = "a".repeat(64);
    let of_hash = format!("[file:hashes.'SHA-256' = '{hash}' OR file:name = 'a''b']");
    assert!(read(&bundle(&[&of_hash])).unwrap().refused.len() == 1, "two texts side by side");
    let of_hash = of_hash.replace("''", "\\'");
    let text = bundle(&[
        "[ipv4-addr:value = '198.51.100.7']",
        "[domain-name:value IN ('a.example', 'b.example')] OR [url:value='http://c.example/x']",
        "[ipv4-addr:value ISSUBSET '203.0.113.0/24']",
        &of_hash,
        "[user-account:account_login = 'an']",
    ]);
    let value = |kind: Kind, value: &str| (kind, value.to_owned());
    assert_eq!(
        found(&text),
        [
            value(Kind::Address, "198.51.100.7"),
            value(Kind::Domain, "a.example"),
            value(Kind::Domain, "b.example"),
            value(Kind::Url, "http://c.example/x"),
            value(Kind::Network, "203.0.113.0/24"),
            value(Kind::Sha256, &hash),
            value(Kind::File, "a'b"),
            value(Kind::User, "an"),
        ]
    );
}

#[test]
fn what_a_pattern_asks_beyond_is_told() {
    let patterns = [
        "[ipv4-addr:value = '198.51.100.7' AND ipv4-addr:value = '198.51.100.8']",
        "[file:size > 7]",
        "[windows-registry-key:key = 'x']",
        "[domain-name:value = 'a.example'] WITHIN 5 SECONDS",
        "[domain-name:value LIKE '%.example']",
        "[domain-name:value = 'a.example'",
        "",
    ];
    let read = read(&bundle(&patterns)).unwrap();
    assert_eq!(read.indicators, []);
    let ids: Vec<&str> = read.refused.iter().map(|told| told.at.as_str()).collect();
    let expected: Vec<String> = (0..patterns.len()).map(|at| format!("indicator--{at}")).collect();
    assert_eq!(ids, expected);
    assert!(read.refused[0].reason.contains("AND"));
    assert!(super::read("{\"a\": 1}").unwrap_err().contains("no STIX bundle"));
    assert!(super::read("{").unwrap_err().contains("broken JSON"));
}
