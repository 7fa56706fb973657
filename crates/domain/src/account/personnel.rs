//! The personnel list beside the accounts: who has left and may still sign in, whom the list does not
//! have, and who is at work without an account.
//!
//! In come accounts and rows of a list that names accounts and agencies, never people; out goes what
//! does not agree. Nothing is changed here.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{Person, UserName};
use crate::code::AgencyCode;
use crate::permission::AgencyScope;

/// A row of a personnel list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The account.
    pub account: UserName,
    /// Where whoever has it works.
    pub agency: Option<AgencyCode>,
    /// Whether they are still there.
    pub standing: Standing,
}

/// Whether somebody is still there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Gone; on which day the list may not say.
    Left(Option<Date>),
    /// At work, until a last day if the list has one.
    AtWork(Option<Date>),
}

impl Standing {
    /// What a last day and a state say together on a day; `left` is what the state says, if there is one.
    /// Whoever has left has left, whatever the day; a last day that is over says the same.
    pub fn of(until: Option<Date>, left: Option<bool>, today: Date) -> Self {
        match (left, until) {
            (Some(true), until) => Self::Left(until),
            (_, Some(until)) if until < today => Self::Left(Some(until)),
            (_, until) => Self::AtWork(until),
        }
    }
}

/// What does not agree. Accounts are told that are open; each list is by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Accounts of those who have left, with the last day that the list has.
    pub left: Vec<(UserName, Option<Date>)>,
    /// Accounts that the list does not have.
    pub unlisted: Vec<UserName>,
    /// Those at work, by the list, who have no open account.
    pub without: Vec<UserName>,
    /// Accounts of another agency than the list says.
    pub elsewhere: Vec<(UserName, AgencyCode)>,
    /// Accounts that agree with the list.
    pub agreeing: usize,
}

impl Comparison {
    /// Compares accounts with a list on a day. Of several rows of one account the one at work counts, as
    /// of somebody who left one agency for another.
    pub fn new(people: &[Person], listed: &[Listed], today: Date) -> Self {
        let mut rows = BTreeMap::<&UserName, Vec<&Listed>>::new();
        for row in listed {
            rows.entry(&row.account).or_default().push(row);
        }
        let open: BTreeMap<&UserName, &Person> = people
            .iter()
            .filter(|person| person.is_let_in(today))
            .map(|person| (&person.about.name, person))
            .collect();
        let mut found = Self::default();
        for (name, person) in &open {
            match rows.get(name) {
                None => found.unlisted.push((*name).clone()),
                Some(rows) => found.add(person, rows),
            }
        }
        let without = rows.iter().filter(|(name, rows)| {
            !open.contains_key(*name)
                && rows.iter().any(|row| matches!(row.standing, Standing::AtWork(_)))
        });
        found.without = without.map(|(name, _)| (*name).clone()).collect();
        found
    }

    fn add(&mut self, person: &Person, rows: &[&Listed]) {
        let name = &person.about.name;
        let at_work = rows.iter().filter(|row| matches!(row.standing, Standing::AtWork(_)));
        let agencies: Vec<&Option<AgencyCode>> = at_work.map(|row| &row.agency).collect();
        if agencies.is_empty() {
            let days = rows.iter().map(|row| match row.standing {
                Standing::Left(day) | Standing::AtWork(day) => day,
            });
            self.left.push((name.clone(), days.max().flatten()));
        } else if agencies.iter().any(|agency| agency.as_ref().is_none_or(|it| fits(person, it))) {
            self.agreeing += 1;
        } else if let Some(Some(agency)) = agencies.first() {
            self.elsewhere.push((name.clone(), agency.clone()));
        }
    }
}

/// Whether an account may be that of somebody of an agency. One for all agencies is the centre's.
fn fits(person: &Person, agency: &AgencyCode) -> bool {
    match (&person.about.home, &person.about.agencies) {
        (Some(home), _) => home == agency,
        (None, AgencyScope::Only(agencies)) => agencies.contains(agency),
        (None, AgencyScope::All) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::{NewPerson, Role};
    use crate::ids::PersonId;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn name(text: &str) -> UserName {
        UserName::new(text).unwrap()
    }

    fn agency(text: &str) -> AgencyCode {
        AgencyCode::new(text).unwrap()
    }

    fn person(called: &str, agencies: AgencyScope) -> Person {
        Person {
            id: PersonId(1),
            about: NewPerson {
                name: name(called),
                called: "Cán bộ Mẫu".into(),
                role: Role::Analyst,
                agencies,
                home: None,
                created_at: "2026-10-15T01:00:00Z".parse().unwrap(),
                until: None,
            },
            language: None,
            has_password: true,
            has_totp: false,
            passkeys: 0,
            disabled_at: None,
            failed: 0,
            locked_until: None,
        }
    }

    fn row(account: &str, of: Option<&str>, standing: Standing) -> Listed {
        Listed { account: name(account), agency: of.map(agency), standing }
    }

    #[test]
    fn a_day_that_is_over_and_a_state_say_who_left() {
        let today = day("2026-11-23");
        let of = |until: Option<&str>, left| Standing::of(until.map(day), left, today);
        assert_eq!(of(None, None), Standing::AtWork(None));
        assert_eq!(of(Some("2026-11-23"), None), Standing::AtWork(Some(today)));
        assert_eq!(of(Some("2026-11-22"), None), Standing::Left(Some(day("2026-11-22"))));
        assert_eq!(of(Some("2026-11-22"), Some(false)), Standing::Left(Some(day("2026-11-22"))));
        assert_eq!(of(None, Some(true)), Standing::Left(None));
        assert_eq!(of(Some("2026-12-31"), Some(true)), Standing::Left(Some(day("2026-12-31"))));
    }

    #[test]
    fn what_does_not_agree_is_told_and_nothing_else() {
        let today = day("2026-11-23");
        let one = || AgencyScope::one(agency("soyt"));
        let mut gone = person("gone", AgencyScope::All);
        gone.disabled_at = Some(gone.about.created_at);
        let people = [
            person("an", AgencyScope::All),
            person("binh", one()),
            person("chi", one()),
            person("dung", AgencyScope::All),
            person("em", one()),
            gone,
        ];
        let left = Standing::Left(Some(day("2026-11-01")));
        let listed = [
            row("an", Some("soyt"), Standing::AtWork(None)),
            row("binh", Some("soyt"), left),
            // Left one agency, works at another.
            row("chi", Some("soyt"), left),
            row("chi", Some("sonv"), Standing::AtWork(None)),
            row("em", None, Standing::AtWork(None)),
            row("gone", None, left),
            row("phuc", None, Standing::AtWork(None)),
        ];
        let found = Comparison::new(&people, &listed, today);
        assert_eq!(found.left, [(name("binh"), Some(day("2026-11-01")))]);
        assert_eq!(found.unlisted, [name("dung")]);
        assert_eq!(found.without, [name("phuc")]);
        assert_eq!(found.elsewhere, [(name("chi"), agency("sonv"))]);
        assert_eq!(found.agreeing, 2);
        assert_eq!(Comparison::new(&people, &[], today).left, []);
    }
}
