//! Leavers: a last day ends sessions and refuses sign-in, and a personnel list tells who has left.

use std::sync::atomic::{AtomicU8, Ordering};

use khien_app::App;
use khien_app::access::Caller;
use khien_app::use_case::people::{self, Change};
use khien_app::use_case::sign_in::{self, Entered, Place, SignInError};
use khien_app::use_case::{UseError, own_account, personnel};
use khien_domain::account::{NewPerson, Role, UserName};
use khien_domain::permission::AgencyScope;
use khien_domain::token::TokenBytes;
use khien_testkit::Hands;

use crate::support::{agency, centre_of_two, person, register, start};

const PASSWORD: &str = "sông núi mây 9 tầng";

#[expect(clippy::unnecessary_wraps, reason = "the shape of the program's own source")]
fn random() -> std::io::Result<TokenBytes> {
    static NEXT: AtomicU8 = AtomicU8::new(1);
    Ok(TokenBytes([NEXT.fetch_add(1, Ordering::Relaxed); 21]))
}

fn name(text: &str) -> UserName {
    UserName::new(text).unwrap()
}

fn from() -> Place {
    Place { origin: "192.0.2.7".into(), browser: "test".into() }
}

/// Lets somebody in who has set the password of everybody.
async fn add(app: &App, called: &str, role: Role, agencies: AgencyScope, until: Option<&str>) {
    let new = NewPerson {
        name: name(called),
        called: "Cán bộ Mẫu".into(),
        role,
        agencies,
        home: None,
        created_at: app.now(),
        until: until.map(|day| day.parse().unwrap()),
    };
    let (pack, bytes) = (&app.doors().pack, random().unwrap());
    let invited = people::add_person(app, pack, &Caller::program(), new, &bytes).await.unwrap();
    own_account::accept_invitation(app, random, &invited.text, PASSWORD, &from()).await.unwrap();
}

