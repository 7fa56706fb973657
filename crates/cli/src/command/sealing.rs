//! `khien key`, `khien sign`, `khien verify`, `khien seal`, `khien open`: hybrid keys, signatures and
//! sealed files, beside any centre or without one.
//!
//! What is written goes into a file without a name first and gets its name only when all of it is
//! right, so that a cut or changed file yields nothing. Nothing is ever written over.

use std::collections::BTreeSet;
use std::fs::{File, Permissions};
use std::io::{self, BufReader, Read, Write};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand, ValueEnum};
use khien_seal::{Cipher, Digest, Digester, Form, KeyError, PublicKey, SecretKey, Signature};
use rustix::fs::{AtFlags, CWD, Mode, OFlags, linkat};
use serde_json::json;
use tempfile::NamedTempFile;
use zeroize::Zeroizing;

use crate::Usage;
use crate::centre::{random_bytes, shown, tell};

/// No key and no signature is longer.
const TEXT_BYTES: u64 = 64 << 10;

#[derive(Subcommand)]
pub(crate) enum KeyCommand {
    /// Make a key: NAME.key to keep secret, NAME.pub to give away
    New(New),
    /// Tell the fingerprint of a public or secret key
    Show(Show),
}

#[derive(Args)]
pub(crate) struct New {
    /// The names of the files, without .key and .pub; neither may exist
    #[arg(long, value_name = "NAME")]
    out: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct Show {
    /// A file made by khien key new
    file: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct Sign {
    /// What is signed
    file: PathBuf,
    /// The secret key
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Where the signature goes; it must not exist
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct Verify {
    /// What was signed
    file: PathBuf,
    /// The signature
    #[arg(long, value_name = "FILE")]
    signature: PathBuf,
    /// The public key of whoever signed
    #[arg(long, value_name = "FILE")]
    by: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct Seal {
    /// What is sealed
    file: PathBuf,
    /// The public keys of those who may open it
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    to: Vec<PathBuf>,
    /// Where the sealed file goes; it must not exist
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// What the contents are sealed with
    #[arg(long, value_enum, default_value_t = With::Aes256Gcm)]
    with: With,
    /// Write a text that survives mail instead of bytes
    #[arg(long)]
    armour: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// A cipher by its name.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum With {
    /// AES-256-GCM
    Aes256Gcm,
    /// ChaCha20-Poly1305
    Chacha20Poly1305,
}

#[derive(Args)]
pub(crate) struct Open {
    /// The sealed file
    file: PathBuf,
    /// The secret key
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Where the contents go; it must not exist
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn key(command: KeyCommand) -> Result<ExitCode> {
    match command {
        KeyCommand::New(arguments) => new(&arguments),
        KeyCommand::Show(arguments) => show(&arguments),
    }
}

fn new(arguments: &New) -> Result<ExitCode> {
    let [secret_path, public_path] = ["key", "pub"].map(|ending| {
        let mut name = arguments.out.clone().into_os_string();
        name.push(format!(".{ending}"));
        PathBuf::from(name)
    });
    absent(&secret_path)?;
    absent(&public_path)?;
    let secret = SecretKey::new(random_bytes()?);
    let public = secret.public()?;
    // Both are on the disk before either is in its place: half a pair is of no use and in the way.
    let texts = (secret.to_text(), public.to_text());
    let written =
        write(&secret_path, Readers::Owner, |out| Ok(out.write_all(texts.0.as_bytes())?))?;
    put(&public_path, Readers::Others, |out| Ok(out.write_all(texts.1.as_bytes())?))?;
    if let Err(error) = written.put(&secret_path) {
        // What cannot be taken back is no secret.
        let _ = std::fs::remove_file(&public_path);
        return Err(error).with_context(|| unwritten(&secret_path));
    }
    let fingerprint = public.fingerprint().to_string();
    let object = json!({
        "secret": shown(&secret_path), "public": shown(&public_path), "fingerprint": fingerprint,
    });
    let words = format!(
        "{} is secret: keep it where only its owner reads, and a copy elsewhere\n{} is for others\n{fingerprint}",
        shown(&secret_path),
        shown(&public_path),
    );
    tell(arguments.json, &object, &words)
}

fn show(arguments: &Show) -> Result<ExitCode> {
    let text = read(&arguments.file)?;
    let public = match PublicKey::parse(&text) {
        Ok(public) => public,
        Err(error) => match SecretKey::parse(&text) {
            Ok(secret) => secret.public()?,
            Err(_) => return Err(wrong(&arguments.file, &error)),
        },
    };
    let fingerprint = public.fingerprint().to_string();
    tell(arguments.json, &json!({"fingerprint": fingerprint}), &fingerprint)
}

pub(crate) fn sign(arguments: &Sign) -> Result<ExitCode> {
    let secret = secret(&arguments.key)?;
    absent(&arguments.out)?;
    let signature = Signature::new(&secret, &digest(&arguments.file)?)?;
    put(&arguments.out, Readers::Others, |out| Ok(out.write_all(signature.to_text().as_bytes())?))?;
    let by = signature.by().to_string();
    let object = json!({"signature": shown(&arguments.out), "by": by});
    tell(arguments.json, &object, &format!("{} is signed by {by}", shown(&arguments.file)))
}

pub(crate) fn verify(arguments: &Verify) -> Result<ExitCode> {
    let by = public(&arguments.by)?;
    let signature = Signature::parse(&read(&arguments.signature)?)
        .with_context(|| shown(&arguments.signature))?;
    signature.verify(&by, &digest(&arguments.file)?).with_context(|| shown(&arguments.file))?;
    let fingerprint = by.fingerprint().to_string();
    let object = json!({"good": true, "by": fingerprint});
    tell(arguments.json, &object, &format!("the signature is good, by {fingerprint}"))
}

pub(crate) fn seal(arguments: &Seal) -> Result<ExitCode> {
    let mut recipients =
        arguments.to.iter().map(|path| public(path)).collect::<Result<Vec<_>>>()?;
    let mut seen = BTreeSet::new();
    recipients.retain(|key| seen.insert(key.to_bytes()));
    let cipher = match arguments.with {
        With::Aes256Gcm => Cipher::Aes256Gcm,
        With::Chacha20Poly1305 => Cipher::ChaCha20Poly1305,
    };
    let form = if arguments.armour { Form::Armoured } else { Form::Binary };
    absent(&arguments.out)?;
    let mut contents = contents(&arguments.file)?;
    let mut bytes = 0;
    let random = Zeroizing::new(random_bytes()?);
    put(&arguments.out, Readers::Others, |out| {
        let sealed = khien_seal::seal(&mut contents, out, &recipients, cipher, form, &random);
        bytes = sealed.map_err(|error| of(&arguments.file, error))?;
        Ok(())
    })?;
    let object =
        json!({"sealed": shown(&arguments.out), "bytes": bytes, "recipients": recipients.len()});
    let words =
        format!("{} holds {bytes} bytes, sealed to {}", shown(&arguments.out), recipients.len());
    tell(arguments.json, &object, &words)
}

pub(crate) fn open(arguments: &Open) -> Result<ExitCode> {
    let secret = secret(&arguments.key)?;
    absent(&arguments.out)?;
    let mut sealed = contents(&arguments.file)?;
    let mut bytes = 0;
    put(&arguments.out, Readers::Owner, |out| {
        let opened = khien_seal::open(&mut sealed, out, &secret);
        bytes = opened.map_err(|error| of(&arguments.file, error))?;
        Ok(())
    })?;
    let object = json!({"opened": shown(&arguments.out), "bytes": bytes});
    tell(arguments.json, &object, &format!("{} has {bytes} bytes", shown(&arguments.out)))
}

/// What went wrong with a file that was read.
fn of<E: std::error::Error + Send + Sync + 'static>(path: &Path, error: E) -> anyhow::Error {
    anyhow::Error::new(error).context(shown(path))
}

fn contents(path: &Path) -> Result<BufReader<File>> {
    let file = File::open(path).map_err(|error| unread(path, &error))?;
    if file.metadata().is_ok_and(|found| found.is_dir()) {
        return Err(unread(path, &io::ErrorKind::IsADirectory.into()));
    }
    Ok(BufReader::with_capacity(1 << 20, file))
}

fn digest(path: &Path) -> Result<Digest> {
    let mut contents = contents(path)?;
    let mut digester = Digester::default();
    let mut piece = vec![0; 1 << 20];
    loop {
        let read = contents.read(&mut piece).map_err(|error| unread(path, &error))?;
        match piece.get(..read) {
            Some(piece) if !piece.is_empty() => digester.update(piece),
            _ => return Ok(digester.finish()),
        }
    }
}

/// The text of a key or a signature, which is never long.
fn read(path: &Path) -> Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    let file = File::open(path).map_err(|error| unread(path, &error))?;
    let read = file.take(TEXT_BYTES + 1).read_to_string(&mut text);
    read.map_err(|error| unread(path, &error))?;
    if text.len() as u64 > TEXT_BYTES {
        let most = TEXT_BYTES >> 10;
        return Err(Usage(format!(
            "{} is longer than {most} KiB: it is no key and no signature",
            shown(path)
        ))
        .into());
    }
    Ok(text)
}

fn secret(path: &Path) -> Result<SecretKey> {
    SecretKey::parse(&read(path)?).map_err(|error| wrong(path, &error))
}

fn public(path: &Path) -> Result<PublicKey> {
    PublicKey::parse(&read(path)?).map_err(|error| wrong(path, &error))
}

fn unread(path: &Path, error: &io::Error) -> anyhow::Error {
    Usage(format!("cannot read {}: {error}", shown(path))).into()
}

/// A file that was named is not what it should be.
fn wrong(path: &Path, error: &KeyError) -> anyhow::Error {
    Usage(format!("{}: {error}", shown(path))).into()
}

/// Refuses a place that is taken, before anything is done.
fn absent(path: &Path) -> Result<()> {
    if path.symlink_metadata().is_ok() {
        return Err(Usage(format!("{} is there already; nothing was changed", shown(path))).into());
    }
    Ok(())
}

/// Who may read what is written.
#[derive(Clone, Copy)]
enum Readers {
    /// Its owner alone, from the first byte on.
    Owner,
    /// Whoever the system's mask of new files lets.
    Others,
}

/// Writes a file where nobody sees it and puts it in its place when all of it is written.
fn put(
    path: &Path,
    readers: Readers,
    fill: impl FnOnce(&mut dyn Write) -> Result<()>,
) -> Result<()> {
    write(path, readers, fill)?.put(path).with_context(|| unwritten(path))
}

/// Writes all of a file, where nobody sees it yet.
fn write(
    path: &Path,
    readers: Readers,
    fill: impl FnOnce(&mut dyn Write) -> Result<()>,
) -> Result<Aside> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mode = match readers {
        Readers::Owner => 0o600,
        Readers::Others => 0o666,
    };
    let aside = Aside::new(folder.unwrap_or(Path::new(".")), mode);
    let mut aside = aside.with_context(|| unwritten(path))?;
    let mut out = Watched { file: aside.file(), failed: None };
    let filled = fill(&mut out);
    // Who reads one file and writes another cannot tell which of them failed.
    if let Some(error) = out.failed {
        return Err(error).with_context(|| unwritten(path));
    }
    filled?;
    aside.file().sync_all().with_context(|| unwritten(path))?;
    Ok(aside)
}

fn unwritten(path: &Path) -> String {
    format!("cannot write {}", shown(path))
}

/// A file that is written, with what the system said when that failed.
struct Watched<'a> {
    file: &'a mut File,
    failed: Option<io::Error>,
}

impl Watched<'_> {
    fn watch<T>(&mut self, done: io::Result<T>) -> io::Result<T> {
        done.map_err(|error| {
            let told = io::Error::from(error.kind());
            if error.kind() != io::ErrorKind::Interrupted {
                self.failed = Some(error);
            }
            told
        })
    }
}

