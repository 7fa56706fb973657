use khien_domain::ids::JobId;
use khien_domain::job::{JobState, NewJob};
use khien_domain::page::PageRequest;
use khien_domain::permission::AgencyScope;
use khien_store::{JobRowKind, Store};

use crate::support::{agency, each, now, only, register};

fn job(agencies: AgencyScope) -> NewJob {
    NewJob {
        kind: "hunt".into(),
        agencies,
        parameters: r#"{"rule":"rule-1"}"#.into(),
        created_by: "token:7:điều tra".into(),
        created_at: now(),
    }
}

async fn queue(store: &Store, agencies: AgencyScope) -> JobId {
    let mut tx = store.begin().await.unwrap();
    let id = tx.add_job(&job(agencies)).await.unwrap();
    tx.commit().await.unwrap();
    id
}

async fn claim(store: &Store, worker: &str) -> Option<JobId> {
    let mut tx = store.begin().await.unwrap();
    let job = tx.claim_job(worker, now()).await.unwrap();
    tx.commit().await.unwrap();
    job.map(|job| job.id)
}

#[tokio::test]
async fn a_job_goes_through_pause_restart_and_end() {
    each(async |store| {
        register(&store).await;
        let scope = only("sokhcn");
        let id = queue(&store, scope.clone()).await;
        assert_eq!(claim(&store, "w1").await, Some(id));
        assert_eq!(claim(&store, "w1").await, None);

        let mut tx = store.begin().await.unwrap();
        let state = tx.progress_job(id, 3, 10, Some("day 3")).await.unwrap();
        assert_eq!(state, Some(JobState::Running));
        assert!(tx.pause_job(&scope, id).await.unwrap());
        let state = tx.progress_job(id, 4, 10, Some("day 4")).await.unwrap();
        assert_eq!(state, Some(JobState::Paused), "the worker is told to stop, its work is kept");
        assert!(!tx.end_job(id, Ok("x"), now()).await.unwrap());
        assert!(tx.resume_job(&scope, id).await.unwrap());
        tx.commit().await.unwrap();

        assert_eq!(claim(&store, "w1").await, Some(id));
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.requeue_jobs("w2").await.unwrap(), 0, "another worker's are left alone");
        assert_eq!(tx.requeue_jobs("w1").await.unwrap(), 1, "the worker died and starts again");
        tx.commit().await.unwrap();

        let mut tx = store.begin().await.unwrap();
        let again = tx.claim_job("w1", now()).await.unwrap().unwrap();
        assert_eq!((again.checkpoint.as_deref(), again.done), (Some("day 4"), 4));
        assert_eq!(again.asked, job(scope.clone()));
        assert!(tx.end_job(id, Ok("12 sự kiện"), now()).await.unwrap());
        assert!(!tx.cancel_job(&scope, id, now()).await.unwrap(), "it has ended");
        tx.commit().await.unwrap();
        let ended = store.find_job(&scope, id).await.unwrap().unwrap();
        assert_eq!(
            (ended.state, ended.result.as_deref()),
            (JobState::Finished, Some("12 sự kiện"))
        );
        assert_eq!(ended.ended_at, Some(now()));
    })
    .await;
}

#[tokio::test]
async fn a_cancelled_job_tells_its_worker() {
    each(async |store| {
        register(&store).await;
        let id = queue(&store, AgencyScope::All).await;
        claim(&store, "w1").await;
        let mut tx = store.begin().await.unwrap();
        assert!(tx.cancel_job(&AgencyScope::All, id, now()).await.unwrap());
        let state = tx.progress_job(id, 9, 10, None).await.unwrap();
        assert_eq!(state, Some(JobState::Cancelled));
        assert_eq!(tx.progress_job(JobId(99), 9, 10, None).await.unwrap(), None);
        tx.commit().await.unwrap();
        let cancelled = store.find_job(&AgencyScope::All, id).await.unwrap().unwrap();
        assert_eq!(cancelled.done, 0, "nothing is noted after the end");
    })
    .await;
}

#[tokio::test]
async fn workers_never_claim_the_same_job() {
    each(async |store| {
        for _ in 0..12 {
            queue(&store, AgencyScope::All).await;
        }
        let work = |store: Store, name: String| async move {
            let mut mine = Vec::new();
            while let Some(id) = claim(&store, &name).await {
                mine.push(id);
            }
            mine
        };
        let workers: Vec<_> =
            (0..4).map(|n| tokio::spawn(work(store.clone(), format!("w{n}")))).collect();
        let mut all = Vec::new();
        for worker in workers {
            all.extend(worker.await.unwrap());
        }
        // On PostgreSQL a worker that meets another one's claim may find nothing and stop.
        while let Some(id) = claim(&store, "last").await {
            all.push(id);
        }
        all.sort();
        let count = all.len();
        all.dedup();
        assert_eq!((all.len(), count), (12, 12));
    })
    .await;
}

