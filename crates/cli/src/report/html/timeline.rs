//! Detections over time: counted in buckets that grow as the span grows, drawn as stacked columns.
//!
//! Counting keeps at most [`MAX_KEPT`] buckets however many events there are and however far
//! apart their times lie; drawing takes the finest step that gives at most [`MAX_COLUMNS`].

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::{DateTime, date};
use khien_sigma::rule::Level;

use crate::language::Language;
use crate::report::{ZONE, written};

const MAX_KEPT: usize = 4096;
const MAX_COLUMNS: i64 = 72;
/// A single detection is shown with some empty time around it.
const MIN_COLUMNS: i64 = 24;
const MAX_TICKS: i64 = 9;
/// The height of the columns in pixels.
const HEIGHT: f64 = 96.0;

/// The width of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Minutes(i64),
    /// Starting on Mondays.
    Week,
    Months(i64),
}

const DAY: i64 = 1440;
/// Each divides all that follow.
const KEPT: [Step; 7] = [
    Step::Minutes(1),
    Step::Minutes(15),
    Step::Minutes(60),
    Step::Minutes(DAY),
    Step::Months(1),
    Step::Months(12),
    Step::Months(120),
];
const DRAWN: [Step; 19] = [
    Step::Minutes(1),
    Step::Minutes(2),
    Step::Minutes(5),
    Step::Minutes(10),
    Step::Minutes(15),
    Step::Minutes(30),
    Step::Minutes(60),
    Step::Minutes(120),
    Step::Minutes(180),
    Step::Minutes(360),
    Step::Minutes(720),
    Step::Minutes(DAY),
    Step::Week,
    Step::Months(1),
    Step::Months(3),
    Step::Months(12),
    Step::Months(60),
    Step::Months(120),
    Step::Months(1200),
];

impl Step {
    /// The number of the bucket that holds a minute of local time, counted from 1970.
    fn bucket(self, minute: i64) -> i64 {
        match self {
            Self::Minutes(width) => minute.div_euclid(width),
            // 1970 began on a Thursday.
            Self::Week => (minute + 3 * DAY).div_euclid(7 * DAY),
            Self::Months(width) => {
                let day = civil(minute);
                let month = i64::from(day.year()) * 12 + i64::from(day.month()) - 1;
                month.div_euclid(width)
            }
        }
    }

    /// The first minute of a bucket.
    fn start(self, bucket: i64) -> i64 {
        match self {
            Self::Minutes(width) => bucket * width,
            Self::Week => bucket * 7 * DAY - 3 * DAY,
            Self::Months(width) => {
                let month = bucket * width;
                let year = i16::try_from(month.div_euclid(12)).unwrap_or(9999).clamp(-9998, 9999);
                let number = i8::try_from(month.rem_euclid(12) + 1).unwrap_or(1);
                let start = date(year, number, 1).at(0, 0, 0, 0);
                ZONE.to_timestamp(start).map_or(0, minute_of)
            }
        }
    }

    fn words(self, l: Language) -> String {
        let (count, vi, en, many) = match self {
            Self::Minutes(m) if m < 60 => (m, "phút", "minute", "minutes"),
            Self::Minutes(m) if m < DAY => (m / 60, "giờ", "hour", "hours"),
            Self::Minutes(m) => (m / DAY, "ngày", "day", "days"),
            Self::Week => (1, "tuần", "week", "weeks"),
            Self::Months(m) if m < 12 => (m, "tháng", "month", "months"),
            Self::Months(m) => (m / 12, "năm", "year", "years"),
        };
        format!("{count} {}", l.pick(vi, if count == 1 { en } else { many }))
    }
}

fn minute_of(time: Timestamp) -> i64 {
    (time.as_second() + i64::from(ZONE.seconds())).div_euclid(60)
}

fn timestamp(minute: i64) -> Timestamp {
    let second = minute * 60 - i64::from(ZONE.seconds());
    Timestamp::from_second(second.clamp(Timestamp::MIN.as_second(), Timestamp::MAX.as_second()))
        .unwrap_or_default()
}

fn civil(minute: i64) -> DateTime {
    ZONE.to_datetime(timestamp(minute))
}

/// Counts by level, in the order of [`Level::ALL`].
pub(super) type Counts = [u64; 5];

/// Detections by time.
#[derive(Default)]
pub(super) struct Histogram {
    step: usize,
    kept: BTreeMap<i64, Counts>,
    pub(super) undated: u64,
}

