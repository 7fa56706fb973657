//! Lists of agencies, systems, assets, resources, equipment and devices that keep keys from a file: looked
//! at first, then kept as a whole or not at all.
//!
//! A row whose code or name is known changes what is registered; columns that the file lacks stay as
//! they are. Looking does all that keeping does and undoes it, so that what is told is what would
//! happen.

mod devices;
mod offices;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use jiff::civil::Date;
use khien_domain::asset::{Asset, AssetKind};
use khien_domain::audit::Outcome;
use khien_domain::code::{AgencyCode, EquipmentCode, SiteCode, SystemCode};
use khien_domain::equipment::{self, Equipment};
use khien_domain::host::HostName;
use khien_domain::permission::{AgencyScope, Permission};
use khien_domain::register_pack::CIVIL;
use khien_domain::resource::{Resource, ResourceKind};
use khien_domain::system::{DataCategory, Level, Operator, Stage, System, SystemKind, Zone};
use khien_domain::text::{cut, folded};
use khien_store::Tx;

use super::evidence::{Teller, sites_of};
use super::sheet::{self, Cells, Rows, cell_name};
use super::{parts, systems};
use crate::access::{Caller, Deed};
use crate::records::Records;
use crate::use_case::UseError;

pub use super::sheet::{MAX_ROWS, MAX_SHEET_BYTES};

/// Problems that are told; more are counted.
const PROBLEMS: usize = 200;

/// What a file lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListKind {
    /// Agencies.
    Agencies,
    /// Systems.
    Systems,
    /// Assets.
    Assets,
    /// Internet resources.
    Resources,
    /// The minimum equipment of the centre.
    Equipment,
    /// Devices that keep keys.
    Custody,
}

/// A column: its name, and whether a new row needs it.
pub type Column = (&'static str, bool);

impl ListKind {
    /// All kinds.
    pub const ALL: [Self; 6] = [
        Self::Agencies,
        Self::Systems,
        Self::Assets,
        Self::Resources,
        Self::Equipment,
        Self::Custody,
    ];

    /// The name that addresses use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Agencies => "agencies",
            Self::Systems => "systems",
            Self::Assets => "assets",
            Self::Resources => "resources",
            Self::Equipment => "equipment",
            Self::Custody => "custody",
        }
    }

    /// The kind of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The columns that are read, in the order of a template.
    pub fn columns(self) -> &'static [Column] {
        match self {
            Self::Agencies => &[
                ("code", true),
                ("name", true),
                ("name_en", false),
                ("kind", true),
                ("parent", false),
                ("in_scope", false),
                ("head_name", false),
                ("head_post", false),
                ("deputy_name", false),
                ("deputy_post", false),
                ("document", false),
                ("signed", false),
                ("until", false),
            ],
            Self::Systems => &[
                ("code", true),
                ("agency", true),
                ("name", true),
                ("kind", false),
                ("level", true),
                ("stage", true),
                ("operator_agency", false),
                ("operator_name", false),
                ("data", false),
                ("zone", false),
                ("exposed", false),
                ("site", false),
                ("rto_minutes", false),
                ("rpo_minutes", false),
                ("critical", false),
                ("owner", false),
                ("head", false),
                ("scope", false),
            ],
            Self::Assets => &[
                ("system", true),
                ("name", true),
                ("kind", true),
                ("zone", true),
                ("site", false),
                ("address", false),
            ],
            Self::Resources => &[
                ("agency", true),
                ("system", false),
                ("kind", true),
                ("value", true),
                ("until", false),
            ],
            Self::Equipment => &[
                ("code", true),
                ("name", true),
                ("required", true),
                ("owned", false),
                ("assets", false),
                ("note", false),
            ],
            Self::Custody => &[
                ("agency", true),
                ("serial", true),
                ("kind", true),
                ("until", false),
                ("state", false),
                ("since", false),
                ("post", false),
            ],
        }
    }
}

