//! The page in a browser: headless Chromium opens it from disk and tells what it became.
//!
//! Without Chromium the journeys are skipped, unless `KHIEN_REQUIRE_BROWSER=1`.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::scan;

const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

fn browser() -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders)
        .flat_map(|folder| NAMES.map(|name| folder.join(name)))
        .find(|path| path.is_file())
}

/// A folder that is gone when the journey ends.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("khien-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The document after its script ran; `None` where there is no browser.
fn open(name: &str, hash: &str) -> Option<String> {
    let Some(browser) = browser() else {
        assert!(
            std::env::var_os("KHIEN_REQUIRE_BROWSER").is_none_or(|value| value != "1"),
            "KHIEN_REQUIRE_BROWSER=1, but there is no Chromium"
        );
        eprintln!("skipped: Chromium is not installed");
        return None;
    };
    let folder = Folder::new(name);
    let page = folder.0.join("page.html");
    std::fs::write(&page, scan(&["--format", "html", "--lang", "en"])).unwrap();
    let output = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .arg(user_data(&folder.0))
        .args(["--virtual-time-budget=5000", "--dump-dom"])
        .arg(format!("file://{}{hash}", page.display()))
        .output()
        .unwrap();
    let dom = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(dom.contains("</html>"), "{}", String::from_utf8_lossy(&output.stderr));
    Some(dom)
}

fn user_data(folder: &Path) -> String {
    format!("--user-data-dir={}", folder.join("profile").display())
}

fn rows(dom: &str) -> usize {
    dom.matches("<tr data-at=").count()
}

#[test]
fn all_detections_are_shown_gravest_first_and_no_log_runs_script() {
    let Some(dom) = open("all", "") else { return };
    assert_eq!(rows(&dom), 3);
    assert!(dom.contains("3 of 3 detections match the filters"));
    let critical = dom.find("<tr data-at=\"0\"").unwrap();
    assert!(critical < dom.find("<tr data-at=\"1\"").unwrap());
    assert!(!dom.contains("<title>owned"));
}

#[test]
fn searching_and_filtering_leave_the_rows_that_match() {
    let Some(dom) = open("search", "#q=BINH+cleared") else { return };
    assert_eq!(rows(&dom), 1, "blind to case and diacritics, every word must be there");
    let Some(dom) = open("filter", "#level=critical&host=may-01.example") else { return };
    assert_eq!(rows(&dom), 1);
    let Some(dom) = open("nothing", "#q=nowhere") else { return };
    assert!(rows(&dom) == 0 && dom.contains("No detection matches the filters."));
}

#[test]
fn an_open_row_marks_what_matched() {
    let Some(dom) = open("open", "#open=0&tech=T1490") else { return };
    assert!(dom.contains("<mark>vssadmin</mark>.exe <mark>delete</mark> shadows"));
    assert!(dom.contains("Take the machine off the network"));
}
