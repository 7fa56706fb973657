//! The past of a demonstration: evidence with dates that lie before anything was recorded.
//!
//! Nobody can say of a real centre's agencies what this says, and so it is refused unless the data
//! folder bears the mark of a demonstration. What is kept is checked against its kind as everything
//! else is, and says itself when it was recorded.

mod rooms;

use jiff::Timestamp;
use khien_domain::agency::Duty;
use khien_domain::audit::Outcome;
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::document::Brought;
use khien_domain::evidence::kinds::Recorder;
use khien_domain::evidence::{How, NewEvidence, Origin};
use khien_domain::page::PageRequest;
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::system::{Stage, System};
use khien_store::{EvidenceFilter, Tx};

use super::evidence::{Handed, content, subject};
use super::register::evidence::Teller;
use super::{UseError, gate};
use crate::access::{Caller, Deed};
use crate::folder::DataFolder;
use crate::records::Records;

/// Evidence of the past, as somebody might have handed it in.
#[derive(Clone, Debug)]
pub struct Told {
    /// What it says.
    pub handed: Handed,
    /// Where it is known from.
    pub origin: Origin,
    /// How it is known.
    pub how: How,
    /// Who says so.
    pub by: String,
    /// The file of the document that its reference names by its digest, if it is kept.
    pub file: Option<Brought>,
}

/// A glass that was broken in the past.
#[derive(Clone, Debug)]
pub struct Broken {
    /// Of which system.
    pub system: SystemCode,
    /// By whom.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
    /// For so many hours.
    pub hours: i64,
    /// What the appraiser found afterwards.
    pub finding: String,
}

/// A project that waits for its decision.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// Its system.
    pub system: SystemCode,
    /// What it is called.
    pub name: String,
    /// What is planned for it, in đồng.
    pub planned: i64,
    /// What of it is for security, in đồng, if that was estimated.
    pub security: Option<i64>,
    /// Whether the dossier of its system's design is about it, not about what was built before.
    pub is_appraised: bool,
}

/// What people of the demonstration wrote into its dossiers and projects.
#[derive(Clone, Debug)]
pub struct Phrases {
    /// Who appraises: `person:thamdinh`.
    pub appraiser: String,
    /// Who approves.
    pub approver: String,
    /// What a dossier is about, after the name of its system.
    pub scope: String,
    /// Why a level fits.
    pub reason: String,
    /// The word to an answer that is not yes.
    pub partly: String,
    /// The title of a document.
    pub document: String,
    /// What the officer says when handing in.
    pub submitted: String,
    /// What must change.
    pub returned: String,
    /// The conclusion of an appraisal.
    pub appraised: String,
    /// Why something was decided without an appraisal.
    pub exception: String,
    /// Projects that are not decided yet.
    pub waiting: Vec<Waiting>,
    /// What found the findings.
    pub tool: String,
}

/// What has happened before a demonstration begins.
#[derive(Clone, Debug)]
pub struct Past {
    /// Since when agencies, systems and services are in the register.
    pub registered_at: Timestamp,
    /// Which agencies have confirmed their part of it, and when.
    pub agencies: Vec<(AgencyCode, Timestamp)>,
    /// Which systems were confirmed, and when.
    pub systems: Vec<(SystemCode, Timestamp)>,
    /// Everything else that is known.
    pub evidence: Vec<Told>,
    /// When the gate was asked about the systems that are in use.
    pub decided_at: Timestamp,
    /// The glass that was broken.
    pub broken: Broken,
    /// What people wrote.
    pub phrases: Phrases,
}

/// Gives a demonstration its past, once. Answers how many records that made; none if it has one.
pub async fn fill(
    records: &Records,
    folder: &DataFolder,
    caller: &Caller,
    past: Past,
) -> Result<usize, UseError> {
    let deed = Deed::new("demonstration.fill", "", None);
    records.require(caller, Permission::EvidenceWrite, &deed).await?;
    if !folder.is_demo() {
        return Err(UseError::Conflict(
            "this is no demonstration: what is known of real agencies is recorded as it happens"
                .into(),
        ));
    }
    let size = records.store.ledger_size().await?;
    if is_filled(records, &past.broken).await? {
        return Ok(0);
    }
    let systems = all_systems(records).await?;
    let mut tx = records.store.begin().await?;
    let mut past = past;
    rooms::keep(&mut tx, &mut past.evidence, &systems, &past.phrases).await?;
    let mut new = Vec::with_capacity(past.evidence.len());
    for told in past.evidence {
        keep_file(records, &mut tx, &told).await?;
        new.push(checked(records, told)?);
    }
    register(records, &mut tx, past.registered_at, &systems).await?;
    confirm(&mut tx, &past.agencies, &past.systems, &systems, &past.phrases.appraiser).await?;
    tx.append_evidence(new, records.now()).await?;
    let deed = deed.with("the past of the demonstration");
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    let reviewer = &past.phrases.appraiser;
    let mut decisions = Vec::new();
    for system in &systems {
        let is_broken = system.code == past.broken.system;
        if is_broken {
            decisions.extend(gate::broken_before(records, system, &past.broken, reviewer).await?);
        }
        if is_broken || system.stage == Stage::Operation {
            decisions.push(gate::decided_before(records, system, past.decided_at).await?);
        }
    }
    let mut tx = records.store.begin().await?;
    let kept = records.keep_evidence(&mut tx, decisions).await?;
    let reviewed = gate::reviewed_before(&kept, &past.broken, reviewer);
    records.keep_evidence(&mut tx, reviewed.into_iter().collect()).await?;
    tx.commit().await?;
    let made = records.store.ledger_size().await? - size;
    Ok(usize::try_from(made).unwrap_or(usize::MAX))
}

