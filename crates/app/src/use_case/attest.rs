//! What an agency says of itself, by hand, with the document that shows it.
//!
//! Whatever kinds of evidence people may record (`packs/evidence.yml`) is typed into one form, field by
//! field. It is kept as declared: it earns the share that the index gives to an agency's own word, until
//! somebody of another agency has seen the document ([`reviews`](super::reviews)).

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use khien_domain::audit::Outcome;
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::document::{Brought, Digest};
use khien_domain::evidence::kinds::{Kind, Recorder, Subject, day};
use khien_domain::evidence::typed::{self, Wrong};
use khien_domain::evidence::{About, How, NewEvidence, Origin};
use khien_domain::index::Ratio;
use khien_domain::index::ratio::whole;
use khien_domain::page::PageRequest;
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::round::{self, Review};
use khien_domain::text;
use khien_store::{EvidenceFilter, Tx};

use super::documents::Ready;
use super::evidence::{OLDEST, measured};
use super::{UseError, documents, index};
use crate::access::{Caller, Deed};
use crate::records::Records;

/// The zone in which people write days.
const ZONE: Offset = Offset::constant(7);
/// The longest reference to a document, in bytes, as records hold it.
const REFERENCE_BYTES: usize = 200;
/// The longest subject, in bytes.
const SUBJECT_BYTES: usize = 80;
/// How the reference of a record by an accepted appeal begins.
pub(super) const APPEAL: &str = "appeal ";
/// Records of a kind that are looked at for what an agency has.
const STANDING: u32 = 40;

/// What somebody typed, as it was typed.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    /// Which kind of evidence.
    pub kind: String,
    /// About which system.
    pub system: String,
    /// About which one of several things of the kind.
    pub subject: String,
    /// The fields of the content.
    pub fields: BTreeMap<String, String>,
    /// What the document is called.
    pub title: String,
    /// Its number.
    pub number: String,
    /// Its day.
    pub day: String,
    /// The SHA-256 of its file; that of the file that comes along, if one does.
    pub sha256: String,
    /// The file itself, to be kept.
    pub file: Option<Brought>,
    /// Since which day it is so; today if empty.
    pub at: String,
    /// Until the end of which day it counts; without an end if empty.
    pub until: String,
}

/// Why it was not kept.
#[derive(Debug, thiserror::Error)]
pub enum AttestError {
    /// Fields hold something else.
    #[error("{} fields hold something else", .0.len())]
    Fields(Vec<Wrong>),
    /// Something else.
    #[error(transparent)]
    Use(#[from] UseError),
}

/// Something that an agency can say of itself.
pub struct Attestable<'k> {
    /// What kind of evidence.
    pub kind: &'k Kind,
    /// The indicators that count it, in the order of the pack, and whether it earns points there.
    pub indicators: Vec<(String, bool)>,
    /// The points of those indicators that the agency does not have; nothing for what only shows that
    /// there was nothing to measure.
    pub worth: Option<Ratio>,
    /// What there is: the latest of each subject, newest first.
    pub standing: Vec<Standing>,
}

/// A record that an agency has.
pub struct Standing {
    /// The record.
    pub about: About,
    /// Whether its time is over.
    pub is_over: bool,
    /// What was made of it, if it was declared.
    pub review: Option<Review>,
}

/// What an agency can say of itself, by the groups of the index; what no indicator counts comes last,
/// under an empty name.
pub async fn catalogue<'k>(
    records: &'k Records,
    caller: &Caller,
    agency: &AgencyCode,
) -> Result<Vec<(String, Vec<Attestable<'k>>)>, UseError> {
    let deed = Deed::new("evidence.catalogue", format!("agency {agency}"), Some(agency.clone()));
    records.require(caller, Permission::EvidenceRead, &deed).await?;
    let live = index::live(records, caller).await?;
    let pack = &live.now.pack;
    let score = live.now.table.get(agency.as_str()).map(|(score, _)| score);
    let used: Vec<BTreeSet<&str>> =
        pack.indicators.iter().map(|indicator| pack.kinds_of(indicator)).collect();
    let counted: Vec<BTreeSet<&str>> =
        pack.indicators.iter().map(|indicator| pack.kinds_that_earn(indicator)).collect();
    let mut groups: BTreeMap<String, Vec<Attestable<'k>>> = BTreeMap::new();
    let mut rest = Vec::new();
    for kind in records.kinds().all().filter(|kind| kind.by.contains(&Recorder::People)) {
        let mut found = Attestable {
            kind,
            indicators: Vec::new(),
            worth: None,
            standing: standing(records, agency, &kind.name).await?,
        };
        let mut group = None;
        for (place, indicator) in pack.indicators.iter().enumerate() {
            if !used[place].contains(kind.name.as_str()) {
                continue;
            }
            group.get_or_insert(&indicator.group);
            let earns = counted[place].contains(kind.name.as_str());
            found.indicators.push((indicator.id.clone(), earns));
            let outcome = score.and_then(|score| score.outcomes.get(place));
            if let Some(outcome) = outcome.filter(|_| earns) {
                *found.worth.get_or_insert_with(|| whole(0)) += &outcome.weight - &outcome.points;
            }
        }
        // Those that it only makes inapplicable are told where it earns nothing.
        if found.indicators.iter().any(|(_, earns)| *earns) {
            found.indicators.retain(|(_, earns)| *earns);
        }
        match group {
            Some(group) => groups.entry(group.clone()).or_default().push(found),
            None => rest.push(found),
        }
    }
    let mut all: Vec<_> = groups.into_iter().collect();
    if !rest.is_empty() {
        all.push((String::new(), rest));
    }
    Ok(all)
}

