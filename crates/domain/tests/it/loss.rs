//! What risks and incidents cost, what the money is for, and what of a project is for security.

use std::collections::BTreeSet;

use jiff::civil::date;
use khien_domain::budget::{BudgetPack, Line, LineCode, NewLine, Reading, Share, gaps};
use khien_domain::budget::{SupportTask, unlinked};
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::ids::DossierId;
use khien_domain::incident::{LossFigure, LossKind, LossSums, Losses, NewLossFigure};
use khien_domain::project::{Project, ProjectCode, ProjectError};
use khien_domain::risk::{
    Degree, Estimate, Expected, LOSS_MOST, Loss, LossError, Risk, RiskAbout, RiskCode, RiskError,
    RiskPack, RiskState, TIMES_MOST, Treatment,
};
use khien_domain::spend::{Weights, by_agency, outlook, rank};
use khien_domain::system::Level;
use proptest::prelude::*;

fn loss(once: [u64; 2], times: [u64; 2]) -> Loss {
    Loss::new(once, times).unwrap()
}

fn estimate(likelihood: i64, impact: i64) -> Estimate {
    Estimate { likelihood: Degree::new(likelihood).unwrap(), impact: Degree::new(impact).unwrap() }
}

fn risk(agency: &str, code: &str, loss: Option<Loss>) -> Risk {
    Risk {
        agency: AgencyCode::new(agency).unwrap(),
        code: RiskCode::new(code).unwrap(),
        about: RiskAbout {
            system: None,
            asset: None,
            scenario: "mã độc mã hóa máy chủ".into(),
            threat: "mã độc tống tiền".into(),
            inherent: estimate(4, 4),
            residual: Some(estimate(2, 2)),
            loss,
            residual_loss: None,
            owner: "Trưởng phòng".into(),
            treatment: Treatment::Reduce,
            controls: BTreeSet::new(),
            due: date(2026, 12, 31),
            records: BTreeSet::new(),
        },
        state: RiskState::Open,
        ended: None,
        created_at: "2026-01-01T00:00:00Z".parse().unwrap(),
        updated_at: "2026-01-01T00:00:00Z".parse().unwrap(),
    }
}

fn line(agency: &str, code: &str, share: &str, planned: u64, risks: &[&str]) -> Line {
    Line {
        agency: AgencyCode::new(agency).unwrap(),
        year: 2026,
        about: NewLine {
            code: LineCode::new(code).unwrap(),
            name: format!("dòng {code}"),
            class: "monitoring".into(),
            share: Share::parse(share).unwrap(),
            reason: String::new(),
            planned,
            allocated: planned / 2,
            spent: 0,
            domestic: true,
            domestic_reason: String::new(),
            risks: risks.iter().map(|code| RiskCode::new(code).unwrap()).collect(),
            purchase: None,
            bought: None,
            support_end: None,
            renewal: None,
        },
    }
}

#[test]
fn a_loss_that_cannot_be_is_refused_with_what_is_wrong() {
    let refused = |once, times| Loss::new(once, times).unwrap_err();
    assert_eq!(refused([2, 1], [0, 1]), LossError::OnceOrder);
    assert_eq!(refused([1, 2], [3, 1]), LossError::TimesOrder);
    assert_eq!(refused([0, LOSS_MOST + 1], [0, 0]), LossError::Once);
    assert_eq!(refused([0, 1], [0, TIMES_MOST + 1]), LossError::Times);
    assert_eq!(refused([0, LOSS_MOST], [0, 11]), LossError::TooMuch, "not wrapped");
    assert_eq!(refused([0, u64::MAX], [0, u64::MAX]), LossError::Once);
    let most = loss([0, LOSS_MOST], [0, 10]).expected();
    assert_eq!((most.low_a_year(), most.high_a_year()), (0, LOSS_MOST));
    assert_eq!(most.plus(loss([0, 1], [0, 1]).expected()), Err(LossError::TooMuch));

    let about = |loss, left, residual| {
        let about = risk("so-ct", "rr-01", loss).about;
        RiskAbout { residual_loss: left, residual, ..about }.checked().map(|_| ())
    };
    let (small, large, left) = (loss([1, 9], [1, 2]), loss([9, 9], [9, 9]), Some(estimate(1, 1)));
    assert_eq!(about(Some(large), Some(small), left), Ok(()));
    let wrong = |loss, left, residual| match about(loss, left, residual) {
        Err(RiskError::Loss(error)) => error,
        other => panic!("{other:?}"),
    };
    assert_eq!(wrong(Some(small), Some(large), left), LossError::Left);
    // Rarer, but what is left may cost more: neither bound may rise.
    assert_eq!(
        wrong(Some(loss([5, 9], [2, 2])), Some(loss([0, 19], [1, 1])), left),
        LossError::Left
    );
    assert_eq!(wrong(None, Some(small), left), LossError::LeftAlone);
    assert_eq!(wrong(Some(large), Some(small), None), LossError::NoResidual);
}

