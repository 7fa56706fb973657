//! `/rules/import`: rules of others, looked at file by file, then put in force or not.
//!
//! What was uploaded is held for a while, so that what is confirmed is what was looked at: the form
//! to confirm names it by its digest, and only whoever uploaded it can.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Response;
use axum::response::{IntoResponse, Redirect};
use jiff::{SignedDuration, Timestamp};
use khien_app::access::Deed;
use khien_app::use_case::UseError;
use khien_app::use_case::rule_imports::{
    self, FileReport, Import, ImportedSet, Kind, MAX_ARCHIVE_BYTES, Report,
};
use khien_domain::permission::Permission;
use khien_domain::text;
use sha2::{Digest, Sha256};

use crate::console::Console;
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::posted::{Posted, PostedFile};
use crate::console::visit::Visiting;

/// The largest form with a file.
pub(in crate::console) const MAX_BYTES: usize = MAX_ARCHIVE_BYTES + 64 * 1024;
/// Uploads that are held; the oldest goes first.
const UPLOADS: usize = 4;
/// How long they are held.
const HELD_FOR: SignedDuration = SignedDuration::from_mins(15);
/// Files of a report that are shown, those that are not taken first.
const FILES: usize = 200;

/// What was uploaded and waits to be confirmed.
#[derive(Default)]
pub(in crate::console) struct Uploads(Mutex<VecDeque<Upload>>);

struct Upload {
    digest: String,
    /// Who uploaded it.
    person: String,
    name: String,
    bytes: Arc<Vec<u8>>,
    at: Timestamp,
}

impl Uploads {
    /// Holds what a person uploaded; answers its digest.
    pub(in crate::console) fn hold(
        &self,
        person: &str,
        name: &str,
        bytes: Arc<Vec<u8>>,
        at: Timestamp,
    ) -> String {
        let digest: [u8; 32] = Sha256::digest(&*bytes).into();
        let digest = crate::console::hex(&digest);
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|upload| upload.digest != digest || upload.person != person);
        while held.len() >= UPLOADS {
            held.pop_front();
        }
        let (person, name) = (person.to_owned(), name.to_owned());
        held.push_back(Upload { digest: digest.clone(), person, name, bytes, at });
        digest
    }

    /// What a person uploaded, with its name, if it is still held.
    pub(in crate::console) fn find(
        &self,
        person: &str,
        digest: &str,
        now: Timestamp,
    ) -> Option<(String, Arc<Vec<u8>>)> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|upload| now.duration_since(upload.at) < HELD_FOR);
        let found = held.iter().find(|held| held.digest == digest && held.person == person)?;
        Some((found.name.clone(), Arc::clone(&found.bytes)))
    }

    /// Lets go of what a person uploaded.
    pub(in crate::console) fn forget(&self, person: &str, digest: &str) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|upload| upload.digest != digest || upload.person != person);
    }
}

/// The page.
#[derive(Template)]
#[template(path = "console/rules/import.html")]
struct Page {
    f: Frame,
    sets: Vec<ImportedSet>,
    set: String,
    looked: Option<Looked>,
    wrong: Option<String>,
    may_everywhere: bool,
    most: String,
}

/// What was looked at.
struct Looked {
    digest: String,
    name: String,
    report: Report,
    /// Files that are shown.
    shown: Vec<FileReport>,
}

/// A name for a set, of the name of a file.
fn set_name(file: &str) -> String {
    let stem = file.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = stem.rsplit_once('.').map_or(stem, |(stem, _)| stem).to_lowercase();
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let parts: String = stem.chars().map(plain).take(40).collect();
    let parts: Vec<&str> = parts.split('-').filter(|part| !part.is_empty()).collect();
    parts.join("-")
}

async fn draw(
    console: &Arc<Console>,
    visiting: &Visiting,
    set: &str,
    looked: Option<Looked>,
    wrong: Option<&str>,
) -> Result<Response<Body>, PageError> {
    let sets = rule_imports::list_sets(&console.app, &visiting.caller).await?;
    let f = Frame::of(console, visiting, Room::Rules).await?;
    frame::page(&Page {
        sets,
        set: set.to_owned(),
        looked,
        wrong: wrong.map(|wrong| f.told(wrong)),
        may_everywhere: super::may_everywhere(visiting),
        most: f.size(MAX_ARCHIVE_BYTES as u64),
        f,
    })
}

/// `GET`
pub(in crate::console) async fn page(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
) -> Result<Response<Body>, PageError> {
    draw(&console, &visiting, "", None, None).await
}

/// Refuses whoever may not import before anything of theirs is unpacked or held.
async fn may_import(console: &Console, visiting: &Visiting, set: &str) -> Result<(), UseError> {
    let deed = Deed::new("rules.import", text::cut(set, 40), None);
    console.app.require(&visiting.caller, Permission::RulesWrite, &deed).await
}

async fn import(
    console: &Arc<Console>,
    visiting: &Visiting,
    (name, bytes): (String, Arc<Vec<u8>>),
    set: String,
    dry_run: bool,
) -> Result<Report, UseError> {
    let unpacking = tokio::task::spawn_blocking(move || rule_imports::unpack(&name, &bytes)).await;
    let files = unpacking.map_err(|_| UseError::Fault("unpacking rules ended early"))?;
    let import = Import { set, files: files.map_err(UseError::Invalid)?, dry_run };
    rule_imports::import_rules(&console.app, &visiting.caller, import).await
}

