//! Controls: catalogues side by side, the checklist of a system, what is stated about its controls,
//! and all of it as OSCAL.
//!
//! Catalogues are the installation's; whoever may approve for all agencies brings them. A version
//! stays for good, with what was stated by it; new statements are made by the newest version.

mod layers;
mod mappings;
mod standing;

use std::collections::BTreeSet;

use jiff::Timestamp;
use khien_domain::audit::Outcome;
use khien_domain::code::SystemCode;
use khien_domain::control::{Catalogue, CatalogueKey, Checklist, Stated, Statement};
use khien_domain::evidence::kinds::Kinds;
use khien_domain::evidence::{How, NewEvidence, Origin, Record};
use khien_domain::facts::{Cutoff, View};
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::system::System;
use khien_store::{CatalogueForm, CatalogueRow, Store, StoreError};
use serde_json::Value;

use super::{UseError, unmarked_file};
use crate::access::{Caller, Deed};
use crate::control::{export, kept, read};
use crate::index::view_of_lines;
use crate::records::Records;

pub(super) use self::layers::Layers;
pub use self::mappings::{
    Compared, ListedMapping, Mapped, compare, export_mapping, import_mapping, list_mappings,
};
pub(in crate::use_case) use self::standing::InForce;
pub use self::standing::Relied;
pub use crate::control::export::What;
pub use crate::control::{Called, MAX_CATALOGUE_BYTES};

/// A catalogue as lists show it.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The catalogue.
    pub catalogue: Catalogue,
    /// Who brought it.
    pub added_by: String,
    /// When.
    pub added_at: Timestamp,
    /// Whether it is the newest version of its name.
    pub is_current: bool,
}

/// What an import brought.
#[derive(Clone, Debug)]
pub struct Brought {
    /// The catalogue.
    pub catalogue: Catalogue,
    /// How many withdrawn controls were left out.
    pub withdrawn: usize,
}

/// A system with everything that its checklist is made of.
pub struct SystemControls {
    /// The system.
    pub system: System,
    /// The catalogue.
    pub catalogue: Catalogue,
    /// Whether it is the newest version of its name.
    pub is_current: bool,
    /// Everything that was stated by it, oldest first.
    pub statements: Vec<Statement>,
    view: Option<View>,
}

impl SystemControls {
    /// The checklist.
    pub fn checklist(&self) -> Checklist<'_> {
        let (system, level) = (&self.system, self.system.level.number());
        let about = (&system.agency, &system.code);
        Checklist::new(&self.catalogue, level, about, self.view.as_ref(), &self.statements)
    }
}

/// Keeps the catalogue that comes with the program, unless it is there.
pub(crate) async fn keep_built_in(
    store: &Store,
    kinds: &Kinds,
    now: Timestamp,
) -> Result<(), StoreError> {
    let catalogue = match Catalogue::parse(Catalogue::BUILT_IN, kinds) {
        Ok(catalogue) => catalogue,
        Err(error) => {
            tracing::error!(%error, "the catalogue of controls cannot be read");
            return Ok(());
        }
    };
    if store.find_catalogue(&catalogue.key).await?.is_some() {
        return Ok(());
    }
    let mut tx = store.begin().await?;
    tx.add_catalogue(&CatalogueRow {
        key: catalogue.key,
        form: CatalogueForm::Pack,
        text: Catalogue::BUILT_IN.to_owned(),
        added_by: "program".to_owned(),
        added_at: now,
    })
    .await?;
    tx.commit().await
}

fn of_row(kinds: &Kinds, row: &CatalogueRow) -> Result<Catalogue, UseError> {
    kept::catalogue(row, kinds).map_err(|error| {
        tracing::error!(catalogue = %row.key, error, "a catalogue that is kept cannot be read");
        UseError::Fault("a catalogue that is kept cannot be read")
    })
}

/// All catalogues, the newest version of each first.
pub async fn list_catalogues(records: &Records, caller: &Caller) -> Result<Vec<Listed>, UseError> {
    let deed = Deed::new("controls.list", "", None);
    records.scope(caller, Permission::EvidenceRead, &deed).await?;
    let mut seen = BTreeSet::new();
    let mut listed = Vec::new();
    for row in records.store.list_catalogues().await? {
        listed.push(Listed {
            catalogue: of_row(records.kinds(), &row)?,
            is_current: seen.insert(row.key.name),
            added_by: row.added_by,
            added_at: row.added_at,
        });
    }
    Ok(listed)
}

