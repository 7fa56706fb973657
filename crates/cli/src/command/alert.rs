//! `khien alert`

use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::{Args, Subcommand, ValueEnum};
use khien_app::use_case::alerts::{self, AlertDetail, AlertFilter};
use khien_domain::alert::state::{Reason, State};
use khien_domain::alert::{Alert, Severity};
use khien_domain::ids::AlertId;
use khien_domain::page::PageRequest;
use serde_json::{Value, json};

use crate::Usage;
use crate::centre::{Place, block_on, caller, tell};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// List alerts, newest first
    List(List),
    /// Show an alert: its first events, what matched and why, the newest comments
    Show(Show),
    /// Take an alert on, close it with a reason, or open it again
    Set(Set),
    /// Give an alert to somebody, or to nobody
    Assign(Assign),
    /// Say something about an alert
    Comment(Say),
}

#[derive(Args)]
pub(crate) struct List {
    #[command(flatten)]
    place: Place,
    /// Only alerts that stand so
    #[arg(long, value_enum)]
    state: Option<Standing>,
    /// Only alerts of this severity or a graver one
    #[arg(long, value_name = "SEVERITY", value_parser = severity)]
    severity: Option<Severity>,
    /// Only alerts of this rule, by identifier
    #[arg(long, value_name = "ID")]
    rule: Option<String>,
    /// Alerts at most
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: usize,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct Show {
    #[command(flatten)]
    place: Place,
    /// The number of the alert
    id: i64,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(crate) struct Set {
    #[command(flatten)]
    show: Show,
    /// Where it stands from now on
    #[arg(value_enum)]
    state: Standing,
    /// Why it is closed
    #[arg(long, value_parser = reason)]
    reason: Option<Reason>,
    /// What there is to say about it
    #[arg(long, value_name = "TEXT")]
    comment: Option<String>,
}

#[derive(Args)]
pub(crate) struct Assign {
    #[command(flatten)]
    show: Show,
    /// To whom; to nobody if left out
    name: Option<String>,
}

#[derive(Args)]
pub(crate) struct Say {
    #[command(flatten)]
    show: Show,
    /// What to say
    text: String,
}

/// Where an alert stands.
#[derive(Clone, Copy, ValueEnum)]
enum Standing {
    /// Nobody has looked
    New,
    /// Somebody works on it
    InProgress,
    /// Done; needs a reason
    Closed,
}

impl Standing {
    fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::InProgress => "in_progress",
            Self::Closed => "closed",
        }
    }
}

fn severity(text: &str) -> Result<Severity, String> {
    let names = || Severity::ALL.map(Severity::name).join(", ");
    Severity::parse(text).ok_or_else(|| format!("a severity is one of {}", names()))
}

fn reason(text: &str) -> Result<Reason, String> {
    let names = || Reason::ALL.map(Reason::name).join(", ");
    Reason::parse(text).ok_or_else(|| format!("a reason is one of {}", names()))
}

pub(crate) fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::List(arguments) => block_on(list(arguments)),
        Command::Show(arguments) => block_on(show(arguments)),
        Command::Set(arguments) => block_on(set(arguments)),
        Command::Assign(arguments) => block_on(assign(arguments)),
        Command::Comment(arguments) => block_on(comment(arguments)),
    }
}

/// An alert as scripts read it.
fn object(alert: &Alert) -> Value {
    json!({
        "id": alert.id.0,
        "kind": alert.kind.name(),
        "rule": alert.rule,
        "title": alert.title,
        "severity": alert.severity.name(),
        "agency": alert.agency.as_str(),
        "system": alert.system.as_str(),
        "source": alert.source.map(|source| source.0),
        "entity": alert.entity,
        "attack": alert.attack,
        "count": alert.count,
        "first_at": alert.first_at.to_string(),
        "last_at": alert.last_at.to_string(),
        "state": alert.state.name(),
        "reason": alert.state.reason().map(Reason::name),
        "assignee": alert.assignee,
    })
}

