//! Imports of rules: looked at file by file, and put in force only if somebody says so.
//!
//! What is imported becomes a set in the data folder, which is removed as a whole. A file with a
//! fault, or with a rule whose id is in force already, is left out and told; the others do not
//! suffer from it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read as _};
use std::sync::Arc;

use khien_domain::audit::Outcome;
use khien_domain::permission::Permission;
use khien_domain::secrecy;
use khien_domain::text::cut;
use khien_sigma::compile::RuleSet;
use khien_sigma::load::Loader;
use khien_sigma::rule::About;
use rustc_hash::FxHashMap;
use zip::ZipArchive;

use super::{UseError, marked};
use crate::access::{Caller, Deed};
use crate::app::App;
use crate::document;
use crate::folder::{DataFolder, FolderError};
pub use crate::hunt::RuleFile;
use crate::records::Records;
use crate::rules::imported::{
    self, MAX_DEPTH, MAX_FILE_BYTES, MAX_FILES, MAX_SET_BYTES, PREFIX, is_path, is_rule_file,
    is_set,
};
use crate::rules::{Added, RuleSource};

/// The largest archive that is opened.
pub const MAX_ARCHIVE_BYTES: usize = 16 << 20;
/// Entries of an archive that are looked at.
const MAX_ENTRIES: usize = 50_000;
/// Of what is to be said of a file, so much is told.
const MAX_SAID: usize = 20;
/// A message, in bytes.
const MAX_MESSAGE: usize = 1000;

/// What is to be imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// What the set is called.
    pub set: String,
    /// Its files, by their paths within the set.
    pub files: Vec<RuleFile>,
    /// Only look, and change nothing.
    pub dry_run: bool,
}

/// What is said of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It is taken; something is doubtful.
    Doubtful,
    /// It is not taken: it has a fault.
    Refused,
    /// It is not taken: its rule has the id of another.
    Duplicate,
    /// It is not taken: it is nothing that is imported.
    Unsupported,
}

impl Kind {
    /// The name that reports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Doubtful => "doubtful",
            Self::Refused => "refused",
            Self::Duplicate => "duplicate",
            Self::Unsupported => "unsupported",
        }
    }
}

/// One thing that is said of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// What kind of thing.
    pub kind: Kind,
    /// The line.
    pub line: u32,
    /// What is wrong, and what to do.
    pub message: String,
}

/// What came of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileReport {
    /// Its path within the set.
    pub file: String,
    /// Rules and correlations in it.
    pub rules: usize,
    /// Whether it is taken.
    pub is_accepted: bool,
    /// What is said of it, at most twenty things.
    pub said: Vec<Said>,
}

/// What came of an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What the set is called.
    pub set: String,
    /// The files in their order.
    pub files: Vec<FileReport>,
    /// Rules and correlations of the files that are taken.
    pub rules: usize,
    /// Whether the set was written.
    pub is_written: bool,
}

impl Report {
    /// How many files are taken.
    pub fn accepted(&self) -> usize {
        self.files.iter().filter(|file| file.is_accepted).count()
    }
}

/// A set of imported rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedSet {
    /// What it is called.
    pub name: String,
    /// Its files.
    pub files: usize,
    /// Rules and correlations of it that are in force.
    pub rules: usize,
}

