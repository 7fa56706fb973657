//! Projects: registered by the agency, decided once their own security design is approved.
//!
//! A project names one dossier of a design of its system, which serves no other project: what was approved for
//! an earlier one says nothing of a later one. A decision without an approved appraisal, or with too little for
//! security in the estimate (`estimates` of the budget's pack), is refused; that one was taken all the same can
//! be recorded with the reason, and counts against the agency.

use jiff::civil::Date;
use khien_domain::audit::Outcome;
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::dossier::{Dossier, DossierKind};
use khien_domain::evidence::{How, NewEvidence, Origin};
use khien_domain::ids::DossierId;
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::project::{Project, ProjectCode, ProjectError};

use super::register::evidence::day_of;
use super::{UseError, budgets};
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
        dossier: None,
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

/// Names the dossier in which the design of a project is appraised, or takes that back, as long as the project
/// is not decided.
pub async fn appraise_project(
    records: &Records,
    caller: &Caller,
    agency: &AgencyCode,
    code: &ProjectCode,
    dossier: Option<DossierId>,
) -> Result<(), UseError> {
    let deed =
        Deed::new("project.appraise", format!("project {code} of {agency}"), Some(agency.clone()));
    records.require(caller, Permission::AssuranceWrite, &deed).await?;
    let scope = AgencyScope::one(agency.clone());
    let was = records.store.find_project(&scope, agency, code).await?;
    let was = was.ok_or_else(|| UseError::not_found("project", code))?;
    if let Some(id) = dossier {
        let found = records.store.find_dossier(&scope, id).await?;
        let found = found.ok_or_else(|| UseError::not_found("dossier", id))?;
        if !is_for(&found, &was) {
            let system = &was.system;
            return Err(UseError::Invalid(format!(
                "dossier {id} is no appraisal of a security design of {system}"
            )));
        }
    }
    let project = was.appraised_by(dossier);
    let project = project.map_err(|error| UseError::Conflict(error.to_string()))?;
    let deed = deed.with(dossier.map_or_else(|| "—".to_owned(), |id| format!("dossier {id}")));
    let mut tx = records.store.begin().await?;
    let taken = || {
        let id = dossier.unwrap_or(DossierId(0));
        format!("dossier {id} serves another project: appraise the design of this one in its own")
    };
    let kept = tx.appraise_project(&project).await;
    if !kept.map_err(|error| UseError::taken(error, taken))? {
        return Err(UseError::Conflict(format!("project {code} was decided before")));
    }
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    Ok(tx.commit().await?)
}

/// Whether a dossier can serve a project: it has a design of its system appraised.
pub fn is_for(dossier: &Dossier, project: &Project) -> bool {
    dossier.kind == DossierKind::Design
        && dossier.system == project.system
        && dossier.agency == project.agency
}

/// Records the decision on a project; `exception` says why one was taken without an approved appraisal or
/// with too little for security.
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
    let dossier = match project.dossier {
        Some(id) => records.store.find_dossier(&scope, id).await?,
        None => None,
    };
    let approved =
        dossier.filter(|dossier| is_for(dossier, &project)).and_then(|one| approved(&one));
    let least = budgets::pack()?.estimate(day.year()).map(|rule| rule.least);
    let (now, today) = (records.now(), day_of(records.now()));
    let project = project.decided(day, approved, least, exception, today);
    let project = project.map_err(|error| UseError::Conflict(error.to_string()))?;
    let Some(invested) = &project.invested else {
        return Err(UseError::Fault("a decision was lost"));
    };
    let detail = match &invested.exception {
        Some(reason) if invested.is_early() => {
            format!("{day}, without an approved appraisal: {reason}")
        }
        Some(reason) => format!("{day}, with too little for security: {reason}"),
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

/// The day on which a dossier was approved, if it was. None was approved before it was begun, whatever day was
/// written.
pub fn approved(dossier: &Dossier) -> Option<Date> {
    Some(dossier.approved?.max(day_of(dossier.created_at)))
}