/// A catalogue.
pub async fn get_catalogue(
    records: &Records,
    caller: &Caller,
    key: &CatalogueKey,
) -> Result<Listed, UseError> {
    let all = list_catalogues(records, caller).await?;
    let found = all.into_iter().find(|one| one.catalogue.key == *key);
    found.ok_or_else(|| UseError::not_found("catalogue", key))
}

/// Reads a catalogue and keeps it beside those that are there. A table has to be called something.
pub async fn import(
    records: &Records,
    caller: &Caller,
    file: &str,
    bytes: &[u8],
    called: Option<&Called>,
) -> Result<Brought, UseError> {
    let deed = Deed::new("controls.import", file, None);
    records.require(caller, Permission::AssuranceApprove, &deed).await?;
    unmarked_file(file, bytes)?;
    called.map_or(Ok(()), |called| unmarked_file("", called.title.as_bytes()))?;
    let wrong = |error: String| UseError::Invalid(format!("{file}: {error}"));
    let found = read(bytes, records.kinds(), called).map_err(wrong)?;
    let (form, text) = if found.is_pack {
        (CatalogueForm::Pack, String::from_utf8_lossy(bytes).into_owned())
    } else {
        let text = kept::text(&found.catalogue);
        (CatalogueForm::Read, text.map_err(|error| wrong(error.to_string()))?)
    };
    let key = &found.catalogue.key;
    let all = records.store.list_catalogues().await?;
    let is_ours = |row: &CatalogueRow| row.key.name == key.name && row.form == CatalogueForm::Pack;
    if form != CatalogueForm::Pack && all.iter().any(is_ours) {
        return Err(UseError::Conflict(format!(
            "{} is a catalogue by level, which only a pack goes on: call this one otherwise",
            key.name
        )));
    }
    let row = CatalogueRow {
        key: key.clone(),
        form,
        text,
        added_by: caller.actor.identity.to_string(),
        added_at: records.now(),
    };
    let deed = deed.with(format!("{key}: {} controls", found.catalogue.controls.len()));
    let mut tx = records.store.begin().await?;
    let taken =
        || format!("the catalogue {key} is there already; a changed one has another version");
    tx.add_catalogue(&row).await.map_err(|error| UseError::taken(error, taken))?;
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    Ok(Brought { catalogue: found.catalogue, withdrawn: found.withdrawn })
}

/// What a system's checklist is made of, by a catalogue, or by the newest of our own.
pub async fn of_system(
    records: &Records,
    caller: &Caller,
    code: &SystemCode,
    key: Option<&CatalogueKey>,
) -> Result<SystemControls, UseError> {
    let deed = Deed::new("controls.checklist", code.as_str(), None);
    let scope = records.scope(caller, Permission::EvidenceRead, &deed).await?;
    let system = records.store.find_system(&scope, code).await?;
    let system = system.ok_or_else(|| UseError::not_found("system", code))?;
    of_visible(records, caller, system, key).await
}

async fn of_visible(
    records: &Records,
    caller: &Caller,
    system: System,
    key: Option<&CatalogueKey>,
) -> Result<SystemControls, UseError> {
    let all = list_catalogues(records, caller).await?;
    let wanted = |one: &Listed| match key {
        Some(key) => one.catalogue.key == *key,
        None => one.is_current && one.catalogue.measures.is_some(),
    };
    let found = all.into_iter().find(wanted).ok_or_else(|| match key {
        Some(key) => UseError::not_found("catalogue", key),
        None => UseError::Fault("there is no catalogue of controls by level"),
    })?;
    let scope = AgencyScope::one(system.agency.clone());
    let key = Some(&found.catalogue.key);
    let statements = records.store.list_statements(&scope, &system.code, key).await?;
    let view = view(&records.store, records.now(), &found.catalogue, &system).await?;
    Ok(SystemControls {
        system,
        is_current: found.is_current,
        catalogue: found.catalogue,
        statements,
        view,
    })
}

/// What the ledger says of a system, if the catalogue asks for it.
async fn view(
    store: &Store,
    now: Timestamp,
    catalogue: &Catalogue,
    system: &System,
) -> Result<Option<View>, UseError> {
    let Some(measures) = &catalogue.measures else { return Ok(None) };
    let size = store.ledger_size().await?;
    let found = store.evidence_of_system(&system.agency, &system.code, size).await?;
    let lines: Vec<String> = found.iter().map(Record::to_line).collect();
    let lines = lines.iter().map(String::as_str);
    let cutoff = Cutoff::new(now, measures.offset);
    Ok(Some(view_of_lines(lines, &measures.wanted, cutoff, size)?))
}

