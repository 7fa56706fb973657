//! Addresses and networks in CIDR notation (RFC 4632, RFC 4291 section 2.3).

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// A network, or a single address as a network of one.
///
/// An IPv4 address mapped into IPv6 (`::ffff:192.0.2.1`) counts as the IPv4 address, since a
/// listener on both families reports senders that way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

/// A text that is neither an address nor a network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    /// Not an address, or the prefix is not a number within the family's width.
    #[error("«{0}» is neither an address nor a network such as 192.0.2.0/24")]
    Syntax(String),
    /// Bits beyond the prefix are set; most likely a slip.
    #[error("«{given}» has bits beyond its prefix; the network is {network}")]
    HostBits {
        /// What was given.
        given: String,
        /// The network that contains it.
        network: Network,
    },
}

impl Network {
    /// Whether an address lies in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.address.is_ipv4() && mask(address, self.prefix) == self.address
    }

    /// Its first address.
    pub fn address(&self) -> IpAddr {
        self.address
    }

    /// Whether it is of IPv4.
    pub fn is_ipv4(&self) -> bool {
        self.address.is_ipv4()
    }

    /// Bits of the prefix; the longest that contains an address is the most exact.
    pub fn prefix(&self) -> u8 {
        self.prefix
    }
}

/// The address with the bits beyond the prefix cleared.
fn mask(address: IpAddr, prefix: u8) -> IpAddr {
    match address {
        IpAddr::V4(v4) => {
            let keep = u32::MAX.checked_shl(32 - u32::from(prefix.min(32))).unwrap_or(0);
            IpAddr::V4((u32::from(v4) & keep).into())
        }
        IpAddr::V6(v6) => {
            let keep = u128::MAX.checked_shl(128 - u32::from(prefix.min(128))).unwrap_or(0);
            IpAddr::V6((u128::from(v6) & keep).into())
        }
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let syntax = || NetworkError::Syntax(crate::text::cut(text, 100));
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| syntax())?;
        if address.to_canonical() != address {
            return match prefix {
                None => Ok(Self { address: address.to_canonical(), prefix: 32 }),
                Some(_) => Err(syntax()),
            };
        }
        let width = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => width,
            Some(prefix) if prefix.bytes().all(|byte| byte.is_ascii_digit()) => {
                prefix.parse().ok().filter(|prefix| *prefix <= width).ok_or_else(syntax)?
            }
            Some(_) => return Err(syntax()),
        };
        let network = Self { address: mask(address, prefix), prefix };
        if network.address == address {
            Ok(network)
        } else {
            Err(NetworkError::HostBits { given: crate::text::cut(text, 100), network })
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = if self.address.is_ipv4() { 32 } else { 128 };
        if self.prefix == width {
            self.address.fmt(formatter)
        } else {
            write!(formatter, "{}/{}", self.address, self.prefix)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> Network {
        text.parse().unwrap()
    }

    #[test]
    fn networks_contain_their_addresses_and_no_others() {
        for (net, inside, outside) in [
            ("192.0.2.0/24", "192.0.2.255", "192.0.3.0"),
            ("192.0.2.7", "192.0.2.7", "192.0.2.8"),
            ("192.0.2.7", "::ffff:192.0.2.7", "2001:db8::7"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"),
            ("0.0.0.0/0", "203.0.113.9", "2001:db8::1"),
            ("::/0", "2001:db8::1", "203.0.113.9"),
        ] {
            assert!(network(net).contains(inside.parse().unwrap()), "{net} {inside}");
            assert!(!network(net).contains(outside.parse().unwrap()), "{net} {outside}");
        }
    }

    #[test]
    fn they_are_written_as_they_are_read() {
        for text in ["192.0.2.0/24", "192.0.2.7", "2001:db8::/32", "2001:db8::1", "::/0"] {
            assert_eq!(network(text).to_string(), text);
        }
        assert_eq!(network("::ffff:192.0.2.7").to_string(), "192.0.2.7");
        assert_eq!(network("192.0.2.7/32").to_string(), "192.0.2.7");
    }

    #[test]
    fn what_is_no_network_is_refused_with_a_hint() {
        for bad in ["", "a", "192.0.2.0/33", "192.0.2.0/-1", "192.0.2.0/+8", "192.0.2/24", "::/129"]
        {
            assert!(matches!(bad.parse::<Network>(), Err(NetworkError::Syntax(_))), "{bad}");
        }
        let slip = "192.0.2.7/24".parse::<Network>().unwrap_err();
        assert!(slip.to_string().ends_with("the network is 192.0.2.0/24"), "{slip}");
    }
}
