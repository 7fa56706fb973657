//! Findings: imported from what scanners write, repaired, retested, borne for a time.
//!
//! An import is looked at before anything is kept ([`import_findings`] with `dry_run`), or undone as a whole when
//! a place of the file will not do. It is a scan: what its tool found before and does not find any more is
//! fixed, and the ledger is told of the scan and of each finding that changed. The same run comes in once.
//! An advisory (CSAF) is none: it comes in by the same way and goes another (`advised`).

mod advised;
mod csaf;
mod exploited;
mod kept;
mod one;
mod own;
mod sarif;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use khien_domain::assessment::AssessmentPack;
use khien_domain::audit::{NewEntry, Outcome};
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::dossier::said;
use khien_domain::evidence::kinds::{Kinds, Recorder};
use khien_domain::evidence::{How, NewEvidence, Origin, hex};
pub use khien_domain::finding::OWN_TOOL;
use khien_domain::finding::{
    ADVISORY, Finding, FindingError, FindingState, FindingStep, NewFinding,
};
use khien_domain::ids::FindingId;
use khien_domain::limits::NAME_BYTES;
use khien_domain::permission::{Identity, Permission};
use khien_domain::risk::{Acceptance, Rating};
use khien_domain::system::System;
use khien_domain::{secrecy, text};
use khien_store::Store;
pub use khien_store::{Catalogue, Due};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::assessments::{how, pack, require_part};
use super::attest::not_frozen;
use super::register::evidence::day_of;
use super::register::sheet::MAX_SHEET_BYTES;
use super::{UseError, marked, reviews};
use crate::access::{Caller, Deed};
use crate::records::Records;

pub use exploited::{catalogue, import_exploited};
use kept::{Change, finish, keep, last_declared};
pub use one::{Noted, One, Recorded, record_finding};
pub use own::{Looked, look};

/// The largest file of findings; one of a table is smaller.
pub const MAX_FINDINGS_BYTES: usize = 8 << 20;
/// Findings of one file.
pub const MAX_FINDINGS: usize = 5_000;
/// Problems that are told of one file.
const PROBLEMS: usize = 200;
/// A clock elsewhere may be ahead by so much.
const AHEAD: SignedDuration = SignedDuration::from_mins(5);
/// No older scan counts for anything.
const OLDEST: SignedDuration = SignedDuration::from_hours(24 * 800);

/// A file that somebody hands in.
#[derive(Clone, Debug, Default)]
pub struct Upload {
    /// Its name.
    pub name: String,
    /// What is in it: SARIF 2.1.0, CSV or XLSX, or an advisory in CSAF.
    pub bytes: Vec<u8>,
    /// What found it, for a file that does not say so.
    pub tool: String,
    /// When it was run, for a file that does not say so. A person has to say it; programs hand in what
    /// they have just run.
    pub at: Option<Timestamp>,
}

/// Something that will not do in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The cell, or the place in the JSON.
    pub place: String,
    /// What is wrong there.
    pub what: String,
}

/// What stands in a file.
#[derive(Clone, Debug)]
struct Sheet {
    /// What found it.
    tool: String,
    /// When it was run, if the file says so.
    at: Option<Timestamp>,
    /// What was found, each with its place in the file.
    found: Vec<(String, NewFinding)>,
    /// Results that are none: passed, not applicable, gone.
    left_out: usize,
    problems: Vec<Problem>,
}

/// What an import does or would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// What found it.
    pub tool: String,
    /// When it was run.
    pub at: Timestamp,
    /// Findings of the file.
    pub findings: usize,
    /// Findings that are new.
    pub added: usize,
    /// Findings that were known and are still there.
    pub seen: usize,
    /// Findings that had been fixed and are there again.
    pub reopened: usize,
    /// Findings of the tool that are gone.
    pub fixed: usize,
    /// Of the new ones, those that are known to be exploited.
    pub exploited: usize,
    /// Results of the file that are no findings.
    pub left_out: usize,
    /// What will not do; nothing is kept if there is any.
    pub problems: Vec<Problem>,
    /// Whether the same run was imported before; nothing more was done then.
    pub again: bool,
    /// Of an advisory, which is no scan: more about it.
    pub advice: Option<Advice>,
}

