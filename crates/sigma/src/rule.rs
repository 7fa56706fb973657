//! What a rule says, before it is compiled.

use std::net::IpAddr;
use std::sync::Arc;

use khien_event::LogSource;

use crate::condition::Expr;
use crate::pattern::Pattern;

/// How much a hit matters (Sigma specification 2.1, «Level»).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Enriches; no alert.
    #[default]
    Informational,
    /// Notable, seldom an incident.
    Low,
    /// Worth a regular review.
    Medium,
    /// Worth a prompt review.
    High,
    /// An incident.
    Critical,
}

impl Level {
    /// All levels, lowest first.
    pub const ALL: [Self; 5] =
        [Self::Informational, Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The name that rules use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Informational => "informational",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// The level of a name, in any case.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name().eq_ignore_ascii_case(name))
    }
}

/// Where something stands in the rule files.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The file, as it was named by the caller.
    pub file: Arc<str>,
    /// The line, counted from 1.
    pub line: u32,
}

/// What rules and correlations tell about themselves.
#[derive(Clone, Debug)]
pub struct About {
    /// Where it stands.
    pub place: Place,
    /// The identifier; rules without one get their file and line.
    pub id: String,
    /// The short name that correlations may use.
    pub name: Option<String>,
    /// What it detects, in English.
    pub title: String,
    /// The same in Vietnamese, where the rule has it.
    pub title_vi: Option<String>,
    /// More about it.
    pub description: String,
    /// The same in Vietnamese.
    pub description_vi: Option<String>,
    /// What to check first, in Vietnamese and English.
    pub check_first: [Vec<String>; 2],
    /// How much a hit matters.
    pub level: Level,
    /// `stable`, `test`, `experimental`…
    pub status: String,
    /// Who wrote it.
    pub author: String,
    /// Such as `attack.t1059.001`.
    pub tags: Vec<String>,
    /// What may look the same and be harmless.
    pub false_positives: Vec<String>,
    /// Where to read on.
    pub references: Vec<String>,
}

/// A detection rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// What it tells about itself.
    pub about: About,
    /// The events it looks at.
    pub log_source: LogSource,
    /// The search identifiers with their names, in the order of the file.
    pub selections: Vec<(String, Search)>,
    /// How they are joined.
    pub condition: Expr,
    /// Filters that take hits away again.
    pub exclusions: Vec<Exclusion>,
    /// Placeholders without values; while there are any, the rule waits and never fires.
    pub waits_for: Vec<String>,
}

/// A global filter, as it applies to one rule: where it holds, the rule does not hit.
#[derive(Clone, Debug)]
pub struct Exclusion {
    /// What it tells about itself.
    pub title: String,
    /// Its search identifiers.
    pub selections: Vec<(String, Search)>,
    /// How they are joined.
    pub condition: Expr,
}

/// What a search identifier holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Search {
    /// All hold (a map).
    All(Vec<Search>),
    /// At least one holds (a list).
    Any(Vec<Search>),
    /// A field or the whole message against values.
    Item(Item),
}

/// One entry of a map: a field with values.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The field; `None` searches the whole event (keywords).
    pub field: Option<String>,
    /// What stood after the field name, such as `contains|all`.
    pub modifiers: String,
    /// The values.
    pub tests: Vec<Test>,
    /// Whether all values must match instead of one (`all`).
    pub all: bool,
    /// Whether the outcome is turned round (`neq`).
    pub negate: bool,
    /// The line it stands on.
    pub line: u32,
}

/// One value of an [`Item`], after its modifiers.
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    /// The value as the rule writes it.
    pub source: Arc<str>,
    /// What it means; more than one where a modifier makes alternatives.
    pub matchers: Vec<Matcher>,
}

/// What a value must be.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Matcher {
    /// Text with wildcards.
    Text {
        /// The text.
        pattern: Arc<Pattern>,
        /// What is made equal before comparing.
        fold: crate::fold::Fold,
    },
    /// A regular expression (`re`), flags `i`, `m`, `s` written into it.
    Regex(String),
    /// A network (`cidr`).
    Cidr(Cidr),
    /// A number that the value equals as a number.
    Number(Number),
    /// A number that the value is compared with (`lt`, `lte`, `gt`, `gte`).
    Compare(Comparison, Number),
    /// No such field, or nothing in it (`null`).
    Null,
    /// Whether the field is there (`exists`).
    Exists(bool),
    /// Another field of the event (`fieldref`).
    FieldRef {
        /// Its name.
        field: String,
        /// Where its text must stand.
        position: Position,
        /// What is made equal before comparing.
        fold: crate::fold::Fold,
    },
    /// A part of a date (`minute`…`year`).
    TimePart(TimePart, Comparison, Number),
}

/// How two numbers compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// Equal.
    Equal,
    /// Not equal.
    NotEqual,
    /// Less.
    Less,
    /// Less or equal.
    LessOrEqual,
    /// Greater.
    Greater,
    /// Greater or equal.
    GreaterOrEqual,
}

impl Comparison {
    /// Whether `left` compares with `right` like this.
    pub fn holds(self, left: Number, right: Number) -> bool {
        use std::cmp::Ordering::{Equal, Greater, Less};
        let Some(order) = left.order(right) else { return false };
        match self {
            Self::Equal => order == Equal,
            Self::NotEqual => order != Equal,
            Self::Less => order == Less,
            Self::LessOrEqual => order != Greater,
            Self::Greater => order == Greater,
            Self::GreaterOrEqual => order != Less,
        }
    }
}

/// A number: whole ones are compared exactly.
#[derive(Clone, Copy, Debug)]
pub enum Number {
    /// A whole number.
    Whole(i128),
    /// A number with a fraction.
    Fraction(f64),
}

