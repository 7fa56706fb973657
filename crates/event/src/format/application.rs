//! Logs of applications: text with traces over several lines, told by what only one language,
//! framework or database writes.
//!
//! A line that begins with a time or a level opens an entry; lines that are indented or continue
//! a trace belong to the entry before them, up to [`MAX_ENTRY_BYTES`]. The kind names what the
//! entry is of: `application/django`, `application/spring`, with `+sql` if a database complains in
//! it. An entry without a mark of its own is taken for what the source was told to be last. Fields
//! are `level` and `message`; rules for such logs search words. Databases say more, see
//! [`database`].

use std::borrow::Cow;
use std::sync::Arc;

use super::{Context, Format, Reader, Sample, Sink, lines};
use crate::record::{Kind, Problem, Record};
use crate::stream::{Block, Framing};
use crate::time::{self, Clue, TimeSource};

pub mod database;

/// Logs of applications and databases.
pub const FORMAT: Format = Format {
    id: "application",
    title: ["Log of an application or a database", "Nhật ký của ứng dụng hoặc cơ sở dữ liệu"],
    framing: Framing::Lines,
    in_order: true,
    sniff,
    reader: |context| {
        Box::new(Joiner { context: context.clone(), open: None, last: "application" })
    },
};

/// An entry keeps no more than this; what is beyond is told as a problem.
pub const MAX_ENTRY_BYTES: usize = 256 << 10;

/// What only one kind of software writes, the more special first.
static MARKS: &[(&str, &[&str])] = &[
    ("application/django", &["django.", "/django/", "SuspiciousOperation"]),
    (
        "application/ruby_on_rails",
        &["ActionController::", "ActionView::", "ActiveRecord::", "ActionDispatch::", "railties"],
    ),
    ("application/velocity", &["org.apache.velocity."]),
    ("application/spring", &["org.springframework.", " o.s.w.", " o.s.s.", " o.s.b."]),
    (
        "application/nodejs",
        &["node:internal", "node:child_process", "node:events", "UnhandledPromiseRejection"],
    ),
    ("application/python", &["Traceback (most recent call last)", ".py\", line "]),
    (
        "application/jvm",
        &[".java:", "(Native Method)", "java.lang.", "java.io.", "javax.", "com.sun.jndi."],
    ),
];

/// How databases complain about a statement.
static SQL_ERRORS: &[&str] = &[
    "You have an error in your SQL syntax",
    "Unclosed quotation mark",
    "quoted string not properly terminated",
    "syntax error at or near",
    "syntax error in SQL statement",
    ": syntax error",
    "SELECTs to the left and right of UNION",
    "SQLSTATE[",
    "ORA-00933",
    "ORA-01756",
];

/// Kinds that also exist with `+sql`.
static WITH_SQL: &[(&str, &str)] = &[
    ("application/django", "application/django+sql"),
    ("application/ruby_on_rails", "application/ruby_on_rails+sql"),
    ("application/spring", "application/spring+sql"),
    ("application/nodejs", "application/nodejs+sql"),
    ("application/python", "application/python+sql"),
    ("application/jvm", "application/jvm+sql"),
    ("database/mysql", "database/mysql+sql"),
    ("database/postgresql", "database/postgresql+sql"),
    ("database/mssql", "database/mssql+sql"),
];

const LEVELS: [&str; 13] = [
    "TRACE", "DEBUG", "INFO", "NOTICE", "WARN", "WARNING", "ERROR", "SEVERE", "CRITICAL", "FATAL",
    "LOG", "Note", "PANIC",
];

fn has(text: &str, mark: &str) -> bool {
    memchr::memmem::find(text.as_bytes(), mark.as_bytes()).is_some()
}

/// What an entry is of, by its own marks.
fn tell(text: &str) -> Option<&'static str> {
    MARKS.iter().find(|(_, marks)| marks.iter().any(|mark| has(text, mark))).map(|(kind, _)| *kind)
}

/// The kind of an entry that is `kind` by itself.
fn with_sql(kind: &'static str, text: &str) -> &'static str {
    if !SQL_ERRORS.iter().any(|mark| has(text, mark)) {
        return kind;
    }
    let listed = WITH_SQL.iter().find(|(plain, _)| *plain == kind);
    listed.map_or("application/sql", |(_, sql)| sql)
}

fn sniff(sample: &Sample<'_>) -> u8 {
    let heads = sample
        .share(|line| head(line).is_some_and(|head| head.time.is_some() && !head.level.is_empty()));
    let told = sample.lines().filter(|line| tell(line).is_some()).count();
    let statements = sample.share(database::is_head);
    if statements > 20 {
        85
    } else if told > 0 {
        // Devices and daemons are told line by line, and write no traces.
        (25 + told.min(10) * 3) as u8
    } else if heads > 60 {
        // Any text with times and levels: better than nothing.
        5
    } else {
        0
    }
}

/// Where the time of a line ends, and its level.
struct Head<'a> {
    time: Option<&'a str>,
    level: &'a str,
}

