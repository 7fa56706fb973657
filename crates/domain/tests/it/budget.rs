//! The budget rule, exact, and what a line can be.

use std::collections::BTreeSet;

use jiff::civil::{Date, date};
use khien_domain::budget::{
    BudgetPack, End, EndKind, Line, LineCode, LineError, NewLine, Percent, Reading, Share, Sums,
    Verdict, overlaps, twice, unlinked, years,
};
use khien_domain::code::AgencyCode;
use khien_domain::text::TextError;
use num_bigint::BigInt;
use num_rational::BigRational;
use proptest::prelude::*;

fn pack() -> BudgetPack {
    BudgetPack::parse(BudgetPack::BUILT_IN).unwrap()
}

fn about(code: &str, class: &str, share: &str, planned: u64) -> NewLine {
    NewLine {
        code: LineCode::new(code).unwrap(),
        name: format!("dòng {code}"),
        class: class.into(),
        share: Share::parse(share).unwrap(),
        reason: String::new(),
        planned,
        allocated: 0,
        spent: 0,
        domestic: true,
        domestic_reason: String::new(),
        risks: BTreeSet::new(),
        purchase: None,
        bought: None,
        support_end: None,
        renewal: None,
    }
}

fn line(agency: &str, year: i16, about: NewLine) -> Line {
    Line { agency: AgencyCode::new(agency).unwrap(), year, about }
}

fn verdict(lines: &[NewLine]) -> (Verdict, Option<Percent>) {
    let sums = Sums::of(lines, Reading::Planned);
    (sums.verdict(pack().rule(2026).map(|rule| rule.least)), sums.percent())
}

/// A plan of a total with so much security.
fn plan(security: u64, total: u64) -> Vec<NewLine> {
    vec![about("an", "monitoring", "100", security), about("khac", "other", "0", total - security)]
}

#[test]
fn the_boundary_is_exact() {
    let percent = |whole, thousandths| Some(Percent { whole, thousandths });
    assert_eq!(verdict(&plan(450_000_000, 3_000_000_000)), (Verdict::Met, percent(15, 0)));
    assert_eq!(
        verdict(&plan(299_980_000, 2_000_000_000)),
        (Verdict::Below(20_000), percent(14, 999))
    );
    assert_eq!(
        verdict(&plan(12_180_000_000, 84_000_000_000)),
        (Verdict::Below(420_000_000), percent(14, 500))
    );
    assert_eq!(verdict(&plan(22, 100)), (Verdict::Met, percent(22, 0)));
    assert_eq!(verdict(&[]), (Verdict::NoData, None));
    assert_eq!(verdict(&plan(0, 0)), (Verdict::NoData, None));
    // One đồng short of 15 % of the largest plan looks like less, not like 15.000 %.
    let most = (1_u64 << 53) - 1;
    let need = (u128::from(most) * 15).div_ceil(100) as u64;
    assert_eq!(verdict(&plan(need, most)).0, Verdict::Met);
    assert_eq!(verdict(&plan(need - 1, most)), (Verdict::Below(1), percent(14, 999)));
}

#[test]
fn before_the_rule_there_is_none() {
    let sums = Sums::of(&plan(1, 100), Reading::Planned);
    assert_eq!(sums.verdict(pack().rule(2025).map(|rule| rule.least)), Verdict::NoRule);
}

#[test]
fn a_share_of_four_decimals_counts_without_rounding() {
    // 33.3333 % of 450,000,450 is 150,000,000.000…: 0.5 đồng is lost by no step but the last.
    let mixed = about("chung", "backup", "14.9999", 1_000_001);
    let sums = Sums::of([&mixed], Reading::Planned);
    assert_eq!((sums.total(), sums.security()), (1_000_001, 149_999));
    assert_eq!(sums.verdict(Share::parse("15")), Verdict::Below(2));
    let two = [mixed.clone(), NewLine { code: LineCode::new("nua").unwrap(), ..mixed }];
    // Twice 149,999.149999 is 299,998.29…, not twice 149,999.
    assert_eq!(Sums::of(&two, Reading::Planned).security(), 299_998);
    let tenth = about("a", "backup", "0.0001", 999_999);
    assert_eq!(Sums::of([&tenth], Reading::Planned).security(), 0);
}

