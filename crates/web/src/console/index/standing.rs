//! How agencies stand by the index, in a few rows: the first and the last of each cohort, or the one agency that
//! whoever visits may see with what would raise it.
//!
//! In go the table that was computed last and names, out come rows for the overview; nothing is computed anew
//! for it.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use khien_app::use_case::index;
use khien_domain::code::AgencyCode;
use khien_domain::index::{Indicator, Place, Score};
use khien_domain::text::collation;

use super::todo::gains;
use super::{Shown, View, called};
use crate::console::Console;
use crate::console::error::PageError;
use crate::console::evidence::said::Names;
use crate::console::frame::Frame;
use crate::console::visit::Visiting;

/// So many agencies at each end of a cohort.
const ENDS: usize = 3;
/// So many things to do.
const GAINS: usize = 3;

/// How agencies stand.
pub(in crate::console) struct Standing {
    /// Of when the table is.
    pub(in crate::console) at: Timestamp,
    /// What movement is told against, as the board heads it.
    pub(in crate::console) since: String,
    /// The cohorts, if more than one agency is seen.
    pub(in crate::console) cohorts: Vec<Cohort>,
    /// The one agency that is seen.
    pub(in crate::console) own: Option<Own>,
}

/// The ends of a cohort.
pub(in crate::console) struct Cohort {
    pub(in crate::console) id: String,
    pub(in crate::console) name: String,
    /// Whether it is too small to be ranked.
    pub(in crate::console) is_unranked: bool,
    /// The first of it, and the last if it has more.
    pub(in crate::console) first: Vec<Line>,
    pub(in crate::console) last: Vec<Line>,
    /// How many are between them.
    pub(in crate::console) between: usize,
}

/// An agency.
pub(in crate::console) struct Line {
    pub(in crate::console) code: String,
    pub(in crate::console) name: String,
    /// Its rank, or a dash.
    pub(in crate::console) rank: String,
    pub(in crate::console) total: String,
    pub(in crate::console) grade: String,
    /// The best grade that caps leave.
    pub(in crate::console) cap: Option<String>,
    /// Points more or fewer, and whether they are more.
    pub(in crate::console) moved: Option<(String, bool)>,
}

/// The one agency that is seen.
pub(in crate::console) struct Own {
    pub(in crate::console) line: Line,
    /// How many agencies its cohort has.
    pub(in crate::console) of: usize,
    /// What would raise it most: the indicator, what to do, the points.
    pub(in crate::console) gains: Vec<(String, String, String)>,
}

impl Standing {
    /// How the agencies stand that have a name here; `None` while the first table is made.
    pub(in crate::console) async fn of(
        console: &Arc<Console>,
        visiting: &Visiting,
        f: &Frame,
        agencies: &BTreeMap<AgencyCode, String>,
    ) -> Result<Option<Self>, PageError> {
        let Some(live) = index::last_seen(&console.app, &visiting.caller).await? else {
            return Ok(None);
        };
        let view = View { live };
        let table = &view.now().table;
        let seen = table.scores.iter().zip(&table.places).filter_map(|(score, place)| {
            let name = agencies.get(&AgencyCode::new(&score.agency).ok()?)?;
            Some(Seen { score, place: *place, name })
        });
        let seen: Vec<Seen<'_>> = seen.collect();
        let (mut cohorts, mut own) = (Vec::new(), None);
        match seen.as_slice() {
            [one] => {
                let names = Names::of(console, visiting, f).await?;
                own = Some(one.own(f, &view, &names));
            }
            all => cohorts = self::cohorts(f, &view, all),
        }
        let since = match view.live.since {
            Some(year) => f.v("rounds-since", "year", year),
            None => f.t("index-movement"),
        };
        Ok(Some(Self { at: view.at(), since, cohorts, own }))
    }
}

/// An agency that is seen.
#[derive(Clone, Copy)]
struct Seen<'v> {
    score: &'v Score,
    place: Place,
    name: &'v str,
}

impl Seen<'_> {
    fn line(&self, f: &Frame, view: &View) -> Line {
        let shown = Shown::of(f, view, self.score, self.place);
        Line {
            code: self.score.agency.clone(),
            name: self.name.to_owned(),
            rank: shown.rank.map_or_else(|| "–".to_owned(), |rank| rank.to_string()),
            total: shown.total,
            grade: shown.grade,
            cap: shown.cap,
            moved: shown.moved,
        }
    }

    fn own(&self, f: &Frame, view: &View, names: &Names) -> Own {
        let (pack, now) = (view.pack(), view.now());
        let gains = now.view.agency(&self.score.agency).map(|id| {
            let why = |indicator: &Indicator| pack.explain(&now.view, id, indicator);
            gains(f, pack, self.score, names, why, GAINS)
        });
        let gains = gains.into_iter().flatten().map(|gain| (gain.id, gain.todo, gain.points));
        Own { line: self.line(f, view), of: self.place.of, gains: gains.collect() }
    }
}

/// The ends of each cohort, in the order of the board.
fn cohorts(f: &Frame, view: &View, seen: &[Seen<'_>]) -> Vec<Cohort> {
    let cohort = |(id, cohort): (&String, &khien_domain::index::Cohort)| {
        let is_its = |seen: &&Seen<'_>| seen.score.cohort.as_ref() == Some(id);
        let mut its: Vec<Seen<'_>> = seen.iter().filter(is_its).copied().collect();
        its.sort_by_cached_key(|seen| {
            (seen.place.rank.is_none(), seen.place.rank, collation(seen.name))
        });
        let lines = |seen: &[Seen<'_>]| seen.iter().map(|seen| seen.line(f, view)).collect();
        let (first, rest) = its.split_at(its.len().min(ENDS));
        let between = rest.len().saturating_sub(ENDS);
        Cohort {
            id: id.clone(),
            name: called(f, &cohort.vi, &cohort.en).to_owned(),
            is_unranked: its.iter().all(|seen| seen.place.rank.is_none()),
            first: lines(first),
            last: lines(&rest[between..]),
            between,
        }
    };
    let cohorts = view.pack().cohorts.iter().map(cohort);
    cohorts.filter(|cohort| !cohort.first.is_empty()).collect()
}
