//! `/budget/{agency}/{year}/lines`: the form of a line.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Response;
use axum::response::{IntoResponse, Redirect};
use khien_app::access::Deed;
use khien_app::use_case::{UseError, budgets, risks};
use khien_domain::budget::{BudgetPack, LineCode, LineError, NewLine, Share, amount};
use khien_domain::code::AgencyCode;
use khien_domain::permission::Permission;
use khien_domain::risk::RiskCode;

use crate::console::Console;
use crate::console::error::PageError;
use crate::console::frame::{Frame, Room};
use crate::console::posted::{Fields, Posted};
use crate::console::register::typed;
use crate::console::typed::{self, Mistakes, Refused, Typed};
use crate::console::visit::Visiting;

/// The page.
#[derive(Template)]
#[template(path = "console/budget/line.html")]
struct Page {
    f: Frame,
    agency: AgencyCode,
    year: i16,
    pack: &'static BudgetPack,
    /// Whether it is there already.
    is_old: bool,
    typed: Typed,
    /// Codes and scenarios of the agency's risks, and whether chosen.
    risks: Vec<(String, String, bool)>,
    may_write: bool,
}

/// What sentences of a refusal are about.
const PLACES: [(&str, &str); 15] = [
    ("the same purchase", "purchase"),
    ("the same is claimed", "name"),
    ("is no code of a line", "code"),
    ("line already", "code"),
    ("the name ", "name"),
    ("there is no class", "class"),
    ("its share is 0", "share"),
    ("a line of the class", "share"),
    ("needs a written reason", "reason"),
    ("the reason ", "reason"),
    ("the joint purchase", "purchase"),
    ("an amount is at most", "planned"),
    ("are together at most", "planned"),
    ("allocated", "allocated"),
    ("spent", "spent"),
];

/// `GET /budget/{agency}/{year}/new`
pub(in crate::console) async fn new(
    State(console): State<Arc<Console>>,
    Path((agency, year)): Path<(String, String)>,
    visiting: Visiting,
) -> Result<Response<Body>, PageError> {
    let (agency, year) = super::place(&agency, &year)?;
    let may = visiting.caller.actor.require(Permission::AssuranceWrite, &agency);
    may.map_err(|_| PageError::not_found())?;
    budgets::agency_budgets(&console.app, &visiting.caller, &agency, year).await?;
    let typed = Fields::of(&[("domestic", "yes"), ("share", "100")]);
    show(&console, &visiting, agency, year, false, Typed::new(typed)).await
}

/// `GET /budget/{agency}/{year}/lines/{line}`
pub(in crate::console) async fn edit(
    State(console): State<Arc<Console>>,
    Path((agency, year, line)): Path<(String, String, String)>,
    visiting: Visiting,
) -> Result<Response<Body>, PageError> {
    let (agency, year) = super::place(&agency, &year)?;
    let found = budgets::agency_budgets(&console.app, &visiting.caller, &agency, year).await?;
    let is_it =
        |of: &&khien_domain::budget::Line| of.year == year && of.about.code.as_str() == line;
    let about = &found.lines.iter().find(is_it).ok_or_else(PageError::not_found)?.about;
    let day = |day: Option<jiff::civil::Date>| day.map(|day| day.to_string()).unwrap_or_default();
    let mut typed = vec![
        ("code", about.code.to_string()),
        ("name", about.name.clone()),
        ("class", about.class.clone()),
        ("share", about.share.to_string()),
        ("reason", about.reason.clone()),
        ("planned", about.planned.to_string()),
        ("allocated", about.allocated.to_string()),
        ("spent", about.spent.to_string()),
        ("domestic", if about.domestic { "yes" } else { "no" }.to_owned()),
        ("domestic_reason", about.domestic_reason.clone()),
        ("purchase", about.purchase.clone().unwrap_or_default()),
        ("bought", day(about.bought)),
        ("support_end", day(about.support_end)),
        ("renewal", day(about.renewal)),
    ];
    typed.extend(about.risks.iter().map(|risk| ("risk", risk.to_string())));
    let typed: Vec<(&str, &str)> =
        typed.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let typed = Fields::of(&typed);
    show(&console, &visiting, agency, year, true, Typed::new(typed)).await
}

