//! What is to be read: files, folders, archives, standard input.
//!
//! A path becomes [`Source`]s in a fixed order; each opens as a stream of decompressed bytes. Large
//! plain files are cut into ranges that threads read side by side. Decompression is capped: no
//! ratio beyond [`MAX_RATIO`] and no archive of more than [`MAX_ENTRIES`] entries.

use std::cell::Cell;
use std::fs::{self, File};
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::{DeflateDecoder, MultiGzDecoder};
use ruzstd::decoding::StreamingDecoder;

/// Output may be this many times the input, once [`FREE_BYTES`] are out.
pub(crate) const MAX_RATIO: u64 = 250;
/// Output that is not held against the ratio.
pub(crate) const FREE_BYTES: u64 = 64 << 20;
/// No archive is listed further.
pub(crate) const MAX_ENTRIES: usize = 100_000;

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
    Zip(PathBuf, usize),
}

/// Something that is no source, and why.
#[derive(Clone, Debug)]
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
        let entries: io::Result<Vec<PathBuf>> =
            fs::read_dir(path).and_then(|entries| entries.map(|e| Ok(e?.path())).collect());
        return match entries {
            Ok(mut entries) => {
                entries.sort();
                for entry in entries {
                    // A link to a folder could lead back here.
                    if !(entry.is_symlink() && entry.is_dir()) {
                        add(&entry, depth + 1, sources, unreadable);
                    }
                }
            }
            Err(error) => refuse(error.to_string()),
        };
    }
    if !metadata.is_file() {
        return refuse("neither a file nor a folder".into());
    }
    let modified = metadata.modified().ok().and_then(|time| {
        let since = time.duration_since(std::time::UNIX_EPOCH).ok()?;
        i64::try_from(since.as_secs()).ok()
    });
    let name = path.display().to_string();
    let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
    let place = match extension.to_str() {
        Some("zip") => return add_zip(path, sources, unreadable),
        Some("gz") => Place::Gzip(path.to_owned()),
        Some("zst") => Place::Zstandard(path.to_owned()),
        _ => Place::File(path.to_owned()),
    };
    sources.push(Source { name, size: metadata.len(), place, modified });
}

fn add_zip(path: &Path, sources: &mut Vec<Source>, unreadable: &mut Vec<Unreadable>) {
    let mut refuse = |name: String, reason: String| {
        unreadable.push(Unreadable { file: name, offset: 0, reason });
    };
    let name = path.display().to_string();
    let archive = File::open(path).map_err(|e| e.to_string()).and_then(|file| {
        zip::ZipArchive::new(BufReader::new(file)).map_err(|error| error.to_string())
    });
    let mut archive = match archive {
        Ok(archive) => archive,
        Err(error) => return refuse(name, format!("not a readable ZIP archive: {error}")),
    };
    if archive.len() > MAX_ENTRIES {
        refuse(
            name.clone(),
            format!("only the first {MAX_ENTRIES} of {} entries are read", archive.len()),
        );
    }
    for at in 0..archive.len().min(MAX_ENTRIES) {
        match archive.by_index_raw(at) {
            Ok(entry) if entry.is_dir() => {}
            Ok(entry) => {
                let inner =
                    entry.name().map_or_else(|_| format!("#{at}"), std::borrow::Cow::into_owned);
                // What macOS adds beside each file holds no log.
                if inner.starts_with("__MACOSX/") {
                    continue;
                }
                let name = format!("{name}!{inner}");
                if entry.encrypted() {
                    refuse(name, "the entry is encrypted".into());
                } else if Path::new(&inner)
                    .extension()
                    .is_some_and(|e| e.eq_ignore_ascii_case("zip"))
                {
                    refuse(name, "an archive inside an archive is not opened".into());
                } else {
                    let (size, place) = (entry.compressed_size(), Place::Zip(path.to_owned(), at));
                    sources.push(Source { name, size, place, modified: None });
                }
            }
            Err(error) => refuse(format!("{name}!#{at}"), error.to_string()),
        }
    }
}

impl Source {
    /// Opens the source from its beginning.
    pub(crate) fn open(&self, progress: &Arc<AtomicU64>) -> io::Result<Box<dyn Read>> {
        let buffered =
            |path: &PathBuf| Ok::<_, io::Error>(Counted::new(File::open(path)?, progress));
        Ok(match &self.place {
            Place::Standard => Box::new(io::stdin().lock()),
            Place::File(path) => Box::new(buffered(path)?),
            Place::Gzip(path) => {
                let input = buffered(path)?;
                let taken = input.taken();
                Box::new(Capped::new(
                    MultiGzDecoder::new(BufReader::with_capacity(1 << 16, input)),
                    taken,
                ))
            }
            Place::Zstandard(path) => {
                let input = buffered(path)?;
                let taken = input.taken();
                let decoder = StreamingDecoder::new(BufReader::with_capacity(1 << 16, input));
                Box::new(Capped::new(decoder.map_err(io::Error::other)?, taken))
            }
            Place::Zip(path, at) => open_zip_entry(path, *at, progress)?,
        })
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

fn open_zip_entry(path: &Path, at: usize, progress: &Arc<AtomicU64>) -> io::Result<Box<dyn Read>> {
    let mut archive =
        zip::ZipArchive::new(BufReader::new(File::open(path)?)).map_err(io::Error::other)?;
    let entry = archive.by_index_raw(at).map_err(io::Error::other)?;
    let start = entry.data_start();
    let (length, method) = (entry.compressed_size(), entry.compression());
    drop(entry);
    let start = start.ok_or_else(|| io::Error::other("the entry has no data"))?;
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(start))?;
    let input = Counted::new(file.take(length), progress);
    let taken = input.taken();
    Ok(match method {
        zip::CompressionMethod::Stored => Box::new(input),
        zip::CompressionMethod::Deflated => Box::new(Capped::new(
            DeflateDecoder::new(BufReader::with_capacity(1 << 16, input)),
            taken,
        )),
        other => return Err(io::Error::other(format!("the compression {other} is not supported"))),
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
}

impl<R> Capped<R> {
    fn new(inner: R, taken: Rc<Cell<u64>>) -> Self {
        Self { inner, taken, given: 0 }
    }
}

impl<R: Read> Read for Capped<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given > FREE_BYTES && self.given / self.taken.get().max(1) > MAX_RATIO {
            return Err(io::Error::other(format!(
                "decompresses to more than {MAX_RATIO} times its size: a decompression bomb"
            )));
        }
        let count = self.inner.read(buffer)?;
        self.given += count as u64;
        Ok(count)
    }
}
