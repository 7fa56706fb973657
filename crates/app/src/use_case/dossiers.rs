//! Dossiers: written and submitted by the agency, appraised, approved, each by somebody else.
//!
//! Who may take which part is a permission; nobody appraises or approves what is of their own agency, and that
//! nobody takes two parts is asked of the dossier's own history
//! in the same transaction. Each step is told to the ledger, after which the gate sees it. A renewal
//! beside a dossier that is approved is told once it is approved itself: until then what was approved
//! stands. An approved level becomes the level of the register, in the same transaction; a design is handed in
//! and approved at the level of the register only, and the ledger is told at which.

use jiff::civil::Date;
use khien_domain::audit::Outcome;
use khien_domain::code::SystemCode;
use khien_domain::dossier::{
    self, Act, Dossier, DossierAbout, DossierKind, DossierPack, DossierState, DossierStep, Duty,
};
use khien_domain::evidence::{How, NewEvidence, Origin};
use khien_domain::ids::DossierId;
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::system::{Stage, System};
use khien_store::Tx;

use super::register::evidence::{Teller, day_of};
use super::register::put_system;
use super::{UseError, reviews};
use crate::access::{Caller, Deed};
use crate::records::Records;

/// A dossier with its history.
#[derive(Clone, Debug)]
pub struct DossierDetail {
    /// The dossier.
    pub dossier: Dossier,
    /// The system as it is registered.
    pub system: System,
    /// What was done with it, in its order.
    pub steps: Vec<DossierStep>,
    /// What the caller may do with it now.
    pub acts: Vec<Act>,
}

/// The pack of the program.
pub fn pack() -> Result<&'static DossierPack, UseError> {
    DossierPack::built_in().map_err(|error| {
        tracing::error!(%error, "the pack of dossiers cannot be read");
        UseError::Fault("the pack of dossiers cannot be read")
    })
}

/// The dossiers that the caller may see, of one system if given, the newest first.
pub async fn list_dossiers(
    records: &Records,
    caller: &Caller,
    system: Option<&SystemCode>,
) -> Result<Vec<Dossier>, UseError> {
    let deed = Deed::new("dossier.list", "", None);
    let scope = records.scope(caller, Permission::EvidenceRead, &deed).await?;
    Ok(records.store.list_dossiers(&scope, system).await?)
}

/// A dossier with its history.
pub async fn get_dossier(
    records: &Records,
    caller: &Caller,
    id: DossierId,
) -> Result<DossierDetail, UseError> {
    let dossier = visible(records, caller, id).await?;
    let system = system_of(records, &dossier.system).await?;
    let steps = records.store.list_dossier_steps(id).await?;
    let who = caller.actor.identity.to_string();
    let may = |act: &Act| match dossier.check_act(*act, &steps, &who) {
        Ok(duty) => {
            let is_apart =
                duty == Duty::Prepare || reviews::partial(caller, &dossier.agency, "").is_none();
            is_apart && caller.actor.require(needs(duty), &dossier.agency).is_ok()
        }
        Err(_) => {
            *act == Act::Comment
                && PARTS.iter().any(|part| caller.actor.require(*part, &dossier.agency).is_ok())
        }
    };
    let acts = Act::ALL.iter().copied().filter(|act| *act != Act::Begin).filter(may).collect();
    Ok(DossierDetail { dossier, system, steps, acts })
}

