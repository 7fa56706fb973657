use jiff::ToSpan;
use khien_domain::account::{Language, NewPerson, Role, Session, Step, UserName};
use khien_domain::code::AgencyCode;
use khien_domain::ids::{PersonId, SessionId};
use khien_domain::page::PageRequest;
use khien_domain::permission::AgencyScope;
use khien_store::{Store, StoreError};

use crate::support::{each, new_agency, now, only};

fn person(name: &str, role: Role, agencies: AgencyScope) -> NewPerson {
    NewPerson {
        name: UserName::new(name).unwrap(),
        called: "Cán bộ Mẫu 001".into(),
        role,
        agencies,
        home: None,
        created_at: now(),
        until: None,
    }
}

async fn add(store: &Store, new: &NewPerson) -> PersonId {
    let mut tx = store.begin().await.unwrap();
    let id = tx.add_person(new).await.unwrap();
    tx.commit().await.unwrap();
    id
}

#[tokio::test]
async fn the_people_of_an_agency_are_those_who_belong_to_it() {
    each(async |store| {
        let mut tx = store.begin().await.unwrap();
        for code in ["so", "so-y", "khac"] {
            tx.add_agency(&new_agency(code)).await.unwrap();
        }
        tx.commit().await.unwrap();
        let two = ["khac", "so"].map(|code| AgencyCode::new(code).unwrap());
        let at_home = NewPerson {
            home: Some(AgencyCode::new("so").unwrap()),
            ..person("c-o-nha", Role::Lead, AgencyScope::All)
        };
        for new in [
            person("a-moi-noi", Role::Analyst, AgencyScope::All),
            person("b-hai-noi", Role::Officer, AgencyScope::Only(two.into())),
            at_home,
            person("d-noi-khac", Role::Officer, only("so-y")),
        ] {
            add(&store, &new).await;
        }
        let of = async |code: &str| {
            let people = store.people_of(&AgencyCode::new(code).unwrap()).await.unwrap();
            people.into_iter().map(|one| one.about.name.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(of("so").await, ["b-hai-noi", "c-o-nha"]);
        assert_eq!(of("so-y").await, ["d-noi-khac"]);
        assert_eq!(of("khac").await, ["b-hai-noi"]);
        assert_eq!(store.all_people().await.unwrap().len(), 4);
    })
    .await;
}

fn session(of: PersonId, hours: i64) -> Session {
    Session {
        id: SessionId(0),
        person: of,
        step: Step::Full,
        created_at: now(),
        seen_at: now(),
        expires_at: now() + hours.hours(),
        origin: "192.0.2.7".into(),
        browser: "Trình duyệt mẫu".into(),
    }
}

#[tokio::test]
async fn a_person_is_read_back_changed_and_let_in_no_more() {
    each(async |store| {
        let new = person("canbo001", Role::Officer, only("sokhcn"));
        let id = add(&store, &new).await;
        let found = store.find_person_by_name(&new.name).await.unwrap().unwrap();
        assert_eq!((found.id, &found.about), (id, &new));
        assert!(!found.has_password && !found.has_totp && found.disabled_at.is_none());
        let mut tx = store.begin().await.unwrap();
        let again = tx.add_person(&new).await;
        assert!(matches!(again, Err(StoreError::Conflict { .. })), "{again:?}");
        tx.rollback().await.unwrap();

        let mut tx = store.begin().await.unwrap();
        tx.add_agency(&crate::support::new_agency("sonv")).await.unwrap();
        let home = Some(khien_domain::code::AgencyCode::new("sonv").unwrap());
        let until = Some("2026-11-30".parse().unwrap());
        let other =
            NewPerson { home, until, ..person("canbo001", Role::Analyst, AgencyScope::All) };
        assert!(tx.change_person(id, &other).await.unwrap());
        assert!(tx.disable_person(id, Some(now())).await.unwrap());
        tx.set_language(id, Language::English).await.unwrap();
        assert!(!tx.disable_person(PersonId(99), None).await.unwrap());
        tx.commit().await.unwrap();
        let found = store.find_person(id).await.unwrap().unwrap();
        assert_eq!((found.about.role, &found.about.agencies), (Role::Analyst, &AgencyScope::All));
        assert_eq!((&found.about.home, found.about.until), (&other.home, until));
        assert_eq!((found.language, found.disabled_at), (Some(Language::English), Some(now())));
        let other = add(&store, &person("anh-hai", Role::Leader, AgencyScope::All)).await;
        let names: Vec<PersonId> = store
            .list_people(&PageRequest::new(None, 10))
            .await
            .unwrap()
            .items
            .iter()
            .map(|person| person.id)
            .collect();
        assert_eq!(names, [other, id], "by name");
    })
    .await;
}

#[tokio::test]
async fn secrets_failures_and_codes_are_kept_and_used_once() {
    each(async |store| {
        let id = add(&store, &person("canbo001", Role::Analyst, AgencyScope::All)).await;
        let secrets = store.secrets_of(id).await.unwrap().unwrap();
        assert!(secrets.password.is_none() && secrets.totp.is_none());
        assert!(store.secrets_of(PersonId(99)).await.unwrap().is_none());

        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.count_failure(id).await.unwrap(), 1);
        assert_eq!(tx.count_failure(id).await.unwrap(), 2);
        tx.lock_person(id, Some(now() + 1.hour())).await.unwrap();
        tx.commit().await.unwrap();
        let found = store.find_person(id).await.unwrap().unwrap();
        assert_eq!((found.failed, found.locked_until), (2, Some(now() + 1.hour())));

        let mut tx = store.begin().await.unwrap();
        tx.set_password(id, "$argon2id$…").await.unwrap();
        tx.set_totp(id, Some(&[7; 20]), 10).await.unwrap();
        tx.set_recovery_codes(id, &[[1; 32], [2; 32]]).await.unwrap();
        tx.commit().await.unwrap();
        let found = store.find_person(id).await.unwrap().unwrap();
        assert_eq!((found.failed, found.locked_until), (0, None));
        assert!(found.has_password && found.has_totp);
        let secrets = store.secrets_of(id).await.unwrap().unwrap();
        assert_eq!(secrets.password.as_deref(), Some("$argon2id$…"));
        assert_eq!(secrets.totp.map(|totp| (totp.secret, totp.step)), Some((vec![7; 20], 10)));

        let mut tx = store.begin().await.unwrap();
        assert!(!tx.take_totp_step(id, 10).await.unwrap(), "that step was taken");
        assert!(tx.take_totp_step(id, 11).await.unwrap());
        assert!(!tx.take_totp_step(id, 11).await.unwrap());
        assert!(tx.use_recovery_code(id, &[1; 32], now()).await.unwrap());
        assert!(!tx.use_recovery_code(id, &[1; 32], now()).await.unwrap(), "only once");
        assert!(!tx.use_recovery_code(id, &[9; 32], now()).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(store.count_recovery_codes(id).await.unwrap(), 1);

        let mut tx = store.begin().await.unwrap();
        tx.set_recovery_codes(id, &[[3; 32]]).await.unwrap();
        assert!(!tx.use_recovery_code(id, &[2; 32], now()).await.unwrap(), "replaced");
        tx.set_totp(id, None, 0).await.unwrap();
        tx.commit().await.unwrap();
        assert!(store.secrets_of(id).await.unwrap().unwrap().totp.is_none());
    })
    .await;
}

#[tokio::test]
async fn an_invitation_opens_once_in_its_time_and_the_newest_only() {
    each(async |store| {
        let id = add(&store, &person("canbo001", Role::Analyst, AgencyScope::All)).await;
        let mut tx = store.begin().await.unwrap();
        tx.add_invitation(&[1; 32], id, now(), now() + 1.hour()).await.unwrap();
        tx.add_invitation(&[2; 32], id, now(), now() + 1.hour()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(store.find_invitation(&[1; 32], now()).await.unwrap(), None, "replaced");
        assert_eq!(store.find_invitation(&[2; 32], now()).await.unwrap(), Some(id));
        assert_eq!(store.find_invitation(&[2; 32], now() + 1.hour()).await.unwrap(), None);
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.use_invitation(&[2; 32], now() + 1.hour()).await.unwrap(), None);
        assert_eq!(tx.use_invitation(&[2; 32], now()).await.unwrap(), Some(id));
        assert_eq!(tx.use_invitation(&[2; 32], now()).await.unwrap(), None, "only once");
        tx.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn sessions_are_found_by_hash_listed_ended_and_forgotten() {
    each(async |store| {
        let id = add(&store, &person("canbo001", Role::Analyst, AgencyScope::All)).await;
        let other = add(&store, &person("canbo002", Role::Analyst, AgencyScope::All)).await;
        let mut tx = store.begin().await.unwrap();
        let first = tx.add_session(&[1; 32], &session(id, 1)).await.unwrap();
        let second = tx.add_session(&[2; 32], &session(id, 8)).await.unwrap();
        tx.add_session(&[3; 32], &session(other, 8)).await.unwrap();
        tx.see_session(second, now() + 1.minute()).await.unwrap();
        tx.commit().await.unwrap();
        let found = store.find_session(&[1; 32]).await.unwrap().unwrap();
        assert_eq!(found, Session { id: first, ..session(id, 1) });
        let listed = async |at| {
            let sessions = store.list_sessions(id, at).await.unwrap();
            sessions.iter().map(|session| session.id).collect::<Vec<_>>()
        };
        assert_eq!(listed(now()).await, [second, first], "last used first");
        assert_eq!(listed(now() + 2.hours()).await, [second]);

        let mut tx = store.begin().await.unwrap();
        assert!(!tx.end_session(other, first).await.unwrap(), "of somebody else");
        assert!(tx.end_session(id, first).await.unwrap());
        tx.add_session(&[4; 32], &session(id, 8)).await.unwrap();
        assert_eq!(tx.end_sessions(id, Some(second)).await.unwrap(), 1);
        assert_eq!(tx.forget_sessions(now() + 8.hours()).await.unwrap(), 2);
        tx.commit().await.unwrap();
        assert!(store.find_session(&[3; 32]).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn a_passkey_belongs_to_one_person() {
    each(async |store| {
        let id = add(&store, &person("canbo001", Role::Analyst, AgencyScope::All)).await;
        let other = add(&store, &person("canbo002", Role::Analyst, AgencyScope::All)).await;
        let mut tx = store.begin().await.unwrap();
        let key = tx.add_passkey(id, &[5; 16], "điện thoại", "{}", now()).await.unwrap();
        tx.use_passkey(key, "{\"counter\":1}", now() + 1.hour()).await.unwrap();
        tx.commit().await.unwrap();
        let found = store.find_passkey(&[5; 16]).await.unwrap().unwrap();
        assert_eq!((found.id, found.person, found.used_at), (key, id, Some(now() + 1.hour())));
        assert_eq!(found.content, "{\"counter\":1}");
        assert_eq!(store.find_person(id).await.unwrap().unwrap().passkeys, 1);
        let mut tx = store.begin().await.unwrap();
        assert!(!tx.remove_passkey(other, key).await.unwrap());
        assert!(tx.remove_passkey(id, key).await.unwrap());
        tx.commit().await.unwrap();
        assert!(store.list_passkeys(id).await.unwrap().is_empty());
    })
    .await;
}
