//! Mappings between catalogues: brought, read from both sides, given out as OSCAL.
//!
//! Whoever may bring catalogues brings them. One belongs to two versions, is never changed, and the newest
//! of two versions counts; an old version of a catalogue keeps its own.

use std::collections::BTreeMap;

use jiff::Timestamp;
use khien_domain::audit::Outcome;
use khien_domain::control::mapping::{HUB, Mapping, Pair, Problem, Relation, pairs};
use khien_domain::control::{Catalogue, CatalogueKey};
use khien_domain::permission::Permission;
use khien_store::MappingRow;

use super::{Document, Listed, list_catalogues};
use crate::access::{Caller, Deed};
use crate::control::export::{self, What};
use crate::control::mapping::{ReadMapping, read};
use crate::records::Records;
use crate::use_case::{UseError, unmarked_file};

/// A mapping as lists show it.
#[derive(Clone, Debug)]
pub struct ListedMapping {
    /// What it says.
    pub mapping: Mapping,
    /// Which of its two catalogues it is, from 1.
    pub number: u64,
    /// Whether it is the newest of them.
    pub is_current: bool,
    /// The file that it came from.
    pub file: String,
    /// Who brought it.
    pub added_by: String,
    /// When.
    pub added_at: Timestamp,
}

/// What an import did.
#[derive(Clone, Debug)]
pub enum Mapped {
    /// It is kept.
    Kept {
        /// What it says.
        mapping: Mapping,
        /// How many were said to have nothing to do with each other, and left out.
        unrelated: usize,
    },
    /// Nothing of it is kept: all that is wrong, by place.
    Refused(Vec<Problem>),
}

/// What the controls of a catalogue correspond to in another.
#[derive(Clone, Debug)]
pub struct Compared {
    /// What corresponds.
    pub pair: Pair,
    /// The other catalogue.
    pub other: Catalogue,
    /// Whether it is the newest version of its name.
    pub is_current: bool,
}

/// All mappings that were brought, the newest of two catalogues first.
pub async fn list_mappings(
    records: &Records,
    caller: &Caller,
) -> Result<Vec<ListedMapping>, UseError> {
    let deed = Deed::new("controls.list", "", None);
    records.scope(caller, Permission::EvidenceRead, &deed).await?;
    // The last one of two catalogues counts, from whichever side it was written.
    let pair = |mapping: &Mapping| {
        let (a, b) = (mapping.source.clone(), mapping.target.clone());
        if a <= b { (a, b) } else { (b, a) }
    };
    let rows = records.store.list_mappings().await?;
    let mut newest: BTreeMap<_, (Timestamp, u64)> = BTreeMap::new();
    for row in &rows {
        let at = newest.entry(pair(&row.mapping)).or_insert((row.added_at, row.number));
        *at = (*at).max((row.added_at, row.number));
    }
    let listed = rows.into_iter().map(|row| {
        let MappingRow { mapping, number, file, added_by, added_at } = row;
        let is_current = newest.get(&pair(&mapping)) == Some(&(added_at, number));
        ListedMapping { mapping, number, is_current, file, added_by, added_at }
    });
    Ok(listed.collect())
}

/// A catalogue, and what it corresponds to in each other: as somebody mapped them, as its own controls name
/// outcomes of CSF 2.0, and derived through CSF 2.0.
pub async fn compare(
    records: &Records,
    caller: &Caller,
    key: &CatalogueKey,
) -> Result<(Listed, Vec<Compared>), UseError> {
    let mut all = list_catalogues(records, caller).await?;
    let brought = list_mappings(records, caller).await?.into_iter();
    let mut mappings: Vec<Mapping> =
        brought.filter(|one| one.is_current).map(|one| one.mapping).collect();
    mappings.extend(of_outcomes(&all, &mappings));
    let mut compared = Vec::new();
    for pair in pairs(key, &mappings) {
        let Some(other) = all.iter().find(|one| one.catalogue.key == pair.to) else { continue };
        // What is derived is of today; what was said of an old version stays readable.
        let is_today = |hub: &CatalogueKey| {
            let newest = all.iter().find(|one| one.is_current && one.catalogue.key == *hub);
            other.is_current && newest.is_some()
        };
        if pair.via.as_ref().is_none_or(is_today) {
            let (other, is_current) = (other.catalogue.clone(), other.is_current);
            compared.push(Compared { pair, other, is_current });
        }
    }
    let found = all.iter().position(|one| one.catalogue.key == *key);
    let found = found.ok_or_else(|| UseError::not_found("catalogue", key))?;
    Ok((all.swap_remove(found), compared))
}

/// What catalogues say of the newest CSF 2.0 themselves, as far as nobody has mapped them to it.
fn of_outcomes(all: &[Listed], brought: &[Mapping]) -> Vec<Mapping> {
    let is_hub = |one: &&Listed| one.is_current && one.catalogue.key.name == HUB;
    let Some(hub) = all.iter().find(is_hub) else { return Vec::new() };
    let is_mapped = |key: &CatalogueKey| {
        let hub = &hub.catalogue.key;
        let joins = |one: &Mapping| {
            (one.source == *key && one.target == *hub) || (one.source == *hub && one.target == *key)
        };
        brought.iter().any(joins)
    };
    let unmapped = all.iter().filter(|one| !is_mapped(&one.catalogue.key));
    unmapped.filter_map(|one| Mapping::of_outcomes(&one.catalogue, &hub.catalogue)).collect()
}

