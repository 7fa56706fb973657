//! Every modifier of the specification, on texts it must match and texts it must not.

use crate::support::{NULL, check, check_item, compile, event, hits, load_with, refusal, rule};

#[test]
fn contains_startswith_endswith() {
    check_item("F|contains: Mid", &["mid", "xMIDx", "amid"], &["mi d", "", "md"]);
    check_item("F|startswith: 'C:\\Win'", &[r"c:\win", r"C:\WINDOWS"], &[r"xC:\win", "c:/win"]);
    check_item(
        "F|endswith: '\\cmd.exe'",
        &[r"C:\CMD.EXE", r"\cmd.exe"],
        &["cmd.exe", r"\cmd.exe "],
    );
    check_item("F|contains: ''", &["", "x"], &[]);
    check_item("F|contains: [one, two]", &["one", "xtwo"], &["three"]);
    check_item("F|contains: 46", &["4688", "x46"], &["4", "6"]);
    assert!(refusal("  s:\n    F|contains|startswith: x\n  condition: s").contains("only one"));
}

#[test]
fn all_joins_values_with_and() {
    check_item("F|contains|all: [a, b]", &["ab", "B-A"], &["a", "b", ""]);
    check_item("F|all|contains: [a, b]", &["ba"], &["a"]);
    check_item("F|re|all: ['^a', 'z$']", &["az", "a z"], &["a", "z"]);
    check_item("F|startswith|all: ['ab', 'a']", &["abc"], &["ac"]);
    // Each value may be found in another value of the field.
    let all = "  s:\n    F|contains|all: [a, b]\n  condition: s";
    check(all, &[&[("F", "a"), ("F", "b")]], &[&[("F", "a"), ("G", "b")]]);
}

#[test]
fn texts_are_compared_without_case_unless_cased() {
    check_item("F: Whoami", &["whoami", "WHOAMI"], &["whoam"]);
    check_item("F|cased: Whoami", &["Whoami"], &["whoami", "WHOAMI"]);
    check_item("F|contains|cased: Đăng", &["xĐăng nhập"], &["xđăng nhập", "XĐĂNG"]);
    check_item("F|startswith|cased: A", &["Ab"], &["ab"]);
    check_item("F|endswith|cased: Z", &["yZ"], &["yz"]);
}

#[test]
fn vietnamese_has_no_case_and_code_points_count() {
    check_item("F|contains: 'ĐĂNG NHẬP THẤT BẠI'", &["lỗi: đăng nhập thất bại"], &["dang nhap"]);
    check_item("F|endswith: 'Ưở'", &["hƯỞ", "hưở"], &["hươ"]);
    check_item("F|re|i: 'đăng'", &["ĐĂNG"], &["dang"]);
    check_item("F: 'ΟΔΟΣ'", &["οδος", "οδοσ"], &[]);
    // The specification compares characters as they are: the composed «ệ» of a rule is not the
    // decomposed one of a log. Logs of Windows and Linux carry composed letters.
    check_item("F: 'h\u{1ec7}'", &["h\u{1ec7}", "H\u{1ec6}"], &["he\u{323}\u{302}", "hê\u{323}"]);
}

#[test]
fn regular_expressions_keep_case_and_are_not_anchored() {
    check_item("F|re: 'ab+c'", &["xabbc"], &["ABBC", "ac"]);
    check_item("F|re: '^ab$'", &["ab"], &["xab", "ab\n"]);
    check_item("F|re|i: 'ab+c'", &["ABBC"], &["ac"]);
    check_item("F|re: 'a.c'", &["abc"], &["a\nc"]);
    check_item("F|re|s: 'a.c'", &["abc", "a\nc"], &["ac"]);
    check_item("F|re: '^b$'", &["b"], &["a\nb"]);
    check_item("F|re|m: '^b$'", &["b", "a\nb\nc"], &["ab"]);
    check_item("F|re|i|m|s: '^b.c$'", &["a\nB\nC"], &["bc"]);
    check_item("F|re: ['x1', 'y[0-9]{2}']", &["x1", "y12"], &["x2", "y1"]);
    check_item(r"F|re: '\\cmd\.exe'", &[r"\cmd.exe"], &[r"\cmdXexe", "cmd.exe"]);
    check_item("F|re: 'a*'", &["", "b"], &[]);
    assert!(refusal("  s:\n    F|re: '(?=x)'\n  condition: s").contains("look-around"));
    assert!(refusal("  s:\n    F|i: x\n  condition: s").contains("only after"));
}

#[test]
fn windash_takes_five_dashes_for_one() {
    let yes = [" -enc x", " /enc x", " –enc x", " —ENC x", " ―enc x"];
    check_item("F|windash|contains: ' -enc'", &yes, &["-enc", " enc", " _enc"]);
    check_item("F|contains|windash: ' /enc'", &yes, &[" \\enc"]);
    check_item("F|windash: '―a—b'", &["-a/b", "–a―b"], &["-a b"]);
    check_item("F|windash|startswith|all: ['-a', '/a']", &["–ab"], &["b-a"]);
    check_item("F|windash|endswith: ' -s'", &["cmd /S"], &["cmd -st"]);
    check_item("F|contains|windash: ' -f?o *-x'", &["a /fOo b –x"], &["a -fo -x"]);
}

