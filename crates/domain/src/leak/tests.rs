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
    for fine in
        ["12-BC/TU", "7/QĐ-UBND.2026", " 45–KH/ĐU ", "603-CV/BTGDV", "31/2026/TTr-HĐND", "5"]
    {
        let number = checked(leak(Some(fine))).unwrap().number.unwrap();
        assert_eq!(number, fine.trim());
    }
    for text in [
        "Báo cáo số 12 về tình hình",
        "BC/TU",
        "12: nội dung",
        "số 12",
        "12-BC/TU, trang 3",
        "Kế-hoạch-phòng-thủ-khu-vực-2026",
        "12-Ke-hoach",
        "1-Nguyen.Van.A",
        "1.NGUYENVANA",
        "1990123456",
        "001090012345",
        "1-A-B-C-D-E-F",
        "12-",
    ] {
        assert_eq!(checked(leak(Some(text))), Err(LeakError::Number), "{text}");
    }
    for text in ["", "1\n2", &"9".repeat(DOCUMENT_NUMBER_BYTES + 1)] {
        assert!(matches!(checked(leak(Some(text))), Err(LeakError::Text(_))), "{text}");
    }
    let what = "the number of the document";
    for (text, mark) in [
        ("31/TUYỆT-MẬT", "TUYỆT MẬT"),
        ("12-BC/MẬT", "MẬT"),
        ("05-TOI-MAT", "TỐI MẬT"),
        ("MẬT", "MẬT"),
    ] {
        assert_eq!(
            checked(leak(Some(text))),
            Err(TextError::Marked { what, mark }.into()),
            "{text}"
        );
    }
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
    assert_eq!(
        allows(&kept, LeakMove::Close, date(2026, 10, 4)),
        Err(LeakError::Before(date(2026, 10, 4))),
        "it is not closed on a day before it was reported"
    );
    allows(&kept, LeakMove::Close, day).unwrap();
    kept.steps.push(step(LeakMove::Close));
    assert!(kept.is_closed());
    assert_eq!(allows(&kept, LeakMove::Contain, day), Err(LeakError::Closed(id)));
}

#[test]
fn what_was_recorded_by_mistake_is_withdrawn_without_a_report() {
    let (id, at) = (LeakId(4), Timestamp::UNIX_EPOCH);
    let mut kept = KeptLeak { id, leak: leak(Some("1")), who: "an".into(), at, steps: Vec::new() };
    let day = date(2026, 10, 5);
    kept.allows(pack(), LeakMove::Withdraw, day, day).unwrap();
    kept.steps.push(LeakStep { what: LeakMove::Withdraw, day, who: "an".into(), at });
    assert!(kept.is_closed() && kept.is_withdrawn());
    assert_eq!(kept.allows(pack(), LeakMove::Report, day, day), Err(LeakError::Closed(id)));
}