pub(super) async fn standing(
    records: &Records,
    agency: &AgencyCode,
    kind: &str,
) -> Result<Vec<Standing>, UseError> {
    let filter = EvidenceFilter {
        kind: Some(kind.to_owned()),
        agency: Some(agency.clone()),
        ..EvidenceFilter::default()
    };
    let (mut seen, mut standing) = (BTreeSet::new(), Vec::new());
    for about in latest(records, agency, &filter).await? {
        if !seen.insert(about.subject.clone()) {
            continue;
        }
        let review = match about.how {
            How::Declared => records.store.find_review(about.seq).await?,
            How::Documented | How::Measured => None,
        };
        let is_over = about.until.is_some_and(|until| until <= records.now());
        standing.push(Standing { about, is_over, review });
    }
    Ok(standing)
}

/// Records of an agency that nothing replaces, the latest first.
async fn latest(
    records: &Records,
    agency: &AgencyCode,
    filter: &EvidenceFilter,
) -> Result<Vec<About>, UseError> {
    let scope = AgencyScope::one(agency.clone());
    let page = PageRequest::new(None, STANDING);
    let found = records.store.list_evidence(&scope, filter, &page).await?.items;
    let seqs = found.iter().map(|record| record.about.seq).collect();
    let gone = records.store.corrected_records(&seqs).await?;
    let left = found.into_iter().map(|record| record.about);
    let mut left: Vec<About> = left.filter(|about| !gone.contains(&about.seq)).collect();
    left.sort_by_key(|about| std::cmp::Reverse((about.at, about.seq)));
    Ok(left)
}

/// A kind that people may record.
pub fn kind_of_people<'k>(records: &'k Records, name: &str) -> Option<&'k Kind> {
    records.kinds().get(name).filter(|kind| kind.by.contains(&Recorder::People))
}

/// Keeps what an agency says of itself.
pub async fn attest(
    records: &Records,
    caller: &Caller,
    agency: &AgencyCode,
    typed: &Typed,
) -> Result<About, AttestError> {
    let deed = Deed::new("evidence.attest", typed.kind.clone(), Some(agency.clone()));
    records.require(caller, Permission::EvidenceWrite, &deed).await?;
    let kind = kind_of_people(records, &typed.kind).ok_or_else(|| {
        UseError::Invalid(format!("type: «{}» is nothing that people record", typed.kind))
    })?;
    let (new, document) = record(records, caller, kind, agency, typed).await?;
    let new = NewEvidence { how: How::Declared, ..new };
    let new = records.kinds().check(new, Recorder::People).map_err(UseError::invalid)?;
    let now = records.now();
    let mut tx = records.store.begin().await.map_err(UseError::from)?;
    not_frozen(&mut tx, new.at).await?;
    own_word(records, agency, &new).await?;
    let deed = deed.with(new.subject.clone());
    if let Some(document) = document {
        document.keep(&mut tx).await.map_err(UseError::from)?;
    }
    let kept = tx.append_evidence(vec![new], now).await.map_err(UseError::from)?.pop();
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await.map_err(UseError::from)?;
    tx.commit().await.map_err(UseError::from)?;
    Ok(kept.ok_or(UseError::Fault("a record was not added"))?)
}

/// Refuses a word about what the centre itself has recorded last: it is changed where it was recorded, or by
/// an appeal.
async fn own_word(
    records: &Records,
    agency: &AgencyCode,
    new: &NewEvidence,
) -> Result<(), UseError> {
    let filter = EvidenceFilter {
        kind: Some(new.kind.clone()),
        agency: Some(agency.clone()),
        system: None,
        subject: Some(new.subject.clone()),
    };
    let last = latest(records, agency, &filter).await?.into_iter().next();
    match last.filter(|last| !is_word(last)) {
        Some(last) => Err(UseError::Conflict(format!(
            "the centre itself has recorded this (record {}): it changes where that was recorded, or by an appeal",
            last.seq
        ))),
        None => Ok(()),
    }
}

