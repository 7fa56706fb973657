//! What may be forgotten: events older than their agency and class are kept, unless they are held.
//!
//! Age is counted by whole files, from the later of the last event and the last arrival in it: nothing
//! goes before its time, and events that arrive late are kept as long as others.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::BooleanArray;
use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_select::filter::filter_record_batch;
use jiff::Timestamp;

use crate::care::intact;
use crate::compact::all_rows;
use crate::data_file::DataFile;
use crate::error::LakeError;
use crate::lake::{Lake, lock};
use crate::numbers::Numbers;
use crate::schema::Column;
use crate::search::Cancel;
use crate::search::columns::Columns;
use crate::search::open_file::{Form, OpenFile};
use crate::write::FileWriter;

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// How long events are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Days of events that no rule is about.
    pub default_days: u32,
    /// Exceptions. Of several that are about an event, one with agency and class counts before one with
    /// an agency, and that before one with a class; of equal ones the longest.
    pub rules: Vec<KeepRule>,
}

/// How long some events are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeepRule {
    /// Those of this agency, or of all.
    pub agency: Option<String>,
    /// Those of this class, or of all.
    pub class_uid: Option<i32>,
    /// Days from the later of event and arrival.
    pub days: u32,
}

/// Events that must not go, whatever their age.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hold {
    /// Those of this agency, or of all.
    pub agency: Option<String>,
    /// From this moment, if there is one.
    pub from: Option<Timestamp>,
    /// Until before this moment, if there is one.
    pub to: Option<Timestamp>,
}

/// What was forgotten.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Retained {
    /// Files that went as a whole.
    pub removed: usize,
    /// Files that were written again without some of their events.
    pub rewritten: usize,
    /// Events that went.
    pub rows: u64,
}

/// Events of an agency and class in a file.
type Groups = BTreeMap<(String, i32), u64>;

impl Default for Policy {
    fn default() -> Self {
        Self { default_days: 365, rules: Vec::new() }
    }
}

impl Policy {
    /// Days that events of an agency and class are kept.
    pub fn days(&self, agency: &str, class_uid: i32) -> u32 {
        let about = self.rules.iter().filter(|rule| {
            rule.agency.as_deref().is_none_or(|known| known == agency)
                && rule.class_uid.is_none_or(|known| known == class_uid)
        });
        about
            .max_by_key(|rule| (rule.agency.is_some(), rule.class_uid.is_some(), rule.days))
            .map_or(self.default_days, |rule| rule.days)
    }

    fn shortest(&self) -> u32 {
        self.rules.iter().map(|rule| rule.days).fold(self.default_days, u32::min)
    }
}

impl Hold {
    fn holds(&self, file: &DataFile, agency: &str) -> bool {
        self.agency.as_deref().is_none_or(|held| held == agency)
            && self.from.is_none_or(|from| file.entry.last >= from.as_microsecond())
            && self.to.is_none_or(|to| file.entry.first < to.as_microsecond())
    }
}

impl Lake {
    /// Removes what is older than the policy keeps it and not held. A damaged file stays. Cancelled,
    /// what went so far is gone.
    pub fn retain(
        &self,
        policy: &Policy,
        holds: &[Hold],
        now: Timestamp,
        cancel: &Cancel,
    ) -> Result<Retained, LakeError> {
        let _one = lock(&self.maintenance);
        let mut done = Retained::default();
        for file in self.snapshot().files.values() {
            if cancel.is_cancelled() {
                return Err(LakeError::Cancelled);
            }
            let age = now.as_microsecond() - file.entry.last.max(file.entry.received);
            if age < i64::from(policy.shortest()) * DAY {
                continue;
            }
            let Ok(groups) = groups(file) else { continue };
            let goes = |agency: &str, class_uid: i32| {
                age >= i64::from(policy.days(agency, class_uid)) * DAY
                    && !holds.iter().any(|hold| hold.holds(file, agency))
            };
            let rows = groups.iter().filter(|((agency, class), _)| goes(agency, *class));
            let rows = rows.map(|(_, rows)| rows).sum::<u64>();
            if rows == file.entry.rows {
                self.commit(Vec::new(), vec![file.entry.id], Numbers::new(), |_| ())?;
                done.removed += 1;
            } else if rows > 0 {
                match intact(file, cancel).and_then(|()| self.write_again(file, &goes)) {
                    Ok(()) => done.rewritten += 1,
                    Err(LakeError::Damaged { .. }) => continue,
                    Err(error) => return Err(error),
                }
            }
            done.rows += rows;
        }
        Ok(done)
    }

