//! `/budget`: how much of each agency's plan is cyber security, and its lines.

pub(super) mod agency;
pub(super) mod ahead;
pub(super) mod change;
mod ends;
pub(super) mod export;
pub(super) mod line;
pub(super) mod province;

use jiff::civil::Date;
use khien_app::use_case::budgets;
use khien_domain::account::Person;
use khien_domain::budget::{BudgetPack, Percent, Plan, Rule, Share, Sums, Verdict, YEARS};
use khien_domain::code::AgencyCode;
use khien_domain::permission::Permission;

use super::error::PageError;
use super::frame::Frame;

/// Sums as a page shows them.
pub(super) struct SumsShown {
    /// The whole, in đồng.
    pub(super) total: String,
    /// What of it is security, in đồng.
    pub(super) security: String,
    /// Its share, or a dash.
    pub(super) percent: String,
    /// What the rule says, in words.
    pub(super) verdict: String,
    /// How grave that is, as a class of texts.
    pub(super) class: &'static str,
    /// What is missing, in đồng.
    pub(super) shortfall: Option<String>,
}

impl Frame {
    /// A share of money, cut after three decimals.
    pub(super) fn percent(&self, percent: &Percent) -> String {
        let mark = if self.is_english() { '.' } else { ',' };
        format!("{}{mark}{:03} %", self.count(percent.whole), percent.thousandths)
    }

    /// Sums and what the rule says of them.
    pub(super) fn sums(&self, sums: Sums, rule: Option<&Rule>) -> SumsShown {
        let verdict = sums.verdict(rule.map(|rule| rule.least));
        let shortfall = match verdict {
            Verdict::Below(missing) => Some(self.count(missing)),
            Verdict::Met | Verdict::NoData | Verdict::NoRule => None,
        };
        SumsShown {
            total: self.count(sums.total()),
            security: self.count(sums.security()),
            percent: sums
                .percent()
                .map_or_else(|| "—".to_owned(), |percent| self.percent(&percent)),
            verdict: self.word("budget-verdict", verdict.name()),
            class: match verdict {
                Verdict::Below(_) => "bad-word",
                Verdict::NoData => "mid-word",
                Verdict::Met => "good",
                Verdict::NoRule => "dim",
            },
            shortfall,
        }
    }

    /// What a class of lines is called.
    pub(super) fn budget_class(&self, pack: &BudgetPack, name: &str) -> String {
        let class = pack.class(name);
        let title = class.map(|class| if self.is_english() { &class.en } else { &class.vi });
        title.map_or_else(|| name.to_owned(), ToString::to_string)
    }

    /// A share of a line, as people write it.
    pub(super) fn share(&self, share: &Share) -> String {
        let text = share.to_string();
        let text = if self.is_english() { text } else { text.replace('.', ",") };
        format!("{text} %")
    }

    /// How the plan of a year stands, in words.
    pub(super) fn plan(&self, plan: Option<&Plan>) -> String {
        match plan {
            None => self.t("budget-plan-draft"),
            Some(plan) if plan.is_amended => {
                self.v("budget-plan-amended", "decision", &plan.decision)
            }
            Some(plan) => self.v("budget-plan-approved", "decision", &plan.decision),
        }
    }

    /// Whether whoever visits may do something for an agency.
    pub(super) fn may_in(&self, permission: Permission, agency: &AgencyCode) -> bool {
        let actor = self.person.as_ref().map(Person::actor);
        actor.is_some_and(|actor| actor.require(permission, agency).is_ok())
    }
}

/// What the rule of a year says, in the language of the page.
pub(super) fn rule_words(f: &Frame, rule: Option<&Rule>) -> String {
    match rule {
        Some(rule) if f.is_english() => rule.en.clone(),
        Some(rule) => rule.vi.clone(),
        None => f.t("budget-verdict-no-rule"),
    }
}

/// The agency and the year of an address.
fn place(agency: &str, year: &str) -> Result<(AgencyCode, i16), PageError> {
    let agency = AgencyCode::new(agency).map_err(|_| PageError::not_found())?;
    let year = year.parse().ok().filter(|year| YEARS.contains(year));
    Ok((agency, year.ok_or_else(PageError::not_found)?))
}

/// The year that is asked for, or that of today.
pub(super) fn year_of(text: &str, today: Date) -> i16 {
    text.parse().ok().filter(|year| YEARS.contains(year)).unwrap_or_else(|| today.year())
}

/// The pack of the program.
fn pack() -> Result<&'static BudgetPack, PageError> {
    Ok(budgets::pack()?)
}
