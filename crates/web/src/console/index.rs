//! `/index`: how able each agency is, and why: from a rank to the record that made it.

pub(super) mod appeals;
pub(super) mod board;
pub(super) mod indicator;
pub(super) mod letter;
pub(super) mod pillars;
pub(super) mod rounds;
pub(super) mod sensitivity;
pub(super) mod sheet;
pub(super) mod standing;
pub(super) mod todo;
pub(super) mod why;

use std::sync::Arc;

use jiff::Timestamp;
use khien_app::use_case::index::{self, Computed, Live};
use khien_domain::code::AgencyCode;
use khien_domain::facts::{Scope, Trust};
use khien_domain::index::ratio::{Ratio, cut, shown, shown_beside, shown_of, whole};
use khien_domain::index::{Cap, Group, IndexPack, Indicator, Outcome, Place, Score, State};
use khien_domain::permission::Permission;

use super::Console;
use super::error::PageError;
use super::frame::Frame;
use super::visit::Visiting;

/// A share as a length of a hundred.
fn percent(share: &Ratio) -> u32 {
    let number: f64 = shown(&(share * whole(100))).parse().unwrap_or_default();
    number.clamp(0.0, 100.0).round() as u32
}

/// A bar of a share.
struct Meter {
    width: u32,
    class: &'static str,
}

impl Meter {
    fn of(part: &Ratio, all: &Ratio) -> Self {
        let width = if *all == whole(0) { 0 } else { percent(&(part / all)) };
        let class = match width {
            85.. => "f-g",
            40.. => "f-m",
            _ => "f-c",
        };
        Self { width, class }
    }

    /// The bar of an indicator: full and green only if all its points are had.
    fn of_points(part: &Ratio, all: &Ratio) -> Self {
        if *all == whole(0) || part >= all {
            return Self::of(part, all);
        }
        let meter = Self::of(part, all);
        Self { width: meter.width.min(99), class: if meter.width < 40 { "f-c" } else { "f-m" } }
    }
}

/// Points that are had and that could be had.
fn points(f: &Frame, had: &Ratio, of: &Ratio) -> (String, String) {
    let (had, of) = shown_of(had, of);
    (f.decimal(had), f.decimal(of))
}

/// The name of something that is called in two languages.
fn called<'a>(f: &Frame, vi: &'a str, en: &'a str) -> &'a str {
    if f.is_english() { en } else { vi }
}

/// How the index stands, with what pages ask of it.
struct View {
    live: Arc<Live>,
}

impl View {
    async fn of(console: &Arc<Console>, visiting: &Visiting) -> Result<Self, PageError> {
        Ok(Self { live: index::live(&console.app, &visiting.caller).await? })
    }

    fn now(&self) -> &Computed {
        &self.live.now
    }

    fn pack(&self) -> &IndexPack {
        &self.live.now.pack
    }

    fn at(&self) -> Timestamp {
        self.live.now.table.at
    }

    /// The score and place of an agency that whoever visits may see.
    fn agency(&self, visiting: &Visiting, code: &AgencyCode) -> Result<(&Score, Place), PageError> {
        let may = visiting.caller.actor.require(Permission::EvidenceRead, code);
        may.map_err(|_| PageError::not_found())?;
        self.now().table.get(code.as_str()).ok_or_else(PageError::not_found)
    }

    /// What holds the grade of an agency down.
    fn caps(&self, f: &Frame, score: &Score) -> Vec<CapShown> {
        let (pack, view) = (self.pack(), &self.now().view);
        let Some(agency) = view.agency(&score.agency) else { return Vec::new() };
        let scope = Scope::new(view, &pack.sets, agency);
        let caps = score.caps.iter().filter_map(|cap| pack.caps.get(*cap));
        let shown = |cap: &Cap| {
            let facts = scope.members(cap.set, Trust::Any);
            let seqs = facts.filter_map(|item| Some(scope.fact(item, Trust::Any)?.seq));
            CapShown {
                why: called(f, &cap.vi, &cap.en).to_owned(),
                seqs: seqs.take(CAP_RECORDS).collect(),
            }
        };
        caps.map(shown).collect()
    }

    /// Points more or fewer than in the round that was published last, or thirty days ago; if it was rated then.
    fn moved(&self, score: &Score) -> Option<Ratio> {
        let (before, _) = self.live.before.table.get(&score.agency)?;
        Some(score.total.as_ref()? - before.total.as_ref()?)
    }
}

/// What holds a grade down, with the records that say so.
struct CapShown {
    why: String,
    seqs: Vec<u64>,
}