/// What an import of an advisory does or would do beside what any does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Advice {
    /// What it is about.
    pub title: String,
    /// Its version.
    pub version: String,
    /// Of its findings, those that are only possible.
    pub possible: usize,
    /// Findings of an earlier version of which this one says nothing: they stay open.
    pub unsaid: usize,
    /// Findings that were taken back before by somebody's word alone, and are confirmed now.
    pub confirmed: usize,
}

impl Report {
    /// Whether it is of an advisory that neither concerns anything that the system has nor takes anything back.
    pub fn touches_nothing(&self) -> bool {
        let is_nothing = |advice: &Advice| self.findings + self.fixed + advice.confirmed == 0;
        self.advice.as_ref().is_some_and(is_nothing) && self.problems.is_empty()
    }
}

/// A finding with its history.
#[derive(Clone, Debug)]
pub struct FindingDetail {
    /// The finding.
    pub finding: Finding,
    /// What was done with it, newest first.
    pub steps: Vec<FindingStep>,
    /// Whether only the agency says so how it stands.
    pub is_declared: bool,
}

/// What a file turned out to be.
enum Read {
    Scan(Sheet),
    Advisory(Arc<csaf::Advisory>),
}

/// Reads a file, or tells why it is not read at all.
fn read(pack: &AssessmentPack, upload: &Upload) -> Result<Read, String> {
    let bytes = upload.bytes.as_slice();
    if bytes.len() > MAX_FINDINGS_BYTES {
        return Err(format!("a file of findings is at most {} MiB", MAX_FINDINGS_BYTES >> 20));
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut sheet = match text.iter().find(|byte| !byte.is_ascii_whitespace()) {
        None => return Err("the file is empty".into()),
        Some(b'{') => {
            let document = json(text)?;
            if csaf::is_one(&document) {
                unmarked(&upload.name)?;
                return csaf::read(pack, &document).map(|one| Read::Advisory(Arc::new(one)));
            }
            sarif::read(pack, &document)?
        }
        Some(_) if bytes.len() > MAX_SHEET_BYTES => {
            return Err(format!("a table of findings is at most {} MiB", MAX_SHEET_BYTES >> 20));
        }
        Some(_) => table::read(&upload.name, bytes, &upload.tool)?,
    };
    unmarked(&upload.name)?;
    sheet.tool = tool(&text::cut(&sheet.tool, NAME_BYTES)).map_err(|error| match error {
        UnfitTool::None => "name the tool that found it: the file does not".to_owned(),
        UnfitTool::Unfit(what) => what,
    })?;
    if sheet.found.len() > MAX_FINDINGS {
        return Err(format!("a file has at most {MAX_FINDINGS} findings"));
    }
    Ok(Read::Scan(sheet))
}

/// Why something is no name of what found it.
enum UnfitTool {
    /// There is none.
    None,
    /// It will not do, as the sentence says.
    Unfit(String),
}

/// The name of what found something: neither the centre's nor an advisory's.
fn tool(text: &str) -> Result<String, UnfitTool> {
    let name = text::line("the tool", text, NAME_BYTES).map_err(|error| match error {
        text::TextError::Marked { .. } | text::TextError::Long { .. } => {
            UnfitTool::Unfit(error.to_string())
        }
        _ => UnfitTool::None,
    })?;
    if name == OWN_TOOL {
        let what = format!("«{OWN_TOOL}» is what the centre itself finds: name the tool");
        return Err(UnfitTool::Unfit(what));
    }
    let advisory = ADVISORY.trim_end();
    if name.starts_with(advisory) {
        let what = format!("«{advisory}» is how advisories are named: name the tool");
        return Err(UnfitTool::Unfit(what));
    }
    Ok(name)
}

/// The JSON of a file that bears no mark of secrecy.
fn json(bytes: &[u8]) -> Result<Value, String> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Err("the file is not UTF-8".into());
    };
    if let Some(found) = secrecy::find("", [], text) {
        return Err(marked(found));
    }
    serde_json::from_str(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        format!("the file is no JSON: line {line}, column {column}")
    })
}