#[tokio::test]
async fn a_job_that_touches_another_agency_is_out_of_scope() {
    each(async |store| {
        register(&store).await;
        let both = AgencyScope::Only([agency("sokhcn"), agency("soyt")].into());
        let ids = [
            queue(&store, only("sokhcn")).await,
            queue(&store, both.clone()).await,
            queue(&store, AgencyScope::All).await,
        ];
        let seen = async |scope: &AgencyScope| {
            let page = store.list_jobs(scope, &PageRequest::first()).await.unwrap();
            page.items.into_iter().map(|job| job.id).collect::<Vec<_>>()
        };
        assert_eq!(seen(&only("sokhcn")).await, [ids[0]]);
        assert_eq!(seen(&both).await, [ids[1], ids[0]]);
        assert_eq!(seen(&AgencyScope::All).await, [ids[2], ids[1], ids[0]]);
        assert!(seen(&AgencyScope::Only([].into())).await.is_empty());
        let mut tx = store.begin().await.unwrap();
        for id in &ids[1..] {
            assert_eq!(store.find_job(&only("sokhcn"), *id).await.unwrap(), None);
            assert!(!tx.pause_job(&only("sokhcn"), *id).await.unwrap());
            assert!(!tx.cancel_job(&only("sokhcn"), *id, now()).await.unwrap());
        }
    })
    .await;
}

#[tokio::test]
async fn a_job_has_an_input_and_rows_until_it_is_forgotten() {
    each(async |store| {
        register(&store).await;
        let (id, other) =
            (queue(&store, only("sokhcn")).await, queue(&store, only("sokhcn")).await);
        let mut tx = store.begin().await.unwrap();
        tx.add_job_input(id, b"\x00luat").await.unwrap();
        let rows: Vec<String> = (1..=5).map(|number| format!("kết quả {number}")).collect();
        tx.add_job_rows(id, JobRowKind::Result, 1, &rows[..2]).await.unwrap();
        tx.add_job_rows(id, JobRowKind::Result, 3, &rows[2..]).await.unwrap();
        tx.add_job_rows(id, JobRowKind::Note, 1, &["n".to_owned()]).await.unwrap();
        tx.add_job_rows(other, JobRowKind::Result, 1, &rows[..1]).await.unwrap();
        assert!(tx.add_job_rows(other, JobRowKind::Result, 1, &rows[..1]).await.is_err());
        drop(tx);

        let mut tx = store.begin().await.unwrap();
        tx.add_job_input(id, b"\x00luat").await.unwrap();
        tx.add_job_rows(id, JobRowKind::Result, 1, &rows).await.unwrap();
        tx.add_job_rows(id, JobRowKind::Note, 1, &["n".to_owned()]).await.unwrap();
        tx.add_job_rows(other, JobRowKind::Result, 1, &rows[..1]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(store.find_job_input(id).await.unwrap().unwrap(), b"\x00luat");
        assert_eq!(store.find_job_input(other).await.unwrap(), None);
        assert_eq!(store.count_open_jobs().await.unwrap(), 2);

        let list = async |kind, after| {
            let page = PageRequest::new(after, 3);
            let page = store.list_job_rows(id, kind, &page).await.unwrap();
            let texts: Vec<String> = page.items.into_iter().map(|row| row.payload).collect();
            (texts, page.next)
        };
        assert_eq!(list(JobRowKind::Result, None).await, (rows[..3].to_vec(), Some(3)));
        assert_eq!(list(JobRowKind::Result, Some(3)).await, (rows[3..].to_vec(), None));

        let mut tx = store.begin().await.unwrap();
        tx.remove_job_notes(id).await.unwrap();
        assert!(tx.cancel_job(&AgencyScope::All, id, now()).await.unwrap());
        assert_eq!(tx.forget_jobs(now()).await.unwrap(), 0, "it ended at this moment");
        tx.commit().await.unwrap();
        assert_eq!(list(JobRowKind::Note, None).await, (vec![], None));
        let later = now() + jiff::SignedDuration::from_secs(1);
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.forget_jobs(later).await.unwrap(), 1);
        tx.commit().await.unwrap();
        assert_eq!(store.find_job(&AgencyScope::All, id).await.unwrap(), None);
        assert_eq!(store.find_job_input(id).await.unwrap(), None);
        assert_eq!(list(JobRowKind::Result, None).await.0, Vec::<String>::new());
        assert!(store.find_job(&AgencyScope::All, other).await.unwrap().is_some());
    })
    .await;
}
