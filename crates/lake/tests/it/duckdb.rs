//! `DuckDB` reads the files and counts the same: they are open.

use std::path::Path;
use std::process::Command;

use khien_lake::query::parse;
use khien_lake::{Cancel, EventRow, Lake, Numbers, Request, Rows, Scope};

use crate::support::{open, second};

/// A Python that has `DuckDB`: the one named by `KHIEN_DUCKDB_PYTHON`, or `python3`.
fn python() -> Option<String> {
    let python = std::env::var("KHIEN_DUCKDB_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let found = Command::new(&python).args(["-c", "import duckdb"]).output();
    found.is_ok_and(|output| output.status.success()).then_some(python)
}

fn filled(folder: &Path) -> Lake {
    let lake = open(folder);
    for batch in 1..=4 {
        let mut rows = Rows::new();
        for item in 0..500_u32 {
            let host = format!("May-{}", item % 7);
            let address = format!("10.0.{batch}.{}", item % 50);
            let raw = format!(r#"{{"EventID":{},"text":"Đăng nhập {item}"}}"#, 4624 + item % 2);
            rows.push(&EventRow {
                time: second(i64::from(item) * 1000),
                received: second(600_000),
                batch,
                item,
                class_uid: 3002,
                agency: if item % 3 == 0 { "sokhcn" } else { "ubnd" },
                host: Some(&host),
                src_ip: (item % 4 > 0).then_some(address.as_str()),
                dst_port: (item % 5 == 0).then_some(443),
                raw: Some(raw.as_bytes()),
                ..EventRow::default()
            })
            .unwrap();
        }
        lake.append(rows, &Numbers::from_iter([batch])).unwrap();
        lake.flush().unwrap();
    }
    lake.compact(second(2 * 86_400), &Cancel::new()).unwrap();
    lake
}

#[test]
fn duckdb_counts_the_same() {
    let Some(python) = python() else {
        let required = std::env::var_os("KHIEN_REQUIRE_DUCKDB").is_some();
        assert!(!required, "KHIEN_REQUIRE_DUCKDB is set and no Python with duckdb was found");
        eprintln!("skipped: no Python with the package duckdb (KHIEN_DUCKDB_PYTHON names one)");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let lake = filled(folder.path());
    let questions = [
        ("*", "true"),
        ("host:may-3", "host = 'may-3'"),
        ("src_ip:10.0.2.0/24", "src_ip LIKE '10.0.2.%'"),
        ("-src_ip:*", "src_ip IS NULL"),
        ("dst_port:443 agency:ubnd", "dst_port = 443 AND agency = 'ubnd'"),
        ("EventID:4625", "json_extract_string(raw, '$.EventID') = '4625'"),
        ("\"đăng nhập 49\"", "raw LIKE '%Đăng nhập 49%'"),
        ("time:>=1970-01-03T00:00:00Z", "day >= DATE '1970-01-03'"),
    ];
    let files = folder.path().join("events/*/*.parquet");
    let counts = questions.map(|(_, sql)| format!("count(*) FILTER (WHERE {sql})")).join(", ");
    let script = "import duckdb, sys\nprint(*duckdb.execute(sys.argv[1]).fetchone())";
    let sql =
        format!("SET TimeZone = 'UTC'; SELECT {counts} FROM read_parquet('{}')", files.display());
    let output = Command::new(python).args(["-c", script, &sql]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let theirs = String::from_utf8(output.stdout).unwrap();
    let ours = questions.map(|(query, _)| {
        let query = parse(query).unwrap();
        let request = Request { query, scope: Scope::All, from: None, to: None };
        lake.count(&request, &Cancel::new()).unwrap().found.to_string()
    });
    assert_eq!(theirs.split_whitespace().collect::<Vec<_>>(), ours);
    assert_eq!(ours[0], "2000");
}
