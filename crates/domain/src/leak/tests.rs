use jiff::civil::date;

use super::*;

fn pack() -> &'static LeakPack {
    LeakPack::built_in().unwrap()
}

fn leak(number: Option<&str>) -> Leak {
    Leak {
        agency: AgencyCode::new("sokhcn").unwrap(),
        kind: LeakKind::StateSecret,
        number: number.map(str::to_owned),
        dated: Some(date(2026, 9, 1)),
        found_on: date(2026, 10, 2),
    }
}

fn checked(leak: Leak) -> Result<Leak, LeakError> {
    leak.checked(pack(), date(2026, 10, 15))
}

#[test]
fn a_number_is_a_number_and_no_text() {
    for fine in ["12-BC/TU", "7/QĐ-UBND.2026", " 45–KH/ĐU "] {
        let number = checked(leak(Some(fine))).unwrap().number.unwrap();
        assert_eq!(number, fine.trim());
    }
    for text in
        ["Báo cáo số 12 về tình hình", "BC/TU", "12: nội dung", "số 12", "12-BC/TU, trang 3"]
    {
        assert_eq!(checked(leak(Some(text))), Err(LeakError::Number), "{text}");
    }
    for text in ["", "1\n2", &"9".repeat(DOCUMENT_NUMBER_BYTES + 1)] {
        assert!(matches!(checked(leak(Some(text))), Err(LeakError::Text(_))), "{text}");
    }
    let marked = checked(leak(Some("MẬT")));
    assert!(matches!(marked, Err(LeakError::Secret("MẬT"))), "{marked:?}");
}

#[test]
fn secrets_have_number_and_day_and_days_follow_each_other() {
    assert_eq!(checked(leak(None)), Err(LeakError::Missing));
    let undated = Leak { dated: None, ..leak(Some("12-BC/TU")) };
    assert_eq!(checked(undated), Err(LeakError::Missing));
    let personal = Leak { kind: LeakKind::PersonalData, dated: None, ..leak(None) };
    checked(personal).unwrap();
    let (dated, found) = (date(2026, 10, 3), date(2026, 10, 2));
    let younger = Leak { dated: Some(dated), ..leak(Some("1")) };
    assert_eq!(checked(younger), Err(LeakError::Younger { dated, found }));
    let tomorrow = Leak { found_on: date(2026, 10, 16), ..leak(Some("1")) };
    assert_eq!(checked(tomorrow), Err(LeakError::NotYet(date(2026, 10, 16))));
}

#[test]
fn steps_are_made_once_and_the_end_comes_after_the_report() {
    let (id, at) = (LeakId(4), Timestamp::UNIX_EPOCH);
    let mut kept = KeptLeak { id, leak: leak(Some("1")), who: "an".into(), at, steps: Vec::new() };
    let day = date(2026, 10, 5);
    let allows = |kept: &KeptLeak, what, day| kept.allows(pack(), what, day, date(2026, 10, 15));
    let early = date(2026, 10, 1);
    assert_eq!(allows(&kept, LeakMove::Contain, early), Err(LeakError::Before(early)));
    let late = date(2026, 10, 16);
    assert_eq!(allows(&kept, LeakMove::Contain, late), Err(LeakError::NotYet(late)));
    assert_eq!(allows(&kept, LeakMove::Close, day), Err(LeakError::Unreported(id)));
    allows(&kept, LeakMove::Report, day).unwrap();
    let step = |what| LeakStep { what, day, who: "an".into(), at };
    kept.steps.push(step(LeakMove::Report));
    assert_eq!(allows(&kept, LeakMove::Report, day), Err(LeakError::Done(id)));
    allows(&kept, LeakMove::Close, day).unwrap();
    kept.steps.push(step(LeakMove::Close));
    assert!(kept.is_closed());
    assert_eq!(allows(&kept, LeakMove::Contain, day), Err(LeakError::Closed(id)));
}