/// A file to be imported.
#[derive(Clone, Debug)]
pub struct Import {
    /// What it lists.
    pub kind: ListKind,
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// How people call columns beside their names: a title and the column's name.
    pub titles: Vec<(String, &'static str)>,
    /// How people call values of closed lists beside their names.
    pub words: Vec<Word>,
    /// Whether it is only looked at.
    pub dry_run: bool,
}

/// How people call a value of a closed list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The column's name.
    pub column: &'static str,
    /// The value's name.
    pub name: &'static str,
    /// What it is called.
    pub word: String,
}

/// Names of values by column and by word, as it is looked for.
type Words = BTreeMap<(&'static str, String), &'static str>;

/// What is wrong with a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The cell: `B7`.
    pub cell: String,
    /// The name of its column.
    pub column: &'static str,
    /// What stands there, shortened.
    pub value: String,
    /// What is wrong, in English.
    pub message: String,
}

/// What became of a file, or would.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Rows below the titles.
    pub rows: usize,
    /// Rows that are new.
    pub added: usize,
    /// Rows that change what is registered, or leave it.
    pub changed: usize,
    /// What is wrong, at most some hundred.
    pub problems: Vec<Problem>,
    /// How many problems there are.
    pub wrong: usize,
    /// Columns of the file that are not read.
    pub left_out: Vec<String>,
}

/// A row with the places of its cells.
struct Row<'r> {
    number: u32,
    cells: &'r Cells,
    columns: &'r BTreeMap<&'static str, u32>,
    words: &'r Words,
    problems: Vec<Problem>,
}

impl Row<'_> {
    /// Whether the file has a column.
    fn has(&self, column: &'static str) -> bool {
        self.columns.contains_key(column)
    }

    /// What stands in a column, if anything.
    fn text(&self, column: &'static str) -> Option<&str> {
        self.cells.get(self.columns.get(column)?).map(String::as_str)
    }

    /// The name of a value of a closed list that a person wrote, by its name or by what it is called.
    fn named<'t>(&self, column: &'static str, text: &'t str) -> &'t str {
        self.words.get(&(column, folded(text.trim()))).copied().unwrap_or(text)
    }

    fn wrong(&mut self, column: &'static str, message: impl Into<String>) {
        let place = self.columns.get(column).copied().unwrap_or_default();
        let value = self.text(column).map(|text| cut(text, 80)).unwrap_or_default();
        let (cell, message) = (cell_name(place, self.number), message.into());
        self.problems.push(Problem { cell, column, value, message });
    }

    /// What a column says, read; a fault is noted.
    fn read<T>(
        &mut self,
        column: &'static str,
        message: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let found = read(self.text(column)?);
        if found.is_none() {
            self.wrong(column, message);
        }
        found
    }

    /// The same of a column that must say something.
    fn must<T>(
        &mut self,
        column: &'static str,
        message: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        if self.text(column).is_none() {
            self.wrong(column, "the cell is empty");
            return None;
        }
        self.read(column, message, read)
    }

    /// The column that a refusal is about, of those that the file has: by its words, else by the last code of
    /// something else that it repeats.
    fn place_of(&self, message: &str) -> Option<&'static str> {
        const CODES: [&str; 5] = ["agency", "system", "site", "operator_agency", "parent"];
        let by_words = PLACES.iter().filter(|(words, _)| message.contains(words));
        let by_words = by_words.map(|(_, column)| *column).find(|column| self.has(column));
        let words: Vec<&str> = message.split([' ', ';', ':', ',']).collect();
        let last = |column: &'static str| {
            let text = self.text(column)?;
            words.iter().rposition(|word| *word == text).map(|at| (at, column))
        };
        let repeated = CODES.into_iter().filter_map(last).max();
        by_words.or_else(|| repeated.map(|(_, column)| column))
    }

    fn yes(&mut self, column: &'static str) -> Option<bool> {
        self.read(column, "must be yes or no", |text| match folded(text).as_str() {
            "1" | "yes" | "co" | "x" | "true" | "dung" | "roi" => Some(true),
            "0" | "no" | "khong" | "false" | "sai" | "chua" => Some(false),
            _ => None,
        })
    }

    fn one_of<T: Copy>(
        &mut self,
        column: &'static str,
        all: &[T],
        name: fn(T) -> &'static str,
    ) -> Option<T> {
        let names: Vec<&str> = all.iter().map(|one| name(*one)).collect();
        let message = format!("must be one of {}", names.join(", "));
        let said = self.text(column).map(|text| self.named(column, text).to_owned());
        self.read(column, &message, |_| {
            all.iter().copied().find(|one| said.as_deref() == Some(name(*one)))
        })
    }

    fn day(&mut self, column: &'static str) -> Option<Date> {
        self.read(column, "must be a day such as 15/10/2026", |text| {
            let parts: Vec<&str> = text.split('/').collect();
            match parts.as_slice() {
                [day, month, year] if year.len() == 4 => {
                    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
                }
                _ => khien_domain::evidence::kinds::day(text),
            }
        })
    }

    fn minutes(&mut self, column: &'static str) -> Option<u32> {
        self.read(column, "must be a whole number of minutes", |text| text.parse().ok())
    }
}

