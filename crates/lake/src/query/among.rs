//! Many values asked of a column at once: a set instead of a test each.

use std::net::IpAddr;

use rustc_hash::FxHashMap;

use super::Network;
use crate::fold::fold;

/// Values and networks, each with the number that the caller knows it by. What is asked is whether a
/// column's value is one of the values, blind to case, or an address of one of the networks. The
/// language has no words for it; programs ask it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Among {
    values: FxHashMap<Box<str>, u32>,
    networks: FxHashMap<Network, u32>,
    /// How long the networks' prefixes are, of IPv4 and of IPv6.
    prefixes: [Vec<u8>; 2],
}

impl Among {
    /// Adds a value. The first of equal ones counts; an address is expected in its canonical form.
    pub fn add(&mut self, value: &str, number: u32) {
        self.values.entry(fold(value).into()).or_insert(number);
    }

    /// Adds a network.
    pub fn add_network(&mut self, network: Network, number: u32) {
        let prefixes =
            if network.address.is_ipv4() { &mut self.prefixes[0] } else { &mut self.prefixes[1] };
        if !prefixes.contains(&network.prefix) {
            prefixes.push(network.prefix);
        }
        self.networks.entry(network).or_insert(number);
    }

    /// Whether nothing was added.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty() && self.networks.is_empty()
    }

    /// The numbers that a column's value has, in the form that the column is stored in.
    pub fn find(&self, stored: &str) -> impl Iterator<Item = u32> {
        let value = self.values.get(stored).copied();
        let address = if self.networks.is_empty() { None } else { stored.parse::<IpAddr>().ok() };
        let networks = address.into_iter().flat_map(move |address| {
            let address = address.to_canonical();
            let prefixes = if address.is_ipv4() { &self.prefixes[0] } else { &self.prefixes[1] };
            prefixes.iter().filter_map(move |prefix| {
                self.networks.get(&Network::new(address, *prefix)?).copied()
            })
        });
        value.into_iter().chain(networks)
    }

    /// The values, unless networks are asked for as well: then they do not tell what may be found.
    pub(crate) fn only_values(&self) -> Option<impl Iterator<Item = &str>> {
        self.networks.is_empty().then(|| self.values.keys().map(AsRef::as_ref))
    }

    /// How many values and networks there are.
    pub fn len(&self) -> usize {
        self.values.len() + self.networks.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> Network {
        let (address, prefix) = text.split_once('/').unwrap();
        Network::new(address.parse().unwrap(), prefix.parse().unwrap()).unwrap()
    }

    #[test]
    fn values_and_networks_are_found_by_their_numbers() {
        let mut among = Among::default();
        among.add("198.51.100.7", 1);
        among.add("ABCDEF", 2);
        among.add("abcdef", 9);
        among.add_network(network("198.51.100.0/24"), 3);
        among.add_network(network("198.51.0.0/16"), 4);
        among.add_network(network("2001:db8::/32"), 5);
        let found = |text: &str| {
            let mut found: Vec<u32> = among.find(text).collect();
            found.sort_unstable();
            found
        };
        assert_eq!(found("198.51.100.7"), [1, 3, 4]);
        assert_eq!(found("198.51.9.7"), [4]);
        assert_eq!(found("2001:db8::7"), [5]);
        assert_eq!(found("abcdef"), [2]);
        assert_eq!(found("203.0.113.1"), [0_u32; 0]);
        assert_eq!((among.len(), among.only_values().is_none()), (5, true));
    }
}
