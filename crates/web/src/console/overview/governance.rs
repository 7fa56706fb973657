//! How governance stands, as the overview shows it: money, gate, findings, risks, ranks, each with its way to what
//! it is counted from.

use std::collections::BTreeMap;
use std::sync::Arc;

use khien_app::use_case::findings::{self, Due};
use khien_app::use_case::{budgets, risks};
use khien_domain::account::Role;
use khien_domain::budget::{Line, Reading, Sums};
use khien_domain::code::AgencyCode;
use khien_domain::permission::Permission;

use crate::console::Console;
use crate::console::budget::ahead::{Gap, near};
use crate::console::error::PageError;
use crate::console::frame::Frame;
use crate::console::gate::in_use::{InUse, in_use};
use crate::console::index::standing::Standing;
use crate::console::register;
use crate::console::visit::Visiting;

/// How governance stands.
pub(super) struct Governance {
    /// Whether whoever visits looks after it more than after alerts.
    pub(super) is_first: bool,
    pub(super) figures: Vec<Figure>,
    /// How agencies stand by the index; `None` while the first table is made.
    pub(super) standing: Option<Standing>,
    /// Lines of budgets whose support ends soon and before the renewal, soonest first.
    pub(super) support: Vec<Gap>,
}

/// A number with what it is of.
pub(super) struct Figure {
    pub(super) href: String,
    pub(super) title: String,
    pub(super) value: String,
    pub(super) under: String,
    /// A class of texts.
    pub(super) class: &'static str,
}

impl Governance {
    /// How it stands for whoever may read evidence.
    pub(super) async fn of(
        console: &Arc<Console>,
        visiting: &Visiting,
        f: &Frame,
    ) -> Result<Option<Self>, PageError> {
        if !f.may(Permission::EvidenceRead) {
            return Ok(None);
        }
        let (app, caller) = (&console.app, &visiting.caller);
        let agencies = register::agency_names(console, visiting, f).await?;
        let lines = budgets::all_lines(app, caller).await?;
        let named =
            |code: &AgencyCode| agencies.get(code).cloned().unwrap_or_else(|| code.to_string());
        let mut support = near(f, &lines, budgets::pack()?.support_days, &named)?;
        support.truncate(super::ROWS);
        let figures = vec![
            money(f, &lines, &agencies)?,
            without_leave(f, in_use(console, visiting).await?),
            overdue(f, "findings", &findings::count_grave(app, caller).await?),
            overdue(f, "risks", &risks::count_risks(app, caller).await?),
        ];
        let standing = Standing::of(console, visiting, f, &agencies).await?;
        let is_first = is_first(visiting.visit.person.about.role);
        Ok(Some(Self { is_first, figures, standing, support }))
    }
}

/// Whether a role looks after governance more than after alerts.
const fn is_first(role: Role) -> bool {
    match role {
        Role::Leader | Role::Auditor | Role::Appraiser | Role::Officer => true,
        Role::Analyst | Role::Lead | Role::Administrator => false,
    }
}

/// What of the plan of this year is for security, against what must be.
fn money(
    f: &Frame,
    lines: &[Line],
    agencies: &BTreeMap<AgencyCode, String>,
) -> Result<Figure, PageError> {
    let year = f.today().year();
    let of_year = || lines.iter().filter(|line| line.year == year);
    let sums = Sums::of(of_year().map(|line| &line.about), Reading::Planned);
    let sums = f.sums(sums, budgets::pack()?.rule(year));
    let missing = sums.shortfall.map(|missing| f.v("budget-missing", "amount", missing));
    let said = [Some(sums.verdict), missing].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let href = match agencies.keys().collect::<Vec<_>>().as_slice() {
        [one] => format!("/budget/{one}/{year}"),
        _ => format!("/budget?year={year}"),
    };
    Ok(Figure {
        href,
        title: f.v("overview-money", "year", year),
        value: sums.percent,
        under: match of_year().count() {
            0 => said,
            _ => format!(
                "{said} · {}",
                f.v2("budget-of-total", "security", sums.security, "total", sums.total)
            ),
        },
        class: sums.class,
    })
}

/// The systems in use that the gate does not allow.
fn without_leave(f: &Frame, in_use: InUse) -> Figure {
    let (is_known, without) = (in_use.all > 0, in_use.without as u64);
    Figure {
        href: "/gate?state=without".to_owned(),
        title: f.t("overview-without-leave"),
        value: number(f, is_known, without),
        under: if is_known {
            f.n("overview-of-in-use", in_use.all)
        } else {
            f.t("overview-nothing-in-use")
        },
        class: class(is_known, without),
    }
}

/// What is past its day.
fn overdue(f: &Frame, room: &str, due: &Due) -> Figure {
    let is_known = due.all > 0;
    let asked = if room == "findings" { "severity=grave&overdue=1" } else { "overdue=1" };
    Figure {
        href: format!("/{room}?{asked}"),
        title: f.word("overview-overdue", room),
        value: number(f, is_known, due.overdue),
        under: if is_known {
            f.v("overview-of-open", "count", f.count(due.open))
        } else {
            f.word("overview-no", room)
        },
        class: class(is_known, due.overdue),
    }
}

/// A number; a dash where there is nothing to count, which is no success.
fn number(f: &Frame, is_known: bool, number: u64) -> String {
    if is_known { f.count(number) } else { "—".to_owned() }
}

const fn class(is_known: bool, number: u64) -> &'static str {
    match (is_known, number) {
        (false, _) => "dim",
        (true, 0) => "good",
        (true, _) => "bad-word",
    }
}
