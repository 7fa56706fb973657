//! What has changed since an earlier table.

use num_traits::Zero as _;

use super::ratio::Ratio;
use super::{IndexPack, Score, Table};

/// How an agency has moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    /// The agency.
    pub agency: String,
    /// Points more, or fewer if negative; `None` if it was not rated before or is not now.
    pub points: Option<Ratio>,
    /// Ranks better, or worse if negative; `None` if it was not ranked both times.
    pub ranks: Option<i64>,
    /// Indicators whose points changed, largest change first.
    pub changes: Vec<Change>,
}

/// How the points of an indicator changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The indicator.
    pub indicator: String,
    /// Points more, or fewer if negative.
    pub points: Ratio,
}

/// How all agencies of a table have moved since an earlier one, each with its pack: indicators are
/// found again by their id.
pub fn movement(earlier: (&IndexPack, &Table), later: (&IndexPack, &Table)) -> Vec<Movement> {
    let moved = |score: &Score| {
        let before = earlier.1.get(&score.agency);
        let points =
            before.and_then(|(before, _)| Some(score.total.as_ref()? - before.total.as_ref()?));
        let rank = later.1.get(&score.agency).and_then(|(_, place)| place.rank);
        let ranks = before.and_then(|(_, place)| Some(place.rank? as i64 - rank? as i64));
        let changes = before.map(|(before, _)| changes(earlier.0, before, later.0, score));
        let changes = changes.unwrap_or_default();
        Movement { agency: score.agency.clone(), points, ranks, changes }
    };
    later.1.scores.iter().map(moved).collect()
}

fn changes(old: &IndexPack, before: &Score, new: &IndexPack, now: &Score) -> Vec<Change> {
    let mut changes = Vec::new();
    for (indicator, outcome) in new.indicators.iter().zip(&now.outcomes) {
        let place = old.indicators.iter().position(|known| known.id == indicator.id);
        let was = place.map_or_else(Ratio::zero, |place| before.outcomes[place].points.clone());
        let points = &outcome.points - was;
        if !points.is_zero() {
            changes.push(Change { indicator: indicator.id.clone(), points });
        }
    }
    let size = |change: &Change| {
        if change.points < Ratio::zero() { -change.points.clone() } else { change.points.clone() }
    };
    changes.sort_by(|a, b| size(b).cmp(&size(a)).then_with(|| a.indicator.cmp(&b.indicator)));
    changes
}
