//! The thread that works off hunts, one after the other, and gives way to all others.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use khien_domain::audit::Outcome;
use khien_domain::job::Job;
use khien_store::StoreError;

pub(crate) use super::run::Ground;
use super::run::{Run, Stopped, entry};

/// What the store knows the thread by.
const WORKER: &str = "hunt";
/// How often it looks for a hunt: those who start one may be another process.
const EVERY: Duration = Duration::from_millis(500);
/// How much it gives way to the threads that take in, judge and answer; 0 is as they do.
const NICE: i32 = 10;

/// Works until the channel closes. What is under way then goes on after the next start.
pub(crate) fn work(ground: &Ground<'_>, stopped: &Receiver<()>) {
    // On Linux this is the calling thread alone.
    if let Err(error) = rustix::process::setpriority_process(None, NICE) {
        tracing::warn!(%error, "hunts run with the same priority as everything else");
    }
    queue_again(ground);
    loop {
        match ground.runtime.block_on(claim(ground)) {
            Ok(Some(job)) => hunt(ground, &job),
            Ok(None) => {
                if stopped.recv_timeout(EVERY) != Err(RecvTimeoutError::Timeout) {
                    break;
                }
            }
            Err(error) => {
                tracing::error!(%error, "no hunt can be taken");
                if stopped.recv_timeout(EVERY * 10) != Err(RecvTimeoutError::Timeout) {
                    break;
                }
            }
        }
        if ground.cancel.is_cancelled() {
            break;
        }
    }
    queue_again(ground);
}

/// What this thread had when the centre stopped or died waits for its turn again.
fn queue_again(ground: &Ground<'_>) {
    let queued = async {
        let mut tx = ground.store.begin().await?;
        let count = tx.requeue_jobs(WORKER).await?;
        tx.commit().await?;
        Ok::<u64, StoreError>(count)
    };
    if let Err(error) = ground.runtime.block_on(queued) {
        tracing::error!(%error, "hunts that were interrupted do not go on");
    }
}

async fn claim(ground: &Ground<'_>) -> Result<Option<Job>, StoreError> {
    let mut tx = ground.store.begin().await?;
    let job = tx.claim_job(WORKER, ground.clock.now()).await?;
    tx.commit().await?;
    Ok(job)
}

fn hunt(ground: &Ground<'_>, job: &Job) {
    let ran = catch_unwind(AssertUnwindSafe(|| Run::new(ground, job).run()));
    let reason = match ran {
        Ok(Ok(()) | Err(Stopped::Asked)) => return,
        Ok(Err(Stopped::Failed(reason))) => reason,
        Err(_) => "a fault of the program ended it".to_owned(),
    };
    tracing::error!(hunt = job.id.0, reason, "a hunt failed");
    let now = ground.clock.now();
    let failed = async {
        let mut tx = ground.store.begin().await?;
        tx.end_job(job.id, Err(&reason), now).await?;
        tx.add_audit(&[entry(job, now, Outcome::Failed, &reason)]).await?;
        tx.commit().await
    };
    if let Err(error) = ground.runtime.block_on(failed) {
        tracing::error!(%error, "the end of a hunt is not recorded");
    }
}
