//! Critical systems with what is demanded of them, and single points of failure.
//!
//! Whoever asks sees the critical systems of their agencies, and the points that systems of their agencies are
//! or lean on; how many of other agencies lean on the same is told as a number ([`khien_domain::single_point`]).

use std::collections::{BTreeMap, BTreeSet};

use jiff::Span;
use jiff::civil::Date;
use khien_domain::code::SystemCode;
use khien_domain::dependency::Reach;
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::single_point::{Leaning, Point, slower};
use khien_domain::system::{Stage, System};

use super::across::systems_of;
use super::evidence::{day_of, pack};
use super::restore::{Restore, last_restore};
use crate::access::{Caller, Deed};
use crate::records::Records;
use crate::use_case::UseError;

/// The kind of papers that says how a system goes on after a failure.
const CONTINUITY: &str = "continuity";

/// A critical system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CriticalSystem {
    /// The system.
    pub system: System,
    /// The last restore that was tried.
    pub restore: Option<Restore>,
    /// Whether that was not so long ago that it counts as not tried.
    pub is_tried: bool,
    /// Whether a continuity plan is in force.
    pub is_planned: bool,
    /// On which day the plan in force was last exercised.
    pub exercised: Option<Date>,
    /// Whether that was not so long ago that it counts as not exercised.
    pub is_exercised: bool,
    /// How many systems it needs, itself or by way of others.
    pub needs: usize,
    /// How many of these recover later than it has to, or have not said.
    pub slower: usize,
}

/// The critical systems by code, and the single points, the gravest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Critical {
    /// Critical systems that are not retired.
    pub systems: Vec<CriticalSystem>,
    /// Single points of failure.
    pub points: Vec<Point>,
}

/// Looks at the critical systems that the caller may see, and at what they and others of theirs lean on.
pub async fn critical(records: &Records, caller: &Caller) -> Result<Critical, UseError> {
    let deed = Deed::new("system.list", "", None);
    let scope = records.scope(caller, Permission::RegisterRead, &deed).await?;
    records.scope(caller, Permission::EvidenceRead, &deed).await?;
    let all = systems_of(records, &AgencyScope::All).await?;
    let (needs, plans) = (records.store.needs().await?, plans(records).await?);
    let planned: BTreeSet<SystemCode> = plans.keys().cloned().collect();
    let (sites, pack) = (records.store.list_sites().await?, pack()?);
    let today = day_of(records.now());
    let oldest = today.saturating_sub(Span::new().days(pack.exercise_days));
    let providers = records.store.list_providers(&AgencyScope::All, None).await?;
    let assets = records.store.list_assets_in_use(&AgencyScope::All).await?;
    let reach = Reach::new(all.values(), &needs);
    let leaning = Leaning {
        reach: &reach,
        planned: &planned,
        sites: &sites,
        assets: &assets,
        providers: &providers,
        exit_plan_level: pack.exit_plan_level,
        today,
    };
    let mut found =
        Critical { points: leaning.points(&scope, pack.single_point), ..Critical::default() };
    let is_shown = |system: &&System| {
        system.is_critical && system.stage != Stage::Retired && scope.contains(&system.agency)
    };
    for system in all.values().filter(is_shown) {
        let restore = last_restore(records, system).await?;
        let is_tried = |one: Restore| one.is_within(pack.restore_days, records.now());
        let exercised = plans.get(&system.code).copied().flatten();
        found.systems.push(CriticalSystem {
            exercised,
            is_exercised: exercised.is_some_and(|day| day >= oldest),
            is_tried: restore.is_some_and(is_tried),
            restore,
            is_planned: planned.contains(&system.code),
            needs: reach.needed(&system.code).count(),
            slower: slower(&reach, system).len(),
            system: system.clone(),
        });
    }
    Ok(found)
}

/// Systems with a continuity plan in force, and the last day on which one of these was exercised.
async fn plans(records: &Records) -> Result<BTreeMap<SystemCode, Option<Date>>, UseError> {
    let today = day_of(records.now());
    let mut plans: BTreeMap<SystemCode, Option<Date>> = BTreeMap::new();
    for kept in records.store.list_papers(&AgencyScope::All, None).await? {
        let paper = kept.paper;
        if paper.kind == CONTINUITY && paper.holds(today) {
            let last = plans.entry(paper.system.clone()).or_default();
            *last = (*last).max(paper.tested(today));
        }
    }
    Ok(plans)
}
