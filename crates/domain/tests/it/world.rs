//! A ledger in a test: records are said one by one, each checked against its kind as in the program.

use std::sync::{Arc, LazyLock};

use jiff::{Timestamp, ToSpan as _};
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::evidence::content::Content;
use khien_domain::evidence::kinds::{Field, Kind, Kinds, Most, Recorder, Subject};
use khien_domain::evidence::{How, NewEvidence, Origin};
use khien_domain::facts::{Facts, View, Voided};
use khien_domain::index::{IndexPack, Outcome, Score, Table};

/// 08:00 on 15 October 2026 in the province.
pub(crate) const AT: &str = "2026-10-15T01:00:00Z";

pub(crate) fn kinds() -> &'static Kinds {
    static KINDS: LazyLock<Kinds> = LazyLock::new(|| Kinds::parse(Kinds::BUILT_IN).unwrap());
    &KINDS
}

pub(crate) fn pack() -> &'static IndexPack {
    static PACK: LazyLock<IndexPack> = LazyLock::new(|| {
        IndexPack::parse(IndexPack::BUILT_IN, kinds()).unwrap_or_else(|error| panic!("{error}"))
    });
    &PACK
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// So many days before [`AT`].
pub(crate) fn days_ago(days: i64) -> Timestamp {
    at(AT).checked_sub((days * 24).hours()).unwrap()
}

/// A record to be said.
#[derive(Clone, Debug)]
pub(crate) struct Say {
    pub(crate) agency: Option<String>,
    pub(crate) kind: String,
    pub(crate) system: Option<String>,
    pub(crate) subject: String,
    pub(crate) at: Timestamp,
    pub(crate) until: Option<Timestamp>,
    pub(crate) how: How,
    pub(crate) corrects: Option<u64>,
    pub(crate) content: Content,
}

/// A measured record of yesterday; content in canonical JSON.
pub(crate) fn say(agency: &str, kind: &str, content: &str) -> Say {
    Say {
        agency: Some(agency.into()),
        kind: kind.into(),
        system: None,
        subject: agency.into(),
        at: days_ago(1),
        until: None,
        how: How::Measured,
        corrects: None,
        content: Content::parse(content).unwrap_or_else(|error| panic!("{content}: {error}")),
    }
}

impl Say {
    pub(crate) fn system(self, system: &str) -> Self {
        Self { system: Some(system.into()), subject: system.into(), ..self }
    }

    pub(crate) fn subject(self, subject: &str) -> Self {
        Self { subject: subject.into(), ..self }
    }

    pub(crate) fn at(self, at: Timestamp) -> Self {
        Self { at, ..self }
    }

    pub(crate) fn how(self, how: How) -> Self {
        Self { how, ..self }
    }

    pub(crate) fn until(self, until: Timestamp) -> Self {
        Self { until: Some(until), ..self }
    }

    pub(crate) fn corrects(self, seq: u64) -> Self {
        Self { corrects: Some(seq), ..self }
    }
}

/// An agency of a kind, within scope.
pub(crate) fn agency(code: &str, kind: &str) -> Say {
    let content = format!(
        "{{\"centre\":false,\"cohort\":\"K\",\"in_scope\":true,\"kind\":\"{kind}\",\"name\":\"Cơ quan mẫu\"}}"
    );
    say(code, "agency.profile", &content)
}

/// An operating system of a level.
pub(crate) fn system(agency: &str, code: &str, level: i64) -> Say {
    let content = format!(
        "{{\"critical\":false,\"head_named\":true,\"internet\":true,\"kind\":\"information-system\",\"level\":{level},\"name\":\"Hệ thống mẫu\",\"owner_named\":true,\"personal_data\":true,\"stage\":\"operation\",\"zone\":\"internet\"}}"
    );
    say(agency, "system.profile", &content).system(code)
}

/// The register was confirmed as complete, with so many systems.
pub(crate) fn confirmed(agency: &str, systems: i64) -> Say {
    say(agency, "register.confirmed", &format!("{{\"systems\":{systems}}}"))
}

/// Records with their numbers.
#[derive(Clone, Debug, Default)]
pub(crate) struct World {
    pub(crate) lines: Vec<String>,
}

impl World {
    pub(crate) fn of(said: impl IntoIterator<Item = Say>) -> Self {
        let mut world = Self::default();
        said.into_iter().for_each(|say| {
            world.say(say);
        });
        world
    }

    /// Writes a record and returns its number.
    pub(crate) fn say(&mut self, say: Say) -> u64 {
        let seq = self.lines.len() as u64;
        let new = NewEvidence {
            kind: say.kind,
            schema: 1,
            content: say.content,
            agency: say.agency.map(|code| AgencyCode::new(&code).unwrap()),
            system: say.system.map(|code| SystemCode::new(&code).unwrap()),
            subject: say.subject,
            origin: Origin::Probe,
            reference: "thử".into(),
            how: say.how,
            by: "khien".into(),
            at: say.at,
            until: say.until,
            corrects: say.corrects,
        };
        let new = kinds().check(new, Recorder::Centre).unwrap_or_else(|error| panic!("{error}"));
        self.lines.push(new.at_place(seq, &"0".repeat(64), at(AT)).to_line());
        seq
    }

