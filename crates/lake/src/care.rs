//! Looking after the files: whether they are whole, how many there are, and a copy of them all.
//! [`inspect`] does it beside another process that has the lake open.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::data_file::{DataFile, day_folder};
use crate::error::LakeError;
use crate::lake::{Damage, Lake, damage_of};
use crate::manifest::{Contents, hex, read_contents, rewrite, sync_folder};
use crate::search::Cancel;

/// Bytes that are hashed at a time.
const CHUNK_BYTES: usize = 1 << 20;

/// What the lake holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stats {
    /// Events in files.
    pub rows: u64,
    /// Bytes of the files.
    pub bytes: u64,
    /// Files.
    pub files: usize,
    /// Events that are not yet in files.
    pub recent_rows: usize,
    /// Memory of those events in bytes.
    pub recent_bytes: usize,
    /// The same by day, as `2026-11-22` in UTC, files only.
    pub days: Vec<DayStats>,
}

/// What the lake holds of a day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DayStats {
    /// The day, as `2026-11-22` in UTC.
    pub day: String,
    /// Events.
    pub rows: u64,
    /// Bytes of the files.
    pub bytes: u64,
    /// Files.
    pub files: usize,
}

/// What the files of a lake are found to be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inspection {
    /// What the manifest names.
    pub stats: Stats,
    /// Files that are missing, cut, or not what was written.
    pub damage: Vec<Damage>,
}

/// Looks at the lake in a folder without opening it, also while another process has it open; nothing
/// is changed. `deep` reads every file and compares its SHA-256, otherwise only lengths are compared.
/// `progress` hears how many of how many bytes are done.
pub fn inspect(
    folder: &Path,
    deep: bool,
    progress: &mut dyn FnMut(u64, u64),
    cancel: &Cancel,
) -> Result<Inspection, LakeError> {
    let (manifest, events) = (folder.join("manifest"), folder.join("events"));
    let contents = read_contents(&manifest)?;
    let files: Vec<DataFile> =
        contents.files.into_values().map(|entry| DataFile::new(&events, entry)).collect();
    let total = files.iter().map(|file| file.entry.bytes).sum();
    let (mut done, mut damage) = (0, Vec::new());
    for file in &files {
        let found = match damage_of(file) {
            None if deep => match intact(file, cancel) {
                Ok(()) => None,
                Err(LakeError::Cancelled) => return Err(LakeError::Cancelled),
                Err(error) => Some(told(file, error.to_string())),
            },
            found => found,
        };
        damage.extend(found.map(|found| (file.entry.id, found)));
        done += file.entry.bytes;
        progress(done, total);
    }
    if !damage.is_empty() {
        // Whoever has the lake open may have merged or forgotten a file meanwhile.
        let now = read_contents(&manifest)?;
        damage.retain(|(id, _)| now.files.contains_key(id));
    }
    let damage = damage.into_iter().map(|(_, damage)| damage).collect();
    Ok(Inspection { stats: stats_of(files.iter()), damage })
}

/// What files hold, by day.
fn stats_of<'f>(files: impl Iterator<Item = &'f DataFile>) -> Stats {
    let mut days: BTreeMap<i64, DayStats> = BTreeMap::new();
    for file in files {
        let day = days.entry(file.entry.day).or_default();
        day.rows += file.entry.rows;
        day.bytes += file.entry.bytes;
        day.files += 1;
    }
    let days: Vec<DayStats> = days
        .into_iter()
        .map(|(day, stats)| DayStats {
            day: day_folder(day).trim_start_matches("day=").to_owned(),
            ..stats
        })
        .collect();
    Stats {
        rows: days.iter().map(|day| day.rows).sum(),
        bytes: days.iter().map(|day| day.bytes).sum(),
        files: days.iter().map(|day| day.files).sum(),
        days,
        ..Stats::default()
    }
}

