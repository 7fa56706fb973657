//! Jobs: queued, claimed by one worker, paused, cancelled, finished; all of it survives a restart.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use khien_domain::code::AgencyCode;
use khien_domain::ids::JobId;
use khien_domain::job::{Job, JobState, NewJob};
use khien_domain::page::{Page, PageRequest};
use khien_domain::permission::AgencyScope;

use crate::sql::{Columns, Sql};
use crate::{Store, StoreError, Tx};

const COLUMNS: &str =
    "SELECT id, kind, everywhere, parameters, created_by, created_at, state, done,
        total, checkpoint, result, started_at, ended_at
    FROM job WHERE 1 = 1";
const AGENCIES: &str = "SELECT job_id, agency FROM job_agency WHERE job_id IN ";

/// The agencies are added from their own table.
fn read(row: &mut Columns<'_>) -> Result<Job, StoreError> {
    Ok(Job {
        id: JobId(row.int()?),
        asked: NewJob {
            kind: row.string()?,
            agencies: match row.int()? {
                0 => AgencyScope::Only(BTreeSet::new()),
                _ => AgencyScope::All,
            },
            parameters: row.string()?,
            created_by: row.string()?,
            created_at: row.time()?,
        },
        state: row.parsed(JobState::parse)?,
        done: row.int()?,
        total: row.int()?,
        checkpoint: row.optional_string()?,
        result: row.optional_string()?,
        started_at: row.optional_time()?,
        ended_at: row.optional_time()?,
    })
}

fn read_agency(row: &mut Columns<'_>) -> Result<(i64, AgencyCode), StoreError> {
    Ok((row.int()?, row.parsed(|text| AgencyCode::new(text).ok())?))
}

fn add_agencies(jobs: &mut [Job], agencies: Vec<(i64, AgencyCode)>) {
    let mut of_job: BTreeMap<i64, BTreeSet<AgencyCode>> = BTreeMap::new();
    for (job, agency) in agencies {
        of_job.entry(job).or_default().insert(agency);
    }
    for job in jobs {
        if let AgencyScope::Only(agencies) = &mut job.asked.agencies {
            *agencies = of_job.remove(&job.id.0).unwrap_or_default();
        }
    }
}

/// Only jobs that touch nothing outside the scope.
fn in_scope(sql: Sql, scope: &AgencyScope) -> Sql {
    match scope {
        AgencyScope::All => sql,
        AgencyScope::Only(agencies) if agencies.is_empty() => sql.text(" AND 1 = 0"),
        AgencyScope::Only(agencies) => sql
            .text(
                " AND everywhere = 0 AND NOT EXISTS (SELECT 1 FROM job_agency
                     WHERE job_agency.job_id = job.id AND job_agency.agency NOT IN ",
            )
            .list(agencies.iter().map(AgencyCode::as_str))
            .text(")"),
    }
}

impl Store {
    /// A job within the scope.
    pub async fn find_job(
        &self,
        scope: &AgencyScope,
        id: JobId,
    ) -> Result<Option<Job>, StoreError> {
        let sql = in_scope(Sql::new("reading a job", COLUMNS), scope);
        let mut jobs = self.all(sql.text(" AND id = ").bind(id.0), read).await?;
        self.read_agencies(&mut jobs).await?;
        Ok(jobs.pop())
    }

    /// The jobs within the scope, newest first.
    pub async fn list_jobs(
        &self,
        scope: &AgencyScope,
        page: &PageRequest,
    ) -> Result<Page<Job>, StoreError> {
        let sql = in_scope(Sql::new("listing jobs", COLUMNS), scope)
            .and(" AND id < ", page.after)
            .text(" ORDER BY id DESC");
        let mut page = self.page(sql, page, read, |job| job.id.0).await?;
        self.read_agencies(&mut page.items).await?;
        Ok(page)
    }

    async fn read_agencies(&self, jobs: &mut [Job]) -> Result<(), StoreError> {
        let sql = Sql::new("reading agencies of jobs", AGENCIES);
        let agencies = self.all(sql.list(jobs.iter().map(|job| job.id.0)), read_agency).await?;
        add_agencies(jobs, agencies);
        Ok(())
    }
}

impl Tx {
    /// Queues a job.
    pub async fn add_job(&mut self, job: &NewJob) -> Result<JobId, StoreError> {
        const DOING: &str = "queueing a job";
        let sql = Sql::new(
            DOING,
            "INSERT INTO job
                 (kind, everywhere, parameters, created_by, created_at, state, done, total)
             VALUES ($1, $2, $3, $4, $5, $6, 0, 0) RETURNING id",
        )
        .value(&job.kind)
        .value(i64::from(job.agencies == AgencyScope::All))
        .value(&job.parameters)
        .value(&job.created_by)
        .value(job.created_at)
        .value(JobState::Queued.name());
        let id = self.insert(sql).await?;
        if let AgencyScope::Only(agencies) = &job.agencies {
            for agency in agencies {
                let sql =
                    Sql::new(DOING, "INSERT INTO job_agency (job_id, agency) VALUES ($1, $2)");
                self.execute(sql.value(id).value(agency.as_str())).await?;
            }
        }
        Ok(JobId(id))
    }

