//! Risks: registered, treated, closed, accepted, opened again.
//!
//! Whoever works on the assurance of an agency keeps its risks and accepts what is within the appetite of
//! the pack; what is above is accepted by whoever may approve. What is left after treatment counts by what
//! `treated` knows of it. Each change is told to the ledger in the same transaction.

mod treated;

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use khien_domain::audit::{NewEntry, Outcome};
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::evidence::kinds::{Kinds, Recorder};
use khien_domain::evidence::{How, NewEvidence, Origin};
use khien_domain::limits::TEXT_BYTES;
use khien_domain::permission::{AgencyScope, Identity, Permission};
use khien_domain::risk::{
    Acceptance, ControlName, Rating, Risk, RiskAbout, RiskCode, RiskPack, RiskState, RiskStep,
};
use khien_domain::text;
use khien_store::{Due, Store, Tx};

use self::treated::{Treated, valid};
use super::controls::Relied;
use super::register::evidence::day_of;
use super::{UseError, reviews};
use crate::access::{Caller, Deed};
use crate::records::Records;

/// A risk with its history.
#[derive(Clone, Debug)]
pub struct RiskDetail {
    /// The risk.
    pub risk: Risk,
    /// What was done with it, newest first.
    pub steps: Vec<RiskStep>,
    /// Those of its records that count no more.
    pub lapsed: BTreeSet<u64>,
    /// How the controls that it names stand.
    pub controls: Vec<Relied>,
    /// Whether the register still has its asset.
    pub has_asset: bool,
    /// How it weighs for whoever would accept it.
    pub weighs: Rating,
}

/// The pack of the program.
pub fn pack() -> Result<&'static RiskPack, UseError> {
    RiskPack::built_in().map_err(|error| {
        tracing::error!(%error, "the pack of risks cannot be read");
        UseError::Fault("the pack of risks cannot be read")
    })
}

/// Today, in the province.
pub fn today(records: &Records) -> Date {
    day_of(records.now())
}

/// All risks that the caller may see, by agency and code.
pub async fn list_risks(records: &Records, caller: &Caller) -> Result<Vec<Risk>, UseError> {
    let deed = Deed::new("risk.list", "", None);
    let scope = records.scope(caller, Permission::EvidenceRead, &deed).await?;
    Ok(records.store.list_risks(&scope).await?)
}

/// The risks of a system that the caller may see, by code.
pub async fn risks_of_system(
    records: &Records,
    caller: &Caller,
    system: &SystemCode,
) -> Result<Vec<Risk>, UseError> {
    let deed = Deed::new("risk.list", format!("system {system}"), None);
    let scope = records.scope(caller, Permission::EvidenceRead, &deed).await?;
    Ok(records.store.risks_of_system(&scope, system).await?)
}

/// How many risks the caller may see.
pub async fn count_risks(records: &Records, caller: &Caller) -> Result<Due, UseError> {
    let deed = Deed::new("risk.list", "", None);
    let scope = records.scope(caller, Permission::EvidenceRead, &deed).await?;
    Ok(records.store.count_risks(&scope, today(records)).await?)
}

/// A risk with its history.
pub async fn get_risk(
    records: &Records,
    caller: &Caller,
    agency: &AgencyCode,
    code: &RiskCode,
) -> Result<RiskDetail, UseError> {
    let deed = deed("risk.read", agency, code);
    let scope = records.scope(caller, Permission::EvidenceRead, &deed).await?;
    let risk = records.store.find_risk(&scope, agency, code).await?;
    let risk = risk.ok_or_else(|| UseError::not_found("risk", code))?;
    let Treated { lapsed, controls, proof } = treated_now(records, &risk).await?;
    let weighs = risk.weighs(pack()?, &proof);
    let steps = records.store.list_risk_steps(agency, code).await?;
    let has_asset = match &risk.about.asset {
        Some(asset) => treated::has_asset(&records.store, agency, asset).await?,
        None => false,
    };
    Ok(RiskDetail { risk, steps, lapsed, controls, has_asset, weighs })
}

