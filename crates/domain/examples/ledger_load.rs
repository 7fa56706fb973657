//! A ledger of the size of a large province, and the index over it: `scripts/bench-index`.
//!
//! `write FILE AGENCIES` writes 2,000 records of each of so many made-up agencies, mixed as they would come, and
//! the pack of the index; `compute FILE` reads them on two threads and prints the hash of the table. Who calls
//! measures.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it talks to the script")]

use std::error::Error;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use khien_domain::evidence::glance::Glance;
use khien_domain::evidence::kinds::Kinds;
use khien_domain::facts::{Facts, Voided};
use khien_domain::index::{IndexPack, Score, Table};

const RECORDS: u64 = 2_000;
const SYSTEMS: u64 = 10;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [_, "write", path, agencies] => match agencies.parse() {
            Ok(agencies) => write(Path::new(path), agencies),
            Err(_) => Err("AGENCIES is a whole number".into()),
        },
        [_, "compute", path] => compute(Path::new(path)),
        _ => Err("write FILE AGENCIES or compute FILE".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn write(path: &Path, agencies: u64) -> Outcome<()> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let mut line = String::new();
    for seq in 0..agencies * RECORDS {
        // Every agency says one thing after the other, so that their records stand mixed.
        record(&mut line, seq, seq % agencies, seq / agencies);
        out.write_all(line.as_bytes())?;
    }
    let pack = pack()?;
    writeln!(
        out,
        "{{\"about\":{{\"at\":\"2026-10-14T23:00:00Z\",\"by\":\"khien\",\"content_hash\":\"{0:064x}\",\"from\":\"decision\",\"how\":\"measured\",\"prev\":\"{0:064x}\",\"recorded\":\"2026-10-14T23:00:00Z\",\"ref\":\"\",\"schema\":1,\"seq\":{1},\"subject\":\"{2}\",\"type\":\"index.pack\"}},\"content\":{{\"pack\":{3}}}}}",
        0,
        agencies * RECORDS,
        pack.id,
        pack.to_content().to_text(),
    )?;
    Ok(out.flush()?)
}

fn pack() -> Outcome<IndexPack> {
    Ok(IndexPack::parse(IndexPack::BUILT_IN, &Kinds::parse(Kinds::BUILT_IN)?)?)
}