/// States something about a control of a system, by the newest version of a catalogue.
pub async fn state(
    records: &Records,
    caller: &Caller,
    code: &SystemCode,
    key: &CatalogueKey,
    control: &str,
    (state, note): (Stated, &str),
) -> Result<(), UseError> {
    let deed = Deed::new("controls.state", code.as_str(), None);
    let scope = records.scope(caller, Permission::AssuranceWrite, &deed).await?;
    let system = records.store.find_system(&scope, code).await?;
    let system = system.ok_or_else(|| UseError::not_found("system", code))?;
    let deed = Deed { agency: Some(system.agency.clone()), ..deed };
    records.require(caller, Permission::AssuranceWrite, &deed).await?;
    let rows = records.store.list_catalogues().await?;
    // The newest of a name comes first.
    let newest = rows.iter().find(|row| row.key.name == key.name);
    let newest = newest.ok_or_else(|| UseError::not_found("catalogue", key))?;
    if newest.key != *key {
        return Err(UseError::Conflict(format!(
            "{key} is only read any more: state it by {}",
            newest.key
        )));
    }
    let catalogue = of_row(records.kinds(), newest)?;
    let due = catalogue.control(control).filter(|one| one.level <= system.level.number());
    let due =
        due.ok_or_else(|| UseError::not_found("control that is due for the system", control))?;
    let by = caller.actor.identity.to_string();
    let statement = Statement {
        agency: system.agency.clone(),
        system: system.code.clone(),
        catalogue: key.clone(),
        control: due.id.clone(),
        state,
        note: note.to_owned(),
        by: by.clone(),
        at: records.now(),
    };
    let statement = statement.checked().map_err(UseError::invalid)?;
    let new = NewEvidence {
        subject: format!("{} {key} {control}", system.code),
        schema: records.kinds().version,
        how: How::Declared,
        by,
        ..NewEvidence::of_system("control.stated", &system.agency, &system.code, records.now())
    };
    let new = new
        .with("catalogue", key.to_string())
        .with("control", control)
        .with("state", state.name())
        .from(Origin::Attestation, format!("control {control}"));
    let deed = deed.with(format!("{key} {control}: {}", state.name()));
    let mut tx = records.store.begin().await?;
    tx.add_statement(&statement).await?;
    records.keep_evidence(&mut tx, vec![new]).await?;
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    Ok(tx.commit().await?)
}

/// A document of OSCAL.
#[derive(Clone, Debug)]
pub struct Document {
    /// The name of its file, by which others import it.
    pub file: String,
    /// What it says.
    pub value: Value,
}

/// A catalogue as OSCAL.
pub async fn export_catalogue(
    records: &Records,
    caller: &Caller,
    key: Option<&CatalogueKey>,
) -> Result<Document, UseError> {
    let all = list_catalogues(records, caller).await?;
    let wanted = |one: &Listed| match key {
        Some(key) => one.catalogue.key == *key,
        None => one.is_current && one.catalogue.measures.is_some(),
    };
    let found = all.into_iter().find(wanted);
    let found = found.ok_or_else(|| {
        UseError::not_found("catalogue", key.map(ToString::to_string).unwrap_or_default())
    })?;
    let file = What::Catalog.file(&found.catalogue.key, None);
    Ok(Document { file, value: export::catalog(&found.catalogue, found.added_at) })
}

/// What is known of a system's controls, as a document of OSCAL.
pub async fn export_system(
    records: &Records,
    caller: &Caller,
    what: What,
    code: &SystemCode,
    key: Option<&CatalogueKey>,
) -> Result<Document, UseError> {
    let of = of_system(records, caller, code, key).await?;
    if what == What::Catalog {
        return export_catalogue(records, caller, Some(&of.catalogue.key)).await;
    }
    let scope = AgencyScope::one(of.system.agency.clone());
    let agency = records.store.find_agency(&scope, &of.system.agency).await?;
    let checklist = of.checklist();
    let named: BTreeSet<u64> = checklist.due.iter().flat_map(|due| due.evidence.clone()).collect();
    let mut found = Vec::new();
    for seq in named {
        found.extend(records.store.find_evidence(&scope, seq).await?);
    }
    let subject = export::Subject {
        system: &of.system,
        agency: agency.as_ref().map_or("", |agency| agency.name_vi.as_str()),
        checklist: &checklist,
        records: &found,
        at: records.now(),
    };
    let value = match what {
        What::Catalog | What::Profile => export::profile(&subject),
        What::Plan => export::plan(&subject),
        What::AssessmentPlan => export::assessment_plan(&subject),
        What::AssessmentResults => export::assessment_results(&subject),
    };
    Ok(Document { file: what.file(&of.catalogue.key, Some(&of.system)), value })
}