/// Registers a risk.
pub async fn add_risk(
    records: &Records,
    caller: &Caller,
    agency: &AgencyCode,
    code: RiskCode,
    about: RiskAbout,
) -> Result<(), UseError> {
    let deed = deed("risk.add", agency, &code);
    records.require(caller, Permission::AssuranceWrite, &deed).await?;
    let about = valid(records, pack()?, agency, about, None).await?;
    let now = records.now();
    let risk = Risk {
        agency: agency.clone(),
        code,
        about,
        state: RiskState::Open,
        ended: None,
        created_at: now,
        updated_at: now,
    };
    let detail = rated(&risk)?;
    let mut tx = records.store.begin().await?;
    let taken = || format!("{agency} has a risk {} already; choose another code", risk.code);
    tx.add_risk(&risk).await.map_err(|error| UseError::taken(error, taken))?;
    tell(records, caller, &mut tx, &risk, &deed, detail).await?;
    Ok(tx.commit().await?)
}

/// Changes what is said of a risk that is open.
pub async fn change_risk(
    records: &Records,
    caller: &Caller,
    agency: &AgencyCode,
    code: &RiskCode,
    about: RiskAbout,
) -> Result<(), UseError> {
    let deed = deed("risk.change", agency, code);
    records.require(caller, Permission::AssuranceWrite, &deed).await?;
    let was = find(records, agency, code).await?;
    if !was.state.is_open() {
        return Err(UseError::Conflict(format!("risk {code} is not open: open it again first")));
    }
    let about = valid(records, pack()?, agency, about, Some(&was.about)).await?;
    if was.rating(pack()?) > pack()?.appetite {
        keeps_lacking(records, caller, &was, &about).await?;
    }
    let changed = treated::changed(&was.about, &about);
    let risk = Risk { about, ..was.clone() };
    let detail = format!("{}{changed}", rated(&risk)?);
    change(records, caller, was.updated_at, risk, &deed, detail).await
}

/// Refuses to leave out a control that is not in place, which is what keeps the residual of a grave risk from
/// counting, unless the caller may approve.
async fn keeps_lacking(
    records: &Records,
    caller: &Caller,
    was: &Risk,
    about: &RiskAbout,
) -> Result<(), UseError> {
    let lacking = treated_now(records, was).await?.proof.lacking;
    // For another system another checklist says how it stands.
    let is_kept = |control: &&ControlName| {
        about.controls.contains(*control) && about.system == was.about.system
    };
    let Some(control) = lacking.iter().find(|control| !is_kept(control)) else { return Ok(()) };
    if caller.actor.require(Permission::AssuranceApprove, &was.agency).is_ok() {
        return Ok(());
    }
    Err(UseError::Conflict(format!(
        "control {control} is not in place: only whoever may approve takes it off this risk, or the risk to \
         another system"
    )))
}

/// Closes a risk that is treated, with a word on how.
pub async fn close_risk(
    records: &Records,
    caller: &Caller,
    agency: &AgencyCode,
    code: &RiskCode,
    reason: &str,
) -> Result<(), UseError> {
    let deed = deed("risk.close", agency, code);
    records.require(caller, Permission::AssuranceWrite, &deed).await?;
    let reason = text::paragraph("the reason", reason, TEXT_BYTES).map_err(UseError::invalid)?;
    let was = find(records, agency, code).await?;
    let (proof, updated_at) = (treated_now(records, &was).await?.proof, was.updated_at);
    let risk = was.closed(pack()?, &proof, today(records)).map_err(UseError::invalid)?;
    change(records, caller, updated_at, risk, &deed, reason).await
}

/// Accepts a risk until a day: the head of its agency what lies within the appetite, and whoever may approve
/// and is not of that agency what weighs more.
pub async fn accept_risk(
    records: &Records,
    caller: &Caller,
    agency: &AgencyCode,
    code: &RiskCode,
    until: Date,
    reason: &str,
) -> Result<(), UseError> {
    let deed = deed("risk.accept", agency, code);
    let may_approve = caller.actor.require(Permission::AssuranceApprove, agency).is_ok();
    let (pack, was) = (pack()?, {
        let least =
            if may_approve { Permission::AssuranceApprove } else { Permission::RisksAccept };
        records.require(caller, least, &deed).await?;
        find(records, agency, code).await?
    });
    let proof = treated_now(records, &was).await?.proof;
    if was.weighs(pack, &proof) > pack.appetite {
        records.require(caller, Permission::AssuranceApprove, &deed).await?;
        reviews::not_of_home(records, caller, &deed, agency).await?;
    }
    let by = caller.actor.identity.to_string();
    let acceptance = Acceptance { by, reason: reason.to_owned(), until };
    let updated_at = was.updated_at;
    let risk = was.accepted(pack, &proof, acceptance, today(records));
    let risk = risk.map_err(UseError::invalid)?;
    let detail = format!("{until}: {}", reason.trim());
    change(records, caller, updated_at, risk, &deed, detail).await
}

