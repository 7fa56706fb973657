//! The ledger of evidence: records are added at its end and read; the database itself refuses anything
//! else.

use std::collections::BTreeSet;

use jiff::Timestamp;
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::evidence::glance::Glance;
use khien_domain::evidence::{About, How, NewEvidence, Record, hex};
use khien_domain::page::{Page, PageRequest};
use khien_domain::permission::AgencyScope;

use crate::sql::{Columns, Sql, Value, chunks, signed, unsigned};
use crate::{Store, StoreError, Tx};

/// How many records are read at once when the whole ledger is.
const BLOCK: u64 = 4_096;

/// Which records are wanted; everything that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EvidenceFilter {
    /// Of this kind.
    pub kind: Option<String>,
    /// About this agency.
    pub agency: Option<AgencyCode>,
    /// About this system.
    pub system: Option<SystemCode>,
    /// About this one of several things of the kind.
    pub subject: Option<String>,
}

/// The end of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tip {
    /// How many records there are.
    pub size: u64,
    /// The hash of the last, 64 hexadecimal digits; zeros if there is none.
    pub hash: String,
}

/// A signed root of the tree, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckpointRow {
    /// Its number, from 0 without gaps.
    pub number: u64,
    /// How many records it covers.
    pub size: u64,
    /// When it was made.
    pub at: Timestamp,
    /// The line as it is exported.
    pub line: String,
    /// What the next one needs of the tree.
    pub frontier: Vec<u8>,
}

/// A record with what is kept beside its line, by which records are found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptRecord {
    /// Its number.
    pub seq: u64,
    /// The kind that it is found by.
    pub kind: String,
    /// The agency.
    pub agency: Option<String>,
    /// The system.
    pub system: Option<String>,
    /// The subject.
    pub subject: String,
    /// The record that it replaces.
    pub corrects: Option<u64>,
    /// Its hash.
    pub hash: Vec<u8>,
    /// The line that is exported.
    pub line: String,
}

impl KeptRecord {
    /// The first of the columns that says something else than the line, if one does.
    pub fn stray_column(&self) -> Option<&'static str> {
        let Ok(said) = Glance::read(&self.line) else { return Some("line") };
        let hash = hash_of(&self.line);
        let columns = [
            ("seq", said.seq == self.seq),
            ("kind", said.kind == self.kind),
            ("agency", said.agency.as_deref() == self.agency.as_deref()),
            ("system", said.system.as_deref() == self.system.as_deref()),
            ("subject", said.subject == self.subject),
            ("corrects", said.corrects == self.corrects),
            ("hash", hash.is_some_and(|hash| hash == *self.hash)),
        ];
        columns.into_iter().find_map(|(name, holds)| (!holds).then_some(name))
    }
}

fn line(row: &mut Columns<'_>) -> Result<Record, StoreError> {
    let text = row.string()?;
    Record::parse(&text).map_err(|error| row.damaged(format!("a record of the ledger: {error}")))
}

fn checkpoint(row: &mut Columns<'_>) -> Result<CheckpointRow, StoreError> {
    Ok(CheckpointRow {
        number: row.unsigned()?,
        size: row.unsigned()?,
        at: row.time()?,
        line: row.string()?,
        frontier: row.bytes()?,
    })
}

/// The columns of [`tip`].
const TIP: &str = "SELECT seq, line FROM ledger ORDER BY seq DESC LIMIT 1";

fn tip(row: &mut Columns<'_>) -> Result<Tip, StoreError> {
    let (seq, line) = (row.unsigned()?, row.string()?);
    let hash = hash_of(&line).ok_or_else(|| row.damaged("the last record of the ledger".into()))?;
    Ok(Tip { size: seq + 1, hash: hex(&hash) })
}

/// The hash of a record, of its line: what is kept beside it is not relied on.
fn hash_of(line: &str) -> Option<[u8; 32]> {
    Record::split(line).map(|(about, _)| About::hash(about))
}

fn block(row: &mut Columns<'_>) -> Result<Option<String>, StoreError> {
    row.optional_string()
}