    pub(crate) fn view(&self, pack: &IndexPack, instant: &str) -> View {
        view(self.lines.iter().map(String::as_str), pack, instant, None)
    }

    pub(crate) fn table(&self, pack: &IndexPack, instant: &str) -> Table {
        let view = self.view(pack, instant);
        Table::new(pack, at(instant), view.read(), pack.scores(&view).collect())
    }

    /// The score of an agency at [`AT`].
    pub(crate) fn score(&self, agency: &str) -> Score {
        let table = self.table(pack(), AT);
        table.get(agency).unwrap().0.clone()
    }
}

pub(crate) fn view<'l>(
    lines: impl Iterator<Item = &'l str> + Clone,
    pack: &IndexPack,
    instant: &str,
    size: Option<u64>,
) -> View {
    let cutoff = pack.cutoff(at(instant));
    let mut voided = Voided::default();
    for line in lines.clone() {
        voided.read(line, &cutoff, size).unwrap();
    }
    let mut facts = Facts::new(pack.wanted(), cutoff, size, Arc::new(voided));
    for line in lines {
        facts.read(line).unwrap_or_else(|error| panic!("{line}: {error}"));
    }
    facts.finish()
}

/// What an agency has by an indicator.
pub(crate) fn outcome(score: &Score, id: &str) -> Outcome {
    let pack = pack();
    let place = pack.indicators.iter().position(|indicator| indicator.id == id).unwrap();
    score.outcomes[place].clone()
}

/// A small generator of numbers that follow from the seed alone.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut value = self.0;
        value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (value ^ (value >> 31)) % limit
    }

    fn one_of<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts[self.below(texts.len() as u64) as usize]
    }
}

/// Agencies with systems, and records of every kind about them, good and bad, fresh and old.
pub(crate) fn random(seed: u64, agencies: usize, records: usize) -> Vec<Say> {
    let kinds: Vec<&Kind> = kinds().all().filter(|kind| kind.about != Subject::Ledger).collect();
    let mut dice = Dice(seed);
    let mut said = Vec::new();
    for number in 0..agencies {
        let code = format!("cq-{number}");
        let kind = dice.one_of(&["government", "commune", "party", "unit"]);
        said.push(agency(&code, kind).at(days_ago(300)));
        for level in 1..=1 + dice.below(4) as i64 {
            said.push(system(&code, &format!("{code}-ht-{level}"), level).at(days_ago(300)));
        }
        if dice.below(2) == 0 {
            said.push(confirmed(&code, dice.below(2) as i64));
        }
    }
    // Who there is stays: only what is told of them is corrected.
    let first = said.len();
    for _ in first..records {
        let kind = kinds[dice.below(kinds.len() as u64) as usize];
        if kind.name == "agency.profile" || kind.name == "evidence.withdrawn" {
            continue;
        }
        let code = format!("cq-{}", dice.below(agencies as u64));
        let mut fields = Vec::new();
        for (name, (field, must)) in &kind.fields {
            if *must || dice.below(3) > 0 {
                fields.push((name.clone(), value(&mut dice, field)));
            }
        }
        for (part, whole) in &kind.most {
            let count = |name: &String| {
                let found = fields.iter().find(|(field, _)| field == name);
                found.and_then(|(_, value)| value.as_int()).unwrap_or(0)
            };
            let whole = match whole {
                Most::Field(whole) => count(whole),
                Most::Number(number) => *number,
            };
            let least = count(part).min(whole);
            fields.retain(|(field, _)| field != part);
            fields.push((part.clone(), least.into()));
        }
        let content = Content::map(fields);
        let mut say = Say { content, ..say(&code, &kind.name, "{}") };
        if kind.about == Subject::System {
            say = say.system(&format!("{code}-ht-{}", 1 + dice.below(4)));
        }
        if !matches!(kind.subject.as_str(), "system" | "agency") {
            say = say.subject(&format!("{}-{}", kind.subject, dice.below(4)));
        }
        // By the hour, so that often two are of the same moment and their order decides.
        say.at = at(AT).checked_add((2 - dice.below(84) as i64).hours()).unwrap();
        if dice.below(3) == 0 {
            say.at = say.at.checked_sub((dice.below(600) as i64 * 24).hours()).unwrap();
        }
        say.how = How::ALL[dice.below(3) as usize];
        if dice.below(6) == 0 {
            say.until = Some(say.at.checked_add((1 + dice.below(4_000) as i64).hours()).unwrap());
        }
        if dice.below(12) == 0 && said.len() > first {
            say.corrects = Some(first as u64 + dice.below((said.len() - first) as u64));
        }
        said.push(say);
    }
    said
}

fn value(dice: &mut Dice, field: &Field) -> Content {
    let days = dice.below(420) as i64 - 20;
    match field {
        Field::Int => (dice.below(8) as i64).into(),
        Field::Bool => (dice.below(4) > 0).into(),
        Field::Text => "mẫu \"một\"".into(),
        Field::Day => days_ago(days).to_string()[..10].into(),
        Field::Moment => {
            days_ago(days).checked_add((dice.below(9) as i64 * 600).seconds()).unwrap().into()
        }
        Field::Map => {
            Content::map([("trong", true)].map(|(name, value)| (name, Content::from(value))))
        }
        Field::Word(words) => words[dice.below(words.len() as u64) as usize].as_str().into(),
    }
}