#[test]
fn a_year_is_a_tenth_cut_below_and_rounded_up_above() {
    let year = |once, times| {
        let expected = loss(once, times).expected();
        (expected.low_a_year(), expected.high_a_year())
    };
    assert_eq!(year([19, 21], [1, 1]), (1, 3));
    assert_eq!(year([100, 300], [5, 20]), (50, 600));
    assert_eq!(year([100, 300], [0, 0]), (0, 0));
    // Nineteen tenths and twenty-one tenths twice: what is added is exact, not what was shown.
    let twice = Expected::sum([loss([19, 21], [1, 1]).expected(); 2]).unwrap();
    assert_eq!((twice.low_a_year(), twice.high_a_year()), (3, 5));
}

#[test]
fn risks_are_ranked_by_what_they_may_cost_and_show_the_lines_that_reduce_them() {
    let pack = RiskPack::built_in().unwrap();
    let closed =
        Risk { state: RiskState::Closed, ..risk("so-ct", "rr-09", Some(loss([9, 999], [9, 99]))) };
    let mut mild = risk("so-tc", "rr-01", None);
    mild.about.inherent = estimate(1, 1);
    let risks = [
        mild,
        risk("so-tc", "rr-02", None),
        risk("so-ct", "rr-01", Some(loss([10, 100], [1, 10]))),
        risk("so-ct", "rr-02", Some(loss([20, 100], [1, 10]))),
        risk("so-ct", "rr-03", Some(loss([900, 900], [10, 10]))),
        closed,
    ];
    let lines = [
        line("so-ct", "b", "33,3333", 90, &["rr-01", "rr-03"]),
        line("so-ct", "a", "100", 7, &["rr-01", "rr-09"]),
        line("so-ct", "c", "100", 5, &[]),
        line("so-tc", "d", "100", 1, &["rr-03"]),
    ];
    let ranked = rank(&risks, &lines, &Weights::new(), pack);
    let order: Vec<String> =
        ranked.iter().map(|one| format!("{} {}", one.risk.agency, one.risk.code)).collect();
    let wanted = ["so-ct rr-03", "so-ct rr-02", "so-ct rr-01", "so-tc rr-02", "so-tc rr-01"];
    assert_eq!(order, wanted, "the closed one is in no ranking");
    let codes = |at: usize| {
        ranked[at].lines.iter().map(|line| line.about.code.as_str()).collect::<Vec<_>>()
    };
    assert_eq!((codes(0), codes(1), codes(2)), (vec!["b"], vec![], vec!["a", "b"]));
    // 90 × 33.3333 % + 7 = 36.99997, of 100 a year; cut, not rounded.
    assert_eq!(ranked[2].sums(Reading::Planned).security(), 36);
    let percent = ranked[2].ratio(Reading::Planned).unwrap();
    assert_eq!((percent.whole, percent.thousandths), (36, 999));
    assert_eq!(ranked[1].ratio(Reading::Planned), None, "no line");
    assert_eq!(ranked[3].ratio(Reading::Planned), None, "no estimate");
    let alone: Vec<&str> = ranked
        .iter()
        .filter(|one| one.is_left_alone(pack))
        .map(|one| one.risk.code.as_str())
        .collect();
    assert_eq!(alone, ["rr-02", "rr-02"], "a mild risk is borne, the other has lines");
    assert_eq!(unlinked(&lines).count(), 1);

    let whole = outlook(&risks).unwrap();
    assert_eq!((whole.risks, whole.unknown), (5, 2));
    assert_eq!((whole.expected.low_a_year(), whole.expected.high_a_year()), (903, 1_100));
    let of = by_agency(&risks, &lines, &[]);
    assert_eq!(of.len(), 2);
    assert_eq!(of[0].outlook.unwrap().expected, whole.expected);
    assert_eq!(of[0].linked.security(), 36, "a line with two risks counts once");
    let most = [risk("so-ct", "rr-01", Some(loss([LOSS_MOST; 2], [10, 10]))), risks[2].clone()];
    assert_eq!(outlook(&most), Err(LossError::TooMuch));
}