/// Reads a mapping and keeps it, if all of its controls are there. Which two catalogues it is of, the file
/// may say by the names that our exports have; otherwise whoever brings it.
pub async fn import_mapping(
    records: &Records,
    caller: &Caller,
    file: &str,
    bytes: &[u8],
    [source, target]: [Option<&CatalogueKey>; 2],
) -> Result<Mapped, UseError> {
    let deed = Deed::new("controls.map", file, None);
    records.require(caller, Permission::AssuranceApprove, &deed).await?;
    unmarked_file(file, bytes)?;
    let wrong = |error: String| UseError::Invalid(format!("{file}: {error}"));
    let ReadMapping { resources, placed, mut problems, unrelated } = read(bytes).map_err(wrong)?;
    let [of_source, of_target] = resources.unwrap_or_default();
    let all = list_catalogues(records, caller).await?;
    let source = which(&all, source, &of_source, file)?;
    let target = which(&all, target, &of_target, file)?;
    let placed = placed.into_iter().map(|mut one| {
        let Relation { source: a, target: b, .. } = &mut one.relation;
        own_id(source, a);
        own_id(target, b);
        one
    });
    let mapping = match Mapping::new(source, target, placed.collect()) {
        Ok(mapping) => mapping,
        Err(more) => {
            // A file of which nothing could be read is not empty besides.
            let whole = more.iter().find(|one| one.place.is_empty());
            if let Some(whole) = whole.filter(|_| problems.is_empty()) {
                return Err(wrong(whole.what.to_string()));
            }
            problems.extend(more.into_iter().filter(|one| !one.place.is_empty()));
            return Ok(Mapped::Refused(problems));
        }
    };
    if !problems.is_empty() {
        return Ok(Mapped::Refused(problems));
    }
    let (from, to) = (&mapping.source, &mapping.target);
    let deed = deed.with(format!("{from} to {to}: {} relations", mapping.relations.len()));
    let by = caller.actor.identity.to_string();
    let mut tx = records.store.begin().await?;
    let kept = tx.add_mapping(&mapping, file, (&by, records.now())).await;
    let taken = || format!("{from} and {to} are being mapped by somebody else: try again");
    kept.map_err(|error| UseError::taken(error, taken))?;
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    Ok(Mapped::Kept { mapping, unrelated })
}

/// The catalogue that somebody named or that a file calls by the name of our export.
fn which<'a>(
    all: &'a [Listed],
    named: Option<&CatalogueKey>,
    href: &str,
    file: &str,
) -> Result<&'a Catalogue, UseError> {
    let name = href.rsplit('/').next().unwrap_or_default();
    let mut catalogues = all.iter().map(|one| &one.catalogue);
    let said = catalogues.clone().find(|one| What::Catalog.file(&one.key, None) == name);
    match (named, said) {
        (Some(named), Some(said)) if said.key != *named => {
            Err(UseError::Invalid(format!("{file}: it maps {}, not {named}", said.key)))
        }
        (Some(named), _) => {
            let found = catalogues.find(|one| one.key == *named);
            found.ok_or_else(|| UseError::not_found("catalogue", named))
        }
        (None, Some(said)) => Ok(said),
        (None, None) => Err(UseError::Invalid(format!(
            "{file}: it does not say which two catalogues it maps; choose both"
        ))),
    }
}

/// An id as the catalogue has it: what begins with a digit gets a letter in OSCAL.
fn own_id(catalogue: &Catalogue, id: &mut String) {
    let Some(bare) =
        id.strip_prefix("c-").filter(|bare| bare.starts_with(|c: char| c.is_ascii_digit()))
    else {
        return;
    };
    if catalogue.control(id).is_none() && catalogue.control(bare).is_some() {
        *id = bare.to_owned();
    }
}

/// What a catalogue says of the outcomes of CSF 2.0 that its controls serve, as OSCAL; of the newest of our
/// own without a name.
pub async fn export_mapping(
    records: &Records,
    caller: &Caller,
    key: Option<&CatalogueKey>,
) -> Result<Document, UseError> {
    let all = list_catalogues(records, caller).await?;
    let wanted = |one: &&Listed| match key {
        Some(key) => one.catalogue.key == *key,
        None => one.is_current && one.catalogue.measures.is_some(),
    };
    let found = all.iter().find(wanted).ok_or_else(|| {
        UseError::not_found("catalogue", key.map(ToString::to_string).unwrap_or_default())
    })?;
    let hub = all.iter().find(|one| one.is_current && one.catalogue.key.name == HUB);
    let hub = hub.ok_or_else(|| {
        UseError::Conflict(format!("there is no catalogue {HUB} yet: import NIST's file first"))
    })?;
    let mapping = Mapping::of_outcomes(&found.catalogue, &hub.catalogue).ok_or_else(|| {
        UseError::Conflict(format!("{} names no outcome of CSF 2.0", found.catalogue.key))
    })?;
    let file = export::mapping_file(&mapping);
    let at = found.added_at.max(hub.added_at);
    Ok(Document { file, value: export::mapping(&mapping, &found.catalogue, &hub.catalogue, at) })
}
