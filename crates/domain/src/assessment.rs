//! Assessments of systems: which are due by level, and how long findings may stay open.
//!
//! Intervals and days are data ([`AssessmentPack`], `packs/assessment.yml`); what was done is told by
//! records of the ledger. [`AssessmentPack::standing`] says how a system stands by the last of them.

use std::sync::LazyLock;

use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{SignedDuration, Span, Timestamp};
use khien_event::yaml::{self, Node};

use crate::evidence::content::Content;
use crate::evidence::{How, Record};
use crate::facts::{Cutoff, Period};
use crate::risk::Rating;
use crate::system::Level;

/// Days of the province begin and end by this.
const ZONE: Offset = Offset::constant(7);

closed! {
    /// A kind of assessment.
    Check {
        /// A scan for vulnerabilities.
        Scan = "scan",
        /// A penetration test.
        Pentest = "pentest",
        /// An assessment by somebody independent.
        Assessment = "assessment",
        /// A restore from backup.
        Restore = "restore",
    }

    /// What the centre itself looks for in systems in use.
    OwnCheck {
        /// The last restore missed its objectives.
        Restore = "restore-objectives",
        /// It is critical, and no restore was tried, or the last one too long ago.
        Untried = "restore-untried",
        /// Nothing is in place in a layer of protection.
        Layer = "empty-layer",
        /// It is joined to another network without a decision.
        ZoneLink = "zone-link",
        /// It is critical and needs what recovers later.
        SlowerNeed = "slower-need",
        /// It is critical and has no continuity plan.
        Continuity = "no-continuity",
        /// It is in test and can be reached from the Internet.
        TestExposed = "test-exposed",
    }

    /// How an assessment of a system stands.
    State {
        /// It is past its day, or was never done.
        Overdue = "overdue",
        /// It is due within the warning.
        Soon = "soon",
        /// Only the agency says that it was done: the gate does not count it.
        Declared = "declared",
        /// It is done.
        Done = "done",
    }
}

impl Check {
    /// The kind of evidence that tells that it was done.
    pub fn evidence(self) -> &'static str {
        match self {
            Self::Scan => "scan.done",
            Self::Pentest => "pentest.done",
            Self::Assessment => "assessment.done",
            Self::Restore => "restore.tested",
        }
    }

    /// Whether a record of it counts: an assessment is independent, a restore met its objectives.
    fn counts(self, content: &Content) -> bool {
        let is = |name| content.get(name).and_then(Content::as_bool) == Some(true);
        match self {
            Self::Scan | Self::Pentest => true,
            Self::Assessment => is("independent"),
            Self::Restore => is("success") && is("rto_met") && is("rpo_met"),
        }
    }
}

/// How an assessment of a system stands, and by which record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// How it stands.
    pub state: State,
    /// The record that says so: its number, and when it was.
    pub done: Option<(u64, Timestamp)>,
    /// By when it is to be done again; nothing if it never was.
    pub due: Option<Date>,
}

/// Something that the centre itself looks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Own {
    /// What it is called.
    pub vi: String,
    /// The same in English.
    pub en: String,
    /// How grave it is.
    pub severity: Rating,
    /// From which level of systems on it is looked for.
    pub from: Level,
}

/// Intervals and days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssessmentPack {
    /// Where it comes from.
    pub source: String,
    /// What is to be known about it.
    pub note: String,
    /// How many days before it is due an assessment is soon due.
    pub warning_days: i64,
    /// A finding that is exploited and can be reached is fixed within so many days.
    pub kev_days: i64,
    intervals: [[Option<Period>; 5]; 4],
    due_days: [i64; 4],
    accept_days: [i64; 4],
    scores: [i64; 3],
    own: Vec<Own>,
}

/// A pack that does not say what is needed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("assessment pack: {0}")]
pub struct AssessmentPackError(String);

impl AssessmentPack {
    /// The pack that comes with the program.
    pub const BUILT_IN: &str = include_str!("../../../packs/assessment.yml");