#[test]
fn figures_of_incidents_are_added_and_the_counted_one_is_the_better() {
    let figure = |kind, amount| LossFigure {
        about: NewLossFigure { kind, amount, reason: "giờ công".into() },
        by: "person:truongca".into(),
        at: "2026-10-15T01:00:00Z".parse().unwrap(),
    };
    let losses = |figures: &[LossFigure]| {
        let mut losses = Losses::default();
        figures.iter().cloned().for_each(|figure| losses.put(figure));
        losses
    };
    let (estimated, actual) = (LossKind::Estimated, LossKind::Actual);
    let all = [
        losses(&[figure(estimated, 5), figure(estimated, 7), figure(actual, 9)]),
        losses(&[figure(estimated, 100)]),
        losses(&[]),
    ];
    let sums = LossSums::of(&all).unwrap();
    assert_eq!((sums.incidents, sums.without), (3, 1));
    assert_eq!((sums.estimated, sums.actual, sums.best), (Some(107), Some(9), Some(109)));
    assert_eq!((sums.not_estimated, sums.not_counted), (1, 2));
    let none = LossSums::of(&[losses(&[]), losses(&[figure(estimated, 0)])]).unwrap();
    assert_eq!((none.estimated, none.actual), (Some(0), None), "nobody counted, which is not 0");
    let most = [losses(&[figure(actual, LOSS_MOST)]), losses(&[figure(actual, 1)])];
    assert_eq!(LossSums::of(&most), Err(LossError::TooMuch));
    let new = |amount, reason: &str| {
        NewLossFigure { kind: actual, amount, reason: reason.into() }.checked().is_ok()
    };
    assert!(new(0, "không thiệt hại") && !new(1, " ") && !new(LOSS_MOST + 1, "a"));
    assert!(!new(1, "TỐI MẬT\nsố 5"), "what is secret stays out");
}

#[test]
fn support_that_ends_before_a_renewal_to_come_is_due_within_the_days() {
    let of = |end: &str, renewal: &str| {
        let mut line = line("so-ct", "a", "100", 1, &[]);
        line.about.support_end = Some(end.parse().unwrap());
        line.about.renewal = Some(renewal.parse().unwrap());
        line
    };
    let today = date(2026, 10, 15);
    let due = |end, renewal| of(end, renewal).about.gap_due(today, 30);
    assert_eq!(due("2026-11-14", "2026-12-31"), Some(date(2026, 11, 14)));
    assert_eq!(due("2026-11-15", "2026-12-31"), None, "a day too early to tell");
    assert_eq!(due("2026-11-14", "2026-11-14"), None, "no gap");
    assert_eq!(due("2026-09-01", "2026-12-31"), Some(date(2026, 9, 1)), "it has ended already");
    assert_eq!(due("2026-09-01", "2026-10-15"), None, "it was renewed by now");
    let lines = [of("2026-11-10", "2027-01-01"), of("2026-10-20", "2027-01-01")];
    let days: Vec<_> = gaps(&lines, today, 30).into_iter().map(|(day, _)| day).collect();
    assert_eq!(days, [date(2026, 10, 20), date(2026, 11, 10)]);
    let task = SupportTask::of(&lines[0], today, 30).unwrap();
    assert_eq!(task.to_string(), "support 2026 a");
    assert!(task.is_of(&lines[0]) && !task.is_of(&lines[1]), "the end was moved");
    let passed = of("2026-09-01", "2026-10-01");
    let old = SupportTask { due: date(2026, 9, 1), ..task };
    assert!(old.is_of(&passed), "that the renewal passed closes no gap");
}