impl Histogram {
    pub(super) fn add(&mut self, time: Option<Timestamp>, level: Level) {
        let Some(time) = time else {
            self.undated += 1;
            return;
        };
        let bucket = self.step().bucket(minute_of(time));
        if let Some(count) = self.kept.entry(bucket).or_default().get_mut(level as usize) {
            *count += 1;
        }
        while self.kept.len() > MAX_KEPT && self.step + 1 < KEPT.len() {
            let old = self.step();
            self.step += 1;
            self.kept = regroup(&self.kept, old, self.step());
        }
    }

    fn step(&self) -> Step {
        KEPT.get(self.step).copied().unwrap_or(Step::Months(120))
    }

    /// The finest step that gives few enough columns and does not split what was counted as one.
    fn drawn(&self) -> Option<(Step, i64, i64)> {
        let kept = self.step();
        let first = kept.start(*self.kept.first_key_value()?.0);
        let last = kept.start(*self.kept.last_key_value()?.0);
        let coarsest = Step::Months(1200);
        let start = DRAWN.iter().position(|step| *step == kept).unwrap_or(0);
        let fits = |step: &&Step| step.bucket(last) - step.bucket(first) < MAX_COLUMNS;
        let step = DRAWN.iter().skip(start).find(fits).copied().unwrap_or(coarsest);
        let (mut from, mut to) = (step.bucket(first), step.bucket(last));
        let missing = (MIN_COLUMNS - (to - from + 1)).max(0);
        from -= missing / 2;
        to += missing - missing / 2;
        Some((step, from, to))
    }

    /// The chart, where any detection has a time.
    pub(super) fn chart(&self, l: Language) -> Option<Chart> {
        let (step, from, to) = self.drawn()?;
        let counts = regroup(&self.kept, self.step(), step);
        let peak = counts.values().map(|c| c.iter().sum::<u64>()).max().unwrap_or(1).max(1);
        let width = 100.0 / (to - from + 1) as f64;
        let columns = counts
            .iter()
            .map(|(bucket, counts)| {
                let (start, end) = (step.start(*bucket), step.start(*bucket + 1));
                Column {
                    x: format!("{:.3}", (bucket - from) as f64 * width),
                    parts: stack(counts, peak),
                    when: span(start, end, l),
                    from: timestamp(start).as_second(),
                    to: timestamp(end).as_second(),
                    counts: *counts,
                    total: counts.iter().sum(),
                }
            })
            .collect();
        let kept = self.step();
        let edge = |bucket: Option<(&i64, &Counts)>| {
            bucket.map_or(String::new(), |(b, _)| written(timestamp(kept.start(*b)), l, false))
        };
        Some(Chart {
            columns,
            width: format!("{:.3}", (width * 0.86).min(3.0)),
            ticks: ticks(step, from, to),
            peak,
            step: step.words(l),
            first: edge(self.kept.first_key_value()),
            last: edge(self.kept.last_key_value()),
        })
    }
}

fn regroup(kept: &BTreeMap<i64, Counts>, old: Step, new: Step) -> BTreeMap<i64, Counts> {
    let mut out: BTreeMap<i64, Counts> = BTreeMap::new();
    for (bucket, counts) in kept {
        let sum = out.entry(new.bucket(old.start(*bucket))).or_default();
        for (to, from) in sum.iter_mut().zip(counts) {
            *to += from;
        }
    }
    out
}

/// What the template draws.
pub(super) struct Chart {
    pub(super) columns: Vec<Column>,
    /// The width of a column in percent.
    pub(super) width: String,
    pub(super) ticks: Vec<Tick>,
    pub(super) peak: u64,
    pub(super) step: String,
    pub(super) first: String,
    pub(super) last: String,
}

pub(super) struct Column {
    pub(super) x: String,
    pub(super) parts: Vec<Part>,
    pub(super) when: String,
    pub(super) from: i64,
    pub(super) to: i64,
    pub(super) counts: Counts,
    pub(super) total: u64,
}

/// One level's share of a column.
pub(super) struct Part {
    pub(super) y: String,
    pub(super) height: String,
    pub(super) level: Level,
}

pub(super) struct Tick {
    pub(super) x: String,
    pub(super) label: String,
    /// Left out where there is little room.
    pub(super) second: bool,
}

/// Stacks the levels, gravest on top; what is there at all is at least visible.
fn stack(counts: &Counts, peak: u64) -> Vec<Part> {
    let mut top = HEIGHT + 4.0;
    let parts = Level::ALL.into_iter().zip(counts).filter(|(_, count)| **count > 0);
    parts
        .map(|(level, count)| {
            let height = (*count as f64 / peak as f64 * HEIGHT).max(1.5);
            top = (top - height).max(0.0);
            Part { y: format!("{top:.1}"), height: format!("{height:.1}"), level }
        })
        .collect()
}

