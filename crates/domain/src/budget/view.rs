//! Plans looked at side by side: the same line twice, purchases of several agencies, years.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::{Line, Reading, Sums};
use crate::code::AgencyCode;
use crate::text::without_diacritics;

/// Purchases of one class by several agencies in one year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overlap<'l> {
    /// The class.
    pub class: &'l str,
    /// The lines, by agency and code.
    pub lines: Vec<&'l Line>,
    /// Names that stand in lines of more than one agency, as the first of them writes it.
    pub same: Vec<&'l str>,
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

/// The line that claims the same: it has the code, or it is of the same joint purchase with the same
/// name and amount.
pub fn twice<'l>(line: &Line, others: &'l [Line]) -> Option<&'l Line> {
    let (new, name) = (&line.about, folded(&line.about.name));
    others.iter().filter(|other| other.year == line.year).find(|other| {
        let about = &other.about;
        let is_joint = new.purchase.is_some() && new.purchase == about.purchase;
        (other.agency == line.agency && about.code == new.code)
            || (is_joint && folded(&about.name) == name && about.planned == new.planned)
    })
}

/// Classes of security that several agencies pay for in a year.
pub fn overlaps(lines: &[Line]) -> Vec<Overlap<'_>> {
    let mut classes = BTreeMap::<&str, Vec<&Line>>::new();
    for line in lines.iter().filter(|line| line.about.is_security()) {
        classes.entry(&line.about.class).or_default().push(line);
    }
    classes.into_iter().filter_map(|(class, lines)| overlap(class, lines)).collect()
}

fn overlap<'l>(class: &'l str, mut lines: Vec<&'l Line>) -> Option<Overlap<'l>> {
    let agencies: BTreeSet<&AgencyCode> = lines.iter().map(|line| &line.agency).collect();
    if agencies.len() < 2 {
        return None;
    }
    lines.sort_by_key(|line| (&line.agency, &line.about.code));
    let mut names = BTreeMap::<String, (&str, BTreeSet<&AgencyCode>)>::new();
    for line in &lines {
        let name = names.entry(folded(&line.about.name));
        name.or_insert((&line.about.name, BTreeSet::new())).1.insert(&line.agency);
    }
    let same = names.into_values().filter(|(_, of)| of.len() > 1).map(|(name, _)| name);
    let sums = Sums::of(lines.iter().map(|line| &line.about), Reading::Planned);
    Some(Overlap { class, same: same.collect(), lines, sums })
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
