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

/// Names and addresses of assets that stand in two zones, with what is said of them: a thing that
/// joins networks which are to be apart, or a slip.
pub fn in_two_zones<'a>(
    assets: impl IntoIterator<Item = &'a Asset>,
) -> BTreeMap<String, Vec<&'a Asset>> {
    let mut by_mark: BTreeMap<String, Vec<&Asset>> = BTreeMap::new();
    for asset in assets {
        by_mark.entry(asset.name.as_str().to_owned()).or_default().push(asset);
        if let Some(address) = asset.address {
            by_mark.entry(address.to_string()).or_default().push(asset);
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
        let asset = |system: &str, name: &str, zone, address: Option<&str>| Asset {
            system: SystemCode::new(system).unwrap(),
            name: HostName::new(name).unwrap(),
            kind: AssetKind::Server,
            zone,
            site: None,
            address: address.map(|text| text.parse().unwrap()),
        };
        let all = [
            asset("a", "web01", Zone::Internet, Some("192.0.2.1")),
            asset("b", "WEB01", Zone::Isolated, None),
            asset("a", "db01", Zone::Dedicated, Some("192.0.2.2")),
            asset("c", "db02", Zone::Internet, Some("192.0.2.2")),
            asset("c", "db03", Zone::Internet, None),
            asset("d", "db03", Zone::Internet, None),
        ];
        let found = in_two_zones(&all);
        assert_eq!(found.keys().collect::<Vec<_>>(), ["192.0.2.2", "web01"]);
        assert_eq!(found["web01"].len(), 2);
    }
}