/// `POST`: looks at what was uploaded, and changes nothing.
pub(in crate::console) async fn look(
    State(console): State<Arc<Console>>,
    PostedFile { visiting, fields, file }: PostedFile,
) -> Result<Response<Body>, PageError> {
    let typed = fields.text("set").trim();
    may_import(&console, &visiting, typed).await?;
    let Some((name, bytes)) = file.filter(|(_, bytes)| !bytes.is_empty()) else {
        let wrong = "choose a zip or a rule file (.yml or .yaml)";
        return draw(&console, &visiting, typed, None, Some(wrong)).await;
    };
    let set = if typed.is_empty() { set_name(&name) } else { typed.to_owned() };
    let bytes = Arc::new(bytes);
    let upload = (name.clone(), Arc::clone(&bytes));
    match import(&console, &visiting, upload, set.clone(), true).await {
        Ok(report) => {
            let person = visiting.visit.person.about.name.as_str();
            let digest = console.uploads.hold(person, &name, bytes, console.app.now());
            let looked = Looked::new(digest, name, report);
            draw(&console, &visiting, &set, Some(looked), None).await
        }
        Err(UseError::Invalid(wrong) | UseError::Conflict(wrong)) => {
            draw(&console, &visiting, &set, None, Some(&wrong)).await
        }
        Err(error) => Err(error.into()),
    }
}

impl Looked {
    fn new(digest: String, name: String, report: Report) -> Self {
        let mut shown: Vec<FileReport> = report.files.clone();
        shown.sort_by_key(|file| (file.is_accepted, file.said.is_empty()));
        shown.truncate(FILES);
        Self { digest, name, report, shown }
    }

    /// How many files are left out as of one kind.
    fn left_out(&self, kind: Kind) -> usize {
        let is = |file: &&FileReport| {
            !file.is_accepted && file.said.iter().any(|said| said.kind == kind)
        };
        self.report.files.iter().filter(is).count()
    }

    /// How many files are not shown.
    fn hidden(&self) -> usize {
        self.report.files.len() - self.shown.len()
    }
}

/// `POST …/confirm`: imports what was looked at.
pub(in crate::console) async fn confirm(
    State(console): State<Arc<Console>>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let (set, digest) = (fields.text("set").trim().to_owned(), fields.text("digest"));
    may_import(&console, &visiting, &set).await?;
    let person = visiting.visit.person.about.name.as_str();
    let Some(upload) = console.uploads.find(person, digest, console.app.now()) else {
        let wrong = "the upload is not held any more: upload it again";
        return draw(&console, &visiting, &set, None, Some(wrong)).await;
    };
    match import(&console, &visiting, upload, set.clone(), false).await {
        Ok(report) if report.is_written => {
            console.uploads.forget(person, digest);
            Ok(Redirect::to("/rules/import?done=rules-imported").into_response())
        }
        Ok(_) => {
            let wrong = "no file of it can be taken";
            draw(&console, &visiting, &set, None, Some(wrong)).await
        }
        Err(UseError::Invalid(wrong) | UseError::Conflict(wrong)) => {
            draw(&console, &visiting, &set, None, Some(&wrong)).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST …/{set}/remove`
pub(in crate::console) async fn remove(
    State(console): State<Arc<Console>>,
    Path(set): Path<String>,
    Posted { visiting, .. }: Posted,
) -> Result<Response<Body>, PageError> {
    rule_imports::remove_set(&console.app, &visiting.caller, &set).await?;
    Ok(Redirect::to("/rules/import?done=rules-removed").into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_named_after_its_file() {
        assert_eq!(set_name("Sigma_Core (2026).zip"), "sigma-core-2026");
        assert_eq!(set_name("C:\\x\\luật mới.yml"), "lu-t-m-i");
        assert_eq!(set_name(&"a".repeat(90)), "a".repeat(40));
        assert_eq!(set_name("..."), "");
    }

    #[test]
    fn what_is_confirmed_is_what_the_same_person_uploaded_a_while_ago() {
        let uploads = Uploads::default();
        let at: Timestamp = "2026-10-15T01:00:00Z".parse().unwrap();
        let hold = |person: &str, byte: u8| uploads.hold(person, "a.yml", Arc::new(vec![byte]), at);
        let digest = hold("an", 1);
        assert!(uploads.find("an", &digest, at).is_some());
        assert!(uploads.find("binh", &digest, at).is_none(), "another's");
        assert!(uploads.find("an", "00", at).is_none(), "another file");
        let later = at.checked_add(SignedDuration::from_mins(16)).unwrap();
        assert!(uploads.find("an", &digest, later).is_none());
        let first = hold("an", 1);
        (2..=5).for_each(|byte| drop(hold("an", byte)));
        assert!(uploads.find("an", &first, at).is_none(), "no more than four are held");
        let last = hold("an", 5);
        uploads.forget("an", &last);
        assert!(uploads.find("an", &last, at).is_none());
    }
}