/// Refuses a file whose name bears a mark of secrecy.
fn unmarked(name: &str) -> Result<(), String> {
    secrecy::find(name, [], "").map_or(Ok(()), |found| Err(marked(found)))
}

/// How a file counts that somebody hands in: what a program or the command line has run is measured; anybody
/// can type a table, so that of a person counts as their word does.
fn how_imported(caller: &Caller, agency: &AgencyCode) -> How {
    if is_person(caller) { how(caller, agency) } else { How::Measured }
}

fn is_person(caller: &Caller) -> bool {
    matches!(caller.actor.identity, Identity::Person { .. })
}

/// What tells a run of a tool when it is handed in again: the same bytes of another day are another run.
fn run_digest(tool: &str, at: Timestamp, digest: &str) -> String {
    hex(&Sha256::digest(format!("{tool}\n{at}\n{digest}")))
}

/// The findings of a file by the name that the ledger knows them by: of the same rule and place the
/// gravest stands.
fn by_subject(sheet: &mut Sheet, system: &SystemCode) -> BTreeMap<String, NewFinding> {
    let mut by_subject = BTreeMap::<String, NewFinding>::new();
    for (place, found) in std::mem::take(&mut sheet.found) {
        match found.checked() {
            Ok(found) => {
                let subject = found.subject(system);
                match by_subject.get_mut(&subject) {
                    Some(known) => {
                        known.cves.extend(found.cves.iter().cloned());
                        if known.severity < found.severity {
                            known.severity = found.severity;
                        }
                    }
                    None => drop(by_subject.insert(subject, found)),
                }
            }
            Err(error) => sheet.problems.push(Problem { place, what: error.to_string() }),
        }
    }
    by_subject
}

/// Imports what a scan of a system has found or what an advisory says of it, or only tells what that would do.
pub async fn import_findings(
    records: &Records,
    caller: &Caller,
    system: &SystemCode,
    upload: Upload,
    dry_run: bool,
) -> Result<Report, UseError> {
    let deed = Deed::new("finding.import", system.as_str(), None);
    let scope = records.scope(caller, Permission::EvidenceWrite, &deed).await?;
    let found = records.store.find_system(&scope, system).await?;
    let system = found.ok_or_else(|| UseError::not_found("system", system))?;
    let deed = Deed { agency: Some(system.agency.clone()), ..deed };
    let (pack, said_at) = (pack()?, upload.at);
    let (read, digest) = tokio::task::spawn_blocking(move || {
        let digest = hex(&Sha256::digest(&upload.bytes));
        read(pack, &upload).map(|read| (read, digest))
    })
    .await
    .map_err(|_| UseError::Fault("reading findings ended early"))?
    .map_err(UseError::Invalid)?;
    let import = Import { records, caller, system, deed, pack, dry_run };
    match read {
        Read::Scan(sheet) => import.scan(sheet, digest, said_at).await,
        Read::Advisory(advisory) => import.advisory(advisory, digest).await,
    }
}

/// One import: who hands in what for which system.
struct Import<'r> {
    records: &'r Records,
    caller: &'r Caller,
    system: System,
    deed: Deed,
    pack: &'static AssessmentPack,
    dry_run: bool,
}

