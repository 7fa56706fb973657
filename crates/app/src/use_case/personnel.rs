//! The personnel list beside the accounts: who has left is told, and let in no more if that is wanted.
//!
//! Of the file nothing is kept but what the audit log says of the accounts that were disabled. A list
//! that cannot be read in full disables nobody: its rows are told with their places.

use std::collections::BTreeMap;

use jiff::civil::Date;
use khien_domain::account::UserName;
use khien_domain::account::personnel::{Comparison, Listed, Standing};
use khien_domain::account::policy::{AccessPack, PersonnelWords};
use khien_domain::audit::Outcome;
use khien_domain::code::AgencyCode;
use khien_domain::page::PageRequest;
use khien_domain::permission::{Identity, Permission};

use super::UseError;
use super::people::disable_person;
use super::register::evidence::day_of;
use super::register::sheet::{self, Rows};
use crate::access::{Caller, Deed};
use crate::records::Records;

pub use super::register::sheet::MAX_SHEET_BYTES as MAX_PERSONNEL_BYTES;

/// What a comparison has shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// What does not agree.
    pub comparison: Comparison,
    /// Accounts that were disabled.
    pub disabled: Vec<UserName>,
    /// Accounts of those who left that were not, with the reason.
    pub kept: Vec<(UserName, String)>,
    /// Rows that cannot be read: cell and reason.
    pub problems: Vec<(String, String)>,
}

/// Compares the accounts with a personnel list, CSV or XLSX. With `disable` those who have left are let
/// in no more, but for whoever asks and the last administrator.
pub async fn compare(
    records: &Records,
    pack: &AccessPack,
    caller: &Caller,
    (name, bytes): (&str, &[u8]),
    disable: bool,
) -> Result<Report, UseError> {
    let deed = Deed::new("person.compare", "", None);
    records.require(caller, Permission::People, &deed).await?;
    let today = day_of(records.now());
    let rows = sheet::read(name, bytes).map_err(UseError::Invalid)?;
    let (listed, problems) = read(&rows, &pack.personnel, today).map_err(UseError::Invalid)?;
    let mut people = Vec::new();
    let mut page = PageRequest::new(None, 500);
    loop {
        let found = records.store.list_people(&page).await?;
        people.extend(found.items);
        let Some(next) = found.next else { break };
        page.after = Some(next);
    }
    let comparison = Comparison::new(&people, &listed, today);
    let mut report = Report { comparison, problems, ..Report::default() };
    if disable && report.problems.is_empty() {
        disable_leavers(records, caller, &mut report).await?;
    }
    let Comparison { left, unlisted, without, elsewhere, agreeing } = &report.comparison;
    let deed = deed.with(format!(
        "{} left, {} unlisted, {} without an account, {} elsewhere, {agreeing} agree; {} disabled",
        left.len(),
        unlisted.len(),
        without.len(),
        elsewhere.len(),
        report.disabled.len(),
    ));
    records.audit(&records.entry(caller, &deed, Outcome::Done)).await?;
    Ok(report)
}

async fn disable_leavers(
    records: &Records,
    caller: &Caller,
    report: &mut Report,
) -> Result<(), UseError> {
    for (name, _) in &report.comparison.left {
        let own = Identity::Person { name: name.clone() };
        if caller.actor.identity == own {
            let why = "this is the account of whoever compares".to_owned();
            report.kept.push((name.clone(), why));
            continue;
        }
        match disable_person(records, caller, name, true).await {
            Ok(_) => report.disabled.push(name.clone()),
            Err(UseError::Conflict(why)) => report.kept.push((name.clone(), why)),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Columns of a list, by their place.
struct Columns {
    account: u32,
    agency: Option<u32>,
    until: Option<u32>,
    state: Option<u32>,
}

impl Columns {
    fn read(rows: &Rows, words: &PersonnelWords) -> Result<(u32, Self), String> {
        let Some((row, titles)) = rows.first_key_value() else {
            return Err("the file is empty".into());
        };
        let of = |words: &[String]| {
            let mut found = titles.iter().filter(|(_, title)| PersonnelWords::has(words, title));
            found.next().map(|(column, _)| *column)
        };
        let account = of(&words.account).ok_or_else(|| {
            format!("row {row}: no column is called «{}»", words.account.join("», «"))
        })?;
        let (agency, until, state) = (of(&words.agency), of(&words.until), of(&words.state));
        if until.is_none() && state.is_none() {
            return Err(format!(
                "row {row}: no column is called «{}» or «{}»",
                words.until.join("», «"),
                words.state.join("», «"),
            ));
        }
        Ok((*row, Self { account, agency, until, state }))
    }
}

type Problems = Vec<(String, String)>;

/// The rows of a list, and what cannot be read.
fn read(
    rows: &Rows,
    words: &PersonnelWords,
    today: Date,
) -> Result<(Vec<Listed>, Problems), String> {
    let (titles, columns) = Columns::read(rows, words)?;
    let mut problems = Vec::new();
    let below = rows.range(titles + 1..);
    let listed = below.filter_map(|(number, cells)| {
        Row { number: *number, cells, columns: &columns, problems: &mut problems }
            .listed(words, today)
    });
    Ok((listed.collect(), problems))
}

/// A row that is being read.
struct Row<'r> {
    number: u32,
    cells: &'r BTreeMap<u32, String>,
    columns: &'r Columns,
    problems: &'r mut Problems,
}

impl<'r> Row<'r> {
    fn listed(&mut self, words: &PersonnelWords, today: Date) -> Option<Listed> {
        let account = self.cell(Some(self.columns.account));
        if account.is_none() {
            self.wrong(self.columns.account, "the account is missing".into());
        }
        let account = account.and_then(|text| {
            let name = UserName::new(text);
            name.map_err(|wrong| self.wrong(self.columns.account, wrong.to_string())).ok()
        });
        let agency = self.value(self.columns.agency, |text| {
            AgencyCode::new(&text.to_lowercase()).map_err(|wrong| wrong.to_string())
        });
        let until = self.value(self.columns.until, |text| {
            day(text).ok_or_else(|| format!("«{text}» is no day"))
        });
        let left = self.value(self.columns.state, |text| {
            words.left(text).ok_or_else(|| format!("the state «{text}» is not known"))
        });
        Some(Listed { account: account?, agency, standing: Standing::of(until, left, today) })
    }

    fn cell(&self, column: Option<u32>) -> Option<&'r str> {
        let text = self.cells.get(&column?)?.trim();
        (!text.is_empty()).then_some(text)
    }

    /// What a cell says, if anything does; what cannot be read is told.
    fn value<T>(
        &mut self,
        column: Option<u32>,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let text = self.cell(column)?;
        read(text).map_err(|wrong| self.wrong(column.unwrap_or_default(), wrong)).ok()
    }

    fn wrong(&mut self, column: u32, why: String) {
        self.problems.push((sheet::cell_name(column, self.number), why));
    }
}

/// A day as records or as people write it.
fn day(text: &str) -> Option<Date> {
    let written = || Date::strptime("%d/%m/%Y", text).ok();
    khien_domain::evidence::kinds::day(text).or_else(written)
}
