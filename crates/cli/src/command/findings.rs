//! `khien findings`: what scanners have found and what advisories say, handed in from a file.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use khien_app::use_case::findings::{self, MAX_FINDINGS_BYTES, Report, Upload};
use khien_app::use_case::unmarked_file;
use khien_domain::code::SystemCode;
use serde_json::json;

use crate::centre::{Place, block_on, caller, shown, tell};

/// The exit code of a file that will not do.
const FAULTY: u8 = 3;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Import what a scan of a system has found (SARIF 2.1.0, CSV, XLSX) or what an advisory says of it (CSAF)
    Import(Import),
}

#[derive(Args)]
pub(crate) struct Import {
    #[command(flatten)]
    place: Place,
    /// The file: all that one scan has found, or an advisory
    file: PathBuf,
    /// The code of the system that was scanned, or that an advisory is held against
    #[arg(long, value_name = "CODE")]
    system: String,
    /// What found it, for a table, which does not say so
    #[arg(long, value_name = "NAME", default_value = "")]
    tool: String,
    /// When it was run, for a file that does not say so: 2026-10-15T01:00:00Z [default: now]
    #[arg(long, value_name = "MOMENT")]
    at: Option<Timestamp>,
    /// Only tell what would be done
    #[arg(long)]
    dry_run: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Import(arguments) => block_on(import(arguments)),
    }
}

async fn import(arguments: Import) -> Result<ExitCode> {
    let code = SystemCode::new(&arguments.system.to_lowercase())
        .with_context(|| format!("the system {:?}", arguments.system))?;
    let bytes = read(&arguments.file, MAX_FINDINGS_BYTES)?;
    let name = arguments.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let upload = Upload { name, bytes, tool: arguments.tool, at: arguments.at };
    let records = arguments.place.records().await?;
    let report =
        findings::import_findings(&records, &caller(), &code, upload, arguments.dry_run).await?;
    let problems: Vec<_> = (report.problems.iter())
        .map(|problem| json!({"place": problem.place, "what": problem.what}))
        .collect();
    let is_faulty = !problems.is_empty();
    let object = json!({
        "system": code.as_str(),
        "tool": report.tool,
        "at": report.at.to_string(),
        "findings": report.findings,
        "added": report.added,
        "seen": report.seen,
        "reopened": report.reopened,
        "fixed": report.fixed,
        "left_out": report.left_out,
        "again": report.again,
        "kept": !is_faulty && !arguments.dry_run && !report.touches_nothing(),
        "advisory": report.advice.as_ref().map(|advice| json!({
            "title": advice.title,
            "version": advice.version,
            "possible": advice.possible,
            "unsaid": advice.unsaid,
            "concerns": !report.touches_nothing(),
        })),
        "problems": problems,
    });
    tell(arguments.json, &object, &words(&report, arguments.dry_run))?;
    Ok(if is_faulty { ExitCode::from(FAULTY) } else { ExitCode::SUCCESS })
}

/// The bytes of a file; one that is longer than any may be is not read to its end, and one whose name
/// bears a mark of secrecy not at all.
pub(super) fn read(path: &std::path::Path, most: usize) -> Result<Vec<u8>> {
    use std::io::Read as _;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    unmarked_file(&name, b"").with_context(|| shown(path))?;
    let cannot = || format!("{} cannot be read", shown(path));
    let file = std::fs::File::open(path).with_context(cannot)?;
    let mut bytes = Vec::new();
    file.take(most as u64 + 1).read_to_end(&mut bytes).with_context(cannot)?;
    Ok(bytes)
}

fn words(report: &Report, dry_run: bool) -> String {
    if !report.problems.is_empty() {
        let places = report.problems.iter().map(|one| format!("\n{}: {}", one.place, one.what));
        return format!("nothing was kept{}", places.collect::<String>());
    }
    if report.again {
        return "this run was imported for this system before".to_owned();
    }
    let would = if dry_run { "would be: " } else { "" };
    if report.touches_nothing() {
        return format!(
            "{}: it calls nothing affected that the register knows this system to use; nothing was kept, {} products \
             left out",
            report.tool, report.left_out,
        );
    }
    if let Some(advice) = &report.advice {
        return format!(
            "{would}{}, version {}: {} findings, of these {} only possible, {} new, {} named before, {} back, \
             {} taken back, {} not named any more and still open, {} products left out; it is no scan",
            report.tool,
            advice.version,
            report.findings,
            advice.possible,
            report.added,
            report.seen,
            report.reopened,
            report.fixed,
            advice.unsaid,
            report.left_out,
        );
    }
    format!(
        "{would}{}: {} findings, {} new, {} still there, {} back, {} gone, {} left out",
        report.tool,
        report.findings,
        report.added,
        report.seen,
        report.reopened,
        report.fixed,
        report.left_out,
    )
}
