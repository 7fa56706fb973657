//! `khien backup`

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use khien_app::backup::{self, Contents, Lock, Secret, Wrote};
use khien_app::folder::{DataFolder, FolderError};
use serde_json::{Value, json};

use crate::Usage;
use crate::centre::{Place, block_on, shown, tell};
use crate::client::Client;

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    make: Make,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Read a backup through and compare it with its checksums
    Verify(Verify),
    /// Make a key to which backups are closed
    Key(Key),
}

#[derive(Args)]
pub(crate) struct Make {
    /// The data folder of the centre
    #[arg(long, value_name = "DIR", required = true)]
    data: Option<PathBuf>,
    /// The file of settings; otherwise khien.toml in the data folder, if there is one
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The file to write; it must not exist
    #[arg(long, value_name = "FILE", required = true)]
    output: Option<PathBuf>,
    #[command(flatten)]
    closing: Closing,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What closes or opens a backup.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Closing {
    /// A file whose first line is the passphrase
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// A file with keys of age; closing needs the public ones only
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct Verify {
    /// The backup
    file: PathBuf,
    #[command(flatten)]
    closing: Closing,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct Key {
    /// The file to write the secret key into; it must not exist
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Closing {
    fn read(path: &Path) -> Result<String> {
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
    }

    fn passphrase(path: &Path) -> Result<String> {
        Ok(Self::read(path)?.lines().next().unwrap_or_default().to_owned())
    }

    fn lock(&self) -> Result<Lock> {
        let path = self.passphrase_file.as_ref().or(self.key_file.as_ref());
        let path = path.context("name --passphrase-file or --key-file")?;
        let lock = match &self.key_file {
            None => Lock::passphrase(Self::passphrase(path)?),
            Some(path) => Lock::keys(&Self::read(path)?),
        };
        lock.with_context(|| format!("{} cannot be used", path.display()))
    }

    /// What opens a backup.
    pub(crate) fn secret(&self) -> Result<Secret> {
        if let Some(path) = &self.key_file {
            let keys = Secret::keys(&Self::read(path)?);
            return keys.with_context(|| format!("{} cannot be used", path.display()));
        }
        let path = self.passphrase_file.as_ref();
        let path = path.context("name --passphrase-file or --key-file")?;
        Ok(Secret::passphrase(Self::passphrase(path)?))
    }
}

pub(crate) fn run(arguments: Arguments) -> Result<ExitCode> {
    match arguments.command {
        Some(Command::Verify(arguments)) => verify(&arguments),
        Some(Command::Key(arguments)) => key(&arguments),
        None => block_on(make(arguments.make)),
    }
}

/// The snapshot that is archived; removed in any case.
enum Source {
    /// The command made it of a folder on which no centre runs.
    Stopped(DataFolder),
    /// The running centre made it.
    Running(Client),
}

impl Source {
    async fn take(place: &Place) -> Result<Self> {
        match DataFolder::hold(&place.data) {
            Ok(folder) => {
                backup::of_stopped(&folder).await?;
                Ok(Self::Stopped(folder))
            }
            Err(FolderError::Locked(_)) => {
                let client = Client::of_running(&place.data)
                    .context("a centre runs on this folder and does not say where")?;
                let answer = client.post("/api/v1/snapshot", &[], None, &[])?;
                if answer.status == 503 {
                    // It goes on without us.
                    let folder = DataFolder::find(&place.data)?;
                    while !folder.snapshot_complete().exists() {
                        if !folder.snapshot().exists() {
                            bail!("the running centre gave the snapshot up; its log tells why");
                        }
                        tokio::time::sleep(Duration::from_secs(1)).await;
                    }
                } else {
                    answer.done()?;
                }
                Ok(Self::Running(client))
            }
            Err(error) => Err(error.into()),
        }
    }

    fn end(self) -> Result<()> {
        match self {
            Self::Stopped(folder) => Ok(folder.remove_snapshot()?),
            Self::Running(client) => client.delete("/api/v1/snapshot")?.done().map(|_| ()),
        }
    }
}

async fn make(arguments: Make) -> Result<ExitCode> {
    let (Some(data), Some(output)) = (arguments.data, arguments.output) else {
        bail!(Usage("name --data and --output".to_owned()));
    };
    let lock = arguments.closing.lock()?;
    let place = &Place { data, config: arguments.config };
    if place.settings()?.database.is_some() {
        bail!(
            "the records of this centre are in PostgreSQL, and a backup without them cannot be \
             restored. Stop the centre, then: pg_dump --format=custom for the records, and a copy \
             of {} with its lake, journal and keys; restore both together",
            shown(&place.data)
        );
    }
    if output.exists() {
        bail!("{} is there already; nothing was changed", output.display());
    }
    let folder = DataFolder::find(&place.data)?;
    let _one = folder.hold_backup()?;
    let source = Source::take(place).await?;
    let now = crate::clock::now();
    let mut progress = Progress::default();
    let snapshot = folder.snapshot();
    let mut told = |bytes| progress.tell(bytes);
    let wrote = backup::write(&snapshot, &output, &lock, now, &mut told).await;
    progress.end();
    let ended = source.end();
    let wrote = wrote?;
    ended.context("the backup is complete, but its snapshot could not be removed")?;
    tell(arguments.json, &object(&wrote, &output), &words(&wrote, &output))
}

/// A backup as scripts read it.
pub(crate) fn contents(contents: &Contents) -> Value {
    json!({
        "made_at": contents.made_at,
        "program": contents.program,
        "schema": contents.schema,
        "files": contents.files.len(),
        "content_bytes": contents.bytes(),
        "events": contents.events,
        "waiting_batches": contents.waiting_batches,
        "damaged_files": contents.damaged_files,
    })
}

fn object(wrote: &Wrote, output: &Path) -> Value {
    let mut object = contents(&wrote.contents);
    object["output"] = json!(shown(output));
    object["bytes"] = json!(wrote.bytes);
    object
}

fn words(wrote: &Wrote, output: &Path) -> String {
    let Wrote { contents, bytes } = wrote;
    let mut words = format!(
        "{} holds {} events in files and {} batches of the journal: {} files, {bytes} bytes\n\
         try it: khien backup verify, or khien restore into another folder and khien doctor",
        shown(output),
        contents.events,
        contents.waiting_batches,
        contents.files.len(),
    );
    if contents.damaged_files > 0 {
        let damaged = contents.damaged_files;
        words.push_str(&format!(
            "\n{damaged} files of events are damaged, here and in the backup; see khien doctor"
        ));
    }
    words
}

fn verify(arguments: &Verify) -> Result<ExitCode> {
    let found = backup::check(&arguments.file, &arguments.closing.secret()?)?;
    let words = format!(
        "{} is whole: made {} by khien {}, {} files, {} events in files, {} batches of the journal",
        shown(&arguments.file),
        found.made_at,
        found.program,
        found.files.len(),
        found.events,
        found.waiting_batches,
    );
    tell(arguments.json, &contents(&found), &words)
}

fn key(arguments: &Key) -> Result<ExitCode> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let (text, public) = backup::new_key();
    let path = &arguments.output;
    let file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let mut file = file.with_context(|| format!("cannot write {}", path.display()))?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    let words = format!(
        "{} is the secret key: keep it away from the machine, backups do not open without it\n\
         public key, for the machine's --key-file: {public}",
        shown(path)
    );
    tell(arguments.json, &json!({"output": shown(path), "public_key": public}), &words)
}

/// How far the backup is, for whoever watches.
#[derive(Default)]
struct Progress {
    told: u64,
}

impl Progress {
    /// A line is written again after so many bytes.
    const STEP: u64 = 64 << 20;

    #[expect(clippy::print_stderr, reason = "a line that is written over")]
    fn tell(&mut self, bytes: u64) {
        if bytes >= self.told + Self::STEP && std::io::stderr().is_terminal() {
            self.told = bytes;
            eprint!("\r{} MiB", bytes >> 20);
        }
    }

    #[expect(clippy::print_stderr, reason = "the end of a line that is written over")]
    fn end(&self) {
        if self.told > 0 {
            eprintln!();
        }
    }
}
