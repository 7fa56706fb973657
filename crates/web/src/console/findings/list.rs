//! `GET /findings`

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use khien_app::use_case::findings::{self, Catalogue};
use khien_domain::code::{AgencyCode, SystemCode};
use khien_domain::finding::{Finding, FindingState};
use khien_domain::permission::Permission;
use khien_domain::risk::Rating;

use crate::console::Console;
use crate::console::asked::{Asked, address};
use crate::console::error::PageError;
use crate::console::frame::{self, Frame, Room};
use crate::console::narrow::{Bar, Narrow};
use crate::console::posted::Fields;
use crate::console::register::{agency_names, system_names};
use crate::console::table::{Part, Table};
use crate::console::visit::Visiting;

/// The page.
#[derive(Template)]
#[template(path = "console/findings/list.html")]
struct Page {
    f: Frame,
    rows: Vec<Finding>,
    part: Part,
    open: usize,
    grave: usize,
    overdue: usize,
    accepted: usize,
    chips: Vec<(String, String, bool)>,
    bar: Bar,
    catalogue: Option<Catalogue>,
    /// Names of systems and of agencies.
    systems: BTreeMap<SystemCode, String>,
    names: BTreeMap<AgencyCode, String>,
}

/// What the list shows, as the address says it.
struct Filter {
    /// One of the states; all without one.
    state: Option<&'static str>,
    severity: Option<Rating>,
    /// Only what is high or graver.
    is_grave: bool,
    is_overdue: bool,
    is_exploited: bool,
}

impl Filter {
    fn of(asked: &Fields) -> Self {
        let state = match asked.text("state") {
            "all" => None,
            name => FindingState::NAMES.into_iter().find(|known| *known == name).or(Some("open")),
        };
        Self {
            state,
            severity: Rating::parse(asked.text("severity")),
            is_grave: asked.text("severity") == "grave",
            is_overdue: asked.text("overdue") == "1",
            is_exploited: asked.text("kev") == "1",
        }
    }

    fn takes(&self, finding: &Finding, today: jiff::civil::Date) -> bool {
        self.state.is_none_or(|state| state == finding.state.name())
            && self.severity.is_none_or(|severity| severity == finding.about.severity)
            && (!self.is_grave || finding.about.severity >= Rating::High)
            && (!self.is_overdue || finding.is_overdue(today))
            && (!self.is_exploited || finding.is_exploited)
    }
}

/// Answers.
pub(in crate::console) async fn handle(
    State(console): State<Arc<Console>>,
    visiting: Visiting,
    Asked(asked): Asked,
) -> Result<Response<Body>, PageError> {
    let (app, caller) = (&console.app, &visiting.caller);
    let of = SystemCode::new(asked.text("system")).ok();
    let all = findings::list_findings(app, caller, of.as_ref()).await?;
    let f = Frame::of(&console, &visiting, Room::Findings).await?;
    let (filter, today) = (Filter::of(&asked), f.today());
    let [open, grave, overdue, accepted] = findings::counts(&all, today);
    let names = agency_names(&console, &visiting, &f).await?;
    let systems = system_names(&console, &visiting).await?;
    let narrow = Narrow::of(&asked);
    let says = |finding: &Finding| {
        let about = &finding.about;
        let mut texts = vec![f.finding(finding), about.rule.clone(), about.place.clone()];
        texts.extend([finding.tool.clone(), finding.system.to_string()]);
        texts.extend(systems.get(&finding.system).cloned());
        texts.extend(about.cves.iter().cloned());
        narrow.takes(&finding.agency, texts)
    };
    let is_shown = |finding: &Finding| filter.takes(finding, today) && says(finding);
    let mut rows: Vec<Finding> = all.into_iter().filter(is_shown).collect();
    // What is known to be exploited first, then by day.
    rows.sort_by_key(|finding| (!finding.is_exploited, finding.due));
    if asked.some("form").is_some() {
        return Ok(table(&f, &rows).answer(&f, &asked));
    }
    let href =
        |field: &str, value: &str| address("/findings", &asked, &[(field, value), ("page", "")]);
    let states = ["open", "accepted", "fixed", "all"].map(|state| {
        let set = if state == "open" { "" } else { state };
        let is_on = filter.state.unwrap_or("all") == state;
        (f.word("findings-state", state), href("state", set), is_on)
    });
    let severities = Rating::ALL.into_iter().rev().map(|severity| {
        let is_on = filter.severity == Some(severity);
        let set = if is_on { "" } else { severity.name() };
        (f.rating(severity), href("severity", set), is_on)
    });
    let switch = |field: &str, is_on: bool, words: String| {
        (words, href(field, if is_on { "" } else { "1" }), is_on)
    };
    let rest = [
        switch("overdue", filter.is_overdue, f.t("risks-overdue")),
        switch("kev", filter.is_exploited, f.t("findings-kev")),
    ];
    let chips = states.into_iter().chain(severities).chain(rest).collect();
    let (part, rows) = Part::of(rows, "/findings", &asked);
    frame::page(&Page {
        catalogue: findings::catalogue(app, caller).await?,
        bar: narrow.bar(&f, &asked, &names, Vec::new()),
        systems,
        names,
        rows,
        part,
        open,
        grave,
        overdue,
        accepted,
        chips,
        f,
    })
}

impl Page {
    /// What the system of a finding is called.
    fn system<'p>(&'p self, finding: &'p Finding) -> &'p str {
        self.systems.get(&finding.system).map_or(finding.system.as_str(), String::as_str)
    }

    fn agency(&self, finding: &Finding) -> &str {
        self.names.get(&finding.agency).map_or("", String::as_str)
    }
}

fn table(f: &Frame, rows: &[Finding]) -> Table {
    let rows = rows.iter().map(|finding| {
        let fixed = match &finding.state {
            FindingState::Fixed(day) => day.to_string(),
            FindingState::Open | FindingState::Accepted(_) => String::new(),
        };
        let cves: Vec<&str> = finding.about.cves.iter().map(String::as_str).collect();
        vec![
            finding.id.to_string(),
            finding.agency.to_string(),
            finding.system.to_string(),
            f.rating(finding.about.severity),
            f.finding(finding),
            finding.about.rule.clone(),
            finding.about.place.clone(),
            cves.join(" "),
            if finding.is_exploited { f.t("findings-kev") } else { String::new() },
            f.word("findings-state", finding.state.name()),
            finding.found.to_string(),
            finding.due.to_string(),
            fixed,
            finding.tool.clone(),
        ]
    });
    let column = |name, id: &str| (name, f.t(id));
    Table {
        name: "findings",
        columns: vec![
            column("number", "dossiers-id"),
            column("agency", "alerts-agency"),
            column("system", "alerts-system"),
            column("severity", "alerts-severity"),
            column("title", "findings-title"),
            column("rule", "findings-rule"),
            column("place", "findings-place"),
            ("cve", "CVE".to_owned()),
            column("kev", "findings-kev"),
            column("state", "alerts-state"),
            column("found", "findings-found"),
            column("due", "risks-due"),
            column("fixed", "findings-fixed"),
            column("tool", "findings-tool"),
        ],
        rows: rows.collect(),
    }
}
