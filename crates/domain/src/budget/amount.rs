//! Shares and amounts as people write them.

use std::fmt;

use crate::evidence::content::INTEGER;

/// A part of a whole, exact to a ten-thousandth of a percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Share(u32);

impl Share {
    /// Nothing of it.
    pub const NONE: Self = Self(0);
    /// All of it.
    pub const ALL: Self = Self(Self::PARTS);
    /// How many parts a whole has.
    pub const PARTS: u32 = 1_000_000;

    /// So many millionths, if they are no more than all.
    pub fn of_parts(parts: u32) -> Option<Self> {
        (parts <= Self::PARTS).then_some(Self(parts))
    }

    /// Millionths.
    pub fn parts(self) -> u32 {
        self.0
    }

    /// Percent with up to four decimals, behind a comma or a point: `33,3333`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_suffix('%').map_or(text, str::trim_end);
        let (whole, rest) = text.split_once([',', '.']).unwrap_or((text, "0"));
        let digits = |text: &str, most| {
            (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        if !digits(whole, 3) || !digits(rest, 4) {
            return None;
        }
        let parts = format!("{whole}{rest:0<4}").parse().ok()?;
        Self::of_parts(parts)
    }
}

impl fmt::Display for Share {
    /// Percent with a point and no decimals that say nothing: `33.3333`, `100`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{}.{:04}", self.0 / 10_000, self.0 % 10_000);
        out.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

/// The most that a line can be of, in đồng: what a record of the ledger can hold.
pub(super) const AMOUNT_MOST: u64 = INTEGER.unsigned_abs();

/// Whole đồng, in groups of three or not: `450.000.000`, `450000000`.
pub fn amount(text: &str) -> Option<u64> {
    let text = text.trim();
    let text = text.strip_suffix(['đ', '₫']).map_or(text, str::trim_end);
    let mut groups = text.split(['.', ',', ' ', '\u{a0}']);
    let first = groups.next()?;
    let rest: Vec<&str> = groups.collect();
    let is_grouped = !rest.is_empty();
    let fits = !first.is_empty()
        && (!is_grouped || first.len() <= 3)
        && rest.iter().all(|group| group.len() == 3)
        && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | ' ' | '\u{a0}'));
    if !fits {
        return None;
    }
    let value = format!("{first}{}", rest.concat()).parse().ok()?;
    (value <= AMOUNT_MOST).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_read_to_four_decimals_and_no_further() {
        for (text, parts) in [
            ("0", 0),
            ("15", 150_000),
            ("33,3333", 333_333),
            ("14.999", 149_990),
            ("100 %", 1_000_000),
        ] {
            assert_eq!(Share::parse(text).map(Share::parts), Some(parts), "{text}");
        }
        for text in
            ["", "-1", "100,0001", "101", "1,23456", "1.", ".5", "1e2", "+5", "1.2.3", "một"]
        {
            assert_eq!(Share::parse(text), None, "{text}");
        }
        assert_eq!(Share(333_333).to_string(), "33.3333");
        assert_eq!(Share(150_000).to_string(), "15");
        assert_eq!(Share(0).to_string(), "0");
    }

    #[test]
    fn an_amount_is_whole_and_grouped_by_three_or_not_at_all() {
        for text in ["450000000", "450.000.000", "450,000,000", "450 000 000 đ"] {
            assert_eq!(amount(text), Some(450_000_000), "{text}");
        }
        assert_eq!(amount("0"), Some(0));
        assert_eq!(amount("9007199254740991"), Some(AMOUNT_MOST));
        for text in [
            "",
            "-1",
            "1,5",
            "1.50",
            "1.0000",
            "12345.678",
            "9007199254740992",
            "1e9",
            "9".repeat(40).as_str(),
        ] {
            assert_eq!(amount(text), None, "{text}");
        }
    }
}