fn kept(row: &mut Columns<'_>) -> Result<KeptRecord, StoreError> {
    Ok(KeptRecord {
        seq: row.unsigned()?,
        kind: row.string()?,
        agency: row.optional_string()?,
        system: row.optional_string()?,
        subject: row.string()?,
        corrects: row.optional_number()?,
        hash: row.bytes()?,
        line: row.string()?,
    })
}

impl Default for Tip {
    /// The end of a ledger that has not begun.
    fn default() -> Self {
        Self { size: 0, hash: "0".repeat(64) }
    }
}

fn of_system(agency: &AgencyCode, system: &SystemCode, size: u64) -> Result<Sql, StoreError> {
    const DOING: &str = "reading the evidence of a system";
    let sql = Sql::new(
        DOING,
        "SELECT line FROM ledger
         WHERE (system = $1 OR (agency = $2 AND system IS NULL)) AND seq < $3 ORDER BY seq",
    );
    let size = signed(DOING, "the size", size)?;
    Ok(sql.value(system.as_str()).value(agency.as_str()).value(size))
}

fn of_ledger(kind: &str) -> Sql {
    let sql = Sql::new(
        "reading the records of a kind",
        "SELECT line FROM ledger WHERE agency IS NULL AND kind = $1 ORDER BY seq DESC LIMIT 100",
    );
    sql.value(kind)
}

const CHECKPOINT: &str = "SELECT number, size, at, line, frontier FROM ledger_checkpoint";

impl Store {
    /// The end of the ledger.
    pub async fn ledger_tip(&self) -> Result<Tip, StoreError> {
        let found = self.one(Sql::new("reading the end of the ledger", TIP), tip).await?;
        Ok(found.unwrap_or_default())
    }

    /// How many records there are, whether or not the last of them can be read.
    pub async fn ledger_size(&self) -> Result<u64, StoreError> {
        let sql = Sql::new("counting the ledger", "SELECT coalesce(max(seq) + 1, 0) FROM ledger");
        Ok(self.one(sql, unsigned).await?.unwrap_or_default())
    }

    /// A record about an agency in scope; one about no agency only for a scope of all.
    pub async fn find_evidence(
        &self,
        scope: &AgencyScope,
        seq: u64,
    ) -> Result<Option<Record>, StoreError> {
        // No ledger has as many.
        let Ok(seq) = i64::try_from(seq) else { return Ok(None) };
        let sql = Sql::new("reading a record of the ledger", "SELECT line FROM ledger WHERE 1 = 1");
        self.one(sql.scope("agency", scope).text(" AND seq = ").bind(seq), line).await
    }

    /// The records that correct or withdraw one, in their order.
    pub async fn list_corrections(&self, seq: u64) -> Result<Vec<Record>, StoreError> {
        const DOING: &str = "reading corrections";
        let sql = Sql::new(DOING, "SELECT line FROM ledger WHERE corrects = $1 ORDER BY seq");
        self.all(sql.value(signed(DOING, "the number", seq)?), line).await
    }

    /// The records about the agencies in scope, newest first.
    pub async fn list_evidence(
        &self,
        scope: &AgencyScope,
        filter: &EvidenceFilter,
        page: &PageRequest,
    ) -> Result<Page<Record>, StoreError> {
        let sql = Sql::new("reading the ledger", "SELECT line FROM ledger WHERE 1 = 1")
            .scope("agency", scope)
            .and(" AND kind = ", filter.kind.as_deref())
            .and(" AND agency = ", filter.agency.as_ref().map(AgencyCode::as_str))
            .and(" AND system = ", filter.system.as_ref().map(SystemCode::as_str))
            .and(" AND subject = ", filter.subject.as_deref())
            .and(" AND seq < ", page.after)
            .text(" ORDER BY seq DESC");
        // Numbers in the ledger came out of a column of signed integers.
        self.page(sql, page, line, |record| record.about.seq.cast_signed()).await
    }

    /// All records about a system, and those about its agency that are about no system, in their
    /// order, before a size of the ledger.
    pub async fn evidence_of_system(
        &self,
        agency: &AgencyCode,
        system: &SystemCode,
        size: u64,
    ) -> Result<Vec<Record>, StoreError> {
        self.all(of_system(agency, system, size)?, line).await
    }

