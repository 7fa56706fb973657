//! `GET /risks/export`: the list as CSV or JSON.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use khien_app::use_case::risks;
use khien_domain::code::SystemCode;
use khien_domain::risk::{Risk, RiskState};

use super::Filter;
use crate::console::Console;
use crate::console::asked::Asked;
use crate::console::error::PageError;
use crate::console::frame::{Frame, Room};
use crate::console::register::system_names;
use crate::console::table::Table;
use crate::console::visit::Visiting;

/// Answers.
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let filter = Filter::of(&asked, system_names(&console, &visiting).await?);
    let all = risks::list_risks(&console.app, &visiting.caller).await?;
    let f = Frame::of(&console, &visiting, Room::Risks).await?;
    let (pack, today) = (super::pack()?, f.today());
    let row = |risk: &Risk| {
        let about = &risk.about;
        let accepted = match &risk.state {
            RiskState::Accepted(accepted) => accepted.until.to_string(),
            RiskState::Open | RiskState::Closed => String::new(),
        };
        let records: Vec<String> = about.records.iter().map(u64::to_string).collect();
        let mut row = vec![
            risk.agency.to_string(),
            risk.code.to_string(),
            about.system.as_ref().map_or("", SystemCode::as_str).to_owned(),
            about.scenario.clone(),
            about.threat.clone(),
            about.inherent.likelihood.number().to_string(),
            about.inherent.impact.number().to_string(),
            f.rating(risk.rating(pack)),
            about.residual.map_or_else(String::new, |left| f.rating(pack.rating(left))),
            about.owner.clone(),
            f.word("risks-treatment", about.treatment.name()),
            about.due.to_string(),
            f.word("risks-state", risk.state.name()),
            risk.ended.map(|day| day.to_string()).unwrap_or_default(),
            accepted,
            records.join(" "),
        ];
        for loss in [about.loss, about.residual_loss] {
            let cells = loss.map(|loss| {
                let expected = loss.expected();
                let year = [expected.low_a_year(), expected.high_a_year()];
                super::bounds(&loss).into_iter().chain(year).map(|cell| cell.to_string()).collect()
            });
            row.extend(cells.unwrap_or_else(|| vec![String::new(); 6]));
        }
        row.push(about.asset.as_ref().map(ToString::to_string).unwrap_or_default());
        let controls: Vec<String> = about.controls.iter().map(ToString::to_string).collect();
        row.push(controls.join(" "));
        row
    };
    let column = |name, id: &str| (name, f.t(id));
    let mut columns = vec![
        column("agency", "alerts-agency"),
        column("code", "register-code"),
        column("system", "alerts-system"),
        column("scenario", "risks-scenario"),
        column("threat", "risks-threat"),
        column("likelihood", "risks-likelihood"),
        column("impact", "risks-impact"),
        column("rating", "risks-rating"),
        column("residual", "risks-residual"),
        column("owner", "risks-owner"),
        column("treatment", "risks-treatment"),
        column("due", "risks-due"),
        column("state", "alerts-state"),
        column("ended", "risks-ended"),
        column("accepted_until", "risks-until"),
        column("records", "risks-records"),
    ];
    let years = ["expected_low", "expected_high"];
    let residual_years = ["residual_expected_low", "residual_expected_high"];
    for (bounds, years) in [(super::BOUNDS, years), (super::RESIDUAL_BOUNDS, residual_years)] {
        columns.extend(bounds.into_iter().chain(years).map(|name| (name, f.word("risks", name))));
    }
    columns.extend([column("asset", "risks-asset"), column("controls", "risks-controls")]);
    let table = Table {
        name: "risks",
        columns,
        rows: filter.shown(&all, pack, today).into_iter().map(row).collect(),
    };
    Ok(table.answer(&f, &asked))
}
