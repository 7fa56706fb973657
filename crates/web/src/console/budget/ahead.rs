//! Three years of the province: what has to be renewed, whose support ends, and where it ends before.

use jiff::civil::Date;
use khien_domain::budget::{End, Line, Reading, Sums, gaps, years};
use khien_domain::code::AgencyCode;

use super::ends::EndsOfYear;
use crate::console::chart::{self, Stack};
use crate::console::error::PageError;
use crate::console::frame::Frame;
use crate::console::overview::Chart;

/// What lies ahead.
pub(in crate::console) struct Ahead {
    /// Renewals and ends by quarter.
    pub(super) chart: Chart,
    pub(super) years: Vec<YearAhead>,
    /// Lines whose support ends before a renewal that is still to come, soonest first.
    pub(super) gaps: Vec<Gap>,
    /// So many days before the end their agencies are given a task.
    pub(super) warned_days: i64,
}

/// A year of three.
pub(super) struct YearAhead {
    pub(super) year: i16,
    /// What is planned in it, in đồng.
    pub(super) planned: String,
    /// What has to be renewed and whose support ends, each with what its lines planned.
    pub(super) days: [(Vec<Day>, String); 2],
    /// What of the register ends in it.
    pub(super) register: EndsOfYear,
}

/// A day of a line.
pub(super) struct Day {
    pub(super) when: String,
    pub(super) href: String,
    pub(super) name: String,
    pub(super) agency: String,
    /// Whether support ends before the renewal.
    pub(super) is_gap: bool,
}

/// A line whose support ends before its renewal.
pub(in crate::console) struct Gap {
    pub(in crate::console) end: String,
    pub(in crate::console) renewal: String,
    pub(in crate::console) href: String,
    pub(in crate::console) name: String,
    pub(in crate::console) agency: String,
    /// Whether its agency has been given a task, or is within the hour.
    pub(in crate::console) is_near: bool,
}

impl Ahead {
    /// What lies ahead in lines of all years and in the register, from a year on.
    pub(super) fn of(
        f: &Frame,
        (lines, ends): (&[Line], &[End]),
        first: i16,
        named: &impl Fn(&AgencyCode) -> String,
    ) -> Result<Self, PageError> {
        let all = years(lines, first);
        let shown = all.iter().map(|of| YearAhead {
            year: of.year,
            planned: f.count(of.planned.total()),
            days: [&of.renewals, &of.ends].map(|days| {
                let sums = Sums::of(days.iter().map(|(_, line)| &line.about), Reading::Planned);
                let shown = days.iter().map(|(day, line)| Day {
                    when: f.date(day),
                    href: href(line),
                    name: line.about.name.clone(),
                    agency: named(&line.agency),
                    is_gap: line.about.has_gap(),
                });
                (shown.collect(), f.count(sums.total()))
            }),
            register: EndsOfYear::of(f, ends, lines, of.year, &|code| Some(named(code))),
        });
        Ok(Self {
            years: shown.collect(),
            chart: quarters(f, (lines, ends), first),
            gaps: near(f, lines, i64::MAX, named)?,
            warned_days: super::pack()?.support_days,
        })
    }
}

/// The lines whose support ends within so many days and before a renewal that is still to come, soonest
/// first.
pub(in crate::console) fn near(
    f: &Frame,
    lines: &[Line],
    days: i64,
    named: &impl Fn(&AgencyCode) -> String,
) -> Result<Vec<Gap>, PageError> {
    let (today, warned) = (f.today(), super::pack()?.support_days);
    let found = gaps(lines, today, days).into_iter().map(|(end, line)| Gap {
        end: f.date(&end),
        renewal: f.date_or(&line.about.renewal),
        href: href(line),
        name: line.about.name.clone(),
        agency: named(&line.agency),
        is_near: line.about.gap_due(today, warned).is_some(),
    });
    Ok(found.collect())
}

pub(super) fn href(line: &Line) -> String {
    format!("/budget/{}/{}/lines/{}", line.agency, line.year, line.about.code)
}

/// Renewals, ends, ends before the renewal and what ends in the register, in each quarter of three years.
fn quarters(f: &Frame, (lines, of_register): (&[Line], &[End]), first: i16) -> Chart {
    let mut rows = Vec::new();
    let stacks = (0_i16..12).map(|at| {
        let (year, quarter) = (first.saturating_add(at / 4), at % 4 + 1);
        let is_in = |day: Option<Date>| {
            day.is_some_and(|day| day.year() == year && (day.month() - 1) / 3 + 1 == quarter as i8)
        };
        let renewals = lines.iter().filter(|line| is_in(line.about.renewal)).count() as u64;
        let ends = lines.iter().filter(|line| is_in(line.about.support_end));
        let (early, ends): (Vec<_>, Vec<_>) = ends.partition(|line| line.about.has_gap());
        let (early, ends) = (early.len() as u64, ends.len() as u64);
        let others = of_register.iter().filter(|end| is_in(Some(end.day))).count() as u64;
        let when = f.v2("budget-quarter", "quarter", quarter, "year", year);
        let words = f.v2(
            "budget-quarter-counts",
            "renewals",
            f.n("budget-renewals-n", renewals),
            "ends",
            f.n("budget-ends-n", ends + early),
        );
        let words = format!("{words}, {}", f.n("budget-register-ends-n", others));
        if renewals + ends + early + others > 0 {
            rows.push((when.clone(), words.clone()));
        }
        Stack {
            layers: vec![("f-i", renewals), ("f-m", ends), ("f-h", early), ("f-l", others)],
            title: format!("{when}: {words}"),
            href: format!("/budget?year={year}#ahead"),
            mark: Some(format!("{quarter}/{year}")),
        }
    });
    let drawn = chart::columns(stacks.collect(), 928, 74);
    Chart { drawn, rows }
}
