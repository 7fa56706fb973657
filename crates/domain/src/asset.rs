//! Assets: servers, endpoints and network devices of a system.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::code::{AgencyCode, SiteCode, SystemCode};
use crate::host::HostName;
use crate::ids::AssetId;
use crate::system::Zone;

closed! {
    /// What an asset is.
    AssetKind {
        /// Runs what others use.
        Server = "server",
        /// Somebody works at it.
        Endpoint = "endpoint",
        /// Joins networks.
        NetworkDevice = "network-device",
    }
}

/// A thing of a system that stands somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// Of which system.
    pub system: SystemCode,
    /// What it is called, as its events name it.
    pub name: HostName,
    /// What it is.
    pub kind: AssetKind,
    /// The network in which it stands.
    pub zone: Zone,
    /// Where it stands, if anybody said.
    pub site: Option<SiteCode>,
    /// Its address.
    pub address: Option<IpAddr>,
}

/// An asset as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAsset {
    /// Its number.
    pub id: AssetId,
    /// The agency of its system.
    pub agency: AgencyCode,
    /// The asset.
    pub asset: Asset,
}

/// A thing in a network: an asset as the register has it, or a host that events of a system name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// The agency of its system.
    pub agency: AgencyCode,
    /// Of which system.
    pub system: SystemCode,
    /// What it is called.
    pub name: HostName,
    /// The network: the asset's own, or of a host that was seen that of its system.
    pub zone: Zone,
    /// Its address.
    pub address: Option<IpAddr>,
    /// Whether events name it there and the register does not.
    pub is_seen: bool,
}

impl From<KeptAsset> for Placed {
    fn from(kept: KeptAsset) -> Self {
        let KeptAsset { agency, asset, .. } = kept;
        let Asset { system, name, zone, address, .. } = asset;
        Self { agency, system, name, zone, address, is_seen: false }
    }
}

impl Placed {
    /// What it is known by: its name and its address. Every machine calls itself `localhost` and has the
    /// addresses of the loopback, so that these tell nothing.
    fn marks(&self) -> BTreeSet<String> {
        let name = self.name.as_str();
        let address =
            self.address.or_else(|| name.parse().ok()).map(|ip: IpAddr| ip.to_canonical());
        let address = address.filter(|ip| !ip.is_loopback() && !ip.is_unspecified());
        let is_own = name.parse::<IpAddr>().is_ok() || name.split('.').next() == Some("localhost");
        let name = (!is_own).then(|| name.to_owned());
        name.into_iter().chain(address.map(|ip| ip.to_string())).collect()
    }
}

/// Assets, and hosts that events name; a host that is an asset of its system stands where the register says.
pub fn placed(assets: Vec<KeptAsset>, seen: Vec<Placed>) -> Vec<Placed> {
    let mut all: Vec<Placed> = assets.into_iter().map(Placed::from).collect();
    let known: BTreeSet<(SystemCode, String)> = (all.iter())
        .flat_map(|one| one.marks().into_iter().map(|mark| (one.system.clone(), mark)))
        .collect();
    all.extend(seen.into_iter().filter(|one| {
        !one.marks().into_iter().any(|mark| known.contains(&(one.system.clone(), mark)))
    }));
    all
}

/// Names and addresses of one agency that stand in two zones, with what stands there: a thing that joins
/// networks which are to be apart, or a slip. Other agencies may use the same names and the same
/// addresses inside.
pub fn in_two_zones<'a>(
    all: impl IntoIterator<Item = &'a Placed>,
) -> BTreeMap<(AgencyCode, String), Vec<&'a Placed>> {
    let mut by_mark: BTreeMap<_, Vec<&Placed>> = BTreeMap::new();
    for one in all {
        for mark in one.marks() {
            by_mark.entry((one.agency.clone(), mark)).or_default().push(one);
        }
    }
    by_mark.retain(|_, found| {
        found.iter().any(|one| Some(one.zone) != found.first().map(|first| first.zone))
    });
    by_mark
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asset(
        agency: &str,
        system: &str,
        name: &str,
        zone: Zone,
        address: Option<&str>,
    ) -> KeptAsset {
        KeptAsset {
            id: AssetId(1),
            agency: AgencyCode::new(agency).unwrap(),
            asset: Asset {
                system: SystemCode::new(system).unwrap(),
                name: HostName::new(name).unwrap(),
                kind: AssetKind::Server,
                zone,
                site: None,
                address: address.map(|text| text.parse().unwrap()),
            },
        }
    }

    #[test]
    fn what_stands_in_two_zones_is_told_by_name_and_by_address() {
        let all = [
            asset("so-a", "a", "web01", Zone::Internet, Some("192.0.2.1")),
            asset("so-a", "b", "WEB01", Zone::Isolated, None),
            asset("so-a", "a", "db01", Zone::Dedicated, Some("192.0.2.2")),
            asset("so-a", "c", "db02", Zone::Internet, Some("192.0.2.2")),
            asset("so-a", "c", "db03", Zone::Internet, None),
            asset("so-a", "d", "db03", Zone::Internet, None),
            // Another agency may call its own so.
            asset("so-b", "e", "db03", Zone::Isolated, Some("192.0.2.1")),
        ];
        let all = placed(all.to_vec(), Vec::new());
        let found = in_two_zones(&all);
        let marks: Vec<_> = found.keys().map(|(_, mark)| mark.as_str()).collect();
        assert_eq!(marks, ["192.0.2.2", "web01"]);
        let (agency, assets) = found.iter().next_back().unwrap();
        assert_eq!((agency.0.as_str(), assets.len()), ("so-a", 2));
    }

    #[test]
    fn a_host_that_events_name_stands_in_the_network_of_their_system() {
        let seen = |system: &str, name: &str, zone| Placed {
            agency: AgencyCode::new("so-a").unwrap(),
            system: SystemCode::new(system).unwrap(),
            name: HostName::new(name).unwrap(),
            zone,
            address: None,
            is_seen: true,
        };
        let assets = vec![
            asset("so-a", "a", "web01", Zone::Internet, Some("192.0.2.1")),
            asset("so-a", "b", "db01", Zone::Dedicated, Some("192.0.2.2")),
        ];
        let marks = |seen: Vec<Placed>| {
            let all = placed(assets.clone(), seen);
            in_two_zones(&all).into_keys().map(|(_, mark)| mark).collect::<Vec<_>>()
        };
        // Its events come where the register has it, whatever network its system is in.
        assert!(marks(vec![seen("a", "web01", Zone::Isolated)]).is_empty());
        assert!(marks(vec![seen("a", "192.0.2.1", Zone::Isolated)]).is_empty());
        // By name or by address it is seen elsewhere; or in two places and registered in none.
        assert_eq!(marks(vec![seen("b", "WEB01", Zone::Dedicated)]), ["web01"]);
        assert_eq!(marks(vec![seen("a", "::ffff:192.0.2.2", Zone::Internet)]), ["192.0.2.2"]);
        let both = ["c", "d"].into_iter().zip([Zone::Internet, Zone::Isolated]);
        let of = |name: &str| both.clone().map(|(system, zone)| seen(system, name, zone)).collect();
        assert_eq!(marks(of("pc7")), ["pc7"]);
        for every in ["localhost", "localhost.localdomain", "127.0.0.1", "::1", "0.0.0.0"] {
            assert!(marks(of(every)).is_empty(), "{every}");
        }
    }
}
