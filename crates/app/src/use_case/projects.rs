//! Projects: registered by the agency, decided once the security design is approved.
//!
//! A decision without an approved appraisal, or without a part for security in the estimate, is refused;
//! that one was taken all the same can be recorded with the reason, and counts against the agency.

use jiff::civil::Date;
use khien_domain::audit::Outcome;
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::dossier::{Dossier, DossierKind};
use khien_domain::evidence::{How, NewEvidence, Origin};
use khien_domain::ids::DossierId;
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::project::{Project, ProjectCode, ProjectError};

use super::UseError;
use super::register::evidence::day_of;
use crate::access::{Caller, Deed};
use crate::records::Records;

/// What is said of a project.
#[derive(Clone, Debug)]
pub struct NewProject {
    /// Its code.
    pub code: ProjectCode,
    /// What it is called.
    pub name: String,
    /// The system that it is about.
    pub system: SystemCode,
    /// What is planned for it, in đồng.
    pub planned: i64,
    /// What of it is for security, in đồng, once that was estimated.
    pub security: Option<i64>,
}

/// The projects that the caller may see, by agency and code.
pub async fn list_projects(records: &Records, caller: &Caller) -> Result<Vec<Project>, UseError> {
    let deed = Deed::new("project.list", "", None);
    let scope = records.scope(caller, Permission::EvidenceRead, &deed).await?;
    Ok(records.store.list_projects(&scope).await?)
}

/// Registers a project of the agency whose system it is about.
pub async fn add_project(
    records: &Records,
    caller: &Caller,
    new: NewProject,
) -> Result<(), UseError> {
    let deed = Deed::new("project.add", format!("project {}", new.code), None);
    let scope = records.scope(caller, Permission::AssuranceWrite, &deed).await?;
    let system = records.store.find_system(&scope, &new.system).await?;
    let system = system.ok_or_else(|| UseError::not_found("system", &new.system))?;
    let project = Project {
        agency: system.agency.clone(),
        code: new.code,
        name: new.name,
        system: new.system,
        planned: new.planned,
        security: new.security,
        invested: None,
        created_at: records.now(),
    };
    let project = project.checked().map_err(UseError::invalid)?;
    let deed = Deed { agency: Some(system.agency.clone()), ..deed };
    let mut tx = records.store.begin().await?;
    let (agency, code) = (&project.agency, &project.code);
    let taken = || format!("{agency} has a project {code} already; choose another code");
    tx.add_project(&project).await.map_err(|error| UseError::taken(error, taken))?;
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    Ok(tx.commit().await?)
}

/// Changes the estimate of a project that is not decided.
pub async fn estimate_project(
    records: &Records,
    caller: &Caller,
    agency: &AgencyCode,
    code: &ProjectCode,
    planned: i64,
    security: Option<i64>,
) -> Result<(), UseError> {
    let deed =
        Deed::new("project.estimate", format!("project {code} of {agency}"), Some(agency.clone()));
    records.require(caller, Permission::AssuranceWrite, &deed).await?;
    let scope = AgencyScope::one(agency.clone());
    let was = records.store.find_project(&scope, agency, code).await?;
    let was = was.ok_or_else(|| UseError::not_found("project", code))?;
    let written = |security: Option<i64>| {
        security.map_or_else(|| "—".to_owned(), |amount| amount.to_string())
    };
    let before = format!("{} / {}", written(was.security), was.planned);
    let project = was.estimated(planned, security).map_err(|error| match error {
        ProjectError::Decided(_) => UseError::Conflict(error.to_string()),
        error => UseError::invalid(error),
    })?;
    let deed = deed.with(format!("{before} to {} / {planned} đồng", written(security)));
    let mut tx = records.store.begin().await?;
    if !tx.estimate_project(&project).await? {
        return Err(UseError::Conflict(format!("project {code} was decided before")));
    }
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    Ok(tx.commit().await?)
}

/// Records the decision on a project; `exception` says why one was taken without an approved appraisal or
/// without a part for security.
pub async fn decide_project(
    records: &Records,
    caller: &Caller,
    agency: &AgencyCode,
    code: &ProjectCode,
    day: Date,
    exception: Option<&str>,
) -> Result<(), UseError> {
    let deed =
        Deed::new("project.decide", format!("project {code} of {agency}"), Some(agency.clone()));
    records.require(caller, Permission::AssuranceWrite, &deed).await?;
    let scope = AgencyScope::one(agency.clone());
    let project = records.store.find_project(&scope, agency, code).await?;
    let project = project.ok_or_else(|| UseError::not_found("project", code))?;
    let dossiers = records.store.list_dossiers(&scope, Some(&project.system)).await?;
    let (now, today) = (records.now(), day_of(records.now()));
    let project = project.decided(day, approved(&dossiers), exception, today);
    let project = project.map_err(|error| UseError::Conflict(error.to_string()))?;
    let Some(invested) = &project.invested else {
        return Err(UseError::Fault("a decision was lost"));
    };
    let detail = match &invested.exception {
        Some(reason) if invested.is_early() => {
            format!("{day}, without an approved appraisal: {reason}")
        }
        Some(reason) => format!("{day}, without a part for security: {reason}"),
        None => day.to_string(),
    };
    let new = NewEvidence {
        subject: code.to_string(),
        schema: records.kinds().version,
        // That the design was approved is known here; that and when it was decided the agency says.
        how: How::Declared,
        by: caller.actor.identity.to_string(),
        system: Some(project.system.clone()),
        ..NewEvidence::of_agency("project.investment", agency, now)
    };
    let new = new
        .with("name", project.name.as_str())
        .with("decided", day.to_string())
        .with_some("appraised", invested.appraised.map(|day| day.to_string()))
        .with_some("security", project.security)
        .from(Origin::Decision, format!("project {code}"));
    let mut tx = records.store.begin().await?;
    if !tx.decide_project(&project, invested).await? {
        return Err(UseError::Conflict(format!("project {code} was decided or changed meanwhile")));
    }
    records.keep_evidence(&mut tx, vec![new]).await?;
    tx.add_audit(&[records.entry(caller, &deed.with(detail), Outcome::Done)]).await?;
    Ok(tx.commit().await?)
}

/// The first of the approved appraisals among the dossiers of a system. None was approved before it was begun,
/// whatever day was written.
pub fn approved(dossiers: &[Dossier]) -> Option<(DossierId, Date)> {
    let designs = dossiers.iter().filter(|dossier| dossier.kind == DossierKind::Design);
    let approved = designs.filter_map(|dossier| {
        Some((dossier.id, dossier.approved?.max(day_of(dossier.created_at))))
    });
    approved.min_by_key(|(id, day)| (*day, *id))
}
