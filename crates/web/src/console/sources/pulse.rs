//! The pulse of a source: one cell a quarter of an hour for 24 hours, as paths of SVG.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use khien_app::use_case::register::{BEATS, Beat};
use khien_domain::ids::SourceId;

/// A pulse as it is drawn: 192 by 14, a cell 2 wide.
pub(in crate::console) struct Pulse {
    /// Classes and paths.
    pub(in crate::console) paths: Vec<(&'static str, String)>,
    /// Events in all.
    pub(in crate::console) events: u64,
    /// Quarters without any.
    pub(in crate::console) empty: u64,
}

/// The pulses of sources by their number; `now` is the quarter of this moment.
pub(super) fn of(beats: &[Beat], now: i64) -> BTreeMap<SourceId, [u64; BEATS as usize]> {
    let mut all: BTreeMap<SourceId, [u64; BEATS as usize]> = BTreeMap::new();
    for beat in beats {
        let cells = all.entry(beat.source).or_insert([0; BEATS as usize]);
        let at = usize::try_from(beat.quarter - (now - BEATS + 1)).ok();
        if let Some(cell) = at.and_then(|at| cells.get_mut(at)) {
            *cell = beat.events;
        }
    }
    all
}

/// Draws cells; those after the last that has events are told apart if the source is silent.
pub(super) fn draw(cells: Option<&[u64; BEATS as usize]>, is_silent: bool) -> Pulse {
    let nothing = [0; BEATS as usize];
    let cells = cells.unwrap_or(&nothing);
    let most = cells.iter().copied().max().unwrap_or_default().max(1);
    let heard = cells.iter().rposition(|events| *events > 0);
    let classes = ["f-n", "f-a o-1", "f-a o-2", "f-a o-3", "f-a o-4", "f-c"];
    let mut paths = classes.map(|class| (class, String::new()));
    for (at, events) in cells.iter().enumerate() {
        let class = match events.saturating_mul(100) / most {
            _ if *events == 0 && is_silent && heard.is_none_or(|heard| at > heard) => 5,
            _ if *events == 0 => 0,
            67.. => 4,
            34.. => 3,
            10.. => 2,
            _ => 1,
        };
        let top = if class == 0 { (6, 2) } else { (0, 14) };
        if let Some((_, path)) = paths.get_mut(class) {
            let _ = write!(path, "M{} {}h1.6v{}h-1.6z", 2 * at, top.0, top.1);
        }
    }
    Pulse {
        paths: paths.into_iter().filter(|(_, path)| !path.is_empty()).collect(),
        events: cells.iter().sum(),
        empty: cells.iter().filter(|events| **events == 0).count() as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beat(quarter: i64, events: u64) -> Beat {
        Beat { source: SourceId(1), quarter, events }
    }

    #[test]
    fn cells_stand_at_their_quarter() {
        let cells = of(&[beat(1000, 8), beat(905, 2), beat(904, 9), beat(1001, 9)], 1000);
        let cells = cells[&SourceId(1)];
        assert_eq!((cells[95], cells[0], cells.iter().sum::<u64>()), (8, 2, 10));
    }

    #[test]
    fn silence_is_told_after_the_last_event_only() {
        let mut cells = [0; BEATS as usize];
        cells[90] = 5;
        let silent = draw(Some(&cells), true);
        let red = silent.paths.iter().find(|(class, _)| *class == "f-c").unwrap();
        assert_eq!(red.1.matches('M').count(), 5);
        assert_eq!((silent.events, silent.empty), (5, 95));
        assert!(draw(Some(&cells), false).paths.iter().all(|(class, _)| *class != "f-c"));
        assert_eq!(draw(None, false).paths.len(), 1);
    }
}