/// Kinds that rooms of the centre keep from documents; a later word of the agency is typed there.
const OF_ROOMS: [&str; 5] =
    ["agency.assignment", "scan.done", "pentest.done", "assessment.done", "restore.tested"];

/// Whether a record is what somebody typed from a document or as a word, what somebody of another agency
/// confirmed of that, or the outcome of an appeal: not what the centre measured or its own rooms have recorded.
fn is_word(about: &About) -> bool {
    let is_typed = matches!(about.origin, Origin::Document | Origin::Attestation);
    let by_hand = round::account(&about.by).is_some() && !OF_ROOMS.contains(&about.kind.as_str());
    match about.how {
        How::Declared => is_typed,
        How::Documented => {
            is_typed && (by_hand || about.corrects.is_some()) || about.reference.starts_with(APPEAL)
        }
        How::Measured => false,
    }
}

impl Attestable<'_> {
    /// The record that stands against every word of the agency: there is one thing to say, and the centre
    /// itself has said it last.
    pub fn taken(&self) -> Option<&About> {
        let last = self.standing.first().map(|standing| &standing.about);
        last.filter(|last| self.kind.subject == "agency" && !is_word(last))
    }
}

/// What the centre itself has said last of things of a kind: no word of the agency about them is taken.
pub async fn taken(
    records: &Records,
    caller: &Caller,
    agency: &AgencyCode,
    kind: &str,
) -> Result<BTreeSet<String>, UseError> {
    let deed = Deed::new("evidence.taken", kind.to_owned(), Some(agency.clone()));
    records.require(caller, Permission::EvidenceWrite, &deed).await?;
    let standing = standing(records, agency, kind).await?.into_iter();
    let taken = standing.filter(|standing| !is_word(&standing.about));
    Ok(taken.map(|standing| standing.about.subject).collect())
}

/// Refuses what was so until the cut-off of a frozen round; nobody freezes one until the transaction
/// ends.
pub(super) async fn not_frozen(tx: &mut Tx, at: Timestamp) -> Result<(), UseError> {
    tx.lock_ledger().await?;
    match tx.frozen_round().await? {
        Some((year, cutoff)) if at.as_second() <= cutoff.as_second() => {
            Err(UseError::Conflict(format!(
                "the round of {year} is frozen: what was so until {} changes by an accepted appeal alone",
                khien_domain::evidence::content::moment(cutoff)
            )))
        }
        _ => Ok(()),
    }
}

/// The record that was typed and the file that it names, with all that is wrong with them by field.
pub(super) async fn record(
    records: &Records,
    caller: &Caller,
    kind: &Kind,
    agency: &AgencyCode,
    typed: &Typed,
) -> Result<(NewEvidence, Option<Ready>), AttestError> {
    let mut wrong = Vec::new();
    let content = typed::content(kind, &typed.fields).unwrap_or_else(|found| {
        wrong.extend(found);
        khien_domain::evidence::content::Content::map::<&str>([])
    });
    let scope = AgencyScope::one(agency.clone());
    let found = records.store.find_agency(&scope, agency).await.map_err(UseError::from)?;
    if found.is_none_or(|agency| !agency.in_scope) {
        wrong.push(Wrong::new("agency", "this agency is not in the register"));
    }
    let system = system(records, kind, &scope, typed, &mut wrong).await?;
    if let Err(UseError::Invalid(what)) =
        measured(records, &kind.name, system.as_ref(), &content).await
    {
        let field = if what.contains("RTO") { "minutes" } else { "lost_minutes" };
        wrong.push(Wrong::new(field, what));
    }
    let subject = match kind.subject.as_str() {
        "agency" => agency.to_string(),
        "system" => system.as_ref().map(ToString::to_string).unwrap_or_default(),
        // Some say in their content what they are about.
        named if kind.fields.contains_key(named) => {
            content.get(named).and_then(|value| value.as_text()).unwrap_or_default().to_owned()
        }
        named => subject(named, &typed.subject, &mut wrong),
    };
    let (at, until) = times(records.now(), typed, &mut wrong);
    let document = documents::examined(records, caller, agency, typed.file.as_ref()).await?;
    let document = document.unwrap_or_else(|found| {
        wrong.push(found);
        None
    });
    let digest = document.as_ref().map(|ready| &ready.document.digest);
    let reference = reference(typed, digest, &mut wrong);
    if !wrong.is_empty() {
        return Err(AttestError::Fields(wrong));
    }
    let is_document = !reference.is_empty();
    let new = NewEvidence {
        kind: kind.name.clone(),
        schema: records.kinds().version,
        content,
        agency: Some(agency.clone()),
        system,
        subject,
        origin: if is_document { Origin::Document } else { Origin::Attestation },
        reference,
        how: How::Declared,
        by: caller.actor.identity.to_string(),
        at,
        until,
        corrects: None,
    };
    Ok((new, document))
}