#[test]
fn the_three_readings_are_apart() {
    let lines = [NewLine { allocated: 50, spent: 7, ..about("a", "training", "100", 100) }];
    let totals = Reading::ALL.map(|reading| Sums::of(&lines, reading).total());
    assert_eq!(totals, [100, 50, 7]);
}

#[test]
fn sums_beyond_what_the_ledger_holds_are_refused() {
    let most = (1_u64 << 53) - 1;
    let lines = [about("a", "other", "0", most), about("b", "monitoring", "100", 1)];
    let sums = Sums::of(&lines, Reading::Planned);
    assert_eq!(sums.total(), most + 1);
    assert!(sums.within().is_err());
    assert!(Sums::of(&lines[..1], Reading::Planned).within().is_ok());
    let too_much = NewLine { spent: most + 1, ..about("a", "other", "0", 1) };
    assert_eq!(too_much.checked(&pack()), Err(LineError::Amount));
}

#[test]
fn what_a_line_may_say_follows_its_class() {
    let check = |line: NewLine| line.checked(&pack());
    assert!(check(about("a", "monitoring", "100", 1)).is_ok());
    assert!(check(about("a", "other", "0", 1)).is_ok());
    assert_eq!(check(about("a", "other", "1", 1)), Err(LineError::NotSecurity("other".into())));
    assert_eq!(check(about("a", "backup", "0", 1)), Err(LineError::NoShare("backup".into())));
    assert_eq!(check(about("a", "backup", "40", 1)), Err(LineError::Reason));
    let reasoned = NewLine { reason: "40% dung lượng".into(), ..about("a", "backup", "40", 1) };
    assert!(check(reasoned).is_ok());
    assert_eq!(check(about("a", "gym", "100", 1)), Err(LineError::Class("gym".into())));
    let foreign = NewLine { domestic: false, ..about("a", "other", "0", 1) };
    assert_eq!(check(foreign.clone()), Err(LineError::DomesticReason));
    assert!(check(NewLine { domestic_reason: "chưa có".into(), ..foreign }).is_ok());
    let secret = NewLine { name: "Thiết bị (MẬT)".into(), ..about("a", "other", "0", 1) };
    assert!(matches!(check(secret), Err(LineError::Text(TextError::Marked { .. }))));
}

#[test]
fn the_same_line_twice_is_refused() {
    let joint = |code: &str, name: &str, planned| NewLine {
        purchase: Some("ms-2026-03".into()),
        name: name.into(),
        ..about(code, "monitoring", "100", planned)
    };
    let there = [line("so-tc", 2026, joint("gs-01", "Giám sát  tập trung", 500))];
    let is_twice = |agency, year, about| twice(&line(agency, year, about), &there).is_some();
    assert!(is_twice("so-tc", 2026, joint("gs-01", "khác", 1)), "the same code");
    assert!(is_twice("so-ct", 2026, joint("x", "GIÁM SÁT tập trung", 500)), "claimed by another");
    assert!(is_twice("so-tc", 2026, joint("x", "Giám sát tập trung", 500)), "claimed again");
    assert!(!is_twice("so-ct", 2026, joint("x", "Giám sát tập trung", 200)), "its part");
    assert!(!is_twice("so-ct", 2027, joint("x", "Giám sát tập trung", 500)), "next year");
    let own = NewLine { purchase: None, ..joint("x", "Giám sát tập trung", 500) };
    assert!(!is_twice("so-ct", 2026, own.clone()), "its own purchase");
    assert!(is_twice("so-tc", 2026, own.clone()), "one plan says it once, joint or not");
    assert!(is_twice("so-tc", 2026, NewLine { planned: 7, ..own.clone() }), "whatever it costs");
    assert!(!is_twice("so-tc", 2026, NewLine { class: "backup".into(), ..own.clone() }));
    assert!(!is_twice("so-tc", 2026, NewLine { name: "Giám sát tập trung 2".into(), ..own }));
}