/// The record of an agency with a number of its own: first what there is, then 590 things that are
/// told of once, then 1,400 that take the place of earlier ones.
fn record(line: &mut String, seq: u64, agency: u64, number: u64) {
    let system = number % SYSTEMS;
    let (kind, subject, has_system, content) = match number {
        0 => (
            "agency.profile",
            String::new(),
            false,
            r#"{"centre":false,"cohort":"K2","in_scope":true,"kind":"commune","name":"Mẫu"}"#
                .to_owned(),
        ),
        1..=10 => (
            "system.profile",
            format!("ht-{agency}-{system}"),
            true,
            format!(
                r#"{{"critical":false,"head_named":true,"internet":true,"kind":"information-system","level":{},"name":"Mẫu","owner_named":true,"personal_data":true,"stage":"operation","zone":"internet"}}"#,
                1 + system % 5
            ),
        ),
        11..=250 => (
            "finding.state",
            format!("f-{agency}-{number}"),
            true,
            format!(
                r#"{{"due":"2026-09-{0:02}","fixed":"2026-08-{0:02}","found":"2026-08-01","internet":true,"kev":true,"severity":"high","state":"fixed","title":"Phát hiện mẫu"}}"#,
                1 + number % 28
            ),
        ),
        251..=350 => (
            "task.state",
            format!("nv-{agency}-{number}"),
            false,
            format!(
                r#"{{"accepted":true,"done":"2026-09-{:02}","due":"2026-09-15"}}"#,
                1 + number % 28
            ),
        ),
        351..=450 => (
            "alert.handled",
            format!("cb-{agency}-{number}"),
            true,
            format!(
                r#"{{"acknowledged":"2026-09-01T01:{:02}:00Z","drill":false,"raised":"2026-09-01T01:00:00Z","severity":"high"}}"#,
                number % 60
            ),
        ),
        451..=520 => (
            "bulletin.addressed",
            format!("tb-{agency}-{number}"),
            false,
            r#"{"answered":"2026-09-02T01:00:00Z","published":"2026-09-01T01:00:00Z"}"#.to_owned(),
        ),
        521..=600 => (
            "product.used",
            format!("sp-{agency}-{number}"),
            false,
            format!(
                r#"{{"inventory":{},"name":"Mẫu","supported":true}}"#,
                !number.is_multiple_of(3)
            ),
        ),
        _ if number.is_multiple_of(2) => (
            "monitoring.state",
            format!("ht-{agency}-{system}"),
            true,
            format!(r#"{{"alive":{},"required":3}}"#, 2 + number % 2),
        ),
        _ => (
            "scan.done",
            format!("ht-{agency}-{system}"),
            true,
            r#"{"findings":3,"tool":"mẫu"}"#.to_owned(),
        ),
    };
    let hash = seq.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let place =
        if has_system { format!(",\"system\":\"ht-{agency}-{system}\"") } else { String::new() };
    line.clear();
    let _ = writeln!(
        line,
        "{{\"about\":{{\"agency\":\"cq-{agency}\",\"at\":\"2026-10-14T{:02}:{:02}:{:02}Z\",\"by\":\"khien\",\"content_hash\":\"{hash:064x}\",\"from\":\"probe\",\"how\":\"{}\",\"prev\":\"{:064x}\",\"recorded\":\"2026-10-14T23:00:00Z\",\"ref\":\"batch {number}\",\"schema\":1,\"seq\":{seq},\"subject\":\"{subject}\"{place},\"type\":\"{kind}\"}},\"content\":{content}}}",
        number / 100,
        number / 60 % 60,
        number % 60,
        if number.is_multiple_of(5) { "declared" } else { "measured" },
        hash.rotate_left(7),
    );
}

fn compute(path: &Path) -> Outcome<()> {
    let pack = pack()?;
    let at = "2026-10-15T01:00:00Z".parse()?;
    let cutoff = pack.cutoff(at);
    let both = |work: &(dyn Fn(u64) -> Outcome<Part> + Sync)| -> Outcome<[Part; 2]> {
        std::thread::scope(|scope| {
            let other = scope.spawn(move || work(1));
            let first = work(0)?;
            Ok([first, other.join().map_err(|_| "a thread panicked")??])
        })
    };
    let [first, second] = both(&|_| {
        let mut voided = Voided::default();
        each_line(path, |line| Ok(voided.read(line, &cutoff, None)?))?;
        Ok(Part { voided, ..Part::default() })
    })?;
    let mut voided = first.voided;
    voided.merge(second.voided);
    let voided = Arc::new(voided);
    let [first, second] = both(&|lane| {
        let mut facts = Facts::new(pack.wanted(), cutoff, None, voided.clone());
        each_line(path, |line| {
            let agency = Glance::agency_of(line).flatten().unwrap_or_default();
            let number =
                agency.bytes().fold(0, |sum: u64, byte| sum.wrapping_mul(31) + u64::from(byte));
            if number % 2 == lane { Ok(facts.read(line)?) } else { Ok(()) }
        })?;
        let view = facts.finish();
        let scores = pack.scores(&view).collect();
        Ok(Part { read: view.read(), scores, ..Part::default() })
    })?;
    let scores = [first.scores, second.scores].concat();
    let table = Table::new(&pack, at, first.read + second.read, scores);
    println!("{} records, {} agencies, {}", table.size, table.scores.len(), table.hash());
    Ok(())
}

/// What a thread brings.
#[derive(Default)]
struct Part {
    voided: Voided,
    read: u64,
    scores: Vec<Score>,
}

fn each_line(path: &Path, mut take: impl FnMut(&str) -> Outcome<()>) -> Outcome<()> {
    let mut lines = BufReader::with_capacity(1 << 20, File::open(path)?);
    let mut line = String::new();
    while lines.read_line(&mut line)? > 0 {
        take(line.trim_end())?;
        line.clear();
    }
    Ok(())
}