async fn system(
    records: &Records,
    kind: &Kind,
    scope: &AgencyScope,
    typed: &Typed,
    wrong: &mut Vec<Wrong>,
) -> Result<Option<SystemCode>, UseError> {
    if kind.about != Subject::System {
        return Ok(None);
    }
    let Ok(code) = SystemCode::new(typed.system.trim()) else {
        wrong.push(Wrong::new("system", "choose a system of the agency"));
        return Ok(None);
    };
    if records.store.find_system(scope, &code).await?.is_none() {
        wrong.push(Wrong::new("system", "choose a system of the agency"));
    }
    Ok(Some(code))
}

fn subject(named: &str, said: &str, wrong: &mut Vec<Wrong>) -> String {
    let said = said.trim();
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let fits = match named {
        "year" => said.len() == 4 && is_number(said),
        "month" => day(&format!("{said}-01")).is_some(),
        _ => true,
    };
    if !fits {
        let what = if named == "year" {
            "this must be a year like 2026"
        } else {
            "this must be a month like 2026-10"
        };
        wrong.push(Wrong::new("subject", what));
        return String::new();
    }
    text::line("the subject", said, SUBJECT_BYTES).unwrap_or_else(|error| {
        wrong.push(Wrong::new(
            "subject",
            match error {
                text::TextError::Marked { .. } => MARKED,
                _ => "this must be one line of at most 80 bytes",
            },
        ));
        String::new()
    })
}

/// Since when and until when: a day of the past is its noon, the last one counts to its end.
fn times(now: Timestamp, typed: &Typed, wrong: &mut Vec<Wrong>) -> (Timestamp, Option<Timestamp>) {
    let at = match typed.at.trim() {
        "" => now,
        said => match day(said) {
            None => {
                wrong.push(Wrong::new("at", "this must be a day"));
                now
            }
            Some(day) if day == ZONE.to_datetime(now).date() => now,
            Some(day) => {
                let noon = ZONE.to_timestamp(day.at(12, 0, 0, 0)).unwrap_or(now);
                if noon > now {
                    wrong.push(Wrong::new("at", "this day is still to come"));
                } else if now.duration_since(noon) > OLDEST {
                    wrong.push(Wrong::new("at", "longer ago than 800 days; nothing counts it"));
                }
                noon
            }
        },
    };
    let said = typed.until.trim();
    if said.is_empty() {
        return (at, None);
    }
    let begin = day(said).and_then(|day| ZONE.to_timestamp(day.at(0, 0, 0, 0)).ok());
    let Some(begin) = begin else {
        wrong.push(Wrong::new("until", "this must be a day"));
        return (at, None);
    };
    let end = begin.saturating_add(SignedDuration::from_hours(24)).unwrap_or(begin);
    if end <= at {
        wrong.push(Wrong::new("until", "this ends before it begins"));
    }
    (at, Some(end))
}

/// What is said of a field with a mark of secrecy.
pub(super) const MARKED: &str =
    "this bears a mark of secrecy: the centre takes nothing that is secret";

/// The document in one line: title, number, day, and the SHA-256 of its file.
fn reference(typed: &Typed, file: Option<&Digest>, wrong: &mut Vec<Wrong>) -> String {
    let mut parts = Vec::new();
    for (field, said) in [("title", &typed.title), ("number", &typed.number)] {
        let said = said.trim();
        if said.is_empty() {
            continue;
        }
        match text::reference("the document", said, REFERENCE_BYTES) {
            Ok(line) => parts.push(line),
            Err(text::TextError::Marked { .. }) => wrong.push(Wrong::new(field, MARKED)),
            Err(_) => wrong.push(Wrong::new(field, "this must be one line of at most 200 bytes")),
        }
    }
    match typed.day.trim() {
        "" => {}
        said => match day(said) {
            Some(day) => parts.push(day.to_string()),
            None => wrong.push(Wrong::new("day", "this must be a day")),
        },
    }
    let said = typed.sha256.trim();
    match (Digest::parse(said), file) {
        (Some(said), Some(file)) if said != *file => {
            let what = "this is not the SHA-256 of the file: correct it or leave it empty";
            wrong.push(Wrong::new("sha256", what));
        }
        (None, _) if !said.is_empty() => {
            wrong.push(Wrong::new("sha256", "this must be 64 hexadecimal digits"));
        }
        (said, file) => parts.extend(file.cloned().or(said).map(|digest| digest.as_part())),
    }
    let told = parts.join(" · ");
    if told.len() > REFERENCE_BYTES {
        let what =
            "title, number, day and SHA-256 have at most 200 bytes together: shorten the title";
        wrong.push(Wrong::new("title", what));
    }
    told
}
