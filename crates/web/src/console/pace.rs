//! How many requests an address may make: enough for an office behind one address that works in haste,
//! too few for a program that tries everything.
//!
//! Every address has a bucket that fills steadily. What is in memory is bounded; addresses whose
//! buckets are full again are forgotten first.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

/// Requests that may come at once.
const AT_ONCE: f64 = 1000.0;
/// Requests a second after that.
const A_SECOND: f64 = 200.0;
/// Addresses that are remembered.
const REMEMBERED: usize = 10_000;

/// The buckets of all addresses.
#[derive(Default)]
pub(super) struct Pace(Mutex<HashMap<IpAddr, Bucket>>);

struct Bucket {
    left: f64,
    at: Timestamp,
}

impl Bucket {
    fn fill(&mut self, now: Timestamp) {
        let passed = now.duration_since(self.at).as_secs_f64().max(0.0);
        self.left = passed.mul_add(A_SECOND, self.left).min(AT_ONCE);
        self.at = now;
    }
}

impl Pace {
    /// Takes a request from the bucket of an address; whether there was one.
    pub(super) fn allows(&self, address: IpAddr, now: Timestamp) -> bool {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= REMEMBERED {
            buckets.retain(|_, bucket| {
                bucket.fill(now);
                bucket.left < AT_ONCE
            });
            if buckets.len() >= REMEMBERED {
                // So many at once are an attack; whoever is new waits.
                return buckets.get_mut(&network(address)).is_some_and(|bucket| take(bucket, now));
            }
        }
        take(buckets.entry(network(address)).or_insert(Bucket { left: AT_ONCE, at: now }), now)
    }
}

fn take(bucket: &mut Bucket, now: Timestamp) -> bool {
    bucket.fill(now);
    let is_left = bucket.left >= 1.0;
    if is_left {
        bucket.left -= 1.0;
    }
    is_left
}

/// Whoever has an address of IPv6 has a whole /64 of them.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        address @ IpAddr::V4(_) => address,
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use jiff::ToSpan;

    use super::*;

    #[test]
    fn haste_is_allowed_and_floods_are_not() {
        let pace = Pace::default();
        let now: Timestamp = "2026-10-15T01:00:00Z".parse().unwrap();
        let address = |text: &str| -> IpAddr { text.parse().unwrap() };
        let one = address("192.0.2.1");
        let passed = (0..2000).filter(|_| pace.allows(one, now)).count();
        assert_eq!(passed, 1000);
        assert!(pace.allows(address("192.0.2.2"), now), "others are not meant");
        assert!(!pace.allows(address("::ffff:192.0.2.1"), now), "the same address");
        let later = now + 2.seconds();
        assert_eq!((0..1000).filter(|_| pace.allows(one, later)).count(), 400);
        let six = (0..2000).filter(|n| pace.allows(address(&format!("2001:db8::{n:x}")), now));
        assert_eq!(six.count(), 1000, "a network of IPv6 is one");
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let pace = Pace::default();
        let now: Timestamp = "2026-10-15T01:00:00Z".parse().unwrap();
        let known = IpAddr::V4(Ipv4Addr::from_bits(0));
        for number in 0..3 * REMEMBERED as u32 {
            pace.allows(IpAddr::V4(Ipv4Addr::from_bits(number)), now);
        }
        assert_eq!(pace.0.lock().unwrap().len(), REMEMBERED);
        assert!(pace.allows(known, now), "who was there goes on");
        let later = now + 1.minute();
        assert!(pace.allows(IpAddr::V4(Ipv4Addr::from_bits(u32::MAX)), later), "room is made");
    }
}
