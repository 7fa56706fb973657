//! The official addresses of the agencies: what is in the list, what never is, and its signature.

use khien_app::access::Caller;
use khien_app::use_case::register::{add_system, change_system, get_system, put_resource};
use khien_app::use_case::verified;
use khien_domain::code::SystemCode;
use khien_domain::resource::{Resource, ResourceKind};
use khien_domain::system::{Level, Stage, System, Zone};
use khien_seal::{Digest, Signature};

use crate::support::{agency, centre_of_two};

#[tokio::test(flavor = "multi_thread")]
async fn only_public_kinds_that_still_hold_are_listed_and_signed() {
    let place = tempfile::tempdir().unwrap();
    let (app, clock) = centre_of_two(&place.path().join("data")).await;
    let program = Caller::program();
    let system = SystemCode::new("cong-dvc").unwrap();
    let known = get_system(&app, &program, &system).await.unwrap();
    let open = System { is_exposed: true, zone: Zone::Internet, ..known };
    change_system(&app, &program, open).await.unwrap();
    let inner = SystemCode::new("noi-bo").unwrap();
    let (level, stage) = (Level::new(2).unwrap(), Stage::Operation);
    let hidden =
        System::new(inner.clone(), agency("sokhcn"), "Nội bộ".into(), level, stage, app.now());
    let hidden = System { is_exposed: false, zone: Zone::Isolated, ..hidden };
    add_system(&app, &program, hidden).await.unwrap();
    for (kind, value, of, until) in [
        (ResourceKind::Domain, "sokhcn.example", None, None),
        (ResourceKind::Domain, "soon.example", None, Some("2026-10-15")),
        (ResourceKind::Domain, "over.example", None, Some("2026-10-14")),
        (ResourceKind::Domain, "noibo.example", Some(&inner), None),
        (ResourceKind::Page, "https://sokhcn.example/tin", Some(&system), None),
        (ResourceKind::Page, "https://mxh.example.test/sokhcn", None, None),
        (ResourceKind::AddressRange, "192.0.2.0/24", None, None),
        (ResourceKind::Certificate, "*.sokhcn.example", None, None),
        (ResourceKind::Service, "quantri.sokhcn.example:8443", Some(&system), None),
    ] {
        let until = until.map(|day| day.parse().unwrap());
        let (agency, system) = (agency("sokhcn"), of.cloned());
        let resource = Resource { agency, system, kind, value: value.into(), until };
        put_resource(&app, &program, resource).await.unwrap();
    }
    let signed = verified::signed(&app).await.unwrap();
    let values: Vec<&str> = signed.list.addresses.iter().map(|one| one.value.as_str()).collect();
    let shown = [
        "soon.example",
        "sokhcn.example",
        "https://mxh.example.test/sokhcn",
        "https://sokhcn.example/tin",
    ];
    assert_eq!(values.len(), shown.len(), "{values:?}");
    assert!(shown.iter().all(|value| values.contains(value)), "{values:?}");
    assert!(signed.statement.contains(r#""day":"2026-10-15""#), "{}", signed.statement);
    for secret in ["192.0.2", "*.", "8443", "noibo", "over", "cong-dvc"] {
        assert!(!signed.statement.contains(secret), "{secret}: {}", signed.statement);
    }
    let key = app.ledger_key().of(&app.store).await.unwrap().public().unwrap();
    let holds = |statement: &str| {
        let digest = Digest::of(statement.as_bytes());
        Signature::parse(&signed.signature).unwrap().verify(&key, &digest)
    };
    assert!(holds(&signed.statement).is_ok());
    assert!(holds(&signed.statement.replace("sokhcn.example", "sokhcm.example")).is_err());
    // After its last day an address may be anybody's.
    clock.forward(24 * 3600);
    let later = verified::list(&app).await.unwrap();
    assert_eq!((later.addresses.len(), later.day), (3, "2026-10-16".parse().unwrap()));
    app.stop().await;
}
