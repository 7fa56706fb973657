//! How strict the doors are: `packs/access.yml`.

use jiff::{SignedDuration, Timestamp};
use khien_event::yaml::{self, Node};

use super::{Role, UserName};
use crate::text::without_diacritics;

/// What is asked of those who sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessPack {
    /// The version of the data.
    pub version: String,
    /// Where the values come from.
    pub source: String,
    /// From when on they hold.
    pub valid_from: String,
    /// What is to be known about them.
    pub note: String,
    /// The shortest password, in characters.
    pub password_min: usize,
    /// The longest password, in characters.
    pub password_max: usize,
    /// Roles that need a second factor.
    pub second_factor_roles: Vec<Role>,
    /// Wrong attempts before the first wait.
    pub failures: u32,
    /// The first wait.
    pub lock: SignedDuration,
    /// The longest wait.
    pub lock_most: SignedDuration,
    /// A session that was not used so long has ended.
    pub session_idle: SignedDuration,
    /// No session lasts longer.
    pub session: SignedDuration,
    /// How long an invitation opens the door.
    pub invitation: SignedDuration,
    /// Recovery codes that are made at once.
    pub recovery_codes: usize,
    /// What a personnel list calls its columns and states.
    pub personnel: PersonnelWords,
    password_refused: Vec<String>,
}

/// What a personnel list calls its columns, and what it says of people; in small letters without
/// diacritics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonnelWords {
    /// The column of accounts.
    pub account: Vec<String>,
    /// The column of agencies.
    pub agency: Vec<String>,
    /// The column of last days.
    pub until: Vec<String>,
    /// The column of states.
    pub state: Vec<String>,
    /// States of those who have left.
    pub left: Vec<String>,
    /// States of those at work.
    pub working: Vec<String>,
}

impl PersonnelWords {
    fn read(pack: &Node<'_>) -> Result<Self, AccessPackError> {
        Ok(Self {
            account: texts(pack, "personnel_account")?,
            agency: texts(pack, "personnel_agency")?,
            until: texts(pack, "personnel_until")?,
            state: texts(pack, "personnel_state")?,
            left: texts(pack, "personnel_left")?,
            working: texts(pack, "personnel_working")?,
        })
    }

    /// Whether a state says that somebody has left; `None` for one that is not known.
    pub fn left(&self, state: &str) -> Option<bool> {
        let is_in = |words: &[String]| Self::has(words, state);
        match (is_in(&self.left), is_in(&self.working)) {
            (true, _) => Some(true),
            (false, true) => Some(false),
            (false, false) => None,
        }
    }

    /// Whether a text is one of some words, letters without diacritics and capital letters alike.
    pub fn has(words: &[String], text: &str) -> bool {
        let folded = without_diacritics(text.trim()).to_lowercase().replace('_', " ");
        words.contains(&folded)
    }
}

/// A pack that does not say what is needed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("access pack: {0}")]
pub struct AccessPackError(String);

/// Why a password will not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Too short.
    #[error("a password has at least {0} characters")]
    Short(usize),
    /// Too long.
    #[error("a password has at most {0} characters")]
    Long(usize),
    /// What everybody tries first, or the user's name.
    #[error("this password is easily guessed: it is the user's name or a common word")]
    Common,
    /// One character again and again.
    #[error("this password is easily guessed: it repeats few characters")]
    Repeats,
}

impl AccessPack {
    /// The pack that comes with the program.
    pub const BUILT_IN: &str = include_str!("../../../../packs/access.yml");

    /// Reads a pack.
    pub fn parse(text: &str) -> Result<Self, AccessPackError> {
        let documents = yaml::parse(text).map_err(|error| AccessPackError(error.to_string()))?;
        let [pack] = documents.as_slice() else {
            return Err(AccessPackError("one document is expected".into()));
        };
        let said = |key: &str| {
            let value = pack.get_str(key).map(ToOwned::to_owned);
            value.ok_or_else(|| AccessPackError(format!("«{key}» is missing")))
        };
        let number = |key: &str, least: i64, most: i64| {
            let number = said(key)?.parse::<i64>().ok();
            number
                .filter(|number| (least..=most).contains(number))
                .ok_or_else(|| AccessPackError(format!("«{key}» is {least} to {most}")))
        };
        let roles = texts(pack, "second_factor_roles")?;
        let roles = roles.iter().map(|name| {
            Role::parse(name).ok_or_else(|| AccessPackError(format!("«{name}» is no role")))
        });
        Ok(Self {
            version: said("version")?,
            source: said("source")?,
            valid_from: said("valid_from")?,
            note: said("note")?,
            password_min: number("password_min", 8, 64)? as usize,
            password_max: number("password_max", 64, 1024)? as usize,
            second_factor_roles: roles.collect::<Result<_, _>>()?,
            failures: number("failures", 3, 20)? as u32,
            lock: SignedDuration::from_secs(number("lock_seconds", 1, 3600)?),
            lock_most: SignedDuration::from_secs(number("lock_most_seconds", 1, 86_400)?),
            session_idle: SignedDuration::from_mins(number("session_idle_minutes", 5, 24 * 60)?),
            session: SignedDuration::from_hours(number("session_hours", 1, 24 * 7)?),
            invitation: SignedDuration::from_hours(number("invitation_hours", 1, 24 * 14)?),
            recovery_codes: number("recovery_codes", 4, 20)? as usize,
            personnel: PersonnelWords::read(pack)?,
            password_refused: texts(pack, "password_refused")?,
        })
    }