    /// The last record of each subject that begins so, of a kind about an agency.
    pub async fn last_by_subject(
        &self,
        agency: &AgencyCode,
        kind: &str,
        beginning: &str,
    ) -> Result<Vec<Record>, StoreError> {
        let sql = Sql::new(
            "reading the last records of subjects",
            "SELECT line FROM ledger WHERE seq IN (
                 SELECT max(seq) FROM ledger
                 WHERE agency = $1 AND kind = $2 AND substr(subject, 1, length($3)) = $3
                 GROUP BY subject) ORDER BY seq",
        );
        self.all(sql.value(agency.as_str()).value(kind).value(beginning), line).await
    }

    /// The last record of a kind about each subject of each agency in scope.
    pub async fn last_by_agency_and_subject(
        &self,
        scope: &AgencyScope,
        kind: &str,
    ) -> Result<Vec<Record>, StoreError> {
        let sql = Sql::new(
            "reading the last records of subjects",
            "SELECT line FROM ledger WHERE seq IN (
                 SELECT max(seq) FROM ledger WHERE kind = $1 AND agency IS NOT NULL
                 GROUP BY agency, subject)",
        );
        self.all(sql.value(kind).scope("agency", scope).text(" ORDER BY seq"), line).await
    }

    /// The last record of a kind about each system of the agencies in scope.
    pub async fn last_by_system(
        &self,
        scope: &AgencyScope,
        kind: &str,
    ) -> Result<Vec<Record>, StoreError> {
        let sql = Sql::new(
            "reading the last records of systems",
            "SELECT line FROM ledger WHERE seq IN (
                 SELECT max(seq) FROM ledger WHERE kind = $1 AND system IS NOT NULL
                 GROUP BY system)",
        );
        self.all(sql.value(kind).scope("agency", scope).text(" ORDER BY seq"), line).await
    }

    /// The subjects of a kind about a system of which the agency's own word is the last record.
    pub async fn last_declared(
        &self,
        agency: &AgencyCode,
        system: &SystemCode,
        kind: &str,
    ) -> Result<BTreeSet<String>, StoreError> {
        let sql = Sql::new(
            "reading what is declared last",
            "SELECT line FROM ledger WHERE seq IN (
                 SELECT max(seq) FROM ledger WHERE agency = $1 AND system = $2 AND kind = $3
                 GROUP BY subject)",
        );
        let sql = sql.value(agency.as_str()).value(system.as_str()).value(kind);
        let last = self.all(sql, line).await?.into_iter().map(|record| record.about);
        Ok(last.filter(|about| about.how == How::Declared).map(|about| about.subject).collect())
    }

    /// The last record of a kind about no agency.
    pub async fn last_of_ledger(
        &self,
        kind: &str,
        subject: Option<&str>,
    ) -> Result<Option<Record>, StoreError> {
        let sql = Sql::new(
            "reading the last record of a kind",
            "SELECT line FROM ledger WHERE agency IS NULL AND kind = $1",
        );
        let sql = sql.value(kind).and(" AND subject = ", subject);
        self.one(sql.text(" ORDER BY seq DESC LIMIT 1"), line).await
    }

    /// The last hundred records of a kind about no agency, newest first.
    pub async fn all_of_ledger(&self, kind: &str) -> Result<Vec<Record>, StoreError> {
        self.all(of_ledger(kind), line).await
    }

    /// Lines of the ledger from a number on, with the end of the line after each, before a size; at
    /// most some thousand at once, in their order. Empty at the end.
    pub async fn ledger_block(&self, from: u64, size: u64) -> Result<String, StoreError> {
        const DOING: &str = "reading the ledger";
        let end = size.min(from.saturating_add(BLOCK));
        let sql = Sql::new(
            DOING,
            "SELECT string_agg(line || '\n', '' ORDER BY seq) FROM ledger WHERE seq >= $1 AND seq < $2",
        );
        let sql =
            sql.value(signed(DOING, "the number", from)?).value(signed(DOING, "the number", end)?);
        let found = self.one(sql, block).await?;
        Ok(found.flatten().unwrap_or_default())
    }

    /// Numbers and lines of the records from a number on, before a size, that replace others; at most some
    /// thousand at once, in their order.
    pub async fn ledger_corrections(
        &self,
        from: u64,
        size: u64,
    ) -> Result<Vec<(u64, String)>, StoreError> {
        const DOING: &str = "reading corrections";
        let sql = Sql::new(
            DOING,
            "SELECT seq, line FROM ledger
             WHERE corrects IS NOT NULL AND seq >= $1 AND seq < $2 ORDER BY seq LIMIT 4096",
        );
        let sql =
            sql.value(signed(DOING, "the number", from)?).value(signed(DOING, "the number", size)?);
        self.all(sql, |row| Ok((row.unsigned()?, row.string()?))).await
    }

    /// Records from a number on, before a size, with what is kept beside them, in their order; at most some
    /// thousand at once.
    pub async fn kept_records(&self, from: u64, size: u64) -> Result<Vec<KeptRecord>, StoreError> {
        const DOING: &str = "reading the ledger";
        let end = size.min(from.saturating_add(BLOCK));
        let sql = Sql::new(
            DOING,
            "SELECT seq, kind, agency, system, subject, corrects, hash, line FROM ledger
             WHERE seq >= $1 AND seq < $2 ORDER BY seq",
        );
        let sql =
            sql.value(signed(DOING, "the number", from)?).value(signed(DOING, "the number", end)?);
        self.all(sql, kept).await
    }

    /// The last checkpoint.
    pub async fn last_checkpoint(&self) -> Result<Option<CheckpointRow>, StoreError> {
        let sql = Sql::new("reading the last checkpoint", CHECKPOINT);
        self.one(sql.text(" ORDER BY number DESC LIMIT 1"), checkpoint).await
    }

    /// Checkpoints from a number on, in their order, at most a hundred.
    pub async fn list_checkpoints(&self, from: u64) -> Result<Vec<CheckpointRow>, StoreError> {
        const DOING: &str = "reading checkpoints";
        let sql = Sql::new(DOING, CHECKPOINT).text(" WHERE number >= ");
        let from = signed(DOING, "the number", from)?;
        self.all(sql.bind(from).text(" ORDER BY number LIMIT 100"), checkpoint).await
    }
}

