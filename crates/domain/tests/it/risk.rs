//! How risks are rated, closed, accepted and opened again.

use std::collections::BTreeSet;

use jiff::civil::{Date, date};
use khien_domain::code::AgencyCode;
use khien_domain::risk::{
    Acceptance, Degree, Estimate, Heat, Rating, Risk, RiskAbout, RiskCode, RiskError, RiskPack,
    RiskState, Treatment,
};

const TODAY: Date = date(2026, 10, 15);

fn pack() -> RiskPack {
    RiskPack::parse(RiskPack::BUILT_IN).unwrap()
}

fn estimate(likelihood: i64, impact: i64) -> Estimate {
    Estimate { likelihood: Degree::new(likelihood).unwrap(), impact: Degree::new(impact).unwrap() }
}

fn risk(likelihood: i64, impact: i64) -> Risk {
    Risk {
        agency: AgencyCode::new("so-ct").unwrap(),
        code: RiskCode::new("rr-01").unwrap(),
        about: RiskAbout {
            system: None,
            scenario: "mã độc mã hóa máy chủ".into(),
            threat: "mã độc tống tiền".into(),
            inherent: estimate(likelihood, impact),
            residual: None,
            loss: None,
            residual_loss: None,
            owner: "Trưởng phòng Công nghệ thông tin".into(),
            treatment: Treatment::Reduce,
            due: TODAY,
            records: BTreeSet::from([7]),
        },
        state: RiskState::Open,
        ended: None,
        created_at: "2026-01-01T00:00:00Z".parse().unwrap(),
        updated_at: "2026-01-01T00:00:00Z".parse().unwrap(),
    }
}

fn until(day: Date) -> Acceptance {
    Acceptance { by: "person:lead".into(), reason: "đang mua sắm".into(), until: day }
}

#[test]
fn the_same_estimate_is_always_rated_the_same_and_more_is_never_less() {
    let pack = pack();
    assert_eq!(pack.rating(estimate(1, 1)), Rating::Low);
    assert_eq!(pack.rating(estimate(3, 3)), Rating::Medium);
    assert_eq!(pack.rating(estimate(3, 4)), Rating::High);
    assert_eq!(pack.rating(estimate(5, 5)), Rating::Critical);
    for (likelihood, impact) in (1..5).flat_map(|a| (1..5).map(move |b| (a, b))) {
        let rated = pack.rating(estimate(likelihood, impact));
        assert!(pack.rating(estimate(likelihood + 1, impact)) >= rated);
        assert!(pack.rating(estimate(likelihood, impact + 1)) >= rated);
    }
    assert_eq!((Degree::new(0), Degree::new(6)), (None, None));
}

#[test]
fn a_table_that_rates_more_as_less_is_refused() {
    let text = RiskPack::BUILT_IN.replace("5: [medium, high", "5: [low, high");
    assert!(RiskPack::parse(&text).unwrap_err().to_string().contains("never rated lower"));
    let text = RiskPack::BUILT_IN.replace("high: 180", "high: 0");
    assert!(RiskPack::parse(&text).is_err());
}

#[test]
fn what_is_left_weighs_only_with_evidence() {
    let mut risk = risk(5, 5);
    risk.about.residual = Some(estimate(2, 2));
    assert_eq!(risk.rating(&pack()), Rating::Critical);
    assert_eq!(risk.weighs(&pack(), false), Rating::Critical);
    assert_eq!(risk.weighs(&pack(), true), Rating::Low);
    risk.about.inherent = estimate(1, 5);
    assert_eq!(risk.about.checked(), Err(RiskError::Residual));
}

#[test]
fn a_grave_risk_is_closed_by_evidence() {
    assert_eq!(risk(5, 5).closed(&pack(), false, TODAY), Err(RiskError::NoRecord("critical")));
    let closed = risk(5, 5).closed(&pack(), true, TODAY).unwrap();
    assert_eq!((closed.state.name(), closed.ended), ("closed", Some(TODAY)));
    assert!(risk(1, 1).closed(&pack(), false, TODAY).is_ok());
    assert!(matches!(closed.closed(&pack(), true, TODAY), Err(RiskError::NotOpen(_))));
}

#[test]
fn an_acceptance_ends_within_what_its_rating_allows() {
    let accept = |day| risk(5, 5).accepted(&pack(), false, until(day), TODAY);
    assert_eq!(accept(TODAY), Err(RiskError::Until { rating: "critical", days: 90 }));
    assert!(accept(date(2027, 1, 13)).is_ok(), "90 days");
    assert!(accept(date(2027, 1, 14)).is_err(), "91 days");
    let empty = Acceptance { reason: " ".into(), ..until(date(2026, 12, 1)) };
    assert!(matches!(risk(1, 1).accepted(&pack(), false, empty, TODAY), Err(RiskError::Text(_))));
}

#[test]
fn it_opens_again_when_evidence_lapses_or_the_acceptance_ends() {
    let none = BTreeSet::new();
    let closed = risk(5, 5).closed(&pack(), true, TODAY).unwrap();
    assert_eq!(closed.reopens(&none, TODAY), None);
    assert_eq!(closed.reopens(&BTreeSet::from([8]), TODAY), None, "a record of another");
    assert!(closed.reopens(&BTreeSet::from([7]), TODAY).unwrap().contains("record 7"));
    assert_eq!(risk(5, 5).reopens(&BTreeSet::from([7]), TODAY), None, "it is open");
    let end = date(2026, 12, 1);
    let accepted = risk(5, 5).accepted(&pack(), false, until(end), TODAY).unwrap();
    assert_eq!(accepted.reopens(&none, end), None, "the last day counts");
    assert!(accepted.reopens(&none, date(2026, 12, 2)).is_some());
    let open = accepted.reopened().unwrap();
    assert_eq!((&open.state, open.ended), (&RiskState::Open, None));
    assert!(open.reopened().is_err());
}

#[test]
fn the_map_counts_what_is_open() {
    let closed = risk(5, 5).closed(&pack(), true, TODAY).unwrap();
    let heat = Heat::of(&[risk(5, 5), risk(5, 5), risk(1, 2), closed]);
    assert_eq!(
        (heat.at(estimate(5, 5)), heat.at(estimate(1, 2)), heat.at(estimate(1, 1))),
        (2, 1, 0)
    );
    assert_eq!(heat.of_rating(&pack(), Rating::Critical), 2);
    assert!(!risk(5, 5).is_overdue(TODAY) && risk(5, 5).is_overdue(date(2026, 10, 16)));
}
