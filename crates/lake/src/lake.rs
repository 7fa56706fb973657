//! The lake: a folder of files, a manifest, and the rows that are not yet in files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arrow_array::RecordBatch;

use crate::data_file::DataFile;
use crate::error::LakeError;
use crate::manifest::{Commit, Contents, Manifest};
use crate::numbers::Numbers;
use crate::recent::Recent;
use crate::rows::Rows;
use crate::search::tail::Tails;
use crate::write::{Written, write_days};

/// How a lake is run.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Memory of rows that are not yet in files, in bytes. At half of it `append` asks for a flush, so
    /// that rows can go on coming while others are written.
    pub buffer_bytes: usize,
    /// Threads that one search may use.
    pub threads: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { buffer_bytes: 192 << 20, threads: 2 }
    }
}

/// What `append` says of the rows in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// Rows that are not yet in files.
    pub recent_rows: usize,
    /// Their memory in bytes.
    pub recent_bytes: usize,
    /// Whether half of `Options::buffer_bytes` is in use: call `Lake::flush` soon.
    pub should_flush: bool,
}

/// A file of the lake that is missing or not as long as the manifest says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The file.
    pub path: PathBuf,
    /// What does not hold.
    pub reason: String,
    /// Events that cannot be searched because of it.
    pub rows: u64,
}

/// Events at rest. All methods take `&self` and may be called from any thread.
#[derive(Debug)]
pub struct Lake {
    pub(crate) folder: PathBuf,
    pub(crate) options: Options,
    pub(crate) state: Mutex<State>,
    /// Told when a flush has ended.
    flushed: Condvar,
    /// Held while files are added or removed; before `state`.
    manifest: Mutex<Manifest>,
    /// Held by the one flush.
    flushing: Mutex<()>,
    /// Held while files are merged or forgotten.
    pub(crate) maintenance: Mutex<()>,
    next_id: AtomicU64,
    damage: Vec<Damage>,
    /// Those who hear of every append.
    pub(crate) tails: Mutex<Tails>,
    /// Keeps other processes out.
    _lock: File,
}

/// What changes, under one lock that is only ever held for moments.
#[derive(Debug, Default)]
pub(crate) struct State {
    recent: Recent,
    /// Rows that a flush is writing; still searchable from here.
    flushing: Option<Arc<Recent>>,
    files: Arc<BTreeMap<u64, Arc<DataFile>>>,
    covered: Numbers,
}

/// Everything searchable at one moment. Files in it can be read as long as it lives.
#[derive(Debug, Clone)]
pub(crate) struct Snapshot {
    pub(crate) recent: Vec<Arc<RecordBatch>>,
    pub(crate) files: Arc<BTreeMap<u64, Arc<DataFile>>>,
    /// Batches whose rows are in the files.
    pub(crate) covered: Numbers,
}