/// Whether the past is there: what is kept last of it is the glass that was broken.
async fn is_filled(records: &Records, broken: &Broken) -> Result<bool, UseError> {
    let filter = EvidenceFilter {
        kind: Some("gate.decision".into()),
        system: Some(broken.system.clone()),
        ..EvidenceFilter::default()
    };
    let page = PageRequest::new(None, 1);
    let found = records.store.list_evidence(&AgencyScope::All, &filter, &page).await?;
    Ok(!found.items.is_empty())
}

async fn keep_file(records: &Records, tx: &mut Tx, told: &Told) -> Result<(), UseError> {
    let Some(file) = &told.file else { return Ok(()) };
    let (limit, brought) = (records.kinds().document_bytes, (told.by.as_str(), told.handed.at));
    let document = file.checked(&told.handed.agency, limit, brought).map_err(UseError::invalid)?;
    tx.keep_document(&document, &file.bytes).await?;
    Ok(())
}

fn checked(records: &Records, told: Told) -> Result<NewEvidence, UseError> {
    let Told { handed, origin, how, by, file: _ } = told;
    let subject = subject(records, &handed)?;
    let new = NewEvidence {
        schema: records.kinds().version,
        content: content(handed.content).map_err(UseError::Invalid)?,
        agency: Some(handed.agency),
        system: handed.system,
        subject,
        origin,
        reference: handed.reference,
        how,
        by,
        at: handed.at,
        until: handed.until,
        corrects: handed.corrects,
        kind: handed.kind,
    };
    records.kinds().check(new, Recorder::Centre).map_err(UseError::invalid)
}

async fn all_systems(records: &Records) -> Result<Vec<System>, UseError> {
    let mut found = Vec::new();
    let mut page = PageRequest::first();
    loop {
        let part = records.store.list_systems(&AgencyScope::All, &page).await?;
        found.extend(part.items);
        let Some(next) = part.next else { return Ok(found) };
        page.after = Some(next);
    }
}

/// Tells what is in the register as if it had been there for long.
async fn register(
    records: &Records,
    tx: &mut Tx,
    at: Timestamp,
    systems: &[System],
) -> Result<(), UseError> {
    let by = || Caller::program().actor.identity.to_string();
    let mut teller = Teller::at(at, by())?;
    let mut page = PageRequest::first();
    loop {
        let part = records.store.list_agencies(&AgencyScope::All, &page).await?;
        for agency in &part.items {
            teller.agency(agency)?;
        }
        let Some(next) = part.next else { break };
        page.after = Some(next);
    }
    for system in systems {
        teller.system(system)?;
    }
    for kept in records.store.list_resources(&AgencyScope::All).await? {
        teller.resource(&kept.resource, false)?;
    }
    teller.keep(tx).await?;
    let mut by_agency: std::collections::BTreeMap<_, Vec<_>> = std::collections::BTreeMap::new();
    for (agency, one) in records.store.list_appointments(&AgencyScope::All).await? {
        by_agency.entry(agency).or_default().push(one);
    }
    let accounts = records.store.all_people().await?;
    for (agency, appointments) in by_agency {
        let Some(head) = appointments.iter().find(|one| one.duty == Duty::Head) else { continue };
        // On the day it was signed, at noon.
        let signed = head.signed.at(12, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC);
        let at = signed.map_or(at, |signed| signed.timestamp());
        let contacts = records.store.list_contacts(&AgencyScope::All, &agency).await?;
        let mut teller = Teller::at(at, by())?;
        teller.assignment(&agency, &appointments, &accounts, contacts.len())?;
        teller.keep(tx).await?;
    }
    Ok(())
}

async fn confirm(
    tx: &mut Tx,
    agencies: &[(AgencyCode, Timestamp)],
    confirmed: &[(SystemCode, Timestamp)],
    systems: &[System],
    reviewer: &str,
) -> Result<(), UseError> {
    for (code, at) in agencies {
        let its = systems.iter().filter(|system| system.agency == *code).count() as u64;
        let mut teller = Teller::at(*at, reviewer.to_owned())?;
        teller.register_confirmed(code, its, How::Documented)?;
        teller.keep(tx).await?;
        tx.set_agency_confirmed(code, Some(*at)).await?;
    }
    for (code, at) in confirmed {
        let Some(system) = systems.iter().find(|system| system.code == *code) else { continue };
        let mut teller = Teller::at(*at, format!("person canbo-{}", system.agency))?;
        teller.system_confirmed(system)?;
        teller.keep(tx).await?;
        tx.set_system_confirmed(code, *at).await?;
    }
    Ok(())
}