#[test]
fn a_line_pays_for_what_it_names_in_the_year_in_which_that_ends() {
    let named = |name: &str, reason: &str, renewal| NewLine {
        name: name.into(),
        reason: reason.into(),
        renewal,
        ..about("a", "protection", "100", 1)
    };
    let end = |kind, name: &str, also: &[&str]| End {
        day: date(2027, 3, 1),
        agency: AgencyCode::new("so-tc").unwrap(),
        system: None,
        kind,
        name: name.into(),
        also: also.iter().map(|one| (*one).to_owned()).collect(),
    };
    let product = end(EndKind::Product, "Lá Chắn Mẫu", &[]);
    let of = |year, name: &str| [line("so-tc", year, named(name, "", None))];
    assert!(product.is_planned(&of(2027, "Phần mềm LA CHAN  mẫu, gia hạn")));
    assert!(!product.is_planned(&of(2026, "Lá Chắn Mẫu")), "another year");
    assert!(!product.is_planned(&of(2027, "Lá Chắn Mẫuu")), "whole words");
    assert!(!product.is_planned(&[line("so-ct", 2027, named("Lá Chắn Mẫu", "", None))]));
    assert!(product.is_planned(&[line("so-tc", 2027, named("Gói", "gồm lá chắn mẫu", None))]));
    let contract = end(EndKind::Contract, "Công ty Mẫu", &["11-HĐ.MH"]);
    assert!(contract.is_planned(&of(2027, "Thuê vận hành theo hợp đồng 11-HĐ.MH")));
    assert!(!contract.is_planned(&of(2027, "Thuê vận hành theo hợp đồng 111-HĐ.MH")));
    let host = end(EndKind::Resource, "minhhoa.example", &[]);
    assert!(host.is_planned(&of(2027, "Phí tên miền minhhoa.example")));
    assert!(!end(EndKind::Product, "Ba", &[]).is_planned(&of(2027, "Ba máy")), "too short");

    let today = date(2026, 12, 1);
    let renewed = |days: &[Date]| -> Vec<Line> {
        let line = |day| line("so-tc", 2027, named("Lá Chắn Mẫu", "", Some(day)));
        days.iter().copied().map(line).collect()
    };
    let due = |lines: &[Line], today, days| product.gap_due(lines, today, days).is_some();
    let late = renewed(&[date(2027, 3, 2)]);
    assert!(due(&late, today, 90) && !due(&late, today, 89));
    assert!(!due(&renewed(&[date(2027, 3, 1)]), today, 90), "in time");
    assert!(!due(&renewed(&[date(2027, 3, 1), date(2028, 3, 1)]), today, 90), "and again after");
    assert!(due(&renewed(&[date(2026, 3, 1), date(2027, 4, 1)]), today, 90), "that was the last");
    assert!(!due(&late, date(2027, 3, 2), 90), "the renewal has come");
    assert!(product.gap(&late, date(2027, 3, 2)).is_some(), "and nobody said that it was done");
}

#[test]
fn purchases_of_several_agencies_stand_side_by_side() {
    let named = |name: &str, about: NewLine| NewLine { name: name.into(), ..about };
    let lines = [
        line("so-ct", 2026, named("Dịch vụ SOC", about("a", "monitoring", "100", 5))),
        line("so-tc", 2026, named("dịch vụ  soc", about("b", "monitoring", "100", 7))),
        line("so-tc", 2026, about("c", "training", "100", 1)),
        line("so-ct", 2026, about("d", "other", "0", 1)),
        line("so-tc", 2026, about("e", "other", "0", 1)),
    ];
    let found = overlaps(&lines);
    assert_eq!(found.len(), 1, "a class that two pay for is no overlap");
    assert_eq!(
        (found[0].what, found[0].sums.total(), found[0].is_joint),
        ("Dịch vụ SOC", 12, false)
    );
    assert_eq!(unlinked(&lines).count(), 3, "what is not security reduces no risk");
}