fn project(security: Option<i64>) -> Project {
    Project {
        agency: AgencyCode::new("so-ct").unwrap(),
        code: ProjectCode::new("da-01").unwrap(),
        name: "Nâng cấp".into(),
        system: SystemCode::new("cong-dvc").unwrap(),
        planned: 900_000_000,
        security,
        dossier: Some(DossierId(1)),
        invested: None,
        created_at: "2026-01-01T00:00:00Z".parse().unwrap(),
    }
}

#[test]
fn a_project_with_too_little_for_security_is_listed_and_with_far_too_little_not_decided() {
    let pack = BudgetPack::built_in().unwrap();
    let rule = pack.rule(2026).map(|rule| rule.least);
    let floor = pack.estimate(2026).map(|rule| rule.least);
    let lacks = |security| project(security).lacks_security(rule);
    assert!(lacks(None) && lacks(Some(0)) && lacks(Some(134_999_999)));
    assert!(!lacks(Some(135_000_000)), "fifteen percent to the đồng");
    assert!(project(None).lacks_security(None) && !project(Some(1)).lacks_security(None));
    for wrong in [Some(-1), Some(900_000_001)] {
        assert_eq!(project(wrong).checked(), Err(ProjectError::Security));
    }
    let (day, approved) = (date(2026, 10, 15), Some(date(2026, 10, 1)));
    let decided =
        |security, exception| project(security).decided(day, approved, floor, exception, day);
    let code = project(None).code;
    assert_eq!(decided(None, None), Err(ProjectError::NoSecurity(code.clone())));
    assert_eq!(decided(Some(0), None), Err(ProjectError::NoSecurity(code.clone())));
    let little = ProjectError::TooLittle(code.clone(), floor.unwrap());
    for security in [1, 89_999_999] {
        assert_eq!(decided(Some(security), None), Err(little.clone()));
    }
    let tenth = decided(Some(90_000_000), None).unwrap();
    assert!(!tenth.is_violation(), "a tenth is listed, not refused");
    assert_eq!(tenth.invested.unwrap().appraisal, Some(DossierId(1)));
    assert!(decided(Some(1), Some("đã ký")).unwrap().is_violation());
    let excused = decided(None, Some("đã ký")).unwrap();
    assert!(excused.is_violation() && !excused.invested.as_ref().unwrap().is_early());
    assert!(!excused.lacks_security(rule), "nothing waits any more");
    assert_eq!(decided(Some(90_000_000), Some("đã ký")), Err(ProjectError::NoException));
    assert_eq!(excused.estimated(1, Some(1)), Err(ProjectError::Decided(code)));
    let late = project(None).decided(day, None, floor, None, day);
    assert!(matches!(late, Err(ProjectError::NotAppraised(_))), "the appraisal is named first");
    let unnamed = project(Some(135_000_000)).appraised_by(None).unwrap();
    let unnamed = unnamed.decided(day, approved, floor, None, day);
    assert!(
        matches!(unnamed, Err(ProjectError::NoDossier(_))),
        "an approval of another: {unnamed:?}"
    );
}

prop_compose! {
    fn any_loss()(
        a in 0_u64..=1 << 40, b in 0_u64..=1 << 40, c in 0_u64..=2_000, d in 0_u64..=2_000,
    ) -> Loss {
        loss([a.min(b), a.max(b)], [c.min(d), c.max(d)])
    }
}