/// What words of a refusal are about, in any list.
const PLACES: [(&str, &str); 26] = [
    ("the English name", "name_en"),
    ("the owner's name", "owner"),
    ("the head's name", "head"),
    ("the name", "name"),
    ("the operator ", "operator_name"),
    ("an isolated network", "exposed"),
    ("an isolated network", "zone"),
    ("both recovery objectives", "critical"),
    ("a recovery objective", "rto_minutes"),
    ("the level", "level"),
    ("conditions of the gate", "stage"),
    ("write down", "stage"),
    ("systems need", "stage"),
    ("with personal data", "data"),
    ("an RTO of", "rto_minutes"),
    ("an RPO of", "rpo_minutes"),
    ("open to the Internet", "exposed"),
    ("registered as critical", "critical"),
    ("the scope is one of", "scope"),
    ("own parent", "parent"),
    ("stands above", "parent"),
    ("leaves the scope", "in_scope"),
    ("only its name is kept", "in_scope"),
    ("ends before it was signed", "until"),
    ("lasts longer than", "until"),
    ("the document", "document"),
];

const NO_CODE: &str = "must be a code: small letters, digits and hyphens";

/// The row of titles, the place of each column, and titles that nobody knows.
type Titles = (u32, BTreeMap<&'static str, u32>, Vec<String>);

/// The columns of a file, by its first row that names all it must.
fn titles(import: &Import, rows: &Rows) -> Result<Titles, UseError> {
    let folded = |text: &str| folded(text.trim());
    let known = import.kind.columns();
    let named = |title: &str| {
        let title = folded(title);
        let by_name = known.iter().map(|(name, _)| *name).find(|name| *name == title);
        by_name.or_else(|| {
            let titles =
                import.titles.iter().filter(|(_, name)| known.iter().any(|(k, _)| k == name));
            titles.into_iter().find(|(words, _)| folded(words) == title).map(|(_, name)| *name)
        })
    };
    // Our own files say in a line above the titles that they are of the demonstration.
    let mut best: Option<Titles> = None;
    for (number, cells) in rows.iter().take(2) {
        let mut columns = BTreeMap::new();
        let mut left_out = Vec::new();
        for (place, title) in cells {
            match named(title) {
                Some(name) if !columns.contains_key(name) => drop(columns.insert(name, *place)),
                Some(_) => {
                    let cell = cell_name(*place, *number);
                    let title = cut(title, 80);
                    let wrong = format!("{cell}: the column «{title}» is there twice");
                    return Err(UseError::Invalid(wrong));
                }
                None => left_out.push(cut(title, 80)),
            }
        }
        if best.as_ref().is_none_or(|(_, found, _)| found.len() < columns.len()) {
            best = Some((*number, columns, left_out));
        }
    }
    let Some(best) = best else { return Err(UseError::Invalid("the file is empty".into())) };
    let missing: Vec<&str> = known
        .iter()
        .filter(|(name, must)| *must && !best.1.contains_key(name))
        .map(|(name, _)| *name)
        .collect();
    if missing.is_empty() {
        return Ok(best);
    }
    Err(UseError::Invalid(format!("the file lacks the columns {}", missing.join(", "))))
}

/// Reads a file and keeps all of it, or nothing if anything is wrong; with `dry_run` nothing in any
/// case. What is wrong is in the report.
pub async fn import(
    records: &Records,
    caller: &Caller,
    import: Import,
) -> Result<Report, UseError> {
    let kind = import.kind;
    let deed = Deed::new("register.import", kind.name(), None);
    let scope = records.scope(caller, Permission::RegisterWrite, &deed).await?;
    if matches!(kind, ListKind::Agencies | ListKind::Equipment) {
        records.require(caller, Permission::RegisterWrite, &deed).await?;
    }
    let dry_run = import.dry_run;
    let name = cut(&import.name, 100);
    let reading = tokio::task::spawn_blocking(move || {
        sheet::read(&import.name, &import.bytes).map(|rows| (import, rows))
    });
    let read = reading.await.map_err(|_| UseError::Fault("reading a file ended early"))?;
    let (import, rows) = match read {
        Ok(read) => read,
        Err(wrong) => {
            let deed = deed.with(format!("{name}: {wrong}"));
            records.audit(&records.entry(caller, &deed, Outcome::Refused)).await?;
            return Err(UseError::Invalid(wrong));
        }
    };
    let (title_row, columns, left_out) = titles(&import, &rows)?;
    let words = import.words.iter().map(|one| ((one.column, folded(one.word.trim())), one.name));
    let words: Words = words.collect();
    let mut report = Report { left_out, ..Report::default() };
    let mut teller = Teller::new(records, caller)?;
    let mut tx = records.store.begin().await?;
    let mut keeper = Keeper { kind, scope: &scope, touched: BTreeMap::new() };
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    let mut order: Vec<(u32, &Cells)> =
        rows.range(title_row + 1..).map(|(number, cells)| (*number, cells)).collect();
    if kind == ListKind::Agencies {
        order = parents_first(&order, &columns);
    }
    for (number, cells) in order {
        report.rows += 1;
        let (columns, words) = (&columns, &words);
        let mut row = Row { number, cells, columns, words, problems: Vec::new() };
        match keeper.keep(&mut tx, &mut teller, &mut row, &mut seen).await {
            Ok(true) => report.added += 1,
            Ok(false) => report.changed += 1,
            Err(Some(error)) => return Err(error),
            Err(None) => {}
        }
        report.wrong += row.problems.len();
        let room = PROBLEMS.saturating_sub(report.problems.len());
        report.problems.extend(row.problems.into_iter().take(room));
    }
    if dry_run || report.wrong > 0 {
        tx.rollback().await?;
        return Ok(report);
    }
    for (agency, before) in &keeper.touched {
        teller.servers(&mut tx, agency, before).await?;
    }
    teller.keep(&mut tx).await?;
    let (added, changed) = (report.added, report.changed);
    let deed = deed.with(format!("{name}: {added} added, {changed} changed"));
    tx.add_audit(&[records.entry(caller, &deed, Outcome::Done)]).await?;
    tx.commit().await?;
    Ok(report)
}

/// The rows of agencies, each behind the one that its parent stands in, as far as that can be.
fn parents_first<'r>(
    rows: &[(u32, &'r Cells)],
    columns: &BTreeMap<&'static str, u32>,
) -> Vec<(u32, &'r Cells)> {
    let text = |cells: &Cells, column: &str| {
        let cell = columns.get(column).and_then(|place| cells.get(place));
        cell.map(|text| text.to_lowercase())
    };
    let by_code: BTreeMap<String, usize> = (rows.iter().enumerate().rev())
        .filter_map(|(at, (_, cells))| Some((text(cells, "code")?, at)))
        .collect();
    let mut order = Vec::with_capacity(rows.len());
    let mut is_taken = vec![false; rows.len()];
    for at in 0..rows.len() {
        // Upwards until somebody has no parent here, or one that was taken.
        let mut line = Vec::new();
        let mut next = Some(at);
        while let Some(at) = next.filter(|at| !is_taken[*at]) {
            is_taken[at] = true;
            line.push(rows[at]);
            next = text(rows[at].1, "parent").and_then(|parent| by_code.get(&parent).copied());
        }
        order.extend(line.into_iter().rev());
    }
    order
}

/// Keeps rows of a kind.
struct Keeper<'k> {
    kind: ListKind,
    scope: &'k AgencyScope,
    /// Agencies whose servers change, with the sites where they had some.
    touched: BTreeMap<AgencyCode, Vec<String>>,
}

/// What a row was not kept for: a failure of the centre, or what the row's problems say.
type NotKept = Option<UseError>;

impl Keeper<'_> {
    /// Keeps a row. Answers whether it is new.
    async fn keep(
        &mut self,
        tx: &mut Tx,
        teller: &mut Teller,
        row: &mut Row<'_>,
        seen: &mut BTreeMap<String, u32>,
    ) -> Result<bool, NotKept> {
        let keys: &[&'static str] = match self.kind {
            ListKind::Agencies | ListKind::Systems | ListKind::Equipment => &["code"],
            ListKind::Assets => &["system", "name"],
            ListKind::Resources => &["value", "kind"],
            ListKind::Custody => &["agency", "serial"],
        };
        let key: Vec<String> =
            keys.iter().map(|key| row.text(key).unwrap_or_default().to_lowercase()).collect();
        if let Some(first) = seen.insert(key.join("\t"), row.number) {
            row.wrong(keys[keys.len() - 1], format!("the same stands in row {first}"));
            return Err(None);
        }
        let kept = match self.kind {
            ListKind::Agencies => offices::keep(tx, teller, row).await,
            ListKind::Systems => keep_system(tx, teller, row, self.scope).await,
            ListKind::Assets => self.keep_asset(tx, row).await,
            ListKind::Resources => keep_resource(tx, teller, row, self.scope).await,
            ListKind::Equipment => keep_equipment(tx, row).await,
            ListKind::Custody => devices::keep(tx, teller, row, self.scope).await,
        };
        kept.map_err(|error| match error {
            Some(UseError::Invalid(message) | UseError::Conflict(message)) => {
                row.wrong(row.place_of(&message).unwrap_or(keys[0]), message);
                None
            }
            Some(error @ UseError::OutOfScope(_)) => {
                row.wrong("name", error.to_string());
                None
            }
            other => other,
        })
    }

    async fn keep_asset(&mut self, tx: &mut Tx, row: &mut Row<'_>) -> Result<bool, NotKept> {
        let system = row.must("system", NO_CODE, |text| SystemCode::new(text).ok());
        let name = row.must("name", "must be the name of a host", HostName::new);
        let kind = row.one_of("kind", AssetKind::ALL, AssetKind::name);
        let zone = row.one_of("zone", Zone::ALL, Zone::name);
        let site = row.read("site", NO_CODE, |text| SiteCode::new(text).ok());
        let address = row.read("address", "must be an address such as 192.0.2.10", |text| {
            text.parse::<IpAddr>().ok()
        });
        empty(row, &["kind", "zone"]);
        let (Some(system), Some(name), Some(kind), Some(zone)) = (system, name, kind, zone) else {
            return Err(None);
        };
        let owner = tx.find_system(&system).await.map_err(|error| Some(error.into()))?;
        let Some(owner) = owner.filter(|owner| self.scope.contains(&owner.agency)) else {
            row.wrong("system", format!("there is no system {system}"));
            return Err(None);
        };
        if !row.problems.is_empty() {
            return Err(None);
        }
        if let Entry::Vacant(untouched) = self.touched.entry(owner.agency) {
            let before = sites_of(tx, untouched.key()).await.map_err(Some)?;
            untouched.insert(before);
        }
        let asset = Asset { system, name, kind, zone, site, address };
        parts::keep_asset(tx, &asset).await.map_err(Some)
    }
}

