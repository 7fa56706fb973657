//! Agencies: who owns systems, who answers for them, and whom to reach.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::account::UserName;
use crate::code::AgencyCode;
use crate::limits::{AGENCY_CONTACTS, NAME_BYTES};
use crate::text::{self, TextError};

/// What an agency is. The closed list follows the political system of a province since July 2025
/// (two levels of local government).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AgencyKind {
    /// Body of the party.
    Party,
    /// Body of the government at province level.
    Government,
    /// Fatherland Front and mass organisation.
    Front,
    /// Public service unit.
    Unit,
    /// Ward, commune or special zone.
    Commune,
}

impl AgencyKind {
    /// All kinds.
    pub const ALL: [Self; 5] =
        [Self::Party, Self::Government, Self::Front, Self::Unit, Self::Commune];

    /// The name that commands and records use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Party => "party",
            Self::Government => "government",
            Self::Front => "front",
            Self::Unit => "unit",
            Self::Commune => "commune",
        }
    }

    /// The kind of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// An agency of the province.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agency {
    /// Its code.
    pub code: AgencyCode,
    /// Its name in Vietnamese.
    pub name_vi: String,
    /// Its name in English, where it has one.
    pub name_en: Option<String>,
    /// The agency above it.
    pub parent: Option<AgencyCode>,
    /// What it is.
    pub kind: AgencyKind,
    /// Whether its systems belong into the register. Of a military body only the name is kept, as
    /// the owner of what others name.
    pub in_scope: bool,
    /// Whether it runs the centre.
    pub is_centre: bool,
    /// When it last confirmed that its systems in the register are all it has.
    pub confirmed_at: Option<Timestamp>,
    /// When it was registered.
    pub created_at: Timestamp,
}

closed! {
    /// What somebody answers for in an agency.
    Duty {
        /// Heads the agency and answers for its cyber security.
        Head = "head",
        /// Stands in for the head.
        Deputy = "deputy",
        /// Keeps the agency's part of the register and confirms it.
        Officer = "officer",
    }
}

/// Who answers for something in an agency, and until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appointment {
    /// For what.
    pub duty: Duty,
    /// The name that stands in the document.
    pub holder: String,
    /// The post.
    pub post: String,
    /// The number of the document that says so.
    pub document: String,
    /// When it was signed.
    pub signed: Date,
    /// The last day on which it holds.
    pub until: Date,
    /// The account with which they sign in; the application knows whose it is.
    pub account: Option<UserName>,
}

/// Whom to reach on duty: a post, never a private line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// What to reach them for: «trực ban», «ứng cứu sự cố».
    pub role: String,
    /// The post.
    pub post: String,
    /// The mail address of the post.
    pub mail: String,
    /// The number of the duty line, if there is one.
    pub line: Option<String>,
}

/// Why an agency is not acceptable.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AgencyError {
    /// A name is empty, too long or has control characters.
    #[error(transparent)]
    Text(#[from] TextError),
    /// It would stand above itself.
    #[error("agency {0} cannot be its own parent")]
    OwnParent(AgencyCode),
    /// It would stand above itself by way of others.
    #[error("agency {agency} stands above {parent} already: choose another agency above it")]
    Circle {
        /// The agency.
        agency: AgencyCode,
        /// What it was to stand under.
        parent: AgencyCode,
    },
    /// The centre is run by an agency whose systems nobody may register.
    #[error("an agency outside the scope cannot run the centre")]
    CentreOutside,
    /// Somebody has to answer for an agency.
    #[error("an assignment names the {}: without one nobody answers for the agency", .0.name())]
    NoHolder(Duty),
    /// One duty has two holders.
    #[error("the duty {} is named twice", .0.name())]
    TwiceNamed(Duty),
    /// One account stands for two people.
    #[error("the account {0} is named for two duties: each signs in with an account of their own")]
    OneAccount(UserName),
    /// An appointment would end before it began.
    #[error("the appointment of the {} ends before it was signed", .0.name())]
    EndsBefore(Duty),
    /// An appointment holds longer than any may.
    #[error("the appointment of the {duty} lasts longer than {years} years")]
    Long {
        /// For what.
        duty: &'static str,
        /// How long it may last.
        years: i64,
    },
    /// A mail address that is none.
    #[error("«{0}» is no mail address")]
    Mail(String),
    /// A number that cannot be called.
    #[error("«{0}» is no number: digits, blanks, full stops, hyphens, brackets and a leading +")]
    Line(String),
    /// Too many contacts.
    #[error("an agency has at most {AGENCY_CONTACTS} contacts")]
    Contacts,
}

impl Agency {
    /// An agency in scope, below no other, that has confirmed nothing yet.
    pub fn new(code: AgencyCode, name_vi: String, kind: AgencyKind, created_at: Timestamp) -> Self {
        Self {
            code,
            name_vi,
            name_en: None,
            parent: None,
            kind,
            in_scope: true,
            is_centre: false,
            confirmed_at: None,
            created_at,
        }
    }

