//! What corresponds between catalogues of controls, import by import.

use jiff::Timestamp;
use khien_domain::control::mapping::{Mapping, Relation, Relationship};

use crate::controls::key;
use crate::sql::{Columns, Sql};
use crate::{Store, StoreError, Tx};

/// A mapping as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappingRow {
    /// What it says.
    pub mapping: Mapping,
    /// Which of its two catalogues it is, from 1; the highest counts.
    pub number: u64,
    /// The file that it came from.
    pub file: String,
    /// Who brought it.
    pub added_by: String,
    /// When.
    pub added_at: Timestamp,
}

fn read(row: &mut Columns<'_>) -> Result<MappingRow, StoreError> {
    let (source, target) = (key(row)?, key(row)?);
    let number = row.unsigned()?;
    let file = row.string()?;
    let relations =
        row.parsed(|text| text.lines().map(relation).collect::<Option<Vec<Relation>>>())?;
    Ok(MappingRow {
        mapping: Mapping { source, target, relations },
        number,
        file,
        added_by: row.string()?,
        added_at: row.time()?,
    })
}

fn relation(line: &str) -> Option<Relation> {
    let mut words = line.split(' ');
    let (source, relationship, target) = (words.next()?, words.next()?, words.next()?);
    let relationship = Relationship::parse(relationship)?;
    Some(Relation { source: source.to_owned(), relationship, target: target.to_owned() })
}

/// No name of a control has blanks.
fn text(mapping: &Mapping) -> String {
    let mut text = String::new();
    for Relation { source, relationship, target } in &mapping.relations {
        for part in [source, " ", relationship.name(), " ", target, "\n"] {
            text.push_str(part);
        }
    }
    text
}

impl Store {
    /// All mappings, the newest of each two catalogues first.
    pub async fn list_mappings(&self) -> Result<Vec<MappingRow>, StoreError> {
        let sql = Sql::new(
            "listing mappings",
            "SELECT source, source_version, target, target_version, number, file, text, added_by,
                 added_at
             FROM control_mapping
             ORDER BY source, source_version, target, target_version, number DESC",
        );
        self.all(sql, read).await
    }
}

impl Tx {
    /// Keeps a mapping beside those of the same catalogues that are there.
    pub async fn add_mapping(
        &mut self,
        mapping: &Mapping,
        file: &str,
        (by, at): (&str, Timestamp),
    ) -> Result<(), StoreError> {
        let (source, target) = (&mapping.source, &mapping.target);
        let sql = Sql::new(
            "keeping a mapping",
            "INSERT INTO control_mapping
                 (source, source_version, target, target_version, file, text, added_by, added_at,
                  number)
             SELECT $1, $2, $3, $4, $5, $6, $7, $8, coalesce(max(number), 0) + 1
             FROM control_mapping WHERE source = $9 AND source_version = $10 AND target = $11
                 AND target_version = $12",
        )
        .value(&source.name)
        .value(&source.version)
        .value(&target.name)
        .value(&target.version)
        .value(file)
        .value(text(mapping))
        .value(by)
        .value(at)
        .value(&source.name)
        .value(&source.version)
        .value(&target.name)
        .value(&target.version);
        self.execute(sql).await.map(|_| ())
    }
}