/// Begins a dossier of a system, unless one of the kind is under way.
pub async fn begin_dossier(
    records: &Records,
    caller: &Caller,
    system: &SystemCode,
    kind: DossierKind,
) -> Result<DossierId, UseError> {
    let deed = Deed::new("dossier.begin", format!("{} of {system}", kind.evidence()), None);
    let scope = records.scope(caller, Permission::AssuranceWrite, &deed).await?;
    let system = records.store.find_system(&scope, system).await?;
    let system = system.ok_or_else(|| UseError::not_found("system", &deed.target))?;
    let deed = Deed { agency: Some(system.agency.clone()), ..deed };
    records.require(caller, Permission::AssuranceWrite, &deed).await?;
    if system.stage == Stage::Retired {
        return Err(UseError::Conflict(format!("{} is retired", system.code)));
    }
    let now = records.now();
    let dossier = Dossier {
        id: DossierId(0),
        agency: system.agency,
        system: system.code,
        kind,
        state: DossierState::Draft,
        about: DossierAbout::new(system.level, pack()?),
        number: None,
        approved: None,
        created_at: now,
        updated_at: now,
    };
    let mut tx = records.store.begin().await?;
    let taken = || {
        let code = &dossier.system;
        format!("a dossier of this kind is under way for {code}: go on with that one")
    };
    let added = tx.add_dossier(&dossier).await;
    let id = added.map_err(|error| UseError::taken(error, taken))?;
    let dossier = Dossier { id, ..dossier };
    tell(records, caller, &mut tx, &dossier, &deed, (Act::Begin, Some(Duty::Prepare)), "").await?;
    tx.commit().await?;
    Ok(id)
}

/// Changes what a dossier says that is not handed in.
pub async fn change_dossier(
    records: &Records,
    caller: &Caller,
    id: DossierId,
    about: DossierAbout,
) -> Result<(), UseError> {
    let about = about.checked().map_err(UseError::invalid)?;
    let about = DossierAbout { pack: pack()?.version.clone(), ..about };
    act(records, caller, id, Act::Change, "", |dossier, _| Ok(Dossier { about, ..dossier })).await
}

/// Hands a dossier in that says all it has to.
pub async fn submit_dossier(
    records: &Records,
    caller: &Caller,
    id: DossierId,
    word: &str,
) -> Result<(), UseError> {
    let word = dossier::said_or_nothing("the comment", word).map_err(UseError::invalid)?;
    let pack = pack()?;
    let hand_in = |dossier: Dossier, _: &[DossierStep]| {
        dossier.about.complete(dossier.kind, pack).map_err(UseError::invalid)?;
        Ok(dossier.after(Act::Submit))
    };
    act(records, caller, id, Act::Submit, &word, hand_in).await
}

/// Sends a dossier back with what must change.
pub async fn return_dossier(
    records: &Records,
    caller: &Caller,
    id: DossierId,
    word: &str,
) -> Result<(), UseError> {
    let word = dossier::said("what must change", word).map_err(UseError::invalid)?;
    act(records, caller, id, Act::Return, &word, |dossier, _| Ok(dossier.after(Act::Return))).await
}

/// Finds a dossier good, with a conclusion.
pub async fn appraise_dossier(
    records: &Records,
    caller: &Caller,
    id: DossierId,
    word: &str,
) -> Result<(), UseError> {
    let word = dossier::said("the conclusion", word).map_err(UseError::invalid)?;
    act(records, caller, id, Act::Appraise, &word, |dossier, _| Ok(dossier.after(Act::Appraise)))
        .await
}

/// Approves a dossier by a decision with its number and day.
pub async fn approve_dossier(
    records: &Records,
    caller: &Caller,
    id: DossierId,
    number: &str,
    day: Date,
) -> Result<(), UseError> {
    let today = day_of(records.now());
    let word = format!("{} · {day}", number.trim());
    let approve = |dossier: Dossier, steps: &[DossierStep]| {
        let submitted = steps.iter().rfind(|step| step.act == Act::Submit);
        let submitted = day_of(submitted.map_or(dossier.created_at, |step| step.at));
        dossier.approved(number, day, (submitted, today)).map_err(UseError::invalid)
    };
    act(records, caller, id, Act::Approve, &word, approve).await
}

/// Says something about a dossier.
pub async fn comment_dossier(
    records: &Records,
    caller: &Caller,
    id: DossierId,
    word: &str,
) -> Result<(), UseError> {
    let dossier = visible(records, caller, id).await?;
    let deed = deed(Act::Comment, &dossier);
    let part = PARTS.into_iter().find(|part| caller.actor.require(*part, &dossier.agency).is_ok());
    records.require(caller, part.unwrap_or(Permission::AssuranceWrite), &deed).await?;
    let word = dossier::said("the comment", word).map_err(UseError::invalid)?;
    let mut tx = records.store.begin().await?;
    let step = step(records, caller, (Act::Comment, None), word);
    tx.add_dossier_step(id, &step).await?;
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    Ok(tx.commit().await?)
}

