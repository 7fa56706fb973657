//! The text outputs, compared with `fixtures/report/expected`. `KHIEN_BLESS=1` writes them anew;
//! read the difference before you keep it.

use crate::support::{folder, scan};

fn compare(name: &str, arguments: &[&str]) {
    let text = without_figures_of_time(&scan(arguments));
    let path = folder().join("expected").join(name);
    if std::env::var_os("KHIEN_BLESS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(text == expected, "{name} differs; it is now:\n{text}");
}

/// How long the scan took differs from run to run.
fn without_figures_of_time(text: &str) -> String {
    let blank = |line: &str| match (line.rfind(" ("), line.rfind(" s)")) {
        (Some(from), Some(to)) if from < to => {
            format!("{} (0 s){}", line.get(..from).unwrap(), line.get(to + 3..).unwrap())
        }
        _ => line.to_owned(),
    };
    text.split('\n').map(blank).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_table_reads_in_vietnamese() {
    compare("table-vi.txt", &["--lang", "vi"]);
}

#[test]
fn the_table_reads_in_english() {
    compare("table-en.txt", &["--lang", "en"]);
}

#[test]
fn columns_for_a_spreadsheet() {
    compare("columns.csv", &["--format", "csv"]);
}

#[test]
fn json_lines() {
    compare("detections.jsonl", &["--format", "jsonl"]);
}

#[test]
fn lines_for_timesketch() {
    compare("timesketch.jsonl", &["--format", "timesketch", "--lang", "en"]);
}
