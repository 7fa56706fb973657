//! `GET /findings/{finding}`, and what is done with it.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use axum::response::{IntoResponse, Redirect};
use khien_app::use_case::findings::{self, FindingDetail};
use khien_app::use_case::{UseError, assessments};
use khien_domain::assessment::OwnCheck;
use khien_domain::finding::FindingState;
use khien_domain::permission::Permission;

use crate::console::Console;
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::posted::Posted;
use crate::console::register::{typed_day, wrong_of};
use crate::console::visit::Visiting;

/// One finding.
#[derive(Template)]
#[template(path = "console/findings/detail.html")]
struct Page {
    f: Frame,
    detail: FindingDetail,
    accept_days: i64,
    may_repair: bool,
    /// Whether whoever visits may say that it is gone: not whoever repaired it.
    may_retest: bool,
    may_accept: bool,
    wrong: Option<String>,
}

impl Page {
    fn is_open(&self) -> bool {
        self.detail.finding.state == FindingState::Open
    }

    /// Where something is done about what the centre itself finds.
    fn own_place(&self) -> Option<String> {
        let finding = &self.detail.finding;
        let check = OwnCheck::parse(&finding.about.rule)?;
        (finding.tool == findings::OWN_TOOL).then(|| match check {
            OwnCheck::Restore | OwnCheck::Untried => format!("/calendar?system={}", finding.system),
            OwnCheck::Layer => format!("/systems/{}/controls", finding.system),
            OwnCheck::ZoneLink => format!("/systems/{}?tab=papers#zone-link", finding.system),
            OwnCheck::Continuity => format!("/systems/{}?tab=papers#continuity", finding.system),
            OwnCheck::SlowerNeed => format!("/systems/{}?tab=links", finding.system),
            OwnCheck::TestExposed => format!("/systems/{}", finding.system),
        })
    }
}

/// Answers.
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    visiting: Visiting,
) -> Result<Response<Body>, PageError> {
    show(&console, &visiting, &text, None).await
}

async fn show(
    console: &Arc<Console>,
    visiting: &Visiting,
    text: &str,
    wrong: Option<String>,
) -> Result<Response<Body>, PageError> {
    let id = super::id(text)?;
    let detail = findings::get_finding(&console.app, &visiting.caller, id).await?;
    let f = Frame::of(console, visiting, Room::Findings).await?;
    let finding = &detail.finding;
    let may = |permission| f.may_in(permission, &finding.agency);
    let is_open = finding.state == FindingState::Open;
    let who = visiting.caller.actor.identity.to_string();
    let is_own_repair = finding.repaired_by.as_ref() == Some(&who);
    let repaired_by_another = finding.repaired_by.is_some() && !is_own_repair;
    // Two officers have closed it: somebody who has more than the agency's word confirms that.
    let is_word = detail.is_declared && matches!(finding.state, FindingState::Fixed(_));
    let (may_write, may_accept) =
        (may(Permission::AssuranceWrite), may(Permission::AssuranceApprove));
    // Nobody decides about what is of their own agency.
    let home = visiting.caller.actor.home();
    let is_apart = home.is_some_and(|home| *home != finding.agency);
    let may_accept = may_accept && is_apart;
    let may_confirm = may_accept || (is_apart && may(Permission::AssuranceDecide));
    frame::page(&Page {
        accept_days: assessments::pack()?.accept_days(finding.about.severity),
        may_repair: is_open && may_write && finding.repaired_by.is_none(),
        may_retest: (is_open && repaired_by_another && (may_write || may_confirm))
            || (is_word && !is_own_repair && may_confirm),
        may_accept: is_open && may_accept,
        detail,
        wrong,
        f,
    })
}

/// `POST /findings/{finding}/act`
pub(in crate::console) async fn act(
    State(console): State<Arc<Console>>,
    Path(text): Path<String>,
    Posted { visiting, fields }: Posted,
) -> Result<Response<Body>, PageError> {
    let (app, caller, id) = (&console.app, &visiting.caller, super::id(&text)?);
    let (act, word) = (fields.text("do"), fields.text("word"));
    let done = match act {
        "repair" => findings::repair_finding(app, caller, id, word).await,
        "retest" => findings::retest_finding(app, caller, id, word).await,
        "accept" => match typed_day(fields.text("until")) {
            Ok(until) => findings::accept_finding(app, caller, id, until, word).await,
            Err(wrong) => Err(UseError::Invalid(wrong)),
        },
        _ => return Err(PageError::invalid("do")),
    };
    let Err(error) = done else {
        return Ok(Redirect::to(&format!("/findings/{id}?done=finding-{act}")).into_response());
    };
    let f = Frame::of(&console, &visiting, Room::Findings).await?;
    let wrong = wrong_of(&f, error)?;
    let mut response = show(&console, &visiting, &text, Some(wrong)).await?;
    *response.status_mut() = StatusCode::BAD_REQUEST;
    Ok(response)
}
