//! Single points of failure: what fails alone and takes others with it. A system that others need, a site at
//! which several critical systems stand, a provider on whom several lean.
//!
//! What the register says comes in ([`Leaning`]), points come out, the gravest first. From which numbers on
//! something counts as one is data ([`Thresholds`], `packs/register.yml`). How many lean on a point is told to
//! whoever has one of them; what it is in itself, only to those who may see it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::asset::{AssetKind, KeptAsset};
use crate::code::{AgencyCode, SiteCode, SystemCode};
use crate::dependency::Reach;
use crate::permission::AgencyScope;
use crate::provider::KeptProvider;
use crate::site::Site;
use crate::system::{Operator, System};

/// From which numbers on something is a single point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thresholds {
    /// Critical systems that need a system.
    pub critical: usize,
    /// Systems that need a system, critical or not.
    pub dependents: usize,
    /// Critical systems at one site, or with one provider.
    pub together: usize,
}

closed! {
    /// What makes a point weak.
    Weakness {
        /// It recovers later than somebody who needs it has to.
        Later = "later",
        /// Nobody said when it recovers, though somebody who needs it has to.
        Unsaid = "unsaid",
        /// Critical systems need it, and it is not marked critical itself.
        Unmarked = "unmarked",
        /// No continuity plan is in force: nothing stands in for it.
        NoPlan = "no-plan",
        /// The site is not shown to be fit for servers.
        Unqualified = "unqualified",
        /// A system that has to has no plan for going on without the provider.
        NoExit = "no-exit",
    }
}

/// What may fail.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// A system.
    System(SystemCode),
    /// A site.
    Site(SiteCode),
    /// Somebody who is paid for work on systems.
    Provider(String),
}

impl What {
    /// The name of its kind, as addresses and files use it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::System(_) => "system",
            Self::Site(_) => "site",
            Self::Provider(_) => "provider",
        }
    }
}

/// A single point of failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// What it is.
    pub what: What,
    /// The system itself, if it is one that whoever asks may see.
    pub system: Option<System>,
    /// How many systems fail with it.
    pub dependents: usize,
    /// How many of these are critical.
    pub critical: usize,
    /// Of how many agencies they are.
    pub agencies: usize,
    /// The least recovery time of those that need it: of all if whoever asks may see the point, of their own
    /// otherwise.
    pub demand: Option<u32>,
    /// What is weak about it.
    pub weak: BTreeSet<Weakness>,
}

impl Point {
    /// Whether it recovers later than it has to, or has not said.
    pub fn conflicts(&self) -> bool {
        self.weak.contains(&Weakness::Later) || self.weak.contains(&Weakness::Unsaid)
    }
}

/// What the register says of who leans on what.
#[derive(Clone, Copy, Debug)]
pub struct Leaning<'a> {
    /// Which system needs which.
    pub reach: &'a Reach<'a>,
    /// Systems with a continuity plan in force.
    pub planned: &'a BTreeSet<SystemCode>,
    /// Where servers stand.
    pub sites: &'a [Site],
    /// What systems have: one of which nobody said where it stands is where all its servers are.
    pub assets: &'a [KeptAsset],
    /// Who is paid for work on systems.
    pub providers: &'a [KeptProvider],
    /// From this level on a system has an exit plan for each provider.
    pub exit_plan_level: i64,
    /// The day.
    pub today: Date,
}

/// What a critical system needs that does not recover in time for it.
pub fn slower<'a>(reach: &Reach<'a>, system: &System) -> Vec<&'a System> {
    let Some(most) = system.rto_minutes else { return Vec::new() };
    let is_slower = |one: &&System| one.rto_minutes.is_none_or(|minutes| minutes > most);
    reach.needed(&system.code).filter(is_slower).collect()
}