    /// Refuses a password that is too short, too long, common, or the name of its user.
    pub fn check_password(&self, password: &str, name: &UserName) -> Result<(), PasswordError> {
        let length = password.chars().count();
        if length < self.password_min {
            return Err(PasswordError::Short(self.password_min));
        }
        if length > self.password_max {
            return Err(PasswordError::Long(self.password_max));
        }
        let mut different: Vec<char> = password.chars().collect();
        different.sort_unstable();
        different.dedup();
        if different.len() < 5 {
            return Err(PasswordError::Repeats);
        }
        let folded = without_diacritics(password).to_lowercase();
        let core: String = folded.chars().filter(|c| c.is_alphabetic()).collect();
        let own: String = name.as_str().chars().filter(|c| c.is_alphabetic()).collect();
        let refused = self.password_refused.iter().any(|word| {
            let word: String = word.chars().filter(|c| c.is_alphabetic()).collect();
            core == word || core == format!("{word}{own}") || core == format!("{own}{word}")
        });
        // A short name stands in many a good sentence.
        let names = name.as_str().len() >= 4 && folded.contains(name.as_str());
        // Digits and signs around a common word or one's own name add little.
        if refused || core.is_empty() || core == own || names {
            return Err(PasswordError::Common);
        }
        Ok(())
    }

    /// Until when nothing is tried after so many failures in a row.
    pub fn locked_until(&self, failed: u32, now: Timestamp) -> Option<Timestamp> {
        let beyond = failed.checked_sub(self.failures)?;
        let wait = self.lock.as_secs().saturating_mul(1_i64.checked_shl(beyond.min(30))?);
        let wait = wait.min(self.lock_most.as_secs());
        now.checked_add(SignedDuration::from_secs(wait)).ok()
    }
}

fn texts(pack: &Node<'_>, key: &str) -> Result<Vec<String>, AccessPackError> {
    let list = pack.get(key).and_then(Node::as_list);
    let list = list.ok_or_else(|| AccessPackError(format!("«{key}» is a list")))?;
    let texts = list.iter().map(|node| node.as_str().map(ToOwned::to_owned));
    texts.collect::<Option<_>>().ok_or_else(|| AccessPackError(format!("«{key}» holds texts")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pack() -> AccessPack {
        AccessPack::parse(AccessPack::BUILT_IN).unwrap()
    }

    #[test]
    fn passwords_that_people_guess_are_refused() {
        let name = UserName::new("canbo001").unwrap();
        let check = |password: &str| pack().check_password(password, &name);
        assert_eq!(check("ngắn quá"), Err(PasswordError::Short(12)));
        assert_eq!(check(&"dài ".repeat(40)), Err(PasswordError::Long(128)));
        assert_eq!(check("aaaaaaaabbbb"), Err(PasswordError::Repeats));
        for common in
            ["Password@2026", "Mật-khẩu 12345", "123456789012", "canbo001-xyz", "1234Canbo@@999"]
        {
            assert_eq!(check(common), Err(PasswordError::Common), "{common}");
        }
        let short = UserName::new("an").unwrap();
        assert_eq!(pack().check_password("bình an là trên hết", &short), Ok(()));
        for good in ["trời mưa bong bóng", "Kh0-ng-D0an-Du0c", "sông núi mây 9 tầng"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn a_personnel_list_is_read_in_both_languages() {
        let words = pack().personnel;
        assert!(PersonnelWords::has(&words.account, "Tài khoản"));
        assert!(PersonnelWords::has(&words.until, "last_day"));
        assert!(!PersonnelWords::has(&words.until, "account"));
        assert_eq!(words.left("Đã nghỉ"), Some(true));
        assert_eq!(words.left(" Working "), Some(false));
        assert_eq!(words.left("?"), None);
    }

    #[test]
    fn waits_double_up_to_a_most() {
        let now: Timestamp = "2026-10-15T01:00:00Z".parse().unwrap();
        let wait = |failed| {
            pack().locked_until(failed, now).map(|until| until.duration_since(now).as_secs())
        };
        assert_eq!(wait(4), None);
        assert_eq!(wait(5), Some(30));
        assert_eq!(wait(7), Some(120));
        assert_eq!(wait(30), Some(900));
        assert_eq!(wait(u32::MAX), Some(900));
    }

    #[test]
    fn a_pack_that_lacks_something_says_what() {
        for (from, to, said) in [
            ("password_min: 12", "password_min: 4", "password_min"),
            ("failures: 5", "", "failures"),
            ("[administrator, lead]", "[chief]", "chief"),
            ("[administrator, lead]", "chief", "second_factor_roles"),
        ] {
            let error = AccessPack::parse(&AccessPack::BUILT_IN.replace(from, to)).unwrap_err();
            assert!(error.to_string().contains(said), "{error}");
        }
    }
}
