//! The policy of the gate: which conditions a level and a stage demand.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::evidence::content::Content;
use crate::evidence::kinds::{Kinds, day};
use crate::facts::{Cutoff, SetId, Sets, Shape, ShapeError, Wanted};
use crate::index::PackError;
use crate::index::source::Source;
use crate::system::Stage;

/// A policy of the gate.
#[derive(Clone, Debug)]
pub struct GatePolicy {
    content: Content,
    /// What it is called in the ledger and in decisions: `gate-2026.1`.
    pub id: String,
    /// What it is called in Vietnamese.
    pub vi: String,
    /// What it is called in English.
    pub en: String,
    /// What is to be known about its values.
    pub note: String,
    /// Where they come from.
    pub source: String,
    /// The first day on which it may be used.
    pub valid_from: Date,
    /// The last.
    pub valid_to: Date,
    /// The zone in which days and months are counted, in minutes east of UTC.
    pub offset: i64,
    /// How long a decision holds, in hours.
    pub allow_hours: i64,
    /// How long one that was forced open holds, in hours.
    pub break_glass_hours: i64,
    /// Within how many days it is reviewed.
    pub review_days: i64,
    /// The sets.
    pub sets: Sets,
    /// The conditions, in their order.
    pub conditions: Vec<Condition>,
    wanted: Arc<Wanted>,
}

/// A condition.
#[derive(Clone, Debug)]
pub struct Condition {
    /// Its name in decisions.
    pub id: String,
    /// What it asks, in Vietnamese.
    pub vi: String,
    /// What it asks, in English.
    pub en: String,
    /// The provision it comes from.
    pub source: String,
    /// Before which stages it is asked.
    pub stages: Vec<Stage>,
    /// Of which systems it is asked.
    pub applies: SetId,
    /// Sets that must each have a fact.
    pub needs: Vec<SetId>,
    /// Sets that must have none.
    pub lacks: Vec<SetId>,
}

impl GatePolicy {
    /// The policy that comes with the program.
    pub const BUILT_IN: &str = include_str!("../../../../packs/gate/gate-2026.1.yml");

    /// Reads the YAML of a policy.
    pub fn parse(text: &str, kinds: &Kinds) -> Result<Self, PackError> {
        let source = Source::parse(text)?;
        let content = source.content()?;
        content.check()?;
        read(&content, kinds).map_err(|error| source.at_its_line(error))
    }

    /// Reads a policy from a record of the ledger.
    pub fn from_content(content: &Content, kinds: &Kinds) -> Result<Self, PackError> {
        Ok(read(content, kinds)?)
    }

    /// The policy as a record of the ledger carries it.
    pub fn to_content(&self) -> &Content {
        &self.content
    }

    /// What of records must be kept to decide by it.
    pub fn wanted(&self) -> Arc<Wanted> {
        Arc::clone(&self.wanted)
    }

    /// The instant of a view, in the zone of the policy.
    pub fn cutoff(&self, at: Timestamp) -> Cutoff {
        Cutoff::new(at, self.offset)
    }

    /// Whether it may be used at an instant.
    pub fn is_valid_at(&self, at: Timestamp) -> bool {
        self.cutoff(at).is_within(self.valid_from, self.valid_to)
    }

    /// Whether anything is asked before a stage.
    pub fn asks(&self, stage: Stage) -> bool {
        self.conditions.iter().any(|condition| condition.stages.contains(&stage))
    }

    /// The condition of a name.
    pub fn condition(&self, id: &str) -> Option<&Condition> {
        self.conditions.iter().find(|condition| condition.id == id)
    }
}

fn read(content: &Content, kinds: &Kinds) -> Result<GatePolicy, ShapeError> {
    let top = Shape::new(content, &[])?;
    if top.count("language")? != 1 {
        return Err(top.wrong("language", "only language 1 is known"));
    }
    let mut wanted = Wanted::default();
    let sets = Sets::read(&top.entries("sets")?, &top.path_to("sets"), kinds, &mut wanted)?;
    let mut conditions: Vec<Condition> = Vec::new();
    for (place, content) in top.list("conditions")?.iter().enumerate() {
        let id = content.get("id").and_then(Content::as_text);
        let mut path = top.path_to("conditions");
        path.push(id.map_or_else(|| (place + 1).to_string(), str::to_owned));
        let shape = Shape::new(content, &path)?;
        let condition = condition(&shape, &sets)?;
        if conditions.iter().any(|known| known.id == condition.id) {
            return Err(shape.wrong("id", format!("«{}» is there twice", condition.id)));
        }
        conditions.push(condition);
    }
    if conditions.is_empty() {
        return Err(top.wrong("conditions", "a gate without conditions is none"));
    }
    let hours = |name: &'static str| {
        let hours = top.count(name)?;
        let fits = (1..=24 * 366).contains(&hours);
        if fits { Ok(hours) } else { Err(top.wrong(name, "must be 1 to 8784")) }
    };
    let date = |name: &'static str| {
        let read = day(top.text(name)?);
        read.ok_or_else(|| top.wrong(name, "must be a day like 2026-01-01"))
    };
    let policy = GatePolicy {
        id: top.text("policy")?.to_owned(),
        vi: top.text("vi")?.to_owned(),
        en: top.text("en")?.to_owned(),
        note: top.text("note")?.to_owned(),
        source: top.text("source")?.to_owned(),
        valid_from: date("valid_from")?,
        valid_to: date("valid_to")?,
        offset: top.count("offset_minutes")?,
        allow_hours: hours("allow_hours")?,
        break_glass_hours: hours("break_glass_hours")?,
        review_days: hours("review_days")?,
        sets,
        conditions,
        wanted: Arc::new(wanted),
        content: content.clone(),
    };
    top.done()?;
    Ok(policy)
}

fn condition(shape: &Shape<'_>, sets: &Sets) -> Result<Condition, ShapeError> {
    let applies = shape.text("applies")?;
    let applies = sets
        .find(applies)
        .ok_or_else(|| shape.wrong("applies", format!("there is no set «{applies}»")))?;
    let stages = shape.texts("stages")?.into_iter().map(|name| {
        Stage::parse(name).ok_or_else(|| shape.wrong("stages", format!("«{name}» is no stage")))
    });
    let condition = Condition {
        id: shape.text("id")?.to_owned(),
        vi: shape.text("vi")?.to_owned(),
        en: shape.text("en")?.to_owned(),
        source: shape.text("source")?.to_owned(),
        stages: stages.collect::<Result<_, _>>()?,
        applies,
        needs: sets.joined(shape, "needs")?,
        lacks: sets.joined(shape, "lacks")?,
    };
    if condition.needs.is_empty() && condition.lacks.is_empty() {
        return Err(shape.wrong("needs", "the condition asks for nothing"));
    }
    shape.done()?;
    Ok(condition)
}