async fn show(
    console: &Arc<Console>,
    visiting: &Visiting,
    agency: AgencyCode,
    year: i16,
    is_old: bool,
    typed: Typed,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(console, visiting, Room::Budget).await?;
    let all = risks::list_risks(&console.app, &visiting.caller).await?;
    let of_it = all.into_iter().filter(|risk| risk.agency == agency);
    let risks = of_it.map(|risk| {
        let code = risk.code.to_string();
        let is_chosen = typed.is("risk", &code);
        (code, f.s(risk.about.scenario), is_chosen)
    });
    let risks = risks.collect();
    let may_write = f.may_in(Permission::AssuranceWrite, &agency);
    let pack = super::pack()?;
    let status = typed.status();
    typed::page(status, &Page { f, agency, year, pack, is_old, typed, risks, may_write })
}

/// `POST /budget/{agency}/{year}/new`
pub(in crate::console) async fn add(
    State(console): State<Arc<Console>>,
    Path((agency, year)): Path<(String, String)>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let (agency, year) = super::place(&agency, &year)?;
    let done = async {
        let new = line(&fields, fields.text("code"))?;
        budgets::add_line(&console.app, &visiting.caller, &agency, year, new).await?;
        Ok(())
    };
    let done = done.await;
    answer(&console, &visiting, agency, year, false, fields, done).await
}

/// `POST /budget/{agency}/{year}/lines/{line}`
pub(in crate::console) async fn change(
    State(console): State<Arc<Console>>,
    Path((agency, year, code)): Path<(String, String, String)>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let (agency, year) = super::place(&agency, &year)?;
    let (app, caller) = (&console.app, &visiting.caller);
    let done = async {
        if fields.text("do") == "remove" {
            let code = LineCode::new(&code).ok_or_else(|| UseError::Invalid(no_code(&code)))?;
            budgets::remove_line(app, caller, &agency, year, &code).await?;
        } else {
            budgets::change_line(app, caller, &agency, year, line(&fields, &code)?).await?;
        }
        Ok(())
    };
    let done = done.await;
    answer(&console, &visiting, agency, year, true, fields, done).await
}

/// What somebody does who types something of an agency's budget.
fn typing(agency: &AgencyCode) -> (Permission, Deed) {
    let deed = Deed::new("budget.line", format!("budget of {agency}"), Some(agency.clone()));
    (Permission::AssuranceWrite, deed)
}

async fn answer(
    console: &Arc<Console>,
    visiting: &Visiting,
    agency: AgencyCode,
    year: i16,
    is_old: bool,
    fields: Fields,
    done: Result<(), Refused>,
) -> Result<Response<Body>, PageError> {
    let Err(refused) = done else {
        let place = format!("/budget/{agency}/{year}?done=budget");
        return Ok(Redirect::to(&place).into_response());
    };
    let refused = refused.for_whoever_may(console, visiting, typing(&agency)).await?;
    let f = Frame::of(console, visiting, Room::Budget).await?;
    let typed = Typed::refused(&f, "", fields, refused, &PLACES)?;
    show(console, visiting, agency, year, is_old, typed).await
}

fn no_code(code: &str) -> String {
    LineError::Code(code.to_owned()).to_string()
}

/// The line that was typed.
fn line(fields: &Fields, code: &str) -> Result<NewLine, Mistakes> {
    let mut wrong = Mistakes::default();
    let code = code.trim();
    let code = wrong.keep("code", LineCode::new(code).ok_or_else(|| no_code(code)));
    let name = wrong.must(fields, "name").map(str::to_owned);
    let share = wrong.must(fields, "share").and_then(|text| {
        let no = format!("«{text}» is not percent from 0 to 100 with up to four decimals");
        wrong.keep("share", Share::parse(text).ok_or(no))
    });
    wrong.must(fields, "planned");
    let [planned, allocated, spent] = ["planned", "allocated", "spent"].map(|name| {
        let Some(text) = fields.some(name) else { return Some(0) };
        wrong.keep(name, amount(text).ok_or_else(|| format!("«{text}» is not whole đồng")))
    });
    let [bought, support_end, renewal] =
        ["bought", "support_end", "renewal"].map(|name| wrong.day_or(fields, name));
    let risks = fields.all("risk").filter_map(RiskCode::new);
    let line = || {
        Some(NewLine {
            code: code?,
            name: name?,
            class: fields.text("class").to_owned(),
            share: share?,
            reason: fields.text("reason").to_owned(),
            planned: planned?,
            allocated: allocated?,
            spent: spent?,
            domestic: fields.text("domestic") == "yes",
            domestic_reason: fields.text("domestic_reason").to_owned(),
            risks: risks.collect(),
            purchase: typed(fields, "purchase"),
            bought,
            support_end,
            renewal,
        })
    };
    let line = line();
    wrong.end(line)
}