fn span(start: i64, end: i64, l: Language) -> String {
    let from = written(timestamp(start), l, false);
    let to = written(timestamp(end), l, false);
    let same_day = civil(start).date() == civil(end).date();
    let to =
        if same_day { to.split_once(' ').map_or(to.as_str(), |(_, clock)| clock) } else { &to };
    format!("{from} – {to}")
}

/// The labels under the columns, on round times.
fn ticks(step: Step, from: i64, to: i64) -> Vec<Tick> {
    let count = |tick: &Step| tick.bucket(step.start(to)) - tick.bucket(step.start(from)) + 1;
    let at = DRAWN.iter().position(|known| *known == step).unwrap_or(0);
    let whole = |tick: &Step| match (step, tick) {
        (Step::Minutes(step), Step::Minutes(tick)) => tick % step == 0,
        _ => true,
    };
    let spacing = DRAWN.iter().skip(at).find(|tick| whole(tick) && count(tick) <= MAX_TICKS);
    let spacing = spacing.copied().unwrap_or(Step::Months(1200));
    let width = 100.0 / (to - from + 1) as f64;
    let mut ticks = Vec::new();
    for bucket in from..=to {
        let start = step.start(bucket);
        if bucket == from || spacing.bucket(start) == spacing.bucket(step.start(bucket - 1)) {
            continue;
        }
        let t = civil(start);
        let label = match spacing {
            Step::Minutes(m) if m < DAY && (t.hour() > 0 || t.minute() > 0) => {
                format!("{:02}:{:02}", t.hour(), t.minute())
            }
            Step::Minutes(_) | Step::Week => format!("{:02}/{:02}", t.day(), t.month()),
            Step::Months(m) if m < 12 => format!("{:02}/{}", t.month(), t.year()),
            Step::Months(_) => t.year().to_string(),
        };
        let second = ticks.len() % 2 == 1;
        ticks.push(Tick { x: format!("{:.3}", (bucket - from) as f64 * width), label, second });
    }
    ticks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn histogram(times: &[&str]) -> Histogram {
        let mut histogram = Histogram::default();
        for time in times {
            histogram.add(Some(time.parse().unwrap()), Level::High);
        }
        histogram
    }

    #[test]
    fn steps_follow_the_span() {
        let step = |times: &[&str]| histogram(times).drawn().unwrap().0;
        assert_eq!(step(&["2026-11-20T01:00:00Z"]), Step::Minutes(1));
        assert_eq!(step(&["2026-11-20T01:00:00Z", "2026-11-20T02:30:00Z"]), Step::Minutes(2));
        assert_eq!(step(&["2026-11-20T01:00:00Z", "2026-11-21T01:00:00Z"]), Step::Minutes(30));
        assert_eq!(step(&["2026-11-01T01:00:00Z", "2026-11-30T01:00:00Z"]), Step::Minutes(720));
        assert_eq!(step(&["2026-01-01T01:00:00Z", "2026-12-30T01:00:00Z"]), Step::Week);
        assert_eq!(step(&["2019-01-01T01:00:00Z", "2026-12-30T01:00:00Z"]), Step::Months(3));
        assert_eq!(step(&["-009998-01-01T01:00:00Z", "9998-12-30T01:00:00Z"]), Step::Months(1200));
    }

    #[test]
    fn many_distant_times_stay_few_buckets_and_none_is_lost() {
        let mut histogram = Histogram::default();
        for at in 0..200_000_i64 {
            let time = Timestamp::from_second(at * 100_003).ok();
            histogram.add(time, Level::Low);
        }
        histogram.add(None, Level::Low);
        assert!(histogram.kept.len() <= MAX_KEPT && histogram.undated == 1);
        let chart = histogram.chart(Language::Vi).unwrap();
        assert!(chart.columns.len() <= MAX_COLUMNS as usize);
        assert_eq!(chart.columns.iter().map(|c| c.total).sum::<u64>(), 200_000);
    }

    #[test]
    fn days_begin_at_midnight_in_viet_nam_and_labels_say_so() {
        let times = ["2026-11-19T16:59:00Z", "2026-11-19T17:00:00Z", "2026-11-24T17:00:00Z"];
        let chart = histogram(&times).chart(Language::Vi).unwrap();
        assert_eq!(chart.step, "2 giờ");
        assert_eq!(chart.columns[0].when, "19/11/2026 22:00 – 20/11/2026 00:00");
        assert_eq!(chart.columns[1].when, "20/11/2026 00:00 – 02:00");
        assert!(chart.ticks.iter().any(|tick| tick.label == "20/11"));
        assert_eq!(written(times[1].parse().unwrap(), Language::En, true), "2026-11-20 00:00:00");
    }
}
