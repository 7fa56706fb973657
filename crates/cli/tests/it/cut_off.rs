//! The whole of it where no network is but the machine's own loopback: what an isolated site has. Linux takes the
//! network away (`unshare -rn`); where that is not allowed the test says so and is
//! skipped, or fails if `KHIEN_REQUIRE_UNSHARE` is set.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::centre::Centre;

/// What is done there. A sender that begins before the centre listens waits for it.
const STEPS: &str = r#"
ip link set lo up
"$KHIEN" push --quiet "$LOGS" --to http://127.0.0.1:8057 --token "$TOKEN" > push.txt 2>&1 & PUSH=$!
sleep 1
"$KHIEN" serve --data "$DATA" --http 127.0.0.1:8057 --plain-http 2> serve.txt & SERVE=$!
wait $PUSH || exit 11
kill $SERVE; wait $SERVE || exit 12
"$KHIEN" search --data "$DATA" --count '' --json > count.json || exit 13
"$KHIEN" scan "$LOGS" --format html --output report.html > scan.txt; [ $? = 10 ] || exit 14
"$KHIEN" gate check --data "$DATA" cong-dvc --json > gate.json; [ $? = 3 ] || exit 15
"$KHIEN" index compute --data "$DATA" --at 2026-06-01T00:00:00Z --json > table.json || exit 16
"$KHIEN" ledger verify --data "$DATA" > verify.txt || exit 17
echo 'bốn từ không ai đoán' > pass
"$KHIEN" backup --data "$DATA" --output copy --passphrase-file pass > copy.txt || exit 18
"#;

/// Runs a script without any network, nothing of this process's environment and a folder of its own.
fn cut_off(script: &str, place: &Path, environment: &[(&str, &str)]) -> Option<Output> {
    let mut command = Command::new("unshare");
    command.args(["-rn", "sh", "-c", script]).current_dir(place).env_clear();
    command.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").envs(environment.iter().copied());
    command.output().ok()
}

#[test]
fn a_site_without_any_network_takes_in_decides_computes_and_prints() {
    let centre = Centre::new();
    let place = centre.place.path();
    let allowed = cut_off("ip link set lo up", place, &[]);
    if !allowed.is_some_and(|output| output.status.success()) {
        let required = std::env::var_os("KHIEN_REQUIRE_UNSHARE").is_some();
        assert!(!required, "KHIEN_REQUIRE_UNSHARE is set, but unshare -rn or ip is refused");
        eprintln!("skipped: no network may be taken away here (unshare -rn, ip)");
        return;
    }
    // Installed by copying one file.
    let binary = place.join("khien");
    std::fs::copy(env!("CARGO_BIN_EXE_khien"), &binary).unwrap();
    let logs = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/demo");
    let environment = [
        ("KHIEN", binary.to_str().unwrap()),
        ("LOGS", logs),
        ("DATA", centre.folder()),
        ("TOKEN", &centre.token),
    ];
    let away = "! ip route get 192.0.2.1";
    assert!(cut_off(away, place, &[]).unwrap().status.success(), "there is a way out");
    let output = cut_off(STEPS, place, &environment).unwrap();
    let told = |name: &str| std::fs::read_to_string(place.join(name)).unwrap_or_default();
    assert!(output.status.success(), "{output:?} {} {}", told("push.txt"), told("serve.txt"));

    // Nothing is lost of what was sent before anybody listened.
    let count: Value = serde_json::from_str(&told("count.json")).unwrap();
    let lines = std::fs::read_dir(logs).unwrap().map(|file| {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        text.lines().filter(|line| !line.trim().is_empty()).count()
    });
    assert_eq!(count["count"], lines.sum::<usize>(), "{}", told("push.txt"));
    let table: Value = serde_json::from_str(&told("table.json")).unwrap();
    assert_eq!(table["hash"].as_str().map(str::len), Some(64), "{table}");
    // The page that is printed asks nobody for anything.
    let report = told("report.html");
    assert!(report.contains("<html lang=\"vi\""), "{report}");
    for outside in ["src=\"http", "src='http", "href=\"http", "url(http", "@import"] {
        assert!(!report.contains(outside), "{outside}");
    }
}