impl Lake {
    /// What the lake holds.
    pub fn stats(&self) -> Stats {
        let snapshot = self.snapshot();
        Stats {
            recent_rows: snapshot.recent.iter().map(|batch| batch.num_rows()).sum(),
            recent_bytes: snapshot.recent.iter().map(|batch| batch.get_array_memory_size()).sum(),
            ..stats_of(snapshot.files.values().map(AsRef::as_ref))
        }
    }

    /// Reads every file and compares its SHA-256 with the manifest's; tells those that differ or cannot
    /// be read. `progress` hears how many of how many bytes are done.
    pub fn verify(
        &self,
        progress: &mut dyn FnMut(u64, u64),
        cancel: &Cancel,
    ) -> Result<Vec<Damage>, LakeError> {
        let files = self.snapshot().files;
        let total = files.values().map(|file| file.entry.bytes).sum();
        let mut done = 0;
        let mut damage = Vec::new();
        for file in files.values() {
            match intact(file, cancel) {
                Ok(()) => {}
                Err(LakeError::Cancelled) => return Err(LakeError::Cancelled),
                Err(error) => damage.push(told(file, error.to_string())),
            }
            done += file.entry.bytes;
            progress(done, total);
        }
        Ok(damage)
    }

    /// Makes a lake of the same files in a new folder, as of now: rows that are not yet in files are not
    /// in it. Files are linked, so this costs neither time nor space, or copied where the folder is on
    /// another disk. A file that is missing is missing in the copy too, and told there as it is here.
    pub fn copy_to(&self, folder: &Path) -> Result<(), LakeError> {
        let snapshot = self.snapshot();
        let events = folder.join("events");
        std::fs::create_dir_all(&events).map_err(LakeError::io("create", &events))?;
        let mut contents = Contents { covered: snapshot.covered.clone(), ..Contents::default() };
        for (id, file) in snapshot.files.iter() {
            let day = events.join(day_folder(file.entry.day));
            std::fs::create_dir_all(&day).map_err(LakeError::io("create", &day))?;
            let place = events.join(file.entry.name());
            match std::fs::hard_link(&file.path, &place) {
                Ok(()) => {}
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(_) => {
                    std::fs::copy(&file.path, &place).map_err(LakeError::io("copy", &file.path))?;
                    let synced = File::open(&place).and_then(|file| file.sync_all());
                    synced.map_err(LakeError::io("sync", &place))?;
                }
            }
            sync_folder(&day)?;
            contents.files.insert(*id, file.entry.clone());
            contents.next_id = contents.next_id.max(*id + 1);
        }
        sync_folder(&events)?;
        rewrite(&folder.join("manifest"), &contents).map(|_| ())
    }
}

/// Whether a file is what was written; asked before its rows are written again under a new SHA-256.
pub(crate) fn intact(file: &DataFile, cancel: &Cancel) -> Result<(), LakeError> {
    let reason = match digest(file, cancel) {
        Ok(found) if found == file.entry.sha256 => return Ok(()),
        Ok(_) => "its SHA-256 is not the manifest's".to_owned(),
        Err(LakeError::Cancelled) => return Err(LakeError::Cancelled),
        Err(error) => error.to_string(),
    };
    Err(LakeError::Damaged { path: file.path.clone(), reason })
}

fn digest(file: &DataFile, cancel: &Cancel) -> Result<String, LakeError> {
    let mut opened = File::open(&file.path).map_err(LakeError::io("open", &file.path))?;
    let mut digest = Sha256::new();
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        if cancel.is_cancelled() {
            return Err(LakeError::Cancelled);
        }
        let read = opened.read(&mut chunk).map_err(LakeError::io("read", &file.path))?;
        if read == 0 {
            return Ok(hex(&digest.finalize()));
        }
        digest.update(chunk.get(..read).unwrap_or_default());
    }
}

fn told(file: &DataFile, reason: String) -> Damage {
    Damage { path: file.path.clone(), reason, rows: file.entry.rows }
}
