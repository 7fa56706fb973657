use jiff::{SignedDuration, Timestamp};
use khien_domain::code::AgencyCode;
use khien_domain::evidence::{How, NewEvidence};
use khien_domain::permission::AgencyScope;
use khien_domain::round::{
    AppealForm, AppealState, Decided, Drawn, Look, NewAppeal, Published, ReviewState, RoundState,
};
use khien_store::Store;

use crate::support::{agency, each, new_agency, now, only};

const KIND: &str = "training.year";

fn said(code: &str, how: How, at: Timestamp) -> NewEvidence {
    NewEvidence { how, ..NewEvidence::of_agency(KIND, &agency(code), at) }
        .with("staff", 10)
        .with("completed", 9)
}

async fn append(store: &Store, new: Vec<NewEvidence>) -> Vec<(u64, Timestamp)> {
    let mut tx = store.begin().await.unwrap();
    let done = tx.append_evidence(new, now()).await.unwrap();
    tx.commit().await.unwrap();
    done.into_iter().map(|about| (about.seq, about.at)).collect()
}

fn decided(reason: &str) -> Decided {
    let home = AgencyCode::new("sonv").unwrap();
    Decided { by: "person:an".into(), home, at: now(), reason: reason.into() }
}

async fn begin(store: &Store) {
    let mut tx = store.begin().await.unwrap();
    for code in ["sokhcn", "sonv"] {
        tx.add_agency(&new_agency(code)).await.unwrap();
    }
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn what_is_declared_waits_until_it_is_decided_or_replaced() {
    each(async |store| {
        begin(&store).await;
        let at = now();
        let new = vec![
            said("sokhcn", How::Declared, at),
            said("sokhcn", How::Documented, at),
            said("sonv", How::Declared, at),
        ];
        assert_eq!(append(&store, new).await.len(), 3);
        let waiting = |scope: AgencyScope| {
            let store = store.clone();
            async move {
                let state = ReviewState::Waiting;
                let found = store.list_reviews(&scope, &[KIND], state, None).await.unwrap();
                found.into_iter().map(|review| review.seq).collect::<Vec<_>>()
            }
        };
        assert_eq!(waiting(AgencyScope::All).await, [0, 2]);
        assert_eq!(waiting(only("sonv")).await, [2]);
        let own = agency("sonv");
        assert_eq!(store.count_reviews(&AgencyScope::All, &[KIND], Some(&own)).await.unwrap(), 1);
        let others = store.count_reviews(&AgencyScope::All, &["budget.year"], None).await.unwrap();
        assert_eq!(others, 0, "of other kinds none waits");
        let newer = NewEvidence { corrects: Some(2), ..said("sonv", How::Declared, at) };
        append(&store, vec![newer]).await;
        assert_eq!(waiting(AgencyScope::All).await, [0, 3], "what was replaced waits no more");
        let mut tx = store.begin().await.unwrap();
        let refused = ReviewState::Refused;
        assert!(tx.decide_review(0, refused, &decided("thiếu"), None).await.unwrap());
        assert!(!tx.decide_review(0, refused, &decided("nữa"), None).await.unwrap(), "once");
        tx.commit().await.unwrap();
        let review = store.find_review(0).await.unwrap().unwrap();
        assert_eq!((review.state, review.decided), (refused, Some(decided("thiếu"))));
        assert_eq!(store.find_review(1).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_round_goes_from_step_to_step_and_never_back() {
    each(async |store| {
        begin(&store).await;
        let at = now();
        append(&store, vec![said("sokhcn", How::Documented, at)]).await;
        let mut tx = store.begin().await.unwrap();
        tx.add_round(2026, "mh", at).await.unwrap();
        assert!(!tx.freeze_round(2026, at, at).await.unwrap(), "not before its review");
        let drawn = Drawn { at, checkpoint: 0, size: 1, seed: "ab".repeat(32), population: 1 };
        let samples = [(0, agency("sokhcn"))];
        assert!(tx.review_round(2026, &drawn, &samples).await.unwrap());
        assert!(!tx.review_round(2026, &drawn, &samples).await.unwrap(), "drawn once");
        tx.commit().await.unwrap();
        assert_eq!(store.count_samples_waiting(2026).await.unwrap(), 1);
        let appeal = NewAppeal {
            year: 2026,
            agency: agency("sokhcn"),
            indicator: "N1.2".into(),
            form: AppealForm::Appeal,
            reason: "thiếu".into(),
            reference: String::new(),
            by: "person:ba".into(),
            at,
        };
        let mut tx = store.begin().await.unwrap();
        assert!(tx.decide_sample(2026, 0, Look::Holds, &decided("đúng")).await.unwrap());
        assert!(!tx.decide_sample(2026, 0, Look::Fails, &decided("sai")).await.unwrap());
        let id = tx.add_appeal(&appeal).await.unwrap().unwrap();
        assert!(tx.freeze_round(2026, at, at).await.unwrap());
        assert_eq!(tx.frozen_round().await.unwrap(), Some((2026, at)));
        let published = Published { at, hash: "cd".repeat(32), size: 1 };
        assert!(!tx.publish_round(2026, &published).await.unwrap(), "an appeal waits");
        let accepted = AppealState::Accepted;
        assert!(tx.decide_appeal(id, accepted, &decided("phải"), Some(0)).await.unwrap());
        assert!(!tx.decide_appeal(id, accepted, &decided("nữa"), None).await.unwrap());
        let early = Published { size: 0, ..published.clone() };
        assert!(!tx.publish_round(2026, &early).await.unwrap(), "a correction would not count");
        assert!(tx.publish_round(2026, &published).await.unwrap());
        assert!(!tx.publish_round(2026, &published).await.unwrap(), "once");
        assert_eq!(tx.add_appeal(&appeal).await.unwrap(), None, "it takes none any more");
        tx.commit().await.unwrap();
        let round = store.find_round(2026).await.unwrap().unwrap();
        assert_eq!((round.state, &round.draw), (RoundState::Published, &Some(drawn)));
        assert_eq!((round.cutoff, round.published), (Some((at, at)), Some(published)));
        assert_eq!(store.list_rounds().await.unwrap().len(), 1);
        let found = store.list_appeals(&only("sonv"), None).await.unwrap();
        assert!(found.is_empty(), "nothing of another agency");
        let found = store.find_appeal(&only("sokhcn"), id).await.unwrap().unwrap();
        assert_eq!((found.about, found.state, found.record), (appeal, accepted, Some(0)));
        let again = store.begin().await.unwrap().add_round(2026, "mh", at).await;
        assert!(again.is_err(), "one round a year");
    })
    .await;
}

#[tokio::test]
async fn while_a_round_is_frozen_nothing_becomes_so_before_its_cut_off() {
    each(async |store| {
        begin(&store).await;
        let cutoff = Timestamp::from_second(now().as_second()).unwrap();
        let later = |seconds| cutoff + SignedDuration::from_secs(seconds);
        let mut tx = store.begin().await.unwrap();
        tx.add_round(2026, "mh", cutoff).await.unwrap();
        let drawn =
            Drawn { at: cutoff, checkpoint: 0, size: 0, seed: String::new(), population: 0 };
        tx.review_round(2026, &drawn, &[]).await.unwrap();
        tx.freeze_round(2026, cutoff, later(1)).await.unwrap();
        tx.commit().await.unwrap();
        let within = cutoff + SignedDuration::from_millis(700);
        let late = NewEvidence { until: Some(later(-5)), ..said("sonv", How::Measured, later(-9)) };
        let new = vec![
            said("sokhcn", How::Measured, cutoff),
            said("sokhcn", How::Measured, within),
            said("sokhcn", How::Measured, later(60)),
            late,
        ];
        let kept: Vec<Timestamp> =
            append(&store, new).await.into_iter().map(|(_, at)| at).collect();
        assert_eq!(kept, [later(1), later(1), later(60), later(1)]);
        let mut tx = store.begin().await.unwrap();
        let by_appeal = vec![said("sokhcn", How::Documented, cutoff)];
        let done = tx.append_by_appeal(by_appeal, now()).await.unwrap();
        assert_eq!(done[0].at, cutoff, "an accepted appeal alone");
        let published = Published { at: later(2), hash: String::new(), size: 9 };
        assert!(tx.publish_round(2026, &published).await.unwrap());
        tx.commit().await.unwrap();
        let kept = append(&store, vec![said("sokhcn", How::Measured, cutoff)]).await;
        assert_eq!(kept[0].1, cutoff, "what is published is counted from records before");
    })
    .await;
}
