//! What is to be read: files, folders, archives, standard input.
//!
//! A path becomes [`Source`]s in a fixed order; each opens as a stream of decompressed bytes. Large
//! plain files are cut into ranges that threads read side by side. Decompression is capped: no
//! ratio beyond [`MAX_RATIO`], for an entry and for an archive as a whole, and no more than
//! [`MAX_ENTRIES`] entries of an archive. What is compressed is told by the name or the first bytes.

use std::cell::{Cell, RefCell};
use std::fs::{self, File};
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::{DeflateDecoder, MultiGzDecoder};

use super::archive::{self, Archive, Directory};
use super::zstandard::Frames;

/// Output may be this many times the input, once [`FREE_BYTES`] are out.
pub(crate) const MAX_RATIO: u64 = 250;
/// Output that is not held against the ratio.
pub(crate) const FREE_BYTES: u64 = 64 << 20;
/// No archive is listed further.
pub(crate) const MAX_ENTRIES: u64 = 100_000;

/// One stream of log bytes.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// What people call it: the path, and for archives the entry after `!`.
    pub(crate) name: String,
    /// Bytes on disk, as far as known; for progress and for sharing out the work.
    pub(crate) size: u64,
    pub(crate) place: Place,
    /// The file's modification time in seconds since 1970: no event in it is much later.
    pub(crate) modified: Option<i64>,
}

#[derive(Clone, Debug)]
pub(crate) enum Place {
    Standard,
    File(PathBuf),
    Gzip(PathBuf),
    Zstandard(PathBuf),
    Zip(archive::Entry),
}

/// Something that is no source, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Unreadable {
    pub(crate) file: String,
    pub(crate) offset: u64,
    pub(crate) reason: String,
}

/// Lists the sources under the paths, folders in the order of their names.
pub(crate) fn list(paths: &[PathBuf]) -> (Vec<Source>, Vec<Unreadable>) {
    let (mut sources, mut unreadable) = (Vec::new(), Vec::new());
    for path in paths {
        if path.as_os_str() == "-" {
            let name = "-".to_owned();
            sources.push(Source { name, size: 0, place: Place::Standard, modified: None });
        } else {
            add(path, 0, &mut sources, &mut unreadable);
        }
    }
    (sources, unreadable)
}

/// What the first bytes of a file say about its compression.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Compression {
    None,
    Gzip,
    Zstandard,
}

fn compression(head: &[u8]) -> Compression {
    match head {
        [0x1f, 0x8b, 8, ..] => Compression::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Compression::Zstandard,
        _ => Compression::None,
    }
}

/// Reads up to four bytes: what tells a compression.
fn magic(mut input: impl Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(4);
    (&mut input).take(4).read_to_end(&mut head)?;
    Ok(head)
}

fn add(path: &Path, depth: usize, sources: &mut Vec<Source>, unreadable: &mut Vec<Unreadable>) {
    let mut refuse = |reason: String| {
        unreadable.push(Unreadable { file: path.display().to_string(), offset: 0, reason });
    };
    if depth > 64 {
        return refuse("folders nest too deeply".into());
    }
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) => return refuse(error.to_string()),
    };
    if metadata.is_dir() {
        // A link to a folder could lead back here, or from a copy of another computer's disk to
        // this computer's logs.
        if depth > 0 && path.is_symlink() {
            return refuse("a link to a folder is not followed; name the folder to scan it".into());
        }
        let entries: io::Result<Vec<PathBuf>> =
            fs::read_dir(path).and_then(|entries| entries.map(|e| Ok(e?.path())).collect());
        return match entries {
            Ok(mut entries) => {
                entries.sort();
                for entry in entries {
                    add(&entry, depth + 1, sources, unreadable);
                }
            }
            Err(error) => refuse(error.to_string()),
        };
    }
    // Opening a pipe would wait for whoever writes it; a device may never end.
    if !metadata.is_file() {
        return refuse("neither a file nor a folder".into());
    }
    let modified = metadata.modified().ok().and_then(|time| {
        let since = time.duration_since(std::time::UNIX_EPOCH).ok()?;
        i64::try_from(since.as_secs()).ok()
    });
    let name = path.display().to_string();
    let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
    let head = match File::open(path).and_then(magic) {
        Ok(head) => head,
        Err(error) => return refuse(error.to_string()),
    };
    let place = match (extension.to_str(), compression(&head)) {
        (Some("zip"), _) => return add_zip(path, modified, sources, unreadable),
        (Some("gz"), _) | (_, Compression::Gzip) => Place::Gzip(path.to_owned()),
        (Some("zst"), _) | (_, Compression::Zstandard) => Place::Zstandard(path.to_owned()),
        _ => Place::File(path.to_owned()),
    };
    sources.push(Source { name, size: metadata.len(), place, modified });
}

fn add_zip(
    path: &Path,
    archive_modified: Option<i64>,
    sources: &mut Vec<Source>,
    unreadable: &mut Vec<Unreadable>,
) {
    let archive = path.display().to_string();
    let mut refuse = |file: String, reason: String| {
        unreadable.push(Unreadable { file, offset: 0, reason });
    };
    let mut directory = match Directory::open(path) {
        Ok(directory) => directory,
        Err(error) => return refuse(archive, error.to_string()),
    };
    if directory.entries > MAX_ENTRIES {
        let reason =
            format!("only the first {MAX_ENTRIES} of {} entries are read", directory.entries);
        refuse(archive.clone(), reason);
    }
    for _ in 0..MAX_ENTRIES {
        let listed = match directory.next() {
            Ok(Some(listed)) => listed,
            Ok(None) => return,
            Err(error) => return refuse(archive, error.to_string()),
        };
        // Folders hold no data, and what macOS adds beside each file holds no log.
        if listed.name.ends_with('/') || listed.name.starts_with("__MACOSX/") {
            continue;
        }
        let nested =
            Path::new(&listed.name).extension().is_some_and(|e| e.eq_ignore_ascii_case("zip"));
        let name = format!("{archive}!{}", listed.name);
        if listed.encrypted {
            refuse(name, "the entry is encrypted; unpack it with its password first".into());
        } else if nested {
            refuse(name, "an archive inside an archive is not opened; unpack it first".into());
        } else {
            let modified = listed.modified.or(archive_modified);
            let (size, place) = (listed.entry.packed, Place::Zip(listed.entry));
            sources.push(Source { name, size, place, modified });
        }
    }
}