#[test]
fn cidr_knows_both_families() {
    check_item("F|cidr: 10.0.0.0/8", &["10.255.0.1", "::ffff:10.0.0.1"], &["11.0.0.1", "10", ""]);
    check_item("F|cidr: '192.0.2.0/31'", &["192.0.2.0", "192.0.2.1"], &["192.0.2.2"]);
    check_item("F|cidr: '192.0.2.7'", &["192.0.2.7"], &["192.0.2.8"]);
    check_item("F|cidr: '0.0.0.0/0'", &["203.0.113.1"], &["2001:db8::1", "x"]);
    check_item("F|cidr: '2001:db8::/32'", &["2001:DB8:1::", "[2001:db8::1]"], &["2001:db9::1"]);
    check_item("F|cidr: ['fc00::/7', 127.0.0.0/8]", &["fd00::1", "127.1.1.1"], &["fe80::1"]);
    check_item("F|cidr|neq: 10.0.0.0/8", &["11.0.0.1", "no address"], &["10.0.0.1"]);
    assert!(refusal("  s:\n    F|cidr: 10.0.0.0/33\n  condition: s").contains("network"));
}

#[test]
fn base64_and_utf16() {
    check_item("F|base64: foobar", &["Zm9vYmFy"], &["foobar", "Zm9vYmF"]);
    check_item("F|base64|contains: foo", &["xxZm9vxx"], &["xxfoo"]);
    // «/bin/bash» behind 0, 1 and 2 other bytes.
    let shifted = ["L2Jpbi9iYXNo", "eC9iaW4vYmFzaA==", "eHgvYmluL2Jhc2g="];
    check_item("F|base64offset|contains: /bin/bash", &shifted, &["L2Jpbi9zaA=="]);
    check_item("F|base64offset: /bin/bash", &shifted, &["/bin/bash"]);
    // «cmd» in each form of UTF-16.
    check_item("F|wide|base64: cmd", &["YwBtAGQA"], &["Y21k", "AGMAbQBk"]);
    check_item("F|utf16le|base64: cmd", &["YwBtAGQA"], &["AGMAbQBk"]);
    check_item("F|utf16be|base64: cmd", &["AGMAbQBk"], &["YwBtAGQA"]);
    check_item("F|utf16|base64: cmd", &["//5jAG0AZAA="], &["YwBtAGQA"]);
    let powershell = "JABzAD0ATgBlAHcALQBPAGIAagBlAGMAdAA=";
    check_item("F|wide|base64offset|contains: 'New-Object'", &[powershell], &["TmV3LU9iamVjdA=="]);
    check_item("F|wide|contains: cmd", &["xc\0m\0d\0"], &["cmd"]);
    check_item(r"F|base64: 'a\*'", &["YSo="], &["YWI="]);
    assert!(refusal("  s:\n    F|base64: 'a*'\n  condition: s").contains("wildcards"));
    assert!(refusal("  s:\n    F|base64|wide: a\n  condition: s").contains("after base64"));
}

#[test]
fn numbers_are_compared_as_numbers() {
    check_item("F|lt: 10", &["9", "-1", "9.99", "0x9"], &["10", "11", "x", ""]);
    check_item("F|lte: 10", &["10", "10.0"], &["10.01", "100"]);
    check_item("F|gt: 1.5", &["1.51", "2", "1e3"], &["1.5", "1.4", "-2"]);
    check_item("F|gte: -3", &["-3", "0"], &["-3.5", "nan"]);
    let limit = "F|gt: 9007199254740992";
    check_item(limit, &["9007199254740993"], &["9007199254740992", "9007199254740991"]);
    check_item("F|lt: 18446744073709551616", &["18446744073709551615"], &["18446744073709551616"]);
    check_item("F|gte|neq: 10", &["9", "x"], &["10", "11"]);
    assert!(refusal("  s:\n    F|gt: x\n  condition: s").contains("not a number"));
    assert!(refusal("  s:\n    F|gt|lt: 1\n  condition: s").contains("only one"));
}

#[test]
fn neq_turns_the_outcome_round() {
    check_item("F|neq: a", &["b", "", "ab"], &["a", "A"]);
    check_item("F|neq: [a, b]", &["c"], &["a", "b"]);
    check_item("F|neq: 4688", &["4624", "x"], &["4688"]);
    check_item("F|contains|neq: a", &["b"], &["xAx"]);
    check_item("F|re|neq: '^a'", &["ba"], &["ab"]);
    check_item("F|contains|all|neq: [a, b]", &["a", "b", "c"], &["ab"]);
    check("  s:\n    F|neq: a\n  condition: s", &[&[("G", "a")], &[("F", NULL)]], &[]);
}