impl Import<'_> {
    /// Makes of the system's findings what a scan says.
    async fn scan(
        self,
        mut sheet: Sheet,
        digest: String,
        said_at: Option<Timestamp>,
    ) -> Result<Report, UseError> {
        let Self { records, caller, system, deed, pack, dry_run } = self;
        let now = records.now();
        let by_subject = by_subject(&mut sheet, &system.code);
        let at = sheet.at.or(said_at).or_else(|| (!is_person(caller)).then_some(now));
        let what = "tell when the scan was run: the file does not";
        let at = at.ok_or_else(|| UseError::Invalid(what.into()))?;
        if at > now.saturating_add(AHEAD).unwrap_or(now) || now.duration_since(at) > OLDEST {
            let what = "the scan was run at a moment that is to come, or longer ago than 800 days";
            sheet.problems.push(Problem { place: "endTimeUtc".into(), what: what.into() });
        }
        let mut report = Report {
            tool: sheet.tool,
            at,
            findings: by_subject.len(),
            left_out: sheet.left_out,
            problems: sheet.problems,
            ..Report::default()
        };
        report.problems.truncate(PROBLEMS);
        if !report.problems.is_empty() {
            return Ok(report);
        }
        let declared = last_declared(records, &system).await?;
        let mut tx = records.store.begin().await?;
        tx.lock_findings().await?;
        let run = run_digest(&report.tool, at, &digest);
        if let Some(import) = tx.find_finding_import(&system.code, &run).await? {
            report.seen = usize::try_from(import.findings).unwrap_or(usize::MAX);
            report.again = true;
            return Ok(report);
        }
        if let Some(last) = tx.last_finding_import(&system.code, &report.tool).await?
            && last.at > at
        {
            let what = format!("a later scan by {} was imported before", report.tool);
            return Err(UseError::Conflict(what));
        }
        not_frozen(&mut tx, at).await?;
        let mut change = Change::new(records, caller, pack, at);
        change.declared = declared;
        change.how = how_imported(caller, &system.agency);
        keep(&mut tx, &system, by_subject, &mut change, &mut report).await?;
        if dry_run {
            tx.rollback().await?;
            return Ok(report);
        }
        let findings = i64::try_from(report.findings).unwrap_or(i64::MAX);
        let origin = if is_person(caller) { Origin::Document } else { Origin::Probe };
        let scan = change.record("scan.done", &system).with("tool", report.tool.as_str());
        let scan = scan.with("findings", findings).from(origin, format!("sha256 {digest}"));
        change.told.insert(0, NewEvidence { how: change.how, ..scan });
        let kept = (run, report.tool.clone());
        finish(tx, caller, (&system, deed), kept, change, &report).await?;
        Ok(report)
    }
}

/// The findings that the caller may see, of one system if given, by the day on which they are due.
pub async fn list_findings(
    records: &Records,
    caller: &Caller,
    system: Option<&SystemCode>,
) -> Result<Vec<Finding>, UseError> {
    let deed = Deed::new("finding.list", "", None);
    let scope = records.scope(caller, Permission::EvidenceRead, &deed).await?;
    Ok(records.store.list_findings(&scope, system).await?)
}

/// How many findings the caller may see; of those that are open only what is high or graver.
pub async fn count_grave(records: &Records, caller: &Caller) -> Result<Due, UseError> {
    let deed = Deed::new("finding.list", "", None);
    let scope = records.scope(caller, Permission::EvidenceRead, &deed).await?;
    Ok(records.store.count_grave_findings(&scope, day_of(records.now())).await?)
}

/// A finding with its history.
pub async fn get_finding(
    records: &Records,
    caller: &Caller,
    id: FindingId,
) -> Result<FindingDetail, UseError> {
    let finding = visible(records, caller, id).await?;
    let steps = records.store.list_finding_steps(id).await?;
    let is_declared = is_declared(records, &finding).await?;
    Ok(FindingDetail { finding, steps, is_declared })
}

/// Somebody says to have repaired what was found, and how. It stays open until it is retested.
pub async fn repair_finding(
    records: &Records,
    caller: &Caller,
    id: FindingId,
    word: &str,
) -> Result<(), UseError> {
    let was = visible(records, caller, id).await?;
    let deed = deed("finding.repair", &was);
    records.require(caller, Permission::AssuranceWrite, &deed).await?;
    let word = said("the comment", word).map_err(UseError::invalid)?;
    let who = caller.actor.identity.to_string();
    change_one(records, caller, was, |was| was.repaired(&who), deed, word).await
}