impl Tx {
    /// The end of the ledger; nobody else adds to it until this transaction ends.
    pub async fn lock_ledger(&mut self) -> Result<Tip, StoreError> {
        self.lock("LOCK TABLE ledger IN EXCLUSIVE MODE").await?;
        let found = self.one(Sql::new("reading the end of the ledger", TIP), tip).await?;
        Ok(found.unwrap_or_default())
    }

    /// The same as [`Store::evidence_of_system`], with what this transaction added.
    pub async fn evidence_of_system(
        &mut self,
        agency: &AgencyCode,
        system: &SystemCode,
        size: u64,
    ) -> Result<Vec<Record>, StoreError> {
        self.all(of_system(agency, system, size)?, line).await
    }

    /// The same as [`Store::all_of_ledger`], with what this transaction added.
    pub async fn all_of_ledger(&mut self, kind: &str) -> Result<Vec<Record>, StoreError> {
        self.all(of_ledger(kind), line).await
    }

    /// The records of a kind about an agency that no other replaces, in their order.
    pub async fn standing_evidence(
        &mut self,
        agency: &AgencyCode,
        kind: &str,
    ) -> Result<Vec<Record>, StoreError> {
        let sql = Sql::new(
            "reading the records of a kind that stand",
            "SELECT line FROM ledger WHERE agency = $1 AND kind = $2 AND NOT EXISTS
                 (SELECT 1 FROM ledger AS later WHERE later.corrects = ledger.seq)
             ORDER BY seq",
        );
        self.all(sql.value(agency.as_str()).value(kind), line).await
    }

    /// The records by which appeals in the round of a year were accepted.
    pub async fn records_of_appeals(&mut self, year: i16) -> Result<Vec<Record>, StoreError> {
        let sql = Sql::new(
            "reading the records of appeals",
            "SELECT line FROM ledger WHERE seq IN
                 (SELECT record FROM index_appeal WHERE year = $1 AND record IS NOT NULL)
             ORDER BY seq",
        );
        self.all(sql.value(i64::from(year)), line).await
    }