/// The guard even if a thread panicked while holding it: what the locks guard is replaced whole.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Lake {
    /// Opens the lake in `folder`, or begins one. Leftovers of interrupted writes are removed; files
    /// that are missing or cut are told by `damage` and left out of searches.
    pub fn open(folder: &Path, options: Options) -> Result<Self, LakeError> {
        let events = folder.join("events");
        std::fs::create_dir_all(&events).map_err(LakeError::io("create", &events))?;
        let lock_path = folder.join("lock");
        let lock = File::create(&lock_path).map_err(LakeError::io("create", &lock_path))?;
        lock.try_lock().map_err(|_| LakeError::Locked { path: folder.to_owned() })?;
        let (manifest, contents) = Manifest::open(&folder.join("manifest"))?;
        remove_leftovers(&events, &contents)?;
        let mut files = BTreeMap::new();
        let mut damage = Vec::new();
        let next_id = contents.next_id;
        for (id, entry) in contents.files {
            let file = DataFile::new(&events, entry);
            damage.extend(damage_of(&file));
            files.insert(id, Arc::new(file));
        }
        let state = State { files: Arc::new(files), covered: contents.covered, ..State::default() };
        Ok(Self {
            folder: folder.to_owned(),
            options,
            state: Mutex::new(state),
            flushed: Condvar::new(),
            manifest: Mutex::new(manifest),
            flushing: Mutex::new(()),
            maintenance: Mutex::new(()),
            tails: Mutex::default(),
            next_id: AtomicU64::new(next_id),
            damage,
            _lock: lock,
        })
    }

    /// Batches whose rows are all in files, durably: they need not be appended again.
    pub fn covered(&self) -> Numbers {
        lock(&self.state).covered.clone()
    }

    /// Files that were found missing or cut at opening.
    pub fn damage(&self) -> &[Damage] {
        &self.damage
    }

    /// Waits until rows fit into `Options::buffer_bytes`, but no longer than told. Answers whether they
    /// do: not while files cannot be written.
    pub fn wait_for_room(&self, longest: Duration) -> bool {
        let full = |state: &mut State| state.memory() >= self.options.buffer_bytes;
        let waited = self.flushed.wait_timeout_while(lock(&self.state), longest, full);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    /// Adds the rows of whole batches, whose numbers are given; they are searchable when this
    /// returns and durable after the next `flush`. A batch without rows is given to be covered.
    /// Memory is bounded as long as whoever appends calls `wait_for_room` before.
    pub fn append(&self, rows: Rows, numbers: &Numbers) -> Result<Appended, LakeError> {
        let batches = rows.finish()?;
        let mut state = lock(&self.state);
        self.tell(&batches);
        state.recent.add(batches, numbers)?;
        Ok(Appended {
            recent_rows: state.recent.rows(),
            recent_bytes: state.recent.bytes(),
            should_flush: state.recent.bytes() >= self.options.buffer_bytes / 2,
        })
    }

    /// Writes the rows in memory to files and makes them and their batch numbers durable. Appends and
    /// searches go on meanwhile; of several flushes at once each waits for the one before. After an
    /// error the rows are still in memory and searchable, and a later flush tries again.
    pub fn flush(&self) -> Result<(), LakeError> {
        let _one = lock(&self.flushing);
        let taken = {
            let mut state = lock(&self.state);
            if state.recent.is_empty() {
                return Ok(());
            }
            let taken = Arc::new(std::mem::take(&mut state.recent));
            state.flushing = Some(Arc::clone(&taken));
            taken
        };
        let written = self.write_and_commit(&taken);
        if written.is_err() {
            let mut state = lock(&self.state);
            let newer = std::mem::replace(&mut state.recent, Recent::clone(&taken));
            state.recent.extend(newer);
            state.flushing = None;
        }
        self.flushed.notify_all();
        written
    }

    fn write_and_commit(&self, taken: &Recent) -> Result<(), LakeError> {
        let batches: Vec<&RecordBatch> = taken.batches().map(AsRef::as_ref).collect();
        let events = self.events();
        let files = write_days(&events, &batches, || self.new_id())?;
        self.commit(files, Vec::new(), taken.covered.clone(), |state| state.flushing = None)
    }

    /// Puts files in and out of the lake at once, durably, and lets searches see it together with
    /// what `change` does. After an error the new files are gone and nothing has changed.
    pub(crate) fn commit(
        &self,
        add: Vec<Written>,
        remove: Vec<u64>,
        covered: Numbers,
        change: impl FnOnce(&mut State),
    ) -> Result<(), LakeError> {
        let mut manifest = lock(&self.manifest);
        let entries = add.iter().map(|file| file.entry.clone()).collect();
        let commit = Commit { add: entries, remove, covered };
        let appended = manifest.append(&commit);
        // A line that could not be cut off again may count after a crash: its files must stay.
        if appended.is_ok() || !manifest.is_clean() {
            add.into_iter().try_for_each(Written::keep)?;
        }
        appended?;
        let contents = {
            let mut state = lock(&self.state);
            let mut files = BTreeMap::clone(&state.files);
            for id in &commit.remove {
                if let Some(file) = files.remove(id) {
                    file.leave();
                }
            }
            let events = self.events();
            for entry in &commit.add {
                files.insert(entry.id, Arc::new(DataFile::new(&events, entry.clone())));
            }
            state.files = Arc::new(files);
            state.covered.merge(&commit.covered);
            change(&mut state);
            if !manifest.is_long(state.files.len()) {
                return Ok(());
            }
            self.contents(&state)
        };
        manifest.rewrite(&contents)
    }

    fn contents(&self, state: &State) -> Contents {
        Contents {
            files: state.files.iter().map(|(id, file)| (*id, file.entry.clone())).collect(),
            covered: state.covered.clone(),
            next_id: self.next_id.load(Ordering::Relaxed),
        }
    }

    pub(crate) fn new_id(&self) -> u64 {
        self.next_id.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn events(&self) -> PathBuf {
        self.folder.join("events")
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        let state = lock(&self.state);
        let flushing = state.flushing.iter().flat_map(|recent| recent.batches());
        Snapshot {
            recent: flushing.chain(state.recent.batches()).map(Arc::clone).collect(),
            files: Arc::clone(&state.files),
            covered: state.covered.clone(),
        }
    }
}

impl State {
    fn memory(&self) -> usize {
        self.recent.bytes() + self.flushing.as_ref().map_or(0, |recent| recent.bytes())
    }
}

/// Whether a file is there in full; its contents are for `verify`.
pub(crate) fn damage_of(file: &DataFile) -> Option<Damage> {
    let reason = match std::fs::metadata(&file.path) {
        Ok(found) if found.len() == file.entry.bytes => return None,
        Ok(found) => format!("{} bytes instead of {}", found.len(), file.entry.bytes),
        Err(error) => error.to_string(),
    };
    Some(Damage { path: file.path.clone(), reason, rows: file.entry.rows })
}

/// Removes what the manifest does not name: files of flushes that did not come to their commit.
fn remove_leftovers(events: &Path, contents: &Contents) -> Result<(), LakeError> {
    let known: BTreeSet<PathBuf> =
        contents.files.values().map(|entry| events.join(entry.name())).collect();
    for day in std::fs::read_dir(events).map_err(LakeError::io("read", events))? {
        let day = day.map_err(LakeError::io("read", events))?.path();
        if !day.is_dir() {
            continue;
        }
        for file in std::fs::read_dir(&day).map_err(LakeError::io("read", &day))? {
            let path = file.map_err(LakeError::io("read", &day))?.path();
            let ours = path.extension().is_some_and(|kind| kind == "parquet" || kind == "new");
            if ours && !known.contains(&path) {
                std::fs::remove_file(&path).map_err(LakeError::io("remove", &path))?;
            }
        }
        // A day that has become empty; a day that has not refuses.
        let _ = std::fs::remove_dir(&day);
    }
    Ok(())
}