proptest! {
    /// Whatever happens within both ranges costs what lies within their product.
    #[test]
    fn what_is_expected_holds_all_that_can_be(of in any_loss(), at in 0_u64..=1000, how in 0_u64..=1000) {
        let inside = |low: u64, high: u64, part: u64| low + (high - low) * part / 1000;
        let once = inside(of.once().low(), of.once().high(), at);
        let times = inside(of.times().low(), of.times().high(), how);
        let range = of.expected().of_ten_years();
        prop_assert!((range.low()..=range.high()).contains(&(once * times)));
        let expected = of.expected();
        prop_assert!(expected.low_a_year() * 10 <= range.low());
        prop_assert!(expected.high_a_year() * 10 >= range.high());
    }

    /// Sums do not depend on the order, also where they are refused.
    #[test]
    fn sums_of_ranges_are_free_of_order(
        all in prop::collection::vec((any_loss(), any::<bool>()), 0..9), turn in 0_usize..9,
    ) {
        // Some are so large that a few together cannot be counted.
        let huge = loss([0, LOSS_MOST], [0, 4]).expected();
        let of = |(one, is_huge): &(Loss, bool)| if *is_huge { huge } else { one.expected() };
        let mut all: Vec<Expected> = all.iter().map(of).collect();
        let sum = Expected::sum(all.iter().copied());
        let turn = turn % all.len().max(1);
        all.rotate_left(turn);
        prop_assert_eq!(Expected::sum(all.iter().copied()), sum);
        all.reverse();
        prop_assert_eq!(Expected::sum(all.iter().copied()), sum);
        let exact: u128 = all.iter().map(|one| u128::from(one.of_ten_years().high())).sum();
        prop_assert_eq!(sum.is_ok(), exact <= u128::from(LOSS_MOST) * 10);
        if let Ok(sum) = sum {
            prop_assert_eq!(u128::from(sum.of_ten_years().high()), exact);
        }
    }

    /// What is taken as left after treatment never costs more than before, at no bound.
    #[test]
    fn what_is_left_never_costs_more(before in any_loss(), left in any_loss()) {
        let about = risk("so-ct", "rr-01", Some(before)).about;
        let taken = RiskAbout { residual_loss: Some(left), ..about }.checked();
        let (was, is) = (before.expected().of_ten_years(), left.expected().of_ten_years());
        prop_assert_eq!(taken.is_ok(), is.low() <= was.low() && is.high() <= was.high());
    }
}

#[test]
fn of_risks_that_may_cost_the_same_the_graver_system_comes_first() {
    let pack = RiskPack::built_in().unwrap();
    let of = |code: &str, system: Option<&str>, inherent| {
        let mut risk = risk("so-ct", code, Some(loss([10, 100], [1, 10])));
        risk.about.system = system.map(|system| SystemCode::new(system).unwrap());
        risk.about.inherent = inherent;
        risk
    };
    let even = estimate(3, 3);
    let risks = [
        of("rr-01", None, even),
        of("rr-02", Some("cap-2"), even),
        of("rr-03", Some("cap-4"), even),
        of("rr-04", Some("cap-4-tt"), even),
        of("rr-05", Some("cap-2"), estimate(5, 5)),
    ];
    let weights = [("cap-2", 2, true), ("cap-4", 4, false), ("cap-4-tt", 4, true)];
    let weights: Weights = weights
        .map(|(code, level, critical)| {
            (SystemCode::new(code).unwrap(), (Level::new(level).unwrap(), critical))
        })
        .into();
    let ranked = rank(&risks, &[], &weights, pack);
    let order: Vec<&str> = ranked.iter().map(|one| one.risk.code.as_str()).collect();
    // The rating first; then level 4 before level 2, critical before not; what is of no system last.
    assert_eq!(order, ["rr-05", "rr-04", "rr-03", "rr-02", "rr-01"]);
}