/// Records of a cap that are shown.
const CAP_RECORDS: usize = 3;

/// A score as tables show it.
struct Shown {
    total: String,
    grade: String,
    confidence: String,
    moved: Option<(String, bool)>,
    rank: Option<usize>,
    of: usize,
    caps: Vec<CapShown>,
    /// The best grade that caps leave.
    cap: Option<String>,
}

impl Shown {
    fn of(f: &Frame, view: &View, score: &Score, place: Place) -> Self {
        let pack = view.pack();
        let grade = score.grade.and_then(|grade| pack.grades.get(grade));
        let moved = view.moved(score).filter(|moved| shown(moved) != "0.00");
        let caps = score.caps.iter().filter_map(|cap| pack.caps.get(*cap));
        let worst = caps.clone().filter_map(|cap: &Cap| cap.to).max();
        Self {
            cap: worst.and_then(|grade| pack.grades.get(grade)).map(|grade| grade.grade.clone()),
            total: score.total.as_ref().map_or_else(
                || "–".to_owned(),
                |total| {
                    // What does not reach a grade never reads as if it did.
                    let mut from = pack.grades.iter().rev().map(|grade| &grade.from);
                    from.find(|from| *from > total)
                        .map_or_else(|| f.ratio(total), |next| f.decimal(shown_beside(total, next)))
                },
            ),
            grade: grade.map_or("–", |grade| &grade.grade).to_owned(),
            confidence: format!("{}%", percent(&score.confidence)),
            moved: moved.map(|moved| {
                let is_up = moved > whole(0);
                let size = if is_up { moved } else { -moved };
                (f.ratio(&size), is_up)
            }),
            rank: place.rank,
            of: place.of,
            caps: view.caps(f, score),
        }
    }

    fn caps(&self) -> String {
        self.caps.iter().map(|cap| cap.why.as_str()).collect::<Vec<_>>().join("; ")
    }
}

/// The points of a group.
struct GroupShown {
    id: String,
    name: String,
    points: String,
    of: String,
    meter: Meter,
}

fn groups(f: &Frame, pack: &IndexPack, score: &Score) -> Vec<GroupShown> {
    let all = pack.groups.iter().map(|(id, group): (&String, &Group)| {
        let name = called(f, &group.vi, &group.en).to_owned();
        let found = score.groups.get(id);
        let (points, of) = found.cloned().unwrap_or((whole(0), whole(0)));
        let meter = Meter::of(&points, &of);
        let (points, of) = self::points(f, &points, &of);
        GroupShown { id: id.clone(), name, points, of, meter }
    });
    all.collect()
}

/// An indicator's value with its unit.
fn value(f: &Frame, indicator: &Indicator, outcome: &Outcome) -> String {
    match outcome.state {
        State::NoEvidence => f.t("index-none"),
        State::NotApplicable => f.t("index-not-applicable"),
        State::Scored => with_unit(f, indicator, &outcome.value),
    }
}

/// A value, target or floor with the unit. What does not reach the target never reads as if it did.
fn with_unit(f: &Frame, indicator: &Indicator, value: &Ratio) -> String {
    let text = match indicator.unit.as_str() {
        "ratio" => cut(&(value * whole(100)), 3),
        _ => shown_beside(value, &indicator.target),
    };
    let short = match text.split_once('.') {
        Some((units, decimals)) if decimals.bytes().all(|digit| digit == b'0') => units,
        Some(_) => text.trim_end_matches('0'),
        None => &text,
    };
    let short = f.decimal(short.to_owned());
    match indicator.unit.as_str() {
        "%" | "ratio" => format!("{short}%"),
        "minutes" => format!("{short}\u{a0}{}", f.t("index-unit-minutes")),
        "hours" => format!("{short}\u{a0}{}", f.t("index-unit-hours")),
        _ => short,
    }
}

/// How an indicator comes about: `A + document` in words.
fn mode(f: &Frame, mode: &str) -> String {
    let parts = mode.split(|letter: char| !letter.is_ascii_alphanumeric());
    let name: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    let name = name.join("-").to_lowercase();
    if f.has_word("index-mode", &name) { f.word("index-mode", &name) } else { mode.to_owned() }
}

/// How the value of an indicator is known.
fn known(f: &Frame, outcome: &Outcome) -> String {
    match outcome.state {
        State::Scored if outcome.confident => f.t("index-measured"),
        State::Scored if outcome.firm.as_ref() == Some(&outcome.value) => f.t("index-documented"),
        State::Scored => f.t("index-declared"),
        State::NoEvidence | State::NotApplicable => String::new(),
    }
}
