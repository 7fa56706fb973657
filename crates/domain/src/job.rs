//! Jobs: long work that survives a restart, with progress, pause and cancel.

use jiff::Timestamp;

use crate::ids::JobId;
use crate::limits::{JOB_BYTES, NAME_BYTES};
use crate::permission::AgencyScope;
use crate::text::{self, TextError};

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JobState {
    /// Waits for a worker.
    Queued,
    /// A worker is at it.
    Running,
    /// Somebody paused it; it goes on from its checkpoint when resumed.
    Paused,
    /// Done.
    Finished,
    /// Somebody stopped it.
    Cancelled,
    /// It could not be done.
    Failed,
}

impl JobState {
    /// All states.
    pub const ALL: [Self; 6] =
        [Self::Queued, Self::Running, Self::Paused, Self::Finished, Self::Cancelled, Self::Failed];

    /// The name that commands and records use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Finished => "finished",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }

    /// The state of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// A job to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewJob {
    /// What kind of work; the application knows the kinds.
    pub kind: String,
    /// The agencies whose data it touches, those of whoever asked for it.
    pub agencies: AgencyScope,
    /// What the work needs to know, in the application's own form.
    pub parameters: String,
    /// Who asked for it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
}

/// Why a job cannot be queued.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NewJobError {
    /// The kind is empty, too long or has control characters.
    #[error(transparent)]
    Text(#[from] TextError),
    /// The parameters are too long.
    #[error("the parameters of a job are at most {JOB_BYTES} bytes")]
    Parameters,
}

impl NewJob {
    /// The job with its texts in order and within limits.
    pub fn checked(mut self) -> Result<Self, NewJobError> {
        self.kind = text::line("the kind", &self.kind, NAME_BYTES)?;
        if self.parameters.len() > JOB_BYTES {
            return Err(NewJobError::Parameters);
        }
        Ok(self)
    }
}

/// A job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its number.
    pub id: JobId,
    /// What was asked for.
    pub asked: NewJob,
    /// Where it stands.
    pub state: JobState,
    /// How much is done, out of [`total`](Self::total), in units of the kind.
    pub done: i64,
    /// How much there is to do; 0 while unknown.
    pub total: i64,
    /// From where it goes on after a pause or a restart, in the application's own form.
    pub checkpoint: Option<String>,
    /// What came out of it, or why it failed.
    pub result: Option<String>,
    /// When a worker first took it.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_bounded() {
        let job = NewJob {
            kind: " hunt ".into(),
            agencies: AgencyScope::All,
            parameters: "x".repeat(JOB_BYTES),
            created_by: "program".into(),
            created_at: Timestamp::UNIX_EPOCH,
        };
        assert_eq!(job.clone().checked().unwrap().kind, "hunt");
        let long = NewJob { parameters: "x".repeat(JOB_BYTES + 1), ..job.clone() };
        assert_eq!(long.checked(), Err(NewJobError::Parameters));
        assert!(NewJob { kind: String::new(), ..job }.checked().is_err());
    }

    #[test]
    fn states_are_read_by_their_names() {
        for state in JobState::ALL {
            assert_eq!(JobState::parse(state.name()), Some(state));
        }
    }
}
