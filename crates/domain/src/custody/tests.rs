use super::*;

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn device() -> Device {
    let agency = AgencyCode::new("sokhcn").unwrap();
    Device::new(agency, "ab-01", DeviceKind::Token, day("2026-01-01")).unwrap()
}

const TODAY: &str = "2026-10-15";

fn done(device: &Device, act: &Act) -> Result<Device, CustodyError> {
    device.after(act, day("2026-10-01"), day(TODAY)).map(|(after, _)| after)
}

#[test]
fn a_device_goes_to_a_post_and_back_and_what_is_lost_is_revoked() {
    let stored = device();
    assert_eq!(stored.serial, "AB-01");
    let (held, told) = stored
        .after(&Act::HandOver(" Chánh Văn phòng ".into()), day("2026-10-01"), day(TODAY))
        .unwrap();
    assert_eq!((held.state, told.as_str()), (DeviceState::HandedOver, "Chánh Văn phòng"));
    assert_eq!((held.post.as_deref(), held.since), (Some("Chánh Văn phòng"), day("2026-10-01")));
    let back = done(&held, &Act::Return).unwrap();
    assert_eq!((back.state, &back.post), (DeviceState::InStore, &None));
    assert!(done(&back, &Act::HandOver("Văn thư".into())).is_ok(), "in store again");
    let lost = done(&held, &Act::Lose).unwrap();
    assert_eq!(lost.post.as_deref(), Some("Chánh Văn phòng"), "who had it");
    for act in [Act::Return, Act::HandOver("x".into()), Act::Lose, Act::Renew(day("2030-01-01"))] {
        let what = act.what();
        let refused =
            CustodyError::Order { serial: "AB-01".into(), state: DeviceState::Lost, what };
        assert_eq!(done(&lost, &act), Err(refused));
    }
    let revoked = done(&lost, &Act::Revoke("12/TB-CTS".into())).unwrap();
    assert_eq!(revoked.revocation.as_deref(), Some("12/TB-CTS"));
    assert!(Move::ALL.iter().all(|what| !what.follows(DeviceState::Revoked)));
    let twice = done(&revoked, &Act::Revoke("13".into())).unwrap_err();
    assert_eq!(twice.to_string(), "AB-01 is revoked: it cannot be revoked");
}

#[test]
fn days_follow_each_other_and_have_come() {
    let stored = device();
    let at = |on: &str| stored.after(&Act::Lose, day(on), day(TODAY)).map(|_| ());
    assert!(at("2026-01-01").is_ok() && at(TODAY).is_ok());
    assert_eq!(at("2026-10-16"), Err(CustodyError::NotYet(day("2026-10-16"))));
    assert!(matches!(at("2025-12-31"), Err(CustodyError::Before { .. })));
    let renewed = done(&stored, &Act::Renew(day("2028-10-01"))).unwrap();
    assert_eq!((renewed.until, renewed.state), (Some(day("2028-10-01")), DeviceState::InStore));
    assert!(matches!(
        done(&renewed, &Act::Renew(day("2028-10-01"))),
        Err(CustodyError::Shorter(_))
    ));
}

#[test]
fn what_looks_like_a_key_is_refused_with_the_reason() {
    let pem = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----";
    let raw = "q83vEjRWeJq83vEjRWeJq83vEjRWeJq83vEjRWeJq80=";
    for bad in [pem, &pem.replace('\n', ""), &pem.replace("PRIVATE", "ENCRYPTED PRIVATE"), raw] {
        for act in [Act::HandOver(bad.to_owned()), Act::Revoke(bad.to_owned())] {
            let refused = done(&device(), &act).unwrap_err();
            assert!(matches!(refused, CustodyError::Key(_)), "{bad}: {refused}");
            assert!(refused.to_string().contains("keeps no keys"), "{refused}");
        }
    }
    assert!(matches!(serial(pem), Err(CustodyError::Key(_))));
    assert!(matches!(serial(&"A".repeat(SERIAL_BYTES + 1)), Err(CustodyError::Text(_))));
    let long = done(&device(), &Act::HandOver("ă".repeat(POST_BYTES)));
    assert!(matches!(long, Err(CustodyError::Text(TextError::Long { limit: POST_BYTES, .. }))));
    let secret = done(&device(), &Act::HandOver("Độ mật: MẬT".into()));
    let marked = TextError::Marked { what: "the post that has it", mark: "MẬT" };
    assert_eq!(secret, Err(marked.into()));
    assert!(matches!(serial("sê-ri"), Err(CustodyError::Serial(_))));
    let certificate = "5f:1c:00:aa:5f:1c:00:aa:5f:1c:00:aa:5f:1c:00:aa:5f:1c:00:aa";
    assert_eq!(serial(certificate).unwrap(), certificate.to_uppercase());
    assert!(done(&device(), &Act::Revoke("57/TB-CTS.MH ngày 15/10/2026".into())).is_ok());
}

#[test]
fn what_needs_somebody_comes_first() {
    let with = |serial: &str, state, until: Option<&str>| KeptDevice {
        id: DeviceId(1),
        device: Device { serial: serial.into(), state, until: until.map(day), ..device() },
        updated_at: Timestamp::UNIX_EPOCH,
    };
    let mut all = [
        with("A", DeviceState::Revoked, Some("2026-01-01")),
        with("B", DeviceState::InStore, None),
        with("C", DeviceState::HandedOver, Some("2026-11-14")),
        with("D", DeviceState::HandedOver, Some("2026-10-14")),
        with("E", DeviceState::Lost, None),
        with("F", DeviceState::HandedOver, Some("2026-11-15")),
    ];
    sort(&mut all, day(TODAY), day("2026-11-14"));
    let order: String = all.iter().map(|kept| kept.device.serial.as_str()).collect();
    assert_eq!(order, "EDCBFA");
}