async fn is_declared(records: &Records, finding: &Finding) -> Result<bool, UseError> {
    let (agency, system) = (&finding.agency, &finding.system);
    let declared = records.store.last_declared(agency, system, "finding.state").await?;
    Ok(declared.contains(&finding.subject))
}

/// Somebody has looked and not found it any more, as a report says. Whoever repaired it does not. Whoever
/// has more than the agency's word confirms what was closed by that.
pub async fn retest_finding(
    records: &Records,
    caller: &Caller,
    id: FindingId,
    report: &str,
) -> Result<(), UseError> {
    let was = visible(records, caller, id).await?;
    let deed = deed("finding.retest", &was);
    require_part(records, caller, &was.agency, &deed).await?;
    // An officer says it for their agency; whoever appraises or approves does so for others.
    if caller.actor.require(Permission::AssuranceWrite, &was.agency).is_err() {
        reviews::stranger(records, caller, &deed, &was.agency, "").await?;
    }
    let report = text::reference("the report", report, NAME_BYTES).map_err(UseError::invalid)?;
    let report = said("the report", &report).map_err(UseError::invalid)?;
    let (who, today) = (caller.actor.identity.to_string(), day_of(records.now()));
    let confirms =
        how(caller, &was.agency) == How::Documented && is_declared(records, &was).await?;
    let retest = |was: Finding| match &was.state {
        FindingState::Fixed(_) if confirms => was.confirmed(&who),
        _ => was.retested(&who, today),
    };
    change_one(records, caller, was, retest, deed, report).await
}

/// A finding is borne until a day, by whoever may approve.
pub async fn accept_finding(
    records: &Records,
    caller: &Caller,
    id: FindingId,
    until: Date,
    reason: &str,
) -> Result<(), UseError> {
    let was = visible(records, caller, id).await?;
    let deed = deed("finding.accept", &was);
    records.require(caller, Permission::AssuranceApprove, &deed).await?;
    reviews::stranger(records, caller, &deed, &was.agency, "").await?;
    let (pack, today) = (pack()?, day_of(records.now()));
    let by = caller.actor.identity.to_string();
    let acceptance = Acceptance { by, reason: reason.to_owned(), until };
    let word = format!("{until}: {}", reason.trim());
    change_one(records, caller, was, |was| was.accepted(pack, acceptance, today), deed, word).await
}

/// Opens what was borne until a day that is past. Answers how many.
pub(crate) async fn reopen_accepted(store: &Store, now: Timestamp) -> Result<usize, UseError> {
    let kinds = Kinds::parse(Kinds::BUILT_IN).map_err(UseError::invalid)?;
    let (who, today) = (Identity::Program.to_string(), day_of(now));
    let mut tx = store.begin().await?;
    tx.lock_findings().await?;
    let mut count = 0;
    for was in tx.findings(None).await? {
        let updated_at = was.updated_at;
        let Some(open) = was.lapsed(today) else { continue };
        let open = Finding { updated_at: now, ..open };
        tx.update_finding(&open, updated_at).await?;
        let detail = "the acceptance has ended".to_owned();
        let what = "reopen".to_owned();
        let step = FindingStep { at: now, who: who.clone(), what, detail: detail.clone() };
        tx.add_finding_steps(&[(open.id, step)]).await?;
        let new = told(&open, &who, How::Documented, kinds.version, now);
        let new = kinds.check(new, Recorder::Centre).map_err(UseError::invalid)?;
        tx.append_evidence(vec![new], now).await?;
        let deed = deed("finding.reopen", &open);
        let entry = NewEntry {
            at: now,
            who: who.clone(),
            action: deed.action.to_owned(),
            target: deed.target,
            agency: deed.agency,
            origin: String::new(),
            outcome: Outcome::Done,
            detail,
        };
        tx.add_audit(&[entry]).await?;
        count += 1;
    }
    tx.commit().await?;
    Ok(count)
}

