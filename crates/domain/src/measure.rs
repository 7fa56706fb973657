//! What the centre measures by itself: `packs/measure.yml`.

use std::sync::LazyLock;

use jiff::{SignedDuration, Timestamp};
use khien_event::yaml::{self, Node};

use crate::source::{Source, SourceKind, SourceStatus};
use crate::system::Level;

/// How the centre measures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeasurePack {
    /// Where the values come from.
    pub source: String,
    /// What is to be known about them.
    pub note: String,
    /// After how many seconds a source counts as unheard that has no shorter heartbeat of its own.
    pub heartbeat_seconds: u32,
    /// Over how long the minutes of sources are summed.
    pub continuity: SignedDuration,
    /// After how long a thing that is still so is said again.
    pub refresh: SignedDuration,
    /// How long a serious alert may wait before the ledger says that it does.
    pub taken_up: SignedDuration,
    /// How many days an agency has for a system that is used without leave of the gate.
    pub task_days: i64,
    /// How many sources a system must have at least, by level.
    least_sources: [i64; 5],
}

/// A pack that does not say what is needed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("measure pack: {0}")]
pub struct MeasurePackError(String);

impl MeasurePack {
    /// The pack that comes with the program.
    pub const BUILT_IN: &str = include_str!("../../../packs/measure.yml");

    /// The pack that comes with the program.
    pub fn built_in() -> Result<&'static Self, MeasurePackError> {
        static PACK: LazyLock<Result<MeasurePack, MeasurePackError>> =
            LazyLock::new(|| MeasurePack::parse(MeasurePack::BUILT_IN));
        PACK.as_ref().map_err(Clone::clone)
    }

    /// Reads a pack.
    pub fn parse(text: &str) -> Result<Self, MeasurePackError> {
        let documents = yaml::parse(text).map_err(|error| MeasurePackError(error.to_string()))?;
        let [pack] = documents.as_slice() else {
            return Err(MeasurePackError("one document is expected".into()));
        };
        let said = |key: &str| {
            let value = pack.get_str(key).map(str::to_owned);
            value.ok_or_else(|| MeasurePackError(format!("«{key}» is missing")))
        };
        let count = |key: &str, most: i64| {
            let value = said(key)?.parse().ok().filter(|count| (1..=most).contains(count));
            value.ok_or_else(|| MeasurePackError(format!("«{key}» is 1 to {most}")))
        };
        said("valid_from")?;
        Ok(Self {
            source: said("source")?,
            note: said("note")?,
            heartbeat_seconds: count("heartbeat_seconds", 86_400)?.try_into().unwrap_or(u32::MAX),
            continuity: SignedDuration::from_hours(24 * count("continuity_days", 366)?),
            refresh: SignedDuration::from_hours(count("refresh_hours", 23)?),
            taken_up: SignedDuration::from_mins(count("taken_up_minutes", 1_440)?),
            task_days: count("task_days", 366)?,
            least_sources: least_sources(pack)?,
        })
    }

    /// How many sources a system of a level must have at least.
    pub fn least_sources(&self, level: Level) -> i64 {
        let place = usize::from(level.number()).saturating_sub(1);
        self.least_sources.get(place).copied().unwrap_or(1)
    }

    /// Whether a source is one that its system must have: it sends by itself, and it is switched on
    /// or was heard (or registered) so recently that switching it off changes nothing yet.
    pub fn requires(&self, source: &Source, last_heard: Option<Timestamp>, now: Timestamp) -> bool {
        let since = last_heard.map_or(source.created_at, |heard| heard.max(source.created_at));
        source.kind != SourceKind::File
            && (source.status == SourceStatus::Active
                || now.duration_since(since) <= self.continuity)
    }
}

/// A number for each level, never less for a higher one.
fn least_sources(pack: &Node<'_>) -> Result<[i64; 5], MeasurePackError> {
    let listed = pack.get("least_sources").map(Node::strings).unwrap_or_default();
    let read = |text: &&str| text.parse().ok().filter(|count| (1..=100).contains(count));
    let counts: Option<Vec<i64>> = listed.iter().map(read).collect();
    let counts = counts.and_then(|counts| <[i64; 5]>::try_from(counts).ok());
    counts.filter(|counts| counts.is_sorted()).ok_or_else(|| {
        MeasurePackError("«least_sources» is five numbers from 1 to 100 that do not fall".into())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_pack_is_read_and_a_wrong_one_refused() {
        let pack = MeasurePack::built_in().unwrap();
        assert_eq!(pack.continuity, SignedDuration::from_hours(720));
        let least = |level| pack.least_sources(Level::new(level).unwrap());
        assert_eq!([1, 2, 3, 4, 5].map(least), [1, 1, 1, 2, 3]);
        for (from, to) in [
            ("refresh_hours: 12", "refresh_hours: 24"),
            ("continuity_days: 30", "continuity_days: 0"),
            ("task_days: 30", "task_days: soon"),
            ("least_sources: [1,", "least_sources: [0,"),
            ("least_sources: [1, 1,", "least_sources: [1,"),
            ("least_sources: [1,", "least_sources: [2,"),
            ("source: ", "sauce: "),
            ("valid_from: ", "since: "),
        ] {
            let text = MeasurePack::BUILT_IN.replacen(from, to, 1);
            assert_ne!(text, MeasurePack::BUILT_IN, "{from}");
            assert!(MeasurePack::parse(&text).is_err(), "{to}");
        }
        assert!(MeasurePack::parse("").is_err());
    }
}