    /// The pack that comes with the program.
    pub fn built_in() -> Result<&'static Self, AssessmentPackError> {
        static PACK: LazyLock<Result<AssessmentPack, AssessmentPackError>> =
            LazyLock::new(|| AssessmentPack::parse(AssessmentPack::BUILT_IN));
        PACK.as_ref().map_err(Clone::clone)
    }

    /// Reads a pack.
    pub fn parse(text: &str) -> Result<Self, AssessmentPackError> {
        let wrong = |what: String| AssessmentPackError(what);
        let documents = yaml::parse(text).map_err(|error| wrong(error.to_string()))?;
        let [pack] = documents.as_slice() else {
            return Err(wrong("one document is expected".into()));
        };
        let said = |key: &str| {
            let value = pack.get_str(key).map(str::to_owned);
            value.ok_or_else(|| wrong(format!("«{key}» is missing")))
        };
        let mut intervals = [[None; 5]; 4];
        for (check, row) in Check::ALL.iter().zip(&mut intervals) {
            let node = pack.get("intervals").and_then(|node| node.get(check.name()));
            let node =
                node.ok_or_else(|| wrong(format!("intervals: «{}» is missing", check.name())))?;
            for (level, cell) in Level::ALL.iter().zip(row) {
                let Some(text) = node.get_str(&level.number().to_string()) else { continue };
                let period = Period::parse(text);
                *cell = Some(period.ok_or_else(|| {
                    wrong(format!("intervals: «{text}» is no time like 90 days or 12 months"))
                })?);
            }
        }
        let scores = numbers(pack, "scores", &[Rating::Medium, Rating::High, Rating::Critical])?;
        if !scores.is_sorted() || scores.iter().any(|score| *score > 100) {
            return Err(wrong("scores: they rise from medium to critical, to 100 at most".into()));
        }
        let count = |key: &str| {
            let number = pack.get_str(key).and_then(|text| text.parse().ok());
            number
                .filter(|number| (1..=1095).contains(number))
                .ok_or_else(|| wrong(format!("«{key}» is 1 to 1095")))
        };
        Ok(Self {
            source: said("source")?,
            note: said("note")?,
            warning_days: count("warning_days")?,
            kev_days: count("kev_days")?,
            intervals,
            due_days: numbers(pack, "due_days", &Rating::ALL)?,
            accept_days: numbers(pack, "accept_days", &Rating::ALL)?,
            scores,
            own: own(pack)?,
        })
    }

    /// What is said of something that the centre itself looks for.
    pub fn own(&self, check: OwnCheck) -> &Own {
        &self.own[check as usize]
    }

    /// How long an assessment is good for systems of a level; nothing if it is not asked of them.
    pub fn interval(&self, check: Check, level: Level) -> Option<Period> {
        self.intervals[check as usize][usize::from(level.number()) - 1]
    }

    /// By when a finding is to be fixed.
    pub fn due(&self, severity: Rating, is_exploited: bool, found: Date) -> Date {
        let days = self.due_days[severity as usize];
        let days = if is_exploited { days.min(self.kev_days) } else { days };
        found.saturating_add(Span::new().days(days))
    }

    /// How many days somebody may bear a finding at most.
    pub fn accept_days(&self, severity: Rating) -> i64 {
        self.accept_days[severity as usize]
    }

    /// The severity of a score in tenths, 0 to 100.
    pub fn severity(&self, tenths: i64) -> Rating {
        let [medium, high, critical] = self.scores;
        match tenths {
            score if score >= critical => Rating::Critical,
            score if score >= high => Rating::High,
            score if score >= medium => Rating::Medium,
            _ => Rating::Low,
        }
    }

    /// How an assessment of a system of a level stands at a moment, by the records of its kind about the
    /// system that nothing corrects; nothing if it is not asked of that level. As the gate does, the last
    /// record counts that is more than the agency's word.
    pub fn standing<'r>(
        &self,
        check: Check,
        level: Level,
        records: impl IntoIterator<Item = &'r Record>,
        now: Timestamp,
    ) -> Option<Standing> {
        let period = self.interval(check, level)?;
        let (mut firm, mut any): (Option<&Record>, Option<&Record>) = (None, None);
        for record in records {
            let is_later = |than: Option<&Record>| {
                than.is_none_or(|than| {
                    (than.about.at, than.about.seq) < (record.about.at, record.about.seq)
                })
            };
            if is_later(any) {
                any = Some(record);
            }
            if record.about.how != How::Declared && is_later(firm) {
                firm = Some(record);
            }
        }
        let is_good = |record: &Record| {
            let since = Cutoff::new(now, i64::from(ZONE.seconds()) / 60).before(period);
            let is_over = record.about.until.is_some_and(|until| until <= now);
            !is_over && record.about.at.as_second() > since && check.counts(&record.content)
        };
        let told = |state, record: &Record| {
            let at = record.about.at;
            Standing { state, done: Some((record.about.seq, at)), due: Some(after(at, period)) }
        };
        Some(match (firm, any) {
            (Some(record), _) if is_good(record) => {
                let warned = now.saturating_add(SignedDuration::from_hours(24 * self.warning_days));
                let warned = warned.unwrap_or(now);
                let is_soon = after(record.about.at, period) <= ZONE.to_datetime(warned).date();
                told(if is_soon { State::Soon } else { State::Done }, record)
            }
            (_, Some(record)) if is_good(record) => told(State::Declared, record),
            (Some(record), _) | (None, Some(record)) => told(State::Overdue, record),
            (None, None) => Standing { state: State::Overdue, done: None, due: None },
        })
    }
}