async fn keep_equipment(tx: &mut Tx, row: &mut Row<'_>) -> Result<bool, NotKept> {
    const NO_COUNT: &str = "must be a whole number";
    let code = row.must("code", NO_CODE, |text| EquipmentCode::new(text).ok());
    let needed = row.must("required", NO_COUNT, |text| text.parse().ok());
    let owned = row.read("owned", NO_COUNT, |text| text.parse().ok());
    let assets = row.read("assets", "must be names of hosts, parted by blanks", |text| {
        let names: Option<Vec<HostName>> = text.split_whitespace().map(HostName::new).collect();
        names.filter(|names| names.len() <= equipment::ASSETS)
    });
    empty(row, &["name"]);
    for name in assets.iter().flatten() {
        if !tx.has_asset(name).await.map_err(|error| Some(error.into()))? {
            row.wrong("assets", format!("there is no asset {}", name.as_str()));
        }
    }
    let (Some(code), Some(needed)) = (code, needed) else { return Err(None) };
    if !row.problems.is_empty() {
        return Err(None);
    }
    let new = Equipment {
        name: row.text("name").unwrap_or_default().to_owned(),
        needed,
        owned: owned.unwrap_or(0),
        assets: assets.unwrap_or_default(),
        note: row.text("note").map(str::to_owned),
        code,
    };
    let new = new.checked().map_err(|wrong| Some(UseError::invalid(wrong)))?;
    let known = tx.find_equipment(&new.code).await.map_err(|error| Some(error.into()))?;
    tx.put_equipment(&new).await.map_err(|error| Some(error.into()))?;
    Ok(known.is_none())
}