/// The rule files of an upload: a zip, or one file of YAML, whose name is given. What is no rule file
/// in an archive is passed over.
pub fn unpack(name: &str, bytes: &[u8]) -> Result<Vec<RuleFile>, String> {
    if bytes.len() > MAX_ARCHIVE_BYTES {
        return Err(format!("an upload of rules is at most {} MiB", MAX_ARCHIVE_BYTES >> 20));
    }
    if let Some(found) = document::mark_of_name(name) {
        return Err(marked(found));
    }
    if !bytes.starts_with(b"PK") {
        let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
        let text = String::from_utf8(bytes.to_vec());
        let text = text.map_err(|_| "it is neither a zip nor a text in UTF-8".to_owned())?;
        return Ok(vec![RuleFile { name: name.to_owned(), text }]);
    }
    let damaged = |error: zip::result::ZipError| format!("the zip cannot be read: {error}");
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    if archive.len() > MAX_ENTRIES {
        return Err(format!("a zip of rules has at most {MAX_ENTRIES} entries"));
    }
    let (mut files, mut total) = (Vec::new(), 0);
    for place in 0..archive.len() {
        let mut entry = archive.by_index(place).map_err(damaged)?;
        let name = entry.name().map_err(damaged)?.into_owned();
        if !entry.is_file() || !is_rule_file(&name) {
            continue;
        }
        let mut content = Vec::new();
        let most = (MAX_FILE_BYTES + 1).min(MAX_SET_BYTES - total + 1) as u64;
        let read = entry.by_ref().take(most).read_to_end(&mut content);
        read.map_err(|error| format!("{}: {error}", cut(&name, 200)))?;
        total += content.len();
        if total > MAX_SET_BYTES {
            return Err(too_large());
        }
        let text = String::from_utf8_lossy(&content).into_owned();
        files.push(RuleFile { name, text });
        if files.len() > MAX_FILES {
            return Err(format!("a set has at most {MAX_FILES} files"));
        }
    }
    Ok(files)
}

fn too_large() -> String {
    format!("the files of a set are together at most {} MiB", MAX_SET_BYTES >> 20)
}

/// Imports rules into a running centre and, unless they are only looked at, puts them in force.
pub async fn import_rules(
    app: &Arc<App>,
    caller: &Caller,
    import: Import,
) -> Result<Report, UseError> {
    let rules = app.rules().current();
    let report = import_into(app, &app.folder, &rules.set, caller, import).await?;
    if report.is_written {
        app.reload_rules().await.map_err(UseError::Invalid)?;
    }
    Ok(report)
}

/// The same where no centre runs; `source` is where the rules come from that the settings name.
pub async fn import_stopped(
    records: &Records,
    folder: &DataFolder,
    source: &dyn RuleSource,
    caller: &Caller,
    import: Import,
) -> Result<Report, UseError> {
    let added = Added::read(&records.store, folder, records.now()).await?;
    let set = source.load(&added.files).map_err(UseError::Invalid)?;
    import_into(records, folder, &set, caller, import).await
}

async fn import_into(
    records: &Records,
    folder: &DataFolder,
    set: &RuleSet,
    caller: &Caller,
    import: Import,
) -> Result<Report, UseError> {
    let deed = Deed::new("rules.import", cut(&import.set, MAX_MESSAGE), None);
    records.require(caller, Permission::RulesWrite, &deed).await?;
    let Import { set: name, files, dry_run } = import;
    check_name(&name)?;
    let bytes: usize = files.iter().map(|file| file.text.len()).sum();
    if files.is_empty() {
        return Err(UseError::Invalid("there is no rule file (.yml or .yaml) in it".to_owned()));
    }
    if files.len() > MAX_FILES {
        return Err(UseError::Invalid(format!("a set has at most {MAX_FILES} files")));
    }
    if bytes > MAX_SET_BYTES {
        return Err(UseError::Invalid(too_large()));
    }
    if imported::sets(&folder.rules()).contains(&name) {
        let message = format!("there is a set {name} already; remove it first or choose a name");
        return Err(UseError::Conflict(message));
    }
    let (mut report, accepted) = judge(&name, files, set);
    if dry_run || accepted.is_empty() {
        return Ok(report);
    }
    imported::write(folder, &name, &accepted).map_err(|error| failed(&error))?;
    report.is_written = true;
    let deed = deed.with(format!("{} files, {} rules", accepted.len(), report.rules));
    records.audit(&records.entry(caller, &deed, Outcome::Done)).await?;
    Ok(report)
}

fn check_name(name: &str) -> Result<(), UseError> {
    if is_set(name) {
        return Ok(());
    }
    let message = "the name of a set is 1 to 40 of a–z, 0–9 and hyphen, beginning and ending with a \
                   letter or digit";
    Err(UseError::Invalid(message.to_owned()))
}

fn failed(error: &FolderError) -> UseError {
    tracing::error!(%error, "imported rules cannot be written or removed");
    UseError::Fault("the data folder refuses; the log says why")
}