/// What the centre itself looks for, in the order of [`OwnCheck::ALL`].
fn own(pack: &Node<'_>) -> Result<Vec<Own>, AssessmentPackError> {
    let one = |check: OwnCheck| {
        let wrong = |what| AssessmentPackError(format!("own: {}: {what}", check.name()));
        let node = pack.get("own").and_then(|node| node.get(check.name()));
        let node = node.ok_or_else(|| wrong("it is missing"))?;
        let said = |key| node.get_str(key).filter(|text| !text.is_empty()).map(str::to_owned);
        let level = said("from").and_then(|text| text.parse().ok()).and_then(Level::new);
        Ok(Own {
            vi: said("vi").ok_or_else(|| wrong("«vi» is missing"))?,
            en: said("en").ok_or_else(|| wrong("«en» is missing"))?,
            severity: said("severity")
                .and_then(|name| Rating::parse(&name))
                .ok_or_else(|| wrong("«severity» is low, medium, high or critical"))?,
            from: level.ok_or_else(|| wrong("«from» is a level from 1 to 5"))?,
        })
    };
    OwnCheck::ALL.iter().map(|check| one(*check)).collect()
}

/// The day a period after a moment.
fn after(at: Timestamp, period: Period) -> Date {
    let day = ZONE.to_datetime(at).date();
    day.saturating_add(match period {
        Period::Months(months) => Span::new().months(months),
        Period::Days(days) => Span::new().days(days),
        Period::Hours(hours) => Span::new().days(hours / 24),
    })
}

/// Numbers by severity.
fn numbers<const N: usize>(
    pack: &Node<'_>,
    key: &str,
    of: &[Rating; N],
) -> Result<[i64; N], AssessmentPackError> {
    let mut numbers = [0; N];
    for (rating, number) in of.iter().zip(&mut numbers) {
        let found = pack.get(key).and_then(|node| node.get_str(rating.name()));
        let found = found.and_then(|text| text.parse().ok());
        *number = found
            .filter(|number| (1..=1095).contains(number))
            .ok_or_else(|| AssessmentPackError(format!("{key}: {} is 1 to 1095", rating.name())))?;
    }
    Ok(numbers)
}