/// Reads the start of a line that opens an entry.
fn head(line: &str) -> Option<Head<'_>> {
    let text = line.trim_start_matches(['[', '(']);
    // Ruby's logger puts a letter before its brackets: `E, [2026-11-20T08:00:00.1 #7] ERROR -- :`.
    let text = match text.split_once(", [") {
        Some((letter, rest)) if letter.len() == 1 => rest,
        _ => text,
    };
    let time = time_of(text);
    let rest = time.and_then(|time| text.get(time.len()..)).unwrap_or(text);
    let mut words =
        rest.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let level = words.by_ref().take(6).find(|word| LEVELS.contains(word)).unwrap_or("");
    let level_first = LEVELS.iter().any(|level| {
        let after = text.strip_prefix(level);
        after.is_some_and(|after| after.starts_with([':', ' ', ']', '\t']))
    });
    (time.is_some() || level_first).then_some(Head { time, level })
}

/// The date and clock that a text begins with.
fn time_of(text: &str) -> Option<&str> {
    text.as_bytes().first().filter(|byte| byte.is_ascii_digit())?;
    let mut ends = text.match_indices([' ', ']', '\t', ')']).map(|(at, _)| at).chain([text.len()]);
    let (first, second) = (ends.next()?, ends.next());
    let shaped = |end: usize| {
        let found = text.get(..end).filter(|found| found.len() <= 40)?;
        read_time(found, &Clue::vietnam(jiff::Timestamp::UNIX_EPOCH)).map(|_| found)
    };
    // A number alone is no time.
    let whole = text.get(..first).filter(|word| word.contains(['T', '-', '/']));
    whole.and_then(|_| shaped(first).or_else(|| shaped(second?)))
}

/// ISO 8601 and its relatives, or `22/Nov/2026 10:00:00`.
fn read_time(text: &str, clue: &Clue) -> Option<(jiff::Timestamp, TimeSource)> {
    time::parse(text, clue).or_else(|| {
        let (date, clock) = text.split_once([' ', ':'])?;
        clue.local(time::date(date)?.to_datetime(time::clock_time(clock)?))
    })
}

/// Whether a line goes on with the entry whose last line is `before`.
fn continues(line: &str, before: &str) -> bool {
    const STARTS: [&str; 7] = [
        "Caused by:",
        "Suppressed:",
        "Traceback (most recent call last)",
        "During handling of the above",
        "The above exception was",
        "at ",
        "...",
    ];
    if line.starts_with(|c: char| c.is_whitespace()) || STARTS.iter().any(|s| line.starts_with(s)) {
        return true;
    }
    if head(line).is_some() {
        return false;
    }
    // The exception itself: `a.b.SomeError: text`, after the frames of Python or before Java's.
    let name = line.split([':', ' ']).next().unwrap_or("");
    let named = ["Error", "Exception", "Throwable", "Interrupt", "Exit"].iter();
    named.clone().any(|end| name.ends_with(end)) || before.starts_with([' ', '\t'])
}

/// An entry whose end has not come yet.
struct Open {
    text: String,
    last: usize,
    offset: u64,
    number: u64,
    cut: bool,
}

struct Joiner {
    context: Context,
    open: Option<Open>,
    last: &'static str,
}

impl Reader for Joiner {
    fn read(&mut self, block: &Block<'_>, sink: &mut dyn Sink) {
        for line in lines(block) {
            let text = String::from_utf8_lossy(line.bytes);
            if let Some(open) = &mut self.open
                && continues(&text, open.text.get(open.last..).unwrap_or(""))
            {
                if open.text.len() + text.len() < MAX_ENTRY_BYTES {
                    open.last = open.text.len() + 1;
                    open.text.push('\n');
                    open.text.push_str(&text);
                } else {
                    open.cut = true;
                }
                continue;
            }
            self.finish(sink);
            let (offset, number) = (line.offset, line.number);
            let text = text.into_owned();
            self.open = Some(Open { text, last: 0, offset, number, cut: false });
        }
    }

    fn finish(&mut self, sink: &mut dyn Sink) {
        let Some(open) = self.open.take() else { return };
        if open.cut {
            sink.problem(Problem::new(open.offset, "an entry that is too long was cut"));
        }
        let mut record = Record::new(Arc::clone(&self.context.symbols));
        record.raw = open.text.as_bytes();
        record.offset = open.offset;
        record.number = open.number;
        let told = database::fill(&open.text, &mut record, &self.context).or_else(|| {
            fill(&open.text, &mut record, &self.context);
            tell(&open.text)
        });
        // A line that opens no entry and is of nothing known is told, and searched all the same.
        if told.is_none() && head(&open.text).is_none() {
            sink.problem(Problem::new(open.offset, "neither time, level nor trace"));
            return;
        }
        self.last = told.unwrap_or(self.last);
        record.kind = Kind::named(with_sql(self.last, &open.text));
        sink.record(&mut record);
    }
}

fn fill<'a>(text: &'a str, record: &mut Record<'a>, context: &Context) {
    if let Some(head) = head(text) {
        let time = head.time.map(|time| Cow::from(time.replace(',', ".")));
        record.time = time.and_then(|time| read_time(&time, &context.clue));
        record.fields.push_text("level", head.level);
    }
    record.fields.push_text("message", text);
}

/// Reads a message that something else carries. `false` if it has no mark.
pub fn payload(text: &str, record: &mut Record<'_>) -> bool {
    let Some(kind) = tell(text).map(|kind| with_sql(kind, text)) else { return false };
    record.kind = Kind::named(kind);
    true
}
