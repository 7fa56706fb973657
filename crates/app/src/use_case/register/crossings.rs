//! Links between systems in different networks, with what lets them.
//!
//! Whoever asks sees the links from and to systems of their agencies. Of a system of another agency the code and
//! the network are told, and of its decision that it is in force or not.

use khien_domain::code::SystemCode;
use khien_domain::crossing::{Standing, crossings};
use khien_domain::paper::KeptPaper;
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::system::{System, Zone};

use super::across::systems_of;
use super::evidence::day_of;
use crate::access::{Caller, Deed};
use crate::records::Records;
use crate::use_case::UseError;

/// One end of a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// The code of the system.
    pub code: SystemCode,
    /// Where it stands.
    pub zone: Zone,
    /// The system itself, if whoever asks may see it.
    pub system: Option<System>,
}

/// A link from a system to one in another network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneLink {
    /// The system that needs the other.
    pub from: End,
    /// The other.
    pub to: End,
    /// Whether it is needed, or only a paper names it.
    pub is_needed: bool,
    /// How it stands.
    pub standing: Standing,
    /// The decision, if there is one that whoever asks may read.
    pub paper: Option<KeptPaper>,
}

/// The links across networks from and to systems that the caller may see, what is gravest first.
pub async fn zone_links(records: &Records, caller: &Caller) -> Result<Vec<ZoneLink>, UseError> {
    let deed = Deed::new("paper.list", "", None);
    let scope = records.scope(caller, Permission::RegisterRead, &deed).await?;
    let systems = systems_of(records, &AgencyScope::All).await?;
    let papers = records.store.list_papers(&AgencyScope::All, None).await?;
    let needs = records.store.needs().await?;
    let found = crossings(systems.values(), &needs, &papers, day_of(records.now()));
    let end = |system: &System| End {
        code: system.code.clone(),
        zone: system.zone,
        system: scope.contains(&system.agency).then(|| system.clone()),
    };
    let is_shown = |link: &ZoneLink| link.from.system.is_some() || link.to.system.is_some();
    let links = found.into_iter().map(|link| ZoneLink {
        from: end(link.from),
        to: end(link.to),
        is_needed: link.is_needed,
        standing: link.standing,
        paper: link.paper.filter(|kept| scope.contains(&kept.agency)).cloned(),
    });
    Ok(links.filter(is_shown).collect())
}
