//! `khien hunt`: rules or indicators run over what a centre keeps.
//!
//! On a data folder that no centre holds the hunt runs here, to its end; Ctrl-C pauses it. Of a
//! running centre it is asked for: the centre hunts, this only watches, and Ctrl-C leaves it at work.

mod shown;
mod way;

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::centre::{block_on, moment, tell};
use crate::clock::Stopwatch;
use crate::language::Language;
use crate::report::progress::Progress;
use crate::{Usage, rule_files, talk};
use shown::Form;
use way::Way;

/// How often a hunt under way is looked at.
const LOOK: Duration = Duration::from_millis(300);

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    start: Start,
}

/// What can be done with hunts that are there.
#[derive(Subcommand)]
enum Command {
    /// List the hunts, newest first
    List(Where),
    /// Tell how far a hunt is and what it has found
    Show(One),
    /// Stop a hunt until it is resumed
    Pause(One),
    /// Let a hunt go on where it stopped, and watch it
    Resume(Resume),
    /// End a hunt; what it found stays
    Cancel(One),
    /// Read the hits of a hunt
    Results(Results),
}

/// Which centre.
#[derive(Args, Clone)]
struct Where {
    /// The data folder of the centre, running or not
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The file of settings, with --data
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The URL of a running centre; in starting a hunt also the moment that is the first no more
    #[arg(long, value_name = "TIME|URL")]
    to: Vec<String>,
    /// The token for a running centre; `KHIEN_TOKEN` in the environment does as well
    #[arg(long, value_name = "TOKEN")]
    token: Option<String>,
    /// A file with the certificate of a running centre
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Exchange keys with a running centre by the hybrid group X25519MLKEM768 alone
    #[arg(long)]
    hybrid_only: bool,
    /// Print JSON: hunts as objects, hits one a line
    #[arg(long)]
    json: bool,
    /// The language of the table
    #[arg(long, value_enum, default_value_t)]
    lang: Language,
}

#[derive(Args)]
struct One {
    /// The number of the hunt
    id: i64,
    #[command(flatten)]
    place: Where,
}

#[derive(Args)]
struct Resume {
    /// The number of the hunt
    id: i64,
    #[command(flatten)]
    place: Where,
    #[command(flatten)]
    watch: Watch,
}

#[derive(Args)]
struct Results {
    /// The number of the hunt
    id: i64,
    #[command(flatten)]
    place: Where,
    #[command(flatten)]
    written: Written,
}

/// How hits are written.
#[derive(Args)]
struct Written {
    /// The form of the hits
    #[arg(long, value_enum, default_value_t)]
    format: Form,
    /// Write the hits to a file
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Args)]
struct Watch {
    /// Do not wait: print the number of the hunt and leave it to the running centre
    #[arg(long)]
    detach: bool,
    #[command(flatten)]
    written: Written,
}

#[derive(Args)]
struct Start {
    /// Sigma rules to hunt by: files or folders
    #[arg(long, value_name = "FILE|DIR", num_args = 1.., conflicts_with = "indicators")]
    rule: Vec<PathBuf>,
    /// A list of indicators: text, CSV with types, or a STIX 2.1 bundle; see docs/hunt.md
    #[arg(long, value_name = "FILE")]
    indicators: Option<PathBuf>,
    /// The first moment: 2026-10-15, 2026-10-15T08:00:00Z
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Only events of these agencies
    #[arg(long, value_name = "CODE", num_args = 1..)]
    agency: Vec<String>,
    #[command(flatten)]
    place: Where,
    #[command(flatten)]
    watch: Watch,
}

pub(crate) fn run(arguments: Arguments) -> Result<ExitCode> {
    match arguments.command {
        None => start(&arguments.start),
        Some(Command::List(place)) => block_on(async {
            let (way, _) = Way::open(&place, false).await?;
            let hunts = way.list().await?;
            if place.json {
                return tell(true, &json!({"items": hunts}), "");
            }
            let lines: Vec<String> =
                hunts.iter().map(|hunt| shown::line(hunt, place.lang)).collect();
            tell(false, &Value::Null, &lines.join("\n"))
        }),
        Some(Command::Show(one)) => ask(&one, "show"),
        Some(Command::Pause(one)) => ask(&one, "pause"),
        Some(Command::Cancel(one)) => ask(&one, "cancel"),
        Some(Command::Results(asked)) => block_on(async {
            let (way, _) = Way::open(&asked.place, false).await?;
            shown::results(&way, asked.id, &asked.place, &asked.written).await
        }),
        Some(Command::Resume(asked)) => block_on(async {
            let (way, _) = Way::open(&asked.place, true).await?;
            let resumed = async {
                let mut hunt = way.get(asked.id).await?;
                // What was cut off when its program died goes on without being asked.
                if !is_under_way(&hunt) {
                    hunt = way.change(asked.id, "resume").await?;
                }
                watch(&way, hunt, &asked.place, &asked.watch).await
            };
            let ended = resumed.await;
            way.close().await;
            ended
        }),
    }
}