    /// Adds records at the end of the ledger, in their order; answers them at their places. What they
    /// say was checked before ([`Kinds::check`](khien_domain::evidence::kinds::Kinds::check)).
    ///
    /// While a round of the index is frozen nothing becomes so before its cut-off: what comes late is so
    /// from the second after, so that nothing is lost and the frozen table does not change. Whoever
    /// records for people refuses before ([`frozen_round`](Self::frozen_round)).
    pub async fn append_evidence(
        &mut self,
        mut new: Vec<NewEvidence>,
        recorded: Timestamp,
    ) -> Result<Vec<About>, StoreError> {
        self.lock_ledger().await?;
        if let Some((_, cutoff)) = self.frozen_round().await? {
            let second = cutoff.as_second();
            let after = Timestamp::from_second(second + 1).unwrap_or(cutoff);
            for late in new.iter_mut().filter(|new| new.at.as_second() <= second) {
                late.at = after;
                // It ended before; it counts for its first second, and is expired then.
                let end = Timestamp::from_second(second + 2).unwrap_or(after);
                late.until = late.until.map(|until| until.max(end));
            }
        }
        self.append_by_appeal(new, recorded).await
    }

    /// The same for the record that an accepted appeal makes, which alone changes what was so until the
    /// cut-off of a frozen round.
    pub async fn append_by_appeal(
        &mut self,
        new: Vec<NewEvidence>,
        recorded: Timestamp,
    ) -> Result<Vec<About>, StoreError> {
        const DOING: &str = "adding to the ledger";
        let Tip { size, mut hash } = self.lock_ledger().await?;
        let mut done = Vec::with_capacity(new.len());
        let mut rows = Vec::with_capacity(new.len());
        for (seq, new) in (size..).zip(new) {
            let record = new.at_place(seq, &hash, recorded);
            let text = record.about.to_text();
            let own = About::hash(&text);
            hash = hex(&own);
            let line = Record::line_of(&text, &record.content.to_text());
            rows.push((own, line));
            done.push(record.about);
        }
        let all: Vec<_> = done.iter().zip(&rows).collect();
        for chunk in chunks(&all) {
            let mut values = Vec::with_capacity(chunk.len());
            for (about, (hash, line)) in chunk {
                let corrects = about.corrects.map(|seq| signed(DOING, "the number", seq));
                values.push(vec![
                    Value::from(signed(DOING, "the number", about.seq)?),
                    (&about.kind).into(),
                    about.agency.as_ref().map(AgencyCode::as_str).into(),
                    about.system.as_ref().map(SystemCode::as_str).into(),
                    (&about.subject).into(),
                    corrects.transpose()?.into(),
                    hash.as_slice().into(),
                    line.into(),
                ]);
            }
            let sql = Sql::new(
                DOING,
                "INSERT INTO ledger (seq, kind, agency, system, subject, corrects, hash, line)
                 VALUES ",
            );
            self.execute(sql.rows(values)).await?;
        }
        let (mut declared, mut replaced) = (Vec::new(), Vec::new());
        for about in &done {
            if let Some(agency) = about.agency.as_ref().filter(|_| about.how == How::Declared) {
                declared.push((signed(DOING, "the number", about.seq)?, agency));
            }
            if let Some(seq) = about.corrects {
                replaced.push(signed(DOING, "the number", seq)?);
            }
        }
        self.add_reviews(&declared).await?;
        self.replace_reviews(&replaced).await?;
        Ok(done)
    }

    /// Adds a checkpoint.
    pub async fn add_checkpoint(&mut self, row: &CheckpointRow) -> Result<(), StoreError> {
        const DOING: &str = "adding a checkpoint";
        let sql = Sql::new(
            DOING,
            "INSERT INTO ledger_checkpoint (number, size, at, line, frontier)
             VALUES ($1, $2, $3, $4, $5)",
        );
        let sql = sql
            .value(signed(DOING, "the number", row.number)?)
            .value(signed(DOING, "the size", row.size)?)
            .value(row.at)
            .value(&row.line)
            .value(row.frontier.as_slice());
        self.execute(sql).await.map(|_| ())
    }
}