async fn sign_in(app: &App, called: &str) -> Result<Entered, SignInError> {
    sign_in::by_password(app, random, called, PASSWORD, &from()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_day_is_over_at_midnight_in_the_province() {
    let place = tempfile::tempdir().unwrap();
    let clock = Hands::at("2026-11-23T16:30:00Z");
    let app = start(&place.path().join("data"), &clock).await;
    register(&app).await;
    add(&app, "canbo1", Role::Analyst, AgencyScope::All, Some("2026-11-23")).await;
    add(&app, "canbo2", Role::Analyst, AgencyScope::All, None).await;
    let session = sign_in(&app, "canbo1").await.unwrap().text;
    assert!(sign_in::visit(&app, &session).await.unwrap().is_some());
    // Half past eleven at night in the province; half an hour later the day is over.
    clock.forward(29 * 60);
    assert!(sign_in::visit(&app, &session).await.unwrap().is_some());
    clock.forward(60);
    assert!(sign_in::visit(&app, &session).await.unwrap().is_none());
    let refused = sign_in(&app, "canbo1").await.unwrap_err();
    assert!(matches!(refused, SignInError::Wrong), "told as a wrong password is: {refused}");
    assert!(sign_in(&app, "canbo2").await.is_ok());
    let lets = AgencyScope::one(agency("sokhcn"));
    add(&app, "thutruong", Role::Leader, lets, None).await;
    let names = people::names(&app).await.unwrap();
    let names: Vec<String> = names.into_iter().map(|(name, _)| name.to_string()).collect();
    assert_eq!(names, ["canbo2"], "nobody is given work who has left, or only reads");
    // A later day lets in again, but not the session of before.
    let caller = Caller::program();
    let later = Some("2026-11-30".parse().unwrap());
    people::set_last_day(&app, &caller, &name("canbo1"), later).await.unwrap();
    assert!(sign_in::visit(&app, &session).await.unwrap().is_none());
    let session = sign_in(&app, "canbo1").await.unwrap().text;
    // A day of the past ends it at once.
    let past = Some("2026-11-20".parse().unwrap());
    let person = people::set_last_day(&app, &caller, &name("canbo1"), past).await.unwrap();
    assert!(app.store.list_sessions(person.id, app.now()).await.unwrap().is_empty());
    assert!(sign_in::visit(&app, &session).await.unwrap().is_none());
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_administrator_gets_no_last_day() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre_of_two(&place.path().join("data")).await;
    let caller = Caller::program();
    add(&app, "quantri1", Role::Administrator, AgencyScope::All, None).await;
    let day = Some("2026-12-31".parse().unwrap());
    let refused = people::set_last_day(&app, &caller, &name("quantri1"), day).await.unwrap_err();
    assert!(refused.to_string().contains("last administrator"), "{refused}");
    add(&app, "quantri2", Role::Administrator, AgencyScope::All, None).await;
    people::set_last_day(&app, &caller, &name("quantri1"), day).await.unwrap();
    // The one that stays is the last now, whatever way its time is to end.
    let change = Change {
        called: "Cán bộ Mẫu".into(),
        role: Role::Administrator,
        agencies: AgencyScope::All,
        home: None,
        until: day,
    };
    let refused = people::change_person(&app, &caller, &name("quantri2"), change).await;
    assert!(matches!(refused, Err(UseError::Conflict(_))));
    let refused = people::disable_person(&app, &caller, &name("quantri2"), true).await;
    assert!(matches!(refused, Err(UseError::Conflict(_))));
    // To lift a day, or to keep it, needs nobody else.
    people::set_last_day(&app, &caller, &name("quantri1"), day).await.unwrap();
    people::set_last_day(&app, &caller, &name("quantri1"), None).await.unwrap();
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_left_by_the_personnel_list_are_disabled() {
    let place = tempfile::tempdir().unwrap();
    let (app, _) = centre_of_two(&place.path().join("data")).await;
    let own = || AgencyScope::one(agency("sokhcn"));
    add(&app, "quantri", Role::Administrator, AgencyScope::All, None).await;
    add(&app, "trucca", Role::Analyst, AgencyScope::All, None).await;
    add(&app, "canbo1", Role::Officer, own(), None).await;
    add(&app, "canbo2", Role::Officer, own(), None).await;
    add(&app, "canbo3", Role::Officer, own(), None).await;
    let list = "Tài khoản;Cơ quan;Ngày cuối;Trạng thái\n\
                quantri;;;nghỉ việc\ncanbo1;sokhcn;14/10/2026;\ncanbo2;soyt;;đang làm việc\n\
                canbo9;soyt;2026-12-31;\ncanbo8;soyt;2026-01-31;\n";
    let pack = &app.doors().pack;
    let compare = async |caller: &Caller, list: &str, disable| {
        let file = ("can-bo.csv", list.as_bytes());
        personnel::compare(&app, pack, caller, file, disable).await
    };
    let program = Caller::program();
    let told = compare(&program, list, false).await.unwrap();
    let left: Vec<&str> = told.comparison.left.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(left, ["canbo1", "quantri"]);
    assert_eq!(told.comparison.unlisted, [name("canbo3"), name("trucca")]);
    assert_eq!(told.comparison.without, [name("canbo9")]);
    assert_eq!(told.comparison.elsewhere, [(name("canbo2"), agency("soyt"))]);
    assert!(told.disabled.is_empty() && sign_in(&app, "canbo1").await.is_ok());
    // What cannot be read is told by its cell, and then nobody is disabled.
    let faulty = format!("{list}canbo3;sokhcn;hôm qua;\n;soyt;;\ncanbo3;;;biến mất\n");
    let told = compare(&program, &faulty, true).await.unwrap();
    let places: Vec<&str> = told.problems.iter().map(|(place, _)| place.as_str()).collect();
    assert_eq!(places, ["C7", "A8", "D9"]);
    assert!(told.problems[2].1.contains("«biến mất»") && told.disabled.is_empty());
    let wrong = compare(&program, "a,b\n1,2\n", true).await.unwrap_err().to_string();
    assert!(wrong.contains("row 1") && wrong.contains("«tai khoan»"), "{wrong}");
    // Who left is let in no more; the last administrator and whoever compares are.
    let session = sign_in(&app, "canbo1").await.unwrap().text;
    let done = compare(&program, list, true).await.unwrap();
    assert_eq!(done.disabled, [name("canbo1")]);
    assert!(done.kept[0].1.contains("last administrator"), "{:?}", done.kept);
    assert!(sign_in::visit(&app, &session).await.unwrap().is_none());
    assert!(sign_in(&app, "canbo1").await.is_err());
    add(&app, "quantri2", Role::Administrator, AgencyScope::All, None).await;
    let own = person("quantri", Role::Administrator, AgencyScope::All);
    let done = compare(&own, list, true).await.unwrap();
    assert!(done.disabled.is_empty() && done.kept[0].1.contains("whoever compares"));
    let done = compare(&program, list, true).await.unwrap();
    assert_eq!(done.disabled, [name("quantri")]);
    let denied = compare(&person("canbo", Role::Lead, AgencyScope::All), list, true).await;
    assert!(matches!(denied, Err(UseError::Denied(_))));
    app.stop().await;
}