/// The permissions of those who take a part.
const PARTS: [Permission; 3] =
    [Permission::AssuranceWrite, Permission::AssuranceDecide, Permission::AssuranceApprove];

fn needs(duty: Duty) -> Permission {
    match duty {
        Duty::Prepare => Permission::AssuranceWrite,
        Duty::Appraise => Permission::AssuranceDecide,
        Duty::Approve => Permission::AssuranceApprove,
    }
}

fn deed(act: Act, dossier: &Dossier) -> Deed {
    let action = match act {
        Act::Begin => "dossier.begin",
        Act::Change => "dossier.change",
        Act::Submit => "dossier.submit",
        Act::Return => "dossier.return",
        Act::Appraise => "dossier.appraise",
        Act::Approve => "dossier.approve",
        Act::Comment => "dossier.comment",
    };
    let target = format!("dossier {} of {}", dossier.id, dossier.system);
    Deed::new(action, target, Some(dossier.agency.clone()))
}

fn step(
    records: &Records,
    caller: &Caller,
    (act, duty): (Act, Option<Duty>),
    detail: String,
) -> DossierStep {
    let who = caller.actor.identity.to_string();
    DossierStep { at: records.now(), who, act, duty, detail }
}

/// A dossier that the caller may see.
async fn visible(records: &Records, caller: &Caller, id: DossierId) -> Result<Dossier, UseError> {
    let deed = Deed::new("dossier.read", format!("dossier {id}"), None);
    let scope = records.scope(caller, Permission::EvidenceRead, &deed).await?;
    let found = records.store.find_dossier(&scope, id).await?;
    found.ok_or_else(|| UseError::not_found("dossier", id))
}

async fn system_of(records: &Records, code: &SystemCode) -> Result<System, UseError> {
    let found = records.store.find_system(&AgencyScope::All, code).await?;
    found.ok_or_else(|| UseError::not_found("system", code))
}

/// Does something with a dossier: the caller may, has no other part in it, and nobody was faster.
async fn act(
    records: &Records,
    caller: &Caller,
    id: DossierId,
    act: Act,
    word: &str,
    change: impl FnOnce(Dossier, &[DossierStep]) -> Result<Dossier, UseError>,
) -> Result<(), UseError> {
    let was = visible(records, caller, id).await?;
    let deed = deed(act, &was);
    let mut tx = records.store.begin().await?;
    let steps = tx.dossier_steps(id).await?;
    let who = caller.actor.identity.to_string();
    // Whoever may not is told that first, and nothing of how the dossier stands.
    let least = match (act, was.state) {
        (Act::Return | Act::Approve, DossierState::Appraised) | (Act::Approve, _) => Duty::Approve,
        (Act::Return | Act::Appraise, _) => Duty::Appraise,
        _ => Duty::Prepare,
    };
    if caller.actor.require(needs(least), &was.agency).is_err() {
        drop(tx);
        records.require(caller, needs(least), &deed).await?;
        return Err(UseError::Fault("a refusal was not told"));
    }
    if least != Duty::Prepare && reviews::partial(caller, &was.agency, "").is_some() {
        drop(tx);
        reviews::stranger(records, caller, &deed, &was.agency, "").await?;
        return Err(UseError::Fault("a refusal was not told"));
    }
    let duty = was.check_act(act, &steps, &who);
    let duty = duty.map_err(|error| UseError::Conflict(error.to_string()))?;
    if matches!(act, Act::Submit | Act::Approve) && was.kind == DossierKind::Design {
        same_level(&mut tx, &was, act).await?;
    }
    let updated_at = was.updated_at;
    let dossier = Dossier { updated_at: records.now(), ..change(was, &steps)? };
    if !tx.update_dossier(&dossier, updated_at).await? {
        return Err(UseError::Conflict(format!("dossier {id} was changed meanwhile")));
    }
    if act == Act::Approve && dossier.kind == DossierKind::Level {
        register_level(records, caller, &mut tx, &dossier).await?;
    }
    tell(records, caller, &mut tx, &dossier, &deed, (act, Some(duty)), word).await?;
    Ok(tx.commit().await?)
}