    /// The agency with its texts in order.
    pub fn checked(mut self) -> Result<Self, AgencyError> {
        self.name_vi = text::line("the name", &self.name_vi, NAME_BYTES)?;
        self.name_en = self
            .name_en
            .map(|name| text::line("the English name", &name, NAME_BYTES))
            .transpose()?;
        if self.parent.as_ref() == Some(&self.code) {
            return Err(AgencyError::OwnParent(self.code));
        }
        if self.is_centre && !self.in_scope {
            return Err(AgencyError::CentreOutside);
        }
        Ok(self)
    }

    /// Refuses a parent that stands below the agency. `above` tells who stands above whom.
    pub fn check_parent(
        &self,
        above: &BTreeMap<AgencyCode, AgencyCode>,
    ) -> Result<(), AgencyError> {
        let mut next = self.parent.as_ref();
        // No way up is longer than there are agencies.
        for _ in 0..=above.len() + 1 {
            let Some(parent) = next else { return Ok(()) };
            if *parent == self.code {
                break;
            }
            next = above.get(parent);
        }
        match &self.parent {
            Some(parent) => {
                Err(AgencyError::Circle { agency: self.code.clone(), parent: parent.clone() })
            }
            None => Ok(()),
        }
    }
}

impl Appointment {
    /// Whether it holds on a day.
    pub fn holds(&self, day: Date) -> bool {
        self.signed <= day && day <= self.until
    }
}

/// The appointments of an agency with their texts in order: head and deputy are named, each duty and
/// each account once, and none lasts longer than `years`.
pub fn checked_appointments(
    appointments: Vec<Appointment>,
    years: i64,
) -> Result<Vec<Appointment>, AgencyError> {
    let mut done: Vec<Appointment> = Vec::new();
    for appointment in appointments {
        let duty = appointment.duty;
        if done.iter().any(|other| other.duty == duty) {
            return Err(AgencyError::TwiceNamed(duty));
        }
        let account = appointment.account.as_ref();
        if let Some(account) =
            account.filter(|_| done.iter().any(|one| one.account.as_ref() == account))
        {
            return Err(AgencyError::OneAccount(account.clone()));
        }
        if appointment.until < appointment.signed {
            return Err(AgencyError::EndsBefore(duty));
        }
        let last = appointment.signed.saturating_add(jiff::Span::new().years(years));
        if appointment.until > last {
            return Err(AgencyError::Long { duty: duty.name(), years });
        }
        done.push(Appointment {
            holder: text::line("the name of the holder", &appointment.holder, NAME_BYTES)?,
            post: text::line("the post", &appointment.post, NAME_BYTES)?,
            document: text::reference("the document", &appointment.document, NAME_BYTES)?,
            ..appointment
        });
    }
    for duty in [Duty::Head, Duty::Deputy] {
        if !done.iter().any(|one| one.duty == duty) {
            return Err(AgencyError::NoHolder(duty));
        }
    }
    Ok(done)
}

/// Contacts with their texts in order.
pub fn checked_contacts(contacts: Vec<Contact>) -> Result<Vec<Contact>, AgencyError> {
    if contacts.len() > AGENCY_CONTACTS {
        return Err(AgencyError::Contacts);
    }
    contacts
        .into_iter()
        .map(|contact| {
            let mail = text::line("the mail address", &contact.mail, NAME_BYTES)?;
            if !is_mail(&mail) {
                return Err(AgencyError::Mail(mail));
            }
            let line = contact.line.map(|line| text::line("the number", &line, 40)).transpose()?;
            if let Some(wrong) = line.clone().filter(|line| !is_line(line)) {
                return Err(AgencyError::Line(wrong));
            }
            Ok(Contact {
                role: text::line("the role", &contact.role, NAME_BYTES)?,
                post: text::line("the post", &contact.post, NAME_BYTES)?,
                mail,
                line,
            })
        })
        .collect()
}

/// Whether a text can be a mail address: one `@` with something on both sides and no blanks.
fn is_mail(text: &str) -> bool {
    let Some((name, host)) = text.split_once('@') else { return false };
    !name.is_empty()
        && host.contains('.')
        && !host.starts_with('.')
        && !host.ends_with('.')
        && !text.contains(char::is_whitespace)
        && !host.contains('@')
}

