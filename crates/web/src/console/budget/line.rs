//! `/budget/{agency}/{year}/lines`: the form of a line.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::Response;
use axum::response::{IntoResponse, Redirect};
use khien_app::access::Deed;
use khien_app::use_case::{budgets, risks};
use khien_domain::budget::{BudgetPack, LineCode, LineError, NewLine, Share, amount};
use khien_domain::code::AgencyCode;
use khien_domain::permission::Permission;
use khien_domain::risk::RiskCode;

use crate::console::Console;
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::posted::{Fields, Posted};
use crate::console::register::{refused, typed, typed_day_or, wrong_of};
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
    typed: Fields,
    /// Codes and scenarios of the agency's risks, and whether chosen.
    risks: Vec<(String, String, bool)>,
    wrong: Option<String>,
    may_write: bool,
}

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
    show(&console, &visiting, agency, year, false, typed, None).await
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
    show(&console, &visiting, agency, year, true, typed, None).await
}

async fn show(
    console: &Arc<Console>,
    visiting: &Visiting,
    agency: AgencyCode,
    year: i16,
    is_old: bool,
    typed: Fields,
    wrong: Option<String>,
) -> Result<Response<Body>, PageError> {
    let f = Frame::of(console, visiting, Room::Budget).await?;
    let all = risks::list_risks(&console.app, &visiting.caller).await?;
    let of_it = all.into_iter().filter(|risk| risk.agency == agency);
    let risks = of_it.map(|risk| {
        let code = risk.code.to_string();
        let is_chosen = typed.all("risk").any(|chosen| chosen == code);
        (code, f.s(risk.about.scenario), is_chosen)
    });
    let risks = risks.collect();
    let may_write = f.may_in(Permission::AssuranceWrite, &agency);
    let pack = super::pack()?;
    frame::page(&Page { f, agency, year, pack, is_old, typed, risks, wrong, may_write })
}

/// `POST /budget/{agency}/{year}/new`
pub(in crate::console) async fn add(
    State(console): State<Arc<Console>>,
    Path((agency, year)): Path<(String, String)>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let (agency, year) = super::place(&agency, &year)?;
    let (app, caller) = (&console.app, &visiting.caller);
    let done = match line(&fields, fields.text("code")) {
        Ok(new) => budgets::add_line(app, caller, &agency, year, new).await,
        Err(wrong) => Err(refused(&console, &visiting, typing(&agency), wrong).await),
    };
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
    let done = match line(&fields, &code) {
        _ if fields.text("do") == "remove" => {
            let code = LineCode::new(&code).ok_or_else(PageError::not_found)?;
            budgets::remove_line(app, caller, &agency, year, &code).await
        }
        Ok(new) => budgets::change_line(app, caller, &agency, year, new).await,
        Err(wrong) => Err(refused(&console, &visiting, typing(&agency), wrong).await),
    };
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
    done: Result<(), khien_app::use_case::UseError>,
) -> Result<Response<Body>, PageError> {
    let Err(error) = done else {
        let place = format!("/budget/{agency}/{year}?done=budget");
        return Ok(Redirect::to(&place).into_response());
    };
    let f = Frame::of(console, visiting, Room::Budget).await?;
    let wrong = wrong_of(&f, error)?;
    let mut response = show(console, visiting, agency, year, is_old, fields, Some(wrong)).await?;
    *response.status_mut() = axum::http::StatusCode::BAD_REQUEST;
    Ok(response)
}

/// The line that was typed.
fn line(fields: &Fields, code: &str) -> Result<NewLine, String> {
    let money = |name: &str| match fields.some(name) {
        None if name != "planned" => Ok(0),
        text => amount(text.unwrap_or_default())
            .ok_or_else(|| format!("{name}: «{}» is not whole đồng", text.unwrap_or_default())),
    };
    let share = fields.text("share");
    let share = Share::parse(share).ok_or_else(|| {
        format!("share: «{share}» is not percent from 0 to 100 with up to four decimals")
    })?;
    let risks = fields.all("risk").filter_map(RiskCode::new);
    Ok(NewLine {
        code: LineCode::new(code.trim())
            .ok_or_else(|| LineError::Code(code.to_owned()).to_string())?,
        name: fields.text("name").to_owned(),
        class: fields.text("class").to_owned(),
        share,
        reason: fields.text("reason").to_owned(),
        planned: money("planned")?,
        allocated: money("allocated")?,
        spent: money("spent")?,
        domestic: fields.text("domestic") == "yes",
        domestic_reason: fields.text("domestic_reason").to_owned(),
        risks: risks.collect(),
        purchase: typed(fields, "purchase"),
        bought: typed_day_or(fields, "bought")?,
        support_end: typed_day_or(fields, "support_end")?,
        renewal: typed_day_or(fields, "renewal")?,
    })
}
