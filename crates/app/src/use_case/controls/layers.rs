//! The layers of protection of systems, by the newest of our own catalogues.

use khien_domain::control::{Catalogue, Checklist, Layer};
use khien_domain::permission::AgencyScope;
use khien_domain::system::System;

use super::{of_row, view};
use crate::records::Records;
use crate::use_case::UseError;

/// The layers of protection that the newest of our own catalogues has.
pub(in crate::use_case) struct Layers(Catalogue);

impl Layers {
    /// Reads the catalogue.
    pub(in crate::use_case) async fn newest(records: &Records) -> Result<Self, UseError> {
        for row in records.store.list_catalogues().await? {
            let catalogue = of_row(records.kinds(), &row)?;
            if catalogue.measures.is_some() {
                return Ok(Self(catalogue));
            }
        }
        Err(UseError::Fault("there is no catalogue of controls by level"))
    }

    /// The layers of a system in which something is due and nothing is in place.
    pub(in crate::use_case) async fn empty(
        &self,
        records: &Records,
        system: &System,
    ) -> Result<Vec<Layer>, UseError> {
        let scope = AgencyScope::one(system.agency.clone());
        let key = Some(&self.0.key);
        let statements = records.store.list_statements(&scope, &system.code, key).await?;
        let view = view(&records.store, records.now(), &self.0, system).await?;
        let (about, level) = ((&system.agency, &system.code), system.level.number());
        let checklist = Checklist::new(&self.0, level, about, view.as_ref(), &statements);
        let layers = checklist.layers().into_iter();
        let empty = layers.filter(|(_, counts)| counts.all() > 0 && counts.done() == 0);
        Ok(empty.map(|(layer, _)| layer).collect())
    }
}