/// The sets that were imported.
pub async fn list_sets(app: &App, caller: &Caller) -> Result<Vec<ImportedSet>, UseError> {
    let deed = Deed::new("rules.imported", "", None);
    app.scope(caller, Permission::RulesRead, &deed).await?;
    let rules = app.rules().current();
    let abouts = abouts(&rules.set).map(|about| &about.place.file);
    let in_force: Vec<&str> = abouts.filter_map(|file| set_of(file)).collect();
    let mut files: BTreeMap<String, usize> = BTreeMap::new();
    for file in imported::read(&app.folder.rules()) {
        *files.entry(set_of(&file.name).unwrap_or_default().to_owned()).or_default() += 1;
    }
    let counted = imported::sets(&app.folder.rules()).into_iter().map(|name| ImportedSet {
        files: files.get(&name).copied().unwrap_or_default(),
        rules: in_force.iter().filter(|set| **set == name).count(),
        name,
    });
    Ok(counted.collect())
}

/// The set of an imported file.
fn set_of(file: &str) -> Option<&str> {
    file.strip_prefix(PREFIX)?.split_once('/').map(|(set, _)| set)
}

/// Removes a set from a running centre; its rules are not in force any more.
pub async fn remove_set(app: &Arc<App>, caller: &Caller, name: &str) -> Result<(), UseError> {
    remove_stopped(app, &app.folder, caller, name).await?;
    app.reload_rules().await.map_err(UseError::Invalid)?;
    Ok(())
}

/// The same where no centre runs.
pub async fn remove_stopped(
    records: &Records,
    folder: &DataFolder,
    caller: &Caller,
    name: &str,
) -> Result<(), UseError> {
    let deed = Deed::new("rules.remove_set", cut(name, MAX_MESSAGE), None);
    records.require(caller, Permission::RulesWrite, &deed).await?;
    check_name(name)?;
    if !imported::remove(folder, name).map_err(|error| failed(&error))? {
        return Err(UseError::not_found("set of rules", name));
    }
    records.audit(&records.entry(caller, &deed, Outcome::Done)).await
}

/// What rules and correlations tell about themselves.
fn abouts(set: &RuleSet) -> impl Iterator<Item = &About> {
    let correlations = set.correlations().iter().map(|correlation| &correlation.about);
    set.rules().iter().map(|rule| &rule.about).chain(correlations)
}

/// Looks at each file. Answers the report and the files that are taken.
fn judge(set: &str, files: Vec<RuleFile>, in_force: &RuleSet) -> (Report, Vec<RuleFile>) {
    let mut ids: BTreeMap<String, String> =
        abouts(in_force).map(|about| (about.id.clone(), shown(about))).collect();
    let mut paths = BTreeSet::new();
    let mut judged: Vec<(FileReport, RuleFile)> = files
        .into_iter()
        .map(|file| {
            let mut report = FileReport {
                file: cut(&file.name, MAX_MESSAGE),
                rules: 0,
                is_accepted: false,
                said: Vec::new(),
            };
            let unsupported = if !is_path(&file.name) {
                Some(format!(
                    "not the path of a rule file: at most {MAX_DEPTH} parts of 200 bytes, none of \
                     them hidden or «..», ending in .yml or .yaml"
                ))
            } else if !paths.insert(file.name.clone()) {
                Some("a file of this name stands before it".to_owned())
            } else if file.text.len() > MAX_FILE_BYTES {
                Some(format!("a rule file is at most {} MiB", MAX_FILE_BYTES >> 20))
            } else {
                let mark = document::mark_of_name(&file.name);
                mark.or_else(|| secrecy::find_in_rule(&file.text)).map(marked)
            };
            match unsupported {
                Some(message) => report.say(Kind::Unsupported, 1, &message),
                None => judge_alone(&mut report, &file, &mut ids),
            }
            (report, file)
        })
        .collect();
    // Correlations need the rules that they name; without a file, others may not stand either.
    loop {
        let faults = judge_together(set, &judged, in_force);
        let mut changed = false;
        for ((report, _), faults) in judged.iter_mut().zip(faults) {
            for said in faults {
                let refused = said.kind == Kind::Refused;
                changed |= refused;
                report.is_accepted &= !refused;
                if !report.said.contains(&said) {
                    report.say(said.kind, said.line, &said.message);
                }
            }
        }
        if !changed {
            break;
        }
    }
    let (mut reports, mut accepted) = (Vec::new(), Vec::new());
    for (report, file) in judged {
        if report.is_accepted {
            accepted.push(file);
        }
        reports.push(report);
    }
    let rules = reports.iter().filter(|file| file.is_accepted).map(|file| file.rules).sum();
    (Report { set: set.to_owned(), files: reports, rules, is_written: false }, accepted)
}

