//! How grave an alert is: the rule's level and the system's level, joined by a table that is data
//! (`packs/severity.yml`).

use jiff::SignedDuration;
use khien_event::yaml::{self, Node};

use crate::system::Level;

/// How grave something is. Rules say it with the same five words (Sigma 2.1, «Level»).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// To know.
    Informational,
    /// To look at some time.
    Low,
    /// To look at regularly.
    Medium,
    /// To look at promptly.
    High,
    /// To act on at once.
    Critical,
}

impl Severity {
    /// All, lowest first.
    pub const ALL: [Self; 5] =
        [Self::Informational, Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The name that rules, commands and packs use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Informational => "informational",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// The severity of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.name() == name)
    }

    /// Its place from 1 (informational) to 5 (critical).
    pub fn rank(self) -> u8 {
        self as u8 + 1
    }

    /// The severity of a place from 1 to 5.
    pub fn of_rank(rank: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| i64::from(severity.rank()) == rank)
    }
}

/// The table, and the window in which repetitions join one alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeverityPack {
    /// The version of the data.
    pub version: String,
    /// Where the values come from.
    pub source: String,
    /// From when on they hold.
    pub valid_from: String,
    /// What is to be known about them: «cấu hình mặc định, cần đối chiếu» while nobody confirmed them.
    pub note: String,
    /// How long repetitions join one alert.
    pub window: SignedDuration,
    /// Rows are the rule's level, columns the system's level, both lowest first.
    table: [[Severity; 5]; 5],
    /// How grave a silent source is, by the level of its system.
    source_silent: [Severity; 5],
    /// How grave an unregistered host is, by the level of its system.
    unregistered_host: [Severity; 5],
    /// How grave it is that a system is used without leave of the gate, by its level.
    system_not_allowed: [Severity; 5],
    /// How grave it is that an asset stands in two zones, by the higher level of its systems.
    two_zones: [Severity; 5],
}

/// A pack that does not say what is needed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("severity pack: {0}")]
pub struct SeverityPackError(String);

impl SeverityPack {
    /// The pack that comes with the program.
    pub const BUILT_IN: &str = include_str!("../../../../packs/severity.yml");

    /// Reads a pack.
    pub fn parse(text: &str) -> Result<Self, SeverityPackError> {
        let documents = yaml::parse(text).map_err(|error| SeverityPackError(error.to_string()))?;
        let [pack] = documents.as_slice() else {
            return Err(SeverityPackError("one document is expected".into()));
        };
        let said = |key: &str| {
            let value = pack.get_str(key).map(ToOwned::to_owned);
            value.ok_or_else(|| SeverityPackError(format!("«{key}» is missing")))
        };
        let minutes: i64 = said("window_minutes")?
            .parse()
            .ok()
            .filter(|minutes| (1..=24 * 60).contains(minutes))
            .ok_or_else(|| SeverityPackError("«window_minutes» is 1 to 1440".into()))?;
        let rules = pack.get("rules");
        let mut table = [[Severity::Informational; 5]; 5];
        for (level, cells) in Severity::ALL.into_iter().zip(&mut table) {
            *cells = row(rules, level.name())?;
        }
        Ok(Self {
            version: said("version")?,
            source: said("source")?,
            valid_from: said("valid_from")?,
            note: said("note")?,
            window: SignedDuration::from_mins(minutes),
            table,
            source_silent: row(Some(pack), "source_silent")?,
            unregistered_host: row(Some(pack), "unregistered_host")?,
            system_not_allowed: row(Some(pack), "system_not_allowed")?,
            two_zones: row(Some(pack), "two_zones")?,
        })
    }

    /// How grave a match of a rule of a level is on a system.
    pub fn of_rule(&self, rule: Severity, system: Level) -> Severity {
        self.table[usize::from(rule.rank()) - 1][column(system)]
    }

    /// How grave the silence of a source of a system is.
    pub fn of_silence(&self, system: Level) -> Severity {
        self.source_silent[column(system)]
    }

    /// How grave an unregistered host in a system is.
    pub fn of_unregistered_host(&self, system: Level) -> Severity {
        self.unregistered_host[column(system)]
    }

    /// How grave it is that a system is used without leave of the gate.
    pub fn of_not_allowed(&self, system: Level) -> Severity {
        self.system_not_allowed[column(system)]
    }

    /// How grave it is that an asset stands in two zones.
    pub fn of_two_zones(&self, system: Level) -> Severity {
        self.two_zones[column(system)]
    }
}

fn column(system: Level) -> usize {
    usize::from(system.number()) - 1
}

fn row(node: Option<&Node<'_>>, key: &str) -> Result<[Severity; 5], SeverityPackError> {
    let wrong = || SeverityPackError(format!("«{key}» needs five severities, for levels 1 to 5"));
    let names = node.and_then(|node| node.get(key)).ok_or_else(wrong)?.strings();
    let cells: Option<Vec<_>> = names.into_iter().map(Severity::parse).collect();
    cells.and_then(|cells| cells.try_into().ok()).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pack() -> SeverityPack {
        SeverityPack::parse(SeverityPack::BUILT_IN).unwrap()
    }

    #[test]
    fn the_built_in_pack_says_where_it_comes_from() {
        let pack = pack();
        assert_eq!(pack.note, "cấu hình mặc định, cần đối chiếu");
        assert!(!pack.source.is_empty() && pack.valid_from.parse::<jiff::civil::Date>().is_ok());
        assert_eq!(pack.window, SignedDuration::from_mins(60));
    }

    #[test]
    fn severity_never_falls_as_rule_or_system_rise() {
        let pack = pack();
        for level in Level::ALL {
            for pair in Severity::ALL.windows(2) {
                assert!(pack.of_rule(pair[0], level) <= pack.of_rule(pair[1], level));
            }
        }
        for pair in Level::ALL.windows(2) {
            for rule in Severity::ALL {
                assert!(pack.of_rule(rule, pair[0]) <= pack.of_rule(rule, pair[1]));
            }
            assert!(pack.of_silence(pair[0]) <= pack.of_silence(pair[1]));
            assert!(pack.of_two_zones(pair[0]) <= pack.of_two_zones(pair[1]));
            assert!(pack.of_unregistered_host(pair[0]) <= pack.of_unregistered_host(pair[1]));
        }
        assert_eq!(pack.of_rule(Severity::High, Level::ALL[2]), Severity::High);
    }

    #[test]
    fn a_pack_that_misses_something_is_refused() {
        for (from, to) in [
            ("window_minutes: 60", "window_minutes: 0"),
            ("note:", "nota:"),
            ("critical: [", "critical: [low, "),
            ("source_silent: [", "source_silent: [grave, "),
        ] {
            let text = SeverityPack::BUILT_IN.replacen(from, to, 1);
            assert_ne!(text, SeverityPack::BUILT_IN, "{from}");
            assert!(SeverityPack::parse(&text).is_err(), "{to}");
        }
        assert!(SeverityPack::parse("").is_err());
    }

    #[test]
    fn ranks_go_from_one_to_five() {
        assert_eq!((1..=5).filter_map(Severity::of_rank).collect::<Vec<_>>(), Severity::ALL);
        assert_eq!(Severity::of_rank(0), None);
        assert_eq!(Severity::parse("severe"), None);
    }
}