    fn write_again(
        &self,
        file: &Arc<DataFile>,
        goes: &dyn Fn(&str, i32) -> bool,
    ) -> Result<(), LakeError> {
        let events = self.events();
        let mut writer = FileWriter::create(&events, file.entry.day, self.new_id())?;
        for batch in all_rows(file)? {
            let batch = batch?;
            let columns = Columns::new(&batch);
            let agencies = columns.texts(Column::Agency);
            let stays = |row| {
                let class_uid = columns.number(Column::ClassUid, row).unwrap_or_default() as i32;
                !goes(agencies.get(row).unwrap_or_default(), class_uid)
            };
            let rows: BooleanArray = (0..batch.num_rows()).map(|row| Some(stays(row))).collect();
            writer.write(&filter_record_batch(&batch, &rows).map_err(LakeError::memory)?)?;
        }
        let written = writer.finish()?;
        self.commit(vec![written], vec![file.entry.id], Numbers::new(), |_| ())
    }
}

/// How many events of each agency and class a file has.
fn groups(file: &Arc<DataFile>) -> Result<Groups, LakeError> {
    let columns = [Column::ClassUid, Column::Agency];
    let open = OpenFile::open(file, &columns, Form::Rows)?;
    let mut groups = Groups::new();
    for group in 0..open.groups().len() {
        for batch in open.read(group, &columns, None)? {
            let batch = batch.map_err(|error| LakeError::damaged(&file.path)(error.into()))?;
            let columns = Columns::new(&batch);
            let agencies = columns.texts(Column::Agency);
            let classes = columns.get(Column::ClassUid).map(AsArray::as_primitive::<Int32Type>);
            let mut run: Option<((&str, i32), u64)> = None;
            for (row, class) in classes.iter().flat_map(|classes| classes.values()).enumerate() {
                let group = (agencies.get(row).unwrap_or_default(), *class);
                match &mut run {
                    Some((known, rows)) if *known == group => *rows += 1,
                    _ => add(&mut groups, run.replace((group, 1))),
                }
            }
            add(&mut groups, run);
        }
    }
    Ok(groups)
}

fn add(groups: &mut Groups, run: Option<((&str, i32), u64)>) {
    if let Some(((agency, class_uid), rows)) = run {
        *groups.entry((agency.to_owned(), class_uid)).or_default() += rows;
    }
}

#[cfg(test)]
mod tests {
    use super::{KeepRule, Policy};

    #[test]
    fn the_closest_rule_counts() {
        let rule = |agency: Option<&str>, class_uid, days| KeepRule {
            agency: agency.map(ToOwned::to_owned),
            class_uid,
            days,
        };
        let rules = vec![
            rule(None, Some(4001), 30),
            rule(Some("sokhcn"), None, 700),
            rule(Some("sokhcn"), Some(4001), 90),
        ];
        let policy = Policy { rules, ..Policy::default() };
        assert_eq!(policy.days("ubnd", 1001), 365);
        assert_eq!(policy.days("ubnd", 4001), 30);
        assert_eq!(policy.days("sokhcn", 1001), 700);
        assert_eq!(policy.days("sokhcn", 4001), 90);
        assert_eq!(policy.shortest(), 30);
    }
}
