//! Files that a source hands in, in parts.
//!
//! In comes a part with where it belongs; out comes the receipt once it is on disk. A file that
//! bears a mark of secrecy is refused at its first part and nothing of it is kept; so is what is
//! no log at all, such as a document or an archive, whatever it is said to be. Documents are looked
//! into before (the module `document`), so that a marked one is refused as marked. A part that is
//! sent again counts once. Correlations run over all files of a session when it ends.

use std::io::Cursor;
use std::sync::Arc;

use jiff::Timestamp;
use khien_domain::audit::Outcome;
use khien_domain::permission::{Actor, Identity};
use khien_domain::secrecy::{self, Found};
use khien_event::format;
use khien_event::stream::Stream;

use crate::access::{Caller, Deed};
use crate::app::App;
use crate::document;
use crate::pipeline::Meta;
use crate::pipeline::receive::{Incoming, Receipt, ReceiveError, Repeats};
use crate::registry::Registered;

/// The longest name of a file or session.
const MAX_NAME_BYTES: usize = 1024;
/// How much of a file is searched for marks of secrecy.
const HEAD_BYTES: usize = 64 << 10;

/// A part of a file.
#[derive(Clone, Debug, Default)]
pub struct Upload {
    /// The file's name, with folders if it has any.
    pub name: String,
    /// The number of the part, counted from 0.
    pub part: u64,
    /// What the client calls the files that it hands in together.
    pub session: Option<String>,
    /// The format by its id. Parts after the first need it, unless their content tells.
    pub format: Option<String>,
    /// Lines of the file before this part.
    pub lines_before: u64,
    /// When the file was last changed, in seconds since 1970.
    pub modified: Option<i64>,
    /// From where, for the audit log.
    pub origin: String,
    /// What the client calls the part; otherwise session, name and number tell it when it is sent
    /// again.
    pub key: Option<String>,
    /// The bytes: whole entries.
    pub payload: Vec<u8>,
}

/// Why a part was not taken.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// It bears a mark of secrecy: this centre is for work that is not secret.
    #[error("the file bears the mark «{}»; nothing of it was kept", .0.mark.name())]
    Marked(Found),
    /// A name is empty or too long.
    #[error("a file and its session need names of at most {MAX_NAME_BYTES} bytes")]
    Name,
    /// There is no such format.
    #[error("there is no format {0:?}")]
    Format(String),
    /// It is no log.
    #[error("no log format is recognised; unpack archives first, and send no documents")]
    NoLog,
    /// It could not be kept.
    #[error(transparent)]
    Receive(#[from] ReceiveError),
}

/// Takes a part of a file of a source.
pub async fn upload(
    app: &App,
    source: Arc<Registered>,
    upload: Upload,
) -> Result<Receipt, UploadError> {
    check_name(&upload.name)?;
    upload.session.as_deref().map_or(Ok(()), check_name)?;
    let upload = examined(app, &source, upload).await?;
    if let Some(format) = &upload.format {
        format::find(format).ok_or_else(|| UploadError::Format(format.clone()))?;
    } else if upload.part == 0 && !is_log(&upload.payload) {
        return Err(UploadError::NoLog);
    }
    let session = upload.session.map(|session| session_of(&source, &session));
    let told = || format!("file/{session:?}/{}/{}", upload.name, upload.part);
    let repeats = Repeats::Named(upload.key.clone().unwrap_or_else(told));
    let events = memchr::memchr_iter(b'\n', &upload.payload).count() as u64;
    let meta = Meta {
        format: upload.format,
        origin: upload.name,
        lines_before: upload.lines_before,
        modified: upload.modified,
        session,
        ..Meta::default()
    };
    let incoming = Incoming { source, payload: upload.payload, meta, repeats, events };
    Ok(app.receive(incoming).await?)
}

/// What came of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// How many correlations came true.
    pub correlations: usize,
    /// Files that came before were not joined any more: what correlations need of them is kept for
    /// a week, or as long as the longest correlation reaches.
    pub reaches_back_to: Timestamp,
}

/// A part without marks that is no document. What bears a mark is refused and audited.
async fn examined(app: &App, source: &Registered, upload: Upload) -> Result<Upload, UploadError> {
    let origin = upload.origin.clone();
    // Archives are unpacked to be looked into, which takes a while.
    let looking = tokio::task::spawn_blocking(move || {
        let found = mark(&upload);
        (found, document::is_one(&upload.payload), upload)
    });
    // A fault in the look keeps nothing.
    let (found, is_document, upload) = looking.await.map_err(|_| UploadError::NoLog)?;
    if let Some(found) = found {
        refused(app, source, origin, found).await;
        return Err(UploadError::Marked(found));
    }
    if is_document { Err(UploadError::NoLog) } else { Ok(upload) }
}