fn line(alert: &Alert) -> String {
    let (id, severity, state) = (alert.id.0, alert.severity.name(), alert.state.name());
    let at = alert.last_at.strftime("%d/%m/%Y %H:%M:%SZ");
    let count = alert.count;
    let about = plain(&format!("{}  {}  {}", alert.agency, alert.entity, alert.title));
    format!("{id:>6} {severity:<13} {state:<11} {at} {count:>7}  {about}")
}

/// Control characters of a log do nothing to a terminal.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

async fn list(arguments: List) -> Result<ExitCode> {
    let records = arguments.place.records().await?;
    let filter = AlertFilter {
        state: arguments.state.map(|state| state.name().to_owned()),
        severity: arguments.severity,
        rule: arguments.rule,
        ..AlertFilter::default()
    };
    let mut found = Vec::new();
    let mut page = PageRequest::first();
    while found.len() < arguments.limit {
        let alerts = alerts::list_alerts(&records, &caller(), &filter, &page).await?;
        found.extend(alerts.items);
        let Some(next) = alerts.next else { break };
        page.after = Some(next);
    }
    found.truncate(arguments.limit);
    let words: Vec<String> = found.iter().map(line).collect();
    let list: Vec<Value> = found.iter().map(object).collect();
    tell(arguments.json, &json!(list), &words.join("\n"))
}

async fn show(arguments: Show) -> Result<ExitCode> {
    let records = arguments.place.records().await?;
    let detail = alerts::get_alert(&records, &caller(), AlertId(arguments.id)).await?;
    let AlertDetail { alert, events, comments } = detail;
    let mut told = object(&alert);
    let mut words = vec![line(&alert)];
    let mut shown = Vec::new();
    for event in &events {
        let id = format!("{}-{}", event.event.batch, event.event.item);
        words.push(format!("event {id} {}", event.at.strftime("%d/%m/%Y %H:%M:%SZ")));
        let mut matched = Vec::new();
        for one in &event.matched {
            words.push(plain(&format!("  {} = {}  ({})", one.field, one.value, one.why)));
            matched.push(json!({"field": one.field, "value": one.value, "why": one.why}));
        }
        shown.push(json!({"id": id, "at": event.at.to_string(), "matched": matched}));
    }
    let mut said = Vec::new();
    for comment in &comments.items {
        let at = comment.at.strftime("%d/%m/%Y %H:%M:%SZ");
        words.push(plain(&format!("{at} {}: {}", comment.author, comment.text)));
        said.push(json!({
            "author": comment.author,
            "at": comment.at.to_string(),
            "text": comment.text,
        }));
    }
    told["events"] = json!(shown);
    told["comments"] = json!(said);
    tell(arguments.json, &told, &words.join("\n"))
}

async fn set(arguments: Set) -> Result<ExitCode> {
    let Some(state) = State::parse(arguments.state.name(), arguments.reason) else {
        bail!(Usage("a closed alert needs --reason, and no other takes one".to_owned()));
    };
    let Show { place, id, json } = arguments.show;
    let records = place.records().await?;
    let comment = arguments.comment.as_deref();
    let alert = alerts::change_alert(&records, &caller(), AlertId(id), state, comment).await?;
    tell(json, &object(&alert), &line(&alert))
}

async fn assign(arguments: Assign) -> Result<ExitCode> {
    let Show { place, id, json } = arguments.show;
    let records = place.records().await?;
    let name = arguments.name.as_deref();
    let alert = alerts::assign_alert(&records, &caller(), AlertId(id), name).await?;
    tell(json, &object(&alert), &line(&alert))
}

async fn comment(arguments: Say) -> Result<ExitCode> {
    let Show { place, id, json } = arguments.show;
    let records = place.records().await?;
    let said = alerts::comment_alert(&records, &caller(), AlertId(id), &arguments.text).await?;
    let at = said.at.to_string();
    let object = json!({"alert": id, "id": said.id.0, "author": said.author, "at": at});
    tell(json, &object, &format!("said about alert {id}"))
}
