//! How controls that something else names stand for a system: by the newest version of each catalogue.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use khien_domain::control::{Catalogue, CatalogueKey, Checklist, Control};
use khien_domain::evidence::kinds::Kinds;
use khien_domain::permission::AgencyScope;
use khien_domain::risk::{ControlName, Standing};
use khien_domain::system::System;
use khien_store::Store;

use crate::use_case::UseError;

/// A control that something names, as it stands.
#[derive(Clone, Debug)]
pub struct Relied {
    /// Its name.
    pub name: ControlName,
    /// How it stands.
    pub standing: Standing,
    /// The version of the catalogue in force and the control there, unless that has it no more.
    pub found: Option<(CatalogueKey, Control)>,
}

/// The newest version of each catalogue.
pub(in crate::use_case) struct InForce(BTreeMap<String, Catalogue>);

impl InForce {
    /// Reads the catalogues that some controls are of.
    pub(in crate::use_case) async fn read(
        store: &Store,
        kinds: &Kinds,
        names: &BTreeSet<ControlName>,
    ) -> Result<Self, UseError> {
        let mut found = BTreeMap::new();
        if names.is_empty() {
            return Ok(Self(found));
        }
        for row in store.list_catalogues().await? {
            // The newest of a name comes first.
            let is_named = names.iter().any(|name| name.catalogue == row.key.name);
            if is_named && !found.contains_key(&row.key.name) {
                found.insert(row.key.name.clone(), super::of_row(kinds, &row)?);
            }
        }
        Ok(Self(found))
    }

    /// The catalogue of a name.
    pub(in crate::use_case) fn catalogue(&self, name: &str) -> Option<&Catalogue> {
        self.0.get(name)
    }

    /// How some controls stand for a system; without one, no checklist asks for them.
    pub(in crate::use_case) async fn relied(
        &self,
        store: &Store,
        system: Option<&System>,
        names: &BTreeSet<ControlName>,
        now: Timestamp,
    ) -> Result<Vec<Relied>, UseError> {
        let mut relied = Vec::with_capacity(names.len());
        let catalogues: BTreeSet<&str> = names.iter().map(|name| name.catalogue.as_str()).collect();
        for catalogue in catalogues {
            let of = names.iter().filter(|name| name.catalogue == catalogue);
            let Some(catalogue) = self.catalogue(catalogue) else {
                let gone = |name: &ControlName| gone(name.clone());
                relied.extend(of.map(gone));
                continue;
            };
            let standings = match system {
                Some(system) => standings(store, catalogue, system, now).await?,
                None => BTreeMap::new(),
            };
            relied.extend(of.map(|name| match catalogue.control(&name.id) {
                None => gone(name.clone()),
                Some(control) => Relied {
                    name: name.clone(),
                    standing: standings.get(&name.id).copied().unwrap_or(Standing::NotDue),
                    found: Some((catalogue.key.clone(), control.clone())),
                },
            }));
        }
        Ok(relied)
    }
}

fn gone(name: ControlName) -> Relied {
    Relied { name, standing: Standing::Gone, found: None }
}

/// How every control that is due for a system stands.
async fn standings(
    store: &Store,
    catalogue: &Catalogue,
    system: &System,
    now: Timestamp,
) -> Result<BTreeMap<String, Standing>, UseError> {
    let scope = AgencyScope::one(system.agency.clone());
    let statements = store.list_statements(&scope, &system.code, Some(&catalogue.key)).await?;
    let view = super::view(store, now, catalogue, system).await?;
    let (about, level) = ((&system.agency, &system.code), system.level.number());
    let checklist = Checklist::new(catalogue, level, about, view.as_ref(), &statements);
    let due = checklist.due.iter();
    Ok(due.map(|due| (due.control.id.clone(), due.status.into())).collect())
}
