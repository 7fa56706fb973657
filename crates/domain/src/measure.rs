//! What the centre measures by itself: `packs/measure.yml`.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use jiff::{SignedDuration, Timestamp};
use khien_event::yaml::{self, Node};

use crate::register_pack::Named;
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
    /// How long after its last event a type of source counts as there.
    pub type_span: SignedDuration,
    /// What sources must show, by type.
    pub types: Vec<SourceType>,
}

/// What the sources of a system must show together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceType {
    /// `identity`, and what it is called.
    pub named: Named,
    /// Systems from this level on must have it; none has to if it is not given.
    pub from: Option<Level>,
    /// The lowest and the highest number of OCSF classes whose events are of it.
    classes: Vec<(i32, i32)>,
}

impl SourceType {
    /// Whether events of a class are of this type.
    pub fn shows(&self, class: i32) -> bool {
        self.classes.iter().any(|(lowest, highest)| (*lowest..=*highest).contains(&class))
    }
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
            type_span: SignedDuration::from_hours(24 * count("type_days", 366)?),
            types: types(pack)?,
        })
    }

    /// How many sources a system of a level must have at least.
    pub fn least_sources(&self, level: Level) -> i64 {
        let place = usize::from(level.number()).saturating_sub(1);
        self.least_sources.get(place).copied().unwrap_or(1)
    }

    /// The types of source that a system of a level must have.
    pub fn required_types(&self, level: Level) -> impl Iterator<Item = &SourceType> {
        self.types.iter().filter(move |one| one.from.is_some_and(|from| from <= level))
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

fn types(pack: &Node<'_>) -> Result<Vec<SourceType>, MeasurePackError> {
    let listed = pack.get("types").and_then(Node::as_list).unwrap_or_default();
    let types: Result<Vec<SourceType>, MeasurePackError> = listed.iter().map(source_type).collect();
    let types = types?;
    let ids: BTreeSet<&str> = types.iter().map(|one| one.named.name.as_str()).collect();
    if types.is_empty() || ids.len() < types.len() {
        return Err(MeasurePackError("«types» has no type, or one twice".into()));
    }
    Ok(types)
}

fn source_type(node: &Node<'_>) -> Result<SourceType, MeasurePackError> {
    let wrong = |key: &str| MeasurePackError(format!("line {}: «{key}» of a type", node.line));
    let text = |key: &str| node.get_str(key).map(str::to_owned).ok_or_else(|| wrong(key));
    let from = node.get_str("from_level").map(|from| {
        let level = from.parse().ok().and_then(Level::new);
        level.ok_or_else(|| wrong("from_level"))
    });
    let listed = node.get("classes").and_then(Node::as_list).unwrap_or_default();
    let range = |range: &Node<'_>| match range.strings().as_slice() {
        [lowest, highest] => {
            let (lowest, highest) = (lowest.parse().ok()?, highest.parse().ok()?);
            (0 < lowest && lowest <= highest).then_some((lowest, highest))
        }
        _ => None,
    };
    let classes: Option<Vec<(i32, i32)>> = listed.iter().map(range).collect();
    Ok(SourceType {
        named: Named { name: text("id")?, vi: text("vi")?, en: text("en")? },
        from: from.transpose()?,
        classes: classes.filter(|one| !one.is_empty()).ok_or_else(|| wrong("classes"))?,
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
        let names = |level| {
            let types = pack.required_types(Level::new(level).unwrap());
            types.map(|one| one.named.name.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(names(2), [""; 0]);
        assert_eq!(names(3), ["identity"]);
        assert_eq!(names(4), ["identity", "host", "network"]);
        assert_eq!(names(5), ["identity", "host", "network", "application"]);
        // A web server's log is of an application; what no class says anything of is of nothing.
        let shown = |class| {
            let types = pack.types.iter().filter(|one| one.shows(class));
            types.map(|one| one.named.name.as_str()).collect::<Vec<_>>()
        };
        for (class, wanted) in
            [(3002, "identity"), (1007, "host"), (201_002, "host"), (4001, "network")]
        {
            assert_eq!(shown(class), [wanted]);
        }
        assert_eq!(shown(4002), ["application"]);
        assert_eq!(shown(2004), ["protection"]);
        assert_eq!(shown(0), [""; 0]);
        for (from, to) in [
            ("refresh_hours: 12", "refresh_hours: 24"),
            ("continuity_days: 30", "continuity_days: 0"),
            ("task_days: 30", "task_days: soon"),
            ("least_sources: [1,", "least_sources: [0,"),
            ("least_sources: [1, 1,", "least_sources: [1,"),
            ("least_sources: [1,", "least_sources: [2,"),
            ("type_days: 7", "type_days: 0"),
            ("types:", "kinds:"),
            ("id: host", "id: identity"),
            ("from_level: 3", "from_level: 6"),
            ("[[3001, 3999]]", "[[3999, 3001]]"),
            ("[[3001, 3999]]", "[]"),
            ("[[3001, 3999]]", "[[3001]]"),
            ("en: Sign-ins", "eng: Sign-ins"),
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