#[test]
fn exists_asks_for_the_field_only() {
    let (yes, no) =
        ("  s:\n    F|exists: true\n  condition: s", "  s:\n    F|exists: false\n  condition: s");
    check(yes, &[&[("F", "x")], &[("F", "")], &[("F", NULL)]], &[&[("G", "x")], &[]]);
    check(no, &[&[("G", "x")], &[]], &[&[("F", "x")], &[("F", "")], &[("F", NULL)]]);
    assert!(refusal("  s:\n    F|exists: maybe\n  condition: s").contains("true or false"));
}

#[test]
fn fieldref_compares_two_fields() {
    let one = |item: &str| format!("  s:\n    {item}\n  condition: s");
    let pair = |f: &'static str, g: &'static str| [("F", f), ("G", g)];
    check(
        &one("F|fieldref: G"),
        &[&pair("Ab", "aB"), &pair("", "")],
        &[&pair("a", "ab"), &[("F", "a")], &[]],
    );
    check(&one("F|fieldref|cased: G"), &[&pair("a", "a")], &[&pair("a", "A")]);
    check(
        &one("F|fieldref|startswith: G"),
        &[&pair("abc", "AB")],
        &[&pair("ab", "abc"), &pair("xab", "ab")],
    );
    check(&one("F|fieldref|endswith: G"), &[&pair("abc", "BC")], &[&pair("abc", "ab")]);
    check(&one("F|fieldref|contains: G"), &[&pair("xabx", "AB")], &[&pair("ab", "xabx")]);
    check(&one("F|fieldref|neq: G"), &[&pair("a", "b"), &[("F", "a")]], &[&pair("a", "A")]);
    check(&one("F|fieldref: [G, H]"), &[&[("F", "a"), ("H", "a")]], &[&[("F", "a"), ("H", "b")]]);
    // Wildcards of the other field's text are plain.
    check(&one("F|fieldref: G"), &[&pair("a*", "A*")], &[&pair("ab", "a*")]);
}

#[test]
fn expand_takes_values_from_outside() {
    let text = |item: &str| rule(&format!("  s:\n    {item}\n  condition: s"));
    let servers: (&str, &[&str]) = ("Servers", &["srv*", "dc1"]);
    let set = |item: &str| compile(load_with(&text(item), &[servers, ("None", &[])]));
    let is = |item: &str, value: &str| {
        let set = set(item);
        hits(&set, &event(&set, &[("F", value)]))
    };
    assert!(is("F|expand: '%Servers%'", "SRV07") && is("F|expand: '%Servers%'", "dc1"));
    assert!(!is("F|expand: '%Servers%'", "%Servers%") && !is("F|expand: '%Servers%'", "dc12"));
    assert!(is("F|expand|contains: '-%Servers%-'", "x-dc1-y"));
    assert!(is("F|expand: ['%Servers%', 'ws%Servers%']", "wsdc1"));
    assert!(is(r"F|expand: '\%x%Servers%'", "%xdc1") && !is("F|expand: '%None%'", ""));
    assert!(is("F: '%Servers%'", "%servers%") && !is("F: '%Servers%'", "dc1"));
    // Without values the rule waits, says so, and never hits.
    let loaded = load_with(&text("F|expand|neq: '%Unknown%'"), &[]);
    assert!(loaded.problems.iter().any(|p| !p.refused && p.message.contains("Unknown")));
    let waiting = compile(loaded);
    assert!(!hits(&waiting, &event(&waiting, &[("F", "x")])));
}

#[test]
fn parts_of_dates() {
    let stamp = "2026-11-22T08:05:09.25+07:00";
    for (item, other) in [
        ("F|minute: 5", "2026-11-22T08:06:09+07:00"),
        ("F|hour: 8", "2026-11-22T01:05:09Z"),
        ("F|day: 22", "2026-11-23 08:05:09"),
        ("F|week: 47", "2026-11-23 08:05:09"),
        ("F|month: 11", "2026-12-22 08:05:09"),
        ("F|year: 2026", "2025-11-22 08:05:09"),
        ("F|hour|lt: 9", "2026-11-22 09:00:00"),
        ("F|hour|gte: 8", "2026-11-22 07:59:59"),
        ("F|gt|minute: 4", "2026-11-22 07:04:59"),
        ("F|day|lte: 22", "2026-11-30 07:04:59"),
        ("F|month|neq: 12", "2026-12-01 00:00:00"),
        ("F|hour: [7, 8]", "2026-11-22 09:00:00"),
    ] {
        check_item(item, &[stamp], &[other]);
    }
    check_item("F|hour: 8", &["2026-11-22 08:00:00", "22/11/2026 08:59:59"], &["no date", "", "8"]);
    check_item("F|year: 2026", &["1795305909"], &["2026"]);
}
