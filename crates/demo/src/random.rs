//! Chance that repeats itself: the same seed gives the same sequence, in every version and on
//! every machine.

/// A sequence of numbers: `SplitMix64` of Steele, Lea and Flood (2014). Not for secrets.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    /// The sequence of a seed and of what it is for: sequences for different things have nothing to
    /// do with each other.
    pub(crate) fn of(seed: u64, things: &[u64]) -> Self {
        let mut random = Self(seed);
        for thing in things {
            random.0 = random.next() ^ thing.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        }
        random.next();
        random
    }

    /// The next number.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to below 1.
    pub(crate) fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high.saturating_sub(low) + 1)
    }

    /// One of several; the default of nothing.
    pub(crate) fn pick<T: Clone + Default>(&mut self, from: &[T]) -> T {
        let at = self.next() % (from.len().max(1) as u64);
        from.get(at as usize).cloned().unwrap_or_default()
    }

    /// Whether something of this probability happens.
    pub(crate) fn happens(&mut self, probability: f64) -> bool {
        self.share() < probability
    }

    /// So many hexadecimal digits.
    pub(crate) fn hex(&mut self, digits: usize) -> String {
        const DIGITS: [char; 16] =
            ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
        (0..digits).map(|_| self.pick(&DIGITS)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sequence_is_the_published_one() {
        // The first numbers of SplitMix64 from 0.
        let mut random = Random(0);
        assert_eq!(random.next(), 0xE220_A839_7B1D_CDAF);
        assert_eq!(random.next(), 0x6E78_9E6A_A1B9_65F4);
    }

    #[test]
    fn different_things_have_different_sequences() {
        let first = |things: &[u64]| Random::of(57, things).next();
        assert_eq!(first(&[1, 2]), first(&[1, 2]));
        assert_ne!(first(&[1, 2]), first(&[2, 1]));
        assert_ne!(first(&[1]), first(&[1, 0]));
    }

    #[test]
    fn bounds_are_kept() {
        let mut random = Random::of(57, &[]);
        for _ in 0..1000 {
            assert!((3..=5).contains(&random.between(3, 5)));
            assert!((0.0..1.0).contains(&random.share()));
        }
        assert_eq!(random.pick::<u8>(&[]), 0);
        assert_eq!(random.hex(6).len(), 6);
    }
}
