//! Papers of systems: data sets, links across networks, continuity plans. What each kind says is data.
//!
//! A system holds what its data sets say: the category of one that is added becomes a category of the system,
//! which the gate asks about. Taking the paper off does not take that back.

use khien_domain::audit::Outcome;
use khien_domain::code::SystemCode;
use khien_domain::ids::PaperId;
use khien_domain::paper::{Form, KeptPaper, Paper, PaperKind};
use khien_domain::permission::Permission;
use khien_domain::system::{DataCategory, System};
use khien_store::Tx;

use super::evidence::{Teller, pack};
use super::systems::{put_system, system_to_change};
use crate::access::{Caller, Deed};
use crate::records::Records;
use crate::use_case::UseError;

/// Papers that one system has at most.
const MOST: usize = 500;

/// The papers of the systems that the caller may see; of one system if given.
pub async fn list_papers(
    records: &Records,
    caller: &Caller,
    system: Option<&SystemCode>,
) -> Result<Vec<KeptPaper>, UseError> {
    let deed = Deed::new("paper.list", "", None);
    let scope = records.scope(caller, Permission::RegisterRead, &deed).await?;
    Ok(records.store.list_papers(&scope, system).await?)
}

/// Adds a paper to a system.
pub async fn add_paper(
    records: &Records,
    caller: &Caller,
    paper: Paper,
) -> Result<PaperId, UseError> {
    let (system, deed) = system_to_change(records, caller, &paper.system, "paper.add").await?;
    let kind = pack()?.paper(&paper.kind);
    let kind = kind.ok_or_else(|| UseError::not_found("kind of papers", &paper.kind))?;
    let paper = paper.checked(kind).map_err(UseError::invalid)?;
    let scope = khien_domain::permission::AgencyScope::one(system.agency);
    if records.store.list_papers(&scope, Some(&system.code)).await?.len() >= MOST {
        return Err(UseError::Conflict(format!("a system has at most {MOST} papers")));
    }
    let mut tx = records.store.begin().await?;
    if let Some(to) = &paper.to
        && tx.find_system(to).await?.is_none()
    {
        return Err(UseError::not_found("system", to));
    }
    let deed = deed.with(match &paper.to {
        Some(to) => format!("{} → {to}", paper.kind),
        None => paper.kind.clone(),
    });
    let id = tx.add_paper(&paper).await?;
    let mut teller = Teller::new(records, caller)?;
    add_categories(&mut tx, &mut teller, &paper, kind).await?;
    teller.keep(&mut tx).await?;
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    Ok(id)
}

/// Makes the data categories that a paper names categories of its system.
async fn add_categories(
    tx: &mut Tx,
    teller: &mut Teller,
    paper: &Paper,
    kind: &PaperKind,
) -> Result<(), UseError> {
    let named = kind.fields.iter().filter(|field| field.form == Form::Category);
    let named = named.filter_map(|field| paper.values.get(&field.named.name));
    let named: Vec<DataCategory> = named.filter_map(|text| DataCategory::parse(text)).collect();
    let known = tx.find_system(&paper.system).await?;
    let known = known.ok_or_else(|| UseError::not_found("system", &paper.system))?;
    if named.iter().all(|category| known.data.contains(category)) {
        return Ok(());
    }
    let mut system = System::clone(&known);
    system.data.extend(named);
    put_system(tx, teller, system, Some(known)).await?;
    Ok(())
}

/// Takes a paper off a system, unless it is the only one by which the system came into its stage.
pub async fn remove_paper(
    records: &Records,
    caller: &Caller,
    system: &SystemCode,
    id: PaperId,
) -> Result<(), UseError> {
    let (known, deed) = system_to_change(records, caller, system, "paper.remove").await?;
    let deed = deed.with(format!("paper {id}"));
    let mut tx = records.store.begin().await?;
    let papers = tx.papers_of(system).await?;
    let named = papers.iter().find(|kept| kept.id == id).map(|kept| &kept.paper.kind);
    let kind = named.and_then(|name| pack().ok()?.paper(name));
    if let Some(kind) = kind.filter(|kind| kind.before == Some(known.stage))
        && papers.iter().filter(|kept| kept.paper.kind == kind.named.name).count() == 1
    {
        return Err(UseError::Conflict(format!(
            "{system} is in its stage by «{}»: add the right one before this one is taken off",
            kind.named.vi
        )));
    }
    if !tx.remove_paper(system, id).await? {
        return Err(UseError::not_found("paper", id));
    }
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    Ok(tx.commit().await?)
}