/// Notes columns that must say something and do not.
fn empty(row: &mut Row<'_>, columns: &[&'static str]) {
    for column in columns {
        if row.text(column).is_none() {
            row.wrong(column, "the cell is empty");
        }
    }
}

/// What a row says of whether a system is registered here at all.
fn scope_of(row: &Row<'_>) -> String {
    row.text("scope").map_or(CIVIL, |text| row.named("scope", text)).to_owned()
}

async fn keep_system(
    tx: &mut Tx,
    teller: &mut Teller,
    row: &mut Row<'_>,
    scope: &AgencyScope,
) -> Result<bool, NotKept> {
    let code = row.must("code", NO_CODE, |text| SystemCode::new(text).ok());
    let agency = row.must("agency", NO_CODE, |text| AgencyCode::new(text).ok());
    let level =
        row.must("level", "must be a number from 1 to 5", |text| Level::new(text.parse().ok()?));
    let stage = row.one_of("stage", Stage::ALL, Stage::name);
    let kind = row.one_of("kind", SystemKind::ALL, SystemKind::name);
    let zone = row.one_of("zone", Zone::ALL, Zone::name);
    let data: Vec<&str> = DataCategory::ALL.iter().map(|one| one.name()).collect();
    let message = format!("must be some of {}", data.join(", "));
    // Words hold blanks, names do not.
    let said = row.text("data").map(|text| {
        let parts = text.split([',', ';', '\n']).map(|part| row.named("data", part));
        parts.collect::<Vec<_>>().join(" ")
    });
    let data: Option<BTreeSet<DataCategory>> = row.read("data", &message, |_| {
        said.iter().flat_map(|said| said.split_whitespace()).map(DataCategory::parse).collect()
    });
    let operator_agency = row.read("operator_agency", NO_CODE, |text| AgencyCode::new(text).ok());
    let site = row.read("site", NO_CODE, |text| SiteCode::new(text).ok());
    let (rto, rpo) = (row.minutes("rto_minutes"), row.minutes("rpo_minutes"));
    let (exposed, critical) = (row.yes("exposed"), row.yes("critical"));
    empty(row, &["name", "stage"]);
    if agency.as_ref().is_some_and(|agency| !scope.contains(agency)) {
        row.wrong("agency", "the agency is outside the scope");
    }
    let (Some(code), Some(agency), Some(level), Some(stage)) = (code, agency, level, stage) else {
        return Err(None);
    };
    if !row.problems.is_empty() {
        return Err(None);
    }
    let known = tx.find_system(&code).await.map_err(|error| Some(error.into()))?;
    if known.as_ref().is_some_and(|known| known.agency != agency) {
        row.wrong("agency", "the agency of a system does not change: its events bear it");
        return Err(None);
    }
    let name = row.text("name").unwrap_or_default().to_owned();
    let not_for_here = systems::not_for_here(teller, &scope_of(row), &name).map_err(Some)?;
    if let Some(refused) = not_for_here {
        return Err(Some(UseError::OutOfScope(refused)));
    }
    let new = System::new(code, agency, name, level, stage, teller.now);
    let base = known.clone().unwrap_or_else(|| new.clone());
    let operator = match (operator_agency, row.text("operator_name")) {
        (Some(agency), _) => Operator::Agency(agency),
        (None, Some(name)) => Operator::Provider(name.to_owned()),
        (None, None) if row.has("operator_agency") || row.has("operator_name") => Operator::Owner,
        (None, None) => base.operator.clone(),
    };
    let zone = zone.unwrap_or(base.zone);
    let text = |column: &'static str, known: &Option<String>| {
        if row.has(column) { row.text(column).map(ToOwned::to_owned) } else { known.clone() }
    };
    let system = System {
        name: new.name,
        level: new.level,
        stage: new.stage,
        kind: kind.unwrap_or(base.kind),
        operator,
        data: if row.has("data") { data.unwrap_or_default() } else { base.data.clone() },
        zone,
        // What nobody said of a new one follows from its network.
        is_exposed: exposed.unwrap_or(if known.is_some() {
            base.is_exposed
        } else {
            zone != Zone::Isolated
        }),
        site: if row.has("site") { site } else { base.site.clone() },
        rto_minutes: if row.has("rto_minutes") { rto } else { base.rto_minutes },
        rpo_minutes: if row.has("rpo_minutes") { rpo } else { base.rpo_minutes },
        is_critical: critical.unwrap_or(base.is_critical),
        owner: text("owner", &base.owner),
        head: text("head", &base.head),
        ..base
    };
    let is_new = known.is_none();
    systems::put_system(tx, teller, system, known).await.map_err(Some)?;
    Ok(is_new)
}

async fn keep_resource(
    tx: &mut Tx,
    teller: &mut Teller,
    row: &mut Row<'_>,
    scope: &AgencyScope,
) -> Result<bool, NotKept> {
    let agency = row.must("agency", NO_CODE, |text| AgencyCode::new(text).ok());
    let system = row.read("system", NO_CODE, |text| SystemCode::new(text).ok());
    let kind = row.one_of("kind", ResourceKind::ALL, ResourceKind::name);
    let until = row.day("until");
    empty(row, &["kind", "value"]);
    if let Some(agency) = &agency {
        let is_there = tx.find_agency(agency).await.map_err(|error| Some(error.into()))?.is_some();
        if !scope.contains(agency) || !is_there {
            row.wrong("agency", "the agency is outside the scope");
        }
    }
    let (Some(agency), Some(kind)) = (agency, kind) else { return Err(None) };
    if !row.problems.is_empty() {
        return Err(None);
    }
    let value = row.text("value").unwrap_or_default().to_owned();
    let resource = Resource { agency, system, kind, value, until };
    parts::keep_resource(tx, teller, scope, resource).await.map_err(Some)
}