/// Refuses a design of another level than the one that its system is registered with: what it was asked is
/// not what that level asks.
async fn same_level(tx: &mut Tx, dossier: &Dossier, act: Act) -> Result<(), UseError> {
    let system = tx.find_system(&dossier.system).await?;
    let system = system.ok_or_else(|| UseError::not_found("system", &dossier.system))?;
    if system.level == dossier.about.level {
        return Ok(());
    }
    let (asked, its) = (dossier.about.level.number(), system.level.number());
    let what = match act {
        Act::Approve => "return it, so that it is answered for that level",
        _ => "choose that level and answer what it asks",
    };
    Err(UseError::Conflict(format!(
        "the design is of level {asked}, but {} is registered with level {its}: {what}",
        system.code
    )))
}

/// Makes an approved level the level of the register, which tells the ledger of the system anew.
async fn register_level(
    records: &Records,
    caller: &Caller,
    tx: &mut Tx,
    dossier: &Dossier,
) -> Result<(), UseError> {
    let known = tx.find_system(&dossier.system).await?;
    let known = known.ok_or_else(|| UseError::not_found("system", &dossier.system))?;
    if known.level == dossier.about.level {
        return Ok(());
    }
    let detail = format!(
        "level {} after dossier {}, was {}",
        dossier.about.level.number(),
        dossier.id,
        known.level.number()
    );
    let deed = Deed::new("system.change", known.code.as_str(), Some(known.agency.clone()));
    let mut teller = Teller::new(records, caller)?;
    let system = System { level: dossier.about.level, ..known.clone() };
    put_system(tx, &mut teller, system, Some(known)).await?;
    teller.keep(tx).await?;
    tx.add_audit(&[records.entry(caller, &deed.with(detail), Outcome::Done)]).await?;
    Ok(())
}

/// Tells history, ledger and audit log what was done.
async fn tell(
    records: &Records,
    caller: &Caller,
    tx: &mut Tx,
    dossier: &Dossier,
    deed: &Deed,
    done: (Act, Option<Duty>),
    word: &str,
) -> Result<(), UseError> {
    let step = step(records, caller, done, word.to_owned());
    tx.add_dossier_step(dossier.id, &step).await?;
    let is_news = done.0 != Act::Change
        && (dossier.state == DossierState::Approved
            || !tx.has_approved_dossier(&dossier.system, dossier.kind).await?);
    if is_news {
        let new = told(records, dossier, step.who);
        records.keep_evidence(tx, vec![new]).await?;
    }
    let deed = deed.clone().with(word);
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    Ok(())
}

/// What the ledger is told. What the agency does is its own word, what others decide about it is more.
fn told(records: &Records, dossier: &Dossier, who: String) -> NewEvidence {
    let how = match dossier.state {
        DossierState::Draft | DossierState::Submitted => How::Declared,
        DossierState::Returned | DossierState::Appraised | DossierState::Approved => {
            How::Documented
        }
    };
    let kind = dossier.kind.evidence();
    let new = NewEvidence {
        schema: records.kinds().version,
        how,
        by: who,
        ..NewEvidence::of_system(kind, &dossier.agency, &dossier.system, records.now())
    };
    let new = new
        .with("state", dossier.state.name())
        .with("level", i64::from(dossier.about.level.number()))
        .with_some("approved", dossier.approved.map(|day| day.to_string()))
        .from(Origin::Decision, format!("dossier {}", dossier.id));
    match dossier.kind {
        DossierKind::Design => new,
        DossierKind::Level => new.with_some("number", dossier.number.clone()),
    }
}
