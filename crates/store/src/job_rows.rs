//! What jobs take and give: an input of any size, and rows that are added while they run.
//!
//! Rows are added in the transaction that notes the progress they belong to, so that a job that goes
//! on after a crash neither misses nor doubles one. Whoever reads them has found the job in their
//! scope before.

use jiff::Timestamp;
use khien_domain::ids::JobId;
use khien_domain::page::{Page, PageRequest};

use crate::sql::{Columns, Sql, Value, chunks, int};
use crate::{Store, StoreError, Tx};

/// What a row of a job is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobRowKind {
    /// What came out of it.
    Result,
    /// What the job itself needs later.
    Note,
}

impl JobRowKind {
    fn name(self) -> &'static str {
        match self {
            Self::Result => "result",
            Self::Note => "note",
        }
    }
}

/// A row of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRow {
    /// Its number among the job's rows of this kind, from 1.
    pub number: i64,
    /// What it says, in the application's own form.
    pub payload: String,
}

impl Store {
    /// What a job works on.
    pub async fn find_job_input(&self, id: JobId) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = Sql::new("reading a job's input", "SELECT body FROM job_input WHERE job_id = $1");
        let read = |row: &mut Columns<'_>| Ok((row.bytes()?,));
        Ok(self.all(sql.value(id.0), read).await?.pop().map(|(body,)| body))
    }

    /// The rows of a job, in their order.
    pub async fn list_job_rows(
        &self,
        id: JobId,
        kind: JobRowKind,
        page: &PageRequest,
    ) -> Result<Page<JobRow>, StoreError> {
        let sql = Sql::new(
            "reading a job's rows",
            "SELECT number, payload FROM job_row WHERE job_id = $1 AND kind = $2",
        )
        .value(id.0)
        .value(kind.name())
        .and(" AND number > ", page.after)
        .text(" ORDER BY number");
        let read =
            |row: &mut Columns<'_>| Ok(JobRow { number: row.int()?, payload: row.string()? });
        self.page(sql, page, read, |row| row.number).await
    }

    /// How many jobs wait or run.
    pub async fn count_open_jobs(&self) -> Result<u64, StoreError> {
        let sql = Sql::new(
            "counting jobs",
            "SELECT count(*) FROM job WHERE state IN ('queued', 'running')",
        );
        let count = self.all(sql, int).await?.pop().unwrap_or_default();
        Ok(u64::try_from(count).unwrap_or_default())
    }
}

impl Tx {
    /// Gives a job what it works on.
    pub async fn add_job_input(&mut self, id: JobId, body: &[u8]) -> Result<(), StoreError> {
        let sql = Sql::new(
            "keeping a job's input",
            "INSERT INTO job_input (job_id, body) VALUES ($1, $2)",
        );
        self.execute(sql.value(id.0).value(body)).await?;
        Ok(())
    }

    /// Adds rows to a job, numbered on from `first`.
    pub async fn add_job_rows(
        &mut self,
        id: JobId,
        kind: JobRowKind,
        first: i64,
        payloads: &[String],
    ) -> Result<(), StoreError> {
        let numbered: Vec<(i64, &String)> = (first..).zip(payloads).collect();
        for chunk in chunks(&numbered) {
            let row = |(number, payload): &(i64, &String)| -> Vec<Value> {
                vec![id.0.into(), kind.name().into(), (*number).into(), (*payload).into()]
            };
            let sql = Sql::new(
                "adding a job's rows",
                "INSERT INTO job_row (job_id, kind, number, payload) VALUES ",
            );
            self.execute(sql.rows(chunk.iter().map(row))).await?;
        }
        Ok(())
    }

    /// Removes what only the job itself needed, once it has ended.
    pub async fn remove_job_notes(&mut self, id: JobId) -> Result<(), StoreError> {
        let sql = Sql::new(
            "removing a job's notes",
            "DELETE FROM job_row WHERE job_id = $1 AND kind = 'note'",
        );
        self.execute(sql.value(id.0)).await?;
        Ok(())
    }

    /// Forgets jobs that ended before a moment, with all that belongs to them. Answers how many.
    pub async fn forget_jobs(&mut self, before: Timestamp) -> Result<u64, StoreError> {
        const DOING: &str = "forgetting jobs";
        const PARTS: [&str; 3] = [
            "DELETE FROM job_row WHERE job_id IN (SELECT id FROM job WHERE ended_at < $1)",
            "DELETE FROM job_input WHERE job_id IN (SELECT id FROM job WHERE ended_at < $1)",
            "DELETE FROM job_agency WHERE job_id IN (SELECT id FROM job WHERE ended_at < $1)",
        ];
        for part in PARTS {
            self.execute(Sql::new(DOING, part).value(before)).await?;
        }
        self.execute(Sql::new(DOING, "DELETE FROM job WHERE ended_at < $1").value(before)).await
    }
}