fn is_line(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let rest = text.strip_prefix('+').unwrap_or(text);
    digits >= 3 && rest.bytes().all(|byte| byte.is_ascii_digit() || b" .-()".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agency_needs_a_name_and_no_loop() {
        let code = AgencyCode::new("sokhcn").unwrap();
        let name = " Sở Khoa học và Công nghệ ".to_owned();
        let agency = Agency::new(code.clone(), name, AgencyKind::Government, Timestamp::UNIX_EPOCH);
        assert_eq!(agency.clone().checked().unwrap().name_vi, "Sở Khoa học và Công nghệ");
        let own = Agency { parent: Some(code.clone()), ..agency.clone() };
        assert_eq!(own.checked(), Err(AgencyError::OwnParent(code)));
        assert!(Agency { name_vi: String::new(), ..agency.clone() }.checked().is_err());
        let outside = Agency { in_scope: false, is_centre: true, ..agency };
        assert_eq!(outside.checked(), Err(AgencyError::CentreOutside));
    }

    #[test]
    fn nothing_stands_above_itself_by_way_of_others() {
        let code = |text: &str| AgencyCode::new(text).unwrap();
        let above = BTreeMap::from([(code("b"), code("a")), (code("c"), code("b"))]);
        let new = |name: &str, parent: &str| Agency {
            parent: Some(code(parent)),
            ..Agency::new(code(name), name.into(), AgencyKind::Unit, Timestamp::UNIX_EPOCH)
        };
        assert_eq!(new("d", "c").check_parent(&above), Ok(()));
        assert!(matches!(new("a", "c").check_parent(&above), Err(AgencyError::Circle { .. })));
        let broken = BTreeMap::from([(code("b"), code("c")), (code("c"), code("b"))]);
        assert!(new("a", "c").check_parent(&broken).is_err(), "a circle elsewhere ends the way up");
    }

    fn appointment(duty: Duty) -> Appointment {
        Appointment {
            duty,
            holder: "Cán bộ Mẫu 001".into(),
            post: "Giám đốc".into(),
            document: "12/QĐ.MH".into(),
            signed: "2026-01-10".parse().unwrap(),
            until: "2027-01-10".parse().unwrap(),
            account: None,
        }
    }

    #[test]
    fn head_and_deputy_are_named_and_their_time_is_bounded() {
        let both = vec![appointment(Duty::Head), appointment(Duty::Deputy)];
        assert_eq!(checked_appointments(both.clone(), 5), Ok(both.clone()));
        let refused = |list: Vec<Appointment>| checked_appointments(list, 5).unwrap_err();
        assert_eq!(refused(vec![both[0].clone()]), AgencyError::NoHolder(Duty::Deputy));
        let empty = Appointment { holder: "  ".into(), ..both[1].clone() };
        assert!(matches!(refused(vec![both[0].clone(), empty]), AgencyError::Text(_)));
        let long = Appointment { until: "2031-01-11".parse().unwrap(), ..both[1].clone() };
        assert!(matches!(refused(vec![long]), AgencyError::Long { .. }));
        let back = Appointment { until: "2026-01-09".parse().unwrap(), ..both[1].clone() };
        assert_eq!(refused(vec![back]), AgencyError::EndsBefore(Duty::Deputy));
        assert_eq!(refused(vec![both[0].clone(); 2]), AgencyError::TwiceNamed(Duty::Head));
        let account = Some(UserName::new("thutruong").unwrap());
        let with = |at: usize| Appointment { account: account.clone(), ..both[at].clone() };
        assert_eq!(checked_appointments(vec![with(0), both[1].clone()], 5).unwrap()[0], with(0));
        let refused = refused(vec![with(0), with(1)]);
        assert_eq!(refused, AgencyError::OneAccount(account.clone().unwrap()));
        let day = |text: &str| text.parse().unwrap();
        assert!(both[0].holds(day("2026-01-10")) && both[0].holds(day("2027-01-10")));
        assert!(!both[0].holds(day("2027-01-11")) && !both[0].holds(day("2026-01-09")));
    }

    #[test]
    fn contacts_are_posts_that_can_be_reached() {
        let contact = |mail: &str, line: Option<&str>| Contact {
            role: "Trực ban".into(),
            post: "Phòng An ninh mạng".into(),
            mail: mail.into(),
            line: line.map(Into::into),
        };
        let told = |contact| checked_contacts(vec![contact]).map(|_| ());
        assert_eq!(told(contact("truc@sokhcn.minhhoa.example", Some("0000 000 001"))), Ok(()));
        for mail in ["truc", "@a.example", "a@b", "a b@c.example", "a@b@c.example"] {
            assert!(told(contact(mail, None)).is_err(), "{mail}");
        }
        assert!(told(contact("a@b.example", Some("gọi cổng"))).is_err());
        assert!(checked_contacts(vec![contact("a@b.example", None); 21]).is_err());
    }

    #[test]
    fn kinds_are_read_by_their_names() {
        for kind in AgencyKind::ALL {
            assert_eq!(AgencyKind::parse(kind.name()), Some(kind));
        }
        assert_eq!(AgencyKind::parse("person"), None);
    }
}