/// Whether they are written alike; whether they are equal is for [`Comparison`] to say.
impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.bits() == other.bits()
    }
}

impl Eq for Number {}

impl std::hash::Hash for Number {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.bits().hash(state);
    }
}

impl Number {
    /// Reads `12`, `-3`, `1.5`, `2e3` or `0x1f`; blanks around it do not matter.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(whole) = text.parse::<i128>() {
            return Some(Self::Whole(whole));
        }
        if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
            return i128::from_str_radix(digits, 16).ok().map(Self::Whole);
        }
        if !text
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+' | b'e' | b'E'))
        {
            return None;
        }
        text.parse::<f64>().ok().filter(|number| number.is_finite()).map(Self::Fraction)
    }

    /// The number with a fraction; large whole numbers lose their last digits.
    pub fn as_f64(self) -> f64 {
        match self {
            Self::Whole(whole) => whole as f64,
            Self::Fraction(fraction) => fraction,
        }
    }

    /// The number as an unsigned whole one, if it is one.
    pub fn as_u64(self) -> Option<u64> {
        match self {
            Self::Whole(whole) => u64::try_from(whole).ok(),
            // Beyond 2^53 a fraction does not tell whole numbers apart.
            Self::Fraction(fraction) => (fraction.fract() == 0.0
                && (0.0..9_007_199_254_740_992.0).contains(&fraction))
            .then_some(fraction as u64),
        }
    }

    fn bits(self) -> (bool, i128) {
        match self {
            Self::Whole(whole) => (false, whole),
            Self::Fraction(fraction) => (true, i128::from(fraction.to_bits())),
        }
    }

    fn order(self, other: Self) -> Option<std::cmp::Ordering> {
        match (self, other) {
            (Self::Whole(left), Self::Whole(right)) => Some(left.cmp(&right)),
            _ => self.as_f64().partial_cmp(&other.as_f64()),
        }
    }
}

/// Where a text must stand in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Position {
    /// It is the whole.
    Equal,
    /// At the beginning.
    Start,
    /// At the end.
    End,
    /// Anywhere.
    Anywhere,
}

/// A part of a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimePart {
    /// 0 to 59.
    Minute,
    /// 0 to 23.
    Hour,
    /// 1 to 31.
    Day,
    /// The ISO week, 1 to 53.
    Week,
    /// 1 to 12.
    Month,
    /// The year.
    Year,
}

/// A network of IPv4 or IPv6 addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cidr {
    network: u128,
    mask: u128,
    v6: bool,
}

impl Cidr {
    /// Reads `192.0.2.0/24` or `2001:db8::/32`; a single address is a network of one.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, length) = match text.trim().split_once('/') {
            Some((address, length)) => (address, Some(length.parse::<u32>().ok()?)),
            None => (text.trim(), None),
        };
        let (bits, width, v6) = bits(address.parse().ok()?);
        let length = length.unwrap_or(width);
        if length > width {
            return None;
        }
        let full = if width == 128 { u128::MAX } else { (1 << width) - 1 };
        let mask = if length == 0 { 0 } else { full & (full << (width - length)) };
        Some(Self { network: bits & mask, mask, v6 })
    }

    /// Whether an address written as text lies in the network. An IPv4 address mapped into IPv6
    /// counts as IPv4.
    pub fn contains(&self, text: &str) -> bool {
        let text = text.trim().trim_start_matches('[').trim_end_matches(']');
        let text = text.split('%').next().unwrap_or(text);
        let Ok(address) = text.parse::<IpAddr>() else { return false };
        let (bits, _, v6) = bits(address.to_canonical());
        v6 == self.v6 && bits & self.mask == self.network
    }
}

fn bits(address: IpAddr) -> (u128, u32, bool) {
    match address {
        IpAddr::V4(address) => (u128::from(address.to_bits()), 32, false),
        IpAddr::V6(address) => (address.to_bits(), 128, true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_hold_their_addresses() {
        let v4 = Cidr::parse("192.0.2.0/24").unwrap();
        assert!(v4.contains("192.0.2.255") && v4.contains("::ffff:192.0.2.1"));
        assert!(!v4.contains("192.0.3.0") && !v4.contains("host") && !v4.contains(""));
        let v6 = Cidr::parse("2001:db8::/32").unwrap();
        assert!(
            v6.contains("2001:DB8:ffff::1")
                && v6.contains("[2001:db8::1]")
                && !v6.contains("2001:db9::1")
        );
        assert!(!v6.contains("32.1.13.184"));
        assert!(Cidr::parse("0.0.0.0/0").unwrap().contains("203.0.113.9"));
        assert!(Cidr::parse("fe80::/10").unwrap().contains("fe80::1%eth0"));
        for bad in ["192.0.2.0/33", "x/8", "::/129", "192.0.2/24", ""] {
            assert!(Cidr::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn numbers_compare_exactly_where_they_are_whole() {
        let number = |text| Number::parse(text).unwrap();
        assert!(Comparison::Less.holds(number("9007199254740992"), number("9007199254740993")));
        assert!(Comparison::GreaterOrEqual.holds(number("1.5"), number("1.5")));
        assert!(Comparison::Greater.holds(number("2"), number("1.99")));
        assert!(Comparison::Equal.holds(number("1.0"), number("1")));
        assert!(Comparison::Equal.holds(number("0x10"), number("16")));
        for bad in ["", "abc", "1,5", "nan", "inf", "1 2", "0x"] {
            assert!(Number::parse(bad).is_none(), "{bad}");
        }
    }
}
