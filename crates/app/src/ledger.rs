//! The ledger of evidence at work: its key, its beginning, its checkpoints, its export.
//!
//! What records say is decided where they are made, in the transaction of whatever they tell
//! ([`Tx::append_evidence`](khien_store::Tx::append_evidence)); here the chain of them is begun, signed
//! and handed out. Verifying is [`khien_seal::ledger`]'s, over lines of an export or of the store.
//!
//! The key lies in the data folder, readable by its owner alone, and is made when the ledger begins. A
//! centre whose key is lost goes on and says so; its ledger goes on unsigned until the key is put back.

use std::fs;
use std::io::{self, BufRead, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use khien_domain::evidence::content::{Content, moment};
use khien_domain::evidence::kinds::{Kinds, KindsError};
use khien_domain::evidence::{How, NewEvidence, Origin, Record};
use khien_domain::gate::GatePolicy;
use khien_domain::index::{IndexPack, PackError};
use khien_domain::permission::AgencyScope;
use khien_seal::ledger::{
    Broken, Checkpoint, End, Hash, LINE_BYTES, NOTHING, Tree, Verified, Verifier, hex, key_text,
};
use khien_seal::{Fingerprint, KeyError, SecretKey, SignatureError};
use khien_store::{CheckpointRow, KeptRecord, Store, StoreError};
use rustix::rand::{GetRandomFlags, getrandom};

/// How an export begins.
const FIRST: &[u8] = b"{\"about\":{";

/// Why the ledger cannot be worked on.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The store failed.
    #[error("the ledger cannot be reached")]
    Store(#[from] StoreError),
    /// The key is not there.
    #[error("the key of the ledger is missing: put {path} back from a backup of this data folder")]
    NoKey {
        /// Where it should be.
        path: PathBuf,
    },
    /// The key cannot be used.
    #[error("{path} is not the key of the ledger")]
    Key {
        /// Where it is.
        path: PathBuf,
        /// What is wrong with it.
        source: KeyError,
    },
    /// The key is that of another ledger: what it signs would break this one for good.
    #[error(
        "{path} is the key of another ledger: put the right one back from a backup of this data folder"
    )]
    OtherKey {
        /// Where it is.
        path: PathBuf,
    },
    /// Signing failed.
    #[error("the ledger cannot be signed")]
    Sign(#[from] SignatureError),
    /// A file cannot be read or written.
    #[error("{path} cannot be read or written")]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    Random(#[source] io::Error),
    /// The ledger is broken.
    #[error("the ledger is broken")]
    Broken(#[from] Broken),
    /// The database finds a record by something that the record does not say.
    #[error("record {record}: the database keeps another {column} beside it than it says")]
    Beside {
        /// Its number.
        record: u64,
        /// What is kept beside it.
        column: &'static str,
    },
    /// What is kept beside a signed checkpoint is not what it says.
    #[error("checkpoint {number}: the database keeps something else beside it than it says")]
    BesideCheckpoint {
        /// Its number.
        number: u64,
    },
    /// A record is gone, and others come after it.
    #[error("record {record} is missing")]
    Gone {
        /// Its number.
        record: u64,
    },
    /// Records at the end are gone.
    #[error("records are missing at the end: {signed} were signed, {records} are there")]
    Cut {
        /// How many there are.
        records: u64,
        /// How many a checkpoint covers.
        signed: u64,
    },
    /// A file is in the way of an export.
    #[error("{path} is there and is no export of a ledger: choose another name")]
    Taken {
        /// Which.
        path: PathBuf,
    },
    /// A pack is damaged.
    #[error("a pack cannot be used")]
    Pack(#[from] KindsError),
    /// Another pack is damaged.
    #[error("a pack cannot be used: {0}")]
    Damaged(String),
    /// What is kept of the tree does not fit.
    #[error("the last checkpoint of the ledger is damaged: run `khien ledger verify`")]
    Frontier,
}

/// Where the key of a data folder's ledger is.
#[derive(Clone, Debug)]
pub struct LedgerKey {
    path: PathBuf,
}

/// What an export holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// How many records.
    pub records: u64,
    /// How many checkpoints.
    pub checkpoints: u64,
    /// How many bytes.
    pub bytes: u64,
    /// Whose signatures they are.
    pub key: Fingerprint,
}

impl LedgerKey {
    /// The key in a folder of keys.
    pub fn in_folder(keys: &Path) -> Self {
        Self { path: keys.join("ledger.key") }
    }

    fn io(&self, source: io::Error) -> LedgerError {
        LedgerError::Io { path: self.path.clone(), source }
    }

    fn read(&self) -> Result<SecretKey, LedgerError> {
        let text = match fs::read_to_string(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(LedgerError::NoKey { path: self.path.clone() });
            }
            read => read.map_err(|error| self.io(error))?,
        };
        self.parse(&text)
    }

    fn parse(&self, text: &str) -> Result<SecretKey, LedgerError> {
        let failed = |source| LedgerError::Key { path: self.path.clone(), source };
        SecretKey::parse(text).map_err(failed)
    }

    /// Reads the key with which a store's ledger is signed. Another one is refused: nobody could verify what
    /// it signs.
    pub async fn of(&self, store: &Store) -> Result<SecretKey, LedgerError> {
        let secret = self.read()?;
        let public = secret
            .public()
            .map_err(|source| LedgerError::Key { path: self.path.clone(), source })?;
        let began = store.find_evidence(&AgencyScope::All, 0).await?;
        let named = began.as_ref().and_then(|began| began.content.get("key")?.as_text());
        if named == Some(key_text(&public).as_str()) {
            Ok(secret)
        } else {
            Err(LedgerError::OtherKey { path: self.path.clone() })
        }
    }

    /// Reads the key, or makes one.
    fn read_or_make(&self) -> Result<SecretKey, LedgerError> {
        match self.read() {
            Err(LedgerError::NoKey { .. }) => {}
            other => return other,
        }
        let secret = SecretKey::new(random()?);
        // Written aside: whoever finds the file finds all of it.
        let aside = self.path.with_extension("key.new");
        let made = || -> io::Result<()> {
            let options = fs::OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .to_owned();
            let mut file = options.open(&aside)?;
            file.write_all(secret.to_text().as_bytes())?;
            file.sync_all()?;
            fs::rename(&aside, &self.path)
        };
        made().map_err(|error| self.io(error))?;
        let public = secret
            .public()
            .map_err(|source| LedgerError::Key { path: self.path.clone(), source })?;
        let beside = self.path.with_extension("pub");
        fs::write(&beside, public.to_text())
            .map_err(|source| LedgerError::Io { path: beside, source })?;
        Ok(secret)
    }
}

