//! What can go wrong in the lake, said with the path it happened to.

use std::path::{Path, PathBuf};

use parquet::errors::ParquetError;

/// A failure of the lake. Each says what was being done and to which file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LakeError {
    /// The operating system refused: a full disk, missing rights, a failing disk.
    #[error("{doing} {}: {source}", path.display())]
    Io {
        /// What was being done, as a verb.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// Another process has the lake open.
    #[error("the lake {} is open in another process", path.display())]
    Locked {
        /// The folder of the lake.
        path: PathBuf,
    },
    /// A data file cannot be read as what it was written as.
    #[error("the data file {} is damaged: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What did not hold.
        reason: String,
    },
    /// The manifest is damaged before its last line: opening it would take files that it names for
    /// leftovers and remove them, so it is refused.
    #[error("the manifest {} is damaged in line {line}: {reason}", path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What did not hold.
        reason: String,
    },
    /// One event is larger than a row may be.
    #[error("an event of {bytes} bytes is larger than the {limit} bytes that a row may have")]
    TooLarge {
        /// Bytes of the event's texts.
        bytes: usize,
        /// The most a row may have.
        limit: usize,
    },
    /// Rows could not be put together in memory.
    #[error("rows cannot be put together: {0}")]
    Memory(String),
    /// What was to be exported could not be written.
    #[error("write the export: {0}")]
    Output(std::io::Error),
    /// The query cannot be read.
    #[error(transparent)]
    Query(crate::query::QueryError),
    /// The search was cancelled.
    #[error("the search was cancelled")]
    Cancelled,
    /// A thread of the lake ended without an answer.
    #[error("a worker of the lake stopped")]
    Worker,
}

impl LakeError {
    /// An error of the operating system about a path.
    pub(crate) fn io(
        doing: &'static str,
        path: &Path,
    ) -> impl FnOnce(std::io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::Io { doing, path, source }
    }

    /// An error of the Parquet reader about a data file.
    pub(crate) fn damaged(path: &Path) -> impl Fn(ParquetError) -> Self + use<> {
        let path = path.to_owned();
        move |error| Self::Damaged { path: path.clone(), reason: error.to_string() }
    }

    /// An error while rows are put together.
    pub(crate) fn memory(error: impl std::fmt::Display) -> Self {
        Self::Memory(error.to_string())
    }
}