#[test]
fn what_nearly_all_write_is_a_heading_and_the_dearest_overlap_stands_first() {
    let of = |agency: usize, name: &str, code: &str, planned, purchase: Option<&str>| {
        let named = NewLine {
            name: name.into(),
            purchase: purchase.map(str::to_owned),
            ..about(code, "monitoring", "100", planned)
        };
        line(&format!("so-{agency}"), 2026, named)
    };
    let mut lines: Vec<Line> = (0..12).map(|at| of(at, "Bồi dưỡng", "a", 1_000, None)).collect();
    lines.extend((0..4).map(|at| of(at, "Phần mềm Lá Chắn", "b", 10, None)));
    lines.extend((0..2).map(|at| of(at, &format!("Phần {at}"), "c", 50, Some("mua chung"))));
    let found = overlaps(&lines);
    let found: Vec<_> = found.iter().map(|one| (one.what, one.is_joint, one.lines.len())).collect();
    assert_eq!(found, [("mua chung", true, 2), ("Phần mềm Lá Chắn", false, 4)]);
}

#[test]
fn three_years_show_renewals_and_support_that_ends_before() {
    let day = |text: &str| Some(text.parse().unwrap());
    let gap = NewLine {
        support_end: day("2027-06-30"),
        renewal: day("2028-01-01"),
        ..about("a", "protection", "100", 10)
    };
    assert!(gap.has_gap());
    let lines = [line("so-ct", 2026, gap), line("so-ct", 2027, about("b", "other", "0", 3))];
    let [this, next, last] = years(&lines, 2026);
    assert_eq!((this.planned.total(), next.planned.total(), last.planned.total()), (10, 3, 0));
    assert_eq!((this.ends.len(), next.ends.len(), last.renewals.len()), (0, 1, 1));
    let same_day = NewLine {
        support_end: day("2028-01-01"),
        renewal: day("2028-01-01"),
        ..about("a", "protection", "100", 10)
    };
    assert!(!same_day.has_gap());
}

fn any_line() -> impl Strategy<Value = NewLine> {
    (0_u64..=(1 << 53) - 1, 0_u32..=1_000_000).prop_map(|(planned, parts)| NewLine {
        share: Share::of_parts(parts).unwrap(),
        ..about("a", "monitoring", "100", planned)
    })
}

proptest! {
    /// The rule is what fractions of any size say.
    #[test]
    fn the_rule_is_exact(lines in prop::collection::vec(any_line(), 0..20), least in 0_u32..=1_000_000) {
        let sums = Sums::of(&lines, Reading::Planned);
        let big = |value: u64| BigInt::from(value);
        let part = |parts: u32| BigRational::new(parts.into(), 1_000_000.into());
        let total: BigInt = lines.iter().map(|line| big(line.planned)).sum();
        let security: BigRational = lines
            .iter()
            .map(|line| BigRational::from_integer(big(line.planned)) * part(line.share.parts()))
            .sum();
        let verdict = sums.verdict(Share::of_parts(least));
        if total == BigInt::ZERO {
            prop_assert_eq!(verdict, Verdict::NoData);
            return Ok(());
        }
        let needed = BigRational::from_integer(total) * part(least);
        if security >= needed {
            prop_assert_eq!(verdict, Verdict::Met);
        } else {
            let missing = (needed - &security).ceil().to_integer();
            prop_assert_eq!(verdict, Verdict::Below(u64::try_from(missing).unwrap()));
        }
        prop_assert_eq!(BigInt::from(sums.security()), security.floor().to_integer());
    }

    /// The shown percent never says more than there is.
    #[test]
    fn the_percent_is_cut(lines in prop::collection::vec(any_line(), 1..5)) {
        let sums = Sums::of(&lines, Reading::Planned);
        if let Some(percent) = sums.percent() {
            let least = u32::try_from(percent.whole * 10_000).unwrap()
                + u32::from(percent.thousandths) * 10;
            prop_assert_eq!(sums.verdict(Share::of_parts(least)), Verdict::Met);
            if least < 999_990 {
                let above = sums.verdict(Share::of_parts(least + 10));
                prop_assert!(matches!(above, Verdict::Below(_)));
            }
        }
    }

    /// Order does not matter, and parts add up.
    #[test]
    fn sums_add_up(mut lines in prop::collection::vec(any_line(), 0..9), at in 0_usize..9) {
        let whole = Sums::of(&lines, Reading::Planned);
        let (one, other) = lines.split_at(at.min(lines.len()));
        prop_assert_eq!(Sums::of(one, Reading::Planned).plus(Sums::of(other, Reading::Planned)), whole);
        lines.reverse();
        prop_assert_eq!(Sums::of(&lines, Reading::Planned), whole);
    }
}
