//! Assets: servers, endpoints and network devices of a system.

use std::collections::BTreeMap;
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

/// Names and addresses of assets of one agency that stand in two zones, with what is said of them: a
/// thing that joins networks which are to be apart, or a slip. Other agencies may use the same names and
/// the same addresses inside.
pub fn in_two_zones<'a>(
    assets: impl IntoIterator<Item = &'a KeptAsset>,
) -> BTreeMap<(AgencyCode, String), Vec<&'a Asset>> {
    let mut by_mark: BTreeMap<_, Vec<&Asset>> = BTreeMap::new();
    for KeptAsset { agency, asset, .. } in assets {
        let marks = [Some(asset.name.as_str().to_owned()), asset.address.map(|ip| ip.to_string())];
        for mark in marks.into_iter().flatten() {
            by_mark.entry((agency.clone(), mark)).or_default().push(asset);
        }
    }
    by_mark.retain(|_, found| {
        found.iter().any(|asset| Some(asset.zone) != found.first().map(|first| first.zone))
    });
    by_mark
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_two_zones_is_told_by_name_and_by_address() {
        let asset =
            |agency: &str, system: &str, name: &str, zone, address: Option<&str>| KeptAsset {
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
            };
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
        let found = in_two_zones(&all);
        let marks: Vec<_> = found.keys().map(|(_, mark)| mark.as_str()).collect();
        assert_eq!(marks, ["192.0.2.2", "web01"]);
        let (agency, assets) = found.iter().next_back().unwrap();
        assert_eq!((agency.0.as_str(), assets.len()), ("so-a", 2));
    }
}
