//! What the tests share: folders that go away, runs of the binary, small rules.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;

/// A rule that matches events of processes whose command line contains `evil`.
pub(crate) const EVIL: &str = "title: Evil command
id: 11111111-1111-4111-8111-111111111111
status: test
logsource:
  product: windows
  category: process_creation
detection:
  selection:
    CommandLine|contains: evil
  condition: selection
level: high
tags:
  - attack.execution
  - attack.t1059.004
";

/// A folder of one test.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("khien-it-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a temporary folder");
        Self(path)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Writes a file, with the folders it needs, and answers its path as text.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        std::fs::write(&path, bytes).expect("a file");
        path.display().to_string()
    }

    /// Writes a rules folder; without rules of its own it holds [`EVIL`].
    pub(crate) fn rules(&self, rules: &[&str]) -> String {
        let rules = if rules.is_empty() { &[EVIL] } else { rules };
        for (at, rule) in rules.iter().enumerate() {
            self.write(&format!("rules/{at}.yml"), rule);
        }
        self.path("rules").display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What a run of the binary gave.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) talk: String,
}

impl Run {
    pub(crate) fn lines(&self) -> Vec<Value> {
        let parse = |line| serde_json::from_str(line).expect("a JSON object a line");
        self.out.lines().map(parse).collect()
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).expect("UTF-8"),
            talk: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_khien"));
    command.args(arguments).stdin(Stdio::null());
    command
}

pub(crate) fn khien(arguments: &[&str]) -> Run {
    command(arguments).output().expect("the binary runs").into()
}

/// Runs the binary with what `write` gives on standard input.
pub(crate) fn khien_fed(
    arguments: &[&str],
    write: impl FnOnce(&mut dyn std::io::Write) -> std::io::Result<()> + Send + 'static,
) -> Run {
    let mut command = command(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary runs");
    let input = child.stdin.take().expect("a pipe");
    let writer = std::thread::spawn(move || {
        let mut input = std::io::BufWriter::with_capacity(1 << 20, input);
        // A scan that ends early closes the pipe.
        let _ = write(&mut input).and_then(|()| input.flush());
    });
    let output = child.wait_with_output().expect("the binary ends");
    writer.join().expect("the input was written");
    output.into()
}

/// Scans as JSON lines with a summary, and answers both. The scan has kept to its memory.
pub(crate) fn scan(folder: &Folder, paths: &[&str], more: &[&str]) -> (Run, Value) {
    let summary = folder.path("summary.json").display().to_string();
    let rules = folder.path("rules").display().to_string();
    let mut arguments = vec!["scan"];
    arguments.extend_from_slice(paths);
    arguments.extend_from_slice(&["--format", "jsonl", "--summary", &summary, "--rules", &rules]);
    arguments.extend_from_slice(more);
    let run = khien(&arguments);
    let figures = figures(Path::new(&summary), &run);
    (run, figures)
}

/// The summary of a scan, which must have stayed within its memory.
pub(crate) fn figures(path: &Path, run: &Run) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|_| panic!("no summary: {}", run.talk));
    let figures: Value = serde_json::from_str(&text).expect("JSON");
    let peak = figures["peak_memory_bytes"].as_u64().expect("a figure");
    assert!(peak < 256 << 20, "{peak} bytes of memory");
    figures
}

/// The start of a process as Sysmon tells it, as one line of JSON.
pub(crate) fn event(second: u64, command: &str) -> String {
    let (hour, minute, second) = (second / 3600 % 24, second / 60 % 60, second % 60);
    format!(
        "{{\"EventID\":1,\"Channel\":\"Microsoft-Windows-Sysmon/Operational\",\
         \"Computer\":\"pc.example\",\"User\":\"an\",\
         \"UtcTime\":\"2026-11-20 {hour:02}:{minute:02}:{second:02}.000\",\
         \"CommandLine\":\"{command}\"}}\n"
    )
}