impl Source {
    /// Opens the source from its beginning.
    pub(crate) fn open(&self, progress: &Arc<AtomicU64>) -> io::Result<Box<dyn Read>> {
        let counted =
            |path: &PathBuf| Ok::<_, io::Error>(Counted::new(File::open(path)?, progress));
        match &self.place {
            Place::Standard => {
                let mut input = Counted::new(io::stdin().lock(), progress);
                let head = magic(&mut input)?;
                let compression = compression(&head);
                let taken = input.taken();
                unpack(compression, Cursor::new(head).chain(input), taken)
            }
            Place::File(path) => Ok(Box::new(counted(path)?)),
            Place::Gzip(path) => {
                let input = counted(path)?;
                let taken = input.taken();
                unpack(Compression::Gzip, input, taken)
            }
            Place::Zstandard(path) => {
                let input = counted(path)?;
                let taken = input.taken();
                unpack(Compression::Zstandard, input, taken)
            }
            Place::Zip(entry) => {
                let (packing, input) = entry.open()?;
                let input = Counted::new(input, progress);
                let taken = input.taken();
                let archive = Some(Arc::clone(&entry.archive));
                Ok(match packing {
                    archive::Packing::Stored => {
                        Box::new(Capped::new(entry.checked(input), taken, archive))
                    }
                    archive::Packing::Deflated => {
                        let input = BufReader::with_capacity(1 << 16, input);
                        let inner = entry.checked(DeflateDecoder::new(input));
                        Box::new(Capped::new(inner, taken, archive))
                    }
                })
            }
        }
    }

    /// Opens a plain file at an offset.
    pub(crate) fn open_at(
        &self,
        offset: u64,
        progress: &Arc<AtomicU64>,
    ) -> io::Result<Box<dyn Read>> {
        let Place::File(path) = &self.place else {
            return Err(io::Error::other("only plain files are read in ranges"));
        };
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(offset))?;
        Ok(Box::new(Counted::new(file, progress)))
    }
}

fn unpack(
    compression: Compression,
    input: impl Read + 'static,
    taken: Rc<Cell<u64>>,
) -> io::Result<Box<dyn Read>> {
    if compression == Compression::None {
        return Ok(Box::new(input));
    }
    let input = BufReader::with_capacity(1 << 16, input);
    Ok(if compression == Compression::Gzip {
        Box::new(Capped::new(MultiGzDecoder::new(input), taken, None))
    } else {
        Box::new(Capped::new(Frames::new(input), taken, None))
    })
}

/// Counts the bytes taken from a reader, for itself and for the progress of all.
struct Counted<R> {
    inner: R,
    taken: Rc<Cell<u64>>,
    progress: Arc<AtomicU64>,
}

impl<R> Counted<R> {
    fn new(inner: R, progress: &Arc<AtomicU64>) -> Self {
        Self { inner, taken: Rc::default(), progress: Arc::clone(progress) }
    }

    fn taken(&self) -> Rc<Cell<u64>> {
        Rc::clone(&self.taken)
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.taken.set(self.taken.get() + count as u64);
        self.progress.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// Ends a decompressor that gives out of all proportion to what it takes.
struct Capped<R> {
    inner: R,
    taken: Rc<Cell<u64>>,
    given: u64,
    archive: Option<Arc<Archive>>,
}

impl<R> Capped<R> {
    fn new(inner: R, taken: Rc<Cell<u64>>, archive: Option<Arc<Archive>>) -> Self {
        Self { inner, taken, given: 0, archive }
    }
}

impl<R: Read> Read for Capped<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let beyond =
            |given: u64, taken: u64| given > FREE_BYTES && given / taken.max(1) > MAX_RATIO;
        let whole =
            self.archive.as_ref().is_some_and(|a| beyond(a.given.load(Ordering::Relaxed), a.size));
        if whole || beyond(self.given, self.taken.get()) {
            let what = if whole { "the archive decompresses" } else { "decompresses" };
            return Err(io::Error::other(format!(
                "{what} to more than {MAX_RATIO} times its size: a decompression bomb"
            )));
        }
        let count = self.inner.read(buffer)?;
        self.given += count as u64;
        if let Some(archive) = &self.archive {
            archive.given.fetch_add(count as u64, Ordering::Relaxed);
        }
        Ok(count)
    }
}

/// What ended a reading early, if anything did.
pub(crate) type Fault = Rc<RefCell<Option<io::Error>>>;

/// Turns a fault into the end of the data, so that everything before it is still read.
pub(crate) struct UntilFault {
    inner: Box<dyn Read>,
    fault: Fault,
}

impl UntilFault {
    pub(crate) fn new(inner: Box<dyn Read>) -> (Self, Fault) {
        let fault = Fault::default();
        (Self { inner, fault: Rc::clone(&fault) }, fault)
    }
}

impl Read for UntilFault {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.fault.borrow().is_some() {
            return Ok(0);
        }
        match self.inner.read(buffer) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                *self.fault.borrow_mut() = Some(error);
                Ok(0)
            }
            other => other,
        }
    }
}
