use jiff::ToSpan;
use proptest::prelude::*;

use super::*;
use crate::code::AgencyCode;

fn now() -> Timestamp {
    "2026-10-15T01:00:00Z".parse().unwrap()
}

fn token() -> Token {
    Token {
        id: TokenId(7),
        name: "search".into(),
        holder: Holder::Api {
            permissions: BTreeSet::from([Permission::EventsRead]),
            agencies: AgencyScope::All,
        },
        created_at: now(),
        expires_at: now() + 240.hours(),
        revoked_at: None,
    }
}

fn new_token() -> NewToken {
    let Token { name, holder, created_at, expires_at, .. } = token();
    NewToken { hash: TokenHash([1; 32]), name, holder, created_at, expires_at }
}

#[test]
fn a_token_has_its_form_and_is_read_back() {
    let token = TokenText::new(TokenKind::Source, &TokenBytes([0xa5; 21]));
    let text = token.reveal();
    assert!(text.starts_with("khien_src_") && text.len() == 50, "{text}");
    let again = TokenText::parse(text).unwrap();
    assert_eq!(again.kind(), TokenKind::Source);
    assert_eq!(again.hash(), token.hash());
}

#[test]
fn what_is_logged_does_not_show_it() {
    let token = TokenText::new(TokenKind::Api, &TokenBytes([3; 21]));
    assert_eq!(format!("{token:?}"), "khien_api_…");
}

#[test]
fn other_texts_are_told_apart_from_damaged_tokens() {
    let good = TokenText::new(TokenKind::Api, &TokenBytes([3; 21]));
    let good = good.reveal();
    for form in ["", "Bearer", "khien_", "khien_xyz_aaaa", &good.to_uppercase()] {
        assert_eq!(TokenText::parse(form).unwrap_err(), TokenTextError::Form, "{form}");
    }
    let kind = good.replace("_api_", "_src_");
    for damaged in [&good[..49], &format!("{good}a"), &kind, &good[..10]] {
        assert_eq!(TokenText::parse(damaged).unwrap_err(), TokenTextError::Checksum, "{damaged}");
    }
}

proptest! {
    #[test]
    fn every_wrong_character_is_noticed(bytes in any::<[u8; 21]>(), at in 10..50_usize, by in 1..32_usize) {
        let good = TokenText::new(TokenKind::Api, &TokenBytes(bytes));
        let mut text = good.reveal().as_bytes().to_vec();
        let value = ALPHABET.iter().position(|letter| *letter == text[at]).unwrap();
        text[at] = ALPHABET[(value + by) % 32];
        prop_assert!(TokenText::parse(std::str::from_utf8(&text).unwrap()).is_err());
    }

    #[test]
    fn any_text_is_answered(text in "\\PC{0,80}") {
        let _ = TokenText::parse(&text);
    }
}

#[test]
fn a_token_is_taken_until_it_expires_or_is_revoked() {
    assert_eq!(token().check(now()), Ok(()));
    let end = token().expires_at;
    assert_eq!(token().check(end), Err(Invalid::Expired(end)));
    let revoked = Token { revoked_at: Some(now()), ..token() };
    assert_eq!(revoked.check(now()), Err(Invalid::Revoked(now())));
    assert!(revoked.actor(now(), AgencyScope::All).is_err());
}

#[test]
fn a_source_token_only_sends_and_only_for_its_agency() {
    let agency = AgencyCode::new("sokhcn").unwrap();
    let other = AgencyCode::new("soyt").unwrap();
    let token = Token { holder: Holder::Source(SourceId(3)), ..token() };
    let actor = token.actor(now(), AgencyScope::one(agency.clone())).unwrap();
    assert_eq!(actor.require(Permission::Ingest, &agency), Ok(()));
    assert!(actor.require(Permission::Ingest, &other).is_err());
    assert!(actor.require(Permission::EventsRead, &agency).is_err());
}

#[test]
fn an_overlap_is_bounded() {
    for (overlap, hours) in [
        (SignedDuration::from_hours(24), 24),
        (SignedDuration::MAX, ROTATION_HOURS),
        (SignedDuration::MIN, 0),
    ] {
        assert_eq!(end_of_overlap(now(), overlap), now() + hours.hours());
    }
}

#[test]
fn a_new_token_is_bounded_in_time_and_scope() {
    assert!(new_token().checked().is_ok());
    let past = NewToken { expires_at: now(), ..new_token() };
    assert_eq!(past.checked(), Err(NewTokenError::Expiry));
    let endless = NewToken { expires_at: Timestamp::MAX, ..new_token() };
    assert_eq!(endless.checked(), Err(NewTokenError::Expiry));
    let api = |permissions: &[Permission], agencies| NewToken {
        holder: Holder::Api { permissions: permissions.iter().copied().collect(), agencies },
        ..new_token()
    };
    let one = || AgencyScope::one(AgencyCode::new("soyt").unwrap());
    assert_eq!(api(&[Permission::Ingest], AgencyScope::All).checked(), Err(NewTokenError::Ingest));
    let people = Err(NewTokenError::People(Permission::Leaks));
    assert_eq!(api(&[Permission::Leaks], AgencyScope::All).checked(), people);
    assert_eq!(api(&[], AgencyScope::All).checked(), Err(NewTokenError::Scope));
    let none = AgencyScope::Only(BTreeSet::new());
    assert_eq!(api(&[Permission::EventsRead], none).checked(), Err(NewTokenError::Scope));
    assert_eq!(
        api(&[Permission::Tokens], one()).checked(),
        Err(NewTokenError::Global(Permission::Tokens))
    );
    assert!(api(&[Permission::EventsRead], one()).checked().is_ok());
}