/// Random bytes of the system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], LedgerError> {
    let mut random = [0; N];
    let mut filled = 0;
    while let Some(rest) = random.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        filled += getrandom(rest, GetRandomFlags::empty())
            .map_err(|error| LedgerError::Random(error.into()))?;
    }
    Ok(random)
}

/// Begins the ledger, if it has not begun: its first record names its key.
pub(crate) async fn begin(
    store: &Store,
    key: &LedgerKey,
    now: Timestamp,
) -> Result<(), LedgerError> {
    if store.ledger_size().await? > 0 {
        return Ok(());
    }
    let mut tx = store.begin().await?;
    if tx.lock_ledger().await?.size > 0 {
        return Ok(());
    }
    let secret = key.read_or_make()?;
    let public =
        secret.public().map_err(|source| LedgerError::Key { path: key.path.clone(), source })?;
    let first = of_ledger("ledger.began", "ledger", now)
        .with("centre", "Khiên")
        .with("format", 1)
        .with("key", key_text(&public));
    tx.append_evidence(vec![first], now).await?;
    Ok(tx.commit().await?)
}

/// Who wrote what the program itself puts into the ledger.
pub(crate) const PROGRAM: &str = "khien";

/// Puts the packs that come with the program into the ledger, if they are not there as they are: whoever
/// has the ledger has what was counted and decided by. While a round is frozen no index changes that is there,
/// and an index that somebody brought stays the one that counts.
pub(crate) async fn keep_packs(
    store: &Store,
    kinds: &Kinds,
    now: Timestamp,
) -> Result<(), LedgerError> {
    let damaged = |error: PackError| LedgerError::Damaged(error.to_string());
    let index = IndexPack::parse(IndexPack::BUILT_IN, kinds).map_err(damaged)?;
    let gate = GatePolicy::parse(GatePolicy::BUILT_IN, kinds).map_err(damaged)?;
    let packs = [
        ("index.pack", "pack", index.id.as_str(), index.to_content()),
        ("gate.policy", "policy", gate.id.as_str(), gate.to_content()),
    ];
    for (kind, field, id, content) in packs {
        let content = Content::map([(field, content.clone())]);
        let last = store.last_of_ledger(kind, Some(id)).await?;
        if last.as_ref().is_some_and(|last| last.content == content) {
            continue;
        }
        let new = NewEvidence { content, ..of_ledger(kind, id, now) };
        let mut tx = store.begin().await?;
        tx.lock_ledger().await?;
        if kind == "index.pack"
            && ((last.is_some() && tx.frozen_round().await?.is_some())
                || is_brought(&tx.all_of_ledger(kind).await?, kinds, now))
        {
            continue;
        }
        tx.append_evidence(vec![new], now).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Whether the newest of the packs, newest first, is one that the program never had, and counts.
fn is_brought(packs: &[Record], kinds: &Kinds, now: Timestamp) -> bool {
    let Some(newest) = packs.first() else { return false };
    let is_own =
        |one: &Record| one.about.by == PROGRAM && one.about.subject == newest.about.subject;
    let content = newest.content.get("pack").cloned();
    let pack = content.and_then(|content| IndexPack::from_content(content, kinds).ok());
    !packs.iter().any(is_own) && pack.is_some_and(|pack| pack.is_valid_at(now))
}

/// A record about no agency, by the program itself.
pub(crate) fn of_ledger(kind: &str, subject: &str, now: Timestamp) -> NewEvidence {
    NewEvidence {
        kind: kind.to_owned(),
        schema: 1,
        content: Content::map::<&str>([]),
        agency: None,
        system: None,
        subject: subject.to_owned(),
        origin: Origin::Decision,
        reference: String::new(),
        how: How::Measured,
        by: PROGRAM.to_owned(),
        at: now,
        until: None,
        corrects: None,
    }
}

/// Signs the root of the tree over all records, if there are some that no checkpoint covers.
pub async fn checkpoint(
    store: &Store,
    key: &LedgerKey,
    reason: &str,
    now: Timestamp,
) -> Result<Option<CheckpointRow>, LedgerError> {
    let secret = key.of(store).await?;
    let mut tx = store.begin().await?;
    let size = tx.lock_ledger().await?.size;
    let last = store.last_checkpoint().await?;
    let covered = last.as_ref().map_or(0, |last| last.size);
    if covered == size {
        return Ok(None);
    }
    if covered > size {
        return Err(LedgerError::Cut { records: size, signed: covered });
    }
    let (mut tree, number, previous) = match &last {
        None => (Tree::default(), 0, NOTHING),
        Some(last) => {
            let (tree, hash) = signed_tree(last).ok_or(LedgerError::Frontier)?;
            (tree, last.number + 1, hash)
        }
    };
    while tree.size() < size {
        let before = tree.size();
        for record in store.kept_records(before, size).await? {
            let hash = as_said(&record)?;
            tree.push(hash);
        }
        if tree.size() == before {
            return Err(LedgerError::Frontier);
        }
    }
    let (at, reason, root) = (moment(now), reason.to_owned(), tree.root());
    let statement = Checkpoint { number, at, reason, size, root, previous };
    let line = statement.sign(&secret)?;
    let row = CheckpointRow { number, size, at: now, line, frontier: tree.to_bytes() };
    tx.add_checkpoint(&row).await?;
    tx.commit().await?;
    Ok(Some(row))
}

/// The tree that a checkpoint has signed, and the checkpoint's hash, if what is kept of the tree is what was
/// signed.
fn signed_tree(row: &CheckpointRow) -> Option<(Tree, Hash)> {
    let tree = Tree::from_bytes(row.size, &row.frontier)?;
    let root = format!(",\"root\":\"{}\",\"size\":{}}}", hex(&tree.root()), row.size);
    let hash = Checkpoint::hash_of_line(&row.line)?;
    row.line.contains(&root).then_some((tree, hash))
}

/// The hash of a record that is kept as it says.
fn as_said(record: &KeptRecord) -> Result<Hash, LedgerError> {
    let stray = |column| LedgerError::Beside { record: record.seq, column };
    match record.stray_column() {
        Some(column) => Err(stray(column)),
        None => record.hash.as_slice().try_into().map_err(|_| stray("hash")),
    }
}

/// The lines of the ledger up to a size, records and checkpoints in their order.
struct Lines<'a> {
    store: &'a Store,
    size: u64,
    next: u64,
    checkpoints: u64,
}

impl Lines<'_> {
    /// Hands blocks of lines, each with its end, to `take`; answers how many checkpoints there were.
    async fn each(
        &mut self,
        mut take: impl FnMut(&str) -> Result<(), LedgerError>,
    ) -> Result<(), LedgerError> {
        loop {
            let rows = self.store.list_checkpoints(self.checkpoints).await?;
            let rows: Vec<_> = rows.into_iter().filter(|row| row.size <= self.size).collect();
            if rows.is_empty() {
                return self.records(self.size, &mut take).await;
            }
            for row in rows {
                self.records(row.size, &mut take).await?;
                take(&format!("{}\n", row.line))?;
                self.checkpoints = row.number + 1;
            }
        }
    }

    async fn records(
        &mut self,
        size: u64,
        take: &mut impl FnMut(&str) -> Result<(), LedgerError>,
    ) -> Result<(), LedgerError> {
        while self.next < size {
            let block = self.store.ledger_block(self.next, size).await?;
            let lines = block.bytes().filter(|byte| *byte == b'\n').count() as u64;
            if lines == 0 {
                return Ok(());
            }
            self.next += lines;
            take(&block)?;
        }
        Ok(())
    }
}

