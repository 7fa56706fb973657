//! An explanation as lines to read: what holds is marked ✔ with a word, what does not ✘.

use std::io::{self, Write};

use khien_event::LogSource;
use khien_sigma::explain::{Clause, Detection, Explanation, FieldStep, Form, Step, What};
use khien_sigma::rule::Rule;

use super::{Choice, Chosen};
use crate::language::Language;

/// Longer values are cut.
const SHOWN: usize = 300;
/// So many values that do not match are shown; the rest is counted.
const MISSES_SHOWN: usize = 8;

/// Writes the whole explanation.
pub(crate) fn write(
    out: &mut dyn Write,
    rule: &Rule,
    chosen: &Chosen,
    language: Language,
) -> io::Result<()> {
    Page { out, language }.all(rule, chosen)
}

struct Page<'o> {
    out: &'o mut dyn Write,
    language: Language,
}

impl Page<'_> {
    fn all(&mut self, rule: &Rule, chosen: &Chosen) -> io::Result<()> {
        let explanation = &chosen.explanation;
        let pick = |vi: &'static str, en: &'static str| self.language.pick(vi, en);
        let title = self.language.title(&rule.about);
        let (about, place) = (&rule.about, &rule.about.place);
        let (label_rule, label_event) =
            (pick("Luật:   ", "Rule:   "), pick("Sự kiện:", "Event:  "));
        let format = pick("định dạng", "format");
        let record = pick("bản ghi", "record");
        let of = pick("trong", "of");
        let choice = match chosen.choice {
            Choice::Asked => pick("theo yêu cầu", "as asked for"),
            Choice::Fires => pick("sự kiện đầu tiên trúng luật", "the first that fires"),
            Choice::LogSource => pick(
                "không sự kiện nào trúng; đây là sự kiện đầu tiên đúng nguồn log",
                "none fires; this is the first whose log source fits",
            ),
            Choice::First => pick(
                "không sự kiện nào trúng hay đúng nguồn log; đây là sự kiện đầu tiên",
                "none fires and no log source fits; this is the first",
            ),
        };
        let verdict = if explanation.hits {
            pick("✔ TRÚNG LUẬT", "✔ THE RULE FIRES")
        } else {
            pick("✘ KHÔNG TRÚNG LUẬT", "✘ THE RULE DOES NOT FIRE")
        };
        writeln!(self.out, "{label_rule} {title}")?;
        writeln!(self.out, "         {} — {}:{}", about.id, place.file, place.line)?;
        writeln!(self.out, "{label_event} {} — {format} {}", chosen.file, chosen.format.id)?;
        writeln!(
            self.out,
            "         {record} {} {of} {} ({choice})",
            chosen.number, chosen.records
        )?;
        writeln!(self.out, "{verdict}\n")?;
        self.log_source(explanation)?;
        if !explanation.waits_for.is_empty() {
            let names = explanation.waits_for.join(", ");
            let text = self.pick(
                "luật đang chờ giá trị của biến giữ chỗ",
                "the rule waits for the values of placeholders",
            );
            writeln!(self.out, "✘ {text}: {names}")?;
        }
        self.detection(&explanation.detection, 0)?;
        for (title, filter) in &explanation.filters {
            let text = if filter.condition.holds {
                self.pick("✘ bộ lọc gỡ bỏ kết quả", "✘ the filter takes the hit away")
            } else {
                self.pick("✔ bộ lọc không áp dụng", "✔ the filter does not apply")
            };
            writeln!(self.out, "{text}: {title}")?;
            self.detection(filter, 2)?;
        }
        Ok(())
    }

    fn pick<'t>(&self, vi: &'t str, en: &'t str) -> &'t str {
        self.language.pick(vi, en)
    }

    fn truth(&self, holds: bool) -> &'static str {
        if holds {
            self.language.pick("✔ đúng", "✔ true")
        } else {
            self.language.pick("✘ sai", "✘ false")
        }
    }

    fn log_source(&mut self, explanation: &Explanation) -> io::Result<()> {
        let labels: Vec<String> = explanation.labels.iter().map(LogSource::to_string).collect();
        let unknown = self.pick("không rõ", "unknown");
        let labels = if labels.is_empty() { unknown.into() } else { labels.join(", ") };
        let truth = self.truth(explanation.sees);
        let name = self.pick("nguồn log", "log source");
        let (has, wants) =
            (self.pick("sự kiện là", "the event is"), self.pick("luật cần", "the rule asks for"));
        writeln!(self.out, "{truth}  {name}: {has} {labels}; {wants} {}", explanation.wanted)
    }

    fn detection(&mut self, detection: &Detection, indent: usize) -> io::Result<()> {
        for (name, step) in &detection.selections {
            let truth = self.truth(step.holds);
            writeln!(self.out, "{:indent$}{truth}  {name}", "")?;
            self.step(step, indent + 4, true)?;
        }
        let name = self.pick("điều kiện", "condition");
        self.clause(&detection.condition, indent, name)
    }

    /// `top` steps have been announced by the name of their selection.
    fn step(&mut self, step: &Step, indent: usize, top: bool) -> io::Result<()> {
        let (parts, word) = match &step.what {
            What::Field(field) => return self.field(field, step.holds, indent),
            What::All(parts) => (parts, self.pick("tất cả:", "all of:")),
            What::Any(parts) => (parts, self.pick("ít nhất một:", "at least one of:")),
        };
        let mut inner = indent;
        if parts.len() > 1 && !(top && matches!(step.what, What::All(_))) {
            let truth = self.truth(step.holds);
            writeln!(self.out, "{:indent$}{truth}  {word}", "")?;
            inner += 4;
        }
        parts.iter().try_for_each(|part| self.step(part, inner, false))
    }

    fn field(&mut self, field: &FieldStep, holds: bool, indent: usize) -> io::Result<()> {
        let whole = self.pick("(toàn bộ sự kiện)", "(the whole event)");
        let mut name = field.field.clone().unwrap_or_else(|| whole.into());
        if !field.modifiers.is_empty() {
            name = format!("{name}|{}", field.modifiers);
        }
        let mut notes = Vec::new();
        if field.all && field.values.len() > 1 {
            notes.push(self.pick("mọi giá trị phải khớp", "all values must match"));
        }
        if field.negate {
            notes.push(self.pick("đảo kết quả", "turned round"));
        }
        let notes =
            if notes.is_empty() { String::new() } else { format!(" ({})", notes.join(", ")) };
        let (truth, line) = (self.truth(holds), self.pick("dòng", "line"));
        writeln!(self.out, "{:indent$}{truth}  {name}{notes} [{line} {}]", "", field.line)?;
        let inner = indent + 4;
        let found = self.pick("tìm thấy", "found");
        if field.found.is_empty() {
            let absent = self.pick("không có trường này", "no such field");
            writeln!(self.out, "{:inner$}{found}: {absent}", "")?;
        }
        for value in &field.found {
            let text = match value {
                None => "null".to_owned(),
                Some(text) => format!("«{}»", shorten(text)),
            };
            writeln!(self.out, "{:inner$}{found}: {text}", "")?;
        }
        self.values(field, inner)
    }

    fn values(&mut self, field: &FieldStep, indent: usize) -> io::Result<()> {
        let mut misses = 0;
        for (value, holds) in &field.values {
            misses += usize::from(!holds);
            if *holds || misses <= MISSES_SHOWN {
                let truth = self.truth(*holds);
                writeln!(self.out, "{:indent$}{truth}  «{}»", "", shorten(value))?;
            }
        }
        if misses > MISSES_SHOWN {
            let more = self.pick("giá trị khác không khớp", "more values do not match");
            writeln!(self.out, "{:indent$}✘ … {} {more}", "", misses - MISSES_SHOWN)?;
        }
        Ok(())
    }

    fn clause(&mut self, clause: &Clause, indent: usize, prefix: &str) -> io::Result<()> {
        let truth = self.truth(clause.holds);
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}: ") };
        let inner = indent + 4;
        match &clause.form {
            Form::Selection(name) => writeln!(self.out, "{:indent$}{truth}  {prefix}{name}", ""),
            Form::And(parts) => {
                writeln!(self.out, "{:indent$}{truth}  {prefix}and", "")?;
                parts.iter().try_for_each(|part| self.clause(part, inner, ""))
            }
            Form::Or(parts) => {
                writeln!(self.out, "{:indent$}{truth}  {prefix}or", "")?;
                parts.iter().try_for_each(|part| self.clause(part, inner, ""))
            }
            Form::Not(part) => {
                writeln!(self.out, "{:indent$}{truth}  {prefix}not", "")?;
                self.clause(part, inner, "")
            }
            Form::Of { need, among } => {
                let count = match *need {
                    need if need == among.len() => self.pick("tất cả", "all of").to_owned(),
                    need => format!("{} {need}", self.pick("ít nhất", "at least")),
                };
                writeln!(self.out, "{:indent$}{truth}  {prefix}{count}", "")?;
                for (name, holds) in among {
                    let truth = self.truth(*holds);
                    writeln!(self.out, "{:inner$}{truth}  {name}", "")?;
                }
                Ok(())
            }
        }
    }
}

fn shorten(text: &str) -> String {
    let text = text.trim_end().replace('\r', "").replace('\n', " ⏎ ");
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