impl Leaning<'_> {
    /// The single points that systems of the scope are, or lean on, the gravest first.
    pub fn points(&self, scope: &AgencyScope, from: Thresholds) -> Vec<Point> {
        let systems = self.reach.systems().iter();
        let mut points: Vec<Point> =
            systems.filter_map(|system| self.system(system, scope, from)).collect();
        points.extend(self.sites(scope, from));
        points.extend(self.providers(scope, from));
        points.sort_by(|one, other| {
            let grave = |point: &Point| (point.critical, point.weak.len(), point.dependents);
            grave(other).cmp(&grave(one)).then_with(|| one.what.cmp(&other.what))
        });
        points
    }

    fn system(&self, system: &System, scope: &AgencyScope, from: Thresholds) -> Option<Point> {
        let dependents: Vec<&System> = self.reach.dependents(&system.code).collect();
        let what = What::System(system.code.clone());
        let point = Point::of(what, &dependents);
        let is_point = point.critical >= from.critical || point.dependents >= from.dependents;
        let is_seen = scope.contains(&system.agency);
        let leans = |one: &&&System| is_seen || scope.contains(&one.agency);
        if !is_point || !dependents.iter().any(|one| leans(&one)) {
            return None;
        }
        let demand = dependents.iter().filter(leans).filter_map(|one| one.rto_minutes).min();
        let mut weak = BTreeSet::new();
        match (system.rto_minutes, demand) {
            (Some(own), Some(least)) if own > least => weak.insert(Weakness::Later),
            (None, Some(_)) => weak.insert(Weakness::Unsaid),
            _ => false,
        };
        if is_seen && point.critical > 0 && !system.is_critical {
            weak.insert(Weakness::Unmarked);
        }
        if is_seen && !self.planned.contains(&system.code) {
            weak.insert(Weakness::NoPlan);
        }
        Some(Point { system: is_seen.then(|| system.clone()), demand, weak, ..point })
    }

    fn sites(&self, scope: &AgencyScope, from: Thresholds) -> Vec<Point> {
        let servers = self.servers();
        let mut at: BTreeMap<&SiteCode, Vec<&System>> = BTreeMap::new();
        for system in self.reach.systems() {
            let known = servers.get(&system.code).copied().flatten();
            if let Some(site) = system.site.as_ref().or(known) {
                at.entry(site).or_default().push(system);
            }
        }
        let is_qualified = |code: &SiteCode| {
            self.sites.iter().any(|site| site.code == *code && site.is_qualified(self.today))
        };
        let point = |(code, systems): (&SiteCode, Vec<&System>)| {
            let mut point = Point::together(What::Site(code.clone()), &systems, scope, from)?;
            if !is_qualified(code) {
                point.weak.insert(Weakness::Unqualified);
            }
            Some(point)
        };
        at.into_iter().filter_map(point).collect()
    }

    /// The one site of all servers of each system, if there is one.
    fn servers(&self) -> BTreeMap<&SystemCode, Option<&SiteCode>> {
        let mut found = BTreeMap::new();
        let assets = self.assets.iter().map(|kept| &kept.asset);
        for server in assets.filter(|asset| asset.kind == AssetKind::Server) {
            let site = server.site.as_ref();
            let known = found.entry(&server.system).or_insert(site);
            *known = known.filter(|known| Some(*known) == site);
        }
        found
    }

    fn providers(&self, scope: &AgencyScope, from: Thresholds) -> Vec<Point> {
        let by_code: BTreeMap<&SystemCode, &System> =
            self.reach.systems().iter().map(|system| (&system.code, *system)).collect();
        // By name, however it is written: how it was first written, and whose systems.
        let mut of = BTreeMap::<String, (&str, BTreeMap<&SystemCode, &System>)>::new();
        let mut lacking = BTreeSet::new();
        let operated = by_code.values().filter_map(|system| match &system.operator {
            Operator::Provider(name) => Some((name.as_str(), *system)),
            Operator::Owner | Operator::Agency(_) => None,
        });
        let contracts = self.providers.iter().filter_map(|kept| {
            let system = *by_code.get(&kept.provider.system)?;
            let must = i64::from(system.level.number()) >= self.exit_plan_level;
            if must && kept.provider.exit.plan.is_none() && scope.contains(&system.agency) {
                lacking.insert(kept.provider.name.to_lowercase());
            }
            Some((kept.provider.name.as_str(), system))
        });
        for (name, system) in contracts.chain(operated) {
            let (_, systems) =
                of.entry(name.to_lowercase()).or_insert_with(|| (name, BTreeMap::new()));
            systems.insert(&system.code, system);
        }
        let point = |(folded, (name, systems)): (String, (&str, BTreeMap<_, _>))| {
            let systems: Vec<&System> = systems.into_values().collect();
            let what = What::Provider(name.to_owned());
            let mut point = Point::together(what, &systems, scope, from)?;
            if lacking.contains(&folded) {
                point.weak.insert(Weakness::NoExit);
            }
            Some(point)
        };
        of.into_iter().filter_map(point).collect()
    }
}

impl Point {
    fn of(what: What, dependents: &[&System]) -> Self {
        let agencies: BTreeSet<&AgencyCode> = dependents.iter().map(|one| &one.agency).collect();
        Self {
            what,
            system: None,
            dependents: dependents.len(),
            critical: dependents.iter().filter(|one| one.is_critical).count(),
            agencies: agencies.len(),
            demand: None,
            weak: BTreeSet::new(),
        }
    }

    /// The point on which systems lean together, if enough of them are critical and one is of the scope.
    fn together(
        what: What,
        systems: &[&System],
        scope: &AgencyScope,
        from: Thresholds,
    ) -> Option<Self> {
        let point = Self::of(what, systems);
        let is_seen = systems.iter().any(|one| scope.contains(&one.agency));
        (point.critical >= from.together && is_seen).then_some(point)
    }
}

#[cfg(test)]
mod tests;