/// Writes the whole ledger into a file: every record, every checkpoint, and an end, so that whoever has
/// the file can verify it without the centre. The file is there as a whole or not at all.
pub async fn export(
    store: &Store,
    key: &LedgerKey,
    path: &Path,
    now: Timestamp,
) -> Result<Exported, LedgerError> {
    let secret = key.of(store).await?;
    free(path)?;
    checkpoint(store, key, "export", now).await?;
    let size = store.last_checkpoint().await?.map_or(0, |last| last.size);
    let failed = |source| LedgerError::Io { path: path.to_owned(), source };
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let aside =
        tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new("."))).map_err(failed)?;
    let mut file = io::BufWriter::with_capacity(1 << 20, aside);
    let mut lines = Lines { store, size, next: 0, checkpoints: 0 };
    let mut bytes = 0;
    lines
        .each(|block| {
            bytes += block.len() as u64;
            file.write_all(block.as_bytes()).map_err(failed)
        })
        .await?;
    let (records, checkpoints) = (lines.next, lines.checkpoints);
    let last = store.kept_records(records.saturating_sub(1), records).await?;
    let tip = last.first().map_or(Ok(NOTHING), as_said)?;
    let end = End { at: moment(now), checkpoints, records, tip }.sign(&secret)?;
    file.write_all(end.as_bytes()).and_then(|()| file.write_all(b"\n")).map_err(failed)?;
    bytes += end.len() as u64 + 1;
    let aside = file.into_inner().map_err(|error| failed(error.into_error()))?;
    aside.as_file().sync_all().map_err(failed)?;
    aside.persist(path).map_err(|error| failed(error.error))?;
    let public = secret.public().map_err(SignatureError::from)?;
    Ok(Exported { records, checkpoints, bytes, key: public.fingerprint() })
}