/// Opens a risk again.
pub async fn reopen_risk(
    records: &Records,
    caller: &Caller,
    agency: &AgencyCode,
    code: &RiskCode,
    reason: &str,
) -> Result<(), UseError> {
    let deed = deed("risk.reopen", agency, code);
    records.require(caller, Permission::AssuranceWrite, &deed).await?;
    let reason = text::paragraph("the reason", reason, TEXT_BYTES).map_err(UseError::invalid)?;
    let was = find(records, agency, code).await?;
    let updated_at = was.updated_at;
    let risk = was.reopened().map_err(UseError::invalid)?;
    change(records, caller, updated_at, risk, &deed, reason).await
}

/// Confirms that the risks of a system were assessed and all of them are here.
pub async fn confirm_assessment(
    records: &Records,
    caller: &Caller,
    agency: &AgencyCode,
    system: &SystemCode,
) -> Result<(), UseError> {
    let deed = Deed::new("risk.assess", format!("system {system}"), Some(agency.clone()));
    records.require(caller, Permission::AssuranceWrite, &deed).await?;
    let scope = AgencyScope::one(agency.clone());
    if records.store.find_system(&scope, system).await?.is_none() {
        return Err(UseError::not_found("system", system));
    }
    let risks = records.store.list_risks(&scope).await?;
    let of_it = risks.iter().filter(|risk| risk.about.system.as_ref() == Some(system));
    let count = i64::try_from(of_it.count()).unwrap_or(i64::MAX);
    if count == 0 {
        let what = format!("no risk of {system} is registered: an assessment finds at least one");
        return Err(UseError::Conflict(what));
    }
    let new = NewEvidence {
        schema: records.kinds().version,
        how: How::Declared,
        by: caller.actor.identity.to_string(),
        ..NewEvidence::of_system("risk.assessed", agency, system, records.now())
    };
    let mut tx = records.store.begin().await?;
    records.keep_evidence(&mut tx, vec![new.with("risks", count)]).await?;
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    Ok(tx.commit().await?)
}

/// Opens what was closed or accepted by a record that counts no more, closed by a control that is no longer
/// in place, or accepted until a day that is past. Answers how many.
pub(crate) async fn reopen_lapsed(store: &Store, now: Timestamp) -> Result<usize, UseError> {
    let all = store.list_risks(&AgencyScope::All).await?;
    let ended: Vec<Risk> = all.into_iter().filter(|risk| !risk.state.is_open()).collect();
    let (pack, today) = (pack()?, day_of(now));
    let kinds = Kinds::parse(Kinds::BUILT_IN).map_err(UseError::invalid)?;
    let mut count = 0;
    for was in ended {
        let code = was.code.clone();
        match reopen(store, pack, &kinds, was, now, today).await {
            Ok(is_open) => count += usize::from(is_open),
            // The others are looked at all the same.
            Err(error) => tracing::error!(%error, risk = %code, "a risk is not looked at"),
        }
    }
    Ok(count)
}

/// Opens a risk again if its time is over. Answers whether it was.
async fn reopen(
    store: &Store,
    pack: &RiskPack,
    kinds: &Kinds,
    was: Risk,
    now: Timestamp,
    today: Date,
) -> Result<bool, UseError> {
    let (lapsed, lacking) = if was.state == RiskState::Closed && was.rating(pack) > pack.appetite {
        let treated = Treated::read(store, kinds, &was, now).await?;
        (treated.lapsed, treated.proof.lacking)
    } else {
        (treated::lapsed(store, &was.about.records, now).await?, BTreeSet::new())
    };
    let Some(why) = was.reopens(pack, &lapsed, &lacking, today) else { return Ok(false) };
    let deed = deed("risk.reopen", &was.agency, &was.code);
    let updated_at = was.updated_at;
    let risk = Risk { updated_at: now, ..was.reopened().map_err(UseError::invalid)? };
    let mut tx = store.begin().await?;
    if !tx.update_risk(&risk, updated_at).await? {
        return Ok(false);
    }
    let who = Identity::Program.to_string();
    let step = step(now, who.clone(), "reopen", &why);
    tx.add_risk_step(&risk.agency, &risk.code, &step).await?;
    let new = told(&risk, &who, kinds.version, now)?;
    let new = kinds.check(new, Recorder::Centre).map_err(UseError::invalid)?;
    tx.append_evidence(vec![new], now).await?;
    let entry = NewEntry {
        at: now,
        who,
        action: deed.action.to_owned(),
        target: deed.target,
        agency: deed.agency,
        origin: String::new(),
        outcome: Outcome::Done,
        detail: why,
    };
    tx.add_audit(&[entry]).await?;
    tx.commit().await?;
    Ok(true)
}