    /// Takes the oldest queued job for a worker. Two workers never get the same.
    pub async fn claim_job(
        &mut self,
        worker: &str,
        now: Timestamp,
    ) -> Result<Option<Job>, StoreError> {
        // The outer state is asked again after waiting for another claim of the same row.
        let sql = Sql::new(
            "claiming a job",
            "UPDATE job SET state = 'running', worker = $1, started_at = coalesce(started_at, $2)
             WHERE state = 'queued' AND id =
                 (SELECT id FROM job WHERE state = 'queued' ORDER BY id LIMIT 1)
             RETURNING id, kind, everywhere, parameters, created_by, created_at, state, done,
                 total, checkpoint, result, started_at, ended_at",
        );
        let mut jobs = self.all(sql.value(worker).value(now), read).await?;
        let sql = Sql::new("reading agencies of jobs", AGENCIES);
        let agencies = self.all(sql.list(jobs.iter().map(|job| job.id.0)), read_agency).await?;
        add_agencies(&mut jobs, agencies);
        Ok(jobs.pop())
    }

    /// Notes how far a running job is. Answers its state: a worker that does not find it running
    /// stops, since somebody paused or cancelled it.
    pub async fn progress_job(
        &mut self,
        id: JobId,
        done: i64,
        total: i64,
        checkpoint: Option<&str>,
    ) -> Result<Option<JobState>, StoreError> {
        let sql = Sql::new(
            "noting progress of a job",
            "UPDATE job SET done = $1, total = $2, checkpoint = $3
             WHERE id = $4 AND state IN ('running', 'paused') RETURNING state",
        );
        let sql = sql.value(done).value(total).value(checkpoint).value(id.0);
        if let Some(state) = self.one(sql, |row| row.parsed(JobState::parse)).await? {
            return Ok(Some(state));
        }
        let sql = Sql::new("reading a job", "SELECT state FROM job WHERE id = $1").value(id.0);
        self.one(sql, |row| row.parsed(JobState::parse)).await
    }

    /// Ends a running job with what came out of it, or as failed with the reason. Answers whether it
    /// was running.
    pub async fn end_job(
        &mut self,
        id: JobId,
        result: Result<&str, &str>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (state, text) = match result {
            Ok(result) => (JobState::Finished, result),
            Err(reason) => (JobState::Failed, reason),
        };
        let sql = Sql::new(
            "ending a job",
            "UPDATE job SET state = $1, result = $2, ended_at = $3
             WHERE id = $4 AND state = 'running'",
        );
        Ok(self.execute(sql.value(state.name()).value(text).value(now).value(id.0)).await? > 0)
    }

    /// Pauses a job within the scope that waits or runs. Answers whether it did.
    pub async fn pause_job(&mut self, scope: &AgencyScope, id: JobId) -> Result<bool, StoreError> {
        let sql = Sql::new(
            "pausing a job",
            "UPDATE job SET state = 'paused' WHERE state IN ('queued', 'running') AND id = $1",
        );
        Ok(self.execute(in_scope(sql.value(id.0), scope)).await? > 0)
    }

    /// Queues a paused job within the scope again, to go on from its checkpoint. Answers whether it
    /// was paused.
    pub async fn resume_job(&mut self, scope: &AgencyScope, id: JobId) -> Result<bool, StoreError> {
        let sql = Sql::new(
            "resuming a job",
            "UPDATE job SET state = 'queued', worker = NULL WHERE state = 'paused' AND id = $1",
        );
        Ok(self.execute(in_scope(sql.value(id.0), scope)).await? > 0)
    }

    /// Cancels a job within the scope that has not ended. Answers whether it did.
    pub async fn cancel_job(
        &mut self,
        scope: &AgencyScope,
        id: JobId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = Sql::new(
            "cancelling a job",
            "UPDATE job SET state = 'cancelled', ended_at = $1
             WHERE state IN ('queued', 'running', 'paused') AND id = $2",
        );
        Ok(self.execute(in_scope(sql.value(now).value(id.0), scope)).await? > 0)
    }

    /// Queues the running jobs of a worker again: at its start, what it had when it died. Answers
    /// how many.
    pub async fn requeue_jobs(&mut self, worker: &str) -> Result<u64, StoreError> {
        let sql = Sql::new(
            "queueing jobs again",
            "UPDATE job SET state = 'queued', worker = NULL
             WHERE state = 'running' AND worker = $1",
        );
        self.execute(sql.value(worker)).await
    }
}