/// Refuses a file that is there and is no export: a key or the records would be gone.
fn free(path: &Path) -> Result<(), LedgerError> {
    let taken = || LedgerError::Taken { path: path.to_owned() };
    let failed = |source| LedgerError::Io { path: path.to_owned(), source };
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error)),
        Ok(found) if !found.is_file() => return Err(taken()),
        Ok(_) => {}
    }
    let mut first = [0; FIRST.len()];
    match fs::File::open(path).and_then(|mut file| io::Read::read_exact(&mut file, &mut first)) {
        Ok(()) if first == *FIRST => Ok(()),
        Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => Err(failed(error)),
        _ => Err(taken()),
    }
}

/// Verifies the ledger of a store, and that what the database keeps beside records and checkpoints is what
/// they say: records are found by it.
pub async fn verify(store: &Store, expected: Option<Fingerprint>) -> Result<Verified, LedgerError> {
    let size = store.ledger_size().await?;
    let mut verifier = Verifier::new(expected);
    let mut checkpoints = 0;
    'all: loop {
        let rows = store.list_checkpoints(checkpoints).await?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            if row.size > size {
                // What was added since is looked at the next time, but what was signed is there.
                let records = store.ledger_size().await?;
                if row.size > records {
                    return Err(LedgerError::Cut { records, signed: row.size });
                }
                break 'all;
            }
            verify_records(store, &mut verifier, row.size).await?;
            verifier.line(&row.line)?;
            let tree = verifier.tree();
            if (tree.size(), tree.to_bytes()) != (row.size, row.frontier) {
                return Err(LedgerError::BesideCheckpoint { number: row.number });
            }
            checkpoints = row.number + 1;
        }
    }
    verify_records(store, &mut verifier, size).await?;
    Ok(verifier.so_far()?)
}

