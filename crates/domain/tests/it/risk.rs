//! How risks are rated, closed, accepted and opened again.

use std::collections::BTreeSet;

use jiff::civil::{Date, date};
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::control::Status;
use khien_domain::risk::{
    Acceptance, AssetName, ControlName, Degree, Estimate, Heat, Proof, Rating, Risk, RiskAbout,
    RiskCode, RiskError, RiskPack, RiskState, Standing, Treatment,
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
            asset: None,
            scenario: "mã độc mã hóa máy chủ".into(),
            threat: "mã độc tống tiền".into(),
            inherent: estimate(likelihood, impact),
            residual: None,
            loss: None,
            residual_loss: None,
            owner: "Trưởng phòng Công nghệ thông tin".into(),
            treatment: Treatment::Reduce,
            controls: BTreeSet::new(),
            due: TODAY,
            records: BTreeSet::from([7]),
        },
        state: RiskState::Open,
        ended: None,
        created_at: "2026-01-01T00:00:00Z".parse().unwrap(),
        updated_at: "2026-01-01T00:00:00Z".parse().unwrap(),
    }
}

/// Nothing shows the treatment.
fn bare() -> Proof {
    Proof::default()
}

/// A record shows the treatment.
fn shown() -> Proof {
    Proof { has_record: true, ..bare() }
}

/// The same, but a control that the treatment needs is lacking.
fn lacking() -> Proof {
    Proof { lacking: BTreeSet::from([control("mh-levels/UP-01")]), ..shown() }
}

fn control(text: &str) -> ControlName {
    ControlName::parse(text).unwrap()
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
    assert_eq!(risk.weighs(&pack(), &bare()), Rating::Critical);
    assert_eq!(risk.weighs(&pack(), &shown()), Rating::Low);
    risk.about.inherent = estimate(1, 5);
    assert_eq!(risk.about.checked(), Err(RiskError::Residual));
}

#[test]
fn a_grave_risk_is_closed_by_evidence() {
    assert_eq!(risk(5, 5).closed(&pack(), &bare(), TODAY), Err(RiskError::NoRecord("critical")));
    let closed = risk(5, 5).closed(&pack(), &shown(), TODAY).unwrap();
    assert_eq!((closed.state.name(), closed.ended), ("closed", Some(TODAY)));
    assert!(risk(1, 1).closed(&pack(), &bare(), TODAY).is_ok());
    assert!(matches!(closed.closed(&pack(), &shown(), TODAY), Err(RiskError::NotOpen(_))));
}

#[test]
fn an_acceptance_ends_within_what_its_rating_allows() {
    let accept = |day| risk(5, 5).accepted(&pack(), &bare(), until(day), TODAY);
    assert_eq!(accept(TODAY), Err(RiskError::Until { rating: "critical", days: 90 }));
    assert!(accept(date(2027, 1, 13)).is_ok(), "90 days");
    assert!(accept(date(2027, 1, 14)).is_err(), "91 days");
    let empty = Acceptance { reason: " ".into(), ..until(date(2026, 12, 1)) };
    assert!(matches!(risk(1, 1).accepted(&pack(), &bare(), empty, TODAY), Err(RiskError::Text(_))));
}

#[test]
fn it_opens_again_when_evidence_lapses_or_the_acceptance_ends() {
    let none = BTreeSet::new();
    let closed = risk(5, 5).closed(&pack(), &shown(), TODAY).unwrap();
    assert_eq!(closed.reopens(&pack(), &none, &BTreeSet::new(), TODAY), None);
    assert_eq!(
        closed.reopens(&pack(), &BTreeSet::from([8]), &BTreeSet::new(), TODAY),
        None,
        "a record of another"
    );
    assert!(
        closed
            .reopens(&pack(), &BTreeSet::from([7]), &BTreeSet::new(), TODAY)
            .unwrap()
            .contains("record 7")
    );
    assert_eq!(
        risk(5, 5).reopens(&pack(), &BTreeSet::from([7]), &BTreeSet::new(), TODAY),
        None,
        "it is open"
    );
    let end = date(2026, 12, 1);
    let accepted = risk(5, 5).accepted(&pack(), &bare(), until(end), TODAY).unwrap();
    assert_eq!(
        accepted.reopens(&pack(), &none, &BTreeSet::new(), end),
        None,
        "the last day counts"
    );
    assert!(accepted.reopens(&pack(), &none, &BTreeSet::new(), date(2026, 12, 2)).is_some());
    let open = accepted.reopened().unwrap();
    assert_eq!((&open.state, open.ended), (&RiskState::Open, None));
    assert!(open.reopened().is_err());
}

