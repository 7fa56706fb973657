//! The plans of systems to replace their cryptography, beside the days of the policy.
//!
//! A plan is a paper of its system (kind `crypto-plan` of `packs/register.yml`): what is replaced by what, by which
//! day, who looks after it. What has to be replaced is what probes see.

use std::collections::BTreeMap;

use jiff::civil::Date;
use khien_domain::algorithm::{PlanState, Standing};
use khien_domain::code::SystemCode;
use khien_domain::evidence::kinds::day;
use khien_domain::paper::Paper;
use khien_domain::permission::Permission;
use khien_domain::system::{Stage, System};

use super::endpoints::{EndpointState, of_scope};
use crate::access::{Caller, Deed};
use crate::records::Records;
use crate::use_case::UseError;
use crate::use_case::register::across::systems_of;
use crate::use_case::register::evidence::day_of;

/// The kind of papers that are plans.
const KIND: &str = "crypto-plan";

/// A plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What is replaced by what.
    pub change: String,
    /// The day by which it is done.
    pub by: Date,
    /// Who looks after it, by post.
    pub post: String,
}

impl Plan {
    fn of(paper: &Paper) -> Option<Self> {
        let said = |name: &str| paper.values.get(name).cloned();
        let by = day(&said("by")?)?;
        Some(Self { change: said("change")?, by, post: said("post").unwrap_or_default() })
    }
}

/// A system with what of its cryptography is to be replaced, and how its plan stands.
#[derive(Clone, Debug)]
pub struct SystemPlan {
    /// The system.
    pub system: System,
    /// Its registered endpoints.
    pub endpoints: usize,
    /// Of these, those that nobody has looked at.
    pub unseen: usize,
    /// Its cryptographic products.
    pub products: usize,
    /// What is to be replaced now, each name once, what ends first at the top.
    pub due: Vec<Standing>,
    /// Its plans, the one that ends first at the top.
    pub plans: Vec<Plan>,
    /// How they stand together.
    pub state: PlanState,
}

impl SystemPlan {
    /// The first day of the policy for what is to be replaced.
    pub fn first(&self) -> Option<Date> {
        self.due.iter().filter_map(|one| one.until).min()
    }
}

/// The systems that have endpoints, cryptographic products or plans and are not switched off, those that need most
/// haste first.
pub async fn list_plans(records: &Records, caller: &Caller) -> Result<Vec<SystemPlan>, UseError> {
    let deed = Deed::new("crypto.plans", "", None);
    let scope = records.scope(caller, Permission::EvidenceRead, &deed).await?;
    let today = day_of(records.now());
    let mut endpoints: BTreeMap<SystemCode, Vec<EndpointState>> = BTreeMap::new();
    for state in of_scope(records, &scope).await? {
        endpoints.entry(state.system.code.clone()).or_default().push(state);
    }
    let mut plans: BTreeMap<SystemCode, Vec<Plan>> = BTreeMap::new();
    let papers = records.store.list_papers(&scope, None).await?;
    for kept in papers.into_iter().filter(|kept| kept.paper.kind == KIND) {
        plans.entry(kept.paper.system.clone()).or_default().extend(Plan::of(&kept.paper));
    }
    let mut products: BTreeMap<SystemCode, usize> = BTreeMap::new();
    for kept in records.store.list_products_in_use(&scope).await? {
        if kept.product.is_cryptographic {
            *products.entry(kept.product.system).or_default() += 1;
        }
    }
    let mut found = Vec::new();
    let systems = systems_of(records, &scope).await?.into_values();
    for system in systems.filter(|one| one.stage != Stage::Retired) {
        let endpoints = endpoints.remove(&system.code).unwrap_or_default();
        let plans = plans.remove(&system.code).unwrap_or_default();
        let products = products.remove(&system.code).unwrap_or_default();
        if !endpoints.is_empty() || !plans.is_empty() || products > 0 {
            found.push(plan(system, endpoints, products, plans, today));
        }
    }
    found.sort_by_cached_key(|one| {
        let weight = (std::cmp::Reverse(one.system.level), !one.system.is_critical);
        (one.state, one.first().is_none(), one.first(), weight, one.system.code.clone())
    });
    Ok(found)
}

fn plan(
    system: System,
    endpoints: Vec<EndpointState>,
    products: usize,
    mut plans: Vec<Plan>,
    today: Date,
) -> SystemPlan {
    plans.sort_by_key(|plan| plan.by);
    let unseen = endpoints.iter().filter(|one| one.observed.is_none()).count();
    let count = endpoints.len();
    let mut due: Vec<Standing> = endpoints.into_iter().flat_map(|one| one.standings).collect();
    due.retain(|one| one.term.is_due());
    due.sort_by(|one, other| {
        (one.until, one.of, &one.name).cmp(&(other.until, other.of, &other.name))
    });
    due.dedup_by(|one, other| one.of == other.of && one.name == other.name);
    // All that is planned has to be done, so the last day counts.
    let by = plans.last().map(|plan| plan.by);
    let state = PlanState::of(&due.iter().collect::<Vec<_>>(), by, unseen == 0 && count > 0, today);
    SystemPlan { endpoints: count, unseen, products, due, plans, state, system }
}