fn shown(about: &About) -> String {
    format!("«{}» in {}:{}", about.title, about.place.file, about.place.line)
}

impl FileReport {
    fn say(&mut self, kind: Kind, line: u32, message: &str) {
        if self.said.len() < MAX_SAID {
            self.said.push(Said { kind, line, message: cut(message, MAX_MESSAGE) });
        }
    }
}

/// What a file says by itself: its rules, their ids.
fn judge_alone(report: &mut FileReport, file: &RuleFile, ids: &mut BTreeMap<String, String>) {
    let none = FxHashMap::default();
    let mut loader = Loader::new(&none);
    loader.file(&file.name, &file.text);
    let (own, correlations, filters) = loader.gathered();
    report.rules = own.len() + correlations.len();
    report.is_accepted = true;
    if filters > 0 {
        report.is_accepted = false;
        let message = "a filter changes rules that are there: it is made where rules are tuned";
        report.say(Kind::Unsupported, 1, message);
    } else if report.rules == 0 && loader.problems().is_empty() {
        report.is_accepted = false;
        report.say(Kind::Unsupported, 1, "there is no rule in it");
    }
    let mut new = Vec::new();
    for about in own.iter().map(|rule| &rule.about).chain(correlations.iter().map(|c| &c.about)) {
        // A rule with an older aggregation is a rule and its own correlation.
        if new.iter().any(|(id, line, _)| *id == about.id && *line == about.place.line) {
            continue;
        }
        let within = new.iter().find(|(id, _, _)| *id == about.id).map(|(_, _, shown)| shown);
        if let Some(other) = ids.get(&about.id).or(within) {
            report.is_accepted = false;
            let message = format!("the id {} is that of {other}", about.id);
            report.say(Kind::Duplicate, about.place.line, &message);
        }
        new.push((about.id.clone(), about.place.line, shown(about)));
    }
    for problem in loader.problems().iter().filter(|problem| problem.refused) {
        report.is_accepted = false;
        report.say(Kind::Refused, problem.place.line, &problem.message);
    }
    if report.is_accepted {
        ids.extend(new.into_iter().map(|(id, _, shown)| (id, shown)));
    }
}

/// What the files that are taken so far say together, for each file.
fn judge_together(
    set: &str,
    judged: &[(FileReport, RuleFile)],
    in_force: &RuleSet,
) -> Vec<Vec<Said>> {
    let none = FxHashMap::default();
    let mut loader = Loader::new(&none);
    in_force.rules().iter().for_each(|rule| loader.known(rule.clone()));
    let name = |file: &RuleFile| format!("{PREFIX}{set}/{}", file.name);
    for (_, file) in judged.iter().filter(|(report, _)| report.is_accepted) {
        loader.file(&name(file), &file.text);
    }
    let mut by_file: FxHashMap<String, Vec<Said>> = FxHashMap::default();
    for problem in loader.finish().problems {
        let kind = if problem.refused { Kind::Refused } else { Kind::Doubtful };
        let (line, message) = (problem.place.line, cut(&problem.message, MAX_MESSAGE));
        by_file.entry(problem.place.file.to_string()).or_default().push(Said {
            kind,
            line,
            message,
        });
    }
    judged.iter().map(|(_, file)| by_file.remove(&name(file)).unwrap_or_default()).collect()
}

#[cfg(test)]
#[path = "rule_imports/tests.rs"]
mod tests;