/// Refuses a document or an archive where lines of a log are expected; as marked, if it is. Answers
/// the bytes.
pub async fn no_document(
    app: &App,
    source: &Registered,
    origin: String,
    payload: Vec<u8>,
) -> Result<Vec<u8>, UploadError> {
    if !document::is_one(&payload) {
        return Ok(payload);
    }
    let upload = Upload { origin, payload, ..Upload::default() };
    examined(app, source, upload).await.map(|upload| upload.payload)
}

/// Ends a session: waits until all of its parts are judged and runs the correlations over them.
pub async fn end(app: &App, source: &Registered, session: &str) -> Result<Ended, UploadError> {
    check_name(session)?;
    let reaches_back_to = app.sessions_reach_back_to();
    let correlations = app.end_session(&session_of(source, session)).await?;
    Ok(Ended { correlations, reaches_back_to })
}

/// What a source calls a session, apart from the same of others.
fn session_of(source: &Registered, session: &str) -> String {
    format!("{}/{session}", source.source.id)
}

fn check_name(name: &str) -> Result<(), UploadError> {
    let fits = (1..=MAX_NAME_BYTES).contains(&name.len()) && !name.contains(char::is_control);
    if fits { Ok(()) } else { Err(UploadError::Name) }
}

/// The gravest mark of secrecy in a part's name, folders and beginning, and in a document.
fn mark(upload: &Upload) -> Option<Found> {
    let in_name = document::mark_of_name(&upload.name);
    let inside = if document::is_one(&upload.payload) {
        document::mark(&upload.payload)
    } else if upload.part == 0 {
        secrecy::find("", [], &text(&upload.payload))
    } else {
        None
    };
    in_name.into_iter().chain(inside).max_by_key(|found| found.mark)
}

/// The text of a file's beginning, whatever its encoding.
pub(crate) fn text(file: &[u8]) -> String {
    let head = file.get(..HEAD_BYTES).unwrap_or(file);
    let mut stream = Stream::new(Cursor::new(head));
    stream.head().map(|head| String::from_utf8_lossy(head).into_owned()).unwrap_or_default()
}

fn is_log(payload: &[u8]) -> bool {
    let mut stream = Stream::new(Cursor::new(payload));
    stream.head().is_ok_and(|head| format::detect(head).is_some())
}

async fn refused(app: &App, source: &Registered, origin: String, found: Found) {
    let identity = Identity::Source { id: source.source.id };
    let caller = Caller { actor: Actor::local(identity), origin };
    let target = format!("source {}", source.source.id);
    let deed = Deed::new("upload", target, Some(source.source.agency.clone()));
    let deed = deed.with(format!("a file with the mark {} was refused", found.mark.name()));
    let entry = app.entry(&caller, &deed, Outcome::Refused);
    if let Err(error) = app.audit(&entry).await {
        tracing::error!(%error, "a refused file is not in the audit log");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use khien_domain::secrecy::Mark;

    fn part(name: &str, payload: &[u8]) -> Upload {
        Upload { name: name.into(), payload: payload.into(), ..Upload::default() }
    }

    #[test]
    fn marks_are_found_in_names_folders_and_text() {
        for (name, text, expected) in [
            ("auth.log", "Nov 20 08:00:00 h sshd[1]: x\n", None),
            ("(MẬT) nhật ký.log", "", Some(Mark::Secret)),
            ("TOI MAT/auth.log", "", Some(Mark::TopSecret)),
            ("auth.log", "Độ mật: TUYỆT MẬT\n", Some(Mark::UtmostSecret)),
        ] {
            assert_eq!(
                mark(&part(name, text.as_bytes())).map(|found| found.mark),
                expected,
                "{name}"
            );
        }
        let wide: Vec<u8> =
            "\u{feff}TỐI MẬT\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(mark(&part("a.txt", &wide)).map(|found| found.mark), Some(Mark::TopSecret));
    }

    #[test]
    fn documents_and_archives_are_no_logs() {
        assert!(is_log(b"<38>Nov 20 08:00:00 srv-01 sshd[7]: x\n"));
        assert!(is_log(b"{\"a\":1}\n"));
        assert!(!is_log(b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0"));
        assert!(!is_log(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"));
    }

    #[test]
    fn names_are_bounded() {
        assert!(check_name("logs/auth.log").is_ok());
        for bad in ["", "a\nb", &"x".repeat(MAX_NAME_BYTES + 1)] {
            assert!(check_name(bad).is_err());
        }
    }
}