/// Verifies the records up to a size.
async fn verify_records(
    store: &Store,
    verifier: &mut Verifier,
    size: u64,
) -> Result<(), LedgerError> {
    while verifier.tree().size() < size {
        let kept = store.kept_records(verifier.tree().size(), size).await?;
        if kept.is_empty() {
            return Err(LedgerError::Gone { record: verifier.tree().size() });
        }
        for record in kept {
            verifier.line(&record.line)?;
            as_said(&record)?;
        }
    }
    Ok(())
}

/// Hands each line of an export to `take` as it stands there, with its line feed; one that is too long in
/// pieces, which no line feed ends.
pub(crate) fn each_line(
    path: &Path,
    mut take: impl FnMut(&[u8]) -> Result<(), LedgerError>,
) -> Result<(), LedgerError> {
    let failed = |source| LedgerError::Io { path: path.to_owned(), source };
    let file = fs::File::open(path).map_err(failed)?;
    let mut reader = io::BufReader::with_capacity(1 << 16, file);
    let mut line = Vec::new();
    loop {
        line.clear();
        let mut most = io::Read::take(&mut reader, LINE_BYTES as u64);
        if most.read_until(b'\n', &mut line).map_err(failed)? == 0 {
            return Ok(());
        }
        take(&line)?;
    }
}

/// Verifies an export; each line that holds is handed to `each`.
pub fn verify_export(
    path: &Path,
    expected: Option<Fingerprint>,
    mut each: impl FnMut(&str),
) -> Result<Verified, LedgerError> {
    let mut verifier = Verifier::new(expected);
    each_line(path, |line| {
        each(verifier.line_as_read(line)?);
        Ok(())
    })?;
    Ok(verifier.finish()?)
}

/// A fingerprint as digits, as records and statements hold it.
pub fn digits(fingerprint: Fingerprint) -> String {
    hex(&fingerprint.0)
}
