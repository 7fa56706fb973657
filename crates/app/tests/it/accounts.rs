//! What is measured of the accounts of an agency: how strongly they sign in, and whether all who answer
//! for it have one.

use khien_app::access::Caller;
use khien_app::use_case::sign_in::Place;
use khien_app::use_case::{own_account, people, register};
use khien_domain::account::policy::AccessPack;
use khien_domain::account::{NewPerson, Role, UserName};
use khien_domain::evidence::{NewEvidence, Origin};
use khien_domain::permission::AgencyScope;
use khien_domain::token::TokenBytes;
use khien_testkit::Hands;
use serde_json::json;

use crate::measure::{agency, measured, records, said};
use crate::support::start;

#[tokio::test(flavor = "multi_thread")]
async fn accounts_of_an_agency_are_counted_without_names() {
    let place = tempfile::tempdir().unwrap();
    let clock = Hands::at("2026-10-15T01:00:00Z");
    let app = start(&place.path().join("data"), &clock).await;
    crate::support::register(&app).await;
    let pack = AccessPack::parse(AccessPack::BUILT_IN).unwrap();
    for (number, role, agencies) in [
        (1, Role::Officer, AgencyScope::one(agency())),
        (2, Role::Leader, AgencyScope::one(agency())),
        (3, Role::Analyst, AgencyScope::All),
        (4, Role::Appraiser, AgencyScope::All),
    ] {
        let new = NewPerson {
            name: UserName::new(&format!("canbo{number}")).unwrap(),
            called: format!("Cán bộ Mẫu {number}"),
            role,
            agencies,
            home: (role == Role::Appraiser).then(agency),
            created_at: app.now(),
            until: None,
        };
        let random = TokenBytes([number; 21]);
        people::add_person(&app, &pack, &Caller::program(), new, &random).await.unwrap();
    }
    measured(&app).await;
    let told = said(&app, "accounts.centre").await;
    let figures = json!({"privileged": 1, "privileged_strong": 0, "active": 3, "mfa": 0});
    assert_eq!(told, [figures]);
    let record = records(&app, "accounts.centre").await.remove(0);
    assert!(!record.to_line().contains("canbo"), "{}", record.to_line());
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whether_all_who_answer_for_an_agency_have_an_active_account_is_told() {
    let place = tempfile::tempdir().unwrap();
    let clock = Hands::at("2026-10-15T01:00:00Z");
    let app = start(&place.path().join("data"), &clock).await;
    crate::support::register(&app).await;
    let all = Caller::program();
    let sheet = register::get_agency(&app, &all, &agency()).await.unwrap();
    let of_old = khien_testkit::headed(sheet.agency.clone()).appointments;
    let name = |text: &str| UserName::new(text).unwrap();
    let pack = AccessPack::parse(AccessPack::BUILT_IN).unwrap();
    let mut invited = Vec::new();
    for (number, called, agencies) in [
        (1, "thutruong", AgencyScope::one(agency())),
        (2, "capphu", AgencyScope::one(agency())),
        (3, "nguoi-ngoai", AgencyScope::All),
    ] {
        let new = NewPerson {
            name: name(called),
            called: format!("Cán bộ Mẫu {number}"),
            role: Role::Leader,
            agencies,
            home: None,
            created_at: app.now(),
            until: None,
        };
        let random = TokenBytes([number; 21]);
        invited.push(people::add_person(&app, &pack, &all, new, &random).await.unwrap().text);
    }
    let take_up = async |text: &str| {
        let place = Place { origin: "192.0.2.7".into(), browser: "test".into() };
        let salt = || Ok(TokenBytes([9; 21]));
        let password = "sông núi mây 9 tầng";
        own_account::accept_invitation(&app, salt, text, password, &place).await.unwrap();
    };
    let with = |head: Option<&str>, deputy: Option<&str>| {
        let mut appointments = of_old.clone();
        appointments[0].account = head.map(name);
        appointments[1].account = deputy.map(name);
        appointments
    };
    let assign = async |appointments| {
        register::assign(&app, &all, &agency(), appointments, Vec::new()).await.map(|_| ())
    };
    let accounts = async || {
        let told = said(&app, "agency.assignment").await;
        (told.len(), told[0]["accounts"].as_bool().unwrap())
    };
    // Of nobody, of nobody of this agency, of one person for two.
    for (deputy, why) in [
        ("khong-ai", "there is no account khong-ai of the agency sokhcn"),
        ("nguoi-ngoai", "there is no account nguoi-ngoai of the agency sokhcn"),
        ("thutruong", "the account thutruong is named for two duties"),
    ] {
        let refused = assign(with(Some("thutruong"), Some(deputy))).await.unwrap_err();
        assert!(refused.to_string().contains(why), "{refused}");
    }
    assert_eq!(accounts().await, (1, false), "as it was registered");
    measured(&app).await;
    assign(with(Some("thutruong"), None)).await.unwrap();
    assert_eq!(accounts().await, (2, false), "the deputy has none");
    assign(with(Some("thutruong"), Some("capphu"))).await.unwrap();
    take_up(&invited[0]).await;
    assert_eq!(accounts().await, (4, false), "the deputy did not take up the invitation");
    take_up(&invited[2]).await;
    assert_eq!(accounts().await, (4, false), "they answer for nobody");
    take_up(&invited[1]).await;
    assert_eq!(accounts().await, (5, true));
    assert_eq!(said(&app, "agency.assignment").await[0]["all_active"], true);
    assert_eq!(measured(&app).await, 0, "nothing is new");

    // Whoever is let in no more is told at once, and so is the way back.
    people::disable_person(&app, &all, &name("capphu"), true).await.unwrap();
    assert_eq!(accounts().await, (6, false));
    people::disable_person(&app, &all, &name("nguoi-ngoai"), true).await.unwrap();
    assert_eq!(accounts().await, (6, false), "they answer for nobody");
    people::disable_person(&app, &all, &name("capphu"), false).await.unwrap();
    assert_eq!(accounts().await, (7, true));
    let change = people::Change {
        called: "Cán bộ Mẫu 2".into(),
        role: Role::Leader,
        agencies: AgencyScope::All,
        home: None,
        until: None,
    };
    people::change_person(&app, &all, &name("capphu"), change.clone()).await.unwrap();
    assert_eq!(
        accounts().await,
        (8, false),
        "an account of the whole province is none of the agency"
    );
    let back = people::Change { home: Some(agency()), ..change };
    people::change_person(&app, &all, &name("capphu"), back.clone()).await.unwrap();
    assert_eq!(accounts().await, (9, true));
    let renamed = people::Change { called: "Cán bộ Mẫu 22".into(), ..back };
    people::change_person(&app, &all, &name("capphu"), renamed).await.unwrap();
    assert_eq!(accounts().await, (9, true), "how somebody is called is told nobody");

    // A last day that passes is told by the next measurement, once.
    let today = Some("2026-10-15".parse().unwrap());
    people::set_last_day(&app, &all, &name("thutruong"), today).await.unwrap();
    assert_eq!(accounts().await, (10, true));
    clock.forward(24 * 3_600);
    measured(&app).await;
    assert_eq!(accounts().await, (11, false));
    measured(&app).await;
    assert_eq!(accounts().await, (11, false));

    // What the ledger was told before accounts were named is told anew, once; no record has a name.
    people::set_last_day(&app, &all, &name("thutruong"), None).await.unwrap();
    assert_eq!(accounts().await, (12, true));
    let old = NewEvidence::of_agency("agency.assignment", &agency(), app.now())
        .with("signed", "2026-10-15")
        .with("head", true)
        .with("deputy", true)
        .with("contacts", 0_i64)
        .with("all_active", true)
        .from(Origin::Register, "agency sokhcn");
    let mut tx = app.store.begin().await.unwrap();
    tx.append_evidence(vec![old], app.now()).await.unwrap();
    tx.commit().await.unwrap();
    measured(&app).await;
    assert_eq!(accounts().await, (14, true));
    measured(&app).await;
    assert_eq!(accounts().await, (14, true));
    for record in records(&app, "agency.assignment").await {
        let line = record.to_line();
        assert!(!line.contains("thutruong") && !line.contains("Mẫu"), "{line}");
    }
    app.stop().await;
}
