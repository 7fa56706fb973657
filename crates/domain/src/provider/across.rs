//! Providers of many systems side by side: on whom the province depends, and how it goes on without them.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::KeptProvider;
use crate::system::Level;

/// The contract of a provider about a system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contract {
    /// The provider of the system.
    pub kept: KeptProvider,
    /// What the system is called.
    pub name: String,
    /// The level of the system.
    pub level: Level,
    /// How many systems need that one, directly or through others.
    pub dependents: usize,
}

/// A provider with all contracts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Supplier {
    /// What they are called.
    pub name: String,
    /// Their contracts, what ends or has ended first.
    pub contracts: Vec<Contract>,
}

impl Contract {
    /// Whether its system is of the level or above and nobody has said how to go on without them.
    pub fn lacks_exit(&self, from_level: i64) -> bool {
        i64::from(self.level.number()) >= from_level && self.kept.provider.exit.plan.is_none()
    }

    /// Whether it had its time on a day.
    pub fn has_ended(&self, today: Date) -> bool {
        self.kept.provider.until < today
    }
}

impl Supplier {
    /// The first day on which a contract ends, or has.
    pub fn first_end(&self) -> Option<Date> {
        self.contracts.first().map(|contract| contract.kept.provider.until)
    }
}

/// Contracts by provider, what ends or has ended first.
pub fn suppliers(contracts: Vec<Contract>) -> Vec<Supplier> {
    let mut by_name = BTreeMap::<String, Vec<Contract>>::new();
    for contract in contracts {
        by_name.entry(contract.kept.provider.name.to_lowercase()).or_default().push(contract);
    }
    let supplier = |mut contracts: Vec<Contract>| {
        contracts.sort_by(|one, other| {
            let key = |contract: &Contract| {
                (contract.kept.provider.until, contract.kept.provider.system.clone())
            };
            key(one).cmp(&key(other))
        });
        let name = contracts.first().map(|contract| contract.kept.provider.name.clone());
        Supplier { name: name.unwrap_or_default(), contracts }
    };
    let mut found: Vec<Supplier> = by_name.into_values().map(supplier).collect();
    found.sort_by_key(Supplier::first_end);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::{AgencyCode, SystemCode};
    use crate::ids::ProviderId;
    use crate::provider::{Exit, Provider};

    fn contract(name: &str, system: &str, until: &str, level: i64) -> Contract {
        let provider = Provider {
            system: SystemCode::new(system).unwrap(),
            name: name.into(),
            service: "Bảo trì".into(),
            contract: "HĐ-01.MH".into(),
            from: "2026-01-01".parse().unwrap(),
            until: until.parse().unwrap(),
            staff: 1,
            window: None,
            exit: Exit::NONE,
        };
        let agency = AgencyCode::new("sokhcn").unwrap();
        Contract {
            kept: KeptProvider { id: ProviderId(1), agency, provider },
            name: system.to_owned(),
            level: Level::new(level).unwrap(),
            dependents: 0,
        }
    }

    #[test]
    fn one_provider_has_all_contracts_and_what_has_ended_comes_first() {
        let found = suppliers(vec![
            contract("Công ty An", "b", "2027-01-01", 2),
            contract("Công ty Bình", "c", "2026-09-30", 3),
            contract("CÔNG TY AN", "a", "2026-12-01", 4),
        ]);
        let told: Vec<(&str, usize)> =
            found.iter().map(|one| (one.name.as_str(), one.contracts.len())).collect();
        assert_eq!(told, [("Công ty Bình", 1), ("CÔNG TY AN", 2)]);
        let today = "2026-10-15".parse().unwrap();
        assert!(found[0].contracts[0].has_ended(today) && !found[1].contracts[0].has_ended(today));
    }

    #[test]
    fn a_system_of_a_high_level_needs_a_way_on() {
        let mut grave = contract("An", "a", "2027-01-01", 3);
        assert!(grave.lacks_exit(3) && !contract("An", "a", "2027-01-01", 2).lacks_exit(3));
        grave.kept.provider.exit.plan = Some("Giao lại CSV".into());
        assert!(!grave.lacks_exit(3));
    }
}