fn deed(action: &'static str, agency: &AgencyCode, code: &RiskCode) -> Deed {
    Deed::new(action, format!("risk {code} of {agency}"), Some(agency.clone()))
}

async fn treated_now(records: &Records, risk: &Risk) -> Result<Treated, UseError> {
    Treated::read(&records.store, records.kinds(), risk, records.now()).await
}

async fn find(records: &Records, agency: &AgencyCode, code: &RiskCode) -> Result<Risk, UseError> {
    let scope = AgencyScope::one(agency.clone());
    let found = records.store.find_risk(&scope, agency, code).await?;
    found.ok_or_else(|| UseError::not_found("risk", code))
}

/// How a risk is rated and what it may cost, in words for its history.
fn rated(risk: &Risk) -> Result<String, UseError> {
    let inherent = risk.about.inherent;
    let (likelihood, impact) = (inherent.likelihood.number(), inherent.impact.number());
    let rated = format!("{likelihood} × {impact}: {}", risk.rating(pack()?).name());
    Ok(match risk.expected() {
        Some(expected) => {
            let (low, high) = (expected.low_a_year(), expected.high_a_year());
            format!("{rated}; {low} to {high} đồng a year")
        }
        None => rated,
    })
}

fn step(at: Timestamp, who: String, what: &str, detail: &str) -> RiskStep {
    RiskStep { at, who, what: what.to_owned(), detail: detail.to_owned() }
}

async fn change(
    records: &Records,
    caller: &Caller,
    was: Timestamp,
    risk: Risk,
    deed: &Deed,
    detail: String,
) -> Result<(), UseError> {
    let risk = Risk { updated_at: records.now(), ..risk };
    let mut tx = records.store.begin().await?;
    if !tx.update_risk(&risk, was).await? {
        return Err(UseError::Conflict(format!("risk {} was changed meanwhile", risk.code)));
    }
    tell(records, caller, &mut tx, &risk, deed, detail).await?;
    Ok(tx.commit().await?)
}

/// Tells history, ledger and audit log what was done.
async fn tell(
    records: &Records,
    caller: &Caller,
    tx: &mut Tx,
    risk: &Risk,
    deed: &Deed,
    detail: String,
) -> Result<(), UseError> {
    let (now, who) = (records.now(), caller.actor.identity.to_string());
    let what = deed.action.trim_start_matches("risk.");
    let new = told(risk, &who, records.kinds().version, now)?;
    let step = step(now, who, what, &detail);
    tx.add_risk_step(&risk.agency, &risk.code, &step).await?;
    records.keep_evidence(tx, vec![new]).await?;
    let deed = deed.clone().with(detail);
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    Ok(())
}

/// What the ledger is told: always the rating before treatment, so that nobody makes a grave risk small
/// by a word. An acceptance and a closing by a record are documented, all else is the agency's word.
fn told(risk: &Risk, who: &str, version: i64, now: Timestamp) -> Result<NewEvidence, UseError> {
    let how = match &risk.state {
        RiskState::Accepted(_) => How::Documented,
        RiskState::Closed if !risk.about.records.is_empty() => How::Documented,
        RiskState::Closed | RiskState::Open => How::Declared,
    };
    let new = NewEvidence {
        subject: risk.code.to_string(),
        schema: version,
        how,
        by: who.to_owned(),
        ..NewEvidence::of_agency("risk.state", &risk.agency, now)
    };
    Ok(new
        .with("rating", risk.rating(pack()?).name())
        .with("state", risk.state.name())
        .with("due", risk.about.due.to_string())
        .with_some("ended", risk.ended.map(|day| day.to_string()))
        .from(Origin::Decision, format!("risk {}", risk.code)))
}