fn deed(action: &'static str, finding: &Finding) -> Deed {
    let target = format!("finding {} of {}", finding.id, finding.system);
    Deed::new(action, target, Some(finding.agency.clone()))
}

/// A finding that the caller may see.
async fn visible(records: &Records, caller: &Caller, id: FindingId) -> Result<Finding, UseError> {
    let deed = Deed::new("finding.read", format!("finding {id}"), None);
    let scope = records.scope(caller, Permission::EvidenceRead, &deed).await?;
    let found = records.store.find_finding(&scope, id).await?;
    found.ok_or_else(|| UseError::not_found("finding", id))
}

async fn change_one(
    records: &Records,
    caller: &Caller,
    was: Finding,
    change: impl FnOnce(Finding) -> Result<Finding, FindingError>,
    deed: Deed,
    word: String,
) -> Result<(), UseError> {
    let (now, updated_at, how) = (records.now(), was.updated_at, how(caller, &was.agency));
    let changed = change(was).map_err(|error| match error {
        FindingError::NotOpen | FindingError::NotRepaired | FindingError::Own => {
            UseError::Conflict(error.to_string())
        }
        other => UseError::invalid(other),
    })?;
    let changed = Finding { updated_at: now, ..changed };
    let mut tx = records.store.begin().await?;
    if !tx.update_finding(&changed, updated_at).await? {
        return Err(UseError::Conflict(format!("finding {} was changed meanwhile", changed.id)));
    }
    let who = caller.actor.identity.to_string();
    let what = deed.action.trim_start_matches("finding.").to_owned();
    let step = FindingStep { at: now, who: who.clone(), what, detail: word.clone() };
    tx.add_finding_steps(&[(changed.id, step)]).await?;
    let new = told(&changed, &who, how, records.kinds().version, now);
    records.keep_evidence(&mut tx, vec![new]).await?;
    tx.add_audit(&[records.entry(caller, &deed.with(word), Outcome::Done)]).await?;
    Ok(tx.commit().await?)
}

/// What the ledger is told of a finding.
fn told(finding: &Finding, who: &str, how: How, version: i64, at: Timestamp) -> NewEvidence {
    let fixed = match &finding.state {
        FindingState::Fixed(day) => Some(day.to_string()),
        FindingState::Open | FindingState::Accepted(_) => None,
    };
    let origin = if finding.is_advised() { Origin::Document } else { Origin::Probe };
    let new = NewEvidence {
        subject: finding.subject.clone(),
        schema: version,
        how,
        by: who.to_owned(),
        ..NewEvidence::of_system("finding.state", &finding.agency, &finding.system, at)
    };
    new.with("severity", finding.about.severity.name())
        .with("kev", finding.is_exploited)
        .with("internet", finding.is_exposed)
        .with("state", finding.state.name())
        .with("found", finding.found.to_string())
        .with("due", finding.due.to_string())
        .with_some("fixed", fixed)
        .with("title", finding.about.title.as_str())
        .from(origin, format!("finding {}", finding.id))
}

/// Findings by how they stand: open, of those grave and overdue, and borne.
pub fn counts<'f>(findings: impl IntoIterator<Item = &'f Finding>, today: Date) -> [usize; 4] {
    let mut counts = [0; 4];
    for finding in findings {
        let is_open = finding.state == FindingState::Open;
        counts[0] += usize::from(is_open);
        counts[1] += usize::from(is_open && finding.about.severity >= Rating::High);
        counts[2] += usize::from(finding.is_overdue(today));
        counts[3] += usize::from(matches!(finding.state, FindingState::Accepted(_)));
    }
    counts
}

/// CVEs that a text or a list of texts names.
fn cves_of<'t>(texts: impl IntoIterator<Item = &'t str>) -> BTreeSet<String> {
    texts.into_iter().flat_map(khien_domain::finding::cves).collect()
}

#[cfg(test)]
mod tests;
