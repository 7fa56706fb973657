//! All agencies together: ranks, and the text that everybody gets again.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use super::ratio::{shown, text};
use super::{IndexPack, Outcome, Score, State};
use crate::evidence::content::{Content, moment};
use crate::evidence::hex;

/// The place of an agency in its cohort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its rank, from 1; equal scores share one. `None` if it is not ranked.
    pub rank: Option<usize>,
    /// How many agencies the cohort has.
    pub of: usize,
}

/// The index at an instant.
#[derive(Clone, Debug)]
pub struct Table {
    /// The id of the pack.
    pub pack: String,
    /// The instant.
    pub at: Timestamp,
    /// How many records the ledger had.
    pub size: u64,
    /// The scores, by agency.
    pub scores: Vec<Score>,
    /// Their places, in the same order.
    pub places: Vec<Place>,
    text: String,
    hash: String,
}

impl Table {
    /// The table of these scores, which may come in any order and from several parts of the ledger.
    pub fn new(pack: &IndexPack, at: Timestamp, size: u64, mut scores: Vec<Score>) -> Self {
        scores.sort_unstable_by(|a, b| a.agency.cmp(&b.agency));
        let places = places(pack, &scores);
        let text = write(pack, at, size, &scores, &places);
        let hash = hex(&Sha256::digest(&text));
        Self { pack: pack.id.clone(), at, size, scores, places, text, hash }
    }

    /// SHA-256 of the canonical text without the hash itself.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The canonical text, with the hash.
    pub fn to_text(&self) -> String {
        // Names are in order: agencies, at, hash, pack, size.
        let seam = format!(",\"pack\":\"{}\",\"size\":{}}}", self.pack, self.size);
        let body = self.text.strip_suffix(&seam).unwrap_or(&self.text);
        format!("{body},\"hash\":\"{}\"{seam}", self.hash)
    }

    /// The score and place of an agency.
    pub fn get(&self, agency: &str) -> Option<(&Score, Place)> {
        let found = self.scores.binary_search_by(|score| score.agency.as_str().cmp(agency)).ok()?;
        Some((&self.scores[found], self.places[found]))
    }
}

fn places(pack: &IndexPack, scores: &[Score]) -> Vec<Place> {
    let mut cohorts: BTreeMap<&str, Vec<&Score>> = BTreeMap::new();
    for score in scores.iter().filter(|score| score.total.is_some()) {
        if let Some(cohort) = &score.cohort {
            cohorts.entry(cohort).or_default().push(score);
        }
    }
    // Once for each cohort: the scores that are ranked, best first.
    let ranked = |members: &Vec<&Score>| {
        let mut totals: Vec<_> = members
            .iter()
            .filter(|score| score.grade.is_some())
            .map(|score| &score.total)
            .collect();
        totals.sort_unstable_by(|a, b| b.cmp(a));
        totals.into_iter().cloned().collect::<Vec<_>>()
    };
    let ranked: BTreeMap<&str, Vec<_>> =
        cohorts.iter().map(|(cohort, members)| (*cohort, ranked(members))).collect();
    let place = |score: &Score| {
        let cohort = score.cohort.as_deref().unwrap_or_default();
        let of = cohorts.get(cohort).map_or(0, Vec::len);
        let is_ranked = score.grade.is_some() && score.total.is_some() && of >= pack.cohort_least;
        let better = |totals: &Vec<_>| totals.partition_point(|total| *total > score.total);
        let rank = ranked.get(cohort).filter(|_| is_ranked).map(|totals| better(totals) + 1);
        Place { rank, of }
    };
    scores.iter().map(place).collect()
}

fn write(pack: &IndexPack, at: Timestamp, size: u64, scores: &[Score], places: &[Place]) -> String {
    let mut out = String::from("{\"agencies\":[");
    for (place, (score, rank)) in scores.iter().zip(places).enumerate() {
        if place > 0 {
            out.push(',');
        }
        agency(pack, score, *rank).write(&mut out);
    }
    out.push_str(&format!(
        "],\"at\":\"{}\",\"pack\":\"{}\",\"size\":{size}}}",
        moment(at),
        pack.id
    ));
    out
}

fn agency(pack: &IndexPack, score: &Score, place: Place) -> Content {
    let caps = score.caps.iter().map(|cap| Content::from(pack.caps[*cap].id.as_str())).collect();
    let groups = score.groups.iter().map(|(name, (points, weight))| {
        let values = [
            ("points", Content::from(text(points))),
            ("points_shown", shown(points).into()),
            ("weight", text(weight).into()),
        ];
        (name.clone(), Content::map(values))
    });
    let indicators = pack.indicators.iter().zip(&score.outcomes);
    let indicators = indicators.map(|(indicator, its)| (indicator.id.clone(), outcome(its)));
    let mut values = BTreeMap::from([
        ("agency", Content::from(score.agency.as_str())),
        ("caps", Content::List(caps)),
        ("confidence", text(&score.confidence).into()),
        ("groups", Content::map(groups)),
        ("indicators", Content::map(indicators)),
        ("of", (place.of as i64).into()),
    ]);
    if let Some(cohort) = &score.cohort {
        values.insert("cohort", cohort.as_str().into());
    }
    if let Some(total) = &score.total {
        values.insert("score", text(total).into());
        values.insert("score_shown", shown(total).into());
    }
    let grade = |place: usize| Content::from(pack.grades[place].grade.as_str());
    if let Some(place) = score.grade {
        values.insert("grade", grade(place));
    }
    if let Some(place) = score.grade_by_points {
        values.insert("grade_by_points", grade(place));
    }
    if let Some(rank) = place.rank {
        values.insert("rank", (rank as i64).into());
    }
    Content::map(values)
}

fn outcome(outcome: &Outcome) -> Content {
    let mut values = BTreeMap::from([
        ("confident", Content::from(outcome.confident)),
        ("state", outcome.state.name().into()),
    ]);
    if outcome.state != State::NotApplicable {
        values.insert("earned", text(&outcome.earned).into());
        values.insert("points", text(&outcome.points).into());
        values.insert("points_shown", shown(&outcome.points).into());
        values.insert("weight", text(&outcome.weight).into());
    }
    if outcome.state == State::Scored {
        if let Some(firm) = &outcome.firm {
            values.insert("firm", text(firm).into());
        }
        values.insert("value", text(&outcome.value).into());
        values.insert("value_shown", shown(&outcome.value).into());
    }
    Content::map(values)
}
