//! Who answers for an agency: posts and numbers, nobody real.

use jiff::civil::Date;

use super::Governance;

/// Somebody who answers for something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// For what, by the name that the register uses.
    pub duty: &'static str,
    /// Who.
    pub holder: String,
    /// The post.
    pub post: &'static str,
    /// The document that says so.
    pub document: String,
    /// When it was signed.
    pub signed: Date,
    /// The last day on which it holds.
    pub until: Date,
    /// The name with which they sign in at the centre, if they were ever invited.
    pub account: Option<String>,
}

/// Whom to reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// What for.
    pub role: &'static str,
    /// The post.
    pub post: &'static str,
    /// The mail address of the post.
    pub mail: String,
    /// The duty line.
    pub line: String,
}

/// Who answers for an agency and whom to reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posts {
    /// Head, deputy, officer.
    pub posts: Vec<Post>,
    /// Whom to reach.
    pub contacts: Vec<Contact>,
}

/// The first number of those who answer for agencies; smaller ones have accounts.
const FIRST: usize = 11;

impl Governance<'_> {
    /// Who answers for an agency in scope. Of the weakest the document is more than a year old, only one
    /// post can be reached, or the deputy never asked for an account.
    pub fn posts(&self, agency: &str) -> Option<Posts> {
        let place = self.data.agencies.iter().position(|rated| rated.code == agency)?;
        let rated = self.data.agencies.get(place)?;
        let kind = self.agency(agency)?.kind.as_str();
        let [head, deputy] = match kind {
            "commune" => ["Chủ tịch Ủy ban nhân dân", "Phó Chủ tịch Ủy ban nhân dân"],
            "unit" => ["Giám đốc", "Phó Giám đốc"],
            _ => ["Thủ trưởng cơ quan", "Phó Thủ trưởng cơ quan"],
        };
        let mut lot = self.lot(agency, "posts");
        let days = match rated.skill {
            0..25 => lot.between(380, 560),
            _ => lot.between(40, 330),
        };
        let signed = self.day(days as i64);
        let until = signed.saturating_add(jiff::Span::new().years(3));
        let document = format!("{:02}-QĐ/{}.MH", lot.between(1, 90), agency.to_uppercase());
        let named = |at: usize| format!("Cán bộ Mẫu {:03}", FIRST + 3 * place + at);
        let account = |duty| match duty {
            "head" => Some(format!("thutruong.{agency}")),
            "deputy" => (rated.skill >= 42).then(|| format!("capphu.{agency}")),
            _ => Some(format!("phutrach.{agency}")),
        };
        let post = |duty, at, post| Post {
            duty,
            holder: named(at),
            post,
            document: document.clone(),
            signed,
            until,
            account: account(duty),
        };
        let contact = |role, at: usize, post| {
            let number = FIRST + 3 * place + at;
            let mail = format!("canbo{number:03}@{agency}.minhhoa.example");
            Contact { role, post, mail, line: format!("0000 000 {number:03}") }
        };
        let mut contacts = vec![contact("Ứng cứu sự cố", 2, "Cán bộ chuyên trách")];
        if rated.skill >= 35 {
            contacts.push(contact("Trực ban", 1, deputy));
        }
        let officer = post("officer", 2, "Cán bộ chuyên trách");
        Some(Posts {
            posts: vec![post("head", 0, head), post("deputy", 1, deputy), officer],
            contacts,
        })
    }
}
