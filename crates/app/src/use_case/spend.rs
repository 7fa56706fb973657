//! What the money of a year is for: risks, the lines that reduce them, and what incidents cost.

use khien_domain::budget::Line;
use khien_domain::incident::Incident;
use khien_domain::page::PageRequest;
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::risk::Risk;
use khien_domain::spend::Weights;

use super::{UseError, incidents};
use crate::access::{Caller, Deed};
use crate::records::Records;

/// So many systems are read at a time.
const PAGE: u32 = 500;

/// What [`khien_domain::spend`] looks at, as far as the caller may see.
#[derive(Clone, Debug)]
pub struct YearSpend {
    /// The risks, by agency and code.
    pub risks: Vec<Risk>,
    /// The lines of the year, by agency and code.
    pub lines: Vec<Line>,
    /// The incidents of the year that are of these agencies, newest first.
    pub incidents: Vec<Incident>,
    /// Level and weight of the systems of these agencies.
    pub systems: Weights,
}

/// Risks, lines and incidents of a year. An incident counts for the agency of its first alert; of others
/// that it concerns it is none.
pub async fn spend_of_year(
    records: &Records,
    caller: &Caller,
    year: i16,
) -> Result<YearSpend, UseError> {
    let deed = Deed::new("spend.read", year.to_string(), None);
    let scope = records.scope(caller, Permission::EvidenceRead, &deed).await?;
    let risks = records.store.list_risks(&scope).await?;
    let lines = records.store.budget_of_year(&scope, year).await?;
    let mut incidents = match caller.actor.agencies(Permission::IncidentsRead) {
        Ok(_) => incidents::incidents_of_year(records, caller, year).await?,
        Err(_) => Vec::new(),
    };
    incidents.retain(|incident| scope.contains(&incident.agency));
    let systems = weights(records, &scope).await?;
    Ok(YearSpend { risks, lines, incidents, systems })
}

async fn weights(records: &Records, scope: &AgencyScope) -> Result<Weights, UseError> {
    let (mut found, mut page) = (Weights::new(), PageRequest::new(None, PAGE));
    loop {
        let part = records.store.list_systems(scope, &page).await?;
        let weights = part.items.into_iter().map(|one| (one.code, (one.level, one.is_critical)));
        found.extend(weights);
        match part.next {
            Some(next) => page.after = Some(next),
            None => return Ok(found),
        }
    }
}
