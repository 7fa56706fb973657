//! `khien push`

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Error, Result, bail};
use clap::Args;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::centre::tell;
use crate::client::{Answer, Client, Remote};
use crate::clock::{self, Stopwatch};
use crate::push::parts::{self, Part, Refused};
use crate::report::progress::Progress;
use crate::scan::sources::{self, Source};
use crate::talk;

/// A centre that does not answer is asked again for so long.
const PATIENCE: Duration = Duration::from_mins(5);

#[derive(Args)]
pub(crate) struct Arguments {
    /// Files and folders of logs: whatever `khien scan` reads
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    remote: Remote,
    /// Say nothing while sending
    #[arg(long)]
    quiet: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What was sent.
#[derive(Default)]
struct Sent {
    files: u64,
    parts: u64,
    repeated: u64,
    bytes: u64,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let client = arguments.remote.client()?;
    let (sources, mut unreadable) = sources::list(&arguments.paths);
    // The same files are the same session, so that sending them again after an interruption goes
    // on where it stopped.
    let session = session(&sources);
    let total = sources.iter().map(|source| source.size).sum();
    let mut progress = Progress::new(total, "parts");
    let watch = Stopwatch::start();
    let is_shown = !arguments.quiet && std::io::stderr().is_terminal();
    let read: Arc<AtomicU64> = Arc::default();
    let mut sent = Sent::default();
    for source in &sources {
        let input = match source.open(&read) {
            Ok(input) => input,
            Err(error) => {
                unreadable.push(refused(source, error.to_string()));
                continue;
            }
        };
        let outcome = parts::cut(input, |_, part| {
            send(&client, source, &session, &part, &mut sent)?;
            if !arguments.quiet {
                let done =
                    Arc::<std::sync::atomic::AtomicU64>::clone(&read).load(Ordering::Relaxed);
                progress.show(done, sent.parts, watch.elapsed())?;
            }
            Ok::<(), Error>(())
        });
        match outcome {
            Ok(_) => sent.files += 1,
            Err(error) if error.is::<Refused>() => {
                unreadable.push(refused(source, error.to_string()));
            }
            Err(error) => return Err(error.context(source.name.clone())),
        }
    }
    if is_shown {
        progress.clear()?;
    }
    let ended = patiently(|| {
        client.post("/api/v1/intake/file/end", &[("session", session.as_str())], None, b"")
    })?;
    let ended = ended.done()?;
    let correlations = ended["correlations"].as_u64().unwrap_or_default();
    let told: Vec<_> = (unreadable.iter())
        .map(|one| json!({"file": one.file, "offset": one.offset, "reason": one.reason}))
        .collect();
    for one in &unreadable {
        talk(&format!("{}: {}", one.file, one.reason));
    }
    let object = json!({
        "files": sent.files,
        "parts": sent.parts,
        "repeated": sent.repeated,
        "bytes": sent.bytes,
        "correlations": correlations,
        "unreadable": told,
    });
    let words = format!(
        "{} files sent in {} parts, {} of them were there already; {} not sent",
        sent.files,
        sent.parts,
        sent.repeated,
        unreadable.len(),
    );
    tell(arguments.json, &object, &words)
}

fn refused(source: &Source, reason: String) -> sources::Unreadable {
    sources::Unreadable { file: source.name.clone(), offset: 0, reason }
}

fn session(sources: &[Source]) -> String {
    let mut digest = Sha256::new();
    for source in sources {
        digest.update(format!("{}\n{}\n{:?}\n", source.name, source.size, source.modified));
    }
    hex(&digest.finalize())
}

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().take(16).flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

fn send(
    client: &Client,
    source: &Source,
    session: &str,
    part: &Part,
    sent: &mut Sent,
) -> Result<()> {
    let (number, lines) = (part.number.to_string(), part.lines_before.to_string());
    let modified = source.modified.map(|time| time.to_string());
    let mut query = vec![
        ("name", source.name.as_str()),
        ("session", session),
        ("part", number.as_str()),
        ("lines_before", lines.as_str()),
    ];
    if let Some(modified) = &modified {
        query.push(("modified", modified));
    }
    let name = Sha256::new()
        .chain_update(format!("{}\n{number}\n", source.name))
        .chain_update(&part.bytes)
        .finalize();
    let name = hex(&name);
    let answer =
        patiently(|| client.post("/api/v1/intake/file", &query, Some(&name), &part.bytes))?;
    if matches!(answer.status, 400 | 413 | 415 | 422) {
        // This file will not do; the others may.
        return Err(Refused::Centre(answer.said()).into());
    }
    let answer = answer.done()?;
    sent.parts += 1;
    sent.bytes += part.bytes.len() as u64;
    sent.repeated += u64::from(answer["repeated"].as_bool().unwrap_or_default());
    Ok(())
}

/// Asks until the centre has time, or has been away for too long.
fn patiently(ask: impl Fn() -> Result<Answer>) -> Result<Answer> {
    let watch = Stopwatch::start();
    loop {
        let wait = match ask() {
            Ok(answer) if answer.status == 503 || answer.status == 429 => {
                answer.retry_after.unwrap_or(1)
            }
            Ok(answer) => return Ok(answer),
            Err(error) if watch.elapsed() > PATIENCE => return Err(error),
            Err(_) => 1,
        };
        if watch.elapsed() > PATIENCE {
            bail!("the centre had no time for five minutes; run the same command again");
        }
        clock::wait(Duration::from_secs(wait.clamp(1, 30)));
    }
}
