//! Values, lists, maps, keywords and conditions.

use crate::support::{NULL, check, check_item, compile, event, hits, line, load, refusal, rule};

#[test]
fn wildcards_and_escapes() {
    check_item("F: 'prog?.exe'", &["progA.exe", "progđ.exe"], &["prog.exe", "progAB.exe"]);
    check_item("F: 'anti*.exe'", &["anti.exe", "antivirus_1.exe"], &["anti.ex"]);
    check_item("F: '*'", &["", "x", "a\nb"], &[]);
    check_item("F: '?*'", &["x", "xy"], &[""]);
    check_item(r"F: 'a\*b'", &["a*b"], &["axb", r"a\b"]);
    check_item(r"F: 'a\?b'", &["a?b"], &["axb"]);
    check_item(r"F: 'C:\a'", &[r"C:\a"], &[r"C:\\a"]);
    check_item(r"F: 'C:\\a'", &[r"C:\a"], &[r"C:\\a"]);
    check_item(r"F: '\\*x'", &[r"\x", r"\abx"], &["*x", "x"]);
    check_item(r"F: '\\\*x'", &[r"\*x"], &[r"\abx", "*x"]);
    check_item(r"F: '\\\\srv'", &[r"\\srv"], &[r"\srv"]);
    check_item(r"F|contains: '\\\srv'", &[r"x\\srv"], &[r"x\srv"]);
    check_item(r"F|endswith: 'a\'", &[r"xa\"], &["xa"]);
    check_item("F|startswith: 'a*c'", &["abcd", "acd"], &["xac"]);
    check_item("F|contains: 'a*c?e'", &["xxabcdexx"], &["xxabcexx"]);
}

#[test]
fn null_and_empty() {
    let one = |item: &str| format!("  s:\n    {item}\n  condition: s");
    check(&one("F: null"), &[&[], &[("F", NULL)], &[("G", "x")]], &[&[("F", "")], &[("F", "x")]]);
    check(&one("F:"), &[&[]], &[&[("F", "x")]]);
    check(&one("F: 'null'"), &[&[("F", "null")]], &[&[], &[("F", NULL)]]);
    check(&one("F: ''"), &[&[("F", "")]], &[&[], &[("F", NULL)], &[("F", " ")]]);
    check(&one("F: ['', null]"), &[&[("F", "")], &[]], &[&[("F", "x")]]);
    check("  s:\n    F: '*'\n  f:\n    F: null\n  condition: s and not f", &[&[("F", "")]], &[&[]]);
    check(&one("F: '*'"), &[&[("F", "")]], &[&[], &[("F", NULL)]]);
}

#[test]
fn numbers_texts_and_truth() {
    check_item("F: 4688", &["4688", " 4688 ", "4688.0"], &["46880", "0x1250", "x"]);
    check_item("F: '4688'", &["4688"], &["4688.0", " 4688"]);
    check_item("F: '0x1250'", &["0X1250"], &["4688"]);
    check_item("F: 1.5", &["1.5", "1.50"], &["15", "1"]);
    check_item("F: -1", &["-1"], &["1", "4294967295"]);
    check_item("F: 18446744073709551615", &["18446744073709551615"], &["18446744073709551614"]);
    check_item("F: true", &["true", "True"], &["1", "false"]);
    check_item("F: [1, x]", &["1", "X"], &["2"]);
    check_item("F: 2026-11-22", &["2026-11-22"], &["2026"]);
}

#[test]
fn maps_and_lists_of_maps() {
    let both = "  s:\n    F: a\n    G|contains: b\n  condition: s";
    check(
        both,
        &[&[("F", "A"), ("G", "xb")]],
        &[&[("F", "a")], &[("G", "b")], &[("F", "b"), ("G", "a")]],
    );
    let either = "  s:\n    - F: a\n      G: b\n    - H: c\n  condition: s";
    check(either, &[&[("F", "a"), ("G", "b")], &[("H", "c")]], &[&[("F", "a")], &[("G", "b")]]);
    let mixed = "  s:\n    - F: a\n    - word\n  condition: s";
    check(mixed, &[&[("F", "a")], &[("G", "a word here")]], &[&[("F", "b")]]);
    let values = "  s:\n    F: [a, b]\n  condition: s";
    check(values, &[&[("F", "x"), ("F", "b")]], &[&[("F", "x"), ("F", "y")]]);
    for empty in ["  s: []\n  condition: s", "  s:\n    F: []\n  condition: s"] {
        let loaded = load(&rule(empty));
        assert!(loaded.problems.iter().any(|problem| problem.refused), "{empty}");
    }
}

#[test]
fn keywords_search_the_whole_event() {
    let any = "  k:\n    - EvilService\n    - 'svc*-n evil'\n  condition: k";
    check(
        any,
        &[&[("F", "x"), ("G", "an EVILSERVICE!")], &[("F", "svchost -n evil")]],
        &[&[("F", "evil service")]],
    );
    let all = "  k:\n    '|all':\n      - one\n      - two\n  condition: k";
    check(all, &[&[("F", "one"), ("G", "two")], &[("F", "two one")]], &[&[("F", "one")]]);
    let regex = "  k:\n    '|re':\n      - 'x[0-9]{3}'\n  condition: k";
    check(regex, &[&[("F", "ax123")]], &[&[("F", "X123")]]);
    check("  k:\n    - 4688\n  condition: k", &[&[("F", "id 4688")]], &[&[("F", "468")]]);
    check("  k: word\n  condition: k", &[&[("F", "a Word")]], &[&[("word", "x")]]);
    check(
        "  k:\n    - 'Đăng nhập'\n  condition: k",
        &[&[("F", "ĐĂNG NHẬP lỗi")]],
        &[&[("F", "dang nhap")]],
    );
    let set = compile(load(&rule(all)));
    assert!(hits(&set, &line(&set, "Nov 22 host x: TWO and one")));
    assert!(!hits(&set, &line(&set, "Nov 22 host x: two")));
    // Fields of a line have been cut out of its text: they are not searched twice.
    let mut record = event(&set, &[("F", "one two")]);
    record.structured = false;
    record.raw = b"nothing";
    assert!(!hits(&set, &record));
}

/// Conditions over `a`, `b`, `c`, `sel_1`, `sel_2`, `_hidden`: each is true where the field of its
/// name holds `y`.
fn truth(condition: &str, true_ones: &[&str]) -> bool {
    let mut detection = String::new();
    for name in ["a", "b", "c", "sel_1", "sel_2", "_hidden"] {
        detection.push_str(&format!("  {name}:\n    {name}: y\n"));
    }
    let set = compile(load(&rule(&format!("{detection}  condition: {condition}"))));
    let fields: Vec<(&str, &str)> = true_ones.iter().map(|name| (*name, "y")).collect();
    hits(&set, &event(&set, &fields))
}

#[test]
fn conditions_of_every_form() {
    for (condition, yes, no) in [
        ("a and b", vec![vec!["a", "b"]], vec![vec!["a"], vec!["b"], vec![]]),
        ("a or b", vec![vec!["a"], vec!["b"]], vec![vec![], vec!["c"]]),
        ("not a", vec![vec![], vec!["b"]], vec![vec!["a"]]),
        ("a and not b", vec![vec!["a"]], vec![vec!["a", "b"], vec![]]),
        ("a or b and c", vec![vec!["a"], vec!["b", "c"]], vec![vec!["b"], vec!["c"]]),
        ("(a or b) and c", vec![vec!["a", "c"]], vec![vec!["a"], vec!["a", "b"]]),
        ("not a and b", vec![vec!["b"]], vec![vec!["a", "b"], vec![]]),
        ("not (a and b)", vec![vec!["b"], vec![]], vec![vec!["a", "b"]]),
        ("not not a", vec![vec!["a"]], vec![vec![]]),
        ("a AND NOT b OR c", vec![vec!["a"], vec!["c", "b"]], vec![vec!["a", "b"]]),
        ("1 of sel_*", vec![vec!["sel_1"], vec!["sel_2"]], vec![vec!["a"], vec![]]),
        ("all of sel_*", vec![vec!["sel_1", "sel_2"]], vec![vec!["sel_1"]]),
        ("any of sel_*", vec![vec!["sel_2"]], vec![vec!["b"]]),
        ("not 1 of sel_*", vec![vec![]], vec![vec!["sel_1"]]),
        ("a and not all of sel_*", vec![vec!["a", "sel_1"]], vec![vec!["a", "sel_1", "sel_2"]]),
        ("1 of them", vec![vec!["c"]], vec![vec!["_hidden"], vec![]]),
        (
            "all of them",
            vec![vec!["a", "b", "c", "sel_1", "sel_2"]],
            vec![vec!["a", "b", "c", "sel_1", "_hidden"]],
        ),
        ("2 of them", vec![vec!["a", "sel_2"]], vec![vec!["a"], vec!["a", "_hidden"]]),
        ("4 of them", vec![vec!["a", "b", "c", "sel_1"]], vec![vec!["a", "b", "c"]]),
        ("1 of _*", vec![vec!["_hidden"]], vec![vec!["a"]]),
        ("1 of *el_1", vec![vec!["sel_1"]], vec![vec!["sel_2"]]),
        ("a and _hidden", vec![vec!["a", "_hidden"]], vec![vec!["a"]]),
        ("[a and b, c]", vec![vec!["c"], vec!["a", "b"]], vec![vec!["a"]]),
    ] {
        yes.iter().for_each(|names| assert!(truth(condition, names), "{condition}: {names:?}"));
        no.iter().for_each(|names| assert!(!truth(condition, names), "{condition}: {names:?}"));
    }
}

#[test]
fn what_is_wrong_is_refused_with_a_reason() {
    for (detection, reason) in [
        ("  s:\n    F: x", "condition is missing"),
        ("  s:\n    F: x\n  condition: t", "no search identifier «t»"),
        ("  s:\n    F: x\n  condition: 1 of t*", "no search identifier fits"),
        ("  s:\n    F: x\n  condition: (s", "closing parenthesis"),
        ("  s:\n    F|contain: x\n  condition: s", "«contains» was meant"),
        ("  s:\n    F:\n      G: x\n  condition: s", "a value or a list"),
        ("  s:\n    F: [[x]]\n  condition: s", "single values"),
        ("  s:\n    F: x\n    F: y\n  condition: s", "stands twice"),
        ("  k:\n    '|gt': 5\n  condition: k", "only texts"),
    ] {
        let message = refusal(detection);
        assert!(message.contains(reason), "{detection}: {message}");
    }
}