impl Write for Watched<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let done = self.file.write(bytes);
        self.watch(done)
    }

    fn flush(&mut self) -> io::Result<()> {
        let done = self.file.flush();
        self.watch(done)
    }
}

/// A file that is not in its place yet.
enum Aside {
    /// Without a name: nothing of it is left, however this process ends.
    Nameless(File),
    /// With a name that goes away with it, where the file system has no files without.
    Named(NamedTempFile),
}

impl Aside {
    fn new(folder: &Path, mode: u32) -> io::Result<Self> {
        let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
        match rustix::fs::open(folder, flags, Mode::from_raw_mode(mode)) {
            Ok(file) => Ok(Self::Nameless(file.into())),
            Err(_) => Self::named(folder, mode),
        }
    }

    fn named(folder: &Path, mode: u32) -> io::Result<Self> {
        let permissions = Permissions::from_mode(mode);
        tempfile::Builder::new().permissions(permissions).tempfile_in(folder).map(Self::Named)
    }

    fn file(&mut self) -> &mut File {
        match self {
            Self::Nameless(file) => file,
            Self::Named(file) => file.as_file_mut(),
        }
    }

    /// Puts it where nothing is.
    fn put(self, path: &Path) -> io::Result<()> {
        match self {
            Self::Nameless(file) => {
                let name = format!("/proc/self/fd/{}", file.as_raw_fd());
                Ok(linkat(CWD, name, CWD, path, AtFlags::SYMLINK_FOLLOW)?)
            }
            Self::Named(file) => file.persist_noclobber(path).map(|_| ()).map_err(Into::into),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_comes_to_its_place_and_over_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        for make in [Aside::new, Aside::named] {
            let mut aside = make(folder.path(), 0o600).unwrap();
            aside.file().write_all(b"all of it").unwrap();
            assert!(!path.exists());
            aside.put(&path).unwrap();
            assert_eq!(std::fs::read(&path).unwrap(), b"all of it");
            assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
            let mut second = make(folder.path(), 0o600).unwrap();
            second.file().write_all(b"other").unwrap();
            let error = second.put(&path).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
            assert_eq!(std::fs::read(&path).unwrap(), b"all of it");
            assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
            std::fs::remove_file(&path).unwrap();
        }
        assert!(matches!(Aside::new(folder.path(), 0o600), Ok(Aside::Nameless(_))));
    }
}
