//! Plans looked at side by side: the same line twice, purchases of several agencies, years.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::{Line, Reading, Sums};
use crate::code::AgencyCode;
use crate::text::without_diacritics;

/// The same thing that several agencies pay for in one year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overlap<'l> {
    /// What it is, as the first of them writes it.
    pub what: &'l str,
    /// Whether they buy it together already.
    pub is_joint: bool,
    /// The lines, by agency and code.
    pub lines: Vec<&'l Line>,
    /// What is planned for them together.
    pub sums: Sums,
}

/// A year of an agency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Year<'l> {
    /// Which.
    pub year: i16,
    /// What is planned.
    pub planned: Sums,
    /// What has to be renewed in it, by day.
    pub renewals: Vec<(Date, &'l Line)>,
    /// What is supported no longer in it, by day.
    pub ends: Vec<(Date, &'l Line)>,
}

/// The line that claims the same: of the same plan it has the code, or the name and the class; of any plan it is
/// of the same joint purchase with the same name and amount.
pub fn twice<'l>(line: &Line, others: &'l [Line]) -> Option<&'l Line> {
    let (new, name) = (&line.about, folded(&line.about.name));
    others.iter().filter(|other| other.year == line.year).find(|other| {
        let about = &other.about;
        let is_named = folded(&about.name) == name;
        let is_joint = new.purchase.is_some() && new.purchase == about.purchase;
        let is_own = other.agency == line.agency;
        (is_own && (about.code == new.code || (is_named && about.class == new.class)))
            || (is_joint && is_named && about.planned == new.planned)
    })
}

/// Of agencies that plan, one in so many may write a name that is still that of a thing.
const HEADING: usize = 3;

/// What several agencies pay for in a year though it is the same: lines of one joint purchase, and lines of
/// one class that name the same. The dearest first. That many pay for a class is no overlap, nor is a name
/// that more than a third of them write: that is a heading, such as training.
pub fn overlaps(lines: &[Line]) -> Vec<Overlap<'_>> {
    let most = agencies(lines).len().div_ceil(HEADING).max(HEADING);
    let mut things = BTreeMap::<(bool, &str, String), Vec<&Line>>::new();
    for line in lines.iter().filter(|line| line.about.is_security()) {
        let about = &line.about;
        let thing = match &about.purchase {
            Some(purchase) => (true, "", folded(purchase)),
            None => (false, about.class.as_str(), folded(&about.name)),
        };
        things.entry(thing).or_default().push(line);
    }
    let is_one = |is_joint: bool, lines: &[&Line]| {
        let of = agencies(lines.iter().copied()).len();
        of > 1 && (is_joint || of <= most)
    };
    let found = things.into_iter().filter(|((is_joint, ..), lines)| is_one(*is_joint, lines));
    let mut found: Vec<_> =
        found.filter_map(|((is_joint, ..), lines)| overlap(is_joint, lines)).collect();
    found.sort_by_key(|one| std::cmp::Reverse(one.sums.total()));
    found
}

fn agencies<'l>(lines: impl IntoIterator<Item = &'l Line>) -> BTreeSet<&'l AgencyCode> {
    lines.into_iter().map(|line| &line.agency).collect()
}

fn overlap(is_joint: bool, mut lines: Vec<&Line>) -> Option<Overlap<'_>> {
    lines.sort_by_key(|line| (&line.agency, &line.about.code));
    let about = &lines.first()?.about;
    let what = about.purchase.as_deref().unwrap_or(&about.name);
    let sums = Sums::of(lines.iter().map(|line| &line.about), Reading::Planned);
    Some(Overlap { what, is_joint, lines, sums })
}

/// Lines with a part of security that reduce no risk.
pub fn unlinked(lines: &[Line]) -> impl Iterator<Item = &Line> {
    lines.iter().filter(|line| line.about.is_security() && line.about.risks.is_empty())
}

/// Three years from one on: what is planned, what has to be renewed, what ends.
pub fn years(lines: &[Line], first: i16) -> [Year<'_>; 3] {
    [0, 1, 2].map(|after| {
        let year = first.saturating_add(after);
        let of = lines.iter().filter(|line| line.year == year);
        let within = |day: fn(&Line) -> Option<Date>| {
            let days = lines.iter().filter_map(|line| Some((day(line)?, line)));
            let mut days: Vec<_> = days.filter(|(day, _)| day.year() == year).collect();
            days.sort_by_key(|(day, line)| (*day, &line.about.code));
            days
        };
        Year {
            year,
            planned: Sums::of(of.map(|line| &line.about), Reading::Planned),
            renewals: within(|line| line.about.renewal),
            ends: within(|line| line.about.support_end),
        }
    })
}

/// A name as names are compared: small letters, no diacritics, single blanks.
fn folded(name: &str) -> String {
    let plain = without_diacritics(name).to_lowercase();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}
