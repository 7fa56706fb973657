//! How controls that something else names stand for a system: by the newest version of each catalogue.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use khien_domain::control::{Catalogue, CatalogueKey, Checklist, Control, Statement};
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
    let statements = store.list_statements(&scope, &system.code, None).await?;
    let statements = carried(statements, &catalogue.key);
    let view = super::view(store, now, catalogue, system).await?;
    let (about, level) = ((&system.agency, &system.code), system.level.number());
    let checklist = Checklist::new(catalogue, level, about, view.as_ref(), &statements);
    let due = checklist.due.iter();
    Ok(due.map(|due| (due.control.id.clone(), due.status.into())).collect())
}

/// What was said of controls of a catalogue as its version in force has them: its own statements, and for a
/// control without any the last one of an earlier version, so that a new version takes nothing back by itself.
fn carried(statements: Vec<Statement>, key: &CatalogueKey) -> Vec<Statement> {
    let of_name = statements.into_iter().filter(|one| one.catalogue.name == key.name);
    let (own, earlier): (Vec<_>, Vec<_>) = of_name.partition(|one| one.catalogue == *key);
    let said: BTreeSet<String> = own.iter().map(|one| one.control.clone()).collect();
    let earlier = earlier.into_iter().filter(|one| !said.contains(&one.control));
    earlier.map(|one| Statement { catalogue: key.clone(), ..one }).chain(own).collect()
}

#[cfg(test)]
mod tests {
    use khien_domain::code::{AgencyCode, SystemCode};
    use khien_domain::control::Stated;

    use super::*;

    #[test]
    fn a_new_version_of_a_catalogue_takes_back_nothing_that_was_said_of_the_former() {
        let key = |name: &str, version: &str| CatalogueKey {
            name: name.to_owned(),
            version: version.to_owned(),
        };
        let said = |catalogue: CatalogueKey, control: &str, state| Statement {
            agency: AgencyCode::new("sokhcn").unwrap(),
            system: SystemCode::new("cong-dvc").unwrap(),
            catalogue,
            control: control.to_owned(),
            state,
            note: "đã làm theo quy chế".into(),
            by: "person:canbo".into(),
            at: Timestamp::UNIX_EPOCH,
        };
        let (old, new) = (key("mh-levels", "2026.1"), key("mh-levels", "2026.2"));
        let all = vec![
            said(old.clone(), "UP-01", Stated::Implemented),
            said(old.clone(), "UP-02", Stated::Implemented),
            said(key("csf-2.0", "1.0.0"), "UP-01", Stated::Planned),
            said(new.clone(), "UP-02", Stated::Planned),
        ];
        let found = carried(all.clone(), &new);
        let told: Vec<_> = found.iter().map(|one| (one.control.as_str(), one.state)).collect();
        assert_eq!(told, [("UP-01", Stated::Implemented), ("UP-02", Stated::Planned)]);
        assert!(found.iter().all(|one| one.catalogue == new));
        assert_eq!(carried(all, &key("khac", "1")), []);
    }
}
