//! Addresses of senders, as they are registered and counted.

use std::net::{IpAddr, Ipv6Addr};

/// The address itself, if IPv4 came in the clothes of IPv6.
pub(super) fn canonical(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

/// What connections are counted by: an IPv4 address, or the /64 that one IPv6 sender has whole.
pub(super) fn counted(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_sender_is_counted_once() {
        let address = |text: &str| -> IpAddr { text.parse().unwrap() };
        assert_eq!(canonical(address("::ffff:192.0.2.1")), address("192.0.2.1"));
        assert_eq!(counted(address("::ffff:192.0.2.1")), address("192.0.2.1"));
        assert_eq!(counted(address("2001:db8:1:2:3::9")), address("2001:db8:1:2::"));
    }
}