/// Asks for one hunt, or changes it, and tells how it stands.
fn ask(one: &One, what: &str) -> Result<ExitCode> {
    block_on(async {
        let (way, _) = Way::open(&one.place, false).await?;
        let hunt = match what {
            "show" => way.get(one.id).await?,
            change => way.change(one.id, change).await?,
        };
        tell(one.place.json, &hunt, &shown::full(&hunt, one.place.lang))
    })
}

fn start(asked: &Start) -> Result<ExitCode> {
    let prey = prey(asked)?;
    block_on(async {
        let (way, to) = Way::open(&asked.place, true).await?;
        let started = async {
            if asked.watch.detach && way.is_here() {
                bail!(Usage(
                    "--detach needs a running centre that goes on with the hunt".to_owned()
                ));
            }
            let mut body = prey;
            let moment =
                |text: Option<&String>| text.map(|text| moment(text)).transpose().map_err(Usage);
            body["from"] = json!(moment(asked.from.as_ref())?.map(|at| at.to_string()));
            body["to"] = json!(moment(to.as_ref())?.map(|at| at.to_string()));
            body["agencies"] = json!(asked.agency);
            let hunt = way.start(&body).await?;
            watch(&way, hunt, &asked.place, &asked.watch).await
        };
        let ended = started.await;
        way.close().await;
        ended
    })
}

/// What is hunted, as the API takes it.
fn prey(asked: &Start) -> Result<Value> {
    if let Some(path) = &asked.indicators {
        let bytes =
            std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let text = String::from_utf8(bytes)
            .map_err(|_| Usage(format!("{} is not UTF-8 text", path.display())))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        return Ok(json!({"indicators": {"name": name, "text": text}}));
    }
    if asked.rule.is_empty() {
        bail!(Usage("name what is hunted: --rule FILE or --indicators FILE".to_owned()));
    }
    let texts = rule_files::texts(&asked.rule)?;
    let files: Vec<Value> =
        (texts.iter()).map(|(name, text)| json!({"name": name, "text": text})).collect();
    let placeholders: BTreeMap<_, _> = rule_files::placeholders(&asked.rule)?.into_iter().collect();
    Ok(json!({"rules": files, "placeholders": placeholders}))
}

/// Whether a hunt is at work or waits for its turn.
fn is_under_way(hunt: &Value) -> bool {
    matches!(hunt["state"].as_str(), Some("queued" | "running"))
}

/// Watches a hunt to its end and writes what it found.
async fn watch(way: &Way, hunt: Value, place: &Where, asked: &Watch) -> Result<ExitCode> {
    let id = hunt["id"].as_i64().context("the centre answers without a number")?;
    shown::tell_refused(&hunt);
    if asked.detach {
        let l = place.lang;
        let words = format!("{} {id}", l.pick("cuộc truy tìm", "hunt"));
        return tell(place.json, &hunt, &words);
    }
    let is_shown = std::io::stderr().is_terminal();
    let mut progress = Progress::new(1000, "events");
    let before = hunt["events"].as_u64().unwrap_or_default();
    let clock = Stopwatch::start();
    let mut interrupt = std::pin::pin!(tokio::signal::ctrl_c());
    let ended = loop {
        let hunt = way.get(id).await?;
        if !is_under_way(&hunt) {
            break hunt;
        }
        if is_shown {
            let share = (hunt["share"].as_f64().unwrap_or_default() * 1000.0) as u64;
            let events = hunt["events"].as_u64().unwrap_or_default().saturating_sub(before);
            progress.show(share, events, clock.elapsed())?;
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            _ = &mut interrupt => {
                if is_shown {
                    progress.clear()?;
                }
                return left(way, id, place).await;
            }
        }
    };
    if is_shown {
        progress.clear()?;
    }
    if place.json {
        return Ok(shown::code(&ended, tell(true, &ended, "")?));
    }
    talk(&shown::full(&ended, place.lang));
    let written = shown::results(way, id, place, &asked.written).await?;
    Ok(shown::code(&ended, written))
}

/// Somebody does not want to wait any longer.
async fn left(way: &Way, id: i64, place: &Where) -> Result<ExitCode> {
    let l = place.lang;
    if way.is_here() {
        way.change(id, "pause").await?;
        let paused = l.pick("đã tạm dừng; chạy tiếp bằng", "is paused; it goes on with");
        talk(&format!("hunt {id} {paused}: khien hunt resume {id}"));
    } else {
        let goes_on =
            l.pick("vẫn chạy trên trung tâm; xem bằng", "goes on in the centre; look at it with");
        talk(&format!("hunt {id} {goes_on}: khien hunt show {id}"));
    }
    Ok(ExitCode::from(130))
}
