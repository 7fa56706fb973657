//! What the commands of the centre share: its data folder, the settings, a runtime, who asks.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::Args;
use jiff::Timestamp;
use khien_app::access::Caller;
use khien_app::app::LoadRules;
use khien_app::config::Config;
use khien_app::folder::{DataFolder, FolderError};
use khien_app::records::Records;
use khien_app::rules::RuleSource;
use khien_app::use_case::hunts::RuleFile;
use khien_domain::clock::Clock;
use khien_domain::token::TokenBytes;
use khien_event::{Packs, Symbols};
use khien_sigma::compile::RuleSet;
use rustix::rand::{GetRandomFlags, getrandom};
use serde_json::Value;

use crate::client::Client;
use crate::clock::{self, Stopwatch};
use crate::rule_files;

/// A centre that starts or stops is waited for so long.
const PATIENCE: Duration = Duration::from_secs(30);

/// Which centre a command works on.
#[derive(Args, Clone)]
pub(crate) struct Place {
    /// The data folder of the centre
    #[arg(long, value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// The file of settings; otherwise khien.toml in the data folder, if there is one
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

/// The machine's clock.
pub(crate) struct Machine;

impl Clock for Machine {
    fn now(&self) -> Timestamp {
        clock::now()
    }
}

impl Place {
    /// The settings of the centre.
    pub(crate) fn settings(&self) -> Result<Config> {
        let own = self.data.join("khien.toml");
        let path = self.config.clone().or_else(|| own.exists().then_some(own));
        Ok(Config::load(path.as_deref(), std::env::vars())?)
    }

    /// The records of the centre, whether it runs or not.
    pub(crate) async fn records(&self) -> Result<Records> {
        let folder = DataFolder::find(&self.data)?;
        Ok(Records::open(&folder, &self.settings()?, Arc::new(Machine)).await?)
    }
}

/// A data folder of this machine: to open, or of a centre that runs.
pub(crate) enum AtHand {
    /// Nobody holds it.
    Folder(DataFolder),
    /// A centre holds it.
    Running(Client),
}

/// A centre that starts or stops holds its folder and does not answer yet, or any more; that is
/// waited out.
pub(crate) fn at_hand(data: &Path) -> Result<AtHand> {
    let watch = Stopwatch::start();
    loop {
        match DataFolder::hold(data) {
            Ok(folder) => return Ok(AtHand::Folder(folder)),
            Err(FolderError::Locked(_)) => {}
            Err(error) => return Err(error.into()),
        }
        match Client::of_running(data) {
            Ok(client) => return Ok(AtHand::Running(client)),
            Err(error) if watch.elapsed() > PATIENCE => return Err(error),
            Err(_) => clock::wait(Duration::from_millis(200)),
        }
    }
}

/// A moment as people write it: RFC 3339, or a day with or without a time, which is in UTC+7 as in
/// queries, whatever the zone of the machine. Otherwise what it should be.
pub(crate) fn moment(text: &str) -> Result<Timestamp, String> {
    khien_lake::query::moment(text).ok_or_else(|| {
        format!("{text:?} is no time such as 2026-10-15, 2026-10-15T08:30 or 2026-10-15T08:30:00Z")
    })
}

/// Runs a task to its end.
pub(crate) fn block_on<T>(task: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the runtime cannot be started")?;
    runtime.block_on(task)
}

/// Who works at the command line.
pub(crate) fn caller() -> Caller {
    let account = std::env::var("USER").or_else(|_| std::env::var("LOGNAME"));
    Caller::at_the_machine(account.unwrap_or_else(|_| "unknown".to_owned()))
}

/// Random bytes of a token, from the operating system.
pub(crate) fn token_bytes() -> io::Result<TokenBytes> {
    Ok(TokenBytes(random_bytes()?))
}

/// Random bytes of the system.
pub(crate) fn random_bytes<const N: usize>() -> std::io::Result<[u8; N]> {
    let mut bytes = [0; N];
    let mut filled = 0;
    while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        filled += getrandom(rest, GetRandomFlags::empty())?;
    }
    Ok(bytes)
}

/// Where the rules come from that the settings name.
pub(crate) fn load_rules(config: &Config) -> LoadRules {
    Box::new(RuleFolders(config.rules.clone()))
}

/// Folders of rules; none are the rules that ship with the program.
struct RuleFolders(Vec<PathBuf>);

impl RuleSource for RuleFolders {
    fn load(&self, added: &[RuleFile]) -> Result<RuleSet, String> {
        rules(&self.0, added).map_err(|error| format!("{error:#}"))
    }

    fn text(&self, file: &str) -> Option<String> {
        rule_files::text(&self.0, file)
    }
}

fn rules(folders: &[PathBuf], added: &[RuleFile]) -> Result<RuleSet> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let added = added.iter().map(|file| (file.name.as_str(), file.text.as_str()));
    let loaded = rule_files::load_and(folders, threads, added)?;
    for problem in loaded.problems.iter().filter(|problem| problem.refused) {
        let (file, line) = (&problem.place.file, problem.place.line);
        tracing::warn!(%file, line, reason = problem.message, "a rule is refused");
    }
    let mut symbols = Symbols::default();
    let packs = Packs::builtin(&mut symbols)?;
    Ok(RuleSet::new(loaded, Arc::new(packs), symbols))
}

/// Prints an object as JSON, or else what a person reads.
pub(crate) fn tell(json: bool, object: &Value, words: &str) -> Result<ExitCode> {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    if json {
        writeln!(out, "{object}")?;
    } else {
        writeln!(out, "{words}")?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints a text that is a file of its own kind, as it is or as JSON.
pub(crate) fn tell_text(json: bool, text: &str) -> Result<ExitCode> {
    use std::io::Write as _;
    if json {
        return tell(true, &serde_json::json!({"text": text}), "");
    }
    std::io::stdout().lock().write_all(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// The name and the bytes of a file that has no more than so many.
pub(crate) fn file_of(path: &Path, most: usize) -> Result<(String, Vec<u8>)> {
    let told = || format!("the file {}", path.display());
    let length = std::fs::metadata(path).with_context(told)?.len();
    if length > most as u64 {
        anyhow::bail!("{}: larger than {} MiB", path.display(), most >> 20);
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Ok((name.into_owned(), std::fs::read(path).with_context(told)?))
}

/// Where a file of the data folder is told.
pub(crate) fn shown(path: &Path) -> String {
    path.display().to_string()
}