#[test]
fn the_map_counts_what_is_open() {
    let closed = risk(5, 5).closed(&pack(), &shown(), TODAY).unwrap();
    let heat = Heat::of(&[risk(5, 5), risk(5, 5), risk(1, 2), closed]);
    assert_eq!(
        (heat.at(estimate(5, 5)), heat.at(estimate(1, 2)), heat.at(estimate(1, 1))),
        (2, 1, 0)
    );
    assert_eq!(heat.of_rating(&pack(), Rating::Critical), 2);
    assert!(!risk(5, 5).is_overdue(TODAY) && risk(5, 5).is_overdue(date(2026, 10, 16)));
}

#[test]
fn a_lacking_control_keeps_what_is_left_from_counting() {
    let mut risk = risk(5, 5);
    risk.about.residual = Some(estimate(2, 2));
    risk.about.controls = BTreeSet::from([control("mh-levels/UP-01")]);
    assert_eq!(risk.weighs(&pack(), &lacking()), Rating::Critical);
    assert_eq!(risk.weighs(&pack(), &shown()), Rating::Low);
    assert_eq!(risk.rating(&pack()), Rating::Critical, "the score itself asks nothing else");
    let refused = risk.clone().closed(&pack(), &lacking(), TODAY).unwrap_err();
    assert!(refused.to_string().ends_with("mh-levels/UP-01 is not"), "{refused}");
    assert!(risk.clone().closed(&pack(), &shown(), TODAY).is_ok());
    let until_december = until(date(2026, 12, 31));
    let accepted = risk.clone().accepted(&pack(), &lacking(), until_december.clone(), TODAY);
    assert!(accepted.is_ok(), "a critical risk for 77 days");
    let long = Acceptance { until: date(2027, 8, 1), ..until_december };
    assert!(risk.clone().accepted(&pack(), &lacking(), long.clone(), TODAY).is_err());
    assert!(risk.accepted(&pack(), &shown(), long, TODAY).is_ok());
}

#[test]
fn a_closed_risk_opens_again_when_its_control_is_lost() {
    let none = BTreeSet::new();
    let lost = BTreeSet::from([control("mh-levels/UP-01")]);
    let of = |likelihood, impact| {
        let mut risk = risk(likelihood, impact);
        risk.about.controls = BTreeSet::from([control("mh-levels/UP-01")]);
        risk
    };
    let closed = of(5, 5).closed(&pack(), &shown(), TODAY).unwrap();
    assert_eq!(closed.reopens(&pack(), &none, &BTreeSet::new(), TODAY), None);
    let other = BTreeSet::from([control("mh-levels/UP-02")]);
    assert_eq!(closed.reopens(&pack(), &none, &other, TODAY), None, "a control of another risk");
    let why = closed.reopens(&pack(), &none, &lost, TODAY).unwrap();
    assert_eq!(why, "control mh-levels/UP-01 is no longer in place");
    let small = of(1, 1).closed(&pack(), &lacking(), TODAY).unwrap();
    assert_eq!(small.reopens(&pack(), &none, &lost, TODAY), None, "it needed none to be closed");
    let end = until(date(2026, 12, 1));
    let accepted = of(5, 5).accepted(&pack(), &lacking(), end, TODAY).unwrap();
    assert_eq!(accepted.reopens(&pack(), &none, &lost, TODAY), None, "accepted as it stood");
}

#[test]
fn a_risk_names_an_asset_of_its_system_and_a_few_controls() {
    let system = |text: &str| SystemCode::new(text).unwrap();
    let named = |text: &str, of: Option<&str>| AssetName::parse(text, of.map(system).as_ref());
    assert_eq!(named("cong-dvc/Web01.", None), named("web01", Some("cong-dvc")));
    assert_eq!(named("cong-dvc/web01", None).unwrap().to_string(), "cong-dvc/web01");
    for wrong in ["web01", "CONG/web01", "cong-dvc/", "cong-dvc/a b"] {
        assert_eq!(named(wrong, None), None, "{wrong}");
    }
    let mut about = risk(3, 3).about;
    about.asset = named("cong-dvc/web01", None);
    assert!(about.clone().checked().is_ok(), "of no system, any asset will do");
    about.system = Some(system("mail"));
    let refused = about.clone().checked().unwrap_err().to_string();
    assert!(refused.contains("asset cong-dvc/web01 is none of system mail"), "{refused}");
    about.asset = None;
    about.controls = (0..17).map(|number| control(&format!("mh-levels/C-{number}"))).collect();
    assert_eq!(about.checked(), Err(RiskError::Controls));
    for wrong in ["UP-01", "mh-levels/", "/UP-01", "mh levels/UP-01", "mh-levels/UP-01/x"] {
        assert_eq!(ControlName::parse(wrong), None, "{wrong}");
    }
}

#[test]
fn only_what_is_in_place_does_not_lack() {
    let lacks = |status: Status| Standing::from(status).is_lacking();
    let lacking: Vec<_> = Status::ALL.into_iter().filter(|status| lacks(*status)).collect();
    let partly = [Status::Partly, Status::Planned, Status::NotApplicable, Status::Open];
    assert_eq!(lacking, partly);
    assert!(!Standing::NotDue.is_lacking() && Standing::Gone.is_lacking());
}
